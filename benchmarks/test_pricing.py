"""Pricing: one exact round over all classes at fixed prices, and the whole relaxation of the first stage."""

from __future__ import annotations

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import Parts, day, parts
from benchmarks.measured import measured


def test_one_exact_round(benchmark: BenchmarkFixture) -> None:
    """Prices are drawn, not those of a relaxation: whatever becomes of that, the work here stays the same."""
    made = parts(*day(200, 40))
    row = {request.id: number for number, request in enumerate(made.instance.requests)}
    share = np.random.default_rng(1).uniform(0.2, 1.0, len(row))
    price = np.zeros(len(row), dtype=np.int64)
    for unit in made.index.units:
        for member in unit:
            price[row[member]] = int(1000 * made.index.unit_weight(unit) * share[row[member]]) // len(unit)
    value = -made.pricing.sums(price)
    free = np.zeros_like(made.pricing.metres)

    def priced() -> int:
        least = 0
        for graph in made.pricing.graphs:
            found = made.pricing.find(
                graph, value=value, leg_cost=free, second_cost=0, threshold=-1, keep_all=False, most=3000
            )
            assert found.complete
            least += found.least
        return least

    benchmark.extra_info["least"] = measured(benchmark, priced, rounds=5, warmup_rounds=1)
    benchmark.extra_info["classes"] = len(made.fleet.classes)


def test_the_relaxation_of_the_first_stage(benchmark: BenchmarkFixture) -> None:
    given = day(120, 25)

    def fresh() -> tuple[tuple[Parts], dict[str, object]]:
        return (parts(*given),), {}

    bounded = measured(benchmark, Parts.relaxed, setup=fresh, rounds=3)
    assert bounded.bound is not None
    benchmark.extra_info["bound"] = bounded.bound
