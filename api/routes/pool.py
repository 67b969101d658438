"""The board: all requests that wait for a seat, in coarse form."""

from __future__ import annotations

import uuid
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import StringConstraints

from api.db.tables import TransportRequest
from api.errors import Code, FieldError, Problem
from api.repositories import requests as rows
from api.routes.requests import PickupFrom, PickupTo, Reader, Since, blocked
from api.schemas.base import Instant
from api.schemas.pool import PoolEntry
from api.services import place_book
from api.web.answers import written
from api.web.context import InContext
from api.web.paging import InPages, Page, Paging
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


_BY = {
    PoolOrder.PICKUP: (TransportRequest.pickup_from, TransportRequest.id),
    PoolOrder.DEADLINE: (TransportRequest.deadline_at, TransportRequest.id),
}


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
) -> Response:
    """Return what waits for a seat, in coarse form: no case, no person, no text. An ABH sees its own.

    By deadline means by the days that are left, fewest first.
    """
    states = frozenset(State(each.value) for each in state or PoolState)
    filters = rows.Filters(
        states=states & WAITING if only_open else states, pickup_from=pickup_from, pickup_to=pickup_to,
        ags=tuple(_prefixes(bezirk or [])), needs=tuple(need or ()), deadline_before=deadline_before,
        updated_since=updated_since, has_deadline=order is PoolOrder.DEADLINE,
    )  # fmt: skip
    # The first page is what is asked all the time; what is further down differs with each cursor.
    query = (_first if pages.after is None else _query)(rows.board_of(actor), filters, order, pages)
    now = context.now
    with context.store.glancing() as connection:
        found = connection.execute(query).all()
        closed = blocked(connection, [row.id for row in found], actor, now=now)
    page = pages.page_of_rows(
        found, _BY[order], lambda row: PoolEntry.of_board(row, closed.get(row.id, []), now=now), Page[PoolEntry]
    )
    return written(page)


def _query(owner: uuid.UUID | None, filters: rows.Filters, order: PoolOrder, pages: Paging) -> rows.Columns:
    by = _BY[order]
    return rows.pool(owner, filters, lambda branch: pages.cut(branch, by), by, pages.limit + 1)


_first = lru_cache(maxsize=64)(_query)
"""Statements that were put together before: that takes longer than to have them answered."""


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
