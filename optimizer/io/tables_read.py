"""From files to grids of text: CSV files of a folder or sheets of an Excel workbook. Nothing is understood here."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from optimizer.io.tables_cells import folded, suggestion
from optimizer.io.tables_columns import MAX_ROWS, TABLES, TableSpec
from optimizer.io.tables_problems import ProblemLog, shown
from optimizer.io.tables_workbook import formula_cells

MAX_BYTES = 64 * 1024 * 1024
"""Largest file that is opened at all."""
SEPARATORS = (",", ";", "\t")
_OFFICE_MAGIC = b"PK\x03\x04"

Cell: TypeAlias = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of one table as text, without the header; ``numbers`` counts rows as a person does (header: row 1)."""

    file: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]


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
    return _read_workbook(path, log)


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
            near = [stem for stem in unknown if suggestion(stem, (spec.name, *spec.german))]
            log.add(
                "missing_table",
                file=where,
                expected=f"a {noun} for table '{spec.name}'",
                got=f"none, but {shown(near[0])}" if near else "none",
                action="Rename it."
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
            grid = _read_csv(folder / found[table], TABLES[table], log)
            if grid is not None:
                grids[table] = grid
    return grids


def _bytes_of(path: Path, log: ProblemLog) -> bytes | None:
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


def _decode(raw: bytes, file: str, log: ProblemLog) -> str | None:
    action = "In Excel: save as 'CSV UTF-8 (comma delimited)'."
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        log.add("encoding", file=file, expected="UTF-8 text", got="UTF-16 (from byte 0)", action=action)
        return None
    if raw.startswith(_OFFICE_MAGIC):
        log.add(
            "binary",
            file=file,
            expected="CSV text",
            got="a workbook or an archive",
            action="Rename it to .xlsx, or save as CSV.",
        )
        return None
    zero = raw.find(b"\0")
    if zero >= 0:
        log.add(
            "binary",
            file=file,
            expected="CSV text",
            got=f"a zero byte at byte position {zero}",
            action="This is no text file.",
        )
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Positions count in the file as it lies on the disk, with its byte-order mark.
        position = error.start + (3 if raw.startswith(b"\xef\xbb\xbf") else 0)
        log.add(
            "encoding",
            file=file,
            row=raw.count(b"\n", 0, position) + 1,
            expected="UTF-8 text",
            got=f"byte 0x{raw[position]:02x} at byte position {position}",
            action=action,
        )
        return None


def _separator(header: str, spec: TableSpec) -> str:
    """Return the separator that makes the most known columns of the header line."""
    known = {word for column in spec.columns for word in (column.name, *column.german)}

    def score(separator: str) -> tuple[int, int]:
        cells = header.split(separator)
        return sum(folded(cell) in known for cell in cells), len(cells)

    return max(SEPARATORS, key=score)


def _read_csv(path: Path, spec: TableSpec, log: ProblemLog) -> Grid | None:
    file = path.name
    raw = _bytes_of(path, log)
    text = _decode(raw, file, log) if raw is not None else None
    if text is None:
        return None
    if not text.strip():
        log.add("empty_file", file=file, expected="a header and records", got="an empty file", action="Export it anew.")
        return None
    separator = _separator(text.split("\n", 1)[0], spec)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: tuple[str, ...] = ()
    rows: list[list[str]] = []
    numbers: list[int] = []
    number = width = 0
    try:
        for number, record in enumerate(reader, start=1):
            if number == 1:
                header = tuple(cell.strip() for cell in record)
                width = len(header)
            elif any(cell and not cell.isspace() for cell in record):
                if len(record) != width:
                    _add_width(record, width, separator, file=file, row=number, log=log)
                    record = (record + [""] * width)[:width]  # noqa: PLW2901 - go on, to find the other problems
                rows.append(record)
                numbers.append(number)
    except csv.Error as error:
        log.add(
            "broken_csv",
            file=file,
            row=number + 1,
            expected="CSV with quotes in pairs",
            got=str(error),
            action="Close the quote, or double quotes inside of quoted cells.",
        )
    return _grid(Grid(file=file, header=header, rows=rows, numbers=numbers), spec, log)


def _add_width(record: Sequence[str], width: int, separator: str, *, file: str, row: int, log: ProblemLog) -> None:
    joined = separator.join(record)
    other = next((s for s in SEPARATORS if s != separator and joined.count(s) >= max(1, width - 1)), None)
    names = {",": "comma", ";": "semicolon", "\t": "tab"}
    if other is not None:
        log.add(
            "mixed_separators",
            file=file,
            row=row,
            expected=f"cells separated by {names[separator]} as in the header",
            got=f"{names[other]}s",
            action="Use one separator in the whole file.",
        )
    else:
        action = (
            "Put cells that contain the separator in quotes." if len(record) > width else "Add the missing separators."
        )
        log.add(
            "cell_count",
            file=file,
            row=row,
            expected=f"{width} cells as in the header",
            got=f"{len(record)}",
            action=action,
        )


def _read_workbook(path: Path, log: ProblemLog) -> dict[str, Grid]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only where a workbook is read

    raw = _bytes_of(path, log)
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
    found = _assign({name: name for name in names}, path.name, "sheet", log)
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
    return _grid(Grid(file=file, header=header, rows=rows, numbers=numbers), spec, log)


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


def _grid(grid: Grid, spec: TableSpec, log: ProblemLog) -> Grid | None:
    """Return the grid, or ``None`` where its header is of no use; adds what is wrong with it as a whole."""
    file, header, rows, numbers = grid.file, grid.header, grid.rows, grid.numbers
    known = {word for column in spec.columns for word in (column.name, *column.german)}
    if not any(folded(cell) in known for cell in header):
        later = [
            n for n, row in zip(numbers[:20], rows, strict=False) if sum(folded(cell) in known for cell in row) >= 2
        ]
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


_WHEN_EMPTY = {
    "pool": "Without requests there is nothing to match.",
    "shifts": "Without duties nobody can drive.",
    "fleet": "Without vehicles nobody can drive.",
}
