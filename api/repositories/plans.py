"""What a match reads: everything that could carry, everybody who waits or rides, for some days. For workers and checks.

Nothing here is read for a person: what a match sees is not limited to an organisation.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, lazyload, load_only
from sqlalchemy.sql.base import ExecutableOption

from api.db.tables import (
    Account,
    Away,
    Base,
    Decision,
    DutyRow,
    LedgerEntry,
    Organisation,
    OrganisationKind,
    Override,
    Proposal,
    Standing,
    TourStop,
    TransportRequest,
)
from api.db.tables_fleet import LONGEST_DUTY
from api.deadlines import BERLIN
from api.workflow import WAITING, Action, State

T = TypeVar("T", bound=Base)

_AT_A_TIME = 500
"""Ids that one query names at most."""
MARGIN = timedelta(days=1)
"""Tours so far before and after the days in question are looked at too: crews must rest between two shifts."""
_BY_CLOCK = (Action.EXPIRE, Action.LAPSE, Action.RETURN_TO_ABH)
_BY_WHOM = joinedload(Override.account, innerjoin=True).options(
    load_only(Account.organisation_id, raiseload=True), lazyload(Account.organisation)
)
"""Of who lifted a rule the organisation and no more: whoever makes a snapshot may read nothing else of accounts."""
MATCHED = WAITING | {State.PROPOSED}
"""States of requests that a run may place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRows:
    """One state of the plan.

    Parameters
    ----------
    zabs
        Active ZABs.
    duties
        Those that could be used, and those that are, in the order of their begin.
    requests
        Those to be placed, and all who ride on ``duties``; by id.
    pool
        Ids of those to be placed.
    stops
        Tours as stored, by duty, in their order.
    proposals
        Live proposals by request.
    aways
        Absences that meet the days.
    overrides
        Recorded overrides by request.
    taken
        Requests that each ZAB has taken this month, as the ledger counts them.
    """

    zabs: tuple[Organisation, ...]
    duties: tuple[DutyRow, ...]
    requests: dict[uuid.UUID, TransportRequest]
    pool: frozenset[uuid.UUID]
    stops: dict[uuid.UUID, tuple[TourStop, ...]]
    proposals: dict[uuid.UUID, Proposal]
    aways: tuple[Away, ...]
    overrides: dict[uuid.UUID, tuple[Override, ...]]
    taken: dict[uuid.UUID, int]


def plan_rows(
    session: Session,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    only: Collection[uuid.UUID] | None = None,
) -> PlanRows:
    """Return the plan of the days from ``since`` to ``until`` (exclusive).

    Parameters
    ----------
    only
        Requests that are to be placed; ``None``: all that wait or are proposed, and are picked up in these days.
    """
    duties = _duties(session, since, until)
    stops = tours_of(session, [duty.id for duty in duties])
    wanted = _pool(session, since, until, now, only)
    riders = {stop.request_id for tour in stops.values() for stop in tour if stop.request_id is not None}
    requests = {request.id: request for request in wanted}
    missing = sorted(riders - requests.keys())
    requests |= {request.id: request for request in in_parts(session, TransportRequest.id, missing)}
    proposals = {
        proposal.request_id: proposal
        for proposal in in_parts(session, Proposal.request_id, sorted(requests), Proposal.standing == Standing.LIVE)
    }
    return PlanRows(
        zabs=active_zabs(session),
        duties=tuple(duties),
        requests=requests,
        pool=frozenset(request.id for request in wanted),
        stops=stops,
        proposals=proposals,
        aways=aways_of(session, since, until),
        overrides=overrides_of(session, requests),
        taken=_taken(session, since),
    )


def active_zabs(session: Session) -> tuple[Organisation, ...]:
    """Return the ZABs that work with the exchange, by code."""
    is_zab = (Organisation.kind == OrganisationKind.ZAB, Organisation.is_active)
    return tuple(session.scalars(select(Organisation).where(*is_zab).order_by(Organisation.code)))


def tours_of(session: Session, duty_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[TourStop, ...]]:
    """Return the tours of duties as stored, their stops in order; none for a duty on which nobody rides."""
    found: dict[uuid.UUID, list[TourStop]] = {}
    for stop in in_parts(session, TourStop.duty_id, duty_ids, order=(TourStop.duty_id, TourStop.position)):
        found.setdefault(stop.duty_id, []).append(stop)
    return {duty: tuple(tour) for duty, tour in found.items()}


def aways_of(session: Session, since: datetime, until: datetime) -> tuple[Away, ...]:
    """Return absences that meet the days."""
    return tuple(session.scalars(select(Away).where(Away.starts_at < until, Away.ends_at > since)))


def overrides_of(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Override, ...]]:
    """Return the overrides of requests."""
    found: dict[uuid.UUID, list[Override]] = {}
    for override in in_parts(session, Override.request_id, sorted(ids), options=(_BY_WHOM,)):
        found.setdefault(override.request_id, []).append(override)
    return {request: tuple(each) for request, each in found.items()}


def _duties(session: Session, since: datetime, until: datetime) -> list[DutyRow]:
    """Return duties that meet the days, and used ones shortly before and after them."""
    inside = and_(DutyRow.starts_at < until, DutyRow.ends_at > since)
    near = and_(DutyRow.starts_at < until + MARGIN, DutyRow.ends_at > since - MARGIN, DutyRow.is_used)
    # Said of both, and with the earliest begin there can be: so that an index finds them among the duties of years.
    bounds = (DutyRow.starts_at > since - MARGIN - LONGEST_DUTY, DutyRow.starts_at < until + MARGIN)
    query = select(DutyRow).where(*bounds, or_(inside, near)).order_by(DutyRow.starts_at, DutyRow.id)
    return list(session.scalars(query.execution_options(populate_existing=True)).unique())


def _pool(
    session: Session, since: datetime, until: datetime, now: datetime, only: Collection[uuid.UUID] | None
) -> list[TransportRequest]:
    # Whose window is over cannot be picked up any more.
    matched = (TransportRequest.state.in_(MATCHED), TransportRequest.pickup_to > now)
    if only is not None:
        found = list(in_parts(session, TransportRequest.id, sorted(only), *matched))
    else:
        inside = (TransportRequest.pickup_from >= since, TransportRequest.pickup_from < until)
        query = select(TransportRequest).where(*matched, *inside).order_by(TransportRequest.id)
        found = list(session.scalars(query.execution_options(populate_existing=True)).unique())
    return _with_whole_bundles(session, found, since, until)


def next_day(session: Session, *, now: datetime) -> date:
    """Return the first local day from today on on which somebody may be picked up who is to be placed; else today."""
    today = now.astimezone(BERLIN).date()
    soonest = session.scalar(
        select(func.min(TransportRequest.pickup_from)).where(
            TransportRequest.state.in_(MATCHED),
            TransportRequest.pickup_to > now,
            TransportRequest.pickup_from >= datetime.combine(today, time(), BERLIN),
        )
    )
    return today if soonest is None else soonest.astimezone(BERLIN).date()


def _with_whole_bundles(
    session: Session, found: list[TransportRequest], since: datetime, until: datetime
) -> list[TransportRequest]:
    """Bundles are carried all or none: add what is missing of one; leave out one that reaches into other days."""
    keys = sorted({(each.organisation_id, each.bundle) for each in found if each.bundle is not None})
    if not keys:
        return found
    members = session.scalars(
        select(TransportRequest)
        .where(
            tuple_(TransportRequest.organisation_id, TransportRequest.bundle).in_(keys),
            TransportRequest.state.in_(MATCHED),
        )
        .execution_options(populate_existing=True)
    ).unique()
    known = {each.id: each for each in found}
    elsewhere = set()
    for member in members:
        if since <= member.pickup_from < until:
            known[member.id] = member
        else:
            elsewhere.add((member.organisation_id, member.bundle))
    return [known[key] for key in sorted(known) if (known[key].organisation_id, known[key].bundle) not in elsewhere]


def _taken(session: Session, since: datetime) -> dict[uuid.UUID, int]:
    """Return what each ZAB took in the month of ``since``: accepted, less what it gave back."""
    month = since.astimezone(BERLIN).date().replace(day=1)
    counts: dict[uuid.UUID, int] = {}
    rows = session.execute(
        select(LedgerEntry.zab_id, LedgerEntry.kind, func.sum(LedgerEntry.requests))
        .where(LedgerEntry.month == month, LedgerEntry.kind.in_(("accepted", "backed_out")))
        .group_by(LedgerEntry.zab_id, LedgerEntry.kind)
    )
    for zab, kind, number in rows:
        counts[zab] = counts.get(zab, 0) + (int(number) if kind == "accepted" else -int(number))
    return counts


def in_parts(
    session: Session,
    column: InstrumentedAttribute[Any],
    ids: Sequence[uuid.UUID],
    *where: ColumnElement[bool],
    order: Sequence[InstrumentedAttribute[Any]] = (),
    options: Sequence[ExecutableOption] = (),
) -> Iterator[Any]:
    """Yield the rows of the column's table whose column is one of ``ids``, as they are now."""
    for start in range(0, len(ids), _AT_A_TIME):
        query = select(column.class_).where(column.in_(ids[start : start + _AT_A_TIME]), *where).options(*options)
        ordered = query.order_by(*(order or (column,)))
        yield from session.scalars(ordered.execution_options(populate_existing=True)).unique()


def lock_requests(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, TransportRequest]:
    """Return these requests as they are now, locked in one order, so that two publications wait and never deadlock."""
    found: dict[uuid.UUID, TransportRequest] = {}
    for each in sorted(ids):
        query = select(TransportRequest).where(TransportRequest.id == each).with_for_update(of=TransportRequest)
        row = session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()
        if row is not None:
            found[each] = row
    return found


def lock_duties(session: Session, ids: Collection[uuid.UUID]) -> None:
    """Lock these duties in one order; after requests, before the audit log."""
    for each in sorted(ids):
        session.execute(select(DutyRow.id).where(DutyRow.id == each).with_for_update(of=DutyRow))


def note_unplaced(session: Session, reasons: dict[uuid.UUID, list[dict[str, Any]]], *, now: datetime) -> None:
    """Write on each request why it was not placed.

    No change in the life of the request: its version stays, and whoever read it may still decide.
    """
    for request_id, items in reasons.items():
        session.execute(
            update(TransportRequest)
            .where(TransportRequest.id == request_id)
            .values(reasons={"items": items}, matched_at=now, updated_at=now)
            .execution_options(synchronize_session=False)
        )


def waiting_of_days(session: Session, since: datetime, until: datetime, *, now: datetime) -> list[uuid.UUID]:
    """Return the ids of the requests that wait and are picked up in these days."""
    return list(
        session.scalars(
            select(TransportRequest.id)
            .where(
                TransportRequest.state.in_(WAITING), TransportRequest.pickup_from >= since,
                TransportRequest.pickup_from < until, TransportRequest.pickup_to > now,
            )
            .order_by(TransportRequest.id)
        )
    )  # fmt: skip


def times_of_requests(
    session: Session, ids: Collection[uuid.UUID], *, now: datetime
) -> dict[uuid.UUID, tuple[datetime, datetime]]:
    """Return the pick-up windows of those requests that wait."""
    rows = session.execute(
        select(TransportRequest.id, TransportRequest.pickup_from, TransportRequest.pickup_to).where(
            TransportRequest.id.in_(ids), TransportRequest.state.in_(WAITING), TransportRequest.pickup_to > now
        )
    )
    return {row.id: (row.pickup_from, row.pickup_to) for row in rows}


def versions_of(
    session: Session, kind: type[TransportRequest] | type[DutyRow], ids: Collection[uuid.UUID]
) -> dict[str, int]:
    """Return the version of each of these rows, as it is now, by id."""
    return {str(row.id): row.version for row in session.execute(select(kind.id, kind.version).where(kind.id.in_(ids)))}


def times_of_duties(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[datetime, datetime]]:
    """Return begin and end of these duties."""
    rows = session.execute(select(DutyRow.id, DutyRow.starts_at, DutyRow.ends_at).where(DutyRow.id.in_(ids)))
    return {row.id: (row.starts_at, row.ends_at) for row in rows}


def ended_by_clock(session: Session, since: datetime) -> list[Decision]:
    """Return the decisions by which the clock ended offers and promises, and gave requests back to their ABH."""
    return list(
        session.scalars(
            select(Decision)
            .where(Decision.created_at >= since, Decision.action.in_(_BY_CLOCK), Decision.account_id.is_(None))
            .order_by(Decision.id)
        )
    )


def codes_of(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the code of each organisation."""
    return {row.id: row.code for row in session.execute(select(Organisation).where(Organisation.id.in_(ids))).scalars()}


def owners_of(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the organisation of each request."""
    rows = session.execute(
        select(TransportRequest.id, TransportRequest.organisation_id).where(TransportRequest.id.in_(ids))
    )
    return {row.id: row.organisation_id for row in rows}
