"""Are promised tours possible at all?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.model import BreakTier, Instance, Licence, Rule, Solution, Strength, WorkingTime
from optimizer.verify import check, check_commitments
from optimizer.verify.commitments import laid_out, lasting, warned
from optimizer.verify.view import View
from tests.builders import FATHER_AND_SON, commitment, crew, duty, fleet, instance, neutral, request, shift, vehicle
from tests.verify.judge import ROAD
from tests.verify.mutations import rich_world

OK: set[Rule] = set()
R1 = (("R1", "pickup", 1000), ("R1", "delivery", 2000))


def _found(problem: Instance) -> set[Rule]:
    return {violation.rule for violation in check_commitments(problem, ROAD)}


def _promised(*promises: tuple[str, str, int], **fields: Any) -> Instance:
    requests = (request("R1"), request("R2", "B", "C"), request("R3", bundle="b"), request("R4", bundle="b"))
    return instance(*requests, **{"commitments": (commitment("D1", *promises),), "serve_all": True, **fields})


def test_without_promises_nothing_is_wrong() -> None:
    assert check_commitments(replace(_promised(*R1), commitments=()), ROAD) == []


def test_the_rich_day_keeps_its_promise() -> None:
    world = rich_world()
    assert check_commitments(world.instance, world.travel) == []


def test_the_pool_is_no_concern() -> None:
    assert check_commitments(_promised(*R1), ROAD) == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 4000, OK), (1, 4000, {Rule.SHIFT_SPAN}), (0, 3999, {Rule.SHIFT_SPAN})],
)
def test_the_tour_fits_its_shift_leaving_as_late_as_it_can(start: int, end: int, expected: set[Rule]) -> None:
    assert _found(_promised(*R1, shifts=(shift(start=start, end=end),))) == expected


@pytest.mark.parametrize(("promised", "expected"), [(2000, OK), (1999, {Rule.DRIVE_TIME})])
def test_the_drive_fits_between_two_promises(promised: int, expected: set[Rule]) -> None:
    assert _found(_promised(("R1", "pickup", 1000), ("R1", "delivery", promised))) == expected


@pytest.mark.parametrize(("promised", "expected"), [(2060, OK), (2059, {Rule.DRIVE_TIME})])
def test_rests_are_made_on_the_way(promised: int, expected: set[Rule]) -> None:
    parameters = neutral(rest_every=1000, rest_every_children=500, rest_length=60)
    problem = _promised(("R1", "pickup", 1000), ("R1", "delivery", promised), parameters=parameters)
    family = (request("R1", party=FATHER_AND_SON), *problem.requests[1:])
    assert _found(replace(problem, requests=family)) == expected


def test_promised_rides_obey_the_limits_of_welfare() -> None:
    late = (("R1", "pickup", 1000), ("R1", "delivery", 2301))
    assert _found(_promised(*late, parameters=neutral(max_wait=301, ride_cap=1301))) == OK
    assert _found(_promised(*late, parameters=neutral(max_wait=300))) == {Rule.WAIT_ON_BOARD}
    assert _found(_promised(*late, parameters=neutral(ride_cap=1300))) == {Rule.RIDE_TIME}
    assert _found(_promised(*R1, vehicles=(vehicle(licence=Licence.D),))) == {Rule.LICENCE}


def test_warnings_about_an_invented_layout_are_not_told_but_what_binds_is() -> None:
    profile = WorkingTime(id="arbzg", max_drive=2999, drive_break=600)
    soft = _promised(*R1, parameters=neutral(working_time=(profile,)))
    assert _found(soft) == OK
    binding = neutral(working_time=(profile,), strengths=((Rule.DRIVER_BREAK, Strength.HARD),))
    # A break after the last stop keeps the rule, where the shift has room for it.
    assert _found(replace(soft, parameters=binding)) == OK
    assert _found(replace(soft, parameters=binding, shifts=(shift(end=4899),))) == {Rule.DRIVER_BREAK}


@pytest.mark.parametrize(("end", "expected"), [(86400, OK), (4899, {Rule.DRIVER_BREAK})])
def test_a_warning_is_told_where_no_break_outside_of_the_stops_avoids_it(end: int, expected: set[Rule]) -> None:
    profile = WorkingTime(id="arbzg", max_drive=2999, drive_break=600)
    problem = _promised(*R1, parameters=neutral(working_time=(profile,)), shifts=(shift(end=end),))
    view = View(problem, ROAD, Solution())
    tours = laid_out(view)
    assert {(each.rule, each.strength, each.duty) for each in warned(view, tours)} == {
        (rule, Strength.WARN, "D1") for rule in expected
    }


@pytest.mark.parametrize(("end", "expected"), [(86400, OK), (4899, {Rule.DRIVER_BREAK})])
def test_a_plan_is_warned_of_as_its_promises_would_be(end: int, expected: set[Rule]) -> None:
    """The plan makes no break, as none binds; the checker tells of it, and what other breaks avoid is not shown."""
    profile = WorkingTime(id="arbzg", max_drive=2999, drive_break=600)
    problem = _promised(*R1, parameters=neutral(working_time=(profile,)), shifts=(shift(end=end),))
    plan = Solution(tours=laid_out(View(problem, ROAD, Solution())))
    unpromised = replace(problem, commitments=(), serve_all=False)
    assert Rule.DRIVER_BREAK in {each.rule for each in check(unpromised, ROAD, plan)}
    assert {each.rule for each in lasting(unpromised, ROAD, plan)} == expected


def test_each_duty_is_named() -> None:
    made = (commitment("D1", *R1), commitment("D2", ("R2", "pickup", 2000), ("R2", "delivery", 2999)))
    problem = instance(request("R1"), request("R2", "B", "C"), commitments=made, **fleet(2))
    assert [(v.rule, v.duty, v.request) for v in check_commitments(problem, ROAD)] == [(Rule.DRIVE_TIME, "D2", "R2")]


def test_two_promised_tours_of_one_crew_at_the_same_time_are_impossible() -> None:
    made = (commitment("D1", *R1), commitment("D2", ("R2", "pickup", 2000), ("R2", "delivery", 3000)))
    resources = {
        "vehicles": (vehicle("V1"), vehicle("V2")),
        "crews": (crew(),),
        "duties": (duty("D1"), duty("D2", vehicle="V2")),
    }
    problem = instance(request("R1"), request("R2", "B", "C"), commitments=made, **resources)
    assert _found(problem) == {Rule.CREW_DOUBLED}


# --- breaks -----------------------------------------------------------------------------------------------------------


def _working(gap: int, *, end: int = 86400, **profile: Any) -> Instance:
    """R1 from 1000 to 2000 at B, then ``gap`` idle seconds, R2 from B to C (1000 s) and 3000 s home."""
    later = 2000 + gap
    promises = (*R1, ("R2", "pickup", later), ("R2", "delivery", later + 1000))
    parameters = neutral(working_time=(WorkingTime(**{"id": "arbzg", "step": 300, **profile}),))
    return _promised(*promises, parameters=parameters, shifts=(shift(end=end),))


def test_a_gap_between_promises_is_a_break() -> None:
    tiers = (BreakTier(span=5999, total=600),)
    assert _found(_working(600, tiers=tiers, end=6600)) == OK
    assert _found(_working(599, tiers=tiers, end=6599)) == {Rule.WORKING_BREAK}
    assert _found(_working(0, tiers=tiers, end=6000)) == {Rule.WORKING_BREAK}


def test_what_gaps_lack_is_made_up_before_the_first_or_after_the_last_stop() -> None:
    tiers = (BreakTier(span=5999, total=600),)
    # The first drive begins at 0: only after the last stop is there room.
    assert _found(_working(300, tiers=tiers, end=6600)) == OK
    assert _found(_working(300, tiers=tiers, end=6599)) == {Rule.WORKING_BREAK}
    assert _found(_working(0, tiers=tiers, end=6600)) == OK


def test_a_break_before_the_first_stop() -> None:
    tiers = (BreakTier(span=3999, total=600),)
    parameters = neutral(working_time=(WorkingTime(id="arbzg", step=300, tiers=tiers),))
    later = (("R1", "pickup", 2000), ("R1", "delivery", 3000))
    for start, expected in ((400, OK), (401, {Rule.WORKING_BREAK})):
        problem = _promised(*later, parameters=parameters, shifts=(shift(start=start, end=5000),))
        assert _found(problem) == expected


@pytest.mark.parametrize(
    ("gap", "longest", "end", "expected"),
    [
        (600, 4000, 6600, OK),
        (300, 4000, 6300, OK),
        (299, 4000, 6299, {Rule.WORKING_BREAK}),
        (600, 3999, 6600, {Rule.WORKING_BREAK}),
        (600, 3000, 86400, OK),  # a second break at C, before the drive home
        (600, 2999, 86400, {Rule.WORKING_BREAK}),  # the drive home alone is too long
    ],
)
def test_gaps_shorten_the_stretches_of_work(gap: int, longest: int, end: int, expected: set[Rule]) -> None:
    assert _found(_working(gap, end=end, max_stretch=longest)) == expected


@pytest.mark.parametrize(
    ("gap", "longest", "expected"),
    [
        # R1 home at B at 2000, R2 begins at A after a drive of 1000 s and is at C 2000 s later, home at 3000 s more.
        (600, 5000, OK),  # break on arrival at A: 3000 before it, 5000 after
        (600, 4999, {Rule.WORKING_BREAK}),
        (600, 6000, OK),
    ],
)
def test_a_break_is_made_where_the_stretches_allow(gap: int, longest: int, expected: set[Rule]) -> None:
    begin = 3000 + gap
    promises = (*R1, ("R2", "pickup", begin), ("R2", "delivery", begin + 2000))
    parameters = neutral(working_time=(WorkingTime(id="arbzg", step=300, max_stretch=longest),))
    problem = instance(
        request("R1"),
        request("R2", "A", "C"),
        commitments=(commitment("D1", *promises),),
        parameters=parameters,
        shifts=(shift(end=begin + 5000),),
    )
    assert _found(problem) == expected


@pytest.mark.parametrize("gap", [300, 599, 600, 900])
@pytest.mark.parametrize(("longest", "expected"), [(8000, OK), (7999, {Rule.WORKING_BREAK})])
def test_where_the_drive_to_the_next_stop_is_too_much_the_break_comes_before_it(
    gap: int, longest: int, expected: set[Rule]
) -> None:
    # 2000 s of work to B and 8000 s of drive to D are too long a stretch together: a break at B, then the drive.
    there = 10000 + gap
    parameters = neutral(working_time=(WorkingTime(id="arbzg", step=300, max_stretch=longest),))
    problem = instance(
        request("R1"),
        request("R2", "D", "D"),
        commitments=(commitment("D1", *R1, ("R2", "pickup", there), ("R2", "delivery", there)),),
        parameters=parameters,
        duties=(duty(end_place="D"),),
        shifts=(shift(end=there),),
    )
    assert _found(problem) == expected


def test_a_profile_with_steps_of_a_second_is_tried_in_coarser_ones() -> None:
    tiers = (BreakTier(span=3999, total=2700),)
    parameters = neutral(working_time=(WorkingTime(id="arbzg", step=1, tiers=tiers),))
    assert _found(_promised(*R1, parameters=parameters, shifts=(shift(end=6700),))) == OK
    assert _found(_promised(*R1, parameters=parameters, shifts=(shift(end=6699),))) == {Rule.WORKING_BREAK}
