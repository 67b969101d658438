"""Loose days: a good plan by large neighbourhood search, a proof where one is in reach, and what time is left for both.

A proof wants seconds or is out of reach, so it is tried early, after a short search that gives it a plan to beat; the
long search comes after, and only where the proof failed.
"""

from __future__ import annotations

from dataclasses import replace

from optimizer.params import SolveParams
from optimizer.routing.stop_day import StopDay, stop_day, tour_cost
from optimizer.search.flow_lns import Alike, LooseSearch
from optimizer.search.loose_proof import provable, prove
from optimizer.search.observer import Observer
from optimizer.search.stop import Stop

_SHORT, _LONGEST_SHORT, _FEWER = 0.1, 3.0, 20
"""Share of the time, and most seconds, of the short search; without a limit its rounds are so many times fewer."""
_PROOF = 0.5
"""Share of the time left that the proof may take."""


def settle(day: Alike, params: SolveParams, stop: Stop, observer: Observer) -> tuple[list[list[int]] | None, int]:
    """Return the stops of each tour (without depots) of the best plan found, if any, and a bound on all plans."""
    stops = stop_day(day.drive, day.cost, day.window, day.cap, day.load, seats=day.seats, longest=day.longest)
    if not provable(stops):
        return LooseSearch(day, params, stop, observer).run(), 0
    limited = stop.remaining != float("inf")
    brief = params if limited else replace(params, rounds=max(1, params.rounds // _FEWER))
    with Stop(min(_LONGEST_SHORT, _SHORT * stop.remaining) if limited else None, stop.is_cancelled) as own:
        plan = LooseSearch(day, brief, own, observer).run()
    if plan is None:
        plan = LooseSearch(day, params, stop, observer).run()
    if plan is None:
        return None, 0
    with Stop(_PROOF * stop.remaining if limited else None, stop.is_cancelled) as own:
        proof = prove(
            stops,
            day.vehicles,
            [tuple(tour) for tour in plan],
            stop=own,
            observer=observer,
            seed=params.seed,
            deterministic_limit=params.deterministic_limit,
        )
    plan = [list(tour) for tour in proof.tours]
    if proof.bound < proof.value and not stop():
        longer = LooseSearch(day, params, stop, observer).run()
        if longer is not None and _cost(stops, longer) < proof.value:
            plan = longer
    return plan, proof.bound


def _cost(day: StopDay, plan: list[list[int]]) -> int:
    return sum(tour_cost(day, tour) for tour in plan)
