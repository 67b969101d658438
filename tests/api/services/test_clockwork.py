"""What the clock does, on both databases: each thing once, and nothing that a person must do."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.db.tables import DutyRow, Proposal, Standing, TransportRequest
from api.services import clockwork, steps
from api.services.clockwork import Report
from api.workflow import Action, State
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import hours

NOTHING = Report()


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def tick(desk: Desk) -> Report:
    return clockwork.tick(desk.house.store, desk.house.now, desk.house.context.settings)


def test_with_nothing_due_nothing_is_done(desk: Desk) -> None:
    desk.house.pooled(1)
    desk.offered(2)
    desk.confirmed(3)
    assert tick(desk) == NOTHING


def test_silence_never_confirms_it_expires(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    respond = desk.proposal(proposal).respond_by
    assert respond is not None
    before = len(desk.matches())
    desk.house.now = respond - timedelta(seconds=1)
    tick(desk)
    assert desk.request(request).state is State.PROPOSED
    desk.house.now = respond
    assert tick(desk).expired == 1
    row = desk.request(request)
    assert row.state is State.EXPIRED
    ended = desk.proposal(proposal)
    assert (ended.standing, ended.end_code) == (Standing.EXPIRED, "expire")
    assert desk.stops(duty) == []
    (bar,) = desk.bars(request)
    assert (bar.until, str(bar.zab_id)) == (row.fall_back_at, str(desk.house["essen"].organisation_id))
    assert [each["requests"] for each in desk.matches()[before:]] == [[request]]
    for name in ("essen-lead", "ltrako"):
        assert "proposal_expired" in desk.notices(name)
    assert desk.notices("essen") == []
    assert desk.ledger() == []
    assert tick(desk) == NOTHING
    desk.house.check()


def test_an_owner_s_silence_bars_no_zab(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    body = {"code": "other_time", "pickup_at": hours(7.5).isoformat(), "handover_at": hours(8.75).isoformat()}
    desk.house["essen"].do(f"/proposals/{proposal}/counter", body)
    respond = desk.proposal(proposal).respond_by
    assert respond is not None
    desk.house.now = respond
    assert tick(desk).expired == 1
    assert desk.bars(request) == []
    assert "counter_expired" in desk.notices("abh")
    assert "counter_expired" in desk.notices("ltrako")


def test_reminders_come_once_each_and_leave_the_version(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    respond = datetime.fromisoformat("2026-10-02T12:00:00Z")
    desk.change(Proposal, proposal, respond_by=respond)
    version = desk.proposal(proposal).version
    sent = []
    for at in ("2026-10-02T07:59", "2026-10-02T08:00", "2026-10-02T08:01", "2026-10-02T11:00", "2026-10-02T11:59"):
        desk.house.now = datetime.fromisoformat(f"{at}:00Z")
        sent.append(tick(desk).reminded)
    assert sent == [0, 1, 0, 1, 0]
    row = desk.proposal(proposal)
    assert (row.reminders_sent, row.version) == (2, version)
    assert desk.notices("essen") == ["proposal_expiring"]
    desk.house["essen"].do(f"/proposals/{proposal}/confirm")
    assert desk.notices("essen") == []


def test_a_worker_that_slept_sends_one_reminder_for_two(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    desk.change(Proposal, proposal, respond_by=datetime.fromisoformat("2026-10-02T12:00:00Z"))
    desk.house.now = datetime.fromisoformat("2026-10-02T11:30:00Z")
    assert tick(desk).reminded == 1
    assert desk.proposal(proposal).reminders_sent == 2


def test_a_condition_that_nobody_met_lapses(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    until = datetime.fromisoformat("2026-10-02T12:00:00Z")
    body = {"code": "crew_pending", "condition": "zweites Team", "owner": "zab:essen", "until": until.isoformat()}
    desk.house["essen"].do(f"/proposals/{proposal}/confirm-provisionally", body)
    desk.house.now = until - timedelta(seconds=1)
    assert tick(desk).lapsed == 0
    desk.house.now = until
    assert tick(desk).lapsed == 1
    assert desk.request(request).state is State.POOLED
    assert desk.proposal(proposal).standing is Standing.EXPIRED
    assert desk.stops(duty) == []
    assert "condition_lapsed" in desk.notices("abh")
    assert "condition_lapsed" in desk.notices("essen-lead")
    assert tick(desk) == NOTHING


def test_who_was_not_promised_goes_back_to_the_abh(desk: Desk) -> None:
    pooled, (promised, _, _) = desk.house.pooled(1), desk.confirmed(2)
    declined, _, proposal = desk.offered(3)
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "data_wrong"})
    fall_back = desk.request(pooled).fall_back_at
    desk.house.now = fall_back - timedelta(seconds=1)
    assert tick(desk).returned == 0
    desk.house.now = fall_back
    assert tick(desk).returned == 2
    assert {desk.request(each).state for each in (pooled, declined)} == {State.RETURNED}
    assert desk.request(promised).state is State.CONFIRMED
    assert "returned_to_abh" in desk.notices("abh")
    assert tick(desk) == NOTHING


def test_what_is_entered_after_its_fall_back_waits_until_its_window_is_over(desk: Desk) -> None:
    early = desk.house.pooled(1)
    desk.house.now = desk.request(early).fall_back_at + timedelta(hours=1)
    late = desk.house.pooled(2)
    assert tick(desk).returned == 1
    assert (desk.request(early).state, desk.request(late).state) == (State.RETURNED, State.POOLED)
    desk.house.now = desk.request(late).pickup_to
    assert tick(desk).returned == 1
    assert desk.request(late).state is State.RETURNED


def test_promises_are_frozen_the_evening_before(desk: Desk) -> None:
    request, _, proposal = desk.confirmed()
    at = desk.proposal(proposal).pickup_at - timedelta(hours=12)
    desk.house.now = at - timedelta(seconds=1)
    assert tick(desk).frozen == 0
    desk.house.now = at
    assert tick(desk).frozen == 1
    assert desk.request(request).state is State.FROZEN
    assert tick(desk) == NOTHING


def test_a_bar_that_is_over_lets_the_zab_be_asked_again(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "escort_not_available"})
    (bar,) = desk.bars(request)
    assert bar.until is not None
    before = len(desk.matches())
    desk.house.now = bar.until
    assert tick(desk).bars_ended == 1
    assert desk.bars(request) == []
    assert [(each["reason"], each["requests"]) for each in desk.matches()[before:]] == [("bar_ended", [request])]
    assert tick(desk) == NOTHING


def test_a_bar_that_is_over_goes_in_whatever_state(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "escort_not_available"})
    (bar,) = desk.bars(request)
    assert bar.until is not None
    desk.house["abh"].do(f"/requests/{request}/return")
    before = len(desk.matches())
    desk.house.now = bar.until - timedelta(seconds=1)
    assert tick(desk) == NOTHING
    assert len(desk.bars(request)) == 1, "pooled again it holds until then"
    desk.house.now = bar.until
    assert tick(desk).bars_ended == 1
    assert desk.bars(request) == []
    assert len(desk.matches()) == before, "nobody waits"
    assert tick(desk) == NOTHING


def test_many_are_done_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clockwork, "_AT_A_TIME", 3)
    made = [desk.house.pooled(number) for number in range(1, 9)]
    desk.house.now = desk.request(made[0]).fall_back_at
    assert tick(desk).returned == 8


def test_two_workers_at_once_do_each_thing_once(desk: Desk) -> None:
    made = [desk.house.pooled(number) for number in range(1, 7)]
    desk.house.now = desk.request(made[0]).fall_back_at
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(tick(desk))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(report.returned for report in reports) == 6
    for each in made:
        assert [step.action for step in desk.decisions(each)].count(Action.RETURN_TO_ABH) == 1
    desk.house.check()


def test_a_worker_that_dies_in_between_has_done_whole_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [desk.house.pooled(number) for number in range(1, 4)]
    desk.house.now = desk.request(made[0]).fall_back_at
    real, calls = steps.take, iter((False, True))

    def dying(*args: Any, **more: Any) -> Any:
        done = real(*args, **more)
        if next(calls):
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(steps, "take", dying)
    with pytest.raises(KeyboardInterrupt):
        tick(desk)
    monkeypatch.undo()
    states = [desk.request(each).state for each in made]
    assert sorted(states) == sorted([State.RETURNED, State.POOLED, State.POOLED])
    assert tick(desk).returned == 2
    desk.house.check()


def test_the_clock_leaves_ended_requests_alone(desk: Desk) -> None:
    request, duty, _ = desk.offered()
    desk.house["abh"].do(f"/requests/{request}/stop", {"code": "medical"})
    desk.house.now = hours(100)
    assert replace(tick(desk), answers_forgotten=0) == NOTHING  # The answer to the call that entered it is a day old.
    assert desk.request(request).state is State.STOPPED
    assert desk.read(lambda s: s.get_one(DutyRow, desk.duty(duty).id)).is_used is False
    assert desk.read(lambda s: s.get_one(TransportRequest, desk.request(request).id)).pinned_duty_id is None
