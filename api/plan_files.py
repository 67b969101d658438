"""The files of a plan: all of them or none."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from api.words import Language, titles
from optimizer.io.json import dump_instance
from optimizer.io.plan_tables import PlannedTour, PlanTables, Ride, TourStop, UnservedReason, ZabLoad
from optimizer.io.plan_tables_write import write_csv, write_workbook
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.result import Result

FILES = ("instance.json", "result.json", "proposals.csv", "unserved.csv", "stops.csv", "plan.xlsx")
"""``instance.json`` makes the plan checkable anywhere: ``python -m optimizer check instance.json result.json``."""


def foreign_files(folder: Path) -> list[str]:
    """Return the names in a folder that are no files of a plan."""
    return sorted(path.name for path in folder.iterdir() if path.name not in FILES)


def write_plan(folder: Path, stated: Problem, result: Result, tables: PlanTables, language: Language) -> list[str]:
    """Write all files of a plan and return their names.

    They are made in a hidden folder beside the target, which then takes the target's name; an earlier plan there is
    moved away first and put back where that fails. Nobody ever sees half a plan.

    Raises
    ------
    OSError
        As the system says it; the target is then as it was.
    """
    target = folder.resolve()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as hidden:
        draft, earlier = Path(hidden) / "new", Path(hidden) / "earlier"
        draft.mkdir()
        _write_files(draft, stated, result, tables, language)
        had_one = target.exists()
        if had_one:
            target.rename(earlier)
        try:
            draft.rename(target)
        except OSError:
            if had_one:
                shutil.move(earlier, target)
            raise
    return list(FILES)


def _write_files(folder: Path, stated: Problem, result: Result, tables: PlanTables, language: Language) -> None:
    (folder / "instance.json").write_text(dump_instance(stated.instance, stated.travel), encoding="utf-8")
    (folder / "result.json").write_text(dump_result(result, stated), encoding="utf-8")
    write_csv(folder / "proposals.csv", Ride, tables.proposals)
    write_csv(folder / "unserved.csv", UnservedReason, tables.unserved)
    write_csv(folder / "stops.csv", TourStop, tables.stops)
    sheets = {
        "proposals": (Ride, tables.proposals),
        "planned": (PlannedTour, tables.planned),
        "unserved": (UnservedReason, tables.unserved),
        "stops": (TourStop, tables.stops),
        "zabs": (ZabLoad, tables.zabs),
    }
    write_workbook(folder / "plan.xlsx", sheets, titles(language))
