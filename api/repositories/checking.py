"""What checks of duties read: tours, whatever shares their crews or vehicles, what is away. As of now, all at once."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import bindparam, inspect, or_, select
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from api.db.tables import (
    Account,
    Away,
    Bar,
    CrewRow,
    DutyRow,
    Organisation,
    OrganisationKind,
    Override,
    TourStop,
    TransportRequest,
    VehicleRow,
)

MARGIN = timedelta(days=1)
"""Duties of the same crew so far apart are looked at too: crews rest between two shifts."""
OF_ONE_ZAB = (
    joinedload(DutyRow.crew, innerjoin=True).options(lazyload(CrewRow.zab)),
    joinedload(DutyRow.vehicle, innerjoin=True).options(lazyload(VehicleRow.zab)),
)
"""Crew and vehicle come with a duty, their ZAB is that of the duty, and need not come twice more."""
# Put together once: to do so takes longer than to have them answered.
_NEAR = (
    select(DutyRow)
    .where(
        DutyRow.id.not_in(bindparam("but", expanding=True)),
        DutyRow.is_used.is_(True),
        or_(
            DutyRow.crew_id.in_(bindparam("crews", expanding=True)),
            DutyRow.vehicle_id.in_(bindparam("vehicles", expanding=True)),
        ),
        DutyRow.starts_at < bindparam("until"),
        DutyRow.ends_at > bindparam("since"),
    )
    .options(*OF_ONE_ZAB)
    .order_by(DutyRow.starts_at, DutyRow.id)
)
_STOPS = (
    select(TourStop)
    .where(TourStop.duty_id.in_(bindparam("duties", expanding=True)))
    .order_by(TourStop.duty_id, TourStop.position)
    .execution_options(populate_existing=True)
)
_RIDING = (
    select(TransportRequest)
    .where(TransportRequest.id.in_(bindparam("requests", expanding=True)))
    .options(lazyload(TransportRequest.bars))
)
_BARS = select(Bar).where(Bar.request_id.in_(bindparam("requests", expanding=True))).order_by(Bar.id)
_OVERRIDES = (
    select(Override)
    .where(Override.request_id.in_(bindparam("requests", expanding=True)))
    .options(joinedload(Override.account, innerjoin=True).options(lazyload(Account.organisation)))
)
_AWAYS = select(Away).where(
    or_(
        Away.crew_id.in_(bindparam("crews", expanding=True)),
        Away.vehicle_id.in_(bindparam("vehicles", expanding=True)),
    ),
    Away.starts_at < bindparam("until"),
    Away.ends_at > bindparam("since"),
)
_ZABS = select(Organisation).where(Organisation.kind == OrganisationKind.ZAB).order_by(Organisation.code)


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

    def only(self, duties: Collection[DutyRow]) -> DutyRows:
        """Return the same of some of the duties."""
        return replace(self, duties=tuple(duties), stops={each.id: self.stops[each.id] for each in duties})

    def versions(self) -> dict[uuid.UUID, tuple[Hashable, ...]]:
        """Return of all riders the same as ``versions`` below reads."""
        return {
            key: (row.version, *sorted(each.id for each in self.overrides.get(key, ())))
            for key, row in self.requests.items()
        }

    def around(self, duty: DutyRow) -> DutyRows:
        """Return what of it bears on one of the duties, that one first."""
        shares = [
            each
            for each in self.duties
            if each.id != duty.id
            and each.is_used
            and (each.crew_id == duty.crew_id or each.vehicle_id == duty.vehicle_id)
            and each.starts_at < duty.ends_at + MARGIN
            and each.ends_at > duty.starts_at - MARGIN
        ]
        found = self.only([duty, *sorted(shares, key=lambda each: (each.starts_at, each.id))])
        riders = {stop.request_id for tour in found.stops.values() for stop in tour}
        return replace(
            found,
            requests={key: row for key, row in self.requests.items() if key in riders},
            aways=tuple(
                each
                for each in self.aways
                if (each.crew_id == duty.crew_id or each.vehicle_id == duty.vehicle_id)
                and each.starts_at < duty.ends_at
                and each.ends_at > duty.starts_at
            ),
        )


def duty_rows(
    session: Session, duties: Collection[DutyRow], others: Collection[uuid.UUID]
) -> dict[uuid.UUID, DutyRows]:
    """Return by duty what a check of it reads; ``others`` are requests that may ride there.

    However many duties there are, it takes the same few statements.
    """
    if not duties:
        return {}
    whole = (*duties, *used_beside(session, duties))
    stops = stops_of(session, [each.id for each in whole])
    span = {"since": min(each.starts_at for each in duties), "until": max(each.ends_at for each in duties)}
    aways = tuple(session.scalars(_AWAYS, _shared(duties) | span))
    read = _rows(session, whole, stops, others, aways)
    return {each.id: read.around(each) for each in duties}


def tour_rows(session: Session, duties: Collection[DutyRow], stops: Mapping[uuid.UUID, Sequence[TourStop]]) -> DutyRows:
    """Return what a look at the tours of many duties reads; what is away is not among it."""
    return _rows(session, tuple(duties), {each.id: list(stops.get(each.id, ())) for each in duties}, (), ())


def stops_of(session: Session, duties: Collection[uuid.UUID]) -> dict[uuid.UUID, list[TourStop]]:
    """Return the stops of these duties in their order; of one without a tour none."""
    stops: dict[uuid.UUID, list[TourStop]] = {each: [] for each in duties}
    for stop in session.scalars(_STOPS, {"duties": list(stops)}):
        stops[stop.duty_id].append(stop)
    return stops


def used_beside(session: Session, duties: Collection[DutyRow]) -> list[DutyRow]:
    """Return used duties of the same crews or vehicles, at most ``MARGIN`` from the first or the last of ``duties``."""
    if not duties:
        return []
    span = {
        "since": min(each.starts_at for each in duties) - MARGIN,
        "until": max(each.ends_at for each in duties) + MARGIN,
    }
    return list(session.scalars(_NEAR, {"but": [each.id for each in duties]} | _shared(duties) | span).unique())


def _shared(duties: Collection[DutyRow]) -> dict[str, list[uuid.UUID]]:
    return {
        "crews": sorted({each.crew_id for each in duties}), "vehicles": sorted({each.vehicle_id for each in duties}),
    }  # fmt: skip


def versions(session: Session, requests: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Hashable, ...]]:
    """Return for each request what differs as soon as it, or what is lifted for it, does."""
    if not requests:
        return {}
    known = select(TransportRequest.id, TransportRequest.version).where(TransportRequest.id.in_(requests))
    found: dict[uuid.UUID, tuple[Hashable, ...]] = {key: (version,) for key, version in session.execute(known)}
    lifted = select(Override.request_id, Override.id).where(Override.request_id.in_(requests)).order_by(Override.id)
    for key, override in session.execute(lifted):
        found[key] = (*found[key], override)
    return found


def _rows(
    session: Session,
    duties: tuple[DutyRow, ...],
    stops: dict[uuid.UUID, list[TourStop]],
    others: Collection[uuid.UUID],
    aways: tuple[Away, ...],
) -> DutyRows:
    riders = {stop.request_id for tour in stops.values() for stop in tour if stop.request_id is not None}
    requests = {each.id: each for each in session.scalars(_RIDING, {"requests": list(riders)}).unique()}
    concerned = list(riders | set(others))
    _read_bars(session, concerned)
    overrides: dict[uuid.UUID, list[Override]] = {}
    for override in session.scalars(_OVERRIDES, {"requests": concerned}):
        overrides.setdefault(override.request_id, []).append(override)
    return DutyRows(
        duties=duties,
        stops=stops,
        requests=requests,
        overrides=overrides,
        aways=aways,
        zabs=tuple(session.scalars(_ZABS)),
    )


def _read_bars(session: Session, request_ids: Collection[uuid.UUID]) -> None:
    """Read the bars of all these requests at once; what the session has of them already stays as it is."""
    without = {}
    for request_id in request_ids:
        request = session.identity_map.get(identity_key(TransportRequest, request_id))
        if request is not None and "bars" in inspect(request).unloaded:
            without[request_id] = request
    found: dict[uuid.UUID, list[Bar]] = {request_id: [] for request_id in without}
    for bar in session.scalars(_BARS, {"requests": list(without)}) if without else ():
        found[bar.request_id].append(bar)
    for request_id, request in without.items():
        set_committed_value(request, "bars", found[request_id])
