"""Bounds that need no search: what no plan of an instance can beat, whatever else is known."""

from __future__ import annotations

from optimizer.model import InstanceIndex, Stage
from optimizer.routing.rides import closure, direct_seconds
from optimizer.travel.matrix import TravelMatrix


def trivial_bounds(index: InstanceIndex, travel: TravelMatrix) -> dict[Stage, int]:
    """Return a bound for each stage: all served; no night, no load, no change, no cost; custody what shortcuts save.

    A direct ride counts its rests, and a stop on the way is a rest too; in a matrix that is not metric a way round may
    be shorter. So custody may be below 0, by no more than direct ride less least drive for each request.
    """
    least = closure(travel.seconds)
    custody = 0
    for request in index.instance.requests:
        i, j = travel.index((request.pickup.place, request.delivery.place))
        custody += min(0, int(least[i, j]) - direct_seconds(request, index, travel))
    pinned = sum(request.pin is not None for request in index.pool)
    served = sum(index.unit_weight(unit) for unit in index.units)
    return {
        **dict.fromkeys(Stage, 0),
        Stage.PINNED: pinned,
        Stage.SERVED: served,
        Stage.CUSTODY: custody,
    }
