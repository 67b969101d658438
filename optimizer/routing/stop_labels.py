"""Partial tours over single stops, compiled: for days on which blocks of rides are too many to list.

A label is a stop sequence from the depot. What the future may ask of its times is known exactly (after Gschwind &
Irnich 2015): given the begin t of service at its last stop, all its pick-ups can *at once* be as late as t allows,
because timetables are closed under maxima. So an open ride o is two numbers, ``UNTIL`` = the latest begin of its
hand-over and ``LEFT`` = the seconds that may still pass until then; o can be handed over at t' iff t' <= UNTIL and the
stops between take no more than LEFT. The tour as a whole, whose length is limited, is one more such ride.

Labels are made in the order of their earliest begin. Numbers are whole; costs are reduced costs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.stop_day import NEVER, StopDay

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STOP, PARENT, OPEN, SEEN, DEAD, ODD, COST, EARLY, LOAD, NEXT, COUNT, UNTIL, LEFT = range(13)
"""Fields of a label: last stop, label before, sets of rides open / picked up / picked up or out of reach, cuts met an
odd number of times, cost, earliest begin, load, next label of its bin (-2: dominated), open rides, and the tour's own
pair; then (ride, latest hand-over, seconds left) of each open ride in ascending order."""
HEAD = 13
EXACT, SAME_RIDES, ROUGH = 0, 1, 2
"""Who dominates whom. Exact: fewer rides on board or used will do. Same rides: both must be the same. Rough: what is
used is not looked at, which finds tours but proves nothing."""
DONE, FULL, HALTED = 0, 1, 2


class Prices(NamedTuple):
    """What a tour costs besides its legs.

    Parameters
    ----------
    cost
        ``(stops, stops)`` of a leg, less the price of the ride that is picked up at its end.
    arc
        ``(stops, stops)`` of a leg alone.
    price
        ``(rides,)``.
    member
        ``(rides,)`` the cuts that a ride belongs to, a bit set.
    fine
        ``(cuts,)`` cost of every second ride of a cut, 0 or more.
    tour
        Cost of a tour as such.
    """

    cost: Ints
    arc: Ints
    price: Ints
    member: Ints
    fine: Ints
    tour: int


@njit(cache=True, nogil=True)
def extended(x: Ints, at: int, j: int, to: int, day: StopDay, prices: Prices) -> bool:
    """Write label ``at``, gone on to stop ``j`` (not the end), to row ``to``; whether it can still become a tour."""
    lag, near, window, reach, fine, member = day.lag, day.near, day.window, day.reach, prices.fine, prices.member
    n = len(reach) - 1
    a, b, ride, end = x[at], x[to], j // 2, 2 * n + 1
    step = lag[a[STOP], j]
    early, late = max(window[j, 0], a[EARLY] + step), window[j, 1]
    picks = j % 2 == 0
    if picks:
        if a[LOAD] + day.load[j] > day.seats:
            return False
    else:
        for s in range(HEAD, HEAD + 3 * a[COUNT], 3):
            if a[s] == ride:
                if a[s + 2] < step:
                    return False
                late = min(late, a[s + 1])
                break
    if early > late:
        return False
    left = a[LEFT] - step
    until = min(a[UNTIL], late + left)
    if left < near[j, end] or until < early + near[j, end]:
        return False
    b[UNTIL], b[LEFT] = until, left
    s2 = HEAD
    is_new = picks
    for s in range(HEAD, HEAD + 3 * a[COUNT] + 3, 3):
        is_last = s == HEAD + 3 * a[COUNT]
        if is_new and (is_last or a[s] > ride):
            is_new = False
            b[s2], b[s2 + 1], b[s2 + 2] = ride, min(window[j + 1, 1], late + reach[ride]), reach[ride]
            if b[s2 + 2] < near[j, j + 1] or b[s2 + 1] < early + near[j, j + 1]:
                return False
            s2 += 3
        if is_last:
            break
        q = a[s]
        if q == ride:
            continue
        left = a[s + 2] - step
        until = min(a[s + 1], late + left)
        if left < near[j, 2 * q + 1] or until < early + near[j, 2 * q + 1]:
            return False
        b[s2], b[s2 + 1], b[s2 + 2] = q, until, left
        s2 += 3
    count = (s2 - HEAD) // 3
    # Two on board that can be handed over in neither order.
    for s in range(HEAD, s2, 3):
        d = 2 * b[s] + 1
        for r in range(s + 3, s2, 3):
            e = 2 * b[r] + 1
            first, second = near[j, d] + near[d, e], near[j, e] + near[e, d]
            if (first > b[r + 2] or early + first > b[r + 1]) and (second > b[s + 2] or early + second > b[s + 1]):
                return False
    b[STOP], b[PARENT], b[EARLY], b[COUNT] = j, at, early, count
    b[LOAD] = a[LOAD] + day.load[j]
    b[COST], b[ODD] = a[COST] + prices.cost[a[STOP], j], a[ODD]
    if not picks:
        b[OPEN], b[SEEN] = a[OPEN] & ~(np.int64(1) << ride), a[SEEN]
    else:
        b[OPEN], b[SEEN] = a[OPEN] | (np.int64(1) << ride), a[SEEN] | (np.int64(1) << ride)
        b[COST] += fines(a[ODD] & member[ride], fine)
        b[ODD] = a[ODD] ^ member[ride]
    b[DEAD] = b[SEEN] | a[DEAD]
    for r in range(n):
        p = 2 * r
        if not (b[DEAD] >> r) & 1:
            home = near[j, p] + near[p, p + 1] + near[p + 1, end]
            if early + near[j, p] > window[p, 1] or home > b[LEFT] or early + home > b[UNTIL]:
                b[DEAD] |= np.int64(1) << r
    return True


@njit(cache=True, nogil=True)
def fines(cuts: int, fine: Ints) -> int:
    """Return the sum of ``fine`` over a set of cuts."""
    total, c = 0, 0
    while cuts:
        if cuts & 1:
            total += fine[c]
        cuts >>= 1
        c += 1
    return total


@njit(cache=True, nogil=True)
def dominates(a: Ints, b: Ints, toll: Ints, fine: Ints, kind: int) -> bool:
    """Whether all that ``b`` can still become, ``a`` at the same stop can become at no greater cost.

    ``a`` may lack rides that ``b`` has on board: their hand-overs are left out, for which ``toll`` is the most that
    this can cost. It may fall due for cuts that ``b`` does not: ``fine``.
    """
    spare = b[COST] - a[COST]
    if spare < 0 or a[EARLY] > b[EARLY] or a[OPEN] & ~b[OPEN]:
        return False
    if kind != ROUGH and a[SEEN] & ~b[DEAD]:
        return False
    if a[UNTIL] < b[UNTIL] or a[LEFT] < min(b[LEFT], b[UNTIL] - b[EARLY]):
        return False
    s, last = HEAD, HEAD + 3 * a[COUNT]
    for r in range(HEAD, HEAD + 3 * b[COUNT], 3):
        if s < last and a[s] == b[r]:
            if a[s + 1] < b[r + 1] or a[s + 2] < min(b[r + 2], b[r + 1] - b[EARLY]):
                return False
            s += 3
        else:
            spare -= toll[b[r]]
            if spare < 0:
                return False
    if kind != ROUGH:
        spare -= fines(a[ODD] & ~b[ODD], fine)
    return bool(spare >= 0)


@njit(cache=True, nogil=True)
def bin_of(stop: int, board: int, seen: int, mask: int) -> int:
    """Return where labels with this last stop and these sets are kept; ``mask`` is the number of bins less 1."""
    h = np.uint64(board) * np.uint64(0x9E3779B97F4A7C15)
    h ^= np.uint64(seen) * np.uint64(0xC2B2AE3D27D4EB4F)
    h ^= np.uint64(stop + 1) * np.uint64(0x165667B19E3779F9)
    h ^= h >> np.uint64(29)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    return int(np.int64((h >> np.uint64(32)) & np.uint64(mask)))


@njit(cache=True, nogil=True)
def is_dominated(x: Ints, at: int, bins: Ints, toll: Ints, fine: Ints, kind: int) -> bool:
    """Whether a label in ``bins`` dominates label ``at``."""
    b = x[at]
    stop, mask = b[STOP], len(bins) - 1
    own = np.int64(0)
    if stop % 2 == 0:
        own = np.int64(1) << (stop // 2)
    board = b[OPEN]
    while True:
        if board & own == own:
            i = bins[bin_of(stop, board, b[SEEN] if kind == SAME_RIDES else 0, mask)]
            while i >= 0:
                a = x[i]
                if (
                    i != at
                    and a[STOP] == stop
                    and a[OPEN] == board
                    and a[COUNT] >= 0
                    and (kind != SAME_RIDES or a[SEEN] == b[SEEN])
                    and dominates(a, b, toll, fine, kind)
                ):
                    return True
                i = a[NEXT]
        if board == 0 or kind == SAME_RIDES:
            return False
        board = (board - 1) & b[OPEN]


@njit(cache=True, nogil=True)
def _push(heap: Ints, size: int, x: Ints, at: int) -> None:
    k = size
    while k > 0:
        up = (k - 1) // 2
        if x[heap[up], EARLY] <= x[at, EARLY]:
            break
        heap[k] = heap[up]
        k = up
    heap[k] = at


@njit(cache=True, nogil=True)
def _pop(heap: Ints, size: int, x: Ints) -> int:
    """Return the label that is earliest; ``size`` counts it."""
    top, at = heap[0], heap[size - 1]
    k, size = 0, size - 1
    while True:
        down = 2 * k + 1
        if down >= size:
            break
        if down + 1 < size and x[heap[down + 1], EARLY] < x[heap[down], EARLY]:
            down += 1
        if x[heap[down], EARLY] >= x[at, EARLY]:
            break
        heap[k] = heap[down]
        k = down
    heap[k] = at
    return int(top)


@njit(cache=True, nogil=True)
def begin(x: Ints, day: StopDay, prices: Prices) -> None:
    """Write the label at the depot to row 0."""
    n = len(day.reach) - 1
    root = x[0]
    root[:] = 0
    root[STOP], root[PARENT], root[NEXT] = 2 * n, -1, -1
    root[EARLY], root[COST], root[LEFT] = day.window[2 * n, 0], prices.tour, day.reach[n]
    root[UNTIL] = min(day.window[2 * n + 1, 1], day.window[2 * n, 1] + day.reach[n])


@njit(cache=True, nogil=True)
def total_at_depot(a: Ints, day: StopDay, prices: Prices) -> int:
    """Return the cost of the tour that goes home from label ``a``, ``NEVER`` where it must not."""
    end = 2 * len(day.reach) - 1
    step = day.lag[a[STOP], end]
    if a[OPEN] != 0 or a[SEEN] == 0 or a[LEFT] < step or max(day.window[end, 0], a[EARLY] + step) > a[UNTIL]:
        return NEVER
    return int(a[COST] + prices.cost[a[STOP], end])


@njit(cache=True, nogil=True)
def may_follow(a: Ints, j: int) -> bool:
    """Whether stop ``j`` is a pick-up still to be made, or the hand-over of somebody on board."""
    if j % 2 == 0:
        return not (a[DEAD] >> (j // 2)) & 1
    return bool((a[OPEN] >> (j // 2)) & 1)


@njit(cache=True, nogil=True)
def label(
    x: Ints, heap: Ints, bins: Ints, ends: Ints, day: StopDay, prices: Prices, most: int, kind: int, halt: Bools
) -> tuple[int, int, int, int]:
    """Write all labels that are not dominated; return (status, labels, tours written to ``ends``, least cost).

    Parameters
    ----------
    x, heap, bins, ends
        Rooms: ``(labels, HEAD + 3 · most on board)``, ``(labels,)``, a power of two, ``(tours, 2)`` for (label, cost).
    most
        Tours of more than this cost are not written; all count for the least cost, which is that of all tours unless
        ``kind`` is ``ROUGH`` or the status not ``DONE``.
    """
    n = len(day.reach) - 1
    toll, fine = day.toll, prices.fine
    bins[:] = -1
    begin(x, day, prices)
    heap[0] = 0
    size, count, found, polled = 1, 1, 0, 0
    least = NEVER
    while size > 0:
        polled += 1
        if polled % 256 == 0 and halt[0]:
            return HALTED, count, found, least
        at = _pop(heap, size, x)
        size -= 1
        # Whoever dominates it begins no later, so now they are all known.
        if at > 0 and is_dominated(x, at, bins, toll, fine, kind):
            x[at, COUNT] = -1
            continue
        total = total_at_depot(x[at], day, prices)
        least = min(least, total)
        if total <= most:
            if found >= len(ends):
                return FULL, count, found, least
            ends[found, 0], ends[found, 1] = at, total
            found += 1
        for j in range(2 * n):
            if not may_follow(x[at], j):
                continue
            if count >= len(x):
                return FULL, count, found, least
            if not extended(x, at, j, count, day, prices) or is_dominated(x, count, bins, toll, fine, kind):
                continue
            b = bin_of(j, x[count, OPEN], x[count, SEEN] if kind == SAME_RIDES else 0, len(bins) - 1)
            x[count, NEXT] = bins[b]
            bins[b] = count
            _push(heap, size, x, count)
            size += 1
            count += 1
    return DONE, count, found, least
