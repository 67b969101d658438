"""Cells of one table as text, before anything is understood, and what holds for CSV and workbook alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from optimizer.io.tables_cells import folded
from optimizer.io.tables_columns import MAX_ROWS, TableSpec
from optimizer.io.tables_problems import ProblemLog, shown

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is opened at all."""
_WHEN_EMPTY = {
    "pool": "Without requests there is nothing to match.",
    "shifts": "Without duties nobody can drive.",
    "fleet": "Without vehicles nobody can drive.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of one table as text, without the header; ``numbers`` counts rows as a person does (header: row 1)."""

    file: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]


def bytes_of(path: Path, log: ProblemLog) -> bytes | None:
    """Return the bytes of a file; ``None`` where it is unreadable or too large."""
    try:
        size = path.stat().st_size
        if size <= MAX_BYTES:
            return path.read_bytes()
    except OSError as error:
        log.add(
            "unreadable",
            file=path.name,
            expected="a readable file",
            got=error.strerror or "an error of the system",
            action="Check the rights to it.",
        )
        return None
    log.add(
        "too_large",
        file=path.name,
        expected=f"at most {MAX_BYTES // 2**20} MiB",
        got=f"{size / 2**20:.0f} MiB",
        action="Split it by day.",
    )
    return None


def is_header(cells: Sequence[str], spec: TableSpec, least: int = 1) -> bool:
    """Whether at least ``least`` of the cells are headers of the table."""
    known = {word for column in spec.columns for word in (column.name, *column.german)}
    return sum(folded(cell) in known for cell in cells) >= least


def finished(grid: Grid, spec: TableSpec, log: ProblemLog) -> Grid | None:
    """Return the grid, or ``None`` where its header is of no use; adds what is wrong with it as a whole."""
    file, header, rows, numbers = grid.file, grid.header, grid.rows, grid.numbers
    if not is_header(header, spec):
        # The first line chose the separator, so a title may have chosen the wrong one.
        split = (re.split(r"[,;\t]", ",".join(row)) for row in rows)
        later = [number for number, row in zip(numbers[:20], split, strict=False) if is_header(row, spec, least=2)]
        log.add(
            "no_header",
            file=file,
            row=1,
            expected=f"columns like {', '.join(c.name for c in spec.columns[:4])}",
            got=shown(", ".join(header)),
            action=f"Delete the rows above row {later[0]}." if later else "Write the header in row 1.",
        )
        return None
    if len(rows) > MAX_ROWS[spec.name]:
        log.add(
            "too_many_rows",
            file=file,
            expected=f"at most {MAX_ROWS[spec.name]:,} records in table '{spec.name}'",
            got=f"{len(rows):,}",
            action="Split the table by day.",
        )
    if not rows and not spec.may_be_empty:
        log.add(
            "no_records",
            file=file,
            expected="at least one record",
            got="only a header",
            action=_WHEN_EMPTY.get(spec.name, "Fill it."),
        )
    return grid
