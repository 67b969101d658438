"""Reads of shift patterns, of the days of which they made duties, and of what stands in their way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Away, DutyRow, Organisation, PatternDay, ShiftPattern, WorkingTimeChoice
from api.repositories.fleet import visible


def patterns(actor: Actor, *, zab: str | None = None, updated_since: datetime | None = None) -> Select[ShiftPattern]:
    """Return the query for patterns that ``actor`` may see; of one ZAB by its code."""
    query = select(ShiftPattern).where(visible(ShiftPattern.zab_id, actor))
    if zab is not None:
        query = query.where(ShiftPattern.zab_id.in_(select(Organisation.id).where(Organisation.code == zab)))
    if updated_since is not None:
        query = query.where(ShiftPattern.updated_at >= updated_since)
    return query


def find(session: Session, actor: Actor, pattern_id: uuid.UUID, *, lock: bool = False) -> ShiftPattern | None:
    """Return a pattern that ``actor`` may see; ``lock`` keeps it to the end of the transaction."""
    query = patterns(actor).where(ShiftPattern.id == pattern_id)
    if lock:
        query = query.with_for_update(of=ShiftPattern).execution_options(populate_existing=True)
    return session.scalars(query).unique().one_or_none()


def by_code(session: Session, zab_id: uuid.UUID, code: str) -> ShiftPattern | None:
    """Return the pattern of a ZAB with this code."""
    query = select(ShiftPattern).where(ShiftPattern.zab_id == zab_id, ShiftPattern.code == code)
    return session.scalars(query).unique().one_or_none()


def in_force(session: Session, since: date, until: date) -> Sequence[uuid.UUID]:
    """Return the patterns that hold on any of the days ``[since, until]``."""
    query = select(ShiftPattern.id).where(
        ShiftPattern.valid_from <= until, or_(ShiftPattern.valid_to.is_(None), ShiftPattern.valid_to >= since)
    )
    return session.scalars(query.order_by(ShiftPattern.id)).all()


def days(session: Session, pattern_id: uuid.UUID, since: date, until: date | None = None) -> dict[date, PatternDay]:
    """Return the days of ``[since, until]`` of which a pattern made a duty."""
    query = select(PatternDay).where(PatternDay.pattern_id == pattern_id, PatternDay.day >= since)
    if until is not None:
        query = query.where(PatternDay.day <= until)
    return {each.day: each for each in session.scalars(query.order_by(PatternDay.day))}


def note_edited(session: Session, duty_id: uuid.UUID) -> None:
    """Note that a person changed a duty: whatever pattern made it leaves it alone from now on."""
    session.execute(update(PatternDay).where(PatternDay.duty_id == duty_id).values(is_edited=True))


def patterns_of(session: Session, duty_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the pattern that made each of these duties, where one did."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for start in range(0, len(duty_ids), 500):
        query = select(PatternDay.duty_id, PatternDay.pattern_id)
        part = query.where(PatternDay.duty_id.in_(duty_ids[start : start + 500]))
        found |= {duty: pattern for duty, pattern in session.execute(part) if duty is not None}
    return found


def taken_codes(session: Session, zab_id: uuid.UUID, prefix: str) -> set[str]:
    """Return the codes of a ZAB's duties that begin so."""
    query = select(DutyRow.code).where(DutyRow.zab_id == zab_id, DutyRow.code.startswith(prefix, autoescape=True))
    return set(session.scalars(query))


def absences_between(
    session: Session, *, crew_id: uuid.UUID, vehicle_id: uuid.UUID, since: datetime, until: datetime
) -> Sequence[Away]:
    """Return absences of a crew or a vehicle that meet an interval."""
    query = select(Away).where(
        or_(Away.crew_id == crew_id, Away.vehicle_id == vehicle_id), Away.starts_at < until, Away.ends_at > since
    )
    return session.scalars(query.order_by(Away.starts_at, Away.id)).all()


def choices(session: Session, zab_id: uuid.UUID | None = None) -> Sequence[WorkingTimeChoice]:
    """Return which working-time profiles ZABs chose, by ZAB and day; every ZAB may see those of all."""
    query = select(WorkingTimeChoice).order_by(WorkingTimeChoice.zab_id, WorkingTimeChoice.valid_from)
    if zab_id is not None:
        query = query.where(WorkingTimeChoice.zab_id == zab_id)
    return session.scalars(query).unique().all()


def choice_on(session: Session, zab_id: uuid.UUID, day: date) -> WorkingTimeChoice | None:
    """Return what a ZAB works by on a day: the last choice that had come into force."""
    query = select(WorkingTimeChoice).where(WorkingTimeChoice.zab_id == zab_id, WorkingTimeChoice.valid_from <= day)
    return session.scalars(query.order_by(WorkingTimeChoice.valid_from.desc()).limit(1)).unique().first()
