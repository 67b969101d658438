"""The recipe on small days: what comes out where there is nothing to do, nothing to be done, or little time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optimizer.errors import InvalidValue
from optimizer.io.json import instance_units
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.model import Instance, Need, SeatConfiguration, Solution, Stage, VisitKind, Window
from optimizer.model.units import DAY, HOUR
from optimizer.params import SolveParams
from optimizer.result import Result, Status
from optimizer.simulate.sampling import sample
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard
from tests.builders import (
    FATHER_AND_SON,
    commitment,
    fleet,
    instance,
    line,
    matrix,
    neutral,
    request,
    vehicle,
)
from tests.oracle import brute_force
from tests.properties.solved import QUICK, solve_against_brute_force
from tests.strategies import random_tiny

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})


def values(result: Result) -> dict[Stage, int]:
    return {stage.name: stage.value for stage in result.stages}


# --- nothing to do, nothing to be done --------------------------------------------------------------------------------


def test_an_empty_pool_is_solved() -> None:
    result = solve(instance(), TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.solution == Solution()
    assert values(result)[Stage.SERVED] == 0


def test_without_duties_nobody_is_served() -> None:
    day = instance(request("r"), request("q"), duties=(), shifts=(), crews=(), vehicles=())
    result = solve(day, TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.objective is not None
    assert (result.objective.served_requests, result.objective.unserved_requests) == (0, 2)
    assert values(result)[Stage.SERVED] == 0


def test_a_day_without_anything_is_solved() -> None:
    result = solve(instance(duties=(), shifts=(), crews=(), vehicles=(), zabs=()), TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.gap == 0


def test_requests_that_no_duty_can_ever_carry_stay_unserved() -> None:
    lying = tuple(request(f"r{i}", needs=frozenset({Need.LYING})) for i in range(3))
    result = solve(instance(*lying), TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.solution.served == frozenset()


def test_a_request_without_any_timetable_stays_unserved() -> None:
    # The hand-over window ends before the pick-up window begins: no ride at all comes of it.
    result = solve(instance(request("r", pickup=(5000, 6000), delivery=(0, 100))), TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.objective is not None
    assert result.objective.unserved_requests == 1


def test_a_duty_whose_vehicle_is_away_all_shift_makes_no_tour() -> None:
    away = vehicle(availability=(Window(earliest=3 * DAY, latest=4 * DAY),))
    result = solve(instance(request("r"), vehicles=(away,)), TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.solution == Solution()


def test_a_promise_on_a_duty_whose_vehicle_is_away_leaves_no_plan() -> None:
    away = vehicle(availability=(Window(earliest=3 * DAY, latest=4 * DAY),))
    promised = commitment("D1", ("c", "pickup", 600), ("c", "delivery", 1200))
    result = solve(instance(request("c"), vehicles=(away,), commitments=(promised,)), TRAVEL, QUICK)
    assert result.status is Status.INFEASIBLE
    assert result.objective is None


def test_where_all_must_be_served_and_cannot_there_is_no_plan() -> None:
    day = instance(request("r"), request("q", needs=frozenset({Need.LYING})), serve_all=True)
    for stages in ((Stage.SERVED, Stage.COST), (Stage.COST,), (Stage.CUSTODY,)):
        result = solve(replace(day, stages=stages), TRAVEL, QUICK)
        assert result.status is Status.INFEASIBLE, stages
        assert result.solution == Solution()


def test_every_stage_is_told_in_order() -> None:
    result = solve(instance(request("r", pin="D1")), TRAVEL, QUICK)
    assert [stage.name for stage in result.stages] == list(Stage)
    assert values(result)[Stage.PINNED] == 1


def test_the_tour_leaves_as_late_as_its_shortest_span_allows() -> None:
    day = instance(request("r", "A", "B", pickup=(5000, 9000), delivery=(0, DAY)), stages=(Stage.SERVED, Stage.COST))
    (tour,) = solve(day, TRAVEL, QUICK).solution.tours
    assert tour.span == 2400
    assert [visit.kind for visit in tour.visits] == [
        VisitKind.START, VisitKind.PICKUP, VisitKind.DELIVERY, VisitKind.END,
    ]  # fmt: skip
    assert tour.visits[0].departure + 600 == tour.visits[1].start
    assert tour.visits[1].start >= 5000


# --- cases that a test once found -------------------------------------------------------------------------------------


def test_children_need_no_rests_where_nobody_does() -> None:
    # Without ``rest_every`` the shorter interval for children means nothing: no rests, for the direct drive neither.
    day = instance(
        request("r", "A", "C", party=FATHER_AND_SON),
        parameters=neutral(rest_every=None, rest_every_children=600, rest_length=600),
    )
    result = solve_against_brute_force(day, TRAVEL)
    assert result.objective is not None
    assert (result.objective.custody, result.objective.rest_seconds) == (0, 0)


def test_a_stage_that_does_not_apply_is_no_crash() -> None:
    result = solve_against_brute_force(instance(request("r"), stages=(Stage.PINNED,)), TRAVEL)
    assert result.status is Status.OPTIMAL


def test_a_promise_may_need_a_new_request_to_be_kept() -> None:
    # By way of X it is shorter than direct, but only a stop leads by way of X: the travel times are not metric.
    way = {
        ("A", "B"): 3000,
        ("A", "X"): 600,
        ("X", "B"): 600,
        ("depot", "A"): 600,
        ("depot", "B"): 600,
        ("depot", "X"): 600,
    }
    day = instance(
        request("c", "A", "B"),
        request("r", "A", "X"),
        commitments=(commitment("D1", ("c", "pickup", 3600), ("c", "delivery", 4800)),),
        stages=(Stage.SERVED,),
    )
    result = solve_against_brute_force(day, matrix(way))
    assert result.solution.served == {"c", "r"}


@pytest.mark.parametrize("waiting", [None, "q"])
def test_who_is_promised_counts_no_more_for_being_pinned(waiting: str | None) -> None:
    """A manual assignment is both: promised, and pinned to its duty."""
    kept = commitment("D1", ("r", "pickup", 0), ("r", "delivery", 600))
    others = [] if waiting is None else [request(waiting, "A", "B", pin="D1")]
    day = instance(request("r", "depot", "A", pin="D1"), *others, commitments=(kept,))
    result = solve(day, TRAVEL, QUICK)
    assert result.status is Status.OPTIMAL
    assert result.objective is not None
    assert result.objective.pinned == len(others)
    assert values(result).get(Stage.PINNED) == (len(others) or None)


def test_a_request_of_no_weight_is_refused() -> None:
    # Where all must be served, one that counts nothing was left out without anyone noticing.
    with pytest.raises(InvalidValue, match="1 or more"):
        request("r", weight=0)


@pytest.mark.parametrize("seed", [1399, 2028, 2200, 2596, 3037, 3694, 5824, 7359, 7378])
def test_seeds_that_once_failed(seed: int) -> None:
    solve_against_brute_force(*random_tiny(seed))


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(700, 730))
def test_a_cut_enumeration_never_claims_more_than_is_true(seed: int) -> None:
    day, travel = random_tiny(seed)
    truth = brute_force(day, travel)
    result = solve(day, travel, replace(QUICK, max_fragments=1))
    if not truth.feasible:
        assert result.status in (Status.INFEASIBLE, Status.UNKNOWN)
        assert result.objective is None
    if result.complete or not truth.feasible:
        return
    assert result.status is not Status.INFEASIBLE
    so_far: dict[Stage, int] = {}
    for stage in result.stages:
        optimum = truth.values[stage.name]
        if all(truth.values[earlier] == value for earlier, value in so_far.items()):
            better = stage.bound >= optimum if stage.name.is_maximised else stage.bound <= optimum
            assert better, (seed, stage, optimum)
            assert not stage.proven or stage.value == optimum
        so_far[stage.name] = stage.value
    if result.status is Status.OPTIMAL:
        assert so_far == {stage: truth.values[stage] for stage in so_far}


def test_most_cut_enumerations_are_cut() -> None:
    cut = [solve(*random_tiny(seed), replace(QUICK, max_fragments=1)) for seed in range(700, 730)]
    assert sum(not result.complete for result in cut) > 10
    assert any(result.status is not Status.OPTIMAL for result in cut)


@pytest.mark.parametrize("seed", range(740, 755))
def test_without_columns_for_the_proof_nothing_wrong_is_claimed(seed: int) -> None:
    day, travel = random_tiny(seed)
    truth = brute_force(day, travel)
    result = solve(day, travel, replace(QUICK, max_columns=1))
    assert (result.status is Status.INFEASIBLE) == (not truth.feasible)
    if result.status is Status.OPTIMAL:
        assert values(result) == {stage: truth.values[stage] for stage in values(result)}


# --- the same again ---------------------------------------------------------------------------------------------------


def untimed(result: Result, stated: Problem) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(dump_result(result, stated))
    told["statistics"].pop("seconds")
    return told


def test_one_worker_gives_the_same_result_byte_for_byte() -> None:
    day, travel = sample(requests=14, duties=6, seed=5)
    stated = Problem(instance=day, travel=travel, units=instance_units(day))
    params = SolveParams(workers=1, seed=3, deterministic_limit=20.0)
    one, other = (solve(day, travel, params) for _ in range(2))
    assert one.solution == other.solution
    assert untimed(one, stated) == untimed(other, stated)
    assert one.solution.served


def test_seeds_agree_on_what_is_proven() -> None:
    day, travel = sample(requests=10, duties=5, seed=2)
    one, other = (solve(day, travel, SolveParams(workers=1, seed=seed)) for seed in (1, 2))
    assert one.status is other.status is Status.OPTIMAL
    assert values(one) == values(other)


# --- what all of them keep --------------------------------------------------------------------------------------------


def sound(day: Instance, travel: TravelMatrix, result: Result) -> None:
    assert hard(check(day, travel, result.solution)) == []
    assert result.solution.served <= {request.id for request in day.requests}


@pytest.mark.parametrize("change", [
    pytest.param(lambda day: replace(day, nights=()), id="no nights"),
    pytest.param(lambda day: replace(day, commitments=()), id="no promises"),
    pytest.param(lambda day: replace(day, published=()), id="nothing published"),
    pytest.param(lambda day: replace(day, stages=(Stage.COST,)), id="cost alone"),
])  # fmt: skip
def test_variants_of_a_sampled_day_are_solved_soundly(change: Callable[[Instance], Instance]) -> None:
    day, travel = sample(requests=8, duties=4, seed=9)
    changed = change(day)
    result = solve(changed, travel, SolveParams(workers=1, time_limit=10))
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    sound(changed, travel, result)


def test_a_seat_configuration_may_change_while_nobody_is_on_board() -> None:
    both = (SeatConfiguration(seats=4), SeatConfiguration(seats=3, wheelchair_places=1))
    chair: dict[str, Any] = {"needs": frozenset({Need.WHEELCHAIR}), "wheelchairs": 1}
    day = instance(
        request("r", "A", "B", load=2),
        request("q", "B", "C", load=0, **chair),
        vehicles=(vehicle(configurations=both),),
    )
    assert values(solve_against_brute_force(day, TRAVEL))[Stage.SERVED] == 2
    at_once = instance(
        request("r", "A", "C", load=2, pickup=(600, 600), delivery=(1800, 1800)),
        request("q", "A", "C", load=0, pickup=(600, 600), delivery=(1800, 1800), **chair),
        vehicles=(vehicle(configurations=both),),
    )
    assert values(solve_against_brute_force(at_once, TRAVEL))[Stage.SERVED] == 1


def test_two_duties_alike_serve_what_one_cannot() -> None:
    at_once = [
        request(name, "A", "B", pickup=(HOUR, HOUR), delivery=(HOUR, 2 * HOUR), load=7) for name in ("r", "q", "p")
    ]
    assert values(solve(instance(*at_once), TRAVEL, QUICK))[Stage.SERVED] == 1
    assert values(solve(instance(*at_once, **fleet(2)), TRAVEL, QUICK))[Stage.SERVED] == 2
    assert values(solve(instance(*at_once, **fleet(3)), TRAVEL, QUICK))[Stage.SERVED] == 3
