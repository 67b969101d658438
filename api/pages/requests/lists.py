"""Requests as a list: an owner's own, what ZABs see of the pool and have to do with, all for who watches over it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.pages.requests import names
from api.pages.requests.page import READERS
from api.pages.view import View, may_view
from api.routes import requests
from api.routes.requests import HANDLE
from api.web.paging import InPages
from api.workflow import Role, State

router = APIRouter(include_in_schema=False)
_LONGEST_CASE = 40


@router.get("/requests")
def show(
    view: Annotated[View, may_view(*READERS)],
    pages: InPages,
    state: Annotated[list[str] | None, Query()] = None,
    since: str = "",
    until: str = "",
    case: Annotated[str, Query(max_length=200)] = "",
    handle: Annotated[str, Query(max_length=20)] = "",
    done: str = "",
) -> HTMLResponse:
    """Show the list, narrowed to what the address says."""
    chosen = [State(each) for each in state or () if each in set(State)]
    first, last = day(since), day(until)
    case = case.strip()[:_LONGEST_CASE]
    written = handle.strip().strip("….").lower()
    wanted = written if re.fullmatch(HANDLE, written) else None
    found = requests.list_requests(
        view.context, view.actor, pages, state=chosen or None, updated_since=None, pickup_from=begin(first),
        pickup_to=begin(None if last is None else last + timedelta(days=1)),
        case_reference=case if case.isprintable() and case else None, handle=wanted,
    )  # fmt: skip
    kept = [("state", each.value) for each in chosen] + [
        (name, value)
        for name, value in (
            ("since", since if first else ""), ("until", until if last else ""), ("case", case),
            ("handle", wanted or ""),
        )
        if value
    ]  # fmt: skip
    is_owner = view.actor.role is Role.ABH
    states = [each for each in State if is_owner or each is not State.DRAFT]
    return view.render(
        "requests/list.html", items=found.items, next=found.next, is_first=pages.after is None, names=names,
        states=states, chosen=set(chosen), since=since if first else "", until=until if last else "", case=case,
        handle=wanted or "", kept=urlencode(kept), is_owner=is_owner, is_filtered=bool(kept), is_stopped=done == "stop",
    )  # fmt: skip


def day(text: str) -> date | None:
    """Return the day that a field says; ``None`` where it says none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None  # as ``schemas.base.Day``


def begin(of: date | None) -> datetime | None:
    """Return the begin of a local day."""
    return None if of is None else datetime.combine(of, time(), BERLIN)
