"""Shift patterns, and the duties that are made of them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import ShiftPattern
from api.errors import Code
from api.repositories import patterns as rows
from api.schemas.base import PLAIN, Instant
from api.schemas.patterns import (
    DutiesMade,
    DutyOfDay,
    DutyRange,
    NewPattern,
    PatternAmended,
    PatternContent,
    PatternShown,
    SkipCode,
    SkippedDay,
    pattern_shown,
)
from api.services import patterns
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/shift-patterns", tags=["duties"])
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]
Writer = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]


@router.get("", summary="List shift patterns", response_model=Page[PatternShown])
def list_patterns(
    context: InContext,
    actor: Reader,
    pages: InPages,
    zab: Annotated[
        str | None,
        Query(max_length=60, pattern=PLAIN, description="Only of this ZAB, by its code.", examples=["zab:essen"]),
    ] = None,
    updated_since: Annotated[
        Instant | None, Query(description="Only what was changed at or after this instant.")
    ] = None,
) -> Page[PatternShown]:
    """Return shift patterns in the order in which they were entered: a ZAB's own, or all for LTraKo and auditor."""
    query = rows.patterns(actor, zab=zab, updated_since=updated_since)
    with context.store.reading() as session:
        return pages.page(session, query, (ShiftPattern.id,), pattern_shown)


@router.post(
    "", summary="Enter a shift pattern", status_code=201, response_model=PatternShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.EXISTS_ALREADY),
)  # fmt: skip
def create_pattern(body: NewPattern, context: InContext, actor: Writer, once: CreatesOnce) -> Response:
    """Enter a shift pattern of your ZAB. The nightly run makes duties of it for the weeks ahead; or ask for them."""

    def work(session: Session) -> Answer:
        row = patterns.create(session, actor, body, now=context.now)
        headers = {"Location": f"/v1/shift-patterns/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=pattern_shown(row), headers=headers)

    return once.do(actor, work)


@router.get("/{pattern_id}", summary="Show a shift pattern", response_model=PatternShown)
def show_pattern(pattern_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> PatternShown:
    """Return one pattern; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = patterns.found(session, actor, pattern_id)
        versions.show(response, row)
        return pattern_shown(row)


@router.put(
    "/{pattern_id}", summary="Amend a shift pattern", response_model=PatternAmended,
    openapi_extra=also(Code.VALUE_REFUSED),
)  # fmt: skip
def amend_pattern(
    pattern_id: uuid.UUID,
    body: PatternContent,
    response: Response,
    context: InContext,
    actor: Writer,
    if_match: IfMatch = None,
) -> PatternAmended:
    """Say anew what a pattern is. To end it, state `valid_to`.

    Its duties to come follow, but for those on which somebody rides or that a person edited: these are named under
    `kept`.
    """

    def work(session: Session) -> PatternAmended:
        row = patterns.found(session, actor, pattern_id, lock=True)
        versions.match(row, if_match)
        followed = patterns.amend(session, actor, row, body, now=context.now)
        versions.show(response, row)
        return PatternAmended(
            pattern=pattern_shown(row), changed=_duties(followed.changed), removed=_days(followed.removed),
            kept=_days(followed.kept),
        )  # fmt: skip

    return context.store.write(work)


@router.delete("/{pattern_id}", summary="Delete a shift pattern", status_code=204)
def delete_pattern(pattern_id: uuid.UUID, context: InContext, actor: Writer, if_match: IfMatch = None) -> None:
    """Delete a pattern with its duties to come that nobody rides or edited; all other duties stay."""

    def work(session: Session) -> None:
        row = patterns.found(session, actor, pattern_id, lock=True)
        versions.match(row, if_match)
        patterns.delete(session, actor, row, now=context.now)

    context.store.write(work)


@router.post(
    "/{pattern_id}/duties", summary="Make duties of a shift pattern", status_code=201, response_model=DutiesMade,
    openapi_extra=also(Code.VALUE_REFUSED),
)  # fmt: skip
def make_duties(
    pattern_id: uuid.UUID, body: DutyRange, context: InContext, actor: Writer, once: CreatesOnce
) -> Response:
    """Make the duties of a range of days, each day once, however often it is asked for.

    Days on which the crew or the vehicle is away, out of service or has another duty, and public holidays, are left
    out and told with a code; ask again when the reason is gone.
    """

    def work(session: Session) -> Answer:
        row = patterns.found(session, actor, pattern_id, lock=True)
        made = patterns.make(session, actor, row, body, now=context.now)
        return Answer(body=DutiesMade(made=_duties(made.made), skipped=_days(made.skipped)))

    return once.do(actor, work)


def _duties(found: list[tuple[date, uuid.UUID]]) -> list[DutyOfDay]:
    return [DutyOfDay(day=day, duty_id=duty_id) for day, duty_id in found]


def _days(found: list[tuple[date, SkipCode]]) -> list[SkippedDay]:
    return [SkippedDay(day=day, code=code) for day, code in found]
