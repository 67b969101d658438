"""What can carry: ZABs, vehicles, crews as anonymous resources, shifts, duties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from optimizer.errors import InvalidValue
from optimizer.model.units import MOST, CrewId, DutyId, PlaceId, Seconds, ShiftId, VehicleId, ZabId
from optimizer.model.value import Value


class Licence(StrEnum):
    """Driving licence classes of FeV § 6 that the fleet asks for."""

    B = "B"
    C1 = "C1"
    D1 = "D1"
    D = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Value):
    """A closed interval of instants, ``earliest <= latest``."""

    earliest: Seconds
    latest: Seconds

    def __post_init__(self) -> None:
        if self.earliest > self.latest:
            raise InvalidValue("Window", "earliest <= latest", (self.earliest, self.latest), "Turn the window round.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zab(Value):
    """A Zentrale Ausländerbehörde.

    ``prior_load`` is the number of requests it took earlier in the ledger's period: the starting point of the
    fair-load term. ``budget`` is the most new requests it takes within the horizon (``None``: no limit).
    """

    id: ZabId
    name: str
    prior_load: int = 0
    budget: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.prior_load <= MOST:
            raise InvalidValue(f"Zab {self.id}.prior_load", f"0 to {MOST}", self.prior_load)
        if self.budget is not None and self.budget < 0:
            raise InvalidValue(f"Zab {self.id}.budget", "0 or more", self.budget)

    def having_taken(self, number: int) -> Zab:
        """Return the ZAB with so many more requests in its load, and as many fewer that it may still take."""
        budget = None if self.budget is None else max(0, self.budget - number)
        return replace(self, prior_load=self.prior_load + number, budget=budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatConfiguration(Value):
    """One way to set up a vehicle: all seats, the driver's included, and wheelchair places."""

    seats: int
    wheelchair_places: int = 0

    def __post_init__(self) -> None:
        if self.seats < 1 or self.wheelchair_places < 0:
            raise InvalidValue(
                "SeatConfiguration", "seats >= 1, wheelchair_places >= 0", (self.seats, self.wheelchair_places)
            )
        if max(self.seats, self.wheelchair_places) > MOST:
            raise InvalidValue("SeatConfiguration", f"at most {MOST} places", (self.seats, self.wheelchair_places))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle(Value):
    """A vehicle.

    Parameters
    ----------
    configurations
        Alternatives; one holds from empty to empty, and may be changed only while nobody is on board.
    child_seats
        Stock for the age bands 0-2, 3-5 and 6-11, in this order; a child seat stands on an ordinary seat.
    availability
        When the vehicle may be used; empty means always.
    cost_per_km
        Cents per kilometre.
    co2_per_km
        Grams per kilometre.
    """

    id: VehicleId
    zab: ZabId
    kind: str = "van"
    configurations: tuple[SeatConfiguration, ...]
    child_seats: tuple[int, int, int] = (0, 0, 0)
    luggage: int = 1_000
    features: frozenset[str] = frozenset()
    licence: Licence = Licence.B
    carries_children: bool = True
    availability: tuple[Window, ...] = ()
    cost_per_km: int = 0
    co2_per_km: int = 0

    def __post_init__(self) -> None:
        if not self.configurations:
            raise InvalidValue(f"Vehicle {self.id}.configurations", "at least one seat configuration", "none")
        numbers = (*self.child_seats, self.luggage, self.cost_per_km, self.co2_per_km)
        if min(numbers) < 0 or max(numbers) > MOST:
            raise InvalidValue(
                f"Vehicle {self.id}", f"child_seats, luggage, cost_per_km, co2_per_km of 0 to {MOST}", numbers
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew(Value):
    """A crew as an anonymous resource: counts, licences, skills; no names, no ranking.

    ``heads`` people ride along and take a seat each (the driver included); ``officers`` of them count as escorts,
    ``female_officers`` of those are women. ``cost_per_hour`` is for the whole crew, in cents.
    """

    id: CrewId
    zab: ZabId
    heads: int = 2
    officers: int = 2
    female_officers: int = 0
    licences: frozenset[Licence] = frozenset({Licence.B})
    skills: frozenset[str] = frozenset()
    cost_per_hour: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.female_officers <= self.officers <= self.heads:
            raise InvalidValue(
                f"Crew {self.id}",
                "0 <= female_officers <= officers <= heads",
                (self.female_officers, self.officers, self.heads),
            )
        if self.heads > MOST:
            raise InvalidValue(f"Crew {self.id}.heads", f"at most {MOST}", self.heads)
        if not 0 <= self.cost_per_hour <= MOST:
            raise InvalidValue(f"Crew {self.id}.cost_per_hour", f"0 to {MOST}", self.cost_per_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Value):
    """When a crew works. ``profile`` names the working-time profile of the parameter set."""

    id: ShiftId
    crew: CrewId
    start: Seconds
    end: Seconds
    profile: str = "arbzg"

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidValue(f"Shift {self.id}", "start < end", (self.start, self.end), "Turn the shift round.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty(Value):
    """A shift on a vehicle: the resource that makes at most one tour.

    A used duty binds crew and vehicle for the whole shift. ``start_place`` / ``end_place`` are the depots
    (``None``: the tour may begin or end anywhere, at no drive). Crew and vehicle may stand in several duties; of
    duties that overlap, or that leave too little rest, at most one is used.
    """

    id: DutyId
    shift: ShiftId
    vehicle: VehicleId
    start_place: PlaceId | None = None
    end_place: PlaceId | None = None
