"""Static rules between one request and one duty taken away, so that what else is in the way can be asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from optimizer.explain.static import static_rule
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
            asked = index.request[request]
            return with_request(
                instance,
                request,
                barred_duties=asked.barred_duties - {duty},
                barred_zabs=asked.barred_zabs - {index.duty_zab(duty)},
            )
        case Rule.PIN:
            return with_request(instance, request, pin=None)
        case Rule.NO_CHILDREN_VEHICLE:
            return with_vehicle(instance, index.duty[duty].vehicle, carries_children=True)
        case Rule.DEPOT:
            return with_vehicle(instance, index.duty[duty].vehicle, availability=())
        case Rule.LICENCE:
            crew, vehicle = index.duty_crew(duty), index.duty_vehicle(duty)
            return with_crew(instance, crew.id, licences=crew.licences | {vehicle.licence})
        case Rule.FROZEN:
            commitments = tuple(replace(c, frozen=c.frozen and c.duty != duty) for c in instance.commitments)
            return replace(instance, commitments=commitments)
        case _:
            raise AssertionError(f"{rule} is no static rule")


def with_request(instance: Instance, request: RequestId, **fields: object) -> Instance:
    """Return the problem with fields of one request changed."""
    changed = tuple(replace(r, **fields) if r.id == request else r for r in instance.requests)  # type: ignore[arg-type]
    return replace(instance, requests=changed)


def parted(instance: Instance, bundled: Collection[RequestId]) -> Instance:
    """Return the problem in which these requests no longer stand or fall together."""
    requests = tuple(replace(r, bundle=None) if r.id in bundled else r for r in instance.requests)
    return replace(instance, requests=requests)


def without_budgets(instance: Instance) -> Instance:
    """Return the problem in which no ZAB has a limit."""
    return replace(instance, zabs=tuple(replace(zab, budget=None) for zab in instance.zabs))


def with_vehicle(instance: Instance, vehicle: str, **fields: object) -> Instance:
    """Return the problem with fields of one vehicle changed."""
    changed = tuple(replace(v, **fields) if v.id == vehicle else v for v in instance.vehicles)  # type: ignore[arg-type]
    return replace(instance, vehicles=changed)


def with_crew(instance: Instance, crew: str, **fields: object) -> Instance:
    """Return the problem with fields of one crew changed."""
    changed = tuple(replace(c, **fields) if c.id == crew else c for c in instance.crews)  # type: ignore[arg-type]
    return replace(instance, crews=changed)


def _but(index: InstanceIndex, request: RequestId, needs: frozenset[Need] | set[Need]) -> frozenset[Need]:
    asked: Request = index.request[request]
    return asked.needs - needs
