"""Filters of the board that people keep under a name: saved, replaced, deleted; each has the own ones only."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import SavedFilter
from api.errors import Code, Problem, not_found
from api.repositories import accounts
from api.repositories import saved_filters as rows

MOST = 20
"""Filters that one person may keep."""
LONGEST_NAME = 40


def save(session: Session, actor: Actor, name: str, query: str, *, now: datetime) -> SavedFilter:
    """Keep a filter under a name; one of the same name is replaced.

    Raises
    ------
    Problem
        ``value_refused`` (422) where the name is empty or too long, or the actor has as many filters as one may have.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Problem(
            Code.VALUE_REFUSED, f"Expected a name of 1 to {LONGEST_NAME} characters.", more={"field": "name"}
        )  # fmt: skip
    # Locked, so that who saves twice at once has no filter more than is allowed, and none of them twice.
    account = accounts.account_of(session, actor)
    session.refresh(account, with_for_update={"of": type(account)})
    row = rows.named(session, actor, name)
    if row is not None:
        row.query = query
        return row
    if len(rows.listed(session, actor)) >= MOST:
        raise Problem(Code.VALUE_REFUSED, f"Expected at most {MOST} filters. Delete one first.", more={"field": "most"})
    row = SavedFilter(account_id=account.id, name=name, query=query, created_at=now)
    session.add(row)
    session.flush()
    return row


def delete(session: Session, actor: Actor, filter_id: uuid.UUID) -> None:
    """Delete one of the own filters; raises ``not_found`` (404)."""
    row = rows.find(session, actor, filter_id)
    if row is None:
        raise not_found("a saved filter")
    session.delete(row)
