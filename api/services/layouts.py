"""Tours of many duties, laid out by the checker; what was laid out once is kept until something of it changes."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
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
_READ = "duty_rows"
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
    read = _kept_of(session, used, stops)
    if read is None:
        beside = rows.used_beside(session, used)
        tours = {key: list(tour) for key, tour in stops.items()}
        tours |= rows.stops_of(session, [row.id for row in beside])
        riders = {s.request_id for row in (*used, *beside) for s in tours[row.id] if s.request_id}
        versions: Mapping[uuid.UUID, Hashable] = rows.versions(session, riders)
    else:
        beside = list(read.duties[1:])
        tours = {key: list(tour) for key, tour in stops.items()} | {row.id: read.stops[row.id] for row in beside}
        versions = read.versions()
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
        if read is None:
            whole = rows.tour_rows(session, [row for _, group, _ in missing for row in group], tours)
        else:
            whole = replace(read, stops=tours)
        if len(_kept) + len(missing) > _MOST_KEPT:
            _kept.clear()
        for key, group, in_force in missing:
            found |= _kept.setdefault(key, layouts_of(whole.only(group), in_force, catalogue()))
    return {row.id: found[row.id] for row in used}


def keep(session: Session, read: rows.DutyRows) -> None:
    """Let the answer to a decision look at what the decision itself has read of its duty, which it has locked.

    The rows are those of the session: whatever the decision changes in them is seen.
    """
    session.info[_READ] = session.get_transaction(), read


def _kept_of(
    session: Session, used: Sequence[DutyRow], stops: Mapping[uuid.UUID, Sequence[TourStop]]
) -> rows.DutyRows | None:  # fmt: skip
    transaction, read = session.info.get(_READ, (None, None))
    if read is None or transaction is not session.get_transaction() or [read.duties[0]] != list(used):
        return None
    # Whoever came onto the tour since was not read.
    is_whole = all(stop.request_id is None or stop.request_id in read.requests for stop in stops[used[0].id])
    return read if is_whole else None


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
