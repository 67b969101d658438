"""Planning anew from a plan that was published: what stays as it is, what should stay, and how much may change.

A later run starts from that plan (``search.published``). Tours about to begin, or under way, are *frozen*: promised to
the second, closed to anybody new. Of the rest at most ``change_budget`` assignments may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from optimizer.errors import InvalidValue
from optimizer.model import (
    Assignment,
    Commitment,
    DutyId,
    Instance,
    InstanceIndex,
    Promise,
    RequestId,
    Seconds,
    Solution,
)


def stops_of(plan: Solution) -> dict[DutyId, tuple[Promise, ...]]:
    """Return the stops of each tour in their order, with the seconds at which their service begins."""
    return {tour.duty: tour.promises for tour in plan.tours}


def roll(
    instance: Instance,
    stops: Mapping[DutyId, Sequence[Promise]],
    *,
    frozen_until: Seconds | None = None,
    change_budget: int | None = None,
) -> Instance:
    """Return today's problem with an earlier plan as the published one.

    Parameters
    ----------
    instance
        Requests, fleet and promises as they are now.
    stops
        The earlier plan (``stops_of``). What it says of requests and duties that are gone is left out.
    frozen_until
        Tours whose first stop begins before this second are frozen, and with them those that carry the rest of a
        bundle. Their requests are promised, so they no longer count in ``served``. ``None``: none.
    change_budget
        Most assignments that may change, 0 or more; one whose request is promised elsewhere now counts too. ``None``:
        no limit.

    Raises
    ------
    InvalidValue
        Where the plan carries a request twice, or hands over before it picks up.
    """
    index = InstanceIndex(instance)
    there = {duty: [stop for stop in tour if stop.request in index.request] for duty, tour in stops.items()}
    known = {duty: tour for duty, tour in there.items() if tour and duty in index.duty}
    carrier: dict[RequestId, DutyId] = {}
    for duty, tour in known.items():
        for request in dict.fromkeys(stop.request for stop in tour):
            if request in carrier:
                raise InvalidValue(f"Request {request}", "one tour in the plan", [carrier[request], duty])
            carrier[request] = duty
    frozen = _frozen(index, known, carrier, frozen_until)
    promised = [
        Commitment(duty=duty, promises=tuple(known[duty]), frozen=True) if duty in frozen else commitment
        for duty, commitment in _duties(index, frozen).items()
    ]
    closed = {request for request, duty in carrier.items() if duty in frozen}
    return replace(
        instance,
        requests=tuple(replace(r, bundle=None) if r.id in closed else r for r in instance.requests),
        commitments=tuple(commitment for commitment in promised if commitment is not None),
        published=tuple(Assignment(request=request, duty=duty) for request, duty in sorted(carrier.items())),
        change_budget=change_budget,
    )


def _frozen(
    index: InstanceIndex,
    tours: Mapping[DutyId, Sequence[Promise]],
    carrier: Mapping[RequestId, DutyId],
    until: Seconds | None,
) -> set[DutyId]:
    """Return the duties that begin before ``until``, and those that carry the rest of a bundle of theirs."""
    frozen = {duty for duty, tour in tours.items() if until is not None and tour[0].start < until}
    left = list(frozen)
    unit_of = {member: unit for unit in index.units for member in unit}
    while left:
        for stop in tours[left.pop()]:
            for member in unit_of.get(stop.request, ()):
                duty = carrier.get(member)
                if duty is not None and duty not in frozen:
                    frozen.add(duty)
                    left.append(duty)
    return frozen


def _duties(index: InstanceIndex, frozen: set[DutyId]) -> dict[DutyId, Commitment | None]:
    """Return the commitments that stand so far, and the duties that get one, in the order of the instance."""
    return {
        duty.id: index.commitment.get(duty.id)
        for duty in index.instance.duties
        if duty.id in frozen or duty.id in index.commitment
    }
