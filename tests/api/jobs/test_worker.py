"""Workers: a match within seconds, one worker for each run, and nothing lost or doubled where one dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from api import audit
from api.actor import SYSTEM
from api.db.tables import OutboxMessage, Proposal, Run, RunEvent, RunKind, RunState
from api.errors import Problem
from api.jobs import solving
from api.jobs.takeover import presence
from api.jobs.worker import run_worker
from api.services import matching, outbox, runs
from api.settings import Settings
from tests.api.jobs.exchange import Exchange, exchange
from tests.api.jobs.plan_world import NOW

ROOT = Path(__file__).parents[3]
LONG = 90.0
"""Seconds; a machine that is busy with other tests is slow."""


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Exchange]:
    found = exchange(engine, tmp_path, poll_seconds=0.1)
    yield found
    found.store.close()


@contextmanager
def working(made: Exchange) -> Iterator[None]:
    """A worker in a thread."""
    stop = threading.Event()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            run_worker(made.context.settings, stop=stop, clock=made.context.clock)
        except BaseException as error:  # noqa: BLE001  # raised below
            faults.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LONG)
        # Told before what was waited for in vain: it is the cause.
        for fault in faults:
            raise fault
        assert not thread.is_alive()


def until(is_so: Callable[[], bool], what: str, seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def ask(made: Exchange, *requests: uuid.UUID, duties: tuple[uuid.UUID, ...] = ()) -> None:
    with made.store.writing() as session:
        outbox.ask_match(session, "pool", requests, now=NOW, duty_ids=duties)


def test_a_match_is_made_within_seconds_and_messages_of_a_moment_become_one_run(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.duty(days=1)
        ids = [world.request().id, world.request(pickup=(7, 8), handover=(8, 10)).id, world.request(days=1).id]
    ask(made, ids[0])
    ask(made, ids[1])
    ask(made, ids[2])
    with working(made):
        until(lambda: set(made.live()) == set(ids), "proposals")
        with made.world_again() as world:
            late = world.request(pickup=(8, 9), handover=(9, 11)).id
        ask(made, late)
        until(lambda: late in made.live(), "the late one")
        until(lambda: all(run.finished_at is not None for run in _runs(made)), "ends")
    runs = _runs(made)
    assert [run.state for run in runs] == [RunState.DONE] * 3
    assert {run.horizon for run in runs} == {"2026-10-05/2026-10-05", "2026-10-06/2026-10-06"}
    with made.store.reading() as session:
        open_messages = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.delivered_at.is_(None))
        assert session.scalar(open_messages) == 0
        assert list(audit.verify(session)) == []


def test_a_freed_seat_is_offered_to_who_waits(made: Exchange) -> None:
    with made.world() as world:
        duty = world.duty().id
        request = world.request().id
    ask(made, duties=(duty,))
    with working(made):
        until(lambda: set(made.live()) == {request}, "the proposal")


def test_a_queued_run_is_done_and_tells_its_progress(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.request()
    run_id = made.queue()
    with working(made):
        until(lambda: made.row(run_id).state is RunState.DONE, "the run")
    assert made.row(run_id).worker
    with made.store.reading() as session:
        events = list(session.scalars(select(RunEvent).where(RunEvent.run_id == run_id).order_by(RunEvent.number)))
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert events[-1].kind == "finished"


def test_a_wish_to_end_stops_the_search_and_keeps_the_plan(made: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    with made.world() as world:
        world.duty()
        request = world.request().id
    match = matching.match

    def slow(*arguments: Any, is_cancelled: Callable[[], bool], **named: Any) -> Any:
        found = match(*arguments, is_cancelled=is_cancelled, **named)
        until(is_cancelled, "the wish")
        return found

    monkeypatch.setattr(solving, "match", slow)
    run_id = made.queue()
    with working(made):
        until(lambda: made.row(run_id).state is RunState.RUNNING, "the begin")
        with made.store.writing() as session:
            runs.cancelled(session, SYSTEM, run_id, now=made.context.now)
        until(lambda: made.row(run_id).state is RunState.CANCELLED, "the end")
    assert set(made.live()) == {request}


def test_a_fault_of_the_solver_ends_the_run_and_not_the_worker(made: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    with made.world() as world:
        world.duty()
        world.request()
    match = matching.match
    faults = [True]

    def broken(*arguments: Any, **named: Any) -> Any:
        if faults.pop() if faults else False:
            raise ValueError("secret-of-a-person")
        return match(*arguments, **named)

    monkeypatch.setattr(solving, "match", broken)
    first = made.queue()
    with working(made):
        until(lambda: made.row(first).state is RunState.FAILED, "the failure")
        second = made.queue()
        until(lambda: made.row(second).state is RunState.DONE, "the next run")
    assert made.row(first).failure == "ValueError"
    assert len(made.live()) == 1


def _runs(made: Exchange) -> list[Run]:
    with made.store.reading() as session:
        rows = list(session.scalars(select(Run).order_by(Run.id)))
        session.expunge_all()
        return rows


# --- workers that die -------------------------------------------------------------------------------------------------


@contextmanager
def process(made: Exchange, name: str, *step: str) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own."""
    settings = made.context.settings
    known = {
        "folder": str(settings.folder), "database_url": settings.database_url, "is_nightly_scheduled": False,
        "poll_seconds": 0.1, "worker_id": name, "now": NOW.isoformat(),
    }  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker_process.py")), json.dumps(known), *step],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    try:
        yield started
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGKILL)
        started.communicate(timeout=LONG)


def wait_for(started: subprocess.Popen[str], text: str) -> None:
    assert started.stdout is not None
    seen = []
    for line in started.stdout:
        seen.append(line)
        if text in line:
            return
    pytest.fail("the worker ended: " + "".join(seen))


@pytest.mark.parametrize("step", ["solve", "publish"])
def test_a_run_whose_worker_is_killed_is_finished_once(made: Exchange, step: str) -> None:
    with made.world() as world:
        world.duty()
        requests = {world.request().id, world.request(pickup=(7, 8), handover=(8, 10)).id}
    run_id = made.queue()
    with process(made, "first", step) as dying:
        wait_for(dying, "here")
        assert made.row(run_id).state is (RunState.RUNNING if step == "solve" else RunState.DONE)
        dying.send_signal(signal.SIGKILL)
        dying.wait(LONG)
    with process(made, "first"):
        until(lambda: made.row(run_id).state is RunState.DONE, "the run")
        time.sleep(3)  # What would be done a second time would be done by now.
    assert set(made.live()) == requests
    with made.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Proposal)) == len(requests)
        ends = select(func.count()).select_from(RunEvent).where(RunEvent.kind == "finished")
        assert session.scalar(ends) == 1
        assert list(audit.verify(session)) == []


def test_another_worker_takes_over_from_a_dead_one(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        request = world.request().id
    run_id = made.queue()
    with process(made, "first", "solve") as dying:
        wait_for(dying, "here")
        assert made.row(run_id).worker == "first"
        dying.send_signal(signal.SIGKILL)
        dying.wait(LONG)
    with process(made, "second"):
        until(lambda: made.row(run_id).state is RunState.DONE, "the run")
    assert made.row(run_id).worker == "second"
    assert set(made.live()) == {request}


def test_a_worker_that_lives_keeps_its_run(made: Exchange) -> None:
    if not made.store.is_postgres:
        pytest.skip("SQLite has one worker")
    with made.world() as world:
        world.duty()
        world.request()
    run_id = made.queue()
    with process(made, "first", "solve") as busy:
        wait_for(busy, "here")
        with process(made, "second") as other:
            wait_for(other, "worker_ready")
            time.sleep(3)
        assert made.row(run_id).worker == "first"
        assert made.row(run_id).state is RunState.RUNNING


# --- presence ---------------------------------------------------------------------------------------------------------


def test_a_name_belongs_to_one_worker(made: Exchange) -> None:
    settings = made.context.settings.model_copy(update={"worker_id": "one"})
    with (
        presence(settings, made.store) as here,
        pytest.raises(Problem, match="in_use"),
        presence(settings, made.store),
    ):
        pytest.fail("two of one name")
    assert here.name == "one"
    with presence(settings, made.store) as again:
        assert again.keep()
        with again.dead(["one", "gone"]) as dead:
            assert dead == ["gone"]


def test_workers_of_one_host_get_names_of_their_own(made: Exchange) -> None:
    if not made.store.is_postgres:
        pytest.skip("SQLite has one worker")
    settings: Settings = made.context.settings
    with presence(settings, made.store) as first, presence(settings, made.store) as second:
        assert second.name == f"{first.name}-2"
        with second.dead([first.name, "gone"]) as dead:
            assert dead == ["gone"]


def test_the_kind_of_a_run_decides_how_many_are_done_at_once(made: Exchange) -> None:
    """A match of another day does not wait for a long run."""
    with made.world() as world:
        world.duty()
        world.duty(days=1)
        world.request()
        other = world.request(days=1).id
    long = threading.Event()
    match = matching.match

    def slow(kind: RunKind, *arguments: Any, **named: Any) -> Any:
        if kind is RunKind.ON_DEMAND:
            assert long.wait(LONG)
        return match(kind, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "match", slow)
        first = made.queue()
        second = made.queue(horizon="2026-10-08/2026-10-08")
        ask(made, other)
        with working(made):
            until(lambda: set(made.live()) == {other}, "the match")
            assert made.row(first).state is RunState.RUNNING
            assert made.row(second).state is RunState.QUEUED
            long.set()
            until(lambda: made.row(second).state is RunState.DONE, "both")


def test_a_lock_that_went_with_its_connection_is_taken_again(made: Exchange) -> None:
    if not made.store.is_postgres:
        pytest.skip("a file lock goes with its process alone")
    settings = made.context.settings.model_copy(update={"worker_id": "one"})
    with presence(settings, made.store) as here:
        with made.store.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        assert here.keep()
        with pytest.raises(Problem, match="in_use"), presence(settings, made.store):
            pytest.fail("two of one name")
