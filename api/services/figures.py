"""What operators see: figures of the database, and whether the service can work."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api.metrics import Snapshot
from api.repositories import figures
from api.repositories import outbox as messages
from api.schemas.health import Work

LATE = timedelta(seconds=60)
"""Inner messages that wait longer tell that no worker takes them; a worker not seen for so long is not there."""
_FORGOTTEN = timedelta(days=1)


def snapshot(session: Session, now: datetime) -> Snapshot:
    """Return the figures of this instant."""
    runs, run_seconds = figures.recent_runs(session, now)
    waiting = {
        name: messages.backlog(session, is_inner=is_inner) for name, is_inner in (("inner", True), ("webhook", False))
    }
    return Snapshot(
        at=now, requests=figures.open_requests(session), runs=runs, run_seconds=run_seconds,
        outbox={name: count for name, (count, _) in waiting.items()},
        outbox_oldest={name: oldest for name, (_, oldest) in waiting.items()},
        oldest_unanswered=figures.oldest_unanswered(session), workers=workers(session, now),
    )  # fmt: skip


def work(session: Session, now: datetime) -> Work:
    """Return whether workers do their work: what one would have taken long ago tells that there is none, or too few."""
    oldest = messages.oldest_due(session, now, is_inner=True)
    return Work.BEHIND if oldest is not None and now - oldest > LATE else Work.CURRENT


def note_worker(session: Session, name: str, now: datetime) -> None:
    """Note that a worker is alive."""
    figures.note_worker(session, name, now, now - _FORGOTTEN)


def workers(session: Session, now: datetime) -> int:
    """Return the number of workers seen within the last minute."""
    return figures.workers_since(session, now - LATE)
