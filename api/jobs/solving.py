"""The steps of a run, each of which may be done again: read and store the problem, solve it, publish what still holds.

What a step leaves is in the database of the service, in one transaction; the durable jobs only know which steps are
done. So whichever of the two is behind after a crash, nothing is done twice and nothing is left out.
"""

from __future__ import annotations

import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from api.db.tables import Run, RunKind, RunState
from api.db.tables_runs import ASIDE
from api.errors import Code, Problem
from api.jobs.nightly import before_matching, report
from api.jobs.port import Interrupted, Recipe
from api.jobs.simulating import simulate
from api.jobs.telling import Telling
from api.mapping.problem import Mapped
from api.repositories import runs as repository
from api.services import explaining, preparing, publishing, run_ends, runs
from api.services.matching import Matched, match
from api.web.context import Context
from optimizer.io.json import parse_instance
from optimizer.io.problem import Problem as Stated
from optimizer.io.result_file import dump_result, read_result
from optimizer.model import InstanceIndex
from optimizer.result import Result

T = TypeVar("T")

_log = structlog.get_logger("restplatz.jobs")
_ATTEMPTS = 5
_PATIENCE = timedelta(minutes=30)
"""For so long a step waits for a database that is away; then the run fails."""
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
AWAY = frozenset({Code.UNAVAILABLE, Code.DATABASE_BUSY, Code.DATABASE_READ_ONLY, Code.DATABASE_FULL})
"""What passes: a database that will be as it was."""


@dataclass(slots=True)
class Steps:
    """The steps of the runs that this worker does.

    Parameters
    ----------
    worker
        Name under which the runs are held.
    stop
        Set where the worker is to end: searches then stop with what they have.
    """

    context: Context
    worker: str
    stop: threading.Event

    def recipe(self) -> Recipe:
        """Return the steps in their order."""
        return Recipe(
            steps=(("prepare", self.prepare), ("solve", self.solve), ("publish", self.publish)), failed=self.fail
        )

    def prepare(self, run_id: str) -> None:
        """Take the run, and store its problem."""
        key = uuid.UUID(run_id)
        run = self._patiently(lambda: self._write(lambda session: self._taken(session, key)))
        if run is None or run.input_sha256 is not None:
            return
        if run.night is not None:
            before_matching(self.context, key, self._patiently)
        mapped = self._patiently(lambda: self._read(key))
        self._patiently(lambda: self._write(lambda s: preparing.store(s, key, mapped, now=self.context.now)))

    def solve(self, run_id: str) -> None:
        """Solve the stored problem; the answer is stored with it."""
        key = uuid.UUID(run_id)
        run = self._patiently(lambda: self._write(lambda session: self._taken(session, key)))
        stored = self._patiently(lambda: self._stored(key))
        if run is None or stored is None or stored[1] is not None:
            return
        if run.kind is RunKind.SIMULATION:
            simulate(self.context, self.worker, key, stored[0], stop=self.stop, patiently=self._patiently)
            return
        problem = parse_instance(stored[0].decode(), run_id)
        if run.kind is RunKind.QUESTION:
            text = explaining.answers(problem.instance, problem.travel, run.solve_params).encode()
            self._patiently(lambda: self._write(lambda session: self._keep(session, key, text)))
            return
        if not InstanceIndex(problem.instance).pool:
            return  # Nobody waits: there is nothing to be searched.
        with Telling(self.context, key, self.stop) as telling:
            matched = match(
                run.kind, problem.instance, problem.travel, run.solve_params,
                observer=telling, is_cancelled=telling.is_cancelled,
            )  # fmt: skip
        text = dump_result(_with_alternatives(matched), problem).encode()
        self._patiently(lambda: self._write(lambda session: self._keep(session, key, text)))

    def publish(self, run_id: str) -> None:
        """Propose what the plan says and still holds, and end the run: all or nothing, and once."""
        key = uuid.UUID(run_id)
        for attempt in range(_ATTEMPTS):
            try:
                self._patiently(lambda: self._write(lambda session: self._published(session, key)))
            except IntegrityError:
                # Somebody took a crew, a vehicle or a request at the same moment: what holds now is looked at again.
                if attempt == _ATTEMPTS - 1:
                    raise
                time.sleep(_PAUSES[attempt])
            else:
                return

    def fail(self, run_id: str, failure: str) -> None:
        """End a run that cannot go on."""
        key = uuid.UUID(run_id)
        _log.error("run_failed", run=run_id, kind=failure)
        self._patiently(lambda: self._write(lambda session: runs.fail(session, key, failure, now=self.context.now)))

    def _taken(self, session: Session, key: uuid.UUID) -> Run | None:
        return runs.begin(session, key, self.worker, now=self.context.now)

    def _read(self, key: uuid.UUID) -> Mapped:
        with self.context.store.reading() as session:
            return preparing.read(session, key, self.context.settings, now=self.context.now)

    def _stored(self, key: uuid.UUID) -> tuple[bytes, bytes | None] | None:
        with self.context.store.reading() as session:
            row = repository.input_of(session, key)
            return None if row is None else (row.instance, row.result)

    def _keep(self, session: Session, key: uuid.UUID, text: bytes) -> None:
        run, row = repository.locked_run(session, key), repository.input_of(session, key)
        if run is not None and row is not None and run.state is RunState.RUNNING and row.result is None:
            row.result = text
            session.flush()

    def _published(self, session: Session, key: uuid.UUID) -> None:
        now = self.context.now
        run = repository.locked_run(session, key)
        if run is None or run.state is not RunState.RUNNING:
            return  # It was published, by whoever died after that.
        if run.kind in ASIDE:
            run_ends.end(session, run, {}, now=now)  # It changes nothing, and concerns who asked alone.
            return
        stored = repository.input_of(session, key)
        result: Result | None = None
        differences: list[publishing.Difference] = []
        if stored is not None and stored.result is not None:
            problem = parse_instance(stored.instance.decode(), str(key))
            result = read_stored(stored.result, problem)
            if result.objective is not None:
                told = result.statistics.get("alternatives")
                differences = publishing.publish(
                    session, run, problem.instance, result, told if isinstance(told, dict) else {},
                    self.context.settings, now=now,
                )  # fmt: skip
        run_ends.finish(session, run, result, differences, now=now)
        if run.night is not None:
            report(session, run, differences)

    def _write(self, work: Callable[[Session], T]) -> T:
        return self.context.store.write(work)

    def _patiently(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns; where the database is away, wait for it.

        Raises
        ------
        Interrupted
            Where the worker is told to stop meanwhile.
        """
        until = time.monotonic() + _PATIENCE.total_seconds()
        attempt = 0
        while True:
            try:
                return work()
            except (Problem, OperationalError) as error:
                is_away = not isinstance(error, Problem) or error.code in AWAY
                if not is_away or time.monotonic() > until:
                    raise
                _log.warning("database_away", attempts=attempt)
                if self.stop.wait(_PAUSES[min(attempt, len(_PAUSES) - 1)]):
                    raise Interrupted from error
                attempt += 1


def _with_alternatives(matched: Matched) -> Result:
    """Return the result as it is stored: the other places of those who were placed among its statistics."""
    return replace(matched.result, statistics={**matched.result.statistics, "alternatives": dict(matched.alternatives)})


def read_stored(text: bytes, problem: Stated) -> Result:
    """Return the answer of a run as it was stored."""
    with tempfile.TemporaryDirectory(prefix="restplatz-") as folder:
        path = Path(folder) / "result.json"
        path.write_bytes(text)
        return read_result(path, problem).result
