"""What a ZAB may grant of the vehicle of a duty; the vehicle has it on all of its duties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optimizer.granted.edits import counted, found, some_seconds, vehicle_of, with_vehicle
from optimizer.model import CHILD_SEAT_BANDS, DutyId, Instance, RequestId, SeatConfiguration, Seconds, Window
from optimizer.model.value import Value

_MOST_SEATS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendAvailability(Value):
    """The vehicle of a duty is there so many seconds earlier or longer (0 or more, one of them more).

    A vehicle that is always there stays so.
    """

    kind: Literal["extend_availability"] = "extend_availability"
    duty: DutyId
    earlier: Seconds = 0
    later: Seconds = 0

    def __post_init__(self) -> None:
        some_seconds("extend_availability", self.earlier, self.later)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with every time at which the vehicle is there so much longer."""
        vehicle = vehicle_of("extend_availability.duty", self.duty, instance)
        windows = tuple(
            Window(earliest=w.earliest - self.earlier, latest=w.latest + self.later) for w in vehicle.availability
        )
        return with_vehicle(instance, vehicle.id, availability=windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddChildSeats(Value):
    """The vehicle of a duty has so many (1 or more) child seats more, of each age band that a request has children of.

    How old they are is not said here.
    """

    kind: Literal["add_child_seats"] = "add_child_seats"
    request: RequestId
    duty: DutyId
    seats: int = 1

    def __post_init__(self) -> None:
        counted("add_child_seats.seats", self.seats, _MOST_SEATS)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with these seats."""
        party = found("add_child_seats.request", self.request, instance.requests).party
        vehicle = vehicle_of("add_child_seats.duty", self.duty, instance)
        first, second, third = (
            stock + (self.seats if party.count(frozenset({band})) else 0)
            for stock, band in zip(vehicle.child_seats, CHILD_SEAT_BANDS, strict=True)
        )
        return with_vehicle(instance, vehicle.id, child_seats=(first, second, third))


@dataclass(frozen=True, slots=True, kw_only=True)
class RefitVehicle(Value):
    """The vehicle of a duty can be set up in one more way: so many seats, the driver's included, and wheelchair places.

    What it could be set up to before it still can.
    """

    kind: Literal["refit_vehicle"] = "refit_vehicle"
    duty: DutyId
    configuration: SeatConfiguration

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the vehicle refitted."""
        vehicle = vehicle_of("refit_vehicle.duty", self.duty, instance)
        if self.configuration in vehicle.configurations:
            return instance
        return with_vehicle(instance, vehicle.id, configurations=(*vehicle.configurations, self.configuration))
