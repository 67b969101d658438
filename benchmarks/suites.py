"""Named suites of cases that solvers are measured on: public literature sets and synthetic days of fixed seeds.

The public files are read where they lie and never copied: ``../shared/instances`` beside the project, or the folder
that the environment variable ``RESTPLATZ_INSTANCES`` names. Where it is absent their suites are empty, and say so.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from optimizer.io.cordeau import read_cordeau
from optimizer.io.json import instance_units, write_instance
from optimizer.io.problem import Problem
from optimizer.io.ptp import read_ptp
from optimizer.model import Instance, Stage
from optimizer.simulate.sampling import sample
from optimizer.travel.matrix import TravelMatrix

VARIABLE = "RESTPLATZ_INSTANCES"
"""Environment variable with the folder of the public instances."""
DEFAULT = Path(__file__).parents[2] / "shared" / "instances"

SIZES = ((25, 5), (50, 10), (100, 20), (200, 40), (400, 80), (800, 160), (1600, 320), (2000, 400))
"""Requests and duties of suite ``growth``."""

_CASES = {"darp-a": 24, "darp-r": 4, "ptp": 30}
"""Cases that the public suites have: a folder with fewer is told."""
_LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One instance of a suite.

    Parameters
    ----------
    name
        Unique over all suites; letters, digits, ``-`` and ``_``, so that a file may bear it.
    load
        Makes the problem: ``instance``, ``travel`` and the ``units`` of the file (``optimizer.io.problem``).
    best_known
        Best published value of ``stage`` in the file's own unit; ``None`` where none is published.
    stage
        The stage that solvers are compared by: the first, or the second after ``pinned`` (requests with a pin are few).
    unit
        What ``stage`` counts, in words: ``distance``, ``patients``, ``weight``.
    proven
        Whether ``best_known`` is published as the optimum.
    source
        The public file, ``None`` where the case is made by a seed.
    file_format
        What ``python -m optimizer --format`` calls it.
    """

    name: str
    load: Callable[[], Problem]
    best_known: float | None
    stage: Stage
    unit: str
    proven: bool = False
    source: Path | None = None
    file_format: str = "instance"

    def file(self, folder: Path) -> Path:
        """Return the file of the case; one made by a seed is written to ``folder`` first."""
        if self.source is not None:
            return self.source
        path = folder / f"{self.name}.json"
        problem = self.load()
        write_instance(path, problem.instance, problem.travel)
        return path


def suite(name: str) -> list[Case]:
    """Return the cases of a suite, small ones first; empty, with a line on stderr, where its files are absent.

    Raises ``ValueError`` for a name that is none of ``NAMES``.
    """
    if name not in _SUITES:
        raise ValueError(f"suite: expected one of {', '.join(NAMES)}, got {name!r}")
    cases = _SUITES[name]()
    expected = _CASES.get(name)
    if expected is not None and len(cases) != expected:
        told = f"suite {name}: expected {expected} cases, found {len(cases)} in {instances()}"
        print(f"{told}. Put the public sets there or name their folder in {VARIABLE}.", file=sys.stderr)
    return cases


def find(name: str) -> Case:
    """Return the case of this name, whatever its suite; raises ``ValueError`` where there is none."""
    for cases in _SUITES.values():
        for case in cases():
            if case.name == name:
                return case
    raise ValueError(f"case: expected one of a suite ({', '.join(NAMES)}), got {name!r}")


def instances() -> Path:
    """Return the folder of the public instances, whether it exists or not."""
    return Path(os.environ.get(VARIABLE) or DEFAULT)


# --- literature -------------------------------------------------------------------------------------------------------


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", path.stem))


def _best_known(set_name: str) -> dict[str, tuple[float, bool]]:
    """Read value and "is it the proven optimum" by instance."""
    path = instances() / "best_known.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            row["instance"]: (float(row["value"]), row["status"] == "optimal")
            for row in csv.DictReader(lines)
            if row["set"] == set_name
        }


def _darp(pattern: str, set_name: str) -> list[Case]:
    known = _best_known(set_name)
    cases = []
    for path in sorted((instances() / "darp").glob(pattern), key=lambda path: (_numbers(path), path.stem)):
        value, proven = known.get(path.stem, (None, False))
        cases.append(
            Case(
                name=path.stem,
                load=partial(read_cordeau, path),
                best_known=value,
                stage=Stage.COST,
                unit="distance",
                proven=proven,
                source=path,
                file_format="cordeau",
            )
        )
    return cases


def _ptp() -> list[Case]:
    return [
        Case(
            name=f"{level}-{path.stem.removeprefix('PTP-RAND-')}",
            load=partial(read_ptp, path),
            best_known=None,
            stage=Stage.SERVED,
            unit="patients",
            source=path,
            file_format="ptp",
        )
        for level in _LEVELS
        for path in sorted((instances() / "ptp" / level).glob("*.json"), key=lambda path: _numbers(path)[::-1])
    ]


# --- synthetic --------------------------------------------------------------------------------------------------------


def _problem(made: tuple[Instance, TravelMatrix]) -> Problem:
    instance, travel = made
    return Problem(instance=instance, travel=travel, units=instance_units(instance))


def _sampled(requests: int, duties: int, seed: int) -> Case:
    return Case(
        name=f"n{requests}-d{duties}-s{seed}",
        load=lambda: _problem(sample(requests=requests, duties=duties, seed=seed)),
        best_known=None,
        stage=Stage.SERVED,
        unit="weight",
    )


def _tiny(seed: int) -> Case:
    def load() -> Problem:
        from tests.strategies import random_tiny  # needs hypothesis; the other suites do without

        return _problem(random_tiny(seed))

    return Case(name=f"tiny-{seed}", load=load, best_known=None, stage=Stage.SERVED, unit="weight")


_Suite: TypeAlias = Callable[[], list[Case]]
_SUITES: dict[str, _Suite] = {
    "darp-a": lambda: _darp("a*.txt", "darp_a"),
    "darp-r": lambda: _darp("R*.txt", "darp_R"),
    "ptp": _ptp,
    "sample-200": lambda: [_sampled(200, 40, seed) for seed in range(1, 11)],
    "sample-400": lambda: [_sampled(400, 80, seed) for seed in range(1, 4)],
    "sample-2000": lambda: [_sampled(2000, 400, 1)],
    "growth": lambda: [_sampled(requests, duties, 1) for requests, duties in SIZES],
    "tiny": lambda: [_tiny(seed) for seed in range(100)],
}
NAMES: tuple[str, ...] = tuple(_SUITES)
"""Names of the suites."""
