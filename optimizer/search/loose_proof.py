"""Loose days settled: relax over whole tours, list every tour that a better plan may use, choose among them.

The relaxation (``loose_relaxation``) bounds all plans. A plan better than the one at hand uses only tours whose
reduced cost is within the gap, in whole numbers; all of those are listed (``routing.stop_enumeration``), and CP-SAT
finds the best choice among them or that there is none. Where they are too many, cuts narrow the gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.master.flow_choice import choose
from optimizer.master.flow_programme import relax
from optimizer.routing.stop_day import MOST_RIDES, StopDay, tour_cost
from optimizer.search.loose_pricing import MOST_LABELS, StopPricing, Tour
from optimizer.search.loose_relaxation import TourRelaxation
from optimizer.search.observer import Observer
from optimizer.search.stop import Stop
from optimizer.search.tour_partition import partition

_MANY = 20_000
"""Above so many tours within the gap more cuts are tried first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The best plan known and a bound on all.

    Parameters
    ----------
    tours
        Stops of each tour; codes as in ``routing.stop_day``.
    bound
        No plan costs less; equal to ``value`` where that is proven best.
    """

    tours: list[Tour]
    value: int
    bound: int


def provable(day: StopDay) -> bool:
    """Whether a proof can be tried."""
    return 0 < len(day.toll) <= MOST_RIDES


def prove(
    day: StopDay,
    vehicles: int,
    tours: list[Tour],
    *,
    stop: Stop,
    observer: Observer,
    seed: int = 0,
    many: int = _MANY,
    most_labels: int = MOST_LABELS,
    deterministic_limit: float | None = None,
) -> Proof:
    """Return the best plan there is, or what could be proven until ``stop``; ``tours`` is a plan that serves all."""
    pricing = StopPricing(day, stop.flag, most_labels=most_labels)
    relaxation = TourRelaxation(day, vehicles, tours, pricing, stop, observer)
    value = sum(tour_cost(day, list(tour)) for tour in tours)
    while True:
        bounded = relaxation.solve()
        bound = min(value, relaxation.bound)
        if bounded is None:
            return Proof(tours=tours, value=value, bound=bound)
        observer.progress("relaxed", value=value, bound=bound)
        if bound >= value:
            return Proof(tours=tours, value=value, bound=value)
        listed = pricing.within(bounded.multipliers, bounded.most_reduced(value - 1))
        if (listed is None or len(listed) > many) and not stop() and relaxation.cut():
            continue
        if listed is None:
            return Proof(tours=tours, value=value, bound=bound)
        observer.progress(f"{len(listed)} tours within the gap, {pricing.labels} labels", value=value, bound=bound)
        among = _Choice(day, vehicles, listed)
        return among.best(Proof(tours=tours, value=value, bound=bound), stop, seed, deterministic_limit)


class _Choice:
    """The choice among tours that are all a better plan may use."""

    def __init__(self, day: StopDay, vehicles: int, listed: list[Tour]) -> None:
        self._listed = listed
        cost = np.array([tour_cost(day, list(tour)) for tour in listed], dtype=np.int64)
        self._programme = partition(listed, cost, rides=len(day.toll), vehicles=vehicles)

    def best(self, known: Proof, stop: Stop, seed: int, deterministic_limit: float | None) -> Proof:
        """Return the best plan, or ``known`` with what could be proven."""
        proven = Proof(tours=known.tours, value=known.value, bound=known.value)
        whole = self._programme
        if len(set(whole.rows.nonzero()[0].tolist())) < whole.rows.shape[0]:
            return proven  # Some ride is in none of them.
        kept = np.arange(len(whole))
        relaxed = relax(whole, ending=stop.ending)
        if relaxed is not None:
            if relaxed.bound >= known.value:
                return proven
            kept = np.nonzero(relaxed.within(known.value - 1))[0]
        choice = choose(
            whole.restricted(kept),
            at_least=known.bound,
            at_most=known.value - 1,
            seconds=stop.remaining,
            seed=seed,
            ending=stop.ending,
            deterministic_limit=deterministic_limit,
        )
        if choice.chosen is None:
            return proven if choice.settled else known
        tours = [self._listed[number] for number in kept[choice.chosen]]
        return Proof(tours=tours, value=choice.value, bound=choice.value if choice.settled else known.bound)
