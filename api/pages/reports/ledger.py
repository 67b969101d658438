"""The ledger of a month: what each ZAB took, declined, gave back and drove; all five see the same."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.errors import Code, Problem
from api.pages.navigation import ZABS
from api.pages.reports.bars import chart
from api.pages.roles import roles
from api.pages.view import View, may_view
from api.routes import ledger as api
from api.routes import reports, statistics
from api.schemas.statistics import By
from api.services.ledger import month_of
from api.texts import Pair
from api.texts_reports import COLUMNS
from api.workflow import Role

router = APIRouter()
LEDGER = ZABS | {Role.LTRAKO}
"""Who sees the ledger of a month, as ``/v1/ledger``."""
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
BYS: dict[By, Pair] = {
    By.BEZIRK: ("Bezirk", "Bezirk"), By.DESTINATION: ("Ziel", "destination"), By.SIZE: ("Größe", "size"),
    By.NEEDS: ("Bedarfe", "needs"), By.OUTCOME: ("Ausgang", "outcome"), By.ZAB: ("ZAB", "ZAB"),
    By.HOURS: ("Tageszeit", "time of day"),
}  # fmt: skip


@router.get("/reports", include_in_schema=False)
def show(view: Annotated[View, may_view(*sorted(LEDGER | {Role.AUDITOR}))]) -> HTMLResponse:
    """Show which reports there are for the viewer."""
    role = view.actor.role
    return view.render(
        "reports/reports.html", year=view.now.year, has_ledger=role in LEDGER,
        has_observers=role in roles(reports.Observing), has_years=role in roles(reports.Leading),
    )  # fmt: skip


@router.get("/reports/month", include_in_schema=False)
def show_month(view: Annotated[View, may_view(*sorted(LEDGER))], month: str = "") -> HTMLResponse:
    """Show the ledger of a month as table and bars."""
    wanted = month if _MONTH.fullmatch(month) else f"{month_of(view.now):%Y-%m}"
    found = api.show_ledger(view.context, view.actor, wanted)
    figures = [
        (view.say("gefahrene Anfragen"), [(zab.name, float(zab.done.requests)) for zab in found.zabs]),
        (view.say("gefahrene Kilometer"), [(zab.name, zab.done.km) for zab in found.zabs]),
        (view.say("Teamstunden"), [(zab.name, zab.done.crew_hours) for zab in found.zabs]),
        (view.say("Minuten an Bord"), [(zab.name, float(zab.done.custody_minutes)) for zab in found.zabs]),
    ]
    return view.render(
        "reports/month.html", ledger=found, columns=COLUMNS, charts=[chart(name, values) for name, values in figures],
        month=wanted, before=f"{found.month - timedelta(days=1):%Y-%m}",
        after=f"{_next(found.month):%Y-%m}",
    )  # fmt: skip


@router.get("/reports/history", include_in_schema=False)
def show_history(
    view: Annotated[View, may_view(*sorted(LEDGER | {Role.AUDITOR}))], by: str = "", first: str = "", last: str = ""
) -> HTMLResponse:
    """Show the anonymised history by month, by one property; small groups are withheld."""
    chosen = By(by) if by in set(By) else By.DESTINATION
    months = {name: value if _MONTH.fullmatch(value) else None for name, value in (("first", first), ("last", last))}
    try:
        found = statistics.show_statistics(view.context, view.actor, chosen, months["first"], months["last"])
    except Problem as problem:
        if problem.code is not Code.VALUE_REFUSED:
            raise
        found, months = statistics.show_statistics(view.context, view.actor, chosen), {"first": None, "last": None}
    values = sorted({value for each in found.months for value in each.cells})
    return view.render("reports/history.html", found=found, values=values, by=chosen, bys=BYS, months=months)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
