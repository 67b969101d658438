"""How tours pass from depot to depot, as the checker lays them out: drives, waits, breaks, what stands against them.

Only stops are stored; what lies between is laid out anew each time, with everybody on board at the times that were
promised or proposed.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from pydantic import ValidationError

from api.db.tables import DutyRow
from api.mapping.content import binding, request_of
from api.mapping.fleet import Usable, fleet_of
from api.mapping.horizon import Horizon
from api.mapping.problem import promises_of
from api.mapping.travel import provider_of
from api.repositories.checking import DutyRows
from optimizer.errors import InvalidValue
from optimizer.io.tables_time import Calendar
from optimizer.model import Commitment, Instance, ParameterSet, Place, Request, Rule, Solution, Tour, VisitKind, Zab
from optimizer.verify.commitments import broken, laid_out, warned
from optimizer.verify.view import View
from optimizer.verify.violation import Violation

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Windows as they were stated, not as much of them as is left now."""


class Doing(StrEnum):
    """What a crew does between two stops."""

    DRIVE = "drive"
    WAIT = "wait"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a tour that is no stop."""

    doing: Doing
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One tour, laid out, and the rules that stand against it, each once."""

    parts: tuple[Part, ...] = ()
    broken: tuple[Rule, ...] = ()
    warned: tuple[Rule, ...] = ()
    """What the checker only tells of it, each once: nobody is kept from promising it."""
    is_readable: bool = True
    """False where what is stored does not fit today's catalogue and parameters: then nothing else is known."""


UNREADABLE = Layout(is_readable=False)


def layouts_of(
    rows: DutyRows, parameters: ParameterSet, places: Mapping[str, Place]
) -> dict[uuid.UUID, Layout]:  # fmt: skip
    """Return the tours of used duties; they are checked against each other too.

    Where one of them cannot be read none is: hand in together only those that share a crew or a vehicle.
    """
    used = [row for row in rows.duties if rows.stops[row.id]]
    if not used:
        return {}
    try:
        instance, calendar = _instance(rows, used, parameters, places)
    except (InvalidValue, ValidationError, ValueError, KeyError, TypeError):
        return {row.id: UNREADABLE for row in used}
    view = View(instance, provider_of(parameters).matrix(instance.places), Solution())
    tours = laid_out(view)
    against, notes = broken(view, tours), warned(view, tours)
    return {
        uuid.UUID(tour.duty): Layout(
            parts=tuple(_parts(tour, calendar)), broken=_rules(tour, against), warned=_rules(tour, notes)
        )
        for tour in tours
    }


def _instance(
    rows: DutyRows, used: Collection[DutyRow], parameters: ParameterSet, places: Mapping[str, Place]
) -> tuple[Instance, Calendar]:
    horizon = Horizon.of(min(row.starts_at for row in used), max(row.ends_at for row in used) + timedelta(days=1))
    calendar = horizon.calendar
    carrier = {stop.request_id: row for row in used for stop in rows.stops[row.id] if stop.request_id is not None}
    requests = tuple(_request(rows, key, row, parameters, calendar) for key, row in carrier.items())
    fleet = fleet_of([_whole(row) for row in used], calendar)
    met = [stop.place for each in requests for stop in (each.pickup, each.delivery)]
    met += [place for duty in fleet.duties for place in (duty.start_place, duty.end_place) if place is not None]
    made = Instance(
        name="tours", horizon_start=calendar.start.isoformat(),
        places=tuple(places[place] for place in dict.fromkeys(met)),
        zabs=tuple(Zab(id=zab.code, name=zab.name) for zab in rows.zabs), vehicles=fleet.vehicles, crews=fleet.crews,
        shifts=fleet.shifts, duties=fleet.duties, requests=requests,
        commitments=tuple(
            Commitment(duty=str(row.id), promises=promises_of(rows.stops[row.id], horizon)) for row in used
        ),
        nights=calendar.nights(horizon.last, parameters), parameters=parameters,
    )  # fmt: skip
    return made, calendar


def _request(
    rows: DutyRows, key: uuid.UUID, duty: DutyRow, parameters: ParameterSet, calendar: Calendar
) -> Request:  # fmt: skip
    row = rows.requests[key]
    value = request_of(
        row, parameters, calendar, now=_LONG_AGO, duties=(), zab_codes={},
        overrides=binding(row, rows.overrides.get(key, ()), duty.zab_id),
    )  # fmt: skip
    # Whoever rides already is asked neither about bars nor about a bundle.
    return replace(value, bundle=None)


def _whole(row: DutyRow) -> Usable:
    return Usable(
        row=row, shift=(row.starts_at, row.ends_at), vehicle=(row.vehicle_from, row.vehicle_to), is_closed=False
    )


def _rules(tour: Tour, against: Collection[Violation]) -> tuple[Rule, ...]:
    riders = set(tour.requests)
    # A rule between two duties names either of them: both are marked where it names neither.
    return tuple(
        dict.fromkeys(
            each.rule for each in against if each.duty == tour.duty or (each.duty is None and each.request in riders)
        )
    )


def _parts(tour: Tour, calendar: Calendar) -> Iterator[Part]:
    def part(doing: Doing, since: int, until: int) -> Iterator[Part]:
        if until > since:
            yield Part(doing, calendar.local(since).astimezone(UTC), calendar.local(until).astimezone(UTC))

    for before, visit in pairwise(tour.visits):
        yield from part(Doing.DRIVE, before.departure, visit.arrival)
        yield from part(Doing.WAIT, visit.arrival, visit.start)
        if visit.kind is VisitKind.BREAK:
            yield from part(Doing.BREAK, visit.start, visit.departure)
