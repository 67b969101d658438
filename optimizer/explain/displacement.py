"""Who would have to give way for a request, on one duty of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.explain.lifts import NOTHING, Lift, Lifts, lifted
from optimizer.explain.trials import LIMIT, TOURS, WANTED, narrowed, subproblem
from optimizer.model import DutyId, InstanceIndex, RequestId
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import enumerate_fragments
from optimizer.routing.pricing import Pricing
from optimizer.routing.rides import build_rides
from optimizer.travel.matrix import TravelMatrix


def fewest_displaced(
    index: InstanceIndex,
    travel: TravelMatrix,
    request: RequestId,
    duty: DutyId,
    riders: Sequence[RequestId],
    *,
    lifts: Lifts = NOTHING,
) -> tuple[RequestId, ...] | None:
    """Return which of ``riders`` would have to leave ``duty`` for ``request``, as few as possible.

    ``None`` where the request does not even fit without any of them. Requests that stand and fall with one that leaves
    are not counted. ``lifts``: rules that are taken away, for all on that duty.
    """
    instance = lifted(subproblem(index, [request, *riders], [duty]), lifts)
    travel = narrowed(travel, instance)
    own = InstanceIndex(instance)
    rides = build_rides(own, travel)
    if Lift.COMPANY in lifts:
        rides = replace(rides, together=np.ones_like(rides.together))
    fleet = build_fleet(own, rides, travel)
    if not fleet.classes:
        return None
    fragments = enumerate_fragments(own, rides, fleet, travel, limit=LIMIT)
    pricing = Pricing(rides, fleet, fragments, travel, np.zeros(1, dtype=np.bool_))
    worth = np.zeros(len(instance.requests), dtype=np.int64)
    worth[[rides.row_by_request[rider] for rider in riders]] = 1
    worth[rides.row_by_request[request]] = WANTED
    found = pricing.find(
        replace(pricing.graphs[0], width=0, buckets=0),
        value=-pricing.sums(worth),
        leg_cost=np.zeros_like(pricing.seconds),
        second_cost=0,
        threshold=-WANTED,
        keep_all=False,
        most=TOURS,
    )
    if len(found.cost) == 0:
        return None
    kept = found.sets[int(np.argmin(found.cost))]
    rows = {rider: rides.row_by_request[rider] for rider in riders}
    return tuple(r for r in riders if not int(kept[rows[r] // 64]) >> (rows[r] % 64) & 1)
