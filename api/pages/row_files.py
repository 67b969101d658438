"""Files of rows that pages take in: what was chosen, read as CSV or JSON, and the template to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Response

from api.errors import Code, FieldError, Problem
from api.pages.sent import Sent
from api.pages.workbook import as_csv, is_workbook
from api.schemas.imports import RowProblem

_MARK = "utf-8-sig"
"""With a mark at the begin Excel takes the letters for what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """What a file says: rows of CSV or JSON; ``problems`` where a workbook could not be read."""

    data: bytes
    is_json: bool
    problems: list[RowProblem]


async def chosen_file(sent: Sent) -> tuple[str, bytes]:
    """Return name and content of the file that a form sent; both empty where none was chosen."""
    chosen = sent.file("file")
    return ("", b"") if chosen is None else (chosen.filename or "", await chosen.read())


def read_rows(data: bytes, table: str) -> RowFile:
    """Return the rows of a file: CSV, JSON, or the first sheet of a workbook as CSV.

    Parameters
    ----------
    table
        Of the import tables (``docs/import-format.md``).

    Raises
    ------
    Problem
        ``value_refused`` (422) for an empty file.
    """
    if not data:
        raise Problem(
            Code.VALUE_REFUSED, "Choose a file.", errors=[FieldError(path="/file", expected="a file that is not empty")]
        )
    problems: list[RowProblem] = []
    is_json = data.lstrip()[:1] in (b"[", b"{")
    if is_workbook(data):
        data, problems = as_csv(data, table)
    return RowFile(data=data, is_json=is_json, problems=problems)


def template_file(name: str, columns: Sequence[str], examples: Mapping[str, str]) -> Response:
    """Return a CSV file with a header and one row of examples, as German Excel opens it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerow([examples.get(each, "") for each in columns])
    return Response(
        text.getvalue().encode(_MARK), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
