"""What a process does with what came through its pipe."""

from __future__ import annotations

import multiprocessing
import pickle
from ctypes import c_int

import pytest
from numba import njit

from optimizer.days import worker
from optimizer.days.compiling import Cold, compiled, from_cache_only
from optimizer.days.message import Kind, Task
from optimizer.days.tiny import tiny_problem
from optimizer.solve import solve
from tests.builders import instance, line, request
from tests.days.several import several_days
from tests.properties.solved import QUICK


def test_a_part_that_was_sent_needs_no_other_kernels_than_one_that_was_not() -> None:
    day, travel = several_days((0, 1))
    solve(day, travel, QUICK)
    sent = pickle.loads(pickle.dumps(Task(number=3, instance=day, travel=travel, params=QUICK)))
    assert sent.travel.seconds.flags.writeable, "if this fails, worker._as_made is not needed any more"
    here, there = multiprocessing.Pipe()
    with here, there, compiled() as clock:
        told = worker._solved(sent, there, c_int(0))
    assert (told.kind, told.number) == (Kind.SOLVED, 3)
    assert clock.seconds == 0.0


def test_compiling_is_told_once_and_its_seconds_are_counted() -> None:
    told: list[str] = []
    with compiled(lambda: told.append("begins")) as clock:
        kernel = njit(lambda x: x + 1)
        kernel(1)
        kernel(1.0)
        kernel(2)
    assert told == ["begins"]
    assert 0 < clock.seconds < 60


def test_what_is_not_in_the_cache_is_refused_and_can_be_compiled_later() -> None:
    kernel = njit(lambda x: x + 2)
    with pytest.raises(Cold), from_cache_only():
        kernel(1)
    assert kernel(1) == 3
    with from_cache_only():
        assert kernel(2) == 4


def test_the_tiny_problem_is_of_one_duty_and_few_requests() -> None:
    day, travel = several_days((0, 1, 2))
    made = tiny_problem(day, travel)
    assert made is not None
    tiny, near = made
    assert len(tiny.duties) == 1
    assert 1 <= len(tiny.requests) - sum(len(c.promises) for c in tiny.commitments) // 2 <= 4
    assert set(near.places) <= set(travel.places)
    assert tiny.stages == day.stages


def test_where_nobody_can_ride_there_is_no_tiny_problem() -> None:
    assert tiny_problem(instance(request("r"), duties=()), line({"depot": 0, "A": 600, "B": 1200})) is None
