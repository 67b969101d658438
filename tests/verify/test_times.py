"""Windows, drives, rests, time on board, nights: kept, broken, and kept exactly at the limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import Instance, ParameterSet, Rule, Strength, Tour, VisitKind
from optimizer.verify import check, hard
from tests.builders import (
    FATHER_AND_SON,
    TourBuilder,
    commitment,
    instance,
    neutral,
    plan,
    request,
    window,
    with_visits,
)
from tests.verify.judge import ROAD, broken

OK: set[Rule] = set()


def _alone(parameters: ParameterSet | None = None, **fields: Any) -> Instance:
    """One request R1 from A to B under some parameters."""
    return instance(request("R1", **fields), parameters=parameters or neutral())


def _ride(problem: Instance, *, at: int | None = None, leave: int = 0) -> Tour:
    return TourBuilder(problem, ROAD, leave=leave).pickup("R1").delivery("R1", at=at).build()


def _replaced(tour: Tour, position: int, **fields: Any) -> Tour:
    visits = list(tour.visits)
    visits[position] = replace(visits[position], **fields)
    return with_visits(tour, visits)


# --- windows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pickup", "delivery", "expected"),
    [
        ((0, 9000), (0, 9000), OK),
        ((1000, 1000), (2000, 2000), OK),
        ((0, 999), (0, 9000), {Rule.WINDOW}),
        ((1001, 9000), (0, 9000), {Rule.WINDOW}),
        ((0, 9000), (0, 1999), {Rule.WINDOW}),
        ((0, 9000), (2001, 9000), {Rule.WINDOW}),
    ],
)
def test_service_begins_inside_the_window(
    pickup: tuple[int, int], delivery: tuple[int, int], expected: set[Rule]
) -> None:
    tour = _ride(_alone())  # picks up at 1000, hands over at 2000
    assert broken(_alone(pickup=pickup, delivery=delivery), tour) == expected


@pytest.mark.parametrize(("service", "expected"), [(600, OK), (599, {Rule.WINDOW}), (601, {Rule.WINDOW})])
@pytest.mark.parametrize("committed", [False, True])
def test_service_takes_as_long_as_stated(service: int, expected: set[Rule], committed: bool) -> None:
    problem = _alone(service=(600, 0))
    if committed:
        problem = replace(problem, commitments=(commitment("D1", ("R1", "pickup", 1000), ("R1", "delivery", 2600)),))
    tour = _ride(problem)
    assert broken(replace(problem, requests=(request("R1", service=(service, 0)),)), tour) == expected


def test_a_promise_stands_in_the_place_of_the_window() -> None:
    problem = _alone(pickup=(5000, 6000))
    tour = TourBuilder(problem, ROAD).pickup("R1", at=1000).delivery("R1").build()
    assert broken(problem, tour) == {Rule.WINDOW}
    promised = (commitment("D1", ("R1", "pickup", 1000), ("R1", "delivery", 2000)),)
    assert broken(replace(problem, commitments=promised), tour) == OK


# --- drives and breaks between them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("early", "expected"), [(0, OK), (1, {Rule.DRIVE_TIME})])
@pytest.mark.parametrize("position", [1, 2, 3])
def test_nobody_arrives_before_the_drive_is_over(position: int, early: int, expected: set[Rule]) -> None:
    problem = _alone()
    tour = _ride(problem)
    visit = tour.visits[position]
    fields: dict[str, Any] = {"arrival": visit.arrival - early}
    if visit.kind is VisitKind.END:
        fields |= {"start": fields["arrival"], "departure": fields["arrival"]}
    assert broken(problem, _replaced(tour, position, **fields)) == expected


def test_rests_are_part_of_the_drive() -> None:
    problem = _alone(neutral(rest_every=500, rest_length=100))
    tour = _ride(problem)
    assert (tour.visits[2].rests, tour.visits[2].arrival) == (1, 2100)
    assert broken(problem, tour) == OK
    assert broken(problem, _replaced(tour, 2, arrival=2099)) == {Rule.DRIVE_TIME}


def test_without_a_depot_the_first_and_last_drive_take_no_time() -> None:
    problem = _alone()
    free = replace(problem, duties=(replace(problem.duties[0], start_place=None, end_place=None),))
    tour = TourBuilder(free, ROAD, leave=500).ride("R1").build()
    assert (tour.visits[1].arrival, tour.span) == (500, 1000)
    assert broken(free, tour) == OK
    assert Rule.DEPOT in broken(problem, tour)


@pytest.mark.parametrize(("where", "expected"), [("B", OK), ("A", OK), ("C", {Rule.DRIVE_TIME})])
def test_a_break_is_made_at_the_stop_before_or_after_it(where: str, expected: set[Rule]) -> None:
    problem = instance(request("R1"), request("R2"))
    tour = TourBuilder(problem, ROAD).ride("R1").pause(900, where=where).ride("R2").build()
    assert broken(problem, tour) == expected


def test_breaks_cannot_vouch_for_each_others_place() -> None:
    problem = instance(request("R1"), request("R2"))
    tour = TourBuilder(problem, ROAD).ride("R1").pause(900, where="C").pause(900, where="C").ride("R2").build()
    assert broken(problem, tour) == {Rule.DRIVE_TIME, Rule.WORKING_BREAK}


def test_the_drive_to_a_break_counts() -> None:
    problem = instance(request("R1"), request("R2"))
    tour = TourBuilder(problem, ROAD).ride("R1").pause(900, where="A").ride("R2").build()
    assert broken(problem, _replaced(tour, 3, arrival=tour.visits[3].arrival - 1)) == {Rule.DRIVE_TIME}


# --- rest stops -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("every", "needed"), [(1000, 0), (999, 1), (500, 1), (499, 2)])
def test_a_long_drive_is_interrupted(every: int, needed: int) -> None:
    problem = _alone(neutral(rest_every=every, rest_length=60))
    for rests, expected in ((needed - 1, {Rule.REST_STOP}), (needed, OK), (needed + 1, {Rule.REST_STOP})):
        tour = TourBuilder(problem, ROAD).pickup("R1").delivery("R1", rests=rests).build()
        assert broken(problem, tour) == expected, "rests beyond need would hide a wait on board"


def test_children_on_board_ask_for_more_rests() -> None:
    parameters = neutral(rest_every=1000, rest_every_children=500, rest_length=60)
    adult, child = _alone(parameters), _alone(parameters, party=FATHER_AND_SON)
    tour = TourBuilder(adult, ROAD).pickup("R1").delivery("R1").build()
    assert tour.visits[2].rests == 0
    assert broken(adult, tour) == OK
    assert broken(child, tour) == {Rule.REST_STOP}


@pytest.mark.parametrize("position", [1, 3])
def test_an_empty_drive_has_no_rests(position: int) -> None:
    problem = _alone(neutral(rest_every=500, rest_length=0))
    tour = _ride(problem)
    assert broken(problem, tour) == OK
    assert broken(problem, _replaced(tour, position, rests=1)) == {Rule.REST_STOP}


# --- time on board ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "is_kept"), [(2500, True), (2501, False)])
@pytest.mark.parametrize(
    "fields",
    [
        {"max_ride": 1500},
        {"parameters": neutral(ride_cap=1500)},
        {"parameters": neutral(ride_cap=9000, ride_cap_children=1500), "party": FATHER_AND_SON},
        {"parameters": neutral(ride_cap=1500, ride_cap_children=9000), "party": FATHER_AND_SON},
        {"parameters": neutral(ride_cap=1500), "max_ride": 9000},
        {"parameters": neutral(ride_cap_children=1), "max_ride": 1500},
    ],
)
def test_nobody_is_on_board_longer_than_the_caps(fields: dict[str, Any], start: int, is_kept: bool) -> None:
    problem = _alone(**fields)
    assert broken(problem, _ride(problem, at=start)) == (OK if is_kept else {Rule.RIDE_TIME})


def test_time_on_board_begins_when_the_pickup_is_done() -> None:
    problem = _alone(service=(600, 600), max_ride=1000)
    assert broken(problem, _ride(problem)) == OK


def test_an_override_lifts_the_cap_of_the_set_but_not_the_requests_own() -> None:
    waived = frozenset({Rule.RIDE_TIME})
    lifted = _alone(neutral(ride_cap=1), waived=waived)
    assert broken(lifted, _ride(lifted)) == OK
    own = _alone(neutral(ride_cap=1), waived=waived, max_ride=999)
    assert broken(own, _ride(own)) == {Rule.RIDE_TIME}


def test_softening_the_cap_keeps_the_requests_own_hard() -> None:
    soft = neutral(ride_cap=1, strengths=((Rule.RIDE_TIME, Strength.WARN),))
    told = _alone(soft)
    assert [v.strength for v in check(told, ROAD, plan(_ride(told)))] == [Strength.WARN]
    own = _alone(soft, max_ride=999)
    assert [v.strength for v in hard(check(own, ROAD, plan(_ride(own))))] == [Strength.HARD]


@pytest.mark.parametrize(
    ("permille", "allowance", "limit"),
    [(1300, 0, 1300), (1300, 299, 1300), (1300, 301, 1301), (1000, 0, 1000), (1333, 0, 1333)],
)
def test_pooling_lengthens_a_ride_only_so_far(permille: int, allowance: int, limit: int) -> None:
    problem = _alone(neutral(detour_permille=permille, detour_allowance=allowance))
    assert broken(problem, _ride(problem, at=1000 + limit)) == OK
    assert broken(problem, _ride(problem, at=1000 + limit + 1)) == {Rule.DETOUR}


def test_the_detour_is_measured_against_the_direct_ride_with_its_rests() -> None:
    rules = {"detour_permille": 1000, "rest_every": 500, "rest_every_children": 250, "rest_length": 100}
    single, family = _alone(neutral(**rules)), _alone(neutral(**rules), party=FATHER_AND_SON)
    assert broken(single, _ride(single, at=2100)) == OK
    assert broken(single, _ride(single, at=2101)) == {Rule.DETOUR}
    assert broken(family, _ride(family, at=2300)) == OK
    assert broken(family, _ride(family, at=2301)) == {Rule.DETOUR}


# --- waiting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "expected"), [(2300, OK), (2301, {Rule.WAIT_ON_BOARD})])
@pytest.mark.parametrize("arrival", [2000, 2200])
def test_a_wait_with_people_on_board_has_a_limit_wherever_it_is_made(
    arrival: int, start: int, expected: set[Rule]
) -> None:
    problem = _alone(neutral(max_wait=300))
    tour = _replaced(_ride(problem, at=start), 2, arrival=arrival)
    assert broken(problem, tour) == expected


def test_an_empty_vehicle_may_wait_for_as_long_as_it_likes() -> None:
    problem = _alone(neutral(max_wait=0))
    tour = TourBuilder(problem, ROAD).pickup("R1", at=9000).delivery("R1").build(end=20000)
    assert broken(problem, tour) == OK


def test_the_wait_counts_at_a_pickup_too_when_somebody_is_on_board() -> None:
    problem = instance(request("R1"), request("R2", "B", "C"), parameters=neutral(max_wait=300))

    def tour(start: int) -> Tour:
        return TourBuilder(problem, ROAD).pickup("R1").pickup("R2", at=start).delivery("R1").delivery("R2").build()

    assert Rule.WAIT_ON_BOARD not in broken(problem, tour(2300))
    assert Rule.WAIT_ON_BOARD in broken(problem, tour(2301))


# --- nights -----------------------------------------------------------------------------------------------------------

PICKUP_AT_1000 = [
    ((0, 1000), OK),
    ((0, 1001), {Rule.NIGHT_PICKUP}),
    ((1000, 1001), {Rule.NIGHT_PICKUP}),
    ((1001, 5000), OK),
]


def _at_night(night: tuple[int, int], **fields: Any) -> tuple[Instance, Tour]:
    problem = instance(request("R1", service=(100, 100), **fields), nights=(window(*night),))
    return problem, _ride(problem)


@pytest.mark.parametrize(("night", "expected"), PICKUP_AT_1000)
def test_no_pickup_begins_at_night(night: tuple[int, int], expected: set[Rule]) -> None:
    problem, tour = _at_night(night)
    assert broken(problem, tour) == expected


def test_a_recorded_ground_allows_a_pickup_at_night() -> None:
    problem, tour = _at_night((0, 5000), night_ground=True)
    assert broken(problem, tour) == OK


# picked up at 1000, handed over from 2100 to 2200
@pytest.mark.parametrize(
    ("night", "is_kept"),
    [((0, 1000), True), ((500, 1001), False), ((1500, 1600), False), ((2199, 3000), False), ((2200, 3000), True)],
)
def test_no_measure_with_children_at_night(night: tuple[int, int], is_kept: bool) -> None:
    problem, tour = _at_night(night, party=FATHER_AND_SON, night_ground=True)
    assert broken(problem, tour) == (OK if is_kept else {Rule.NIGHT_CHILDREN})
    waived, tour = _at_night(night, party=FATHER_AND_SON, night_ground=True, waived=frozenset({Rule.NIGHT_CHILDREN}))
    assert broken(waived, tour) == OK


def test_what_was_promised_at_night_is_not_held_against_the_plan() -> None:
    problem, tour = _at_night((0, 5000), party=FATHER_AND_SON)
    assert broken(problem, tour) == {Rule.NIGHT_PICKUP, Rule.NIGHT_CHILDREN}
    promised = (commitment("D1", ("R1", "pickup", 1000), ("R1", "delivery", 2100)),)
    assert broken(replace(problem, commitments=promised), tour) == OK
