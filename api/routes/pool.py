"""The board: all requests that wait for a seat, in coarse form."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from api.db.tables import TransportRequest
from api.errors import Code, FieldError, Problem
from api.repositories import requests as rows
from api.routes.requests import PickupFrom, PickupTo, Reader, Since, with_offers
from api.schemas.base import Instant
from api.schemas.pool import PoolEntry
from api.services import place_book
from api.web.context import InContext
from api.web.paging import InPages, Page
from api.workflow import WAITING, State
from optimizer.model import Need

router = APIRouter(tags=["pool"])


class PoolOrder(StrEnum):
    """In which order the board is read."""

    PICKUP = "pickup"
    DEADLINE = "deadline"


class PoolState(StrEnum):
    """States in which a request is on the board."""

    POOLED = State.POOLED.value
    EXPIRED = State.EXPIRED.value
    PROPOSED = State.PROPOSED.value
    COUNTER_PROPOSED = State.COUNTER_PROPOSED.value
    DECLINED = State.DECLINED.value


@router.get("/pool", summary="Look at the pool", response_model=Page[PoolEntry])
def show_pool(
    context: InContext,
    actor: Reader,
    pages: InPages,
    *,
    state: Annotated[list[PoolState] | None, Query(description="Only in one of these states.")] = None,
    pickup_from: PickupFrom = None,
    pickup_to: PickupTo = None,
    bezirk: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=40)]] | None,
        Query(description="Only picked up there: first digits of the AGS, or a ZAB.", examples=["055", "zab:essen"]),
    ] = None,
    need: Annotated[list[Need] | None, Query(description="Only with all of these needs.")] = None,
    deadline_before: Annotated[Instant | None, Query(description="Only with a deadline before it.")] = None,
    updated_since: Since = None,
    only_open: Annotated[bool, Query(description="Only those that nobody is asked about just now.")] = False,
    order: Annotated[
        PoolOrder, Query(description="By pick-up, or by deadline: then only those that have one.")
    ] = PoolOrder.PICKUP,
) -> Page[PoolEntry]:
    """Return what waits for a seat, in coarse form: no case, no person, no text. An ABH sees its own.

    By deadline means by the days that are left, fewest first.
    """
    states = {State(each.value) for each in state or PoolState}
    filters = rows.Filters(
        states=states & WAITING if only_open else states, pickup_from=pickup_from, pickup_to=pickup_to,
        ags=_prefixes(bezirk or []), needs=need or (), deadline_before=deadline_before, updated_since=updated_since,
        has_deadline=order is PoolOrder.DEADLINE,
    )  # fmt: skip
    base = TransportRequest
    by = (base.pickup_from, base.id) if order is PoolOrder.PICKUP else (base.deadline_at, base.id)
    query = rows.pool(actor, filters, lambda branch: pages.cut(branch, by))
    now = context.now
    with context.store.reading() as session:
        shown = pages.page(session, query, by, lambda row: PoolEntry.of(row, now=now))
        return with_offers(session, shown, now=now)


def _prefixes(bezirke: list[str]) -> list[str]:
    found = {bezirk: place_book.ags_prefix(bezirk) for bezirk in bezirke}
    if unknown := [bezirk for bezirk, prefix in found.items() if prefix is None]:
        raise Problem(
            Code.PARAMETER_INVALID, "No such Bezirk. Send the first digits of an AGS, or a ZAB.",
            errors=[
                FieldError(path="/bezirk", expected="query: 051, 053, 055, 057, 059, more digits, or zab:<name>")
                for _ in unknown
            ],
        )  # fmt: skip
    return [prefix for prefix in found.values() if prefix is not None]
