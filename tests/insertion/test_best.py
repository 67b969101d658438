"""Best insertion: against every position and timetable there is, and on days worked out by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from optimizer.errors import InvalidValue
from optimizer.insertion.best import Insertion, best_insertions
from optimizer.model import Instance, InstanceIndex, Need, Rule, Solution, Stage, VisitKind
from optimizer.result import Obstacle
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from tests.builders import TourBuilder, commitment, crew, fleet, instance, line, plan, request, seats, vehicle, zab
from tests.oracle import OracleTour, _clash, brute_force
from tests.oracle_sequences import DutyRules
from tests.oracle_timetable import Course, Step, best_timetable
from tests.strategies import random_tiny

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
SERVED_FIRST = (Stage.SERVED, Stage.CUSTODY, Stage.COST)


SEEDS = (
    *range(1000, 1016), 1042, 1043, 1068, 1096, 1106, 1110, 1131, 1145, 1173, 1175, 1178, 1181, 1191, 1273, 1295, 1304,
    1346, 1359, 1430, 1446, 1858, 1860, 1865, 1921,
)  # fmt: skip
"""The first ones as they come; then days with several ways, with bundles, and with stops that move."""


# --- against brute force ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A tiny instance, the best plan without one of its units, and that unit."""

    day: Instance
    travel: TravelMatrix
    plan: Solution
    unit: tuple[str, ...]


def late(seed: int) -> Late | None:
    """The late request of ``seed``; ``None`` where nothing is left to be asked."""
    day, travel = random_tiny(seed)
    day = replace(day, change_budget=day.change_budget if seed % 3 == 0 else None)
    units = InstanceIndex(day).units
    unit = random.Random(seed).choice(units)
    known = tuple(replace(other, excluded=other.excluded - set(unit)) for other in day.requests if other.id not in unit)
    published = tuple(was for was in day.published if was.request not in unit)
    before = brute_force(replace(day, requests=known, published=published, serve_all=False), travel)
    return Late(day=day, travel=travel, plan=before.solution, unit=unit) if before.feasible else None


def rank(day: Instance, travel: TravelMatrix, before: Solution, after: Solution) -> tuple[int, ...]:
    """What the stages grow by, so that less is better."""
    old, new = objective(day, travel, before), objective(day, travel, after)
    return tuple((old.value(s) - new.value(s)) * (1 if s.is_maximised else -1) for s in day.stages)


def stops(tour: Solution | None, duty: str) -> list[tuple[str, VisitKind, int]]:
    if tour is None:
        return []
    return [
        (visit.request, visit.kind, visit.start)
        for each in tour.tours
        if each.duty == duty
        for visit in each.visits
        if visit.request is not None
    ]


def held(course: Course, planned: list[tuple[str, VisitKind, int]], tolerance: int | None) -> Course:
    """The course with its old stops held within ``tolerance`` of the plan."""
    if tolerance is None:
        return course
    starts = {(name, kind): start for name, kind, start in planned}

    def bound(step: Step) -> Step:
        start = starts.get((step.request, step.kind))
        if start is None:
            return step
        return replace(step, earliest=max(step.earliest, start - tolerance), latest=min(step.latest, start + tolerance))

    return replace(course, steps=tuple(map(bound, course.steps)))


def best_tours(asked: Late, tolerance: int | None) -> dict[str, dict[frozenset[str], OracleTour]]:
    """By duty and members of the unit: the best of all tours that leave the order of the others as it is."""
    index = InstanceIndex(asked.day)
    found: dict[str, dict[frozenset[str], OracleTour]] = {}
    for duty in asked.day.duties:
        planned = stops(asked.plan, duty.id)
        order = [(name, kind) for name, kind, _ in planned]
        riders = {name for name, _ in order}
        best: dict[frozenset[str], tuple[tuple[int, ...], OracleTour]] = {}
        for served, free in DutyRules(asked.day, asked.travel, index, duty.id, frozenset()).courses():
            new = served - riders
            kept = [(step.request, step.kind) for step in free.steps if step.request in riders]
            if not new or not new <= set(asked.unit) or kept != order:
                continue
            course = held(free, planned, tolerance)
            if any(step.earliest > step.latest for step in course.steps):
                continue
            times = best_timetable(course)
            if times is not None:
                vector = course.vector(times.values)
                tour = OracleTour(duty=duty.id, served=served, course=course, timetable=times)
                if new not in best or vector < best[new][0]:
                    best[new] = vector, tour
        found[duty.id] = {members: tour for members, (_, tour) in best.items()}
    return found


def all_ways(asked: Late, tolerance: int | None) -> Iterator[Solution]:
    """Every plan that carries the unit, each duty with its best tour."""
    index = InstanceIndex(asked.day)
    tours = best_tours(asked, tolerance)
    used = [tour.duty for tour in asked.plan.tours]

    def choose(duties: list[str], left: frozenset[str], new: list[OracleTour]) -> Iterator[list[OracleTour]]:
        if not left:
            yield new
            return
        if not duties:
            return
        duty, *rest = duties
        yield from choose(rest, left, new)
        for members, tour in tours[duty].items():
            opened = [*used, *(other.duty for other in new)]
            clashes = duty not in used and any(_clash(index, other, duty, frozenset()) for other in opened)
            if members <= left and not clashes:
                yield from choose(rest, left - members, [*new, tour])

    for chosen in choose([duty.id for duty in asked.day.duties], frozenset(asked.unit), []):
        changed = {tour.duty: tour.tour(index) for tour in chosen}
        kept = [tour for tour in asked.plan.tours if tour.duty not in changed]
        after = Solution(tours=(*kept, *changed.values()))
        broken = [v for v in hard(check(asked.day, asked.travel, after)) if v.rule is not Rule.SERVE_ALL]
        assert all(violation.rule in (Rule.BUDGET, Rule.CHANGE_BUDGET) for violation in broken), broken
        if not broken:
            yield after


@pytest.mark.parametrize("tolerance", [None, 0, 600])
@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_what_brute_force_over_all_positions_finds(seed: int, tolerance: int | None) -> None:
    asked = late(seed)
    if asked is None:
        return
    truth = {rank(asked.day, asked.travel, asked.plan, after) for after in all_ways(asked, tolerance)}
    answer = best_insertions(asked.day, asked.travel, asked.plan, asked.unit[0], tolerance=tolerance, most=1000)
    ranks = [rank(asked.day, asked.travel, asked.plan, each.solution) for each in answer.possibilities]
    assert answer.complete
    assert ranks == sorted(ranks), "the best comes first"
    assert set(ranks) == truth, asked.day.name
    assert bool(answer.reasons) != bool(ranks)
    chosen = [frozenset((place.request, place.duty) for place in each.placements) for each in answer.possibilities]
    assert len(set(chosen)) == len(chosen), "each choice of duties is told once"
    assert_the_rest_is_unchanged(asked, answer, tolerance)


def assert_the_rest_is_unchanged(asked: Late, answer: Insertion, tolerance: int | None) -> None:
    for each in answer.possibilities:
        broken = [v for v in hard(check(asked.day, asked.travel, each.solution)) if v.rule is not Rule.SERVE_ALL]
        assert not broken
        assert each.solution.served == asked.plan.served | set(asked.unit)
        for tour in asked.plan.tours:
            before, after = stops(asked.plan, tour.duty), stops(each.solution, tour.duty)
            if tour.duty not in each.duties:
                assert tour in each.solution.tours
            assert [stop[:2] for stop in before] == [stop[:2] for stop in after if stop[0] not in asked.unit]
            if tolerance is not None:
                times = {stop[:2]: stop[2] for stop in after}
                assert all(abs(times[stop[:2]] - stop[2]) <= tolerance for stop in before)
        moved = {(stop.request, stop.kind): (stop.before, stop.after) for stop in each.moved}
        for duty in each.duties:
            new = {stop[:2]: stop[2] for stop in stops(each.solution, duty)}
            for name, kind, start in stops(asked.plan, duty):
                assert moved.get((name, kind), (start, start)) == (start, new[name, kind])
        for place in each.placements:
            order = [stop[:2] for stop in stops(each.solution, place.duty)]
            assert order[place.pickup] == (place.request, VisitKind.PICKUP)
            assert order[place.delivery] == (place.request, VisitKind.DELIVERY)


def test_the_random_days_ask_enough() -> None:
    """Days with several ways, with none, with a bundle, and with a tolerance that matters are all among them."""
    asked = [each for each in map(late, SEEDS) if each is not None]
    ways = [len(list(all_ways(each, None))) for each in asked]
    held_fast = [len(list(all_ways(each, 0))) for each in asked]
    assert sum(number > 1 for number in ways) >= 5
    assert sum(number == 0 for number in ways) >= 5
    assert sum(number > 0 and len(each.unit) > 1 for each, number in zip(asked, ways, strict=True)) >= 5
    assert sum(fewer < number for fewer, number in zip(held_fast, ways, strict=True)) >= 3


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_late_request_rides_along_where_it_adds_nothing() -> None:
    day = instance(request("r", "A", "C"), request("late", "B", "C"), stages=SERVED_FIRST)
    before = plan(TourBuilder(day, TRAVEL).ride("r").build())
    (found,) = best_insertions(day, TRAVEL, before, "late").possibilities
    assert found.duties == ("D1",)
    assert [(p.pickup, p.delivery) for p in found.placements] == [(1, 2)]
    assert {stage: found.increase[stage] for stage in SERVED_FIRST} == {
        Stage.SERVED: 1,
        Stage.CUSTODY: 0,
        Stage.COST: 0,
    }


def test_the_possibilities_are_ranked_by_what_they_cost() -> None:
    near, far = crew("C1", cost_per_hour=3600), crew("C2", cost_per_hour=7200)
    two = {**fleet(2), "crews": (near, far)}
    day = instance(request("late", "A", "B"), **two, stages=SERVED_FIRST)
    answer = best_insertions(day, TRAVEL, Solution(), "late")
    assert [each.duties for each in answer.possibilities] == [("D1",), ("D2",)]
    costs = [each.increase[Stage.COST] for each in answer.possibilities]
    assert costs[0] < costs[1]
    assert len(best_insertions(day, TRAVEL, Solution(), "late", most=1).possibilities) == 1


def test_duties_alike_are_told_once() -> None:
    day = instance(request("late", "A", "B"), **fleet(3))
    assert len(best_insertions(day, TRAVEL, Solution(), "late").possibilities) == 1


def test_a_tolerance_holds_the_published_times() -> None:
    far = request("late", "C", "C", pickup=(1800, 2200), service=(300, 0))
    day = instance(request("r", "A", "B", pickup=(2000, 4000)), far)
    before = plan(TourBuilder(day, TRAVEL, leave=1400).ride("r").build())
    (found,) = best_insertions(day, TRAVEL, before, "late").possibilities
    assert [(stop.request, stop.kind) for stop in found.moved] == [("r", VisitKind.PICKUP), ("r", VisitKind.DELIVERY)]
    assert best_insertions(day, TRAVEL, before, "late", tolerance=1300).possibilities
    assert best_insertions(day, TRAVEL, before, "late", tolerance=1299).possibilities == ()


def test_a_promise_keeps_its_own_tolerance_whatever_the_caller_allows() -> None:
    promised = commitment("D1", ("c", "pickup", 3000), ("c", "delivery", 3600), tolerance=60)
    day = instance(
        request("c", "A", "B"),
        request("late", "C", "C", pickup=(1800, 2200), service=(300, 0)),
        commitments=(promised,),
    )
    before = plan(TourBuilder(day, TRAVEL, leave=2400).ride("c").build())
    assert best_insertions(day, TRAVEL, before, "late").possibilities == ()
    assert best_insertions(day, TRAVEL, before, "late", tolerance=10_000).possibilities == ()
    loose = replace(day, commitments=(replace(promised, tolerance=900),))
    assert best_insertions(loose, TRAVEL, before, "late").possibilities


def test_a_bundle_is_taken_whole_on_two_duties_or_not_at_all() -> None:
    small = tuple(vehicle(f"V{i}", configurations=(seats(3),)) for i in (1, 2))
    same: dict[str, Any] = {"pickup": (600, 900), "bundle": "b"}
    trips = (request("out", "A", "B", **same), request("back", "A", "B", **same))
    two = {**fleet(2), "vehicles": small}
    (found,) = best_insertions(instance(*trips, **two), TRAVEL, Solution(), "back").possibilities
    assert found.duties == ("D1", "D2")
    assert {place.request for place in found.placements} == {"out", "back"}
    one = {**fleet(1), "vehicles": small[:1]}
    answer = best_insertions(instance(*trips, **one), TRAVEL, Solution(), "back")
    assert answer.possibilities == ()
    assert answer.unit == ("out", "back")
    assert [reason.rule for reason in answer.reasons] == [Rule.BUNDLE]


def test_a_budget_that_is_used_up_leaves_no_way_and_is_the_reason() -> None:
    day = instance(request("r", "A", "B"), request("late", "A", "B"), zabs=(zab(budget=1),))
    before = plan(TourBuilder(day, TRAVEL).ride("r").build())
    answer = best_insertions(day, TRAVEL, before, "late")
    assert answer.possibilities == ()
    assert [reason.rule for reason in answer.reasons] == [Rule.BUDGET]


def test_every_duty_has_a_reason_where_nothing_fits() -> None:
    lying = request("late", "A", "B", needs=frozenset({Need.LYING}))
    answer = best_insertions(instance(lying, **fleet(3)), TRAVEL, Solution(), "late")
    assert [reason.duty for reason in answer.reasons] == ["D1", "D2", "D3"]
    assert {reason.obstacle for reason in answer.reasons} == {Obstacle.STATIC}


def test_a_trip_that_fits_only_in_another_order_is_told_so() -> None:
    rides = (request("r", "B", "C", pickup=(0, 9000)), request("late", "A", "B", pickup=(700, 700)))
    day = instance(*rides)
    before = plan(TourBuilder(day, TRAVEL, leave=0).ride("r").build())
    assert best_insertions(day, TRAVEL, before, "late").possibilities
    (reason,) = best_insertions(day, TRAVEL, before, "late", tolerance=0).reasons
    assert "other times" in reason.texts["en"]


@pytest.mark.parametrize("name", ["nobody", "r", "c"])
def test_only_a_request_of_the_pool_that_is_left_out_can_be_inserted(name: str) -> None:
    promised = commitment("D1", ("c", "pickup", 600), ("c", "delivery", 1200))
    day = instance(request("c"), request("r"), commitments=(promised,))
    before = plan(TourBuilder(day, TRAVEL).ride("c", "r").build())
    with pytest.raises(InvalidValue, match="request"):
        best_insertions(day, TRAVEL, before, name)


def test_a_plan_with_a_fault_is_refused() -> None:
    day = instance(request("r", pickup=(5000, 6000)), request("late"))
    before = plan(TourBuilder(day, TRAVEL, leave=0).ride("r").build())
    broken = replace(day, requests=(request("r", pickup=(9000, 9100)), day.requests[1]))
    with pytest.raises(InvalidValue, match="breaks no rule"):
        best_insertions(broken, TRAVEL, before, "late")
    with pytest.raises(InvalidValue, match="tolerance"):
        best_insertions(day, TRAVEL, before, "late", tolerance=-1)
