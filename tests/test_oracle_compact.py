"""The compact model agrees with brute force wherever brute force can go, and with the solver a little further."""

from __future__ import annotations

import pytest

from optimizer.result import Status
from optimizer.solve import solve
from tests.oracle import brute_force
from tests.oracle_compact import compact
from tests.properties.solved import QUICK, values_of
from tests.strategies import random_tiny
from tests.strategies_small import random_small


def agree(seeds: range) -> int:
    """Assert that both oracles agree on the tiny instances; return how many have a plan."""
    feasible = 0
    for seed in seeds:
        day, travel = random_tiny(seed)
        truth, answer = brute_force(day, travel), compact(day, travel)
        assert answer.complete
        assert answer.values == (truth.values if truth.feasible else None), day.name
        feasible += truth.feasible
    return feasible


def test_it_equals_brute_force() -> None:
    assert agree(range(700, 716)) > 10, "hardly any instance has a plan: no test"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(7000, 8000, 100))
def test_it_equals_brute_force_on_many_instances(first: int) -> None:
    assert agree(range(first, first + 100)) > 60


def test_small_instances_are_what_they_say() -> None:
    for seed in range(40):
        day, _ = random_small(seed)
        committed = {promise.request for commitment in day.commitments for promise in commitment.promises}
        assert 5 <= len(day.requests) - len(committed) <= 8
        assert random_small(seed)[0] == day


@pytest.mark.parametrize("seed", [1, 3, 4, 9])
def test_the_solver_equals_it_on_small_instances(seed: int) -> None:
    day, travel = random_small(seed)
    truth = compact(day, travel, seconds=20)
    result = solve(day, travel, QUICK)
    if truth.values is None:
        assert result.status is Status.INFEASIBLE
        return
    assert truth.values
    assert result.status is Status.OPTIMAL
    values = values_of(result, day)
    assert {stage: values[stage] for stage in truth.values} == truth.values


def test_a_limit_is_told() -> None:
    day, travel = random_small(1)
    answer = compact(day, travel, seconds=0)
    assert not answer.complete
    assert answer.values == {}
    first = compact(day, travel, stages=day.stages[:1])
    assert first.complete
    assert first.values is None or set(first.values) == set(day.stages[:1])
