"""Amtshilfe cases: the ZAB of the Bezirk of assignment examines, takes over or declines; who told of it withdraws."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.amtshilfe import AmtshilfeReason, AmtshilfeState
from api.errors import Code, FieldError, Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, refused, version_of
from api.pages.view import View
from api.routes import amtshilfe as api
from api.routes.requests import Historian
from api.schemas.dublin import AmtshilfeDeclineBody, AmtshilfeShown
from api.texts import AMTSHILFE_STATES, REASON_TEXTS
from api.web.paging import InPages

router = APIRouter()
InCases = Annotated[View, like(Historian)]


@router.get("/amtshilfe", include_in_schema=False)
def show_list(view: InCases, pages: InPages, state: str = "") -> HTMLResponse:
    """Show the cases that the viewer examines, opened or owns, newest first."""
    chosen = AmtshilfeState(state) if state in set(AmtshilfeState) else None
    found = api.list_cases(view.context, view.actor, pages, state=chosen)
    return view.render(
        "office/cases.html", cases=found.items, states=AMTSHILFE_STATES, chosen=state,
        more=address("/amtshilfe", {"state": state, "after": found.next}) if found.next else "",
    )  # fmt: skip


@router.get("/amtshilfe/{case_id}", include_in_schema=False)
def show(view: InCases, case_id: uuid.UUID) -> HTMLResponse:
    """Show a case, and what can be decided."""
    return _page(view, case_id)


@router.post("/amtshilfe/{case_id}", include_in_schema=False)
def decide(view: Annotated[View, like(api.Examiner)], case_id: uuid.UUID, sent: InSent) -> Response:
    """Examine, take over, or decline with a reason."""

    def work() -> AmtshilfeShown:
        action, context, actor = sent.text("action"), view.context, view.actor
        if action == "examine":
            return api.examine(case_id, Response(), context, actor, sent.if_match)
        if action == "take_over":
            return api.take_over(case_id, Response(), context, actor, sent.if_match)
        if action == "decline":
            body = forms.read(AmtshilfeDeclineBody, {"code": sent.text("code"), "remark": sent.text("remark")})
            return api.decline(case_id, body, Response(), context, actor, sent.if_match)
        known = FieldError(path="/action", expected="one of examine, take_over, decline")
        raise Problem(Code.VALUE_REFUSED, "Say what you want to decide.", errors=[known])

    _, problem = refused(work)
    return view.go_to(f"/amtshilfe/{case_id}") if problem is None else _page(view, case_id, problem, sent)


@router.post("/amtshilfe/{case_id}/withdraw", include_in_schema=False)
def withdraw(view: Annotated[View, like(api.Teller)], case_id: uuid.UUID, sent: InSent) -> Response:
    """Withdraw a case that was told of by mistake."""
    _, problem = refused(lambda: api.withdraw(case_id, Response(), view.context, view.actor, sent.if_match))
    return view.go_to(f"/amtshilfe/{case_id}") if problem is None else _page(view, case_id, problem, sent)


def _page(view: View, case_id: uuid.UUID, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    answer = Response()
    case = api.show_case(case_id, answer, view.context, view.actor)
    own = view.viewer.organisation if view.viewer else ""
    is_examiner, is_teller = case.zab == own, own in (case.opener, case.owner)
    return view.render(
        "office/case.html", status=200 if problem is None else problem.status, case=case, sent=sent,
        version=version_of(answer), faults=faults(view, problem), reasons=REASON_TEXTS[AmtshilfeReason],
        problem="" if problem is None else problems.shown(view, problem),
        # What the table lets the role do, as far as this is the organisation that it means.
        actions=[each.value for each in case.actions if (is_teller if each.value == "withdraw" else is_examiner)],
    )  # fmt: skip
