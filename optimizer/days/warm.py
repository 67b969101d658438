"""The kernels are compiled once on a machine, which takes a minute or two, and loaded from the cache ever after."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from optimizer.explain.trials import narrowed, subproblem
from optimizer.model import Instance, InstanceIndex
from optimizer.params import SolveParams
from optimizer.search.carriers import possible_duties
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix

_FEW = 4
"""Requests that the kernels are tried on."""
_COMPILED = 5.0
"""Seconds: loading takes one or two, compiling far longer."""


def compile_kernels(
    instance: Instance, travel: TravelMatrix, *, is_cancelled: Callable[[], bool] = lambda: False
) -> float:
    """Load the kernels that a problem needs; return the seconds of compiling them where that was still to do, else 0.

    What a time limit must not count: a limit is for the search, and this happens once.
    """
    begun = time.perf_counter()
    warm_up(instance, travel, is_cancelled=is_cancelled)
    seconds = time.perf_counter() - begun
    return seconds if seconds > _COMPILED else 0.0


def warm_up(instance: Instance, travel: TravelMatrix, *, is_cancelled: Callable[[], bool] = lambda: False) -> None:
    """Solve a few requests on one duty, so that the kernels are there when time begins to count."""
    index = InstanceIndex(instance)
    few: dict[str, list[str]] = {}
    for request, duties in possible_duties(index, travel, index.pool).items():
        for duty in duties:
            few.setdefault(duty, []).append(request)
    if few:
        duty, requests = max(few.items(), key=lambda pair: len(pair[1]))
        tiny = replace(subproblem(index, requests[:_FEW], [duty]), stages=instance.stages)
        solve(tiny, narrowed(travel, tiny), SolveParams(workers=1, rounds=1), is_cancelled=is_cancelled)
