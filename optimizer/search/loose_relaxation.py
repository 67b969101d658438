"""The relaxation of loose days over whole tours: each ride in one, as many as there are vehicles; cuts of three rides.

Floating point finds multipliers; what they prove is worked out in whole numbers from the least reduced cost of all
tours (``bound``). Cuts after Jepsen et al. (2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.master.linear import INFINITE, LinearProgramme
from optimizer.routing.stop_day import StopDay, tour_cost
from optimizer.routing.stop_labels import EXACT, ROUGH
from optimizer.search.loose_pricing import Multipliers, StopPricing, Tour
from optimizer.search.observer import Observer
from optimizer.search.stop import Stop

Floats = NDArray[np.float64]

_SIZE = 1_000_000
"""Units in which the relaxation sees costs."""
_LARGEST_BITS = 56
"""Reduced costs, and sums of all multipliers, stay below so many bits."""
_MOST_NEW, _LOOKED_AT = 100, 2_000
"""Columns that join at once, of so many looked at."""
_ALWAYS, _OFTEN = 30, 3
"""The cheapest join anyway, others where they have a ride that fewer than so many have that joined."""
_MOST_CUTS, _NEW_CUTS, _VIOLATED = 62, 12, 0.02
_LITTLE = 0.2
"""Columns are not generated to the end where that could close no more than this share of the gap."""
_LEAST_GROWTH, _MOST_GROWTH = 1.5, 8.0
"""Each seat more takes at least and at most so many times as long as all before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """Multipliers and the least reduced cost of a tour (0 at most)."""

    multipliers: Multipliers
    least: int
    vehicles: int

    @property
    def exact(self) -> int:
        """No plan costs less than this divided by ``scale``."""
        return self.multipliers.base(self.vehicles) + self.vehicles * self.least

    def is_near(self, value: int) -> bool:
        """Whether the missing columns could lower the bound by little, beside its gap to ``value``."""
        return -self.vehicles * self.least <= _LITTLE * (value * self.multipliers.scale - self.exact)

    @property
    def bound(self) -> int:
        """No plan costs less."""
        return max(0, -(-self.exact // self.multipliers.scale))

    def most_reduced(self, value: int) -> int:
        """Return the most that a tour's reduced cost can be in a plan of cost ``value`` or less."""
        return value * self.multipliers.scale - self.multipliers.base(self.vehicles) - (self.vehicles - 1) * self.least


class TourRelaxation:
    """Grows by columns and cuts; no plan costs less than ``bound``.

    Parameters
    ----------
    tours
        A plan that serves all.
    """

    def __init__(
        self, day: StopDay, vehicles: int, tours: list[Tour], pricing: StopPricing, stop: Stop, observer: Observer
    ) -> None:
        self._day, self._vehicles, self._pricing = day, vehicles, pricing
        self._stop, self._observer = stop, observer
        self._rides = len(day.toll)
        self._linear = LinearProgramme()
        self._cuts: list[int] = []
        self._sets: list[int] = []
        self._columns: list[int] = []
        self._cheapest: dict[int, int] = {}
        largest = (2 * self._rides + 1) * int(day.cost.max(initial=1)) + 1
        self._scale = 1 << max(0, min(24, _LARGEST_BITS - 4 - largest.bit_length()))
        self._value = value = sum(tour_cost(day, list(tour)) for tour in tours)
        for _ in range(self._rides):
            self._linear.add_row(1.0, 1.0)
        self._linear.add_row(-INFINITE, float(vehicles))
        for ride in range(self._rides):
            # Dear enough to be left alone, and makes the programme solvable whatever is added.
            self._linear.add_column(2.0 * max(1, value) / _SIZE, 0.0, INFINITE, {ride: 1.0})
        for tour in tours:
            self._add(tour)
        self._values: Floats = np.empty(0)
        self._seats = min(1, day.seats)
        self.bound = 0

    def _add(self, tour: Tour) -> bool:
        """Bring a column in, if it is the cheapest of its rides so far."""
        cost = tour_cost(self._day, list(tour))
        rides = _set_of(tour)
        if self._cheapest.get(rides, cost + 1) <= cost:
            return False
        self._cheapest[rides] = cost
        entries = {ride: 1.0 for ride in range(self._rides) if rides >> ride & 1}
        entries[self._rides] = 1.0
        for number, cut in enumerate(self._cuts):
            if (rides & cut).bit_count() >= 2:
                entries[self._rides + 1 + number] = 1.0
        self._columns.append(self._linear.add_column(cost / _SIZE, 0.0, INFINITE, entries))
        self._sets.append(rides)
        return True

    def solve(self) -> Bounded | None:
        """Generate columns until few are missing; ``None`` where it was stopped, or there is no hope to be in time.

        ``bound`` holds in any case.
        """
        done = 0.0
        while not self._stop():
            solved = self._linear.solve()
            multipliers = None if solved is None else self._rounded(solved[2])
            if solved is None or multipliers is None:
                return None
            self._values = solved[1][self._columns]
            kind = ROUGH if self._seats < self._day.seats else EXACT
            priced = self._pricing.price(multipliers, kind=kind, seats=self._seats, most_tours=_LOOKED_AT)
            if priced is None:
                return None
            joined = self._join(priced.tours)
            self._observer.progress(
                f"{self._seats} seats, {self._pricing.labels} labels, {joined} of {len(self._sets)} columns new"
            )
            if priced.is_exact:
                bounded = self._bounded(multipliers, priced.least)
                if not joined or bounded.is_near(self._value):
                    return bounded
            elif not joined:
                # Few on board first: that is quick, and brings the multipliers near.
                self._seats = min(self._day.seats, self._seats + max(1, self._seats // 3))
                before, done = done, self._stop.elapsed
                growth = min(_MOST_GROWTH, max(_LEAST_GROWTH, done / before)) if before else _LEAST_GROWTH
                if done * growth > done + self._stop.remaining:
                    # Rather a weak bound than none.
                    last = self._pricing.price(multipliers, kind=EXACT, seats=self._day.seats, most_tours=1)
                    if last is not None and last.is_exact:
                        self._bounded(multipliers, last.least)
                    return None
        return None

    def _bounded(self, multipliers: Multipliers, least: int) -> Bounded:
        """Return what an exact pricing proves, and remember it."""
        bounded = Bounded(multipliers=multipliers, least=min(0, least), vehicles=self._vehicles)
        self.bound = max(self.bound, bounded.bound)
        self._observer.progress("priced exactly", bound=self.bound)
        return bounded

    def _join(self, tours: list[Tour]) -> int:
        joined = 0
        often = np.zeros(self._rides, dtype=np.int64)
        for tour in tours:
            rides = [stop // 2 for stop in tour if stop % 2 == 0]
            if (joined < _ALWAYS or often[rides].min() < _OFTEN) and self._add(tour):
                joined += 1
                often[rides] += 1
            if joined >= _MOST_NEW:
                break
        return joined

    def _rounded(self, duals: Floats) -> Multipliers | None:
        whole = np.rint(duals * (_SIZE * self._scale))
        if np.abs(whole).sum() * self._vehicles >= 2.0**_LARGEST_BITS:
            return None
        n = self._rides
        return Multipliers(
            scale=self._scale,
            price=whole[:n].astype(np.int64),
            tour=min(0, int(whole[n])),
            cuts=tuple(self._cuts),
            fine=np.maximum(0, -whole[n + 1 :]).astype(np.int64),
        )

    def cut(self) -> int:
        """Add cuts that the last solution breaks; return how many."""
        used = np.nonzero(self._values > 1e-9)[0]
        inside = np.array([[self._sets[c] >> r & 1 for r in range(self._rides)] for c in used], dtype=np.float64)
        weight = self._values[used]
        pairs = (inside * weight[:, None]).T @ inside
        broken: list[tuple[float, int]] = []
        for a in range(self._rides - 2):
            triples = (inside * (weight * inside[:, a])[:, None]).T @ inside
            # Of each three rides: tours with two of them or more.
            met = pairs[a][:, None] + pairs[a][None, :] + pairs - 2 * triples
            for b, c in zip(*np.nonzero(np.triu(met, 1) > 1 + _VIOLATED), strict=True):
                if b > a:
                    broken.append((float(met[b, c]), 1 << a | 1 << int(b) | 1 << int(c)))
        fresh = [cut for _, cut in sorted(broken, reverse=True) if cut not in self._cuts]
        fresh = fresh[: min(_NEW_CUTS, _MOST_CUTS - len(self._cuts))]
        for cut in fresh:
            at = {column: 1.0 for column, rides in zip(self._columns, self._sets, strict=True)
                  if (rides & cut).bit_count() >= 2}  # fmt: skip
            self._linear.add_row(-INFINITE, 1.0, at)
            self._cuts.append(cut)
        return len(fresh)


def _set_of(tour: Tour) -> int:
    return sum(1 << stop // 2 for stop in tour if stop % 2 == 0)
