"""Answers that are kept for repeated calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from api.db.tables import IdempotencyKey


def forget(session: Session, before: datetime, most: int) -> int:
    """Delete at most so many answers of calls before an instant, the oldest first; return how many it were."""
    key = (IdempotencyKey.account_id, IdempotencyKey.key)
    old = session.execute(select(*key).where(IdempotencyKey.at < before).order_by(IdempotencyKey.at).limit(most)).all()
    if old:
        session.execute(delete(IdempotencyKey).where(tuple_(*key).in_([tuple(each) for each in old])))
    return len(old)
