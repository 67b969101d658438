"""A replay knows no future, keeps every rule over the whole period, and adds up."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from optimizer.errors import InvalidValue
from optimizer.model import DAY, HOUR, Instance, Request, Rule
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.backtesting import backtest, replay_each
from optimizer.simulate.changes_fleet import RemoveVehicle
from optimizer.simulate.changes_rules import SecondRoundOff
from optimizer.simulate.compare import compare
from optimizer.simulate.documents import dump_backtest, parse_backtest
from optimizer.simulate.outcome import Limits, Outcome
from optimizer.simulate.replay import Replayed, replay
from optimizer.simulate.running import History, Running
from optimizer.simulate.sampling import sample
from optimizer.simulate.scale_out import InProcess
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Metric
from optimizer.simulate.telling import statement
from optimizer.travel import TravelMatrix
from optimizer.verify import check, hard
from tests import builders as b
from tests.simulate.worlds import LIMITS

TODAY = Scenario(id="today", title={"de": "wie es war", "en": "as it was"})
FEWER = Scenario(
    id="fewer", title={"de": "ein Fahrzeug weniger", "en": "one van less"}, changes=(RemoveVehicle(vehicle="V2"),)
)
TRAVEL = b.line({"depot": 0, "A": 600, "B": 600 + HOUR})
DAYS = 3


def on(day: int, name: str, **fields: Any) -> Request:
    """An hour's ride on a day, at much the same time as all others."""
    at = day * DAY
    return b.request(
        name, pickup=(at + 6 * HOUR, at + 8 * HOUR), delivery=(at + 7 * HOUR, at + 9 * HOUR), separate=True, **fields
    )


def period(*requests: Request, vans: int = 1, **fields: Any) -> Instance:
    """Three days, each van with a crew of its own that works on each of them: two rides a day and van."""
    numbers = [(day, van) for day in range(DAYS) for van in range(1, vans + 1)]
    return b.instance(
        *requests,
        **{
            "vehicles": tuple(b.vehicle(f"V{van}") for van in range(1, vans + 1)),
            "crews": tuple(b.crew(f"C{van}") for van in range(1, vans + 1)),
            "shifts": tuple(
                b.shift(f"S{van}-{day}", f"C{van}", start=day * DAY + 4 * HOUR, end=day * DAY + 12 * HOUR)
                for day, van in numbers
            ),
            "duties": tuple(b.duty(f"D{van}-{day}", f"S{van}-{day}", f"V{van}") for day, van in numbers),
            "horizon_start": "2026-03-02T00:00:00+01:00",
            **fields,
        },
    )


def replayed(instance: Instance, travel: TravelMatrix = TRAVEL, scenario: Scenario = TODAY, **fields: Any) -> Replayed:
    return replay(scenario, instance, travel, **{"limits": LIMITS, **fields})


def test_every_day_is_driven_and_the_days_add_up() -> None:
    found = replayed(period(*(on(day, f"R{day}{n}") for day in range(DAYS) for n in range(day + 1))))
    assert [day.carried for day in found.days] == [1, 2, 2]
    assert [day.unplaced for day in found.days] == [0, 0, 1]
    assert found.outcome.carried == 5
    assert found.outcome.metres == sum(day.metres for day in found.days)
    assert found.outcome.load == {"Z1": 5}


def test_a_real_week_keeps_every_rule_over_all_days_together() -> None:
    instance, travel = week()
    later = {r.id: max(0, r.pickup.earliest - 10 * HOUR) for r in instance.requests[::7]}
    history = History(cancelled=later, failed=tuple(r.id for r in instance.requests[3::9]))
    found = replayed(instance, travel, history=history, limits=Limits())
    assert hard(check(found.instance, found.travel, found.solution)) == []
    whole = found.outcome
    assert whole.carried + whole.unplaced + whole.failed == whole.requests
    assert whole.requests + whole.cancelled == len(instance.requests)
    for name in ("carried", "unplaced", "failed", "metres", "custody", "on_board"):
        assert getattr(whole, name) == sum(getattr(day, name) for day in found.days), name
    assert whole.failed > 0
    assert whole.cancelled > 0


@cache
def week() -> tuple[Instance, TravelMatrix]:
    return sample(requests=24, duties=12, seed=5, days=3)


def test_what_is_not_known_in_time_is_not_carried() -> None:
    instance = period(on(1, "R1"), on(1, "R2"))
    late = History(known={"R2": DAY + 1})
    found = replayed(instance, history=late)
    assert found.solution.served == {"R1"}
    in_time = History(known={"R2": DAY})
    assert replayed(instance, history=in_time).solution.served == {"R1", "R2"}


def test_nobody_knows_the_future() -> None:
    """Two known early fill the van of day 1; who comes later finds it full, though hindsight might prefer him."""
    urgent = on(1, "R3", weight=9)
    instance = period(on(1, "R1"), on(1, "R2"), urgent)
    frozen = Running(frozen=DAY + 12 * HOUR)
    late = History(known={"R3": DAY})
    assert replayed(instance, running=frozen, history=late).solution.served == {"R1", "R2"}
    free = Running(frozen=0)
    assert "R3" in replayed(instance, running=free, history=late).solution.served


def test_a_budget_of_changes_keeps_what_was_published() -> None:
    urgent = on(1, "R3", weight=9)
    instance = period(on(1, "R1"), on(1, "R2"), urgent)
    late = History(known={"R3": DAY})
    kept = Running(frozen=0, change_budget=0)
    assert replayed(instance, running=kept, history=late).solution.served == {"R1", "R2"}


def test_who_falls_away_in_time_frees_the_seat_and_later_is_driven_to_in_vain() -> None:
    instance = period(on(1, "R1"), on(1, "R2"), on(1, "R3"))
    in_time = replayed(instance, history=History(cancelled={"R1": DAY}))
    assert in_time.solution.served == {"R2", "R3"}
    assert (in_time.outcome.cancelled, in_time.outcome.failed, in_time.outcome.carried) == (1, 0, 2)
    two = period(on(1, "R1"), on(1, "R2"))
    late = replayed(two, history=History(cancelled={"R1": DAY + HOUR}))
    assert late.solution.served == {"R1", "R2"}
    assert (late.outcome.cancelled, late.outcome.failed, late.outcome.carried) == (0, 1, 1)
    at_door = replayed(two, history=History(failed=("R2",)))
    assert (at_door.outcome.failed, at_door.outcome.carried) == (1, 1)


def test_promises_of_the_first_round_are_driven() -> None:
    begin = DAY + 7 * HOUR
    promised = b.commitment("D1-1", ("P1", "pickup", begin), ("P1", "delivery", begin + HOUR))
    instance = period(on(1, "R1"), b.request("P1", pickup=(0, 3 * DAY), delivery=(0, 3 * DAY)), commitments=(promised,))
    found = replayed(instance)
    assert "P1" in found.solution.served
    assert found.outcome.released == 0
    assert found.outcome.load == {"Z1": len(found.solution.served - {"P1"})}
    assert hard(check(found.instance, found.travel, found.solution)) == []


def test_a_budget_of_a_zab_is_for_the_whole_period() -> None:
    instance = period(*(on(day, f"R{day}") for day in range(DAYS)), zabs=(b.zab(budget=2),))
    found = replayed(instance)
    assert found.outcome.carried == 2
    assert not [v for v in check(found.instance, found.travel, found.solution) if v.rule is Rule.BUDGET]


def test_crews_rest_between_the_days_of_a_replay() -> None:
    """A shift that ends at midnight and one that begins at four: only one of them can be driven."""
    shifts = (
        b.shift("S1-0", "C1", start=16 * HOUR, end=DAY),
        b.shift("S1-1", "C1", start=DAY + 4 * HOUR, end=DAY + 12 * HOUR),
    )
    duties = (b.duty("D1-0", "S1-0"), b.duty("D1-1", "S1-1"))
    evening = b.request("R0", pickup=(18 * HOUR, 19 * HOUR), delivery=(0, DAY))
    instance = period(
        evening, on(1, "R1"), shifts=shifts, duties=duties,
        parameters=b.neutral(working_time=(b.arbzg(),)),
    )  # fmt: skip
    found = replayed(instance)
    assert found.solution.served == {"R0"}
    assert hard(check(found.instance, found.travel, found.solution)) == []


def test_a_run_after_midnight_plans_no_past() -> None:
    found = replayed(period(on(0, "R0"), on(1, "R1")), running=Running(at=5 * HOUR))
    assert found.solution.served == {"R0", "R1"}
    assert hard(check(found.instance, found.travel, found.solution)) == []


def test_without_a_second_round_the_abhs_drive() -> None:
    off = Scenario(id="off", changes=(SecondRoundOff(),))
    found = replayed(period(on(0, "R0"), on(1, "R1")), scenario=off)
    assert (found.outcome.own_drives, found.outcome.carried) == (2, 2)
    assert [day.own_drives for day in found.days][:2] == [1, 1]


def test_a_bundle_of_two_days_rides_whole_or_not_at_all() -> None:
    instance = period(on(0, "R0", bundle="B"), on(1, "R1", bundle="B"))
    found = replayed(instance)
    assert found.solution.served == {"R0", "R1"}
    assert hard(check(found.instance, found.travel, found.solution)) == []


def test_ended_early_the_days_so_far_are_told() -> None:
    asked = iter([False, False, True, True, True, True])
    found = replayed(period(*(on(day, f"R{day}") for day in range(DAYS))), is_cancelled=lambda: next(asked))
    assert [day.carried for day in found.days] == [1, 1, 0]


class TestBacktest:
    def wanted(self, **fields: Any) -> Backtest:
        variants = (
            Variant(scenario=TODAY),
            Variant(scenario=FEWER),
            Variant(scenario=replace(TODAY, id="late"), running=Running(known_days=0)),
        )
        return Backtest(**{"name": "b", "variants": variants, "limits": LIMITS, **fields})

    def instance(self) -> Instance:
        return period(*(on(day, f"R{day}{n}") for day in range(DAYS) for n in range(4)), vans=2)

    def test_variants_are_compared_day_by_day(self) -> None:
        found = compare(backtest(self.wanted(), self.instance(), TRAVEL))
        assert [line.draws for line in found.lines] == [3, 3, 3]
        assert found.baseline.figures[Metric.CARRIED].mean == 20, "four a day, five days a week"
        said = statement(found.lines[1], Metric.CARRIED, found.period, "de")
        assert said == "ein Fahrzeug weniger: 10,0 (10,0 bis 10,0) beförderte Anfragen weniger in der Woche"

    def test_one_scenario_under_two_ways_of_running_is_two_variants(self) -> None:
        found = backtest(self.wanted(), self.instance(), TRAVEL)
        assert {key for key, _ in found.outcomes} == {"today", "fewer", "late"}

    def test_a_crew_replays_the_same_and_nothing_that_is_done(self) -> None:
        wanted = self.wanted()
        whole = backtest(wanted, self.instance(), TRAVEL).outcomes
        made: dict[str, tuple[Outcome, ...]] = {}

        def take(variant: Variant, days: tuple[Outcome, ...]) -> None:
            made[variant.scenario.id] = days

        assert replay_each(wanted, self.instance(), TRAVEL, InProcess(), take, done={"fewer"}) == []
        assert {(name, day): each for name, days in made.items() for day, each in enumerate(days)} == {
            key: outcome for key, outcome in whole.items() if key[0] != "fewer"
        }

    def test_days_on_which_nothing_happened_count_where_they_are_stated(self) -> None:
        found = backtest(self.wanted(days=4), self.instance(), TRAVEL)
        assert [found.outcomes["today", day].carried for day in range(4)] == [4, 4, 4, 0]
        assert found.outcomes["today", 3].has_plan
        assert compare(found).baseline.figures[Metric.CARRIED].mean == 15, "twelve in four days, five days a week"
        with pytest.raises(InvalidValue, match="days"):
            self.wanted(days=0)

    def test_cancelled_it_has_whole_periods_only(self) -> None:
        asked = iter([False] * 5 + [True] * 99)
        found = backtest(self.wanted(), self.instance(), TRAVEL, is_cancelled=lambda: next(asked))
        assert {key for key, _ in found.outcomes} == {"today"}
        assert found.was_cancelled

    def test_it_is_written_and_read_back(self) -> None:
        wanted = self.wanted(history=History(known={"R00": 5}, cancelled={"R01": 6}, failed=("R02",)))
        assert parse_backtest(dump_backtest(wanted), "b.json") == wanted

    def test_what_is_not_there_is_said_first(self) -> None:
        unknown = self.wanted(history=History(failed=("R9",)))
        with pytest.raises(InvalidValue, match="R00, R01"):
            backtest(unknown, self.instance(), TRAVEL)
        with pytest.raises(InvalidValue, match="R00, R01"):
            replay_each(unknown, self.instance(), TRAVEL, InProcess(), lambda *_: None)
        with pytest.raises(InvalidValue, match="different ids"):
            self.wanted(variants=(Variant(scenario=TODAY), Variant(scenario=TODAY)))

    @pytest.mark.parametrize(
        "fields", [{"at": DAY}, {"ahead_days": 0}, {"known_days": -1}, {"frozen": -1}, {"change_budget": -1}]
    )
    def test_ways_of_running_that_cannot_be_are_refused(self, fields: dict[str, int]) -> None:
        with pytest.raises(InvalidValue, match="running"):
            Running(**fields)
