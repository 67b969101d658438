"""Dublin transfers: the list by days left, and when the form went out."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import TransportRequest
from api.errors import Code
from api.repositories import requests as rows
from api.routes.requests import Historian, PickupFrom, PickupTo, Since, answered
from api.schemas.dublin import DublinEntry, FormBody
from api.schemas.pool import PoolEntry
from api.schemas.request_views import RequestFull, RequestView
from api.services import dublin_form, place_book
from api.services.dublin_facts import warnings_of
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role, State

router = APIRouter(tags=["dublin"])
Noter = Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]
_NOWHERE = "-"
"""First digits that no AGS has: of a ZAB that the catalogue knows no Bezirk of."""


@router.get("/dublin", summary="List Dublin transfers by days left", response_model=Page[DublinEntry])
def list_dublin(
    context: InContext,
    actor: Historian,
    pages: InPages,
    state: Annotated[list[State] | None, Query(description="Only in one of these states.")] = None,
    pickup_from: PickupFrom = None,
    pickup_to: PickupTo = None,
    updated_since: Since = None,
    is_without_deadline: Annotated[
        bool, Query(description="Instead those for which nobody entered a deadline, by pick-up.")
    ] = False,
) -> Page[DublinEntry]:
    """Return Dublin transfers that may still take place, those with the fewest days left first.

    A ZAB sees those of its Bezirk that wait or are asked of it, and those that it examines as Amtshilfe; an ABH its
    own. Warnings are told, and block nothing.
    """
    filters = rows.Filters(pickup_from=pickup_from, pickup_to=pickup_to, updated_since=updated_since)
    base, now = TransportRequest, context.now
    order = (base.pickup_from, base.id) if is_without_deadline else (base.deadline_at, base.id)
    with context.store.reading() as session:
        query = rows.dublin(
            actor, filters, ags_prefix=_own_bezirk(session, actor), is_dated=not is_without_deadline
        )  # fmt: skip
        if state:
            query = query.where(base.state.in_(sorted(state)))
        return pages.page(session, query, order, lambda row: DublinEntry.of(row, actor, warnings_of(row, now=now), now))


def _own_bezirk(session: Session, actor: Actor) -> str | None:
    """Return the first digits of the AGS in a ZAB's own Bezirk; ``None`` for whoever is no ZAB."""
    if not actor.is_zab or actor.organisation_id is None:
        return None
    own = rows.organisation(session, actor.organisation_id)
    site = None if own is None else place_book.bezirk_of(own.code, own.zab)
    return _NOWHERE if site is None else site.ags_prefix


@router.put(
    "/requests/{request_id}/dublin-form",
    summary="Note when the form went out",
    response_model=RequestView,
    openapi_extra=also(Code.VALUE_REFUSED),
)
def note_form(
    request_id: uuid.UUID,
    body: FormBody,
    response: Response,
    context: InContext,
    actor: Noter,
    if_match: IfMatch = None,
) -> RequestFull | PoolEntry:
    """Note the day on which the form of a Dublin transfer went out (DVO (EU) 2025/2055 Art. 25).

    By its owner, or the ZAB that is asked or has promised it. No offer is lost by it.
    """

    def work(session: Session) -> RequestFull | PoolEntry:
        row = dublin_form.note(
            session, actor, request_id, body.sent_on, seen=lambda row: versions.match(row, if_match), now=context.now
        )  # fmt: skip
        return answered(session, actor, row, response, now=context.now)

    return context.store.write(work)
