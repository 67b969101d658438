"""VROOM (pyvroom) as a peer.

Told: windows, drives with rests, loads, allowed duties (one skill for each set of duties), depots, shifts, optional
requests by priority, a break of half an hour in each vehicle with nobody on board. Not told, VROOM having no words for
it: ride caps, longest waits, who may ride together (but for those who share with nobody and excluded pairs, which are
loads), longest span, stretches without a break, bundles, duties that exclude each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import vroom

from benchmarks.peers_day import Day, Means
from benchmarks.peers_timetable import Route

NAME = "VROOM"
PACKAGE = "pyvroom"

EXPLORATION = 5
_PROMISE = 100


def solve(day: Day, seconds: float, told: Callable[[int], None], *, seed: int = 0, threads: int = 1) -> list[Route]:
    """Solve for at most ``seconds``; VROOM has no seed, ends by itself, and tells nothing before."""
    del seed, told
    begun = time.perf_counter()
    model = vroom.Input()
    # A vehicle that may begin anywhere has no start; else all drives and costs are those of the day.
    model.set_durations_matrix("car", day.seconds.astype(np.uint32))
    model.set_distances_matrix("car", day.metres.astype(np.uint32))
    if day.least_cost:
        model.set_costs_matrix("car", day.metres.astype(np.uint32))
    skills = day.skills()
    for number, means in enumerate(day.duties):
        model.add_vehicle(_vehicle(day, number, means, skills))
    for number, ride in enumerate(day.rides):
        model.add_shipment(
            _step(day, 2 * number, ride.pickup_service),
            _step(day, 2 * number + 1, ride.delivery_service),
            amount=vroom.Amount(ride.demand),
            skills={skills[number]},
            priority=_PROMISE if ride.promised else min(_PROMISE - 1, ride.weight),
        )
    left = max(0.01, seconds - (time.perf_counter() - begun))
    solution = model.solve(EXPLORATION, nb_threads=threads, timeout=timedelta(seconds=left))
    return _routes(day, solution)


def _vehicle(day: Day, number: int, means: Means, skills: list[int]) -> vroom.Vehicle:
    return vroom.Vehicle(
        number,
        start=means.start,
        end=means.end,
        capacity=means.capacity,
        skills={skill for skill, allowed in zip(skills, day.allowed[:, number], strict=True) if allowed},
        time_window=(means.earliest, means.latest),
        breaks=_breaks(means),
    )


def _breaks(means: Means) -> list[vroom.Break]:
    """Half an hour at any moment with nobody on board.

    Windows that keep both halves of a whole shift below six hours leave promises and long rides out: measured on
    200 / 40, seed 1, 68 legal weight in place of 112; so the timetable made afterwards has to find the right moment.
    """
    profile = means.profile
    if not profile.tiers or means.longest <= profile.tiers[0].span:
        return []
    length = profile.tiers[0].total
    window = vroom.TimeWindow(means.earliest, means.latest - length)
    return [vroom.Break(1, time_windows=[window], service=length, max_load=[0] * len(means.capacity))]


def _step(day: Day, node: int, service: int) -> vroom.ShipmentStep:
    windows = [vroom.TimeWindow(since, until) for since, until in sorted(day.windows(node))]
    return vroom.ShipmentStep(node, location=node, default_service=service, time_windows=windows)


def _routes(day: Day, solution: vroom.Solution) -> list[Route]:
    stops: dict[int, list[tuple[int, int]]] = {}
    frame = solution.routes
    for row in frame.to_dict("records"):
        if row["type"] in {"pickup", "delivery"}:
            start = int(row["arrival"] + row["waiting_time"])
            stops.setdefault(int(row["vehicle_id"]), []).append((int(row["id"]), start))
    return [day.route(duty, nodes) for duty, nodes in sorted(stops.items())]
