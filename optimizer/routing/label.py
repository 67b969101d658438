"""A label of the tour search: its fields, and when one makes another needless."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

(
    PLACE,
    END,
    LATEST,
    DURATION,
    PART_LATEST,
    PART_DURATION,
    BREAKS,
    PROMISES,
    FRAGMENT,
    PARENT,
    GAP,
    CUSTODY,
    NIGHT,
    DARK,
    METRES,
) = range(15)
"""Integer fields of a label. ``END`` is the earliest end, ``GAP`` codes the break before the fragment."""
FIELDS = 15


@njit(cache=True, nogil=True)
def covers(used: Words, closed: Words, words: int) -> bool:
    """Whether every request in ``used`` is in ``closed`` too."""
    for w in range(words):
        if used[w] & ~closed[w]:
            return False
    return True


@njit(cache=True, nogil=True)
def toll_of(bits: np.uint64, price: Ints, word: int) -> int:
    """Return the sum of ``price`` over the set bits of a word of cuts."""
    total = 0
    at = 64 * word
    while bits:
        if bits & np.uint64(1):
            total += price[at]
        bits >>= np.uint64(1)
        at += 1
    return total


@njit(cache=True, nogil=True)
def excess_toll(pending: Words, single: Words, price: Ints, words: int) -> int:
    """Return the most that a label may still pay for cuts where the other, on the same way on, pays nothing.

    A cut not begun, or paid already, is never dearer than for the other (Jepsen et al. 2008, proposition 6).
    """
    total = 0
    for w in range(words):
        bits = pending[w] & ~single[w]
        if bits:
            total += toll_of(bits, price, w)
    return total


@njit(cache=True, nogil=True)
def still_open(bits: np.uint64, word: int, members: Ints, closed: Words) -> np.uint64:
    """Return those of the cuts (each with one member carried) of which another member can still be carried."""
    still = np.uint64(0)
    for x in range(64):
        bit = np.uint64(1) << np.uint64(x)
        if bits < bit:
            break
        if bits & bit:
            for m in range(members.shape[1]):
                r = members[64 * word + x, m]
                if closed[r // 64] & (np.uint64(1) << np.uint64(r % 64)) == 0:
                    still |= bit
                    break
    return still


@njit(cache=True, nogil=True)
def with_room(table: Words, size: int) -> Words:
    """Return the table with room for ``size`` rows."""
    grown = np.zeros((size, table.shape[1]), dtype=np.uint64)
    grown[: len(table)] = table
    return grown


@njit(cache=True, nogil=True)
def no_later(a: Ints, b: Ints, timed: bool, exact: bool) -> bool:
    """Whether label ``a`` is at least as free in time as ``b`` (without ``exact``: as far as ends and breaks tell)."""
    if a[END] > b[END]:
        return False
    if not timed:
        return True
    if not exact:
        return bool(a[BREAKS] >= b[BREAKS])
    return bool(
        a[BREAKS] >= b[BREAKS]
        and a[LATEST] >= b[LATEST]
        and a[DURATION] <= b[DURATION]
        and a[PART_LATEST] >= b[PART_LATEST]
        and a[PART_DURATION] <= b[PART_DURATION]
    )


@njit(cache=True, nogil=True)
def no_dearer(a: Ints, b: Ints) -> bool:
    """Whether label ``a`` has no more custody, night and distance than ``b``."""
    return bool(a[CUSTODY] <= b[CUSTODY] and a[NIGHT] <= b[NIGHT] and a[METRES] <= b[METRES])
