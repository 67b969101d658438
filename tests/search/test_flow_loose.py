"""The search over whole tours: what it finds keeps every rule, and comes near what brute force knows to be best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.io.cordeau import parse_cordeau
from optimizer.io.problem import Problem
from optimizer.model import InstanceIndex, Stage
from optimizer.params import SolveParams
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import enumerate_fragments, with_sequences
from optimizer.routing.rides import build_rides
from optimizer.search.flow_lns import LooseSearch, alike, blocks_of
from optimizer.search.observer import SilentObserver
from optimizer.search.stop import Stop
from tests.oracle import brute_force
from tests.search.flow_days import random_day
from tests.search.test_flow import run


def loose_day() -> Problem:
    """Eight requests with open windows and long rides: thousands of fragments."""
    dice = np.random.default_rng(5)
    spots = dice.integers(-9, 10, size=(16, 2)).tolist()
    lines = ["2 16 200 6 60", "0 0 0 0 0 0 400"]
    for i, (x, y) in enumerate(spots, start=1):
        window = f"{20 * (i % 8) + 30} {20 * (i % 8) + 60}" if i <= 4 or i > 12 else "0 400"
        lines.append(f"{i} {x} {y} 2 {1 if i <= 8 else -1} {window}")
    return parse_cordeau("\n".join(lines), "loose", "loose")


def test_tours_come_out_as_the_rules_want_them() -> None:
    made = loose_day()
    # Cut short like a day whose fragments are too many, so that the loose search has to add its own.
    ours = run(made.instance, made.travel, limit=1)
    assert ours.outcome is not None
    stage = ours.outcome.stages[0]
    assert ours.value == stage.value  # The checker recomputed it, and found no fault.
    assert stage.proven
    proven = run(made.instance, made.travel)
    assert proven.value is not None
    assert proven.value == stage.value  # Labels over stops and flows of fragments are two roads to the same optimum.


def test_the_same_seed_gives_the_same_plan() -> None:
    made = loose_day()
    assert run(made.instance, made.travel, limit=1).value == run(made.instance, made.travel, limit=1).value


@pytest.mark.parametrize("seed", range(12))
def test_small_days_are_as_brute_force_has_them(seed: int) -> None:
    made = random_day(seed)
    index = InstanceIndex(made.instance)
    rides = build_rides(index, made.travel)
    fleet = build_fleet(index, rides, made.travel)
    day = alike(made.instance, rides, fleet, made.travel)
    if day is None:
        assert len(rides) < len(rides.ids), "only a request that nobody can make keeps these days from this search"
        return
    with Stop() as stop:
        search = LooseSearch(day, SolveParams(workers=1, rounds=1), stop, SilentObserver())
        tours = search.run()
    truth = brute_force(made.instance, made.travel)
    assert (tours is None) == (not truth.feasible)
    if tours is not None:
        assert search.value == truth.values[Stage.COST]


def test_a_stop_is_obeyed_at_once() -> None:
    made = loose_day()
    with Stop(is_cancelled=lambda: True) as stop:
        assert run(made.instance, made.travel, stop, limit=1).outcome is None
        assert stop.elapsed < 30.0  # The whole search takes minutes.


def test_a_day_with_another_rule_is_left_alone() -> None:
    made = loose_day()
    day = made.instance
    index = InstanceIndex(day)
    rides = build_rides(index, made.travel)
    fleet = build_fleet(index, rides, made.travel)
    assert alike(day, rides, fleet, made.travel) is not None
    waits = replace(day, parameters=replace(day.parameters, max_wait=600))
    assert alike(waits, rides, fleet, made.travel) is None
    assert alike(replace(day, serve_all=False), rides, fleet, made.travel) is None


def test_added_sequences_are_judged_like_all_others() -> None:
    made = loose_day()
    index = InstanceIndex(made.instance)
    rides = build_rides(index, made.travel)
    fleet = build_fleet(index, rides, made.travel)
    everything = enumerate_fragments(index, rides, fleet, made.travel, limit=1_000_000)
    few = enumerate_fragments(index, rides, fleet, made.travel, limit=1)
    assert everything.complete
    assert len(few) < len(everything)
    wanted = [everything.stops_of(f).tolist() for f in range(0, len(everything), 50)]
    wrong = [[0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15]]
    both, numbers = with_sequences(few, wanted + wrong, index=index, rides=rides, fleet=fleet, travel=made.travel)
    assert numbers[-1] is None, "eight people on six seats"
    assert np.array_equal(both.figures[: len(few)], few.figures)
    for f, number in zip(range(0, len(everything), 50), numbers, strict=False):
        assert number is not None
        assert both.stops_of(number).tolist() == everything.stops_of(f).tolist()
        assert np.array_equal(both.figures[number], everything.figures[f])
        assert np.array_equal(both.requests[number], everything.requests[f])


def test_tours_are_cut_where_nobody_is_on_board() -> None:
    assert blocks_of([0, 1, 2, 4, 3, 5]) == [[0, 1], [2, 4, 3, 5]]
    assert blocks_of([]) == []
