"""The crew's day: inside the shift, breaks, the driver's break, rest between shifts; one place at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import BreakTier, Instance, Rule, Tour, WorkingTime
from tests.builders import (
    TourBuilder,
    crew,
    duty,
    instance,
    neutral,
    request,
    shift,
    vehicle,
    window,
)
from tests.verify.judge import ROAD, broken

OK: set[Rule] = set()


def _working(profile: WorkingTime, **of_shift: Any) -> Instance:
    """Requests R1 (A to B) and R2 (B to C) under a working-time profile."""
    parameters = neutral(working_time=(profile,))
    return instance(request("R1"), request("R2", "B", "C"), parameters=parameters, shifts=(shift(**of_shift),))


# --- shift ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(500, 4500, OK), (501, 4500, {Rule.SHIFT_SPAN}), (500, 4499, {Rule.SHIFT_SPAN})],
)
def test_a_tour_lies_inside_its_shift(start: int, end: int, expected: set[Rule]) -> None:
    problem = _working(WorkingTime(id="arbzg"), start=start, end=end)
    tour = TourBuilder(problem, ROAD, leave=500).ride("R1").build()
    assert (tour.visits[0].departure, tour.visits[-1].arrival) == (500, 4500)
    assert broken(problem, tour) == expected


@pytest.mark.parametrize(("longest", "expected"), [(4000, OK), (3999, {Rule.SHIFT_SPAN})])
def test_a_tour_is_no_longer_than_the_profile_allows(longest: int, expected: set[Rule]) -> None:
    problem = _working(WorkingTime(id="arbzg", max_span=longest))
    assert broken(problem, TourBuilder(problem, ROAD).ride("R1").build()) == expected


# --- breaks -----------------------------------------------------------------------------------------------------------

STEPS = WorkingTime(id="arbzg", tiers=(BreakTier(span=5999, total=600), BreakTier(span=8000, total=900)), step=300)


def _with_breaks(problem: Instance, *lengths: int, end: int | None = None) -> Tour:
    """R1, R2: 6000 s; breaks at B between them, then after R2, then before R1: one between two stops."""
    between, after, before = (*lengths, 0, 0, 0)[:3]
    tour = TourBuilder(problem, ROAD)
    if before:
        tour.pause(before)
    tour.ride("R1")
    if between:
        tour.pause(between)
    tour.ride("R2")
    if after:
        tour.pause(after)
    return tour.build(end=end)


def test_there_is_one_break_between_two_stops() -> None:
    problem = _working(STEPS)
    tour = TourBuilder(problem, ROAD).ride("R1").pause(300).pause(300).ride("R2").build()
    assert broken(problem, tour) == {Rule.WORKING_BREAK}


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((600,), OK),
        ((300, 300), OK),
        ((599,), {Rule.WORKING_BREAK}),
        ((450, 450), OK),
        ((899,), OK),
        ((299, 301), {Rule.WORKING_BREAK}),
        ((299, 299, 299), {Rule.WORKING_BREAK}),
        ((), {Rule.WORKING_BREAK}),
    ],
)
def test_breaks_count_in_whole_steps(lengths: tuple[int, ...], expected: set[Rule]) -> None:
    problem = _working(STEPS)
    assert broken(problem, _with_breaks(problem, *lengths)) == expected


def test_a_tour_that_is_not_longer_than_the_tier_needs_no_break() -> None:
    problem = _working(replace(STEPS, tiers=(BreakTier(span=6000, total=600),)))
    assert broken(problem, _with_breaks(problem)) == OK
    assert broken(problem, _with_breaks(problem, end=6001)) == {Rule.WORKING_BREAK}


def test_the_higher_tier_needs_more() -> None:
    problem = _working(STEPS)
    assert broken(problem, _with_breaks(problem, 600, end=8000)) == OK
    assert broken(problem, _with_breaks(problem, 600, end=8001)) == {Rule.WORKING_BREAK}
    assert broken(problem, _with_breaks(problem, 900, end=8001)) == OK


def test_a_break_with_people_on_board_is_none() -> None:
    problem = _working(STEPS)
    tour = TourBuilder(problem, ROAD).ride("R1").pickup("R2").pause(600).delivery("R2").build()
    assert broken(problem, tour) == {Rule.WORKING_BREAK}
    lax = _working(WorkingTime(id="arbzg"))
    assert broken(lax, tour) == {Rule.WORKING_BREAK}, "even where no break is needed"
    assert broken(lax, _with_breaks(lax, 600)) == OK


@pytest.mark.parametrize(
    ("longest", "length", "expected"),
    [
        (4000, 300, OK),  # 2000 to the break, 4000 after it
        (3999, 300, {Rule.WORKING_BREAK}),
        (6000, 0, OK),
        (5999, 0, {Rule.WORKING_BREAK}),
        (4000, 299, {Rule.WORKING_BREAK}),  # counts 0 and so does not interrupt
    ],
)
def test_no_stretch_of_work_is_too_long(longest: int, length: int, expected: set[Rule]) -> None:
    problem = _working(WorkingTime(id="arbzg", step=300, max_stretch=longest))
    assert broken(problem, _with_breaks(problem, *([length] if length else []))) == expected


def test_the_first_stretch_begins_when_the_tour_does() -> None:
    problem = _working(WorkingTime(id="arbzg", step=300, max_stretch=4000))
    tour = TourBuilder(problem, ROAD).ride("R1").pause(300, at=4000).ride("R2").build()
    assert broken(problem, tour) == OK
    late = TourBuilder(problem, ROAD).ride("R1").pause(300, at=4001).ride("R2").build()
    assert broken(problem, late) == {Rule.WORKING_BREAK}


# --- the driver's break -----------------------------------------------------------------------------------------------

DRIVER = WorkingTime(id="arbzg", max_drive=4000, drive_break=600)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [((600,), OK), ((0, 0, 600), {Rule.DRIVER_BREAK}), ((599,), {Rule.DRIVER_BREAK}), ((), {Rule.DRIVER_BREAK})],
)
def test_the_driver_stands_still_for_long_enough(lengths: tuple[int, ...], expected: set[Rule]) -> None:
    problem = _working(DRIVER)  # 2000 of driving, breaks, 4000 of driving
    assert broken(problem, _with_breaks(problem, *lengths)) == expected


def test_waits_with_an_empty_vehicle_count_and_others_do_not() -> None:
    problem = _working(DRIVER)
    empty = TourBuilder(problem, ROAD).ride("R1").pickup("R2", at=2600).delivery("R2").build()
    assert broken(problem, empty) == OK
    aboard = TourBuilder(problem, ROAD).pickup("R1").delivery("R1", at=2600).ride("R2").build()
    assert broken(problem, aboard) == {Rule.DRIVER_BREAK}


def test_exactly_the_longest_driving_is_allowed() -> None:
    problem = _working(replace(DRIVER, max_drive=6000))
    assert broken(problem, _with_breaks(problem)) == OK
    assert broken(_working(replace(DRIVER, max_drive=5999)), _with_breaks(problem)) == {Rule.DRIVER_BREAK}


def test_rests_of_passengers_are_no_driving() -> None:
    parameters = neutral(working_time=(replace(DRIVER, max_drive=4000),), rest_every=500, rest_length=100)
    problem = instance(request("R1"), parameters=parameters)
    tour = TourBuilder(problem, ROAD).ride("R1").build()
    assert tour.span == 4100
    assert broken(problem, tour) == OK


# --- two duties -------------------------------------------------------------------------------------------------------


def _two(first: tuple[int, int], second: tuple[int, int], *, same: str, rest: int = 0, **fields: Any) -> set[Rule]:
    """Broken rules with R1 on D1 and R2 on D2, which share a crew or a vehicle (``same``)."""
    problem = instance(
        request("R1"),
        request("R2"),
        vehicles=(vehicle("V1"), vehicle("V2")),
        crews=(crew("C1"), crew("C2")),
        shifts=(
            shift("S1", "C1", *first),
            shift("S2", "C1" if same == "crew" else "C2", *second, profile="later"),
        ),
        duties=(duty("D1", "S1", "V1"), duty("D2", "S2", "V1" if same == "vehicle" else "V2")),
        parameters=neutral(working_time=(WorkingTime(id="arbzg"), WorkingTime(id="later", rest=rest))),
        **fields,
    )
    one = TourBuilder(problem, ROAD, "D1", leave=first[0]).ride("R1").build()
    other = TourBuilder(problem, ROAD, "D2", leave=second[0]).ride("R2").build()
    assert broken(problem, one) == broken(problem, other) == OK
    assert broken(problem, one, other) == broken(problem, other, one)
    return broken(problem, one, other)


@pytest.mark.parametrize(
    ("second", "expected"),
    [((9000, 18000), set()), ((8999, 18000), {"doubled"}), ((0, 9000), {"doubled"}), ((4000, 8500), {"doubled"})],
)
@pytest.mark.parametrize(("same", "rule"), [("crew", Rule.CREW_DOUBLED), ("vehicle", Rule.VEHICLE_DOUBLED)])
def test_one_duty_at_a_time(second: tuple[int, int], expected: set[str], same: str, rule: Rule) -> None:
    assert _two((0, 9000), second, same=same) == ({rule} if expected else OK)


@pytest.mark.parametrize(("begin", "expected"), [(9600, OK), (9599, {Rule.REST_BETWEEN_SHIFTS})])
def test_a_crew_rests_between_two_shifts(begin: int, expected: set[Rule]) -> None:
    assert _two((0, 9000), (begin, 18000), same="crew", rest=600) == expected
    assert _two((0, 9000), (begin, 18000), same="vehicle", rest=600) == OK


def test_the_later_shifts_profile_counts() -> None:
    # Here S2, whose profile asks for rest, is the earlier shift.
    assert _two((9000, 18000), (0, 9000), same="crew", rest=600) == OK


def test_doubled_crews_are_not_told_again_as_tired() -> None:
    assert _two((0, 9000), (8000, 18000), same="crew", rest=600) == {Rule.CREW_DOUBLED}


def test_two_duties_on_one_shift_double_the_crew() -> None:
    problem = instance(
        request("R1"),
        request("R2"),
        vehicles=(vehicle("V1"), vehicle("V2")),
        duties=(duty("D1"), duty("D2", vehicle="V2")),
    )
    one = TourBuilder(problem, ROAD, "D1").ride("R1").build()
    other = TourBuilder(problem, ROAD, "D2").ride("R2").build()
    assert broken(problem, one, other) == {Rule.CREW_DOUBLED}


def test_a_vehicle_is_bound_only_while_it_is_available() -> None:
    """Shifts overlap, but the windows of the vehicle inside them do not."""
    halves = (window(0, 4500), window(5000, 20000))
    problem = instance(
        request("R1"),
        request("R2"),
        vehicles=(vehicle("V1", availability=halves),),
        crews=(crew("C1"), crew("C2")),
        shifts=(shift("S1", "C1", 0, 5000), shift("S2", "C2", 4500, 20000)),
        duties=(duty("D1", "S1"), duty("D2", "S2")),
    )
    one = TourBuilder(problem, ROAD, "D1").ride("R1").build()
    other = TourBuilder(problem, ROAD, "D2", leave=5000).ride("R2").build()
    assert broken(problem, one, other) == OK
