"""The morning list: what the night changed, one row with one reason for each request."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.pages.navigation import ZABS
from api.pages.planning.names import DIFFERENCES, STATES, reason
from api.pages.view import View, may_view
from api.routes import runs as api
from api.schemas.runs import MorningList
from api.workflow import Role

router = APIRouter()
InMorning = Annotated[View, may_view(Role.ABH, Role.LTRAKO, *sorted(ZABS))]


@router.get("/morning", include_in_schema=False)
def show_today(view: InMorning) -> HTMLResponse:
    """Show what the last night changed."""
    return _night(view, view.now.astimezone(BERLIN).date())


@router.get("/morning/{night}", include_in_schema=False)
def show(view: InMorning, night: str) -> HTMLResponse:
    """Show what the night of a local date changed."""
    try:
        day = date.fromisoformat(night)
    except ValueError:
        day = date.min
    if not date(2000, 1, 2) <= day < date(2199, 12, 1):
        raise Problem(Code.NOT_FOUND, "Expected a day, as 2026-10-05.")
    return _night(view, day)


def _night(view: View, night: date) -> HTMLResponse:
    found: MorningList | None = None
    try:
        found = api.show_night(night, view.context, view.actor)
    except Problem as problem:
        if problem.code is not Code.NOT_FOUND:
            raise
    return view.render(
        "planning/morning.html", night=night, found=found,
        before=night - timedelta(days=1), after=night + timedelta(days=1), kinds=DIFFERENCES, states=STATES,
        reason=reason, may_see_runs=view.actor.role is not Role.ABH,
    )  # fmt: skip
