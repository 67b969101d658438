"""Delivers what the outbox holds for organisations: signed in the standard-webhooks way, tried again until it arrives.

Where an endpoint says with 410 that it is gone it is switched off. Nothing is sent to private addresses: a name is
resolved once, all its addresses are judged, and the call goes to one that was judged.
"""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import httpx2
import structlog
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from api.clock import Clock, system_clock
from api.db.store import Store
from api.db.tables import WebhookEndpoint
from api.logs import told_of
from api.services import outbox, webhooks
from api.services.outbox import Taken
from api.settings import Settings

MOST = 100
"""Messages taken at a time."""
TIMEOUT = 10.0
"""Seconds for a call, all in all: looking up, connecting, sending, waiting for the status."""
_MARGIN = timedelta(seconds=TIMEOUT + 5)
"""A message is tried only where so much of its lease is left."""
_log = structlog.get_logger("restplatz.deliveries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send, and the secrets that sign."""

    url: str
    secrets: tuple[str, ...]


class NotSent(Exception):
    """A call that was not answered as wanted; ``failure`` is a code for the log and for the organisation."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


class Gone(NotSent):
    """The endpoint wants nothing any more (410)."""


def deliver(store: Store, settings: Settings, *, clock: Clock = system_clock) -> int:
    """Take what is due, send it, note what became of it; return how many messages were taken.

    Each endpoint has its messages one after another, and all endpoints at once. After a failure the rest of that
    endpoint waits.
    """
    taken = store.write(lambda session: outbox.due(session, clock(), MOST))
    if not taken:
        return 0
    asyncio.run(_all(store, settings, taken, clock))
    return len(taken)


async def _all(store: Store, settings: Settings, taken: Sequence[Taken], clock: Clock) -> None:
    by_endpoint = sorted(taken, key=lambda each: str(each.endpoint_id))
    async with asyncio.TaskGroup() as tasks:
        for _, group in groupby(by_endpoint, key=lambda each: each.endpoint_id):
            tasks.create_task(_one_endpoint(store, settings, list(group), clock))


async def _one_endpoint(store: Store, settings: Settings, taken: list[Taken], clock: Clock) -> None:
    endpoint_id = taken[0].endpoint_id
    if endpoint_id is None:
        raise AssertionError("inner messages are not delivered")
    target = await asyncio.to_thread(_target, store, settings, endpoint_id, clock())
    taken.sort(key=lambda each: (each.at, each.id))
    for number, message in enumerate(taken):
        if clock() > message.held_until - _MARGIN:
            break  # Not enough time is left: another worker may take it when the lease ends.
        failure = await _failure(target, message, clock(), allow_private=settings.webhook_private_addresses)
        if failure is not None:
            await asyncio.to_thread(_note_failure, store, message, taken[number + 1 :], failure, clock)
            return
        await asyncio.to_thread(_note_delivery, store, message, clock)


async def _failure(target: Target | None, message: Taken, at: datetime, *, allow_private: bool) -> NotSent | None:
    try:
        if target is None:
            return Gone("switched_off")
        if not target.secrets:
            return NotSent("secret_sealed")  # By a key that this worker does not have: it is tried again.
        await send(target, message, at, allow_private=allow_private)
    except NotSent as failure:
        return failure
    except Exception as error:  # noqa: BLE001  # one endpoint that nobody thought of must not hold up all the others
        _log.error("defect", endpoint=message.endpoint_id, **told_of(error))
        return NotSent("defect")
    return None


async def send(target: Target, message: Taken, at: datetime, *, allow_private: bool) -> None:
    """Send one message.

    Raises
    ------
    NotSent
        Where it was not answered with 2xx; ``Gone`` where with 410.
    """
    body = json.dumps(
        {"type": message.topic, "timestamp": message.at.astimezone(UTC).isoformat(), "data": dict(message.payload)},
        separators=(",", ":"), ensure_ascii=False,
    )  # fmt: skip
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "restplatz",
        "webhook-id": str(message.id),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(str(message.id), at, body) for secret in target.secrets),
    }
    try:
        async with asyncio.timeout(TIMEOUT):
            status = await _post(target.url, headers, body.encode(), allow_private=allow_private)
    except TimeoutError as error:
        raise NotSent("timeout") from error
    except httpx2.TimeoutException as error:
        raise NotSent("timeout") from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise NotSent("not_reached") from error
    if status == httpx2.codes.GONE:
        raise Gone("status_410")
    if not 200 <= status < 300:
        raise NotSent(f"status_{status}")


async def _post(url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool) -> int:
    """Return the status. The answer's body is not read, and where it leads elsewhere nobody follows."""
    parsed = httpx2.URL(url)
    if parsed.scheme != "https" and not (allow_private and parsed.scheme == "http"):
        raise NotSent("not_https")
    host = parsed.raw_host.decode("ascii")
    address = await _address(host, parsed.port or (443 if parsed.scheme == "https" else 80), allow_private)
    async with (
        httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST",
            parsed.copy_with(host=address),
            headers={**headers, "Host": parsed.netloc.decode("ascii")},
            content=body,
            extensions={"sni_hostname": host},
        ) as answer,
    ):
        return answer.status_code


async def _address(host: str, port: int, allow_private: bool) -> str:
    """Return the address to call; refuse where any address of the name is one that nobody may call."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses:
        raise NotSent("not_reached")
    if not allow_private and not all(webhooks.is_public(each) for each in addresses):
        raise NotSent("address_refused")
    return addresses[0]


def _target(store: Store, settings: Settings, endpoint_id: uuid.UUID, now: datetime) -> Target | None:
    with store.reading() as session:
        endpoint = session.get(WebhookEndpoint, endpoint_id)
        if endpoint is None or not endpoint.is_active:
            return None
        return Target(url=endpoint.url, secrets=webhooks.secrets_of(endpoint, webhooks.seal_of(settings), now))


def _note_delivery(store: Store, message: Taken, clock: Clock) -> None:
    store.write(lambda session: outbox.delivered(session, message, now=clock()))
    _log.info("delivered", message=message.id, endpoint=message.endpoint_id, topic=message.topic)


def _note_failure(store: Store, message: Taken, rest: Sequence[Taken], failure: NotSent, clock: Clock) -> None:
    def note(session: Session) -> None:
        now = clock()
        if isinstance(failure, Gone):
            outbox.switch_off(session, message, failure.failure, now=now)
        else:
            outbox.failed(session, message, failure.failure, now=now, untried=rest)

    store.write(note)
    _log.warning(
        "not delivered", message=message.id, endpoint=message.endpoint_id, topic=message.topic, code=failure.failure,
        attempts=message.attempts + 1,
    )  # fmt: skip
