"""Loads and capacities that other solvers add up: everything on board that is a sum against a limit.

Alternatives of seats and wheelchair places become the inequalities of their convex hull, officers a most number of
people they may escort, "shares with nobody" a load that fills the vehicle, an excluded pair a load of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from optimizer.model import DutyId, InstanceIndex
from optimizer.routing.rides import ADULTS, CHILDREN, INFANTS, LUGGAGE, SEATS, TODDLERS, WHEELCHAIRS, Rides

ALONE = 1000
"""Room for people in the dimension "shares with nobody"; who shares with nobody takes all of it."""
_MOST_EXCLUSIONS = 16
"""Excluded pairs that get a dimension of their own; further ones are left to the checker."""


def loads_of(
    index: InstanceIndex, arrays: Rides, first: list[int], duties: list[DutyId]
) -> tuple[tuple[str, ...], list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Names, demands by ride and capacities by duty of all dimensions that can bind, the most telling ones first."""
    load = arrays.load[first] if first else arrays.load[:0]
    columns: list[tuple[str, list[int], list[int]]] = []
    rooms = [
        [(c.seats - index.duty_crew(d).heads, c.wheelchair_places) for c in index.duty_vehicle(d).configurations]
        for d in duties
    ]
    # Facets of the hull of the configurations: seats, wheelchairs, and seats + slope * wheelchairs.
    slopes = {
        (a[0] - b[0]) // (b[1] - a[1]) for room in rooms for a, b in combinations(sorted(room), 2) if a[1] != b[1]
    }
    for slope in sorted({0} | {s for s in slopes if s > 0}):
        capacity = [max(seats + slope * chairs for seats, chairs in room) for room in rooms]
        columns.append((f"seats+{slope}", (load[:, SEATS] + slope * load[:, WHEELCHAIRS]).tolist(), capacity))
    columns.append(("wheelchairs", load[:, WHEELCHAIRS].tolist(), [max(w for _, w in room) for room in rooms]))
    escorts = index.instance.parameters.escorts
    if escorts.base:
        over = [index.duty_crew(duty).officers - escorts.base for duty in duties]
        most = [max(0, escorts.base_covers + escorts.per_further * extra) for extra in over]
        columns.append(("escorted", load[:, ADULTS].tolist(), most))
    alone, *excluded = _apart(index, arrays, first, len(duties))
    columns.append(alone)
    for place, kind in enumerate((INFANTS, TODDLERS, CHILDREN)):
        stock = [index.duty_vehicle(duty).child_seats[place] for duty in duties]
        columns.append((f"child seats {place}", load[:, kind].tolist(), stock))
    columns.append(("luggage", load[:, LUGGAGE].tolist(), [index.duty_vehicle(duty).luggage for duty in duties]))
    columns += excluded
    # What could all be on board at once needs no counting.
    columns = [column for column in columns if sum(column[1]) > min(column[2], default=0)]
    return (
        tuple(name for name, _, _ in columns),
        list(zip(*(demand for _, demand, _ in columns), strict=True)) if columns else [()] * len(first),
        list(zip(*(capacity for _, _, capacity in columns), strict=True)) if columns else [()] * len(duties),
    )


def _apart(
    index: InstanceIndex, arrays: Rides, first: list[int], duties: int
) -> Iterator[tuple[str, list[int], list[int]]]:
    """Who shares with nobody, and excluded pairs, as loads; families and women alone cannot be said in loads."""
    together = arrays.together[np.ix_(first, first)]
    alone: list[bool] = np.logical_not(together.any(axis=1)).tolist()
    loads = [ALONE if one else int(any(alone)) for one in alone]
    yield "alone", loads, [ALONE] * duties
    position = {arrays.ids[int(arrays.request[ride])]: i for i, ride in enumerate(first)}
    pairs = {
        tuple(sorted((position[request.id], position[other])))
        for request in index.instance.requests
        for other in request.excluded
        if request.id in position and other in position
    }
    for a, b in sorted(pairs)[:_MOST_EXCLUSIONS]:
        if not together[a, b] and not alone[a] and not alone[b]:
            demand = [0] * len(first)
            demand[a] = demand[b] = 1
            yield f"not {a} with {b}", demand, [1] * duties
