"""What a ZAB has on each of some days: holidays, duties, absences, and which crews and vehicles are free."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

import data
from api.actor import Actor
from api.db.tables import Away, CrewRow, DutyRow, Organisation, OrganisationKind, Proposal, VehicleRow
from api.deadlines import holiday_name, is_working_day
from api.errors import Code, FieldError, Problem, not_found
from api.mapping.fleet import usable
from api.repositories import fleet
from api.repositories import patterns as rows
from api.schemas.duties import AbsenceCode, Named
from api.schemas.fleet_calendar import AbsenceInCalendar, CalendarDay, CalendarShown, DutyInCalendar
from api.services.duty_views import span_of
from api.services.pattern_days import days_between


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """All that is shown of the days, read at once."""

    duties: Sequence[DutyRow]
    aways: Sequence[Away]
    crews: Mapping[uuid.UUID, CrewRow]
    vehicles: Mapping[uuid.UUID, VehicleRow]
    promises: Mapping[uuid.UUID, Sequence[Proposal]]
    patterns: Mapping[uuid.UUID, uuid.UUID]
    now: datetime


def calendar(
    session: Session, actor: Actor, first: date, last: date, *, zab: str | None, now: datetime
) -> CalendarShown:
    """Return the days of a ZAB, ``first`` and ``last`` among them.

    Parameters
    ----------
    zab
        Code; a ZAB need not state it, and sees its own alone.

    Raises
    ------
    Problem
        ``not_found`` (404) for a ZAB that the actor may not see; ``parameter_invalid`` (422) without one, or for days
        that are too many.
    """
    longest = data.service_parameters().master_data.longest_range_days.value
    if not 0 <= (last - first).days < longest:
        raise Problem(
            Code.PARAMETER_INVALID, "The days do not fit. Mend what 'errors' names.",
            errors=[FieldError(path="/to", expected=f"a day at or after 'from', and at most {longest} days in all")],
        )  # fmt: skip
    owner = _zab(session, actor, zab)
    whole = _read(session, actor, owner, first, last, now)
    return CalendarShown(zab=owner.code, days=[_day(whole, day) for day in days_between(first, last)])


def _zab(session: Session, actor: Actor, code: str | None) -> Organisation:
    if code is None:
        if actor.is_zab:
            return fleet.zab_of(session, actor)
        raise Problem(
            Code.PARAMETER_INVALID, "Say whose calendar you want.",
            errors=[FieldError(path="/zab", expected="the code of a ZAB, as zab:essen")],
        )  # fmt: skip
    found = fleet.organisation(session, code)
    is_hidden = actor.is_zab and found is not None and found.id != actor.organisation_id
    if found is None or found.kind is not OrganisationKind.ZAB or is_hidden:
        raise not_found("a ZAB")
    return found


def _read(session: Session, actor: Actor, zab: Organisation, first: date, last: date, now: datetime) -> _Whole:
    since, until = span_of(first)[0], span_of(last)[1]
    query = fleet.duties(actor, zab=zab.code, since=since, until=until).order_by(DutyRow.starts_at, DutyRow.id)
    duties = session.scalars(query).unique().all()
    away = fleet.absences(actor, zab=zab.code, since=since, until=until).order_by(Away.starts_at, Away.id)
    crews = session.scalars(fleet.owned(CrewRow, actor, zab=zab.code).order_by(CrewRow.code)).unique()
    vehicles = session.scalars(fleet.owned(VehicleRow, actor, zab=zab.code).order_by(VehicleRow.code)).unique()
    ids = [duty.id for duty in duties]
    return _Whole(
        duties=duties, aways=session.scalars(away).all(), crews={row.id: row for row in crews},
        vehicles={row.id: row for row in vehicles}, promises=fleet.promises(session, ids),
        patterns=rows.patterns_of(session, ids), now=now,
    )  # fmt: skip


def _day(whole: _Whole, day: date) -> CalendarDay:
    since, until = span_of(day)
    if since is None or until is None:
        raise AssertionError("a day has a begin and an end")
    duties = [duty for duty in whole.duties if duty.starts_at < until and duty.ends_at > since]
    aways = [away for away in whole.aways if away.starts_at < until and away.ends_at > since]
    busy = {duty.crew_id for duty in duties} | {duty.vehicle_id for duty in duties}
    busy |= {key for away in aways for key in (away.crew_id, away.vehicle_id) if key is not None}
    return CalendarDay(
        day=day, weekday=day.isoweekday(), holiday=holiday_name(day), is_working_day=is_working_day(day),
        duties=[_duty(whole, duty) for duty in duties], absences=[_away(whole, away) for away in aways],
        free_crews=_free(whole.crews.values(), busy), free_vehicles=_free(whole.vehicles.values(), busy),
    )  # fmt: skip


def _free(resources: Iterable[CrewRow | VehicleRow], busy: set[uuid.UUID]) -> list[Named]:
    return [Named.model_validate(row) for row in resources if row.is_active and row.id not in busy]


def _duty(whole: _Whole, duty: DutyRow) -> DutyInCalendar:
    promised = whole.promises.get(duty.id, ())
    part = usable(duty, whole.aways, is_used=bool(promised), is_inside=True, now=whole.now)
    return DutyInCalendar(
        id=duty.id, code=duty.code, crew=Named.model_validate(duty.crew), vehicle=Named.model_validate(duty.vehicle),
        starts_at=duty.starts_at, ends_at=duty.ends_at, pattern_id=whole.patterns.get(duty.id),
        is_offered=duty.is_offered,
        is_usable=part is not None and not part.is_closed and duty.starts_at > whole.now, promised=len(promised),
    )  # fmt: skip


def _away(whole: _Whole, away: Away) -> AbsenceInCalendar:
    crew = None if away.crew_id is None else whole.crews.get(away.crew_id)
    vehicle = None if away.vehicle_id is None else whole.vehicles.get(away.vehicle_id)
    return AbsenceInCalendar(
        id=away.id, crew=None if crew is None else Named.model_validate(crew),
        vehicle=None if vehicle is None else Named.model_validate(vehicle), starts_at=away.starts_at,
        ends_at=away.ends_at, code=AbsenceCode(away.code),
    )  # fmt: skip
