"""Clearances follow their request: raised where a measure needs one, taken back where flight, stop-over or date change.

Called with every step of a request (``api.services.steps``); and how those concerned are told.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.clearance_workflow import ClearanceAction, ClearanceKind, ClearanceState, due, limits, transition
from api.db.tables import Clearance, TransportRequest
from api.gates import rule_seen_by
from api.repositories import clearances as rows
from api.repositories import notices as notice_rows
from api.schemas.requests import RequestContent
from api.services import notices, outbox
from api.services.notices import Kind
from api.workflow import Action, Role, State

_FOLLOWED = frozenset({
    Action.ASK, Action.ACCEPT, Action.POOL, Action.AMEND, Action.CORRECT, Action.MOVE_DATE, Action.ACCEPT_COUNTER,
    Action.CANCEL, Action.STOP, Action.FAIL,
})  # fmt: skip
"""Steps by which a measure enters, changes, or does not take place."""
_SENT = frozenset({
    ClearanceState.APPLIED, ClearanceState.GRANTED, ClearanceState.REFUSED, ClearanceState.ALTERNATIVE,
})  # fmt: skip
"""The deciding body knows of it."""
_TOLD = frozenset({
    Kind.CLEARANCE_NEEDED, Kind.CLEARANCE_GRANTED, Kind.CLEARANCE_REFUSED, Kind.CLEARANCE_ALTERNATIVE,
    Kind.CLEARANCE_DUE, Kind.CLEARANCE_RED,
})  # fmt: skip
"""Notices that what happens next settles."""
_NOT_AS_IT_WAS = frozenset({State.CANCELLED, State.STOPPED, State.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A clearance that a request needs: what for, on which day and flight, and when it leaves."""

    subject: str
    holds_for: str
    leaves_at: datetime


def wanted(content: RequestContent) -> dict[ClearanceKind, Wanted]:
    """Return the clearances that a measure needs: transit with a stop-over, medical reception where it is asked for."""
    found: dict[ClearanceKind, Wanted] = {}
    if content.stop_overs:
        found[ClearanceKind.TRANSIT] = _wanted(content, " ".join(content.stop_overs))
    if content.needs_medical_reception and content.destination is not None:
        found[ClearanceKind.MEDICAL_RECEPTION] = _wanted(content, content.destination)
    return found


def _wanted(content: RequestContent, subject: str) -> Wanted:
    flight = (content.flight or "-").replace(" ", "")
    # Who consents to one traveller has not consented to three.
    return Wanted(
        subject=subject, holds_for=f"{content.leaves_on} {flight} {subject} x{content.size}",
        leaves_at=content.leaves_at,
    )  # fmt: skip


def follow(session: Session, actor: Actor, request: TransportRequest, action: Action, *, now: datetime) -> None:
    """Bring the clearances of a locked request to what its measure needs after a step."""
    if action not in _FOLLOWED:
        return
    known = rows.live(session, request.id)
    if request.state not in rows.WORKED:
        # What was consented to may hold again, should a stop be lifted in time; but who applied must know.
        for clearance in known.values():
            notice_rows.settle(session, _TOLD, str(clearance.id), now)
            if request.state in _NOT_AS_IT_WAS and clearance.state in _SENT:
                _tell_bodies(session, clearance, Kind.CLEARANCE_LAPSED, code=request.state.value, now=now)
        return
    needed = wanted(RequestContent.model_validate(request.content))
    for kind in ClearanceKind:
        old, new = known.get(kind), needed.get(kind)
        if old is not None and not old.holds_for and new is not None:
            old.holds_for = new.holds_for
        if old is not None and (new is None or old.holds_for != new.holds_for):
            lapse(session, actor, old, ClearanceAction.LAPSE, now=now)
        elif old is not None:
            continue
        if new is not None:
            raise_(session, actor, request, kind, new, reference=None if old is None else old.reference, now=now)


def raise_(
    session: Session,
    actor: Actor,
    request: TransportRequest,
    kind: ClearanceKind,
    needed: Wanted,
    *,
    reference: str | None = None,
    now: datetime,
) -> Clearance:
    """Raise a clearance; ZFA or ZRK is told until when to apply.

    Parameters
    ----------
    reference
        File number of what was asked for before, on which the new application can stand.
    """
    apply_by, decide_by = due(limits(kind, needed.leaves_at), needed.leaves_at)
    clearance = Clearance(
        request_id=request.id, kind=kind, state=ClearanceState.NEEDED, subject=needed.subject, apply_by=apply_by,
        decide_by=decide_by, holds_for=needed.holds_for, reference=reference, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(clearance)
    session.flush()
    audit.append(
        session, actor, "raised", "clearance", clearance.id, at=now,
        details={"kind": kind.value, "request": str(request.id)},
    )  # fmt: skip
    _tell_bodies(session, clearance, Kind.CLEARANCE_NEEDED, due_at=apply_by, now=now)
    tell(session, request, clearance, now=now)
    return clearance


def lapse(session: Session, actor: Actor, clearance: Clearance, action: ClearanceAction, *, now: datetime) -> None:
    """Take a clearance back: it no longer counts. ZFA or ZRK is told where somebody else knows of it.

    Whoever changed the measure, that a clearance lapses with it is nobody's choice: the table has it for the system.
    """
    before = clearance.state
    cell = transition(clearance.kind, before, action, SYSTEM.role if action is ClearanceAction.LAPSE else actor.role)
    clearance.state, clearance.alternative_on, clearance.updated_at = cell.to, None, now
    session.flush()
    audit.append(
        session, actor, action.value, "clearance", clearance.id, at=now,
        details={"before": before.value, "after": cell.to.value, "request": str(clearance.request_id)},
    )  # fmt: skip
    notice_rows.settle(session, _TOLD, str(clearance.id), now)
    if before in _SENT:
        _tell_bodies(session, clearance, Kind.CLEARANCE_LAPSED, code=action.value, now=now)


def answered(session: Session, request: TransportRequest, clearance: Clearance, *, now: datetime) -> None:
    """Tell owner and ZAB at once what became of a clearance, and settle what was told before."""
    notice_rows.settle(session, _TOLD, str(clearance.id), now)
    kind = {
        ClearanceState.GRANTED: Kind.CLEARANCE_GRANTED,
        ClearanceState.REFUSED: Kind.CLEARANCE_REFUSED,
        ClearanceState.ALTERNATIVE: Kind.CLEARANCE_ALTERNATIVE,
    }.get(clearance.state)
    if kind is not None:
        notices.notify(
            session, request.organisation_id, kind, "clearance", clearance.id, code=clearance.code,
            details=_details(clearance), now=now,
        )  # fmt: skip
    if clearance.state is ClearanceState.NEEDED:
        _tell_bodies(session, clearance, Kind.CLEARANCE_NEEDED, due_at=clearance.apply_by, now=now)
    tell(session, request, clearance, now=now)


def warn(session: Session, request: TransportRequest, clearance: Clearance, kind: Kind, *, now: datetime) -> None:
    """Tell ZAB, owner and body that a clearance is not there yet, or stands against the transport.

    Owner and ZAB need not be told that it is red where a notice that its gate is closed lies before them.
    """
    _tell_bodies(session, clearance, kind, due_at=clearance.decide_by, now=now)
    if not _knows_gate(session, request, clearance, kind, request.organisation_id, Role.ABH):
        notices.notify(
            session, request.organisation_id, kind, "clearance", clearance.id, code=clearance.state.value,
            details=_details(clearance), now=now,
        )  # fmt: skip
    offer = rows.offer_of(session, request.id)
    if offer is not None and not _knows_gate(session, request, clearance, kind, offer.zab_id, Role.ZAB_DISPATCHER):
        # A ZAB need not know what for: medical reception would tell something of somebody's health.
        notices.notify(
            session, offer.zab_id, kind, "clearance", clearance.id,
            details={"request": str(request.id), "proposal": str(offer.id)}, now=now,
        )  # fmt: skip


def _knows_gate(
    session: Session, request: TransportRequest, clearance: Clearance, kind: Kind, told: uuid.UUID, role: Role
) -> bool:
    """Whether an open notice tells an organisation already that the gate of a red clearance is closed."""
    # The gate bears the name of what is asked for (``api.gates.Gate``).
    code = rule_seen_by(clearance.kind.value, role)
    return kind is Kind.CLEARANCE_RED and notice_rows.stands(session, told, Kind.GATE_CLOSED, str(request.id), code)


def tell(session: Session, request: TransportRequest, clearance: Clearance, *, now: datetime) -> None:
    """Tell machines: body and owner all of it, the ZAB with a live proposal that something changed."""
    told = {"clearance": str(clearance.id), "state": clearance.state.value, "code": clearance.code or ""}
    whole = _details(clearance) | told
    concerned = {request.organisation_id, *rows.bodies(session, clearance.kind)}
    outbox.tell(session, outbox.Topic.CLEARANCE_CHANGED, concerned, whole, now=now)
    offer = rows.offer_of(session, request.id)
    if offer is not None:
        part = {"request": str(request.id), "proposal": str(offer.id), "state": clearance.state.value}
        outbox.tell(session, outbox.Topic.CLEARANCE_CHANGED, {offer.zab_id}, part, now=now)


def _tell_bodies(
    session: Session,
    clearance: Clearance,
    kind: Kind,
    *,
    code: str | None = None,
    due_at: datetime | None = None,
    now: datetime,
) -> None:
    told: Collection[uuid.UUID] = rows.bodies(session, clearance.kind)
    for each in told:
        notices.notify(
            session, each, kind, "clearance", clearance.id, code=code, due_at=due_at, details=_details(clearance),
            now=now,
        )  # fmt: skip


def _details(clearance: Clearance) -> dict[str, str]:
    details = {"request": str(clearance.request_id), "kind": clearance.kind.value}
    if clearance.alternative_on is not None:
        details["alternative_on"] = clearance.alternative_on.isoformat()
    return details
