"""Extension: labels carried over every fragment that can follow, and segments joined, a fixed number of each."""

from __future__ import annotations

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day, parts
from benchmarks.measured import measured
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.segment import Segment

JOINS = 200_000


def test_every_tour_of_a_day(benchmark: BenchmarkFixture) -> None:
    """All tours of all classes at no cost and no bound: each label is extended by whatever can follow it."""
    made = parts(*day(120, 25))
    nothing = np.zeros(len(made.fragments), dtype=np.int64)
    free = np.zeros_like(made.pricing.metres)

    def extended() -> int:
        tours = 0
        for graph in made.pricing.graphs:
            found = made.pricing.find(
                graph, value=nothing, leg_cost=free, second_cost=0, threshold=0, keep_all=True, most=300_000
            )
            assert found.complete
            tours += len(found.cost)
        return tours

    tours = extended()
    assert tours > 10_000
    assert measured(benchmark, extended, rounds=5) == tours, "not the same work each time"
    benchmark.extra_info.update(tours=tours, fragments=len(made.fragments))


def test_joins(benchmark: BenchmarkFixture) -> None:
    """The algebra in plain Python, on the fragments of a day: what tests and explanations use."""
    made = parts(*day(120, 25))
    figures = made.fragments.figures
    segments = [
        Segment.of_block(int(block[fk.LO]), int(block[fk.HI]), int(block[fk.DURATION]))
        for block in figures[np.argsort(figures[:, fk.LO], kind="stable")]
    ]
    number = len(segments)

    def joined() -> int:
        possible = 0
        for i in range(JOINS):
            possible += segments[i % number].join(600, segments[i * 7919 % number]) is not None
        return possible

    possible = measured(benchmark, joined, rounds=5, warmup_rounds=1)
    assert 0 < possible < JOINS
    benchmark.extra_info.update(joins=JOINS, possible=possible)
