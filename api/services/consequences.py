"""What a step brings with it: who is not asked again, who is told, what is matched anew."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.db.tables import Bar, Decision, Proposal, Standing, TransportRequest
from api.deadlines import BERLIN
from api.repositories import requests as rows
from api.services import notices, outbox
from api.workflow import FINAL, PROMISED, WAITING, Action, DeclineClass, State

_FREES = frozenset({Standing.DECLINED, Standing.EXPIRED, Standing.WITHDRAWN, Standing.BACKED_OUT})
"""A proposal that ends like this leaves a seat to others; what a run replaces, it has filled itself."""
_MAKES = frozenset({Action.PROPOSE, Action.ASSIGN})
_SHELVES = frozenset({Action.RETURN_TO_ABH, Action.STOP})
"""Steps that end a request with an escalation unsettled, and from which it may come back."""
_BARS = frozenset({Action.DECLINE_BAR, Action.DECLINE_WAIT, Action.REFUSE_COUNTER, Action.BACK_OUT, Action.LAPSE})


def bar(session: Session, request: TransportRequest, decision: Decision, until: datetime | None, now: datetime) -> None:
    """Let the ZAB that said no, or nothing, not be asked again: for good, or for a time.

    A bar holds for the day of the request, through a failure, a return or a stop too: from these it may be pooled
    again. From where nothing leads back nobody is asked again, and all bars go.
    """
    zab_id = decision.zab_id
    if decision.after in FINAL:
        lift(session, request, list(request.bars))
        return
    if decision.action is Action.EXPIRE and decision.before in (State.PROPOSED, State.ASKED):
        # A counter-proposal that nobody answers is the owner's silence, not the ZAB's.
        until = request.fall_back_at
    elif decision.action is Action.LAPSE:
        until = request.fall_back_at
    elif decision.before is State.DECLINED and decision.action in _SHELVES:
        # Nobody settled it: pooled again it must not be asked as if it had not refused.
        decline = rows.last_decline(session, request.id)
        is_escalated = decline is not None and decline.decline_class is DeclineClass.ESCALATE
        zab_id = decline.zab_id if decline is not None and is_escalated else None
    elif decision.action not in _BARS:
        return
    if zab_id is None or (until is not None and until <= now):
        return
    _bar(request, zab_id, until, now)
    session.flush()


def leave_day(session: Session, request: TransportRequest, day: date, *, now: datetime) -> dict[str, Any]:
    """Lift what bars ZABs for the local day that a request was moved from; bar those of the day it comes back to.

    Returns
    -------
    dict
        What the decision keeps of the day that is left: ``left_day`` and the ids ``barred``.
    """
    gone = [bar for bar in request.bars if bar.until is None]
    lift(session, request, gone)
    for zab_id in rows.left_bars(session, request.id, request.pickup_from.astimezone(BERLIN).date()):
        _bar(request, zab_id, None, now)
    session.flush()
    return {"left_day": day.isoformat(), "barred": sorted(str(bar.zab_id) for bar in gone)}


def bar_for_good(session: Session, request: TransportRequest, zab_id: uuid.UUID, now: datetime) -> None:
    """Let a ZAB not be asked again for the day of a request, also where it was barred for a time."""
    _bar(request, zab_id, None, now)
    session.flush()


def lift(session: Session, request: TransportRequest, bars: Iterable[Bar]) -> None:
    """Let the ZABs of these bars be asked again."""
    for bar in bars:
        request.bars.remove(bar)
        session.delete(bar)
    session.flush()


def _bar(request: TransportRequest, zab_id: uuid.UUID, until: datetime | None, now: datetime) -> None:
    known = next((bar for bar in request.bars if bar.zab_id == zab_id), None)
    if known is None:
        request.bars.append(Bar(created_at=now, request_id=request.id, zab_id=zab_id, until=until))
    elif known.until is not None:
        known.until = None if until is None else max(known.until, until)


def give_back(request: TransportRequest, ended: Proposal, action: Action) -> None:
    """Let the owner's own place of pick-up hold again where a promise ends that had moved it (a counter-proposal)."""
    stated = (ended.counter or {}).get("stated")
    if stated is None or action is Action.HAND_OVER:
        return
    request.content = {**request.content, "pickup": {**request.content["pickup"], "place": stated["place"]}}
    request.pickup_ags = stated["ags"]


def tell(
    session: Session,
    request: TransportRequest,
    decision: Decision,
    proposal: Proposal | None,
    ended: Proposal | None,
    now: datetime,
) -> None:
    """Tell those concerned, and ask for a match where the request waits again or a seat is free."""
    concerned = {request.organisation_id} | {each.zab_id for each in (proposal, ended) if each is not None}
    if request.asked_zab_id is not None and State.ASKED in (decision.before, decision.after):
        concerned.add(request.asked_zab_id)
    ids = {"request": str(request.id)} | ({} if proposal is None else {"proposal": str(proposal.id)})
    states = {"action": decision.action.value, "before": decision.before.value, "after": decision.after.value}
    outbox.tell(session, outbox.Topic.REQUEST_STATE_CHANGED, concerned, ids | states, now=now)
    if decision.account_id is not None:
        made = ids | {"action": decision.action.value, "code": decision.code or ""}
        outbox.tell(session, outbox.Topic.DECISION_MADE, concerned, made, now=now)
    if decision.action in _MAKES and proposal is not None:
        outbox.tell(session, outbox.Topic.PROPOSAL_MADE, {request.organisation_id, proposal.zab_id}, ids, now=now)
    if ended is not None and ended.standing is Standing.LOST:
        lost = {"request": str(request.id), "proposal": str(ended.id), "code": ended.end_code or ""}
        outbox.tell(session, outbox.Topic.PROPOSAL_LOST, {ended.zab_id}, lost, now=now)
    freed = [ended.duty_id] if ended is not None and ended.standing in _FREES else []
    if ended is not None and freed and decision.before in PROMISED:
        outbox.tell(session, outbox.Topic.SEAT_FREED, {ended.zab_id}, {"duty": str(ended.duty_id)}, now=now)
        notices.notify(
            session, ended.zab_id, notices.Kind.SEAT_FREED, "duty", ended.duty_id, code=decision.action.value, now=now
        )
    waiting = [request.id] if decision.after in WAITING else []
    if waiting or freed:
        outbox.ask_match(session, decision.action.value, waiting, now=now, duty_ids=freed)
