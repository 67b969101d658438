"""What a measurement ran on: the code, the machine, the versions. Nothing that names a machine or a person."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
"""Where tables and plots go."""


@cache
def code() -> str:
    """Return ten hex digits that change with any source file of ``optimizer`` (committed or not)."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "optimizer").rglob("*.py")):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:10]


def machine() -> str:
    """Return cores, Python and solver versions in one line."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("ortools", "numba", "numpy"))
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {versions}"


def peak_memory() -> int:
    """Return the greatest resident memory of this process so far, bytes.

    Linux tells that of this programme alone; ``getrusage`` would count what its parent held when it started it.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024
