"""Runs that count their work instead of asking a clock: the same answer however slow the machine is."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count

import pytest

from optimizer.errors import InvalidValue
from optimizer.io.document import plain
from optimizer.params import SolveParams
from optimizer.result import Result
from optimizer.simulate.sampling import sample
from optimizer.solve import solve

COUNTED = SolveParams(workers=1, rounds=5, max_nodes=50, reasons=False)


def told(result: Result) -> object:
    """Everything of a result but its seconds."""
    return plain(replace(result, statistics={}))


def test_the_clock_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    instance, travel = sample(requests=25, duties=7, seed=3)
    usual = told(solve(instance, travel, COUNTED))
    hours = count()  # An hour passes between any two looks at the clock.
    monkeypatch.setattr(time, "perf_counter", lambda: 3600.0 * next(hours))
    assert told(solve(instance, travel, COUNTED)) == usual


def test_a_few_nodes_still_make_a_plan_and_claim_no_more_than_is_proven() -> None:
    instance, travel = sample(requests=40, duties=10, seed=2)
    few = solve(instance, travel, replace(COUNTED, rounds=0, max_nodes=1))
    proven = solve(instance, travel, replace(COUNTED, max_nodes=None, rounds=30))
    assert few.objective is not None
    assert proven.stages[0].proven
    assert few.stages[0].bound >= proven.stages[0].value >= few.stages[0].value


def test_without_reasons_the_unserved_are_still_named() -> None:
    instance, travel = sample(requests=12, duties=2, seed=1)
    without = solve(instance, travel, COUNTED)
    with_reasons = solve(instance, travel, replace(COUNTED, reasons=True))
    assert [u.request for u in without.unserved] == [u.request for u in with_reasons.unserved] != []
    assert not any(u.reasons for u in without.unserved)
    assert all(u.reasons for u in with_reasons.unserved)


def test_no_node_at_all_is_no_limit() -> None:
    with pytest.raises(InvalidValue, match="max_nodes"):
        SolveParams(max_nodes=0)
