"""Reports of a year or a month: for the observers, on causes, and the ledger; as tables, bars, CSV and Excel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.errors import Problem
from api.pages import problems
from api.pages.reports.bars import Chart, chart
from api.pages.roles import like
from api.pages.sent import address, refused
from api.pages.view import View
from api.routes import reports as api
from api.schemas.catalogue import Text
from api.schemas.reports import ReportShown, ReportTable
from api.services.report_files import Format
from api.services.reports import Edition
from api.texts_reports import REPORTS

router = APIRouter()
InObserving = Annotated[View, like(api.Observing)]
InLeading = Annotated[View, like(api.Leading)]
_FIRST_YEAR, _LAST_YEAR, _MONTHS = 2000, 2199, 12
_FIRST = ("overrides_by_month",)
"""Tables that stand before all others: what was done against a rule, and at night, concerns observers most."""
_CHARTED = {"by_month": "night_with_children", "zabs": "done_km"}
"""Of these tables the column that is drawn, too."""
Asked = Callable[[], Response | ReportShown]


@router.get("/reports/observers", include_in_schema=False)
def show_observers(view: InObserving, year: str = "", edition: str = "") -> HTMLResponse:
    """Show the report to the observers of forced returns."""
    chosen = _edition(edition, Edition.OUTSIDE)
    wanted = _year(view, year)
    return _page(
        view, "observers", wanted, None, chosen,
        lambda: api.report_to_observers(view.context, view.actor, Format.JSON, wanted, chosen, view.language),
    )  # fmt: skip


@router.get("/reports/causes", include_in_schema=False)
def show_causes(view: InLeading, year: str = "", month: str = "", edition: str = "") -> HTMLResponse:
    """Show why requests were rejected, declined, given back, left unanswered, and why measures ended early."""
    chosen = _edition(edition, Edition.INSIDE)
    wanted, of_month = _year(view, year), _month(month)
    return _page(
        view, "causes", wanted, of_month, chosen,
        lambda: api.report_causes(view.context, view.actor, Format.JSON, wanted, of_month, chosen, view.language),
    )  # fmt: skip


@router.get("/reports/ledger", include_in_schema=False)
def show_ledger(view: InLeading, year: str = "", month: str = "") -> HTMLResponse:
    """Show the ledger of a year."""
    wanted, of_month = _year(view, year), _month(month)
    return _page(
        view, "ledger", wanted, of_month, None,
        lambda: api.report_ledger_of_year(view.context, view.actor, Format.JSON, wanted, of_month, view.language),
    )  # fmt: skip


def _page(view: View, name: str, year: int, month: int | None, edition: Edition | None, ask: Asked) -> HTMLResponse:
    found, problem = refused(ask)
    report = found if isinstance(found, ReportShown) else None
    query: dict[str, Any] = {"year": year, "month": month, "edition": edition and edition.value}
    return view.render(
        "reports/year.html", status=200 if problem is None else problem.status, name=name, title=REPORTS[name],
        year=year, month=month, edition=edition, report=report, tables=_ordered(report), charts=_charts(view, report),
        has_month=name != "observers", problem=_told(view, problem),
        files={
            kind: address(f"/v1/reports/{name}", query | {"format": kind, "language": view.language.value})
            for kind in (Format.CSV.value, Format.XLSX.value)
        },
    )  # fmt: skip


def _told(view: View, problem: Problem | None) -> str:
    return "" if problem is None else problems.shown(view, problem)


def _ordered(report: ReportShown | None) -> list[ReportTable]:
    if report is None:
        return []
    return sorted(report.tables, key=lambda table: (table.name not in _FIRST, report.tables.index(table)))


def _charts(view: View, report: ReportShown | None) -> dict[str, Chart]:
    """Return the bars of the tables that are drawn, without the row of the sums."""
    drawn = {}
    for table in report.tables if report else ():
        column = _CHARTED.get(table.name)
        at = next((number for number, each in enumerate(table.columns) if each.code == column), None)
        if at is None:
            continue
        figures = [(_text(view, row.text), row.cells[at]) for row in table.rows if row.code != "total"]
        drawn[table.name] = chart(_text(view, table.columns[at].text), figures)
    return drawn


def _text(view: View, text: Text) -> str:
    return str(getattr(text, view.language.value))


def _year(view: View, text: str) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() else 0
    return wanted if _FIRST_YEAR <= wanted <= _LAST_YEAR else view.now.astimezone(BERLIN).year


def _month(text: str) -> int | None:
    wanted = int(text) if text.isascii() and text.isdigit() else 0
    return wanted if 1 <= wanted <= _MONTHS else None


def _edition(text: str, default: Edition) -> Edition:
    return Edition(text) if text in set(Edition) else default
