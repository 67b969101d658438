"""The oracle against known answers, against the checker, and against a slower way to do the same."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.model import (
    NRW_STAGES,
    Assignment,
    BreakTier,
    Commitment,
    Crew,
    Duty,
    Instance,
    ParameterSet,
    Place,
    PlaceKind,
    Promise,
    Request,
    Rule,
    SeatConfiguration,
    Shift,
    Stage,
    Stop,
    Vehicle,
    VisitKind,
    Window,
    WorkingTime,
    Zab,
)
from optimizer.travel.matrix import TravelMatrix
from tests import oracle
from tests.oracle import OracleResult, OracleTour, brute_force
from tests.oracle_sequences import DutyRules
from tests.oracle_timetable import BreakAt, Course, Step, best_timetable, solve_exactly
from tests.strategies import random_tiny, tiny_instances
from tests.strategies_requests import MAN, SLOT

# --- a little world on a line: depot D, then A, B, C, each 600 s and 10 km further ------------------------------------

LINE = "DABC"
METRES, SECONDS = 10_000, 600
RATE_PER_METRE, RATE_PER_SECOND = 600, 10_000


def line() -> TravelMatrix:
    steps = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    return TravelMatrix(
        places=tuple(LINE),
        seconds=(steps * SECONDS).astype(np.int64),
        metres=(steps * METRES).astype(np.int64),
        sources=np.zeros((4, 4), np.uint8),
        tags=("test",),
    )


def trip(name: str, origin: str, goal: str, begin: int, end: int, **more: Any) -> Request:
    """One man from ``origin`` to ``goal``, any time between ``begin`` and ``end``; 300 s of service at either end."""
    return Request(
        id=name,
        pickup=Stop(place=origin, earliest=begin, latest=more.pop("pickup_latest", end), service=300),
        delivery=Stop(place=goal, earliest=more.pop("delivery_earliest", begin), latest=end, service=300),
        **{"party": MAN, **more},
    )


def world(*requests: Request, duties: int = 1, one_crew: bool = False, seats: int = 3, **more: Any) -> Instance:
    """``duties`` duties from depot D, all day 10,000..30,000, two free seats each."""
    profile = more.pop("profile", WorkingTime(id="arbzg"))
    parameters = more.pop("parameters", ParameterSet(id="test"))
    return Instance(
        name="line",
        places=tuple(Place(id=name, name=name, kind=PlaceKind.NODE) for name in LINE),
        zabs=more.pop("zabs", (Zab(id="Z", name="Z"),)),
        vehicles=tuple(
            Vehicle(id=f"V{i}", zab="Z", configurations=(SeatConfiguration(seats=seats),), cost_per_km=60)
            for i in range(duties)
        ),
        crews=tuple(
            Crew(id=f"C{i}", zab="Z", heads=1, officers=1, female_officers=1, cost_per_hour=3600)
            for i in range(1 if one_crew else duties)
        ),
        shifts=tuple(
            Shift(id=f"S{i}", crew="C0" if one_crew else f"C{i}", start=10_000, end=30_000) for i in range(duties)
        ),
        duties=tuple(
            Duty(id=f"D{i}", shift=f"S{i}", vehicle=f"V{i}", start_place="D", end_place="D") for i in range(duties)
        ),
        requests=requests,
        parameters=replace(parameters, working_time=(profile,)),
        **more,
    )


def solve(instance: Instance) -> OracleResult:
    return brute_force(instance, line())


def cost(metres: int, span: int) -> int:
    return metres * RATE_PER_METRE + span * RATE_PER_SECOND


def breaks(result: OracleResult) -> list[tuple[str | None, int]]:
    return [
        (visit.place, visit.departure - visit.start)
        for tour in result.solution.tours
        for visit in tour.visits
        if visit.kind is VisitKind.BREAK
    ]


def test_one_request_is_carried_at_its_direct_time_and_exact_cost() -> None:
    result = solve(world(trip("r", "A", "C", 12_000, 20_000)))
    assert result.values == {
        Stage.PINNED: 0,
        Stage.SERVED: 1,
        Stage.CUSTODY: 0,
        Stage.NIGHT: 0,
        Stage.FAIR_LOAD: 1000,
        Stage.CHANGES: 0,
        Stage.COST: cost(60_000, 3600 + 600),
    }


def test_where_only_cost_counts_nobody_is_carried() -> None:
    result = solve(replace(world(trip("r", "A", "C", 12_000, 20_000)), stages=(Stage.COST,)))
    assert result.feasible
    assert result.values == {Stage.COST: 0}
    assert result.solution.tours == ()


def test_two_that_must_ride_at_once_are_pooled() -> None:
    # One sits through the other's pick-up (300 s), one through the other's hand-over.
    both = (trip("r", "A", "C", 12_000, 14_100), trip("q", "B", "C", 12_000, 14_100))
    result = solve(world(*both))
    assert (result.values[Stage.SERVED], result.values[Stage.CUSTODY]) == (2, 300 + 300)
    assert solve(world(*both, seats=2)).values[Stage.SERVED] == 1


def test_two_with_time_enough_ride_one_after_the_other_for_the_sake_of_custody() -> None:
    both = (trip("r", "A", "C", 12_000, 20_000), trip("q", "B", "C", 12_000, 20_000))
    assert solve(world(*both)).values[Stage.CUSTODY] == 0
    pooled = solve(replace(world(*both), stages=(Stage.SERVED, Stage.COST)))
    assert pooled.values == {Stage.SERVED: 2, Stage.COST: cost(60_000, 3600 + 1200)}


def test_a_bundle_is_carried_whole_or_not_at_all() -> None:
    outward = trip("out", "A", "C", 12_000, 14_000, bundle="x")
    impossible = trip("back", "C", "A", 29_000, 29_100, bundle="x")
    assert solve(world(outward, impossible)).values[Stage.SERVED] == 0
    possible = trip("back", "C", "A", 20_000, 22_000, bundle="x", weight=3)
    result = solve(world(outward, possible))
    assert result.values[Stage.SERVED] == 3, "a bundle counts once, with its greatest weight"
    assert result.solution.served == {"out", "back"}


def committed_world(*pool: Request, seats: int = 3, tolerance: int = 0, begin: int = 15_000) -> Instance:
    promise = Commitment(
        duty="D0",
        promises=(
            Promise(request="c", kind=VisitKind.PICKUP, start=begin),
            Promise(request="c", kind=VisitKind.DELIVERY, start=begin + 1500),
        ),
        tolerance=tolerance,
    )
    return world(*pool, trip("c", "A", "C", begin, begin + 2000), commitments=(promise,), seats=seats)


def test_a_free_seat_on_a_promised_tour_is_used() -> None:
    same_way = trip("r", "A", "C", 14_000, 17_000)
    result = solve(committed_world(same_way, seats=3))
    assert result.values[Stage.SERVED] == 1
    # With room for one only, it must come before or after: here the windows leave no time for that.
    tight = trip("r", "A", "C", 14_000, 16_900)
    assert solve(committed_world(tight, seats=2)).values[Stage.SERVED] == 0
    result = solve(committed_world(tight, seats=3))
    assert result.values[Stage.SERVED] == 1
    # In before c, out after it: 300 s of the other's service at either end. The promised times stand.
    assert result.values[Stage.CUSTODY] == 600
    starts = {(v.request, v.kind): v.start for tour in result.solution.tours for v in tour.visits}
    assert (starts["c", VisitKind.PICKUP], starts["c", VisitKind.DELIVERY]) == (15_000, 16_500)


def test_a_tolerance_makes_room_for_a_stop_on_the_way() -> None:
    # 300 s of service on the way: half of it by beginning earlier, half by arriving later.
    on_the_way = trip("r", "B", "C", 15_000, 18_000, pickup_latest=15_900)
    assert solve(committed_world(on_the_way)).values[Stage.SERVED] == 0
    assert solve(committed_world(on_the_way, tolerance=149)).values[Stage.SERVED] == 0
    assert solve(committed_world(on_the_way, tolerance=150)).values[Stage.SERVED] == 1


def test_a_promise_that_cannot_be_kept_leaves_no_plan() -> None:
    result = solve(committed_world(begin=10_000))
    assert not result.feasible
    assert result.values == {}


def test_a_long_tour_gets_the_break_it_needs() -> None:
    profile = WorkingTime(id="arbzg", tiers=(BreakTier(span=4199, total=900),))
    result = solve(world(trip("r", "A", "C", 12_000, 20_000), profile=profile))
    assert sum(length for _, length in breaks(result)) == 900
    assert result.values[Stage.COST] == cost(60_000, 4200 + 900)
    at_the_edge = replace(profile, tiers=(BreakTier(span=4200, total=900),))
    assert breaks(solve(world(trip("r", "A", "C", 12_000, 20_000), profile=at_the_edge))) == []


def test_parts_shorter_than_a_step_do_not_count() -> None:
    # Two rides with 1,400 s of idling between them count one step of 900, so that 1,800 need another break.
    profile = WorkingTime(id="arbzg", tiers=(BreakTier(span=4999, total=1800),))
    rides = (
        trip("r", "A", "B", 12_000, 20_000, pickup_latest=12_000),
        trip("q", "B", "A", 14_600, 20_000, pickup_latest=14_600),
    )
    result = solve(world(*rides, profile=profile))
    assert sorted(length for _, length in breaks(result)) == [900, 1400]
    assert result.values[Stage.COST] == cost(40_000, 5000 + 900)


@pytest.mark.parametrize(
    ("stretch", "places"),
    [(1799, None), (1800, ["A", "C"]), (2399, ["A", "C"]), (2400, ["C"]), (4199, ["C"]), (4200, [])],
)
def test_the_longest_stretch_decides_where_breaks_must_lie(stretch: int, places: list[str] | None) -> None:
    # D-A-C-D: 600, then 300, 1200, 300, then 1800 s. A break at A leaves 3,600 s in one; one at C 2,400 and 1,800.
    profile = WorkingTime(id="arbzg", max_stretch=stretch)
    result = solve(world(trip("r", "A", "C", 12_000, 20_000), profile=profile))
    assert result.values[Stage.SERVED] == (places is not None)
    made = breaks(result)
    assert len(made) == len(places or [])
    assert all(length == 900 for _, length in made)
    if stretch < 3600:
        assert [place for place, _ in made] == (places or [])


@pytest.mark.parametrize(
    ("first", "second", "stretch", "place"),
    [
        # Work 1,800, drive B-D 1,200, work 4,200: only a break after the drive keeps both parts within 4,200.
        (("A", "B"), ("D", "C"), 4200, "D"),
        # Work 2,400, drive C-B 600, work 1,800: only a break before the drive keeps both parts within 2,400.
        (("D", "C"), ("B", "A"), 2400, "C"),
    ],
)
def test_a_break_between_rides_lies_before_or_after_the_drive(
    first: tuple[str, str], second: tuple[str, str], stretch: int, place: str
) -> None:
    rides = (trip("r", *first, 12_000, 30_000, pickup_latest=12_000), trip("q", *second, 13_000, 30_000))
    result = solve(world(*rides, profile=WorkingTime(id="arbzg", max_stretch=stretch)))
    assert result.values[Stage.SERVED] == 2
    assert breaks(result) == [(place, 900)]


def test_night_on_board_is_what_lies_in_the_night() -> None:
    # On board 14,000 + 300 .. at least 15,500; night from 15,000.
    night = (Window(earliest=15_000, latest=40_000),)
    ride = trip("r", "A", "C", 14_000, 20_000, pickup_latest=14_000)
    result = solve(world(ride, nights=night))
    assert (result.values[Stage.SERVED], result.values[Stage.NIGHT], result.values[Stage.CUSTODY]) == (1, 500, 0)


def test_a_pickup_is_not_moved_into_the_night() -> None:
    # The hand-over opens late: the later the pick-up, the less custody; the last second of the day is the best.
    night = (Window(earliest=14_000, latest=16_000),)
    ride = trip("r", "A", "C", 13_000, 20_000, pickup_latest=15_000, delivery_earliest=16_000)
    result = solve(world(ride, nights=night))
    assert result.values[Stage.CUSTODY] == 16_000 - (13_999 + 300) - 1200
    grounded = solve(world(replace(ride, night_ground=True), nights=night))
    assert grounded.values[Stage.CUSTODY] == 0
    after = trip("r", "A", "C", 13_000, 20_000, delivery_earliest=16_000)
    result = solve(world(after, nights=night))
    assert (result.values[Stage.CUSTODY], result.values[Stage.NIGHT]) == (0, 0), "the other side of the night is open"


def test_one_crew_makes_one_of_two_duties() -> None:
    apart = (trip("r", "A", "C", 12_000, 13_600), trip("q", "C", "A", 12_000, 13_600))
    assert solve(world(*apart, duties=2)).values[Stage.SERVED] == 2
    assert solve(world(*apart, duties=2, one_crew=True)).values[Stage.SERVED] == 1


def test_a_budget_counts_new_requests() -> None:
    both = (trip("r", "A", "B", 12_000, 20_000), trip("q", "B", "C", 12_000, 20_000, weight=5))
    result = solve(world(*both, zabs=(Zab(id="Z", name="Z", budget=1),)))
    assert result.solution.served == {"q"}


def test_a_pin_comes_first_and_binds_to_its_duty() -> None:
    pinned = trip("r", "A", "C", 12_000, 13_600, pin="D1")
    rival = trip("q", "C", "A", 12_000, 13_600, weight=100)
    result = solve(world(pinned, rival, duties=2, one_crew=True))
    assert result.solution.duty_by_request == {"r": "D1"}
    assert (result.values[Stage.PINNED], result.values[Stage.SERVED]) == (1, 1)


def test_the_published_duty_is_kept_where_nothing_else_is_lost() -> None:
    request = trip("r", "A", "C", 12_000, 20_000)
    result = solve(world(request, duties=2, published=(Assignment(request="r", duty="D1"),)))
    assert result.values[Stage.CHANGES] == 0
    assert result.solution.duty_by_request == {"r": "D1"}


def test_serving_all_is_impossible_where_one_cannot_be_served() -> None:
    both = (trip("r", "A", "C", 12_000, 13_600), trip("q", "C", "A", 12_000, 13_600))
    assert not solve(world(*both, serve_all=True)).feasible
    assert solve(world(*both, duties=2, serve_all=True)).feasible


# --- against a slower way ---------------------------------------------------------------------------------------------


def random_course(rng: random.Random) -> Course:
    """Two or four stops within a short day of 24 slots, with every kind of constraint on times."""
    orders = ("pd", "pdPD", "pPdD", "pPDd")
    order = rng.choice(orders)
    steps: list[Step] = []
    aboard = 0
    now = 0
    for letter in order:
        drive = SLOT * rng.randint(0, 2)
        now += drive + SLOT * rng.randint(0, 1)
        service = SLOT * rng.randint(0, 1)
        steps.append(
            Step(
                request="2" if letter in "PD" else "1",
                kind=VisitKind.PICKUP if letter in "pP" else VisitKind.DELIVERY,
                place="x",
                earliest=max(0, now - SLOT * rng.randint(0, 2)),
                latest=now + SLOT * rng.randint(0, 2),
                service=service,
                drive=drive,
                rests=0,
                rest_seconds=0,
                aboard=aboard > 0,
            )
        )
        now += service
        aboard += 1 if letter in "pP" else -1
    names = {step.request for step in steps}
    profile = WorkingTime(
        id="x",
        step=rng.choice((300, 600)),
        tiers=(BreakTier(span=SLOT * rng.randint(3, 10), total=600),) if rng.random() < 0.6 else (),
        max_stretch=SLOT * rng.randint(3, 9) if rng.random() < 0.5 else None,
    )
    order_of_stages = [Stage.CUSTODY, Stage.NIGHT, Stage.COST]
    rng.shuffle(order_of_stages)
    night = SLOT * rng.randint(0, 10)
    return Course(
        steps=tuple(steps),
        home=SLOT * rng.randint(0, 2),
        window=Window(earliest=0, latest=now + SLOT * rng.randint(1, 5)),
        caps={name: SLOT * rng.randint(1, 8) if rng.random() < 0.4 else None for name in names},
        directs=dict.fromkeys(names, 300),
        max_wait=SLOT * rng.randint(0, 2) if rng.random() < 0.5 else None,
        max_span=SLOT * rng.randint(4, 14) if rng.random() < 0.4 else None,
        profile=profile if rng.random() < 0.8 else None,
        nights=(Window(earliest=night, latest=night + SLOT * rng.randint(1, 6)),) if rng.random() < 0.6 else (),
        fixed_cost=7,
        rate=rng.choice((0, 3)),
        order=tuple(order_of_stages[: rng.randint(1, 3)]),
    )


def try_everything(course: Course) -> tuple[int, ...] | None:
    """The best vector over all timetables on the grid and all ways to place breaks, by counting them up."""
    empty = [leg for leg, (_, _, aboard) in enumerate(course.legs) if not aboard]
    patterns = [
        {leg: at for leg, at in zip(empty, choice, strict=True) if at is not None}
        for choice in product((None, *BreakAt), repeat=len(empty))
    ]
    if course.profile is None:
        patterns = [{}]
    best: tuple[int, ...] | None = None
    grid = range(course.window.earliest, course.window.latest + 1, SLOT)

    def extend(times: tuple[int, ...]) -> None:
        nonlocal best
        if len(times) == len(course.steps) + 2:
            if any(course.is_legal(times, pattern) for pattern in patterns):
                vector = course.vector(course.values(times))
                best = vector if best is None else min(best, vector)
            return
        service, drive, _ = course.legs[len(times) - 1]
        for time in grid:
            if time >= times[-1] + service + drive:
                if len(times) <= len(course.steps):
                    step = course.steps[len(times) - 1]
                    if not step.earliest <= time <= step.latest:
                        continue
                extend((*times, time))

    for start in grid:
        extend((start,))
    return best


def test_timetables_equal_those_found_by_trying_every_one() -> None:
    rng = random.Random(4)
    feasible = with_breaks = 0
    for _ in range(150):
        course = random_course(rng)
        found = best_timetable(course)
        assert (course.vector(found.values) if found else None) == try_everything(course), course
        if found is not None:
            feasible += 1
            with_breaks += bool(found.breaks)
    assert feasible >= 40
    assert with_breaks >= 10


def test_the_shortcuts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without bounds and without the compact timetables, each set of each duty has the same best value."""

    def all_by_the_model(duty: str, rules: DutyRules) -> list[OracleTour]:
        best: dict[frozenset[str], tuple[tuple[int, ...], OracleTour]] = {}
        for served, course in rules.courses():
            found = solve_exactly(course)
            if found is not None:
                vector = course.vector(found.values)
                assert vector >= course.vector(course.bound)
                tour = OracleTour(duty=duty, served=served, course=course, timetable=found)
                best[served] = min(best.get(served, (vector, tour)), (vector, tour), key=lambda pair: pair[0])
        return [tour for _, tour in best.values()]

    def worth(result: OracleResult) -> dict[tuple[str, frozenset[str]], tuple[int, ...]]:
        return {(t.duty, t.served): t.course.vector(t.timetable.values) for t in result.tours}

    compared = 0
    for seed in range(1000, 1040):
        quick = brute_force(*random_tiny(seed))
        with monkeypatch.context() as patch:
            patch.setattr(oracle, "_best_tours", all_by_the_model)
            slow = brute_force(*random_tiny(seed))
        assert worth(quick) == worth(slow), seed
        assert (quick.feasible, quick.values) == (slow.feasible, slow.values), seed
        compared += len(quick.tours)
    assert compared > 50


# --- random instances -------------------------------------------------------------------------------------------------


def test_random_instances_are_checked_and_often_interesting() -> None:
    """``brute_force`` itself asserts that the checker is silent and that the recomputed objective is the same."""
    seen: Counter[str] = Counter()
    for seed in range(80):
        instance, travel = random_tiny(seed)
        result = brute_force(instance, travel)
        seen["feasible"] += result.feasible
        seen["infeasible"] += not result.feasible
        seen["serves"] += bool(result.solution.served)
        seen["breaks"] += bool(breaks(result))
        seen["custody"] += result.values.get(Stage.CUSTODY, 0) > 0
        seen["night"] += result.values.get(Stage.NIGHT, 0) > 0
        seen["several duties"] += len(result.solution.tours) > 1
        seen["all stages"] += instance.stages == NRW_STAGES
    assert seen["feasible"] >= 50
    assert min(seen.values()) >= 3, seen
    assert len(seen) == 8


@given(drawn=tiny_instances())
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_instances_drawn_by_hypothesis_are_checked_as_well(drawn: tuple[Instance, TravelMatrix]) -> None:
    result = brute_force(*drawn)
    assert set(result.values) == (set(drawn[0].stages) if result.feasible else set())


def test_a_seed_gives_the_same_instance_again() -> None:
    (one, travel), (other, same_travel) = random_tiny(7), random_tiny(7)
    assert one == other
    assert np.array_equal(travel.seconds, same_travel.seconds)
    assert one != replace(random_tiny(8)[0], name=one.name)


OUT_OF_REACH = frozenset({Rule.ONCE_PER_REQUEST, Rule.PAIRING, Rule.DRIVE_TIME, Rule.DRIVER_BREAK})
"""The first three hold by construction of sequences and plans; the driver's break only warns."""


SHOWING = (
    0, 1, 2, 7, 12, 16, 18, 20, 21, 23, 25, 26, 29, 32, 33, 34, 36, 37, 42, 44, 49, 52, 70, 98, 101, 103, 148, 276, 578,
)  # fmt: skip


def _clocks_that_tick(instance: Instance) -> set[Rule]:
    """Rules inside timetables that can matter; all others count what they turn away, and change nothing otherwise."""
    p = instance.parameters
    matter = {
        Rule.WINDOW: True,
        Rule.SHIFT_SPAN: True,
        Rule.DEPOT: any(vehicle.availability for vehicle in instance.vehicles),
        Rule.COMMITMENT: bool(instance.commitments),
        Rule.WORKING_BREAK: any(profile.tiers or profile.max_stretch for profile in p.working_time),
        Rule.RIDE_TIME: any(c is not None for c in (p.ride_cap, p.ride_cap_children))
        or any(request.max_ride is not None for request in instance.requests),
        Rule.DETOUR: p.detour_permille is not None,
        Rule.WAIT_ON_BOARD: p.max_wait is not None,
        Rule.REST_STOP: p.rest_every is not None,
        Rule.NIGHT_PICKUP: bool(instance.nights),
        Rule.NIGHT_CHILDREN: bool(instance.nights) and any(r.party.has_children for r in instance.requests),
    }
    return {rule for rule, does in matter.items() if does}


def test_every_rule_makes_a_difference_somewhere() -> None:
    """Switching a rule off changes the best value of some instance: no rule is there for show."""
    missing = set(Rule) - OUT_OF_REACH
    # The seeds that show a new one; where days are drawn otherwise one day, all seeds are looked through again.
    for seed in (*SHOWING, *range(1000)):
        instance, travel = random_tiny(seed)
        whole = brute_force(instance, travel, verify=False)
        for rule in sorted(missing):
            if rule in _clocks_that_tick(instance) or whole.rejections[rule]:
                without = brute_force(instance, travel, off=frozenset({rule}))
                if (without.feasible, without.values) != (whole.feasible, whole.values):
                    missing.discard(rule)
        if not missing:
            break
    assert not missing
