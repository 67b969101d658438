"""Crews and vehicles that are away: what was proposed meanwhile is taken back, promises are shown as in danger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Away, CrewRow, DutyRow, TransportRequest, VehicleRow
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import fleet
from api.schemas.duties import NewAbsence
from api.services import fleet as resources
from api.services import notices, outbox

PROMISE_IN_DANGER = "promise_in_danger"
"""Kind of the notice: crew or vehicle of a promised tour will be away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new absence.

    Parameters
    ----------
    lost
        Requests whose proposals were taken back.
    in_danger
        Promised seats on duties that it concerns.
    overlapping
        Other absences of the same crew or vehicle that meet it.
    """

    row: Away
    lost: Sequence[TransportRequest]
    in_danger: Sequence[tuple[DutyRow, TransportRequest]]
    overlapping: Sequence[Away]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an absence means now: promised seats in danger, duties that carry nobody, other absences that meet it."""

    row: Away
    in_danger: Sequence[tuple[DutyRow, TransportRequest]]
    free_duties: Sequence[DutyRow]
    overlapping: Sequence[Away]


def create(session: Session, actor: Actor, body: NewAbsence, *, now: datetime) -> Made:
    """Enter an absence of a crew or vehicle of the actor's ZAB.

    Raises
    ------
    Problem
        ``not_found`` (404); ``too_late`` (409) where it is over already.
    """
    if body.ends_at <= now:
        raise Problem(
            Code.TOO_LATE, "This absence is over already: it changes nothing. Look for a slip in the date.",
            errors=[FieldError(path="/ends_at", expected="an instant to come")],
        )  # fmt: skip
    if body.crew_id is not None:
        resources.found(session, CrewRow, actor, body.crew_id)
    if body.vehicle_id is not None:
        resources.found(session, VehicleRow, actor, body.vehicle_id)
    row = Away(
        created_at=now, crew_id=body.crew_id, vehicle_id=body.vehicle_id, starts_at=body.starts_at,
        ends_at=body.ends_at, code=body.code.value,
    )  # fmt: skip
    session.add(row)
    session.flush()
    since = max(body.starts_at, now)
    duties = fleet.duties_between(
        session, crew_id=body.crew_id, vehicle_id=body.vehicle_id, since=since, until=body.ends_at
    )
    code = "crew_away" if body.crew_id is not None else "vehicle_away"
    lost = resources.lose_unanswered(session, [duty.id for duty in duties], code, now=now)
    in_danger = _in_danger(session, duties, code, now)
    if duties:
        # What is left of these shifts may still do for others.
        outbox.ask_match(session, "shift_changed", [], duty_ids=[duty.id for duty in duties], now=now)
    audit.append(
        session, actor, "created", "absence", row.id, at=now,
        details={"code": body.code.value, "lost": len(lost), "in_danger": len(in_danger)},
    )  # fmt: skip
    return Made(row=row, lost=lost, in_danger=in_danger, overlapping=fleet.absences_beside(session, row))


def effect(session: Session, actor: Actor, away_id: uuid.UUID, *, now: datetime) -> Effect:
    """Return what an absence means for what is left of it.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    row = found(session, actor, away_id)
    duties = fleet.duties_between(
        session, crew_id=row.crew_id, vehicle_id=row.vehicle_id, since=max(row.starts_at, now), until=row.ends_at
    )
    promises = fleet.promises(session, [duty.id for duty in duties])
    return Effect(
        row=row,
        in_danger=[(duty, each.request) for duty in duties for each in promises.get(duty.id, ())],
        free_duties=[duty for duty in duties if duty.id not in promises],
        overlapping=fleet.absences_beside(session, row),
    )


def end(session: Session, actor: Actor, away_id: uuid.UUID, *, now: datetime) -> None:
    """End an absence now; one that has not begun is as if it had never been entered.

    Raises
    ------
    Problem
        ``not_found`` (404); ``too_late`` (409) where it is over already.
    """
    row = found(session, actor, away_id)
    if row.ends_at <= now:
        raise Problem(Code.TOO_LATE, "This absence is over already. It stays for the record.")
    duties = fleet.duties_between(
        session, crew_id=row.crew_id, vehicle_id=row.vehicle_id, since=max(row.starts_at, now), until=row.ends_at
    )
    if row.starts_at < now:
        row.ends_at = now
    else:
        session.delete(row)
    session.flush()
    if duties:
        outbox.ask_match(session, "shift_changed", [], duty_ids=[duty.id for duty in duties], now=now)
    audit.append(session, actor, "ended", "absence", away_id, at=now)


def found(session: Session, actor: Actor, away_id: uuid.UUID) -> Away:
    """Return an absence that the actor may see; raises ``not_found`` (404)."""
    row = fleet.absence(session, actor, away_id)
    if row is None:
        raise not_found("an absence")
    return row


def _in_danger(
    session: Session, duties: Sequence[DutyRow], code: str, now: datetime
) -> list[tuple[DutyRow, TransportRequest]]:
    """Return the promised seats on these duties; their ZABs are told, a notice for each."""
    promises = fleet.promises(session, [duty.id for duty in duties])
    concerned = [(duty, each.request) for duty in duties for each in promises.get(duty.id, ())]
    for duty, request in concerned:
        notices.notify(
            session, duty.zab_id, PROMISE_IN_DANGER, "request", request.id, code=code, due_at=request.pickup_from,
            details={"duty": str(duty.id)}, now=now,
        )  # fmt: skip
    return concerned
