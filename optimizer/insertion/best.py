"""The best ways to take one late request into a plan, each checked before it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer.errors import InvalidValue, UnsoundSolution
from optimizer.insertion.options import Option, Options
from optimizer.insertion.reasons import why_not
from optimizer.master.rows import conflict
from optimizer.model import (
    CostTerms,
    DutyId,
    Instance,
    InstanceIndex,
    RequestId,
    Rule,
    Seconds,
    Solution,
    Stage,
    Tour,
    VisitKind,
    fair_load_marginal,
)
from optimizer.result import Reason
from optimizer.search.carriers import possible_duties
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check_view, hard
from optimizer.verify.objective import objective
from optimizer.verify.view import View
from optimizer.verify.violation import Violation

_STOPS = (VisitKind.PICKUP, VisitKind.DELIVERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a new request stands: positions (from 0) of its stops among all stops of its duty's new tour."""

    request: RequestId
    duty: DutyId
    pickup: int
    delivery: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A stop of another request that begins at another time (seconds) than before."""

    request: RequestId
    duty: DutyId
    kind: VisitKind
    before: Seconds
    after: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Possibility:
    """One way to carry the request (and the rest of its bundle), found without fault by the checker.

    Parameters
    ----------
    tours
        The new tours of the duties that change; all others are those of the plan, to the second.
    increase
        What each stage's value grows by, as the checker recomputes it.
    solution, objective
        The whole plan with it, and its terms.
    """

    tours: tuple[Tour, ...]
    placements: tuple[Placement, ...]
    moved: tuple[Moved, ...]
    increase: Mapping[Stage, int]
    solution: Solution
    objective: CostTerms

    @property
    def duties(self) -> tuple[DutyId, ...]:
        """Duties that change."""
        return tuple(tour.duty for tour in self.tours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """The answer for one late request.

    Parameters
    ----------
    unit
        The request and the others of its bundle: carried all or none.
    possibilities
        The best way for each choice of duties, least in the order of the stages first.
    reasons
        Where there is none: what keeps the request off each duty, the nearest to fitting first.
    complete
        Whether every way was looked at; a limit on memory may cut a search short.
    """

    request: RequestId
    unit: tuple[RequestId, ...]
    possibilities: tuple[Possibility, ...]
    reasons: tuple[Reason, ...]
    complete: bool


def best_insertions(
    instance: Instance,
    travel: TravelMatrix,
    plan: Solution,
    request: RequestId,
    *,
    tolerance: Seconds | None = None,
    most: int = 5,
) -> Insertion:
    """Return the best ways to take ``request`` into ``plan``; everybody else keeps duty and order.

    Parameters
    ----------
    plan
        A plan of the instance without fault that leaves the request (and its bundle) out.
    tolerance
        Most seconds by which the begin of service at any stop of the plan may move. ``None``: within windows and all
        other rules; what is promised stays within the tolerance of its commitment in any case.
    most
        Most possibilities; 1 or more.

    Raises
    ------
    InvalidValue
        Where there is no such request in the pool, or the plan carries it already, or breaks a rule.
    UnsoundSolution
        Where the checker refuses a possibility, or recomputes another value: a defect, never an answer.
    """
    if tolerance is not None and tolerance < 0:
        raise InvalidValue("tolerance", "0 or more seconds", tolerance)
    index = InstanceIndex(instance)
    unit = next((members for members in index.units if request in members), ())
    carried = sorted(plan.served.intersection(unit))
    if not unit or carried:
        expected = "a request of the pool that the plan leaves out, bundle and all"
        raise InvalidValue("request", expected, carried or request, "Name another, or take it off its duty first.")
    view = View(instance, travel, plan)
    broken = _binding(view)
    if broken:
        raise InvalidValue("plan", "one that breaks no rule", [str(each) for each in broken], "Mend the plan first.")
    search = _Search(index, travel, plan, unit, tolerance)
    ways = sorted(search.ways(), key=lambda way: (search.rank(way), sorted(way)))[:most]
    before = objective(instance, travel, plan) if ways else None
    found = tuple(_checked(search, view, way, before) for way in ways if before is not None)
    reasons = () if found else why_not(index, travel, plan, request)
    return Insertion(request=request, unit=unit, possibilities=found, reasons=reasons, complete=search.options.complete)


_Way = dict[DutyId, Option]
"""Disjoint options, one a duty, that together carry the unit."""


class _Search:
    """Puts options together and ranks them, before the checker sees any."""

    def __init__(
        self,
        index: InstanceIndex,
        travel: TravelMatrix,
        plan: Solution,
        unit: Sequence[RequestId],
        tolerance: Seconds | None,
    ) -> None:
        self.index = index
        self.travel = travel
        self.plan = plan
        self.unit = unit
        self.tours = {tour.duty: tour for tour in plan.tours}
        self._taken = Counter(
            index.duty_zab(tour.duty) for tour in plan.tours for r in tour.requests if r not in index.committed_duty
        )
        self._changes = index.instance.changes(plan.duty_by_request)
        possible = possible_duties(index, travel, [index.request[member] for member in unit])
        wanted = set().union(*possible.values())
        duties = [d.id for d in index.instance.duties if d.id in wanted and (d.id in self.tours or self._is_free(d.id))]
        self.options = Options(index, travel, self.tours, unit, duties, tolerance)

    def ways(self) -> Iterator[_Way]:
        """Yield every choice of duties with its best tours."""
        by_member = {member: [o for o in self.options.found if member in o.members] for member in self.unit}

        def choose(left: tuple[RequestId, ...], way: _Way) -> Iterator[_Way]:
            if not left:
                if self._keeps_budgets(way):
                    yield way
                return
            for option in by_member[left[0]]:
                if option.members <= set(left):
                    duty = next((d for d in option.duties if self._goes_with(d, way)), None)
                    if duty is not None:
                        rest = tuple(member for member in left if member not in option.members)
                        yield from choose(rest, {**way, duty: option})

        yield from choose(tuple(self.unit), {})

    def rank(self, way: _Way) -> tuple[int, ...]:
        """Return what the stages grow by, in their order, so that less is better."""
        increase = self.increase(way)
        stages = self.index.instance.stages
        return tuple(-increase[stage] if stage.is_maximised else increase[stage] for stage in stages)

    def increase(self, way: _Way) -> dict[Stage, int]:
        """Return what each stage grows by."""
        index = self.index
        added = Counter(dict.fromkeys(index.zab, 0))
        for duty, option in way.items():
            added[index.duty_zab(duty)] += len(option.members)
        carried = {(member, duty) for duty, option in way.items() for member in option.members}
        sums = Counter(dict.fromkeys(Stage, 0))
        for option in way.values():
            sums.update(option.increase)
        sums[Stage.PINNED] = sum(index.request[member].pin is not None for member in self.unit)
        sums[Stage.SERVED] = index.unit_weight(tuple(self.unit))
        sums[Stage.FAIR_LOAD] = sum(
            fair_load_marginal(
                prior=index.zab[zab].prior_load, number=self._taken[zab] + k + 1, shifts=index.shifts_of_zab(zab)
            )
            for zab, number in added.items()
            for k in range(number)
        )
        sums[Stage.CHANGES] = -sum((was.request, was.duty) in carried for was in index.instance.published)
        return dict(sums)

    def _is_free(self, duty: DutyId) -> bool:
        return all(conflict(self.index, duty, used) is None for used in self.tours)

    def _goes_with(self, duty: DutyId, way: _Way) -> bool:
        if duty in way:
            return False
        return duty in self.tours or all(d in self.tours or conflict(self.index, duty, d) is None for d in way)

    def _keeps_budgets(self, way: _Way) -> bool:
        added = Counter(self._taken)
        for duty, option in way.items():
            added[self.index.duty_zab(duty)] += len(option.members)
        budgets = {self.index.duty_zab(duty): self.index.zab[self.index.duty_zab(duty)].budget for duty in way}
        if any(budget is not None and added[zab] > budget for zab, budget in budgets.items()):
            return False
        most = self.index.instance.change_budget
        return most is None or self._changes + self.increase(way)[Stage.CHANGES] <= most


def _checked(search: _Search, view: View, way: _Way, before: CostTerms) -> Possibility:
    """Return a way as the checker sees it."""
    index = search.index
    new = {duty: search.options.tour(option, duty) for duty, option in way.items()}
    order = {duty.id: number for number, duty in enumerate(index.instance.duties)}
    tours = sorted((search.tours | new).values(), key=lambda tour: order[tour.duty])
    solution = Solution(tours=tuple(tours))
    terms = objective(index.instance, search.travel, solution)
    increase = {stage: terms.value(stage) - before.value(stage) for stage in Stage}
    claimed = search.increase(way)
    wrong = [f"{stage}: {increase[stage]} recomputed, {claimed[stage]} claimed" for stage in index.instance.stages
             if increase[stage] != claimed[stage]]  # fmt: skip
    broken = _binding(view.of(solution))
    if broken or wrong:
        raise UnsoundSolution([*broken, *wrong])
    return Possibility(
        tours=tuple(new[duty] for duty in sorted(new, key=order.__getitem__)),
        placements=tuple(p for tour in new.values() for p in _placements(tour, search.unit)),
        moved=tuple(m for tour in new.values() for m in _moved(search.tours.get(tour.duty), tour)),
        increase=increase,
        solution=solution,
        objective=terms,
    )


def _binding(view: View) -> list[Violation]:
    """Return the violations that forbid a plan; that all must be served is no matter while one is added.

    Nor is that too little is kept of the published plan: what is added may be what is missing.
    """
    mended = (Rule.SERVE_ALL, Rule.CHANGE_BUDGET)
    return [violation for violation in hard(check_view(view)) if violation.rule not in mended]


def _placements(tour: Tour, unit: Sequence[RequestId]) -> Iterator[Placement]:
    stops = [(visit.request, visit.kind) for visit in tour.visits if visit.kind in _STOPS]
    for member in unit:
        if (member, VisitKind.PICKUP) in stops:
            at = [stops.index((member, kind)) for kind in _STOPS]
            yield Placement(request=member, duty=tour.duty, pickup=at[0], delivery=at[1])


def _moved(before: Tour | None, after: Tour) -> Iterator[Moved]:
    if before is None:
        return
    starts = {(visit.request, visit.kind): visit.start for visit in before.visits}
    for visit in after.visits:
        was = starts.get((visit.request, visit.kind))
        if visit.request is not None and was is not None and was != visit.start:
            yield Moved(request=visit.request, duty=after.duty, kind=visit.kind, before=was, after=visit.start)
