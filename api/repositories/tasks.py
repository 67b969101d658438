"""Reads of tasks: each organisation sees its own."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Task, TaskState


def visible(actor: Actor) -> Select[Task]:
    """Return the query for the tasks of the actor's organisation."""
    return select(Task).where(Task.organisation_id == actor.organisation_id)


def listed(
    actor: Actor, *, states: Collection[TaskState], kind: str | None, updated_since: datetime | None
) -> Select[Task]:
    """Return the query for a list; ``None``: not narrowed by this."""
    query = visible(actor).where(Task.state.in_(sorted(states)))
    if kind is not None:
        query = query.where(Task.kind == kind)
    return query if updated_since is None else query.where(Task.updated_at >= updated_since)


def find(session: Session, actor: Actor, task_id: uuid.UUID, *, is_locked: bool = False) -> Task | None:
    """Return a task that the actor may see; ``is_locked``: as it is now, until the end of the transaction."""
    query = visible(actor).where(Task.id == task_id)
    if is_locked:
        query = query.with_for_update(of=Task).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def open_of(session: Session, request_id: uuid.UUID, kinds: Collection[str] = ()) -> list[Task]:
    """Return the open tasks about a request, locked; only of these kinds, where any are named."""
    query = select(Task).where(Task.request_id == request_id, Task.state == TaskState.OPEN)
    if kinds:
        query = query.where(Task.kind.in_(sorted(kinds)))
    locked = query.order_by(Task.id).with_for_update(of=Task).execution_options(populate_existing=True)
    return list(session.scalars(locked))
