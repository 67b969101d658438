"""The outbox: messages that commit together with the change they tell of, and are then carried out by workers.

Two kinds: to the webhook endpoints of organisations, and to the inside (a match to be made). A worker takes messages
by a lease: their ``due_at`` is pushed forward, and it says in time what became of them. Where it dies, they are due
again when the lease ends; while the lease holds, nobody else takes them. So each is delivered at least once, and
whoever receives it twice knows it by its id.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from api.db.tables import Notice, OutboxMessage, WebhookEndpoint
from api.db.types import new_id
from api.repositories import outbox as messages
from api.repositories.outbox import NEVER
from api.topics import Topic as Topic  # noqa: PLC0414  # callers of `tell` take it from here
from api.topics import read

MATCH = "match"
"""Topic of the inner messages."""
LEASE = timedelta(seconds=60)
"""For so long a message belongs to the worker that took it."""
PAUSES = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 3600, 6 * 3600))
"""After the first failure, the second, and so on; the last one again and again."""
GIVEN_UP_AFTER = timedelta(days=3)
NOTICE_GIVEN_UP, NOTICE_SWITCHED_OFF = "webhook_given_up", "webhook_switched_off"
_SAID = re.compile(r"[\w.:/+-]{0,120}")
"""Ids, codes, states and instants: no blank, so no sentence and no name of two words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that a worker holds until ``held_until``."""

    id: uuid.UUID
    at: datetime
    topic: str
    organisation_id: uuid.UUID | None
    endpoint_id: uuid.UUID | None
    payload: Mapping[str, Any]
    attempts: int
    """Times that it failed before."""
    held_until: datetime


def tell(
    session: Session,
    topic: Topic,
    organisation_ids: Collection[uuid.UUID],
    payload: Mapping[str, Any],
    *,
    now: datetime,
) -> int:
    """Write a message for each active endpoint of these organisations that wants the topic; return how many.

    Parameters
    ----------
    payload
        Ids, states, codes, counts and instants, no personal content.

    Raises
    ------
    ValueError
        Where a value of the payload could be something else.
    """
    return tell_all(session, [(topic, organisation_ids, payload)], now=now)


def tell_all(
    session: Session, told: Sequence[tuple[Topic, Collection[uuid.UUID], Mapping[str, Any]]], *, now: datetime
) -> int:
    """Do as ``tell`` for several at once, in their order; endpoints are read once."""
    for _, _, payload in told:
        _check(payload)
    endpoints = messages.active_endpoints(session, {each for _, organisations, _ in told for each in organisations})
    written = 0
    for topic, organisations, payload in told:
        for endpoint in endpoints:
            if endpoint.organisation_id in organisations and topic in read(endpoint.topics):
                write(session, endpoint, topic, payload, now=now)
                written += 1
    if written:
        session.flush()
    return written


def write(
    session: Session, endpoint: WebhookEndpoint, topic: Topic, payload: Mapping[str, Any], *, now: datetime
) -> OutboxMessage:
    """Write a message to one endpoint, due at once."""
    _check(payload)
    message = OutboxMessage(
        id=new_id(), at=now, topic=topic.value, organisation_id=endpoint.organisation_id, endpoint_id=endpoint.id,
        payload=dict(payload), due_at=now, attempts=0,
    )  # fmt: skip
    session.add(message)
    return message


def ask_match(
    session: Session,
    reason: str,
    request_ids: Iterable[uuid.UUID],
    *,
    now: datetime,
    duty_ids: Iterable[uuid.UUID] = (),
) -> OutboxMessage:
    """Ask the workers to match: these requests, or whatever fits the seats that became free on these duties.

    The payload is ``{"reason": code, "requests": [id, ...], "duties": [id, ...]}``.
    """
    payload = {
        "reason": reason,
        "requests": [str(request_id) for request_id in request_ids],
        "duties": [str(duty_id) for duty_id in duty_ids],
    }
    _check(payload)
    message = OutboxMessage(
        id=new_id(), at=now, topic=MATCH, organisation_id=None, endpoint_id=None, payload=payload, due_at=now,
        attempts=0,
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


def due(session: Session, now: datetime, most: int, *, is_inner: bool = False, lease: timedelta = LEASE) -> list[Taken]:
    """Take messages that are due, oldest first, at most ``most``: to endpoints, or (``is_inner``) to the inside.

    They are the caller's for ``lease``, from the commit on; in a transaction that writes.
    """
    found = messages.lock_due(session, now, most, is_inner=is_inner)
    for message in found:
        message.due_at = now + lease
    session.flush()
    return [
        Taken(
            id=message.id, at=message.at, topic=message.topic, organisation_id=message.organisation_id,
            endpoint_id=message.endpoint_id, payload=message.payload, attempts=message.attempts,
            held_until=message.due_at,
        )
        for message in found
    ]  # fmt: skip


def delivered(session: Session, taken: Taken, *, now: datetime) -> None:
    """Note that a message arrived, whoever holds it by now."""
    message = messages.locked_message(session, taken.id)
    if message is not None and message.delivered_at is None:
        message.delivered_at, message.failure = now, None
        message.attempts += 1
        session.flush()


def failed(
    session: Session, taken: Taken, failure: str, *, now: datetime, untried: Sequence[Taken] = ()
) -> datetime | None:
    """Note that a message did not arrive; return when it is tried again, ``None`` where it was given up.

    The other messages to the same endpoint wait as long, so that one that is out of order does not hold up the others.
    Nothing changes where the lease ended and another worker took it.

    Parameters
    ----------
    failure
        A code, such as ``status_500``.
    untried
        Messages to the same endpoint that were taken with it.
    """
    message = _held(session, taken)
    if message is None:
        return taken.held_until
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    message.attempts += 1
    message.failure = failure
    is_over = message.endpoint_id is not None and now + pause > message.at + GIVEN_UP_AFTER
    message.due_at = NEVER if is_over else now + pause
    session.flush()
    if message.endpoint_id is not None:
        release(session, untried, now + pause)
        messages.postpone(session, message.endpoint_id, now, now + pause)
        if is_over:
            _notify(session, message, NOTICE_GIVEN_UP, failure, now)
    return None if is_over else message.due_at


def release(session: Session, taken: Sequence[Taken], until: datetime) -> None:
    """Give messages back that were taken and not tried; they are due at ``until``."""
    for each in taken:
        message = _held(session, each)
        if message is not None:
            message.due_at = until
    session.flush()


def switch_off(session: Session, taken: Taken, failure: str, *, now: datetime) -> None:
    """Switch the endpoint of a message off, for it says that it is gone; its open messages are given up."""
    if taken.endpoint_id is None:
        raise ValueError(f"Expected a message to an endpoint, got {taken.topic}.")
    endpoint = messages.locked_endpoint(session, taken.endpoint_id)
    message = messages.locked_message(session, taken.id)
    if endpoint is None or message is None:
        return
    message.attempts += 1
    if endpoint.is_active:
        endpoint.is_active, endpoint.updated_at = False, now
        _notify(session, message, NOTICE_SWITCHED_OFF, failure, now)
    session.flush()
    messages.give_up_all(session, endpoint.id, failure)


def _held(session: Session, taken: Taken) -> OutboxMessage | None:
    message = messages.locked_message(session, taken.id)
    if message is None or message.delivered_at is not None or message.due_at != taken.held_until:
        return None
    return message


def _notify(session: Session, message: OutboxMessage, kind: str, failure: str, now: datetime) -> None:
    if message.organisation_id is None:
        return
    subject = str(message.endpoint_id)
    notice = messages.notice_of(session, message.organisation_id, kind, subject)
    if notice is None:
        notice = Notice(organisation_id=message.organisation_id, kind=kind, subject_id=subject)
        session.add(notice)
    # The organisation may have settled an earlier one: it is open again.
    notice.created_at, notice.done_at, notice.code = now, None, failure[:40]
    notice.subject_kind, notice.details = "webhook_endpoint", {"topic": message.topic, "message": str(message.id)}
    session.flush()


def _check(payload: Mapping[str, Any]) -> None:
    for name, value in payload.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if each is None or isinstance(each, int) or (isinstance(each, str) and _SAID.fullmatch(each)):
                continue
            raise ValueError(f"Expected an id, a code, a number or an instant in {name!r}, got {type(each).__name__}.")
