"""Days that are over: who waited, who was promised, what was known when; and what is deleted is not replayed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from api.errors import Problem
from api.mapping.past import PastDays
from api.services import past
from api.services.back_tests import AS_IT_WAS
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.backtesting import backtest
from tests.api.house import House
from tests.api.past_world import FIRST, HOUR, LAST, LOCAL, lived

DAYS = PastDays(first=date.fromisoformat(FIRST), last=date.fromisoformat(LAST))


def period(house: House, days: PastDays = DAYS) -> past.Past:
    with house.store.reading() as session:
        return past.period(session, days, house.context.settings, now=house.now)


def test_days_are_read_as_they_were_before_the_exchange_placed_anybody(house: House) -> None:
    ids = lived(house)
    found = period(house)
    instance, history = found.mapped.instance, found.history
    names = {key: name for name, key in ids.items()}
    assert {names[each.id] for each in instance.requests} == {"promised", "done", "left", "gone", "failed"}
    assert [(names[c.duty], {names[p.request] for p in c.promises}, c.frozen) for c in instance.commitments] == [
        ("monday", {"promised"}, False)
    ]
    assert {names[duty.id] for duty in instance.duties} == {"monday", "tuesday"}
    assert instance.published == ()
    assert {zab.prior_load for zab in instance.zabs} == {0}, "what they took in these days is what is replayed"
    assert instance.horizon_start == "2026-10-05T00:00:00+02:00"
    assert {names[key]: at for key, at in history.known.items()} == {
        "done": 0, "left": 0, "gone": 0, "failed": 13 * HOUR + LOCAL,
    }  # fmt: skip
    assert {names[key]: at for key, at in history.cancelled.items()} == {"gone": 12 * HOUR + LOCAL}
    assert [names[key] for key in history.failed] == ["failed"]
    assert [(each.kind, names[each.id], each.code) for each in found.mapped.left_out] == [
        ("request", "blocked", "gate_closed")
    ]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_replay_of_them_carries_who_rode_and_knows_nobody_before_his_time(house: House) -> None:
    lived(house)
    found = period(house)
    wanted = Backtest(name="b", variants=(Variant(scenario=AS_IT_WAS),), history=found.history, days=DAYS.days)
    days = backtest(wanted, found.mapped.instance, found.mapped.travel).outcomes
    told = [(each.carried, each.unplaced, each.failed) for each in days.values()]
    # On Monday both ride; on Tuesday one fails at the door, and for the other no duty works so late.
    assert told == [(2, 0, 0), (0, 1, 1)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_days_that_are_not_over_or_deleted_in_part_are_refused(house: House) -> None:
    lived(house)
    today = PastDays(first=DAYS.first, last=DAYS.last + timedelta(days=1))
    for days, path in ((today, "/last_day"), (PastDays(first=date(2026, 9, 7), last=DAYS.last), "/first_day")):
        with pytest.raises(Problem) as problem:
            period(house, days)
        assert [each.path for each in problem.value.errors] == [path]
    house.later(days=28)
    assert past.earliest_day(house.now) == date(2026, 10, 6)
    with pytest.raises(Problem, match="Choose other days"):
        period(house)
    assert period(house, PastDays(first=DAYS.last, last=DAYS.last)).mapped.instance.commitments == ()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_usual_days_are_those_that_are_whole(house: House) -> None:
    found = past.usual_days(house.now)
    assert (found.first, found.last) == (date(2026, 9, 3), date(2026, 9, 30))
    past.see_that_they_are_there(found, now=house.now)
    with pytest.raises(Problem, match="Choose others"):
        period(house, found)
