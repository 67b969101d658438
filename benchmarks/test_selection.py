"""Selection: the best choice among a fixed set of columns, by one worker with a fixed seed."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day, parts
from benchmarks.measured import measured
from optimizer.master.selection import Selected, select
from optimizer.model import Stage
from optimizer.params import SolveParams


def test_selection_of_the_first_stage(benchmark: BenchmarkFixture) -> None:
    made = parts(*day(80, 15))
    made.relaxed()
    columns = tuple(made.pool.columns)

    def selected() -> Selected | None:
        return select(made.rows, columns, Stage.SERVED, {}, SolveParams(workers=1))

    chosen = measured(benchmark, selected, rounds=3, warmup_rounds=1)
    assert chosen is not None
    assert chosen.proven
    benchmark.extra_info["columns"] = len(columns)
    benchmark.extra_info["served"] = chosen.value
