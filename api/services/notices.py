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
from api.db.tables import Account, Decision, Notice, Proposal, Standing, TransportRequest
from api.errors import Code, Problem, not_found
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
    COUNTER_WITHDRAWN = "counter_withdrawn"
    """The ZAB took it back before the owner answered."""
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
    """Somebody else gave an account a new password: told to its organisation and to the auditors."""
    GIVEN_PASSWORD_USED = "given_password_used"  # noqa: S105  # the name of a notice
    """Somebody signed in with a password that an admin gave: the one whom the account belongs to, or not."""
    SUBJECT_GIVEN = "subject_given"
    """Somebody else said who the identity provider calls an account: told as a new password is."""
    RULE_LIFTED = "rule_lifted"
    """Two persons lifted a rule for this request; the code names it."""
    GATE_CLOSED = "gate_closed"
    """A precondition of the measure is missing (again): the code names it. A promise that it concerns is red."""
    OVERRIDE_ENDED = "override_ended"
    """What a lifted rule was agreed for has changed: it binds again."""
    ASKED_FIRST = "asked_first"
    """The decree names a ZAB for this transfer: it was asked, whatever the owner chose; the code says why."""
    ASKED_TO_CARRY = "asked_to_carry"
    """This ZAB is asked first, and answers in time."""
    FIRST_ROUND_ENDED = "first_round_ended"
    """The ZAB that the decree names rejected, or let its time pass: the request is in the pool."""
    AMTSHILFE = "amtshilfe"
    """An Amtshilfe case was opened, or is decided; the code is its state."""
    TASK_OPENED = "task_opened"
    """This organisation has a task; the code is its kind."""
    DATE_MOVED = "date_moved"
    """The owner's date moved: a promise of this ZAB ended, the request is matched again."""
    CLEARANCE_NEEDED = "clearance_needed"
    """ZFA or ZRK must apply for it, until the instant that is named."""
    CLEARANCE_LAPSED = "clearance_lapsed"
    """What ZFA or ZRK applied for is not needed (any more) as it was: they take it back where it was sent."""
    CLEARANCE_GRANTED = "clearance_granted"
    CLEARANCE_REFUSED = "clearance_refused"
    CLEARANCE_ALTERNATIVE = "clearance_alternative"
    """Another date is offered: the owner accepts or declines it."""
    CLEARANCE_DUE = "clearance_due"
    """Not there yet, and the pick-up is near."""
    CLEARANCE_RED = "clearance_red"
    """It stands against the transport."""
    QUESTION_ASKED = "question_asked"
    """A moderator of the information area answers it."""
    QUESTION_ANSWERED = "question_answered"


_DECIDED = frozenset({Kind.PROPOSAL_EXPIRING, Kind.COUNTER_PROPOSED, Kind.COUNTER_WITHDRAWN, Kind.CONDITION_OPEN})
_RESTING = frozenset({Kind.DATA_WRONG, Kind.DECLINE_ESCALATED})
_WITHDRAWALS = {
    Action.STOP: Kind.STOPPED, Action.CANCEL: Kind.WITHDRAWN, Action.AMEND: Kind.WITHDRAWN,
    Action.MOVE_DATE: Kind.DATE_MOVED,
}  # fmt: skip


_ABOUT_ACCOUNTS = frozenset({Kind.PASSWORD_RESET, Kind.GIVEN_PASSWORD_USED, Kind.SUBJECT_GIVEN})


def of_account(session: Session, account: Account, kind: Kind, *, now: datetime) -> None:
    """Tell an account's organisation and the auditors what became of it: who did not ask for it complains."""
    for told in sorted({account.organisation_id, *rows.auditors(session)}):
        details = {"organisation": account.organisation.code}
        notify(session, told, kind, "account", account.id, details=details, now=now)


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
        ``not_found`` (404); ``role_may_not`` (403) for what became of the actor's own account: whoever took it over
        would settle that first.
    """
    notice = rows.find(session, actor, notice_id)
    if notice is None:
        raise not_found("a notice")
    if notice.kind in _ABOUT_ACCOUNTS and notice.subject_id == str(actor.account_id):
        raise Problem(
            Code.ROLE_MAY_NOT, "This notice is about your own account: a colleague of your organisation settles it."
        )  # fmt: skip
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
    if decision.before is State.ASKED:
        rows.settle(session, [Kind.ASKED_TO_CARRY], str(request.id), now)
    if decision.before is State.DECLINED:
        rows.settle(session, _RESTING, str(request.id), now)
    # Whoever makes a counter-proposal still waits for an answer; one that was taken back is replaced by it.
    answered = frozenset({Kind.COUNTER_WITHDRAWN}) if decision.action is Action.COUNTER else _DECIDED
    for proposal_id in sorted({each.id for each in (proposal, ended) if each is not None}):
        rows.settle(session, answered, str(proposal_id), now)
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
    Kind.PROPOSAL_EXPIRED, Kind.COUNTER_PROPOSED, Kind.COUNTER_WITHDRAWN, Kind.COUNTER_EXPIRED, Kind.CONDITION_OPEN,
    Kind.CONDITION_LAPSED, Kind.DECLINE_RETURNED,
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
        case Action.WITHDRAW_COUNTER:
            return [(owner, Kind.COUNTER_WITHDRAWN, None)]
        case Action.DECLINE_CORRECT:
            return [(owner, Kind.DATA_WRONG, None)]
        case Action.DECLINE_ESCALATE:
            return [(each, Kind.DECLINE_ESCALATED, role) for each, role in leads]
        case Action.ASK if zab is not None:
            return [(zab, Kind.WITHDRAWN, None)]
        case Action.EXPIRE if decision.before is State.ASKED:
            silent = [] if decision.zab_id is None else [(decision.zab_id, Kind.FIRST_ROUND_ENDED, Role.ZAB_LEAD)]
            others = [(each, Kind.FIRST_ROUND_ENDED, role) for each, role in leads]
            return [(owner, Kind.FIRST_ROUND_ENDED, None), *silent, *others]
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
        case Action.STOP | Action.CANCEL | Action.AMEND | Action.MOVE_DATE:
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
