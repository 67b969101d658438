"""The audit log, for auditors: read it, note its head, verify it. Reading it is in the log too."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api import audit
from api.actor import Actor
from api.audit import Head
from api.db.tables import AuditEntry
from api.repositories import audit as log
from api.schemas.audit import AuditFault, AuditHead, AuditLine, AuditVerification
from api.schemas.base import Instant
from api.web.authentication import may
from api.web.context import InContext
from api.web.paging import InPages, Page
from api.workflow import Role

MOST = 10_000
"""Lines that one call verifies; `restplatz audit verify` verifies all."""
router = APIRouter(prefix="/audit", tags=["audit"])
Auditor = Annotated[Actor, may(Role.AUDITOR)]
_Text = Annotated[str | None, Query(max_length=60, pattern=r"^[^\x00]*$")]


def _filters(
    subject_kind: Annotated[_Text, Query(description="Kind of the record, as `request`.")] = None,
    subject_id: Annotated[_Text, Query(description="Id of the record.")] = None,
    account_id: Annotated[uuid.UUID | None, Query(description="Who did it.")] = None,
    action: Annotated[_Text, Query(description="What was done, as `confirm`.")] = None,
    since: Annotated[Instant | None, Query(alias="from", description="From this instant on.")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Before this instant.")] = None,
) -> log.Filters:
    return log.Filters(
        subject_kind=subject_kind, subject_id=subject_id, account_id=account_id, action=action, since=since, until=until
    )


@router.get("", summary="Read the audit log", response_model=Page[AuditLine])
def list_audit(
    context: InContext, actor: Auditor, pages: InPages, filters: Annotated[log.Filters, Depends(_filters)]
) -> Page[AuditLine]:
    """Return lines of the log, newest first. The call adds a line itself, which names the filters, not their values."""
    with context.store.writing() as session:
        page = pages.page(
            session, log.lines(actor, filters), (AuditEntry.number,), AuditLine.model_validate, descending=True
        )
        details = {"filters": filters.given, "lines": len(page.items)}
        audit.append(session, actor, "read", "audit_log", "lines", at=context.now, details=details)
        return page


@router.get("/head", summary="Read the head of the log", response_model=AuditHead)
def read_head(context: InContext, actor: Auditor) -> AuditHead:  # noqa: ARG001  # only auditors
    """Return number and hash of the last line. Note them elsewhere: what is cut off later shows against them."""
    with context.store.reading() as session:
        return AuditHead.model_validate(audit.head(session))


@router.get("/verification", summary="Verify a part of the log", response_model=AuditVerification)
def verify_log(
    context: InContext,
    actor: Auditor,
    first: Annotated[int, Query(alias="from", ge=1, le=2**62, description="Number of the first line.")] = 1,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most lines of a call.")] = MOST,
    known_number: Annotated[
        int | None, Query(ge=1, le=2**62, description="Number of a head that was noted earlier.")
    ] = None,
    known_sha256: Annotated[
        str | None, Query(pattern="^[0-9a-f]{64}$", description="Its hash; both or none.")
    ] = None,
) -> AuditVerification:  # fmt: skip
    """Verify lines from `from` on, against one another and against a head that was noted earlier."""
    with context.store.writing() as session:
        count, last = log.range_of(session, first, limit)
        # With the line before the first one, so that the link between two parts is verified too.
        faults = list(audit.verify(session, first=max(1, first - 1), last=last)) if count else []
        faults = [fault for fault in faults if fault.number >= first]
        if known_number is not None and known_sha256 is not None:
            known = Head(number=known_number, sha256=known_sha256)
            told = audit.verify(session, known=known, first=known_number, last=known_number)
            # Whether that line holds together is told where its turn is.
            faults += [fault for fault in told if fault.what not in _OF_THE_LINE]
        more = audit.head(session).number > last and count > 0
        details = {"first": first, "checked": count, "faults": len(faults)}
        audit.append(session, actor, "verified", "audit_log", "lines", at=context.now, details=details)
    return AuditVerification(
        checked=count, first=first if count else 0, last=last, next=last + 1 if more else None,
        faults=[AuditFault.model_validate(fault) for fault in faults],
    )  # fmt: skip


_OF_THE_LINE = frozenset({"was changed", "is not the first line"})
