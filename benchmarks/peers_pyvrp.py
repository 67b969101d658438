"""PyVRP as a peer: shipments (since 0.14), prizes, heterogeneous fleets.

Told: windows (one for each stop: where a request has several, their hull), drives with rests, loads, depots, shifts,
longest span less the break that such a span needs, optional requests by prize, promises as required shipments. Allowed
duties are told by drive matrices, one for each group of duties, in which a stop that the group may not serve is out of
reach: as long as these matrices fit into ``MEMORY``. Not told: ride caps, longest waits, who may ride together (but for
those who share with nobody and excluded pairs), where breaks are, bundles, duties that exclude each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pyvrp
from pyvrp.stop import MaxRuntime

from benchmarks.peers_day import Day, Ints, Means
from benchmarks.peers_timetable import Route

NAME = "PyVRP"
PACKAGE = "pyvrp"

MEMORY = 3 << 30
"""Most bytes that drive matrices may take; above it all duties share one, and allowed duties are not told."""
_FAR = 1 << 24
"""Seconds to a stop that is out of reach: later than any window."""
_PROMISE = 100


def solve(day: Day, seconds: float, told: Callable[[int], None], *, seed: int = 0, threads: int = 1) -> list[Route]:
    """Solve for ``seconds`` on one thread; the best plan that PyVRP has, feasible in its own terms or not."""
    del told, threads
    begun = time.perf_counter()
    data, duties = _data(day)
    left = max(0.01, seconds - (time.perf_counter() - begun))
    result = pyvrp.solve(data, stop=MaxRuntime(left), seed=seed, collect_stats=False, display=False)
    return [_route(day, duties, route) for route in result.best.routes()]


def _data(day: Day) -> tuple[pyvrp.ProblemData, list[int]]:
    """Return the problem, and the duty behind each vehicle type."""
    groups = list(day.groups())
    if 16 * day.nodes**2 * len(groups) > MEMORY:
        groups = [(tuple(range(len(day.duties))), [])]
    profile = {duty: number for number, (members, _) in enumerate(groups) for duty in members}
    # The prize of the lightest request is above any detour for it, and the prizes are whole multiples of that.
    prize = 1 if day.least_cost else 10 * max(1, int(day.metres.max(initial=1)))
    ends = sorted({node for means in day.duties for node in (means.start, means.end)})
    depot = {node: position for position, node in enumerate(ends)}
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(day.nodes)],
        clients=[],
        depots=[pyvrp.Depot(location=node) for node in ends],
        vehicle_types=[
            _vehicle(means, depot[means.start], depot[means.end], profile[duty])
            for duty, means in enumerate(day.duties)
        ],
        distance_matrices=[_barred(day.metres, rides, day.horizon) for _, rides in groups],
        duration_matrices=[_barred(day.seconds, rides, day.horizon) for _, rides in groups],
        shipments=[
            pyvrp.Shipment(
                2 * number,
                2 * number + 1,
                pickup_tw_early=min(since for since, _ in ride.pickup),
                pickup_tw_late=max(until for _, until in ride.pickup),
                pickup_service_duration=ride.pickup_service,
                delivery_tw_early=min(since for since, _ in ride.delivery),
                delivery_tw_late=max(until for _, until in ride.delivery),
                delivery_service_duration=ride.delivery_service,
                amount=list(ride.demand),
                prize=(_PROMISE if ride.promised else ride.weight) * prize,
                required=day.least_cost,
            )
            for number, ride in enumerate(day.rides)
        ],
    )
    return data, list(range(len(day.duties)))


def _vehicle(means: Means, start: int, end: int, profile: int) -> pyvrp.VehicleType:
    return pyvrp.VehicleType(
        num_available=1,
        capacity=list(means.capacity),
        start_depot=start,
        end_depot=end,
        tw_early=means.earliest,
        tw_late=means.latest,
        # A break has no place in PyVRP; a tour that is shorter by its length has room for it, if at the right moment.
        shift_duration=means.longest - means.profile.break_needed(means.longest),
        profile=profile,
    )


def _barred(drives: Ints, rides: list[int], horizon: int) -> Ints:
    if not rides:
        return drives
    stops = np.array([node for ride in rides for node in (2 * ride, 2 * ride + 1)], dtype=np.int64)
    table = drives.copy()
    table[stops, :] = table[:, stops] = max(_FAR, horizon)
    np.fill_diagonal(table, 0)
    return table


def _route(day: Day, duties: list[int], route: pyvrp.Route) -> Route:
    stops = [
        (2 * visit.idx + (1 if visit.is_delivery() else 0), int(visit.start_time))
        for visit in route
        if visit.is_pickup() or visit.is_delivery()
    ]
    return day.route(duties[route.vehicle_type()], stops)
