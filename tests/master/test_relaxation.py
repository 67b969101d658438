"""The bounds of the relaxation: never better than the optimum of brute force, whatever the duals."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from optimizer.master.relaxation import Duals, Relaxation, sign
from optimizer.model import Stage
from optimizer.search.observer import SilentObserver
from optimizer.search.stop import Stop
from tests.builders import fleet, instance, line, request
from tests.oracle import brute_force
from tests.routing.prepared import Prepared, prepare
from tests.strategies import random_tiny

HUGE = 1 << 57
TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})


def bound_with(made: Prepared, relaxation: Relaxation, duals: Duals) -> int:
    """The bound that duals give, with the least reduced cost of every class by exact pricing over all tours."""
    least = {}
    for duty_class in made.fleet.classes:
        found = made.generation.price(duty_class, relaxation.stage, duals, HUGE, keep_all=False, most=10_000)
        assert found.complete
        least[duty_class.number] = min(found.least, HUGE) - made.generation.own_duals(duty_class, duals)
    counts = {c.number: (1 if c.promises else 0, c.count) for c in made.fleet.classes}
    return -(-relaxation.exact(duals, least, counts) // duals.scale)


def perturbed(rng: random.Random, duals: Duals) -> Duals:
    """Duals of any sign, some of them far off; those of fixed stages stay of the sign that makes them bounds."""
    largest = max(1, int(np.abs(duals.rows).max(initial=0)))
    reach = rng.choice((3, largest // 10 + 1, largest))
    rows = duals.rows + np.array([rng.randint(-reach, reach) for _ in duals.rows], dtype=np.int64)
    if rng.random() < 0.2:
        rows = np.zeros_like(rows)
    fixed = {stage: min(0, dual + rng.randint(-reach, reach)) for stage, dual in duals.fixed.items()}
    return replace(duals, rows=rows, fixed=fixed)


def hold_against_brute_force(seed: int) -> int:
    """Check every stage of a tiny instance; return how many."""
    day, travel = random_tiny(seed)
    day = replace(day, serve_all=False)
    truth = brute_force(day, travel)
    made = prepare(day, travel)
    broken = made.generation.seed()
    if not truth.feasible or broken:
        return 0
    rng = random.Random(seed)
    fixed: dict[Stage, int] = {}
    checked = 0
    for stage in day.stages:
        optimum = sign(stage) * truth.values[stage]
        bounded = made.generation.run(stage, fixed, Stop(), SilentObserver())
        if bounded.bound is not None:
            assert bounded.bound <= optimum, (seed, stage)
            checked += 1
        if bounded.duals is not None and bounded.exact is not None:
            assert -(-bounded.exact // bounded.duals.scale) <= optimum
            relaxation = Relaxation(made.rows, stage, fixed)
            assert bound_with(made, relaxation, bounded.duals) <= optimum
            for _ in range(3):
                assert bound_with(made, relaxation, perturbed(rng, bounded.duals)) <= optimum, (seed, stage)
        fixed[stage] = truth.values[stage]
    return checked


def test_no_bound_is_better_than_the_optimum() -> None:
    assert sum(hold_against_brute_force(seed) for seed in range(60)) > 150


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 3000, 100))
def test_no_bound_is_better_than_the_optimum_on_many_instances(first: int) -> None:
    for seed in range(first, first + 100):
        hold_against_brute_force(seed)


def test_the_bound_is_tight_where_the_relaxation_is_whole() -> None:
    day = instance(request("r", "A", "B"), request("q", "B", "C"), **fleet(2), stages=(Stage.SERVED, Stage.COST))
    made = prepare(day, TRAVEL)
    made.generation.seed()
    bounded = made.generation.run(Stage.SERVED, {}, Stop(), SilentObserver())
    assert bounded.bound == -2
    assert bounded.converged


def test_a_removed_column_is_used_no_more() -> None:
    day = instance(request("r", "A", "B"), **fleet(1), stages=(Stage.SERVED,))
    made = prepare(day, TRAVEL)
    made.generation.run(Stage.SERVED, {}, Stop(), SilentObserver())
    relaxation = Relaxation(made.rows, Stage.SERVED, {})
    for column in made.pool.columns:
        relaxation.add(column)
    before = relaxation.solve()
    assert before is not None
    assert before.value == pytest.approx(-1)
    for column in made.pool.columns:
        relaxation.forbid(column.number)
    after = relaxation.solve()
    assert after is not None
    assert after.value == pytest.approx(0)


def test_a_fixed_stage_that_nothing_reaches_leaves_no_duals() -> None:
    day = instance(request("r", "A", "B"), **fleet(1), stages=(Stage.SERVED, Stage.COST))
    made = prepare(day, TRAVEL)
    made.generation.run(Stage.SERVED, {}, Stop(), SilentObserver())
    relaxation = Relaxation(made.rows, Stage.COST, {Stage.SERVED: 2})
    for column in made.pool.columns:
        relaxation.add(column)
    assert relaxation.solve() is None
