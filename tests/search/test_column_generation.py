"""Column generation and construction on tiny days: what they promise about columns and plans."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.master.relaxation import sign
from optimizer.model import Stage
from optimizer.params import SolveParams
from optimizer.search.construction import Construction
from optimizer.search.observer import SilentObserver
from optimizer.search.plan import plan_of, relevant_stages
from optimizer.search.stop import Stop
from optimizer.simulate.sampling import sample
from optimizer.verify import check, hard
from tests.oracle import brute_force
from tests.routing.prepared import Prepared, prepare
from tests.strategies import random_tiny


def usable(seed: int) -> tuple[Prepared, dict[Stage, int]] | None:
    day, travel = random_tiny(seed)
    day = replace(day, serve_all=False)
    truth = brute_force(day, travel)
    made = prepare(day, travel)
    if made.generation.seed() or not truth.feasible:
        return None
    return made, truth.values


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_enumeration_within_the_gap_holds_every_tour_of_an_optimal_plan(first: int) -> None:
    """Selection over the enumerated columns alone reaches the optimum: nothing it needs was left out."""
    from optimizer.master.selection import select

    for seed in range(first, first + 10):
        given = usable(seed)
        if given is None:
            continue
        made, values = given
        fixed: dict[Stage, int] = {}
        for stage in made.instance.stages:
            bounded = made.generation.run(stage, fixed, Stop(), SilentObserver())
            if bounded.exact is None:
                break
            goal = sign(stage) * values[stage]
            assert made.generation.enumerate(stage, bounded, goal, 100_000, Stop())
            chosen = select(made.rows, made.pool.columns, stage, fixed, SolveParams(workers=1))
            assert chosen is not None
            assert chosen.value == values[stage], (seed, stage)
            fixed[stage] = values[stage]


def test_enumeration_that_has_no_room_claims_nothing() -> None:
    day, travel = sample(requests=8, duties=4, seed=3)
    made = prepare(day, travel)
    assert not made.generation.seed()
    bounded = made.generation.run(Stage.SERVED, {}, Stop(), SilentObserver())
    assert bounded.bound is not None
    assert not made.generation.enumerate(Stage.SERVED, bounded, 0, 1, Stop())


def test_a_stop_leaves_what_was_proven() -> None:
    day, travel = sample(requests=8, duties=4, seed=3)
    made = prepare(day, travel)
    made.generation.seed()
    bounded = made.generation.run(Stage.SERVED, {}, Stop(None, lambda: True), SilentObserver())
    assert bounded.bound is None
    assert not bounded.converged


def constructed(made: Prepared, seed: int, rounds: int) -> tuple[Construction, list[tuple[int, ...]]]:
    """A construction and the values of its first plan and of the improved one."""
    stages = relevant_stages(made.instance)
    construction = Construction(
        made.index, made.fleet, made.fragments, made.pricing, made.rows, made.pool, stages, seed=seed, stop=Stop()
    )
    first = construction.start()
    improved = construction.improve(first, SilentObserver(), rounds=rounds, seconds=20)
    values = [value for plan in (first, improved) if (value := construction.value(plan)) is not None]
    plan = plan_of(improved, made.fleet, made.scheduler)
    assert not made.generation.seed()
    assert hard(check(made.instance, made.scheduler.travel, plan)) == []
    return construction, values


@pytest.mark.parametrize("seed", range(3))
def test_construction_makes_sound_plans_that_only_get_better(seed: int) -> None:
    day, travel = sample(requests=12, duties=6, seed=seed)
    made = prepare(day, travel)
    assert not made.generation.seed()
    _, values = constructed(made, seed, rounds=15)
    assert len(values) == 2
    assert values[1] <= values[0]
    assert values[1][0] < 0, "something is served"


def test_construction_is_the_same_for_the_same_seed() -> None:
    day, travel = sample(requests=12, duties=6, seed=8)
    told = []
    for _ in range(2):
        made = prepare(day, travel)
        made.generation.seed()
        told.append(constructed(made, 5, rounds=15)[1])
    assert told[0] == told[1]
