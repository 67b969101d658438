"""The simple temporal network of a stop sequence: earliest and latest times, compiled.

Every rule on times is a difference constraint (windows, drive and service, ride caps, longest wait), so earliest times
are longest paths from the origin and latest times longest paths to it. The ride-time and waiting constraints point
backward along the sequence; the passes below repeat until nothing moves. As every single ride keeps its cap when
nobody waits, no cycle among stops is positive and the passes end after at most one more than the number of stops
unless a window is broken.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def tighten_earliest(n: int, e: Ints, to: Ints, lag: Ints, pick: Ints, reach: Ints, wait: int) -> bool:
    """Raise ``e`` to the earliest times of the first ``n`` stops; whether a timetable exists.

    Parameters
    ----------
    e
        ``(n,)`` earliest begin of service, at least the window's begin; changed in place.
    to
        ``(n,)`` latest begin of service by the windows.
    lag
        ``(n,)`` service at the stop before plus the drive from it; ``lag[0]`` is not read.
    pick
        ``(n,)`` for a hand-over the position of its pick-up, else -1.
    reach
        ``(n,)`` for a hand-over the most seconds between the begins of service of the two, else not read.
    wait
        Longest wait with people on board, -1 for no limit. Somebody is on board on every leg.
    """
    for _ in range(n + 2):
        changed = False
        for k in range(1, n):
            if e[k] < e[k - 1] + lag[k]:
                e[k] = e[k - 1] + lag[k]
                changed = True
        for k in range(n - 1, -1, -1):
            if e[k] > to[k]:
                return False
            if pick[k] >= 0 and e[pick[k]] < e[k] - reach[k]:
                e[pick[k]] = e[k] - reach[k]
                changed = True
            if wait >= 0 and k > 0 and e[k - 1] < e[k] - lag[k] - wait:
                e[k - 1] = e[k] - lag[k] - wait
                changed = True
        if not changed:
            return True
    return False


@njit(cache=True, nogil=True)
def tighten_latest(n: int, latest: Ints, lag: Ints, pick: Ints, reach: Ints, wait: int) -> None:
    """Lower ``latest`` (window ends on entry) to the latest times; to be called on feasible sequences only."""
    for _ in range(n + 2):
        changed = False
        for k in range(n - 1, 0, -1):
            if latest[k - 1] > latest[k] - lag[k]:
                latest[k - 1] = latest[k] - lag[k]
                changed = True
        for k in range(n):
            if pick[k] >= 0 and latest[k] > latest[pick[k]] + reach[k]:
                latest[k] = latest[pick[k]] + reach[k]
                changed = True
            if wait >= 0 and k > 0 and latest[k] > latest[k - 1] + lag[k] + wait:
                latest[k] = latest[k - 1] + lag[k] + wait
                changed = True
        if not changed:
            return


@njit(cache=True, nogil=True)
def longest_paths(n: int, begin: Ints, to: Ints, lag: Ints, pick: Ints, reach: Ints, wait: int) -> Ints:
    """Return ``(n + 1, n + 1)`` longest paths between stops; node ``n`` is the origin of time."""
    none = -(1 << 60)
    far = np.full((n + 1, n + 1), none, dtype=np.int64)
    for k in range(n + 1):
        far[k, k] = 0
    for k in range(n):
        far[n, k] = begin[k]
        far[k, n] = -to[k]
        if k > 0:
            far[k - 1, k] = lag[k]
            if wait >= 0:
                far[k, k - 1] = -(lag[k] + wait)
    for k in range(n):
        if pick[k] >= 0:
            far[k, pick[k]] = max(far[k, pick[k]], -reach[k])
    for via in range(n + 1):
        for i in range(n + 1):
            if far[i, via] == none:
                continue
            for j in range(n + 1):
                if far[via, j] != none and far[i, via] + far[via, j] > far[i, j]:
                    far[i, j] = far[i, via] + far[via, j]
    return far


@njit(cache=True, nogil=True)
def greatest_assignment(value: Ints) -> int:
    """Return the greatest sum of ``value[i, p(i)]`` over permutations ``p`` (Kuhn 1955, with potentials)."""
    m = value.shape[0]
    infinite = 1 << 61
    u = np.zeros(m + 1, dtype=np.int64)
    v = np.zeros(m + 1, dtype=np.int64)
    match = np.zeros(m + 1, dtype=np.int64)
    way = np.zeros(m + 1, dtype=np.int64)
    for i in range(1, m + 1):
        match[0] = i
        column = 0
        least = np.full(m + 1, infinite, dtype=np.int64)
        used = np.zeros(m + 1, dtype=np.bool_)
        while True:
            used[column] = True
            row = match[column]
            delta = infinite
            following = 0
            for j in range(1, m + 1):
                if not used[j]:
                    reduced = -value[row - 1, j - 1] - u[row] - v[j]
                    if reduced < least[j]:
                        least[j] = reduced
                        way[j] = column
                    if least[j] < delta:
                        delta = least[j]
                        following = j
            for j in range(m + 1):
                if used[j]:
                    u[match[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            column = following
            if match[column] == 0:
                break
        while column != 0:
            match[column] = match[way[column]]
            column = way[column]
    total = 0
    for j in range(1, m + 1):
        total += value[match[j] - 1, j - 1]
    return total


@njit(cache=True, nogil=True)
def least_ride_seconds(n: int, begin: Ints, to: Ints, lag: Ints, pick: Ints, reach: Ints, wait: int) -> int:
    """Return the least possible sum over rides of (begin of hand-over - begin of pick-up).

    A linear programme over the network whose dual sends one unit from every pick-up to some hand-over along longest
    paths: its value is the greatest assignment of pick-ups to hand-overs by longest-path length. Exact, in integers.
    """
    far = longest_paths(n, begin, to, lag, pick, reach, wait)
    m = n // 2
    value = np.zeros((m, m), dtype=np.int64)
    row = 0
    for k in range(n):
        if pick[k] >= 0:
            continue
        column = 0
        for other in range(n):
            if pick[other] >= 0:
                value[row, column] = max(far[k, other], -(1 << 50))
                column += 1
        row += 1
    return greatest_assignment(value)
