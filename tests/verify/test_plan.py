"""Rules across tours, the shape of a tour, and plans that are nonsense altogether."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.errors import InvalidValue
from optimizer.model import Instance, Rule, Tour, Visit, VisitKind
from optimizer.verify import check, is_feasible, objective
from tests.builders import (
    TourBuilder,
    commitment,
    crew,
    duty,
    fleet,
    instance,
    line,
    plan,
    request,
    shift,
    vehicle,
    window,
    with_visits,
    zab,
)
from tests.verify.judge import ROAD, broken
from tests.verify.mutations import rich_world

OK: set[Rule] = set()
THREE = (request("R1"), request("R2"), request("R3"))


def _tour(problem: Instance, *requests: str, duty: str = "D1") -> Tour:
    return TourBuilder(problem, ROAD, duty).ride(*requests).build()


# --- across tours -----------------------------------------------------------------------------------------------------


def test_the_empty_plan_is_feasible() -> None:
    assert is_feasible(instance(*THREE), ROAD, plan())


def test_a_request_rides_once() -> None:
    problem = instance(*THREE, **fleet(2))
    assert broken(problem, _tour(problem, "R1"), _tour(problem, "R2", duty="D2")) == OK
    assert broken(problem, _tour(problem, "R1"), _tour(problem, "R1", duty="D2")) == {Rule.ONCE_PER_REQUEST}
    # Twice on one tour is wrong as a pair too.
    assert broken(problem, _tour(problem, "R1", "R1")) == {Rule.ONCE_PER_REQUEST, Rule.PAIRING}


def test_a_bundle_is_carried_as_a_whole_or_not_at_all() -> None:
    problem = instance(request("R1", bundle="b"), request("R2", bundle="b"), request("R3"), **fleet(2))
    assert broken(problem, _tour(problem, "R1", "R2")) == OK
    assert broken(problem, _tour(problem, "R1"), _tour(problem, "R2", duty="D2")) == OK
    assert broken(problem, _tour(problem, "R3")) == OK
    assert broken(problem, _tour(problem, "R2", "R3")) == {Rule.BUNDLE}


def test_all_are_served_where_the_instance_says_so() -> None:
    problem = instance(*THREE, serve_all=True)
    assert broken(problem, _tour(problem, "R1", "R2", "R3")) == OK
    assert broken(problem, _tour(problem, "R1", "R2")) == {Rule.SERVE_ALL}
    assert len(check(problem, ROAD, plan())) == 3


@pytest.mark.parametrize(("budget", "expected"), [(2, OK), (1, {Rule.BUDGET}), (None, OK)])
def test_a_zab_takes_no_more_than_its_budget(budget: int | None, expected: set[Rule]) -> None:
    promised = (commitment("D1", ("R1", "pickup", 1000), ("R1", "delivery", 2000)),)
    problem = instance(*THREE, zabs=(zab(budget=budget),), commitments=promised)
    assert broken(problem, _tour(problem, "R1", "R2", "R3")) == expected


def test_the_budget_is_that_of_the_crews_zab_over_all_its_duties() -> None:
    problem = instance(
        *THREE,
        zabs=(zab("Z1", budget=1), zab("Z2", budget=0)),
        vehicles=(vehicle("V1", "Z2"), vehicle("V2", "Z2")),
        crews=(crew("C1"), crew("C2")),
        shifts=(shift("S1", "C1"), shift("S2", "C2")),
        duties=(duty("D1", "S1", "V1"), duty("D2", "S2", "V2")),
    )
    assert broken(problem, _tour(problem, "R1")) == OK
    found = check(problem, ROAD, plan(_tour(problem, "R1"), _tour(problem, "R2", duty="D2")))
    assert [(v.rule, v.expected, v.got) for v in found] == [(Rule.BUDGET, "at most 1", "2")]


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_a_hand_over_comes_after_its_pickup() -> None:
    problem = instance(request("R1", "A", "A"), request("R2"))
    tour = _tour(problem, "R1", "R2")
    assert broken(problem, tour) == OK
    start, pickup, delivery, *rest = tour.visits
    assert broken(problem, with_visits(tour, [start, delivery, pickup, *rest])) == {Rule.PAIRING}
    assert broken(problem, with_visits(tour, [start, pickup, *rest])) == {Rule.PAIRING}
    assert broken(problem, with_visits(tour, [start, delivery, *rest])) == {Rule.PAIRING}


def test_pickup_and_hand_over_are_on_one_tour() -> None:
    problem = instance(*THREE, **fleet(2))
    one, other = _tour(problem, "R1"), _tour(problem, "R2", duty="D2")
    swapped = with_visits(
        other, [replace(v, request="R1") if v.kind is VisitKind.DELIVERY else v for v in other.visits]
    )
    half = with_visits(one, [v for v in one.visits if v.kind is not VisitKind.DELIVERY])
    found = check(problem, ROAD, plan(half, swapped))
    assert {v.rule for v in found} == {Rule.PAIRING}
    assert {(v.duty, v.request) for v in found} == {("D1", "R1"), ("D2", "R1"), ("D2", "R2")}


@pytest.mark.parametrize(
    ("position", "fields"),
    [(1, {"place": "B"}), (1, {"place": None}), (2, {"place": "A"}), (1, {"request": "R9"}), (1, {"request": None})],
)
def test_a_visit_is_at_its_stop_and_for_a_known_request(position: int, fields: dict[str, Any]) -> None:
    problem = instance(*THREE)
    tour = _tour(problem, "R1")
    visits = [replace(v, **fields) if i == position else v for i, v in enumerate(tour.visits)]
    assert Rule.PAIRING in broken(problem, with_visits(tour, visits))


def test_a_break_names_no_request() -> None:
    problem = instance(*THREE, serve_all=True)
    tour = TourBuilder(problem, ROAD).ride("R1", "R2").pause(900).build()
    visits = [replace(v, request="R3") if v.kind is VisitKind.BREAK else v for v in tour.visits]
    assert broken(problem, with_visits(tour, visits)) == {Rule.PAIRING, Rule.SERVE_ALL}


# --- depots -----------------------------------------------------------------------------------------------------------


def test_a_tour_begins_and_ends_at_its_depots() -> None:
    problem = instance(*THREE, duties=(duty(start_place="A", end_place="B"),))
    tour = _tour(problem, "R1")
    assert broken(problem, tour) == OK
    first, pickup, delivery, last = tour.visits
    wrong_start = with_visits(tour, [replace(first, place="B"), pickup, delivery, last])
    assert Rule.DEPOT in broken(problem, wrong_start)
    wrong_end = with_visits(tour, [first, pickup, delivery, replace(last, place="A")])
    assert Rule.DEPOT in broken(problem, wrong_end)
    assert broken(problem, with_visits(tour, [pickup, delivery, last])) == {Rule.DEPOT}
    assert broken(problem, with_visits(tour, [first, pickup, delivery])) == {Rule.DEPOT}
    assert broken(problem, with_visits(tour, [first, first, pickup, delivery, last])) == {Rule.DEPOT}
    waits = replace(last, departure=last.departure + 1)
    assert broken(problem, with_visits(tour, [first, pickup, delivery, waits])) == {Rule.DEPOT}


def test_a_duty_without_a_depot_begins_and_ends_anywhere() -> None:
    problem = instance(*THREE, duties=(duty(start_place=None, end_place=None),))
    tour = _tour(problem, "R1")
    assert broken(problem, tour) == OK
    first, *middle, last = tour.visits
    assert broken(problem, with_visits(tour, [replace(first, place="A"), *middle, replace(last, place="B")])) == OK


def test_a_tour_picks_somebody_up() -> None:
    problem = instance(*THREE)
    assert broken(problem, TourBuilder(problem, ROAD).build()) == {Rule.DEPOT}


def test_a_duty_makes_one_tour() -> None:
    problem = instance(*THREE)
    assert broken(problem, _tour(problem, "R1"), _tour(problem, "R2")) == {Rule.DEPOT}


@pytest.mark.parametrize(
    ("availability", "expected"),
    [
        ((), OK),
        ((window(0, 4000),), OK),
        ((window(0, 3999),), {Rule.DEPOT}),
        ((window(1, 5000),), {Rule.DEPOT}),
        ((window(90000, 95000),), {Rule.DEPOT}),
        ((window(0, 4000), window(90000, 95000)), OK),
    ],
)
def test_a_tour_is_made_while_the_vehicle_is_available(availability: tuple[Any, ...], expected: set[Rule]) -> None:
    problem = instance(*THREE, vehicles=(vehicle(availability=availability),))
    assert broken(problem, _tour(problem, "R1")) == expected


def test_only_the_window_that_meets_the_shift_counts() -> None:
    """The tour lies in a window of the vehicle, but in one after the shift."""
    halves = (window(0, 5000), window(6000, 20000))
    problem = instance(*THREE, vehicles=(vehicle(availability=halves),), shifts=(shift(end=6000),))
    late = TourBuilder(problem, ROAD, leave=6000).ride("R1").build()
    assert broken(problem, late) == {Rule.DEPOT, Rule.SHIFT_SPAN}
    assert broken(problem, _tour(problem, "R1")) == OK


# --- promises ---------------------------------------------------------------------------------------------------------


def _promised(*promises: tuple[str, str, int], tolerance: int = 0) -> Instance:
    return instance(*THREE, commitments=(commitment("D1", *promises, tolerance=tolerance),), **fleet(2))


@pytest.mark.parametrize(("moved", "expected"), [(0, OK), (60, OK), (-60, OK), (61, {"late"}), (-61, {"early"})])
@pytest.mark.parametrize("kind", ["pickup", "delivery"])
def test_a_promise_is_kept_within_its_tolerance(moved: int, expected: set[str], kind: str) -> None:
    times = {"pickup": 1000, "delivery": 2000}
    times[kind] += moved
    problem = _promised(("R1", "pickup", times["pickup"]), ("R1", "delivery", times["delivery"]), tolerance=60)
    assert broken(problem, _tour(problem, "R1")) == ({Rule.COMMITMENT} if expected else OK)


def test_promises_keep_their_order_with_others_between_them() -> None:
    promises = (("R1", "pickup", 1000), ("R2", "pickup", 1000), ("R1", "delivery", 2000), ("R2", "delivery", 2000))
    problem = _promised(*promises)
    kept = (
        TourBuilder(problem, ROAD).pickup("R1").pickup("R3").pickup("R2").delivery("R1").delivery("R2").delivery("R3")
    )
    assert broken(problem, kept.build()) == OK
    turned = TourBuilder(problem, ROAD).pickup("R2").pickup("R1").delivery("R1").delivery("R2")
    assert broken(problem, turned.build()) == {Rule.COMMITMENT}


def test_a_promise_is_kept_by_its_duty() -> None:
    problem = _promised(("R1", "pickup", 1000), ("R1", "delivery", 2000))
    assert broken(problem) == {Rule.COMMITMENT}
    assert broken(problem, _tour(problem, "R2")) == {Rule.COMMITMENT}
    assert broken(problem, _tour(problem, "R1", duty="D2")) == {Rule.COMMITMENT}


# --- nonsense ---------------------------------------------------------------------------------------------------------


def _visit(kind: VisitKind, **fields: Any) -> Visit:
    return Visit(**{"kind": kind, "place": "A", "arrival": 0, "start": 0, "departure": 0, **fields})


@pytest.mark.parametrize(
    "tours",
    [
        [Tour(duty="D9", visits=())],
        [Tour(duty="D1", visits=())],
        [Tour(duty="D1", visits=()), Tour(duty="D1", visits=())],
        [Tour(duty="D1", visits=(_visit(VisitKind.PICKUP, request="R9"),))],
        [Tour(duty="D1", visits=(_visit(VisitKind.PICKUP),))],
        [Tour(duty="D1", visits=(_visit(VisitKind.PICKUP, request="R1"),))],
        [Tour(duty="D1", visits=(_visit(VisitKind.DELIVERY, request="R1"),))],
        [Tour(duty="D9", visits=(_visit(VisitKind.PICKUP, request="R1"), _visit(VisitKind.DELIVERY, request="R1")))],
        [Tour(duty="D1", visits=(_visit(VisitKind.PICKUP, request="R1"),) * 3)],
        [Tour(duty="D1", visits=(_visit(VisitKind.BREAK, place=None),))],
        [Tour(duty="D1", visits=(_visit(VisitKind.END), _visit(VisitKind.START)))],
        [Tour(duty="D1", visits=(_visit(VisitKind.START, place="nowhere"), _visit(VisitKind.END, place="elsewhere")))],
        [Tour(duty="D1", visits=(_visit(VisitKind.START, rests=-5), _visit(VisitKind.BREAK, rests=99, place="x\ny")))],
    ],
)
def test_nonsense_is_reported_and_never_crashes(tours: list[Tour]) -> None:
    world = rich_world()
    for problem, travel in ((instance(*THREE, serve_all=True), ROAD), (world.instance, world.travel)):
        found = check(problem, travel, plan(*tours))
        assert found
        assert not is_feasible(problem, travel, plan(*tours))
        assert all("\n" not in str(violation) for violation in found)
        assert objective(problem, travel, plan(*tours)).unserved_requests >= 2


def test_what_is_wrong_besides_an_unknown_duty_is_told_too() -> None:
    problem = instance(*THREE)
    tour = replace(_tour(problem, "R1"), duty="D9")
    assert broken(problem, tour) == {Rule.DEPOT}
    tight = replace(problem, requests=(request("R1", max_ride=999), *THREE[1:]))
    assert broken(tight, tour) == {Rule.DEPOT, Rule.RIDE_TIME}


def test_travel_times_that_lack_a_place_are_an_error_of_the_input() -> None:
    with pytest.raises(InvalidValue, match="all places of the instance"):
        check(instance(*THREE), line({"depot": 0, "A": 1}), plan())
