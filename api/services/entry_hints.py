"""Impossible at entry: told to whoever enters a request, with what would help. Nothing is refused for it.

Computed with the travel times, service times and hand-over times that the optimizer uses, and with the crews and
vehicles of all ZABs. What no run could place is known the moment it is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from sqlalchemy.orm import Session

import data
from api.dates_of_law import is_too_late, latest_day
from api.deadlines import BERLIN
from api.mapping.travel import provider_of
from api.repositories import fleet as rows
from api.schemas.hints import HintShown
from api.schemas.requests import RequestContent
from api.services import parameters, place_book
from api.services.hint_texts import TEXTS
from data.service_parameters import ServiceParameters, service_parameters
from optimizer.io.tables_problems import CellError
from optimizer.io.tables_rides import rest_time
from optimizer.model import CREW_NEEDS, CaseType, Need, ParameterSet, Party, People, Place, Seconds

_SPECIAL = frozenset(Need) - {Need.INTERPRETER}
"""Needs that make a Dublin transfer one with special needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What the vehicles and crews of all ZABs could carry at best.

    Parameters
    ----------
    vehicles
        Of each kind of seating: seats with the driver's, wheelchair places, whether children may ride.
    skills
        Needs of riders that any crew meets.
    officers, female_officers
        Most of one crew.
    heads
        Fewest people of one crew: each takes a seat.
    """

    vehicles: frozenset[tuple[int, int, bool]]
    skills: frozenset[Need]
    officers: int
    female_officers: int
    heads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """The trip of a request by itself; seconds.

    Parameters
    ----------
    ride
        Direct drive, with the rest stops that it needs.
    before_departure
        Between the hand-over and the take-off.
    """

    pickup_service: Seconds
    drive: Seconds
    ride: Seconds
    handover_service: Seconds
    before_departure: Seconds


class Hints:
    """Tells the hints of requests, one after another; what it reads it reads once."""

    def __init__(self, session: Session, *, now: datetime) -> None:
        self._session = session
        self._now = now
        self._capability: Capability | None = None
        self._parameters = cache(lambda day: parameters.in_force(session, day))
        self._drive = cache(self._driven)

    def of(self, content: RequestContent) -> list[HintShown]:
        """Return what is impossible of a request, in one order."""
        day = _local(content.pickup.earliest).date()
        known = self._parameters(day)
        rules = service_parameters(day)
        found = [*self._of_time(content, known), *_of_deadline(content, self._now)]
        found += _of_terms(content, rules, _local(self._now).date())
        found += _of_fleet(content, self._able(), known)
        return found

    def _of_time(self, content: RequestContent, known: ParameterSet) -> list[HintShown]:
        places = (place_book.find(content.pickup.place), place_book.find(content.handover.place))
        if isinstance(places[0], CellError) or isinstance(places[1], CellError):
            return []
        trip = trip_of(content, known, self._drive((places[0], places[1]), known))
        return [*_of_ride(content, trip, known), *_of_day(content, trip, known)]

    def _driven(self, places: tuple[Place, Place], known: ParameterSet) -> Seconds:
        if places[0].id == places[1].id:
            return 0
        return int(provider_of(known).matrix(places).seconds[0, 1])

    def _able(self) -> Capability:
        if self._capability is None:
            self._capability = capability(self._session)
        return self._capability


def capability(session: Session) -> Capability:
    """Return what all ZABs together can do; by the fleet of the catalogue where none has entered any yet."""
    vehicles, crews = rows.active_contents(session)
    if not vehicles or not crews:
        shipped = data.fleet()
        return Capability(
            vehicles=frozenset(
                (each.seats, each.wheelchair_places, vehicle.carries_children)
                for vehicle in shipped.vehicles
                for each in vehicle.configurations
            ),
            skills=CREW_NEEDS,  # The catalogue tells none: nothing is said of what is not known.
            officers=max(crew.officers for crew in shipped.crews),
            female_officers=max(crew.female_officers for crew in shipped.crews),
            heads=min(crew.heads for crew in shipped.crews),
        )
    return Capability(
        vehicles=frozenset(
            (int(each["seats"]), int(each.get("wheelchair_places", 0)), bool(vehicle.get("carries_children", True)))
            for vehicle in vehicles
            for each in vehicle["configurations"]
        ),
        skills=frozenset(Need(skill) for crew in crews for skill in crew.get("skills", ())),
        officers=max(int(crew.get("officers", 2)) for crew in crews),
        female_officers=max(int(crew.get("female_officers", 0)) for crew in crews),
        heads=min(int(crew.get("heads", 2)) for crew in crews),
    )


def trip_of(content: RequestContent, known: ParameterSet, drive: Seconds) -> Trip:
    """Return the trip of a request for a direct drive of so many seconds."""
    service = known.service
    minutes = content.pickup.service_minutes, content.handover.service_minutes
    return Trip(
        pickup_service=service.pickup(content.size) if minutes[0] is None else minutes[0] * 60,
        drive=drive,
        ride=drive + rest_time(drive, content.has_children, known),
        handover_service=service.handover if minutes[1] is None else minutes[1] * 60,
        before_departure=_closes().get(content.handover.place, service.handover_before_departure),
    )


def earliest_departure(day: date, trip: Trip, day_start: Seconds) -> datetime:
    """Return the first take-off of a local day that a pick-up by day can reach, to the minute.

    The Höxter family of domain.md: 06:00 + 45 + 160 + 120 min = 11:25, and 10 min more with the rest stop that a
    parameter set may ask for.
    """
    seconds = day_start + trip.pickup_service + trip.ride + trip.before_departure
    return _at(day, seconds // 60 * 60)


# --- times ------------------------------------------------------------------------------------------------------------


def _of_ride(content: RequestContent, trip: Trip, known: ParameterSet) -> Iterator[HintShown]:
    cap = known.ride_cap_children if content.has_children and known.ride_cap_children else known.ride_cap
    limit = None if cap is None else cap // 60
    if content.max_ride_minutes is not None:
        limit = content.max_ride_minutes if limit is None else min(limit, content.max_ride_minutes)
    if limit is not None and trip.ride > limit * 60:
        yield _hint("ride_too_long", "/handover/place", minutes=_minutes(trip.ride), limit=limit)


def _of_day(content: RequestContent, trip: Trip, known: ParameterSet) -> list[HintShown]:
    is_bound = content.has_children or not content.has_night_ground
    begin = _first_begin(content, known) if is_bound else content.pickup.earliest
    reached = None if begin is None else begin + timedelta(seconds=trip.pickup_service + trip.ride)
    departure = content.departure
    if departure is not None and is_bound:
        first = earliest_departure(_local(departure).date(), trip, known.day_start)
        closes = min(content.handover.latest, departure - timedelta(seconds=trip.before_departure))
        # A flight after midnight may be reached by a pick-up on the evening before.
        if departure < first and (reached is None or reached > closes):
            minutes = (trip.pickup_service, trip.ride, trip.before_departure)
            steps = " + ".join(str(each // 60) for each in minutes)
            return [_hint("no_daytime_pickup", "/departure", earliest=f"{_local(first):%H:%M}", steps=steps)]
    if reached is None:
        code = "night_with_children" if content.has_children else "pickup_at_night"
        return [_hint(code, "/pickup/earliest")]
    if reached > content.handover.latest:
        lacking = -(-(reached - content.handover.latest) // timedelta(minutes=1))
        soonest = f"{_local(reached):%H:%M}"
        return [_hint("handover_not_reachable", "/handover/latest", minutes=lacking, earliest=soonest)]
    if content.has_children:
        ends = max(reached, content.handover.earliest) + timedelta(seconds=trip.handover_service)
        if ends > _at(_local(content.handover.earliest).date(), known.day_end):
            return [_hint("night_with_children", "/handover/earliest")]
    return []


def _first_begin(content: RequestContent, known: ParameterSet) -> datetime | None:
    """Return the first instant of the pick-up window that is not at night."""
    day = _local(content.pickup.earliest).date()
    while day <= _local(content.pickup.latest).date():
        begin = max(content.pickup.earliest, _at(day, known.day_start))
        if begin <= content.pickup.latest and begin < _at(day, known.day_end):
            return begin
        day += timedelta(days=1)
    return None


def _of_deadline(content: RequestContent, now: datetime) -> Iterator[HintShown]:
    if content.deadline is None:
        return
    if content.deadline.at <= now:
        yield _hint("deadline_past", "/deadline/at")
    elif content.deadline.at < content.pickup.earliest:
        yield _hint("deadline_before_pickup", "/deadline/at")
    elif content.deadline.at < content.handover.earliest:
        yield _hint("deadline_before_handover", "/deadline/at")


def _of_terms(content: RequestContent, rules: ServiceParameters, today: date) -> Iterator[HintShown]:
    flight_day = _local(content.departure or content.handover.latest).date()
    if content.stop_overs:
        apply = rules.transit.apply_days_before.value
        until = latest_day(flight_day, apply)
        decided = rules.transit.decide_days.value + rules.transit.extension_days.value
        if is_too_late(today, flight_day, apply):
            yield _hint("transit_too_late", "/stop_overs", days=apply, until=until)
        elif is_too_late(today, flight_day, decided):
            yield _hint("transit_may_be_late", "/stop_overs", days=decided, until=until)
    if content.case_type is CaseType.DUBLIN:
        is_special = content.needs_medical_reception or bool(_SPECIAL & set(content.needs))
        known = rules.dublin.form_special_latest_days if is_special else rules.dublin.form_latest_days
        days = known.value
        if is_too_late(today, flight_day, days):
            code = "dublin_form_too_late_special" if is_special else "dublin_form_too_late"
            yield _hint(code, "/handover/earliest", days=days, until=latest_day(flight_day, days))


# --- what there is to ride in -----------------------------------------------------------------------------------------


def _of_fleet(content: RequestContent, able: Capability, known: ParameterSet) -> Iterator[HintShown]:
    if Need.LYING in content.needs:
        yield _hint("lying_not_placeable", "/needs")
    for need in sorted(set(content.needs) & CREW_NEEDS - able.skills):
        yield _hint("no_crew_for_need", "/needs", need=need.value)
    if content.has_children and not any(carries for _, _, carries in able.vehicles):
        yield _hint("no_vehicle_for_children", "/people")
    kinds = {(seats, places) for seats, places, carries in able.vehicles if carries or not content.has_children}
    if content.wheelchairs and not any(places >= content.wheelchairs for _, places in kinds):
        yield _hint("no_wheelchair_place", "/wheelchairs", places=max((places for _, places in kinds), default=0))
        return
    party = Party(groups=tuple(People(age=each.age, sex=each.sex, count=each.count) for each in content.people))
    officers = max(content.escorts, known.escorts.officers(party.escorted_adults))
    if officers > able.officers:
        yield _hint("no_crew_so_large", "/escorts", officers=officers, most=able.officers)
    elif content.escorts_female > able.female_officers:
        yield _hint("no_crew_with_women", "/escorts_female", most=able.female_officers)
    seated = content.size - content.wheelchairs
    fitting = [seats - able.heads for seats, places in kinds if places >= content.wheelchairs]
    if seated > max(fitting, default=0):
        yield _hint("no_vehicle_so_large", "/people", people=content.size, most=max(fitting, default=0))


@cache
def _closes() -> Mapping[str, Seconds]:
    return {airport.iata: airport.before_departure for airport in data.airports()}


def _hint(code: str, path: str, **figures: object) -> HintShown:
    def told(pair: tuple[str, str]) -> dict[str, str]:
        german = {name: f"{each:%d.%m.%Y}" if isinstance(each, date) else each for name, each in figures.items()}
        return {"de": pair[0].format(**german), "en": pair[1].format(**figures)}

    texts, actions = TEXTS[code]
    return HintShown(code=code, path=path, texts=told(texts), actions=told(actions))


def _minutes(seconds: Seconds) -> int:
    return -(-seconds // 60)


def _at(day: date, seconds: Seconds) -> datetime:
    """Return the instant of a second of a local day, by the clock on the wall."""
    wall = datetime.combine(day, time()) + timedelta(seconds=seconds)
    return wall.replace(tzinfo=BERLIN).astimezone(UTC)


def _local(instant: datetime) -> datetime:
    return instant.astimezone(BERLIN)
