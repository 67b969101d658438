"""Loose days settled: what is proven best is best, found by brute force; bounds are bounds."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from optimizer.io.cordeau import read_cordeau
from optimizer.params import SolveParams
from optimizer.result import Status
from optimizer.routing.stop_day import backward, tour_cost
from optimizer.search.loose_pricing import Multipliers, StopPricing, Tour
from optimizer.search.loose_proof import Proof, prove
from optimizer.search.loose_relaxation import Bounded
from optimizer.search.observer import SilentObserver
from optimizer.search.stop import Stop
from optimizer.solve import solve
from tests.search.oracle_tours import NONE, Tables, best_of_sets, partition, random_tables

FEW = 50_000


def settled(tables: Tables, plan: list[Tour], *, many: int = 20_000, cancelled: bool = False) -> Proof:
    with Stop(None, lambda: cancelled) as stop:
        if cancelled:
            stop.flag[0] = True
        return prove(
            tables.day(), tables.vehicles, plan, stop=stop, observer=SilentObserver(), many=many, most_labels=FEW
        )


def listed(tables: Tables, seed: int) -> tuple[dict[int, Tour], Multipliers]:
    """All tours by their set of rides, at random prices: what ``within`` gives without any limit on cost."""
    n = len(tables.cap)
    dice = np.random.default_rng(seed)
    triples = [sum(1 << int(r) for r in dice.choice(n, 3, replace=False)) for _ in range(3)] if n >= 3 else []
    multipliers = Multipliers(
        scale=4,
        price=dice.integers(-40, 400, size=n),
        tour=-int(dice.integers(0, 50)),
        cuts=tuple(triples),
        fine=dice.integers(0, 60, size=len(triples)),
    )
    halt = np.zeros(1, dtype=np.bool_)
    tours = StopPricing(tables.day(), halt, most_labels=FEW).within(multipliers, 1 << 50)
    assert tours is not None
    cheapest: dict[int, Tour] = {}
    for tour in sorted(tours, key=lambda t: tour_cost(tables.day(), list(t)), reverse=True):
        cheapest[sum(1 << stop // 2 for stop in tour if stop % 2 == 0)] = tour
    return cheapest, multipliers


def reduced(tables: Tables, rides: int, cost: int, m: Multipliers) -> int:
    value = cost * m.scale - m.tour - sum(int(p) for r, p in enumerate(m.price) if rides >> r & 1)
    return value + sum(int(f) * ((rides & c).bit_count() // 2) for c, f in zip(m.cuts, m.fine, strict=True))


def check_tables(seed: int, most: int = 5) -> bool:
    """One random day against brute force; whether it has a plan."""
    tables = random_tables(seed, most)
    best = best_of_sets(tables)
    day = tables.day()
    cheapest, multipliers = listed(tables, seed)
    assert sorted(cheapest) == [s for s in range(1, len(best)) if best[s] < NONE]
    assert all(tour_cost(day, list(tour)) == best[rides] for rides, tour in cheapest.items())
    values = {s: reduced(tables, s, int(best[s]), multipliers) for s in cheapest}
    pricing = StopPricing(day, np.zeros(1, dtype=np.bool_), most_labels=FEW)
    priced = pricing.price(multipliers, kind=0, seats=tables.seats, most_tours=10)
    assert priced is not None
    assert priced.is_exact
    if values:
        assert priced.least == min(values.values())
        limit = sorted(values.values())[len(values) // 2]
        tours = pricing.within(multipliers, limit)
        assert tours is not None
        sets = {sum(1 << stop // 2 for stop in tour if stop % 2 == 0): tour_cost(day, list(tour)) for tour in tours}
        for rides, value in values.items():
            assert value > limit or rides in sets
        assert all(min(tour_cost(day, list(t)) for t in tours if frozenset(t) == frozenset(u)) == best[r]
                   for r, u in ((r, cheapest[r]) for r in values if values[r] <= limit))  # fmt: skip
    plan, dear = partition(tables, best), partition(tables, best, dearest=True)
    if plan is None or dear is None:
        return False
    optimum = sum(int(best[rides]) for rides in plan)
    bounded = Bounded(multipliers=multipliers, least=min(0, priced.least), vehicles=tables.vehicles)
    assert bounded.exact <= optimum * multipliers.scale
    assert all(values[rides] <= bounded.most_reduced(optimum) for rides in plan)
    for start, many in ((dear, 20_000), (dear, 0), (plan, 0)):
        proof = settled(tables, [cheapest[rides] for rides in start], many=many)
        assert proof.value == proof.bound == optimum, f"{seed}: {proof.value}, {proof.bound}, {optimum}"
        assert sum(tour_cost(day, list(tour)) for tour in proof.tours) == optimum
        assert sorted(stop for tour in proof.tours for stop in tour) == list(range(2 * len(tables.cap)))
    return True


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_what_is_proven_is_what_brute_force_finds(first: int) -> None:
    assert sum(check_tables(seed, 4) for seed in range(first, first + 30)) >= 10


@pytest.mark.parametrize("seed", [1065, 1118, 1234])
def test_where_it_matters_what_a_label_has_left(seed: int) -> None:
    assert check_tables(seed)


@pytest.mark.slow
def test_many_more() -> None:
    assert sum(check_tables(seed) for seed in range(1_000, 3_500)) >= 1_000


@pytest.mark.slow
@pytest.mark.parametrize(("name", "published"), [("R1a", 190.02), ("R1b", 164.46)])
def test_public_loose_days_are_proven(name: str, published: float) -> None:
    path = Path(__file__).parents[3] / "shared" / "instances" / "darp" / f"{name}.txt"
    if not path.exists():
        pytest.skip(f"the public instance {path.name} is not there: expected {path}")
    problem = read_cordeau(path)
    result = solve(problem.instance, problem.travel, SolveParams(time_limit=60))
    assert result.status is Status.OPTIMAL
    assert round(problem.units.cost(result.stages[0].value), 2) == published


def test_a_day_read_backward_has_the_same_tours() -> None:
    for seed in range(20):
        tables = random_tables(seed, 3)
        day = tables.day()
        n = len(tables.cap)
        back, _ = backward(day)
        for seq in permutations(range(2 * n)):
            if any(seq.index(2 * r) > seq.index(2 * r + 1) for r in range(n)):
                continue
            turned = [stop ^ 1 for stop in reversed(seq)]
            assert tour_cost(back, turned) == tour_cost(day, list(seq))
    again, _ = backward(back)
    assert np.array_equal(again.lag, day.lag)
    assert np.array_equal(np.diff(again.window), np.diff(day.window))
    assert np.array_equal(again.toll, day.toll)


def test_a_stop_claims_nothing() -> None:
    tables = random_tables(3, 4)
    best = best_of_sets(tables)
    dear = partition(tables, best, dearest=True)
    assert dear is not None
    cheapest, _ = listed(tables, 0)
    proof = settled(tables, [cheapest[rides] for rides in dear], cancelled=True)
    assert proof.bound == 0
    assert proof.value == sum(int(best[rides]) for rides in dear)
