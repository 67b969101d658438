"""Duties of the rows as shifts, vehicles and duties of the optimizer, with what is away or over cut out."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from api.db.tables import Away, DutyRow
from api.mapping.content import crew_of, vehicle_of
from optimizer.io.tables_time import Calendar
from optimizer.model import Crew, Duty, Shift, Vehicle, Window

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """A duty and the part of it that can be used."""

    row: DutyRow
    shift: Span
    vehicle: Span
    is_closed: bool
    """Takes nobody new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What carries; duties in the order of their rows."""

    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]


def usable(
    row: DutyRow, aways: Iterable[Away], *, is_used: bool, is_inside: bool, now: datetime, was_driven: bool = False
) -> Usable | None:
    """Return what of a duty can be used; ``None`` where nothing is left.

    A duty that somebody was promised stays as it is, whatever is away: that is settled by people. It only takes nobody
    new, as does one whose shift has begun.

    Parameters
    ----------
    is_used
        Whether somebody was promised.
    is_inside
        Whether it belongs to the days in question, or only stands beside them.
    was_driven
        Of past days: whether somebody rode, so that it was open whatever has become of it since.
    """
    gone = [
        (away.starts_at, away.ends_at)
        for away in aways
        if (away.crew_id == row.crew_id or away.vehicle_id == row.vehicle_id)
        and away.starts_at < row.ends_at
        and row.starts_at < away.ends_at
    ]
    is_offered = row.is_offered and row.crew.is_active and row.vehicle.is_active
    is_open = is_inside and (is_offered or was_driven)
    shift, vehicle = (row.starts_at, row.ends_at), (row.vehicle_from, row.vehicle_to)
    if is_used:
        return Usable(
            row=row, shift=shift, vehicle=vehicle, is_closed=not is_open or bool(gone) or row.starts_at <= now
        )
    if not is_open:
        return None
    left = _longest(shift, [*gone, (row.starts_at, now)])
    if left is None:
        return None
    begin, end = max(left[0], vehicle[0]), min(left[1], vehicle[1])
    return Usable(row=row, shift=left, vehicle=(begin, end), is_closed=False) if begin < end else None


def _longest(whole: Span, gone: Collection[Span]) -> Span | None:
    """Return the longest part of ``whole`` that meets none of ``gone``."""
    parts: list[Span] = []
    begin = whole[0]
    for since, until in sorted(gone):
        if since > begin:
            parts.append((begin, min(since, whole[1])))
        begin = max(begin, until)
    parts.append((begin, whole[1]))
    longest = max(parts, key=lambda part: part[1] - part[0])
    return longest if longest[0] < longest[1] else None


def fleet_of(duties: Collection[Usable], calendar: Calendar) -> Fleet:
    """Return the fleet; raises what ``crew_of`` and ``vehicle_of`` raise."""
    crews: dict[uuid.UUID, Crew] = {}
    shifts: dict[tuple[uuid.UUID, Span, str], Shift] = {}
    by_vehicle: dict[uuid.UUID, list[Usable]] = {}
    for duty in duties:
        row = duty.row
        if row.crew_id not in crews:
            crews[row.crew_id] = crew_of(row.crew)
        # The same crew at the same time on one vehicle or another is one shift: it counts once as capacity.
        key = (row.crew_id, duty.shift, row.profile)
        if key not in shifts:
            shifts[key] = Shift(
                id=str(row.id), crew=str(row.crew_id), start=calendar.seconds(duty.shift[0]),
                end=calendar.seconds(duty.shift[1]), profile=row.profile,
            )  # fmt: skip
        by_vehicle.setdefault(row.vehicle_id, []).append(duty)
    vehicles: list[Vehicle] = []
    vehicle_of_duty: dict[uuid.UUID, str] = {}
    for members in by_vehicle.values():
        for vehicle, riders in _vehicles(members, calendar):
            vehicles.append(vehicle)
            vehicle_of_duty |= dict.fromkeys(riders, vehicle.id)
    return Fleet(
        vehicles=tuple(vehicles),
        crews=tuple(crews.values()),
        shifts=tuple(shifts.values()),
        duties=tuple(_duty(duty, shifts, vehicle_of_duty) for duty in duties),
    )


def _duty(duty: Usable, shifts: Mapping[tuple[uuid.UUID, Span, str], Shift], vehicles: Mapping[uuid.UUID, str]) -> Duty:
    row = duty.row
    return Duty(
        id=str(row.id), shift=shifts[row.crew_id, duty.shift, row.profile].id, vehicle=vehicles[row.id],
        start_place=row.start_place, end_place=row.end_place,
    )  # fmt: skip


def _vehicles(members: list[Usable], calendar: Calendar) -> list[tuple[Vehicle, list[uuid.UUID]]]:
    """Return one vehicle for all of its duties, with its windows where a shift is longer than the vehicle is there.

    Where these windows cannot be told from one another by the shifts, each duty gets the vehicle as one of its own;
    that two such duties are not used at once is then seen to by the database alone.
    """
    bare = vehicle_of(members[0].row.vehicle)
    ids = [duty.row.id for duty in members]
    if all(duty.vehicle == duty.shift for duty in members):
        return [(bare, ids)]
    windows = {duty.vehicle: _window(duty.vehicle, calendar) for duty in members}
    if all(_own(duty, windows) for duty in members):
        return [(replace(bare, availability=tuple(windows[span] for span in sorted(windows))), ids)]
    return [
        (replace(bare, id=f"{bare.id}/{duty.row.id}", availability=(windows[duty.vehicle],)), [duty.row.id])
        for duty in members
    ]


def _own(duty: Usable, windows: Mapping[Span, Window]) -> bool:
    met = [span for span in windows if span[0] < duty.shift[1] and span[1] > duty.shift[0]]
    return met == [duty.vehicle]


def _window(span: Span, calendar: Calendar) -> Window:
    return Window(earliest=calendar.seconds(span[0]), latest=calendar.seconds(span[1]))
