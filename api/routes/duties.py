"""Duties with their tours, their bulk upsert, and absences of crews and vehicles."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Away, DutyRow, TransportRequest
from api.errors import Code, Problem
from api.repositories import fleet
from api.schemas.base import PLAIN, Day, Instant
from api.schemas.duties import (
    AbsenceEffect,
    AbsenceMade,
    AbsenceShown,
    DutyContent,
    DutyShown,
    ImportShown,
    InDanger,
    NewAbsence,
    NewDuty,
    absence_shown,
)
from api.services import absences, duties, duty_import
from api.services.duty_views import duties_shown, span_of
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.middleware import LARGE_BODY
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter()
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]
Writer = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]
OfZab = Annotated[
    str | None,
    Query(max_length=60, pattern=PLAIN, description="Only of this ZAB, by its code.", examples=["zab:essen"]),
]
OfDay = Annotated[
    Day | None, Query(description="Only duties that meet this local day.", examples=["2026-10-05"])
]  # fmt: skip
_ROWS = {
    "requestBody": {
        "required": True,
        "description": "Rows as in `shifts.csv` (docs/import-format.md): a file, or an array of objects.",
        "content": {
            duty_import.CSV: {
                "schema": {"type": "string"},
                "example": "duty,vehicle,zab,start,end,crew\nE-D001,E-V001,zab:essen,2026-10-05T05:30,"
                "2026-10-05T15:30,E-C001\n",
            },
            duty_import.JSON: {
                "schema": {"type": "array", "items": {"type": "object"}, "minItems": 1},
                "example": [
                    {
                        "duty": "E-D001", "vehicle": "E-V001", "zab": "zab:essen", "start": "2026-10-05T05:30",
                        "end": "2026-10-05T15:30", "crew": "E-C001",
                    }
                ],
            },
        },
    }
}  # fmt: skip


async def _rows(request: Request) -> tuple[bytes, str]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in (duty_import.CSV, duty_import.JSON):
        raise Problem(Code.MEDIA_TYPE_UNKNOWN, f"Expected {duty_import.CSV} or {duty_import.JSON}.")
    return await request.body(), media_type


@router.get("/duties", tags=["duties"], summary="List duties", response_model=Page[DutyShown])
def list_duties(
    context: InContext,
    actor: Reader,
    pages: InPages,
    day: OfDay = None,
    zab: OfZab = None,
    updated_since: Annotated[
        Instant | None, Query(description="Only what was changed at or after this instant.")
    ] = None,
) -> Page[DutyShown]:
    """Return duties with their tours and free seats, by begin: a ZAB's own, or all for LTraKo and auditor."""
    since, until = span_of(day)
    query = fleet.duties(actor, zab=zab, since=since, until=until, updated_since=updated_since)
    with context.store.reading() as session:
        rows, after = pages.rows(session, query, (DutyRow.starts_at, DutyRow.id))
        return Page(items=duties_shown(session, rows), next=after)


@router.post(
    "/duties",
    tags=["duties"],
    summary="Enter a duty",
    status_code=201,
    response_model=DutyShown,
    openapi_extra=also(Code.NOT_FOUND, Code.EXISTS_ALREADY, Code.VALUE_REFUSED),
)
def create_duty(body: NewDuty, context: InContext, actor: Writer, once: CreatesOnce) -> Response:
    """Enter a duty of your ZAB; its seats are offered, and what waits is matched with them at once."""

    def work(session: Session) -> Answer:
        row = duties.create(session, actor, body, now=context.now)
        headers = {"Location": f"/v1/duties/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=duties_shown(session, [row])[0], headers=headers)

    return once.do(actor, work)


@router.post(
    "/duties/imports", tags=["duties"], summary="Enter or change many duties", status_code=201,
    response_model=ImportShown, openapi_extra=_ROWS | LARGE_BODY | also(Code.ROWS_INVALID),
)  # fmt: skip
def import_duties(
    context: InContext, actor: Writer, once: CreatesOnce, rows: Annotated[tuple[bytes, str], Depends(_rows)]
) -> Response:
    """Enter or change the duties of a day or a week: all rows, or none where any is refused, with all faults.

    A duty is known by its code. Crews that are named first are entered from the columns `heads` to
    `cost_eur_per_hour`; of known ones these columns must agree.
    """

    def work(session: Session) -> Answer:
        made = duty_import.import_rows(session, actor, *rows, now=context.now)
        return Answer(
            body=ImportShown(
                created=made.created, changed=made.changed, unchanged=made.unchanged, crews_created=made.crews_created,
                duty_ids=made.duty_ids,
            )
        )  # fmt: skip

    return once.do(actor, work)


@router.get("/duties/{duty_id}", tags=["duties"], summary="Show a duty", response_model=DutyShown)
def show_duty(duty_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> DutyShown:
    """Return one duty with its tour; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = duties.found(session, actor, duty_id)
        versions.show(response, row)
        return duties_shown(session, [row])[0]


@router.put(
    "/duties/{duty_id}",
    tags=["duties"],
    summary="Change a duty",
    response_model=DutyShown,
    openapi_extra=also(Code.IN_USE, Code.PLAN_BROKEN, Code.VALUE_REFUSED),
)
def change_duty(
    duty_id: uuid.UUID,
    body: DutyContent,
    response: Response,
    context: InContext,
    actor: Writer,
    if_match: IfMatch = None,
) -> DutyShown:
    """Say anew what a duty is.

    Promised seats are checked again: a change after which they would be impossible is refused. What was only
    proposed on it is taken back and matched anew.
    """

    def work(session: Session) -> DutyShown:
        row = duties.found(session, actor, duty_id, lock=True)
        versions.match(row, if_match)
        row = duties.change(session, actor, row, body, now=context.now)
        versions.show(response, row)
        return duties_shown(session, [row])[0]

    return context.store.write(work)


@router.delete(
    "/duties/{duty_id}", tags=["duties"], summary="Delete a duty", status_code=204, openapi_extra=also(Code.IN_USE)
)
def delete_duty(duty_id: uuid.UUID, context: InContext, actor: Writer, if_match: IfMatch = None) -> None:
    """Delete a duty that nobody rides or was to ride; others are withheld instead."""

    def work(session: Session) -> None:
        row = duties.found(session, actor, duty_id, lock=True)
        versions.match(row, if_match)
        duties.delete(session, actor, row, now=context.now)

    context.store.write(work)


@router.post("/duties/{duty_id}/withhold", tags=["duties"], summary="Withhold a duty", response_model=DutyShown)
def withhold_duty(
    duty_id: uuid.UUID, response: Response, context: InContext, actor: Writer, if_match: IfMatch = None
) -> DutyShown:
    """Withhold a duty from the exchange; promises stay, what was only proposed is taken back."""
    return _offer(context, actor, duty_id, False, if_match, response)


@router.post("/duties/{duty_id}/offer", tags=["duties"], summary="Offer a duty", response_model=DutyShown)
def offer_duty(
    duty_id: uuid.UUID, response: Response, context: InContext, actor: Writer, if_match: IfMatch = None
) -> DutyShown:
    """Offer a duty that was withheld; what waits is matched with its seats at once."""
    return _offer(context, actor, duty_id, True, if_match, response)


@router.get("/absences", tags=["fleet"], summary="List absences", response_model=Page[AbsenceShown])
def list_absences(
    context: InContext,
    actor: Reader,
    pages: InPages,
    zab: OfZab = None,
    is_over: Annotated[bool, Query(description="Also those that are over.")] = False,
    first_day: Annotated[
        Day | None, Query(alias="from", description="Only those that meet this local day or a later one.")
    ] = None,
    last_day: Annotated[
        Day | None, Query(alias="to", description="Only those that meet this local day or an earlier one.")
    ] = None,
) -> Page[AbsenceShown]:
    """Return absences by begin, those that are over only where asked for, or where days are named that they meet."""
    since = span_of(first_day)[0] or (None if is_over or last_day is not None else context.now)
    query = fleet.absences(actor, zab=zab, since=since, until=span_of(last_day)[1])
    with context.store.reading() as session:
        return pages.page(session, query, (Away.starts_at, Away.id), absence_shown)


@router.post(
    "/absences",
    tags=["fleet"],
    summary="Enter an absence",
    status_code=201,
    response_model=AbsenceMade,
    openapi_extra=also(Code.TOO_LATE, Code.NOT_FOUND),
)
def create_absence(body: NewAbsence, context: InContext, actor: Writer, once: CreatesOnce) -> Response:
    """Enter that a crew or a vehicle is away.

    Unanswered proposals on its duties are taken back and matched again. Promises stand, are listed as in danger, and
    the ZAB is told of each: change the duty, or back out.
    """

    def work(session: Session) -> Answer:
        made = absences.create(session, actor, body, now=context.now)
        shown = AbsenceMade(
            absence=absence_shown(made.row),
            lost=[request.id for request in made.lost],
            in_danger=_in_danger(made.in_danger),
            overlapping=[absence_shown(each) for each in made.overlapping],
        )
        return Answer(body=shown, headers={"Location": f"/v1/absences/{made.row.id}"})

    return once.do(actor, work)


@router.get("/absences/{absence_id}", tags=["fleet"], summary="Show an absence", response_model=AbsenceShown)
def show_absence(absence_id: uuid.UUID, context: InContext, actor: Reader) -> AbsenceShown:
    """Return one absence."""
    with context.store.reading() as session:
        return absence_shown(absences.found(session, actor, absence_id))


@router.get(
    "/absences/{absence_id}/effect", tags=["fleet"], summary="Show what an absence means", response_model=AbsenceEffect
)
def show_effect(absence_id: uuid.UUID, context: InContext, actor: Reader) -> AbsenceEffect:
    """Return the promised seats that an absence puts in danger now, and the duties that carry nobody meanwhile."""
    with context.store.reading() as session:
        found = absences.effect(session, actor, absence_id, now=context.now)
        return AbsenceEffect(
            absence=absence_shown(found.row), in_danger=_in_danger(found.in_danger),
            free_duties=[duty.id for duty in found.free_duties],
            overlapping=[absence_shown(each) for each in found.overlapping],
        )  # fmt: skip


@router.post(
    "/absences/{absence_id}/end",
    tags=["fleet"],
    summary="End an absence",
    status_code=204,
    openapi_extra=also(Code.TOO_LATE),
)
def end_absence(absence_id: uuid.UUID, context: InContext, actor: Writer) -> None:
    """End an absence now: crew or vehicle are back, and what waits is matched with their seats."""
    context.store.write(lambda session: absences.end(session, actor, absence_id, now=context.now))


def _in_danger(concerned: Sequence[tuple[DutyRow, TransportRequest]]) -> list[InDanger]:
    return [InDanger(duty_id=duty.id, duty=duty.code, request_id=request.id) for duty, request in concerned]


def _offer(
    context: Context, actor: Actor, duty_id: uuid.UUID, is_offered: bool, if_match: str | None, response: Response
) -> DutyShown:
    def work(session: Session) -> DutyShown:
        row = duties.found(session, actor, duty_id, lock=True)
        versions.match(row, if_match)
        row = duties.set_offered(session, actor, row, is_offered, now=context.now)
        versions.show(response, row)
        return duties_shown(session, [row])[0]

    return context.store.write(work)
