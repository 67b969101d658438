"""Deliveries over real HTTP: signed, once each, tried again with the same id, and never to private addresses."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select
from standardwebhooks import Webhook, WebhookVerificationError

from api.actor import Actor
from api.db.store import Store
from api.db.tables import Organisation, OutboxMessage, WebhookEndpoint
from api.db.types import new_id
from api.jobs import deliveries
from api.jobs.deliveries import NotSent, Target
from api.services import outbox, webhooks
from api.services.outbox import PAUSES, Taken, Topic
from api.settings import Settings
from api.workflow import Role
from tests.api.db.rows import organisation

REQUEST = "01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b10"


@dataclass
class Received:
    """One call that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server that keeps what comes; it answers by path with the status that a test sets."""

    server: ThreadingHTTPServer
    calls: list[Received] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)
    before: Callable[[str], None] | None = None

    def url(self, path: str = "/hooks") -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if made.before is not None:
                made.before(self.path)
            made.calls.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = made.status.get(self.path, 204)
            self.send_response(status)
            if status in (301, 302, 307, 308):
                self.send_header("Location", made.url("/elsewhere"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Receiver(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Clock:
    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@dataclass
class Worker:
    """A worker's loop, turn by turn."""

    store: Store
    settings: Settings
    zab: Organisation
    clock: Clock = field(default_factory=Clock)

    def endpoint(self, url: str) -> tuple[WebhookEndpoint, str]:
        actor = Actor(role=Role.ZAB_LEAD, organisation_id=self.zab.id)
        with self.store.writing() as session:
            return webhooks.create(
                session, actor, url=url, topics={Topic.PROPOSAL_MADE}, seal=webhooks.seal_of(self.settings),
                allow_private=True, now=self.clock(),
            )  # fmt: skip

    def tell(self) -> int:
        with self.store.writing() as session:
            return outbox.tell(session, Topic.PROPOSAL_MADE, {self.zab.id}, {"request": REQUEST}, now=self.clock())

    def turn(self) -> int:
        return deliveries.deliver(self.store, self.settings, clock=self.clock)

    def rows(self) -> list[OutboxMessage]:
        with self.store.reading() as session:
            found = list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
            session.expunge_all()
            return found


@pytest.fixture
def worker(engine: Engine, tmp_path: Path) -> Iterator[Worker]:
    store = Store(engine.url.render_as_string(hide_password=False))
    settings = Settings(folder=tmp_path, webhook_private_addresses=True)
    with store.writing() as session:
        zab = organisation()
        session.add(zab)
    yield Worker(store, settings, zab)
    store.close()


def test_a_receiver_can_verify_what_it_gets(worker: Worker, receiver: Receiver) -> None:
    _, secret = worker.endpoint(receiver.url())
    assert worker.tell() == 1
    assert worker.turn() == 1
    (call,) = receiver.calls
    (row,) = worker.rows()
    Webhook(secret).verify(call.body, call.headers)
    body = json.loads(call.body)
    assert body == {"type": "proposal.made", "timestamp": row.at.isoformat(), "data": {"request": REQUEST}}
    assert call.headers["webhook-id"] == str(row.id)
    assert call.headers["host"] == f"127.0.0.1:{receiver.server.server_port}"
    assert row.delivered_at is not None
    assert worker.turn() == 0
    other = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with pytest.raises(WebhookVerificationError):
        other.verify(call.body, call.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(call.body.replace(b"made", b"lost"), call.headers)


def test_after_a_rotation_both_secrets_verify_for_a_day(worker: Worker, receiver: Receiver) -> None:
    endpoint, old = worker.endpoint(receiver.url())
    seal = webhooks.seal_of(worker.settings)
    with worker.store.writing() as session:
        row = session.get_one(WebhookEndpoint, endpoint.id)
        new = webhooks.rotate(session, Actor(role=Role.ZAB_LEAD), row, seal=seal, now=worker.clock())
    worker.tell()
    worker.turn()
    for secret in (old, new):
        Webhook(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)
    with worker.store.reading() as session:
        row = session.get_one(WebhookEndpoint, endpoint.id)
        later = worker.clock() + webhooks.OVERLAP
        assert webhooks.secrets_of(row, seal, later - timedelta(minutes=1)) == (new, old)
        assert webhooks.secrets_of(row, seal, later + timedelta(seconds=1)) == (new,)


def test_a_worker_without_the_key_leaves_the_message_to_later(worker: Worker, receiver: Receiver) -> None:
    own = worker.settings
    keys = [SecretStr(each) for each in ("o" * 32, f"{'n' * 32},{'o' * 32}", "n" * 32)]
    worker.settings = own.model_copy(update={"address_keys": keys[0]})
    endpoint, secret = worker.endpoint(receiver.url())
    worker.tell()
    worker.settings = own.model_copy(update={"address_keys": keys[2]})
    worker.turn()
    assert receiver.calls == []
    assert [(row.failure, row.delivered_at) for row in worker.rows()] == [("secret_sealed", None)]
    with worker.store.reading() as session:
        assert session.get_one(WebhookEndpoint, endpoint.id).is_active
    worker.settings = own.model_copy(update={"address_keys": keys[1]})
    worker.clock.shift += timedelta(minutes=1)
    worker.turn()
    Webhook(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)


def test_a_message_that_failed_comes_again_with_the_same_id(worker: Worker, receiver: Receiver) -> None:
    worker.endpoint(receiver.url())
    worker.tell()
    receiver.status["/hooks"] = 500
    worker.turn()
    assert worker.rows()[0].failure == "status_500"
    assert worker.turn() == 0
    receiver.status.clear()
    worker.clock.shift += PAUSES[0]
    assert worker.turn() == 1
    first, second = receiver.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    (row,) = worker.rows()
    assert (row.attempts, row.failure, row.delivered_at is not None) == (2, None, True)


def test_a_worker_that_died_before_it_noted_the_delivery_sends_again_with_the_same_id(
    worker: Worker, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.endpoint(receiver.url())
    worker.tell()

    def die(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "delivered", die)
        with pytest.raises(KeyboardInterrupt):
            worker.turn()
    assert worker.turn() == 0
    worker.clock.shift += outbox.LEASE
    assert worker.turn() == 1
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len(receiver.calls) == 2


def test_a_redirect_is_not_followed(worker: Worker, receiver: Receiver) -> None:
    worker.endpoint(receiver.url())
    worker.tell()
    receiver.status["/hooks"] = 307
    worker.turn()
    assert [call.path for call in receiver.calls] == ["/hooks"]
    assert worker.rows()[0].failure == "status_307"


def test_410_switches_the_endpoint_off(worker: Worker, receiver: Receiver) -> None:
    endpoint, _ = worker.endpoint(receiver.url())
    worker.tell()
    worker.tell()
    receiver.status["/hooks"] = 410
    worker.turn()
    assert len(receiver.calls) == 1
    with worker.store.reading() as session:
        assert not session.get_one(WebhookEndpoint, endpoint.id).is_active
    assert worker.tell() == 0
    worker.clock.shift += timedelta(days=2)
    assert worker.turn() == 0


def test_what_waits_for_an_endpoint_that_was_switched_off_is_not_sent(worker: Worker, receiver: Receiver) -> None:
    endpoint, _ = worker.endpoint(receiver.url())
    worker.tell()
    with worker.store.writing() as session:
        # As if it was switched off between the taking and the sending.
        session.get_one(WebhookEndpoint, endpoint.id).is_active = False
    worker.turn()
    assert receiver.calls == []
    assert worker.rows()[0].failure == "switched_off"


def test_one_that_does_not_answer_holds_nobody_up(
    worker: Worker, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for whoever does answer, on a machine that is busy with other tests.
    monkeypatch.setattr(deliveries, "TIMEOUT", 1.5)
    released = threading.Event()

    def wait(path: str) -> None:
        if path == "/slow":
            released.wait(60)

    receiver.before = wait
    worker.endpoint(receiver.url("/slow"))
    worker.endpoint(receiver.url("/fast"))
    for _ in range(3):
        worker.tell()
    worker.turn()
    # The turn is over and the slow one has not answered yet.
    assert [call.path for call in receiver.calls] == ["/fast"] * 3
    released.set()
    failures = [row.failure for row in worker.rows() if row.delivered_at is None]
    assert sorted(failures, key=str) == [None, None, "timeout"]


def test_a_dripping_answer_does_not_last_longer_than_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "TIMEOUT", 0.5)
    taken = Taken(
        id=new_id(), at=datetime.now(UTC), topic="proposal.made", organisation_id=None, endpoint_id=None,
        payload={}, attempts=0, held_until=datetime.now(UTC),
    )  # fmt: skip

    is_over = False

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Each drop comes within the timeout, and the last one never does.
        try:
            while not is_over:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def run() -> None:
        nonlocal is_over
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(NotSent):
            await asyncio.wait_for(
                deliveries.send(
                    Target(url=url, secrets=("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)), taken, datetime.now(UTC),
                    allow_private=True,
                ),
                60,
            )  # fmt: skip
        is_over = True
        server.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "192.0.2.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_not_called(address: str) -> None:
    assert not webhooks.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "193.99.144.80", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_called(address: str) -> None:
    assert webhooks.is_public(address)


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("https://localhost/hooks", "address_refused"),
        ("https://127.0.0.1/hooks", "address_refused"),
        ("https://[::1]/hooks", "address_refused"),
        ("https://2130706433/hooks", "address_refused"),
        ("http://1.1.1.1/hooks", "not_https"),
    ],
)
def test_a_name_that_leads_to_this_machine_is_refused(
    worker: Worker, receiver: Receiver, url: str, failure: str
) -> None:
    settings = worker.settings.model_copy(update={"webhook_private_addresses": False})
    worker.endpoint(url)
    worker.tell()
    deliveries.deliver(worker.store, settings, clock=worker.clock)
    (row,) = worker.rows()
    assert (row.failure, row.delivered_at) == (failure, None)


def test_the_address_that_was_judged_is_the_one_that_is_called(
    worker: Worker, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = asyncio.BaseEventLoop.getaddrinfo

    async def look_up(loop: Any, host: Any, port: Any, **more: Any) -> Any:
        asked.append(host if isinstance(host, str) else host.decode())
        return await real(loop, "127.0.0.1" if asked[-1] == "hooks.example.org" else host, port, **more)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    worker.endpoint(f"http://hooks.example.org:{receiver.server.server_port}/hooks")
    worker.tell()
    worker.turn()
    (call,) = receiver.calls
    assert call.headers["host"] == f"hooks.example.org:{receiver.server.server_port}"
    assert asked.count("hooks.example.org") == 1


def test_a_name_that_leads_nowhere_is_a_failure_like_others(worker: Worker) -> None:
    worker.endpoint("http://nowhere.invalid/hooks")
    worker.tell()
    worker.turn()
    assert worker.rows()[0].failure in ("not_reached", "timeout")


def test_a_defect_with_one_endpoint_does_not_hold_up_the_others(worker: Worker, receiver: Receiver) -> None:
    broken, _ = worker.endpoint(receiver.url("/broken"))
    worker.endpoint(receiver.url("/fine"))
    with worker.store.writing() as session:
        session.get_one(WebhookEndpoint, broken.id).sealed = b"whsec_"
    worker.tell()
    worker.turn()
    assert [call.path for call in receiver.calls] == ["/fine"]
    assert {row.failure for row in worker.rows()} == {None, "defect"}


def test_a_message_whose_lease_is_nearly_over_is_left_to_others(worker: Worker, receiver: Receiver) -> None:
    worker.endpoint(receiver.url())
    worker.tell()
    instants = iter([worker.clock()])
    late = worker.clock() + outbox.LEASE

    deliveries.deliver(worker.store, worker.settings, clock=lambda: next(instants, late))
    assert receiver.calls == []
