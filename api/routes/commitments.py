"""Commitments: planned tours with their own riders, as ZABs enter them."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import DutyRow
from api.errors import Code
from api.repositories import fleet
from api.schemas.base import PLAIN, Day
from api.schemas.commitments import CommitmentShown, NewCommitment, commitment_shown
from api.services import commitments, duties
from api.services.duty_views import duties_shown, span_of
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.workflow import Role

router = APIRouter(prefix="/commitments", tags=["commitments"])
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]
Writer = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]


@router.get("", summary="List commitments", response_model=Page[CommitmentShown])
def list_commitments(
    context: InContext,
    actor: Reader,
    pages: InPages,
    day: Annotated[Day | None, Query(description="Only tours that meet this local day.")] = None,
    zab: Annotated[
        str | None,
        Query(max_length=60, pattern=PLAIN, description="Only of this ZAB, by its code.", examples=["zab:essen"]),
    ] = None,
) -> Page[CommitmentShown]:
    """Return tours on which seats were promised, by the begin of their duty; those of the exchange among them."""
    since, until = span_of(day)
    query = fleet.promising(fleet.duties(actor, zab=zab, since=since, until=until))
    with context.store.reading() as session:
        rows, after = pages.rows(session, query, (DutyRow.starts_at, DutyRow.id))
        return Page(items=_shown(session, actor, rows), next=after)


@router.post(
    "",
    summary="Enter a planned tour",
    status_code=201,
    response_model=CommitmentShown,
    openapi_extra=also(Code.NOT_FOUND, Code.EXISTS_ALREADY, Code.PLAN_BROKEN, Code.VALUE_REFUSED),
)
def create_commitment(body: NewCommitment, context: InContext, actor: Writer, once: CreatesOnce) -> Response:
    """Promise riders of your own seats on a duty of your ZAB: all of them, or none where the checker refuses.

    Each becomes a request of its ABH that your ZAB has accepted. To take one off again it is stopped or cancelled
    (by its ABH), or backed out of (by you), like any other promise.
    """

    def work(session: Session) -> Answer:
        duty = duties.found(session, actor, body.duty_id, lock=True)
        commitments.enter(
            session, actor, duty, body.riders, answering=context.settings.answering, now=context.now
        )  # fmt: skip
        return Answer(body=_shown(session, actor, [duty])[0], headers={"Location": f"/v1/commitments/{duty.id}"})

    return once.do(actor, work)


@router.get("/{duty_id}", summary="Show a commitment", response_model=CommitmentShown)
def show_commitment(duty_id: uuid.UUID, context: InContext, actor: Reader) -> CommitmentShown:
    """Return the tour of one duty with those who were promised a seat."""
    with context.store.reading() as session:
        return _shown(session, actor, [duties.found(session, actor, duty_id)])[0]


def _shown(session: Session, actor: Actor, rows: list[DutyRow]) -> list[CommitmentShown]:
    promises = fleet.promises(session, [row.id for row in rows])
    return [
        commitment_shown(shown, promises.get(row.id, ()), is_own=actor.is_zab)
        for row, shown in zip(rows, duties_shown(session, rows), strict=True)
    ]
