"""Tours of many duties, laid out by the checker; what was laid out once is kept until something of it changes."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from api.db.tables import DutyRow, TourStop
from api.deadlines import BERLIN
from api.mapping.layouts import Layout, layouts_of
from api.mapping.travel import travel_is_from
from api.repositories import checking as rows
from api.services import parameters
from api.services.checking import catalogue
from optimizer.model import ParameterSet

_MOST_KEPT = 5_000
_kept: dict[Hashable, dict[uuid.UUID, Layout]] = {}
"""By what was read of it: of the same rows, by the same rules, the same comes out."""


def laid_out(
    session: Session, duties: Sequence[DutyRow], stops: Mapping[uuid.UUID, Sequence[TourStop]]
) -> dict[uuid.UUID, Layout]:
    """Return the tours of those of the duties on which somebody rides.

    Duties of the same crew or vehicle a day before and after are looked at too: a rest between two shifts may be too
    short.

    Parameters
    ----------
    stops
        Their tours as stored.
    """
    used = [row for row in duties if stops.get(row.id)]
    beside = rows.used_beside(session, used)
    tours = dict(stops) | rows.stops_of(session, [row.id for row in beside])
    versions = rows.versions(session, {s.request_id for row in (*used, *beside) for s in tours[row.id] if s.request_id})
    found: dict[uuid.UUID, Layout] = {}
    missing: list[tuple[tuple[Hashable, ...], list[DutyRow], ParameterSet]] = []
    sets: dict[date, ParameterSet] = {}
    for group in _together([*used, *beside]):
        day = min(row.starts_at for row in group).astimezone(BERLIN).date()
        if day not in sets:
            sets[day] = parameters.in_force(session, day)
        in_force = sets[day]
        key: tuple[Hashable, ...] = (
            in_force,
            travel_is_from(),
            *(_sign(row, tours[row.id], versions) for row in group),
        )
        known = _kept.get(key)
        if known is None:
            missing.append((key, group, in_force))
        else:
            found |= known
    if missing:
        whole = rows.tour_rows(session, [row for _, group, _ in missing for row in group], tours)
        if len(_kept) + len(missing) > _MOST_KEPT:
            _kept.clear()
        for key, group, in_force in missing:
            found |= _kept.setdefault(key, layouts_of(whole.only(group), in_force, catalogue()))
    return {row.id: found[row.id] for row in used}


def _sign(
    row: DutyRow, tour: Sequence[TourStop], versions: Mapping[uuid.UUID, Hashable]
) -> Hashable:  # fmt: skip
    return (
        row.id, row.version, row.crew.version, row.vehicle.version,
        tuple((s.request_id, s.kind, s.start, versions.get(s.request_id) if s.request_id else None) for s in tour),
    )  # fmt: skip


def _together(duties: Sequence[DutyRow]) -> Iterator[list[DutyRow]]:
    """Yield the duties in groups that share crews or vehicles, directly or by way of each other."""
    group_of: dict[uuid.UUID, list[DutyRow]] = {}
    for row in sorted(duties, key=lambda row: (row.starts_at, row.id)):
        groups = [group_of[key] for key in (row.crew_id, row.vehicle_id) if key in group_of]
        joined = groups[0] if groups else []
        if len(groups) == 2 and groups[1] is not joined:
            joined += groups[1]
        joined.append(row)
        for each in joined:
            group_of[each.crew_id] = group_of[each.vehicle_id] = joined
    yield from {id(group): group for group in group_of.values()}.values()
