"""The plan of one evaluation as a value: what a time line and a map show of it, without the whole problem."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pydantic import TypeAdapter

from optimizer.io.document import layout, plain
from optimizer.model import (
    DutyId,
    Instance,
    InstanceIndex,
    Place,
    PlaceId,
    RequestId,
    Seconds,
    Solution,
    VehicleId,
    VisitKind,
)
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop(Value):
    """A pick-up or hand-over; ``on_board`` people ride when the vehicle leaves."""

    kind: VisitKind
    request: RequestId
    place: PlaceId | None
    start: Seconds
    departure: Seconds
    people: int
    on_board: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDrive(Value):
    """A drive between two visits."""

    since: Seconds
    until: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTour(Value):
    """What a duty does; ``promised`` are the riders that were promised before."""

    duty: DutyId
    zab: str
    vehicle: VehicleId
    start: Seconds
    end: Seconds
    stops: tuple[PlannedStop, ...]
    drives: tuple[PlannedDrive, ...]
    promised: tuple[RequestId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Value):
    """A plan; ``start`` is the instant that its seconds are counted from, ``unplaced`` the pool that nobody drives."""

    start: str
    places: tuple[Place, ...]
    tours: tuple[PlannedTour, ...]
    unplaced: tuple[RequestId, ...]


def plan_of(instance: Instance, solution: Solution) -> Plan:
    """Return the tours of a plan on which somebody rides, in the order of the duties."""
    index = InstanceIndex(instance)
    people = {request.id: request.party.size for request in instance.requests}
    tours = []
    for tour in solution.tours:
        stops: list[PlannedStop] = []
        aboard = 0
        for visit in tour.visits:
            if visit.request is None or visit.kind not in (VisitKind.PICKUP, VisitKind.DELIVERY):
                continue
            size = people[visit.request]
            aboard += size if visit.kind is VisitKind.PICKUP else -size
            stops.append(
                PlannedStop(
                    kind=visit.kind, request=visit.request, place=visit.place, start=visit.start,
                    departure=visit.departure, people=size, on_board=aboard,
                )
            )  # fmt: skip
        if not stops:
            continue
        shift, vehicle = index.duty_shift(tour.duty), index.duty_vehicle(tour.duty)
        tours.append(
            PlannedTour(
                duty=tour.duty, zab=vehicle.zab, vehicle=vehicle.id, start=shift.start, end=shift.end,
                stops=tuple(stops),
                drives=tuple(
                    PlannedDrive(since=one.departure, until=other.arrival)
                    for one, other in pairwise(tour.visits)
                    if other.arrival > one.departure
                ),
                promised=tuple(sorted(r for r in tour.requests if r in index.committed_duty)),
            )
        )  # fmt: skip
    met = {stop.place for tour in tours for stop in tour.stops}
    return Plan(
        start=instance.horizon_start,
        places=tuple(place for place in instance.places if place.id in met),
        tours=tuple(tours),
        unplaced=tuple(sorted(r.id for r in index.pool if r.id not in solution.served)),
    )


@cache
def _adapter() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def dump_plan(plan: Plan) -> str:
    """Return a plan as JSON."""
    return layout(plain(plan), depth=0)


def parse_plan(text: str | bytes) -> Plan:
    """Read what ``dump_plan`` wrote; raises ``pydantic.ValidationError`` for anything else."""
    return _adapter().validate_json(text)
