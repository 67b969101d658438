"""What a run tells on its way, and whether somebody wants it to end: in a thread beside the work."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.errors import Problem
from api.repositories import runs as repository
from api.web.context import Context

_log = structlog.get_logger("restplatz.jobs")
EVERY = 0.25
"""Least seconds between two events of a run."""
_ASK_EVERY = 0.5
"""Seconds between two looks whether somebody wants the run to end."""


@dataclass(slots=True)
class Telling:
    """Watches a run: writes its progress as events, and looks whether it is to end. All in a thread of its own.

    The search is told nothing of a database that is away: an event is then lost, not the plan.
    """

    context: Context
    run_id: uuid.UUID
    stop: threading.Event
    _phase: str = ""
    _last: dict[str, Any] | None = None
    _phases: list[str] = field(default_factory=list)
    _said: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _is_wanted: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Telling:
        self._thread = threading.Thread(target=self._watch, name="telling", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()

    def phase(self, name: str) -> None:
        """Told that a phase begins."""
        with self._lock:
            self._phase, self._last = name, None
            self._phases.append(name)

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Told of a step within the phase."""
        with self._lock:
            self._last = {"phase": self._phase, "step": text[:80], "value": value, "bound": bound}

    def say(self, kind: str, payload: dict[str, Any]) -> None:
        """Let an event of another kind be told next; of several of a kind the last."""
        with self._lock:
            self._said[kind] = payload

    @property
    def is_end_wanted(self) -> bool:
        """Whether somebody wants the run to end, or it has ended: not so where only this worker is to."""
        return self._is_wanted.is_set()

    def is_cancelled(self) -> bool:
        """Whether the search is to end with what it has."""
        return self._is_wanted.is_set() or self.stop.is_set()

    def _watch(self) -> None:
        asked = 0.0
        while not self._is_over.wait(EVERY):
            try:
                self._tell()
                if time.monotonic() - asked >= _ASK_EVERY:
                    asked = time.monotonic()
                    with self.context.store.reading() as session:
                        if repository.is_cancel_wanted(session, self.run_id):
                            self._is_wanted.set()
            except (Problem, OperationalError) as error:
                _log.warning("progress_not_told", run=str(self.run_id), kind=type(error).__name__)

    def _tell(self) -> None:
        with self._lock:
            phases, self._phases = self._phases, []
            last, self._last = self._last, None
            said, self._said = self._said, {}
        # Four events a second at most: of several phases the names go together.
        told: list[tuple[str, dict[str, Any]]] = []
        if phases:
            told.append(("phase", {"phase": phases[-1], "passed": phases[:-1][-20:]}))
        elif last is not None:
            told.append(("progress", last))
        told += said.items()
        if told:
            now = self.context.now

            def write(session: Session) -> None:
                for kind, payload in told:
                    repository.add_event(session, self.run_id, kind, payload, now=now)

            self.context.store.write(write)
