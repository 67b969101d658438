"""Which two rides can be on board together at all: what prunes the enumeration of fragments before it begins."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.network import tighten_earliest

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]


@njit(cache=True, nogil=True)
def pair_partners(
    pickup: Ints,
    delivery: Ints,
    pickup_from: Ints,
    pickup_to: Ints,
    pickup_service: Ints,
    delivery_from: Ints,
    delivery_to: Ints,
    delivery_service: Ints,
    cap: Ints,
    together: Bools,
    static: Words,
    least: Ints,
) -> Bools:
    """Return ``(n, n)``: whether two rides can be on board together in *any* sequence.

    Judged on least drives and without the waiting rule, so that stops between them can only make things worse:
    what fails here fails in every fragment.
    """
    n = len(pickup)
    words = static.shape[1]
    partners = np.zeros((n, n), dtype=np.bool_)
    e = np.zeros(4, dtype=np.int64)
    to = np.zeros(4, dtype=np.int64)
    lag = np.zeros(4, dtype=np.int64)
    pick = np.zeros(4, dtype=np.int64)
    reach = np.zeros(4, dtype=np.int64)
    for i in range(n):
        for j in range(n):
            if i == j or not together[i, j] or partners[i, j]:
                continue
            common = False
            for w in range(words):
                if static[i, w] & static[j, w]:
                    common = True
                    break
            if not common:
                continue
            if pickup_from[i] + pickup_service[i] + least[pickup[i], pickup[j]] > pickup_to[j]:
                continue
            # i is picked up first; then j; then either is handed over first.
            for order in range(2):
                a, b = (i, j) if order == 0 else (j, i)
                e[0], to[0] = pickup_from[i], pickup_to[i]
                e[1], to[1] = pickup_from[j], pickup_to[j]
                e[2], to[2] = delivery_from[a], delivery_to[a]
                e[3], to[3] = delivery_from[b], delivery_to[b]
                lag[1] = pickup_service[i] + least[pickup[i], pickup[j]]
                lag[2] = pickup_service[j] + least[pickup[j], delivery[a]]
                lag[3] = delivery_service[a] + least[delivery[a], delivery[b]]
                pick[0] = pick[1] = -1
                pick[2] = 0 if order == 0 else 1
                pick[3] = 1 if order == 0 else 0
                reach[2] = cap[a] + pickup_service[a]
                reach[3] = cap[b] + pickup_service[b]
                if tighten_earliest(4, e, to, lag, pick, reach, -1):
                    partners[i, j] = partners[j, i] = True
                    break
    return partners
