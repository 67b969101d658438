"""Matches of single requests beside long runs: nobody waits for half an hour, and what was offered stays."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, TextClause, text

from api.actor import SYSTEM
from api.db.tables import DutyRow, Run, RunInput, RunKind, RunState
from api.errors import Code, Problem
from api.jobs import nightly
from api.jobs.matches import take_matches
from api.jobs.solving import read_stored
from api.mapping.horizon import Horizon
from api.services import outbox, runs
from optimizer.io.json import parse_instance
from optimizer.params import SolveParams
from tests.api.jobs.exchange import MONDAY, Exchange, exchange


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Exchange]:
    found = exchange(engine, tmp_path, nightly_days=3, nightly_seconds=120, solver_workers=1, match_seconds=120)
    yield found
    found.store.close()


def ask(made: Exchange, request: uuid.UUID) -> None:
    with made.store.writing() as session:
        outbox.ask_match(session, "pool", [request], now=made.context.now)


def take(made: Exchange) -> list[uuid.UUID]:
    with made.store.writing() as session:
        return [run.id for run in take_matches(session, made.context.settings, now=made.context.now)]


def begin(made: Exchange, run: uuid.UUID) -> bool:
    with made.store.writing() as session:
        return runs.begin(session, run, "test", now=made.context.now) is not None


def test_two_workers_that_look_at_once_queue_one_match(made: Exchange) -> None:
    if not made.store.is_postgres:
        pytest.skip("SQLite has one worker")
    with made.world() as world:
        world.duty()
        requests = [world.request().id, world.request().id]
    for each in requests:
        ask(made, each)
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as other:
        with made.store.writing() as first:
            # The first takes one of the two messages; the other is left for the second worker.
            taken = outbox.due(first, made.context.now, 1, is_inner=True)
            assert len(taken) == 1
            horizon = Horizon.read(MONDAY)
            runs.queue(first, SYSTEM, RunKind.CONTINUOUS, horizon, SolveParams(workers=1), now=made.context.now)
            second = other.submit(take, made)
            while not (_number(made, waiting) or second.done()):
                time.sleep(0.02)
        assert second.result() == []
    made.clock[0] += timedelta(seconds=2)
    with made.store.writing() as session:
        (kept,) = outbox.due(session, made.context.now, 9, is_inner=True)
    assert kept.id != taken[0].id, "what the second looked at is looked at again"


def _number(made: Exchange, query: TextClause) -> int:
    with made.store.reading() as session:
        return int(session.scalar(query) or 0)


def test_a_match_begins_beside_a_long_run_and_no_second_one_beside_it(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        request = world.request().id
    long = made.queue()
    assert begin(made, long)
    ask(made, request)
    (match,) = take(made)
    assert begin(made, match)
    ask(made, request)
    assert take(made) == []
    for kind in (RunKind.ON_DEMAND, RunKind.CONTINUOUS):
        with pytest.raises(Problem) as caught:
            made.queue(kind)
        assert caught.value.code is Code.RUN_IN_PROGRESS


def test_a_long_run_leaves_alone_what_was_offered_meanwhile(made: Exchange) -> None:
    with made.world() as world:
        far = world.duty(world.koeln).id
        request = world.request().id
    long, did = made.queue(), made.steps()
    did.prepare(str(long))
    with made.world_again() as world:
        near = world.duty().id
        world.session.get_one(DutyRow, far).is_offered = False
    made.run(RunKind.CONTINUOUS, wanted=[str(request)])
    offer = made.live()[request]
    assert offer.duty_id == near
    with made.world_again() as world:
        world.session.get_one(DutyRow, far).is_offered = True
    did.solve(str(long))
    with made.store.reading() as session:
        stored = session.get_one(RunInput, long)
        assert stored.result is not None
        plan = read_stored(stored.result, parse_instance(stored.instance.decode(), "stored"))
        assert plan.solution.duty_by_request == {str(request): str(far)}, "it would move it"
    did.publish(str(long))
    run = made.row(long)
    assert (run.state, run.summary["new"], run.summary["changed"], run.summary["lost"]) == (RunState.DONE, 0, 0, 0)
    assert {key: proposal.id for key, proposal in made.live().items()} == {request: offer.id}


def test_the_night_sees_to_what_it_has_read_and_holds_up_nothing_else(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        read = world.request().id
    with made.store.writing() as session:
        night: Run | None = nightly.queue_night(session, made.context.settings, date(2026, 10, 5), now=made.context.now)
        assert night is not None
        key = night.id
    assert begin(made, key)
    ask(made, read)
    assert take(made) == [], "it reads its rows now"
    made.steps().prepare(str(key))
    made.clock[0] += timedelta(seconds=2)
    assert take(made) == [], "it has read it as it is"
    with made.world_again() as world:
        late = world.request().id
    ask(made, late)
    (match,) = take(made)
    assert made.row(match).solve_params["wanted"] == [str(late)]
