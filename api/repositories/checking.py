"""What a check of one duty reads: its tour, whatever shares its crew or vehicle, and what is away. As of now."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.db.tables import Away, DutyRow, Organisation, OrganisationKind, Override, TourStop, TransportRequest

MARGIN = timedelta(days=1)
"""Duties of the same crew so far apart are looked at too: crews rest between two shifts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRows:
    """A duty and what bears on it.

    Parameters
    ----------
    duties
        The duty itself, first, and used ones near it that share its crew or its vehicle.
    stops
        Tours as stored, by duty, in their order.
    requests
        All who ride on ``duties``, by id.
    overrides
        Recorded overrides by request, of ``requests`` and of those asked for.
    zab_codes
        Codes of active ZABs by id.
    """

    duties: tuple[DutyRow, ...]
    stops: dict[uuid.UUID, list[TourStop]]
    requests: dict[uuid.UUID, TransportRequest]
    overrides: dict[uuid.UUID, list[Override]]
    aways: tuple[Away, ...]
    zabs: tuple[Organisation, ...]


def duty_rows(session: Session, duty: DutyRow, others: Collection[uuid.UUID]) -> DutyRows:
    """Return what a check of ``duty`` reads; ``others`` are requests that may ride there."""
    near = select(DutyRow).where(
        DutyRow.id != duty.id,
        DutyRow.is_used.is_(True),
        or_(DutyRow.crew_id == duty.crew_id, DutyRow.vehicle_id == duty.vehicle_id),
        DutyRow.starts_at < duty.ends_at + MARGIN,
        DutyRow.ends_at > duty.starts_at - MARGIN,
    )
    duties = (duty, *session.scalars(near.order_by(DutyRow.starts_at, DutyRow.id)).unique())
    stops: dict[uuid.UUID, list[TourStop]] = {each.id: [] for each in duties}
    tour_stops = select(TourStop).where(TourStop.duty_id.in_(stops)).order_by(TourStop.duty_id, TourStop.position)
    for stop in session.scalars(tour_stops.execution_options(populate_existing=True)):
        stops[stop.duty_id].append(stop)
    riders = {stop.request_id for tour in stops.values() for stop in tour if stop.request_id is not None}
    riding = select(TransportRequest).where(TransportRequest.id.in_(riders))
    requests = {each.id: each for each in session.scalars(riding).unique()}
    overrides: dict[uuid.UUID, list[Override]] = {}
    for override in session.scalars(select(Override).where(Override.request_id.in_(riders | set(others)))):
        overrides.setdefault(override.request_id, []).append(override)
    aways = select(Away).where(
        or_(Away.crew_id == duty.crew_id, Away.vehicle_id == duty.vehicle_id),
        Away.starts_at < duty.ends_at,
        Away.ends_at > duty.starts_at,
    )
    zabs = select(Organisation).where(Organisation.kind == OrganisationKind.ZAB).order_by(Organisation.code)
    return DutyRows(
        duties=duties,
        stops=stops,
        requests=requests,
        overrides=overrides,
        aways=tuple(session.scalars(aways)),
        zabs=tuple(session.scalars(zabs)),
    )
