"""Reports as answers show them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from api.schemas.base import Shown
from api.schemas.catalogue import Text


class ReportColumn(Shown):
    """A column of a table."""

    code: Annotated[str, Field(examples=["night_with_children"])]
    text: Text


class ReportRow(Shown):
    """A row of a table: a month, an airport, a code, or all (`total`)."""

    code: Annotated[str, Field(examples=["2026-10"])]
    text: Text
    cells: Annotated[
        list[float | int | None],
        Field(description="One for each column; `null`: withheld, for few cases or to protect such.", examples=[[7]]),
    ]


class ReportTable(Shown):
    """A table."""

    name: Annotated[str, Field(examples=["by_month"])]
    text: Text
    columns: list[ReportColumn]
    rows: list[ReportRow]


class ReportShown(Shown):
    """A report of a year or a month."""

    report: Annotated[str, Field(examples=["observers"])]
    text: Text
    year: Annotated[int, Field(examples=[2026])]
    month: Annotated[int | None, Field(description="Month of the year; `null`: all of it.", examples=[None])]
    edition: Annotated[
        str, Field(description="`outside`: for others. `inside`: for official use only.", examples=["outside"])
    ]
    least_group: Annotated[
        int | None, Field(description="Smallest number of cases that is shown; `null`: all are.", examples=[5])
    ]
    closed_on: Annotated[
        date, Field(description="From this day on the year may leave the authorities.", examples=["2027-02-01"])
    ]
    tables: list[ReportTable]
