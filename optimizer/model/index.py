"""Look-ups over an instance, built once: who belongs to what."""

from __future__ import annotations

from optimizer.model.commitment import Commitment
from optimizer.model.fleet import Crew, Duty, Shift, Vehicle, Window, Zab
from optimizer.model.instance import Instance
from optimizer.model.parameters import WorkingTime
from optimizer.model.place import Place
from optimizer.model.request import Request
from optimizer.model.units import (
    CrewId,
    DutyId,
    MicroEuros,
    PlaceId,
    RequestId,
    ShiftId,
    VehicleId,
    ZabId,
    per_metre,
    per_second,
)


class InstanceIndex:
    """Dictionaries by id and the joins between them; never changed after construction."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.place: dict[PlaceId, Place] = {p.id: p for p in instance.places}
        self.zab: dict[ZabId, Zab] = {z.id: z for z in instance.zabs}
        self.vehicle: dict[VehicleId, Vehicle] = {v.id: v for v in instance.vehicles}
        self.crew: dict[CrewId, Crew] = {c.id: c for c in instance.crews}
        self.shift: dict[ShiftId, Shift] = {s.id: s for s in instance.shifts}
        self.duty: dict[DutyId, Duty] = {d.id: d for d in instance.duties}
        self.request: dict[RequestId, Request] = {r.id: r for r in instance.requests}
        self.commitment: dict[DutyId, Commitment] = {c.duty: c for c in instance.commitments if c.promises}
        self.committed_duty: dict[RequestId, DutyId] = {
            promise.request: commitment.duty for commitment in instance.commitments for promise in commitment.promises
        }
        self.pool: tuple[Request, ...] = tuple(r for r in instance.requests if r.id not in self.committed_duty)
        bundles: dict[str, list[RequestId]] = {}
        for request in self.pool:
            bundles.setdefault(request.bundle if request.bundle is not None else f"\0{request.id}", []).append(
                request.id
            )
        self.units: tuple[tuple[RequestId, ...], ...] = tuple(tuple(members) for members in bundles.values())
        """Pool requests that stand or fall together: each bundle, and each request without one alone."""

    def duty_shift(self, duty: DutyId) -> Shift:
        """Return the shift of a duty."""
        return self.shift[self.duty[duty].shift]

    def duty_vehicle(self, duty: DutyId) -> Vehicle:
        """Return the vehicle of a duty."""
        return self.vehicle[self.duty[duty].vehicle]

    def duty_crew(self, duty: DutyId) -> Crew:
        """Return the crew of a duty."""
        return self.crew[self.duty_shift(duty).crew]

    def duty_zab(self, duty: DutyId) -> ZabId:
        """Return the ZAB that a duty counts for: its crew's."""
        return self.duty_crew(duty).zab

    def duty_profile(self, duty: DutyId) -> WorkingTime:
        """Return the working-time profile of a duty."""
        return self.instance.parameters.profile(self.duty_shift(duty).profile)

    def duty_window(self, duty: DutyId) -> Window | None:
        """Return shift and vehicle availability together; ``None`` where they do not meet."""
        shift, vehicle = self.duty_shift(duty), self.duty_vehicle(duty)
        if not vehicle.availability:
            return Window(earliest=shift.start, latest=shift.end)
        for window in vehicle.availability:
            if window.earliest < shift.end and window.latest > shift.start:
                return Window(earliest=max(window.earliest, shift.start), latest=min(window.latest, shift.end))
        return None

    def shifts_of_zab(self, zab: ZabId) -> int:
        """Return the number of shifts that a ZAB has: its capacity in the fair-load term."""
        return sum(self.crew[shift.crew].zab == zab for shift in self.instance.shifts)

    def rate_per_metre(self, duty: DutyId) -> MicroEuros:
        """Return micro-euros per metre, CO2 at its price included."""
        vehicle = self.duty_vehicle(duty)
        return per_metre(vehicle.cost_per_km, vehicle.co2_per_km, self.instance.parameters.co2_price)

    def rate_per_second(self, duty: DutyId) -> MicroEuros:
        """Return micro-euros per second of the tour's span."""
        return per_second(self.duty_crew(duty).cost_per_hour)

    def unit_weight(self, members: tuple[RequestId, ...]) -> int:
        """Return the weight of a bundle or single request in the first stage."""
        parameters = self.instance.parameters
        weights = []
        for member in members:
            request = self.request[member]
            weights.append(request.weight if request.weight is not None else parameters.weight(request.deadline_class))
        return max(weights)
