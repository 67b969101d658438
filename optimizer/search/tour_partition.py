"""Set partitioning over whole tours of alike vehicles: each ride in one of them, as many as there are vehicles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.master.flow_programme import Programme
from optimizer.search.flow_network import sparse

Ints = NDArray[np.int64]


def partition(tours: Sequence[Sequence[int] | Ints], cost: Ints, *, rides: int, vehicles: int) -> Programme:
    """Return the programme whose columns are ``tours``: a row for each ride, and one for the vehicles.

    Parameters
    ----------
    tours
        Stops without depots: ``2 · ride`` for a pick-up, ``2 · ride + 1`` for a hand-over.
    cost
        ``(tours,)``.
    """
    count = len(tours)
    at = np.repeat(np.arange(count), [len(tour) // 2 for tour in tours])
    stops = np.array([stop for tour in tours for stop in tour], dtype=np.int64)
    parts = [(stops[stops % 2 == 0] // 2, at, 1), (np.full(count, rides, dtype=np.int64), np.arange(count), 1)]
    return Programme(
        cost=cost,
        rows=sparse(parts, (rides + 1, count)),
        lower=np.append(np.ones(rides, dtype=np.int64), 0),
        upper=np.append(np.ones(rides, dtype=np.int64), vehicles),
    )
