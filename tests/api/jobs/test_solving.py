"""The steps of a run while the database is away, and how a run tells its progress."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from api.db.store import Store
from api.db.tables import RunEvent, RunState
from api.errors import Code, Problem
from api.jobs import solving
from api.jobs.port import Interrupted
from api.jobs.telling import Telling
from tests.api.jobs.exchange import Exchange, exchange


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Exchange]:
    found = exchange(engine, tmp_path)
    yield found
    found.store.close()


def away(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let the database be away for so many writes."""
    write = Store.write
    left = [times]

    def tried(self: Store, work: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise Problem(Code.UNAVAILABLE, "away")
        return write(self, work)

    monkeypatch.setattr(Store, "write", tried)
    return left


def test_a_step_waits_for_the_database(made: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    with made.world() as world:
        world.duty()
        request = world.request().id
    run_id = str(made.queue())
    monkeypatch.setattr(solving, "_PAUSES", (0.01,) * 5)
    steps = made.steps()
    for step in (steps.prepare, steps.solve, steps.publish):
        left = away(monkeypatch, 3)
        step(run_id)
        assert left == [0]
    assert set(made.live()) == {request}


def test_a_worker_that_is_to_stop_does_not_wait(made: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    with made.world():
        pass
    run_id = made.queue()
    away(monkeypatch, 10**6)
    steps = made.steps()
    steps.stop.set()
    with pytest.raises(Interrupted):
        steps.prepare(str(run_id))
    monkeypatch.undo()
    assert made.row(run_id).state is RunState.QUEUED


def test_what_is_the_run_s_own_fault_is_not_waited_for(made: Exchange) -> None:
    with pytest.raises(Problem, match="not_found"):
        made.steps()._patiently(lambda: (_ for _ in ()).throw(Problem(Code.NOT_FOUND, "gone")))


def test_progress_is_told_four_times_a_second_at_most(made: Exchange) -> None:
    with made.world():
        pass
    run_id = made.queue()
    made.steps().prepare(str(run_id))
    begun = time.monotonic()
    telling = Telling(made.context, run_id, threading.Event())
    # Before anybody looks, so that they are told together.
    telling.phase("first")
    telling.phase("second")
    steps = 0
    with telling:
        while len(_events(made, run_id)) < 4:
            for _ in range(100):
                telling.progress("step", value=3, bound=5)
            steps += 100
            assert time.monotonic() - begun < 60, "they never come"
    lasted = time.monotonic() - begun
    events = _events(made, run_id)
    assert steps > len(events)
    assert len(events) <= 4 * lasted + 1
    assert events[0] == ("phase", {"phase": "second", "passed": ["first"]})
    assert events[1] == ("progress", {"phase": "second", "step": "step", "value": 3, "bound": 5})


def test_an_event_that_cannot_be_written_costs_no_plan(made: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    with made.world():
        pass
    run_id = made.queue()
    made.steps().prepare(str(run_id))
    left = away(monkeypatch, 1)
    with Telling(made.context, run_id, threading.Event()) as telling:
        telling.phase("lost")
        _wait(lambda: left == [0])
        telling.phase("told")
        _wait(lambda: bool(_events(made, run_id)))
        assert not telling.is_cancelled()
    assert [payload["phase"] for _, payload in _events(made, run_id)] == ["told"]


def _events(made: Exchange, run_id: uuid.UUID) -> list[tuple[str, dict[str, Any]]]:
    with made.store.reading() as session:
        rows = session.scalars(select(RunEvent).where(RunEvent.run_id == run_id).order_by(RunEvent.number))
        return [(event.kind, event.payload) for event in rows]


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, "it never comes"
        time.sleep(0.02)
