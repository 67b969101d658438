"""Clearances: the lists of ZFA and ZRK, what they record, what an ABH says to it, what was sent to the airport."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api import texts_measures as texts
from api.actor import Actor
from api.clearance_workflow import TABLE, ClearanceAction, ClearanceKind, ClearanceState, RefusalCode
from api.db.tables import Clearance
from api.errors import Code, not_found
from api.repositories import clearances as rows
from api.schemas.base import Instant
from api.schemas.catalogue import Text
from api.schemas.clearances import (
    ClearanceCatalogue,
    ClearanceCell,
    ClearanceShown,
    DispatchBody,
    DispatchSet,
    DispatchShown,
    DocumentShown,
    OfferDateBody,
    OfficeShown,
    ReceptionBody,
    RecordBody,
    RefuseBody,
    codes_shown,
)
from api.services import clearances
from api.services.clearances import Said
from api.web import versions
from api.web.authentication import SignedIn, may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role
from data.dispatch import airport_offices, documents

router = APIRouter(tags=["clearances"])
Reader = Annotated[
    Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA, Role.ZRK, Role.AUDITOR)
]
Asker = Annotated[Actor, may(Role.ZFA, Role.ZRK)]
Owner = Annotated[Actor, may(Role.ABH)]
_CHANGES = also(Code.VALUE_REFUSED, Code.STATE_FORBIDS)


@router.get("/clearances", summary="List clearances", response_model=Page[ClearanceShown])
def list_clearances(
    *,
    context: InContext,
    actor: Reader,
    pages: InPages,
    kind: Annotated[ClearanceKind | None, Query(description="Only of this kind.")] = None,
    state: Annotated[list[ClearanceState] | None, Query(description="Only in one of these states.")] = None,
    request: Annotated[uuid.UUID | None, Query(description="Only of this request.")] = None,
    apply_before: Annotated[Instant | None, Query(description="To be applied for before this instant.")] = None,
    decide_before: Annotated[Instant | None, Query(description="An answer is due before this instant.")] = None,
    updated_since: Annotated[Instant | None, Query(description="Changed since; then in that order.")] = None,
    is_current: Annotated[
        bool, Query(description="Only what counts, of measures that are still to take place; false: all of them.")
    ] = True,
) -> Page[ClearanceShown]:
    """Return clearances by the day on which an answer is due.

    The ZFA sees transit, the ZRK medical reception, an ABH its own, a ZAB the transit of what it is asked for or has
    promised. Nobody else learns that somebody needs medical reception.
    """
    filters = rows.Filters(
        kind=kind, states=state or (), request_id=request, apply_before=apply_before, decide_before=decide_before,
        updated_since=updated_since, is_current=is_current,
    )  # fmt: skip
    order = (Clearance.decide_by, Clearance.id) if updated_since is None else (Clearance.updated_at, Clearance.id)
    with context.store.reading() as session:
        found, after = pages.rows(session, rows.listed(actor, filters), order)
        at = clearances.pickups(session, [row.request_id for row in found])
        return Page(items=[ClearanceShown.of(row, actor, at[row.request_id], context.now) for row in found], next=after)


@router.get("/clearances/catalogue", summary="What clearances can be", response_model=ClearanceCatalogue)
def show_catalogue(actor: SignedIn) -> ClearanceCatalogue:  # noqa: ARG001  # whoever is signed in
    """Return kinds, states, refusals, who may do what, documents and airport offices, in German and English."""
    return _catalogue()


@router.get("/clearances/{clearance_id}", summary="Show a clearance", response_model=ClearanceShown)
def show_clearance(clearance_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> ClearanceShown:
    """Return one clearance; `ETag` is the version that a decision names."""
    with context.store.reading() as session:
        return _shown(session, context, actor, _found(session, actor, clearance_id), response)


@router.post(
    "/clearances/{clearance_id}/apply",
    summary="Record the application",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def apply(
    clearance_id: uuid.UUID,
    body: RecordBody,
    response: Response,
    context: InContext,
    actor: Asker,
    if_match: IfMatch = None,
) -> ClearanceShown:
    """Record that you applied: for transit at the Bundespolizei, for medical reception at the embassy or foreign body.

    From then on the time for an answer runs. After a refusal, or an offered date that does not suit: apply anew.
    """
    said = Said(at=body.at, reference=body.reference)
    return _take(context, actor, response, clearance_id, ClearanceAction.APPLY, if_match, said)


@router.post(
    "/clearances/{clearance_id}/extend",
    summary="Record further days",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def extend(
    clearance_id: uuid.UUID, response: Response, context: InContext, actor: Asker, if_match: IfMatch = None
) -> ClearanceShown:
    """Record that the deciding body takes the further days that it has, once."""
    return _take(context, actor, response, clearance_id, ClearanceAction.EXTEND, if_match, Said())


@router.post(
    "/clearances/{clearance_id}/grant",
    summary="Record the consent",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def grant(
    clearance_id: uuid.UUID,
    body: RecordBody,
    response: Response,
    context: InContext,
    actor: Asker,
    if_match: IfMatch = None,
) -> ClearanceShown:
    """Record the consent or confirmation; the ABH is told at once."""
    said = Said(at=body.at, reference=body.reference)
    return _take(context, actor, response, clearance_id, ClearanceAction.GRANT, if_match, said)


@router.post(
    "/clearances/{clearance_id}/refuse",
    summary="Record the refusal",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def refuse(
    clearance_id: uuid.UUID,
    body: RefuseBody,
    response: Response,
    context: InContext,
    actor: Asker,
    if_match: IfMatch = None,
) -> ClearanceShown:
    """Record a refusal, or that a consent was taken back; the ABH is told at once, a proposal turns red."""
    said = Said(at=body.at, reference=body.reference, code=body.code)
    return _take(context, actor, response, clearance_id, ClearanceAction.REFUSE, if_match, said)


@router.post(
    "/clearances/{clearance_id}/offer-date",
    summary="Record another date",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def offer_date(
    clearance_id: uuid.UUID,
    body: OfferDateBody,
    response: Response,
    context: InContext,
    actor: Asker,
    if_match: IfMatch = None,
) -> ClearanceShown:
    """Record that it is not possible on this date, but on another one; the ABH accepts or declines."""
    said = Said(at=body.at, reference=body.reference, on=body.on)
    return _take(context, actor, response, clearance_id, ClearanceAction.OFFER_DATE, if_match, said)


@router.post(
    "/clearances/{clearance_id}/accept-date",
    summary="Accept the other date",
    response_model=ClearanceShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.STATE_FORBIDS, Code.EXISTS_ALREADY),
)
def accept_date(
    clearance_id: uuid.UUID, response: Response, context: InContext, actor: Owner, if_match: IfMatch = None
) -> ClearanceShown:
    """Move your measure to the date that is offered, at the same times of the clock.

    A promise for the old date ends and its ZAB is told; the request is matched again at once. For the new date the
    clearance is asked for anew.
    """
    return _take(context, actor, response, clearance_id, ClearanceAction.ACCEPT_DATE, if_match, Said())


@router.post(
    "/clearances/{clearance_id}/decline-date",
    summary="Decline the other date",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def decline_date(
    clearance_id: uuid.UUID, response: Response, context: InContext, actor: Owner, if_match: IfMatch = None
) -> ClearanceShown:
    """Say that the date that is offered does not suit: ZFA or ZRK asks again for yours."""
    return _take(context, actor, response, clearance_id, ClearanceAction.DECLINE_DATE, if_match, Said())


@router.post(
    "/clearances/{clearance_id}/withdraw",
    summary="Say that no medical reception is needed",
    response_model=ClearanceShown,
    openapi_extra=_CHANGES,
)
def withdraw(
    clearance_id: uuid.UUID, response: Response, context: InContext, actor: Owner, if_match: IfMatch = None
) -> ClearanceShown:
    """Say that medical reception is not needed any more; the ZRK takes its application back."""
    return _take(context, actor, response, clearance_id, ClearanceAction.WITHDRAW, if_match, Said())


@router.post(
    "/requests/{request_id}/medical-reception",
    summary="Ask the ZRK for medical reception",
    status_code=201,
    response_model=ClearanceShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.STATE_FORBIDS, Code.EXISTS_ALREADY),
)
def ask_medical_reception(
    request_id: uuid.UUID,
    body: ReceptionBody,
    context: InContext,
    actor: Owner,
    once: CreatesOnce,
    if_match: IfMatch = None,
) -> Response:
    """Ask the ZRK to apply for medical reception for your request; you need not apply anywhere yourself."""

    def work(session: Session) -> Answer:
        row = clearances.ask_medical_reception(
            session, actor, request_id, body.destination, seen=lambda request: versions.match(request, if_match),
            now=context.now,
        )  # fmt: skip
        return Answer(
            body=_of(session, context, actor, row),
            headers={"Location": f"/v1/clearances/{row.id}", "ETag": versions.tag(row)},
        )

    return once.do(actor, work)


@router.get(
    "/clearances/{clearance_id}/dispatches", summary="Show what was sent to the airport", response_model=DispatchSet
)
def show_dispatches(clearance_id: uuid.UUID, context: InContext, actor: Reader) -> DispatchSet:
    """Return what was sent to the office of the Bundespolizei at the airport, and which documents are missing."""
    with context.store.reading() as session:
        row = _found(session, actor, clearance_id)
        records = list(session.scalars(rows.dispatches(row.id)))
        lacking = clearances.missing(records) if row.kind is ClearanceKind.TRANSIT else []
        return DispatchSet(
            items=[DispatchShown.of(each) for each in sorted(records, key=lambda each: each.id)], missing=lacking,
            is_complete=not lacking,
        )  # fmt: skip


@router.post(
    "/clearances/{clearance_id}/dispatches",
    summary="Record what was sent to the airport",
    status_code=201,
    response_model=DispatchShown,
    openapi_extra=_CHANGES,
)
def record_dispatch(
    clearance_id: uuid.UUID,
    body: DispatchBody,
    context: InContext,
    actor: Annotated[Actor, may(Role.ZFA)],
    once: CreatesOnce,
) -> Response:
    """Record which documents you sent to the office of the Bundespolizei at the airport, and when.

    Codes only: the files stay in your own system.
    """

    def work(session: Session) -> Answer:
        row = clearances.dispatch(
            session, actor, clearance_id, office=body.office, codes=body.documents,
            sent_at=body.sent_at or context.now, now=context.now,
        )  # fmt: skip
        return Answer(
            body=DispatchShown.of(row), headers={"Location": f"/v1/clearances/{clearance_id}/dispatches"}
        )  # fmt: skip

    return once.do(actor, work)


def _take(
    context: Context,
    actor: Actor,
    response: Response,
    clearance_id: uuid.UUID,
    action: ClearanceAction,
    if_match: str | None,
    said: Said,
) -> ClearanceShown:
    def work(session: Session) -> ClearanceShown:
        row = clearances.take(
            session, actor, clearance_id, action, said, seen=lambda row: versions.match(row, if_match),
            answering=context.settings.answering, now=context.now,
        )  # fmt: skip
        return _shown(session, context, actor, row, response)

    return context.store.write(work)


def _found(session: Session, actor: Actor, clearance_id: uuid.UUID) -> Clearance:
    row = rows.find(session, actor, clearance_id)
    if row is None:
        raise not_found("a clearance")
    return row


def _shown(session: Session, context: Context, actor: Actor, row: Clearance, response: Response) -> ClearanceShown:
    session.flush()
    versions.show(response, row)
    return _of(session, context, actor, row)


def _of(session: Session, context: Context, actor: Actor, row: Clearance) -> ClearanceShown:
    at = clearances.pickups(session, [row.request_id])
    return ClearanceShown.of(row, actor, at[row.request_id], context.now)


@cache
def _catalogue() -> ClearanceCatalogue:
    return ClearanceCatalogue(
        kinds=codes_shown(ClearanceKind, texts.KINDS),
        states=codes_shown(ClearanceState, texts.CLEARANCE_STATES),
        refusals=codes_shown(RefusalCode, texts.REFUSALS),
        workflow=[
            ClearanceCell(
                state=state, action=action, text=_text(texts.CLEARANCE_ACTIONS[action]), to=cell.to, who=cell.who,
                kinds=sorted(cell.only),
            )
            for (state, action), cell in TABLE.items()
        ],
        documents=[
            DocumentShown(code=each.code, text=Text(de=each.name_de, en=each.name_en), is_required=each.is_required)
            for each in documents().values()
        ],
        offices=[
            OfficeShown(code=each.code, airport=each.airport, text=Text(de=each.name_de, en=each.name_en))
            for each in airport_offices().values()
        ],
    )  # fmt: skip


def _text(pair: tuple[str, str]) -> Text:
    return Text(de=pair[0], en=pair[1])
