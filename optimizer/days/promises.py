"""What is left when a part has no time: a plan that keeps its promises and carries nobody else.

A run over many days ends with a plan of the whole only if every part has one. So a part that was never begun, because
the run was cancelled or its seconds were used up, still gets its promised tours: a small problem, solved at once.
"""

from __future__ import annotations

from dataclasses import replace

from optimizer.model import Instance, InstanceIndex, Solution
from optimizer.params import SolveParams
from optimizer.result import Result, Status, Unserved
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix

_SECONDS = 5.0
"""Most seconds; some tenths are common."""


UNANSWERED = Result(
    status=Status.UNKNOWN,
    stages=(),
    objective=None,
    solution=Solution(),
    unserved=(),
    complete=False,
    statistics={},
)
"""Stands for a part that was never begun, or whose process died."""


def or_promises(instance: Instance, travel: TravelMatrix, result: Result, params: SolveParams) -> Result:
    """Return ``result``, or the promises alone where it has no plan though one may exist.

    That plan is no stage's answer: ``stages`` stay empty, and nothing but trivial bounds may be claimed.
    """
    if result.status is not Status.UNKNOWN:
        return result
    index = InstanceIndex(instance)
    committed = index.committed_duty.keys()
    budget = instance.change_budget
    if instance.serve_all or (budget is not None and instance.changes(index.committed_duty) > budget):
        return result
    promised = replace(
        instance,
        requests=tuple(
            replace(request, excluded=request.excluded & committed)
            for request in instance.requests
            if request.id in committed
        ),
        published=tuple(was for was in instance.published if was.request in committed),
        change_budget=None,
        serve_all=False,
    )
    # A run that counts its work asks no clock here either: its result must not depend on the machine.
    longest = _SECONDS if params.max_nodes is None else None
    kept = solve(promised, travel, replace(params, time_limit=longest))
    if kept.objective is None:
        return result
    return replace(
        result,
        status=Status.FEASIBLE,
        objective=kept.objective,
        solution=kept.solution,
        unserved=tuple(Unserved(request=request.id, reasons=()) for request in index.pool),
        complete=False,
    )
