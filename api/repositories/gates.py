"""Reads of what gates are judged by: what was stated, clearances, what was lifted; of requests read for a person.

Whether somebody may see the request is asked where the request is read; here only ids that were seen come in.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import BindParameter

from api.db.tables import (
    Account,
    Clearance,
    ClearanceKind,
    ClearanceState,
    Notice,
    Override,
    Proposal,
    Standing,
    TransportRequest,
)
from api.gates import Facts, Gate, Stated
from optimizer.model import MINOR, AgeBand

_AT_A_TIME = 500
"""Ids that one query names at most."""
_UNDECIDED = (ClearanceState.NEEDED, ClearanceState.APPLIED, ClearanceState.REFUSED, ClearanceState.ALTERNATIVE)

# Put together once: every list of requests or proposals asks this.
_ASKED: BindParameter[Any] = bindparam("requests", expanding=True)
_STATED = (
    select(
        TransportRequest.id, TransportRequest.gates, TransportRequest.content, TransportRequest.pickup_from,
        Proposal.pickup_at,
    )
    .outerjoin(Proposal, and_(Proposal.request_id == TransportRequest.id, Proposal.standing == Standing.LIVE))
    .where(TransportRequest.id.in_(_ASKED))
)  # fmt: skip
_CLEARED = select(Clearance.request_id, Clearance.kind, Clearance.state).where(Clearance.request_id.in_(_ASKED))
# What is missing is the owner's to say: nobody else lifts a gate.
_LIFTED = (
    select(Override.request_id, Override.rule)
    .join(TransportRequest, TransportRequest.id == Override.request_id)
    .join(Account, Account.id == Override.account_id)
    .where(
        Override.request_id.in_(_ASKED),
        Override.rule.in_([gate.value for gate in Gate]),
        Account.organisation_id == TransportRequest.organisation_id,
    )
)


def facts(
    session: Session | Connection,
    ids: Collection[uuid.UUID],
    *,
    now: datetime,
    pickups: Mapping[uuid.UUID, datetime] | None = None,
) -> dict[uuid.UUID, Facts]:
    """Return the facts of these requests, as they are now, by id.

    Parameters
    ----------
    pickups
        When somebody would be picked up; else as in the live proposal, and without one when the window begins.
    """
    found: dict[uuid.UUID, Facts] = {}
    ordered = sorted(ids)
    for begin in range(0, len(ordered), _AT_A_TIME):
        found |= _facts(session, ordered[begin : begin + _AT_A_TIME], now, pickups or {})
    return found


def _facts(
    session: Session | Connection, ids: Sequence[uuid.UUID], now: datetime, pickups: Mapping[uuid.UUID, datetime]
) -> dict[uuid.UUID, Facts]:
    asked = {"requests": list(ids)}
    requests = session.execute(_STATED, asked).all()
    clearances: dict[uuid.UUID, dict[ClearanceKind, ClearanceState]] = {}
    for request_id, kind, state in session.execute(_CLEARED, asked):
        known = clearances.setdefault(request_id, {})
        # Of each kind one counts; those that turned out not to be needed may lie beside it.
        if state is not ClearanceState.NOT_NEEDED:
            known[kind] = state
        else:
            known.setdefault(kind, state)
    lifted: dict[uuid.UUID, set[str]] = {}
    for request_id, rule in session.execute(_LIFTED, asked):
        lifted.setdefault(request_id, set()).add(rule)
    return {
        key: Facts(
            stated=Stated.of(gates),
            pickup_at=pickups.get(key) or pickup_at or pickup_from,
            now=now,
            is_lone_minor=is_lone_minor(content),
            needs=needs(content),
            clearances=clearances.get(key, {}),
            lifted=frozenset(lifted.get(key, ())),
        )
        for key, gates, content, pickup_from, pickup_at in requests
    }


def is_lone_minor(content: Mapping[str, Any]) -> bool:
    """Whether what a request says is one minor alone (``optimizer.model.Party.is_lone_minor``)."""
    people = [(AgeBand(group["age"]), int(group.get("count", 1))) for group in content.get("people", ())]
    return sum(count for _, count in people) == 1 and all(age in MINOR for age, _ in people)


def needs(content: Mapping[str, Any]) -> frozenset[ClearanceKind]:
    """Return the clearances that a request needs by what it says."""
    found = set()
    if content.get("stop_overs"):
        found.add(ClearanceKind.TRANSIT)
    if content.get("needs_medical_reception"):
        found.add(ClearanceKind.MEDICAL_RECEPTION)
    return frozenset(found)


def due_for_red(
    session: Session, now: datetime, ahead: timedelta, after: uuid.UUID, most: int
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return live proposals whose pick-up comes within ``ahead`` with transit undecided, and their requests."""
    query = (
        select(Proposal.id, Proposal.request_id)
        .join(Clearance, Clearance.request_id == Proposal.request_id)
        .where(
            Proposal.standing == Standing.LIVE,
            Proposal.pickup_at <= now + ahead,
            Proposal.pickup_at > now,
            Clearance.kind == ClearanceKind.TRANSIT,
            Clearance.state.in_(_UNDECIDED),
            Proposal.id > after,
        )
        .order_by(Proposal.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def is_told(
    session: Session, organisation_id: uuid.UUID, kind: str, request_id: uuid.UUID, code: str, proposal_id: uuid.UUID
) -> bool:
    """Whether an organisation has a notice that says this of this proposal and that nothing has settled since."""
    query = select(Notice.details).where(
        Notice.organisation_id == organisation_id, Notice.kind == kind, Notice.subject_id == str(request_id),
        Notice.code == code,
    )  # fmt: skip
    return any(details.get("proposal") == str(proposal_id) for details in session.scalars(query))
