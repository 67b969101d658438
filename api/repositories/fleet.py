"""Reads of vehicles, crews, duties, absences and tours: a ZAB sees its own, the LTraKo and the auditor see all."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.actor import Actor
from api.db.tables import (
    Away,
    CrewRow,
    DutyRow,
    Organisation,
    OrganisationKind,
    Proposal,
    Standing,
    TourStop,
    TransportRequest,
    VehicleRow,
)
from api.db.tables_fleet import LONGEST_DUTY
from api.workflow import PROMISED, Role, State

Resource = TypeVar("Resource", VehicleRow, CrewRow)
Owned = TypeVar("Owned", VehicleRow, CrewRow, DutyRow)
_SEES_ALL = frozenset({Role.LTRAKO, Role.AUDITOR, Role.SYSTEM})


def visible(zab_id: InstrumentedAttribute[uuid.UUID], actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the owner of a row that ``actor`` may see."""
    if actor.role in _SEES_ALL:
        return true()
    return zab_id == (actor.organisation_id if actor.is_zab else None)


def owned(
    table: type[Owned], actor: Actor, *, zab: str | None = None, updated_since: datetime | None = None
) -> Select[Owned]:
    """Return the query for vehicles, crews or duties that ``actor`` may see; of one ZAB by its code."""
    query = select(table).where(visible(table.zab_id, actor))
    if zab is not None:
        query = query.where(table.zab_id.in_(select(Organisation.id).where(Organisation.code == zab)))
    if updated_since is not None:
        query = query.where(table.updated_at >= updated_since)
    return query


def find(session: Session, table: type[Owned], actor: Actor, row_id: uuid.UUID, *, lock: bool = False) -> Owned | None:
    """Return a vehicle, crew or duty that ``actor`` may see; ``lock`` keeps it to the end of the transaction."""
    query = select(table).where(table.id == row_id, visible(table.zab_id, actor))
    if lock:
        query = query.with_for_update(of=table).execution_options(populate_existing=True)
    return session.scalars(query).unique().one_or_none()


def by_code(session: Session, table: type[Owned], zab_id: uuid.UUID, codes: Collection[str]) -> dict[str, Owned]:
    """Return the rows of a ZAB with these codes."""
    found: dict[str, Owned] = {}
    listed = sorted(set(codes))
    for start in range(0, len(listed), 500):
        query = select(table).where(table.zab_id == zab_id, table.code.in_(listed[start : start + 500]))
        found |= {row.code: row for row in session.scalars(query).unique()}
    return found


def duties(
    actor: Actor,
    *,
    zab: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    updated_since: datetime | None = None,
) -> Select[DutyRow]:
    """Return the query for duties, those that meet ``[since, until)`` where stated."""
    query = owned(DutyRow, actor, zab=zab, updated_since=updated_since)
    if since is not None:
        query = query.where(DutyRow.ends_at > since, DutyRow.starts_at > since - LONGEST_DUTY)
    if until is not None:
        query = query.where(DutyRow.starts_at < until)
    return query


def duties_between(
    session: Session, *, crew_id: uuid.UUID | None, vehicle_id: uuid.UUID | None, since: datetime, until: datetime
) -> Sequence[DutyRow]:
    """Return the duties of a crew, or of a vehicle, that meet an interval."""
    of = DutyRow.crew_id == crew_id if crew_id is not None else DutyRow.vehicle_id == vehicle_id
    begin, end = (
        (DutyRow.starts_at, DutyRow.ends_at) if crew_id is not None else (DutyRow.vehicle_from, DutyRow.vehicle_to)
    )
    query = select(DutyRow).where(of, begin < until, end > since).order_by(DutyRow.starts_at, DutyRow.id)
    return session.scalars(query).unique().all()


def coming_duties(
    session: Session, *, crew_id: uuid.UUID | None, vehicle_id: uuid.UUID | None, since: datetime, most: int = 100
) -> Sequence[DutyRow]:
    """Return the duties of a crew, or of a vehicle, that end after ``since``, first to last, at most ``most``."""
    of = DutyRow.crew_id == crew_id if crew_id is not None else DutyRow.vehicle_id == vehicle_id
    query = select(DutyRow).where(of, DutyRow.ends_at > since)
    return session.scalars(query.order_by(DutyRow.starts_at, DutyRow.id).limit(most)).unique().all()


def has_history(session: Session, duty_id: uuid.UUID) -> bool:
    """Whether anything was ever proposed or pinned there."""
    proposed = select(Proposal.id).where(Proposal.duty_id == duty_id).limit(1)
    pinned = select(TransportRequest.id).where(TransportRequest.pinned_duty_id == duty_id).limit(1)
    return session.scalars(proposed).first() is not None or session.scalars(pinned).first() is not None


def proposed_on(session: Session, duty_ids: Collection[uuid.UUID]) -> Sequence[uuid.UUID]:
    """Return the requests that are proposed on these duties and not answered, in one order for all who lock them."""
    query = (
        select(Proposal.request_id)
        .join(TransportRequest, TransportRequest.id == Proposal.request_id)
        .where(
            Proposal.duty_id.in_(duty_ids),
            Proposal.standing == Standing.LIVE,
            TransportRequest.state == State.PROPOSED,
        )
    )
    return session.scalars(query.order_by(Proposal.request_id)).all() if duty_ids else []


def promised_duties(
    session: Session, *, vehicle_id: uuid.UUID | None, crew_id: uuid.UUID | None, since: datetime
) -> Sequence[DutyRow]:
    """Return the duties of a vehicle, or of a crew, that end after ``since`` and on which seats were promised."""
    of = DutyRow.crew_id == crew_id if crew_id is not None else DutyRow.vehicle_id == vehicle_id
    query = promising(select(DutyRow).where(of, DutyRow.ends_at > since)).order_by(DutyRow.starts_at, DutyRow.id)
    return session.scalars(query).unique().all()


def tours(session: Session, duty_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[TourStop]]:
    """Return the stops of these duties in their order."""
    if not duty_ids:
        return {}
    query = select(TourStop).where(TourStop.duty_id.in_(duty_ids)).order_by(TourStop.duty_id, TourStop.position)
    found: dict[uuid.UUID, list[TourStop]] = {}
    for stop in session.scalars(query):
        found.setdefault(stop.duty_id, []).append(stop)
    return found


def promises(session: Session, duty_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Proposal]]:
    """Return the promised seats on these duties, in the order of the pick-ups.

    Whoever asks has seen the duties already (``find``, ``duties``).
    """
    if not duty_ids:
        return {}
    query = (
        select(Proposal)
        .join(TransportRequest, TransportRequest.id == Proposal.request_id)
        .where(
            Proposal.duty_id.in_(duty_ids),
            Proposal.standing == Standing.LIVE,
            TransportRequest.state.in_(sorted(PROMISED)),
        )
        .order_by(Proposal.pickup_at, Proposal.id)
    )
    found: dict[uuid.UUID, list[Proposal]] = {}
    for proposal in session.scalars(query).unique():
        found.setdefault(proposal.duty_id, []).append(proposal)
    return found


def promising(query: Select[DutyRow]) -> Select[DutyRow]:
    """Limit a query for duties to those on which seats were promised."""
    promised = (
        select(Proposal.id)
        .join(TransportRequest, TransportRequest.id == Proposal.request_id)
        .where(
            Proposal.duty_id == DutyRow.id,
            Proposal.standing == Standing.LIVE,
            TransportRequest.state.in_(sorted(PROMISED)),
        )
    )
    return query.where(promised.exists())


def absences(
    actor: Actor, *, zab: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> Select[Away]:
    """Return the query for absences that ``actor`` may see, those that meet ``[since, until)`` where stated."""
    crews = select(CrewRow.id).where(visible(CrewRow.zab_id, actor))
    vehicles = select(VehicleRow.id).where(visible(VehicleRow.zab_id, actor))
    if zab is not None:
        of = select(Organisation.id).where(Organisation.code == zab)
        crews, vehicles = crews.where(CrewRow.zab_id.in_(of)), vehicles.where(VehicleRow.zab_id.in_(of))
    query = select(Away).where(or_(Away.crew_id.in_(crews), Away.vehicle_id.in_(vehicles)))
    if until is not None:
        query = query.where(Away.starts_at < until)
    return query if since is None else query.where(Away.ends_at > since)


def absences_beside(session: Session, row: Away) -> Sequence[Away]:
    """Return other absences of the same crew or vehicle that meet this one; whoever asks has seen it already."""
    of = Away.crew_id == row.crew_id if row.crew_id is not None else Away.vehicle_id == row.vehicle_id
    query = select(Away).where(of, Away.id != row.id, Away.starts_at < row.ends_at, Away.ends_at > row.starts_at)
    return session.scalars(query.order_by(Away.starts_at, Away.id)).all()


def absence(session: Session, actor: Actor, away_id: uuid.UUID) -> Away | None:
    """Return an absence that ``actor`` may see."""
    return session.scalars(absences(actor).where(Away.id == away_id)).one_or_none()


def organisation(session: Session, code: str) -> Organisation | None:
    """Return the organisation of this code."""
    return session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()


def zab_of(session: Session, actor: Actor) -> Organisation:
    """Return the ZAB that ``actor`` works for.

    Raises
    ------
    LookupError
        Where it works for none; routes let only ZABs in.
    """
    found = session.get(Organisation, actor.organisation_id) if actor.is_zab else None
    if found is None or found.kind is not OrganisationKind.ZAB:
        raise LookupError(f"expected an actor of a ZAB, got {actor.role}")
    return found


def active_contents(session: Session) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what all active vehicles and crews can do, of all ZABs: for figures that name neither."""
    vehicles = select(VehicleRow.content).where(VehicleRow.is_active.is_(True))
    crews = select(CrewRow.content).where(CrewRow.is_active.is_(True))
    return list(session.scalars(vehicles)), list(session.scalars(crews))
