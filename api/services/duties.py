"""Duties: a crew's shift on a vehicle, as its ZAB enters, changes and withholds it.

Whoever was promised a seat keeps it: a change after which the promise would be impossible is refused. What was only
proposed is taken back when its duty changes, and matched anew.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import cache

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import data
from api import audit
from api.actor import Actor
from api.db.tables import CrewRow, DutyRow, Organisation, VehicleRow
from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import fleet, patterns
from api.schemas.duties import DutyContent, NewDuty
from api.services import outbox, parameters, promises, working_times
from api.services.fleet import exists_already, lose_unanswered

_PLANNED = (
    "crew_id", "vehicle_id", "starts_at", "ends_at", "vehicle_from", "vehicle_to", "profile", "start_place",
    "end_place",
)  # fmt: skip


@cache
def _places() -> frozenset[str]:
    return frozenset(place.id for place in data.places())


def create(session: Session, actor: Actor, body: NewDuty, *, now: datetime, zab: Organisation | None = None) -> DutyRow:
    """Enter a duty of the actor's ZAB; its seats are offered at once, unless withheld.

    Parameters
    ----------
    zab
        For the system alone: whose duty it is.

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults, ``exists_already`` (409).
    """
    owner = zab if zab is not None else fleet.zab_of(session, actor)
    values = _values(session, owner, body)
    if fleet.by_code(session, DutyRow, owner.id, [body.code]):
        raise exists_already("duty", body.code)
    row = DutyRow(
        created_at=now, updated_at=now, zab_id=owner.id, code=body.code, is_offered=body.is_offered, is_used=False,
        **values,
    )  # fmt: skip
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # Somebody else entered it between the look and the write.
        raise exists_already("duty", body.code) from error
    session.refresh(row)
    if row.is_offered:
        _ask_match(session, row, now)
    audit.append(session, actor, "created", "duty", row.id, at=now)
    return row


def change(
    session: Session, actor: Actor, row: DutyRow, body: DutyContent, *, now: datetime, is_by_pattern: bool = False
) -> DutyRow:
    """Say anew what a duty is; ``row`` is locked.

    Parameters
    ----------
    is_by_pattern
        Its shift pattern was amended; otherwise a person edits it, and the pattern leaves it alone from then on.

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults; ``plan_broken`` (409) where a promised seat would be impossible;
        ``in_use`` (409) where crew or vehicle carry somebody elsewhere at that time.
    """
    values: dict[str, object] = dict(_values(session, row.zab, body)) | {"is_offered": body.is_offered}
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return row
    if not is_by_pattern:
        patterns.note_edited(session, row.id)
    is_planned_anew = bool(set(changed) & set(_PLANNED))
    if is_planned_anew or not body.is_offered:
        lose_unanswered(session, [row.id], "duty_changed" if is_planned_anew else "duty_withheld", now=now)
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    try:
        session.flush()
    except IntegrityError as error:
        raise _doubled() from error
    session.refresh(row)
    if row.is_used and is_planned_anew:
        promises.check(session, row, now=now)
    if row.is_offered:
        _ask_match(session, row, now)
    audit.append(session, actor, "changed", "duty", row.id, at=now, details={"fields": changed})
    return row


def set_offered(
    session: Session,
    actor: Actor,
    row: DutyRow,
    is_offered: bool,
    *,
    now: datetime,
    is_by_pattern: bool = False,
) -> DutyRow:
    """Withhold a duty from the exchange, or offer it; ``row`` is locked.

    Promised seats stay promised; what was only proposed on it is taken back. ``is_by_pattern`` as in ``change``.
    """
    if row.is_offered == is_offered:
        return row
    if not is_by_pattern:
        patterns.note_edited(session, row.id)
    if not is_offered:
        lose_unanswered(session, [row.id], "duty_withheld", now=now)
    row.is_offered, row.updated_at = is_offered, now
    session.flush()
    if is_offered:
        _ask_match(session, row, now)
    audit.append(session, actor, "offered" if is_offered else "withheld", "duty", row.id, at=now)
    return row


def delete(session: Session, actor: Actor, row: DutyRow, *, now: datetime) -> None:
    """Delete a duty that nobody rides, or ever was to ride; ``row`` is locked.

    Raises
    ------
    Problem
        ``in_use`` (409).
    """
    if row.is_used or fleet.has_history(session, row.id):
        raise Problem(
            Code.IN_USE, "Somebody rides on this duty, or was to: it stays for the record. Withhold it instead."
        )
    session.delete(row)
    session.flush()
    audit.append(session, actor, "deleted", "duty", row.id, at=now)


def found(session: Session, actor: Actor, duty_id: uuid.UUID, *, lock: bool = False) -> DutyRow:
    """Return a duty that the actor may see; raises ``not_found`` (404)."""
    row = fleet.find(session, DutyRow, actor, duty_id, lock=lock)
    if row is None:
        raise not_found("a duty")
    return row


def faults_of_resources(
    session: Session, zab: Organisation, crew_id: uuid.UUID, vehicle_id: uuid.UUID
) -> list[FieldError]:
    """Return what is wrong with the crew and the vehicle of a duty or a pattern."""
    errors = []
    resources = {"crew": session.get(CrewRow, crew_id), "vehicle": session.get(VehicleRow, vehicle_id)}
    for noun, resource in resources.items():
        if resource is None or resource.zab_id != zab.id or not resource.is_active:
            todo = f"Look it up at /v1/{noun}s, or put it back into service."
            errors.append(FieldError(path=f"/{noun}_id", expected=f"a {noun} of your ZAB in service", what_to_do=todo))
    return errors


def faults_of_places(start_place: str | None, end_place: str | None) -> list[FieldError]:
    """Return which of the places of a duty or a pattern the catalogue does not have."""
    return [
        FieldError(
            path=path, expected="the id of a place of the catalogue",
            what_to_do="Look it up at /v1/catalogue/places.",
        )
        for place, path in ((start_place, "/start_place"), (end_place, "/end_place"))
        if place is not None and place not in _places()
    ]  # fmt: skip


def _values(session: Session, zab: Organisation, body: DutyContent) -> dict[str, object]:
    """Return the columns of a duty; raises all faults at once."""
    depot = f"ZAB-{zab.zab}" if f"ZAB-{zab.zab}" in _places() else None
    start_place = body.start_place or depot
    end_place = body.end_place or start_place
    errors = faults_of_resources(session, zab, body.crew_id, body.vehicle_id)
    errors += faults_of_places(start_place, end_place)
    day = body.starts_at.astimezone(BERLIN).date()
    known = {each.id for each in parameters.in_force(session, day).working_time}
    profile = body.profile or working_times.default_profile(session, zab.id, day)
    if profile not in known:
        wanted = f"a profile of the parameter set: {', '.join(sorted(known))}"
        errors.append(FieldError(path="/profile", expected=wanted))
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=errors)
    since, until = body.vehicle_span
    return {
        "crew_id": body.crew_id, "vehicle_id": body.vehicle_id, "starts_at": body.starts_at, "ends_at": body.ends_at,
        "vehicle_from": since, "vehicle_to": until, "profile": profile, "start_place": start_place,
        "end_place": end_place, "tolerance_seconds": 60 * body.tolerance_minutes,
    }  # fmt: skip


def _doubled() -> Problem:
    return Problem(
        Code.IN_USE,
        "Crew or vehicle carry somebody on another duty at that time. Choose another time, or another crew or vehicle.",
    )


def _ask_match(session: Session, row: DutyRow, now: datetime) -> None:
    if row.ends_at > now:
        outbox.ask_match(session, "shift_changed", [], duty_ids=[row.id], now=now)
