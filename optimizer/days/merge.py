"""Results of the parts put together: one plan, checked as a whole, and only those bounds that hold for the whole.

For each stage f let f(x) be its value of a whole plan x, x_i the plan's part i, b_i the bound told for part i.

- Where f is a sum over parts (all stages but fair load), the best of f over all x is the sum of the parts' bests: no
  rule couples them. So sum b_i bounds f.
- Fair load of a ZAB is a convex function of its number of new requests, 0 at none. Such functions are superadditive:
  f(x) >= sum f(x_i), each counted from the same prior load. So sum b_i is a bound here too, and mostly a weak one where
  a ZAB drives in several parts.
- b_i holds given the values that part i reached before. Where an earlier stage's value *is* its bound, every plan that
  keeps it keeps in each part the value that the part reached (no part can be better than its b_i, so none may be
  worse), and sum b_i goes on to hold. Where it is not, a plan may win in one part what it loses in another: then only
  what needs no search is claimed (``search.trivial``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimizer.days.split import Part
from optimizer.errors import UnsoundSolution
from optimizer.model import CostTerms, Instance, InstanceIndex, Rule, Solution, Stage, Tour
from optimizer.result import Result, StageResult, Status, Unserved
from optimizer.search.plan import relevant_stages
from optimizer.search.trivial import trivial_bounds
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check, hard
from optimizer.verify.objective import objective


def merge(
    instance: Instance,
    travel: TravelMatrix,
    parts: Sequence[Part],
    results: Sequence[Result],
    statistics: Mapping[str, object],
) -> Result:
    """Return the result of the whole from those of its parts, in the same order.

    A part without a plan leaves its requests unserved where that keeps the rules; where it has promises there is no
    plan of the whole (``promises`` has seen to it that there is one, where it could).

    Raises
    ------
    UnsoundSolution
        Where the checker refuses the plan as a whole: a defect of the split.
    """
    solution = Solution(tours=_in_order(instance, results))
    terms = None
    if not any(_is_missing(part, result) for part, result in zip(parts, results, strict=True)):
        terms = _checked(instance, travel, solution)
    stages = () if terms is None else _stages(instance, travel, parts, results, terms)
    status = Status.OPTIMAL if all(stage.proven for stage in stages) else Status.FEASIBLE
    if terms is None:
        # A part that has no plan leaves the whole none: the rules of a part are rules of the whole.
        is_settled = any(result.status is Status.INFEASIBLE for result in results)
        status = Status.INFEASIBLE if is_settled else Status.UNKNOWN
    return Result(
        status=status,
        stages=stages,
        objective=terms,
        solution=solution if terms is not None else Solution(),
        unserved=_unserved(instance, results, solution if terms is not None else Solution()),
        complete=all(result.complete for result in results),
        statistics=statistics,
    )


def _is_missing(part: Part, result: Result) -> bool:
    """Whether a part has no plan, and none that carries nobody instead."""
    if result.objective is not None:
        return False
    is_bound = part.instance.serve_all or any(c.promises for c in part.instance.commitments)
    return result.status is Status.INFEASIBLE or is_bound


def _in_order(instance: Instance, results: Sequence[Result]) -> tuple[Tour, ...]:
    order = {duty.id: number for number, duty in enumerate(instance.duties)}
    tours = [tour for result in results for tour in result.solution.tours]
    return tuple(sorted(tours, key=lambda tour: order[tour.duty]))


def _checked(instance: Instance, travel: TravelMatrix, solution: Solution) -> CostTerms | None:
    violations = hard(check(instance, travel, solution))
    if any(violation.rule is Rule.SERVE_ALL for violation in violations):
        return None
    if violations:
        raise UnsoundSolution(violations)
    return objective(instance, travel, solution)


def _stages(
    instance: Instance, travel: TravelMatrix, parts: Sequence[Part], results: Sequence[Result], terms: CostTerms
) -> tuple[StageResult, ...]:
    """Return value and bound of each stage; see the module for what is claimed."""
    trivial = trivial_bounds(InstanceIndex(instance), travel)
    alone = [trivial_bounds(InstanceIndex(part.instance), part.travel) for part in parts]
    told = [{stage.name: stage.bound for stage in result.stages} for result in results]
    lost = len(instance.published) - sum(len(part.instance.published) for part in parts)
    stages: list[StageResult] = []
    keeps_earlier = True
    for name in relevant_stages(instance):
        if name not in instance.stages:
            continue
        bound, value = trivial[name], terms.value(name)
        if keeps_earlier:
            known = sum(bounds.get(name, own[name]) for bounds, own in zip(told, alone, strict=True))
            known += lost if name is Stage.CHANGES else 0
            bound = min(bound, known) if name.is_maximised else max(bound, known)
        stages.append(StageResult(name=name, value=value, bound=bound, proven=value == bound))
        keeps_earlier = keeps_earlier and value == bound
    return tuple(stages)


def _unserved(instance: Instance, results: Sequence[Result], solution: Solution) -> tuple[Unserved, ...]:
    known = {unserved.request: unserved for result in results for unserved in result.unserved}
    index = InstanceIndex(instance)
    return tuple(
        known.get(request.id, Unserved(request=request.id, reasons=()))
        for request in index.pool
        if request.id not in solution.served
    )
