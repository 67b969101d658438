"""Vehicles and crews: entered and changed by their ZAB, taken out of service where no promise is in danger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import CrewRow, DutyRow, TransportRequest, VehicleRow
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import fleet
from api.schemas.fleet import CrewContent, NewCrew, NewVehicle, VehicleContent
from api.services import outbox, steps
from api.workflow import Action, State

Resource = TypeVar("Resource", VehicleRow, CrewRow)
_NOUN = {VehicleRow: "vehicle", CrewRow: "crew"}


def create_vehicle(
    session: Session, actor: Actor, body: NewVehicle, *, now: datetime, zab_id: uuid.UUID | None = None
) -> VehicleRow:
    """Enter a vehicle of the actor's ZAB.

    Parameters
    ----------
    zab_id
        For the system alone: the ZAB that owns it.

    Raises
    ------
    Problem
        ``exists_already`` (409).
    """
    return _create(session, actor, VehicleRow, body.code, body.model_dump(mode="json", exclude={"code"}), zab_id, now)


def create_crew(
    session: Session, actor: Actor, body: NewCrew, *, now: datetime, zab_id: uuid.UUID | None = None
) -> CrewRow:
    """Enter a crew of the actor's ZAB; as ``create_vehicle``."""
    return _create(session, actor, CrewRow, body.code, body.model_dump(mode="json", exclude={"code"}), zab_id, now)


def change(
    session: Session,
    actor: Actor,
    row: Resource,
    content: VehicleContent | CrewContent,
    *,
    now: datetime,
) -> Resource:
    """Change what a vehicle or crew is; ``row`` is locked.

    Duties on which somebody was promised a seat must still be possible: while there are any in the future, the change
    is refused where it takes something away.

    Raises
    ------
    Problem
        ``in_use`` (409), naming the duties.
    """
    document = content.model_dump(mode="json")
    before = type(content).model_validate(row.content).model_dump(mode="json")
    changed = sorted(name for name, value in document.items() if before[name] != value)
    if not changed:
        return row
    if takes_away(before, document):
        _refuse_in_use(session, row, now, "takes something away from")
    row.content, row.updated_at = document, now
    session.flush()
    _look_again(session, row, "vehicle_changed" if isinstance(row, VehicleRow) else "crew_changed", now)
    audit.append(session, actor, "changed", _NOUN[type(row)], row.id, at=now, details={"fields": changed})
    return row


def set_in_service(session: Session, actor: Actor, row: Resource, is_active: bool, *, now: datetime) -> Resource:
    """Take a vehicle or crew out of service, or back into it; ``row`` is locked.

    Raises
    ------
    Problem
        ``in_use`` (409) while promised tours in the future use it, naming the duties.
    """
    if row.is_active == is_active:
        return row
    if not is_active:
        _refuse_in_use(session, row, now, "is used by")
    row.is_active, row.updated_at = is_active, now
    session.flush()
    _look_again(session, row, "put_into_service" if is_active else "out_of_service", now)
    action = "put_into_service" if is_active else "taken_out_of_service"
    audit.append(session, actor, action, _NOUN[type(row)], row.id, at=now)
    return row


def found(session: Session, table: type[Resource], actor: Actor, row_id: uuid.UUID, *, lock: bool = False) -> Resource:
    """Return a vehicle or crew that the actor may see; raises ``not_found`` (404)."""
    row = fleet.find(session, table, actor, row_id, lock=lock)
    if row is None:
        raise not_found(f"a {_NOUN[table]}")
    return row


def _create(
    session: Session,
    actor: Actor,
    table: type[Resource],
    code: str,
    content: dict[str, object],
    zab_id: uuid.UUID | None,
    now: datetime,
) -> Resource:
    owner = zab_id if zab_id is not None else fleet.zab_of(session, actor).id
    if fleet.by_code(session, table, owner, [code]):
        raise exists_already(_NOUN[table], code)
    row = table(created_at=now, updated_at=now, zab_id=owner, code=code, content=content, is_active=True)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # Somebody else entered it between the look and the write.
        raise exists_already(_NOUN[table], code) from error
    session.refresh(row)
    audit.append(session, actor, "created", _NOUN[table], row.id, at=now)
    return row


def exists_already(noun: str, code: str) -> Problem:
    """Return the answer for a code that is given out already."""
    return Problem(
        Code.EXISTS_ALREADY,
        f"Your ZAB has a {noun} with this code. Choose another one, or change the one that is there.",
        errors=[FieldError(path="/code", expected="a code that is not given out yet", got=code)],
    )


def takes_away(old: dict[str, object], new: dict[str, object]) -> bool:
    """Whether a tour that was possible with ``old`` may not be with ``new``: anything but a gain or a price."""

    def fits(name: str) -> bool:
        was, now = old.get(name), new.get(name)
        if was == now or name in ("kind", "cost_per_km", "cost_per_hour", "co2_per_km"):
            return True
        if name == "carries_children":
            return bool(now)
        if isinstance(was, int) and isinstance(now, int):
            # More heads take more seats.
            return now <= was if name == "heads" else now >= was
        if name == "child_seats" and isinstance(was, list) and isinstance(now, list):
            return all(after >= before for before, after in zip(was, now, strict=True))
        if isinstance(was, list) and isinstance(now, list):
            return all(each in now for each in was)
        return False

    return not all(fits(name) for name in new)


def _refuse_in_use(session: Session, row: VehicleRow | CrewRow, now: datetime, what: str) -> None:
    duties = promised(session, row, now)
    if duties:
        listed = [{"id": str(duty.id), "code": duty.code, "starts_at": duty.starts_at.isoformat()} for duty in duties]
        raise Problem(
            Code.IN_USE,
            f"This {what} {len(duties)} duties with promised seats. Give these promises back first, or enter an "
            "absence, which tells those concerned.",
            more={"duties": listed},
        )


def promised(session: Session, row: VehicleRow | CrewRow, since: datetime) -> list[DutyRow]:
    """Return the duties of a vehicle or crew that end after ``since`` and carry somebody who was promised."""
    of = (None, row.id) if isinstance(row, CrewRow) else (row.id, None)
    return list(fleet.promised_duties(session, vehicle_id=of[0], crew_id=of[1], since=since))


def _look_again(session: Session, row: VehicleRow | CrewRow, code: str, now: datetime) -> None:
    """Take back what was proposed on the coming duties of a vehicle or crew, for it was found with what it was."""
    of = (None, row.id) if isinstance(row, CrewRow) else (row.id, None)
    coming = fleet.coming_duties(session, vehicle_id=of[0], crew_id=of[1], since=now)
    lose_unanswered(session, [duty.id for duty in coming], code, now=now)
    if coming:
        outbox.ask_match(session, "shift_changed", [], duty_ids=[duty.id for duty in coming], now=now)


def lose_unanswered(
    session: Session, duty_ids: Sequence[uuid.UUID], code: str, *, now: datetime
) -> list[TransportRequest]:
    """Take back what is proposed on these duties and not answered; the requests are matched again at once.

    Parameters
    ----------
    code
        Why: what those are told who lose it.

    Returns
    -------
    list
        The requests, which wait again.
    """
    lost = []
    for request_id in fleet.proposed_on(session, duty_ids):
        request = steps.lock_request(session, request_id)
        proposal = steps.live_proposal(session, request_id)
        # Somebody may have answered between the look and the lock.
        if request is None or proposal is None or request.state is not State.PROPOSED:
            continue
        if proposal.duty_id in duty_ids:
            steps.take(session, request, Action.LOSE, SYSTEM, now=now, reason=steps.Reason(code=code))
            lost.append(request)
    return lost
