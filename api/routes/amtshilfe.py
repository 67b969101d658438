"""Amtshilfe: somebody is assigned to a municipality before the transfer deadline."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.amtshilfe import AmtshilfeAction, AmtshilfeState
from api.db.tables import AmtshilfeCase
from api.errors import Code, not_found
from api.repositories import amtshilfe as rows
from api.routes.requests import Historian, Since
from api.schemas.base import Id
from api.schemas.dublin import AmtshilfeDeclineBody, AmtshilfeShown, AssignmentBody
from api.services import amtshilfe
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also, step
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(tags=["dublin"])
Teller = Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]
Examiner = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]


@router.post(
    "/requests/{request_id}/amtshilfe",
    summary="Tell of an assignment before the deadline",
    status_code=201,
    response_model=AmtshilfeShown,
    openapi_extra=also(Code.STATE_FORBIDS, Code.TOO_LATE, Code.EXISTS_ALREADY, Code.VALUE_REFUSED),
)
def open_case(
    request_id: uuid.UUID, body: AssignmentBody, context: InContext, actor: Teller, once: CreatesOnce
) -> Response:
    """Tell that somebody is assigned to a municipality: the ZAB of its Bezirk gets the case to examine.

    By the request's owner, or the ZAB of the facility's Bezirk. Responsibility for the case does not move.
    """

    def work(session: Session) -> Answer:
        row = amtshilfe.open_case(
            session, actor, request_id, body.municipality, body.assigned_on, now=context.now
        )  # fmt: skip
        headers = {"Location": f"/v1/amtshilfe/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=AmtshilfeShown.of(row, actor, context.now), headers=headers)

    return once.do(actor, work)


@router.get("/amtshilfe", summary="List Amtshilfe cases", response_model=Page[AmtshilfeShown])
def list_cases(
    context: InContext,
    actor: Historian,
    pages: InPages,
    state: Annotated[AmtshilfeState | None, Query(description="Only in this state.")] = None,
    request_id: Annotated[Id | None, Query(description="Only of this request.")] = None,
    updated_since: Since = None,
) -> Page[AmtshilfeShown]:
    """Return cases, newest first: an ABH those of its requests, a ZAB those that it examines or opened."""
    now = context.now
    query = rows.listed(actor, state=state, request_id=request_id, updated_since=updated_since)
    with context.store.reading() as session:
        order = (AmtshilfeCase.id,)
        return pages.page(session, query, order, lambda row: AmtshilfeShown.of(row, actor, now), descending=True)


@router.get("/amtshilfe/{case_id}", summary="Show an Amtshilfe case", response_model=AmtshilfeShown)
def show_case(case_id: uuid.UUID, response: Response, context: InContext, actor: Historian) -> AmtshilfeShown:
    """Return one case; `ETag` is the version that a decision names."""
    with context.store.reading() as session:
        row = rows.find(session, actor, case_id)
        if row is None:
            raise not_found("an Amtshilfe case")
        versions.show(response, row)
        return AmtshilfeShown.of(row, actor, context.now)


@router.post(
    "/amtshilfe/{case_id}/examine",
    summary="Note that it was examined",
    response_model=AmtshilfeShown,
    openapi_extra=step(),
)
def examine(
    case_id: uuid.UUID, response: Response, context: InContext, actor: Examiner, if_match: IfMatch = None
) -> AmtshilfeShown:
    """Note, as the ZAB of the Bezirk of assignment, that the case was examined with the ABH."""
    return _taken(context, actor, response, case_id, AmtshilfeAction.EXAMINE, if_match)


@router.post(
    "/amtshilfe/{case_id}/take-over",
    summary="Take the transfer over",
    response_model=AmtshilfeShown,
    openapi_extra=step(Code.TOO_LATE),
)
def take_over(
    case_id: uuid.UUID, response: Response, context: InContext, actor: Examiner, if_match: IfMatch = None
) -> AmtshilfeShown:
    """Take the transfer over: your ZAB is asked before all others, and accepts it on one of its duties.

    The ABH that owns the request stays responsible for the case.
    """
    return _taken(context, actor, response, case_id, AmtshilfeAction.TAKE_OVER, if_match)


@router.post(
    "/amtshilfe/{case_id}/decline",
    summary="Decline Amtshilfe",
    response_model=AmtshilfeShown,
    openapi_extra=step(Code.REASON_MISSING),
)
def decline(
    case_id: uuid.UUID,
    body: AmtshilfeDeclineBody,
    response: Response,
    context: InContext,
    actor: Examiner,
    if_match: IfMatch = None,
) -> AmtshilfeShown:
    """Decline with a coded reason: the request goes on as it was, in the exchange or with its ABH."""
    reason = amtshilfe.Reason(code=body.code, remark=body.remark)
    return _taken(context, actor, response, case_id, AmtshilfeAction.DECLINE, if_match, reason)


@router.post(
    "/amtshilfe/{case_id}/withdraw",
    summary="Withdraw an Amtshilfe case",
    response_model=AmtshilfeShown,
    openapi_extra=step(),
)
def withdraw(
    case_id: uuid.UUID, response: Response, context: InContext, actor: Teller, if_match: IfMatch = None
) -> AmtshilfeShown:
    """Withdraw a case that you opened, or that concerns your request: the assignment was told by mistake."""
    return _taken(context, actor, response, case_id, AmtshilfeAction.WITHDRAW, if_match)


def _taken(
    context: Context,
    actor: Actor,
    response: Response,
    case_id: uuid.UUID,
    action: AmtshilfeAction,
    if_match: str | None,
    reason: amtshilfe.Reason | None = None,
) -> AmtshilfeShown:
    def work(session: Session) -> AmtshilfeShown:
        row = amtshilfe.take(
            session, actor, case_id, action, seen=lambda row: versions.match(row, if_match), reason=reason,
            answering=context.settings.answering, now=context.now,
        )  # fmt: skip
        session.flush()
        versions.show(response, row)
        return AmtshilfeShown.of(row, actor, context.now)

    return context.store.write(work)
