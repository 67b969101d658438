"""A wish to end is obeyed within a second, with the best plan so far: a day of 200 requests in mid-search."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.days import day
from benchmarks.measured import least_seconds, measured
from optimizer.io.json import write_instance

SECONDS = 1.0
_LONG_ENOUGH = 8.0
"""Seconds until the search is at work: imports, reading, a first plan."""


def test_the_end_comes_within_a_second(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path, out = tmp_path / "day.json", tmp_path / "result.json"
    write_instance(path, *day(200, 40))

    def begun() -> tuple[tuple[subprocess.Popen[bytes]], dict[str, object]]:
        command = [sys.executable, "-m", "optimizer", "solve", str(path), "--time-limit", "120", "--out", str(out)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(_LONG_ENOUGH)
        return (process,), {}

    def ended(process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0

    measured(benchmark, ended, setup=begun, rounds=3)
    assert out.exists()
    assert least_seconds(benchmark) <= SECONDS
