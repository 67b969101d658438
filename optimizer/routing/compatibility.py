"""Static pairing: what a request and a duty, or two requests, have against each other whatever the tour.

The only place that enforces the static rules and the rules on who may ride together.
"""

from __future__ import annotations

from optimizer.model import CREW_NEEDS, DutyId, InstanceIndex, Licence, Need, Request, Rule, VisitKind

_COVERS: dict[Licence, frozenset[Licence]] = {
    Licence.B: frozenset({Licence.B}),
    Licence.C1: frozenset({Licence.B, Licence.C1}),
    Licence.D1: frozenset({Licence.B, Licence.D1}),
    Licence.D: frozenset({Licence.B, Licence.D1, Licence.D}),
}
"""Which classes a licence entitles to drive (FeV § 6 (3))."""


def licensed(index: InstanceIndex, duty: DutyId) -> bool:
    """Whether the duty's crew may drive its vehicle."""
    held = frozenset().union(*(_COVERS[licence] for licence in index.duty_crew(duty).licences))
    return index.duty_vehicle(duty).licence in held


def first_block(index: InstanceIndex, request: Request, duty: DutyId) -> Rule | None:
    """Return the first static rule that keeps ``request`` off ``duty``, ``None`` where none does.

    The order is that of what is told: what nobody can change first. A committed request is promised to one duty and to
    none else; whether that duty suits it is ``unfit``'s question.
    """
    committed = index.committed_duty.get(request.id)
    if committed is not None:
        return None if committed == duty else Rule.COMMITMENT
    rule = unfit(index, request, duty)
    if rule is not None:
        return rule
    if duty in index.commitment and index.commitment[duty].frozen:
        return Rule.FROZEN
    if duty in request.barred_duties or index.duty_zab(duty) in request.barred_zabs:
        return Rule.BARRED
    if request.pin is not None and request.pin != duty:
        return Rule.PIN
    return None


def unfit(index: InstanceIndex, request: Request, duty: DutyId) -> Rule | None:
    """Return the first rule by which vehicle or crew do not suit a request; ``None`` where they do."""
    vehicle, crew = index.duty_vehicle(duty), index.duty_crew(duty)
    if Need.LYING in request.needs or not request.features <= vehicle.features:
        return Rule.VEHICLE_FEATURES
    if request.party.has_children and not vehicle.carries_children:
        return Rule.NO_CHILDREN_VEHICLE
    if not licensed(index, duty):
        return Rule.LICENCE
    if not {need.value for need in request.needs & CREW_NEEDS} <= crew.skills:
        return Rule.CREW_SKILLS
    return None


def apart(index: InstanceIndex, one: Request, other: Request) -> Rule | None:
    """Return the first rule that forbids the two requests to be on board at the same moment, ``None`` where none."""
    if one.unit is not None and one.unit == other.unit:
        return None
    parameters = index.instance.parameters
    waived = one.waived | other.waived

    def holds(rule: Rule) -> bool:
        return parameters.enforced(rule) and rule not in waived

    if (one.separate or other.separate) and holds(Rule.SEPARATION):
        return Rule.SEPARATION
    if (other.id in one.excluded or one.id in other.excluded) and holds(Rule.EXCLUSION):
        return Rule.EXCLUSION
    if (one.party.is_lone_minor or other.party.is_lone_minor) and holds(Rule.LONE_MINOR):
        return Rule.LONE_MINOR
    if one.party.is_family != other.party.is_family and holds(Rule.FAMILIES_APART):
        return Rule.FAMILIES_APART
    if holds(Rule.WOMEN_ALONE):
        for woman, man in ((one, other), (other, one)):
            if woman.party.is_woman_alone and man.party.has_adult_man:
                return Rule.WOMEN_ALONE
    return None


def promise_positions(index: InstanceIndex) -> dict[str, tuple[int, int, int, int]]:
    """Return for each committed request (position of pick-up, its promise, position of hand-over, its promise)."""
    positions: dict[str, tuple[int, int, int, int]] = {}
    for commitment in index.commitment.values():
        picked: dict[str, tuple[int, int]] = {}
        for position, promise in enumerate(commitment.promises):
            if promise.kind is VisitKind.PICKUP:
                picked[promise.request] = (position, promise.start)
            else:
                positions[promise.request] = (*picked[promise.request], position, promise.start)
    return positions
