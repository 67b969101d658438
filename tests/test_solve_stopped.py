"""Stopped runs: by a wish or by the clock, at any moment, within a second, with a checked plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from optimizer.io.json import instance_units
from optimizer.io.problem import Problem
from optimizer.io.result_file import read_result, write_result
from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.result import Result, Status
from optimizer.simulate.sampling import sample
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard
from tests.properties.solved import QUICK
from tests.strategies import random_tiny

GRACE = 20.0
"""Seconds to stop in: one is the aim, the other is for a machine that is busy with other things."""


@cache
def large_day() -> tuple[Instance, TravelMatrix]:
    """A day that takes far longer than any of the moments below; and the kernels are compiled after this."""
    solve(*random_tiny(0), QUICK)
    return sample(requests=120, duties=25, seed=1)


def is_sound(result: Result) -> bool:
    day, travel = large_day()
    if result.objective is None:
        return result.status is Status.UNKNOWN and not result.solution.tours
    return hard(check(day, travel, result.solution)) == []


def wish_after(seconds: float) -> tuple[Callable[[], bool], Callable[[], float]]:
    """A wish that comes after some seconds; and how long ago it came."""
    begun = time.perf_counter()
    return (
        lambda: time.perf_counter() - begun > seconds,
        lambda: time.perf_counter() - begun - seconds,
    )


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.5, 1.5])
def test_a_wish_to_cancel_is_met(seconds: float) -> None:
    day, travel = large_day()
    is_cancelled, late = wish_after(seconds)
    result = solve(day, travel, SolveParams(workers=2), is_cancelled=is_cancelled)
    assert late() < GRACE or result.status is Status.OPTIMAL
    assert result.status is not Status.INFEASIBLE, "what is not known is not told"
    assert is_sound(result)


@pytest.mark.parametrize("asked", [1, 2, 3, 10, 100])
def test_a_wish_at_any_question_is_met(asked: int) -> None:
    day, travel = random_tiny(11)
    questions = 0

    def is_cancelled() -> bool:
        nonlocal questions
        questions += 1
        return questions >= asked

    result = solve(day, travel, QUICK, is_cancelled=is_cancelled)
    assert result.status is not Status.INFEASIBLE
    assert hard(check(day, travel, result.solution)) == [] or result.status is Status.UNKNOWN


@pytest.mark.parametrize("limit", [0.001, 0.5])
def test_a_limit_on_the_clock_is_kept(limit: float) -> None:
    day, travel = large_day()
    begun = time.perf_counter()
    result = solve(day, travel, SolveParams(workers=2, time_limit=limit))
    assert time.perf_counter() - begun < limit + GRACE
    assert result.status is not Status.INFEASIBLE
    assert is_sound(result)


def test_more_time_is_never_worse_than_hardly_any() -> None:
    day, travel = large_day()
    quick = solve(day, travel, SolveParams(workers=1, time_limit=0.3))
    longer = solve(day, travel, SolveParams(workers=1, time_limit=3.0))
    assert longer.objective is not None
    assert quick.objective is None or longer.objective.served >= quick.objective.served
    assert longer.objective.served > 0
    assert longer.gap >= 0


@pytest.mark.parametrize("limit", [0.001, 0.5])
def test_what_a_stopped_run_writes_can_be_read_again(limit: float, tmp_path: Path) -> None:
    day, travel = large_day()
    stated = Problem(instance=day, travel=travel, units=instance_units(day))
    result = solve(day, travel, SolveParams(workers=1, time_limit=limit))
    write_result(tmp_path / "result.json", result, stated)
    stored = read_result(tmp_path / "result.json", stated).result
    assert stored.solution == result.solution
    assert stored.status is result.status
    assert stored.stages == result.stages


def test_a_stopped_run_tells_true_bounds() -> None:
    day, travel = large_day()
    result = solve(day, travel, SolveParams(workers=1, time_limit=2.0))
    for stage in result.stages:
        if stage.name.is_maximised:
            assert stage.bound >= stage.value
        else:
            assert stage.bound <= stage.value
        assert stage.proven == (stage.bound == stage.value)
