"""Static rules between one request and one duty taken away, so that what else is in the way can be asked."""

from __future__ import annotations

from dataclasses import replace

from optimizer.explain.static import static_rule
from optimizer.granted import LiftBar, ReleasePin, ReleaseTour, SupplyDriver
from optimizer.granted.edits import with_request, with_vehicle
from optimizer.model import CREW_NEEDS, DutyId, Instance, InstanceIndex, Need, Request, RequestId, Rule


def static_rules(index: InstanceIndex, request: RequestId, duty: DutyId) -> tuple[tuple[Rule, ...], InstanceIndex]:
    """Return every static rule that keeps a request off a duty, and the problem without them.

    The first is the one that ``explain`` names: each further one is what it names once those before are taken away.
    """
    found: list[Rule] = []
    while True:
        rule = static_rule(index, index.request[request], duty)
        if rule is None:
            return tuple(found), index
        if rule in found:
            raise AssertionError(f"rule {rule} between request {request} and duty {duty} cannot be taken away")
        found.append(rule)
        index = InstanceIndex(without(index, request, duty, rule))


def without(index: InstanceIndex, request: RequestId, duty: DutyId, rule: Rule) -> Instance:
    """Return the problem without a static rule between one request and one duty."""
    instance = index.instance
    match rule:
        case Rule.VEHICLE_FEATURES:
            return with_request(instance, request, features=frozenset(), needs=_but(index, request, {Need.LYING}))
        case Rule.CREW_SKILLS:
            return with_request(instance, request, needs=_but(index, request, CREW_NEEDS))
        case Rule.BARRED:
            return LiftBar(request=request, duty=duty).change(instance)
        case Rule.PIN:
            return ReleasePin(request=request).change(instance)
        case Rule.NO_CHILDREN_VEHICLE:
            return with_vehicle(instance, index.duty[duty].vehicle, carries_children=True)
        case Rule.DEPOT:
            return with_vehicle(instance, index.duty[duty].vehicle, availability=())
        case Rule.LICENCE:
            return SupplyDriver(duty=duty).change(instance)
        case Rule.FROZEN:
            return ReleaseTour(duty=duty).change(instance)
        case _:
            raise AssertionError(f"{rule} is no static rule")


def without_budgets(instance: Instance) -> Instance:
    """Return the problem in which no ZAB has a limit."""
    return replace(instance, zabs=tuple(replace(zab, budget=None) for zab in instance.zabs))


def _but(index: InstanceIndex, request: RequestId, needs: frozenset[Need] | set[Need]) -> frozenset[Need]:
    asked: Request = index.request[request]
    return asked.needs - needs
