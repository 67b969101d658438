"""Freed seats, and the waiting requests that fit them now: offered by the way of placing by hand, nobody gives way."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages.requests import names
from api.pages.view import View, may_view
from api.routes import freed_seats
from api.web.paging import InPages
from api.workflow import Role

router = APIRouter(prefix="/freed", include_in_schema=False)
_ZABS = (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)
ReaderView = Annotated[View, may_view(*_ZABS, Role.LTRAKO)]


@router.get("")
def show(view: ReaderView, pages: InPages) -> HTMLResponse:
    """Show promised trips still to come that were given up."""
    found = freed_seats.list_freed_seats(view.context, view.actor, pages)
    return view.render("proposals/freed.html", items=found.items, next=found.next, names=names)


@router.get("/{duty_id}")
def show_fitting(view: ReaderView, duty_id: uuid.UUID) -> HTMLResponse:
    """Show what waits and fits a duty as it stands."""
    found = freed_seats.show_fitting(duty_id, view.context, view.actor)
    return view.render(
        "proposals/fitting.html", found=found, names=names, may_assign=view.actor.role in _ZABS
    )  # fmt: skip
