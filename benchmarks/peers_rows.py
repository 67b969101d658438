"""Rows of a comparison: one for each run of a solver on a case, kept as CSV, each written as soon as it is known."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median

OK, KILLED, FAILED = "ok", "killed", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A run.

    Parameters
    ----------
    limit, seconds, cpu, process
        Seconds: given; taken by the solver, by the clock and in computing; of the whole process with its imports.
    requests
        Pool requests of the case.
    told, told_requests, cost
        Weight and requests served by the plan as it came, and its cost in the file's own unit.
    legal, legal_requests
        The same once repaired until the checker is content; empty where that is not possible (literature: all must be
        served).
    violations
        ``rule:number`` of the plan as it came.
    bound
        Our own solver's bound on what is compared, in the unit of ``told`` or ``cost``.
    points
        ``second:weight`` of each better plan, where a solver tells them.
    """

    case: str
    solver: str
    version: str = ""
    limit: float
    run: int
    threads: int
    code: str = ""
    status: str = OK
    seconds: float | None = None
    cpu: float | None = None
    process: float | None = None
    peak_mib: int | None = None
    requests: int | None = None
    told: int | None = None
    told_requests: int | None = None
    cost: float | None = None
    legal: int | None = None
    legal_requests: int | None = None
    violations: str = ""
    bound: float | None = None
    best_known: float | None = None
    points: str = ""

    @property
    def key(self) -> tuple[str, str, float, int]:
        """What makes a run one: case, solver, limit, number."""
        return self.case, self.solver, self.limit, self.run

    @property
    def broken(self) -> int:
        """Number of violations."""
        return sum(self.by_rule.values())

    @property
    def by_rule(self) -> dict[str, int]:
        """Number of violations by rule."""
        pairs = (part.split(":") for part in self.violations.split())
        return {rule: int(number) for rule, number in pairs}


_TYPES = {field.name: str(field.type) for field in fields(Row)}


class Ledger:
    """The CSV file of a suite; a run that stands there is not made again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> list[Row]:
        """Return the rows so far; a file of another layout counts as none."""
        if not self._path.is_file():
            return []
        with self._path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            return [_parse(line) for line in reader] if reader.fieldnames == list(_TYPES) else []

    def write(self, rows: list[Row]) -> None:
        """Write all rows."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(_TYPES), lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _text(value) for name, value in asdict(row).items()} for row in rows)


def medians(rows: list[Row]) -> dict[tuple[str, str, float], Row]:
    """Return for each (case, solver, limit) the run in the middle.

    By legal weight, or by cost where all must be served. Of an even number the worse of the two in the middle; a run
    that failed is the worst of all.
    """
    groups: dict[tuple[str, str, float], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.case, row.solver, row.limit), []).append(row)
    return {key: sorted(group, key=_merit)[(len(group) - 1) // 2] for key, group in groups.items()}


def refuted(rows: list[Row], *, by_cost: bool) -> list[str]:
    """Return in words each bound of ours that a legal plan of anybody is beyond: then the bound is false.

    Published figures, and costs told in a file's unit, are good to two decimals.
    """
    told = []
    for row in rows:
        for other in rows:
            if row.bound is None or other.case != row.case or other.status != OK:
                continue
            whole = other.told_requests == other.requests and not other.violations
            reached = other.cost if by_cost and whole else None if by_cost else other.legal
            if reached is not None and (reached < row.bound - 0.02 if by_cost else reached > row.bound):
                told.append(
                    f"{row.case}: {other.solver} has a legal plan of {reached:g} beyond our bound {row.bound:g}"
                )
    return sorted(set(told))


def middle(numbers: list[float]) -> float | None:
    """Return the median, ``None`` of nothing."""
    return median(numbers) if numbers else None


def _merit(row: Row) -> tuple[bool, float, float]:
    served = row.legal if row.legal is not None else row.told
    return row.status == OK, -1.0 if served is None else served, -(row.cost or 0.0)


def _text(value: object) -> str:
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _parse(line: dict[str, str]) -> Row:
    values: dict[str, object] = {}
    for name, kind in _TYPES.items():
        text = line[name]
        if "None" in kind and not text:
            values[name] = None
        else:
            values[name] = float(text) if "float" in kind else int(text) if "int" in kind else text
    return Row(**values)  # type: ignore[arg-type]
