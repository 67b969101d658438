"""Durable jobs by dbos, on SQLite and on PostgreSQL. Nothing else imports dbos.

Set here because its defaults would hurt: JSON instead of pickle; a version of the application that does not change with
every line of code, for jobs of another version are not gone on with; WAL on SQLite; a quiet log.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos._serialization import Serializer
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from api.jobs.port import Interrupted, Progress, Recipe

NAME = "restplatz"
VERSION = "1"
"""Raised where steps are added, taken out or change their order: jobs begun before are then ended, not gone on with."""
_log = structlog.get_logger("restplatz.jobs")
_AT_WORK = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


_SUBSECONDS = (3, 42)
"""First SQLite whose clock knows parts of seconds."""


class _Json(Serializer):
    """Ids and nothing else go through it."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=lambda value: type(value).__name__)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)

    def name(self) -> str:
        return "restplatz_json"


class DbosJobs:
    """Durable jobs of one recipe; one in a process.

    Parameters
    ----------
    address
        ``sqlite:///path``, a file of its own, or ``postgresql+psycopg://…``, where it keeps a schema of its own.
    executor
        Stable and unique name of this worker.
    """

    def __init__(self, address: str, executor: str, recipe: Recipe) -> None:
        _quiet()
        url = make_url(address)
        if url.get_backend_name() == "sqlite" and url.database:
            _use_wal(Path(url.database))
            if sqlite3.sqlite_version_info < _SUBSECONDS and not event.contains(Engine, "connect", _tell_the_time):
                event.listen(Engine, "connect", _tell_the_time)
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": address,
            "application_version": VERSION,
            "executor_id": executor,
            "serializer": _Json(),
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name="run")
        def work(id: str) -> None:  # noqa: A002
            try:
                for name, step in recipe.steps:
                    failure = DBOS.run_step({"name": name}, _told, step, id)
                    if failure:
                        DBOS.run_step({"name": "failed"}, recipe.failed, id, failure)
                        return
            except Interrupted:
                self._interrupted.add(id)
                raise

        self._work = work
        self._interrupted: set[str] = set()
        DBOS.launch()

    def start(self, id: str) -> None:  # noqa: A002
        """Start the job with this id; nothing happens where it was started before."""
        with SetWorkflowID(id):
            DBOS.start_workflow(self._work, id)

    def progress(self, id: str) -> Progress | None:  # noqa: A002
        """Return where a job stands; ``None`` where it was never started."""
        found = DBOS.get_workflow_status(id)
        if found is None:
            return None
        if found.status in _AT_WORK:
            return Progress.INTERRUPTED if id in self._interrupted else Progress.AT_WORK
        return Progress.DONE if found.status == "SUCCESS" else Progress.LOST

    def recover(self, executors: Collection[str]) -> int:
        """Go on with the jobs of workers that are dead; return how many."""
        return len(DBOS._recover_pending_workflows(list(executors)))  # noqa: SLF001  # it has no other name

    def close(self) -> None:
        """End; what is at work is gone on with by whoever starts next."""
        DBOS.destroy(destroy_registry=True)


def _told(step: Any, id: str) -> str:  # noqa: A002
    """Do a step; return the kind of the error where it raises one: its text may tell more than may be kept."""
    try:
        step(id)
    except Exception as error:  # noqa: BLE001  # whatever it is, the run must end
        # No trace: the text of an error may hold what must not be kept.
        _log.error("step_failed", kind=type(error).__name__, run=id)
        return type(error).__name__
    return ""


def _tell_the_time(connection: Any, _record: object) -> None:
    """Give a connection the function ``unixepoch`` with parts of seconds: SQLite knows them from 3.42 on only.

    Without them it returns NULL, which dbos' tables refuse on newer Pythons.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", -1, lambda *_: time.time())


def _use_wal(path: Path) -> None:
    """Let the file keep its log beside it, for good: readers then do not wait for writers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _quiet() -> None:
    """Let dbos say nothing but errors, and say them where everybody else does."""
    log = logging.getLogger("dbos")
    log.setLevel(logging.ERROR)
    if not log.handlers:
        # With a handler of its own it would add another one that writes past ours.
        log.addHandler(logging.NullHandler())
    log.propagate = True
