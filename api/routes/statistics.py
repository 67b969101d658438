"""Anonymised history for planning, and the record of what was deleted."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import Actor
from api.db.tables import DeletionRecord
from api.errors import Code, FieldError, Problem
from api.repositories import retention
from api.schemas.statistics import By, DeletionShown, MonthShown, StatisticsShown
from api.services import history
from api.services.ledger import month_of
from api.web.authentication import may
from api.web.context import InContext
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.workflow import Role
from data import service_parameters

router = APIRouter(prefix="/statistics", tags=["statistics"])
deletions = APIRouter(prefix="/deletions", tags=["audit"])
_MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"
_MOST_YEARS = 10


@router.get("", summary="Show history by month", response_model=StatisticsShown, openapi_extra=also(Code.VALUE_REFUSED))
def show_statistics(
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)],  # noqa: ARG001  # alike
    by: Annotated[By, Query(description="The property to tell the requests by.", examples=["destination"])],
    first: Annotated[
        str | None, Query(alias="from", pattern=_MONTH, description="First month; left out: a year before the last.")
    ] = None,
    last: Annotated[
        str | None, Query(alias="to", pattern=_MONTH, description="Last month; left out: this one.")
    ] = None,
) -> StatisticsShown:
    """Return for each month how many requests there were, by one property.

    A month is told when all its requests are deleted, so that its figures change no more. Groups of fewer than five are
    not told, nor what would let them be reckoned: then further groups are left out.
    """
    until = month_of(context.now) if last is None else date.fromisoformat(f"{last}-01")
    since = until.replace(year=until.year - 1) if first is None else date.fromisoformat(f"{first}-01")
    if not since <= until or until.year - since.year > _MOST_YEARS:
        raise Problem(
            Code.VALUE_REFUSED, "The months do not fit.",
            errors=[
                FieldError(
                    path="from", expected=f"a month before 'to', at most {_MOST_YEARS} years",
                    what_to_do="Ask for fewer months.",
                )
            ],
        )  # fmt: skip
    with context.store.reading() as session:
        months = history.months(session, since, until, by, now=context.now)
    shown = [MonthShown(month=each.month, total=each.total, cells=dict(each.cells)) for each in months]
    return StatisticsShown(by=by, least_group=service_parameters().disclosure.least_group.value, months=shown)


@deletions.get("", summary="Show what was deleted", response_model=Page[DeletionShown])
def list_deletions(
    context: InContext,
    actor: Annotated[Actor, may(Role.AUDITOR, Role.ADMIN)],  # noqa: ARG001  # both see the same: counts
    pages: InPages,
) -> Page[DeletionShown]:
    """Return the record of deletion by period, newest first: counts by day and kind, and by which parameters."""
    with context.store.reading() as session:
        return pages.page(
            session, retention.records(), (DeletionRecord.id,), DeletionShown.model_validate, descending=True
        )  # fmt: skip
