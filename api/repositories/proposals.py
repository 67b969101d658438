"""Reads of proposals, limited to what the actor may see: a ZAB its own, an ABH those for its requests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, or_, select, true, update
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, lazyload, load_only

from api.actor import Actor
from api.db.tables import (
    Bar,
    Decision,
    DutyRow,
    Organisation,
    OrganisationKind,
    Proposal,
    Standing,
    Task,
    TaskState,
    TourStop,
    TransportRequest,
)
from api.workflow import DECLINE_OF, PROMISED, WAITING, Action, Role, State

_IS_LIVE = Proposal.standing == bindparam(
    "live", Standing.LIVE, type_=Proposal.standing.type, literal_execute=True
)  # fmt: skip
"""Said in the statement itself, so that both databases see that their indexes of what is live will do."""
UNANSWERED = frozenset({State.PROPOSED, State.COUNTER_PROPOSED})
FREEING = frozenset({Action.BACK_OUT, Action.MOVE_DATE, Action.STOP, Action.CANCEL, Action.LAPSE, *DECLINE_OF.values()})
"""Actions that free a seat where somebody was promised it."""
_ENTERED = (Action.POOL, Action.AMEND, Action.CORRECT, Action.MOVE_DATE)
_FREED_WITHIN = timedelta(days=30)


_LIGHT = (
    contains_eager(Proposal.request).options(
        load_only(
            TransportRequest.state, TransportRequest.pickup_ags, TransportRequest.delivery_place,
            TransportRequest.people, TransportRequest.pinned_duty_id, raiseload=True,
        ),
        lazyload(TransportRequest.bars), lazyload(TransportRequest.organisation),
    ),
    joinedload(Proposal.duty).options(
        load_only(DutyRow.code, DutyRow.starts_at, DutyRow.ends_at), lazyload(DutyRow.crew), lazyload(DutyRow.vehicle),
        lazyload(DutyRow.zab),
    ),
    joinedload(Proposal.zab).options(load_only(Organisation.code)),
    defer(Proposal.explanation, raiseload=True), defer(Proposal.counter, raiseload=True),
)  # fmt: skip
"""Request and duty come with each row of a list; what lists do not show does not."""


_DUTY_ALONE = joinedload(Proposal.duty).options(
    lazyload(DutyRow.crew), lazyload(DutyRow.vehicle), lazyload(DutyRow.zab)
)
"""The duty without crew and vehicle: who checks it locks it, and reads them then."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return which proposals an actor may see; the query must join the request."""
    if actor.is_zab:
        return Proposal.zab_id == actor.organisation_id
    if actor.role is Role.ABH:
        return TransportRequest.organisation_id == actor.organisation_id
    return true() if actor.role in (Role.LTRAKO, Role.AUDITOR) else false()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is limited to; ``None``: not by this."""

    zab: str | None = None
    standing: Standing | None = None
    state: State | None = None
    pickup_from: datetime | None = None
    pickup_to: datetime | None = None
    respond_before: datetime | None = None
    run_id: uuid.UUID | None = None
    updated_since: datetime | None = None


def listed(actor: Actor, filters: Filters) -> Select[Proposal]:
    """Return the query for a list."""
    query = select(Proposal).join(Proposal.request).where(visible(actor)).options(*_LIGHT)
    if filters.zab is not None:
        query = query.where(Proposal.zab_id.in_(select(Organisation.id).where(Organisation.code == filters.zab)))
    if filters.standing is not None:
        query = query.where(Proposal.standing == filters.standing)
    if filters.state is not None:
        query = query.where(TransportRequest.state == filters.state)
    if filters.pickup_from is not None:
        query = query.where(Proposal.pickup_at >= filters.pickup_from)
    if filters.pickup_to is not None:
        query = query.where(Proposal.pickup_at < filters.pickup_to)
    if filters.respond_before is not None:
        query = query.where(Proposal.respond_by < filters.respond_before)
    if filters.run_id is not None:
        query = query.where(Proposal.run_id == filters.run_id)
    if filters.updated_since is not None:
        query = query.where(Proposal.updated_at >= filters.updated_since)
    return query


def find(session: Session, actor: Actor, proposal_id: uuid.UUID) -> Proposal | None:
    """Return a proposal that the actor may see, as it is now."""
    query = select(Proposal).join(Proposal.request).where(Proposal.id == proposal_id, visible(actor))
    whole = query.options(contains_eager(Proposal.request), _DUTY_ALONE)
    return session.scalars(whole.execution_options(populate_existing=True)).unique().one_or_none()


def live(session: Session, request_id: uuid.UUID) -> Proposal | None:
    """Return the live proposal of a request that the caller has read already, as it is now."""
    query = select(Proposal).where(Proposal.request_id == request_id, Proposal.standing == Standing.LIVE)
    whole = query.options(lazyload(Proposal.request), _DUTY_ALONE)
    return session.scalars(whole.execution_options(populate_existing=True)).unique().one_or_none()


def request_of(session: Session, actor: Actor, proposal_id: uuid.UUID) -> uuid.UUID | None:
    """Return the request of a proposal that the actor may see."""
    query = select(Proposal.request_id).join(Proposal.request).where(Proposal.id == proposal_id, visible(actor))
    return session.scalars(query).one_or_none()


def last_declined(session: Session, request_id: uuid.UUID) -> uuid.UUID | None:
    """Return the proposal of a request that was declined last."""
    query = (
        select(Decision.proposal_id)
        .where(Decision.request_id == request_id, Decision.action.in_(frozenset(DECLINE_OF.values())))
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def stops_of(session: Session, duty_id: uuid.UUID) -> list[tuple[TourStop, TransportRequest | None]]:
    """Return the stops of a tour in their order, each with whom it is for."""
    query = (
        select(TourStop, TransportRequest)
        .outerjoin(TransportRequest, TransportRequest.id == TourStop.request_id)
        .where(TourStop.duty_id == duty_id)
        .options(lazyload(TransportRequest.bars), lazyload(TransportRequest.organisation))
        .order_by(TourStop.position)
    )
    return [(stop, request) for stop, request in session.execute(query)]


def duties(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, DutyRow]:
    """Return these duties by id, for checks; whether one may see them is not asked."""
    if not ids:
        return {}
    return {each.id: each for each in session.scalars(select(DutyRow).where(DutyRow.id.in_(ids))).unique()}


def own_duty(session: Session, actor: Actor, duty_id: uuid.UUID) -> DutyRow | None:
    """Return a duty of the actor's ZAB; the Landestransportkoordination sees all."""
    query = select(DutyRow).where(DutyRow.id == duty_id)
    if actor.role is not Role.LTRAKO:
        query = query.where(DutyRow.zab_id == actor.organisation_id)
    return session.scalars(query).unique().one_or_none()


def assignable(session: Session, actor: Actor, request_id: uuid.UUID) -> TransportRequest | None:
    """Return a request that the actor may try on a duty: in the pool, asked of it, or one it has to do with."""
    query = select(TransportRequest).where(TransportRequest.id == request_id)
    if actor.role is not Role.LTRAKO:
        concerned = exists().where(Proposal.request_id == request_id, Proposal.zab_id == actor.organisation_id)
        in_pool = TransportRequest.state.in_(WAITING | UNANSWERED | {State.DECLINED})
        is_asked = and_(
            TransportRequest.state == State.ASKED, TransportRequest.asked_zab_id == actor.organisation_id
        )  # fmt: skip
        query = query.where(or_(in_pool, is_asked, concerned))
    return session.scalars(query).unique().one_or_none()


# --- freed seats ------------------------------------------------------------------------------------------------------


def freed(session: Session, actor: Actor, *, now: datetime) -> Select[Proposal]:
    """Return the query for promised trips still to come that were given up in the last 30 days.

    A ZAB sees its own, the Landestransportkoordination all.
    """
    if actor.is_zab:
        zabs = [actor.organisation_id]
    else:
        # By name, so that the index by ZAB and time serves here too.
        zabs = list(session.scalars(select(Organisation.id).where(Organisation.kind == OrganisationKind.ZAB)))
    given_up = select(Decision.proposal_id).where(
        Decision.zab_id.in_(zabs),
        Decision.created_at > now - _FREED_WITHIN,
        Decision.before.in_(PROMISED),
        Decision.action.in_(FREEING),
    )
    return (
        select(Proposal)
        .join(Proposal.request)
        .where(
            Proposal.id.in_(given_up),
            Proposal.zab_id.in_(zabs),
            Proposal.standing != Standing.LIVE,
            Proposal.pickup_at > now,
        )
        .options(*_LIGHT)
    )


def waiting_near(
    session: Session, since: datetime, until: datetime, most: int, *, now: datetime
) -> list[TransportRequest]:
    """Return waiting requests whose windows meet a shift, those picked up first first; at most ``most``."""
    query = (
        select(TransportRequest)
        .where(
            TransportRequest.state.in_(WAITING),
            TransportRequest.pickup_from < until,
            TransportRequest.pickup_to > max(since, now),
            TransportRequest.delivery_from < until,
        )
        .order_by(TransportRequest.pickup_from, TransportRequest.id)
        .limit(most)
    )
    return list(session.scalars(query).unique())


# --- what the clock looks for: ids after ``after``, at most ``most`` --------------------------------------------------


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
            _IS_LIVE,
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
        .where(and_(_IS_LIVE, Proposal.id > after, *where))
        .order_by(Proposal.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
