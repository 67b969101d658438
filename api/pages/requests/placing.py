"""Placing by hand: choose a duty, see what the checker says and who is affected, then promise; nothing before that."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.errors import Problem
from api.pages import forms
from api.pages.requests import names
from api.pages.requests.deciding import NOTHING, SHOWN, Tried, attempt
from api.pages.requests.deeds import DEEDS
from api.pages.sent import InSent, Sent, instant, new_key, once, read_back, version_of, whole
from api.pages.view import View, may_view
from api.repositories import proposals as proposal_rows
from api.routes import assignments, duties, requests
from api.schemas.assignments import AssignmentBody, CheckShown
from api.schemas.base import Shown
from api.schemas.duties import DutyShown
from api.schemas.proposals import ProposalShown, minutes
from api.schemas.request_views import RequestFull
from api.workflow import TABLE, Action, Role

router = APIRouter(include_in_schema=False)
_ZABS = (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)
_ACCEPT = next(deed for deed in DEEDS if deed.action is Action.ACCEPT)
_LONGEST = 3
"""Days of a pick-up window whose duties are listed at most."""


@router.get("/requests/{request_id}/place")
def show(
    view: Annotated[View, may_view(*_ZABS, Role.LTRAKO)],
    request_id: uuid.UUID,
    duty: uuid.UUID | None = None,
    pickup_at: str = "",
    handover_at: str = "",
) -> HTMLResponse:
    """Show the duties of the day, and of the one that is chosen what the checker says; nothing is stored."""
    wanted = {"duty_id": str(duty or ""), "pickup_at": pickup_at, "handover_at": handover_at}
    return _page(view, request_id, wanted)


@router.get("/requests/{request_id}/fits")
def show_fits(view: Annotated[View, may_view(*_ZABS, Role.LTRAKO)], request_id: uuid.UUID) -> HTMLResponse:
    """Show the duties on which it fits now, the best first; to htmx the list alone."""
    answer = Response()
    shown = requests.show_request(request_id, answer, view.context, view.actor)
    found = assignments.suggest(request_id, view.context, view.actor)
    return view.render(
        "requests/part_fits.html" if view.is_part else "requests/fits.html", shown=shown, found=found, names=names,
        is_full=isinstance(shown, RequestFull), version=version_of(answer), call_key=new_key(),
        does=how(view, shown), ends=ends(view, shown),
    )  # fmt: skip


@router.post("/requests/{request_id}/assign")
def assign(view: Annotated[View, may_view(*_ZABS)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Promise the request on the duty that was checked, as it was checked; it is pinned there."""

    def work() -> ProposalShown:
        answer = assignments.assign(_body(request_id, _wanted(sent)), view.context, view.actor, once(view, sent))
        made: ProposalShown = read_back(ProposalShown, answer)
        return made

    return attempt(
        view, "assign", sent, work, lambda tried: _page(view, request_id, _wanted(sent), tried),
        lambda made: f"/proposals/{made.id}?done=assigned",
    )  # fmt: skip


@router.post("/requests/{request_id}/accept")
def accept(view: Annotated[View, may_view(*_ACCEPT.roles)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Take it in the first round, on the duty that was checked."""
    times = {f"accept.{name}": value for name, value in _times(_wanted(sent)).items()}

    def work() -> Any:
        return _ACCEPT.do(view, request_id, sent.with_fields(times))

    return attempt(
        view, "accept", sent, work, lambda tried: _page(view, request_id, _wanted(sent), tried),
        lambda _: f"/requests/{request_id}?done=accept",
    )  # fmt: skip


def _page(view: View, request_id: uuid.UUID, wanted: dict[str, str], tried: Tried = NOTHING) -> HTMLResponse:
    answer = Response()
    shown = requests.show_request(request_id, answer, view.context, view.actor)
    found = _duties(view, shown)
    checked = refused = None
    if wanted["duty_id"]:
        try:
            checked = assignments.check_assignment(_body(request_id, wanted), view.context, view.actor)
        except Problem as problem:
            if problem.status not in SHOWN:
                raise
            refused = Tried(path="assign", problem=problem)
    return view.render(
        "requests/place.html", status=tried.status if refused is None else refused.status, shown=shown,
        is_full=isinstance(shown, RequestFull), version=version_of(answer), duties=found, checked=checked,
        chosen=next((each for each in found if str(each.id) == wanted["duty_id"]), None), names=names,
        wanted=wanted, promises=_promises(checked), problem=tried.box(view) or (refused or NOTHING).box(view),
        call_key=new_key(), does=how(view, shown), ends=ends(view, shown), liftable=_liftable(checked),
        duty_id=wanted["duty_id"],
    )  # fmt: skip


def how(view: View, shown: Shown) -> str:
    """Return what the button does: promise it, take it in the first round, or nothing for whoever only looks."""
    if view.actor.role not in _ZABS:
        return ""
    if isinstance(shown, RequestFull) and Action.ACCEPT in shown.actions:
        return "accept"
    return "assign" if (getattr(shown, "state", None), Action.ASSIGN) in TABLE else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """A live proposal that placing by hand ends: whose it is, and the minutes on board there."""

    zab: str
    is_own: bool
    minutes: int


def ends(view: View, shown: Any) -> Ends | None:
    """Return the proposal that would end; of that of another ZAB no more than who loses it, and the minutes."""
    if shown.offer is None:
        return None
    with view.context.store.reading() as session:
        live = proposal_rows.live(session, shown.id)
        if live is None:
            return None
        is_own = live.zab_id == view.actor.organisation_id
        return Ends(zab=live.zab.code, is_own=is_own, minutes=minutes(live.on_board_seconds))


def _liftable(checked: CheckShown | None) -> list[str]:
    """Return the rules that a second person may lift, where nothing else stands against the trip."""
    if checked is None or not checked.can_be_overridden:
        return []
    return list(dict.fromkeys(each.rule for each in checked.violations))


def _duties(view: View, shown: Any) -> list[DutyShown]:
    """Return the duties of one's own ZAB on the days of the pick-up; of all ZABs for the LTraKo."""
    if isinstance(shown, RequestFull):
        since, until = shown.content.pickup.earliest, shown.content.pickup.latest
    else:
        since, until = shown.pickup_from, shown.pickup_to
    first = since.astimezone(BERLIN).date()
    days = min((until.astimezone(BERLIN).date() - first).days + 1, _LONGEST)
    found = {
        each.id: each
        for number in range(days)
        for each in duties.list_duties(view.context, view.actor, whole(view), day=first + timedelta(days=number)).items
    }
    return [each for each in found.values() if each.is_offered and each.ends_at > max(since, view.now)]


def _wanted(sent: Sent) -> dict[str, str]:
    return {name: sent.text(name) for name in ("duty_id", "pickup_at", "handover_at")}


def _times(wanted: dict[str, str]) -> dict[str, str]:
    """Return the wish with instants of the local clock."""
    return {name: value if name == "duty_id" else instant(value) for name, value in wanted.items() if value}


def _promises(checked: CheckShown | None) -> dict[str, str]:
    """Return the times that were checked, to the second: what is promised is what was seen."""
    if checked is None:
        return {}
    return {"pickup_at": checked.pickup_at.isoformat(), "handover_at": checked.handover_at.isoformat()}


def _body(request_id: uuid.UUID, wanted: dict[str, str]) -> AssignmentBody:
    return forms.read(AssignmentBody, {"request_id": str(request_id), **_times(wanted)})
