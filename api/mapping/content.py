"""One row each becomes one value of the optimizer: requests, vehicles, crews. The optimizer's types judge them."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from api.db.tables import CrewRow, Override, TransportRequest, VehicleRow
from optimizer.io.tables_time import Calendar
from optimizer.model import (
    RULEBOOK,
    AgeBand,
    CaseType,
    Crew,
    DeadlineClass,
    Need,
    ParameterSet,
    Party,
    People,
    Request,
    Rule,
    Sex,
    Stop,
    Strength,
    Vehicle,
    VisitKind,
)
from optimizer.model.units import MINUTE, Seconds

URGENT_DAYS, SOON_DAYS = 7, 21
"""A deadline at most so many days after the first day makes a request urgent or soon (assumption, as for tables)."""
_STOPS = {VisitKind.PICKUP: "pickup", VisitKind.DELIVERY: "handover"}


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {kind: TypeAdapter(kind) for kind in (Vehicle, Crew)}


def _read(kind: type[Any], document: Mapping[str, Any]) -> Any:
    """Return a value of the optimizer's model from its JSON; raises ``ValidationError`` or ``InvalidValue``."""
    # By way of JSON, where a list may become a tuple and a text a code although the model's schema is strict.
    return _ADAPTERS[kind].validate_json(json.dumps(document))


def vehicle_of(row: VehicleRow) -> Vehicle:
    """Return a vehicle; when it can be used is told by its duties."""
    known = {name: value for name, value in row.content.items() if name != "availability"}
    found: Vehicle = _read(Vehicle, {**known, "id": str(row.id), "zab": row.zab.code})
    return found


def crew_of(row: CrewRow) -> Crew:
    """Return a crew."""
    found: Crew = _read(Crew, {**row.content, "id": str(row.id), "zab": row.zab.code})
    return found


def stop_of(
    row: TransportRequest, kind: VisitKind, party: Party, parameters: ParameterSet, calendar: Calendar, *, now: datetime
) -> Stop:
    """Return a stop; a pick-up window that has begun goes on from ``now``."""
    content = row.content[_STOPS[kind]]
    minutes = content.get("service_minutes")
    is_pickup = kind is VisitKind.PICKUP
    usual = parameters.service.pickup(party.size) if is_pickup else parameters.service.handover
    since, until = (row.pickup_from, row.pickup_to) if is_pickup else (row.delivery_from, row.delivery_to)
    if is_pickup:
        since = min(max(since, now), until)
    return Stop(
        place=str(content["place"]),
        earliest=max(0, calendar.seconds(since)),
        latest=max(0, calendar.seconds(until)),
        service=usual if minutes is None else int(minutes) * MINUTE,
    )


def binding(row: TransportRequest, overrides: Iterable[Override], zab_id: uuid.UUID | None) -> tuple[Override, ...]:
    """Return the overrides that hold where this ZAB carries the request; ``None``: where it is not known who does.

    What the owner lifted holds for all, what a ZAB lifted for that ZAB alone.
    """
    return tuple(each for each in overrides if each.account.organisation_id in (row.organisation_id, zab_id))


def request_of(
    row: TransportRequest,
    parameters: ParameterSet,
    calendar: Calendar,
    *,
    now: datetime,
    duties: Collection[uuid.UUID],
    zab_codes: Mapping[uuid.UUID, str],
    overrides: Collection[Override],
) -> Request:
    """Return a request.

    Parameters
    ----------
    duties
        Duties of the problem: a pin to another one binds nobody here.
    zab_codes
        ZABs of the problem.
    overrides
        Those that hold (``binding``).

    Raises
    ------
    InvalidValue, ValueError, KeyError
        Where the row says what the optimizer cannot take.
    """
    content = row.content
    party = Party(
        groups=tuple(
            People(age=AgeBand(group["age"]), sex=Sex(group["sex"]), count=int(group.get("count", 1)))
            for group in content["people"]
        )
    )
    ride = content.get("max_ride_minutes")
    return Request(
        id=str(row.id),
        pickup=stop_of(row, VisitKind.PICKUP, party, parameters, calendar, now=now),
        delivery=stop_of(row, VisitKind.DELIVERY, party, parameters, calendar, now=now),
        party=party,
        case_type=CaseType(content.get("case_type", CaseType.COUNTRY_OF_ORIGIN)),
        authority=row.organisation.code,
        needs=frozenset(Need(need) for need in content.get("needs", ())),
        wheelchairs=int(content.get("wheelchairs", 0)),
        luggage=int(content.get("luggage", 0)),
        max_ride=None if ride is None else int(ride) * MINUTE,
        escort_officers=int(content.get("escorts", 0)),
        escort_female=int(content.get("escorts_female", 0)),
        separate=bool(content.get("is_separate", False)),
        deadline_class=_deadline_class(row),
        deadline=_deadline(row, calendar),
        barred_zabs=frozenset(
            zab_codes[bar.zab_id]
            for bar in row.bars
            if bar.zab_id in zab_codes and (bar.until is None or bar.until > now)
        ),
        pin=str(row.pinned_duty_id) if row.pinned_duty_id in duties else None,
        bundle=within(row, row.bundle),
        unit=within(row, content.get("unit")),
        night_ground=bool(content.get("has_night_ground", False)),
        waived=frozenset(
            Rule(override.rule)
            for override in overrides
            if override.rule in set(Rule) and RULEBOOK[Rule(override.rule)].strength is Strength.OVERRIDABLE
        ),
    )


def within(row: TransportRequest, name: str | None) -> str | None:
    """Return what stands for the authority's own name of a bundle or family: the same for the same, and not readable.

    Two authorities may use the same name; and it may be that of a person, which must not get into the input of a run.
    """
    if name is None:
        return None
    return hashlib.blake2b(name.encode(), key=row.organisation_id.bytes, digest_size=12).hexdigest()


def _deadline(row: TransportRequest, calendar: Calendar) -> Seconds | None:
    return None if row.deadline_at is None else calendar.seconds(row.deadline_at)


def _deadline_class(row: TransportRequest) -> DeadlineClass:
    stated = row.content.get("deadline_class")
    if stated is not None:
        return DeadlineClass(stated)
    if row.deadline_at is None:
        return DeadlineClass.NORMAL
    # From the day of the trip, not of the run: the same request has the same weight whatever days are matched.
    days = (row.deadline_at - row.pickup_from).days
    if days > SOON_DAYS:
        return DeadlineClass.NORMAL
    return DeadlineClass.URGENT if days <= URGENT_DAYS else DeadlineClass.SOON
