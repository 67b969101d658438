"""The best plan among all tours that a large neighbourhood search remembers: set partitioning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.master.flow_choice import choose
from optimizer.master.flow_programme import relax
from optimizer.search.flow_lns_kernel import Memory
from optimizer.search.stop import Stop
from optimizer.search.tour_partition import partition

Ints = NDArray[np.int64]

_SIZE, _STOPS = 1 << 16, 1 << 24
"""Most tours that one search remembers, and most stops of them."""
_MOST = 3_000
"""Tours that are chosen from, those first that the relaxation likes best: with all, no choice was found in seconds."""
_WORK = 2.0
"""Most work of one choice, in CP-SAT's deterministic time."""


def empty_memory(rides: int, room: int, dice: np.random.Generator, *, is_kept: bool = True) -> Memory:
    """Return a memory of no tour; one that never remembers any unless it ``is_kept``."""
    size = max(1 << 10, min(_SIZE, _STOPS // room)) if is_kept else 0
    return Memory(
        lots=dice.integers(1, 1 << 50, rides),
        key=np.zeros(size, dtype=np.int64),
        cost=np.zeros(size, dtype=np.int64),
        length=np.zeros(size, dtype=np.int64),
        stops=np.zeros((size, room), dtype=np.int32),
    )


def recombined(
    memories: Sequence[Memory], *, vehicles: int, below: int, seconds: float, seed: int, stop: Stop
) -> list[list[int]] | None:
    """Return the stops of each tour (without depots) of the cheapest plan found that costs less than ``below``.

    Parameters
    ----------
    memories
        All of the same ``lots``; their tours together allow a plan.
    seconds
        Most seconds of the choice.
    """
    cost, tours = _together(memories)
    whole = partition(tours, cost, rides=len(memories[0].lots), vehicles=vehicles)
    relaxed = relax(whole, ending=stop.ending)
    if relaxed is None or relaxed.bound >= below or stop():
        return None
    kept = np.nonzero(relaxed.within(below - 1))[0]
    kept = np.sort(kept[np.argsort(relaxed.reduced[kept], kind="stable")[:_MOST]])
    choice = choose(
        whole.restricted(kept),
        at_least=relaxed.bound,
        at_most=below - 1,
        seconds=seconds,
        seed=seed,
        ending=stop.ending,
        deterministic_limit=_WORK,
    )
    return None if choice.chosen is None else [tours[x].tolist() for x in kept[choice.chosen]]


def _together(memories: Sequence[Memory]) -> tuple[Ints, list[Ints]]:
    """Return cost and stops of all tours, of those with the same rides the cheapest."""
    key = np.concatenate([memory.key for memory in memories])
    cost = np.concatenate([memory.cost for memory in memories])
    order = np.lexsort((cost, key))
    order = order[key[order] != 0]
    _, first = np.unique(key[order], return_index=True)
    chosen = order[first]
    size = len(memories[0].key)
    tours = []
    for x in chosen.tolist():
        memory, slot = memories[x // size], x % size
        tours.append(memory.stops[slot, 1 : memory.length[slot] - 1].astype(np.int64))
    return cost[chosen], tours
