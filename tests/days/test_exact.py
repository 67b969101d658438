"""Taken apart or not: the same optimum, and never a claim that the whole does not bear out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.days.recipe import solve_days
from optimizer.days.split import split
from optimizer.model import Instance, Stage
from optimizer.result import Result, Status
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from tests.days.several import several_days
from tests.properties.solved import QUICK

APART = (Stage.SERVED, Stage.CUSTODY, Stage.NIGHT, Stage.CHANGES, Stage.COST)
"""Stages that are sums over the days."""


def solved(day: Instance, travel: TravelMatrix, *, small: int) -> tuple[Result, Result]:
    """The whole as one, and taken apart."""
    whole = solve(day, travel, QUICK)
    assert whole.status in (Status.OPTIMAL, Status.INFEASIBLE)
    merged = solve_days(day, travel, QUICK, small=small)
    assert (merged.status is Status.INFEASIBLE) == (whole.status is Status.INFEASIBLE)
    if merged.objective is not None:
        assert hard(check(day, travel, merged.solution)) == []
        assert merged.objective == objective(day, travel, merged.solution)
        pool = {r.id for r in day.requests} - {p.request for c in day.commitments for p in c.promises}
        assert [u.request for u in merged.unserved] == [
            r.id for r in day.requests if r.id in pool - merged.solution.served
        ]
    return whole, merged


@pytest.mark.parametrize("seed", range(0, 24, 2))
def test_without_fair_load_it_is_the_same_optimum_with_the_same_proof(seed: int) -> None:
    day, travel = several_days((seed, seed + 1, seed + 500), APART)
    whole, merged = solved(day, travel, small=0)
    assert merged.status is whole.status
    if merged.objective is not None:
        assert merged.stages == whole.stages


@pytest.mark.parametrize("seed", range(1000, 1024, 2))
def test_cut_through_fair_load_no_claim_is_false(seed: int) -> None:
    day, travel = several_days((seed, seed + 1))
    whole, merged = solved(day, travel, small=0)
    if merged.objective is None:
        return
    truth = {stage.name: stage.value for stage in whole.stages}
    for stage in merged.stages:
        # Where all stages before are at their optimum, the optimum of this one is that of the whole.
        better = max if stage.name.is_maximised else min
        assert better(stage.bound, truth[stage.name]) == stage.bound, (day.name, stage)
        assert not stage.proven or stage.value == truth[stage.name], (day.name, stage)
        if stage.value != truth[stage.name]:
            assert stage.name is Stage.FAIR_LOAD, "only what the days compete for may be missed"
            break
    else:
        assert whole.status is Status.OPTIMAL
    if merged.status is Status.OPTIMAL:
        assert truth == {stage.name: stage.value for stage in merged.stages}


def test_some_days_are_cut_through_fair_load_and_some_of_them_proven() -> None:
    merged = [
        solve_days(day, travel, QUICK, small=0)
        for seed in range(1000, 1100, 2)
        for day, travel in [several_days((seed, seed + 1))]
        if Stage.FAIR_LOAD in day.stages and len(split(day, travel, small=0)) > 1 and len(split(day, travel)) == 1
    ]
    assert len(merged) >= 5
    assert any(result.status is Status.OPTIMAL for result in merged)
    assert any(result.status is Status.FEASIBLE for result in merged)


def test_what_is_small_is_not_cut_through_fair_load() -> None:
    for seed in range(1000, 1016, 2):
        day, travel = several_days((seed, seed + 1))
        whole, merged = solved(day, travel, small=100)
        assert merged.status is whole.status
        assert merged.objective is None or merged.stages == whole.stages


def test_the_same_twice_with_one_worker() -> None:
    day, travel = several_days((4, 5, 6))
    one, other = (solve_days(day, travel, QUICK, small=0) for _ in range(2))
    assert replace(one, statistics={}) == replace(other, statistics={})
