"""What a ZAB may relax: shifts, vehicles, crews, its own declines and limits.

Every function of a kind is called alike, with day, request and duty, whatever of these it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.model import (
    CHILD_SEAT_BANDS,
    CREW_NEEDS,
    DutyId,
    Instance,
    InstanceIndex,
    Licence,
    Request,
    RequestId,
    Rule,
    SeatConfiguration,
    VehicleId,
    Window,
)
from optimizer.routing.compatibility import licensed
from optimizer.why.measure import ByMinutes, Change, Measure, Step, Steps, by_minutes
from optimizer.why.opened import with_crew, with_vehicle, without

_MOST_PEOPLE = 3
_PLENTY = 1_000


def _shift(side: str) -> ByMinutes:
    def change(by: int, request: RequestId, duty: DutyId, instance: Instance) -> Instance:
        changed = []
        mine = next(d.shift for d in instance.duties if d.id == duty)
        for shift in instance.shifts:
            more = by if shift.id == mine else 0
            changed.append(
                replace(shift, start=shift.start - more) if side == "earlier" else replace(shift, end=shift.end + more)
            )
        return replace(instance, shifts=tuple(changed))

    return change


def _availability(side: str) -> Steps:
    def change(by: int, request: RequestId, duty: DutyId, instance: Instance) -> Instance:
        vehicle = InstanceIndex(instance).duty_vehicle(duty)
        windows = tuple(
            Window(earliest=w.earliest - by, latest=w.latest)
            if side == "earlier"
            else Window(earliest=w.earliest, latest=w.latest + by)
            for w in vehicle.availability
        )
        return with_vehicle(instance, vehicle.id, availability=windows)

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        return by_minutes(change)(index, request, duty) if index.duty_vehicle(duty).availability else ()

    return steps


def static_step(rule: Rule, size: Callable[[InstanceIndex, Request, DutyId], int]) -> Steps:
    """Taking a static rule away as ``opened`` does."""

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        needed = size(index, index.request[request], duty)

        def change(instance: Instance) -> Instance:
            return without(InstanceIndex(instance), request, duty, rule)

        return (Step(size=needed, change=change),) if needed else ()

    return steps


def _is_barred(index: InstanceIndex, asked: Request, duty: DutyId) -> int:
    return int(duty in asked.barred_duties or index.duty_zab(duty) in asked.barred_zabs)


def _is_frozen(index: InstanceIndex, asked: Request, duty: DutyId) -> int:
    return int(duty in index.commitment and index.commitment[duty].frozen)


def _lacks_licence(index: InstanceIndex, asked: Request, duty: DutyId) -> int:
    return int(not licensed(index, duty))


def _skills(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    missing = {need.value for need in index.request[request].needs & CREW_NEEDS} - index.duty_crew(duty).skills
    if not missing:
        return ()

    def change(instance: Instance) -> Instance:
        crew = InstanceIndex(instance).duty_crew(duty)
        return with_crew(instance, crew.id, skills=crew.skills | missing)

    return (Step(size=len(missing), change=change),)


def _officers(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """Each takes a seat."""

    def change(more: int, instance: Instance) -> Instance:
        crew = InstanceIndex(instance).duty_crew(duty)
        return with_crew(instance, crew.id, heads=crew.heads + more, officers=crew.officers + more)

    return [Step(size=n, change=partial(change, n)) for n in range(1, _MOST_PEOPLE + 1)]


def _female_officers(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """In the place of a man as long as there is one, else as one more; where the crew has fewer women than needed."""
    asked = index.request[request]
    if index.duty_crew(duty).female_officers >= max(asked.escort_female, int(asked.party.has_female)):
        return ()

    def change(women: int, instance: Instance) -> Instance:
        crew = InstanceIndex(instance).duty_crew(duty)
        female = crew.female_officers + women
        more = max(0, female - crew.officers)
        return with_crew(
            instance, crew.id, female_officers=female, officers=crew.officers + more, heads=crew.heads + more
        )

    return [Step(size=n, change=partial(change, n)) for n in range(1, _MOST_PEOPLE + 1)]


def _child_seats(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """More for each age band that the party has children of."""
    party = index.request[request].party
    bands = [party.count(frozenset({band})) for band in CHILD_SEAT_BANDS]

    def change(more: int, instance: Instance) -> Instance:
        vehicle = InstanceIndex(instance).duty_vehicle(duty)
        first, second, third = (
            stock + (more if children else 0) for stock, children in zip(vehicle.child_seats, bands, strict=True)
        )
        return with_vehicle(instance, vehicle.id, child_seats=(first, second, third))

    return [Step(size=n, change=partial(change, n)) for n in range(1, max(bands) + 1)]


def _configurations(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """Those that other vehicles of the kind have; the size counts places that come or go."""
    mine = index.duty_vehicle(duty)
    others = {c for vehicle in index.instance.vehicles if vehicle.kind == mine.kind for c in vehicle.configurations}
    found = []
    for other in others - set(mine.configurations):
        size = min(
            abs(other.seats - c.seats) + abs(other.wheelchair_places - c.wheelchair_places) for c in mine.configurations
        )

        def change(instance: Instance, other: SeatConfiguration = other) -> Instance:
            vehicle = InstanceIndex(instance).duty_vehicle(duty)
            return with_vehicle(instance, vehicle.id, configurations=(*vehicle.configurations, other))

        found.append((size, other.seats, other.wheelchair_places, Step(size=size, change=change)))
    return [step for *_, step in sorted(found, key=lambda each: each[:3])]


def _budget(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    zab = index.zab[index.duty_zab(duty)]
    if zab.budget is None:
        return ()

    def change(more: int, instance: Instance) -> Instance:
        zabs = tuple(replace(z, budget=(z.budget or 0) + more) if z.id == zab.id else z for z in instance.zabs)
        return replace(instance, zabs=zabs)

    unit = next(members for members in index.units if request in members)
    return [Step(size=n, change=partial(change, n)) for n in range(1, len(unit) + 1)]


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
                    Step(size=1, change=partial(exchanged, duty, other.id), vehicle=other.id, alike=_sort(vehicle))
                    for other in index.instance.vehicles
                    if other.zab == vehicle.zab and _sort(other) == _sort(vehicle)
                ]
        return found

    return steps


def _sort(vehicle: object) -> tuple[object, ...]:
    fields = ("configurations", "child_seats", "luggage", "features", "licence", "carries_children", "availability")
    return tuple(getattr(vehicle, name) for name in fields)


def exchanged(duty: DutyId, vehicle: VehicleId, instance: Instance) -> Instance:
    """Return the day on which ``duty`` has another vehicle; who had it at that time has the duty's instead."""
    index = InstanceIndex(instance)
    mine, shift = index.duty[duty].vehicle, index.duty_shift(duty)
    duties = []
    for each in instance.duties:
        other = index.duty_shift(each.id)
        if each.id == duty:
            duties.append(replace(each, vehicle=vehicle))
        elif each.vehicle == vehicle and other.start < shift.end and shift.start < other.end:
            duties.append(replace(each, vehicle=mine))
        else:
            duties.append(each)
    return replace(instance, duties=tuple(duties))


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
            (Kind.SHIFT_EARLIER, by_minutes(_shift("earlier")), Lift.SHIFT),
            (Kind.SHIFT_LATER, by_minutes(_shift("later")), Lift.SHIFT),
            (Kind.AVAILABLE_EARLIER, _availability("earlier"), None),
            (Kind.AVAILABLE_LATER, _availability("later"), None),
        )
    ),
    *(
        Measure(kind=kind, granter=Granter.ZAB, unit=unit, steps=steps)
        for kind, unit, steps in (
            (Kind.BAR_LIFTED, Unit.DECISIONS, static_step(Rule.BARRED, _is_barred)),
            (Kind.TOUR_RELEASED, Unit.DECISIONS, static_step(Rule.FROZEN, _is_frozen)),
            (Kind.BUDGET, Unit.DECISIONS, _budget),
            (Kind.SKILL, Unit.PEOPLE, _skills),
            (Kind.DRIVER, Unit.PEOPLE, static_step(Rule.LICENCE, _lacks_licence)),
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
