"""Every tour over single stops that a plan within a gap may use, compiled.

Forward labels (``stop_labels``) are kept only where some end of a tour may fit them at that cost. The ends are labels
of the day read backward (``stop_day.backward``), dominated ones left out.

**Why an end that was left out is not missed.** Let F be a label and R the way on from it in some tour, read backward.
Some label R' that was kept stands for R: it costs no more, is as early, may lack pick-ups of F's passengers (R' then
begins where R has its first stop but those), has nobody on board whom R has not, and nobody used who is handed over in
F, since R can still reach them. So F and R' pass every test below, and the tour is not missed. Fines: with f rides of a
cut handed over in F and b in R', the cost of R' lacks at least f // 2 of them, and one more where f and b are odd, by
what "dominated" means for cuts.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing import stop_labels
from optimizer.routing.stop_day import StopDay
from optimizer.routing.stop_labels import (
    COST,
    COUNT,
    DONE,
    EARLY,
    FULL,
    HALTED,
    HEAD,
    LEFT,
    NEXT,
    ODD,
    OPEN,
    SAME_RIDES,
    SEEN,
    STOP,
    Prices,
    bin_of,
    extended,
    fines,
    is_dominated,
    may_follow,
    total_at_depot,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def grouped(y: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the first ``count`` labels (the dominated left out) by stop, board and cost, and where groups begin.

    A group has one stop and one set on board; the last entry of the second is where the last ends.
    """
    kept = 1 + np.nonzero(y[1:count, COUNT] >= 0)[0]
    order = kept[np.lexsort((y[kept, COST], y[kept, OPEN], y[kept, STOP]))]
    changes = (np.diff(y[order, STOP]) != 0) | (np.diff(y[order, OPEN]) != 0)
    starts = np.concatenate([[0], 1 + np.nonzero(changes)[0], [len(order)]]) if len(order) else np.zeros(1)
    return order.astype(np.int64), starts.astype(np.int64)


@njit(cache=True, nogil=True)
def _ends_within(a: Ints, y: Ints, group: Ints, k: int, day: StopDay, prices: Prices, final: int, room: Ints) -> bool:
    """Whether an end of a ``group`` of ``y``, which costs no more than ``room[0]``, may fit label ``a``."""
    j = y[group[0], STOP] ^ 1
    handed = a[SEEN] & ~a[OPEN]
    begin = max(day.window[j, 0], a[EARLY] + day.lag[k, j])
    for i in group:
        b = y[i]
        if b[COST] > room[0]:
            return False
        if begin > final - b[EARLY] or b[SEEN] & handed or b[COST] + fines(room[1] & b[ODD], prices.fine) > room[0]:
            continue
        if b[OPEN] != a[OPEN]:
            return True
        # The same people on board: the two are a tour as they are, and all rides keep their caps.
        fits = a[LEFT] + b[LEFT] >= day.reach[-1] + day.lag[k, j]
        for s in range(HEAD, HEAD + 3 * a[COUNT], 3):
            fits = fits and a[s + 2] + b[s + 2] >= day.reach[a[s]] + day.lag[k, j]
        if fits:
            return True
    return False


@njit(cache=True, nogil=True)
def _can_end(
    a: Ints, y: Ints, order: Ints, starts: Ints, groups: Ints, after: Ints, day: StopDay, prices: Prices, final: int,
    most: int,
) -> bool:  # fmt: skip
    """Whether some end in ``y`` may make label ``a`` a tour of cost ``most`` or less."""
    if total_at_depot(a, day, prices) <= most:
        return True
    n = len(day.reach) - 1
    k, handed = a[STOP], a[SEEN] & ~a[OPEN]
    # Rides on board are priced in the end as well; cuts are met by rides in the end and by those handed over.
    base, odd, was = a[COST], np.int64(0), np.int64(0)
    for r in range(n):
        if (a[OPEN] >> r) & 1:
            base += prices.price[r]
        if (a[SEEN] >> r) & 1:
            base -= fines(was & prices.member[r], prices.fine)
            was ^= prices.member[r]
        if (handed >> r) & 1:
            base += fines(odd & prices.member[r], prices.fine)
            odd ^= prices.member[r]
    room = np.zeros(2, dtype=np.int64)
    room[1] = odd
    for j in range(2 * n):
        if not may_follow(a, j) or max(day.window[j, 0], a[EARLY] + day.lag[k, j]) > day.window[j, 1]:
            continue
        room[0] = most - base - prices.arc[k, j]
        own = (np.int64(1) << (j // 2)) if j % 2 == 1 else np.int64(0)
        board = a[OPEN]
        while True:
            if board & own == own:
                g = groups[bin_of(j, board, 0, len(groups) - 1)]
                while g >= 0:
                    first = y[order[starts[g]]]
                    if first[STOP] == (j ^ 1) and first[OPEN] == board:
                        break
                    g = after[g]
                if g >= 0 and _ends_within(a, y, order[starts[g] : starts[g + 1]], k, day, prices, final, room):
                    return True
            if board == 0:
                break
            board = (board - 1) & a[OPEN]
    return False


@njit(cache=True, nogil=True)
def enumerate_tours(
    x: Ints, bins: Ints, ends: Ints, y: Ints, order: Ints, starts: Ints, groups: Ints, day: StopDay, prices: Prices,
    final: int, most: int, halt: Bools,
) -> tuple[int, int, int]:  # fmt: skip
    """Write to ``ends`` a cheapest tour of each set of rides, where it costs ``most`` or less; perhaps others as well.

    Return (status, labels, tours).

    Parameters
    ----------
    x, bins, ends
        Rooms as in ``stop_labels.label``.
    y, order, starts
        Labels of the day read backward, in groups (``grouped``), made with ``EXACT`` at the same prices, ``tour`` 0.
    groups
        Room: a power of two.
    final
        Instant from which ``y`` counts backward.
    """
    n = len(day.reach) - 1
    bins[:], groups[:] = -1, -1
    after = np.full(len(starts), -1, dtype=np.int64)
    for g in range(len(starts) - 1):
        first = y[order[starts[g]]]
        h = bin_of(first[STOP] ^ 1, first[OPEN], 0, len(groups) - 1)
        after[g], groups[h] = groups[h], g
    stop_labels.begin(x, day, prices)
    count, found, at = 1, 0, 0
    # Who dominates whom has the same rides, so as many stops: nothing is gone on with before all of those are known.
    while at < count:
        if at % 64 == 0 and halt[0]:
            return HALTED, count, found
        if at > 0 and is_dominated(x, at, bins, day.toll, prices.fine, SAME_RIDES):
            x[at, COUNT] = -1
            at += 1
            continue
        total = total_at_depot(x[at], day, prices)
        if total <= most:
            if found >= len(ends):
                return FULL, count, found
            ends[found, 0], ends[found, 1] = at, total
            found += 1
        for j in range(2 * n):
            if not may_follow(x[at], j):
                continue
            if count >= len(x):
                return FULL, count, found
            b = x[count]
            if (
                not extended(x, at, j, count, day, prices)
                or is_dominated(x, count, bins, day.toll, prices.fine, SAME_RIDES)
                or not _can_end(b, y, order, starts, groups, after, day, prices, final, most)
            ):
                continue
            h = bin_of(j, b[OPEN], b[SEEN], len(bins) - 1)
            b[NEXT], bins[h] = bins[h], count
            count += 1
        at += 1
    return DONE, count, found
