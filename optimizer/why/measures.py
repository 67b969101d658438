"""What can be relaxed: for each kind how much of it changes the day how, who may grant it, where it could help at all.

Every function of a kind is called alike, with day, request and duty, whatever of these it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.model import DAY, RULEBOOK, DutyId, Instance, InstanceIndex, Request, RequestId, Rule, Stop, Strength
from optimizer.why.measure import ByMinutes, Measure, Step, Steps, asked_for, by_minutes
from optimizer.why.measures_zab import OF_ZAB, static_step, vehicle_steps
from optimizer.why.opened import parted, with_request


def measures(index: InstanceIndex) -> tuple[Measure, ...]:
    """Return the measures of a day: an override only of a rule that its parameter set leaves to one."""
    parameters = index.instance.parameters
    return tuple(m for m in OF_ANYBODY if m.rule is None or parameters.strength(m.rule) is Strength.OVERRIDABLE)


# --- what the requester may grant -------------------------------------------------------------------------------------


def _stop(field: str, side: str) -> ByMinutes:
    def change(by: int, request: RequestId, duty: DutyId, instance: Instance) -> Instance:
        stop: Stop = getattr(asked_for(instance, request), field)
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
        asked = asked_for(instance, request)
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
        return with_request(instance, request, luggage=asked_for(instance, request).luggage - pieces)

    return [Step(size=n, change=partial(change, n)) for n in range(1, index.request[request].luggage + 1)]


def _parted(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    unit = next(members for members in index.units if request in members)
    if len(unit) == 1:
        return ()
    return (Step(size=1, change=partial(parted, bundled=unit)),)


_OF_REQUESTER = (
    *(
        Measure(
            kind=kind,
            granter=Granter.REQUESTER,
            unit=Unit.MINUTES,
            steps=by_minutes(_stop(*which)),
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


# --- what only the head of a ZAB may grant, and what only the leads may -----------------------------------------------


def _overrides() -> Iterator[Measure]:
    """Rules that a recorded override (a reason, a second person) may lift for one request."""
    for rule, spec in RULEBOOK.items():
        if spec.strength is Strength.OVERRIDABLE:
            yield Measure(
                kind=Kind.OVERRIDE, granter=Granter.ZAB, unit=Unit.DECISIONS, steps=_override(rule), rule=rule
            )


def _override(rule: Rule) -> Steps:
    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        if rule in index.request[request].waived:
            return ()

        def change(instance: Instance) -> Instance:
            return with_request(instance, request, waived=asked_for(instance, request).waived | {rule})

        return (Step(size=1, change=change),)

    return steps


def _changes(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    most = index.instance.change_budget
    if most is None:
        return ()

    def change(more: int, instance: Instance) -> Instance:
        return replace(instance, change_budget=(instance.change_budget or 0) + more)

    return [Step(size=n, change=partial(change, n)) for n in range(1, len(index.instance.published) + 1)]


def _is_pinned_elsewhere(index: InstanceIndex, asked: Request, duty: DutyId) -> int:
    return int(asked.pin not in (None, duty))


_OF_LEAD = (
    Measure(
        kind=Kind.PIN_RELEASED,
        granter=Granter.LEAD,
        unit=Unit.DECISIONS,
        steps=static_step(Rule.PIN, _is_pinned_elsewhere),
    ),
    Measure(kind=Kind.CHANGES, granter=Granter.LEAD, unit=Unit.DECISIONS, steps=_changes),
    Measure(kind=Kind.VEHICLE_OF_OTHER_ZAB, granter=Granter.LEAD, unit=Unit.VEHICLES, steps=vehicle_steps(False)),
)

OF_ANYBODY: tuple[Measure, ...] = (*_OF_REQUESTER, *OF_ZAB, *_overrides(), *_OF_LEAD)
"""All measures there are; a day has those whose rule its parameter set leaves to an override."""
