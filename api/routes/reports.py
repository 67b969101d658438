"""Reports by year: for the observers of forced returns, on causes, and the ledger between the ZABs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.deadlines import BERLIN
from api.errors import Code
from api.schemas.catalogue import Text
from api.schemas.reports import ReportColumn, ReportRow, ReportShown, ReportTable
from api.services import report_ledger, reports
from api.services.report_files import MEDIA_TYPES, Format, file_name, label, written
from api.services.report_tables import Table
from api.services.reports import Edition, Period, Report
from api.texts_reports import REPORTS, TABLES, Pair
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.openapi import also
from api.words import Language
from api.workflow import Role

router = APIRouter(prefix="/reports", tags=["reports"])
_CSV = "table,row,row_text,column,column_text,value\r\nby_month,2026-10,2026-10,night,Abholung zur Nachtzeit,7\r\n"
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report, in the form that `format` or `Accept` asks for.",
        "content": {
            MEDIA_TYPES[Format.CSV]: {"schema": {"type": "string"}, "example": _CSV},
            MEDIA_TYPES[Format.XLSX]: {"schema": {"type": "string", "format": "binary"}, "example": "a workbook"},
        },
    }
}
Observing = Annotated[Actor, may(Role.LTRAKO, Role.AUDITOR)]
Leading = Annotated[Actor, may(Role.LTRAKO, Role.ZAB_LEAD, Role.AUDITOR)]
Year = Annotated[
    int | None,
    Query(ge=2000, le=2199, description="Year of the pick-ups, local time; left out: the present one.",
          examples=[2026]),
]  # fmt: skip
Month = Annotated[int | None, Query(ge=1, le=12, description="Month of the year; left out: all of it.")]
InEdition = Annotated[
    Edition,
    Query(description="`outside`: for others, small groups withheld, of a settled year only. `inside`: for official "
          "use only, all figures."),
]  # fmt: skip


def _form(
    request: Request,
    format: Annotated[  # noqa: A002  # what callers write
        Format | None, Query(description="`json`, `csv` or `xlsx`; left out: as `Accept` says.")
    ] = None,
) -> Format:
    """Return the form that is asked for; of what ``Accept`` lists the first that there is."""
    if format is not None:
        return format
    accepted = [each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")]
    known = {media_type: kind for kind, media_type in MEDIA_TYPES.items()}
    return next((known[each] for each in accepted if each in known), Format.JSON)


Form = Annotated[Format, Depends(_form)]
InLanguage = Annotated[Language, Query(description="Language of a file.")]


@router.get(
    "/observers", summary="Report to the observers of forced returns", response_model=ReportShown, responses=_FILES,
    openapi_extra=also(Code.STATE_FORBIDS),
)  # fmt: skip
def report_to_observers(
    context: InContext,
    actor: Observing,
    form: Form,
    year: Year = None,
    edition: InEdition = Edition.OUTSIDE,
    language: InLanguage = Language.DE,
) -> Response | ReportShown:
    """Return night pick-ups, with children, lifted rules, minutes in custody, escorts, failures and stops.

    By month and by airport. It stands on anonymous facts that outlive the requests. Each call is in the audit log.
    """
    period = Period(year=_year(context, year))
    return _answer(
        context, actor, form, language, lambda session: reports.observers(session, period, edition, now=context.now)
    )


@router.get(
    "/causes", summary="Report causes of rejection and failure", response_model=ReportShown, responses=_FILES,
    openapi_extra=also(Code.STATE_FORBIDS),
)  # fmt: skip
def report_causes(
    context: InContext,
    actor: Leading,
    form: Form,
    year: Year = None,
    month: Month = None,
    edition: InEdition = Edition.INSIDE,
    language: InLanguage = Language.DE,
) -> Response | ReportShown:
    """Return why requests were rejected, declined, given back or left unanswered, and why measures ended early.

    By code, and by month, ZAB and Bezirk. Each call is in the audit log.
    """
    period = Period(year=_year(context, year), month=month)
    return _answer(
        context, actor, form, language, lambda session: reports.causes(session, period, edition, now=context.now)
    )


@router.get("/ledger", summary="Report the ledger of a year", response_model=ReportShown, responses=_FILES)
def report_ledger_of_year(
    context: InContext,
    actor: Leading,
    form: Form,
    year: Year = None,
    month: Month = None,
    language: InLanguage = Language.DE,
) -> Response | ReportShown:
    """Return what each ZAB took, declined, gave back and drove in a year or a month; for official use only."""
    period = Period(year=_year(context, year), month=month)
    return _answer(context, actor, form, language, lambda session: report_ledger.ledger(session, period))


def _year(context: Context, year: int | None) -> int:
    return _local(context.now).year if year is None else year


def _local(now: datetime) -> datetime:
    return now.astimezone(BERLIN)


def _answer(
    context: Context, actor: Actor, form: Format, language: Language, make: Callable[[Session], Report]
) -> Response | ReportShown:
    # Read apart from the line in the log: sums over years keep nobody from writing.
    with context.store.reading() as session:
        report = make(session)
    details = {
        "report": report.name, "year": report.period.year, "month": report.period.month, "format": form.value,
        "edition": report.edition.value,
    }  # fmt: skip
    context.store.write(
        lambda session: audit.append(session, actor, "exported", "report", report.name, at=context.now, details=details)
    )
    if form is Format.JSON:
        return _shown(report)
    return Response(
        written(report, form, language),
        media_type=f"{MEDIA_TYPES[form]}; charset=utf-8" if form is Format.CSV else MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{file_name(report, form)}"', "Vary": "Accept"},
    )


def _shown(report: Report) -> ReportShown:
    return ReportShown(
        report=report.name, text=_text(REPORTS[report.name]), year=report.period.year, month=report.period.month,
        edition=report.edition.value, least_group=report.least, closed_on=reports.closed_on(report.period.year),
        tables=[_table(table) for table in report.tables],
    )  # fmt: skip


def _table(table: Table) -> ReportTable:
    return ReportTable(
        name=table.name,
        text=_text(TABLES[table.name]),
        columns=[ReportColumn(code=column, text=_text(label(table.name, column))) for column in table.columns],
        rows=[
            ReportRow(
                code=row, text=_text(label(table.name, row)),
                cells=[table.cells[row, column] for column in table.columns],
            )
            for row in table.rows
        ],
    )  # fmt: skip


def _text(pair: Pair) -> Text:
    return Text(de=pair[0], en=pair[1])
