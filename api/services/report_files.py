"""Reports as files: CSV for programs, a workbook for people. No cell of either can run anything."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from enum import StrEnum

from babel.dates import format_date

from api.reason_codes import FailCode, StopCode
from api.services import place_book
from api.services.report_tables import Table
from api.services.reports import Report
from api.texts import REASON_TEXTS, in_language
from api.texts_reports import COLUMNS, FILE, GROUPS, REPORTS, TABLES, Pair
from api.words import Language
from api.workflow import DeclineCode
from data import zabs
from optimizer.explain.messages import MESSAGES
from optimizer.io.plan_tables_write import Cell, neutral
from optimizer.model import RejectionCode, Rule


class Format(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: dict[Format, str] = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ENUMERATIONS: dict[str, type[StrEnum]] = {
    "failed": FailCode, "stopped": StopCode, "rejected": RejectionCode, "declined": DeclineCode,
    "backed_out": DeclineCode,
}  # fmt: skip
_SHEET_NAME = 31
"""Most characters of the name of a sheet."""
WITHHELD = "*"
"""What stands for a figure that is not shown."""


def label(table: str, code: str) -> Pair:
    """Return what a row or column of a table is called, in German and English; what has no name is called as it is."""
    cause = table.partition("_by_")[0]
    if cause in _ENUMERATIONS and code in set(_ENUMERATIONS[cause]):
        kind = _ENUMERATIONS[cause]
        return REASON_TEXTS[kind][kind(code)]
    if cause == "overrides" and code in set(Rule):
        texts = dict(MESSAGES[Rule(code)].texts)
        return texts["de"], texts["en"]
    return COLUMNS.get(code) or GROUPS.get(code) or _month(code) or _zab(code) or (code, code)


def _month(code: str) -> Pair | None:
    """Return what a month is called (``2026-11``)."""
    try:
        first = datetime.strptime(code, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    german, english = (format_date(first, "LLLL yyyy", locale=each) for each in ("de_DE", "en_GB"))
    return german, english


def _zab(code: str) -> Pair | None:
    """Return what a ZAB is called (``zab:essen``)."""
    name = next((site.zab.name for site in zabs() if place_book.code_of(site.zab) == code), None)
    return None if name is None else (name, name)


def written(report: Report, kind: Format, language: Language) -> bytes:
    """Return a report as a file; raises ``ValueError`` for JSON, which a schema writes."""
    if kind is Format.CSV:
        return _csv(report, language)
    if kind is Format.XLSX:
        return _workbook(report, language)
    raise ValueError(f"expected csv or xlsx, got {kind}")


def file_name(report: Report, kind: Format) -> str:
    """Return the name that a browser gives the file."""
    month = "" if report.period.month is None else f"-{report.period.month:02}"
    return f"{report.name}-{report.period.year}{month}-{report.edition}.{kind}"


def _csv(report: Report, language: Language) -> bytes:
    """Return one line for each figure: all tables in one, so that a program need not know their shapes."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(["table", "row", "row_text", "column", "column_text", "value"])
    for table in report.tables:
        for row in table.rows:
            for column in table.columns:
                value = table.cells[row, column]
                cells: list[Cell] = [
                    table.name, row, _text(table, row, language), column, _text(table, column, language),
                    WITHHELD if value is None else value,
                ]  # fmt: skip
                writer.writerow([neutral(cell) for cell in cells])
    # With a mark, which Excel needs to see the umlauts.
    return stream.getvalue().encode("utf-8-sig")


def _workbook(report: Report, language: Language) -> bytes:
    import xlsxwriter  # noqa: PLC0415  # only where a workbook is written

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        right = book.add_format({"align": "right"})
        cover = book.add_worksheet(_word("about", language)[:_SHEET_NAME])
        for number, line in enumerate(_about(report, language)):
            for place, said in enumerate(line):
                cover.write_string(number, place, str(neutral(said)))
        cover.autofit(max_width=420)
        names: set[str] = set()
        for table in report.tables:
            sheet = book.add_worksheet(_sheet_name(in_language(TABLES[table.name], language), names))
            heads = [_word("row", language), *(_text(table, column, language) for column in table.columns)]
            for number, head in enumerate(heads):
                sheet.write_string(0, number, str(neutral(head)), bold)
            for number, row in enumerate(table.rows, start=1):
                sheet.write_string(number, 0, str(neutral(_text(table, row, language))))
                for place, column in enumerate(table.columns, start=1):
                    value = table.cells[row, column]
                    if value is None:
                        sheet.write_string(number, place, WITHHELD, right)
                    else:
                        sheet.write_number(number, place, value)
            sheet.freeze_panes(1, 1)
            sheet.autofit(max_width=420)
    return stream.getvalue()


def _about(report: Report, language: Language) -> list[tuple[str, str]]:
    lines = [
        (_word("about", language), in_language(REPORTS[report.name], language)),
        (_word("year", language), str(report.period.year)),
        (_word("edition", language), _word(report.edition.value, language)),
    ]
    if report.period.month is not None:
        lines.insert(2, (_word("month", language), f"{report.period.month:02}"))
    if report.least is not None:
        lines.append((WITHHELD, _word("withheld", language).format(least=report.least)))
    return lines


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that no other sheet has; case does not tell them apart."""
    name, number = title[:_SHEET_NAME], 1
    while name.casefold() in taken:
        number += 1
        name = f"{title[: _SHEET_NAME - 4]} ({number})"
    taken.add(name.casefold())
    return name


def _text(table: Table, code: str, language: Language) -> str:
    return in_language(label(table.name, code), language)


def _word(name: str, language: Language) -> str:
    return in_language(FILE[name], language)
