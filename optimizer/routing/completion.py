"""Lower bounds on what a tour begun still costs: what prunes labels that cannot come below a threshold."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEVER = 1 << 60
"""A cost or time that nothing has."""


@njit(cache=True, nogil=True)
def completion_bounds(
    members: Ints,
    figures: Ints,
    value: Ints,
    seconds: Ints,
    leg_cost: Ints,
    second_cost: int,
    end_row: int,
    earliest: int,
    latest: int,
    width: int,
    buckets: int,
    last_rows: Ints,
    row_slot: Ints,
) -> Ints:
    """Return ``(last places, buckets)`` lower bounds on the cost still to come from a place at a time.

    Requests may repeat in it, breaks are left out, and times are rounded down to the bucket: each makes it only lower.
    ``width`` must not exceed the shortest fragment, so that every step leads to a later bucket.
    """
    bound = np.full((len(last_rows), buckets + 1), NEVER, dtype=np.int64)
    for bucket in range(buckets - 1, -1, -1):
        now = earliest + bucket * width
        for slot in range(len(last_rows)):
            at = last_rows[slot]
            home = 0 if end_row < 0 else seconds[at, end_row]
            best = NEVER
            if now + home <= latest:
                best = (0 if end_row < 0 else leg_cost[at, end_row]) + second_cost * home
            for f in members:
                first = figures[f, 0]
                drive = seconds[at, first]
                if now + drive > figures[f, 2]:
                    continue
                end = max(figures[f, 3], now + drive) + figures[f, 4]
                after = (end - earliest) // width
                if after >= buckets:
                    continue
                rest = bound[row_slot[figures[f, 1]], after]
                if rest >= NEVER:
                    continue
                best = min(best, leg_cost[at, first] + second_cost * drive + value[f] + rest)
            bound[slot, bucket] = best
    return bound
