"""A day of 200 requests and 40 duties: the relaxation of the first stage and a checked plan within 20 seconds."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day, parts
from benchmarks.measured import least_seconds, measured
from benchmarks.processes import Process, run
from optimizer.io.json import write_instance

SECONDS = 20.0
MEMORY = 1 << 30


def test_a_checked_plan_in_time(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path, out = tmp_path / "day.json", tmp_path / "result.json"
    write_instance(path, *day(200, 40))

    def solved() -> Process:
        # What is left of the 20 seconds is for imports, reading, reasons and writing.
        return run("optimizer", "solve", str(path), "--time-limit", "15", "--out", str(out), folder=tmp_path)

    process = measured(benchmark, solved, rounds=1, warmup_rounds=1)
    assert process.exit_code == 0, process.errors
    judged = run("optimizer", "check", str(path), str(out), folder=tmp_path)
    assert judged.exit_code == 0, judged.output
    told = json.loads(out.read_text(encoding="utf-8"))
    served = next(stage for stage in told["stages"] if stage["name"] == "served")
    assert served["value"] > 0
    benchmark.extra_info.update(
        peak_mib=process.peak >> 20, served=served["value"], bound=served["bound"], status=told["status"]
    )
    assert process.peak <= MEMORY
    assert least_seconds(benchmark) <= SECONDS


def test_the_relaxation_in_time(benchmark: BenchmarkFixture) -> None:
    instance, travel = day(200, 40)
    bounded = measured(benchmark, lambda: parts(instance, travel).relaxed(), rounds=1)
    assert bounded.bound is not None
    assert bounded.converged
    assert least_seconds(benchmark) <= SECONDS
