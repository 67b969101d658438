"""Counter-proposals: a ZAB offers another time or place, the owner answers. Checked when offered and when accepted.

The proposal is one that ``proposals.held`` has locked and found open to the step; its seats stay held meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Proposal
from api.deadlines import Answering, respond_by
from api.errors import Code, FieldError, Problem
from api.services import overrides, steps, tours
from api.services.checking import catalogue
from api.services.proposals import in_time, judge, plan_broken
from api.services.request_rows import AGS_DIGITS
from api.services.steps import Reason
from api.workflow import Action

_ASKED_UNTIL = "asked_until"
"""Where a counter-proposal keeps the respond-by of the offer that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Other times, or another place of pick-up, that a ZAB offers.

    ``handover_at`` None: moved by as much as the pick-up, so that the time on board stays as proposed.
    """

    pickup_at: datetime
    handover_at: datetime | None = None
    place: str | None = None


def counter(
    session: Session,
    actor: Actor,
    proposal: Proposal,
    reason: Reason,
    offered: Counter,
    *,
    now: datetime,
    answering: Answering,
) -> None:
    """Offer another time or place; the seats stay held, and the owner answers.

    Raises
    ------
    Problem
        ``value_refused`` (422) for times that cannot be, or a place where nobody may be fetched; ``plan_broken`` (409)
        where the checker refuses what is offered; ``too_late`` (409) after respond-by.
    """
    in_time(proposal, now)
    if offered.pickup_at == proposal.pickup_at.replace(second=0, microsecond=0):
        # Clocks of forms know no seconds: what was left as it stood is the time of the proposal.
        offered = replace(offered, pickup_at=proposal.pickup_at)
    handover_at = offered.handover_at or proposal.handover_at + (offered.pickup_at - proposal.pickup_at)
    _possible(offered, handover_at, now)
    is_lifted = overrides.hold_for(proposal.request, offered.pickup_at, handover_at, offered.place)
    verdict = judge(
        session, proposal, now=now, times=(offered.pickup_at, handover_at), place=offered.place, are_times_agreed=True,
        is_lifted=is_lifted,
    )  # fmt: skip
    if not verdict.fits:
        raise plan_broken(verdict, f"Nothing was changed. Offer another time or place, or decline.{_told(is_lifted)}")
    proposal.counter = {
        "code": reason.code, "pickup_at": offered.pickup_at.isoformat(), "handover_at": handover_at.isoformat(),
        "place": offered.place, "remark": reason.remark,
        _ASKED_UNTIL: None if proposal.respond_by is None else proposal.respond_by.isoformat(),
    }  # fmt: skip
    proposal.respond_by, proposal.reminders_sent = respond_by(offered.pickup_at, now, answering), 0
    steps.take(session, proposal.request, Action.COUNTER, actor, now=now, reason=reason)


def accept_counter(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> None:
    """Agree to other times or another place: checked, moved, promised.

    Raises
    ------
    Problem
        ``plan_broken`` (409), ``too_late`` (409); nothing is changed: refuse it, then it is matched again.
    """
    in_time(proposal, now)
    offered: Mapping[str, Any] = proposal.counter or {}
    times = tuple(datetime.fromisoformat(offered[name]) for name in ("pickup_at", "handover_at"))
    place = offered.get("place")
    if times[0] <= now:
        raise Problem(
            Code.TOO_LATE, "The pick-up that was offered lies in the past. Refuse it to have it matched again."
        )
    request = proposal.request
    is_lifted = overrides.hold_for(request, times[0], times[1], place)
    verdict = judge(
        session, proposal, now=now, times=(times[0], times[1]), place=place, are_times_agreed=True, is_lifted=is_lifted
    )
    if not verdict.fits or verdict.figures is None:
        told = "Nothing was changed. Refuse the counter-proposal: then it is matched again."
        raise plan_broken(verdict, told + _told(is_lifted), role=actor.role)
    if not is_lifted:
        overrides.end(session, actor, request, "counter_accepted", now=now)
    if place is not None:
        pickup = request.content["pickup"]
        # What the owner stated itself: it holds again once this promise ends without a hand-over.
        proposal.counter = {**offered, "stated": {"place": pickup["place"], "ags": request.pickup_ags}}
        request.content = {**request.content, "pickup": {**pickup, "place": place}}
        request.pickup_ags = catalogue()[place].ags
    proposal.pickup_at, proposal.handover_at = times[0], times[1]
    proposal.on_board_seconds, proposal.direct_seconds = verdict.figures.on_board, verdict.figures.direct
    proposal.limit_seconds = verdict.figures.limit
    proposal.explanation = {
        **proposal.explanation, "extra_metres": verdict.figures.extra_metres,
        "extra_crew_seconds": verdict.figures.extra_crew_seconds,
    }  # fmt: skip
    tours.put_on(
        session, tours.lock_duty(session, proposal.duty_id), request, pickup_at=times[0], handover_at=times[1], now=now
    )
    steps.take(session, request, Action.ACCEPT_COUNTER, actor, now=now)


def refuse_counter(session: Session, actor: Actor, proposal: Proposal, *, now: datetime) -> None:
    """Refuse other times or another place: back to the pool, and this ZAB is not asked again."""
    steps.take(session, proposal.request, Action.REFUSE_COUNTER, actor, now=now)


def withdraw_counter(
    session: Session, actor: Actor, proposal: Proposal, *, now: datetime, answering: Answering
) -> None:
    """Take a counter-proposal back before the owner has answered: the offer stands again, at its own times.

    Its respond-by is the one from before, so that nobody gains time by an offer that is not kept; where that is over,
    the offer expires at the next tick and the next best is asked. Nothing is checked here: the seats were held all
    along, and a promise is checked when it is given.
    """
    until = (proposal.counter or {}).get(_ASKED_UNTIL)
    # What was offered before this was kept has no respond-by of its own to go back to.
    proposal.respond_by = (
        respond_by(proposal.pickup_at, now, answering) if until is None else datetime.fromisoformat(until)
    )
    proposal.counter, proposal.reminders_sent = None, 0
    steps.take(session, proposal.request, Action.WITHDRAW_COUNTER, actor, now=now)


def _told(is_lifted: bool) -> str:
    if is_lifted:
        return ""
    return " Rules that were lifted hold for the stated place and windows only: the owner may amend these first."


def _is_pickup(place: str) -> bool:
    """Whether a request may be entered with this place of pick-up."""
    known = catalogue().get(place)
    return known is not None and len(known.ags) == AGS_DIGITS


def _possible(offered: Counter, handover_at: datetime, now: datetime) -> None:
    errors = []
    if offered.pickup_at <= now:
        errors.append(FieldError(path="/pickup_at", expected="an instant after now"))
    if handover_at <= offered.pickup_at:
        errors.append(FieldError(path="/handover_at", expected="an instant after the pick-up"))
    if offered.place is not None and not _is_pickup(offered.place):
        errors.append(
            FieldError(
                path="/place", expected="the id of a municipality or facility of the catalogue, with an AGS",
                what_to_do="A pick-up at an airport or at a border is no business of the exchange.",
            )
        )  # fmt: skip
    if errors:
        raise Problem(Code.VALUE_REFUSED, "What is offered cannot be. Mend what 'errors' names.", errors=errors)
