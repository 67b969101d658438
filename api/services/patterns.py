"""Shift patterns: entered and amended by their ZAB; duties are made of them for days to come, each day once.

What stands in a day's way is told with a code, and the day is tried again when it is asked for again. An amended
pattern changes only duties to come that nobody rides and that no person edited.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import data
from api import audit
from api.actor import SYSTEM, Actor
from api.db.store import Store
from api.db.tables import DutyRow, Organisation, PatternDay, ShiftPattern
from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import fleet
from api.repositories import patterns as rows
from api.schemas.duties import DutyContent, NewDuty
from api.schemas.patterns import DutyRange, NewPattern, PatternContent, SkipCode
from api.services import duties, parameters, working_times
from api.services.fleet import exists_already
from api.services.pattern_days import Slot, code_of, days_between, is_left_out, is_worked, slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a range of days gave: duties by day, and days without one with the reason."""

    made: list[tuple[date, uuid.UUID]] = field(default_factory=list)
    skipped: list[tuple[date, SkipCode]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of the duties to come of a pattern that was amended."""

    changed: list[tuple[date, uuid.UUID]] = field(default_factory=list)
    removed: list[tuple[date, SkipCode]] = field(default_factory=list)
    kept: list[tuple[date, SkipCode]] = field(default_factory=list)


def create(session: Session, actor: Actor, body: NewPattern, *, now: datetime) -> ShiftPattern:
    """Enter a pattern of the actor's ZAB; duties are made of it when asked for, and by the nightly run.

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults, ``exists_already`` (409).
    """
    zab = fleet.zab_of(session, actor)
    values = _values(session, zab, body, now)
    if rows.by_code(session, zab.id, body.code) is not None:
        raise exists_already("shift pattern", body.code)
    row = ShiftPattern(created_at=now, updated_at=now, zab_id=zab.id, code=body.code, **values)
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # Somebody else entered it between the look and the write.
        raise exists_already("shift pattern", body.code) from error
    session.refresh(row)
    audit.append(session, actor, "created", "shift_pattern", row.id, at=now)
    return row


def amend(session: Session, actor: Actor, row: ShiftPattern, body: PatternContent, *, now: datetime) -> Followed:
    """Say anew what a pattern is, and let its duties to come follow; ``row`` is locked.

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults.
    """
    values = _values(session, row.zab, body, now)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return Followed()
    for name in changed:
        setattr(row, name, values[name])
    row.updated_at = now
    session.flush()
    session.refresh(row)
    followed = _follow(session, actor, row, now)
    details = {
        "fields": changed, "changed": len(followed.changed), "removed": len(followed.removed),
        "kept": len(followed.kept),
    }  # fmt: skip
    audit.append(session, actor, "changed", "shift_pattern", row.id, at=now, details=details)
    return followed


def delete(session: Session, actor: Actor, row: ShiftPattern, *, now: datetime) -> None:
    """Delete a pattern with its duties to come that nobody rides or edited; all others stay. ``row`` is locked."""
    for known in rows.days(session, row.id, _today(now)).values():
        duty = _own(session, known, now)
        if isinstance(duty, DutyRow):
            _remove(session, actor, known, duty, now)
    audit.append(session, actor, "deleted", "shift_pattern", row.id, at=now)
    session.delete(row)
    session.flush()


def make(session: Session, actor: Actor, row: ShiftPattern, days: DutyRange, *, now: datetime) -> Made:
    """Make the duties of a range of days, those that are not there yet; ``row`` is locked.

    Raises
    ------
    Problem
        ``value_refused`` (422) for a range that is too long, or over.
    """
    limits = data.service_parameters().master_data
    longest, furthest = limits.longest_range_days.value, _today(now) + timedelta(days=limits.furthest_days.value)
    if (days.last_day - days.first_day).days >= longest or not _today(now) <= days.last_day <= furthest:
        wanted = f"today or later, {furthest} or earlier, and at most {longest} days in all"
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was made. Mend what 'errors' names.",
            errors=[FieldError(path="/last_day", expected=wanted)],
        )  # fmt: skip
    return _make(session, actor, row, days.first_day, days.last_day, now)


def make_ahead(store: Store, now: datetime) -> Made:
    """Make the duties of all patterns for the days ahead, each pattern in a transaction of its own; for the night."""
    first = _today(now)
    last = first + timedelta(days=data.service_parameters().master_data.days_ahead.value)
    with store.reading() as session:
        due = rows.in_force(session, first, last)
    whole = Made()

    def work(session: Session, pattern_id: uuid.UUID) -> Made:
        row = rows.find(session, SYSTEM, pattern_id, lock=True)
        return Made() if row is None else _make(session, SYSTEM, row, first, last, now)

    for pattern_id in due:
        found = store.write(lambda session, key=pattern_id: work(session, key))  # type: ignore[misc]
        whole.made.extend(found.made)
        whole.skipped.extend(found.skipped)
    return whole


def found(session: Session, actor: Actor, pattern_id: uuid.UUID, *, lock: bool = False) -> ShiftPattern:
    """Return a pattern that the actor may see; raises ``not_found`` (404)."""
    row = rows.find(session, actor, pattern_id, lock=lock)
    if row is None:
        raise not_found("a shift pattern")
    return row


class _Ground:
    """What stands in the way of a pattern's duties in a range of days, read once."""

    def __init__(
        self, session: Session, row: ShiftPattern, first: date, last: date, but: Collection[uuid.UUID] = ()
    ) -> None:
        self._session, self._row = session, row
        since = datetime.combine(first - timedelta(days=1), time(), BERLIN).astimezone(UTC)
        until = datetime.combine(last + timedelta(days=3), time(), BERLIN).astimezone(UTC)
        span = {"since": since, "until": until}
        crew = fleet.duties_between(session, crew_id=row.crew_id, vehicle_id=None, **span)
        vehicle = fleet.duties_between(session, crew_id=None, vehicle_id=row.vehicle_id, **span)
        self._crew = [(each.starts_at, each.ends_at) for each in crew if each.id not in but]
        self._vehicle = [(each.vehicle_from, each.vehicle_to) for each in vehicle if each.id not in but]
        self._aways = rows.absences_between(session, crew_id=row.crew_id, vehicle_id=row.vehicle_id, **span)
        self._codes = rows.taken_codes(session, row.zab_id, f"{row.code}-")

    def obstacle(self, day: date, at: Slot | None, now: datetime, *, is_new: bool = True) -> SkipCode | None:
        """Return the first thing in the way; ``None`` where a duty can be made."""
        row = self._row
        if at is None:
            return SkipCode.CLOCK_CHANGE
        if at.starts_at <= now:
            return SkipCode.PAST
        if is_left_out(row, day):
            return SkipCode.HOLIDAY
        checks = (
            (not row.crew.is_active, SkipCode.CREW_OUT_OF_SERVICE),
            (not row.vehicle.is_active, SkipCode.VEHICLE_OUT_OF_SERVICE),
            (self._is_away(at, is_crew=True), SkipCode.CREW_AWAY),
            (self._is_away(at, is_crew=False), SkipCode.VEHICLE_AWAY),
            (_meets(self._crew, at.starts_at, at.ends_at), SkipCode.CREW_IN_USE),
            (_meets(self._vehicle, at.vehicle_from, at.vehicle_to), SkipCode.VEHICLE_IN_USE),
            (not self._is_profile_known(day), SkipCode.PROFILE_UNKNOWN),
            (is_new and code_of(row, day) in self._codes, SkipCode.CODE_TAKEN),
        )
        return next((code for is_in_the_way, code in checks if is_in_the_way), None)

    def take(self, at: Slot) -> None:
        """Note a duty that was made meanwhile."""
        self._crew.append((at.starts_at, at.ends_at))
        self._vehicle.append((at.vehicle_from, at.vehicle_to))

    def _is_away(self, at: Slot, *, is_crew: bool) -> bool:
        spans = [
            (each.starts_at, each.ends_at) for each in self._aways if (each.crew_id is not None) is is_crew
        ]  # fmt: skip
        return _meets(spans, *((at.starts_at, at.ends_at) if is_crew else (at.vehicle_from, at.vehicle_to)))

    def _is_profile_known(self, day: date) -> bool:
        profile = self._row.profile or working_times.default_profile(self._session, self._row.zab_id, day)
        return profile in {each.id for each in parameters.in_force(self._session, day).working_time}


def _meets(spans: Sequence[tuple[datetime, datetime]], since: datetime, until: datetime) -> bool:
    return any(begin < until and since < end for begin, end in spans)


def _make(session: Session, actor: Actor, row: ShiftPattern, first: date, last: date, now: datetime) -> Made:
    result, known = Made(), rows.days(session, row.id, first, last)
    ground = _Ground(session, row, first, last)
    for day in days_between(first, last):
        if not is_worked(row, day):
            continue
        if day in known:
            is_there = known[day].duty_id is not None
            result.skipped.append((day, SkipCode.MADE_ALREADY if is_there else SkipCode.DELETED_BY_HAND))
            continue
        at = slot(row, day)
        code = ground.obstacle(day, at, now)
        if code is not None or at is None:
            result.skipped.append((day, code or SkipCode.CLOCK_CHANGE))
            continue
        body = NewDuty(code=code_of(row, day), **_content(row, at))
        duty = duties.create(session, actor, body, now=now, zab=row.zab)
        session.add(PatternDay(pattern_id=row.id, day=day, duty_id=duty.id, is_edited=False))
        session.flush()
        ground.take(at)
        result.made.append((day, duty.id))
    if result.made:
        details = {"made": len(result.made), "skipped": len(result.skipped)}
        audit.append(session, actor, "duties_made", "shift_pattern", row.id, at=now, details=details)
    return result


def _follow(session: Session, actor: Actor, row: ShiftPattern, now: datetime) -> Followed:
    result = Followed()
    coming: list[tuple[PatternDay, DutyRow]] = []
    for day, known in rows.days(session, row.id, _today(now)).items():
        duty = _own(session, known, now)
        if isinstance(duty, DutyRow):
            coming.append((known, duty))
        elif duty is not None:
            result.kept.append((day, duty))
    if not coming:
        return result
    # Its own duties are no obstacle to one another: all of them move.
    ground = _Ground(session, row, coming[0][0].day, coming[-1][0].day, {duty.id for _, duty in coming})
    for known, duty in coming:
        day, at = known.day, slot(row, known.day)
        code = ground.obstacle(day, at, now, is_new=False) if is_worked(row, day) else SkipCode.NOT_WORKED
        if code is not None or at is None:
            _remove(session, actor, known, duty, now)
            result.removed.append((day, code or SkipCode.CLOCK_CHANGE))
            continue
        duties.change(session, actor, duty, DutyContent(**_content(row, at)), now=now, is_by_pattern=True)
        ground.take(at)
        result.changed.append((day, duty.id))
    return result


def _own(session: Session, known: PatternDay, now: datetime) -> DutyRow | SkipCode | None:
    """Return the duty of a day, locked; why the pattern may not change it; ``None`` where there is none to change."""
    if known.duty_id is None:
        return None
    duty = fleet.find(session, DutyRow, SYSTEM, known.duty_id, lock=True)
    if duty is None or duty.starts_at <= now:
        return None
    if duty.is_used:
        return SkipCode.RIDDEN
    return SkipCode.EDITED if known.is_edited else duty


def _remove(session: Session, actor: Actor, known: PatternDay, duty: DutyRow, now: datetime) -> None:
    """Take a duty away: one on which something was offered once stays for the record, withheld."""
    if fleet.has_history(session, duty.id):
        duties.set_offered(session, actor, duty, False, now=now, is_by_pattern=True)
        return
    session.delete(known)
    session.flush()
    duties.delete(session, actor, duty, now=now)


def _content(row: ShiftPattern, at: Slot) -> dict[str, Any]:
    return {
        "crew_id": row.crew_id, "vehicle_id": row.vehicle_id, "starts_at": at.starts_at, "ends_at": at.ends_at,
        "vehicle_from": at.vehicle_from, "vehicle_to": at.vehicle_to, "profile": row.profile,
        "start_place": row.start_place, "end_place": row.end_place, "tolerance_minutes": row.tolerance_seconds // 60,
        "is_offered": row.is_offered,
    }  # fmt: skip


def _values(session: Session, zab: Organisation, body: PatternContent, now: datetime) -> dict[str, object]:
    """Return the columns of a pattern; raises all faults at once."""
    errors = duties.faults_of_resources(session, zab, body.crew_id, body.vehicle_id)
    errors += duties.faults_of_places(body.start_place, body.end_place)
    if body.profile is not None:
        known = {each.id for each in parameters.in_force(session, max(body.valid_from, _today(now))).working_time}
        if body.profile not in known:
            wanted = f"a profile of the parameter set: {', '.join(sorted(known))}"
            errors.append(FieldError(path="/profile", expected=wanted))
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=errors)
    times = {"begins", "ends", "vehicle_begins", "vehicle_ends"}
    clock = {name: getattr(body, name) for name in times}
    return body.model_dump(exclude={"code", "weekdays", "tolerance_minutes", *times}) | {
        name: None if at is None else time.fromisoformat(at) for name, at in clock.items()
    } | {
        "weekdays": "".join(map(str, body.weekdays)), "tolerance_seconds": 60 * body.tolerance_minutes,
    }  # fmt: skip


def _today(now: datetime) -> date:
    return now.astimezone(BERLIN).date()
