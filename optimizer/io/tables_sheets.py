"""The sheets of an Excel workbook as grids: what spreadsheets know as dates and numbers becomes what a person types."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from optimizer.io.tables_columns import TABLES, TableSpec
from optimizer.io.tables_grid import MAX_BYTES, Grid, bytes_of, finished
from optimizer.io.tables_problems import ProblemLog, shown
from optimizer.io.tables_workbook import formula_cells

Cell: TypeAlias = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read_workbook(path: Path, log: ProblemLog, assign: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, Grid]:
    """Return the sheets of a workbook by table; ``assign`` says which sheet is which table."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only where a workbook is read

    raw = bytes_of(path, log)
    if raw is None:
        return {}
    try:
        formulas = formula_cells(raw, MAX_BYTES)
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        names = list(book.sheet_names)
    except (CalamineError, ValueError, OSError) as error:
        log.add(
            "not_a_workbook",
            file=path.name,
            expected="an Excel workbook (.xlsx) without password",
            got=shown(error),
            action="Save it anew as .xlsx.",
        )
        return {}
    found = assign({name: name for name in names})
    grids = {}
    for table in TABLES:
        if table not in found:
            continue
        sheet_name = found[table]
        file = f"{path.name}, sheet {sheet_name}"
        try:
            sheet = book.get_sheet_by_name(sheet_name)
            merged = sheet.merged_cell_ranges or []
            cells = sheet.to_python(skip_empty_area=False)
        except (CalamineError, ValueError, OSError) as error:
            log.add(
                "not_a_workbook",
                file=file,
                expected="a readable sheet",
                got=shown(error),
                action="Save it anew as .xlsx.",
            )
            continue
        for (top, left), _ in merged:
            log.add(
                "merged_cells",
                file=file,
                row=top + 1,
                expected="one cell for each row and column",
                got=f"merged cells beginning in column {left + 1}",
                action="Unmerge them.",
            )
        for row, reference in formulas.get(sheet_name, ()):
            log.add(
                "formula",
                file=file,
                row=row,
                expected="a value",
                got=f"a formula in cell {reference}",
                action="Copy the column and paste it as values.",
            )
        grid = _grid_of_cells(file, cells, TABLES[table], log)
        if grid is not None:
            grids[table] = grid
    return grids


def _grid_of_cells(file: str, cells: list[list[Cell]], spec: TableSpec, log: ProblemLog) -> Grid | None:
    records = list(_texts(cells))
    if not any(any(record) for record in records):
        log.add(
            "empty_file",
            file=file,
            expected="a header and records",
            got="an empty sheet",
            action="Fill it or remove it.",
        )
        return None
    header = tuple(cell.strip() for cell in records[0])
    numbers = [
        i for i, record in enumerate(records[1:], start=2) if any(cell and not cell.isspace() for cell in record)
    ]
    rows = [records[i - 1] for i in numbers]
    return finished(Grid(file=file, header=header, rows=rows, numbers=numbers), spec, log)


def _texts(cells: list[list[Cell]]) -> Iterator[list[str]]:
    for row in cells:
        yield [cell if isinstance(cell, str) else _text(cell) for cell in row]


def _text(cell: Cell) -> str:
    """Return what a person would have typed; spreadsheets know dates, times and numbers."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dt.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(cell, dt.datetime):
        # A spreadsheet counts days as fractions: half past eight comes as 08:29:59.999999.
        return (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    if isinstance(cell, dt.time):
        return cell.replace(microsecond=0).isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)
