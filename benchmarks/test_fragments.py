"""Enumeration of fragments: from the instance to the finished arrays, kernels compiled."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day
from benchmarks.measured import least_seconds, measured
from optimizer.model import InstanceIndex
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import Fragments, enumerate_fragments
from optimizer.routing.rides import build_rides

LIMIT = 1.5
"""Seconds that the fragments of 400 requests and 80 duties may take."""


@pytest.mark.parametrize(("requests", "duties"), [(200, 40), (400, 80)])
def test_fragments(benchmark: BenchmarkFixture, requests: int, duties: int) -> None:
    instance, travel = day(requests, duties)

    def enumerated() -> Fragments:
        index = InstanceIndex(instance)
        rides = build_rides(index, travel)
        return enumerate_fragments(index, rides, build_fleet(index, rides, travel), travel, limit=2_000_000)

    fragments = measured(benchmark, enumerated, rounds=5, warmup_rounds=1)
    assert fragments.complete
    benchmark.extra_info["fragments"] = len(fragments)
    assert least_seconds(benchmark) <= LIMIT
