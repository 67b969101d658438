"""Whether the figures are true that a result tells beside its plan."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.io.problem import Problem
from optimizer.io.result_file import StoredResult, tell, tell_terms
from optimizer.model import CostTerms, Stage
from optimizer.model.units import RequestId
from optimizer.result import Result, Status


def contradictions(stored: StoredResult, terms: CostTerms, stated: Problem) -> Iterator[str]:
    """Say where a result's figures differ from ``terms``, which the checker computed from its plan. English sentences.

    Whether a bound is right cannot be seen from the plan; it must only not be worse than the value,
    and equal to it where the stage is told as proven.
    """
    result = stored.result
    pool = {r.id for r in stated.instance.requests} - {
        promise.request for commitment in stated.instance.commitments for promise in commitment.promises
    }
    yield from _unserved_contradictions(result, pool)
    if result.objective is None:
        if result.status not in (Status.INFEASIBLE, Status.UNKNOWN) or result.solution.tours:
            yield "objective: the file tells none, but it tells a plan."
        return
    claimed, true = tell_terms(result.objective, stated.units), tell_terms(terms, stated.units)
    for name, value in true.items():
        if claimed[name] != value:
            yield f"objective.{name}: the file tells {claimed[name]}, the plan gives {value}."
    if stored.cost is None or stated.units.to_micro_euros(stored.cost) != terms.cost:
        yield f"cost: the file tells {stored.cost}, the plan gives {true['cost']}."
    yield from _stage_contradictions(stored, terms, stated)


def _unserved_contradictions(result: Result, pool: set[RequestId]) -> Iterator[str]:
    listed = [unserved.request for unserved in result.unserved]
    for request in sorted({request for request in listed if listed.count(request) > 1}):
        yield f"unserved: request {request} is listed twice."
    unserved = pool - result.solution.served
    for request in sorted(set(listed) - unserved):
        yield f"unserved: request {request} is listed, but it is served."
    for request in sorted(unserved - set(listed)):
        yield f"unserved: request {request} is not listed, but no tour serves it."


def _stage_contradictions(stored: StoredResult, terms: CostTerms, stated: Problem) -> Iterator[str]:
    result, units = stored.result, stated.units
    # The stage of pins is left out where nothing is pinned; a run that was stopped may tell the first stages only.
    pinned = any(request.pin is not None for request in stated.instance.requests)
    names = [stage.name for stage in result.stages if stage.name is not Stage.PINNED or pinned]
    expected = [stage for stage in stated.instance.stages if stage is not Stage.PINNED or pinned]
    # Where all must be served, a run may first look how many can be.
    if stated.instance.serve_all and names[:1] == [Stage.SERVED] and expected[:1] != [Stage.SERVED]:
        expected = [Stage.SERVED, *(stage for stage in expected if stage is not Stage.SERVED)]
    is_whole = names == expected
    if not names or names != expected[: len(names)]:
        yield f"stages: the file tells {[n.value for n in names]}, the problem has {[s.value for s in expected]}."
    for stage in result.stages:
        value, true = (tell(stage.name.value, v, units) for v in (stage.value, terms.value(stage.name)))
        if stage.value != terms.value(stage.name):
            yield f"stages.{stage.name.value}: the file tells {value}, the plan gives {true}."
        is_better = stage.bound < stage.value if stage.name.is_maximised else stage.bound > stage.value
        if stage.proven and stage.bound != stage.value:
            yield f"stages.{stage.name.value}: told as proven, but its bound is not its value."
        if is_better:
            bound = tell(stage.name.value, stage.bound, units)
            yield f"stages.{stage.name.value}: the bound {bound} is worse than the value {value}."
    proven = is_whole and all(stage.proven for stage in result.stages)
    if result.status is Status.OPTIMAL and not proven:
        yield "status: the file tells optimal, but not every stage is proven."
    if abs(stored.gap - result.gap) > 1e-9:
        yield f"gap: the file tells {stored.gap}, the first stage gives {result.gap}."
