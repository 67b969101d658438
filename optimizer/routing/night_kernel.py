"""Seconds of rides inside nights, of a sequence in which nobody waits on board."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def overlap_with_nights(start: int, end: int, nights: Ints) -> int:
    """Return the seconds of ``[start, end)`` that lie in ``nights``, an ``(m, 2)`` table of half-open intervals."""
    total = 0
    for night in range(nights.shape[0]):
        total += max(0, min(end, nights[night, 1]) - max(start, nights[night, 0]))
    return total


@njit(cache=True, nogil=True)
def _night_at(t: int, n: int, base: Ints, pick: Ints, service: Ints, nights: Ints) -> int:
    total = 0
    for k in range(n):
        if pick[k] >= 0:
            total += overlap_with_nights(t + base[pick[k]] + service[pick[k]], t + base[k], nights)
    return total


@njit(cache=True, nogil=True)
def least_night(lo: int, hi: int, n: int, base: Ints, pick: Ints, service: Ints, nights: Ints) -> int:
    """Return the least night seconds of a sequence without waits that starts anywhere in ``[lo, hi]``.

    Piecewise linear in the start: a minimum lies at an end, or where someone gets on or off at a night's edge.
    """
    least = min(_night_at(lo, n, base, pick, service, nights), _night_at(hi, n, base, pick, service, nights))
    for night in range(nights.shape[0]):
        for edge in range(2):
            for k in range(n):
                at = nights[night, edge] - base[k] - (0 if pick[k] >= 0 else service[k])
                if lo < at < hi:
                    least = min(least, _night_at(at, n, base, pick, service, nights))
    return least
