"""What people say to a proposal. Each decision names the version that was seen, and answers the proposal after it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Proposal
from api.errors import Code, Problem
from api.routes.proposal_views import whole
from api.schemas.proposals import (
    BackOutBody,
    ConditionBody,
    CounterBody,
    DeclineBody,
    FailBody,
    ProposalShown,
    SettleReasonBody,
)
from api.schemas.text_warnings import told
from api.services import counters, proposals
from api.services.steps import Reason
from api.web import versions
from api.web.answers import written
from api.web.authentication import may, may_take
from api.web.context import Context, InContext
from api.web.openapi import step
from api.web.versions import IfMatch
from api.workflow import CLASS_OF, DECLINE_OF, Action, Role

router = APIRouter(prefix="/proposals/{proposal_id}", tags=["proposals"])
Work = Callable[[Session, Proposal], Problem | None]
_DECIDES = step()
_CHECKS = step(Code.PLAN_BROKEN, Code.GATE_CLOSED, Code.TOO_LATE)


def _decided(
    context: Context,
    actor: Actor,
    proposal_id: uuid.UUID,
    if_match: str | None,
    action: Action | None,
    work: Work,
    said: Mapping[str, str] | None = None,
) -> Response:
    """Return the proposal after ``work``, with warnings about the free text that was ``said`` with it.

    A problem that ``work`` returns is told once what it changed is stored.

    What was decided already is told before an old version is: that is what the caller needs to know.
    """
    now = context.now

    def step(session: Session) -> Response | Problem:
        if action is None:
            proposal = proposals.held_promise(session, actor, proposal_id)
        else:
            proposal = proposals.held(session, actor, proposal_id, action)
        versions.match(proposal, if_match)
        problem = work(session, proposal)
        session.flush()
        if problem is not None:
            return problem
        shown = whole(session, actor, proposal, now=now).model_copy(update={"warnings": told(said or {})})
        return written(shown, {"ETag": versions.tag(proposal)})

    answer = context.store.write(step)
    if isinstance(answer, Problem):
        raise answer
    return answer


@router.post("/confirm", summary="Promise the trip", response_model=ProposalShown, openapi_extra=_CHECKS)
def confirm(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.CONFIRM)],
    if_match: IfMatch = None,
) -> Response:
    """Promise the trip (Zusage). It is checked against today's data first.

    Where it no longer fits, the proposal ends as lost, the request is matched again, and the answer is `plan_broken`.
    """
    return _decided(
        context, actor, proposal_id, if_match, Action.CONFIRM,
        lambda session, proposal: proposals.confirm(session, actor, proposal, now=context.now),
    )  # fmt: skip


@router.post(
    "/confirm-provisionally",
    summary="Promise it under a condition",
    response_model=ProposalShown,
    openapi_extra=step(Code.PLAN_BROKEN, Code.GATE_CLOSED, Code.TOO_LATE, Code.VALUE_REFUSED),
)
def confirm_provisionally(
    proposal_id: uuid.UUID,
    body: ConditionBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.CONFIRM_PROVISIONALLY)],
    if_match: IfMatch = None,
) -> Response:
    """Promise the trip under a condition that somebody meets in time; else it lapses. Checked as a full promise is."""
    return _decided(
        context, actor, proposal_id, if_match, Action.CONFIRM_PROVISIONALLY,
        lambda session, proposal: proposals.confirm_provisionally(
            session, actor, proposal, Reason(code=body.code.value, remark=body.condition), owner=body.owner,
            until=body.until, now=context.now,
        ),
        {"/condition": body.condition},
    )  # fmt: skip


@router.post("/meet-condition", summary="The condition is met", response_model=ProposalShown, openapi_extra=_CHECKS)
def meet_condition(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.MEET_CONDITION)],
    if_match: IfMatch = None,
) -> Response:
    """Make a provisional promise a full one; checked again."""
    return _decided(
        context, actor, proposal_id, if_match, Action.MEET_CONDITION,
        lambda session, proposal: proposals.meet_condition(session, actor, proposal, now=context.now),
    )  # fmt: skip


@router.post(
    "/counter",
    summary="Offer another time or place",
    response_model=ProposalShown,
    openapi_extra=step(Code.PLAN_BROKEN, Code.GATE_CLOSED, Code.TOO_LATE, Code.VALUE_REFUSED),
)
def counter(
    proposal_id: uuid.UUID,
    body: CounterBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.COUNTER)],
    if_match: IfMatch = None,
) -> Response:
    """Offer other times, or another place of pick-up; the seats stay held until the owner answers."""
    offered = counters.Counter(pickup_at=body.pickup_at, handover_at=body.handover_at, place=body.place)
    return _decided(
        context, actor, proposal_id, if_match, Action.COUNTER,
        lambda session, proposal: counters.counter(
            session, actor, proposal, Reason(code=body.code.value, remark=body.remark), offered, now=context.now,
            answering=context.settings.answering,
        ),
        {"/remark": body.remark},
    )  # fmt: skip


@router.post(
    "/accept-counter", summary="Agree to another time or place", response_model=ProposalShown, openapi_extra=_CHECKS
)
def accept_counter(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.ACCEPT_COUNTER)],
    if_match: IfMatch = None,
) -> Response:
    """Agree, as the owner: the trip is checked at the new times, and promised."""
    return _decided(
        context, actor, proposal_id, if_match, Action.ACCEPT_COUNTER,
        lambda session, proposal: counters.accept_counter(session, actor, proposal, now=context.now),
    )  # fmt: skip


@router.post(
    "/refuse-counter", summary="Refuse another time or place", response_model=ProposalShown, openapi_extra=_DECIDES
)
def refuse_counter(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.REFUSE_COUNTER)],
    if_match: IfMatch = None,
) -> Response:
    """Refuse, as the owner: the request is matched again, without this ZAB."""
    return _decided(
        context, actor, proposal_id, if_match, Action.REFUSE_COUNTER,
        lambda session, proposal: counters.refuse_counter(session, actor, proposal, now=context.now),
    )  # fmt: skip


@router.post(
    "/withdraw-counter", summary="Take a counter-proposal back", response_model=ProposalShown, openapi_extra=_DECIDES
)
def withdraw_counter(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.WITHDRAW_COUNTER)],
    if_match: IfMatch = None,
) -> Response:
    """Take your counter-proposal back before the owner answers: the proposal stands again, with its old respond-by.

    Where that is over, the proposal expires and the next best is asked.
    """
    return _decided(
        context, actor, proposal_id, if_match, Action.WITHDRAW_COUNTER,
        lambda session, proposal: counters.withdraw_counter(
            session, actor, proposal, now=context.now, answering=context.settings.answering
        ),
    )  # fmt: skip


@router.post(
    "/decline",
    summary="Decline the trip",
    response_model=ProposalShown,
    openapi_extra=step(Code.REASON_MISSING, Code.VALUE_REFUSED),
)
def decline(
    proposal_id: uuid.UUID,
    body: DeclineBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.DECLINE_BAR)],
    if_match: IfMatch = None,
) -> Response:
    """Decline (Ablehnung) with a code; what follows is fixed by the class of the code, see `decline-preview`."""
    return _decided(
        context, actor, proposal_id, if_match, DECLINE_OF[CLASS_OF[body.code]],
        lambda session, proposal: proposals.decline(
            session, actor, proposal, Reason(code=body.code.value, remark=body.remark), until=body.until,
            now=context.now, answering=context.settings.answering,
        ),
        {"/remark": body.remark},
    )  # fmt: skip


@router.post(
    "/return-decline", summary="Give a decline back", response_model=ProposalShown, openapi_extra=_CHECKS
)  # fmt: skip
def return_decline(
    proposal_id: uuid.UUID,
    body: SettleReasonBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.RETURN_DECLINE)],
    if_match: IfMatch = None,
) -> Response:
    """Give a decline back, as a lead: the proposal stands again if the checker agrees."""
    return _decided(
        context, actor, proposal_id, if_match, Action.RETURN_DECLINE,
        lambda session, proposal: proposals.return_decline(
            session, actor, proposal, Reason(code=body.code.value, remark=body.remark), now=context.now,
            answering=context.settings.answering,
        ),
        {"/remark": body.remark},
    )  # fmt: skip


@router.post("/back-out", summary="Give a promise back", response_model=ProposalShown, openapi_extra=_DECIDES)
def back_out(
    proposal_id: uuid.UUID,
    body: BackOutBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.BACK_OUT)],
    if_match: IfMatch = None,
) -> Response:
    """Give a promise back: it is counted, the owner is told, and the request is matched again without your ZAB."""
    reason = Reason(code=body.code.value, remark=body.remark)
    return _driven(context, actor, proposal_id, if_match, Action.BACK_OUT, reason)


@router.post("/freeze", summary="Freeze a promise", response_model=ProposalShown, openapi_extra=_DECIDES)
def freeze(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.FREEZE)],
    if_match: IfMatch = None,
) -> Response:
    """Close the trip to changes; the clock does it the evening before."""
    return _driven(context, actor, proposal_id, if_match, Action.FREEZE)


@router.post("/thaw", summary="Open a frozen promise", response_model=ProposalShown, openapi_extra=_DECIDES)
def thaw(
    proposal_id: uuid.UUID,
    body: SettleReasonBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.THAW)],
    if_match: IfMatch = None,
) -> Response:
    """Open a frozen trip to changes again, as a lead."""
    reason = Reason(code=body.code.value, remark=body.remark)
    return _driven(context, actor, proposal_id, if_match, Action.THAW, reason)


@router.post(
    "/depart",
    summary="The trip begins",
    response_model=ProposalShown,
    openapi_extra=step(Code.GATE_CLOSED),
)
def depart(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.DEPART)],
    if_match: IfMatch = None,
) -> Response:
    """Note that the trip is under way: from three hours before the pick-up, and never where a gate is closed."""
    return _driven(context, actor, proposal_id, if_match, Action.DEPART)


@router.post("/hand-over", summary="The trip has ended", response_model=ProposalShown, openapi_extra=_DECIDES)
def hand_over(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.HAND_OVER)],
    if_match: IfMatch = None,
) -> Response:
    """Note that everybody was handed over (Übergabe): from the pick-up on."""
    return _driven(context, actor, proposal_id, if_match, Action.HAND_OVER)


@router.post(
    "/fail", summary="The transport failed", response_model=ProposalShown,
    openapi_extra=step(Code.REASON_MISSING),
)  # fmt: skip
def fail(
    proposal_id: uuid.UUID,
    body: FailBody,
    context: InContext,
    actor: Annotated[Actor, may_take(Action.FAIL)],
    if_match: IfMatch = None,
) -> Response:
    """Note why a transport did not end at the hand-over; the owner is told, and may pool it again."""
    reason = Reason(code=body.code.value, remark=body.remark)
    return _driven(context, actor, proposal_id, if_match, Action.FAIL, reason)


@router.post("/release", summary="Unpin a manual assignment", response_model=ProposalShown, openapi_extra=_DECIDES)
def release(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)],
    if_match: IfMatch = None,
) -> Response:
    """Let a trip that was assigned by hand be an ordinary promise."""
    return _decided(
        context, actor, proposal_id, if_match, None,
        lambda session, proposal: proposals.release(session, actor, proposal, now=context.now),
    )  # fmt: skip


def _driven(
    context: Context,
    actor: Actor,
    proposal_id: uuid.UUID,
    if_match: str | None,
    action: Action,
    reason: Reason | None = None,
) -> Response:
    def work(session: Session, proposal: Proposal) -> None:
        proposals.drive(session, actor, proposal, action, reason, now=context.now)

    said = {} if reason is None else {"/remark": reason.remark}
    return _decided(context, actor, proposal_id, if_match, action, work, said)
