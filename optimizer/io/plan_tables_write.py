"""Tables of a plan as CSV files and an Excel workbook that cannot run anything."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | None
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula: risky beginnings get an apostrophe before them."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell


def write_csv(path: Path, kind: type[Any], records: Sequence[Any]) -> None:
    """Write records of one of the dataclasses above as CSV (UTF-8 with BOM, which Excel needs to see the umlauts)."""
    names = [field.name for field in fields(kind)]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([neutral(getattr(record, name)) for name in names] for record in records)


def write_workbook(
    path: Path, sheets: Mapping[str, tuple[type[Any], Sequence[Any]]], titles: Mapping[str, str]
) -> None:
    """Write one sheet for each table; ``titles`` gives sheets and columns the words of the reader's language.

    Everything is written as a value, never as a formula or a link, so that a cell cannot run.
    """
    import xlsxwriter  # noqa: PLC0415 - only where a workbook is written

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, (kind, records) in sheets.items():
            sheet = book.add_worksheet(titles.get(name, name)[:31])
            names = [field.name for field in fields(kind)]
            sheet.write_row(0, 0, [titles.get(column, column) for column in names], bold)
            for row, record in enumerate(records, start=1):
                for column, field in enumerate(names):
                    value = getattr(record, field)
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write_number(row, column, value)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(records), len(names) - 1)
            sheet.autofit(max_width=420)
