"""The burden ledger: seen by all five ZABs alike, and by the Landestransportkoordination."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import Actor
from api.db.tables import Organisation
from api.repositories import ledger as rows
from api.repositories.ledger import Figures
from api.schemas.ledger import LedgerRow, LedgerShown, LedgerSums
from api.services.ledger import ACCEPTED, BACKED_OUT, DONE, RELEASED, month_of
from api.web.authentication import may
from api.web.context import InContext
from api.workflow import DeclineClass, Role

router = APIRouter(prefix="/ledger", tags=["ledger"])


@router.get("", summary="Show the ledger of a month", response_model=LedgerShown)
def show_ledger(
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)],  # noqa: ARG001  # all see the same
    month: Annotated[
        str | None,
        Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="Month of the pick-ups; left out: the present one."),
    ] = None,
) -> LedgerShown:
    """Return for each ZAB what it accepted, declined by class, gave back and drove."""
    first = month_of(context.now) if month is None else date.fromisoformat(f"{month}-01")
    with context.store.reading() as session:
        figures = rows.sums(session, first)
        return LedgerShown(month=first, zabs=[_row(zab, figures) for zab in rows.zabs(session)])


def _row(zab: Organisation, figures: Mapping[tuple[uuid.UUID, str], Figures]) -> LedgerRow:
    def of(kind: str) -> Figures:
        return figures.get((zab.id, kind), Figures())

    return LedgerRow(
        zab=zab.code,
        name=zab.name,
        accepted=_sums(of(ACCEPTED)),
        declined={kind: of(f"declined_{kind}").requests for kind in DeclineClass},
        backed_out=of(BACKED_OUT).requests,
        released=of(RELEASED).requests,
        done=_sums(of(DONE)),
    )


def _sums(figures: Figures) -> LedgerSums:
    return LedgerSums(
        requests=figures.requests, km=round(figures.metres / 1000, 1), crew_hours=round(figures.crew_seconds / 3600, 2),
        custody_minutes=round(figures.custody_seconds / 60),
    )  # fmt: skip
