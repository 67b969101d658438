"""From files to grids of text: which CSV file of a folder, or sheet of a workbook, is which table."""

from __future__ import annotations

from pathlib import Path

from optimizer.io.tables_cells import folded, suggestion
from optimizer.io.tables_columns import TABLES
from optimizer.io.tables_csv import read_csv
from optimizer.io.tables_grid import Grid
from optimizer.io.tables_problems import ProblemLog, shown
from optimizer.io.tables_sheets import read_workbook


def read_grids(path: Path, log: ProblemLog) -> dict[str, Grid]:
    """Return the grids found under ``path`` by table name; what is wrong with the files goes to ``log``."""
    if path.is_dir():
        return _read_folder(path, log)
    if not path.exists():
        log.add(
            "missing_path",
            file=str(path),
            expected="a folder of CSV files or an Excel workbook",
            got="nothing there",
            action="Check the path.",
        )
        return {}
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        log.add(
            "not_a_workbook",
            file=path.name,
            expected="a folder of CSV files or a workbook ending in .xlsx",
            got=shown(path.suffix or path.name),
            action="Name the folder, or save as .xlsx.",
        )
        return {}
    return read_workbook(path, log, lambda names: _assign(names, path.name, "sheet", log))


def _table_of(name: str) -> str | None:
    for spec in TABLES.values():
        if folded(name) in (spec.name, *spec.german):
            return spec.name
    return None


def _assign(names: dict[str, str], where: str, noun: str, log: ProblemLog) -> dict[str, str]:
    """Return table -> name of the file or sheet; ``names`` maps those names to stems."""
    found: dict[str, str] = {}
    every = tuple(word for spec in TABLES.values() for word in (spec.name, *spec.german))
    unknown: list[str] = []
    for name, stem in names.items():
        table = _table_of(stem)
        if table is None:
            unknown.append(stem)
            log.note(
                "unknown_table",
                file=where,
                expected=f"{noun}s named {', '.join(TABLES)}",
                got=f"'{name}', not read",
                action=suggestion(stem, every),
            )
        elif table in found:
            log.add(
                "table_twice",
                file=where,
                expected=f"one {noun} for table '{table}'",
                got=f"'{found[table]}' and '{name}'",
                action="Remove one.",
            )
        else:
            found[table] = name
    for spec in TABLES.values():
        if spec.required and spec.name not in found:
            suffix = "" if noun == "sheet" else ".csv"
            near = [stem for stem in unknown if suggestion(stem, (spec.name, *spec.german))]
            log.add(
                "missing_table",
                file=where,
                expected=f"a {noun} named '{spec.name}{suffix}'",
                got=f"none, but {shown(near[0])}" if near else "none",
                action=f"Rename it to '{spec.name}{suffix}'."
                if near
                else "Add it; a header alone is enough."
                if spec.may_be_empty
                else "Add it.",
            )
    return found


def _read_folder(folder: Path, log: ProblemLog) -> dict[str, Grid]:
    files = sorted(
        p for p in folder.iterdir() if p.suffix.lower() == ".csv" and p.is_file() and not p.name.startswith(".")
    )
    found = _assign({p.name: p.stem for p in files}, folder.name or str(folder), "CSV file", log)
    grids = {}
    for table in TABLES:
        if table in found:
            grid = read_csv(folder / found[table], TABLES[table], log)
            if grid is not None:
                grids[table] = grid
    return grids
