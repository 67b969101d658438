"""What can be relaxed: for each kind how much of it changes the day how, who may grant it, where it could help at all.

Every function of a kind is called alike, with day, request and duty, whatever of these it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.model import (
    CHILD_SEAT_BANDS,
    CREW_NEEDS,
    DAY,
    MINUTE,
    RULEBOOK,
    DutyId,
    Instance,
    InstanceIndex,
    Request,
    RequestId,
    Rule,
    Stop,
    Strength,
    VehicleId,
    Window,
)
from optimizer.routing.compatibility import licensed
from optimizer.why.opened import with_crew, with_request, with_vehicle, without

MOST_MINUTES = 240
"""Windows and shifts are widened by no more: what asks for more is another day, or another duty."""
_MOST_PEOPLE = 3

Change = Callable[[Instance], Instance]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One amount of a measure: how much, and the day with it."""

    size: int
    change: Change
    vehicle: VehicleId | None = None


Steps = Callable[[InstanceIndex, RequestId, DutyId], Sequence[Step]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A kind of relaxation.

    Parameters
    ----------
    steps
        The amounts for a request and a duty, from the least; none where it could not help there.
    grows
        Whether more of it never hurts, so that the least may be found by bisection.
    lift
        A rule without which, altogether, the request must fit for the measure to help at all (``None``: not asked).
    rule
        The rule that is set aside.
    """

    kind: Kind
    granter: Granter
    unit: Unit
    steps: Steps
    grows: bool = False
    lift: Lift | None = None
    rule: Rule | None = None


def measures(index: InstanceIndex) -> tuple[Measure, ...]:
    """Return all measures of a day."""
    return (*_OF_REQUESTER, *_OF_ZAB, *_overrides(index), *_OF_LEAD)


# --- what the requester may grant -------------------------------------------------------------------------------------


_ByMinutes = Callable[[int, RequestId, DutyId, Instance], Instance]


def _minutes(change: _ByMinutes) -> Steps:
    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        return [Step(size=m, change=partial(change, m * MINUTE, request, duty)) for m in range(1, MOST_MINUTES + 1)]

    return steps


def _stop(field: str, side: str) -> _ByMinutes:
    def change(by: int, request: RequestId, duty: DutyId, instance: Instance) -> Instance:
        stop: Stop = getattr(_request(instance, request), field)
        wider = (
            replace(stop, earliest=max(0, stop.earliest - by))
            if side == "earlier"
            else replace(stop, latest=stop.latest + by)
        )
        return with_request(instance, request, **{field: wider})

    return change


def _days(sign: int) -> Steps:
    """Whole days on which the duty works; never past the deadline of the measure."""

    def change(by: int, request: RequestId, instance: Instance) -> Instance:
        asked = _request(instance, request)
        return with_request(instance, request, pickup=_moved(asked.pickup, by), delivery=_moved(asked.delivery, by))

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        asked = index.request[request]
        last = max(shift.end for shift in index.instance.shifts) // DAY + 1
        found = []
        for days in range(1, last + 1):
            by = sign * days * DAY
            is_past = asked.deadline is not None and asked.delivery.latest + by > asked.deadline
            if min(asked.pickup.earliest, asked.delivery.earliest) + by >= 0 and not is_past:
                found.append(Step(size=days, change=partial(change, by, request)))
        return found

    return steps


def _moved(stop: Stop, by: int) -> Stop:
    return replace(stop, earliest=stop.earliest + by, latest=stop.latest + by)


def _night_ground(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    if not index.instance.nights or index.request[request].night_ground:
        return ()
    return (Step(size=1, change=lambda instance: with_request(instance, request, night_ground=True)),)


def _less_luggage(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    def change(pieces: int, instance: Instance) -> Instance:
        return with_request(instance, request, luggage=_request(instance, request).luggage - pieces)

    return [Step(size=n, change=partial(change, n)) for n in range(1, index.request[request].luggage + 1)]


def _parted(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    unit = next(members for members in index.units if request in members)
    if len(unit) == 1:
        return ()

    def change(instance: Instance) -> Instance:
        parted = tuple(replace(r, bundle=None) if r.id in unit else r for r in instance.requests)
        return replace(instance, requests=parted)

    return (Step(size=1, change=change),)


_OF_REQUESTER = (
    *(
        Measure(
            kind=kind,
            granter=Granter.REQUESTER,
            unit=Unit.MINUTES,
            steps=_minutes(_stop(*which)),
            grows=True,
            lift=lift,
        )
        for kind, which, lift in (
            (Kind.PICKUP_EARLIER, ("pickup", "earlier"), Lift.PICKUP),
            (Kind.PICKUP_LATER, ("pickup", "later"), Lift.PICKUP),
            (Kind.HANDOVER_EARLIER, ("delivery", "earlier"), Lift.HANDOVER),
            (Kind.HANDOVER_LATER, ("delivery", "later"), Lift.HANDOVER),
        )
    ),
    Measure(kind=Kind.NIGHT_GROUND, granter=Granter.REQUESTER, unit=Unit.DECISIONS, steps=_night_ground),
    Measure(kind=Kind.PARTED, granter=Granter.REQUESTER, unit=Unit.DECISIONS, steps=_parted),
    Measure(
        kind=Kind.LUGGAGE, granter=Granter.REQUESTER, unit=Unit.PIECES, steps=_less_luggage, grows=True, lift=Lift.LOAD
    ),
    Measure(kind=Kind.DAY_EARLIER, granter=Granter.REQUESTER, unit=Unit.DAYS, steps=_days(-1)),
    Measure(kind=Kind.DAY_LATER, granter=Granter.REQUESTER, unit=Unit.DAYS, steps=_days(1)),
)


# --- what the ZAB may grant -------------------------------------------------------------------------------------------


def _shift(side: str) -> _ByMinutes:
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
        return _minutes(change)(index, request, duty) if index.duty_vehicle(duty).availability else ()

    return steps


def _static(rule: Rule, size: Callable[[InstanceIndex, Request, DutyId], int]) -> Steps:
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


def _is_pinned_elsewhere(index: InstanceIndex, asked: Request, duty: DutyId) -> int:
    return int(asked.pin not in (None, duty))


def _lacks_licence(index: InstanceIndex, asked: Request, duty: DutyId) -> int:
    return int(not licensed(index, duty))


def _skills(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    crew = index.duty_crew(duty)
    missing = {need.value for need in index.request[request].needs & CREW_NEEDS} - crew.skills
    if not missing:
        return ()
    return (Step(size=len(missing), change=lambda day: with_crew(day, crew.id, skills=crew.skills | missing)),)


def _officers(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """Each takes a seat."""
    crew = index.duty_crew(duty)

    def change(more: int, instance: Instance) -> Instance:
        return with_crew(instance, crew.id, heads=crew.heads + more, officers=crew.officers + more)

    return [Step(size=n, change=partial(change, n)) for n in range(1, _MOST_PEOPLE + 1)]


def _female_officers(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """In the place of a man as long as there is one, else as one more; where the crew has fewer women than needed."""
    crew, asked = index.duty_crew(duty), index.request[request]
    if crew.female_officers >= max(asked.escort_female, int(asked.party.has_female)):
        return ()

    def change(women: int, instance: Instance) -> Instance:
        female = crew.female_officers + women
        more = max(0, female - crew.officers)
        return with_crew(
            instance, crew.id, female_officers=female, officers=crew.officers + more, heads=crew.heads + more
        )

    return [Step(size=n, change=partial(change, n)) for n in range(1, _MOST_PEOPLE + 1)]


def _child_seats(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    """More for each age band that the party has children of."""
    party, vehicle = index.request[request].party, index.duty_vehicle(duty)
    bands = [party.count(frozenset({band})) for band in CHILD_SEAT_BANDS]

    def change(more: int, instance: Instance) -> Instance:
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

        def change(instance: Instance, other: object = other) -> Instance:
            return with_vehicle(instance, mine.id, configurations=(*mine.configurations, other))

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


def _vehicles(is_own: bool) -> Steps:
    """One vehicle of each sort; where another duty has it at that time, the two duties change vehicles."""

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        mine, zab = index.duty_vehicle(duty), index.duty_zab(duty)
        sorts = {_sort(mine)}
        found = []
        for vehicle in index.instance.vehicles:
            if (vehicle.zab == zab) is is_own and _sort(vehicle) not in sorts:
                sorts.add(_sort(vehicle))
                found += [
                    Step(size=1, change=partial(exchanged, duty, other.id), vehicle=other.id)
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


_OF_ZAB = (
    *(
        Measure(kind=kind, granter=Granter.ZAB, unit=Unit.MINUTES, steps=steps, grows=True, lift=lift)
        for kind, steps, lift in (
            (Kind.SHIFT_EARLIER, _minutes(_shift("earlier")), Lift.SHIFT),
            (Kind.SHIFT_LATER, _minutes(_shift("later")), Lift.SHIFT),
            (Kind.AVAILABLE_EARLIER, _availability("earlier"), None),
            (Kind.AVAILABLE_LATER, _availability("later"), None),
        )
    ),
    *(
        Measure(kind=kind, granter=Granter.ZAB, unit=unit, steps=steps)
        for kind, unit, steps in (
            (Kind.BAR_LIFTED, Unit.DECISIONS, _static(Rule.BARRED, _is_barred)),
            (Kind.TOUR_RELEASED, Unit.DECISIONS, _static(Rule.FROZEN, _is_frozen)),
            (Kind.BUDGET, Unit.DECISIONS, _budget),
            (Kind.SKILL, Unit.PEOPLE, _skills),
            (Kind.DRIVER, Unit.PEOPLE, _static(Rule.LICENCE, _lacks_licence)),
            (Kind.VEHICLE, Unit.VEHICLES, _vehicles(True)),
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


def _overrides(index: InstanceIndex) -> Iterator[Measure]:
    """Rules that a recorded override (a reason, a second person) may lift for this request."""
    parameters = index.instance.parameters
    for rule, spec in RULEBOOK.items():
        if spec.strength is Strength.OVERRIDABLE and parameters.strength(rule) is Strength.OVERRIDABLE:
            yield Measure(
                kind=Kind.OVERRIDE, granter=Granter.ZAB, unit=Unit.DECISIONS, steps=_override(rule), rule=rule
            )


def _override(rule: Rule) -> Steps:
    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        waived = index.request[request].waived
        if rule in waived:
            return ()
        return (Step(size=1, change=lambda instance: with_request(instance, request, waived=waived | {rule})),)

    return steps


# --- what only the leads may grant ------------------------------------------------------------------------------------


def _changes(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    most = index.instance.change_budget
    if most is None:
        return ()

    def change(more: int, instance: Instance) -> Instance:
        return replace(instance, change_budget=(instance.change_budget or 0) + more)

    return [Step(size=n, change=partial(change, n)) for n in range(1, len(index.instance.published) + 1)]


_OF_LEAD = (
    Measure(
        kind=Kind.PIN_RELEASED,
        granter=Granter.LEAD,
        unit=Unit.DECISIONS,
        steps=_static(Rule.PIN, _is_pinned_elsewhere),
    ),
    Measure(kind=Kind.CHANGES, granter=Granter.LEAD, unit=Unit.DECISIONS, steps=_changes),
    Measure(kind=Kind.VEHICLE_OF_OTHER_ZAB, granter=Granter.LEAD, unit=Unit.VEHICLES, steps=_vehicles(False)),
)


def _request(instance: Instance, request: RequestId) -> Request:
    return next(r for r in instance.requests if r.id == request)
