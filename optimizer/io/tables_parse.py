"""From a grid of text to columns of values: headers matched, every cell parsed, every problem named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optimizer.io.tables_cells import folded, suggestion
from optimizer.io.tables_columns import FORBIDDEN, FORBIDDEN_IN_REQUESTS, MAX_ROWS, TableSpec
from optimizer.io.tables_grid import Grid
from optimizer.io.tables_problems import CellError, ProblemLog, shown

_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A table whose cells are values: ``columns[name][i]`` is ``None`` where the cell is empty.

    ``sound[i]`` tells whether all cells of record ``i`` could be read; only such records are built into values.
    """

    spec: TableSpec
    file: str
    numbers: Sequence[int]
    columns: Mapping[str, list[Any]]
    sound: list[bool]
    is_whole: bool
    """Whether all required columns are there and the number of records is allowed."""
    log: ProblemLog
    told: set[tuple[int, str]] = field(default_factory=set)
    """Cells (record, column) with a problem of their own: what follows from it is not told again."""

    def __len__(self) -> int:
        return len(self.numbers)

    def get(self, column: str, record: int) -> Any:
        """Return the value of a cell, ``None`` where it is empty or the column is missing."""
        values = self.columns.get(column)
        return values[record] if values is not None else None

    def values(self, record: int) -> dict[str, Any]:
        """Return the filled cells of a record by column."""
        return {name: values[record] for name, values in self.columns.items() if values[record] is not None}

    def reject(self, record: int, column: str, error: CellError, text: object = "") -> None:
        """Add a problem of one cell and mark its record."""
        self.sound[record] = False
        self.told.add((record, column))
        self.log.add_cell(error, file=self.file, row=self.numbers[record], column=column, text=text)


def parse_table(spec: TableSpec, grid: Grid, log: ProblemLog) -> Parsed:
    """Return the values of a grid; problems go to ``log``."""
    position, is_whole = _columns(spec, grid, log)
    sound = [True] * len(grid.rows)
    told: set[tuple[int, str]] = set()
    columns: dict[str, list[Any]] = {}
    for column in spec.columns:
        if column.name not in position:
            continue
        at = position[column.name]
        seen: dict[str, Any] = {}
        values: list[Any] = []
        for record, row in enumerate(grid.rows):
            text = row[at]
            value = seen.get(text, _MISSING)
            if value is _MISSING:
                stripped = text.strip()
                try:
                    value = column.parse(stripped) if stripped else None
                except CellError as error:
                    value = error
                if len(seen) < MAX_ROWS["pool"]:
                    seen[text] = value
            if isinstance(value, CellError):
                sound[record] = False
                told.add((record, column.name))
                log.add_cell(value, file=grid.file, row=grid.numbers[record], column=column.name, text=text)
                value = None
            elif value is None and column.required and not _may_be_empty(spec, column.name, row, position):
                sound[record] = False
                told.add((record, column.name))
                log.add(
                    "empty_cell",
                    file=grid.file,
                    row=grid.numbers[record],
                    column=column.name,
                    expected=column.allowed or column.unit or "a value",
                    got="nothing",
                    action=f"Fill it, for example with '{column.example}'.",
                )
            values.append(value)
        columns[column.name] = values
    return Parsed(
        spec=spec,
        file=grid.file,
        numbers=grid.numbers,
        columns=columns,
        sound=sound,
        is_whole=is_whole and len(grid.rows) <= MAX_ROWS[spec.name],
        log=log,
        told=told,
    )


def _may_be_empty(spec: TableSpec, column: str, row: Sequence[str], position: Mapping[str, int]) -> bool:
    """Whether another cell of the row makes a required one unnecessary."""

    def filled(other: str) -> bool:
        return other in position and bool(row[position[other]].strip())

    if column in ("pickup_place", "handover_place"):
        stop = column.partition("_")[0]
        return filled(f"{stop}_lat") or filled(f"{stop}_lon")
    return spec.name == "shifts" and column in ("duty", "vehicle") and not filled("duty") and not filled("vehicle")


def _columns(spec: TableSpec, grid: Grid, log: ProblemLog) -> tuple[dict[str, int], bool]:
    """Return where each known column stands, and whether all that are needed are there."""
    canonical = {word: column.name for column in spec.columns for word in (column.name, *column.german)}
    forbidden = FORBIDDEN_IN_REQUESTS if spec.name in ("pool", "tours") else FORBIDDEN
    position: dict[str, int] = {}
    unknown: list[str] = []
    is_whole = True
    for at, cell in enumerate(grid.header):
        word = folded(cell)
        name = canonical.get(word)
        if name is not None and name in position:
            log.add(
                "column_twice",
                file=grid.file,
                row=1,
                column=name,
                expected="each column once",
                got=f"'{grid.header[position[name]]}' and '{cell}'",
                action="Remove one.",
            )
        elif name is not None:
            position[name] = at
        elif word in forbidden:
            log.add(
                "forbidden_column",
                file=grid.file,
                row=1,
                column=cell,
                expected="no column with names, birth dates, addresses, nationalities or diagnoses",
                got=shown(cell),
                action="Delete the column: the exchange stores no such data.",
            )
        elif word:
            unknown.append(cell)
        elif any(row[at].strip() for row in grid.rows if at < len(row)):
            log.add(
                "nameless_column",
                file=grid.file,
                row=1,
                expected="a name above each column with content",
                got=f"none in column {at + 1}",
                action="Name or remove the column.",
            )
    absent = [column.name for column in spec.columns if column.name not in position]
    for cell in unknown:
        near = suggestion(cell, absent) or suggestion(cell, [w for w, name in canonical.items() if name in absent])
        log.add(
            "unknown_column",
            file=grid.file,
            row=1,
            column=cell[:80],
            expected=f"a column of table '{spec.name}'",
            got=shown(cell),
            action=near or "Remove the column; docs/import-format.md lists all.",
        )
    for column in spec.columns:
        if column.required and column.name in absent:
            stop = column.name.partition("_")[0]
            if column.name.endswith("_place") and {f"{stop}_lat", f"{stop}_lon"} <= set(position):
                continue
            is_whole = False
            log.add(
                "missing_column",
                file=grid.file,
                row=1,
                column=column.name,
                expected=f"column '{column.name}'",
                got="no such column",
                action=f"Add it ({column.meaning})",
            )
    if spec.name == "pool" and "departure" not in position and not {"handover_from", "handover_to"} <= set(position):
        is_whole = False
        log.add(
            "missing_column",
            file=grid.file,
            row=1,
            column="handover_from",
            expected="columns 'handover_from' and 'handover_to', or column 'departure'",
            got="neither",
            action="Add them.",
        )
    return position, is_whole
