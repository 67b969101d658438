"""A sweep: the same whoever makes it, broken off and gone on with, stopped when it is enough."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from optimizer.errors import InvalidValue
from optimizer.simulate.changes_fleet import RemoveVehicle
from optimizer.simulate.draws import NO_CHANCE, Draws
from optimizer.simulate.evaluation import evaluate
from optimizer.simulate.outcome import Limits
from optimizer.simulate.results import Results
from optimizer.simulate.scale_out import Crew, InProcess, Processes
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import FleetSizes, Metric, OneMoreEach, Period, Sweep, periods_of
from optimizer.simulate.sweeping import digest_of, run_sweep
from optimizer.simulate.swept import Swept
from tests.simulate.worlds import FEWER, LIMITS, MORE, sweep, tiny


def swept(wanted: Sweep, crew: Crew | None = None, file: Path | None = None, **fields: Any) -> Swept:
    instance, travel = tiny()
    with Results(file, digest_of(wanted, instance, travel)) as results:
        return run_sweep(wanted, instance, travel, results, crew or InProcess(), **fields)


@cache
def usual() -> Swept:
    """What tests share: made once."""
    return swept(sweep())


def test_every_scenario_has_every_draw() -> None:
    found = usual()
    assert len(found.outcomes) == 3 * 6
    assert found.failed == ()
    assert not found.was_cancelled
    instance, travel = tiny()
    for scenario in found.scenarios:
        for draw in (0, 5):
            alone = evaluate(scenario, instance, travel, draws=Draws(seed=3), draw=draw, limits=LIMITS)
            assert found.outcomes[scenario.key, draw] == alone.outcome


@pytest.mark.slow  # Processes load the kernels anew; the cluster's test compares in `make test`.
def test_the_same_whoever_makes_it() -> None:
    assert swept(sweep(), Processes(2)).outcomes == usual().outcomes


def test_a_sweep_that_broke_off_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    asked = iter([False] * 9 + [True] * 999)
    broken = swept(sweep(), file=file, is_cancelled=lambda: next(asked))
    assert broken.was_cancelled
    done = len(broken.outcomes)
    assert 0 < done < 18
    lines = file.read_text(encoding="utf-8").splitlines()
    whole = swept(sweep(), file=file)
    assert whole.outcomes == usual().outcomes
    again = file.read_text(encoding="utf-8").splitlines()
    assert again[: done + 1] == lines
    assert len(again) == 18 + 1, "none lost, none twice"


def test_more_draws_keep_the_first(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    few = swept(sweep(most=3), file=file)
    more = swept(sweep(most=5), file=file)
    assert few.outcomes.items() <= more.outcomes.items()
    assert len(more.outcomes) == 15


def test_it_stops_when_the_interval_is_tight_enough() -> None:
    """Without chance every draw is alike: the least number of draws says all."""
    found = swept(sweep(precision=0.5, draws=NO_CHANCE, fewest=3, most=20, batch=2))
    assert {draw for _, draw in found.outcomes} == {0, 1, 2}
    assert found.enough == {"fewer": True, "more": True}
    difference = found.difference(FEWER, Metric.CARRIED)
    assert difference is not None
    assert (difference.low, difference.mean, difference.high) == (-10, -10, -10), "two a day, five days a week"


def test_a_scenario_that_never_gets_tight_takes_all_draws_and_says_so() -> None:
    wanted = sweep(precision=0.001, fewest=2, most=3, batch=2)
    found = swept(wanted)
    assert {draw for _, draw in found.outcomes} == set(range(3))
    assert found.enough["fewer"] is False


def test_one_that_is_tight_takes_no_more_draws_while_another_goes_on() -> None:
    same = Scenario(id="same", changes=())
    found = swept(sweep(scenarios=(MORE,), baseline=FEWER, precision=0.001, most=6, batch=2))
    assert len(found.outcomes) == 12
    found = swept(sweep(scenarios=(same, FEWER), precision=0.001, most=6, batch=2))
    assert found.enough["same"], "it is the baseline under another name"


def test_the_same_changes_are_made_once_whatever_they_are_called() -> None:
    found = swept(sweep(scenarios=(FEWER, replace(FEWER, id="again"))))
    assert len(found.outcomes) == 12
    assert found.pairs(found.scenarios[1]) == found.pairs(found.scenarios[2])


def test_one_more_each_asks_every_zab_that_works() -> None:
    instance, _ = tiny()
    made = sweep(scenarios=(), studies=(OneMoreEach(),)).all_scenarios(instance)
    assert [s.id for s in made] == ["today", "+1 van Z1"]
    assert made[1].told("de") == "+1 Kleinbus bei ZAB Z1"
    assert made[1].told("en") == "+1 van at ZAB Z1"


def test_fleets_are_compared_by_size() -> None:
    found = swept(sweep(scenarios=(), studies=(FleetSizes(sizes=(0, 1, 3)),), draws=NO_CHANCE, most=2))
    carried = [found.pairs(s)[0][0].carried for s in found.scenarios]
    assert carried == [4, 0, 2, 6]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scenarios": (FEWER, FEWER)}, "different ids"),
        ({"scenarios": (Scenario(id="x", changes=(RemoveVehicle(vehicle="V9"),)),)}, "V1, V2"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        swept(sweep(**fields))


def test_a_defect_in_one_draw_is_told_and_the_others_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.simulate import sweeping

    def sometimes(*args: Any, **fields: Any) -> Any:
        if fields["draw"] == 2:
            raise RuntimeError("a defect")
        return evaluate(*args, **fields)

    monkeypatch.setattr(sweeping, "evaluate", sometimes)
    found = swept(sweep(most=4))
    assert {(u.task.scenario.id, u.task.draw) for u in found.failed} == {("today", 2), ("fewer", 2), ("more", 2)}
    assert "a defect" in found.failed[0].cause
    assert len(found.outcomes) == 9


def test_results_depend_on_chance_limits_seed_and_problem() -> None:
    instance, travel = tiny()
    usual = digest_of(sweep(), instance, travel)
    assert digest_of(sweep(most=50, precision=1.0, name="other", scenarios=()), instance, travel) == usual
    for other in (sweep(draws=Draws(seed=4)), sweep(limits=Limits(rounds=2)), sweep(seed=1)):
        assert digest_of(other, instance, travel) != usual
    assert digest_of(sweep(), replace(instance, name="other"), travel) != usual


def test_figures_are_told_for_a_period() -> None:
    assert periods_of(Period.WEEK, 1) == 5
    assert periods_of(Period.DAY, 1) == 1
    assert periods_of(Period.MONTH, 1) == pytest.approx(21.67, abs=0.01)
    assert periods_of(Period.WEEK, 5) == 1
    assert periods_of(Period.WEEK, 7) == 1
    assert periods_of(Period.WEEK, 28) == 0.25
    assert periods_of(Period.MONTH, 7) == pytest.approx(4.33, abs=0.01)


@pytest.mark.parametrize(
    "fields",
    [
        {"fewest": 1},
        {"fewest": 9, "most": 5},
        {"batch": 0},
        {"precision": 0.0},
        {"confidence": 1.0},
        {"seed": -1},
    ],
)
def test_sweeps_that_cannot_be_carried_out_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="sweep"):
        sweep(**fields)
    with pytest.raises(InvalidValue, match="rising"):
        FleetSizes(sizes=(3, 2))
