"""One CSV file as a grid: encoding, separator, quotes, number of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from optimizer.io.tables_cells import folded
from optimizer.io.tables_columns import TableSpec
from optimizer.io.tables_grid import Grid, bytes_of, finished, is_header
from optimizer.io.tables_problems import ProblemLog

SEPARATORS = (",", ";", "\t")
_OFFICE_MAGIC = b"PK\x03\x04"


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
            action="This is no text file: export the table anew as 'CSV UTF-8', or restore it from a copy.",
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


def read_csv(path: Path, spec: TableSpec, log: ProblemLog) -> Grid | None:
    """Return the cells of a CSV file; ``None`` where it is none."""
    file = path.name
    raw = bytes_of(path, log)
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
    has_header = False
    try:
        for number, record in enumerate(reader, start=1):
            if number == 1:
                header = tuple(cell.strip() for cell in record)
                width, has_header = len(header), is_header(header, spec)
            elif any(cell and not cell.isspace() for cell in record):
                if len(record) != width and has_header:
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
    return finished(Grid(file=file, header=header, rows=rows, numbers=numbers), spec, log)


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
