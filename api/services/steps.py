"""One step in the life of a request. Nothing else in the service sets a state, ends a proposal, or frees a seat.

A step asks the table (``api.workflow``) who may, wants the reason that the table wants, writes the decision, the
ledger, the messages and the audit line, ends or makes the proposal, keeps the tour of the duty in step, and asks for a
new match where the request waits again. All in the caller's transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from api import audit
from api.actor import Actor
from api.db.tables import Decision, DutyRow, Proposal, Standing, TransportRequest
from api.errors import Code, FieldError, Problem
from api.repositories import proposals
from api.services import clearance_rows, consequences, dublin_steps, facts, ledger, notices, tours, turns
from api.workflow import (
    CLASS_OF,
    DECLINE_OF,
    ENDED,
    OFFERED,
    PROMISED,
    REASONS,
    Action,
    DeclineCode,
    NotAllowed,
    State,
    Transition,
    transition,
)
from optimizer.model import VisitKind

_DECLINES = frozenset(DECLINE_OF.values())
_ENDS: dict[Action, Standing] = {
    Action.LOSE: Standing.LOST,
    Action.ASSIGN: Standing.LOST,
    Action.PROPOSE: Standing.LOST,
    Action.EXPIRE: Standing.EXPIRED,
    Action.ASK: Standing.WITHDRAWN,
    Action.LAPSE: Standing.EXPIRED,
    **dict.fromkeys(_DECLINES, Standing.DECLINED),
    Action.REFUSE_COUNTER: Standing.DECLINED,
    Action.BACK_OUT: Standing.BACKED_OUT,
    Action.AMEND: Standing.WITHDRAWN,
    Action.MOVE_DATE: Standing.WITHDRAWN,
    Action.CANCEL: Standing.WITHDRAWN,
    Action.STOP: Standing.WITHDRAWN,
    Action.HAND_OVER: Standing.DONE,
    Action.FAIL: Standing.DONE,
}
"""What becomes of the live proposal."""
_MADE = frozenset({Action.PROPOSE, Action.ASSIGN})
_BY_HAND = frozenset({Action.ASSIGN, Action.ACCEPT})
_LOST_TO: dict[Action, str] = {Action.PROPOSE: "better_plan", Action.ASSIGN: "assigned_by_hand"}
"""Why a proposal was lost, where the step itself says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A coded reason; ``remark`` (at most 200 characters) is needed where the code is ``other``."""

    code: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A trip on a duty: what a proposal or an assignment by hand states, as the checker found it in order.

    ``moved`` are stops of other riders that begin at another instant from now on.
    """

    duty_id: uuid.UUID
    pickup_at: datetime
    handover_at: datetime
    on_board_seconds: int
    direct_seconds: int
    limit_seconds: int | None = None
    run_id: uuid.UUID | None = None
    respond_by: datetime | None = None
    explanation: Mapping[str, Any] = field(default_factory=dict)
    moved: Mapping[tuple[uuid.UUID, VisitKind], datetime] = field(default_factory=dict)


def lock_request(session: Session, request_id: uuid.UUID) -> TransportRequest | None:
    """Return the request as it is now, locked until the end of the transaction; whether one may see it is not asked."""
    query = select(TransportRequest).where(TransportRequest.id == request_id).with_for_update(of=TransportRequest)
    return session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def live_proposal(session: Session, request_id: uuid.UUID) -> Proposal | None:
    """Return the request's live proposal, if any."""
    return proposals.live(session, request_id)


def expect(session: Session, request: TransportRequest, action: Action, actor: Actor) -> Transition:
    """Return the cell of the table for this step; nothing is done.

    Raises
    ------
    Problem
        ``state_forbids`` or ``already_decided`` (409), ``role_may_not`` (403).
    """
    return _cell(session, request, action, actor)


def take(
    session: Session,
    request: TransportRequest,
    action: Action,
    actor: Actor,
    *,
    now: datetime,
    reason: Reason | None = None,
    second_id: uuid.UUID | None = None,
    offer: Offer | None = None,
    revived: Proposal | None = None,
    until: datetime | None = None,
    details: Mapping[str, Any] | None = None,
) -> Decision:
    """Take one step; return the decision.

    Parameters
    ----------
    request
        Locked (``lock_request``), and seen to be the actor's business.
    second_id
        Account of the second person, where the table wants one.
    offer
        Where the action makes a proposal: always for ``propose`` and ``assign``; for ``accept`` where the ZAB of the
        first round says on which of its duties.
    revived
        Exactly for ``return_decline``: the declined proposal that stands again, at its times.
    until
        Exactly for ``decline_wait``: the ZAB is not asked again before.

    Raises
    ------
    Problem
        ``state_forbids`` or ``already_decided`` (409), ``role_may_not`` (403), ``reason_missing`` (422),
        ``second_person_missing`` (409), ``plan_broken`` (409).
    """
    cell = _cell(session, request, action, actor)
    _check_reason(cell, action, reason)
    _check_second(cell, action, actor, second_id)
    _check_use(action, offer=offer, revived=revived, until=until)
    before, proposal = request.state, live_proposal(session, request.id)
    ended = proposal if action in _ENDS else None
    if ended is not None:
        _end(session, ended, action, reason, now)
        consequences.give_back(request, ended, action)
    concerned = proposal
    if offer is not None:
        concerned = _make(session, request, offer, action, now)
    elif revived is not None:
        concerned = _revive(session, request, revived, now)
    if concerned is not None and concerned is not ended:
        # Whoever read the proposal read the state of its request too: its version changes with every step.
        concerned.updated_at = now
        flag_modified(concerned, "updated_at")
    request.state, request.state_since, request.updated_at = cell.to, now, now
    if cell.to not in PROMISED:
        request.pinned_duty_id = None
    if cell.to is not State.ASKED:
        request.asked_until = request.asked_because = None
    decision = Decision(
        created_at=now,
        request_id=request.id,
        proposal_id=None if concerned is None else concerned.id,
        zab_id=_zab_of(request, action, concerned, before, actor),
        action=action,
        before=before,
        after=cell.to,
        role=actor.role,
        account_id=actor.account_id,
        second_id=second_id,
        code=None if reason is None else reason.code,
        decline_class=_class_of(action, reason),
        remark="" if reason is None else reason.remark,
        details=dict(details or {}),
    )
    session.add(decision)
    session.flush()
    consequences.bar(session, request, decision, until, now)
    ledger.book(session, decision, request, concerned, now=now)
    if cell.to in ENDED:
        facts.record(session, request)
    consequences.tell(session, request, decision, concerned, ended, now)
    notices.of_step(session, request, decision, proposal=concerned, ended=ended, now=now)
    dublin_steps.of_step(session, request, decision, now=now)
    clearance_rows.follow(session, actor, request, action, now=now)
    audit.append(
        session, actor, action.value, "request", request.id, at=now,
        details={"before": before.value, "after": cell.to.value}
        | ({} if reason is None else {"code": reason.code})
        | ({} if concerned is None else {"proposal": str(concerned.id)})
        | ({} if second_id is None else {"second": str(second_id)}),
    )  # fmt: skip
    return decision


def _cell(session: Session, request: TransportRequest, action: Action, actor: Actor) -> Transition:
    try:
        cell = transition(request.state, action, actor.role)
    except NotAllowed as error:
        more: dict[str, Any] = {"state": request.state.value, "allowed": sorted(each.value for each in error.allowed)}
        if error.exists:
            raise Problem(
                Code.ROLE_MAY_NOT, f"In state {request.state} your role may not {action}. Ask whoever may.", more=more
            ) from error
        last = session.scalars(
            select(Decision).where(Decision.request_id == request.id).order_by(Decision.id.desc()).limit(1)
        ).first()
        if last is not None:
            more["last"] = {
                "action": last.action.value, "at": last.created_at.isoformat(), "role": last.role.value,
                "after": last.after.value,
            }  # fmt: skip
        decided = (
            last is not None
            and request.state is not State.PROPOSED
            and (last.before in OFFERED or last.after in PROMISED)
        )
        code = Code.ALREADY_DECIDED if decided else Code.STATE_FORBIDS
        happened = "" if last is None else f" The last step was {last.action} at {last.created_at.isoformat()}."
        raise Problem(
            code,
            f"The request is {request.state}; {action} is not possible there.{happened} Read it again, then choose "
            f"one of: {', '.join(more['allowed']) or 'nothing for your role'}.",
            more=more,
        ) from error
    turns.check(session, request, action, actor)
    return cell


def _check_reason(cell: Transition, action: Action, reason: Reason | None) -> None:
    codes = REASONS.get(action)
    if reason is None:
        if cell.needs_reason and codes is not None:
            raise Problem(
                Code.REASON_MISSING,
                f"Expected a coded reason for {action}. Send one of: {', '.join(codes)}.",
                errors=[FieldError(path="/code", expected=f"one of {', '.join(codes)}")],
            )
        return
    errors = []
    if codes is not None and reason.code not in {code.value for code in codes}:
        errors.append(FieldError(path="/code", expected=f"one of {', '.join(codes)}"))
    elif action in _DECLINES and DECLINE_OF[CLASS_OF[DeclineCode(reason.code)]] is not action:
        errors.append(FieldError(path="/code", expected=f"a code whose class leads to {action}"))
    if reason.code == "other" and not reason.remark.strip():
        errors.append(FieldError(path="/remark", expected="1 to 200 characters, since the code is 'other'"))
    if len(reason.remark) > 200:
        errors.append(FieldError(path="/remark", expected="at most 200 characters", got=f"{len(reason.remark)}"))
    if errors:
        raise Problem(Code.REASON_MISSING, "The reason is not complete. Mend what 'errors' names.", errors=errors)


def _check_second(cell: Transition, action: Action, actor: Actor, second_id: uuid.UUID | None) -> None:
    if cell.needs_second and second_id is None:
        raise Problem(Code.SECOND_PERSON_MISSING, f"{action} needs a second person of your organisation to agree.")
    if second_id is not None and second_id == actor.account_id:
        raise Problem(Code.SECOND_PERSON_IS_FIRST, "Another person than the one who asks must agree.")


def _check_use(action: Action, *, offer: Offer | None, revived: Proposal | None, until: datetime | None) -> None:
    if (offer is not None) != (action in _MADE) and not (offer is not None and action is Action.ACCEPT):
        raise AssertionError(f"an offer belongs to {sorted(_MADE)} and may come with accept, got {action}")
    if (revived is not None) != (action is Action.RETURN_DECLINE):
        raise AssertionError(f"a proposal is revived by return_decline and by nothing else, got {action}")
    if (until is not None) != (action is Action.DECLINE_WAIT):
        raise AssertionError(f"an instant to wait for belongs to decline_wait and to nothing else, got {action}")


def _zab_of(
    request: TransportRequest, action: Action, concerned: Proposal | None, before: State, actor: Actor
) -> uuid.UUID | None:
    """Return the ZAB that a step concerns: that of the proposal, the one that acts, or the one that did not answer."""
    if concerned is not None:
        return concerned.zab_id
    if action is Action.EXPIRE and before is State.ASKED:
        return request.asked_zab_id
    return actor.organisation_id if actor.is_zab else None


def _class_of(action: Action, reason: Reason | None) -> Any:
    return CLASS_OF[DeclineCode(reason.code)] if action in _DECLINES and reason is not None else None


def _end(session: Session, proposal: Proposal, action: Action, reason: Reason | None, now: datetime) -> None:
    proposal.standing, proposal.updated_at = _ENDS[action], now
    proposal.end_code = reason.code if reason is not None else _LOST_TO.get(action, action.value)
    # What was driven stays as it was; whoever will not ride gives the seat back.
    if proposal.standing is not Standing.DONE or (action is Action.FAIL and now < proposal.pickup_at):
        tours.take_off(session, proposal.duty_id, proposal.request_id, now)
    session.flush()


def _make(session: Session, request: TransportRequest, offer: Offer, action: Action, now: datetime) -> Proposal:
    # Who failed, and waits again, still stands in the tour that was driven: nobody rides twice.
    tours.take_off_everywhere(session, request.id, now)
    duty: DutyRow = tours.lock_duty(session, offer.duty_id)
    is_manual = action in _BY_HAND
    proposal = Proposal(
        created_at=now, updated_at=now, request_id=request.id, duty_id=duty.id, zab_id=duty.zab_id,
        run_id=offer.run_id, standing=Standing.LIVE, is_manual=is_manual, pickup_at=offer.pickup_at,
        handover_at=offer.handover_at, on_board_seconds=offer.on_board_seconds, direct_seconds=offer.direct_seconds,
        limit_seconds=offer.limit_seconds, respond_by=None if is_manual else offer.respond_by,
        explanation=dict(offer.explanation),
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    tours.put_on(
        session, duty, request, pickup_at=offer.pickup_at, handover_at=offer.handover_at, now=now,
        moved=dict(offer.moved),
    )  # fmt: skip
    _move(session, offer.moved, now)
    if action is Action.ASSIGN:
        request.pinned_duty_id = duty.id
    request.reasons, request.matched_at = None, now
    return proposal


def _move(session: Session, moved: Mapping[tuple[uuid.UUID, VisitKind], datetime], now: datetime) -> None:
    """Let the promises of other riders state the instants at which their stops begin from now on."""
    for request_id in sorted({key for key, _ in moved}):
        proposal = live_proposal(session, request_id)
        if proposal is None:
            continue
        pickup = moved.get((request_id, VisitKind.PICKUP), proposal.pickup_at)
        handover = moved.get((request_id, VisitKind.DELIVERY), proposal.handover_at)
        longer = (handover - proposal.handover_at) - (pickup - proposal.pickup_at)
        proposal.pickup_at, proposal.handover_at, proposal.updated_at = pickup, handover, now
        proposal.on_board_seconds += int(longer.total_seconds())
    session.flush()


def _revive(session: Session, request: TransportRequest, proposal: Proposal, now: datetime) -> Proposal:
    tours.take_off_everywhere(session, request.id, now)
    duty = tours.lock_duty(session, proposal.duty_id)
    proposal.standing, proposal.end_code = Standing.LIVE, None
    session.flush()
    tours.put_on(
        session, duty, request, pickup_at=proposal.pickup_at, handover_at=proposal.handover_at, now=now
    )  # fmt: skip
    consequences.lift(session, request, [each for each in request.bars if each.zab_id == proposal.zab_id])
    return proposal
