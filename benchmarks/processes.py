"""Whole processes, measured from outside: seconds, and the peak of memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What a process took: wall-clock ``seconds``, ``peak`` in bytes of memory, and what it said."""

    seconds: float
    peak: int
    exit_code: int
    output: str
    errors: str


def run(*command: str, folder: Path) -> Process:
    """Run ``python -m command`` to its end. ``folder`` takes what it says."""
    out, err = folder / "stdout", folder / "stderr"
    begun = time.perf_counter()
    with out.open("wb") as output, err.open("wb") as errors:
        child = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=output, stderr=errors)
        # wait4 tells the memory of this one child; RUSAGE_CHILDREN would tell the greatest of all so far.
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Process(
        seconds=time.perf_counter() - begun,
        peak=usage.ru_maxrss * unit,
        exit_code=child.returncode,
        output=out.read_text(encoding="utf-8"),
        errors=err.read_text(encoding="utf-8"),
    )
