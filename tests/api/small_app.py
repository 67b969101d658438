"""An application of a few routers on a test database, its clock in the test's hand, and an account of each role."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.actor import Actor
from api.db.store import Store
from api.db.tables import Account, ApiKey, AuditEntry, Organisation
from api.security.keys import make_key
from api.security.passwords import hash_password
from api.settings import Settings
from api.web import problems, sign_in_state
from api.web.authentication import EVERYBODY, SignedIn
from api.web.context import Context
from api.workflow import Role
from tests.api.db.rows import organisation
from tests.api.shared_app import fresh_app

PASSWORD = "correct horse battery staple"
ORGANISATION_OF = {
    Role.ABH: "abh:05113000", Role.ZAB_DISPATCHER: "zab:essen", Role.ZAB_LEAD: "zab:essen", Role.LTRAKO: "ltrako",
    Role.ZFA: "zfa", Role.ZRK: "zrk", Role.AUDITOR: "audit", Role.ADMIN: "operation",
}  # fmt: skip


@cache
def password_hash(password: str = PASSWORD) -> str:
    """Hashing is slow on purpose: each password once in a test run."""
    return hash_password(password)


@dataclass
class Clock:
    """What time it is: the present, shifted as a test likes."""

    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@dataclass
class Small:
    """The application, and what tests do to it past the API."""

    app: FastAPI
    context: Context
    clock: Clock
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    """Of accounts, by login."""
    organisations: dict[str, uuid.UUID] = field(default_factory=dict)
    """Their ids, by code."""

    @contextmanager
    def client(self, role: Role | None = None, **headers: str) -> Iterator[TestClient]:
        """A client, with the API key of the account of ``role``."""
        known = headers if role is None else headers | {"Authorization": f"ApiKey {self.key(role.value)}"}
        with TestClient(self.app, headers=known, follow_redirects=False) as client:
            yield client

    def account(self, login: str, role: Role, code: str | None = None, **fields: Any) -> uuid.UUID:
        """Store an account; it signs in with ``PASSWORD``."""
        with self.context.store.writing() as session:
            return self._account(session, login, role, code or ORGANISATION_OF[role], **fields)

    def one_of_each(self) -> None:
        """Store an account for each role, whose login is the role."""
        with self.context.store.writing() as session:
            for role in sorted(EVERYBODY):
                self._account(session, role.value, role, ORGANISATION_OF[role])

    def _account(self, session: Session, login: str, role: Role, code: str, **fields: Any) -> uuid.UUID:
        now = self.clock()
        of = session.scalar(select(Organisation).where(Organisation.code == code))
        known = {"password_hash": password_hash(), "created_at": now, "updated_at": now}
        made = Account(login=login, role=role, organisation=of or organisation(code), **(known | fields))
        session.add(made)
        session.flush()
        self.ids[login] = made.id
        self.organisations[code] = made.organisation_id
        return made.id

    def key(self, login: str, **fields: Any) -> str:
        """Store an API key of an account; return its text."""
        made = make_key()
        with self.context.store.writing() as session:
            session.add(
                ApiKey(
                    account_id=self.ids[login], prefix=made.prefix, sha256=made.sha256, label="test",
                    **({"created_at": self.clock()} | fields),
                )
            )  # fmt: skip
        return made.text

    def row(self, login: str) -> Account:
        """The account as stored."""
        with self.context.store.reading() as session:
            found = session.get_one(Account, self.ids[login])
            session.expunge_all()  # Readable afterwards, too.
            return found

    def change(self, login: str, **fields: Any) -> None:
        """Change an account past the API."""
        with self.context.store.writing() as session:
            row = session.get_one(Account, self.ids[login])
            for name, value in fields.items():
                setattr(row, name, value)

    def audited(self) -> list[AuditEntry]:
        """All lines of the log."""
        with self.context.store.reading() as session:
            lines = list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))
            session.expunge_all()
            return lines

    def switch(self, code: str, *, is_active: bool) -> None:
        """Switch an organisation off or on past the API."""
        with self.context.store.writing() as session:
            session.get_one(Organisation, self.organisations[code]).is_active = is_active

    def actor(self, login: str) -> Actor:
        row = self.row(login)
        return Actor(role=row.role, account_id=row.id, organisation_id=row.organisation_id)


def problem(answer: Any, status: int, code: str) -> bool:
    """Whether the answer is this problem; a 401 says how to sign in (RFC 9110, 11.6.1)."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert status != 401 or answer.headers["www-authenticate"].startswith("Bearer realm=")
    return True


def knock(client: TestClient, login: str, password: str = PASSWORD) -> Any:
    """Sign in with a password."""
    return client.post("/v1/sign-in", json={"login": login, "password": password})


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Do all of it in threads that start together; return what each returned."""
    done: list[Any] = []
    gate = threading.Barrier(len(work))

    def run(each: Callable[[], Any]) -> None:
        gate.wait()
        done.append(each())

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == len(work)
    return done


def nowhere(service: Small, secret: str) -> bool:
    """Whether a secret stands in no column of any table."""
    with service.context.store.reading() as session:
        for table in inspect(service.context.store.engine).get_table_names():
            rows = str([tuple(row) for row in session.execute(text(f'SELECT * FROM "{table}"'))])
            assert secret not in rows, table
    return True


whoami = APIRouter()


@whoami.get("/whoami")
def _whoami(actor: SignedIn, request: Request) -> dict[str, str]:
    return {"role": actor.role, "account": str(actor.account_id), "state": str(request.state.account_id)}


@contextmanager
def small(engine: Engine, folder: Path, *routers: APIRouter, **changes: Any) -> Iterator[Small]:
    """An application with an account for each role, whose login is the role."""
    known: dict[str, Any] = {"folder": folder, "secret": "s" * 40, "public_url": "http://testserver"}
    settings = Settings.model_validate(known | changes)
    clock = Clock()
    store = Store(engine.url.render_as_string(hide_password=False))
    context = Context(settings=settings, store=store, clock=clock)
    app = fresh_app(*routers, whoami)
    app.state.context = context
    problems.install(app)
    sign_in_state.install(app, context)
    made = Small(app=app, context=context, clock=clock)
    made.one_of_each()
    try:
        yield made
    finally:
        store.close()
