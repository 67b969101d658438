"""A day of single stops: alike vehicles, on which windows, ride caps, seats and the length of a tour bind.

Stops are coded ``2 · ride`` (pick-up), ``2 · ride + 1`` (hand-over), then the depot as start and as end. Read backward
in time such a day is one again: pick-ups and hand-overs change places, start and end do, and no rule changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOST_RIDES = 62
"""Sets of rides are bits of one whole number."""
NEVER = 1 << 60
"""A toll that nobody can pay."""


class StopDay(NamedTuple):
    """What a tour must keep; arrays are ``int64``, times in seconds, and made for compiled functions.

    Parameters
    ----------
    lag
        ``(stops, stops)`` least seconds from one begin of service to the next: service and drive.
    near
        ``(stops, stops)`` the same over any stops between; 0 from a stop to itself.
    cost
        ``(stops, stops)``, 0 or more.
    window
        ``(stops, 2)`` first and last begin of service.
    reach
        ``(rides + 1,)`` most seconds from the begin of the pick-up to that of the hand-over; last, the same for the
        two ends of the tour.
    load
        ``(stops,)`` seats taken; less than 0 where they are given back.
    seats
        Most at once.
    toll
        ``(rides,)`` the most that leaving out the hand-over can add to the cost of a tour, ``NEVER`` where it can make
        it longer in time.
    """

    lag: Ints
    near: Ints
    cost: Ints
    window: Ints
    reach: Ints
    load: Ints
    seats: int
    toll: Ints


def stop_day(drive: Ints, cost: Ints, window: Ints, cap: Ints, load: Ints, *, seats: int, longest: int) -> StopDay:
    """Return the day of these tables (over stops as coded above).

    Parameters
    ----------
    drive, cost
        ``(stops, stops)``.
    window
        ``(stops, 3)``: first and last begin of service, and its length.
    cap
        ``(rides,)`` most seconds from the end of the pick-up to the begin of the hand-over.
    longest
        Most seconds from leaving to reaching the depot.
    """
    n = len(cap)
    lag = np.ascontiguousarray(window[:, 2:3] + drive, dtype=np.int64)
    near = lag.copy()
    np.fill_diagonal(near, 0)
    for via in range(2 * n + 2):
        np.minimum(near, near[:, via : via + 1] + near[via : via + 1, :], out=near)
    reach = np.append(cap + window[0 : 2 * n : 2, 2], longest + window[2 * n, 2]).astype(np.int64)
    cost = np.ascontiguousarray(cost, dtype=np.int64)
    return StopDay(
        lag=lag, near=near, cost=cost, window=np.ascontiguousarray(window[:, :2], dtype=np.int64), reach=reach,
        load=np.ascontiguousarray(load, dtype=np.int64), seats=seats, toll=_tolls(lag, cost),
    )  # fmt: skip


def backward(day: StopDay) -> tuple[StopDay, int]:
    """Return the day read backward, and the instant that its times are counted back from."""
    other = np.arange(len(day.load)) ^ 1
    final = int(day.window.max(initial=0))

    def turned(table: Ints) -> Ints:
        return np.ascontiguousarray(table[np.ix_(other, other)].T)

    lag, cost = turned(day.lag), turned(day.cost)
    window = np.ascontiguousarray(final - day.window[other][:, ::-1])
    made = day._replace(
        lag=lag, near=turned(day.near), cost=cost, window=window, load=-day.load[other], toll=_tolls(lag, cost)
    )
    return made, final


def most_on_board(day: StopDay) -> int:
    """Return a bound on the rides that can be on board at once."""
    taken = np.sort(day.load[0:-2:2])
    return int(np.sum(np.cumsum(taken) <= day.seats))


def tour_cost(day: StopDay, stops: list[int]) -> int:
    """Return the cost of a tour over ``stops``, depots left out."""
    n = len(day.toll)
    legs = zip([2 * n, *stops], [*stops, 2 * n + 1], strict=True)
    return sum(int(day.cost[a, b]) for a, b in legs)


def _tolls(lag: Ints, cost: Ints) -> Ints:
    m = len(lag)
    tolls = np.zeros((m - 2) // 2, dtype=np.int64)
    for ride in range(len(tolls)):
        d = 2 * ride + 1
        others = np.delete(np.arange(m), d)
        between = np.ix_(others, others)
        apart = ~np.eye(m - 1, dtype=np.bool_)
        added = cost[between] - cost[others, d][:, None] - cost[d, others][None, :]
        longer = lag[between] - lag[others, d][:, None] - lag[d, others][None, :]
        tolls[ride] = NEVER if np.any(longer[apart] > 0) else max(0, int(added[apart].max(initial=0)))
    return tolls
