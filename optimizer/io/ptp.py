"""Patient transportation, CSPLib problem 082 (Thomas, Cappart, Schaus & Rousseau): JSON.

Where the specification is open it is read as the authors' own model has it:

- outward trip: getting on starts no earlier than ``rdvTime - maxWaitTime``; getting off is *over* by ``rdvTime``;
- return trip: getting on starts at or after ``rdvTime + rdvDuration``; getting off *starts* by ``rdvTime +
  rdvDuration + maxWaitTime``;
- ``srvDuration`` counts at every pick-up and delivery, one stop after another even at one place;
- a vehicle makes one tour per availability window and drives from and to its depot within it;
- both trips of a patient or none, not necessarily on one vehicle; as many patients as possible.

So a patient is a bundle of the requests ``<id>:outward`` and ``<id>:return``, and counts 1. A vehicle stays one
vehicle, with all its availability windows, one crew and one shift for each window; the duty ``<vehicle>:<index>``
joins the vehicle with the shift of that window. (The windows do not overlap, so neither do the duties.) Windows of
requests are given no narrower than the file and the service times state them; the solver tightens them itself. The
model counts seconds, the file minutes. "Metres" are minutes of driving, so that the cost told is the driving time in
minutes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AliasChoices, Field, PlainValidator, TypeAdapter

from optimizer.errors import InputProblem, InputRejected, InvalidValue
from optimizer.io.document import invalid, parse, problem, typed
from optimizer.io.files import read_text
from optimizer.io.problem import Node, Problem, Units
from optimizer.model import (
    AgeBand,
    Crew,
    Duty,
    Instance,
    ParameterSet,
    Party,
    People,
    Place,
    PlaceKind,
    Request,
    SeatConfiguration,
    Sex,
    Shift,
    Stage,
    Stop,
    Vehicle,
    VisitKind,
    Window,
    WorkingTime,
    Zab,
)
from optimizer.model.units import MINUTE, RequestId, Seconds
from optimizer.model.value import Value
from optimizer.travel.matrix import TravelMatrix

_CLOCK = re.compile(r"(\d{1,3})h([0-5]\d)", re.ASCII)
_NOWHERE = -1
_COST_PER_KM = 1
"""Cents per "kilometre", which is 10 micro-euros per "metre": the least rate above 0."""


def _time(text: Any) -> Seconds:
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidValue("time", "HHhMM, such as 09h30", text)
    return (int(match[1]) * 60 + int(match[2])) * MINUTE


def _window(text: Any) -> Window:
    parts = text.split(":") if isinstance(text, str) else []
    if len(parts) != 2:
        raise InvalidValue("window", "HHhMM:HHhMM, such as 07h00:12h30", text)
    window = Window(earliest=_time(parts[0]), latest=_time(parts[1]))
    if window.earliest == window.latest:
        raise InvalidValue("window", "some time between its ends", text, "Leave it out.")
    return window


_Time = Annotated[Seconds, PlainValidator(_time)]
_Count = Annotated[int, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Location(Value):
    id: int
    lat: float
    long: float
    category: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carrier(Value):
    id: int
    can_take: Annotated[tuple[int, ...], Field(alias="canTake")]
    start: int
    end: int
    capacity: Annotated[int, Field(ge=1, le=1_000_000)]
    availability: tuple[Annotated[Window, PlainValidator(_window)], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patient(Value):
    id: int
    category: int
    load: _Count
    start: int
    destination: int
    end: int
    appointment: Annotated[_Time, Field(alias="rdvTime")]
    duration: Annotated[_Time, Field(alias="rdvDuration")]
    service: Annotated[_Time, Field(alias="srvDuration")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document(Value):
    """The whole file; times as seconds."""

    version: str
    id: int
    name: str
    coord_type: Annotated[str, Field(alias="coordType")]
    # The specification spells it with a capital W, the files do not.
    same_vehicle: Annotated[bool, Field(validation_alias=AliasChoices("sameVehicleBackward", "sameVehicleBackWard"))]
    max_wait: Annotated[_Time, Field(alias="maxWaitTime")]
    places: tuple[_Location, ...]
    vehicles: tuple[_Carrier, ...]
    patients: tuple[_Patient, ...]
    minutes: Annotated[tuple[tuple[_Count, ...], ...], Field(alias="distMatrix")]


@cache
def _adapter() -> TypeAdapter[_Document]:
    return TypeAdapter(_Document)


def read_ptp(path: Path) -> Problem:
    """Read a patient transportation file; the one stage is the number of patients served.

    Raises
    ------
    InputRejected
        One problem for each thing that is wrong. A file that wants outward and return trip in one vehicle is refused:
        the model has no such rule (and none of the published files wants it).
    """
    return parse_ptp(read_text(path), str(path))


def parse_ptp(text: str, file: str) -> Problem:
    """Read the text of a patient transportation file; ``file`` is its name in messages. Raises as ``read_ptp`` does."""
    document = parse(text, file)
    stated = typed(_adapter(), document, text, file)
    problems = list(_problems(stated, file))
    if problems:
        raise InputRejected(problems)
    try:
        instance = _instance(stated)
    except InvalidValue as error:
        raise InputRejected([invalid(error, file)]) from None
    minutes = np.array(stated.minutes, dtype=np.int64).reshape(len(stated.places), len(stated.places))
    travel = TravelMatrix(
        places=tuple(str(place.id) for place in stated.places),
        seconds=minutes * MINUTE,
        metres=minutes,
        sources=np.zeros(minutes.shape, dtype=np.uint8),
        tags=("file",),
    )
    return Problem(instance=instance, travel=travel, units=_units(instance))


def _problems(stated: _Document, file: str) -> Iterator[InputProblem]:
    """What joins several fields of the file."""
    if stated.same_vehicle:
        yield problem(
            file,
            "unsupported",
            "sameVehicleBackward",
            expected="false",
            got="true",
            action="Outward and return trip in one vehicle is a rule that this programme does not have.",
        )
    size = len(stated.places)
    for i, place in enumerate(stated.places):
        if place.id != i:
            yield problem(file, "value", f"places[{i}].id", expected=f"{i}, its position", got=str(place.id))
    for noun, ids in (("vehicles", [v.id for v in stated.vehicles]), ("patients", [p.id for p in stated.patients])):
        twice = sorted(key for key, count in Counter(ids).items() if count > 1)
        if twice:
            yield problem(
                file, "duplicate", noun, expected="different ids", got=f"{twice} twice", action="Rename the doubles."
            )
    if len(stated.minutes) != size:
        yield problem(
            file, "shape", "distMatrix", expected=f"{size} rows, one for each place", got=str(len(stated.minutes))
        )
    for i, row in enumerate(stated.minutes):
        if len(row) != size:
            yield problem(file, "shape", f"distMatrix[{i}]", expected=f"{size} values", got=str(len(row)))
    for i, vehicle in enumerate(stated.vehicles):
        path = f"vehicles[{i}: {vehicle.id}]"
        yield from _unknown(file, path, {"start": vehicle.start, "end": vehicle.end}, size, optional=True)
        windows = sorted(vehicle.availability, key=lambda window: (window.earliest, window.latest))
        for earlier, later in pairwise(windows):
            if earlier.latest > later.earliest:
                yield problem(
                    file,
                    "value",
                    f"{path}.availability",
                    expected="windows that do not overlap",
                    got=f"{earlier.latest // MINUTE} min after {later.earliest // MINUTE} min",
                    action="Join or part them.",
                )
    for i, patient in enumerate(stated.patients):
        path = f"patients[{i}: {patient.id}]"
        yield from _unknown(file, path, {"start": patient.start, "end": patient.end}, size, optional=True)
        yield from _unknown(file, path, {"destination": patient.destination}, size, optional=False)
        if patient.start == patient.end == _NOWHERE:
            action = "Leave the patient out."
            yield problem(file, "value", path, expected="an outward or a return trip", got="neither", action=action)


def _unknown(file: str, path: str, places: dict[str, int], size: int, *, optional: bool) -> Iterator[InputProblem]:
    for name, place in places.items():
        if not (0 <= place < size or (optional and place == _NOWHERE)):
            expected = f"a place 0 to {size - 1}" + (" or -1" if optional else "")
            yield problem(file, "reference", f"{path}.{name}", expected=expected, got=str(place), action="Correct it.")


def _place(place: int) -> str | None:
    return None if place == _NOWHERE else str(place)


def _categories(categories: Iterable[int]) -> frozenset[str]:
    return frozenset(f"cat:{category}" for category in categories)


def _instance(stated: _Document) -> Instance:
    shifts = [(v, i, window) for v in stated.vehicles for i, window in enumerate(v.availability)]
    return Instance(
        name=stated.name,
        places=tuple(
            Place(id=str(place.id), name=f"place {place.id}", lat=place.lat, lon=place.long, kind=PlaceKind.NODE)
            for place in stated.places
        ),
        zabs=(Zab(id="fleet", name="fleet"),),
        vehicles=tuple(
            Vehicle(
                id=str(vehicle.id),
                zab="fleet",
                configurations=(SeatConfiguration(seats=vehicle.capacity),),
                features=_categories(vehicle.can_take),
                availability=vehicle.availability,
                cost_per_km=_COST_PER_KM,
            )
            for vehicle in stated.vehicles
        ),
        crews=tuple(Crew(id=str(vehicle.id), zab="fleet", heads=0, officers=0) for vehicle in stated.vehicles),
        shifts=tuple(
            Shift(id=f"{v.id}:{i}", crew=str(v.id), start=window.earliest, end=window.latest, profile="free")
            for v, i, window in shifts
        ),
        duties=tuple(
            Duty(
                id=f"{v.id}:{i}",
                shift=f"{v.id}:{i}",
                vehicle=str(v.id),
                start_place=_place(v.start),
                end_place=_place(v.end),
            )
            for v, i, _ in shifts
        ),
        requests=tuple(request for patient in stated.patients for request in _requests(patient, stated.max_wait)),
        parameters=replace(ParameterSet.neutral(), working_time=(WorkingTime(id="free"),)),
        stages=(Stage.SERVED,),
    )


def _requests(patient: _Patient, max_wait: Seconds) -> Iterator[Request]:
    # Sex "diverse" and one adult: no rule on who may ride together has anything to say, not even a warning.
    party = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.DIVERSE),))
    start, destination, end = _place(patient.start), str(patient.destination), _place(patient.end)
    bundle = str(patient.id) if start is not None and end is not None else None
    service = patient.service

    def request(trip: str, origin: str, target: str, earliest: Seconds, latest: Seconds) -> Request:
        """``earliest`` begin of getting on, ``latest`` begin of getting off.

        Where these leave no time even for getting on, the trip is impossible, and nobody's mistake: the windows stay
        valid and apart, so that it is unserved for its window. (At 0, service alone makes it impossible.)
        """
        latest = max(0, latest)
        return Request(
            id=f"{patient.id}:{trip}",
            pickup=Stop(place=origin, earliest=earliest, latest=max(earliest, latest - service), service=service),
            delivery=Stop(place=target, earliest=min(earliest + service, latest), latest=latest, service=service),
            party=party,
            load=patient.load,
            features=_categories([patient.category]),
            weight=1,
            bundle=bundle,
        )

    if start is not None:
        earliest = max(0, patient.appointment - max_wait)
        yield request("outward", start, destination, earliest, patient.appointment - service)
    if end is not None:
        ready = patient.appointment + patient.duration
        yield request("return", destination, end, ready, ready + max_wait)


def _units(instance: Instance) -> Units:
    stops: dict[tuple[RequestId, VisitKind], Node] = {}
    for request in instance.requests:
        stops[request.id, VisitKind.PICKUP] = int(request.pickup.place)
        stops[request.id, VisitKind.DELIVERY] = int(request.delivery.place)
    return Units(
        seconds=MINUTE,
        metres=1,
        micro_euros=_COST_PER_KM * 10,
        is_decimal=True,
        stop_nodes=stops,
        place_nodes={place.id: int(place.id) for place in instance.places},
    )
