"""The owner's date moves: the whole trip to another local day, at the same times of the clock."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import TransportRequest
from api.deadlines import Answering
from api.errors import Code, FieldError, Problem
from api.schemas.requests import RequestContent
from api.services import requests, steps
from api.workflow import TABLE, Action, State


def move(
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    day: date,
    reason: steps.Reason,
    *,
    seen: requests.Seen | None,
    answering: Answering,
    now: datetime,
) -> TransportRequest:
    """Move the whole trip to another local day, at the same times of the clock; it is matched again at once.

    A promise ends (``Action.MOVE_DATE``, with its coded reason); what nobody promised is amended.

    Parameters
    ----------
    day
        Local day of the flight, or where none is stated of the hand-over.

    Raises
    ------
    Problem
        As ``amend``; ``value_refused`` (422) for the day on which it is already.
    """
    request = requests.locked(session, actor, request_id)
    if seen is not None:
        seen(request)
    content = RequestContent.model_validate(request.content)
    days = (day - content.leaves_on).days
    if days == 0:
        raise Problem(
            Code.VALUE_REFUSED, "It is on that day already. Name another one.",
            errors=[FieldError(path="/to", expected=f"another day than {day}")],
        )  # fmt: skip
    cell = TABLE.get((request.state, Action.MOVE_DATE))
    action = Action.MOVE_DATE if cell is not None else Action.AMEND
    if request.state is State.DECLINED:
        action = Action.CORRECT
    return requests.amend(
        session, actor, request_id, content.moved(days), action=action,
        reason=reason if action is Action.MOVE_DATE else None, seen=None, answering=answering, now=now,
    )  # fmt: skip
