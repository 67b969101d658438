"""What the board tells at a glance: how many wait, who answers next, what runs, and whether anything has changed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, lazyload, selectinload

from api.actor import Actor
from api.db.tables import Away, CrewRow, Decision, DutyRow, Proposal, Run, RunEvent, TransportRequest, VehicleRow
from api.db.tables_runs import LIVE_RUNS
from api.db.types import stated
from api.repositories import fleet, proposals, requests
from api.workflow import WAITING

_LATEST = 20
"""Rows that are looked at, those last changed: one that was begun earlier and stored later is then not overlooked."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What the database looked like: ``board`` differs where requests, tours or duties do, ``runs`` where runs do."""

    board: Hashable
    runs: Hashable

    @property
    def sign(self) -> str:
        """A short sign of ``board`` for a page to say what it shows: the same for the same, and nothing can be read."""
        return hashlib.sha256(repr(self.board).encode()).hexdigest()[:16]


def unplaced(session: Session, actor: Actor) -> int:
    """Return how many requests that the actor may see wait for a seat, whatever is filtered."""
    query = select(func.count()).select_from(TransportRequest)
    return session.scalar(query.where(requests.visible(actor), TransportRequest.state.in_(sorted(WAITING)))) or 0


def to_answer(session: Session, actor: Actor) -> tuple[int, datetime | None]:
    """Return how many proposals the actor may see that wait for an answer, and until when the first is needed."""
    query = (
        select(func.count(), func.min(Proposal.respond_by))
        .join_from(Proposal, TransportRequest, TransportRequest.id == Proposal.request_id)
        .where(
            proposals.IS_LIVE, Proposal.respond_by.is_not(None), proposals.visible(actor),
            TransportRequest.state.in_(sorted(proposals.UNANSWERED)),
        )
    )  # fmt: skip
    number, first = session.execute(query).one()
    return number, first


def duties(actor: Actor, *, zab: str | None, since: datetime, until: datetime, most: int) -> Select[DutyRow]:
    """Return the query for the duties of a time line.

    Crews, vehicles and ZABs are read once each, not again with every duty: a week has seven of each.
    """
    query = fleet.duties(actor, zab=zab, since=since, until=until).order_by(DutyRow.starts_at, DutyRow.id)
    return query.limit(stated(most)).options(
        selectinload(DutyRow.zab),
        selectinload(DutyRow.crew).options(lazyload(CrewRow.zab)),
        selectinload(DutyRow.vehicle).options(lazyload(VehicleRow.zab)),
    )


def progress(session: Session, run_id: uuid.UUID) -> dict[str, Any]:
    """Return what a run told last."""
    query = select(RunEvent.payload).where(RunEvent.run_id == run_id)
    return session.scalars(query.order_by(RunEvent.number.desc()).limit(1)).first() or {}


def mark(session: Session, now: datetime) -> Mark:
    """Return what shows whether anything has changed: no content, only ids and counts, read by indexes."""
    decided = session.scalars(select(Decision.id).order_by(Decision.id.desc()).limit(stated(_LATEST))).all()
    versions = select(func.count(), func.sum(DutyRow.version), func.max(DutyRow.updated_at))
    duties = session.execute(versions.where(DutyRow.ends_at > now)).one()
    away = session.execute(select(func.count(), func.max(Away.created_at)).where(Away.ends_at > now)).one()
    changed, proposed = (
        session.execute(
            select(row.id, row.version).order_by(row.updated_at.desc(), row.id.desc()).limit(stated(_LATEST))
        )
        for row in (TransportRequest, Proposal)
    )
    numbers = (
        select(Run.id, Run.state, func.max(RunEvent.number))
        .outerjoin(RunEvent, RunEvent.run_id == Run.id)
        .where(Run.state.in_(LIVE_RUNS))
        .group_by(Run.id, Run.state)
        .order_by(Run.id)
    )
    return Mark(
        board=(
            tuple(decided),
            tuple(duties),
            tuple(away),
            *(tuple(tuple(row) for row in found) for found in (changed, proposed)),
        ),
        runs=tuple(tuple(row) for row in session.execute(numbers)),
    )
