"""Reads of the audit log, for auditors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import AuditEntry
from api.workflow import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which lines; what is ``None`` filters nothing. ``since`` belongs to it, ``until`` does not."""

    subject_kind: str | None = None
    subject_id: str | None = None
    account_id: uuid.UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def given(self) -> list[str]:
        """Names of those that filter."""
        return [each.name for each in fields(self) if getattr(self, each.name) is not None]


def lines(actor: Actor, filters: Filters) -> Select[AuditEntry]:
    """Return the query for lines of the log: none for whoever is no auditor."""
    query = select(AuditEntry)
    if actor.role is not Role.AUDITOR:
        return query.where(false())
    if filters.subject_kind is not None:
        query = query.where(AuditEntry.subject_kind == filters.subject_kind)
    if filters.subject_id is not None:
        query = query.where(AuditEntry.subject_id == filters.subject_id)
    if filters.account_id is not None:
        query = query.where(AuditEntry.account_id == filters.account_id)
    if filters.action is not None:
        query = query.where(AuditEntry.action == filters.action)
    if filters.since is not None:
        query = query.where(AuditEntry.at >= filters.since)
    if filters.until is not None:
        query = query.where(AuditEntry.at < filters.until)
    return query


def range_of(session: Session, first: int, most: int) -> tuple[int, int]:
    """Return number of lines and number of the last one, of the ``most`` lines from ``first`` on; 0 and 0 if none."""
    chosen = (
        select(AuditEntry.number).where(AuditEntry.number >= first).order_by(AuditEntry.number).limit(most).subquery()
    )
    count, last = session.execute(select(func.count(), func.max(chosen.c.number)).select_from(chosen)).one()
    return count, last or 0
