"""A run from rows to proposals: what holds today is proposed, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api import audit
from api.db.tables import (
    Away,
    Bar,
    DutyRow,
    Proposal,
    Run,
    RunKind,
    RunState,
    Standing,
    TourStop,
)
from api.errors import Problem
from api.repositories import runs as repository
from api.workflow import Action, Role, State
from optimizer.io.json import parse_instance
from optimizer.model import VisitKind
from tests.api.jobs.exchange import MONDAY, Exchange, exchange
from tests.api.jobs.plan_world import NOW, PLACES, hours


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Exchange]:
    found = exchange(engine, tmp_path)
    yield found
    found.store.close()


def test_a_run_proposes_each_request_once(made: Exchange) -> None:
    with made.world() as world:
        duty = world.duty().id
        ids = [world.request().id, world.request(pickup=(7, 8), handover=(8, 10)).id]
    run = made.run()
    live = made.live()
    assert set(live) == set(ids)
    assert (run.state, run.status, run.summary["new"], run.summary["unplaced"]) == (RunState.DONE, "optimal", 2, 0)
    assert {proposal.duty_id for proposal in live.values()} == {duty}
    for request, proposal in live.items():
        assert made.request(request).state is State.PROPOSED
        assert proposal.run_id == run.id
        assert proposal.direct_seconds <= proposal.on_board_seconds <= (proposal.limit_seconds or 0)
        assert proposal.respond_by is not None
        assert NOW < proposal.respond_by < proposal.pickup_at
        assert proposal.explanation["extra_metres"] > 0
    with made.store.reading() as session:
        assert session.get_one(DutyRow, duty).is_used
        stops = list(session.scalars(select(TourStop).order_by(TourStop.position)))
        assert [stop.on_board for stop in stops] == [1, 0, 1, 0]
        assert list(audit.verify(session)) == []


def test_who_does_not_fit_is_told_why_for_each_zab(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        world.duty(world.koeln, depot=PLACES["koeln"])
        request = world.request(count=8)
    run = made.run()
    assert run.summary["unplaced"] == 1
    row = made.request(request.id)
    assert row.state is State.POOLED
    assert row.reasons is not None
    assert {reason["zab"] for reason in row.reasons["items"]} == {"zab:essen", "zab:koeln"}
    assert all(reason["rule"] == "load" and reason["texts"]["de"] for reason in row.reasons["items"])
    assert row.matched_at == NOW
    # Looked at is not changed: who read the request before may still decide.
    assert row.version == request.version


def test_publishing_twice_changes_nothing(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.request()
    run = made.run()
    with made.store.reading() as session:
        before = session.scalar(select(func.count()).select_from(Proposal))
        head = audit.head(session)
    for step in (made.steps().prepare, made.steps().solve, made.steps().publish):
        step(str(run.id))
    with made.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Proposal)) == before == 1
        assert audit.head(session) == head
    assert made.row(run.id).version == run.version


def test_a_second_run_leaves_what_is_proposed(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.duty(world.koeln, depot=PLACES["koeln"])
        world.request()
        world.request(pickup=(6, 8), handover=(7, 10))
    made.run()
    before = {request: proposal.id for request, proposal in made.live().items()}
    run = made.run()
    assert {request: proposal.id for request, proposal in made.live().items()} == before
    assert (run.summary["new"], run.summary["changed"], run.summary["lost"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("action", "role", "code", "state"),
    [
        (Action.STOP, Role.ABH, "court", State.STOPPED),
        (Action.CANCEL, Role.ABH, "duplicate", State.CANCELLED),
        (Action.RETURN_TO_ABH, Role.ABH, None, State.RETURNED),
    ],
)
def test_who_leaves_while_the_run_solves_is_never_proposed(
    made: Exchange, action: Action, role: Role, code: str | None, state: State
) -> None:
    with made.world() as world:
        world.duty()
        gone, stays = world.request().id, world.request(pickup=(6, 8), handover=(7, 10)).id
    run_id = str(made.queue())
    steps = made.steps()
    steps.prepare(run_id)
    steps.solve(run_id)
    made.take(gone, action, role, code=code)
    steps.publish(run_id)
    assert made.request(gone).state is state
    # What is left of the tour still holds.
    assert set(made.live()) == {stays}


def test_a_duty_that_is_withheld_meanwhile_gets_nobody(made: Exchange) -> None:
    with made.world() as world:
        duty = world.duty().id
        request = world.request().id
    run_id = str(made.queue())
    steps = made.steps()
    steps.prepare(run_id)
    steps.solve(run_id)
    with made.store.writing() as session:
        session.get_one(DutyRow, duty).is_offered = False
    steps.publish(run_id)
    assert made.live() == {}
    reasons = made.request(request).reasons
    assert reasons == {"items": [{"code": "depot", "obstacle": "changed_meanwhile"}]}


def test_a_bar_set_meanwhile_holds(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        request, zab = world.request().id, world.essen.id
    run_id = str(made.queue())
    steps = made.steps()
    steps.prepare(run_id)
    steps.solve(run_id)
    with made.store.writing() as session:
        session.add(Bar(created_at=NOW, request_id=request, zab_id=zab, until=None))
    steps.publish(run_id)
    assert made.live() == {}


def test_what_was_promised_stays_to_the_second(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        first, zab = world.request().id, world.essen.id
    made.run()
    made.take(first, Action.CONFIRM, Role.ZAB_LEAD, zab=zab)
    promised = made.live()[first]
    with made.world_again() as world:
        second = world.request(pickup=(6, 8), handover=(7, 10)).id
    made.run()
    after = made.live()
    assert (after[first].id, after[first].pickup_at, after[first].handover_at) == (
        promised.id, promised.pickup_at, promised.handover_at,
    )  # fmt: skip
    assert second in after
    with made.store.reading() as session:
        starts = session.scalars(select(TourStop.start).where(TourStop.request_id == first)).all()
    assert sorted(starts) == [promised.pickup_at, promised.handover_at]


def test_an_offer_that_fits_no_longer_is_lost_and_told(made: Exchange) -> None:
    with made.world() as world:
        duty = world.duty()
        request, crew = world.request().id, duty.crew_id
    made.run()
    with made.store.writing() as session:
        session.add(Away(created_at=NOW, crew_id=crew, starts_at=hours(0), ends_at=hours(23), code="illness"))
    run = made.run()
    assert made.live() == {}
    assert made.request(request).state is State.POOLED
    assert run.summary["lost"] == 1
    with made.store.reading() as session:
        ended = session.scalars(select(Proposal)).unique().one()
        assert (ended.standing, ended.end_code) == (Standing.LOST, "no_longer_fits")
        assert not session.get_one(DutyRow, duty.id).is_used


def test_a_weightier_request_takes_the_seat_of_an_unanswered_offer(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        light = world.request(count=2).id
    made.run()
    assert set(made.live()) == {light}
    with made.world_again() as world:
        urgent = world.request(count=2, deadline_class="urgent").id
    run = made.run()
    assert set(made.live()) == {urgent}
    assert (run.summary["new"], run.summary["lost"]) == (1, 1)
    with made.store.reading() as session:
        lost = session.scalars(select(Proposal).where(Proposal.request_id == light)).unique().one()
        assert lost.end_code == "better_plan"


def test_continuous_keeps_offers_and_fits_one_more_in(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        first = world.request(count=2).id
    made.run(RunKind.CONTINUOUS, wanted=[str(first)])
    offered = made.live()[first]
    with made.world_again() as world:
        second = world.request(count=2, deadline_class="urgent", pickup=(5, 9), handover=(6, 11)).id
        third = world.request(count=2, deadline_class="urgent").id
    made.run(RunKind.CONTINUOUS, wanted=[str(second)])
    made.run(RunKind.CONTINUOUS, wanted=[str(third)])
    live = made.live()
    assert live[first].id == offered.id
    assert second in live
    assert third not in live
    reasons = made.request(third).reasons
    assert reasons is not None
    assert [reason["zab"] for reason in reasons["items"]] == ["zab:essen"]


def test_several_at_once_are_matched_together(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        ids = [world.request(count=2).id, world.request(count=2, pickup=(8, 9), handover=(9, 11)).id]
    run = made.run(RunKind.CONTINUOUS, wanted=[str(each) for each in ids])
    assert set(made.live()) == set(ids)
    assert run.summary["new"] == 2


def test_a_bundle_is_proposed_whole_or_not_at_all(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        pair = [
            world.request(count=2, bundle="B1").id,
            world.request(count=2, bundle="B1", pickup=(8, 9), handover=(9, 11)).id,
        ]
    run_id = str(made.queue())
    steps = made.steps()
    steps.prepare(run_id)
    steps.solve(run_id)
    made.take(pair[1], Action.STOP, Role.ABH, code="court")
    steps.publish(run_id)
    # Its partner may go alone from now on: it is no bundle any more. Nothing else was asked.
    assert set(made.live()) <= {pair[0]}
    with made.world_again() as world:
        other = [
            world.request(count=2, bundle="B2", pickup=(5, 6), handover=(6, 8)).id,
            world.request(count=9, bundle="B2", pickup=(8, 9), handover=(9, 11)).id,
        ]
    made.run()
    assert not set(other) & set(made.live())


def test_one_run_at_a_time_for_each_day(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
    first = made.queue(horizon="2026-10-05/2026-10-07")
    with pytest.raises(Problem) as caught:
        made.queue(horizon="2026-10-07/2026-10-09")
    assert (caught.value.status, caught.value.more["run"]) == (409, str(first))
    made.queue(horizon="2026-10-08/2026-10-09")


def test_the_stored_problem_repeats_the_run(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        request = world.request()
    run = made.run()
    with made.store.reading() as session:
        stored = repository.input_of(session, run.id)
        assert stored is not None
        assert stored.result is not None
        problem = parse_instance(stored.instance.decode(), "stored")
        result = json.loads(stored.result)
    assert [each.id for each in problem.instance.requests] == [str(request.id)]
    assert result["status"] == "optimal"
    assert run.versions["requests"] == {str(request.id): request.version}
    assert set(run.versions["libraries"]) >= {"ortools", "numba"}
    again = made.run()
    assert again.input_sha256 != run.input_sha256  # The request is proposed by now: another problem.


def test_a_cancelled_run_keeps_what_it_found(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        request = world.request().id
    run_id = made.queue()
    steps = made.steps()
    steps.prepare(str(run_id))
    steps.solve(str(run_id))
    with made.store.writing() as session:
        session.get_one(Run, run_id).is_cancel_wanted = True
    steps.publish(str(run_id))
    assert made.row(run_id).state is RunState.CANCELLED
    assert set(made.live()) == {request}


def test_nobody_waits(made: Exchange) -> None:
    with made.world():
        pass
    run = made.run(horizon=MONDAY)
    assert (run.state, run.status, run.summary["new"]) == (RunState.DONE, None, 0)


def test_a_pickup_that_is_over_is_not_matched(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.request()
    made.clock[0] = hours(7.5)
    assert made.run().summary["new"] == 0
    assert made.live() == {}


def test_a_window_that_has_begun_goes_on_from_now(made: Exchange) -> None:
    with made.world() as world:
        world.duty(since=4)
        world.duty(since=5.5)
        world.request(pickup=(5, 9), handover=(6, 11))
    made.clock[0] = hours(5) + timedelta(minutes=10)
    made.run()
    (proposal,) = made.live().values()
    assert proposal.pickup_at >= made.clock[0]


@pytest.mark.parametrize(("tolerance", "is_placed"), [(20, True), (5, False)])
def test_a_promise_moves_within_its_tolerance_and_says_so(made: Exchange, tolerance: int, is_placed: bool) -> None:
    """The new one is picked up at the very place and at a fixed time: the promised one must be done before."""
    with made.world() as world:
        duty = world.duty(tolerance_seconds=60 * tolerance)
        promised = world.request()
    made.run()
    made.take(promised.id, Action.CONFIRM, Role.ZAB_DISPATCHER, zab=duty.zab_id)
    before = made.live()[promised.id]
    late = (before.pickup_at - hours(0)).total_seconds() / 3600 + 0.25
    with made.world_again() as again:
        new = again.request(pickup=(late, late))
    run = made.run()
    after = made.live()
    assert (new.id in after) is is_placed, run.summary
    moved = after[promised.id]
    if not is_placed:
        assert (moved.pickup_at, moved.handover_at) == (before.pickup_at, before.handover_at)
        return
    assert timedelta(0) < before.pickup_at - moved.pickup_at <= timedelta(minutes=tolerance)
    assert moved.on_board_seconds == (moved.handover_at - moved.pickup_at).total_seconds() - 1800
    assert after[new.id].duty_id == duty.id
    (told,) = after[new.id].explanation["affected"]
    assert told == {"request": str(promised.id), "before_seconds": before.on_board_seconds}
    with made.store.reading() as session:
        stops = {(s.request_id, s.kind): s.start for s in session.scalars(select(TourStop))}
    assert stops[promised.id, VisitKind.PICKUP] == moved.pickup_at
