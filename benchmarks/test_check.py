"""The independent checker on a plan of a day with 200 requests."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day, first_plan
from benchmarks.measured import measured
from optimizer.verify import check, hard, objective


def test_check(benchmark: BenchmarkFixture) -> None:
    instance, travel = day(200, 40)
    plan = first_plan(200, 40)
    assert plan.tours
    violations = measured(benchmark, lambda: check(instance, travel, plan), rounds=5, warmup_rounds=1)
    assert not hard(violations)
    benchmark.extra_info["visits"] = sum(len(tour.visits) for tour in plan.tours)


def test_objective(benchmark: BenchmarkFixture) -> None:
    instance, travel = day(200, 40)
    plan = first_plan(200, 40)
    terms = measured(benchmark, lambda: objective(instance, travel, plan), rounds=5, warmup_rounds=1)
    assert terms.served_requests > 0
