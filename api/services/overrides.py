"""Rules that were lifted for a request: for whom each holds, and when it ends.

What the owner lifted holds for everybody; what a ZAB lifted holds for that ZAB alone. Each was agreed to for the
people, windows and places that two persons looked at: where one of these changes it ends, and what waits for a second
person is withdrawn. A counter-proposal at another place, or at times outside of the windows, is another trip: it is
checked without what was lifted, and accepted it ends it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.company import rule_told
from api.db.tables import ApprovalState, Override, TransportRequest
from api.mapping.content import binding
from api.repositories import approvals, requests
from api.services import notices

AGREED_FOR = frozenset({"people", "pickup", "handover"})
"""Fields of a request's content on which a lifted rule rests."""


def holding(session: Session, request: TransportRequest, zab_id: uuid.UUID) -> list[Override]:
    """Return the rules that are lifted for a request where this ZAB carries it."""
    return list(binding(request, requests.overrides(session, request.id), zab_id))


def fingerprint(request: TransportRequest) -> str:
    """Return a hash of what a request says now, as 64 hexadecimal digits."""
    text = json.dumps(request.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def end_outlived(
    session: Session, actor: Actor, request: TransportRequest, before: Mapping[str, Any], *, now: datetime
) -> None:
    """End what was agreed to for another content, ``before``; owner and ZABs that lifted something are told."""
    if any(request.content.get(name) != before.get(name) for name in AGREED_FOR):
        end(session, actor, request, "request_changed", now=now)


def hold_for(request: TransportRequest, pickup_at: datetime, handover_at: datetime, place: str | None) -> bool:
    """Whether what was lifted was lifted for a trip at these times, from this place (``None``: the stated one)."""
    is_there = place is None or place == request.content["pickup"]["place"]
    is_then = request.pickup_from <= pickup_at <= request.pickup_to
    return is_there and is_then and request.delivery_from <= handover_at <= request.delivery_to


def end(session: Session, actor: Actor, request: TransportRequest, code: str, *, now: datetime) -> None:
    """End whatever was lifted, or waits for a second person; owner and ZABs that lifted something are told."""
    for approval in approvals.pending_of(session, request.id):
        approval.state, approval.updated_at = ApprovalState.WITHDRAWN, now
        details = {"action": approval.action, "code": code}
        audit.append(session, actor, "withdrawn", "approval", approval.id, at=now, details=details)
    ended = requests.overrides(session, request.id)
    for row in ended:
        session.delete(row)
        details = {"rule": row.rule, "code": code}
        audit.append(session, actor, "override_ended", "request", request.id, at=now, details=details)
    if not ended:
        return
    for told in sorted({request.organisation_id} | {row.account.organisation_id for row in ended}):
        owns = told == request.organisation_id
        rules = sorted({rule_told(row.rule, knows=row.account.organisation_id == told, owns=owns) for row in ended})
        notices.notify(
            session, told, notices.Kind.OVERRIDE_ENDED, "request", request.id, code=code,
            details={"request": str(request.id), "rules": rules}, now=now,
        )  # fmt: skip
    session.flush()
