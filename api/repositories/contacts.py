"""Reads of the contacts of the ZRK; nobody else sees one."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, select, true
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Contact, ContactBody
from api.workflow import Role


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return which contacts an actor may see."""
    return true() if actor.role is Role.ZRK else false()


def listed(
    actor: Actor,
    *,
    state: str | None = None,
    body: ContactBody | None = None,
    is_active: bool | None = None,
    updated_since: datetime | None = None,
) -> Select[Contact]:
    """Return the query for a list; ``None`` narrows nothing."""
    query = select(Contact).where(visible(actor))
    if state is not None:
        query = query.where(Contact.state == state)
    if body is not None:
        query = query.where(Contact.body == body)
    if is_active is not None:
        query = query.where(Contact.is_active.is_(is_active))
    return query if updated_since is None else query.where(Contact.updated_at >= updated_since)


def find(session: Session, actor: Actor, contact_id: uuid.UUID, *, lock: bool = False) -> Contact | None:
    """Return a contact that the actor may see."""
    query = select(Contact).where(Contact.id == contact_id, visible(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()
