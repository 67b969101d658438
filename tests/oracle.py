"""Brute force for tiny instances: the lexicographic optimum, found by trying everything.

Imports nothing of the solver (``optimizer.routing``, ``master``, ``search``). For every duty all sequences of stops
(``tests.oracle_sequences``), for every sequence the best timetable (``tests.oracle_timetable``), for every set of pool
requests the best tour; then all ways to give each duty a tour. The best tour of a set is best in every plan: whatever
else a stage counts depends on the sets alone, and lexicographic order survives addition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from optimizer.model import (
    Instance,
    InstanceIndex,
    Rule,
    Solution,
    Stage,
    Tour,
    Visit,
    VisitKind,
    fair_load_marginal,
)
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check
from optimizer.verify.objective import objective
from tests.oracle_sequences import DutyRules
from tests.oracle_timetable import BreakAt, Course, Timetable, best_timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleTour:
    """The best tour of one duty for one set of pool requests (``served``)."""

    duty: str
    served: frozenset[str]
    course: Course
    timetable: Timetable

    def tour(self, index: InstanceIndex) -> Tour:
        """The tour in the model's own words."""
        return _tour(index, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleResult:
    """``values`` holds the optimum of each of the instance's stages; empty where nothing is feasible."""

    feasible: bool
    values: dict[Stage, int]
    solution: Solution
    tours: tuple[OracleTour, ...] = ()
    """Every best tour by duty and set."""
    rejections: Counter[Rule] = field(default_factory=Counter)
    """How often a rule without a clock turned something away."""


def brute_force(
    instance: Instance, travel: TravelMatrix, *, off: frozenset[Rule] = frozenset(), verify: bool = True
) -> OracleResult:
    """Return the lexicographic optimum over ``instance.stages``.

    Parameters
    ----------
    off
        Rules to leave out, to see what they change; the result is then not checked.
    verify
        Whether checker and recomputed objective must agree with the answer.
    """
    index = InstanceIndex(instance)
    rejections: Counter[Rule] = Counter()
    tours: dict[str, list[OracleTour]] = {}
    for duty in instance.duties:
        rules = DutyRules(instance, travel, index, duty.id, off)
        tours[duty.id] = list(_best_tours(duty.id, rules))
        rejections.update(rules.rejections)
    best: tuple[tuple[int, ...], dict[Stage, int], list[OracleTour]] | None = None
    for plan in _plans(instance, index, tours, off, rejections):
        values = _values(instance, index, plan)
        rank = tuple(-values[s] if s.is_maximised else values[s] for s in instance.stages)
        if best is None or rank < best[0]:
            best = rank, values, plan
    everything = tuple(tour for found in tours.values() for tour in found)
    if best is None:
        return OracleResult(feasible=False, values={}, solution=Solution(), tours=everything, rejections=rejections)
    solution = Solution(tours=tuple(chosen.tour(index) for chosen in best[2]))
    values = {stage: best[1][stage] for stage in instance.stages}
    if verify and not off:
        broken = [violation for violation in check(instance, travel, solution) if violation.strength.value != "warn"]
        assert not broken, (instance.name, broken, solution)
        terms = objective(instance, travel, solution)
        assert {stage: terms.value(stage) for stage in Stage} == best[1], (instance.name, terms, best[1])
    return OracleResult(feasible=True, values=values, solution=solution, tours=everything, rejections=rejections)


def _best_tours(duty: str, rules: DutyRules) -> Iterator[OracleTour]:
    """Yield the best tour for each set of pool requests that the duty can carry."""
    by_set: dict[frozenset[str], list[Course]] = {}
    for served, course in rules.courses():
        by_set.setdefault(served, []).append(course)
    for served, courses in by_set.items():
        best: tuple[tuple[int, ...], OracleTour] | None = None
        # No timetable beats its course's bound, so that the rest may be left once the bounds pass the best.
        for course in sorted(courses, key=lambda c: c.vector(c.bound)):
            if best is not None and course.vector(course.bound) >= best[0]:
                break
            timetable = best_timetable(course)
            if timetable is not None:
                vector = course.vector(timetable.values)
                if best is None or vector < best[0]:
                    best = vector, OracleTour(duty=duty, served=served, course=course, timetable=timetable)
        if best is not None:
            yield best[1]


def _plans(
    instance: Instance,
    index: InstanceIndex,
    tours: dict[str, list[OracleTour]],
    off: frozenset[Rule],
    rejections: Counter[Rule],
) -> Iterator[list[OracleTour]]:
    """Yield every legal choice of at most one tour for each duty."""

    def choose(left: list[str], plan: list[OracleTour], served: frozenset[str]) -> Iterator[list[OracleTour]]:
        if not left:
            broken = [rule for rule in _broken_by_plan(instance, index, plan, served) if rule not in off]
            rejections.update(broken)
            if not broken:
                yield plan
            return
        duty, *rest = left
        if duty not in index.commitment:
            yield from choose(rest, plan, served)
        for tour in tours[duty]:
            if tour.served & served and Rule.ONCE_PER_REQUEST not in off:
                rejections[Rule.ONCE_PER_REQUEST] += 1
            else:
                clash = next((c for c in (_clash(index, other.duty, duty, off) for other in plan) if c), None)
                if clash is not None:
                    rejections[clash] += 1
                else:
                    yield from choose(rest, [*plan, tour], served | tour.served)

    yield from choose([duty.id for duty in instance.duties], [], frozenset())


def _clash(index: InstanceIndex, a: str, b: str, off: frozenset[Rule]) -> Rule | None:
    """The rule that two duties break if both are used."""
    first, last = sorted((index.duty_shift(a), index.duty_shift(b)), key=lambda shift: shift.start)
    if first.crew == last.crew:
        if first.id == last.id or last.start < first.end:
            if Rule.CREW_DOUBLED not in off:
                return Rule.CREW_DOUBLED
        elif (
            last.start - first.end < index.instance.parameters.profile(last.profile).rest
            and Rule.REST_BETWEEN_SHIFTS not in off
        ):
            return Rule.REST_BETWEEN_SHIFTS
    if index.duty_vehicle(a).id == index.duty_vehicle(b).id and Rule.VEHICLE_DOUBLED not in off:
        v, w = index.duty_window(a), index.duty_window(b)
        if v is not None and w is not None and v.earliest < w.latest and w.earliest < v.latest:
            return Rule.VEHICLE_DOUBLED
    return None


def _broken_by_plan(
    instance: Instance, index: InstanceIndex, plan: list[OracleTour], served: frozenset[str]
) -> Iterator[Rule]:
    """Yield the rules on all that is served which the plan breaks."""
    if any(len(served & set(unit)) not in (0, len(unit)) for unit in index.units):
        yield Rule.BUNDLE
    if instance.serve_all and len(served) < len(index.pool):
        yield Rule.SERVE_ALL
    load: Counter[str] = Counter()
    for tour in plan:
        load[index.duty_zab(tour.duty)] += len(tour.served)
    if any(zab.budget is not None and load[zab.id] > zab.budget for zab in instance.zabs):
        yield Rule.BUDGET
    if instance.change_budget is not None:
        carrier = dict(index.committed_duty) | {request: tour.duty for tour in plan for request in tour.served}
        if sum(carrier.get(was.request) != was.duty for was in instance.published) > instance.change_budget:
            yield Rule.CHANGE_BUDGET


def _values(instance: Instance, index: InstanceIndex, plan: list[OracleTour]) -> dict[Stage, int]:
    """Every stage of a plan."""
    served = frozenset[str]().union(*(tour.served for tour in plan))
    duty_by_request = dict(index.committed_duty)
    duty_by_request |= {request: tour.duty for tour in plan for request in tour.served}
    fair_load = 0
    for zab in instance.zabs:
        taken = sum(len(tour.served) for tour in plan if index.duty_zab(tour.duty) == zab.id)
        shifts = index.shifts_of_zab(zab.id)
        fair_load += sum(
            fair_load_marginal(prior=zab.prior_load, number=number, shifts=shifts) for number in range(1, taken + 1)
        )
    return {
        Stage.PINNED: sum(index.request[request].pin is not None for request in served),
        Stage.SERVED: sum(index.unit_weight(unit) for unit in index.units if served >= set(unit)),
        Stage.CUSTODY: sum(tour.timetable.values[Stage.CUSTODY] for tour in plan),
        Stage.NIGHT: sum(tour.timetable.values[Stage.NIGHT] for tour in plan),
        Stage.FAIR_LOAD: fair_load,
        Stage.CHANGES: sum(duty_by_request.get(old.request) != old.duty for old in instance.published),
        Stage.COST: sum(tour.timetable.values[Stage.COST] for tour in plan),
    }


def _tour(index: InstanceIndex, found: OracleTour) -> Tour:
    """Write a course and its timetable down as visits."""
    duty, course, times = index.duty[found.duty], found.course, found.timetable.times
    depot = times[0]
    visits = [Visit(kind=VisitKind.START, place=duty.start_place, arrival=depot, start=depot, departure=depot)]
    places = [duty.start_place, *(step.place for step in course.steps), duty.end_place]
    for leg, (_, drive, _) in enumerate(course.legs):
        leave, arrive = visits[-1].departure, times[leg + 1]
        reach = leave + drive
        at = found.timetable.breaks.get(leg)
        if at is BreakAt.BEFORE:
            reach = arrive
            visits.append(
                Visit(kind=VisitKind.BREAK, place=places[leg], arrival=leave, start=leave, departure=arrive - drive)
            )
        elif at is BreakAt.AFTER:
            visits.append(
                Visit(kind=VisitKind.BREAK, place=places[leg + 1], arrival=reach, start=reach, departure=arrive)
            )
            reach = arrive
        if leg < len(course.steps):
            step = course.steps[leg]
            visits.append(
                Visit(
                    kind=step.kind,
                    place=step.place,
                    request=step.request,
                    arrival=reach,
                    start=arrive,
                    departure=arrive + step.service,
                    rests=step.rests,
                )
            )
        else:
            visits.append(
                Visit(kind=VisitKind.END, place=duty.end_place, arrival=arrive, start=arrive, departure=arrive)
            )
    return Tour(duty=found.duty, visits=tuple(visits))
