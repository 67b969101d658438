"""What is left of days that are over: requests with their steps, duties, and who rode on them.

Nothing here is read for a person: what a replay sees is not limited to an organisation.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from api.db.tables import Decision, DutyRow, TransportRequest
from api.repositories.plans import PlanRows, active_zabs, aways_of, in_parts, overrides_of, tours_of
from api.workflow import Action, Role, State

StepRow = Row[uuid.UUID, Action, State, State, Role, uuid.UUID | None, str | None, datetime]
_AT_A_TIME = 500


def duties_of(session: Session, since: datetime, until: datetime) -> tuple[DutyRow, ...]:
    """Return the duties that began in these days, in the order of their begin."""
    query = select(DutyRow).where(DutyRow.starts_at >= since, DutyRow.starts_at < until)
    return tuple(session.scalars(query.order_by(DutyRow.starts_at, DutyRow.id)).unique())


def riders_of(session: Session, duties: Collection[DutyRow]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Return who rode on each of these duties, by duty; duties on which nobody rode are left out."""
    return {
        duty: frozenset(stop.request_id for stop in tour if stop.request_id is not None)
        for duty, tour in tours_of(session, [duty.id for duty in duties]).items()
    }


def past_rows(
    session: Session, since: datetime, until: datetime, duties: tuple[DutyRow, ...], *,
    pool: Collection[uuid.UUID], promised: Collection[uuid.UUID],
) -> PlanRows:  # fmt: skip
    """Return the plan of past days as it was before the exchange placed anybody.

    Parameters
    ----------
    duties
        Those of the days (``duties_of``).
    pool
        Who waited for a place at some time.
    promised
        Who rode by a promise of the first round, which stays; no other stops are returned.
    """
    stops = {
        duty: kept
        for duty, tour in tours_of(session, [duty.id for duty in duties]).items()
        if (kept := tuple(stop for stop in tour if stop.request_id in promised))
    }
    requests = {row.id: row for row in in_parts(session, TransportRequest.id, sorted({*pool, *promised}))}
    return PlanRows(
        zabs=active_zabs(session), duties=duties, requests=requests, pool=frozenset(pool), stops=stops, proposals={},
        aways=aways_of(session, since, until), overrides=overrides_of(session, requests), taken={},
    )  # fmt: skip


def requests_of(session: Session, since: datetime, until: datetime) -> Sequence[uuid.UUID]:
    """Return the ids of all requests that were to be picked up in these days, whatever became of them."""
    inside = (TransportRequest.pickup_from >= since, TransportRequest.pickup_from < until)
    return list(session.scalars(select(TransportRequest.id).where(*inside).order_by(TransportRequest.id)))


def steps_of(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[StepRow]]:
    """Return the steps of each request in their order; of who took them the role and no more, and no remark."""
    found: dict[uuid.UUID, list[StepRow]] = {}
    ordered = sorted(ids)
    for begin in range(0, len(ordered), _AT_A_TIME):
        query = (
            select(
                Decision.request_id, Decision.action, Decision.before, Decision.after, Decision.role,
                Decision.zab_id, Decision.code, Decision.created_at,
            )
            .where(Decision.request_id.in_(ordered[begin : begin + _AT_A_TIME]))
            .order_by(Decision.request_id, Decision.id)
        )  # fmt: skip
        for row in session.execute(query):
            found.setdefault(row.request_id, []).append(row)
    return found
