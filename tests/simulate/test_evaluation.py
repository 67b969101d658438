"""What an evaluation counts, worked out by hand, and that it asks no clock."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count

import pytest

from optimizer.model import HOUR, Window
from optimizer.simulate.changes_demand import DelayFlight
from optimizer.simulate.changes_fleet import BreakVehicle
from optimizer.simulate.changes_rules import PoolingOff, SecondRoundOff, UseParameters
from optimizer.simulate.draws import Draws
from optimizer.simulate.evaluation import evaluate
from optimizer.simulate.outcome import Limits
from optimizer.simulate.sampling import sample
from optimizer.simulate.scenario import Change, Scenario
from optimizer.verify import check, hard
from tests import builders as b
from tests.simulate.worlds import LIMITS, tiny

TODAY = Scenario(id="today")


def of(*changes: Change) -> Scenario:
    return Scenario(id="s", changes=changes)


def test_counts_of_a_day_worked_out_by_hand() -> None:
    """Each van takes one at a time: within two hours of pick-ups, an hour there and an hour back, that is two."""
    made = evaluate(TODAY, *tiny(), limits=LIMITS)
    found = made.outcome
    assert (found.status, found.requests, found.carried, found.unplaced) == ("optimal", 6, 4, 2)
    assert (found.custody, found.on_board, found.night, found.own_drives) == (0, 4 * HOUR, 0, 0)
    # depot - A 600 s; A - B - A - B 3 h; B - depot 1 h 10 min: at 20 m/s, two vans.
    assert found.metres == 2 * 20 * (600 + 3 * HOUR + HOUR + 600)
    assert found.load == {"Z1": 4}
    assert hard(check(made.instance, made.travel, made.result.solution)) == []


def test_who_fails_at_the_door_is_driven_to_but_not_carried() -> None:
    draws = Draws(cancelled_ahead=0.0, cancelled_at_door=1.0, delayed=0.0, demand=False)
    found = evaluate(TODAY, *tiny(), draws=draws, limits=LIMITS).outcome
    assert (found.carried, found.failed, found.unplaced, found.on_board) == (0, 4, 2, 0)
    assert found.metres > 0


def test_whoever_falls_away_before_is_nowhere() -> None:
    draws = Draws(cancelled_ahead=1.0, cancelled_at_door=0.0, delayed=0.0, demand=False)
    found = evaluate(TODAY, *tiny(), draws=draws, limits=LIMITS).outcome
    assert (found.requests, found.cancelled, found.carried, found.metres) == (0, 6, 0, 0)


def test_without_a_second_round_each_abh_drives_there_and_back() -> None:
    found = evaluate(of(SecondRoundOff()), *tiny(), limits=LIMITS).outcome
    assert (found.carried, found.unplaced, found.own_drives) == (6, 0, 6)
    assert found.own_metres == found.metres == 6 * 2 * 20 * HOUR
    assert (found.on_board, found.custody) == (6 * HOUR, 0)
    assert found.load == {"Z1": 0}
    half = evaluate(of(SecondRoundOff(able=0.5)), *tiny(), limits=LIMITS).outcome
    assert half.own_drives + half.unplaced == 6
    assert 0 < half.unplaced < 6


def test_pooling_off_costs_rides_that_were_shared() -> None:
    requests = tuple(b.request(f"R{n}", pickup=(HOUR, HOUR), delivery=(0, 3 * HOUR)) for n in range(1, 4))
    instance = b.instance(*requests)
    travel = b.line({"depot": 0, "A": 600, "B": 4200})
    assert evaluate(TODAY, instance, travel, limits=LIMITS).outcome.carried == 3
    assert evaluate(of(PoolingOff()), instance, travel, limits=LIMITS).outcome.carried == 1


def test_a_breakdown_in_mid_tour_leaves_what_was_handed_over() -> None:
    promised = b.commitment("D1", ("P1", "pickup", 7 * HOUR), ("P1", "delivery", 8 * HOUR))
    instance, travel = tiny()
    instance = replace(
        instance,
        requests=(*instance.requests, b.request("P1")),
        commitments=(promised,),
    )
    before = evaluate(of(BreakVehicle(vehicle="V1", at=8 * HOUR)), instance, travel, limits=LIMITS)
    assert before.outcome.released == 0
    assert "P1" in before.result.solution.served
    struck = evaluate(of(BreakVehicle(vehicle="V1", at=8 * HOUR - 1)), instance, travel, limits=LIMITS)
    assert struck.outcome.released == 1
    assert struck.outcome.carried >= 3


def test_promises_that_no_rule_allows_any_more_are_planned_anew() -> None:
    """Under a cap of half an hour on board the promised hour cannot be kept; the other duty keeps its own."""
    requests = (b.request("P1"), b.request("P2", "A", "C"), b.request("R1", "A", "C"))
    promises = (
        b.commitment("D1", ("P1", "pickup", 1000), ("P1", "delivery", 4600)),
        b.commitment("D2", ("P2", "pickup", 1000), ("P2", "delivery", 1600)),
    )
    instance = b.instance(*requests, **b.fleet(2), commitments=promises)
    travel = b.line({"depot": 0, "A": 600, "B": 4200, "C": 1200})
    found = evaluate(of(UseParameters(changes={"ride_cap": 1800})), instance, travel, limits=LIMITS)
    assert (found.outcome.status, found.outcome.released) == ("optimal", 1)
    assert [c.duty for c in found.instance.commitments] == ["D2"]
    assert found.result.solution.served == {"P2", "R1"}


def test_promises_that_exclude_each_other_are_all_planned_anew() -> None:
    requests = (b.request("P1", pickup=(0, 9000), delivery=(0, 9000)), b.request("P2"))
    promises = (
        b.commitment("D1", ("P1", "pickup", 1000), ("P1", "delivery", 2000)),
        b.commitment("D2", ("P2", "pickup", 1000), ("P2", "delivery", 2000)),
    )
    crews = (b.crew(),)
    shifts = (b.shift(), b.shift("S2", "C1"))
    fleet = {**b.fleet(2), "crews": crews, "shifts": shifts}
    instance = b.instance(*requests, **fleet, commitments=promises)
    found = evaluate(TODAY, instance, b.line({"depot": 0, "A": 600, "B": 1200}), limits=LIMITS).outcome
    assert (found.released, found.carried, found.status) == (2, 2, "optimal")


def test_a_late_flight_leaves_each_van_time_for_one() -> None:
    """Hand-overs from ten to twelve, and the depot an hour and ten minutes away by twelve."""
    instance, travel = tiny()
    late = DelayFlight(place="B", by=3 * HOUR, handover=Window(earliest=0, latest=9 * HOUR))
    assert evaluate(of(late), instance, travel, limits=LIMITS).outcome.carried == 2


def test_the_clock_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    instance, travel = sample(requests=20, duties=6, seed=3, days=2)
    usual = [evaluate(TODAY, instance, travel, draws=Draws(), draw=k).outcome for k in range(2)]
    hours = count()  # An hour passes between any two looks at the clock.
    monkeypatch.setattr(time, "perf_counter", lambda: 3600.0 * next(hours))
    assert [evaluate(TODAY, instance, travel, draws=Draws(), draw=k).outcome for k in range(2)] == usual


def test_limits_of_no_work_are_refused() -> None:
    with pytest.raises(ValueError, match="max_nodes"):
        Limits(max_nodes=0)
