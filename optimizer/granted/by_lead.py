"""What the leads may grant, who decide across ZABs; an exchange within one ZAB that ZAB itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from optimizer.granted.edits import counted, found, with_request
from optimizer.model import DutyId, Instance, InstanceIndex, RequestId, VehicleId
from optimizer.model.units import MOST
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeVehicles(Value):
    """A duty has another vehicle; who had it at that time has the duty's instead.

    Bringing the vehicles there is not counted.
    """

    kind: Literal["exchange_vehicles"] = "exchange_vehicles"
    duty: DutyId
    vehicle: VehicleId

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the vehicles exchanged."""
        mine = found("exchange_vehicles.duty", self.duty, instance.duties).vehicle
        found("exchange_vehicles.vehicle", self.vehicle, instance.vehicles)
        index = InstanceIndex(instance)
        shift = index.duty_shift(self.duty)
        duties = []
        for each in instance.duties:
            other = index.duty_shift(each.id)
            if each.id == self.duty:
                duties.append(replace(each, vehicle=self.vehicle))
            elif each.vehicle == self.vehicle and other.start < shift.end and shift.start < other.end:
                duties.append(replace(each, vehicle=mine))
            else:
                duties.append(each)
        return replace(instance, duties=tuple(duties))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePin(Value):
    """A request that was assigned to a duty by hand may ride on any."""

    kind: Literal["release_pin"] = "release_pin"
    request: RequestId

    def change(self, instance: Instance) -> Instance:
        """Return the instance without the assignment."""
        found("release_pin.request", self.request, instance.requests)
        return with_request(instance, self.request, pin=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowChanges(Value):
    """So many (1 or more) more assignments may depart from the published plan, if there is a limit at all."""

    kind: Literal["allow_changes"] = "allow_changes"
    by: int = 1

    def __post_init__(self) -> None:
        counted("allow_changes.by", self.by, MOST)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the larger budget of changes."""
        if instance.change_budget is None:
            return instance
        return replace(instance, change_budget=instance.change_budget + self.by)
