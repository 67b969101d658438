"""Drives runs step by step on a test database, without durable jobs: what a worker does, in the test's hand."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from api.actor import SYSTEM, Actor
from api.db.store import Store
from api.db.tables import Proposal, Run, RunKind, Standing, TransportRequest
from api.jobs.solving import Steps
from api.mapping.horizon import Horizon
from api.services import runs, steps
from api.settings import Settings
from api.web.context import Context
from api.workflow import Action, Role
from optimizer.params import SolveParams
from tests.api.jobs.plan_world import NOW, PlanWorld

MONDAY = "2026-10-05/2026-10-05"


@dataclass
class Exchange:
    """A context on a test database, and a clock that stands."""

    context: Context
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    @property
    def store(self) -> Store:
        return self.context.store

    @contextmanager
    def world(self) -> Iterator[PlanWorld]:
        with self.store.writing() as session:
            yield PlanWorld(session)

    @contextmanager
    def world_again(self) -> Iterator[PlanWorld]:
        """More rows for the organisations that are there."""
        with self.store.writing() as session:
            yield PlanWorld(session, is_new=False)

    def steps(self, worker: str = "test") -> Steps:
        return Steps(context=self.context, worker=worker, stop=threading.Event())

    def queue(self, kind: RunKind = RunKind.ON_DEMAND, horizon: str = MONDAY, **more: Any) -> uuid.UUID:
        params = SolveParams(time_limit=20, workers=1)
        with self.store.writing() as session:
            return runs.queue(
                session, SYSTEM, kind, Horizon.read(horizon), params, now=self.context.now, more=more
            ).id  # fmt: skip

    def run(self, kind: RunKind = RunKind.ON_DEMAND, horizon: str = MONDAY, **more: Any) -> Run:
        """A whole run."""
        run_id = self.queue(kind, horizon, **more)
        did = self.steps()
        did.prepare(str(run_id))
        did.solve(str(run_id))
        did.publish(str(run_id))
        return self.row(run_id)

    def row(self, run_id: uuid.UUID) -> Run:
        with self.store.reading() as session:
            found = session.get_one(Run, run_id)
            session.expunge_all()
            return found

    def request(self, request_id: uuid.UUID) -> TransportRequest:
        with self.store.reading() as session:
            found = session.scalars(select(TransportRequest).where(TransportRequest.id == request_id)).unique().one()
            session.expunge_all()
            return found

    def live(self) -> dict[uuid.UUID, Proposal]:
        """Live proposals by request."""
        with self.store.reading() as session:
            rows = list(session.scalars(select(Proposal).where(Proposal.standing == Standing.LIVE)).unique())
            session.expunge_all()
            return {row.request_id: row for row in rows}

    def take(
        self, request_id: uuid.UUID, action: Action, role: Role, *, code: str | None = None, zab: Any = None
    ) -> None:
        """A step that a person takes."""
        actor = Actor(role=role, organisation_id=zab)
        reason = None if code is None else steps.Reason(code=code)
        with self.store.writing() as session:
            request = steps.lock_request(session, request_id)
            assert request is not None
            steps.take(session, request, action, actor, now=self.context.now, reason=reason)


def exchange(engine: Engine, folder: Path, **settings: Any) -> Exchange:
    """An exchange on a migrated database."""
    address = engine.url.render_as_string(hide_password=False)
    known: dict[str, Any] = {"folder": folder, "database_url": address, "is_nightly_scheduled": False}
    clock = [NOW]
    context = Context(
        settings=Settings.model_validate(known | settings), store=Store(address, pool_size=5), clock=lambda: clock[0]
    )
    return Exchange(context=context, clock=clock)
