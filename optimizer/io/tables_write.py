"""The inverse of reading: an instance as a folder of CSV tables that read back to the same instance."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from optimizer.errors import InputRejected, InvalidValue
from optimizer.io.tables import read_instance_only
from optimizer.io.tables_columns import TABLES
from optimizer.io.tables_time import Calendar, calendar_of
from optimizer.model import Commitment, Instance, InstanceIndex, Request, Stop, Vehicle, VisitKind
from optimizer.model.units import Seconds

Record: TypeAlias = dict[str, str]


def write_tables(folder: Path, instance: Instance) -> None:
    """Write an instance as tables; the folder must be new or hold nothing but CSV files of an earlier writing.

    What is written is read back and compared before it takes its place, so that it is the same instance for certain
    (the order of records apart: pool before tours, crews and shifts in the order of duties).

    Raises
    ------
    InvalidValue
        The tables cannot say what the instance says: a horizon that does not begin at a local midnight, nights that are
        not those of the calendar, other stages than those of NRW, ids with spaces, crews without a shift.
    """
    tables = instance_tables(instance)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as draft:
        for name, records in tables.items():
            _write_csv(Path(draft) / f"{name}.csv", name, records)
        try:
            again = read_instance_only(Path(draft), instance.parameters, instance.timezone)
        except InputRejected as error:
            raise InvalidValue(
                f"Instance {instance.name}", "what the tables can say", str(error.problems[0]), "Change the instance."
            ) from error
        _compare(instance, again)
        folder.mkdir(exist_ok=True)
        for name in TABLES:
            (folder / f"{name}.csv").unlink(missing_ok=True)
        for name in tables:
            shutil.move(Path(draft) / f"{name}.csv", folder / f"{name}.csv")


def ordered(instance: Instance) -> Instance:
    """Return an instance with its records in the order of their ids and without empty commitments: for comparing."""
    return replace(
        instance,
        places=tuple(sorted(instance.places, key=lambda place: place.id)),
        zabs=tuple(sorted(instance.zabs, key=lambda zab: zab.id)),
        vehicles=tuple(sorted(instance.vehicles, key=lambda vehicle: vehicle.id)),
        crews=tuple(sorted(instance.crews, key=lambda crew: crew.id)),
        shifts=tuple(sorted(instance.shifts, key=lambda shift: shift.id)),
        duties=tuple(sorted(instance.duties, key=lambda duty: duty.id)),
        requests=tuple(sorted(instance.requests, key=lambda request: request.id)),
        commitments=tuple(sorted((c for c in instance.commitments if c.promises), key=lambda c: c.duty)),
        published=tuple(sorted(instance.published, key=lambda a: (a.request, a.duty))),
    )


def _compare(instance: Instance, again: Instance) -> None:
    left, right = ordered(instance), ordered(again)
    if left == right:
        return
    for name in Instance.__dataclass_fields__:
        before, after = getattr(left, name), getattr(right, name)
        if before != after:
            if isinstance(before, tuple) and len(before) == len(after):
                before, after = next((b, a) for b, a in zip(before, after, strict=True) if b != a)
            raise InvalidValue(f"Instance {instance.name}.{name}", f"what the tables can say: {after!r}", before)


def instance_tables(instance: Instance) -> dict[str, list[Record]]:
    """Return the records of each table as text.

    Raises
    ------
    InvalidValue
        The horizon does not begin at a local midnight.
    """
    try:
        calendar = calendar_of(instance.horizon_start, instance.timezone)
    except ValueError:
        raise InvalidValue(
            f"Instance {instance.name}.horizon_start", "a local midnight with offset", instance.horizon_start
        ) from None
    last = instance.nights[-1].latest if instance.nights else 86_400
    last_day = calendar.local(last).date() - timedelta(days=1)
    index = InstanceIndex(instance)
    tables = {
        "horizon": [
            {"name": instance.name, "first_day": calendar.first_day.isoformat(), "last_day": last_day.isoformat()}
        ],
        "places": [
            {"id": p.id, "name": p.name, "lat": _degrees(p.lat), "lon": _degrees(p.lon), "ags": p.ags, "kind": p.kind}
            for p in instance.places
        ],
        "zabs": [
            {"zab": z.id, "name": z.name, "prior_load": str(z.prior_load), "budget": _optional(z.budget)}
            for z in instance.zabs
        ],
        "fleet": [_vehicle(vehicle, calendar) for vehicle in instance.vehicles],
        "shifts": _shifts(index, calendar),
        "pool": [_request(request, calendar) for request in index.pool],
        "tours": [record for c in instance.commitments for record in _tour(c, index, calendar)],
        "published": [{"request": a.request, "duty": a.duty} for a in instance.published],
    }
    return {name: records for name, records in tables.items() if records or TABLES[name].required}


def _write_csv(path: Path, table: str, records: Sequence[Mapping[str, str]]) -> None:
    """Write one table; columns that nobody fills are left out unless they must be there."""
    columns = [c.name for c in TABLES[table].columns if c.required or any(record.get(c.name) for record in records)]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([record.get(column, "") for column in columns] for record in records)


def _vehicle(vehicle: Vehicle, calendar: Calendar) -> Record:
    seats = (
        f"{c.seats}+{c.wheelchair_places}" if c.wheelchair_places else f"{c.seats}" for c in vehicle.configurations
    )
    return {
        "vehicle": vehicle.id,
        "zab": vehicle.zab,
        "kind": vehicle.kind,
        "seats": " ".join(seats),
        "child_seats_0_2": str(vehicle.child_seats[0]),
        "child_seats_3_5": str(vehicle.child_seats[1]),
        "child_seats_6_11": str(vehicle.child_seats[2]),
        "luggage": str(vehicle.luggage),
        "features": _list(vehicle.features),
        "licence": vehicle.licence,
        "carries_children": _yes_no(vehicle.carries_children),
        "available": " ".join(f"{calendar.text(w.earliest)}/{calendar.text(w.latest)}" for w in vehicle.availability),
        "cost_eur_per_km": _euros(vehicle.cost_per_km),
        "co2_g_per_km": str(vehicle.co2_per_km),
    }


def _shifts(index: InstanceIndex, calendar: Calendar) -> list[Record]:
    records = []
    for shift in index.instance.shifts:
        crew = index.crew[shift.crew]
        record = {
            "zab": crew.zab,
            "start": calendar.text(shift.start),
            "end": calendar.text(shift.end),
            "shift": shift.id,
            "crew": crew.id,
            "profile": shift.profile,
            "heads": str(crew.heads),
            "officers": str(crew.officers),
            "female_officers": str(crew.female_officers),
            "licences": _list(crew.licences),
            "skills": _list(crew.skills),
            "cost_eur_per_hour": _euros(crew.cost_per_hour),
        }
        duties = [duty for duty in index.instance.duties if duty.shift == shift.id]
        for duty in duties:
            places = {"start_place": duty.start_place or "", "end_place": duty.end_place or ""}
            records.append(record | {"duty": duty.id, "vehicle": duty.vehicle} | places)
        if not duties:
            records.append(record)
    return records


def _request(request: Request, calendar: Calendar) -> Record:
    return {
        "request": request.id,
        "authority": request.authority,
        "case_type": request.case_type,
        "people": " ".join(f"{g.age.value}:{g.sex.value}:{g.count}" for g in request.party.groups),
        "unit": request.unit or "",
        "bundle": request.bundle or "",
        **_stop(request.pickup, "pickup", calendar),
        **_stop(request.delivery, "handover", calendar),
        "needs": _list(request.needs),
        "wheelchairs": str(request.wheelchairs or ""),
        "luggage": str(request.luggage or ""),
        "features": _list(request.features),
        "escorts": str(request.escort_officers or ""),
        "escorts_female": str(request.escort_female or ""),
        "separate": _yes_no(request.separate, "yes"),
        "excluded": _list(request.excluded),
        "max_ride_min": "" if request.max_ride is None else _minutes(request.max_ride),
        "deadline": "" if request.deadline is None else _deadline(request.deadline, calendar),
        "deadline_class": request.deadline_class,
        "rejected_by": request.rejection.by if request.rejection else "",
        "rejection_code": request.rejection.code if request.rejection else "",
        "barred_zabs": _list(request.barred_zabs),
        "barred_duties": _list(request.barred_duties),
        "pin": request.pin or "",
        "night_ground": _yes_no(request.night_ground, "yes"),
        "waived": _list(request.waived),
        "load": _optional(request.load),
        "weight": _optional(request.weight),
    }


def _tour(commitment: Commitment, index: InstanceIndex, calendar: Calendar) -> list[Record]:
    """Return the rides of one duty; positions only where the promised times do not say the order."""
    starts = {(promise.request, promise.kind): promise.start for promise in commitment.promises}
    position = {(promise.request, promise.kind): at for at, promise in enumerate(commitment.promises, start=1)}
    rides = [promise.request for promise in commitment.promises if promise.kind is VisitKind.PICKUP]
    by_time = sorted(
        (
            (starts[ride, kind], at, kind is VisitKind.DELIVERY, (ride, kind))
            for at, ride in enumerate(rides)
            for kind in _ENDS
        )
    )
    is_by_time = [key for *_, key in by_time] == list(position)
    records = []
    for ride in rides:
        request = index.request[ride]
        record = _request(request, calendar) | {
            "duty": commitment.duty,
            "pickup_time": calendar.text(starts[ride, VisitKind.PICKUP]),
            "handover_time": calendar.text(starts[ride, VisitKind.DELIVERY]),
            "tolerance_min": _minutes(commitment.tolerance),
            "frozen": _yes_no(commitment.frozen),
        }
        for stop, kind, column in zip((request.pickup, request.delivery), _ENDS, ("pickup", "handover"), strict=True):
            promised = starts[ride, kind]
            default = (max(0, promised - commitment.tolerance), promised + commitment.tolerance)
            if (stop.earliest, stop.latest) == default:
                record |= {f"{column}_from": "", f"{column}_to": ""}
            if not is_by_time:
                record[f"{column}_position"] = str(position[ride, kind])
        records.append(record)
    return records


_ENDS = (VisitKind.PICKUP, VisitKind.DELIVERY)


def _stop(stop: Stop, column: str, calendar: Calendar) -> Record:
    return {
        f"{column}_place": stop.place,
        f"{column}_from": calendar.text(stop.earliest),
        f"{column}_to": calendar.text(stop.latest),
        f"{column}_service_min": _minutes(stop.service),
    }


def _deadline(deadline: Seconds, calendar: Calendar) -> str:
    local = calendar.local(deadline)
    if local.hour == local.minute == local.second == 0:
        return (local.date() - timedelta(days=1)).isoformat()
    return calendar.text(deadline)


def _minutes(seconds: Seconds) -> str:
    return str(seconds // 60) if seconds % 60 == 0 else f"{seconds / 60:.6f}"


def _euros(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def _degrees(number: float) -> str:
    return format(Decimal(repr(number)), "f")


def _list(values: Iterable[str]) -> str:
    return " ".join(sorted(str(value) for value in values))


def _yes_no(value: bool, words: str = "yes no") -> str:
    yes, _, no = words.partition(" ")
    return yes if value else no


def _optional(number: int | None) -> str:
    return "" if number is None else str(number)
