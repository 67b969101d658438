"""One request into the plan as it stands: every place that it fits, the best first. For workers only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.days.promises import UNANSWERED, or_promises
from optimizer.insertion.best import Insertion, best_insertions
from optimizer.insertion.result import result_of
from optimizer.model import Instance, InstanceIndex, RequestId, Stage
from optimizer.params import SolveParams
from optimizer.result import Reason, Result, Unserved
from optimizer.travel import TravelMatrix

MOST = 5
"""Possibilities that a dispatcher is shown, the proposed one among them."""


def insert(
    instance: Instance, travel: TravelMatrix, request: RequestId, params: SolveParams
) -> tuple[Result, list[dict[str, Any]]]:
    """Return the plan with ``request`` (and its bundle) at the best place, and the other places.

    Parameters
    ----------
    instance
        All tours are commitments: they stay as they are, to the second.

    Returns
    -------
    tuple
        The result, ``unserved`` with reasons where there is no place; places as ``place_told`` tells them.
    """
    before = or_promises(instance, travel, UNANSWERED, params)
    answer = best_insertions(instance, travel, before.solution, request, tolerance=0, most=MOST)
    if not answer.possibilities:
        reasons = dict.fromkeys(answer.unit, one_each(answer.reasons))
        left = tuple(Unserved(request=r.id, reasons=reasons.get(r.id, ())) for r in InstanceIndex(instance).pool)
        return _with_unserved(before, left), []
    chosen = answer.possibilities[0]
    result = result_of(instance, travel, before, answer, chosen, {"seed": params.seed, "workers": params.workers})
    return result, places_of(instance, answer)


def one_each(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return the first reason of each ZAB: the one that is nearest to fitting."""
    first: dict[str, Reason] = {}
    for reason in reasons:
        first.setdefault(reason.zab, reason)
    return tuple(first.values())


def places_of(instance: Instance, answer: Insertion) -> list[dict[str, Any]]:
    """Return the possibilities of one request, the best of each ZAB and in their order."""
    index = InstanceIndex(instance)
    told: dict[str, dict[str, Any]] = {}
    for possibility in answer.possibilities:
        for placement in possibility.placements:
            if placement.request == answer.request:
                zab = index.duty_zab(placement.duty)
                told.setdefault(zab, place_told(zab, placement.duty, possibility.increase))
    return list(told.values())


def place_told(zab: str, duty: str, increase: Mapping[Stage, int]) -> dict[str, Any]:
    """Return one place: the ZAB, its duty, the seconds on board above the direct ride that it adds for all riders."""
    return {"zab": zab, "duty": duty, "extra_custody_seconds": increase[Stage.CUSTODY]}


def _with_unserved(result: Result, unserved: tuple[Unserved, ...]) -> Result:
    return Result(
        status=result.status, stages=result.stages, objective=result.objective, solution=result.solution,
        unserved=unserved, complete=result.complete, statistics=result.statistics,
    )  # fmt: skip
