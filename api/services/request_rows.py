"""From what an ABH states to a row: places of the catalogue, service times, class of the deadline, columns of lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.db.tables import TransportRequest
from api.deadlines import BERLIN, Answering, fall_back_at
from api.errors import Code, FieldError, Problem
from api.schemas.gates import Gates
from api.schemas.requests import RequestContent, StopContent
from api.services import place_book
from data.service_parameters import dublin_rules
from optimizer.io.tables_problems import CellError
from optimizer.io.tables_requests import ImportRules
from optimizer.model import CaseType, ParameterSet, Place

Parameters = Callable[[date], ParameterSet]
"""The parameter set in force on a local day."""
_RULES = ImportRules(airport_times={})
AGS_DIGITS = 8
"""A pick-up is in a municipality: its place has an AGS of so many digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A request with everything filled in that its owner left open, and the municipality of its pick-up."""

    content: RequestContent
    pickup_ags: str


def complete(content: RequestContent, parameters: Parameters, *, now: datetime | None) -> Completed:
    """Fill in what the ABH left open.

    Parameters
    ----------
    content
        As stated; places by id, name or AGS.
    parameters
        Says which parameter set holds on the day of the pick-up.
    now
        The pick-up must lie ahead of it; ``None`` where it may be past (days that are loaded to be looked at).

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults.
    """
    errors: list[FieldError] = []
    pickup = _place("/pickup/place", content.pickup, errors)
    handover = _place("/handover/place", content.handover, errors)
    if pickup is not None and len(pickup.ags) != AGS_DIGITS:
        errors.append(
            FieldError(
                path="/pickup/place", expected="a municipality or facility with an AGS",
                what_to_do="A pick-up at an airport or at a border is no business of the exchange.",
            )
        )  # fmt: skip
    if now is not None and content.pickup.latest <= now:
        errors.append(
            FieldError(path="/pickup/latest", expected="a pick-up that lies ahead", what_to_do="Correct the date.")
        )
    errors.extend(_faults_of_deadline(content))
    if errors or pickup is None or handover is None:
        raise Problem(
            Code.VALUE_REFUSED, "The request was not stored. Mend what 'errors' names and send it again.", errors=errors
        )
    day = _local_day(content.pickup.earliest)
    service = parameters(day).service
    filled = content.model_copy(
        update={
            "pickup": _filled(content.pickup, pickup, service.pickup(content.size)),
            "handover": _filled(content.handover, handover, service.handover),
            "deadline_class": content.deadline_class or _RULES.deadline_class(_days_left(content, day)),
        }
    )
    return Completed(content=filled, pickup_ags=pickup.ags)


def _faults_of_deadline(content: RequestContent) -> list[FieldError]:
    """Return what is wrong with a deadline: it is entered with regime and source, and never computed."""
    if content.deadline is None:
        return []
    faults = []
    if content.case_type is CaseType.DUBLIN and not content.deadline.source:
        faults.append(
            FieldError(
                path="/deadline/source", expected="where the deadline of a Dublin transfer was read",
                what_to_do="Name the document or file number that states it; no name of a person.",
            )
        )  # fmt: skip
    regime, day = dublin_rules().regime(content.deadline.regime), _local_day(content.deadline.at)
    if regime is not None and not regime.is_valid_on(day):
        until = "" if regime.valid_until is None else f" to {regime.valid_until}"
        faults.append(
            FieldError(
                path="/deadline/regime",
                expected=f"a law in force on {day}; {regime.id} is from {regime.valid_from}{until}",
                what_to_do="Look the deadline up again: correct its law, or its date.",
            )
        )  # fmt: skip
    return faults


def write_columns(row: TransportRequest, completed: Completed, answering: Answering) -> None:
    """Write content and columns of a request; what a match said about it before no longer holds."""
    content = completed.content
    row.case_reference = content.case_reference
    row.pickup_ags = completed.pickup_ags
    row.pickup_from, row.pickup_to = content.pickup.earliest, content.pickup.latest
    row.delivery_place = content.handover.place
    row.delivery_from, row.delivery_to = content.handover.earliest, content.handover.latest
    row.people, row.has_children = content.size, content.has_children
    row.bundle, row.deadline_at = content.bundle, content.deadline_at
    row.free_text = content.free_text
    row.content = document(content)
    row.fall_back_at = fall_back_at(content.pickup.earliest, answering)
    row.matched_at, row.reasons = None, None


def write_gates(row: TransportRequest, gates: Gates) -> list[str]:
    """Write what is stated of the gates; return the names of those of which something else was said before."""
    stated, before = gates.model_dump(mode="json", exclude_none=True), row.gates or {}
    names = sorted(name for name in stated.keys() | before.keys() if stated.get(name) != before.get(name))
    if names or row.gates is None:
        row.gates = stated
    return names


def document(content: RequestContent) -> dict[str, Any]:
    """Return content as it is stored."""
    return content.model_dump(mode="json")


def _place(path: str, stop: StopContent, errors: list[FieldError]) -> Place | None:
    found = place_book.find(stop.place)
    if isinstance(found, CellError):
        errors.append(FieldError(path=path, expected=found.expected, what_to_do=found.action))
        return None
    return found


def _filled(stop: StopContent, place: Place, service: int) -> StopContent:
    minutes = service // 60 if stop.service_minutes is None else stop.service_minutes
    return stop.model_copy(update={"place": place.id, "service_minutes": minutes})


def _days_left(content: RequestContent, day: date) -> int | None:
    return None if content.deadline is None else (_local_day(content.deadline.at) - day).days


def _local_day(instant: datetime) -> date:
    return instant.astimezone(BERLIN).date()
