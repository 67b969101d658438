"""Changes of what can carry: vehicles, crews, shifts, a whole ZAB."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import data
from optimizer.errors import InvalidValue
from optimizer.granted.edits import known, released
from optimizer.model import (
    FOREVER,
    Crew,
    CrewId,
    Duty,
    Instance,
    InstanceIndex,
    PlaceId,
    Seconds,
    Shift,
    ShiftId,
    Vehicle,
    VehicleId,
    Window,
    ZabId,
)
from optimizer.model.value import Value
from optimizer.simulate.edits import local_day, promised_end, without_duties

_LAST_DAY = 10_000
"""Days from the first one: more than any file has, and all of them in the calendar."""
_MOST_VEHICLES = 1_000


def known_preset(subject: str, preset: str) -> None:
    """Refuse a kind of vehicle that ``data/vehicle_presets.csv`` has not."""
    if preset not in data.vehicle_presets():
        raise InvalidValue(subject, f"one of {', '.join(sorted(data.vehicle_presets()))}", preset)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVehicles(Value):
    """``count`` (1 or more) more vehicles of a ZAB, each with a crew.

    Parameters
    ----------
    preset
        Kind of vehicle (``data/vehicle_presets.csv``).
    shifts
        When each of them works. Empty: as the ZAB's vehicle with most duties works, with a crew of the same size,
        officers and skills (the first such vehicle of the file).
    depot
        Where it stands; ``None``: where that vehicle stands, or the ZAB's depot.
    """

    kind: Literal["add_vehicles"] = "add_vehicles"
    zab: ZabId
    count: int = 1
    preset: str = "van"
    shifts: tuple[Window, ...] = ()
    depot: PlaceId | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.count <= _MOST_VEHICLES:
            raise InvalidValue("add_vehicles.count", f"1 to {_MOST_VEHICLES}", self.count)
        known_preset("add_vehicles.preset", self.preset)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with them; ids ``<ZAB>-XV<n>`` (crews ``XC``, shifts ``XS``, duties ``XD``)."""
        known("add_vehicles.zab", self.zab, {zab.id for zab in instance.zabs})
        crew, windows, places, profile = self._pattern(instance)
        depot = self.depot if self.depot is not None else places
        instance = _with_place(instance, depot)
        for _ in range(self.count):
            instance = self._one(instance, crew, windows, depot, profile)
        return instance

    def _pattern(self, instance: Instance) -> tuple[Crew, tuple[Window, ...], PlaceId | None, str]:
        """Return crew, working times, depot and working-time profile that a new vehicle follows."""
        index = InstanceIndex(instance)
        own = [duty for duty in instance.duties if index.duty_vehicle(duty.id).zab == self.zab]
        number = Counter(duty.vehicle for duty in own)
        first = max(own, key=lambda duty: number[duty.vehicle], default=None)
        if first is None:
            if not self.shifts:
                raise InvalidValue(
                    "add_vehicles.shifts", "working times, as the ZAB has no duty to follow", "none", "State them."
                )
            profile = instance.parameters.working_time[0].id
            return Crew(id="", zab=self.zab), self.shifts, _site(self.zab), profile
        crew = index.duty_crew(first.id)
        followed = [d for d in own if d.vehicle == first.vehicle and index.duty_crew(d.id).id == crew.id]
        worked = [index.duty_shift(duty.id) for duty in followed]
        windows = tuple(Window(earliest=shift.start, latest=shift.end) for shift in worked)
        return crew, self.shifts or windows, first.start_place, worked[0].profile

    def _one(
        self, instance: Instance, crew: Crew, windows: tuple[Window, ...], depot: PlaceId | None, profile: str
    ) -> Instance:
        taken = {vehicle.id for vehicle in instance.vehicles} | {other.id for other in instance.crews}
        number = 1
        while taken & {f"{self.zab}-XV{number}", f"{self.zab}-XC{number}"}:
            number += 1
        vehicle = data.vehicle_presets()[self.preset].vehicle(f"{self.zab}-XV{number}", self.zab)
        crew = replace(crew, id=f"{self.zab}-XC{number}", zab=self.zab, licences=crew.licences | {vehicle.licence})
        shifts = tuple(
            Shift(id=f"{self.zab}-XS{number}-{i}", crew=crew.id, start=w.earliest, end=w.latest, profile=profile)
            for i, w in enumerate(windows, 1)
        )
        duties = tuple(
            Duty(
                id=f"{self.zab}-XD{number}-{i}", shift=shift.id, vehicle=vehicle.id, start_place=depot, end_place=depot
            )
            for i, shift in enumerate(shifts, 1)
        )
        return replace(
            instance,
            vehicles=(*instance.vehicles, vehicle),
            crews=(*instance.crews, crew),
            shifts=(*instance.shifts, *shifts),
            duties=(*instance.duties, *duties),
        )


def _site(zab: ZabId) -> PlaceId:
    for site in data.zabs():
        if site.zab.id == zab:
            return site.depot.id
    raise InvalidValue("add_vehicles.depot", f"a depot, as {zab} is none of the five ZAB", "none", "State the place.")


def _with_place(instance: Instance, place: PlaceId | None) -> Instance:
    if place is None or any(each.id == place for each in instance.places):
        return instance
    for each in data.places():
        if each.id == place:
            return replace(instance, places=(*instance.places, each))
    raise InvalidValue("add_vehicles.depot", "a place of the instance or of data/places.csv", place, "Correct the id.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveVehicle(Value):
    """A vehicle is not there at all; what was promised on it goes back to the pool, its crew has no other."""

    kind: Literal["remove_vehicle"] = "remove_vehicle"
    vehicle: VehicleId

    def change(self, instance: Instance) -> Instance:
        """Return the instance without it."""
        known("remove_vehicle.vehicle", self.vehicle, {vehicle.id for vehicle in instance.vehicles})
        gone = {duty.id for duty in instance.duties if duty.vehicle == self.vehicle}
        left = without_duties(instance, gone)
        return replace(left, vehicles=tuple(v for v in left.vehicles if v.id != self.vehicle))


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakVehicle(Value):
    """A vehicle breaks down at second ``at`` of the horizon and is not repaired within it.

    What is handed over by then happens as promised, and the tour ends where it stands. Everybody else promised on it,
    and whoever would be on board at that moment, goes back to the pool.
    """

    kind: Literal["break_vehicle"] = "break_vehicle"
    vehicle: VehicleId
    at: Seconds

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the vehicle available until then."""
        known("break_vehicle.vehicle", self.vehicle, {vehicle.id for vehicle in instance.vehicles})
        index = InstanceIndex(instance)
        own = [duty for duty in instance.duties if duty.vehicle == self.vehicle]
        late = {duty.id for duty in own if index.duty_shift(duty.id).start >= self.at}
        struck = {duty.id for duty in own if index.duty_shift(duty.id).end > self.at} - late
        instance = without_duties(instance, late)
        instance = released(
            instance, lambda duty, promise: duty in struck and promised_end(instance, promise) > self.at
        )
        return replace(
            instance,
            vehicles=tuple(self._cut(v) if v.id == self.vehicle else v for v in instance.vehicles),
            duties=tuple(replace(d, end_place=None) if d.id in struck else d for d in instance.duties),
        )

    def _cut(self, vehicle: Vehicle) -> Vehicle:
        windows = vehicle.availability or (Window(earliest=-FOREVER, latest=FOREVER),)
        kept = tuple(
            Window(earliest=w.earliest, latest=min(w.latest, self.at)) for w in windows if w.earliest <= self.at
        )
        # Empty would mean always: a window in which nothing is on the road says never.
        return replace(vehicle, availability=kept or (Window(earliest=-FOREVER, latest=-FOREVER),))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewIll(Value):
    """A crew is ill: its shifts that touch ``[earliest, latest]`` fall away, without a substitute.

    ``None``: from the beginning, or to the end, of the horizon.
    """

    kind: Literal["crew_ill"] = "crew_ill"
    crew: CrewId
    earliest: Seconds | None = None
    latest: Seconds | None = None

    def __post_init__(self) -> None:
        if self.earliest is not None and self.latest is not None and self.earliest > self.latest:
            raise InvalidValue("crew_ill", "earliest <= latest", (self.earliest, self.latest), "Turn the time round.")

    def change(self, instance: Instance) -> Instance:
        """Return the instance without those shifts."""
        known("crew_ill.crew", self.crew, {crew.id for crew in instance.crews})
        begin = -FOREVER if self.earliest is None else self.earliest
        end = FOREVER if self.latest is None else self.latest
        ill = {s.id for s in instance.shifts if s.crew == self.crew and s.start <= end and s.end >= begin}
        return without_duties(instance, {duty.id for duty in instance.duties if duty.shift in ill})


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveShift(Value):
    """A shift begins and ends ``by`` seconds later (earlier where negative); what no longer lies in it is released."""

    kind: Literal["move_shift"] = "move_shift"
    shift: ShiftId
    by: Seconds

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the shift moved."""
        known("move_shift.shift", self.shift, {shift.id for shift in instance.shifts})
        moved = {
            s.id: replace(s, start=s.start + self.by, end=s.end + self.by) if s.id == self.shift else s
            for s in instance.shifts
        }
        shift_of = {duty.id: moved[duty.shift] for duty in instance.duties}
        instance = released(
            instance,
            lambda duty, promise: (
                shift_of[duty].id == self.shift
                and not shift_of[duty].start <= promise.start <= promised_end(instance, promise) <= shift_of[duty].end
            ),
        )
        return replace(instance, shifts=tuple(moved.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseZab(Value):
    """A ZAB does not work on one local day of the horizon (``day`` counts from 0), or on none at all (``None``)."""

    kind: Literal["close_zab"] = "close_zab"
    zab: ZabId
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and not 0 <= self.day <= _LAST_DAY:
            raise InvalidValue("close_zab.day", f"0 to {_LAST_DAY}, counted from the first day of the file", self.day)

    def change(self, instance: Instance) -> Instance:
        """Return the instance without the shifts of its crews that begin on that day."""
        known("close_zab.zab", self.zab, {zab.id for zab in instance.zabs})
        crews = {crew.id for crew in instance.crews if crew.zab == self.zab}
        closed = {shift.id for shift in instance.shifts if shift.crew in crews}
        if self.day is not None:
            when = local_day(instance, self.day)
            closed &= {shift.id for shift in instance.shifts if when.earliest <= shift.start <= when.latest}
        return without_duties(instance, {duty.id for duty in instance.duties if duty.shift in closed})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeFleet(Value):
    """The fleet has ``vehicles`` (0 or more) vehicles with duties, spread over the ZABs as it is spread now.

    Each step up or down goes to the ZAB that is furthest behind, or ahead of, its share (Sainte-Laguë), so that the
    fleet of N is part of the fleet of N + 1. Vehicles without promises go first, the last of the file before others.
    """

    kind: Literal["resize_fleet"] = "resize_fleet"
    vehicles: int
    preset: str = "van"

    def __post_init__(self) -> None:
        if not 0 <= self.vehicles <= _MOST_VEHICLES:
            raise InvalidValue("resize_fleet.vehicles", f"0 to {_MOST_VEHICLES}", self.vehicles)
        known_preset("resize_fleet.preset", self.preset)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with a fleet of that size."""
        used = {duty.vehicle for duty in instance.duties}
        shares = Counter(vehicle.zab for vehicle in instance.vehicles if vehicle.id in used)
        if not shares:
            raise InvalidValue("resize_fleet", "a fleet with duties", "none", "Add vehicles instead.")
        now = Counter(shares)
        while sum(now.values()) < self.vehicles:
            zab = max(shares, key=lambda z: shares[z] / (2 * now[z] + 1))
            instance = AddVehicles(zab=zab, preset=self.preset).change(instance)
            now[zab] += 1
        while sum(now.values()) > self.vehicles:
            zab = min((z for z in reversed(list(shares)) if now[z]), key=lambda z: shares[z] / (2 * now[z] - 1))
            instance = RemoveVehicle(vehicle=_dispensable(instance, zab)).change(instance)
            now[zab] -= 1
        return instance


def _dispensable(instance: Instance, zab: ZabId) -> VehicleId:
    promised = {commitment.duty for commitment in instance.commitments if commitment.promises}
    busy = Counter(duty.vehicle for duty in instance.duties if duty.id in promised)
    used = {duty.vehicle for duty in instance.duties}
    own = [vehicle.id for vehicle in instance.vehicles if vehicle.zab == zab and vehicle.id in used]
    return min(reversed(own), key=lambda vehicle: busy[vehicle])
