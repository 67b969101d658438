"""A Dask scheduler and its workers as processes of their own, as on machines of a cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0
"""Seconds until the scheduler must have told its address; it takes two or three."""


@dataclass
class LocalCluster:
    """The address of the scheduler, and the workers in the order of their start."""

    address: str
    file: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> None:
        """Start a worker that nobody starts again when it is killed."""
        self.workers.append(
            _process("dask_worker", "--nthreads", "1", "--no-nanny", "--scheduler-file", str(self.file))
        )

    def kill(self, number: int) -> None:
        """End a worker as the system ends one that uses up the memory: at once, without a word."""
        self.workers[number].kill()
        self.workers[number].wait()


@contextmanager
def local_cluster(folder: Path, workers: int) -> Iterator[LocalCluster]:
    """Start a scheduler and ``workers`` workers of one thread each; all end with the block."""
    file = folder / "scheduler.json"
    scheduler = _process("dask_scheduler", "--port", "0", "--scheduler-file", str(file))
    made = LocalCluster(address="", file=file)
    try:
        end = time.monotonic() + _PATIENCE
        while not file.exists() or not file.read_text(encoding="utf-8"):
            assert scheduler.poll() is None, "the scheduler ended"
            assert time.monotonic() < end, "the scheduler did not begin"
            time.sleep(0.05)
        made.address = json.loads(file.read_text(encoding="utf-8"))["address"]
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        for process in (*made.workers, scheduler):
            process.kill()
            process.wait()


def _process(command: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{command}", "--host", "127.0.0.1", "--no-dashboard", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
