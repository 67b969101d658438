"""pytest-benchmark with types: run fixed work some rounds, and ask what it took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_benchmark.fixture import BenchmarkFixture

Answer = TypeVar("Answer")


def measured(
    benchmark: BenchmarkFixture,
    work: Callable[..., Answer],
    *,
    setup: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]] | None = None,
    rounds: int = 1,
    warmup_rounds: int = 0,
) -> Answer:
    """Run ``work`` (on what ``setup`` makes anew each time) and return the answer of the last round."""
    answer: Answer = benchmark.pedantic(work, setup=setup, rounds=rounds, warmup_rounds=warmup_rounds)  # type: ignore[no-untyped-call]
    return answer


def least_seconds(benchmark: BenchmarkFixture) -> float:
    """Seconds of the quickest round."""
    assert benchmark.stats is not None
    return float(benchmark.stats.stats.min)
