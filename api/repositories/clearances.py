"""Reads of clearances, limited to what the actor may see: ZFA transit, ZRK medical reception, an ABH its own.

That somebody needs medical reception tells something of their health: but for the owner, the ZRK and the auditor nobody
reads those rows. A ZAB sees the transit of what it is asked for or has promised.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true, update
from sqlalchemy.orm import Session, contains_eager, lazyload

from api.actor import Actor
from api.clearance_workflow import AGAINST, BODY_OF, CLEAR, LIVE, OPEN
from api.db.tables import (
    Clearance,
    ClearanceKind,
    ClearanceState,
    DispatchRecord,
    Organisation,
    OrganisationKind,
    Proposal,
    Standing,
    TransportRequest,
)
from api.workflow import ENDED, Role, State

WORKED = frozenset(State) - ENDED - {State.DRAFT} | {State.RETURNED}
"""States in which the measure is still to take place: what goes back to its ABH that carries out itself."""
AHEAD = WORKED - {State.UNDER_WAY}
_BODIES = {Role.ZFA: OrganisationKind.ZFA, Role.ZRK: OrganisationKind.ZRK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; empty fields narrow nothing.

    ``is_current``: only what counts, of measures that are still to take place.
    """

    kind: ClearanceKind | None = None
    states: Collection[ClearanceState] = ()
    request_id: uuid.UUID | None = None
    apply_before: datetime | None = None
    decide_before: datetime | None = None
    updated_since: datetime | None = None
    is_current: bool = True


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return which clearances an actor may see; the query must join the request."""
    if actor.role in (Role.SYSTEM, Role.AUDITOR):
        return true()
    if actor.role in _BODIES:
        return Clearance.kind.in_([kind for kind, role in BODY_OF.items() if role is actor.role])
    if actor.role is Role.ABH:
        return TransportRequest.organisation_id == actor.organisation_id
    is_transit = Clearance.kind == ClearanceKind.TRANSIT
    if actor.role is Role.LTRAKO:
        return and_(is_transit, TransportRequest.state != State.DRAFT)
    if actor.is_zab:
        has_offer = exists().where(
            Proposal.request_id == TransportRequest.id,
            Proposal.zab_id == actor.organisation_id,
            Proposal.standing == Standing.LIVE,
        )
        return and_(is_transit, has_offer)
    return false()


def listed(actor: Actor, filters: Filters) -> Select[Clearance]:
    """Return the query for a list."""
    query = _with_request(select(Clearance)).where(visible(actor))
    if filters.is_current:
        query = query.where(Clearance.state.in_(sorted(LIVE)), TransportRequest.state.in_(sorted(WORKED)))
    if filters.kind is not None:
        query = query.where(Clearance.kind == filters.kind)
    if filters.states:
        query = query.where(Clearance.state.in_(sorted(filters.states)))
    if filters.request_id is not None:
        query = query.where(Clearance.request_id == filters.request_id)
    if filters.apply_before is not None:
        query = query.where(Clearance.apply_by < filters.apply_before)
    if filters.decide_before is not None:
        query = query.where(Clearance.decide_by < filters.decide_before)
    if filters.updated_since is not None:
        query = query.where(Clearance.updated_at >= filters.updated_since)
    return query


def find(session: Session, actor: Actor, clearance_id: uuid.UUID) -> Clearance | None:
    """Return a clearance that the actor may see."""
    query = _with_request(select(Clearance)).where(Clearance.id == clearance_id, visible(actor))
    return session.scalars(query).unique().one_or_none()


def locked(session: Session, clearance_id: uuid.UUID) -> Clearance | None:
    """Return a clearance as it is now, locked; the caller has locked its request before."""
    query = select(Clearance).where(Clearance.id == clearance_id).options(lazyload(Clearance.request))
    query = query.with_for_update(of=Clearance).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def live(session: Session, request_id: uuid.UUID) -> dict[ClearanceKind, Clearance]:
    """Return the clearances of a request that count; the caller has locked the request."""
    query = select(Clearance).where(Clearance.request_id == request_id, Clearance.state != ClearanceState.NOT_NEEDED)
    return {row.kind: row for row in session.scalars(query.options(lazyload(Clearance.request)))}


def against(session: Session, request_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Clearance]]:
    """Return the clearances of these requests that are not granted, by request; whether one may see them is not asked.

    For a mark on a proposal that the caller has read already: that something is missing, not what it is for.
    """
    if not request_ids:
        return {}
    query = select(Clearance).where(Clearance.request_id.in_(request_ids), Clearance.state.in_(sorted(OPEN | AGAINST)))
    found: dict[uuid.UUID, list[Clearance]] = {}
    for row in session.scalars(query.options(lazyload(Clearance.request))):
        found.setdefault(row.request_id, []).append(row)
    return found


def offer_of(session: Session, request_id: uuid.UUID) -> Proposal | None:
    """Return the live proposal of a request: whose ZAB must know, and when the pick-up begins."""
    query = select(Proposal).where(Proposal.request_id == request_id, Proposal.standing == Standing.LIVE)
    return session.scalars(query.options(lazyload(Proposal.request), lazyload(Proposal.duty))).one_or_none()


def pickups(session: Session, request_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return when the pick-up of these requests begins where somebody is to carry them."""
    query = select(Proposal.request_id, Proposal.pickup_at).where(
        Proposal.request_id.in_(request_ids), Proposal.standing == Standing.LIVE
    )
    return {row[0]: row[1] for row in session.execute(query)}


def bodies(session: Session, kind: ClearanceKind) -> list[uuid.UUID]:
    """Return the organisations that apply for this kind."""
    query = select(Organisation.id).where(
        Organisation.kind == _BODIES[BODY_OF[kind]], Organisation.is_active.is_(True)
    )  # fmt: skip
    return list(session.scalars(query.order_by(Organisation.id)))


def dispatches(clearance_id: uuid.UUID) -> Select[DispatchRecord]:
    """Return the query for what was sent for a clearance that the caller may see."""
    return select(DispatchRecord).where(DispatchRecord.clearance_id == clearance_id)


# --- what the clock looks for: ids after ``after``, at most ``most`` --------------------------------------------------


def unwarned(
    session: Session, until: datetime, after: uuid.UUID, most: int
) -> Sequence[tuple[uuid.UUID, uuid.UUID | None]]:
    """Return clearances that are not granted, of pick-ups that begin by ``until``, of which nobody was warned."""
    return _due(session, after, most, Clearance.warned_at.is_(None), TransportRequest.pickup_from <= until)


def unmarked(
    session: Session, until: datetime, after: uuid.UUID, most: int
) -> Sequence[tuple[uuid.UUID, uuid.UUID | None]]:
    """Return clearances that were refused, or are open with the pick-up by ``until``, and not told as red."""
    is_against = Clearance.state.in_(sorted(AGAINST))
    return _due(
        session, after, most, Clearance.red_at.is_(None), or_(is_against, TransportRequest.pickup_from <= until)
    )


def note(session: Session, clearance_id: uuid.UUID, **at: datetime) -> None:
    """Note when those concerned were told; the version stays, so that whoever read the row may still decide."""
    session.execute(
        update(Clearance)
        .where(Clearance.id == clearance_id)
        .values(version=Clearance.version, **at)
        .execution_options(synchronize_session=False)
    )


def _due(
    session: Session, after: uuid.UUID, most: int, *where: ColumnElement[bool]
) -> Sequence[tuple[uuid.UUID, uuid.UUID | None]]:
    query = (
        select(Clearance.id, Clearance.request_id)
        .join(TransportRequest, TransportRequest.id == Clearance.request_id)
        .where(
            Clearance.state.not_in(sorted(CLEAR)),
            TransportRequest.state.in_(sorted(AHEAD)),
            Clearance.id > after,
            *where,
        )
        .order_by(Clearance.id)
        .limit(most)
    )  # fmt: skip
    return [(row[0], row[1]) for row in session.execute(query)]


def _with_request(query: Select[Clearance]) -> Select[Clearance]:
    return query.join(Clearance.request).options(
        contains_eager(Clearance.request).options(lazyload(TransportRequest.bars))
    )
