"""Clearances: the lists of ZFA and ZRK, what they record, what an ABH says to another date, what was sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.clearance_workflow import ClearanceAction, ClearanceKind, ClearanceState
from api.errors import Code, FieldError, Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.roles import like, roles
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of
from api.pages.view import View, may_view
from api.routes import clearances as api
from api.schemas.clearances import ClearanceShown, DispatchBody, OfferDateBody, RecordBody, RefuseBody
from api.texts_measures import CLEARANCE_ACTIONS, CLEARANCE_STATES, KINDS, REFUSALS
from api.web.paging import InPages
from api.workflow import Role
from data.dispatch import airport_offices, documents

router = APIRouter()
InClearances = Annotated[View, like(api.Reader)]
_OWNERS = frozenset({ClearanceAction.ACCEPT_DATE, ClearanceAction.DECLINE_DATE, ClearanceAction.WITHDRAW})


@router.get("/clearances", include_in_schema=False)
def show_list(
    view: InClearances, pages: InPages, kind: str = "", state: str = "", is_past: bool = False
) -> HTMLResponse:
    """Show the clearances that the viewer may know of, by the day on which an answer is due."""
    found = api.list_clearances(
        context=view.context, actor=view.actor, pages=pages, is_current=not is_past,
        kind=ClearanceKind(kind) if kind in set(ClearanceKind) else None,
        state=[ClearanceState(state)] if state in set(ClearanceState) else None,
    )  # fmt: skip
    chosen = {"kind": kind, "state": state, "is_past": is_past or None}
    return view.render(
        "office/clearances.html", clearances=found.items, kinds=KINDS, states=CLEARANCE_STATES, chosen=chosen,
        more=address("/clearances", {**chosen, "after": found.next}) if found.next else "",
    )  # fmt: skip


@router.get("/clearances/{clearance_id}", include_in_schema=False)
def show(view: InClearances, clearance_id: uuid.UUID) -> HTMLResponse:
    """Show a clearance with what the viewer may record, and what was sent to the airport."""
    return _page(view, clearance_id)


@router.post("/clearances/{clearance_id}", include_in_schema=False)
def record(view: Annotated[View, like(api.Asker)], clearance_id: uuid.UUID, sent: InSent) -> Response:
    """Record what the deciding body said, or that it was asked."""
    return _decide(view, clearance_id, sent, _STEPS)


@router.post("/clearances/{clearance_id}/answer", include_in_schema=False)
def answer(view: Annotated[View, like(api.Owner)], clearance_id: uuid.UUID, sent: InSent) -> Response:
    """Say, as the owner, whether another date suits, or that nothing is needed any more."""
    return _decide(view, clearance_id, sent, _ANSWERS)


@router.post("/clearances/{clearance_id}/dispatches", include_in_schema=False)
def dispatch(view: Annotated[View, may_view(Role.ZFA)], clearance_id: uuid.UUID, sent: InSent) -> Response:
    """Record what was sent to the office of the Bundespolizei at the airport."""

    def work() -> Response:
        said = {"office": sent.text("office"), "documents": sent.all("documents"), "sent_at": sent.instant("sent_at")}
        body = forms.read(DispatchBody, {name: value for name, value in said.items() if value != []})
        return api.record_dispatch(clearance_id, body, view.context, view.actor, once(view, sent))

    _, problem = refused(work)
    return _page(view, clearance_id, problem, sent) if problem else view.go_to(f"/clearances/{clearance_id}#dispatches")


Step = Callable[[View, uuid.UUID, Sent], ClearanceShown]


def _recorded(sent: Sent) -> dict[str, str]:
    return {"reference": sent.text("reference"), "at": sent.instant("at")}


def _apply(view: View, key: uuid.UUID, sent: Sent) -> ClearanceShown:
    body = forms.read(RecordBody, _recorded(sent))
    return api.apply(key, body, Response(), view.context, view.actor, sent.if_match)


def _grant(view: View, key: uuid.UUID, sent: Sent) -> ClearanceShown:
    body = forms.read(RecordBody, _recorded(sent))
    return api.grant(key, body, Response(), view.context, view.actor, sent.if_match)


def _refuse(view: View, key: uuid.UUID, sent: Sent) -> ClearanceShown:
    body = forms.read(RefuseBody, _recorded(sent) | {"code": sent.text("code")})
    return api.refuse(key, body, Response(), view.context, view.actor, sent.if_match)


def _offer_date(view: View, key: uuid.UUID, sent: Sent) -> ClearanceShown:
    body = forms.read(OfferDateBody, _recorded(sent) | {"on": sent.text("on")})
    return api.offer_date(key, body, Response(), view.context, view.actor, sent.if_match)


_STEPS: dict[str, Step] = {
    ClearanceAction.APPLY: _apply,
    ClearanceAction.EXTEND: lambda view, key, sent: api.extend(
        key, Response(), view.context, view.actor, sent.if_match
    ),
    ClearanceAction.GRANT: _grant,
    ClearanceAction.REFUSE: _refuse,
    ClearanceAction.OFFER_DATE: _offer_date,
}
_ANSWERS: dict[str, Step] = {
    ClearanceAction.ACCEPT_DATE: lambda view, key, sent: api.accept_date(
        key, Response(), view.context, view.actor, sent.if_match
    ),
    ClearanceAction.DECLINE_DATE: lambda view, key, sent: api.decline_date(
        key, Response(), view.context, view.actor, sent.if_match
    ),
    ClearanceAction.WITHDRAW: lambda view, key, sent: api.withdraw(
        key, Response(), view.context, view.actor, sent.if_match
    ),
}


def _decide(view: View, clearance_id: uuid.UUID, sent: Sent, steps: dict[str, Step]) -> Response:
    def work() -> ClearanceShown:
        step = steps.get(sent.text("action"))
        if step is None:
            known = FieldError(path="/action", expected=f"one of {', '.join(steps)}")
            raise Problem(Code.VALUE_REFUSED, "Say what you want to record.", errors=[known])
        return step(view, clearance_id, sent)

    done, problem = refused(work)
    if done is None:
        return _page(view, clearance_id, problem, sent)
    return view.go_to(f"/clearances/{clearance_id}")


def _page(view: View, clearance_id: uuid.UUID, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    answered = Response()
    found = api.show_clearance(clearance_id, answered, view.context, view.actor)
    transit = found.kind is ClearanceKind.TRANSIT
    return view.render(
        "office/clearance.html", status=200 if problem is None else problem.status, clearance=found,
        version=version_of(answered), sent=sent, faults=faults(view, problem), call_key=new_key(),
        problem="" if problem is None else problems.shown(view, problem), kinds=KINDS, states=CLEARANCE_STATES,
        actions=CLEARANCE_ACTIONS, refusals=REFUSALS, owners=_OWNERS,
        dispatches=api.show_dispatches(clearance_id, view.context, view.actor) if transit else None,
        documents=documents(), offices=airport_offices(), may_dispatch=transit and view.actor.role is Role.ZFA,
        knows_request=view.actor.role in roles(api.Reader) - {Role.ZFA, Role.ZRK},
    )  # fmt: skip
