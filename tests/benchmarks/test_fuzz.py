"""The judge finds every lie that a result could tell, and the command remembers what it did."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from benchmarks import fuzz, fuzz_judge
from benchmarks.fuzz_judge import BruteForce, CompactTruth, Kind, Truth, judge
from optimizer.model import Stage, Visit
from optimizer.result import Result, StageResult, Status
from optimizer.solve import solve
from optimizer.verify import objective
from tests.properties.solved import QUICK
from tests.strategies import random_tiny

SEED = 25
"""An instance with a plan that serves some, at some cost, in several stages."""


@cache
def truth() -> BruteForce:
    return BruteForce(*random_tiny(SEED))


@cache
def result() -> Result:
    return solve(*random_tiny(SEED), QUICK)


def kinds(told: Result, by: Truth | None = None) -> set[Kind]:
    return {fault.kind for fault in judge(by or truth(), told)}


def with_stage(name: Stage, status: Status = Status.FEASIBLE, **changes: object) -> Result:
    def changed(stage: StageResult) -> StageResult:
        return replace(stage, **changes) if stage.name is name else stage  # type: ignore[arg-type]

    return replace(result(), status=status, stages=tuple(changed(stage) for stage in result().stages))


def value(name: Stage) -> int:
    return next(stage.value for stage in result().stages if stage.name is name)


def test_the_instance_is_one_to_test_with() -> None:
    assert truth().feasible
    assert value(Stage.SERVED) > 0
    assert value(Stage.COST) > 0
    assert result().stages[-1].name is Stage.COST


def test_the_truth_is_no_fault() -> None:
    assert kinds(result()) == set()
    assert kinds(result(), CompactTruth(truth().instance, truth().travel)) == set()


@pytest.mark.parametrize("oracle", [BruteForce, CompactTruth])
def test_false_infeasible(oracle: type[BruteForce | CompactTruth]) -> None:
    told = replace(result(), status=Status.INFEASIBLE, stages=(), objective=None)
    assert kinds(told, oracle(*random_tiny(SEED))) == {Kind.FALSE_INFEASIBLE}


def test_unproven_is_told_apart() -> None:
    told = replace(result(), status=Status.UNKNOWN, stages=(), objective=None)
    assert kinds(told) == {Kind.UNPROVEN}
    open_stage = with_stage(Stage.COST, bound=value(Stage.COST) - 1, proven=False)
    assert kinds(open_stage) == {Kind.UNPROVEN}
    assert Kind.UNPROVEN not in fuzz_judge.LIES


def test_wrong_bounds() -> None:
    too_low = with_stage(Stage.SERVED, bound=value(Stage.SERVED) - 1, proven=False)
    assert Kind.WRONG_BOUND in kinds(too_low)
    too_high = with_stage(Stage.COST, bound=value(Stage.COST) + 1, proven=False)
    assert Kind.WRONG_BOUND in kinds(too_high)
    claimed = with_stage(Stage.COST, bound=value(Stage.COST) - 1, proven=True)
    assert Kind.WRONG_BOUND in kinds(claimed)


def test_a_bad_plan_told_as_the_best() -> None:
    """A run that carries nobody and says that this is optimal: a legal plan, a false claim."""
    lone = next(seed for seed in range(100) if not random_tiny(seed)[0].commitments and is_served(seed))
    instance, travel = random_tiny(lone)
    nothing = replace(instance, requests=(), published=())
    empty = solve(nothing, travel, QUICK)
    terms = objective(instance, travel, empty.solution)
    stages = tuple(
        StageResult(name=name, value=terms.value(name), bound=terms.value(name), proven=True)
        for name in instance.stages
    )
    told = replace(empty, stages=stages, objective=terms, status=Status.OPTIMAL)
    assert kinds(told, BruteForce(instance, travel)) >= {Kind.FALSE_OPTIMAL, Kind.FALSE_PROVEN, Kind.WRONG_BOUND}


def is_served(seed: int) -> bool:
    instance, travel = random_tiny(seed)
    return instance.stages[0] is Stage.SERVED and BruteForce(instance, travel).values.get(Stage.SERVED, 0) > 0


def moved(visit: Visit, by: int = 40_000) -> Visit:
    return replace(visit, arrival=visit.arrival + by, start=visit.start + by, departure=visit.departure + by)


def test_a_faulty_plan_is_told() -> None:
    tour = result().solution.tours[0]
    late = replace(tour, visits=tuple(moved(visit) for visit in tour.visits))
    told = replace(result(), solution=replace(result().solution, tours=(late, *result().solution.tours[1:])))
    assert Kind.PLAN in kinds(told)


def test_better_than_possible() -> None:
    told = with_stage(Stage.COST, value=value(Stage.COST) - 1, bound=value(Stage.COST) - 1)
    assert kinds(told) >= {Kind.PLAN, Kind.BEYOND}


def test_the_least_given_worse_stages_before_is_no_worse() -> None:
    best = truth().values
    assert truth().least(Stage.SERVED, {}) == -best[Stage.SERVED]
    assert len(truth().plans) > 1
    loose = truth().least(Stage.CUSTODY, {Stage.SERVED: 0})
    assert loose is not None
    assert loose <= best[Stage.CUSTODY]
    assert truth().least(Stage.CUSTODY, {Stage.SERVED: best[Stage.SERVED] + 1}) is None


def test_the_command_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "RESULTS", tmp_path / "results")
    app = typer.Typer()
    app.command()(fuzz.main)
    arguments = ["--seeds", "3-5", "--mode", "plain", "--mode", "fragments", "--out", str(tmp_path)]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert "3 seeds, 0 known" in first.output
    again = CliRunner().invoke(app, [*arguments, "--seeds", "3-6"])
    assert again.exit_code == 0
    assert "4 seeds, 3 known" in again.output
    table = (tmp_path / "results" / "fuzz.md").read_text(encoding="utf-8")
    assert "| plain |" in table
    assert (tmp_path / "results" / "fuzz.csv").read_text(encoding="utf-8").startswith("seed,mode,kind")


def test_a_crash_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> Result:
        raise ZeroDivisionError("nothing")

    monkeypatch.setattr(fuzz, "solve", broken)
    seed = fuzz.run_seed(3, oracle=fuzz.Oracle.BRUTE, modes=("plain",), changes={})
    assert seed.faults == [("plain", Kind.CRASH, "ZeroDivisionError: nothing")]
    assert fuzz.Seed.read(seed.line()) == seed


@pytest.mark.parametrize(
    ("oracle", "seed", "mode"),
    [
        # Columns searched where some may be missing were taken for all there are by the stages that followed.
        (fuzz.Oracle.BRUTE, 2, "fragments"),
        (fuzz.Oracle.BRUTE, 25, "fragments"),
        (fuzz.Oracle.BRUTE, 36, "fragments"),
        # A later stage found a plan that was better in an earlier one as well, which was still told as it had been.
        (fuzz.Oracle.BRUTE, 1464, "columns"),
        (fuzz.Oracle.COMPACT, 18, "columns"),
    ],
)
def test_what_once_was_false_no_longer_is(oracle: fuzz.Oracle, seed: int, mode: str) -> None:
    found = fuzz.run_seed(seed, oracle=oracle, modes=(mode,), changes={})
    assert [fault for fault in found.faults if fault[1] in fuzz_judge.LIES] == []
