"""When the form of a Dublin transfer went out: noted by an officer beside the request, so that no offer is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import TransportRequest
from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem
from api.repositories import requests as rows
from api.services.requests import locked
from optimizer.model import CaseType


def note(
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    sent_on: date | None,
    *,
    seen: Callable[[TransportRequest], None],
    now: datetime,
) -> TransportRequest:
    """Note the day on which the form went out; ``None``: it has not, after all.

    Raises
    ------
    Problem
        ``not_found`` (404), ``role_may_not`` (403) for a ZAB that neither is asked nor has promised it,
        ``state_forbids`` (409) where it is no Dublin transfer, ``value_refused`` (422) for a day to come, and what
        ``seen`` raises.
    """
    request = locked(session, actor, request_id)
    if not rows.is_full(session, actor, request):
        raise Problem(Code.ROLE_MAY_NOT, "Its owner notes this, or the ZAB that is asked or has promised it.")
    seen(request)
    if request.content.get("case_type") != CaseType.DUBLIN:
        raise Problem(Code.STATE_FORBIDS, "Expected a Dublin transfer: no other measure has this form.")
    if sent_on is not None and sent_on > now.astimezone(BERLIN).date():
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was stored. Note the form when it has gone out.",
            errors=[FieldError(path="/sent_on", expected="today or a day before", what_to_do="Correct the day.")],
        )  # fmt: skip
    if request.form_sent_on != sent_on:
        request.form_sent_on, request.updated_at = sent_on, now
        session.flush()
        audit.append(
            session, actor, "dublin_form_noted", "request", request.id, at=now, details={"is_sent": sent_on is not None}
        )
    return request
