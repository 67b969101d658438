"""Planning anew: frozen tours stay to the second, the budget of changes holds, and the old plan is where one starts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from optimizer.__main__ import app
from optimizer.errors import InvalidValue
from optimizer.io.json import instance_units, read_instance, write_instance
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.model import Assignment, Instance, Promise, Rule, Solution, Stage, VisitKind
from optimizer.params import SolveParams
from optimizer.result import Status
from optimizer.rolling import roll, stops_of
from optimizer.solve import solve
from optimizer.verify import check, hard
from tests.builders import fleet, instance, line, request
from tests.oracle import brute_force
from tests.strategies import random_tiny

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
ALONE = SolveParams(workers=1)
TWO = instance(request("one", "A", "C"), request("two", "B", "C", pickup=(9000, 9600)), **fleet(2))


def stops(*tours: tuple[str, list[tuple[str, int, int]]]) -> dict[str, tuple[Promise, ...]]:
    """Tours of rides one after the other: request, pick-up, hand-over."""
    return {
        duty: tuple(
            Promise(request=name, kind=kind, start=at)
            for name, first, last in rides
            for kind, at in ((VisitKind.PICKUP, first), (VisitKind.DELIVERY, last))
        )
        for duty, rides in tours
    }


PLAN = stops(("D1", [("one", 600, 1800)]), ("D2", [("two", 9000, 9600)]))


def begins(plan: Solution, duty: str) -> list[tuple[str | None, str, int]]:
    return [(v.request, v.kind.value, v.start) for t in plan.tours if t.duty == duty for v in t.visits if v.request]


# --- the problem ------------------------------------------------------------------------------------------------------


def test_the_plan_becomes_the_published_one() -> None:
    rolled = roll(TWO, PLAN, change_budget=1)
    assert rolled.published == (Assignment(request="one", duty="D1"), Assignment(request="two", duty="D2"))
    assert (rolled.change_budget, rolled.commitments) == (1, ())


@pytest.mark.parametrize(("until", "frozen"), [(600, set()), (601, {"D1"}), (9001, {"D1", "D2"}), (None, set())])
def test_tours_that_begin_before_are_frozen(until: int | None, frozen: set[str]) -> None:
    rolled = roll(TWO, PLAN, frozen_until=until)
    assert {
        c.duty for c in rolled.commitments if c.frozen and c.tolerance == 0 and c.promises == PLAN[c.duty]
    } == frozen


def test_the_rest_of_a_bundle_is_frozen_with_it() -> None:
    paired = replace(TWO, requests=tuple(replace(r, bundle="both") for r in TWO.requests))
    rolled = roll(paired, PLAN, frozen_until=601)
    assert {c.duty for c in rolled.commitments} == {"D1", "D2"}
    assert all(r.bundle is None for r in rolled.requests)


def test_what_is_gone_is_left_out() -> None:
    gone = {**PLAN, "D9": PLAN["D1"], "D2": stops(("D2", [("cancelled", 0, 60)]))["D2"]}
    rolled = roll(TWO, gone, frozen_until=10**6)
    assert rolled.published == (Assignment(request="one", duty="D1"),)
    assert [c.duty for c in rolled.commitments] == ["D1"]


def test_a_promise_of_a_frozen_tour_gives_way_to_the_whole_tour() -> None:
    promised = roll(TWO, stops(("D1", [("one", 700, 1900)])), frozen_until=701)
    again = roll(promised, stops(("D1", [("one", 700, 1900), ("two", 9000, 9600)])), frozen_until=701)
    assert [(c.duty, len(c.promises)) for c in again.commitments] == [("D1", 4)]


def test_a_plan_that_carries_a_request_twice_is_refused() -> None:
    with pytest.raises(InvalidValue, match="one tour in the plan"):
        roll(TWO, {**PLAN, "D2": PLAN["D1"]})


# --- the answer -------------------------------------------------------------------------------------------------------


def test_a_frozen_tour_stays_to_the_second_and_takes_nobody_new() -> None:
    late = replace(TWO, requests=(*TWO.requests, request("late", "A", "C")))
    result = solve(roll(late, PLAN, frozen_until=9001), TRAVEL, ALONE)
    assert result.status is Status.OPTIMAL
    assert begins(result.solution, "D1") == [("one", "pickup", 600), ("one", "delivery", 1800)]
    (left,) = result.unserved
    assert {reason.rule for reason in left.reasons} == {Rule.FROZEN}


def changes(day: Instance, plan: Solution) -> int:
    return sum(plan.duty_by_request.get(was.request) != was.duty for was in day.published)


@pytest.mark.parametrize("budget", [0, 1, 2])
def test_no_more_changes_than_the_budget(budget: int) -> None:
    # Together on one duty would cost less; the published plan has them on two.
    day = replace(roll(TWO, PLAN, change_budget=budget), stages=(Stage.SERVED, Stage.COST))
    day = replace(day, crews=tuple(replace(crew, cost_per_hour=100) for crew in day.crews))
    result = solve(day, TRAVEL, ALONE)
    assert result.status is Status.OPTIMAL
    assert changes(day, result.solution) == min(budget, 1)


def test_a_budget_that_nothing_keeps_is_proven_impossible() -> None:
    barred = replace(TWO, requests=tuple(replace(r, barred_duties=frozenset({"D1"})) for r in TWO.requests))
    assert solve(roll(barred, PLAN, change_budget=0), TRAVEL, ALONE).status is Status.INFEASIBLE
    result = solve(roll(barred, PLAN, change_budget=1), TRAVEL, ALONE)
    assert (result.status, result.objective and result.objective.changes) == (Status.OPTIMAL, 1)


@pytest.mark.parametrize("seed", range(40))
def test_random_days_planned_anew_equal_brute_force(seed: int) -> None:
    day, travel = random_tiny(seed)
    before = brute_force(day, travel)
    if not before.feasible or not before.solution.tours:
        return
    first = min(visit.start for tour in before.solution.tours for visit in tour.visits)
    day = roll(day, stops_of(before.solution), frozen_until=first + 3600 * (seed % 3), change_budget=seed % 4)
    expected, result = brute_force(day, travel), solve(day, travel, ALONE)
    assert expected.feasible, "the old plan itself is one"
    assert result.status is Status.OPTIMAL
    assert {stage.name: stage.value for stage in result.stages} == {
        stage.name: expected.values[stage.name] for stage in result.stages
    }
    old = stops_of(before.solution)
    for duty in (c.duty for c in day.commitments if c.frozen and not c.tolerance and c.promises == old.get(c.duty)):
        assert begins(result.solution, duty) == begins(before.solution, duty)
    assert not hard(check(day, travel, result.solution))


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_writes_the_day_to_be_planned_anew(tmp_path: Path) -> None:
    stated = Problem(instance=TWO, travel=TRAVEL, units=instance_units(TWO))
    answer, today, new = tmp_path / "RESULT.json", tmp_path / "today.json", tmp_path / "new.json"
    answer.write_text(dump_result(solve(TWO, TRAVEL, ALONE), stated), encoding="utf-8")
    write_instance(today, replace(TWO, requests=(TWO.requests[1], request("late", "A", "C"))), TRAVEL)
    options = ["--frozen-until", "100000", "--change-budget", "0", "--out", str(new)]
    done = CliRunner().invoke(app, ["roll", str(today), str(answer), *options])
    assert done.exit_code == 0, done.output
    assert f"python -m optimizer solve {new}" in done.stderr
    rolled = read_instance(new).instance
    assert [was.request for was in rolled.published] == ["two"]
    assert [commitment.frozen for commitment in rolled.commitments] == [True]
    assert rolled.change_budget == 0
    told = json.loads(answer.read_text(encoding="utf-8"))
    answer.write_text(json.dumps(told | {"tours": [*told["tours"], *told["tours"]]}), encoding="utf-8")
    done = CliRunner().invoke(app, ["roll", str(today), str(answer), "--out", str(tmp_path / "no.json")])
    assert done.exit_code == 2
    assert "one tour" in done.output
    assert not (tmp_path / "no.json").exists()
