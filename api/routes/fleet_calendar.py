"""The calendar of a ZAB."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import Actor
from api.errors import Code
from api.schemas.base import PLAIN, Day
from api.schemas.fleet_calendar import CalendarShown
from api.services import fleet_calendar
from api.web.authentication import may
from api.web.context import InContext
from api.web.openapi import also
from api.workflow import Role

router = APIRouter(tags=["fleet"])
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]


@router.get(
    "/calendar", summary="Show the calendar of a ZAB", response_model=CalendarShown,
    openapi_extra=also(Code.NOT_FOUND),
)  # fmt: skip
def show_calendar(
    context: InContext,
    actor: Reader,
    first: Annotated[Day, Query(alias="from", description="First local day.", examples=["2026-10-05"])],
    last: Annotated[Day, Query(alias="to", description="Last local day.", examples=["2026-10-11"])],
    zab: Annotated[
        str | None,
        Query(max_length=60, pattern=PLAIN, description="Whose; a ZAB sees its own.", examples=["zab:essen"]),
    ] = None,
) -> CalendarShown:
    """Return for each day: holiday, duties and what the exchange may use of them, absences, free crews and vehicles."""
    with context.store.reading() as session:
        return fleet_calendar.calendar(session, actor, first, last, zab=zab, now=context.now)
