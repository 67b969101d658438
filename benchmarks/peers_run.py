"""One solver on one case, in a process of its own.

    python -m benchmarks.peers_run SOLVER FILE FORMAT SECONDS SEED THREADS ANSWER.json BEGUN

The clock of a peer starts when the neutral day (``peers_day``) is made and stops when its routes are read: its own
model is built within its limit. The clock of our solver starts with the bare instance. The file ``BEGUN`` appears
when the clock starts.
"""

from __future__ import annotations

import faulthandler
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from benchmarks.peers_timetable import Route
from optimizer.io.problem import Problem
from optimizer.model import Solution, Stage

OURS = "ours"
ADAPTERS = {
    "ortools": "benchmarks.peers_ortools",
    "vroom": "benchmarks.peers_vroom",
    "pyvrp": "benchmarks.peers_pyvrp",
    "vrp-cli": "benchmarks.peers_vrp_cli",
    OURS: "benchmarks.peers_ours",
}
"""Modules with ``solve(day, seconds, told, *, seed, threads)``, ``NAME`` and, but for ours, ``PACKAGE``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a solver came to: routes, or a plan with its own timetable; ``points`` are (second, weight served).

    ``bounds`` are those of our own solver by stage; no peer has any.
    """

    version: str
    seconds: float
    cpu: float
    peak: int
    points: list[tuple[float, int]]
    routes: list[Route] | None = None
    plan: Solution | None = None
    bounds: dict[Stage, int]


ANSWER = TypeAdapter(Answer)


def read(file: Path, file_format: str) -> Problem:
    """Read a file of any of the three formats."""
    from optimizer.io.cordeau import read_cordeau
    from optimizer.io.json import read_instance
    from optimizer.io.ptp import read_ptp

    readers: dict[str, Callable[[Path], Problem]] = {
        "instance": read_instance, "cordeau": read_cordeau, "ptp": read_ptp,
    }  # fmt: skip
    return readers[file_format](file)


def answer(
    solver: str, problem: Problem, seconds: float, *, seed: int, threads: int, begins: Callable[[], None] = lambda: None
) -> Answer:
    """Run a solver in this process; ``begins`` is called when its clock starts."""
    from benchmarks.peers_day import build_day
    from benchmarks.provenance import peak_memory

    adapter: Any = import_module(ADAPTERS[solver])
    given: Any = problem
    if solver == OURS:
        adapter.warm(problem)
        version = metadata.version("restplatzboerse")
    else:
        given, version = build_day(problem), metadata.version(adapter.PACKAGE)
    points: list[tuple[float, int]] = []
    begins()
    begun, used = time.perf_counter(), time.process_time()

    def told(weight: int) -> None:
        points.append((round(time.perf_counter() - begun, 3), weight))

    found = adapter.solve(given, seconds, told, seed=seed, threads=threads)
    return Answer(
        version=version,
        seconds=round(time.perf_counter() - begun, 3),
        cpu=round(time.process_time() - used, 3),
        peak=peak_memory(),
        points=points,
        routes=None if solver == OURS else found,
        plan=found.plan if solver == OURS else None,
        bounds=found.bounds if solver == OURS else {},
    )


def main(arguments: list[str]) -> None:
    """Run what the command line says."""
    solver, file, file_format, seconds, seed, threads, target, mark = arguments
    # The parent ends a run that hangs; this tells where it hung, if it still can.
    faulthandler.enable()
    problem = read(Path(file), file_format)
    found = answer(solver, problem, float(seconds), seed=int(seed), threads=int(threads), begins=Path(mark).touch)
    Path(target).write_bytes(ANSWER.dump_json(found))


if __name__ == "__main__":
    main(sys.argv[1:])
