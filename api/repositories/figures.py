"""Figures for operators, counted over all rows: no id, no content."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from api.db.tables import Proposal, Run, RunKind, Standing, TransportRequest, WorkerSeen
from api.workflow import OPEN, State


def open_requests(session: Session) -> dict[str, int]:
    """Return the number of open requests by state; 0 where there is none."""
    query = select(TransportRequest.state, func.count().label("number")).where(TransportRequest.state.in_(OPEN))
    found = {row.state: row.number for row in session.execute(query.group_by(TransportRequest.state))}
    return {state.value: found.get(state, 0) for state in State if state in OPEN}


def recent_runs(session: Session, now: datetime) -> tuple[dict[tuple[str, str], int], dict[str, float]]:
    """Return runs of the last 24 hours by kind and state, and the mean seconds of those that ended, by kind."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    seconds: dict[str, list[float]] = defaultdict(list)
    begin = _first_id(now - timedelta(hours=24))
    for kind in RunKind:
        query = select(Run.state, Run.started_at, Run.finished_at).where(Run.kind == kind, Run.id >= begin)
        for state, started, finished in session.execute(query):
            counts[kind.value, state.value] += 1
            if started is not None and finished is not None:
                seconds[kind.value].append((finished - started).total_seconds())
    return dict(counts), {kind: sum(each) / len(each) for kind, each in seconds.items()}


def oldest_unanswered(session: Session) -> datetime | None:
    """Return when the oldest live proposal was made that nobody has answered."""
    query = select(func.min(Proposal.created_at)).join(Proposal.request)
    query = query.where(Proposal.standing == Standing.LIVE, TransportRequest.state == State.PROPOSED)
    return session.scalar(query)


def _first_id(at: datetime) -> uuid.UUID:
    """Return the smallest UUIDv7 of an instant: ids are in the order of their creation."""
    return uuid.UUID(int=(int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0x8 << 60))


def note_worker(session: Session, name: str, now: datetime, forgotten: datetime) -> None:
    """Note that a worker is alive; workers that nobody has seen since ``forgotten`` are left out from then on."""
    session.execute(delete(WorkerSeen).where(WorkerSeen.at < forgotten, WorkerSeen.name != name))
    row = session.get(WorkerSeen, name)
    if row is None:
        session.add(WorkerSeen(name=name, at=now))
    else:
        row.at = now


def workers_since(session: Session, since: datetime) -> int:
    """Return the number of workers seen since an instant."""
    return session.scalar(select(func.count()).select_from(WorkerSeen).where(WorkerSeen.at >= since)) or 0
