"""Bulk imports of requests."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.orm import Session

from api.errors import Code, FieldError, Problem
from api.routes.requests import Owner
from api.schemas.imports import ImportReport
from api.schemas.requests import EXAMPLE, EnterAs
from api.services import imports
from api.services.imports import Format
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.middleware import LARGE_BODY
from api.web.openapi import also

router = APIRouter(tags=["requests"])
SAMPLE = (
    "request;people;pickup_place;pickup_from;pickup_to;handover_place;departure\n"
    "A-2026-0815;adult:m:1;Essen;05.10.2026 07:00;05.10.2026 09:00;DUS;05.10.2026 13:00\n"
)


class ImportAs(StrEnum):
    """Where imported requests begin."""

    DRAFT = EnterAs.DRAFT.value
    POOL = EnterAs.POOL.value


def _format(request: Request) -> Format:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    found = {"text/csv": Format.CSV, "application/json": Format.JSON}.get(kind)
    if found is None:
        raise Problem(Code.MEDIA_TYPE_UNKNOWN, "Expected Content-Type text/csv or application/json.")
    return found


async def _body(request: Request, context: InContext) -> bytes:
    most = context.settings.max_import_bytes
    length = request.headers.get("content-length", "")
    # Where no length is told the middleware counts; either way nothing longer is read as rows.
    if (length.isdecimal() and int(length) > most) or len(body := await request.body()) > most:
        raise Problem(Code.BODY_TOO_LARGE, f"Expected at most {most:,} bytes. Send the file in parts.")
    return body


@router.post(
    "/requests/imports",
    summary="Import requests in bulk",
    status_code=201,
    response_model=ImportReport,
    responses={
        200: {"model": ImportReport, "description": "A dry run: nothing was stored."},
        207: {"model": ImportReport, "description": "With `partial`: sound rows were stored, the others refused."},
    },
    openapi_extra=LARGE_BODY
    | also(Code.ROWS_INVALID)
    | {
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {"schema": {"type": "string"}, "example": SAMPLE},
                "application/json": {
                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/RequestContent"}},
                    "example": [EXAMPLE],
                },
            },
        }
    },
)
def import_requests(
    context: InContext,
    actor: Owner,
    form: Annotated[Format, Depends(_format)],
    body: Annotated[bytes, Depends(_body)],
    once: CreatesOnce,
    enter_as: Annotated[ImportAs, Query(description="Where the requests begin.")] = ImportAs.POOL,
    partial: Annotated[bool, Query(description="Store the sound rows even where others are refused.")] = False,
    dry_run: Annotated[bool, Query(description="Only tell what would be done.")] = False,
) -> Response:
    """Import requests of your ABH from CSV (UTF-8 or Windows-1252; comma, semicolon or tab) or a JSON array.

    All faults of all rows are told at once, and nothing is stored where one row has a fault, unless `partial`.
    """
    now = context.now
    with context.store.reading() as session:
        reading = imports.read(session, actor, f"import.{form}", body, form, now=now)

    def work(session: Session) -> Answer:
        # A repeated call gets its first answer and never comes here, although its cases are open by now.
        if reading.faults.total and not (partial or dry_run):
            raise _refusal(reading.report())
        report = imports.store(
            session, actor, reading, enter_as=EnterAs(enter_as.value), is_partial=partial, is_dry_run=dry_run,
            answering=context.settings.answering, now=now,
        )  # fmt: skip
        status = 200 if dry_run else 201 if report.is_clean else 207
        return Answer(body=report, status=status)

    return once.do(actor, work)


def _refusal(report: ImportReport) -> Problem:
    errors = [
        FieldError(
            path=f"row {each.row}, {each.column}" if each.column else f"row {each.row}" if each.row else "file",
            expected=each.expected, got=each.got, what_to_do=each.what_to_do,
        )
        for each in report.problems
    ]  # fmt: skip
    told = "" if len(errors) == report.problems_total else f" The first {len(errors):,} are told."
    return Problem(
        Code.ROWS_INVALID,
        f"{report.refused:,} of {report.rows:,} rows are refused, {report.problems_total:,} faults in all.{told} "
        "Nothing was stored. Mend them and send the file again, or send it with partial=true.",
        errors=errors,
        more={"rows": report.rows, "refused": report.refused, "problems_total": report.problems_total},
    )
