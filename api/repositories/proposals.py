"""Reads of proposals, limited to what the actor may see: a ZAB its own, an ABH those for its requests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, or_, select, true
from sqlalchemy.orm import Session, contains_eager, defer, joinedload, lazyload, load_only
from sqlalchemy.orm.attributes import set_committed_value

from api.actor import Actor
from api.db.tables import (
    Decision,
    DutyRow,
    Organisation,
    OrganisationKind,
    Proposal,
    Standing,
    TourStop,
    TransportRequest,
)
from api.workflow import DECLINE_OF, PROMISED, WAITING, Action, Role, State

IS_LIVE = Proposal.standing == bindparam(
    "live", Standing.LIVE, type_=Proposal.standing.type, literal_execute=True
)  # fmt: skip
"""Said in the statement itself, so that both databases see that their indexes of what is live will do."""
UNANSWERED = frozenset({State.PROPOSED, State.COUNTER_PROPOSED})
FREEING = frozenset({Action.BACK_OUT, Action.MOVE_DATE, Action.STOP, Action.CANCEL, Action.LAPSE, *DECLINE_OF.values()})
"""Actions that free a seat where somebody was promised it."""
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
# Statements of every decision are put together once: to do so takes longer than to have them answered.
_FOUND = (
    select(Proposal)
    .join(Proposal.request)
    .where(Proposal.id == bindparam("proposal_id"))
    .options(
        contains_eager(Proposal.request).options(
            lazyload(TransportRequest.bars), lazyload(TransportRequest.organisation)
        ),
        _DUTY_ALONE,
    )
    .execution_options(populate_existing=True)
)
_HELD = (
    select(Proposal)
    .where(Proposal.id == bindparam("proposal_id"))
    .options(lazyload(Proposal.request), _DUTY_ALONE)
    .execution_options(populate_existing=True)
)
_LIVE = (
    select(Proposal)
    .where(Proposal.request_id == bindparam("request_id"), Proposal.standing == Standing.LIVE)
    .options(lazyload(Proposal.request), _DUTY_ALONE)
    .execution_options(populate_existing=True)
)
_LOCK = (
    select(TransportRequest)
    .where(TransportRequest.id == bindparam("request_id"))
    .with_for_update(of=TransportRequest)
    .options(lazyload(TransportRequest.bars))
    .execution_options(populate_existing=True)
)
_STOPS = (
    select(TourStop, TransportRequest)
    .outerjoin(TransportRequest, TransportRequest.id == TourStop.request_id)
    .where(TourStop.duty_id == bindparam("duty_id"))
    .options(
        load_only(TransportRequest.state, TransportRequest.people), lazyload(TransportRequest.bars),
        lazyload(TransportRequest.organisation),
    )
    .order_by(TourStop.position)
)  # fmt: skip


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


def listed(actor: Actor, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Return the query for a list: of proposal, request and duty what a list shows, as columns."""
    row, request = Proposal, TransportRequest
    query: Select[*tuple[Any, ...]] = (
        select(
            row.id, row.request_id, request.state, row.standing, Organisation.code.label("zab"), row.duty_id,
            DutyRow.code.label("duty"), row.run_id, request.pickup_ags, request.delivery_place, row.pickup_at,
            row.handover_at, request.people, row.on_board_seconds, row.direct_seconds, row.limit_seconds,
            row.respond_by, row.is_manual, request.pinned_duty_id, row.end_code, row.created_at, row.updated_at,
        )
        .join_from(row, request, request.id == row.request_id)
        .join(DutyRow, DutyRow.id == row.duty_id)
        .join(Organisation, Organisation.id == row.zab_id)
        .where(visible(actor))
    )  # fmt: skip
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
    found = session.scalars(_FOUND.where(visible(actor)), {"proposal_id": proposal_id})
    return found.unique().one_or_none()


def held(session: Session, proposal_id: uuid.UUID, request: TransportRequest) -> Proposal:
    """Return a proposal of ``request`` as it is now; the caller has seen that it may, and has locked the request."""
    return of_request(session.scalars(_HELD, {"proposal_id": proposal_id}).unique().one(), request)


def of_request(proposal: Proposal, request: TransportRequest) -> Proposal:
    """Return the proposal with its request as the session has it: else it would be read once more."""
    if proposal.request_id != request.id:
        raise AssertionError("expected the request of the proposal")
    set_committed_value(proposal, "request", request)
    return proposal


def locked_request(session: Session, request_id: uuid.UUID) -> TransportRequest | None:
    """Return the request as it is now, locked until the end of the transaction; whether one may see it is not asked."""
    return session.scalars(_LOCK, {"request_id": request_id}).unique().one_or_none()


def live(session: Session, request_id: uuid.UUID) -> Proposal | None:
    """Return the live proposal of a request that the caller has read already, as it is now."""
    return session.scalars(_LIVE, {"request_id": request_id}).unique().one_or_none()


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
    """Return the stops of a tour in their order, each with whom it is for: of these state and number of people."""
    return [(stop, request) for stop, request in session.execute(_STOPS, {"duty_id": duty_id})]


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
    query = select(TransportRequest).where(TransportRequest.id == request_id, TransportRequest.state != State.DRAFT)
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
