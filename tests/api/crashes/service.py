"""The service as real processes on a real database, for tests that kill them.

Time is the machine's own: days lie in the week after next. People and duties are made by ``House`` in the test's own
process, with the keys that callers send; all that is then done goes through HTTP to the process that may die.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.tables import (
    AuditEntry,
    Decision,
    LedgerEntry,
    Proposal,
    Run,
    RunEvent,
    RunInput,
    Standing,
    TransportRequest,
)
from api.workflow import Action, State
from tests.api import invariants
from tests.api.house import Caller, House, request_body
from tests.api.jobs.plan_world import DAY, PLACES
from tests.api.ports import free_port

ROOT = Path(__file__).parents[3]
LONG = 120.0
"""Seconds; a machine that is busy with other tests is slow."""
_TOWNS = tuple(PLACES.values())


def a_monday_ahead() -> int:
    """Return the days from ``plan_world.DAY`` to the Monday of the week after next."""
    today = datetime.now(UTC).date()
    return (today - timedelta(days=today.weekday()) + timedelta(days=14) - DAY.date()).days


def until(is_so: Callable[[], bool], what: str, seconds: float = LONG, every: float = 0.05) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(every)


@dataclass
class Service:
    """A service that can be killed.

    Parameters
    ----------
    house
        Its database, with people and organisations.
    """

    house: House
    port: int = 0
    logs: Path | None = None
    """``None``: the folder of the service."""
    more: dict[str, str] = field(default_factory=dict)
    """More settings, ``RESTPLATZ_…``."""
    days: int = field(default_factory=a_monday_ahead)
    before: list[str] = field(default_factory=list)
    """What comes before the command, such as one that takes rights away."""
    _number: int = 0

    def __post_init__(self) -> None:
        """Let the house go by the machine's clock, and find a port."""
        self.house.now = datetime.now(UTC)
        self.port = free_port()

    @property
    def day(self) -> date:
        """The day of the duties."""
        return DAY.date() + timedelta(days=self.days)

    @property
    def _address(self) -> str:
        # On SQLite as it comes by default: two files in the folder.
        engine = self.house.engine
        if engine.dialect.name == "sqlite":
            assert engine.url.database == str(self.house.folder / "restplatz.db")
            return ""
        return engine.url.render_as_string(hide_password=False)

    def _environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RESTPLATZ_")}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "RESTPLATZ_FOLDER": str(self.house.folder),
            "RESTPLATZ_DATABASE_URL": self._address,
            "RESTPLATZ_IS_NIGHTLY_SCHEDULED": "false",
            "RESTPLATZ_POLL_SECONDS": "0.1",
            "RESTPLATZ_MATCH_SECONDS": "3",
            "RESTPLATZ_SOLVER_WORKERS": "1",
            "RESTPLATZ_RATE": "1000000/minute",
            "RESTPLATZ_RATE_ANONYMOUS": "1000000/minute",
        } | self.more | more  # fmt: skip

    @contextmanager
    def _process(self, name: str, *arguments: str, **more: str) -> Iterator[Process]:
        # A file, for nobody reads a pipe while the test looks elsewhere; by its own number, for names come again.
        self._number += 1
        log = (self.logs or self.house.folder) / f"{name}-{self._number}.log"
        with log.open("w") as out:
            started = subprocess.Popen(
                [*self.before, sys.executable, "-m", "api.cli", *arguments], cwd=ROOT, env=self._environment(**more),
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        process = Process(started, log)
        try:
            yield process
        finally:
            process.kill()

    @contextmanager
    def worker(self, name: str = "first", *, is_ready: bool = True) -> Iterator[Process]:
        """``restplatz worker``, killed at the end."""
        with self._process(name, "worker", RESTPLATZ_WORKER_ID=name) as process:
            if is_ready:
                process.wait_for("worker_ready")
            yield process

    @contextmanager
    def web(self, *, is_ready: bool = True) -> Iterator[Process]:
        """``restplatz serve --no-worker``, killed at the end."""
        with self._process("web", "serve", "--no-worker", "--port", str(self.port)) as process:
            until(lambda: self.status("live") == 200 or not process.is_alive, "the web process")
            assert process.is_alive, process.said
            if is_ready:
                assert self.status("ready") == 200, process.said
            yield process

    def status(self, of: str) -> int:
        """Return the status of ``/v1/health/…``; 0 where nobody answers."""
        try:
            return httpx2.get(f"http://127.0.0.1:{self.port}/v1/health/{of}", timeout=30).status_code
        except httpx2.TransportError:
            return 0

    @contextmanager
    def caller(self, name: str) -> Iterator[Caller]:
        """Somebody who calls the web process."""
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            yield replace(self.house[name], client=client)  # type: ignore[arg-type]  # both have `request`

    # --- what is in it ------------------------------------------------------------------------------------------------

    def fill(self, *, duties: int, requests: int, first: int = 0) -> list[str]:
        """Make duties and pooled requests of the day, numbered from ``first``; return the ids of the requests."""
        for number in range(duties):
            zab, depot = (("zab:essen", "05113000"), ("zab:koeln", "05315000"))[number % 2]
            self.house.duty(zab, days=self.days, depot=depot, since=4 + number % 4, until=12 + number % 4)
        return [self.house.pooled(number, **self.body(number)) for number in range(first, first + requests)]

    def body(self, number: int) -> dict[str, Any]:
        """What makes requests differ: town and hour."""
        at = 5 + number % 7
        return {
            "place": _TOWNS[number % len(_TOWNS)], "pickup": (at, at + 2), "handover": (at + 1, at + 4),
            "days": self.days,
        }  # fmt: skip

    def request_body(self, number: int) -> dict[str, Any]:
        """The body of a call that makes a pooled request."""
        return request_body(number, **self.body(number)) | {"enter_as": "pool"}

    def ask_for_run(self, seconds: float = 4) -> uuid.UUID:
        """Ask for a run of the day, as a lead does."""
        body = {"first_day": self.day.isoformat(), "seconds": seconds}
        answer = self.house["essen-lead"].call("POST", "/runs", body)
        assert answer.status_code == 202, answer.text
        return uuid.UUID(answer.json()["id"])

    def run(self, run_id: uuid.UUID) -> Run:
        """Return the run as it stands."""
        with self.house.store.reading() as session:
            found = session.get_one(Run, run_id)
            session.expunge_all()
            return found

    def step(self, run_id: uuid.UUID) -> str:
        """Return where a run stands: queued, preparing, solving, publishing, ended."""
        with self.house.store.reading() as session:
            run = session.get_one(Run, run_id)
            has_result = select(RunInput.result.is_not(None)).where(RunInput.run_id == run_id)
            if run.state.value == "running":
                if run.input_sha256 is None:
                    return "preparing"
                return "publishing" if session.scalar(has_result) else "solving"
            return "queued" if run.state.value == "queued" else "ended"

    def live(self) -> list[Proposal]:
        """Return the live proposals."""
        with self.house.store.reading() as session:
            rows = list(session.scalars(select(Proposal).where(Proposal.standing == Standing.LIVE)).unique())
            session.expunge_all()
            return rows

    def unanswered(self) -> list[Proposal]:
        """Return the live proposals that wait for an answer."""
        return [each for each in self.live() if self.state_of(each) == "proposed"]

    def state_of(self, proposal: Proposal) -> str:
        """Return the state of the request that a proposal is for."""
        with self.house.store.reading() as session:
            row = session.scalars(select(TransportRequest).where(TransportRequest.id == proposal.request_id)).unique()
            return row.one().state.value

    def entered(self, number: int) -> list[str]:
        """Return the ids of the requests that were entered under a number."""
        of_case = TransportRequest.case_reference == f"T-{number}"
        with self.house.store.reading() as session:
            return [str(key) for key in session.scalars(select(TransportRequest.id).where(of_case))]

    # --- what must hold -----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """All that must hold in the database, whoever died."""
        with self.house.store.reading() as session:
            invariants.check(session)
            _check_promises(session)

    def check_run(self, run_id: uuid.UUID) -> None:
        """A run ended once: one end told, one line in the log, no request proposed twice by it, none forgotten."""
        with self.house.store.reading() as session:
            run = session.get_one(Run, run_id)
            assert run.state.value == "done", (run.state, run.failure)
            ends = select(func.count()).select_from(RunEvent).where(RunEvent.run_id == run_id)
            assert session.scalar(ends.where(RunEvent.kind == "finished")) == 1
            numbers = session.scalars(
                select(RunEvent.number).where(RunEvent.run_id == run_id).order_by(RunEvent.number)
            ).all()
            assert list(numbers) == list(range(1, len(numbers) + 1))
            proposed = Counter(session.scalars(select(Proposal.request_id).where(Proposal.run_id == run_id)))
            assert set(proposed.values()) <= {1}
            told = Counter(
                session.scalars(
                    select(Decision.request_id)
                    .join(Proposal, Proposal.id == Decision.proposal_id)
                    .where(Decision.action == Action.PROPOSE, Proposal.run_id == run_id)
                )
            )
            assert told == proposed
            assert run.summary["new"] + run.summary["changed"] == len(proposed)
        self.check()


def _check_promises(session: Session) -> None:
    """A promise is there whole: state, decision, proposal, stops, ledger and audit log tell the same."""
    confirmed = {
        row.request_id: row for row in session.scalars(select(Decision).where(Decision.action == Action.CONFIRM))
    }
    states = {row.id: row.state for row in session.scalars(select(TransportRequest)).unique()}
    assert {key for key, state in states.items() if state is State.CONFIRMED} == set(confirmed)
    booked = Counter(session.scalars(select(LedgerEntry.decision_id)))
    assert booked == Counter(row.id for row in confirmed.values())
    logged = Counter(
        row.subject_id for row in session.scalars(select(AuditEntry).where(AuditEntry.action == "confirm"))
    )
    assert logged == Counter(str(key) for key in confirmed)


class Process:
    """A process of the service, and what it said."""

    def __init__(self, started: subprocess.Popen[bytes], log: Path) -> None:
        self._started, self._log = started, log

    @property
    def said(self) -> str:
        """All that it wrote so far."""
        return self._log.read_text()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._started.poll() is None

    def wait_for(self, text: str, seconds: float = LONG) -> None:
        """Wait until it has written ``text``."""
        until(lambda: text in self.said or not self.is_alive, text, seconds)
        assert text in self.said, self.said

    def kill(self) -> None:
        """End it without a word (``kill -9``)."""
        if self.is_alive:
            self._started.send_signal(signal.SIGKILL)
        self._started.wait(LONG)
