"""Proposals as a list: what is to be answered first stands first, what a gate blocks is marked."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.db.tables import Standing
from api.pages.proposals.page import READERS
from api.pages.requests import names
from api.pages.requests.lists import begin, day
from api.pages.sent import read_back
from api.pages.view import View, may_view
from api.routes import proposals
from api.schemas.proposals import ProposalItem
from api.web.paging import MOST, InPages, Page, Paging
from api.workflow import OFFERED, Role, State

router = APIRouter(include_in_schema=False)
_ALL = "all"


@router.get("/proposals")
def show(
    view: Annotated[View, may_view(*READERS)],
    pages: InPages,
    standing: str = Standing.LIVE.value,
    state: str = "",
    since: str = "",
    until: str = "",
) -> HTMLResponse:
    """Show the list, narrowed to what the address says; left out: those that stand."""
    chosen = Standing(standing) if standing in set(Standing) else None if standing == _ALL else Standing.LIVE
    of = State(state) if state in set(State) else None
    first, last = day(since), day(until)
    # As many as a page may have, so that the order by respond-by says something.
    whole = Paging(MOST, pages.after, pages.key)
    answer = proposals.list_proposals(
        context=view.context, actor=view.actor, pages=whole, standing=chosen, state=of, pickup_from=begin(first),
        pickup_to=begin(None if last is None else last + timedelta(days=1)),
    )  # fmt: skip
    found: Page[ProposalItem] = read_back(Page[ProposalItem], answer)
    kept = {
        "standing": _ALL if chosen is None else chosen.value, "state": "" if of is None else of.value,
        "since": since if first else "", "until": until if last else "",
    }  # fmt: skip
    return view.render(
        "proposals/list.html", items=sorted(found.items, key=_due), next=found.next, is_first=pages.after is None,
        names=names, values=kept, kept=urlencode({name: value for name, value in kept.items() if value}),
        standings=[(each.value, names.standing(view, each)) for each in Standing] + [(_ALL, view.say("alle"))],
        state_options=[(each.value, names.state(view, each)) for each in State if each in OFFERED],
        shows_zab=view.actor.role not in (Role.ZAB_DISPATCHER, Role.ZAB_LEAD),
        soon=view.now + timedelta(hours=2), awaits={State.PROPOSED, State.COUNTER_PROPOSED},
    )  # fmt: skip


def _due(item: ProposalItem) -> tuple[bool, float, float]:
    """What is to be answered first comes first; then by pick-up."""
    awaits = item.standing is Standing.LIVE and item.state in (State.PROPOSED, State.COUNTER_PROPOSED)
    respond = item.respond_by if awaits else None
    return respond is None, 0.0 if respond is None else respond.timestamp(), item.pickup_at.timestamp()
