"""From what an ABH states, and what is stored, to the facts that the dates of a Dublin transfer are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.db.tables import TransportRequest
from api.deadlines import BERLIN
from api.dublin import DublinFacts, DublinWarning, warnings
from api.schemas.requests import RequestContent
from api.services.request_rows import document
from data.service_parameters import dublin_rules
from optimizer.model import AgeBand, Need


def has_special_needs(content: Mapping[str, Any]) -> bool:
    """Whether the state of destination must prepare (DVO (EU) 2025/2055 Art. 25 (3)).

    Medical reception, a need other than an interpreter, or nobody of age among those who travel.
    """
    needs = set(content.get("needs") or ()) - {Need.INTERPRETER.value}
    people = content.get("people") or ()
    is_unaccompanied = bool(people) and all(group["age"] != AgeBand.ADULT.value for group in people)
    return bool(needs) or bool(content.get("needs_medical_reception")) or is_unaccompanied


def facts_of(content: RequestContent, *, form_sent_on: date | None, now: datetime) -> DublinFacts:
    """Return the facts of what an ABH states, before it is stored."""
    return _facts(
        document(content), content.departure or content.handover.latest, content.deadline_at, form_sent_on, now
    )


def facts_of_row(row: TransportRequest, *, now: datetime) -> DublinFacts:
    """Return the facts of a stored request."""
    departure = row.content.get("departure")
    arrival = row.delivery_to if departure is None else datetime.fromisoformat(departure)
    return _facts(row.content, arrival, row.deadline_at, row.form_sent_on, now)


def warnings_of(row: TransportRequest, *, now: datetime) -> tuple[DublinWarning, ...]:
    """Return what there is to know of the dates of a stored Dublin request."""
    return warnings(facts_of_row(row, now=now), dublin_rules())


def _facts(
    content: Mapping[str, Any], arrival: datetime, deadline: datetime | None, form_sent_on: date | None, now: datetime
) -> DublinFacts:
    return DublinFacts(
        today=_day(now), arrival=_day(arrival), deadline=None if deadline is None else _day(deadline),
        has_special_needs=has_special_needs(content), form_sent_on=form_sent_on,
    )  # fmt: skip


def _day(instant: datetime) -> date:
    return instant.astimezone(BERLIN).date()
