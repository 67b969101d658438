"""A small piece of a problem that uses the same kernels."""

from __future__ import annotations

from dataclasses import replace

from optimizer.explain.trials import narrowed, subproblem
from optimizer.model import Instance, InstanceIndex
from optimizer.search.carriers import possible_duties
from optimizer.travel.matrix import TravelMatrix

_FEW = 4
"""Requests of the piece."""


def tiny_problem(instance: Instance, travel: TravelMatrix) -> tuple[Instance, TravelMatrix] | None:
    """Return the problem of a few requests on the duty that most could ride with; ``None`` where none could with any.

    Raises
    ------
    InvalidValue
        Where the matrix lacks a place.
    """
    index = InstanceIndex(instance)
    able: dict[str, list[str]] = {}
    for request, duties in possible_duties(index, travel, index.pool).items():
        for duty in duties:
            able.setdefault(duty, []).append(request)
    if not able:
        return None
    duty, requests = max(able.items(), key=lambda pair: len(pair[1]))
    tiny = replace(subproblem(index, requests[:_FEW], [duty]), stages=instance.stages)
    return tiny, narrowed(travel, tiny)
