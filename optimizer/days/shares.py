"""How the seconds of one limit are shared among parts that a few processes solve one after another."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

_ROUNDS = 40
"""Halvings of the interval that the answer lies in: far finer than a clock."""
_EQUAL = 0.25
"""Share of the seconds that goes to all parts alike, whatever they weigh: a small part's start costs as much."""
_BETWEEN, _MOST_BETWEEN = 0.25, 0.05
"""Seconds, and most of all seconds as a share, that pass between two parts of a process: answer, check, next part."""


def turns(weights: Sequence[float], *, is_limited: bool) -> list[int]:
    """Return the numbers of the parts in the order in which they are begun.

    With a limit the light ones come first: what they leave of their seconds goes to the heavy ones, which can use it,
    and what an early part takes too long weighs little in the share of a late one. Without, the heavy ones come first,
    so that no process works on alone at the end.
    """
    return sorted(range(len(weights)), key=lambda part: (weights[part] if is_limited else -weights[part], part))


def share(remaining: float, waiting: Sequence[float], running: Sequence[float], processes: int) -> float:
    """Return the seconds that the first of ``waiting`` may take, so that all can have their part of ``remaining``.

    A quarter of the seconds goes to all waiting parts alike, the rest in proportion to their weights, as many as fit:
    parts are given to processes as these become free, in the order of ``waiting``.

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
    between = min(_BETWEEN, _MOST_BETWEEN * remaining)
    alike = _EQUAL * sum(waiting) / len(waiting)
    weights = [alike + (1.0 - _EQUAL) * weight for weight in waiting]
    low, high = 0.0, max(0.0, remaining) / weights[0]
    if _end(high, weights, running, processes, between) <= remaining:
        return high * weights[0]
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if _end(middle, weights, running, processes, between) <= remaining:
            low = middle
        else:
            high = middle
    return low * weights[0]


def _end(pace: float, waiting: Sequence[float], running: Sequence[float], processes: int, between: float) -> float:
    """Return when the last part ends that takes ``pace`` seconds for each unit of weight."""
    busy = sorted(running)[:processes]
    free = [0.0] * (processes - len(busy)) + [seconds + between for seconds in busy]
    heapq.heapify(free)
    last = max(0.0, *running) if running else 0.0
    for weight in waiting:
        end = heapq.heappop(free) + pace * weight
        last = max(last, end)
        heapq.heappush(free, end + between)
    return last
