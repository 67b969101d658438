"""How the seconds of one limit are shared among parts that a few processes solve one after another."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

_ROUNDS = 40
"""Halvings of the interval that the answer lies in: far finer than a clock."""


def share(remaining: float, waiting: Sequence[float], running: Sequence[float], processes: int) -> float:
    """Return the seconds that the first of ``waiting`` may take, so that all can have their part of ``remaining``.

    Every waiting part gets seconds in proportion to its weight, as many as fit: parts are given to processes as these
    become free, in the order of ``waiting``.

    Parameters
    ----------
    remaining
        Seconds until all must be over; infinite without a limit.
    waiting
        Weights (above 0) of the parts not yet begun, in the order in which they will be.
    running
        Seconds that each part in work may still take.
    processes
        How many work, 1 or more; those not ``running`` are free now.
    """
    if remaining == float("inf"):
        return remaining
    low, high = 0.0, max(0.0, remaining) / waiting[0]
    if _end(high, waiting, running, processes) <= remaining:
        return high * waiting[0]
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if _end(middle, waiting, running, processes) <= remaining:
            low = middle
        else:
            high = middle
    return low * waiting[0]


def _end(pace: float, waiting: Sequence[float], running: Sequence[float], processes: int) -> float:
    """Return when the last part ends that takes ``pace`` seconds for each unit of weight."""
    busy = sorted(running)[:processes]
    free = [0.0] * (processes - len(busy)) + busy
    heapq.heapify(free)
    last = max(free)
    for weight in waiting:
        end = heapq.heappop(free) + pace * weight
        last = max(last, end)
        heapq.heappush(free, end)
    return last
