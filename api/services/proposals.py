"""Decisions about a proposal: what a ZAB, an owner or a lead says to it. Nothing is promised unchecked.

Each function takes a proposal that ``held`` has locked and has found open to the step. Those that check return a
``Problem`` instead of raising it where the answer itself has changed something (a proposal that no longer fits is ended
and matched again): the caller commits, and then raises it.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from api import audit, company
from api.actor import SYSTEM, Actor
from api.db.tables import Proposal, Standing, TransportRequest
from api.deadlines import BERLIN, Answering, office_time_after, respond_by
from api.errors import Code, FieldError, Problem, not_found
from api.gates import blocking
from api.repositories import notices
from api.repositories import proposals as rows
from api.services import gatekeeping, layouts, steps, tours
from api.services.checking import Ground
from api.services.steps import Reason
from api.services.verdicts import Broken, Verdict
from api.workflow import CLASS_OF, DECLINE_OF, PROMISED, Action, DeclineClass, DeclineCode, Role
from optimizer.model import Strength

NO_LONGER_FITS = "no_longer_fits"
_SOONEST = {Action.DEPART: timedelta(hours=3), Action.HAND_OVER: timedelta()}
"""So long before the pick-up a trip may be noted to begin: crews start at their depot; and to end."""


# --- whom it is about -------------------------------------------------------------------------------------------------


def held(session: Session, actor: Actor, proposal_id: uuid.UUID, action: Action) -> Proposal:
    """Return a proposal that the actor may see, its request locked, and the step open to the actor.

    Raises
    ------
    Problem
        ``not_found`` (404), ``already_decided`` or ``state_forbids`` (409), ``role_may_not`` (403).
    """
    proposal = _locked(session, actor, proposal_id)
    if action is Action.RETURN_DECLINE:
        steps.expect(session, proposal.request, action, actor)
        if rows.last_declined(session, proposal.request_id) != proposal.id:
            raise Problem(
                Code.STATE_FORBIDS,
                "Another proposal was the last one declined. Return that decline, or settle the request.",
            )
        return proposal
    if proposal.standing is not Standing.LIVE:
        raise _ended(proposal)
    steps.expect(session, proposal.request, action, actor)
    return proposal


def _locked(session: Session, actor: Actor, proposal_id: uuid.UUID) -> Proposal:
    request_id = rows.request_of(session, actor, proposal_id)
    request = None if request_id is None else steps.lock_request(session, request_id)
    if request is None:
        raise not_found("a proposal")
    return rows.held(session, proposal_id, request)


def _ended(proposal: Proposal) -> Problem:
    code = "" if proposal.end_code is None else f" ({proposal.end_code})"
    return Problem(
        Code.ALREADY_DECIDED,
        f"The proposal is {proposal.standing}{code} since {proposal.updated_at.isoformat()}. Read it again, and look "
        "for the request's live proposal.",
        more={
            "standing": proposal.standing.value,
            "end_code": proposal.end_code,
            "state": proposal.request.state.value,
        },
    )


# --- what a ZAB says --------------------------------------------------------------------------------------------------


def confirm(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> Problem | None:
    """Promise the trip; a proposal that no longer fits is lost instead, and its request matched again.

    Returns
    -------
    Problem or None
        ``plan_broken`` (409) to be raised once this is committed.

    Raises
    ------
    Problem
        ``too_late`` (409) after respond-by or the pick-up.
    """
    in_time(proposal, now)
    verdict = judge(session, proposal, now=now)
    if not verdict.fits:
        return _lose(session, actor, proposal, verdict, now)
    steps.take(session, proposal.request, Action.CONFIRM, actor, now=now)
    return None


def confirm_provisionally(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    reason: Reason,
    *,
    owner: str,
    until: datetime,
    now: datetime,
) -> Problem | None:
    """Promise the trip under a condition, that ``owner`` meets by ``until``; checked as ``confirm`` is.

    The text of the condition is the reason's remark.

    Raises
    ------
    Problem
        ``value_refused`` (422) where ``until`` is not between now and the pick-up, or ``owner`` is nobody who could
        meet it; ``too_late`` (409) after respond-by or the pick-up.
    """
    in_time(proposal, now)
    if not now < until <= proposal.pickup_at:
        raise _refused("/until", f"an instant after now and up to the pick-up at {proposal.pickup_at.isoformat()}")
    if not notices.who_meets(session, proposal.request, proposal.zab, owner):
        raise _refused("/owner", f"abh, zfa, zrk, ltrako, the code of one of these, or {proposal.zab.code}")
    verdict = judge(session, proposal, now=now)
    if not verdict.fits:
        return _lose(session, actor, proposal, verdict, now)
    proposal.condition, proposal.condition_owner, proposal.condition_until = reason.remark, owner, until
    steps.take(session, proposal.request, Action.CONFIRM_PROVISIONALLY, actor, now=now, reason=reason)
    return None


def meet_condition(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> None:
    """Make a provisional promise a full one.

    Raises
    ------
    Problem
        ``plan_broken`` (409) where it no longer fits: then back out; ``too_late`` (409) after the condition's time or
        the pick-up.
    """
    _before_pickup(proposal, now)
    if proposal.condition_until is not None and proposal.condition_until <= now:
        raise Problem(
            Code.TOO_LATE,
            f"The condition was to be met by {proposal.condition_until.isoformat()}: the promise lapses, and the "
            "request is matched again.",
        )
    verdict = judge(session, proposal, now=now)
    if not verdict.fits:
        raise plan_broken(verdict, "Nothing was changed. Mend what stands against it, or back out.", role=actor.role)
    steps.take(session, proposal.request, Action.MEET_CONDITION, actor, now=now)


def decline(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    reason: Reason,
    *,
    until: datetime | None,
    now: datetime,
    answering: Answering,
) -> None:
    """Decline; what follows is fixed by the class of the code.

    Parameters
    ----------
    until
        Only for codes that make the ZAB wait: not asked again before, at the latest until the pick-up; ``None``: the
        begin of the next working day.
    """
    kind = CLASS_OF[DeclineCode(reason.code)]
    if kind is DeclineClass.WAIT:
        until = waits_until(proposal, now, answering) if until is None else until
        if not now < until <= max(proposal.pickup_at, waits_until(proposal, now, answering)):
            raise _refused("/until", f"an instant after now and up to the pick-up at {proposal.pickup_at.isoformat()}")
    elif until is not None:
        raise _refused("/until", f"nothing, since the code {reason.code} lets nobody wait")
    steps.take(session, proposal.request, DECLINE_OF[kind], actor, now=now, reason=reason, until=until)


def waits_until(proposal: Proposal, now: datetime, answering: Answering) -> datetime:
    """Return until when a ZAB that waits is not asked, if it says nothing else: never beyond a pick-up to come."""
    soon = next_working_day(now, answering)
    return min(soon, proposal.pickup_at) if proposal.pickup_at > now else soon


def next_working_day(now: datetime, answering: Answering) -> datetime:
    """Return when the office opens on the next working day after today."""
    tomorrow = datetime.combine(now.astimezone(BERLIN).date() + timedelta(days=1), time(), BERLIN)
    return office_time_after(tomorrow, timedelta(), answering)


def drive(
    session: Session, actor: Actor, proposal: Proposal, action: Action, reason: Reason | None, *, now: datetime
) -> None:
    """Take a step of a promised trip that needs no check: back out, freeze, thaw, depart, hand over, fail.

    Raises
    ------
    Problem
        ``state_forbids`` (409) where a trip would begin or end before its time, with the instant from which it may;
        ``gate_closed`` (409) where a trip would begin that a gate blocks.
    """
    since = proposal.pickup_at - _SOONEST[action] if action in _SOONEST else now
    if now < since:
        raise Problem(
            Code.STATE_FORBIDS,
            f"The pick-up is at {proposal.pickup_at.isoformat()}: {action} is possible from {since.isoformat()}. "
            "Note it then.",
            more={"state": proposal.request.state.value, "possible_from": since.isoformat()},
        )
    if action is Action.DEPART:
        found = gatekeeping.of_request(session, proposal.request, now=now)
        if blocking(found):
            to_do = "The trip does not begin: clear what 'gates' names, or back out."
            raise gatekeeping.problem(found, to_do, role=actor.role)
    steps.take(session, proposal.request, action, actor, now=now, reason=reason)


def release(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> None:
    """Unpin a trip that was assigned by hand: it stays promised, like any other.

    Raises
    ------
    Problem
        ``state_forbids`` (409) where it is not pinned.
    """
    request = proposal.request
    if request.state not in PROMISED or request.pinned_duty_id is None:
        raise Problem(Code.STATE_FORBIDS, "The trip is not pinned to its duty: there is nothing to release.")
    request.pinned_duty_id, request.updated_at, proposal.updated_at = None, now, now
    proposal.is_manual = False
    session.flush()
    audit.append(session, actor, "released", "proposal", proposal.id, at=now, details={"request": str(request.id)})


def held_promise(session: Session, actor: Actor, proposal_id: uuid.UUID) -> Proposal:
    """Return a live proposal of the actor's ZAB, its request locked.

    Raises
    ------
    Problem
        ``not_found`` (404), ``already_decided`` (409).
    """
    proposal = _locked(session, actor, proposal_id)
    if proposal.standing is not Standing.LIVE:
        raise _ended(proposal)
    return proposal


# --- what a lead says -------------------------------------------------------------------------------------------------


def return_decline(
    session: Session, actor: Actor, proposal: Proposal, reason: Reason, *, now: datetime, answering: Answering
) -> None:
    """Give a decline back: the offer stands again, at its times.

    Raises
    ------
    Problem
        ``plan_broken`` (409) where the checker no longer agrees; ``too_late`` (409).
    """
    _before_pickup(proposal, now)
    verdict = judge(session, proposal, now=now, is_joining=True)
    if not verdict.fits:
        told = "Nothing was changed. Settle the request instead: then it is matched again."
        raise plan_broken(verdict, told, role=actor.role)
    proposal.respond_by, proposal.reminders_sent = respond_by(proposal.pickup_at, now, answering), 0
    steps.take(session, proposal.request, Action.RETURN_DECLINE, actor, now=now, reason=reason, revived=proposal)


# --- checking ---------------------------------------------------------------------------------------------------------


def judge(
    session: Session,
    proposal: Proposal,
    *,
    now: datetime,
    times: tuple[datetime, datetime] | None = None,
    place: str | None = None,
    are_times_agreed: bool = False,
    is_lifted: bool = True,
    is_joining: bool = False,
) -> Verdict:
    """Return what stands against a proposal today, see ``Ground.judge``; its duty is locked."""
    duty = tours.lock_duty(session, proposal.duty_id)
    ground = Ground.of(session, duty, [proposal.request], now=now, is_joining=is_joining)
    layouts.keep(session, ground.rows)
    pickup_at, handover_at = times or (proposal.pickup_at, proposal.handover_at)
    return ground.judge(
        proposal.request_id, pickup_at, handover_at, place=place, are_times_agreed=are_times_agreed, is_lifted=is_lifted
    )


def plan_broken(
    verdict: Verdict, what_to_do: str, *, is_full: bool = True, role: Role = Role.ZAB_DISPATCHER
) -> Problem:
    """Return the answer for a trip that a gate blocks, or that the checker refuses: all of it, in both languages.

    Parameters
    ----------
    is_full
        Whether the caller sees the request whole.
    role
        Of the caller.
    """
    if blocking(verdict.gates):
        problem = gatekeeping.problem(verdict.gates, what_to_do, is_full=is_full, role=role)
        problem.more["violations"] = violations_told(verdict, role)
        return problem
    found = violations_told(verdict, role)
    codes = ", ".join(dict.fromkeys(each["rule"] for each in found))
    return Problem(
        Code.PLAN_BROKEN, f"As things stand today the trip breaks: {codes}. {what_to_do}",
        more={"violations": found},
    )  # fmt: skip


def violations_told(verdict: Verdict, role: Role) -> list[dict[str, Any]]:
    """Return what stands against a trip as answers show it; to an owner nothing of others who ride there.

    Only the ZAB of the duty and the Landestransportkoordination ask as ``role`` without being an owner.
    """
    is_owner = role not in (Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)
    found = []
    for each in verdict.broken:
        if is_owner and (company.is_private(each.code) or not each.is_own):
            # Neither its strength nor whose it is: both differ from rule to rule.
            each = replace(  # noqa: PLW2901
                each, code=company.COMPANY, strength=Strength.HARD, texts=company.TEXTS, actions=company.ACTIONS,
                is_own=True,
            )  # fmt: skip
        told = _violation_told(each)
        if told not in found:
            found.append(told)
    return found


def _violation_told(broken: Broken) -> dict[str, Any]:
    return {
        "rule": broken.code, "strength": broken.strength.value, "texts": dict(broken.texts),
        "actions": dict(broken.actions), "is_own": broken.is_own,
    }  # fmt: skip


def _lose(session: Session, actor: Actor, proposal: Proposal, verdict: Verdict, now: datetime) -> Problem:
    request: TransportRequest = proposal.request
    if not gatekeeping.close(session, request, verdict.gates, is_new=True, now=now):
        steps.take(session, request, Action.LOSE, SYSTEM, now=now, reason=Reason(code=NO_LONGER_FITS))
    problem = plan_broken(verdict, "The proposal is withdrawn, and the request is matched again.", role=actor.role)
    problem.more["state"] = request.state.value
    return problem


def in_time(proposal: Proposal, now: datetime) -> None:
    """Refuse an answer after its time: the proposal then expires, and the next best is asked.

    Raises
    ------
    Problem
        ``too_late`` (409).
    """
    _before_pickup(proposal, now)
    if proposal.respond_by is not None and proposal.respond_by <= now:
        raise Problem(
            Code.TOO_LATE,
            f"An answer was needed by {proposal.respond_by.isoformat()}: the proposal expires, and the request is "
            "matched again.",
        )


def _before_pickup(proposal: Proposal, now: datetime) -> None:
    if proposal.pickup_at <= now:
        raise Problem(
            Code.TOO_LATE, f"The pick-up was at {proposal.pickup_at.isoformat()}: the trip can no longer be promised."
        )


def _refused(path: str, expected: str) -> Problem:
    return Problem(
        Code.VALUE_REFUSED, f"Expected {expected}. Nothing was changed.",
        errors=[FieldError(path=path, expected=expected)],
    )  # fmt: skip
