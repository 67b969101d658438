"""Steps in the life of a request that people take and that need no proposal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import TransportRequest
from api.errors import Code
from api.routes.requests import answered
from api.schemas.pool import PoolEntry
from api.schemas.request_steps import AcceptBody, AskBody, CancelBody, MoveBody, RejectBody, SettleBody, StopBody
from api.schemas.request_views import RequestFull, RequestView
from api.schemas.requests import EXAMPLE, RequestAmendment
from api.services import assignments, request_moves, requests
from api.services.assignments import Wish
from api.services.steps import Reason
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.openapi import step
from api.web.versions import IfMatch
from api.workflow import TABLE, Action, Role

router = APIRouter(tags=["requests"])
Shown = RequestFull | PoolEntry


def _may(action: Action) -> object:
    """Return the dependency that lets those in whom the table names for this action, in whatever state."""
    return may(*sorted({role for (_, of), cell in TABLE.items() if of is action for role in cell.who} - {Role.SYSTEM}))


def _done(
    context: Context,
    actor: Actor,
    response: Response,
    work: Callable[[Session], TransportRequest],
    reason: Reason | None = None,
) -> RequestFull | PoolEntry:
    said = {} if reason is None else {"/remark": reason.remark}
    return context.store.write(
        lambda session: answered(session, actor, work(session), response, now=context.now, said=said)
    )


def _seen(if_match: str | None) -> requests.Seen:
    return lambda row: versions.match(row, if_match)


@router.post(
    "/requests/{request_id}/ask",
    summary="Ask a ZAB in the first round",
    response_model=RequestView,
    openapi_extra=step(Code.VALUE_REFUSED),
)
def ask(
    request_id: uuid.UUID,
    body: AskBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.ASK)],
    if_match: IfMatch = None,
) -> Shown:
    """Ask one ZAB whether it takes a draft; a Dublin transfer from a state facility is asked of its Bezirk's ZAB."""

    def work(session: Session) -> TransportRequest:
        return requests.ask(
            session, actor, request_id, body.zab, seen=_seen(if_match), answering=context.settings.answering,
            now=context.now,
        )  # fmt: skip

    return _done(context, actor, response, work)


@router.post(
    "/requests/{request_id}/reject",
    summary="Reject in the first round",
    response_model=RequestView,
    openapi_extra=step(Code.REASON_MISSING),
)
def reject(
    request_id: uuid.UUID,
    body: RejectBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.REJECT)],
    if_match: IfMatch = None,
) -> Shown:
    """Reject as the ZAB that was asked, or note its rejection as the owner."""
    reason = Reason(code=body.code.value, remark=body.remark)

    def work(session: Session) -> TransportRequest:
        return requests.reject(session, actor, request_id, reason, seen=_seen(if_match), now=context.now)

    return _done(context, actor, response, work, reason)


@router.post(
    "/requests/{request_id}/accept",
    summary="Take it in the first round",
    response_model=RequestView,
    openapi_extra=step(Code.PLAN_BROKEN, Code.GATE_CLOSED, Code.VALUE_REFUSED),
)
def accept(
    request_id: uuid.UUID,
    body: AcceptBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.ACCEPT)],
    if_match: IfMatch = None,
) -> Shown:
    """Take a request as the ZAB that was asked, on one of your duties: it never enters the pool.

    Checked like an assignment by hand; times that are left out are looked for.
    """
    wish = Wish(
        request_id=request_id, duty_id=body.duty_id, pickup_at=body.pickup_at, handover_at=body.handover_at
    )  # fmt: skip

    def work(session: Session) -> TransportRequest:
        return assignments.accept(session, actor, wish, seen=_seen(if_match), now=context.now)

    return _done(context, actor, response, work)


@router.post(
    "/requests/{request_id}/pool",
    summary="Put it into the pool",
    response_model=RequestView,
    openapi_extra=step(Code.EXISTS_ALREADY),
)
def pool(
    request_id: uuid.UUID,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.POOL)],
    if_match: IfMatch = None,
) -> Shown:
    """Put a request into the pool; nobody filters what an owner puts there.

    A Dublin transfer from a state facility is asked of the ZAB of its Bezirk first (decree of 26.02.2024); what that
    ZAB rejects, or leaves unanswered, goes into the pool by itself.
    """

    def work(session: Session) -> TransportRequest:
        return requests.pool(
            session, actor, request_id, seen=_seen(if_match), answering=context.settings.answering, now=context.now
        )  # fmt: skip

    return _done(context, actor, response, work)


@router.post(
    "/requests/{request_id}/cancel",
    summary="Withdraw it",
    response_model=RequestView,
    openapi_extra=step(Code.REASON_MISSING),
)
def cancel(
    request_id: uuid.UUID,
    body: CancelBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.CANCEL)],
    if_match: IfMatch = None,
) -> Shown:
    """Withdraw a request; a promised seat becomes free for others."""
    reason = Reason(code=body.code.value, remark=body.remark)
    return _plain(context, actor, response, request_id, Action.CANCEL, if_match, reason)


@router.post(
    "/requests/{request_id}/move",
    summary="Move it to another day",
    response_model=RequestView,
    openapi_extra=step(Code.VALUE_REFUSED, Code.EXISTS_ALREADY, Code.REASON_MISSING),
)
def move(
    request_id: uuid.UUID,
    body: MoveBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.MOVE_DATE)],
    if_match: IfMatch = None,
) -> Shown:
    """Move the whole trip to another day, for instance since the flight was rebooked; it is matched again at once.

    A promise for the old day ends, and its ZAB is told. What was consented to for the old day no longer holds.
    """
    reason = Reason(code=body.code.value, remark=body.remark)

    def work(session: Session) -> TransportRequest:
        return request_moves.move(
            session, actor, request_id, body.to, reason, seen=_seen(if_match),
            answering=context.settings.answering, now=context.now,
        )  # fmt: skip

    return _done(context, actor, response, work)


@router.post(
    "/requests/{request_id}/stop",
    summary="STOPP: end the measure at once",
    response_model=RequestView,
    openapi_extra=step(Code.REASON_MISSING),
)
def stop(
    request_id: uuid.UUID,
    body: StopBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.STOP)],
) -> Shown:
    """Stop a measure at once: whoever learns of it first may. It needs no version, and beats whatever is at work."""
    reason = Reason(code=body.code.value, remark=body.remark)

    def work(session: Session) -> TransportRequest:
        return requests.step(session, actor, request_id, Action.STOP, reason=reason, now=context.now)

    return _done(context, actor, response, work, reason)


@router.post(
    "/requests/{request_id}/correct",
    summary="Correct wrong data",
    response_model=RequestView,
    openapi_extra=step(Code.EXISTS_ALREADY, Code.VALUE_REFUSED),
)
def correct(
    request_id: uuid.UUID,
    body: Annotated[RequestAmendment, Body(examples=[EXAMPLE])],
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.CORRECT)],
    if_match: IfMatch = None,
) -> Shown:
    """Say anew what you ask for, after a decline because data were wrong: it goes back to the pool.

    What was declined as a matter of policy the lead of that ZAB or the LTraKo settles (409 tells whose turn it is).
    """

    def work(session: Session) -> Shown:
        row = requests.amend(
            session, actor, request_id, body.content, action=Action.CORRECT, gates=body.gates, seen=_seen(if_match),
            answering=context.settings.answering, now=context.now,
        )  # fmt: skip
        return answered(session, actor, row, response, now=context.now, hinted=body.content)

    return context.store.write(work)


@router.post(
    "/requests/{request_id}/resume",
    summary="Offer it again after expiry",
    response_model=RequestView,
    openapi_extra=step(),
)
def resume(
    request_id: uuid.UUID,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.RESUME)],
    if_match: IfMatch = None,
) -> Shown:
    """Put a request that nobody answered in time back into the pool."""
    return _plain(context, actor, response, request_id, Action.RESUME, if_match)


@router.post(
    "/requests/{request_id}/settle",
    summary="Settle an escalated decline",
    response_model=RequestView,
    openapi_extra=step(Code.REASON_MISSING),
)
def settle(
    request_id: uuid.UUID,
    body: SettleBody,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.SETTLE)],
    if_match: IfMatch = None,
) -> Shown:
    """Settle what a ZAB declined as a matter of policy; upheld, that ZAB is out and the others are asked."""
    reason = Reason(code=body.code.value, remark=body.remark)

    def work(session: Session) -> TransportRequest:
        return requests.settle(session, actor, request_id, reason, seen=_seen(if_match), now=context.now)

    return _done(context, actor, response, work, reason)


@router.post(
    "/requests/{request_id}/return",
    summary="Give it back to its ABH",
    response_model=RequestView,
    openapi_extra=step(),
)
def return_to_abh(
    request_id: uuid.UUID,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, _may(Action.RETURN_TO_ABH)],
    if_match: IfMatch = None,
) -> Shown:
    """Give an unplaced request back to its ABH, which organises the trip itself."""
    return _plain(context, actor, response, request_id, Action.RETURN_TO_ABH, if_match)


def _plain(
    context: Context,
    actor: Actor,
    response: Response,
    request_id: uuid.UUID,
    action: Action,
    if_match: str | None,
    reason: Reason | None = None,
) -> Shown:
    def work(session: Session) -> TransportRequest:
        return requests.step(
            session, actor, request_id, action, seen=_seen(if_match), reason=reason, now=context.now
        )  # fmt: skip

    return _done(context, actor, response, work, reason)
