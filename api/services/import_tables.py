"""CSV files of requests: from bytes to what an ABH states, with every fault of every row.

Columns, words and tolerance are those of the table ``pool`` of the optimizer's import, as far as a request has them
(``optimizer.io.tables_columns``; ``docs/api-import.md`` lists them). A few hundred rows are looked at a time, so that a
file of any length costs little memory.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from api.services.import_columns import OWN
from optimizer.errors import InputProblem, InputRejected
from optimizer.io import tables_cells as cells
from optimizer.io.tables_columns import TABLES, Column, TableSpec
from optimizer.io.tables_grid import Grid
from optimizer.io.tables_parse import Parsed, parse_table
from optimizer.io.tables_problems import CellError, ProblemLog
from optimizer.model import CaseType, DeadlineClass, Need, RejectionCode

AT_A_TIME = 250
_SEPARATORS = (",", ";", "\t")
_LEAST_HEADERS = 3
"""So many known columns make a line a header; fewer, and what stands there may be about a person."""
_NAMES = (
    "request", "authority", "case_type", "people", "unit", "bundle", "date", "pickup_place", "pickup_from", "pickup_to",
    "pickup_service_min", "handover_place", "handover_from", "handover_to", "handover_service_min", "departure",
    "charter", "needs", "wheelchairs", "luggage", "escorts", "escorts_female", "separate", "max_ride_min", "deadline",
    "deadline_class", "rejected_by", "rejection_code", "night_ground",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: row (0: the file as a whole), column, what was expected, what to do; ``got`` never a cell's text."""

    row: int
    column: str
    expected: str
    got: str = ""
    what_to_do: str = ""


class Faults:
    """All faults of an import: the first ones word for word, by row, the others counted."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.told: list[Fault] = []
        self.total = 0
        self.rows: set[int] = set()

    @property
    def is_full(self) -> bool:
        """Whether further faults are only counted: nobody need look for the nearest word any more."""
        return len(self.told) >= self._most

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        self.add_counted([fault], 1)

    def add_counted(self, faults: Sequence[Fault], count: int) -> None:
        """Add faults of which only some are there word for word."""
        self.total += count
        self.rows.update(fault.row for fault in faults if fault.row > 0)
        self.told.extend(faults[: max(0, self._most - len(self.told))])


COLUMNS: tuple[Column, ...] = (*(TABLES["pool"].column(name) for name in _NAMES), *OWN)
SPEC: TableSpec = replace(TABLES["pool"], columns=COLUMNS)


def _quick(kind: type[StrEnum], german: Mapping[str, StrEnum], parse: cells.Parser) -> cells.Parser:
    """Return a parser that says nothing about an unknown word: quick, where faults are only counted."""
    words = {cells.folded(word) for word in (*(member.value for member in kind), *german)}

    def parse_known(text: str) -> object:
        if not all(cells.folded(item) in words for item in (cells.items_of(text) or [text])):
            raise CellError("unknown_value", "", "")
        return parse(text)

    return parse_known


_QUICK = {
    "case_type": (CaseType, cells.CASE_WORDS),
    "needs": (Need, cells.NEED_WORDS),
    "deadline_class": (DeadlineClass, cells.DEADLINE_WORDS),
    "rejection_code": (RejectionCode, cells.REJECTION_WORDS),
}
_COUNTING: TableSpec = replace(
    SPEC,
    columns=tuple(
        replace(column, parse=_quick(*_QUICK[column.name], column.parse)) if column.name in _QUICK else column
        for column in COLUMNS
    ),
)


def tables(data: bytes, faults: Faults) -> Iterator[Parsed]:
    """Yield the rows of a CSV file, some hundred at a time; what is wrong with the cells goes to ``faults``."""
    text = _text(data, faults)
    if text is None:
        return
    separator = _separator(text.split("\n", 1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    part: _Part | None = None
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            if part is None:
                part = _part(record, faults)
                faults.rows.clear()  # the header is no row that is refused
                if part is None:
                    return
            elif any(cell and not cell.isspace() for cell in record):
                part.add(number, record)
                if len(part.rows) == AT_A_TIME:
                    yield part.parsed()
    except csv.Error:
        faults.add(
            Fault(
                row=number + 1, column="", expected="CSV with quotes in pairs, cells of at most 100,000 characters",
                what_to_do="Close the quote, or double quotes inside of quoted cells. No later row was read.",
            )
        )  # fmt: skip
    if part is not None and part.rows:
        yield part.parsed()


class _Part:
    """Rows under one header, until they are looked at together."""

    def __init__(self, header: Sequence[str], faults: Faults) -> None:
        self._width = len(header)
        # Spreadsheets write separators after the last column: columns without a name are left out.
        self._at = [at for at, cell in enumerate(header) if cells.folded(cell)]
        self._nameless = [at for at in range(len(header)) if at not in self._at]
        self._header = tuple(header[at].strip() for at in self._at)
        self._faults = faults
        self.rows: list[list[str]] = []
        self._numbers: list[int] = []
        log = ProblemLog()
        parse_table(SPEC, Grid(file="", header=self._header, rows=[], numbers=[]), log)
        self._of_header = log.count
        faults.add_counted(_listed(log, header), log.count)

    def add(self, number: int, record: Sequence[str]) -> None:
        """Add a row."""
        if len(record) != self._width:
            is_more = len(record) > self._width
            action = "Put cells that contain the separator in quotes." if is_more else "Add the missing separators."
            expected = f"{self._width} cells as in the header"
            self._faults.add(Fault(row=number, column="", expected=expected, got=str(len(record)), what_to_do=action))
        whole = [*record, *[""] * max(0, self._width - len(record))]
        if any(whole[at].strip() for at in self._nameless):
            expected = "a name above each column with content"
            self._faults.add(Fault(row=number, column="", expected=expected, what_to_do="Name or remove the column."))
        self.rows.append([whole[at] for at in self._at])
        self._numbers.append(number)

    def parsed(self) -> Parsed:
        """Return the rows so far as values, and begin anew."""
        log = ProblemLog()
        is_counting = self._faults.is_full
        grid = Grid(file="", header=self._header, rows=self.rows, numbers=self._numbers)
        parsed = parse_table(_COUNTING if is_counting else SPEC, grid, log)
        # What is wrong with the header was told once; it comes again with each part.
        kept = [] if is_counting else sorted((f for f in _listed(log) if f.row > 1), key=lambda fault: fault.row)
        self._faults.add_counted(kept, log.count - self._of_header)
        unsound = (number for number, is_sound in zip(self._numbers, parsed.sound, strict=True) if not is_sound)
        self._faults.rows.update(unsound)
        self.rows, self._numbers = [], []
        return parsed


def _part(header: Sequence[str], faults: Faults) -> _Part | None:
    if _known(header) >= _LEAST_HEADERS:
        return _Part(header, faults)
    expected = f"columns like {', '.join(column.name for column in COLUMNS[:4])}"
    faults.add(Fault(row=1, column="", expected=expected, what_to_do="Write the header in row 1."))
    return None


def nameless(problems: Sequence[InputProblem], header: Sequence[str], known: Sequence[Column]) -> list[InputProblem]:
    """Return the problems with columns that are not known told by number, never by name: it may be somebody's.

    Parameters
    ----------
    header
        As it was sent, with all of its cells.
    """
    numbers: dict[str, list[int]] = {}
    for number, cell in enumerate(header, start=1):
        numbers.setdefault(cell.strip()[:80], []).append(number)
    names = f"one of the columns {', '.join(column.name for column in known)}"
    found = []
    for each in problems:
        if each.code == "unknown_column":
            at = numbers.get(each.column.strip()[:80])
            column = f"column {at.pop(0)}" if at else "an unknown column"
            found.append(replace(each, column=column, expected=names, got=""))
        else:
            found.append(each)
    return found


def _listed(log: ProblemLog, header: Sequence[str] = ()) -> list[Fault]:
    try:
        log.raise_if_any()
    except InputRejected as error:
        return [
            Fault(
                row=problem.row, column=problem.column, expected=problem.expected, what_to_do=problem.action,
                got="nothing" if problem.got == "nothing" else "",
            )
            for problem in nameless(error.problems, header, COLUMNS)
            if problem.code != "more_problems"
        ]  # fmt: skip
    return []


def _text(data: bytes, faults: Faults) -> str | None:
    def refuse(expected: str, what_to_do: str) -> None:
        faults.add(Fault(row=0, column="", expected=expected, what_to_do=what_to_do))

    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04")) or b"\0" in data:
        refuse("CSV text in UTF-8 or Windows-1252", "In Excel: save as 'CSV UTF-8'.")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            refuse("CSV text in UTF-8 or Windows-1252", "In Excel: save as 'CSV UTF-8'.")
            return None
    if not text.strip():
        refuse("a header and rows", "Export the file anew: it is empty.")
        return None
    return text


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=lambda each: (_known(header.split(each)), header.count(each)))


def _known(header: Sequence[str]) -> int:
    known = {word for column in COLUMNS for word in (column.name, *column.german)}
    return sum(cells.folded(cell) in known for cell in header)
