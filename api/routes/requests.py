"""Requests: enter, look at, amend."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from api.actor import Actor
from api.company import knows
from api.db.tables import Decision, TransportRequest
from api.errors import Code, not_found
from api.gates import ToldGate, seen_by
from api.repositories import facts
from api.repositories import requests as rows
from api.schemas.base import PLAIN, Instant
from api.schemas.hints import Checked
from api.schemas.pool import LiveOffer, PoolEntry
from api.schemas.request_views import DecisionShown, Reasons, ReasonShown, RequestFull, RequestView
from api.schemas.requests import ENTRY_EXAMPLE, EXAMPLE, RequestAmendment, RequestContent, RequestEntry
from api.schemas.text_warnings import told
from api.services import gatekeeping, requests
from api.services.entry_hints import Hints
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also, step
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import OPEN, Role, State

router = APIRouter(tags=["requests"])
Owner = Annotated[Actor, may(Role.ABH)]
Reader = Annotated[
    Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA, Role.ZRK, Role.AUDITOR)
]
Historian = Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]
States = Annotated[list[State] | None, Query(description="Only in one of these states.")]
Since = Annotated[Instant | None, Query(description="Only what was changed at or after this instant.")]
PickupFrom = Annotated[Instant | None, Query(description="The pick-up begins at or after this instant.")]
PickupTo = Annotated[Instant | None, Query(description="The pick-up begins before this instant.")]


HANDLE = r"^[0-9a-f]{6}$"
"""The end of an id, by which people name a request on the phone: random, so it says nothing of anybody."""


class RequestPage(Page[RequestView]):
    """A page of requests, each as far as the caller may see it."""


def view(session: Session, actor: Actor, row: TransportRequest, *, now: datetime) -> RequestFull | PoolEntry:
    """Return a request as far as the actor may see it."""
    offer = offers_of(session, [row]).get(row.id)
    shown = (
        RequestFull.of(row, actor, offer, now=now)
        if rows.is_full(session, actor, row)
        else PoolEntry.of(row, offer, now=now)
    )
    closed = blocked(session, [row.id] if row.state in OPEN else [], actor, now=now)
    return shown.model_copy(update={"blocked_by": closed.get(row.id, [])})


def blocked(
    session: Session | Connection, ids: Collection[uuid.UUID], actor: Actor, *, now: datetime
) -> dict[uuid.UUID, list[ToldGate]]:
    """Return the gates that block, of those requests that any blocks, as the actor may know them."""
    found = gatekeeping.blocked(session, ids, now=now) if ids else {}
    return {key: [each.told for each in seen_by(closed, actor.role)] for key, closed in found.items()}


def offers_of(session: Session, found: list[TransportRequest]) -> dict[uuid.UUID, LiveOffer]:
    """Return the live proposals of requests, by request."""
    offers = rows.live_offers(session, [row.id for row in found])
    return {key: LiveOffer(zab=offer.zab, respond_by=offer.respond_by) for key, offer in offers.items()}


@router.post(
    "/requests",
    summary="Enter a request",
    status_code=201,
    response_model=RequestFull,
    openapi_extra=also(Code.EXISTS_ALREADY, Code.VALUE_REFUSED),
)
def enter_request(
    body: Annotated[RequestEntry, Body(examples=[ENTRY_EXAMPLE])], context: InContext, actor: Owner, once: CreatesOnce
) -> Response:
    """Enter a request of your ABH, as a draft, into the pool, or to be asked of one ZAB.

    Places are ids, names or AGS of the catalogue. The address of the pick-up is sent apart. What no run could place is
    stored all the same, and told in `hints`; gates that are not stated keep it from every run (`blocked_by`).
    `warnings` tell where free text may give somebody away.
    """

    def work(session: Session) -> Answer:
        row = requests.enter(
            session, actor, body.content, body.enter_as, zab=body.zab, gates=body.gates,
            answering=context.settings.answering, now=context.now,
        )  # fmt: skip
        headers = {"Location": f"/v1/requests/{row.id}", "ETag": versions.tag(row)}
        shown = view(session, actor, row, now=context.now)
        hints = Hints(session, now=context.now).of(body.content)
        return Answer(body=shown.model_copy(update={"hints": hints}), headers=headers)

    return once.do(actor, work)


@router.post(
    "/requests/check",
    summary="What would be said of a request",
    response_model=Checked,
    openapi_extra=also(Code.VALUE_REFUSED, Code.EXISTS_ALREADY),
)
def check_request(
    body: Annotated[RequestEntry, Body(examples=[ENTRY_EXAMPLE])], context: InContext, actor: Owner
) -> Checked:
    """Return what an entry would be answered, without storing anything: what is impossible, and what would help."""
    with context.store.reading() as session:
        closed = requests.check(session, actor, body.content, body.gates, now=context.now)
        return Checked(hints=Hints(session, now=context.now).of(body.content), blocked_by=[e.gate for e in closed])


@router.get("/requests", summary="List requests", response_model=RequestPage)
def list_requests(
    context: InContext,
    actor: Reader,
    pages: InPages,
    *,
    state: States = None,
    updated_since: Since = None,
    pickup_from: PickupFrom = None,
    pickup_to: PickupTo = None,
    case_reference: Annotated[
        str | None,
        Query(max_length=40, pattern=PLAIN, description="Only this case; for its owner.", examples=["A-2026-0815"]),
    ] = None,
    handle: Annotated[
        str | None, Query(pattern=HANDLE, description="Only those whose id ends like this.", examples=["fb5261"])
    ] = None,
) -> Page[Any]:
    """Return requests, newest first, or with `updated_since` in the order of their last change.

    An owner sees its own whole; all others see them in coarse form here.
    """
    filters = rows.Filters(
        states=state or (), updated_since=updated_since, pickup_from=pickup_from, pickup_to=pickup_to,
        case_reference=case_reference if actor.role is Role.ABH else None, handle=handle,
    )  # fmt: skip
    order = (TransportRequest.id,) if updated_since is None else (TransportRequest.updated_at, TransportRequest.id)

    now = context.now

    def shown(row: TransportRequest) -> RequestFull | PoolEntry:
        return RequestFull.of(row, actor, now=now) if actor.role is Role.ABH else PoolEntry.of(row, now=now)

    with context.store.reading() as session:
        page = pages.page(session, rows.listed(actor, filters), order, shown, descending=updated_since is None)
        return with_offers(session, page, actor, now=context.now)


def with_offers(session: Session, page: Page[Any], actor: Actor, *, now: datetime) -> Page[Any]:
    """Return the page with live proposals and closed gates of its requests, read for all of them at once."""
    offers = rows.live_offers(session, [item.id for item in page.items])
    known = {key: LiveOffer(zab=offer.zab, respond_by=offer.respond_by) for key, offer in offers.items()}
    closed = blocked(session, [item.id for item in page.items if item.state in OPEN], actor, now=now)
    items = [
        item.model_copy(update={"offer": known.get(item.id), "blocked_by": closed.get(item.id, [])})
        for item in page.items
    ]
    return page.model_copy(update={"items": items})


@router.get("/requests/{request_id}", summary="Show a request", response_model=RequestView)
def show_request(
    request_id: uuid.UUID, response: Response, context: InContext, actor: Reader
) -> RequestFull | PoolEntry:
    """Return one request: whole for its owner and the ZAB that is asked or has promised, else in coarse form."""
    with context.store.reading() as session:
        row = _found(session, actor, request_id)
        versions.show(response, row)
        return view(session, actor, row, now=context.now)


@router.put(
    "/requests/{request_id}",
    summary="Amend a request",
    response_model=RequestFull,
    openapi_extra=step(Code.EXISTS_ALREADY, Code.VALUE_REFUSED),
)
def amend_request(
    request_id: uuid.UUID,
    body: Annotated[RequestAmendment, Body(examples=[EXAMPLE])],
    response: Response,
    context: InContext,
    actor: Owner,
    if_match: IfMatch = None,
) -> RequestFull | PoolEntry:
    """Say anew what you ask for. What is in the pool is matched again, whatever was offered before."""

    def work(session: Session) -> RequestFull | PoolEntry:
        row = requests.amend(
            session, actor, request_id, body.content, gates=body.gates, seen=lambda row: versions.match(row, if_match),
            answering=context.settings.answering, now=context.now,
        )  # fmt: skip
        return answered(session, actor, row, response, now=context.now, hinted=body.content)

    return context.store.write(work)


def answered(
    session: Session,
    actor: Actor,
    row: TransportRequest,
    response: Response,
    *,
    now: datetime,
    hinted: RequestContent | None = None,
    said: Mapping[str, str] | None = None,
) -> RequestFull | PoolEntry:
    """Return a request after a step, with its new version; with hints where it was said anew.

    Parameters
    ----------
    said
        Free text that came with the step, by its path: warnings about it are told.
    """
    session.flush()
    versions.show(response, row)
    shown = view(session, actor, row, now=now)
    shown = shown.model_copy(update={"warnings": (*shown.warnings, *told(said or {}))})
    return shown if hinted is None else shown.model_copy(update={"hints": Hints(session, now=now).of(hinted)})


@router.get("/requests/{request_id}/decisions", summary="Show its history", response_model=Page[DecisionShown])
def list_decisions(request_id: uuid.UUID, context: InContext, actor: Historian, pages: InPages) -> Page[DecisionShown]:
    """Return the steps of a request, first to last; a ZAB sees those that concern it."""
    with context.store.reading() as session:
        row = _found(session, actor, request_id)
        is_full = rows.is_full(session, actor, row)
        return pages.page(
            session, rows.decisions(actor, row), (Decision.id,), lambda each: DecisionShown.of(each, is_full=is_full)
        )


@router.get("/requests/{request_id}/reasons", summary="Show why it was not placed", response_model=Reasons)
def show_reasons(request_id: uuid.UUID, context: InContext, actor: Historian) -> Reasons:
    """Return the gates that are closed, then for each ZAB the rule that blocks and the smallest change that would help.

    In German and English.
    """
    with context.store.reading() as session:
        row = _found(session, actor, request_id)
        closed = gatekeeping.blocked(session, [row.id], now=context.now) if row.state in OPEN else {}
        is_full = rows.is_full(session, actor, row)
        gates = gatekeeping.reasons(seen_by(closed.get(row.id, ()), actor.role), is_full=is_full)
        items = [*gates, *(row.reasons or {}).get("items", ())]
        own = facts.zab_codes(session, {actor.organisation_id}).values() if actor.is_zab else ()
        owns = actor.role is Role.ABH
        told = [
            ReasonShown.of(item, knows=knows(actor.role, is_own=item.get("zab") in own), owns=owns) for item in items
        ]
        return Reasons(matched_at=row.matched_at, items=told)


def _found(session: Session, actor: Actor, request_id: uuid.UUID) -> TransportRequest:
    row = rows.find(session, actor, request_id)
    if row is None:
        raise not_found("a request")
    return row
