"""What the clock looks for: ids after ``after``, at most ``most``, each with its request; nobody is shown these."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from api.db.tables import Bar, Decision, Proposal, Task, TaskState, TransportRequest
from api.repositories.proposals import IS_LIVE, UNANSWERED
from api.workflow import WAITING, Action, State

_ENTERED = (Action.POOL, Action.AMEND, Action.CORRECT, Action.MOVE_DATE)


def due_for_expiry(session: Session, now: datetime, after: uuid.UUID, most: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return unanswered proposals whose time to answer is over, with their requests."""
    return _live(session, after, most, TransportRequest.state.in_(UNANSWERED), Proposal.respond_by <= now)


def due_for_answer(session: Session, now: datetime, after: uuid.UUID, most: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (twice) the ids of requests that a ZAB was asked to carry and did not answer in time."""
    query = (
        select(TransportRequest.id)
        .where(TransportRequest.asked_until <= now, TransportRequest.state == State.ASKED, TransportRequest.id > after)
        .order_by(TransportRequest.id)
        .limit(most)
    )
    return [(key, key) for key in session.scalars(query)]


def due_for_lapse_of_tasks(
    session: Session, now: datetime, after: uuid.UUID, most: int
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (twice) the ids of requests whose deadline has passed with something still to be examined."""
    # An Amtshilfe case that is to be decided has a task of its ZAB as long.
    query = (
        select(TransportRequest.id)
        .join(Task, Task.request_id == TransportRequest.id)
        .where(Task.state == TaskState.OPEN, TransportRequest.deadline_at <= now, TransportRequest.id > after)
        .distinct()
        .order_by(TransportRequest.id)
        .limit(most)
    )
    return [(key, key) for key in session.scalars(query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A proposal that somebody must answer, since when, by when; and how often they were reminded."""

    id: uuid.UUID
    request_id: uuid.UUID
    respond_by: datetime
    since: datetime
    reminders_sent: int


def unanswered(session: Session, until: datetime, after: uuid.UUID, most: int) -> list[Unanswered]:
    """Return unanswered proposals that must be answered by ``until``."""
    query = (
        select(
            Proposal.id, Proposal.request_id, Proposal.respond_by, TransportRequest.state_since, Proposal.reminders_sent
        )
        .join(TransportRequest, TransportRequest.id == Proposal.request_id)
        .where(
            IS_LIVE,
            Proposal.respond_by <= until,
            TransportRequest.state.in_(UNANSWERED),
            Proposal.id > after,
        )
        .order_by(Proposal.id)
        .limit(most)
    )
    return [
        Unanswered(id=row[0], request_id=row[1], respond_by=row[2], since=row[3], reminders_sent=row[4])
        for row in session.execute(query)
        if row[2] is not None
    ]


def due_for_lapse(session: Session, now: datetime, after: uuid.UUID, most: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return provisional promises whose condition was not met in time."""
    is_provisional = TransportRequest.state == State.PROVISIONALLY_CONFIRMED
    return _live(session, after, most, is_provisional, Proposal.condition_until <= now)


def due_for_freezing(
    session: Session, until: datetime, after: uuid.UUID, most: int
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return promises whose pick-up comes by ``until``."""
    return _live(session, after, most, TransportRequest.state == State.CONFIRMED, Proposal.pickup_at <= until)


def due_for_return(session: Session, now: datetime, after: uuid.UUID, most: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return (twice) the ids of requests without a promise whose time to go back to their ABH has come.

    Whoever enters a request after that instant knows how short it is: it waits until its pick-up window is over.
    """
    was_entered_later = or_(
        TransportRequest.created_at >= TransportRequest.fall_back_at,
        exists().where(
            Decision.request_id == TransportRequest.id,
            Decision.action.in_(_ENTERED),
            Decision.created_at >= TransportRequest.fall_back_at,
        ),
    )
    query = (
        select(TransportRequest.id)
        .where(
            TransportRequest.state.in_(WAITING | {State.DECLINED}),
            TransportRequest.fall_back_at <= now,
            or_(TransportRequest.pickup_to <= now, ~was_entered_later),
            TransportRequest.id > after,
        )
        .order_by(TransportRequest.id)
        .limit(most)
    )
    return [(key, key) for key in session.scalars(query)]


def due_bars(session: Session, now: datetime, after: uuid.UUID, most: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Return bars that are over, with their requests, in whatever state: once ended they are not read again."""
    query = select(Bar.id, Bar.request_id).where(Bar.until <= now, Bar.id > after).order_by(Bar.id).limit(most)
    return [(row[0], row[1]) for row in session.execute(query)]


def note_reminded(session: Session, proposal_id: uuid.UUID, number: int) -> None:
    """Note how many reminders were sent; the version stays, so that whoever read the proposal may still decide."""
    session.execute(
        update(Proposal)
        .where(Proposal.id == proposal_id)
        .values(reminders_sent=number, version=Proposal.version)
        .execution_options(synchronize_session=False)
    )


def _live(
    session: Session, after: uuid.UUID, most: int, *where: ColumnElement[bool]
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    query = (
        select(Proposal.id, Proposal.request_id)
        .join(TransportRequest, TransportRequest.id == Proposal.request_id)
        .where(and_(IS_LIVE, Proposal.id > after, *where))
        .order_by(Proposal.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
