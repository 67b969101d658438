"""Use cases of clearances: what ZFA and ZRK record, what an ABH says to it, what was sent to the airport office."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.clearance_workflow import (
    AGAINST,
    Cell,
    ClearanceAction,
    ClearanceKind,
    ClearanceState,
    NotAllowed,
    RefusalCode,
    limits,
    transition,
)
from api.db.tables import Clearance, DispatchRecord, TransportRequest
from api.deadlines import BERLIN, Answering
from api.errors import Code, FieldError, Problem, not_found
from api.reason_codes import MoveCode
from api.repositories import clearances as rows
from api.repositories import requests as request_rows
from api.schemas.requests import RequestContent
from api.services import clearance_rows, gatekeeping, request_moves, requests, steps
from api.workflow import Role, State
from data.dispatch import airport_offices, documents

Seen = Callable[[Clearance], None]
"""Refuses (``Problem``) where the caller did not see the present version of the locked clearance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is recorded with a step.

    Parameters
    ----------
    at
        When it happened, where that was before now.
    reference
        File number of the deciding body; left out: stays as it is.
    """

    at: datetime | None = None
    reference: str | None = None
    code: RefusalCode | None = None
    on: date | None = None


def take(
    session: Session,
    actor: Actor,
    clearance_id: uuid.UUID,
    action: ClearanceAction,
    said: Said,
    *,
    seen: Seen,
    answering: Answering,
    now: datetime,
) -> Clearance:
    """Take one step of a clearance that the actor may see; return it.

    Raises
    ------
    Problem
        ``not_found`` (404), ``version_missing`` (428), ``version_changed`` (412), ``role_may_not`` (403),
        ``state_forbids`` (409), ``value_refused`` (422); with ``accept_date`` what ``requests.move`` raises.
    """
    request, clearance = _locked(session, actor, clearance_id)
    seen(clearance)
    cell = _cell(request, clearance, action, actor)
    at = _instant(clearance, said, now)
    if action is ClearanceAction.ACCEPT_DATE:
        return _accept(session, actor, request, clearance, answering, now)
    gates = gatekeeping.of_request(session, request, now=now)
    if action is ClearanceAction.WITHDRAW:
        request.content = request.content | {"needs_medical_reception": False}
        request.updated_at = now
        clearance_rows.lapse(session, actor, clearance, action, now=now)
        clearance_rows.tell(session, request, clearance, now=now)
        gatekeeping.changed(session, request, gates, now=now)
        return clearance
    before = clearance.state
    _write(request, clearance, action, cell, said, at, now)
    session.flush()
    told = {"before": before.value, "after": clearance.state.value, "request": str(request.id)}
    code = {} if clearance.code is None else {"code": clearance.code}
    audit.append(session, actor, action.value, "clearance", clearance.id, at=now, details=told | code)
    clearance_rows.answered(session, request, clearance, now=now)
    # Consent may open the last gate, and a refusal closes it: matched, withdrawn or red at once.
    gatekeeping.changed(session, request, gates, now=now)
    return clearance


def ask_medical_reception(
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    destination: str | None,
    *,
    seen: requests.Seen,
    now: datetime,
) -> Clearance:
    """Ask the ZRK for medical reception, for an own request that is past its draft and not under way; return it.

    Raises
    ------
    Problem
        ``not_found`` (404), ``exists_already`` (409), ``state_forbids`` (409), ``value_refused`` (422) without a state
        of destination, or with another one than the request states.
    """
    request = requests.locked(session, actor, request_id)
    seen(request)
    if request.state not in rows.AHEAD:
        raise Problem(
            Code.STATE_FORBIDS,
            f"The request is {request.state}. A draft states needs_medical_reception itself; after the trip nothing is "
            "asked for.",
            more={"state": request.state.value},
        )
    kind = ClearanceKind.MEDICAL_RECEPTION
    known = rows.live(session, request.id).get(kind)
    if known is not None:
        raise Problem(
            Code.EXISTS_ALREADY, "Medical reception was asked for already. Read that clearance.",
            more={"id": str(known.id)},
        )  # fmt: skip
    content = RequestContent.model_validate(request.content)
    if destination is not None and content.destination not in (None, destination):
        raise _refused("/destination", "the state that the request states, or nothing", "Amend the request first.")
    state = destination or content.destination
    if state is None:
        raise _refused("/destination", "ISO code of the state of destination", "The request states none: name it here.")
    gates = gatekeeping.of_request(session, request, now=now)
    request.content = request.content | {"needs_medical_reception": True, "destination": state}
    request.updated_at = now
    needed = clearance_rows.wanted(RequestContent.model_validate(request.content))[kind]
    raised = clearance_rows.raise_(session, actor, request, kind, needed, now=now)
    gatekeeping.changed(session, request, gates, now=now)
    return raised


def dispatch(
    session: Session,
    actor: Actor,
    clearance_id: uuid.UUID,
    *,
    office: str,
    codes: Sequence[str],
    sent_at: datetime,
    now: datetime,
) -> DispatchRecord:
    """Record which documents were sent to the airport office of the Bundespolizei, and when.

    Raises
    ------
    Problem
        ``not_found`` (404), ``state_forbids`` (409) for a measure that does not take place, ``value_refused`` (422)
        for unknown codes, an office at another airport, an instant that is not past.
    """
    request, clearance = _locked(session, actor, clearance_id)
    if clearance.kind is not ClearanceKind.TRANSIT:
        raise not_found("a transit clearance")
    if request.state not in rows.WORKED or clearance.state is ClearanceState.NOT_NEEDED:
        raise Problem(
            Code.STATE_FORBIDS, "This measure does not take place so: nothing is sent for it.",
            more={"state": clearance.state.value},
        )  # fmt: skip
    errors = list(_faults(request, office, codes))
    if not clearance.created_at <= sent_at <= now:
        errors.append(FieldError(path="/sent_at", expected="an instant since the clearance was raised, up to now"))
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was recorded. Mend what 'errors' names.", errors=errors)
    record = DispatchRecord(
        clearance_id=clearance.id, office=office, documents=",".join(codes), sent_at=sent_at,
        account_id=actor.account_id, created_at=now,
    )  # fmt: skip
    session.add(record)
    session.flush()
    audit.append(
        session, actor, "dispatched", "clearance", clearance.id, at=now,
        details={"record": str(record.id), "office": office, "documents": list(codes)},
    )  # fmt: skip
    return record


def missing(records: Sequence[DispatchRecord]) -> list[str]:
    """Return the required documents that no record names, in the order of a set."""
    sent = {code for record in records for code in record.documents.split(",")}
    return [code for code, document in documents().items() if document.is_required and code not in sent]


def pickups(session: Session, request_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return when the pick-up of these requests begins: as proposed, or the begin of its window."""
    return request_rows.pickups_from(session, request_ids) | rows.pickups(session, request_ids)


def _accept(
    session: Session, actor: Actor, request: TransportRequest, clearance: Clearance, answering: Answering, now: datetime
) -> Clearance:
    """Move the measure to the date that was offered; with the move this clearance lapses and a new one is raised."""
    if clearance.alternative_on is None:
        raise AssertionError("an alternative has a date")
    details = {"request": str(request.id), "alternative_on": clearance.alternative_on.isoformat()}
    audit.append(session, actor, ClearanceAction.ACCEPT_DATE.value, "clearance", clearance.id, at=now, details=details)
    request_moves.move(
        session, actor, request.id, clearance.alternative_on, steps.Reason(code=MoveCode.DATE_MOVED), seen=None,
        answering=answering, now=now,
    )  # fmt: skip
    clearance_rows.tell(session, request, clearance, now=now)
    return clearance


def _locked(session: Session, actor: Actor, clearance_id: uuid.UUID) -> tuple[TransportRequest, Clearance]:
    # Seen first, then locked, the request before its clearances: as every step of a request does.
    found = rows.find(session, actor, clearance_id)
    request = None if found is None else steps.lock_request(session, found.request_id)
    clearance = None if found is None else rows.locked(session, found.id)
    if request is None or clearance is None:
        raise not_found("a clearance")
    return request, clearance


def _cell(request: TransportRequest, clearance: Clearance, action: ClearanceAction, actor: Actor) -> Cell:
    more = {"state": clearance.state.value, "request_state": request.state.value}
    if request.state not in rows.WORKED or (request.state is State.UNDER_WAY and actor.role is Role.ABH):
        raise Problem(
            Code.STATE_FORBIDS, f"The request is {request.state}: nothing is decided about its clearances any more.",
            more=more,
        )  # fmt: skip
    try:
        cell = transition(clearance.kind, clearance.state, action, actor.role)
    except NotAllowed as error:
        allowed = sorted(each.value for each in error.allowed)
        if error.exists:
            raise Problem(
                Code.ROLE_MAY_NOT, f"Your role may not {action} a clearance. Ask whoever may.",
                more=more | {"allowed": allowed},
            ) from error  # fmt: skip
        raise Problem(
            Code.STATE_FORBIDS,
            f"The clearance is {clearance.state}; {action} is not possible there. Choose one of: "
            f"{', '.join(allowed) or 'nothing for your role'}.",
            more=more | {"allowed": allowed},
        ) from error
    if action is ClearanceAction.EXTEND and clearance.is_extended:
        raise Problem(Code.STATE_FORBIDS, "The further days were taken already, and are there once.", more=more)
    return cell


def _instant(clearance: Clearance, said: Said, now: datetime) -> datetime:
    """Return when it happened; raises where that cannot be."""
    if said.at is None:
        return now
    since = clearance.applied_at if clearance.state is ClearanceState.APPLIED else clearance.created_at
    if said.at > now or (since is not None and said.at < since):
        raise _refused("/at", "an instant since the step before, up to now", "Leave it out for now.")
    return said.at


def _write(
    request: TransportRequest,
    clearance: Clearance,
    action: ClearanceAction,
    cell: Cell,
    said: Said,
    at: datetime,
    now: datetime,
) -> None:
    times = limits(clearance.kind, clearance.apply_by)
    if action is ClearanceAction.EXTEND:
        clearance.is_extended, clearance.decide_by = True, clearance.decide_by + times.extension
    elif cell.to is ClearanceState.APPLIED:
        clearance.applied_at, clearance.decided_at = at, None
        clearance.decide_by, clearance.is_extended = at + times.decide, False
    elif cell.to in AGAINST or cell.to is ClearanceState.GRANTED:
        clearance.decided_at = at
    if cell.needs_date:
        leaves_on = RequestContent.model_validate(request.content).leaves_on
        if said.on is None or said.on == leaves_on or said.on < now.astimezone(BERLIN).date():
            raise _refused("/on", f"a day to come, another one than {leaves_on}", "Name the day that was offered.")
    clearance.state = cell.to
    clearance.alternative_on = said.on if cell.needs_date else None
    clearance.code = said.code.value if cell.needs_code and said.code is not None else None
    clearance.reference = said.reference or clearance.reference
    if action is not ClearanceAction.EXTEND:
        # Whoever was warned is told anew of what follows from here.
        clearance.red_at = None
    clearance.updated_at = now


def _faults(request: TransportRequest, office: str, codes: Sequence[str]) -> list[FieldError]:
    errors = [
        FieldError(path=f"/documents/{number}", expected="a code of the catalogue of documents")
        for number, code in enumerate(codes)
        if code not in documents()
    ]
    if len(set(codes)) != len(codes):
        errors.append(FieldError(path="/documents", expected="each code once"))
    known = airport_offices().get(office)
    at = {each.airport for each in airport_offices().values()}
    if known is None:
        errors.append(FieldError(path="/office", expected="a code of the catalogue of offices, as bpol:FRA"))
    elif request.delivery_place in at and known.airport != request.delivery_place:
        errors.append(
            FieldError(
                path="/office", expected=f"the office at {request.delivery_place}, where people are handed over",
                what_to_do="Papers at another airport help nobody, and tell too much there.",
            )
        )  # fmt: skip
    return errors


def _refused(path: str, expected: str, what_to_do: str) -> Problem:
    return Problem(
        Code.VALUE_REFUSED, "Nothing was recorded. Mend what 'errors' names.",
        errors=[FieldError(path=path, expected=expected, what_to_do=what_to_do)],
    )  # fmt: skip
