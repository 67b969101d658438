"""Reads of the outbox and of the endpoints that its messages go to.

Workers see all messages; people only those of their own organisation's endpoints.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Notice, OutboxMessage, WebhookEndpoint

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""``due_at`` of a message that was given up."""


def active_endpoints(session: Session, organisation_ids: Collection[uuid.UUID]) -> Sequence[WebhookEndpoint]:
    """Return the endpoints of these organisations that are switched on."""
    if not organisation_ids:
        return []
    query = select(WebhookEndpoint).where(
        WebhookEndpoint.organisation_id.in_(organisation_ids), WebhookEndpoint.is_active.is_(True)
    )
    return session.scalars(query.order_by(WebhookEndpoint.id)).all()


def endpoints(actor: Actor) -> Select[WebhookEndpoint]:
    """Return the query for the endpoints of the actor's organisation."""
    return select(WebhookEndpoint).where(WebhookEndpoint.organisation_id == actor.organisation_id)


def all_endpoints(session: Session) -> Sequence[WebhookEndpoint]:
    """Return all endpoints, locked; nothing here is read for a person."""
    return session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id).with_for_update()).all()


def note_sealed(session: Session, endpoint_id: uuid.UUID, sealed: bytes) -> None:
    """Note a secret sealed anew; the version stays, for nothing that anybody sees has changed."""
    session.execute(
        update(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .values(sealed=sealed, version=WebhookEndpoint.version)
    )


def endpoint(session: Session, actor: Actor, endpoint_id: uuid.UUID, *, lock: bool = False) -> WebhookEndpoint | None:
    """Return an endpoint of the actor's organisation; ``None`` for any other.

    ``lock`` keeps it to the end of the transaction.
    """
    query = endpoints(actor).where(WebhookEndpoint.id == endpoint_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def locked_endpoint(session: Session, endpoint_id: uuid.UUID) -> WebhookEndpoint | None:
    """Return an endpoint for a worker, locked until the end of the transaction."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def deliveries(actor: Actor, endpoint_id: uuid.UUID) -> Select[OutboxMessage]:
    """Return the query for the messages to an endpoint of the actor's organisation."""
    return select(OutboxMessage).where(
        OutboxMessage.endpoint_id == endpoint_id, OutboxMessage.organisation_id == actor.organisation_id
    )


def lock_due(session: Session, now: datetime, most: int, *, is_inner: bool) -> Sequence[OutboxMessage]:
    """Return messages that are due, oldest first, locked; those that another worker holds are passed over."""
    query = select(OutboxMessage).where(OutboxMessage.delivered_at.is_(None), OutboxMessage.due_at <= now)
    inner = OutboxMessage.endpoint_id.is_(None)
    query = query.where(inner if is_inner else ~inner).order_by(OutboxMessage.due_at, OutboxMessage.id).limit(most)
    return session.scalars(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()


def locked_message(session: Session, message_id: uuid.UUID) -> OutboxMessage | None:
    """Return a message, locked until the end of the transaction."""
    query = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def postpone(session: Session, endpoint_id: uuid.UUID, now: datetime, until: datetime) -> None:
    """Let the messages to an endpoint that nobody holds, and that would be due before ``until``, wait until then."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.endpoint_id == endpoint_id,
            OutboxMessage.delivered_at.is_(None),
            OutboxMessage.due_at <= now,
        )
        .values(due_at=until)
    )


def give_up_all(session: Session, endpoint_id: uuid.UUID, failure: str) -> None:
    """Let no open message to an endpoint be sent any more."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.endpoint_id == endpoint_id,
            OutboxMessage.delivered_at.is_(None),
            OutboxMessage.due_at < NEVER,
        )
        .values(due_at=NEVER, failure=failure)
    )


def delete_messages(session: Session, endpoint_id: uuid.UUID) -> None:
    """Delete all messages to an endpoint."""
    session.execute(delete(OutboxMessage).where(OutboxMessage.endpoint_id == endpoint_id))


def notice_of(session: Session, organisation_id: uuid.UUID, kind: str, subject_id: str) -> Notice | None:
    """Return the notice of an organisation about a thing: there is one of each kind at most."""
    query = select(Notice).where(
        Notice.organisation_id == organisation_id, Notice.kind == kind, Notice.subject_id == subject_id
    )
    return session.scalars(query).one_or_none()


def backlog(session: Session, *, is_inner: bool) -> tuple[int, datetime | None]:
    """Return how many messages are neither delivered nor given up, and when the oldest of them was written."""
    inner = OutboxMessage.endpoint_id.is_(None)
    query = select(func.count(), func.min(OutboxMessage.at)).where(
        OutboxMessage.delivered_at.is_(None), OutboxMessage.due_at < NEVER, inner if is_inner else ~inner
    )
    count, oldest = session.execute(query).one()
    return count, oldest


def oldest_due(session: Session, now: datetime, *, is_inner: bool) -> datetime | None:
    """Return since when the message has been due that was due first and is not delivered; ``None`` where none is."""
    inner = OutboxMessage.endpoint_id.is_(None)
    query = select(func.min(OutboxMessage.due_at)).where(
        OutboxMessage.delivered_at.is_(None), OutboxMessage.due_at <= now, inner if is_inner else ~inner
    )
    return session.scalar(query)
