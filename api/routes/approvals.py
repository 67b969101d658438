"""Four eyes: approvals by a second person, lifting a stop, lifting a rule."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.dates_of_law import months_after
from api.db.tables import Approval
from api.deadlines import BERLIN
from api.errors import Code, not_found
from api.gates import Gate
from api.repositories import approvals as rows
from api.repositories import requests as request_rows
from api.routes.requests import Historian, Owner
from api.schemas.approvals import (
    ApprovalShown,
    LiftedKind,
    MonthlyCount,
    MonthlyOverrides,
    OverrideBody,
    OverrideCount,
    OverrideShown,
)
from api.schemas.base import Instant
from api.schemas.request_steps import LiftBody
from api.services import approvals
from api.services.steps import Reason
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce, Once
from api.web.openapi import step
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role
from optimizer.model import Rule

router = APIRouter(tags=["approvals"])
Decider = Annotated[Actor, may(*sorted(approvals.LIFTERS))]
_YEAR = timedelta(days=365)


@router.post(
    "/requests/{request_id}/lift-stop",
    summary="Ask to lift a stop",
    status_code=202,
    response_model=ApprovalShown,
    openapi_extra=step(Code.EXISTS_ALREADY, Code.REASON_MISSING),
)
def lift_stop(request_id: uuid.UUID, body: LiftBody, context: InContext, actor: Owner, once: CreatesOnce) -> Response:
    """Ask a second person of your ABH to lift a stop; agreed to, the request is a draft again."""
    reason = Reason(code=body.code.value, remark=body.remark)
    return _asked(
        context, actor, once, lambda session: approvals.ask_lift(session, actor, request_id, reason, now=context.now)
    )


@router.post(
    "/requests/{request_id}/overrides",
    summary="Ask to lift a rule",
    status_code=202,
    response_model=ApprovalShown,
    openapi_extra=step(Code.EXISTS_ALREADY, Code.VALUE_REFUSED, Code.REASON_MISSING),
)
def override(
    request_id: uuid.UUID, body: OverrideBody, context: InContext, actor: Decider, once: CreatesOnce
) -> Response:
    """Ask a second person of your organisation to lift an overridable rule for one request; it is counted and shown."""
    return _asked(
        context, actor, once,
        lambda session: approvals.ask_override(
            session, actor, request_id, body.rule, body.reason, now=context.now
        ),
    )  # fmt: skip


@router.get("/requests/{request_id}/overrides", summary="Show lifted rules", response_model=list[OverrideShown])
def list_overrides(request_id: uuid.UUID, context: InContext, actor: Historian) -> list[OverrideShown]:
    """Return the rules that are lifted for a request; reasons only for those who see it whole."""
    with context.store.reading() as session:
        request = request_rows.find(session, actor, request_id)
        if request is None:
            raise not_found("a request")
        is_full = request_rows.is_full(session, actor, request) or actor.role is Role.AUDITOR
        return [OverrideShown.of(row, actor, is_full=is_full) for row in request_rows.overrides(session, request_id)]


@router.get("/overrides", summary="Count lifted rules", response_model=list[OverrideCount])
def count_overrides(
    context: InContext,
    actor: Annotated[Actor, may(Role.LTRAKO, Role.AUDITOR)],  # noqa: ARG001  # lets in who may
    since: Annotated[Instant | None, Query(description="Lifted at or after it; left out: a year ago.")] = None,
    until: Annotated[Instant | None, Query(description="Lifted before it; left out: until now.")] = None,
) -> list[OverrideCount]:
    """Return how often each rule was lifted."""
    with context.store.reading() as session:
        counts = rows.override_counts(session, since or (until or context.now) - _YEAR, until)
    return [OverrideCount(rule=rule, count=count) for rule, count in counts]


@router.get("/overrides/monthly", summary="Lifted rules of a month", response_model=MonthlyOverrides)
def count_monthly_overrides(
    context: InContext,
    actor: Annotated[Actor, may(Role.LTRAKO, Role.AUDITOR, Role.ZAB_LEAD)],  # noqa: ARG001  # lets in who may
    month: Annotated[
        str | None,
        Query(
            pattern=r"^20\d{2}-(0[1-9]|1[0-2])$", description="Local month; left out: this one.", examples=["2026-10"]
        ),
    ] = None,
) -> MonthlyOverrides:
    """Return how often each rule and each gate was lifted in a month: night measures with children first."""
    first = context.now.astimezone(BERLIN).date().replace(day=1) if month is None else date.fromisoformat(f"{month}-01")
    since, until = (datetime.combine(day, time(), BERLIN).astimezone(UTC) for day in (first, months_after(first, 1)))
    with context.store.reading() as session:
        counts = rows.override_counts_with_requests(session, since, until)
    night = Rule.NIGHT_CHILDREN.value
    items = [
        MonthlyCount(
            rule=rule, kind=LiftedKind.GATE if rule in set(Gate) else LiftedKind.RULE, count=count, requests=requests
        )
        for rule, count, requests in sorted(counts, key=lambda each: (each[0] != night, -each[1], each[0]))
    ]
    return MonthlyOverrides(
        month=first, night_with_children=sum(each.requests for each in items if each.rule == night),
        total=sum(each.count for each in items), items=items,
    )  # fmt: skip


@router.get("/approvals", summary="List approvals", response_model=Page[ApprovalShown])
def list_approvals(
    context: InContext,
    actor: Decider,
    pages: InPages,
    only_pending: Annotated[bool, Query(description="Only what waits for a second person.")] = False,
) -> Page[ApprovalShown]:
    """Return what people of your organisation asked a second person for, newest first."""
    now = context.now
    query = rows.listed(actor, pending_at=now if only_pending else None)
    with context.store.reading() as session:
        return pages.page(
            session, query, (Approval.id,), lambda row: ApprovalShown.of(row, actor, now), descending=True
        )  # fmt: skip


@router.get("/approvals/{approval_id}", summary="Show an approval", response_model=ApprovalShown)
def show_approval(approval_id: uuid.UUID, response: Response, context: InContext, actor: Decider) -> ApprovalShown:
    """Return one approval; `ETag` is the version that a decision names."""
    with context.store.reading() as session:
        row = rows.find(session, actor, approval_id)
        if row is None:
            raise not_found("an approval")
        versions.show(response, row)
        return ApprovalShown.of(row, actor, context.now)


@router.post(
    "/approvals/{approval_id}/agree",
    summary="Agree as second person",
    response_model=ApprovalShown,
    openapi_extra=step(Code.EXISTS_ALREADY, Code.TOO_LATE, Code.SECOND_PERSON_IS_FIRST),
)
def agree(
    approval_id: uuid.UUID, response: Response, context: InContext, actor: Decider, if_match: IfMatch = None
) -> ApprovalShown:
    """Agree to what another person of your organisation asked for: it is done at once."""
    return _decided(context, actor, response, approval_id, if_match, approvals.agree)


@router.post(
    "/approvals/{approval_id}/refuse",
    summary="Refuse as second person",
    response_model=ApprovalShown,
    openapi_extra=step(Code.SECOND_PERSON_IS_FIRST),
)
def refuse(
    approval_id: uuid.UUID, response: Response, context: InContext, actor: Decider, if_match: IfMatch = None
) -> ApprovalShown:
    """Refuse what another person of your organisation asked for."""
    return _decided(context, actor, response, approval_id, if_match, approvals.refuse)


@router.post(
    "/approvals/{approval_id}/withdraw",
    summary="Withdraw it",
    response_model=ApprovalShown,
    openapi_extra=step(),
)
def withdraw(
    approval_id: uuid.UUID, response: Response, context: InContext, actor: Decider, if_match: IfMatch = None
) -> ApprovalShown:
    """Take back what you asked for yourself."""
    return _decided(context, actor, response, approval_id, if_match, approvals.withdraw)


def _asked(context: Context, actor: Actor, once: Once, ask: Callable[[Session], Approval]) -> Response:
    def work(session: Session) -> Answer:
        row = ask(session)
        headers = {"Location": f"/v1/approvals/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=ApprovalShown.of(row, actor, context.now), status=202, headers=headers)

    return once.do(actor, work)


def _decided(
    context: Context,
    actor: Actor,
    response: Response,
    approval_id: uuid.UUID,
    if_match: str | None,
    decide: Callable[..., Approval],
) -> ApprovalShown:
    def work(session: Session) -> ApprovalShown:
        row = decide(
            session, actor, approval_id, seen=lambda seen: versions.match(seen, if_match), now=context.now
        )  # fmt: skip
        session.flush()
        versions.show(response, row)
        return ApprovalShown.of(row, actor, context.now)

    return context.store.write(work)
