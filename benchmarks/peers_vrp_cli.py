"""vrp-cli (reinterpretcat/vrp) as a peer, in its pragmatic format.

Told: windows, drives with rests, the first eight kinds of load (it has room for no more), allowed duties (one skill for
each set of duties), depots, shifts, longest span, optional requests by value (greatest value first, then fewest left
out, then cost), an optional break of half an hour within the shift. Not told: ride caps, longest waits, who may ride
together (but for those who share with nobody), that breaks are made with nobody on board, stretches without a break,
bundles (its groups bind to one tour, which is another rule), duties that exclude each other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import vrp_cli

from benchmarks.peers_day import Day, Means
from benchmarks.peers_timetable import Route

NAME = "vrp-cli"
PACKAGE = "vrp-cli"

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_PROMISE = 100
_KINDS = 8
"""Most load dimensions that the wheel was built for."""


def solve(day: Day, seconds: float, told: Callable[[int], None], *, seed: int = 0, threads: int = 1) -> list[Route]:
    """Solve for ``seconds`` (the search for whole ones, at least 1); vrp-cli has no seed and tells nothing before."""
    del seed, told
    begun = time.perf_counter()
    texts = json.dumps(problem(day)), [json.dumps(_matrix(day))]
    # Whole seconds; rounded, and never none.
    left = max(1, round(seconds - (time.perf_counter() - begun)))
    config = {
        "termination": {"maxTime": left},
        "environment": {
            "parallelism": {"numThreadPools": 1, "threadsPerPool": threads},
            "logging": {"enabled": False},
        },
        "telemetry": {"progress": {"enabled": False}},
    }
    answer = vrp_cli.solve_pragmatic(*texts, json.dumps(config))
    return _routes(day, json.loads(answer))


def problem(day: Day) -> dict[str, Any]:
    """Return the day in the pragmatic format."""
    skills = day.skills()
    return {
        "plan": {"jobs": [_job(day, number, skills[number]) for number in range(len(day.rides))]},
        "fleet": {
            "vehicles": [_vehicle(day, number, means, skills) for number, means in enumerate(day.duties)],
            "profiles": [{"name": "car"}],
        },
        "objectives": (
            [[{"type": "minimize-unassigned"}], [{"type": "minimize-cost"}]]
            if day.least_cost
            else [[{"type": "maximize-value"}], [{"type": "minimize-unassigned"}], [{"type": "minimize-cost"}]]
        ),
    }


def _matrix(day: Day) -> dict[str, Any]:
    return {
        "profile": "car",
        "travelTimes": day.seconds.ravel().tolist(),
        "distances": day.metres.ravel().tolist(),
    }


def _clock(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _job(day: Day, number: int, skill: int) -> dict[str, Any]:
    ride = day.rides[number]

    def task(node: int, service: int) -> dict[str, Any]:
        times = [[_clock(since), _clock(until)] for since, until in sorted(day.windows(node))]
        place = {"location": {"index": node}, "duration": service, "times": times, "tag": str(node)}
        return {"places": [place], "demand": list(ride.demand[:_KINDS]) or [0]}

    job: dict[str, Any] = {
        "id": f"job{number}",
        "pickups": [task(2 * number, ride.pickup_service)],
        "deliveries": [task(2 * number + 1, ride.delivery_service)],
        "skills": {"allOf": [f"s{skill}"]},
    }
    if not day.least_cost:
        job["value"] = float(_PROMISE if ride.promised else ride.weight)
    return job


def _vehicle(day: Day, number: int, means: Means, skills: list[int]) -> dict[str, Any]:
    shift: dict[str, Any] = {
        "start": {"earliest": _clock(means.earliest), "location": {"index": means.start}},
        "end": {"latest": _clock(means.latest), "location": {"index": means.end}},
    }
    breaks = _breaks(means)
    if breaks:
        shift["breaks"] = breaks
    allowed = {skill for skill, may in zip(skills, day.allowed[:, number], strict=True) if may}
    return {
        "typeId": f"type{number}",
        "vehicleIds": [f"vehicle{number}"],
        "profile": {"matrix": "car"},
        "costs": {"fixed": 0.0, "distance": 1.0, "time": 0.0},
        "shifts": [shift],
        "capacity": list(means.capacity[:_KINDS]) or [0],
        "skills": sorted(f"s{skill}" for skill in allowed),
        "limits": {"maxDuration": float(means.longest)},
    }


def _breaks(means: Means) -> list[dict[str, Any]]:
    """Half an hour at any moment within the shift (with a narrower window it leaves out promises, as VROOM does)."""
    profile = means.profile
    if not profile.tiers or means.longest <= profile.tiers[0].span:
        return []
    length = profile.tiers[0].total
    window = [_clock(means.earliest), _clock(means.latest - length)]
    return [{"time": window, "places": [{"duration": length}], "policy": "skip-if-no-intersection"}]


def _routes(day: Day, answer: dict[str, Any]) -> list[Route]:
    routes = []
    for tour in answer["tours"]:
        stops = []
        for stop in tour["stops"]:
            for activity in stop["activities"]:
                if activity["type"] in {"pickup", "delivery"}:
                    begin = activity.get("time", {}).get("start") or stop["time"]["arrival"]
                    start = datetime.fromisoformat(begin) - _EPOCH
                    stops.append((int(activity["jobTag"]), int(start.total_seconds())))
        routes.append(day.route(int(tour["vehicleId"].removeprefix("vehicle")), stops))
    return routes
