"""Where a ride fits best into a tour, in constant time for each pair of places, compiled.

Stops are coded as in ``routing.fragment_kernel``: ``2 · ride`` picks up, ``2 · ride + 1`` hands over; ``2 · rides`` and
``2 · rides + 1`` are the depot. The rules on the times of a tour (windows, ride caps, and the longest tour as a cap
between the two depots) are difference constraints, and a tour keeps the longest paths between all its stops (``far``).
Two new stops can only close cycles that pass through one or both of them: so a handful of sums tells exactly whether a
ride fits (the constant-time test of Gschwind & Drexl 2019, in another form). The arc that an insertion replaces stays
among the constraints; where driving there directly is never the longer way that changes nothing, else a place is lost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.network import tighten_earliest, tighten_latest

Ints = NDArray[np.int64]

NEVER = 1 << 60
"""Added cost of a ride that fits nowhere."""
LINES = 9
"""Lines of the ``work`` array."""


class Tables(NamedTuple):
    """A day on which vehicles are alike, as arrays over stop codes.

    Parameters
    ----------
    drive, cost
        ``(stops, stops)`` seconds; cost.
    window
        ``(stops, 3)``: first and last begin of service, and its length.
    cap
        ``(rides,)`` most seconds from the end of the pick-up to the begin of the hand-over.
    load
        ``(stops,)`` seats taken, negative where they become free.
    seats, longest
        Seats of a vehicle; most seconds from leaving to reaching the depot.
    """

    drive: Ints
    cost: Ints
    window: Ints
    cap: Ints
    load: Ints
    seats: int
    longest: int


class Plan(NamedTuple):
    """A plan in work, changed in place.

    Parameters
    ----------
    stops, length
        ``(vehicles, room)`` stop codes of each tour with its depots, and how many.
    tour_of
        ``(rides,)`` tour of each ride, -1: none.
    cost
        ``(vehicles,)`` cost of each tour, 0 where it carries nobody.
    aboard
        ``(vehicles, room)`` seats taken after each stop.
    far
        ``(vehicles, room + 1, room + 1)`` longest paths: ``far[v, a + 1, b + 1]`` is the least time from stop ``a`` to
        stop ``b``; index 0 is the origin of time, so ``far[v, 0, a + 1]`` is the earliest time of stop ``a`` and
        ``-far[v, a + 1, 0]`` the latest.
    """

    stops: Ints
    length: Ints
    tour_of: Ints
    cost: Ints
    aboard: Ints
    far: Ints


def empty_plan(rides: int, vehicles: int, room: int, *, timed: bool = True) -> Plan:
    """Return a plan that serves nobody; its tours are yet to be closed. Unless ``timed`` without longest paths."""
    nodes = room + 1 if timed else 0
    plan = Plan(
        stops=np.zeros((vehicles, room), dtype=np.int64),
        length=np.full(vehicles, 2, dtype=np.int64),
        tour_of=np.full(rides, -1, dtype=np.int64),
        cost=np.zeros(vehicles, dtype=np.int64),
        aboard=np.zeros((vehicles, room), dtype=np.int64),
        far=np.zeros((vehicles, nodes, nodes), dtype=np.int64),
    )
    plan.stops[:, 0], plan.stops[:, 1] = 2 * rides, 2 * rides + 1
    return plan


@njit(cache=True, nogil=True)
def close_tour(v: int, plan: Plan, day: Tables, work: Ints) -> bool:
    """Work out cost, load and longest paths of tour ``v``; whether it has a timetable.

    ``work`` is ``(LINES, max(room, rides))``, overwritten.
    """
    m, seq, far = plan.length[v], plan.stops[v], plan.far[v]
    e, latest, to, lag, pick, reach, at = work[0], work[1], work[2], work[3], work[4], work[5], work[6]
    total = 0
    for k in range(m):
        stop = seq[k]
        e[k], to[k], latest[k], pick[k] = day.window[stop, 0], day.window[stop, 1], day.window[stop, 1], -1
        if k == 0:
            plan.aboard[v, 0] = 0
            continue
        lag[k] = day.window[seq[k - 1], 2] + day.drive[seq[k - 1], stop]
        plan.aboard[v, k] = plan.aboard[v, k - 1] + day.load[stop]
        total += day.cost[seq[k - 1], stop]
        if k == m - 1:
            pick[k], reach[k] = 0, day.longest
        elif stop % 2 == 0:
            at[stop // 2] = k
        else:
            pick[k] = at[stop // 2]
            reach[k] = day.cap[stop // 2] + day.window[stop - 1, 2]
    plan.cost[v] = total if m > 2 else 0
    if not tighten_earliest(m, e, to, lag, pick, reach, -1):
        return False
    tighten_latest(m, latest, lag, pick, reach, -1)
    far[0, 0] = 0
    for s in range(m):
        far[0, s + 1], far[s + 1, 0] = e[s], -latest[s]
        row = far[s + 1, 1:]
        for b in range(m):
            row[b] = e[b] - latest[s]
        row[s] = 0
        changed = True
        while changed:
            for b in range(1, m):
                row[b] = max(row[b], row[b - 1] + lag[b])
            changed = False
            for b in range(m - 1, -1, -1):
                if pick[b] >= 0 and row[pick[b]] < row[b] - reach[b]:
                    row[pick[b]] = row[b] - reach[b]
                    changed = True
    return True


@njit(cache=True, nogil=True)
def best_insertion(ride: int, v: int, below: int, plan: Plan, day: Tables, work: Ints) -> tuple[int, int, int]:
    """Return (added cost, place before the pick-up, place before the hand-over) of the cheapest insertion.

    Only what adds less than ``below`` is looked for: where there is none the places are -1, and the added cost is
    ``below``, or ``NEVER`` where the ride fits nowhere.
    """
    m, seq, far, aboard = plan.length[v], plan.stops[v], plan.far[v], plan.aboard[v]
    drive, cost, window = day.drive, day.cost, day.window
    p, d = 2 * ride, 2 * ride + 1
    best, best_i, best_j = below, -1, -1
    room = day.seats - day.load[p]
    if m + 2 > len(seq) or room < 0:
        return NEVER, best_i, best_j
    p_from, p_to, p_service = window[p, 0], window[p, 1], window[p, 2]
    d_from, d_to, d_service = window[d, 0], window[d, 1], window[d, 2]
    reach, direct = day.cap[ride] + p_service, p_service + drive[p, d]
    before_d, after_d, earliest_d, latest_d, detour_d, least_d = work[0], work[1], work[2], work[3], work[4], work[5]
    least, first = NEVER, m
    for j in range(m - 2, -1, -1):
        x, y = seq[j], seq[j + 1]
        before_d[j], after_d[j] = window[x, 2] + drive[x, d], d_service + drive[d, y]
        earliest_d[j] = max(d_from, far[0, j + 1] + before_d[j])
        latest_d[j] = min(d_to, -far[j + 2, 0] - after_d[j])
        detour_d[j] = NEVER
        if earliest_d[j] <= latest_d[j] and after_d[j] + far[j + 2, j + 1] + before_d[j] <= 0:
            detour_d[j] = cost[x, d] + cost[d, y] - cost[x, y]
            least = min(least, detour_d[j])
            first = j
        least_d[j] = least
        if -far[j + 1, 0] < p_from:
            break  # The pick-up is after this stop, and so is the hand-over.
    if first == m:
        return NEVER, best_i, best_j
    for i in range(m - 1):
        a, b = seq[i], seq[i + 1]
        if far[0, i + 1] > p_to:
            break
        latest_b = -far[i + 2, 0]
        if latest_b < p_from or aboard[i] > room:
            continue
        before_p, after_p = window[a, 2] + drive[a, p], p_service + drive[p, b]
        earliest_p, latest_p = max(p_from, far[0, i + 1] + before_p), min(p_to, latest_b - after_p)
        between = far[i + 2, i + 1]
        if earliest_p > latest_p or after_p + between + before_p > 0:
            continue
        # The hand-over at once.
        added = cost[a, p] + cost[p, d] + cost[d, b] - (cost[a, b] if m > 2 else 0)
        if added < best:
            after = d_service + drive[d, b]
            start, end = max(d_from, earliest_p + direct), min(d_to, latest_b - after)
            back = max(-reach, after + between + before_p, earliest_p - end)
            if start <= end and max(direct, d_from - p_to) + back <= 0:
                best, best_i, best_j = added, i, i
        before = cost[a, p] + cost[p, b] - cost[a, b]
        for j in range(i + 1, m - 1):
            if aboard[j] > room or before + least_d[j] >= best or after_p + far[i + 2, j + 1] > reach:
                break
            added = before + detour_d[j]
            if added >= best:
                continue
            there = max(after_p + far[i + 2, j + 1] + before_d[j], earliest_d[j] - latest_p)
            back = max(-reach, after_d[j] + far[j + 2, i + 1] + before_p, earliest_p - latest_d[j])
            if there + back <= 0:
                best, best_i, best_j = added, i, j
    return best, best_i, best_j


@njit(cache=True, nogil=True)
def insert(ride: int, v: int, i: int, j: int, plan: Plan, day: Tables, work: Ints) -> None:
    """Put ``ride`` into tour ``v``: pick-up after place ``i``, hand-over after (old) place ``j``, as found to fit."""
    m, seq, far, aboard = plan.length[v], plan.stops[v], plan.far[v], plan.aboard[v]
    drive, window, load = day.drive, day.window, day.load
    p, d = 2 * ride, 2 * ride + 1
    a, b, x, y = seq[i], seq[i + 1], seq[j], seq[j + 1]
    before_p, after_d = window[a, 2] + drive[a, p], window[d, 2] + drive[d, y]
    to_p, to_d, from_p, from_d, line = work[0], work[1], work[2], work[3], work[4]
    direct = window[p, 2] + drive[p, d]
    after_p = NEVER if i == j else window[p, 2] + drive[p, b]
    before_d = NEVER if i == j else window[x, 2] + drive[x, d]
    for k in range(m + 1):
        to_p[k] = max(far[k, i + 1] + before_p, far[k, 0] + window[p, 0])
        from_d[k] = max(far[j + 2, k] + after_d, far[0, k] - window[d, 1])
        to_d[k], from_p[k] = far[k, 0] + window[d, 0], far[0, k] - window[p, 1]
        if i < j:
            to_d[k] = max(to_d[k], far[k, j + 1] + before_d)
            from_p[k] = max(from_p[k], far[i + 2, k] + after_p)
    there = direct if i == j else after_p + far[i + 2, j + 1] + before_d
    there = max(there, from_p[0] + window[d, 0])
    if i < j:
        there = max(there, from_p[0] + far[0, j + 1] + before_d)
    back = max(-day.cap[ride] - window[p, 2], after_d + far[j + 2, i + 1] + before_p, to_p[0] - window[d, 1])
    back = max(back, from_d[0] + window[p, 0], from_d[0] + far[0, i + 1] + before_p)
    for k in range(m + 1):
        p_k, d_k = to_p[k], to_d[k]
        to_p[k], to_d[k] = max(p_k, d_k + back), max(d_k, p_k + there)
        p_k, d_k = from_p[k], from_d[k]
        from_p[k], from_d[k] = max(p_k, d_k + there), max(d_k, p_k + back)
    # From the far end, for rows only move outward; each by way of a line, so that processors take many at a time.
    for s in range(m, -1, -1):
        row, new, by_p, by_d = far[s], far[s + (s > i + 1) + (s > j + 1)], to_p[s], to_d[s]
        for k in range(m + 1):
            line[k] = max(row[k], by_p + from_p[k], by_d + from_d[k])
        for k in range(i + 2):
            new[k] = line[k]
        for k in range(i + 2, j + 2):
            new[k + 1] = line[k]
        for k in range(j + 2, m + 1):
            new[k + 2] = line[k]
    at_p, at_d = i + 2, j + 3
    for k in range(m + 1):
        at = k + (k > i + 1) + (k > j + 1)
        far[at, at_p], far[at, at_d] = to_p[k], to_d[k]
        far[at_p, at], far[at_d, at] = from_p[k], from_d[k]
    far[at_p, at_p], far[at_d, at_d], far[at_p, at_d], far[at_d, at_p] = 0, 0, there, back
    for k in range(m - 1, i, -1):
        seq[k + 1 + (k > j)] = seq[k]
    seq[i + 1], seq[j + 2] = p, d
    plan.length[v] = m + 2
    total = 0
    for k in range(1, m + 2):
        aboard[k] = aboard[k - 1] + load[seq[k]]
        total += day.cost[seq[k - 1], seq[k]]
    plan.cost[v] = total
    plan.tour_of[ride] = v
