"""The fragment-flow road proves what brute force finds, and leaves alone what it does not model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from optimizer.io.cordeau import read_cordeau
from optimizer.master.rows import build_rows
from optimizer.model import Assignment, Instance, InstanceIndex, Stage
from optimizer.model.parameters import BreakTier
from optimizer.params import SolveParams
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import enumerate_fragments
from optimizer.routing.rides import build_rides
from optimizer.search import flow
from optimizer.search.flow_expansion import expand
from optimizer.search.observer import SilentObserver
from optimizer.search.plan import Outcome, plan_of
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from tests.oracle import brute_force
from tests.search.flow_days import random_day

DARP = Path(__file__).parents[3] / "shared" / "instances" / "darp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    outcome: Outcome | None
    applicable: bool
    value: int | None
    """The cost of the plan, recomputed by the checker, which found no fault."""


def run(day: Instance, travel: TravelMatrix, stop: Stop | None = None, limit: int = 100_000) -> Run:
    index = InstanceIndex(day)
    rides = build_rides(index, travel)
    fleet = build_fleet(index, rides, travel)
    fragments = enumerate_fragments(index, rides, fleet, travel, limit=limit)
    rows = build_rows(index, rides, fleet, travel)
    flowed = flow.flow_search(
        index, rides, fleet, fragments, travel, rows=rows,
        params=SolveParams(workers=1, rounds=6), stop=stop or Stop(), observer=SilentObserver(),
    )  # fmt: skip
    outcome = None if flowed is None else flowed.outcome
    value = None
    if flowed is not None and outcome is not None and outcome.columns is not None:
        plan = plan_of(outcome.columns, fleet, flowed.scheduler)
        assert hard(check(day, travel, plan)) == []
        value = objective(day, travel, plan).value(Stage.COST)
        assert value == outcome.stages[0].value
    return Run(outcome=outcome, applicable=flow.applicable(day, fleet, fragments, rows), value=value)


def assert_as_brute_force(seed: int) -> bool:
    """Hold one random day against brute force; return whether it has a plan that was found and proven."""
    made = random_day(seed)
    truth = brute_force(made.instance, made.travel)
    ours = run(made.instance, made.travel)
    assert ours.applicable
    if not truth.feasible:
        assert ours.outcome is None, "infeasible days are left to the general road"
        return False
    if ours.outcome is None:
        return False  # Too loose for so few requests: the general road's.
    assert ours.value == truth.values[Stage.COST], seed
    assert all(stage.proven for stage in ours.outcome.stages)
    return True


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_random_days_equal_brute_force(first: int) -> None:
    with_plan = sum(assert_as_brute_force(seed) for seed in range(first, first + 20))
    assert with_plan > 4, "hardly any day has a plan: no test"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 4000, 100))
def test_many_random_days_equal_brute_force(first: int) -> None:
    assert sum(assert_as_brute_force(seed) for seed in range(first, first + 100)) > 20


def test_a_cancelled_run_says_nothing() -> None:
    made = random_day(3)
    with Stop(is_cancelled=lambda: True) as stop:
        assert run(made.instance, made.travel, stop).outcome is None


def test_what_is_not_modelled_is_left_to_the_general_road() -> None:
    made = random_day(3)
    day = made.instance
    assert run(day, made.travel).applicable
    (profile,) = day.parameters.working_time
    span = day.shifts[0].end - day.shifts[0].start
    with_break = replace(profile, tiers=(BreakTier(span=span // 2, total=900),))
    for other in (
        replace(day, serve_all=False),
        replace(day, stages=(Stage.SERVED, Stage.COST)),
        replace(day, parameters=replace(day.parameters, working_time=(with_break,))),
        replace(day, parameters=replace(day.parameters, working_time=(replace(profile, max_stretch=span // 2),))),
        replace(day, zabs=tuple(replace(zab, budget=2) for zab in day.zabs)),
        replace(day, published=(Assignment(request=day.requests[0].id, duty=day.duties[0].id),), change_budget=0),
    ):
        ours = run(other, made.travel)
        assert not ours.applicable
        assert ours.outcome is None


def test_several_classes_make_one_plan() -> None:
    """Half of the vehicles leave later: two classes, held against brute force."""
    settled = 0
    for seed in range(30):
        made = random_day(seed)
        first, *others = made.instance.shifts
        later = [replace(shift, start=shift.start + (shift.end - shift.start) // 4) for shift in others]
        day = replace(made.instance, shifts=(first, *later))
        truth, ours = brute_force(day, made.travel), run(day, made.travel)
        if ours.outcome is not None:
            settled += len(others) > 0
            assert ours.value == truth.values[Stage.COST], seed
    assert settled > 5


@pytest.mark.parametrize(("name", "published"), [("a2-16", 294.25), ("a3-36", 583.19), ("a6-72", 916.05)])
def test_public_days_are_proven_at_their_published_optimum(name: str, published: float) -> None:
    path = DARP / f"{name}.txt"
    if not path.exists():
        pytest.skip("the public instances are not here")
    made = read_cordeau(path)
    ours = run(made.instance, made.travel)
    assert ours.outcome is not None
    assert ours.outcome.stages[0].proven
    assert made.units.micro_euros is not None
    assert ours.outcome.stages[0].value / made.units.micro_euros == pytest.approx(published, abs=0.01)


def test_coarse_time_narrows_what_unfolds_too_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for few states the answer is the same, or there is none."""
    monkeypatch.setattr(
        flow, "expand", lambda network, halt, grain=1: expand(network, halt, most_states=12, grain=grain)
    )
    narrowed = 0
    for seed in range(40):
        made = random_day(seed)
        truth, ours = brute_force(made.instance, made.travel), run(made.instance, made.travel)
        if ours.outcome is not None:
            narrowed += 1
            assert ours.value == truth.values[Stage.COST], seed
    assert narrowed > 5
