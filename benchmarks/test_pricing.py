"""Pricing: one exact round over all classes at fixed duals, and the whole relaxation of the first stage."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import Parts, day, parts
from benchmarks.measured import measured
from optimizer.master.relaxation import Relaxation
from optimizer.model import Stage


def test_one_exact_round(benchmark: BenchmarkFixture) -> None:
    made = parts(*day(200, 40))
    made.relaxed()
    relaxation = Relaxation(made.rows, Stage.SERVED, {})
    for column in made.pool.columns:
        relaxation.add(column)
    duals = relaxation.solve()
    assert duals is not None
    own = {c.number: made.generation.own_duals(c, duals) for c in made.fleet.classes}

    def priced() -> int:
        tours = 0
        for duty_class in made.fleet.classes:
            found = made.generation.price(
                duty_class, Stage.SERVED, duals, own[duty_class.number], keep_all=False, most=3000
            )
            assert found.complete
            tours += len(found.cost)
        return tours

    benchmark.extra_info["tours"] = measured(benchmark, priced, rounds=5, warmup_rounds=1)
    benchmark.extra_info["classes"] = len(made.fleet.classes)


def test_the_relaxation_of_the_first_stage(benchmark: BenchmarkFixture) -> None:
    given = day(120, 25)

    def fresh() -> tuple[tuple[Parts], dict[str, object]]:
        return (parts(*given),), {}

    bounded = measured(benchmark, Parts.relaxed, setup=fresh, rounds=3)
    assert bounded.bound is not None
    benchmark.extra_info["bound"] = bounded.bound
