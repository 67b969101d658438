"""Rows of a quality measurement: one for each run of each case, kept as CSV, each written as soon as it is known."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.suites import Case
from optimizer.model import Stage

Row: TypeAlias = dict[str, str]
Point: TypeAlias = tuple[float, str, float | None, float | None]
"""Seconds, stage, value or ``None``, bound or ``None``."""

_OF_STAGE = ("value", "bound", "gap", "proven")
COLUMNS = (
    *("case", "run", "limit", "workers", "seed", "code", "status", "complete", "check", "stage", "unit"),
    *("best_known", "is_optimum"),
    *(f"{stage.value}_{what}" for stage in Stage for what in _OF_STAGE),
    *("unserved", "first_plan", "best_first_stage", "best_plan", "end_first_stage", "solve", "process", "cpu"),
    *("peak_mib", "rides", "fragments", "columns"),
)
"""``limit``, ``first_plan`` ... ``cpu`` in seconds; values and bounds in the unit of the case's file; ``is_optimum``:
whether ``best_known`` is."""
CURVE_COLUMNS = ("case", "run", "seconds", "stage", "value", "bound")
FAILED = "failed"
"""Status of a run that left no result."""


def row_of(case: Case, result: Mapping[str, Any], figures: Mapping[str, Any]) -> Row:
    """Return what a result and its figures tell; what belongs to the process is added by the caller.

    ``first_plan`` and ``best_plan`` are when the run *told* of them: the plan itself is never later.
    """
    stages = {stage["name"]: stage for stage in result["stages"]}
    statistics = result["statistics"]
    total = float(statistics["seconds"]["total"])
    curve: list[Point] = [(at, stage, value, bound) for at, stage, value, bound in figures["curve"]]
    ended: Mapping[str, float] = figures["ended"]
    first = figures["first"]
    # No plan is told before the first stage is: then it was there, at the latest, when that stage ended.
    told = next((at for at, _, value, _ in curve if value is not None), ended.get(first, total)) if stages else None
    reached = {name: _reached(curve, name, stage["value"]) for name, stage in stages.items()}
    row = {
        "case": case.name,
        "status": result["status"],
        "complete": _text(result["complete"]),
        "stage": case.stage.value,
        "unit": case.unit,
        "best_known": _text(case.best_known),
        "is_optimum": _text(case.proven),
        "unserved": _text(None if result["objective"] is None else result["objective"]["unserved_requests"]),
        "first_plan": _text(told),
        "best_first_stage": _text(reached.get(case.stage.value) or (ended.get(case.stage.value) if stages else None)),
        "best_plan": _text(max((at for at in reached.values() if at is not None), default=told)),
        "end_first_stage": _text(ended.get(case.stage.value)),
        "solve": _text(total),
        "cpu": _text(figures["cpu"]),
        "peak_mib": str(figures["peak"] >> 20),
        **{name: _text(statistics.get(name)) for name in ("rides", "fragments", "columns")},
    }
    for name, stage in stages.items():
        row.update({f"{name}_{what}": _text(stage[what]) for what in _OF_STAGE})
    return row


def _reached(curve: Iterable[Point], stage: str, value: float) -> float | None:
    """When the run first told of ``value`` in ``stage``; ``None`` where it never did."""
    return next((at for at, name, told, _ in curve if name == stage and told == value), None)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.10g}" if isinstance(value, float) and not value.is_integer() else str(value)


def claims(row: Row) -> list[str]:
    """Return what a row says that cannot be true, in words: a faulty plan, a value or bound beyond what is known."""
    found = [] if row["check"] in ("feasible", "no plan") else [f"the checker says: {row['check']}"]
    stage = row["stage"]
    if row["best_known"] and row.get(f"{stage}_value"):
        # Published figures have two decimals, and our fixed point is off by less than one hundredth.
        value, bound, known = float(row[f"{stage}_value"]), float(row[f"{stage}_bound"]), float(row["best_known"])
        if bound > known + 0.02:
            found.append(f"bound {bound} is above the best known plan, {known}")
        if value < known - 0.02 and row["is_optimum"] == "1":
            found.append(f"value {value} is below the published optimum, {known}")
    return found


class Ledger:
    """The CSV files of a suite: rows and curves, appended to run by run."""

    def __init__(self, folder: Path, suite: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.stem = folder / f"quality-{suite}"
        self._files = {COLUMNS: Path(f"{self.stem}.csv"), CURVE_COLUMNS: Path(f"{self.stem}-curves.csv")}

    def rows(self) -> list[Row]:
        """Return the rows so far; a file of another layout counts as none."""
        return self._read(COLUMNS)

    def curves(self) -> dict[tuple[str, int], list[Point]]:
        """Return the curves so far by case and run."""
        curves: dict[tuple[str, int], list[Point]] = {}
        for line in self._read(CURVE_COLUMNS):
            value, bound = (float(line[name]) if line[name] else None for name in ("value", "bound"))
            point = (float(line["seconds"]), line["stage"], value, bound)
            curves.setdefault((line["case"], int(line["run"])), []).append(point)
        return curves

    def add(self, row: Row, curve: Iterable[Point]) -> None:
        """Append a run."""
        points = [
            {"case": row["case"], "run": row["run"], "seconds": str(at), "stage": stage,
             "value": _text(value), "bound": _text(bound)}
            for at, stage, value, bound in curve
        ]  # fmt: skip
        for columns, lines in ((CURVE_COLUMNS, points), (COLUMNS, [row])):
            self._write(columns, [*self._read(columns), *lines])

    def forget(self, cases: set[str]) -> None:
        """Remove all runs of these cases, and what failed of any."""
        failed = {(row["case"], row["run"]) for row in self.rows() if row["status"] == FAILED}
        for columns in (CURVE_COLUMNS, COLUMNS):
            lines = self._read(columns)
            keep = [li for li in lines if li["case"] not in cases and (li["case"], li["run"]) not in failed]
            if len(keep) < len(lines):
                self._write(columns, keep)

    def _read(self, columns: tuple[str, ...]) -> list[Row]:
        path = self._files[columns]
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            return list(reader) if tuple(reader.fieldnames or ()) == columns else []

    def _write(self, columns: tuple[str, ...], lines: Iterable[Row]) -> None:
        """Write a whole file and put it in place at once: a run that is broken off leaves no half lines."""
        path = self._files[columns]
        whole = path.with_suffix(".new")
        with whole.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
        whole.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file."""
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
