"""The parts of the search over whole tours: what fits where, which rides go, what tours make together."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from optimizer.io.cordeau import parse_cordeau
from optimizer.model import InstanceIndex
from optimizer.params import SolveParams
from optimizer.routing.classes import build_fleet
from optimizer.routing.rides import build_rides
from optimizer.search.flow_lns import Alike, LooseSearch, alike, load_kernels
from optimizer.search.flow_lns_insertion import (
    LINES,
    NEVER,
    Ints,
    Plan,
    Tables,
    best_insertion,
    close_tour,
    empty_plan,
    insert,
)
from optimizer.search.flow_lns_recombination import empty_memory, recombined
from optimizer.search.flow_lns_removal import choose_gone
from optimizer.search.observer import SilentObserver
from optimizer.search.stop import Stop

ROOM = 30


def random_tables(seed: int) -> Alike:
    """Twelve rides on two vehicles; windows, ride caps, seats and the length of a tour bind now and then."""
    dice = np.random.default_rng(seed)
    lines = [f"2 24 {dice.integers(150, 250)} 3 {dice.integers(25, 60)}", "0 0 0 0 0 0 300"]
    for i, (x, y) in enumerate(dice.integers(-9, 10, size=(24, 2)).tolist(), start=1):
        begin = int(dice.integers(40, 200))
        window = f"{begin} {begin + 60}" if i % 12 % 2 == (i > 12) and dice.random() < 0.8 else "0 300"
        lines.append(f"{i} {x} {y} 2 {1 if i <= 12 else -1} {window}")
    made = parse_cordeau("\n".join(lines), "loose", "loose")
    index = InstanceIndex(made.instance)
    rides = build_rides(index, made.travel)
    day = alike(made.instance, rides, build_fleet(index, rides, made.travel), made.travel)
    assert day is not None
    return day


def with_ride(plan: Plan, v: int, ride: int, i: int, j: int, day: Tables, work: Ints) -> Plan | None:
    """Return the plan with the ride inserted, worked out anew, ``None`` where that has no timetable."""
    trial = Plan(*(part.copy() for part in plan))
    stops = plan.stops[v, : plan.length[v]].tolist()
    stops = [*stops[: i + 1], 2 * ride, *stops[i + 1 : j + 1], 2 * ride + 1, *stops[j + 1 :]]
    trial.stops[v, : len(stops)] = stops
    trial.length[v] = len(stops)
    trial.tour_of[ride] = v
    sound = close_tour(v, trial, day, work) and trial.aboard[v, : len(stops)].max() <= day.seats
    return trial if sound else None


@pytest.mark.parametrize("seed", range(6))
def test_the_best_place_is_found_and_kept_up_with(seed: int) -> None:
    tables, dice = random_tables(seed), np.random.default_rng(seed)
    day, n = tables.tables(), tables.rides
    plan, work = empty_plan(n, 2, ROOM), np.zeros((LINES, ROOM + 1), dtype=np.int64)
    fitted = refused = 0
    for v in (0, 1):
        assert close_tour(v, plan, day, work)
    for ride in dice.permutation(n).tolist():
        for v in (0, 1):
            m = int(plan.length[v])
            trials = {(i, j): with_ride(plan, v, ride, i, j, day, work) for i in range(m - 1) for j in range(i, m - 1)}
            costs = {places: trial.cost[v] - plan.cost[v] for places, trial in trials.items() if trial is not None}
            added, i, j = best_insertion(ride, v, NEVER, plan, day, work)
            least = min(costs.values(), default=NEVER)
            assert added == least
            if costs:
                assert best_insertion(ride, v, least + 1, plan, day, work) == (least, i, j)
                assert best_insertion(ride, v, least, plan, day, work) == (least, -1, -1), "nothing is cheaper"
            fitted, refused = fitted + len(costs), refused + len(trials) - len(costs)
            if costs and (v == 1 or dice.random() < 0.5):
                insert(ride, v, i, j, plan, day, work)
                truth = trials[i, j]
                assert truth is not None
                size = m + 3
                assert plan.cost[v] == truth.cost[v]
                assert plan.stops[v, : m + 2].tolist() == truth.stops[v, : m + 2].tolist()
                assert plan.aboard[v, : m + 2].tolist() == truth.aboard[v, : m + 2].tolist()
                assert plan.far[v, :size, :size].tolist() == truth.far[v, :size, :size].tolist()
                break
    assert fitted > 20
    assert refused > 20


def test_a_tour_without_a_timetable_is_refused() -> None:
    tables = random_tables(0)
    day, plan = tables.tables(), empty_plan(tables.rides, 2, ROOM)
    work = np.zeros((LINES, ROOM + 1), dtype=np.int64)
    order = [2 * r for r in range(12)] + [2 * r + 1 for r in range(12)]
    plan.stops[0, 1:25] = order
    plan.stops[0, 25] = 25
    plan.length[0] = 26
    assert not close_tour(0, plan, day, work)


def test_rides_are_taken_out_in_all_ways() -> None:
    tables = random_tables(1)
    plan, n = empty_plan(tables.rides, 2, ROOM), tables.rides
    for v in (0, 1):
        stops = [code for r in range(v, n, 2) for code in (2 * r, 2 * r + 1)]
        plan.stops[v, 1 : len(stops) + 1] = stops
        plan.stops[v, len(stops) + 1] = 2 * n + 1
        plan.length[v] = len(stops) + 2
        plan.tour_of[v::2] = v
    dice, near, counts = np.random.default_rng(0), tables.near(), np.zeros(n, dtype=np.int64)
    for _ in range(300):
        gone = np.zeros(n, dtype=np.bool_)
        choose_gone(4, plan, near, tables.cost, gone, dice)
        assert 1 <= gone.sum() <= n
        counts += gone
    assert counts.min() > 10, "nobody stays for ever"


def test_tours_are_put_together_as_well_as_can_be() -> None:
    dice = np.random.default_rng(4)
    rides = 6
    memories = [empty_memory(rides, 10, np.random.default_rng(1)) for _ in range(2)]
    tours: dict[tuple[int, ...], int] = {}
    for slot in range(60):
        inside = tuple(np.nonzero(dice.random(rides) < 0.4)[0].tolist()) or (0,)
        cost = int(dice.integers(10, 100))
        memory = memories[slot % 2]
        memory.key[slot], memory.cost[slot] = memory.lots[list(inside)].sum(), cost
        memory.stops[slot, 1 : 2 * len(inside) + 1] = [code for r in inside for code in (2 * r, 2 * r + 1)]
        memory.length[slot] = 2 * len(inside) + 2
        tours[inside] = min(cost, tours.get(inside, cost))
    best = min(
        sum(tours[inside] for inside in choice)
        for count in (1, 2, 3)
        for choice in permutations(tours, count)
        if sorted(r for inside in choice for r in inside) == list(range(rides))
    )
    with Stop() as stop:
        found = recombined(memories, vehicles=3, below=best + 1, seconds=10.0, seed=0, stop=stop)
        none = recombined(memories, vehicles=3, below=best, seconds=10.0, seed=0, stop=stop)
    assert found is not None
    assert sum(tours[tuple(code // 2 for code in stops[::2])] for stops in found) == best
    assert none is None


def test_two_searches_side_by_side_keep_the_limit() -> None:
    day = random_tables(2)
    with Stop(is_cancelled=lambda: True) as stop:
        assert LooseSearch(day, SolveParams(workers=2), stop, SilentObserver()).run() is None
    load_kernels()
    with Stop() as stop:
        quick = LooseSearch(day, SolveParams(workers=2, rounds=1), stop, SilentObserver())
        quick.run()
    with Stop(1.0) as stop:
        search = LooseSearch(day, SolveParams(workers=2, time_limit=1.0), stop, SilentObserver())
        tours = search.run()
        assert stop.elapsed < 30.0  # Without the limit it would not end.
    assert tours is not None
    assert sorted(code for tour in tours for code in tour) == list(range(24))
    assert search.value <= 1.05 * quick.value


def test_one_search_makes_the_same_plan_again() -> None:
    values = []
    for _ in range(2):
        with Stop() as stop:
            search = LooseSearch(random_tables(2), SolveParams(workers=1, rounds=1), stop, SilentObserver())
            values.append((search.run(), search.value))
    assert values[0] == values[1]


def test_no_tour_is_longer_than_the_room() -> None:
    day = random_tables(3)
    assert day.room() == 2 * day.rides + 2, "all rides in one tour, as far as the least times tell"
    short = replace(day, longest=1)
    assert short.room() == 4
