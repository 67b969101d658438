"""Reads of saved filters of the board: everybody sees the own ones."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import SavedFilter


def own(actor: Actor) -> Select[SavedFilter]:
    """Return the query for the actor's own filters."""
    return select(SavedFilter).where(SavedFilter.account_id == actor.account_id)


def listed(session: Session, actor: Actor) -> Sequence[SavedFilter]:
    """Return the actor's filters by name."""
    return session.scalars(own(actor).order_by(func.lower(SavedFilter.name), SavedFilter.id)).all()


def find(session: Session, actor: Actor, filter_id: uuid.UUID) -> SavedFilter | None:
    """Return one of the actor's filters."""
    return session.scalars(own(actor).where(SavedFilter.id == filter_id)).one_or_none()


def named(session: Session, actor: Actor, name: str) -> SavedFilter | None:
    """Return the actor's filter of this name."""
    return session.scalars(own(actor).where(SavedFilter.name == name)).one_or_none()
