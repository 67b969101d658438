"""A solve of a tiny instance, held against brute force and against the checker."""

from __future__ import annotations

from optimizer.model import Instance, Stage
from optimizer.params import SolveParams
from optimizer.result import Result, Status
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from tests.oracle import brute_force

QUICK = SolveParams(workers=1, rounds=10)
"""Tiny instances need no long search for a first plan; one worker gives the same answer every time."""


def values_of(result: Result, day: Instance) -> dict[Stage, int]:
    """The value of every stage of the instance; a stage that was not run is read from the recomputed terms."""
    assert result.objective is not None
    told = {stage.name: stage.value for stage in result.stages}
    recomputed = {stage: result.objective.value(stage) for stage in day.stages}
    assert told.items() <= recomputed.items()
    return recomputed


def rank(values: dict[Stage, int], day: Instance) -> tuple[int, ...]:
    """Values so that less is better, the most important first."""
    return tuple(-values[stage] if stage.is_maximised else values[stage] for stage in day.stages)


def solve_against_brute_force(day: Instance, travel: TravelMatrix, params: SolveParams = QUICK) -> Result:
    """Solve; assert that status, values, bounds and plan are those that brute force and checker agree on."""
    truth = brute_force(day, travel)
    result = solve(day, travel, params)
    assert result.complete
    if not truth.feasible:
        assert result.status is Status.INFEASIBLE, day.name
        assert result.objective is None
        assert not result.solution.tours
        return result
    assert result.status is Status.OPTIMAL, (day.name, result.stages)
    assert values_of(result, day) == truth.values, day.name
    assert all(stage.proven and stage.bound == stage.value and stage.gap == 0 for stage in result.stages)
    assert hard(check(day, travel, result.solution)) == []
    assert objective(day, travel, result.solution) == result.objective
    pool = {request.id for request in day.requests} - {p.request for c in day.commitments for p in c.promises}
    assert {unserved.request for unserved in result.unserved} in (set(), pool - result.solution.served)
    return result
