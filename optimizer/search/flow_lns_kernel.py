"""Large neighbourhood search over whole stop sequences, compiled: for days whose fragments are too many to list.

Stops are coded as in ``routing.fragment_kernel``: ``2 · ride`` picks up, ``2 · ride + 1`` hands over; ``2 · rides`` and
``2 · rides + 1`` are the depot. All vehicles are alike. A sequence is judged by its exact temporal network (windows,
ride caps, and the longest tour as a cap between the two depots), so that only what can be driven is ever kept. After
Ropke & Pisinger (2006), An adaptive large neighborhood search heuristic for the pickup and delivery problem with time
windows: removal at random, of alike rides, of dear rides; insertion by regret; slowly falling temperature.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.network import tighten_earliest

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_NEVER = 1 << 60
UNSERVED = 1 << 50
"""What a ride that nobody makes adds to the cost of a plan."""


@njit(cache=True, nogil=True)
def timely(m: int, seq: Ints, drive: Ints, window: Ints, cap: Ints, longest: int, work: Ints) -> bool:
    """Whether the first ``m`` stops of ``seq``, depots included, have a timetable.

    Parameters
    ----------
    drive
        ``(stops, stops)`` seconds.
    window
        ``(stops, 3)``: first and last begin of service, and its length.
    cap
        ``(rides,)`` most seconds from the end of the pick-up to the begin of the hand-over.
    longest
        Most seconds from leaving to reaching the depot.
    work
        ``(7, m)`` or more; overwritten.
    """
    e, to, lag, pick, reach, base, at = work[0], work[1], work[2], work[3], work[4], work[5], work[6]
    for k in range(m):
        stop = seq[k]
        e[k], to[k], pick[k] = window[stop, 0], window[stop, 1], -1
        if k > 0:
            lag[k] = window[seq[k - 1], 2] + drive[seq[k - 1], stop]
            base[k] = base[k - 1] + lag[k]
        else:
            base[0] = 0
        if k == m - 1:
            pick[k], reach[k] = 0, longest
        elif k > 0 and stop % 2 == 0:
            at[stop // 2] = k
        elif k > 0:
            pick[k] = at[stop // 2]
            reach[k] = cap[stop // 2] + window[stop - 1, 2]
        if pick[k] >= 0 and base[k] - base[pick[k]] > reach[k]:
            return False
    return tighten_earliest(m, e, to, lag, pick, reach, -1)


@njit(cache=True, nogil=True)
def _refresh(v: int, tours: Ints, length: Ints, drive: Ints, window: Ints, load: Ints, times: Ints) -> None:
    """Bring earliest and latest times (by windows alone) and loads of a tour up to date."""
    m = length[v]
    times[v, 0, 0], times[v, 2, 0] = window[tours[v, 0], 0], 0
    for k in range(1, m):
        a, b = tours[v, k - 1], tours[v, k]
        times[v, 0, k] = max(window[b, 0], times[v, 0, k - 1] + window[a, 2] + drive[a, b])
        times[v, 2, k] = times[v, 2, k - 1] + load[b]
    times[v, 1, m - 1] = window[tours[v, m - 1], 1]
    for k in range(m - 2, -1, -1):
        a, b = tours[v, k], tours[v, k + 1]
        times[v, 1, k] = min(window[a, 1], times[v, 1, k + 1] - drive[a, b] - window[a, 2])


@njit(cache=True, nogil=True)
def _with(v: int, tours: Ints, m: int, ride: int, i: int, j: int, seq: Ints) -> None:
    """Write tour ``v`` to ``seq`` with a pick-up after position ``i`` and its hand-over after (old) position ``j``."""
    at = 0
    for k in range(m):
        seq[at] = tours[v, k]
        at += 1
        if k == i:
            seq[at] = 2 * ride
            at += 1
        if k == j:
            seq[at] = 2 * ride + 1
            at += 1


@njit(cache=True, nogil=True)
def _insertion(
    ride: int, v: int, tours: Ints, length: Ints, times: Ints, drive: Ints, cost: Ints, window: Ints, cap: Ints,
    load: Ints, seats: int, longest: int, seq: Ints, work: Ints,
) -> tuple[int, int, int]:  # fmt: skip
    """Return (added cost, position before the pick-up, position before the hand-over) of the cheapest insertion."""
    m, p, d = length[v], 2 * ride, 2 * ride + 1
    best, best_i, best_j = _NEVER, -1, -1
    if m + 2 > tours.shape[1]:
        return best, best_i, best_j
    for i in range(m - 1):
        a, b = tours[v, i], tours[v, i + 1]
        if times[v, 0, i] > window[p, 1]:
            break
        begin = max(window[p, 0], times[v, 0, i] + window[a, 2] + drive[a, p])
        if begin > window[p, 1] or times[v, 2, i] + load[p] > seats:
            continue
        over = max(window[d, 0], begin + window[p, 2] + drive[p, d])
        if over <= window[d, 1] and over + window[d, 2] + drive[d, b] <= times[v, 1, i + 1]:
            added = cost[a, p] + cost[p, d] + cost[d, b] - cost[a, b]
            if added < best:
                _with(v, tours, m, ride, i, i, seq)
                if timely(m + 2, seq, drive, window, cap, longest, work):
                    best, best_i, best_j = added, i, i
        before = cost[a, p] + cost[p, b] - cost[a, b]
        if before >= best:
            continue  # Where the matrix is metric the hand-over adds to that.
        now, aboard = max(window[b, 0], begin + window[p, 2] + drive[p, b]), drive[p, b]
        for k in range(i + 1, m - 1):
            x, y = tours[v, k], tours[v, k + 1]
            if now > times[v, 1, k] or times[v, 2, k] + load[p] > seats or aboard > cap[ride]:
                break
            over = max(window[d, 0], now + window[x, 2] + drive[x, d])
            if (
                over <= window[d, 1]
                and aboard + window[x, 2] + drive[x, d] <= cap[ride]
                and over + window[d, 2] + drive[d, y] <= times[v, 1, k + 1]
            ):
                added = before + cost[x, d] + cost[d, y] - cost[x, y]
                if added < best:
                    _with(v, tours, m, ride, i, k, seq)
                    if timely(m + 2, seq, drive, window, cap, longest, work):
                        best, best_i, best_j = added, i, k
            now = max(window[y, 0], now + window[x, 2] + drive[x, y])
            aboard += window[x, 2] + drive[x, y]
    return best, best_i, best_j


@njit(cache=True, nogil=True)
def _take_out(v: int, tours: Ints, length: Ints, gone: Bools) -> None:
    at = 1
    for k in range(1, length[v] - 1):
        if not gone[tours[v, k] // 2]:
            tours[v, at] = tours[v, k]
            at += 1
    tours[v, at] = tours[v, length[v] - 1]
    length[v] = at + 1


@njit(cache=True, nogil=True)
def tour_cost(v: int, tours: Ints, length: Ints, cost: Ints) -> int:
    """Return the cost of tour ``v``; 0 where it carries nobody."""
    if length[v] <= 2:
        return 0
    total = 0
    for k in range(1, length[v]):
        total += cost[tours[v, k - 1], tours[v, k]]
    return total


@njit(cache=True, nogil=True)
def _choose_gone(
    size: int, tours: Ints, length: Ints, tour_of: Ints, near: Ints, cost: Ints, gone: Bools, dice: np.random.Generator
) -> None:
    """Mark about ``size`` rides to take out: at random, alike, dear, or whole tours."""
    n = len(tour_of)
    kind = int(dice.integers(0, 10))
    count = 0
    if kind < 3:
        while count < size:
            r = int(dice.integers(0, n))
            if not gone[r]:
                gone[r] = True
                count += 1
    elif kind < 7:
        first = int(dice.integers(0, n))
        gone[first] = True
        chosen = np.empty(size, dtype=np.int64)
        chosen[0] = first
        count = 1
        while count < size:
            seed = chosen[int(dice.integers(0, count))]
            at = int(dice.random() ** 4 * (n - 1))
            for k in range(at, n - 1):
                if not gone[near[seed, k]]:
                    gone[near[seed, k]] = True
                    chosen[count] = near[seed, k]
                    break
            else:
                continue
            count += 1
    elif kind < 9:
        saved = np.zeros(n, dtype=np.float64)
        for v in range(len(length)):
            for k in range(1, length[v] - 1):
                a, b, c = tours[v, k - 1], tours[v, k], tours[v, k + 1]
                saved[b // 2] -= cost[a, b] + cost[b, c] - cost[a, c]
        order = np.argsort(saved)
        while count < size:
            r = int(order[int(dice.random() ** 3 * n)])
            if not gone[r]:
                gone[r] = True
                count += 1
    else:
        v = tour_of[int(dice.integers(0, n))]
        for r in range(n):
            if tour_of[r] == v:
                gone[r] = True


@njit(cache=True, nogil=True)
def improve(
    tours: Ints, length: Ints, tour_of: Ints, drive: Ints, cost: Ints, window: Ints, cap: Ints, load: Ints, seats: int,
    longest: int, near: Ints, rounds: int, hot: float, cold: float, dice: np.random.Generator, best: Ints,
    best_length: Ints, best_of: Ints, pool: Ints, pool_length: Ints, pool_cost: Ints, pooled: int, halt: Bools,
) -> tuple[int, int]:  # fmt: skip
    """Destroy and repair ``rounds`` times; return (cost of the best plan, tours written to the pool so far).

    Parameters
    ----------
    tours, length, tour_of
        The plan in work, changed in place: ``(vehicles, room)`` stops with the depots, how many, and the tour of each
        ride (-1: none).
    near
        ``(rides, rides - 1)`` other rides, the most alike first.
    hot, cold
        First and last temperature.
    best, best_length, best_of
        The best plan, kept up to date.
    pool, pool_length, pool_cost
        Tours of accepted plans, overwritten in turn.
    """
    vehicles, n = len(length), len(tour_of)
    times = np.zeros((vehicles, 3, tours.shape[1]), dtype=np.int64)
    work = np.zeros((7, max(tours.shape[1], n) + 2), dtype=np.int64)
    seq = np.zeros(tours.shape[1] + 2, dtype=np.int64)
    added = np.full((n, vehicles), _NEVER, dtype=np.int64)
    at = np.zeros((n, vehicles, 2), dtype=np.int64)
    costs = np.zeros(vehicles, dtype=np.int64)
    for v in range(vehicles):
        _refresh(v, tours, length, drive, window, load, times)
        costs[v] = tour_cost(v, tours, length, cost)
    current = costs.sum() + UNSERVED * np.sum(tour_of < 0)
    least = UNSERVED * np.sum(best_of < 0)
    for v in range(vehicles):
        least += tour_cost(v, best, best_length, cost)
    old, old_length, old_of, old_costs = tours.copy(), length.copy(), tour_of.copy(), costs.copy()
    # What an insertion adds depends on ride and tour alone: it is kept as long as the tour is the same.
    version, known = np.arange(vehicles), np.full((n, vehicles), -1, dtype=np.int64)
    old_version, versions = version.copy(), vehicles
    touched = np.zeros(vehicles, dtype=np.bool_)
    gone = np.zeros(n, dtype=np.bool_)
    cooling = (cold / hot) ** (1.0 / max(1, rounds - 1))
    heat = hot
    for _ in range(rounds):
        if halt[0]:
            break
        old[:], old_length[:], old_of[:], old_costs[:] = tours, length, tour_of, costs
        old_version[:] = version
        gone[:] = False
        _choose_gone(
            min(n, int(dice.integers(2, max(4, min(30, n // 3))))), tours, length, tour_of, near, cost, gone, dice
        )
        touched[:] = False
        waiting = 0
        for r in range(n):
            if gone[r] and tour_of[r] >= 0:
                touched[tour_of[r]] = True
                tour_of[r] = -1
        for v in range(vehicles):
            if touched[v]:
                _take_out(v, tours, length, gone)
                _refresh(v, tours, length, drive, window, load, times)
                version[v], versions = versions, versions + 1
        for r in range(n):
            if tour_of[r] < 0:
                waiting += 1
                seen_empty = False
                for v in range(vehicles):
                    # Empty vehicles are alike.
                    if length[v] == 2 and seen_empty:
                        added[r, v], known[r, v] = _NEVER, -1
                        continue
                    seen_empty = seen_empty or length[v] == 2
                    if known[r, v] == version[v]:
                        continue
                    known[r, v] = version[v]
                    added[r, v], at[r, v, 0], at[r, v, 1] = _insertion(
                        r, v, tours, length, times, drive, cost, window, cap, load, seats, longest, seq, work
                    )
        regret = int(dice.integers(1, 4))
        noise = 0.0 if dice.random() < 0.5 else 0.2
        while waiting > 0:
            top, best_r, best_v = -1.0, -1, -1
            for r in range(n):
                if tour_of[r] >= 0:
                    continue
                first, second, third, v1 = _NEVER, _NEVER, _NEVER, -1
                for v in range(vehicles):
                    x = added[r, v]
                    if x < first:
                        first, second, third, v1 = x, first, second, v
                    elif x < second:
                        second, third = x, second
                    elif x < third:
                        third = x
                if v1 < 0:
                    continue
                if regret == 1:
                    worth = 1e15 - float(first)
                elif regret == 2:
                    worth = 1e15 + float(min(second, UNSERVED) - first)
                else:
                    worth = 1e15 + float(min(second, UNSERVED) - first) + float(min(third, UNSERVED) - first)
                worth += noise * dice.random() * float(first)
                if worth > top:
                    top, best_r, best_v = worth, r, v1
            if best_r < 0:
                break
            _with(best_v, tours, length[best_v], best_r, at[best_r, best_v, 0], at[best_r, best_v, 1], seq)
            was_empty = length[best_v] == 2
            length[best_v] += 2
            tours[best_v, : length[best_v]] = seq[: length[best_v]]
            tour_of[best_r] = best_v
            touched[best_v] = True
            waiting -= 1
            _refresh(best_v, tours, length, drive, window, load, times)
            version[best_v], versions = versions, versions + 1
            for v in range(vehicles):
                if v == best_v or (was_empty and length[v] == 2):
                    for r in range(n):
                        if tour_of[r] < 0:
                            known[r, v] = version[v]
                            added[r, v], at[r, v, 0], at[r, v, 1] = _insertion(
                                r, v, tours, length, times, drive, cost, window, cap, load, seats, longest, seq, work
                            )
                    if v != best_v:
                        break
        for v in range(vehicles):
            if touched[v]:
                costs[v] = tour_cost(v, tours, length, cost)
        trial = costs.sum() + UNSERVED * waiting
        if trial < current or dice.random() < np.exp(float(current - trial) / heat):
            if waiting == 0:
                for v in range(vehicles):
                    if touched[v] and length[v] > 2 and trial != current:
                        slot = pooled % len(pool_length)
                        pool[slot, : length[v]] = tours[v, : length[v]]
                        pool_length[slot], pool_cost[slot] = length[v], costs[v]
                        pooled += 1
            current = trial
            if trial < least:
                least = trial
                best[:], best_length[:], best_of[:] = tours, length, tour_of
        else:
            tours[:], length[:], tour_of[:], costs[:] = old, old_length, old_of, old_costs
            version[:] = old_version
            for v in range(vehicles):
                if touched[v]:
                    _refresh(v, tours, length, drive, window, load, times)
        heat *= cooling
    return int(least), pooled
