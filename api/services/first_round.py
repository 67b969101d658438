"""Who is asked first by the decree, whatever the owner chose: the ZAB of the Bezirk, for Dublin transfers.

ZABs take over all Dublin transfers from state facilities of their Bezirk; a ZAB that took a transfer over as Amtshilfe
carries it. So such a request is asked of that ZAB, by the system, with a time to answer; only its rejection or its
silence lets it into the pool, and then nobody filters it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import Organisation, TransportRequest
from api.deadlines import BERLIN, Answering, respond_by
from api.dublin import RoutingCode
from api.repositories import amtshilfe
from api.repositories import requests as rows
from api.schemas.requests import PickupType
from api.services import notices, place_book, steps
from api.workflow import Action, State
from data.service_parameters import dublin_rules
from optimizer.model import CaseType


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The ZAB that is asked before all others, and why."""

    zab: Organisation
    code: RoutingCode


def first_of(session: Session, request: TransportRequest, *, now: datetime) -> First | None:
    """Return the ZAB that must be asked before the request may go anywhere else.

    ``None`` for what is no such transfer, for one whose pick-up is past, where no such ZAB works with the exchange, and
    where that ZAB has answered already, or let its time pass: for this day, or as the owner states of the first round.
    """
    if request.content.get("case_type") != CaseType.DUBLIN or request.pickup_to <= now:
        return None
    found = _by_amtshilfe(session, request) or _by_facility(session, request, now)
    if found is None or _has_answered(session, request, found.zab):
        return None
    return found


def _by_amtshilfe(session: Session, request: TransportRequest) -> First | None:
    zab = amtshilfe.taken_over_by(session, request.id)
    return None if zab is None else First(zab=zab, code=RoutingCode.AMTSHILFE)


def _by_facility(session: Session, request: TransportRequest, now: datetime) -> First | None:
    rule = dublin_rules().routing
    is_in_force = rule.value and rule.valid_from <= now.astimezone(BERLIN).date()
    if not is_in_force or request.content.get("pickup_type") != PickupType.STATE_FACILITY:
        return None
    zab = zab_of(session, request.pickup_ags)
    return None if zab is None else First(zab=zab, code=RoutingCode.STATE_FACILITY)


def zab_of(session: Session, ags: str) -> Organisation | None:
    """Return the ZAB of the Bezirk that a municipality lies in; ``None`` outside of the state, or where it is none."""
    site = place_book.zab_of(ags)
    return None if site is None else rows.zab_of_bezirk(session, site.id, place_book.code_of(site))


def _has_answered(session: Session, request: TransportRequest, zab: Organisation) -> bool:
    stated = request.content.get("rejection") or {}
    return stated.get("by") == zab.code or day_of(request) in rows.days_answered(session, request.id, zab.id)


def day_of(request: TransportRequest) -> str:
    """Return the local day of the pick-up, as decisions of the first round keep it."""
    return request.pickup_from.astimezone(BERLIN).date().isoformat()


def ask(
    session: Session,
    actor: Actor,
    request: TransportRequest,
    first: First,
    *,
    wanted: str,
    answering: Answering,
    now: datetime,
) -> None:
    """Let the system ask that ZAB in the first round, and tell the owner why.

    Parameters
    ----------
    actor
        Whose step it takes the place of.
    request
        Locked; in a state from which the table lets the system ask.
    wanted
        What was asked for instead: ``pool``, ``amend``, ``take_over``, or the code of a ZAB.
    """
    before, asked_before = request.state, request.asked_zab_id
    request.asked_zab_id, request.asked_because = first.zab.id, first.code.value
    request.asked_until = respond_by(request.pickup_from, now, answering)
    source = dublin_rules().routing.source
    told = {"zab": first.zab.code, "code": first.code.value, "wanted": wanted}
    steps.take(session, request, Action.ASK, SYSTEM, now=now, details=told)
    notices.notify(
        session, request.organisation_id, notices.Kind.ASKED_FIRST, "request", request.id, code=first.code.value,
        details=told | {"request": str(request.id), "source": source}, due_at=request.asked_until, now=now,
    )  # fmt: skip
    notices.notify(
        session, first.zab.id, notices.Kind.ASKED_TO_CARRY, "request", request.id, code=first.code.value,
        details={"request": str(request.id), "source": source}, due_at=request.asked_until, now=now,
    )  # fmt: skip
    if before is State.ASKED and asked_before not in (None, first.zab.id):
        notices.notify(
            session, asked_before, notices.Kind.WITHDRAWN, "request", request.id, code=first.code.value,
            details={"request": str(request.id)}, now=now,
        )  # fmt: skip
    audit.append(session, actor, "asked_first", "request", request.id, at=now, details=told)


def go_on(session: Session, request: TransportRequest, code: str, *, now: datetime) -> None:
    """Put a request into the pool whose first ZAB rejected it, and tell the owner."""
    steps.take(session, request, Action.POOL, SYSTEM, now=now, details={"code": code})
    notices.notify(
        session, request.organisation_id, notices.Kind.FIRST_ROUND_ENDED, "request", request.id, code=code,
        details={"request": str(request.id)}, now=now,
    )  # fmt: skip
