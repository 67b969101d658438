"""Synthetic days in North Rhine-Westphalia from a seed: any number of requests, duties and days.

All people, cases and promises are synthetic; places, airports and the five ZAB are real. The shares stand in
``sampling_demand``. Same arguments, same day, byte for byte.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import data
from optimizer.errors import InvalidValue
from optimizer.model import Instance, InstanceIndex, ParameterSet, Request, Solution
from optimizer.simulate.sampling_calendar import Calendar
from optimizer.simulate.sampling_commitments import CommitmentMaker, PlannedTour
from optimizer.simulate.sampling_demand import Demand, Supply
from optimizer.simulate.sampling_dice import Dice
from optimizer.simulate.sampling_fleet import Capacity, FleetMaker
from optimizer.simulate.sampling_geography import Geography
from optimizer.simulate.sampling_requests import RequestMaker
from optimizer.travel import GreatCircle, TravelMatrix, TravelProvider

MONDAY = date(2026, 3, 2)
"""Start of the horizon where none is named: a Monday without daylight saving in its week."""


def sample(
    *,
    requests: int,
    duties: int,
    seed: int,
    days: int = 1,
    start: date = MONDAY,
    parameters: ParameterSet | None = None,
    travel: TravelProvider | None = None,
    demand: Demand | None = None,
    supply: Supply | None = None,
) -> tuple[Instance, TravelMatrix]:
    """Return a synthetic instance and its travel times.

    Parameters
    ----------
    requests
        Number of *pool* requests, 0 or more; the committed ones come on top.
    duties
        Number of duties over all days, 0 or more.
    seed
        0 or more.
    days
        Local days of the horizon, from ``start``; requests fall on them by the weekday's share, duties evenly.
    parameters
        Rules; ``None`` takes the set that ships.
    travel
        Provider of travel times; ``None`` takes great circles with the set's margin and hourly factors.
    demand, supply
        Shares of what is drawn.
    """
    return sample_with_tours(
        requests=requests,
        duties=duties,
        seed=seed,
        days=days,
        start=start,
        parameters=parameters,
        travel=travel,
        demand=demand,
        supply=supply,
    )[:2]


def sample_with_tours(
    *,
    requests: int,
    duties: int,
    seed: int,
    days: int = 1,
    start: date = MONDAY,
    parameters: ParameterSet | None = None,
    travel: TravelProvider | None = None,
    demand: Demand | None = None,
    supply: Supply | None = None,
) -> tuple[Instance, TravelMatrix, Solution]:
    """Return what ``sample`` does, and the tours that the promises were planned with (nobody of the pool on them)."""
    if requests < 0 or duties < 0 or seed < 0 or days < 1:
        raise InvalidValue("sample", "requests, duties, seed >= 0 and days >= 1", (requests, duties, seed, days))
    rules = parameters if parameters is not None else data.parameter_set()
    demand = demand if demand is not None else Demand()
    supply = supply if supply is not None else Supply()
    calendar = Calendar(start, days)
    geography = Geography(travel if travel is not None else GreatCircle(rules.travel), rules)
    pool = RequestMaker(geography, calendar, demand, Dice(seed, 0)).pool(requests)
    capacity = FleetMaker(geography, calendar, supply, Dice(seed, 1)).capacity(duties)
    bare = Instance(
        name=f"sample-{requests}-{duties}-{days}-{seed}",
        horizon_start=calendar.horizon_start,
        timezone=calendar.timezone,
        places=tuple(geography.place.values()),
        zabs=tuple(site.zab for site in data.zabs()),
        vehicles=capacity.vehicles,
        crews=capacity.crews,
        shifts=capacity.shifts,
        duties=capacity.duties,
        requests=tuple(pool),
        nights=calendar.nights(rules.day_start, rules.day_end),
        parameters=rules,
    )
    dice = Dice(seed, 2)
    requests_of_tours = RequestMaker(geography, calendar, demand, dice)
    maker = CommitmentMaker(geography, calendar, supply, dice, requests=requests_of_tours, pool=pool)
    planned = _commit(maker, bare, capacity, calendar, dice, supply.committed)
    committed = [request for plan in planned for request in plan.requests]
    places, matrix = geography.submatrix(_used([*pool, *committed], capacity))
    instance = replace(
        bare,
        places=places,
        requests=(*pool, *committed),
        commitments=tuple(plan.commitment for plan in planned),
    )
    return instance, matrix, Solution(tours=tuple(plan.tour for plan in planned))


def _commit(
    maker: CommitmentMaker, instance: Instance, capacity: Capacity, calendar: Calendar, dice: Dice, share: float
) -> list[PlannedTour]:
    """Return planned tours on about ``share`` of the vehicles of each day."""
    index = InstanceIndex(instance)
    midnights = [calendar.instant(day, 0) for day in range(calendar.days)]
    planned: list[PlannedTour] = []
    number = 1
    for day, midnight in enumerate(midnights):
        until = calendar.instant(day + 1, 0)
        today = [duty for duty in capacity.first if midnight <= index.duty_shift(duty.id).start < until]
        wanted = round(share * len(today))
        found = 0
        for duty in dice.shuffled(today):
            plan = maker.plan(index, duty, day, number) if found < wanted else None
            if plan is not None:
                planned.append(plan)
                number += len(plan.requests)
                found += 1
    return planned


def _used(requests: list[Request], capacity: Capacity) -> set[str]:
    stops = {stop.place for request in requests for stop in (request.pickup, request.delivery)}
    depots = {place for duty in capacity.duties for place in (duty.start_place, duty.end_place) if place is not None}
    return stops | depots
