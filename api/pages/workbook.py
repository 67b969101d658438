"""Excel workbooks of rows: their first sheet as CSV, which the imports of the service then read as any other."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from api.schemas.imports import RowProblem
from optimizer.errors import InputRejected
from optimizer.io.tables_problems import ProblemLog
from optimizer.io.tables_sheets import read_workbook

_BEGINS = b"PK\x03\x04"
"""How a workbook begins: it is a ZIP archive."""


def is_workbook(raw: bytes) -> bool:
    """Whether a file is a workbook, by how it begins."""
    return raw.startswith(_BEGINS)


def as_csv(raw: bytes, table: str) -> tuple[bytes, list[RowProblem]]:
    """Return the first sheet as CSV, each row where it stood; or what is wrong with the workbook.

    ``table`` is the one whose columns the sheet has (``optimizer.io.tables_columns``). Formulas and merged cells are
    refused: what they show may be what some program computed last.
    """
    log = ProblemLog()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.xlsx"
        path.write_bytes(raw)
        grids = read_workbook(path, log, lambda names: {table: next(iter(names))} if names else {})
    grid = grids.get(table)
    if log.count or grid is None:
        return b"", _told(log) or [RowProblem(row=0, column="", expected="a sheet with a header and rows")]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(grid.header)
    written = 1
    for number, row in zip(grid.numbers, grid.rows, strict=True):
        # Empty rows stay, so that faults are told by the numbers that the sheet shows.
        text.write("\r\n" * (number - written - 1))
        writer.writerow(row)
        written = number
    return text.getvalue().encode(), []


def _told(log: ProblemLog) -> list[RowProblem]:
    try:
        log.raise_if_any()
    except InputRejected as rejected:
        # Only what is wrong with the workbook itself: what a cell says is never repeated.
        return [
            RowProblem(row=each.row, column=each.column, expected=each.expected, what_to_do=each.action)
            for each in rejected.problems
        ]
    return []
