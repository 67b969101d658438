"""The morning list: what the night changed, one row with one reason for each request."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.pages.navigation import ZABS
from api.pages.place_names import place
from api.pages.planning.names import DIFFERENCES, STATES, UNPLACED, reason
from api.pages.view import View, may_view
from api.repositories import requests
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
    rows = [] if found is None else found.differences
    return view.render(
        "planning/morning.html", night=night, found=found,
        # Who had no place and has none still waits as before: that is no change.
        changes=[each for each in rows if each.kind != UNPLACED],
        waiting=[each for each in rows if each.kind == UNPLACED],
        called=_called(view, {each.request for each in rows}),
        before=night - timedelta(days=1), after=night + timedelta(days=1), kinds=DIFFERENCES, states=STATES,
        next_at=_next_night(view) if found is None and night >= view.now.astimezone(BERLIN).date() else None,
        reason=reason, may_see_runs=view.actor.role is not Role.ABH,
    )  # fmt: skip


def _next_night(view: View) -> datetime | None:
    """Return when the next nightly run begins; ``None`` where no worker of the service starts it."""
    settings = view.context.settings
    if not settings.is_nightly_scheduled:
        return None
    today = view.now.astimezone(BERLIN).date()
    coming = (datetime.combine(today + timedelta(days=number), settings.nightly_at, BERLIN) for number in (0, 1))
    return next(at for at in coming if at > view.now)


def _called(view: View, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return what requests are called: by their case to who sees them whole, by their places to who sees them."""
    with view.context.store.reading() as session:
        return {
            row.id: row.case_reference
            if requests.is_full(session, view.actor, row)
            else f"{place(row.pickup_ags)} – {place(row.delivery_place)}"
            for row in requests.seen_of(session, view.actor, ids)
        }
