"""The shipped sample day as a whole process: imports, reading, proof, output; kernels cached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measured import least_seconds, measured
from benchmarks.processes import Process, run
from data.sample import sample_day
from optimizer.io.json import write_instance

SECONDS = 10.0
MEMORY = 1 << 30


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    write_instance(path, *sample_day())
    return path


def test_solve_as_a_process(benchmark: BenchmarkFixture, day: Path, tmp_path: Path) -> None:
    out = tmp_path / "result.json"

    def solved() -> Process:
        return run("optimizer", "solve", str(day), "--out", str(out), folder=tmp_path)

    process = measured(benchmark, solved, rounds=3, warmup_rounds=1)
    assert process.exit_code == 0, process.errors
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["status"] == "optimal"
    assert all(stage["proven"] for stage in told["stages"])
    benchmark.extra_info["peak_mib"] = process.peak >> 20
    assert process.peak <= MEMORY
    assert least_seconds(benchmark) <= SECONDS


def test_demo_as_a_process(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    process = measured(benchmark, lambda: run("api.cli", "demo", folder=tmp_path), rounds=3, warmup_rounds=1)
    assert process.exit_code == 0, process.errors
    assert process.output.strip()
    benchmark.extra_info["peak_mib"] = process.peak >> 20
    assert process.peak <= MEMORY
    assert least_seconds(benchmark) <= SECONDS
