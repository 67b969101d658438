"""Which rides a large neighbourhood search takes out of a plan, compiled.

After Ropke & Pisinger (2006): rides at random, alike ones, dear ones; and after Christiaens & Vanden Berghe (2020),
Slack induction by string removals for vehicle routing problems: strings of rides that follow each other, in tours near
each other.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.search.flow_lns_insertion import Plan

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MEAN, _LONGEST = 15.0, 10.0
"""Rides that string removal is to take on average, and the longest string (published: 10 and 10; 6 and 25 tried)."""


@njit(cache=True, nogil=True)
def choose_gone(most: int, plan: Plan, near: Ints, cost: Ints, gone: Bools, dice: np.random.Generator) -> None:
    """Mark rides to take out: strings, or two to ``most`` at random, alike, or dear ones."""
    n = len(plan.tour_of)
    kind = dice.random()
    size = int(dice.integers(2, most + 1))
    first = int(dice.integers(0, n))
    if kind < 0.6:
        _strings(first, plan, near, gone, dice)
    elif kind < 0.7:
        for _ in range(size):
            gone[int(dice.integers(0, n))] = True
    elif kind < 0.9:
        _alike(first, size, near, gone, dice)
    else:
        _dear(size, plan, cost, gone, dice)


@njit(cache=True, nogil=True)
def _strings(first: int, plan: Plan, near: Ints, gone: Bools, dice: np.random.Generator) -> None:
    """Mark strings of rides in the tours near ``first``."""
    n, vehicles = len(plan.tour_of), len(plan.length)
    used, served = 0, 0
    for v in range(vehicles):
        if plan.length[v] > 2:
            used += 1
            served += (plan.length[v] - 2) // 2
    mean = served / max(1, used)
    longest = min(_LONGEST, mean)
    strings = int(1.0 + dice.random() * max(1.0, 4.0 * _MEAN / (1.0 + longest) - 1.0))
    done = np.zeros(vehicles, dtype=np.bool_)
    order = np.empty(n, dtype=np.int64)
    gone[first] = True
    for k in range(-1, n - 1):
        ride = first if k < 0 else near[first, k]
        v = plan.tour_of[ride]
        if v < 0 or done[v]:
            continue
        done[v] = True
        strings -= 1
        # The rides of the tour in the order of their pick-ups, or of their hand-overs.
        side, count, at = int(dice.integers(0, 2)), 0, 0
        for q in range(1, plan.length[v] - 1):
            stop = plan.stops[v, q]
            if stop % 2 == side:
                if stop // 2 == ride:
                    at = count
                order[count] = stop // 2
                count += 1
        length = int(1.0 + dice.random() * min(longest, float(count)))
        length = min(length, count)
        kept = 0
        if length > 1 and dice.random() < 0.5:
            # A string with a piece in its midst that stays.
            while length + kept < count and dice.random() > 0.5:
                kept += 1
        begin = max(0, at - int(dice.integers(0, length + kept)))
        begin = min(begin, count - length - kept)
        skip = begin + int(dice.integers(0, length + 1))
        for q in range(begin, begin + length + kept):
            if not skip <= q < skip + kept:
                gone[order[q]] = True
        if strings <= 0:
            break


@njit(cache=True, nogil=True)
def _alike(first: int, size: int, near: Ints, gone: Bools, dice: np.random.Generator) -> None:
    """Mark ``size`` rides, each like one that is marked."""
    n = len(gone)
    size = min(size, n)
    chosen = np.empty(size, dtype=np.int64)
    chosen[0] = first
    gone[first] = True
    count = 1
    while count < size:
        seed = chosen[int(dice.integers(0, count))]
        for k in range(int(dice.random() ** 6 * (n - 1)), n - 1):
            ride = near[seed, k]
            if not gone[ride]:
                gone[ride] = True
                chosen[count] = ride
                count += 1
                break


@njit(cache=True, nogil=True)
def _dear(size: int, plan: Plan, cost: Ints, gone: Bools, dice: np.random.Generator) -> None:
    """Mark about ``size`` rides, those first without which tours are much shorter."""
    n = len(gone)
    saved = np.zeros(n, dtype=np.int64)
    for v in range(len(plan.length)):
        for k in range(1, plan.length[v] - 1):
            a, b, c = plan.stops[v, k - 1], plan.stops[v, k], plan.stops[v, k + 1]
            saved[b // 2] -= cost[a, b] + cost[b, c] - cost[a, c]
    order = np.argsort(saved)
    for _ in range(size):
        gone[order[int(dice.random() ** 3 * n)]] = True
