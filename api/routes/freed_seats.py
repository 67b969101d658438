"""Seats that became free, and the waiting requests that fit now ("Freie Plätze neu anbieten")."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter

from api.actor import Actor
from api.db.tables import Proposal
from api.repositories import proposals as rows
from api.routes.assignment_views import fitting
from api.schemas.assignments import FittingShown, FreedSeat
from api.services import freed_seats
from api.web.authentication import may
from api.web.context import InContext
from api.web.paging import InPages, Page
from api.workflow import Role

router = APIRouter(prefix="/freed-seats", tags=["seats"])
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)]


@router.get("", summary="List freed seats", response_model=Page[FreedSeat])
def list_freed_seats(context: InContext, actor: Reader, pages: InPages) -> Page[FreedSeat]:
    """Return promised trips still to come that were given up in the last 30 days."""
    with context.store.reading() as session:
        query = rows.freed(session, actor, now=context.now)
        return pages.page(session, query, (Proposal.id,), FreedSeat.of)


@router.get("/{duty_id}", summary="What fits a duty now", response_model=FittingShown)
def show_fitting(duty_id: uuid.UUID, context: InContext, actor: Reader) -> FittingShown:
    """Return the waiting requests near in time that fit a duty as it stands, each by itself.

    Nobody gives way for it; at most 50 are tried, within 2 seconds. Assign one with `POST /v1/assignments`.
    """
    with context.store.reading() as session:
        found = freed_seats.fitting(session, actor, duty_id, now=context.now)
        return FittingShown(
            duty_id=found.duty.id, duty=found.duty.code, zab=found.duty.zab.code,
            candidates=[fitting(each) for each in found.candidates], tried=found.tried,
            untried=found.untried,
        )  # fmt: skip
