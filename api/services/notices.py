"""Notices: what an organisation must know or look at, and who is told of which step in the life of a request.

A notice holds ids, codes and instants, never content. Of each kind an organisation has one about a subject: a second
time opens it again.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Decision, Notice, Proposal, Standing, TransportRequest
from api.errors import not_found
from api.repositories import notices as rows
from api.workflow import Action, Role, State


class Kind(StrEnum):
    """What a notice of the workflow says."""

    PROPOSAL_LOST = "proposal_lost"
    """A proposal of this ZAB no longer stands; the code says why."""
    PROPOSAL_EXPIRING = "proposal_expiring"
    PROPOSAL_EXPIRED = "proposal_expired"
    COUNTER_PROPOSED = "counter_proposed"
    """A ZAB offers another time or place; the owner decides."""
    COUNTER_EXPIRED = "counter_expired"
    CONDITION_OPEN = "condition_open"
    """A provisional promise waits for this organisation: it meets the condition in time."""
    CONDITION_LAPSED = "condition_lapsed"
    DATA_WRONG = "data_wrong"
    """A ZAB says that data are wrong: the owner corrects them."""
    DECLINE_ESCALATED = "decline_escalated"
    DECLINE_RETURNED = "decline_returned"
    BACKED_OUT = "backed_out"
    RETURNED_TO_ABH = "returned_to_abh"
    STOPPED = "stopped"
    """A trip must not take place: told to the ZAB that was asked, offered it, or promised it, and to the owner."""
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    """A transport failed: where days are left, a new measure is to be examined."""
    SEAT_FREED = "seat_freed"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # the name of a notice
    """Somebody else gave an account of this organisation a new password: who did not ask for it complains."""
    RULE_LIFTED = "rule_lifted"
    """Two persons lifted a rule for this request; the code names it."""
    OVERRIDE_ENDED = "override_ended"
    """What a lifted rule was agreed for has changed: it binds again."""


_DECIDED = frozenset({Kind.PROPOSAL_EXPIRING, Kind.COUNTER_PROPOSED, Kind.CONDITION_OPEN})
_RESTING = frozenset({Kind.DATA_WRONG, Kind.DECLINE_ESCALATED})
_WITHDRAWALS = {Action.STOP: Kind.STOPPED, Action.CANCEL: Kind.WITHDRAWN, Action.AMEND: Kind.WITHDRAWN}


def notify(
    session: Session,
    organisation_id: uuid.UUID,
    kind: str,
    subject_kind: str,
    subject_id: object,
    *,
    role: Role | None = None,
    code: str | None = None,
    due_at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
    now: datetime,
) -> Notice:
    """Tell an organisation; there is one open notice for each kind and subject.

    Parameters
    ----------
    role
        Only for this role; ``None``: for everybody there.
    details
        Ids, codes and instants.
    """
    values = {
        "created_at": now, "done_at": None, "due_at": due_at, "code": code, "subject_kind": subject_kind,
        "role": None if role is None else role.value, "details": dict(details or {}),
    }  # fmt: skip
    return rows.put(session, organisation_id, kind, str(subject_id), values)


def done(session: Session, actor: Actor, notice_id: uuid.UUID, *, now: datetime) -> Notice:
    """Settle a notice of the actor's organisation; settling it twice changes nothing.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    notice = rows.find(session, actor, notice_id)
    if notice is None:
        raise not_found("a notice")
    if notice.done_at is None:
        notice.done_at = now
        session.flush()
        audit.append(session, actor, "notice_done", "notice", notice.id, at=now, details={"kind": notice.kind})
    return notice


def of_step(
    session: Session,
    request: TransportRequest,
    decision: Decision,
    *,
    proposal: Proposal | None,
    ended: Proposal | None,
    now: datetime,
) -> None:
    """Tell those whom a step concerns, and settle what it answers.

    Parameters
    ----------
    proposal
        The proposal that the step was about, or that it made.
    ended
        The one that it ended.
    """
    if decision.before is State.DECLINED:
        rows.settle(session, _RESTING, str(request.id), now)
    if decision.action is not Action.COUNTER:
        for proposal_id in sorted({each.id for each in (proposal, ended) if each is not None}):
            rows.settle(session, _DECIDED, str(proposal_id), now)
    if ended is not None and ended.standing is Standing.LOST:
        notify(
            session, ended.zab_id, Kind.PROPOSAL_LOST, "proposal", ended.id, code=ended.end_code, now=now,
            details={"request": str(request.id)},
        )  # fmt: skip
    for told, kind, role in _told(session, request, decision, proposal):
        about_proposal = proposal is not None and kind in _ABOUT_PROPOSALS
        notify(
            session, told, kind, "proposal" if about_proposal else "request",
            proposal.id if about_proposal and proposal is not None else request.id, role=role, code=decision.code,
            due_at=_due(kind, proposal),
            details={"request": str(request.id)}, now=now,
        )  # fmt: skip


_ABOUT_PROPOSALS = frozenset({
    Kind.PROPOSAL_EXPIRED, Kind.COUNTER_PROPOSED, Kind.COUNTER_EXPIRED, Kind.CONDITION_OPEN, Kind.CONDITION_LAPSED,
    Kind.DECLINE_RETURNED,
})  # fmt: skip


def _due(kind: Kind, proposal: Proposal | None) -> datetime | None:
    """Return until when whoever is told must act."""
    if proposal is None or kind not in (Kind.COUNTER_PROPOSED, Kind.CONDITION_OPEN):
        return None
    return proposal.respond_by if kind is Kind.COUNTER_PROPOSED else proposal.condition_until


def _told(
    session: Session, request: TransportRequest, decision: Decision, proposal: Proposal | None
) -> list[tuple[uuid.UUID, Kind, Role | None]]:
    """Return who is told what, and which role there."""
    owner = request.organisation_id
    zab = None if proposal is None else proposal.zab_id
    leads: list[tuple[uuid.UUID, Role | None]] = [] if zab is None else [(zab, Role.ZAB_LEAD)]
    if decision.action in (Action.DECLINE_ESCALATE, Action.EXPIRE):
        leads += [(each, None) for each in rows.coordination(session)]
    match decision.action:
        case Action.COUNTER:
            return [(owner, Kind.COUNTER_PROPOSED, None)]
        case Action.DECLINE_CORRECT:
            return [(owner, Kind.DATA_WRONG, None)]
        case Action.DECLINE_ESCALATE:
            return [(each, Kind.DECLINE_ESCALATED, role) for each, role in leads]
        case Action.EXPIRE if decision.before is State.PROPOSED:
            return [(each, Kind.PROPOSAL_EXPIRED, role) for each, role in leads]
        case Action.EXPIRE:
            # Here the owner was silent, not the ZAB.
            others = [(each, Kind.COUNTER_EXPIRED, role) for each, role in leads if each != zab]
            return [(owner, Kind.COUNTER_EXPIRED, None), *others]
        case Action.LAPSE:
            return [
                (owner, Kind.CONDITION_LAPSED, None),
                *((each, Kind.CONDITION_LAPSED, role) for each, role in leads),
            ]
        case Action.BACK_OUT:
            return [(owner, Kind.BACKED_OUT, None)]
        case Action.RETURN_TO_ABH:
            return [(owner, Kind.RETURNED_TO_ABH, None)]
        case Action.FAIL:
            return [(owner, Kind.FAILED, None)]
        case Action.RETURN_DECLINE if zab is not None:
            return [(zab, Kind.DECLINE_RETURNED, None)]
        case Action.CONFIRM_PROVISIONALLY if proposal is not None:
            meeting = rows.who_meets(session, request, proposal.zab, proposal.condition_owner or "")
            return [(each, Kind.CONDITION_OPEN, None) for each in meeting]
        case Action.STOP | Action.CANCEL | Action.AMEND:
            # Each once, and not the owner of what the owner itself did.
            concerned = {
                zab,
                request.asked_zab_id if decision.before is State.ASKED else None,
                owner if decision.role is not Role.ABH else None,
            }
            told = sorted(each for each in concerned if each is not None)
            return [(each, _WITHDRAWALS[decision.action], None) for each in told]
        case _:
            return []
