"""The list of Dublin transfers, those with the fewest days left first, each with its warnings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages.roles import like
from api.pages.sent import address
from api.pages.view import View
from api.routes import dublin as api
from api.routes.requests import Historian
from api.texts import LEVELS
from api.web.paging import InPages

router = APIRouter()


@router.get("/dublin", include_in_schema=False)
def show(view: Annotated[View, like(Historian)], pages: InPages, is_without_deadline: bool = False) -> HTMLResponse:
    """Show transfers that may still take place."""
    found = api.list_dublin(view.context, view.actor, pages, is_without_deadline=is_without_deadline)
    query = {"is_without_deadline": is_without_deadline or None, "after": found.next}
    return view.render(
        "office/dublin.html", entries=found.items, levels=LEVELS, is_without_deadline=is_without_deadline,
        more=address("/dublin", query) if found.next else "",
    )  # fmt: skip
