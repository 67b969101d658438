"""Reads of requests: who may see which, and which of them whole (workflow.md, "Who sees what").

``visible`` stands in every query for a person. What a person sees of a request is another matter: its owner and the ZAB
concerned see it whole (``is_full``), all others in coarse form.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, cast, false, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, lazyload

from api.actor import Actor
from api.amtshilfe import LIVE, AmtshilfeState
from api.db.tables import (
    AmtshilfeCase,
    Decision,
    Organisation,
    OrganisationKind,
    Override,
    PickupAddress,
    Proposal,
    Standing,
    TransportRequest,
)
from api.db.types import stated
from api.workflow import ENDED, OFFERED, OPEN, PROMISED, Action, Role, State
from optimizer.model import CaseType

Columns = Select[*tuple[Any, ...]]
"""A query for columns, whatever their number."""
POOL = (State.POOLED, State.EXPIRED, State.PROPOSED, State.COUNTER_PROPOSED, State.DECLINED)
"""States in which a request is on the board for all ZABs."""
_PROMISES = (
    Action.ACCEPT, Action.ASSIGN, Action.CONFIRM, Action.CONFIRM_PROVISIONALLY, Action.ACCEPT_COUNTER,
    Action.MEET_CONDITION,
)  # fmt: skip
"""Steps by which a ZAB gives its word, or is taken at it."""
DUBLIN_STATES = OPEN | {State.FAILED, State.RETURNED}
"""States in which a Dublin transfer may still take place: open, or to be tried again."""
_BEFORE_POOL = (State.DRAFT, State.ASKED, State.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The live proposal of a request, as far as everybody may know it."""

    zab_id: uuid.UUID
    zab: str
    respond_by: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; empty fields narrow nothing. ``ags`` are first digits, ``needs`` codes."""

    states: Collection[State] = ()
    pickup_from: datetime | None = None
    pickup_to: datetime | None = None
    updated_since: datetime | None = None
    case_reference: str | None = None
    handle: str | None = None
    ags: Collection[str] = ()
    needs: Collection[str] = ()
    deadline_before: datetime | None = None
    has_deadline: bool = False


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``TransportRequest`` that holds for what ``actor`` may see at all."""
    state = TransportRequest.state
    if actor.role is Role.SYSTEM or actor.role is Role.AUDITOR:
        return true()
    if actor.role is Role.ABH:
        return TransportRequest.organisation_id == actor.organisation_id
    if actor.is_zab:
        concerned = and_(state != State.DRAFT, _is_concerned(actor.organisation_id))
        return or_(state.in_(POOL), concerned, _is_assigned(actor.organisation_id))
    if actor.role is Role.LTRAKO:
        return state != State.DRAFT
    if actor.role in (Role.ZFA, Role.ZRK):
        # Some end before they were ever in the pool.
        was_pooled = _any(Decision.id, Decision.request_id == TransportRequest.id, Decision.after == State.POOLED)
        return or_(state.in_(sorted(OPEN - set(_BEFORE_POOL))), and_(state.in_(sorted(ENDED)), was_pooled))
    return false()


def _is_concerned(zab_id: uuid.UUID | None) -> ColumnElement[bool]:
    had = _any(Proposal.id, Proposal.request_id == TransportRequest.id, Proposal.zab_id == zab_id)
    return or_(TransportRequest.asked_zab_id == zab_id, had)


def _is_assigned(zab_id: uuid.UUID | None) -> ColumnElement[bool]:
    """Return whether it is this ZAB's to examine as Amtshilfe, or taken over by it: it sees it then in any state."""
    return _any(
        AmtshilfeCase.id,
        AmtshilfeCase.request_id == TransportRequest.id,
        AmtshilfeCase.zab_id == zab_id,
        AmtshilfeCase.state.in_(sorted(LIVE | {AmtshilfeState.TAKEN_OVER})),
    )


def _any(key: InstrumentedAttribute[uuid.UUID], *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether there is a row of that kind for the request at hand.

    As ``EXISTS`` below an ``OR`` PostgreSQL might read the whole table of decisions first, to look each request up in
    it; this it can only ask request by request.
    """
    return select(key).where(*where).correlate(TransportRequest).limit(1).scalar_subquery().is_not(None)


def is_concerned(session: Session, actor: Actor, row: TransportRequest) -> bool:
    """Whether the actor's ZAB was asked about a request, or has or had a proposal for it."""
    query = select(TransportRequest.id).where(
        TransportRequest.id == row.id, _is_concerned(actor.organisation_id)
    )  # fmt: skip
    return actor.is_zab and session.execute(query).first() is not None


def is_full(session: Session, actor: Actor, row: TransportRequest) -> bool:
    """Whether the actor sees a request whole: its owner, or the ZAB that is asked about it or has promised it."""
    if actor.role is Role.ABH:
        return row.organisation_id == actor.organisation_id
    return actor.is_zab and responsible_zab(session, row) == actor.organisation_id


def responsible_zab(session: Session, row: TransportRequest) -> uuid.UUID | None:
    """Return the ZAB that is asked about a request now, has promised it, or has carried it; ``None`` for no ZAB."""
    if row.state is State.ASKED:
        return row.asked_zab_id
    if row.state in OFFERED:
        live = live_offers(session, [row.id]).get(row.id)
        if live is not None:
            return live.zab_id
    return promising_zab(session, row)


def promising_zab(session: Session, row: TransportRequest) -> uuid.UUID | None:
    """Return the ZAB whose word binds or bound for the trip: promised, under way, handed over, failed."""
    if row.state not in PROMISED | {State.HANDED_OVER, State.FAILED}:
        return None
    query = select(Decision.zab_id).where(Decision.request_id == row.id, Decision.action.in_(_PROMISES))
    return session.scalars(query.order_by(Decision.id.desc()).limit(1)).first()


def find(session: Session, actor: Actor, request_id: uuid.UUID) -> TransportRequest | None:
    """Return a request that the actor may see."""
    query = select(TransportRequest).where(TransportRequest.id == request_id, visible(actor))
    return session.scalars(query).unique().one_or_none()


def seen_of(session: Session, actor: Actor, ids: Collection[uuid.UUID]) -> Sequence[TransportRequest]:
    """Return those of some requests that the actor may see."""
    query = select(TransportRequest).where(TransportRequest.id.in_(ids), visible(actor))
    return session.scalars(query.options(lazyload(TransportRequest.bars))).unique().all()


def listed(actor: Actor, filters: Filters) -> Select[TransportRequest]:
    """Return the query for a list of what the actor may see."""
    query = select(TransportRequest).where(visible(actor), *_conditions(filters))
    if filters.states:
        query = query.where(TransportRequest.state.in_(sorted(filters.states)))
    return query.options(lazyload(TransportRequest.bars))


def pool(
    owner: uuid.UUID | None,
    filters: Filters,
    cut: Callable[[Columns], Columns],
    by: Sequence[InstrumentedAttribute[Any]],
    most: int,
) -> Columns:
    """Return the query for the board in the states of ``filters``: of each row what the coarse form shows, and no more.

    One branch for each state, each cut to a page by ``cut``: the database reads so many rows of each from the index
    (state, pick-up, id), in its order. A single query over several states would sort all of them for each page. The
    branches hold what the board is sorted by, and only of the ``most`` that are left the rest is looked up, and their
    live proposals.

    Parameters
    ----------
    owner
        Only what this ABH owns (``board_of``).
    by
        What the board is sorted by; ``cut`` sorts the branches by the same.
    """
    row, content = TransportRequest, TransportRequest.content
    own = true() if owner is None else row.organisation_id == owner
    branches = [
        cut(select(*by).where(row.state == state, own, *_conditions(filters))).subquery()
        for state in POOL
        if state in filters.states
    ]
    keys = [column.key for column in by]
    if branches:
        board = union_all(*(select(*(branch.c[key] for key in keys)) for branch in branches)).subquery("board")
        first = select(board.c.id).order_by(*(board.c[key] for key in keys)).limit(stated(most)).subquery("first")
    else:
        first = select(row.id).where(false()).subquery("first")
    return (
        select(
            row.id, row.state, row.pickup_ags, row.pickup_from, row.pickup_to, row.delivery_place, row.delivery_from,
            row.delivery_to, row.people, row.has_children, row.deadline_at, row.matched_at, row.reasons,
            content["wheelchairs"].as_integer().label("wheelchairs"), content["needs"].label("needs"),
            content["escorts"].as_integer().label("escorts"),
            content["escorts_female"].as_integer().label("escorts_female"),
            content["deadline_class"].as_string().label("deadline_class"),
            Organisation.code.label("zab"), Proposal.respond_by,
        )
        .join_from(first, row, row.id == first.c.id)
        .outerjoin(Proposal, and_(Proposal.request_id == row.id, Proposal.standing == Standing.LIVE))
        .outerjoin(Organisation, Organisation.id == Proposal.zab_id)
        .order_by(*by)
    )  # fmt: skip


def board_of(actor: Actor) -> uuid.UUID | None:
    """Return the ABH whose requests alone the actor sees on the board; ``None`` for who sees all of it.

    Raises
    ------
    ValueError
        Where the actor sees no board: routes let nobody else in.
    """
    if actor.role is Role.ADMIN or (actor.role is Role.ABH and actor.organisation_id is None):
        raise ValueError(f"Expected somebody who may see the board, got {actor.role}.")
    return actor.organisation_id if actor.role is Role.ABH else None


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    row, found = TransportRequest, []
    if filters.pickup_from is not None:
        found.append(row.pickup_from >= filters.pickup_from)
    if filters.pickup_to is not None:
        found.append(row.pickup_from < filters.pickup_to)
    if filters.updated_since is not None:
        found.append(row.updated_at >= filters.updated_since)
    if filters.case_reference is not None:
        found.append(row.case_reference == filters.case_reference)
    if filters.handle is not None:
        found.append(cast(row.id, String).endswith(filters.handle, autoescape=True))
    if filters.deadline_before is not None:
        found.append(row.deadline_at < filters.deadline_before)
    if filters.has_deadline:
        found.append(row.deadline_at.is_not(None))
    if filters.ags:
        found.append(or_(*(row.pickup_ags.startswith(ags, autoescape=True) for ags in sorted(filters.ags))))
    found.extend(_has_need(need) for need in sorted(filters.needs))
    return found


def is_dublin() -> ColumnElement[bool]:
    """Return the condition for Dublin transfers."""
    kind: ColumnElement[str] = TransportRequest.content["case_type"].as_string()
    return kind == CaseType.DUBLIN.value


def dublin(actor: Actor, filters: Filters, *, ags_prefix: str | None, is_dated: bool) -> Select[TransportRequest]:
    """Return the query for open Dublin transfers that the actor may see.

    Parameters
    ----------
    ags_prefix
        Of a ZAB: its Bezirk, of which it sees what it is asked or may take; ``None``: of all.
    is_dated
        Those with a deadline; otherwise those for which nobody entered one.
    """
    row = TransportRequest
    query = select(row).where(visible(actor), row.state.in_(sorted(DUBLIN_STATES)), is_dublin(), *_conditions(filters))
    query = query.where(row.deadline_at.is_not(None) if is_dated else row.deadline_at.is_(None))
    if ags_prefix is not None:
        query = query.where(or_(row.pickup_ags.startswith(ags_prefix), _is_assigned(actor.organisation_id)))
    return query.options(lazyload(row.bars))


def _has_need(need: str) -> ColumnElement[bool]:
    # As text, for both databases alike: needs are codes, so that quotes around one cannot stand within another.
    return cast(TransportRequest.content["needs"], String).contains(f'"{need}"', autoescape=True)


def live_offers(session: Session, request_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Offer]:
    """Return the live proposals of requests that were read for a person, by request."""
    if not request_ids:
        return {}
    rows = session.execute(
        select(Proposal.request_id, Proposal.zab_id, Organisation.code, Proposal.respond_by)
        .join(Organisation, Organisation.id == Proposal.zab_id)
        .where(Proposal.request_id.in_(request_ids), Proposal.standing == Standing.LIVE)
    )
    return {row[0]: Offer(zab_id=row[1], zab=row[2], respond_by=row[3]) for row in rows}


def decisions(actor: Actor, row: TransportRequest) -> Select[Decision]:
    """Return the query for the steps of a request that the actor may see: a ZAB those that concern it."""
    query = select(Decision).where(Decision.request_id == row.id)
    return query.where(Decision.zab_id == actor.organisation_id) if actor.is_zab else query


def last_decline(session: Session, request_id: uuid.UUID) -> Decision | None:
    """Return the decline that a request rests on, if it was declined."""
    query = select(Decision).where(
        Decision.request_id == request_id,
        Decision.action.in_([Action.DECLINE_CORRECT, Action.DECLINE_ESCALATE]),
    )
    return session.scalars(query.order_by(Decision.id.desc()).limit(1)).first()


def open_cases(session: Session, owner_id: uuid.UUID, cases: Collection[str]) -> dict[tuple[str, datetime], uuid.UUID]:
    """Return the ids of an owner's open requests of these cases, by case reference and begin of the pick-up."""
    query = select(TransportRequest.case_reference, TransportRequest.pickup_from, TransportRequest.id).where(
        TransportRequest.organisation_id == owner_id,
        TransportRequest.case_reference.in_(cases),
        TransportRequest.state.in_(sorted(OPEN)),
    )
    return {(case, pickup_from): request_id for case, pickup_from, request_id in session.execute(query)}


def left_bars(session: Session, request_id: uuid.UUID, day: date) -> list[uuid.UUID]:
    """Return the ZABs that were barred when the owner last moved the request away from a local day."""
    query = select(Decision.details).where(
        Decision.request_id == request_id, Decision.action.in_([Action.AMEND, Action.CORRECT, Action.MOVE_DATE])
    )
    for details in session.scalars(query.order_by(Decision.id.desc())):
        if details.get("left_day") == day.isoformat():
            return [uuid.UUID(each) for each in details["barred"]]
    return []


def zab_of_bezirk(session: Session, zab: str, code: str) -> Organisation | None:
    """Return the active ZAB of a Bezirk: the one that says so of itself, or has the code of the catalogue's."""
    query = select(Organisation).where(
        Organisation.kind == OrganisationKind.ZAB,
        Organisation.is_active.is_(True),
        or_(Organisation.zab == zab, Organisation.code == code),
    )
    return session.scalars(query.order_by(Organisation.id)).first()


def days_answered(session: Session, request_id: uuid.UUID, zab_id: uuid.UUID) -> set[str]:
    """Return the local days of the pick-up for which a ZAB rejected in the first round, or let its time pass."""
    query = select(Decision.details).where(
        Decision.request_id == request_id,
        Decision.zab_id == zab_id,
        Decision.before == State.ASKED,
        Decision.action.in_([Action.REJECT, Action.EXPIRE]),
    )
    return {details["day"] for details in session.scalars(query) if "day" in details}


def zab_of_code(session: Session, code: str) -> Organisation | None:
    """Return the active ZAB of this code."""
    query = select(Organisation).where(
        Organisation.code == code, Organisation.kind == OrganisationKind.ZAB, Organisation.is_active.is_(True)
    )
    return session.scalars(query).one_or_none()


def authorities(session: Session) -> dict[str, Organisation]:
    """Return the active ABHs by official key (AGS)."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.ABH, Organisation.is_active.is_(True))
    return {row.ags: row for row in session.scalars(query) if row.ags is not None}


def organisation(session: Session, organisation_id: uuid.UUID) -> Organisation | None:
    """Return an organisation."""
    return session.get(Organisation, organisation_id)


def pickups_from(session: Session, request_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return the begins of the pick-up windows of requests that the caller may see, by request."""
    query = select(TransportRequest.id, TransportRequest.pickup_from).where(TransportRequest.id.in_(request_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def address(session: Session, request_id: uuid.UUID) -> PickupAddress | None:
    """Return the sealed address of a request."""
    return session.get(PickupAddress, request_id)


def locked_addresses(session: Session, after: uuid.UUID, most: int) -> list[PickupAddress]:
    """Return the sealed addresses of the next requests after an id, locked, by id."""
    query = select(PickupAddress).where(PickupAddress.request_id > after).order_by(PickupAddress.request_id)
    return list(session.scalars(query.limit(most).with_for_update()))


def overrides(session: Session, request_id: uuid.UUID) -> list[Override]:
    """Return the rules that are lifted for a request."""
    return list(session.scalars(_OVERRIDES, {"request_id": request_id}))


_OVERRIDES = select(Override).where(Override.request_id == bindparam("request_id")).order_by(Override.id)
