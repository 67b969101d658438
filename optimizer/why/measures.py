"""What can be relaxed: for each kind how much of it changes the day how, who may grant it, where it could help at all.

Every function of a kind is called alike, with day, request and duty, whatever of these it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.answer import Granter, Kind, Unit
from optimizer.explain.lifts import Lift
from optimizer.granted import (
    AllowChanges,
    MoveDay,
    PartBundle,
    RecordNightGround,
    ReduceLuggage,
    ReleasePin,
    WaiveRule,
    WidenWindow,
)
from optimizer.model import DAY, RULEBOOK, DutyId, InstanceIndex, RequestId, Rule, Strength
from optimizer.why.measure import Measure, Step, Steps, by_minutes
from optimizer.why.measures_zab import OF_ZAB, vehicle_steps


def measures(index: InstanceIndex) -> tuple[Measure, ...]:
    """Return the measures of a day: an override only of a rule that its parameter set leaves to one."""
    parameters = index.instance.parameters
    return tuple(m for m in OF_ANYBODY if m.rule is None or parameters.strength(m.rule) is Strength.OVERRIDABLE)


# --- what the requester may grant -------------------------------------------------------------------------------------


def _days(sign: int) -> Steps:
    """Whole days on which the duty works; never past the deadline of the measure."""

    def steps(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
        asked = index.request[request]
        last = max(shift.end for shift in index.instance.shifts) // DAY + 1
        found = []
        for days in range(1, last + 1):
            by = sign * days * DAY
            is_past = asked.deadline is not None and asked.delivery.latest + by > asked.deadline
            if min(asked.pickup.earliest, asked.delivery.earliest) + by >= 0 and not is_past:
                found.append(Step(size=days, granted=MoveDay(request=request, days=sign * days)))
        return found

    return steps


def _night_ground(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    if not index.instance.nights or index.request[request].night_ground:
        return ()
    return (Step(size=1, granted=RecordNightGround(request=request)),)


def _less_luggage(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    most = index.request[request].luggage
    return [Step(size=n, granted=ReduceLuggage(request=request, pieces=n)) for n in range(1, most + 1)]


def _parted(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    unit = next(members for members in index.units if request in members)
    return () if len(unit) == 1 else (Step(size=1, granted=PartBundle(request=request)),)


_OF_REQUESTER = (
    *(
        Measure(
            kind=kind,
            granter=Granter.REQUESTER,
            unit=Unit.MINUTES,
            steps=by_minutes(wider),
            grows=True,
            lift=lift,
        )
        for kind, wider, lift in (
            (Kind.PICKUP_EARLIER, lambda r, _, by: WidenWindow(request=r, pickup_earlier=by), Lift.PICKUP),
            (Kind.PICKUP_LATER, lambda r, _, by: WidenWindow(request=r, pickup_later=by), Lift.PICKUP),
            (Kind.HANDOVER_EARLIER, lambda r, _, by: WidenWindow(request=r, handover_earlier=by), Lift.HANDOVER),
            (Kind.HANDOVER_LATER, lambda r, _, by: WidenWindow(request=r, handover_later=by), Lift.HANDOVER),
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
        return (Step(size=1, granted=WaiveRule(request=request, rule=rule)),)

    return steps


def _changes(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    if index.instance.change_budget is None:
        return ()
    return [Step(size=n, granted=AllowChanges(by=n)) for n in range(1, len(index.instance.published) + 1)]


def _pin(index: InstanceIndex, request: RequestId, duty: DutyId) -> Sequence[Step]:
    if index.request[request].pin in (None, duty):
        return ()
    return (Step(size=1, granted=ReleasePin(request=request)),)


_OF_LEAD = (
    Measure(kind=Kind.PIN_RELEASED, granter=Granter.LEAD, unit=Unit.DECISIONS, steps=_pin),
    Measure(kind=Kind.CHANGES, granter=Granter.LEAD, unit=Unit.DECISIONS, steps=_changes),
    Measure(kind=Kind.VEHICLE_OF_OTHER_ZAB, granter=Granter.LEAD, unit=Unit.VEHICLES, steps=vehicle_steps(False)),
)

OF_ANYBODY: tuple[Measure, ...] = (*_OF_REQUESTER, *OF_ZAB, *_overrides(), *_OF_LEAD)
"""All measures there are; a day has those whose rule its parameter set leaves to an override."""
