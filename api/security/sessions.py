"""Sessions of the page: the cookie holds a random value, the database its hash."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from api.db.tables import Session as SessionRow
from api.security.keys import fingerprint


def open_session(session: Session, account_id: uuid.UUID, *, now: datetime, lasts: timedelta) -> str:
    """Return the value of the cookie of a new session; it is new at each sign-in, so that none can be planted."""
    value = secrets.token_urlsafe(32)
    session.add(
        SessionRow(account_id=account_id, sha256=fingerprint(value), created_at=now, expires_at=now + lasts)
    )  # fmt: skip
    session.flush()
    return value


def close_session(session: Session, value: str, *, now: datetime) -> None:
    """End the session that a cookie belongs to; nothing happens where there is none."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.sha256 == fingerprint(value), SessionRow.ended_at.is_(None))
        .values(ended_at=now)
    )


def close_sessions(
    session: Session, account_ids: Collection[uuid.UUID], *, now: datetime, spared: str | None = None
) -> None:
    """End all sessions of these accounts, except the one of the cookie ``spared``."""
    ending = update(SessionRow).where(SessionRow.account_id.in_(account_ids), SessionRow.ended_at.is_(None))
    if spared is not None:
        ending = ending.where(SessionRow.sha256 != fingerprint(spared))
    session.execute(ending.values(ended_at=now))
