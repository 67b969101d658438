"""The worker: takes what is asked for, solves it, keeps the clock, delivers messages. A process of its own.

Three loops: runs (each ``poll_seconds``), the clock with the nightly run and the takeover of dead workers (each ten
seconds), deliveries. A fault in one round of a loop is logged, and the next round comes.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import structlog

from api.clock import Clock, system_clock
from api.db.store import Store
from api.db.tables import Run, RunKind, RunState
from api.errors import Code, Problem
from api.jobs import deliveries, nightly
from api.jobs.dbos_port import DbosJobs
from api.jobs.matches import take_matches
from api.jobs.port import Jobs, Progress
from api.jobs.solving import AWAY, Steps
from api.jobs.takeover import Presence, presence
from api.jobs.warming import warm
from api.mapping import travel
from api.repositories import runs as repository
from api.services import clockwork, figures, runs
from api.settings import Settings
from api.web.context import Context

_log = structlog.get_logger("restplatz.worker")
TICK_SECONDS = 10.0
_AGAIN_SECONDS = 2.0
"""Between two looks whether a database that was away at the start is there."""
_AT_ONCE = {RunKind.CONTINUOUS: 2, RunKind.QUESTION: 1, RunKind.SIMULATION: 1}
"""Runs of a kind that a worker does side by side; of others one, that matching does not wait for them."""
_LET_GO = timedelta(seconds=20)
"""Searches end within so long when the worker is told to."""


def await_database(
    store: Store, folder: Path, stop: threading.Event, is_enough: Callable[[], bool] = lambda: False
) -> None:
    """Return when the database can be reached and changed, or ``stop`` is set; ``is_enough`` sets it.

    Parameters
    ----------
    folder
        On SQLite the worker keeps files of its own there.
    """
    while not stop.is_set():
        try:
            store.see_whether_it_takes_changes()
            if not store.is_postgres and not os.access(folder, os.W_OK):
                raise Problem(Code.DATABASE_READ_ONLY, "The folder of the database cannot be written.")
        except Problem as problem:
            if problem.code not in AWAY:
                raise
            _log.warning("database_away", code=problem.code.value)
        else:
            return
        if is_enough():
            stop.set()
        stop.wait(_AGAIN_SECONDS)


def run_worker(
    settings: Settings,
    *,
    stop: threading.Event | None = None,
    clock: Clock = system_clock,
    is_enough: Callable[[], bool] = lambda: False,
) -> None:
    """Work until ``stop`` is set, or ``is_enough``; returns when the searches at work have ended.

    Parameters
    ----------
    is_enough
        Asked each second; for a worker that is there for one run alone.

    Raises
    ------
    Problem
        ``in_use`` (409) where another worker has the name, or on SQLite the database.
    """
    ended = stop or threading.Event()
    travel.choose(settings)
    store = Store(settings.address, pool_size=settings.pool_size)
    context = Context(settings=settings, store=store, clock=clock)
    try:
        with presence(settings, store) as here:
            steps = Steps(context=context, worker=here.name, stop=ended)
            jobs = DbosJobs(settings.jobs_address, here.name, steps.recipe())
            try:
                Worker(context=context, jobs=jobs, here=here, stop=ended).work(is_enough)
            finally:
                ended.set()
                jobs.close()
    finally:
        store.close()


def run_nightly(settings: Settings, night: date, *, clock: Clock = system_clock) -> Run:
    """Return the run of a night when it has ended, for cron or systemd: done here where no worker is at work.

    Raises as ``nightly.run_nightly``.
    """
    context = Context(settings=settings, store=Store(settings.address), clock=clock)

    def work(has_ended: Callable[[], bool]) -> None:
        try:
            run_worker(settings, clock=clock, is_enough=has_ended)
        except Problem as problem:
            # On SQLite one worker is at work already: it does this run as well.
            if problem.code is not Code.IN_USE:
                raise

    try:
        return nightly.run_nightly(context, night, work=work)
    finally:
        context.store.close()


@dataclass(slots=True)
class Worker:
    """One worker at work."""

    context: Context
    jobs: Jobs
    here: Presence
    stop: threading.Event
    _known: set[uuid.UUID] = field(default_factory=set)
    """Runs of this worker that the durable jobs have."""

    def work(self, is_enough: Callable[[], bool]) -> None:
        """Work until told to stop."""
        others = [
            threading.Thread(target=self._loop, args=("clock", TICK_SECONDS, self.keep_time), name="clock"),
            threading.Thread(
                target=self._loop, args=("deliveries", self.context.settings.poll_seconds, self.deliver),
                name="deliveries",
            ),
        ]  # fmt: skip
        warm()
        _log.info("worker_ready", worker=self.here.name)
        for other in others:
            other.start()
        asked = time.monotonic()
        while not self.stop.is_set():
            self._round("runs", self.look)
            if time.monotonic() - asked >= 1.0:
                asked = time.monotonic()
                if is_enough():
                    self.stop.set()
            self.stop.wait(self.context.settings.poll_seconds)
        for other in others:
            other.join()
        self._let_go()
        _log.info("worker_ended", worker=self.here.name)

    # --- runs ---------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Queue what messages ask for, and begin what is queued."""
        context = self.context
        context.store.write(lambda session: take_matches(session, context.settings, now=context.now))
        live = self._live()
        for run in live:
            if run.state is RunState.RUNNING and run.worker == self.here.name:
                self._see_to(run)
        for run in live:
            if run.state is RunState.QUEUED and self._has_room(run.kind, live):
                begun = context.store.write(
                    lambda s, key=run.id: runs.begin(s, key, self.here.name, now=context.now)  # type: ignore[misc]
                )
                if begun is not None:
                    run.state, run.worker = begun.state, begun.worker
                    self._see_to(begun)
        self._known &= {run.id for run in live}

    def _live(self) -> list[Run]:
        with self.context.store.reading() as session:
            found = list(repository.work_of_workers(session))
            session.expunge_all()  # They are read beyond the transaction.
        return found

    def _has_room(self, kind: RunKind, live: Collection[Run]) -> bool:
        own = [run for run in live if run.state is RunState.RUNNING and run.worker == self.here.name]
        if kind in _AT_ONCE:
            return sum(run.kind is kind for run in own) < _AT_ONCE[kind]
        return all(run.kind in _AT_ONCE for run in own)

    def _see_to(self, run: Run) -> None:
        """Start the job of a run where there is none; end a run whose job ended without it."""
        if run.id in self._known:
            return
        progress = self.jobs.progress(str(run.id))
        if progress is None:
            self.jobs.start(str(run.id))
        elif progress in (Progress.DONE, Progress.LOST):
            self._lost(run.id)
            return
        self._known.add(run.id)

    def _lost(self, key: uuid.UUID) -> None:
        now = self.context.now
        self.context.store.write(lambda session: runs.fail(session, key, "JobLost", now=now))

    def _let_go(self) -> None:
        """Wait for the searches, which stop with what they have, and for what they publish."""
        until = time.monotonic() + _LET_GO.total_seconds()
        while time.monotonic() < until and any(self.jobs.progress(str(key)) is Progress.AT_WORK for key in self._known):
            time.sleep(0.1)

    # --- the clock ----------------------------------------------------------------------------------------------------

    def keep_time(self) -> None:
        """Do what is due by the clock, begin the night's run, take over what dead workers left."""
        context = self.context
        self._round("seen", self.note_presence)
        self._round("tick", lambda: clockwork.tick(context.store, context.now, context.settings))
        if context.settings.is_nightly_scheduled:
            self._round("night", self.begin_night)
        if self.here.keep():
            self._round("takeover", self.take_over)

    def note_presence(self) -> None:
        """Note that this worker is alive, for `ready` and the metrics."""
        context = self.context
        context.store.write(lambda session: figures.note_worker(session, self.here.name, context.now))

    def begin_night(self) -> None:
        """Queue the run of this night where it is due and not there yet, or failed some time ago."""
        context = self.context
        night = nightly.due_night(context.now, context.settings)
        if night is not None:
            now = context.now
            failed_before = now - nightly.AGAIN
            context.store.write(
                lambda s: nightly.queue_night(s, context.settings, night, now=now, failed_before=failed_before)
            )

    def take_over(self) -> None:
        """Go on with the runs of workers that are dead, and end those of this one whose job is gone."""
        live = [run for run in self._live() if run.state is RunState.RUNNING]
        holders = {run.worker for run in live if run.worker is not None} - {self.here.name}
        with self.here.dead(sorted(holders)) as dead:
            if dead:
                number = self.jobs.recover(dead)
                _log.warning("taken_over", count=number)
                for run in live:
                    if run.worker in dead:
                        self._take(run.id)
        for run in live:
            if run.worker == self.here.name and self.jobs.progress(str(run.id)) in (Progress.DONE, Progress.LOST):
                self._lost(run.id)

    def _take(self, key: uuid.UUID) -> None:
        now = self.context.now
        self.context.store.write(lambda session: runs.begin(session, key, self.here.name, now=now))

    # --- messages -----------------------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Deliver what is due to organisations."""
        deliveries.deliver(self.context.store, self.context.settings, clock=self.context.clock)

    def _loop(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        while not self.stop.is_set():
            self._round(name, work)
            self.stop.wait(seconds)

    def _round(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # the next round comes; one fault must not end a worker
            # No trace: the text of an error may hold what must not be kept.
            _log.error("round_failed", job=name, kind=type(error).__name__)
