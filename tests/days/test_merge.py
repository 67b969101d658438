"""Putting parts together: what a missing part means, and that the whole is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from optimizer.days.merge import merge
from optimizer.days.promises import UNANSWERED, or_promises
from optimizer.days.recipe import solve_days
from optimizer.days.split import Part, split
from optimizer.errors import UnsoundSolution
from optimizer.model import Instance, Solution, Stage
from optimizer.model.units import HOUR
from optimizer.params import SolveParams
from optimizer.result import Result, StageResult, Status
from optimizer.solve import solve
from optimizer.telling import losses, summary
from optimizer.verify import check, hard
from tests.builders import commitment, crew
from tests.days.test_split import TRAVEL, on, week
from tests.properties.solved import QUICK
from tests.test_main import STATED

CREWS = tuple(crew(f"C{day}", cost_per_hour=3600) for day in range(2))
NOTHING_SHARED = week(on(0, "a"), on(1, "b"), crews=CREWS)
PROMISED = week(
    on(0, "a"), on(0, "p"), on(1, "b"),
    commitments=(commitment("D0", ("p", "pickup", 8 * HOUR), ("p", "delivery", 9 * HOUR)),),
)  # fmt: skip


def solved(made: Instance) -> tuple[tuple[Part, ...], list[Result]]:
    parts = split(made, TRAVEL)
    assert len(parts) == 2
    return parts, [solve(part.instance, part.travel, QUICK) for part in parts]


def merged(made: Instance, parts: Sequence[Part], results: Sequence[Result]) -> Result:
    return merge(made, TRAVEL, parts, results, {})


def test_all_proven_is_proven() -> None:
    parts, results = solved(NOTHING_SHARED)
    whole = merged(NOTHING_SHARED, parts, results)
    assert whole.status is Status.OPTIMAL
    assert [tour.duty for tour in whole.solution.tours] == ["D0", "D1"]
    assert whole.stages == solve(NOTHING_SHARED, TRAVEL, QUICK).stages


def test_a_part_without_an_answer_leaves_its_requests_unserved_and_its_bounds_trivial() -> None:
    parts, results = solved(NOTHING_SHARED)
    whole = merged(NOTHING_SHARED, parts, [results[0], UNANSWERED])
    assert whole.status is Status.FEASIBLE
    assert [unserved.request for unserved in whole.unserved] == ["b"]
    assert not whole.complete
    served, custody, cost = whole.stages
    assert (served.value, served.bound, served.proven) == (1, 2, False)
    assert (custody.bound, custody.proven) == (0, True)
    assert (cost.bound, cost.proven) == (0, False)


def test_the_better_of_the_bounds_is_told() -> None:
    parts, results = solved(NOTHING_SHARED)
    served = replace(results[0].stages[0], bound=2, proven=False)
    open_part = replace(results[0], status=Status.FEASIBLE, stages=(served, *results[0].stages[1:]))
    whole = merged(NOTHING_SHARED, parts, [open_part, results[1]])
    # Requests served: 1 and 1; at most 2 and 1. The trivial bound is better, and proves it after all.
    assert (whole.stages[0].bound, whole.stages[0].proven) == (2, True)
    dear = replace(results[0].stages[2], bound=results[0].stages[2].value - 1, proven=False)
    custody = replace(results[0].stages[1], bound=-5, proven=False)
    open_part = replace(results[0], status=Status.FEASIBLE, stages=(results[0].stages[0], custody, dear))
    whole = merged(NOTHING_SHARED, parts, [open_part, results[1]])
    assert whole.stages[2].bound == whole.stages[2].value - 1, "custody is proven by its trivial bound"


def test_an_open_stage_takes_the_bounds_of_all_that_follow_even_where_one_between_is_proven() -> None:
    made = week(on(0, "a"), on(0, "c"), on(1, "b"), crews=CREWS)
    parts, results = solved(made)
    stages = results[0].stages
    open_part = replace(UNANSWERED, status=Status.FEASIBLE, stages=(replace(stages[0], value=0, proven=False),))
    assert stages[0].bound == 2
    served, custody, cost = merged(made, parts, [open_part, results[1]]).stages
    assert (served.value, served.bound, served.proven) == (1, 3, False)
    assert (custody.bound, custody.proven) == (0, True)
    assert cost.value > 0
    assert (cost.bound, cost.proven) == (0, False), "fewer on day 1 and more on day 0 may cost less"


def test_one_infeasible_part_makes_the_whole_infeasible() -> None:
    parts, results = solved(NOTHING_SHARED)
    never = replace(UNANSWERED, status=Status.INFEASIBLE)
    whole = merged(NOTHING_SHARED, parts, [results[0], never])
    assert whole.status is Status.INFEASIBLE
    assert (whole.objective, whole.solution, whole.stages) == (None, Solution(), ())
    assert [unserved.request for unserved in whole.unserved] == ["a", "b"]


def test_without_a_plan_for_promises_there_is_none_of_the_whole() -> None:
    parts, results = solved(PROMISED)
    assert merged(PROMISED, parts, [UNANSWERED, results[1]]).status is Status.UNKNOWN
    kept = or_promises(parts[0].instance, parts[0].travel, UNANSWERED, SolveParams(workers=1))
    whole = merged(PROMISED, parts, [kept, results[1]])
    assert whole.status is Status.FEASIBLE
    assert whole.solution.served == {"p", "b"}
    assert hard(check(PROMISED, TRAVEL, whole.solution)) == []


def test_an_answer_is_not_replaced_by_promises() -> None:
    parts, results = solved(PROMISED)
    assert or_promises(parts[0].instance, parts[0].travel, results[0], QUICK) is results[0]


def test_a_plan_that_breaks_a_rule_of_the_whole_is_refused() -> None:
    parts, results = solved(NOTHING_SHARED)
    with pytest.raises(UnsoundSolution):
        merged(NOTHING_SHARED, parts, [results[0], results[0]])


def test_a_run_that_is_cancelled_before_it_began_keeps_the_promises() -> None:
    result = solve_days(PROMISED, TRAVEL, QUICK, is_cancelled=lambda: True)
    assert result.status is Status.FEASIBLE
    assert result.solution.served == {"p"}


def test_what_was_lost_is_told() -> None:
    stage = StageResult(name=Stage.SERVED, value=1, bound=2, proven=False)
    lost = {"part": 2, "cause": "was ended by SIGKILL", "duties": ["D1", "D2"]}
    figures: dict[str, Any] = {"parts": [{}, {}], "processes": 2, "lost": [lost]}
    result = replace(UNANSWERED, stages=(stage,), statistics=figures)
    assert list(losses(result)) == [
        "Lost: part 2, 2 duties from D1 on: its process was ended by SIGKILL. Nobody new rides there."
    ]
    assert any("2 parts" in told for told in summary(result, STATED, was_cancelled=False))
