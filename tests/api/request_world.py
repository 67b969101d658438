"""The endpoints of requests on a test database: a fixed clock, and calls in the name of any account."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from httpx2 import Response
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.actor import SYSTEM, Actor
from api.db.store import Store
from api.db.tables import (
    Account,
    AuditEntry,
    Decision,
    DutyRow,
    Organisation,
    OutboxMessage,
    Proposal,
    Standing,
    TransportRequest,
)
from api.routes import addresses, approvals, gates, imports, pool, request_steps, requests
from api.schemas.gates import CLEAR
from api.services import parameters, steps
from api.settings import Settings
from api.web import problems
from api.web.authentication import signed_in
from api.web.context import Context
from api.workflow import Action, Role, State
from tests.api.db import rows
from tests.api.shared_app import fresh_app

NOW = rows.NOW
MARKERS = {
    "case_reference": "CASE-MARKER-1", "unit": "UNIT-MARKER", "bundle": "BUNDLE-MARKER", "free_text": "TEXT-MARKER",
    "flight": "XM 7771", "case_type": "detention_hearing", "departure": "2026-10-05T13:37:00+02:00",
}  # fmt: skip
"""One in every field that only the owner and its ZAB may see."""
ACCOUNTS = {
    "abh": (Role.ABH, "abh:05113000"), "abh-second": (Role.ABH, "abh:05113000"),
    "abh-other": (Role.ABH, "abh:05315000"),
    "zab": (Role.ZAB_DISPATCHER, "zab:essen"), "zab-second": (Role.ZAB_DISPATCHER, "zab:essen"),
    "lead": (Role.ZAB_LEAD, "zab:essen"), "zab-other": (Role.ZAB_DISPATCHER, "zab:koeln"),
    "lead-other": (Role.ZAB_LEAD, "zab:koeln"), "ltrako": (Role.LTRAKO, "ltrako"), "zfa": (Role.ZFA, "zfa"),
    "zrk": (Role.ZRK, "zrk"), "auditor": (Role.AUDITOR, "audit"), "admin": (Role.ADMIN, "operation"),
}  # fmt: skip


def content(case: str = "A-1", **changes: Any) -> dict[str, Any]:
    """What an ABH sends, with its gates open: a man from Essen to Düsseldorf airport on the day of ``rows.DAY``."""
    known: dict[str, Any] = {
        "case_reference": case,
        "case_type": "dublin",
        "people": [{"age": "adult", "sex": "m", "count": 1}],
        "pickup": {
            "place": "05113000", "earliest": "2026-10-05T07:00:00+02:00", "latest": "2026-10-05T09:00:00+02:00"
        },
        "handover": {
            "place": "DUS", "earliest": "2026-10-05T09:00:00+02:00", "latest": "2026-10-05T11:00:00+02:00"
        },
        "gates": CLEAR,
    }  # fmt: skip
    return known | changes


@dataclass
class World:
    """The application, and what tests do to it past the API."""

    app: FastAPI
    store: Store
    settings: Settings
    client: TestClient = field(init=False)
    now: datetime = NOW
    actors: dict[str, Actor] = field(default_factory=dict)
    keys: Iterator[int] = field(default_factory=itertools.count)

    def call(self, login: str, method: str, path: str, *, etag: str | None = None, **more: Any) -> Response:
        """Make a call in the name of an account; a new Idempotency-Key each time unless one is given."""
        headers = {"X-Login": login, "Idempotency-Key": f"k{next(self.keys)}"} | more.pop("headers", {})
        if etag is not None:
            headers["If-Match"] = etag
        return self.client.request(method, f"/v1{path}", headers=headers, **more)

    def get(self, login: str, path: str, **more: Any) -> Response:
        return self.call(login, "GET", path, **more)

    def enter(self, case: str = "A-1", *, login: str = "abh", enter_as: str = "draft", **changes: Any) -> str:
        """Enter a request; return its id."""
        answer = self.call(login, "POST", "/requests", json=content(case, **changes) | {"enter_as": enter_as})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def step(self, login: str, request_id: str, action: str, body: Any = None, *, etag: str = "*") -> Response:
        return self.call(login, "POST", f"/requests/{request_id}/{action}", json=body, etag=etag)

    def state(self, request_id: str) -> State:
        return self.row(request_id).state

    def row(self, request_id: str) -> TransportRequest:
        with self.store.reading() as session:
            found = session.get_one(TransportRequest, uuid.UUID(request_id))
            session.expunge_all()
            return found

    def put(self, request_id: str, state: State, **fields: Any) -> None:
        """Put a request into a state past the workflow, to begin there."""
        with self.store.writing() as session:
            row = session.get_one(TransportRequest, uuid.UUID(request_id))
            row.state = state
            for name, value in fields.items():
                setattr(row, name, value)

    def propose(self, request_id: str, zab: str = "zab:essen") -> str:
        """Let the clock propose it on a duty of a ZAB; return the proposal's id."""
        with self.store.writing() as session:
            request = steps.lock_request(session, uuid.UUID(request_id))
            assert request is not None
            duty = self.duty(session, zab)
            offer = steps.Offer(
                duty_id=duty.id, pickup_at=rows.hours(6), handover_at=rows.hours(8), on_board_seconds=3600,
                direct_seconds=3000, respond_by=self.now + timedelta(hours=4),
            )  # fmt: skip
            steps.take(session, request, Action.PROPOSE, SYSTEM, now=self.now, offer=offer)
            return str(session.scalars(select(Proposal.id).where(Proposal.standing == Standing.LIVE)).first())

    def duty(self, session: Session, zab: str) -> DutyRow:
        owner = session.scalars(select(Organisation).where(Organisation.code == zab)).one()
        found = session.scalars(select(DutyRow).where(DutyRow.zab_id == owner.id)).first()
        if found is None:
            van = {"configurations": [{"seats": 9, "wheelchair_places": 0}]}
            found = rows.duty(rows.crew(owner, content={"heads": 2}), rows.vehicle(owner, content=van))
            session.add(found)
            session.flush()
        return found

    def take(self, login: str, request_id: str, action: Action, code: str | None = None) -> None:
        """Take a step of a proposal past the API, which is another part's."""
        with self.store.writing() as session:
            request = steps.lock_request(session, uuid.UUID(request_id))
            assert request is not None
            reason = None if code is None else steps.Reason(code=code, remark="because" if code == "other" else "")
            steps.take(session, request, action, self.actors[login], now=self.now, reason=reason)

    def audited(self, action: str) -> list[AuditEntry]:
        with self.store.reading() as session:
            query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)
            found = list(session.scalars(query))
            session.expunge_all()
            return found

    def count(self, table: type[Any]) -> int:
        with self.store.reading() as session:
            return len(session.scalars(select(table)).unique().all())

    def matches(self) -> list[dict[str, Any]]:
        """What workers are asked to match."""
        with self.store.reading() as session:
            query = select(OutboxMessage).where(OutboxMessage.endpoint_id.is_(None)).order_by(OutboxMessage.id)
            return [row.payload for row in session.scalars(query)]

    def decisions(self, request_id: str) -> list[Decision]:
        with self.store.reading() as session:
            query = select(Decision).where(Decision.request_id == uuid.UUID(request_id)).order_by(Decision.id)
            found = list(session.scalars(query))
            session.expunge_all()
            return found


def refused(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The problem that an answer tells, after a look at its kind."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    return document


def at_once(work: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it in threads that start together; what each returned, in their order."""
    done: list[Any] = [None] * len(work)
    gate = threading.Barrier(len(work))

    def run(at: int) -> None:
        gate.wait(60)
        done[at] = work[at]()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "one of them waits for ever"
    return done


@contextmanager
def world_of(engine: Engine, folder: Path, **changes: Any) -> Iterator[World]:
    """The application, with two ABHs, two ZABs, the central bodies, and accounts of each."""
    settings = Settings.model_validate({"folder": folder, "secret": "s" * 40} | changes)
    store = Store(engine.url.render_as_string(hide_password=False))
    modules = (requests, request_steps, gates, addresses, imports, pool, approvals)
    made = World(app=fresh_app(*(module.router for module in modules)), store=store, settings=settings)
    made.app.state.context = Context(settings=settings, store=store, clock=lambda: made.now)
    problems.install(made.app)

    def named(request: Request) -> Actor:
        return made.actors[request.headers["X-Login"]]

    made.app.dependency_overrides[signed_in] = named
    with store.writing() as session:
        parameters.seed(session, SYSTEM, now=NOW)
        _people(session, made)
    try:
        with TestClient(made.app) as made.client:
            yield made
    finally:
        store.close()


def _people(session: Session, made: World) -> None:
    known: dict[str, Organisation] = {}
    kinds = {"audit": "audit", "operation": "operation", "ltrako": "ltrako", "zfa": "zfa", "zrk": "zrk"}
    for login, (role, code) in ACCOUNTS.items():
        if code not in known:
            ags = code.removeprefix("abh:") if code.startswith("abh:") else None
            known[code] = rows.organisation(code, ags=ags) if code not in kinds else rows.organisation(code)
            session.add(known[code])
        account = Account(
            organisation=known[code], login=login, role=role, password_hash="x", created_at=NOW, updated_at=NOW
        )
        session.add(account)
        session.flush()
        made.actors[login] = Actor(role=role, account_id=account.id, organisation_id=account.organisation_id)
