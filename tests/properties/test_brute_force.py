"""The solver equals brute force on random tiny instances that use every rule."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.result import Status
from optimizer.travel.matrix import TravelMatrix
from tests.properties.solved import solve_against_brute_force
from tests.strategies import random_tiny, tiny_instances


@pytest.mark.parametrize("first", range(0, 150, 30))
def test_the_solver_equals_brute_force(first: int) -> None:
    optimal = 0
    for seed in range(first, first + 30):
        day, travel = random_tiny(seed)
        optimal += solve_against_brute_force(day, travel).status is Status.OPTIMAL
    assert optimal > 20, "hardly any instance has a plan: no test"


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tiny_instances())
def test_the_solver_equals_brute_force_on_what_hypothesis_makes(made: tuple[Instance, TravelMatrix]) -> None:
    solve_against_brute_force(*made)


@pytest.mark.parametrize("seed", range(200, 210))
def test_neither_seed_nor_workers_change_what_is_proven(seed: int) -> None:
    day, travel = random_tiny(seed)
    solve_against_brute_force(day, travel, SolveParams(workers=2, seed=7, rounds=0))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 4000, 100))
def test_the_solver_equals_brute_force_on_many_instances(first: int) -> None:
    wrong = []
    for seed in range(first, first + 100):
        day, travel = random_tiny(seed)
        try:
            solve_against_brute_force(day, travel)
        except Exception as error:  # noqa: BLE001 - all seeds of the block are told, not only the first
            wrong.append(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
    assert not wrong, "\n".join(wrong)
