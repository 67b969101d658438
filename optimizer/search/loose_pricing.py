"""Tours of negative reduced cost, and all within a gap, on loose days: rooms and numbers for the kernels of stops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.routing.stop_day import NEVER, StopDay, backward, most_on_board, stop_day
from optimizer.routing.stop_enumeration import enumerate_tours, grouped
from optimizer.routing.stop_labels import DONE, EXACT, FULL, HALTED, HEAD, PARENT, STOP, Prices, label

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Tour = tuple[int, ...]
"""Stops, without the depot."""

MOST_LABELS, _MOST_BYTES = 3_000_000, 1 << 29
_BINS = 1 << 20
_MOST_TOURS = 200_000
_TELLING = 2
"""With so many seats in use the labels of either way begin to tell which is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Multipliers:
    """Whole multiples of ``1 / scale``; any values whatever give a bound.

    Parameters
    ----------
    price
        ``(rides,)`` for making a ride.
    tour
        For using a vehicle, 0 or less.
    cuts
        Sets of three rides, as bits: at most one tour has two of them or more.
    fine
        ``(cuts,)``, 0 or more.
    """

    scale: int
    price: Ints
    tour: int
    cuts: tuple[int, ...]
    fine: Ints

    def base(self, vehicles: int) -> int:
        """Return what every plan costs at least but for the reduced costs of its tours, times ``scale``."""
        return int(self.price.sum()) + vehicles * self.tour - int(self.fine.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Tours of negative reduced cost, least first, and the least (exact where the labels were all made)."""

    tours: list[Tour]
    least: int
    is_exact: bool


class StopPricing:
    """Labels tours of one day, from their begin or from their end, whichever takes fewer labels.

    ``halt`` ends it from outside; ``labels`` is how many the last call took.
    """

    def __init__(self, day: StopDay, halt: Bools, *, most_labels: int = MOST_LABELS) -> None:
        self._halt = halt
        back, self._final = backward(day)
        self._days = (day, back)
        self._way: int | None = None
        width = HEAD + 3 * most_on_board(day)
        room = min(most_labels, _MOST_BYTES // (8 * width))
        # Memory that is never written to is never taken.
        self._rows = tuple(np.empty((room, width), dtype=np.int64) for _ in self._days)
        self._heap = np.empty(room, dtype=np.int64)
        self._bins = np.empty(min(_BINS, 1 << room.bit_length()), dtype=np.int64)
        self._ends = np.empty((_MOST_TOURS, 2), dtype=np.int64)
        self.labels = 0

    def price(self, multipliers: Multipliers, *, kind: int, seats: int, most_tours: int) -> Priced | None:
        """Return tours of negative reduced cost that use at most ``seats`` seats; ``None`` when halted or too many."""
        if self._way is None and seats >= _TELLING:
            # Windows that are tight at the hand-overs and wide at the pick-ups make one way far shorter.
            taken = []
            for way in (0, 1):
                self._labelled(way, multipliers, kind=kind, seats=seats, most=-1)
                taken.append(self.labels)
            self._way = 0 if taken[0] < taken[1] else 1
        way = 1 if self._way is None else self._way
        status, found, least = self._labelled(way, multipliers, kind=kind, seats=seats, most=-1)
        if status == HALTED or (status == FULL and (kind == EXACT or found == 0)):
            return None
        order = np.argsort(self._ends[:found, 1], kind="stable")[:most_tours]
        tours = [self._stops(way, int(self._ends[end, 0])) for end in order]
        is_exact = status == DONE and kind == EXACT and seats >= self._days[0].seats
        return Priced(tours=tours, least=least, is_exact=is_exact)

    def _labelled(
        self, way: int, multipliers: Multipliers, *, kind: int, seats: int, most: int, tour: bool = True
    ) -> tuple[int, int, int]:
        """Return (status, tours of reduced cost ``most`` or less, least reduced cost)."""
        day = self._day(way, multipliers)
        status, count, found, least = label(
            self._rows[way], self._heap, self._bins, self._ends, day._replace(seats=min(seats, day.seats)),
            _prices(self._days[way], multipliers, tour=-multipliers.tour if tour else 0), most, kind, self._halt,
        )  # fmt: skip
        self.labels = int(count)
        return int(status), int(found), int(least)

    def within(self, multipliers: Multipliers, most: int) -> list[Tour] | None:
        """Return tours of reduced cost ``most`` or less, for each set of rides a cheapest; ``None`` if too many."""
        way = 1 if self._way is None else self._way
        seats = self._days[0].seats
        status, _, _ = self._labelled(way, multipliers, kind=EXACT, seats=seats, most=-NEVER, tour=False)
        if status != DONE:
            return None
        order, starts = grouped(self._rows[way], self.labels)
        other = 1 - way
        status, count, found = enumerate_tours(
            self._rows[other], self._bins, self._ends, self._rows[way], order, starts, np.empty_like(self._bins),
            self._day(other, multipliers), _prices(self._days[other], multipliers, tour=-multipliers.tour),
            self._final, most, self._halt,
        )  # fmt: skip
        self.labels = int(count)
        if status != DONE:
            return None
        return [self._stops(other, int(end)) for end in self._ends[:found, 0]]

    def _day(self, way: int, multipliers: Multipliers) -> StopDay:
        """Return the day with its tolls in the unit of the multipliers."""
        day = self._days[way]
        # Above 2^30 a toll might leave 64 bits when scaled; a label that cannot pay is only not left out.
        toll = np.where(day.toll >= NEVER >> 30, NEVER, day.toll * multipliers.scale)
        return day._replace(toll=toll)

    def _stops(self, way: int, at: int) -> Tour:
        rows, stops = self._rows[way], []
        while at > 0:
            stops.append(int(rows[at, STOP]))
            at = int(rows[at, PARENT])
        return tuple(reversed(stops)) if way == 0 else tuple(stop ^ 1 for stop in stops)


def load_kernels() -> None:
    """Load the kernels, or compile them where that was never done, by a day of one ride."""
    one = np.ones((4, 4), dtype=np.int64)
    window = np.array([[0, 9, 0]] * 4, dtype=np.int64)
    load = np.array([1, -1, 0, 0], dtype=np.int64)
    day = stop_day(one, one, window, np.array([9], dtype=np.int64), load, seats=1, longest=9)
    pricing = StopPricing(day, np.zeros(1, dtype=np.bool_), most_labels=64)
    price, none = np.array([9], dtype=np.int64), np.empty(0, dtype=np.int64)
    pricing.within(Multipliers(scale=1, price=price, tour=0, cuts=(), fine=none), 0)


def _prices(day: StopDay, multipliers: Multipliers, *, tour: int) -> Prices:
    arc = day.cost * multipliers.scale
    cost = arc.copy()
    cost[:, : 2 * len(day.toll) : 2] -= multipliers.price
    member = np.zeros(len(day.toll), dtype=np.int64)
    for number, cut in enumerate(multipliers.cuts):
        for ride in range(len(member)):
            member[ride] |= (cut >> ride & 1) << number
    return Prices(cost=cost, arc=arc, price=multipliers.price, member=member, fine=multipliers.fine, tour=tour)
