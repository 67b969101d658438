"""The whole service for tests: the application on a real database, somebody of each role, and matches when asked for.

The clock stands still until it is set. Calls go through HTTP (Starlette's client); matches run the steps of the worker
one after another in the test's own thread, so that what a test sees does not depend on how fast they are.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.app import furnish
from api.db.store import Store
from api.db.tables import Account, ApiKey, Organisation, OrganisationKind, RunState
from api.db.tables_runs import ASIDE
from api.jobs.matches import take_matches
from api.jobs.solving import Steps
from api.repositories.runs import live_runs, work_of_workers
from api.schemas.gates import CLEAR
from api.security.keys import make_key
from api.security.passwords import hash_password
from api.services import clockwork, runs
from api.settings import Settings
from api.web.context import Context
from api.workflow import Role
from tests.api import invariants
from tests.api.jobs.plan_world import NOW, PlanWorld, hours
from tests.api.shared_app import fresh_whole

PEOPLE: dict[str, tuple[str, Role]] = {
    "abh": ("abh:05113000", Role.ABH),
    "abh-second": ("abh:05113000", Role.ABH),
    "abh-other": ("abh:05315000", Role.ABH),
    "essen": ("zab:essen", Role.ZAB_DISPATCHER),
    "essen-second": ("zab:essen", Role.ZAB_DISPATCHER),
    "essen-lead": ("zab:essen", Role.ZAB_LEAD),
    "koeln": ("zab:koeln", Role.ZAB_DISPATCHER),
    "koeln-lead": ("zab:koeln", Role.ZAB_LEAD),
    "ltrako": ("ltrako", Role.LTRAKO),
    "zfa": ("zfa", Role.ZFA),
    "zrk": ("zrk", Role.ZRK),
    "auditor": ("audit", Role.AUDITOR),
    "admin": ("operation", Role.ADMIN),
}
"""Somebody of each role: organisation and role."""


_HASH = hash_password("a long enough password")


@dataclass(slots=True)
class Caller:
    """Somebody with an API key."""

    client: TestClient
    account_id: uuid.UUID
    organisation_id: uuid.UUID
    role: Role
    key: str

    def call(self, method: str, path: str, body: Any = None, *, if_match: str | None = None, **headers: str) -> Any:
        """Return the answer to a call; every POST gets an ``Idempotency-Key`` of its own."""
        sent = {"Authorization": f"ApiKey {self.key}"} | headers
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        if if_match is not None:
            sent["If-Match"] = if_match
        return self.client.request(method, f"/v1{path}", json=body, headers=sent)

    def get(self, path: str) -> Any:
        """Return what is read; it must be there."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, path: str, body: Any = None, *, of: str = "", status: Any = (200, 201, 202)) -> Any:
        """POST on a record, with its present version; ``of`` is the path of the record that has the version."""
        record = self.call("GET", of or path.rsplit("/", 1)[0])
        answer = self.call("POST", path, {} if body is None else body, if_match=record.headers.get("ETag", "*"))
        allowed = (status,) if isinstance(status, int) else status
        assert answer.status_code in allowed, (answer.status_code, answer.text)
        return answer.json() if answer.content else None


@dataclass(slots=True)
class House:
    """The service and all that is in it."""

    engine: Engine
    folder: Path
    now: datetime = NOW
    people: dict[str, Caller] = field(default_factory=dict)
    context: Context = field(init=False)
    client: TestClient = field(init=False)
    world: PlanWorld = field(init=False)

    def __post_init__(self) -> None:
        """Open the service on the database, and let somebody of each role in."""
        settings = Settings(
            folder=self.folder, database_url=self.engine.url.render_as_string(hide_password=False),
            rate="1000000/minute", rate_anonymous="1000000/minute",
            match_seconds=120, solve_seconds=120, solver_workers=1,
        )  # fmt: skip
        store = Store(settings.address, pool_size=settings.pool_size)
        self.context = Context(settings=settings, store=store, clock=lambda: self.now)
        app = furnish(fresh_whole(), self.context)
        self.client = TestClient(app, raise_server_exceptions=False)
        with self.store.writing() as session:
            self.world = PlanWorld(session)
            self._people(session)
            session.expunge_all()

    @property
    def store(self) -> Store:
        """The database."""
        return self.context.store

    def __getitem__(self, name: str) -> Caller:
        return self.people[name]

    def _people(self, session: Session) -> None:
        known = {row.code: row for row in session.scalars(select(Organisation))}
        for name, (code, role) in PEOPLE.items():
            if code not in known:
                kind = OrganisationKind(code.split(":")[0])
                known[code] = Organisation(code=code, kind=kind, name=code, created_at=NOW, updated_at=NOW)
                if kind is OrganisationKind.ABH:
                    known[code].ags = code.split(":")[1]
                session.add(known[code])
                session.flush()
            account = Account(
                organisation_id=known[code].id, login=name, role=role, password_hash=_HASH, created_at=NOW,
                updated_at=NOW,
            )  # fmt: skip
            session.add(account)
            session.flush()
            key = make_key()
            session.add(
                ApiKey(account_id=account.id, prefix=key.prefix, sha256=key.sha256, label="test", created_at=NOW)
            )
            self.people[name] = Caller(self.client, account.id, known[code].id, role, key.text)
        session.flush()

    def duty(self, zab: str = "zab:essen", **fields: Any) -> str:
        """Return the id of a new duty (``PlanWorld.duty``)."""
        with self.store.writing() as session:
            world = self.world
            world.session = session
            owner = session.scalars(select(Organisation).where(Organisation.code == zab)).one()
            return str(world.duty(owner, **fields).id)

    def pooled(self, number: int = 1, *, by: str = "abh", **fields: Any) -> str:
        """Return the id of a request that the ABH has entered into the pool."""
        body = request_body(number, **fields) | {"enter_as": "pool"}
        answer = self[by].call("POST", "/requests", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def match(self) -> int:
        """Do what a worker would do now: match all that was asked for; return the runs."""
        done = 0
        steps = Steps(context=self.context, worker="test", stop=threading.Event())
        for _ in range(20):
            with self.store.writing() as session:
                take_matches(session, self.context.settings, now=self.now)
            with self.store.reading() as session:
                queued = [run.id for run in live_runs(session) if run.state is RunState.QUEUED]
            if not queued:
                break
            for key in queued:
                with self.store.writing() as session:
                    begun = runs.begin(session, key, "test", now=self.now)
                if begun is not None:
                    steps.prepare(str(key))
                    steps.solve(str(key))
                    steps.publish(str(key))
                    done += 1
        return done

    def tick(self) -> None:
        """Let the clock do its work."""
        clockwork.tick(self.store, self.now, self.context.settings)

    def later(self, **more: float) -> None:
        """Let time pass."""
        self.now += timedelta(**more)

    def answer(self) -> None:
        """Do what a worker would do now with the questions that were asked."""
        steps = Steps(context=self.context, worker="test", stop=threading.Event())
        with self.store.reading() as session:
            queued = [run.id for run in work_of_workers(session) if run.kind in ASIDE]
        for key in queued:
            with self.store.writing() as session:
                assert runs.begin(session, key, "test", now=self.now) is not None
            for step in (steps.prepare, steps.solve, steps.publish):
                step(str(key))

    def offer_of(self, request: str, *, by: str = "abh") -> dict[str, Any] | None:
        """Return the live proposal of a request as its owner sees it."""
        items = self[by].get("/proposals?standing=live&limit=200")["items"]
        return next((item for item in items if item["request_id"] == request), None)

    def state(self, request: str, *, by: str = "abh") -> str:
        """Return the state of a request."""
        return str(self[by].get(f"/requests/{request}")["state"])

    def check(self) -> None:
        """Whatever happened before: no seat doubled, no request lost, every state told by its steps, the log whole."""
        with self.store.reading() as session:
            invariants.check(session)

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()
        self.store.close()


def request_body(number: int, **fields: Any) -> dict[str, Any]:
    """A request of one man from Essen to DUS, its gates open; ``pickup``, ``handover``: hours of the day in UTC."""
    pickup = fields.pop("pickup", (5, 7))
    handover = fields.pop("handover", (6, 9))
    days = fields.pop("days", 0)
    place = fields.pop("place", "05113000")

    def window(place: str, ends: tuple[float, float]) -> dict[str, Any]:
        earliest, latest = (hours(each, days=days).isoformat() for each in ends)
        return {"place": place, "earliest": earliest, "latest": latest}

    return {
        "case_reference": f"T-{number}",
        "case_type": "dublin",
        "people": [{"age": "adult", "sex": "m", "count": 1}],
        "pickup": window(place, pickup),
        "handover": window("DUS", handover),
        "rejection": {"by": "zab:koeln", "code": "no_vehicle"},
        "gates": CLEAR,
    } | fields
