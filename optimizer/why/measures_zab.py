"""What a ZAB may relax: shifts, vehicles, crews, its own declines and limits.

Every function of a kind is called alike, with day, request and duty, whatever of these it needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.granted import (
    AddChildSeats,
    AssignFemaleOfficers,
    ExchangeVehicles,
    ExtendAvailability,
    ExtendShift,
    LiftBar,
    RaiseBudget,
    RefitVehicle,
    ReleaseTour,
    StrengthenCrew,
    SupplyDriver,
    SupplySkills,
)
from optimizer.granted.edits import with_vehicle
from optimizer.model import (
    CHILD_SEAT_BANDS,
    CREW_NEEDS,
    DutyId,
    Instance,
    InstanceIndex,
    Licence,
    Request,
    RequestId,
    SeatConfiguration,
)
from optimizer.routing.compatibility import licensed
from optimizer.why.measure import ByMinutes, Change, Measure, Step, Steps, by_minutes

_MOST_PEOPLE = 3
_PLENTY = 1_000


def _availability(granted: ByMinutes) -> Steps:
    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        return by_minutes(granted)(index, request, duty) if index.duty_vehicle(duty).availability else ()

    return steps


def _bar(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    asked = index.request[request]
    is_barred = duty in asked.barred_duties or index.duty_zab(duty) in asked.barred_zabs
    return (Step(size=1, granted=LiftBar(request=request, duty=duty)),) if is_barred else ()


def _frozen(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    is_frozen = duty in index.commitment and index.commitment[duty].frozen
    return (Step(size=1, granted=ReleaseTour(duty=duty)),) if is_frozen else ()


def _driver(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    return () if licensed(index, duty) else (Step(size=1, granted=SupplyDriver(duty=duty)),)


def _skills(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    missing = {need.value for need in index.request[request].needs & CREW_NEEDS} - index.duty_crew(duty).skills
    return (Step(size=len(missing), granted=SupplySkills(request=request, duty=duty)),) if missing else ()


def _officers(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """Each takes a seat."""
    return [Step(size=n, granted=StrengthenCrew(duty=duty, officers=n)) for n in range(1, _MOST_PEOPLE + 1)]


def _female_officers(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """Where the crew has fewer women than needed."""
    asked = index.request[request]
    if index.duty_crew(duty).female_officers >= max(asked.escort_female, int(asked.party.has_female)):
        return ()
    return [Step(size=n, granted=AssignFemaleOfficers(duty=duty, officers=n)) for n in range(1, _MOST_PEOPLE + 1)]


def _child_seats(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """More for each age band that the party has children of."""
    party = index.request[request].party
    most = max(party.count(frozenset({band})) for band in CHILD_SEAT_BANDS)
    return [Step(size=n, granted=AddChildSeats(request=request, duty=duty, seats=n)) for n in range(1, most + 1)]


def _configurations(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """Those that other vehicles of the kind have; the size counts places that come or go."""
    mine = index.duty_vehicle(duty)
    others = {c for vehicle in index.instance.vehicles if vehicle.kind == mine.kind for c in vehicle.configurations}
    found = []
    for other in others - set(mine.configurations):
        size = min(
            abs(other.seats - c.seats) + abs(other.wheelchair_places - c.wheelchair_places) for c in mine.configurations
        )
        step = Step(size=size, granted=RefitVehicle(duty=duty, configuration=other))
        found.append((size, other.seats, other.wheelchair_places, step))
    return [step for *_, step in sorted(found, key=lambda each: each[:3])]


def _budget(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    zab = index.zab[index.duty_zab(duty)]
    if zab.budget is None:
        return ()
    unit = next(members for members in index.units if request in members)
    return [Step(size=n, granted=RaiseBudget(zab=zab.id, by=n)) for n in range(1, len(unit) + 1)]


def vehicle_steps(is_own: bool) -> Steps:
    """One vehicle of each sort; where another duty has it at that time, the two duties change vehicles."""

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        mine, zab = index.duty_vehicle(duty), index.duty_zab(duty)
        sorts = {_sort(mine)}
        found = []
        for vehicle in index.instance.vehicles:
            if (vehicle.zab == zab) is is_own and _sort(vehicle) not in sorts:
                sorts.add(_sort(vehicle))
                found += [
                    Step(
                        size=1,
                        granted=ExchangeVehicles(duty=duty, vehicle=other.id),
                        vehicle=other.id,
                        alike=_sort(vehicle),
                    )
                    for other in index.instance.vehicles
                    if other.zab == vehicle.zab and _sort(other) == _sort(vehicle)
                ]
        return found

    return steps


def _sort(vehicle: object) -> tuple[object, ...]:
    fields = ("configurations", "child_seats", "luggage", "features", "licence", "carries_children", "availability")
    return tuple(getattr(vehicle, name) for name in fields)


def ideal_vehicle(asked: Request, duty: DutyId) -> Change:
    """Return the change that gives a duty a vehicle with everything: where that does not help, no vehicle does."""

    def change(instance: Instance) -> Instance:
        vehicle = InstanceIndex(instance).duty_vehicle(duty)
        return with_vehicle(
            instance,
            vehicle.id,
            configurations=(SeatConfiguration(seats=_PLENTY, wheelchair_places=_PLENTY),),
            child_seats=(_PLENTY,) * 3,
            luggage=_PLENTY,
            features=vehicle.features | asked.features,
            licence=Licence.B,
            carries_children=True,
            availability=(),
        )

    return change


OF_ZAB = (
    *(
        Measure(kind=kind, granter=Granter.ZAB, unit=Unit.MINUTES, steps=steps, grows=True, lift=lift)
        for kind, steps, lift in (
            (Kind.SHIFT_EARLIER, by_minutes(lambda _, d, by: ExtendShift(duty=d, earlier=by)), Lift.SHIFT),
            (Kind.SHIFT_LATER, by_minutes(lambda _, d, by: ExtendShift(duty=d, later=by)), Lift.SHIFT),
            (Kind.AVAILABLE_EARLIER, _availability(lambda _, d, by: ExtendAvailability(duty=d, earlier=by)), None),
            (Kind.AVAILABLE_LATER, _availability(lambda _, d, by: ExtendAvailability(duty=d, later=by)), None),
        )
    ),
    *(
        Measure(kind=kind, granter=Granter.ZAB, unit=unit, steps=steps)
        for kind, unit, steps in (
            (Kind.BAR_LIFTED, Unit.DECISIONS, _bar),
            (Kind.TOUR_RELEASED, Unit.DECISIONS, _frozen),
            (Kind.BUDGET, Unit.DECISIONS, _budget),
            (Kind.SKILL, Unit.PEOPLE, _skills),
            (Kind.DRIVER, Unit.PEOPLE, _driver),
            (Kind.VEHICLE, Unit.VEHICLES, vehicle_steps(True)),
        )
    ),
    Measure(
        kind=Kind.CHILD_SEATS, granter=Granter.ZAB, unit=Unit.PLACES, steps=_child_seats, grows=True, lift=Lift.LOAD
    ),
    Measure(kind=Kind.SEATS, granter=Granter.ZAB, unit=Unit.PLACES, steps=_configurations, lift=Lift.LOAD),
    Measure(kind=Kind.OFFICER, granter=Granter.ZAB, unit=Unit.PEOPLE, steps=_officers, lift=Lift.ESCORTS),
    Measure(
        kind=Kind.FEMALE_OFFICER,
        granter=Granter.ZAB,
        unit=Unit.PEOPLE,
        steps=_female_officers,
    ),
)
