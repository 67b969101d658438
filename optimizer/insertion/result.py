"""A chosen possibility as a result of its own, so that it can be stored, checked and explained as any other."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.errors import InvalidValue
from optimizer.insertion.best import Insertion, Possibility
from optimizer.model import Instance, InstanceIndex
from optimizer.result import Result, StageResult, Status, Unserved
from optimizer.search.plan import relevant_stages
from optimizer.search.trivial import trivial_bounds
from optimizer.travel.matrix import TravelMatrix


def result_of(
    instance: Instance,
    travel: TravelMatrix,
    before: Result,
    answer: Insertion,
    chosen: Possibility,
    statistics: Mapping[str, object],
) -> Result:
    """Return the result whose plan is ``chosen``.

    Nothing was searched but the places of one request, so that the only bounds told are those that need no search, and
    ``complete`` is false. Reasons of the requests still unserved are those of ``before``.

    Raises
    ------
    InvalidValue
        Where every request must be served and some still is not: that is no plan.
    """
    index = InstanceIndex(instance)
    terms, solution = chosen.objective, chosen.solution
    left = [request.id for request in index.pool if request.id not in solution.served]
    if instance.serve_all and left:
        raise InvalidValue("plan", "every request served", f"{len(left)} are not", "Insert the others too.")
    bounds = trivial_bounds(index, travel)
    stages = tuple(
        StageResult(
            name=stage, value=terms.value(stage), bound=bounds[stage], proven=terms.value(stage) == bounds[stage]
        )
        for stage in relevant_stages(instance)
        if stage in instance.stages
    )
    known = {unserved.request: unserved.reasons for unserved in before.unserved}
    inserted = {
        "request": answer.request,
        "bundle": list(answer.unit),
        "duties": list(chosen.duties),
        "moved_stops": len(chosen.moved),
    }
    return Result(
        status=Status.OPTIMAL if all(stage.proven for stage in stages) else Status.FEASIBLE,
        stages=stages,
        objective=terms,
        solution=solution,
        unserved=tuple(Unserved(request=request, reasons=known.get(request, ())) for request in left),
        complete=False,
        statistics={**statistics, "inserted": inserted},
    )
