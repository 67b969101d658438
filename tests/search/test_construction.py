"""Construction and improvement: legal plans, never worse, the same for the same seed, close to the truth if tiny."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.master.column import Column
from optimizer.search.construction import Construction
from optimizer.search.observer import SilentObserver
from optimizer.search.plan import plan_of, relevant_stages
from optimizer.search.stop import Stop
from optimizer.simulate.sampling import sample
from optimizer.verify import check, hard
from tests.oracle import brute_force
from tests.routing.prepared import Prepared, prepare
from tests.strategies import random_tiny


def construction_of(made: Prepared, seed: int, stop: Stop | None = None) -> Construction:
    """A construction with its promises seeded."""
    found = Construction(
        made.index, made.fleet, made.fragments, made.pricing, made.rows, made.pool, relevant_stages(made.instance),
        seed=seed, stop=stop or Stop(),
    )  # fmt: skip
    if found.seed():
        made.generation.seed()
    return found


def values(construction: Construction, plans: list[list[Column]]) -> list[tuple[int, ...]]:
    """Stages of plans that must all be legal."""
    told = [construction.value(plan) for plan in plans]
    assert None not in told
    return [value for value in told if value is not None]


@pytest.mark.parametrize("seed", range(3))
def test_plans_are_sound_and_only_get_better(seed: int) -> None:
    made = prepare(*sample(requests=40, duties=10, seed=seed))
    construction = construction_of(made, seed)
    first = construction.start()
    second = construction.improve(first, SilentObserver(), rounds=20, seconds=3)
    third = construction.improve_further(second, SilentObserver(), rounds=5, seconds=1)
    told = values(construction, [construction.promises(), first, second, third])
    assert told == sorted(told, reverse=True)
    assert told[1][0] < 0, "something is served at once"
    for plan in (first, second, third):
        assert hard(check(made.instance, made.scheduler.travel, plan_of(plan, made.fleet, made.scheduler))) == []


def test_tiny_days_never_beat_brute_force_and_mostly_reach_it() -> None:
    reached = tried = 0
    for seed in range(30):
        day, travel = random_tiny(seed)
        day = replace(day, serve_all=False, change_budget=None)  # A first plan need not keep a budget of changes.
        truth = brute_force(day, travel)
        made = prepare(day, travel)
        if not truth.feasible or made.generation.seed():
            continue
        construction = construction_of(made, seed)
        plan = construction.improve(construction.start(), SilentObserver(), rounds=20, seconds=5)
        value = construction.value(plan)
        assert value is not None
        assert hard(check(day, travel, plan_of(plan, made.fleet, made.scheduler))) == []
        best = tuple((-1 if stage.is_maximised else 1) * truth.values[stage] for stage in relevant_stages(day))
        assert value >= best, seed
        tried += 1
        reached += value[0] == best[0]
    assert tried > 10
    assert reached >= 0.8 * tried, (reached, tried)


def test_the_same_seed_gives_the_same_plan() -> None:
    told = []
    for _ in range(2):
        made = prepare(*sample(requests=40, duties=10, seed=8))
        construction = construction_of(made, 5)
        plan = construction.improve(construction.start(), SilentObserver(), rounds=10, seconds=60)
        told.append([(column.duty_class, column.chain, column.gaps) for column in plan])
    assert told[0] == told[1]


def test_a_stop_gives_back_what_there_was() -> None:
    made = prepare(*sample(requests=12, duties=6, seed=1))
    construction = construction_of(made, 0)
    plan = construction.start()
    made_again = prepare(*sample(requests=12, duties=6, seed=1))
    stopped = construction_of(made_again, 0, Stop(None, lambda: True))
    assert stopped.improve(plan, SilentObserver(), rounds=10, seconds=10) == plan


def test_seeds_carry_promises_only() -> None:
    made = prepare(*sample(requests=40, duties=10, seed=2))
    construction = construction_of(made, 0)
    promises = construction.promises()
    assert {column.duty_class for column in promises} == {c.number for c in made.fleet.classes if c.promises}
    assert not any(column.requests for column in promises)
    assert construction.value(promises) is not None


def test_a_budget_is_kept() -> None:
    day, travel = sample(requests=40, duties=10, seed=3)
    day = replace(day, zabs=tuple(replace(zab, budget=1) for zab in day.zabs))
    made = prepare(day, travel)
    construction = construction_of(made, 0)
    plan = construction.improve(construction.start(), SilentObserver(), rounds=10, seconds=20)
    value = construction.value(plan)
    assert value is not None
    assert value[0] < 0
    assert hard(check(day, travel, plan_of(plan, made.fleet, made.scheduler))) == []
