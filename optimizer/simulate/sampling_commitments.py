"""Synthetic promises: a planned tour with one or two rides that is feasible by construction, with free seats left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from optimizer.model import (
    CREW_NEEDS,
    Commitment,
    Crew,
    Duty,
    InstanceIndex,
    Need,
    Promise,
    Request,
    Tour,
    Vehicle,
)
from optimizer.model.people import CHILD_SEAT_BANDS
from optimizer.model.units import RequestId, Seconds
from optimizer.simulate.sampling_calendar import Calendar
from optimizer.simulate.sampling_demand import Supply
from optimizer.simulate.sampling_dice import Dice
from optimizer.simulate.sampling_geography import Geography
from optimizer.simulate.sampling_requests import RequestMaker
from optimizer.simulate.sampling_timetable import Ride, TourFrame

_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTour:
    """A commitment with its requests and the timetable that shows it to be feasible."""

    commitment: Commitment
    requests: tuple[Request, ...]
    tour: Tour


class CommitmentMaker:
    """Draws committed rides that suit a duty and times them so that every rule holds.

    The first ride goes directly. A second one joins it where both begin and end at the same places and nothing keeps
    single adults apart, or follows after it. What cannot be made feasible in a few tries is left out.
    """

    def __init__(
        self,
        geography: Geography,
        calendar: Calendar,
        supply: Supply,
        dice: Dice,
        *,
        requests: RequestMaker,
        pool: Sequence[Request],
    ) -> None:
        self._geo, self._calendar, self._supply, self._dice = geography, calendar, supply, dice
        self._requests = requests
        self._flights = [request for request in pool if requests.is_joinable(request)]

    def plan(self, index: InstanceIndex, duty: Duty, day: int, number: int) -> PlannedTour | None:
        """Return a planned tour of ``duty`` with requests ``C<number>`` and on, or ``None`` where none was found."""
        window = index.duty_window(duty.id)
        if window is None:
            return None
        vehicle, crew = index.duty_vehicle(duty.id), index.duty_crew(duty.id)
        midnights = self._calendar.instant(day, 0), self._calendar.instant(day + 1, 0)
        prefix = next(prefix for prefix, zab in self._geo.zab_by_prefix.items() if zab == crew.zab)
        frame = TourFrame(geography=self._geo, duty=duty, window=window, profile=index.duty_profile(duty.id))
        found: list[tuple[Seconds, int, list[Ride], Tour]] = []
        for attempt in range(_TRIES):
            request = self._same_flight(self._draw(_name(number), day, prefix), midnights)
            if not _suits(request, vehicle, crew, self._geo):
                continue
            reserve = self._supply.reserve if self._dice.chance(self._supply.reserved) else 0
            alone = frame.rides_alone(request, window.earliest, duty.start_place, reserve)
            tour = frame.tour(alone)
            if tour is not None:
                found.append((tour.span, attempt, alone, tour))
        if not found:
            return None
        # The first round gave each vehicle what suits it: the shortest of the tours that are at hand.
        _, _, rides, planned = min(found)
        if self._dice.chance(self._supply.second_committed):
            more = self._second(frame, rides[0], vehicle, crew, _name(number + 1), day, prefix)
            tour = frame.tour(more)
            if tour is not None:
                rides, planned = more, tour
        tolerance = self._supply.tolerance if self._dice.chance(self._supply.tolerant) else 0
        promises = tuple(
            Promise(request=visit.request, kind=visit.kind, start=visit.start)
            for visit in planned.visits
            if visit.request is not None
        )
        return PlannedTour(
            commitment=Commitment(duty=duty.id, promises=promises, tolerance=tolerance),
            requests=tuple(ride.request for ride in rides),
            tour=planned,
        )

    def _draw(self, name: RequestId, day: int, prefix: str) -> Request:
        return replace(self._requests.draw(name, rejected=False, day=day, bezirk=prefix), separate=False)

    def _same_flight(self, request: Request, midnights: tuple[Seconds, Seconds]) -> Request:
        """Let some promises be for a flight that somebody in the pool should take from the same facility."""
        if not self._requests.is_joinable(request) or not self._dice.chance(self._supply.planned_flight):
            return request
        first, last = midnights
        others = [r for r in self._flights if first <= r.pickup.earliest < last]
        if not others:
            return request
        other = self._dice.one_of(others)
        return replace(
            request,
            pickup=other.pickup,
            delivery=other.delivery,
            case_type=other.case_type,
            authority=other.authority,
            features=frozenset(),
        )

    def _second(
        self, frame: TourFrame, first: Ride, vehicle: Vehicle, crew: Crew, name: RequestId, day: int, prefix: str
    ) -> list[Ride]:
        """Return both rides, or nothing."""
        for _ in range(_TRIES):
            request = self._draw(name, day, prefix)
            if _single_man(request) and _single_man(first.request) and self._dice.chance(0.5):
                # The usual planned tour: several from one facility to one flight.
                request = replace(request, pickup=first.request.pickup, delivery=first.request.delivery)
                request = replace(request, authority=first.request.authority, case_type=first.request.case_type)
            if not _suits(request, vehicle, crew, self._geo):
                continue
            together = frame.rides_together(first.request, request) if _may_join(first.request, request) else []
            if together and _seats(vehicle, crew) >= 2 and vehicle.luggage >= 2:
                return together
            ready = first.delivery + first.request.delivery.service
            later = frame.rides_alone(request, ready, first.request.delivery.place)
            if later and frame.tour([first, *later]) is not None:
                return [first, *later]
        return []


def _suits(request: Request, vehicle: Vehicle, crew: Crew, geography: Geography) -> bool:
    """Whether the rules on one request and one duty hold, and those on the time on board of a direct ride."""
    party, rules = request.party, geography.parameters
    if Need.LYING in request.needs or request.night_ground or not request.features <= vehicle.features:
        return False
    if any(need in CREW_NEEDS and need.value not in crew.skills for need in request.needs):
        return False
    if party.has_children and not vehicle.carries_children:
        return False
    seats = any(
        party.size - request.wheelchairs <= configuration.seats - crew.heads
        and request.wheelchairs <= configuration.wheelchair_places
        for configuration in vehicle.configurations
    )
    bands = (party.count(frozenset({band})) for band in CHILD_SEAT_BANDS)
    child_seats = all(number <= stock for number, stock in zip(bands, vehicle.child_seats, strict=True))
    escorts = max(rules.escorts.officers(party.escorted_adults), request.escort_officers)
    female = max(request.escort_female, int(party.has_female))
    direct = geography.direct(request.pickup.place, request.delivery.place, party.has_children)
    cap = geography.ride_cap(party.has_children)
    return (
        seats
        and child_seats
        and request.luggage <= vehicle.luggage
        and escorts <= crew.officers
        and female <= crew.female_officers
        and (cap is None or direct <= cap)
    )


def _may_join(first: Request, second: Request) -> bool:
    """Whether two single men may ride together from door to door: the plainest of the cases that the rules allow."""
    same = first.pickup.place == second.pickup.place and first.delivery.place == second.delivery.place
    return same and _single_man(first) and _single_man(second)


def _single_man(request: Request) -> bool:
    return request.party.size == 1 and request.party.has_adult_man and not request.wheelchairs


def _seats(vehicle: Vehicle, crew: Crew) -> int:
    return max(configuration.seats for configuration in vehicle.configurations) - crew.heads


def _name(number: int) -> RequestId:
    return f"C{number:04d}"
