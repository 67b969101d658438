"""The timetable of a planned tour: rides timed so that the rules along the tour hold."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.model import Duty, ParameterSet, Request, Tour, Visit, VisitKind, Window, WorkingTime
from optimizer.model.units import MINUTE, PlaceId, Seconds
from optimizer.simulate.sampling_geography import Geography


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """A request with the begin of service at both stops."""

    request: Request
    pickup: Seconds
    delivery: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TourFrame:
    """One duty's depot, window and working-time profile: what a timetable has to fit into."""

    geography: Geography
    duty: Duty
    window: Window
    profile: WorkingTime

    def rides_alone(self, request: Request, ready: Seconds, place: PlaceId | None, reserve: Seconds = 0) -> list[Ride]:
        """Return the direct ride as early as its windows and a vehicle that is free at ``ready`` allow, or nothing.

        ``reserve`` seconds are planned on top where the hand-over window and the caps on time on board leave room.
        """
        direct = self._direct(request)
        reach = ready + self._drive(place, request.pickup.place)
        pickup = max(request.pickup.earliest, request.delivery.earliest - direct - request.pickup.service, reach)
        pickup = _whole_minutes(pickup)
        departure = pickup + request.pickup.service
        delivery = _whole_minutes(departure + direct)
        if pickup > request.pickup.latest or delivery > request.delivery.latest:
            return []
        later = _whole_minutes(departure + direct + reserve)
        if later <= request.delivery.latest and self._may_last(request, later - departure):
            delivery = later
        if not self._may_last(request, delivery - departure):
            return []
        return [Ride(request=request, pickup=pickup, delivery=delivery)]

    def _may_last(self, request: Request, on_board: Seconds) -> bool:
        """Whether a ride may take so long, the time above the direct ride being spent waiting."""
        rules, direct = self.geography.parameters, self._direct(request)
        caps = (
            self.geography.ride_cap(request.party.has_children),
            _detour_cap(rules, direct),
            None if rules.max_wait is None else direct + rules.max_wait,
        )
        return all(cap is None or on_board <= cap for cap in caps)

    def rides_together(self, first: Request, second: Request) -> list[Ride]:
        """Return both rides from the same door to the same door, one picked up after the other, or nothing."""
        depot = self.duty.start_place
        service, direct = first.pickup.service, self._direct(first)
        handover = first.delivery.service
        pickup = max(
            self.window.earliest + self._drive(depot, first.pickup.place),
            first.pickup.earliest,
            second.pickup.earliest - service,
            first.delivery.earliest - direct - service - second.pickup.service,
            second.delivery.earliest - direct - service - second.pickup.service - handover,
        )
        after = pickup + service
        delivery = after + second.pickup.service + direct
        last = delivery + handover
        fits = pickup <= first.pickup.latest and after <= second.pickup.latest
        if not fits or delivery > first.delivery.latest or last > second.delivery.latest:
            return []
        # Each rides through one stop of the other: that is their detour.
        if not self._may_last(first, delivery - after) or not self._may_last(second, last - delivery + direct):
            return []
        return [
            Ride(request=first, pickup=pickup, delivery=delivery),
            Ride(request=second, pickup=after, delivery=last),
        ]

    def tour(self, rides: list[Ride]) -> Tour | None:
        """Return the timetable of these rides with the breaks they need, or ``None`` where a rule would be broken."""
        if not rides:
            return None
        for breaks in ((), (MINUTE * 30,), (MINUTE * 45,)):
            visits = self._visits(rides, breaks[0] if breaks else 0)
            if visits is not None and self._keeps_working_time(visits):
                return Tour(duty=self.duty.id, visits=tuple(visits))
        return None

    def _visits(self, rides: list[Ride], pause: Seconds) -> list[Visit] | None:
        """Return the visits; a ``pause`` is made as soon as somebody was handed over and nobody is on board."""
        stops = sorted(
            [(ride.pickup, VisitKind.PICKUP, ride.request) for ride in rides]
            + [(ride.delivery, VisitKind.DELIVERY, ride.request) for ride in rides],
            key=lambda stop: stop[0],
        )
        depot, first = self.duty.start_place, stops[0]
        leave = first[0] - self._drive(depot, first[2].pickup.place)
        visits = [Visit(kind=VisitKind.START, place=depot, arrival=leave, start=leave, departure=leave)]
        board: list[Request] = []
        for start, kind, request in stops:
            stop = request.pickup if kind is VisitKind.PICKUP else request.delivery
            drive = self._drive(visits[-1].place, stop.place)
            children = any(rider.party.has_children for rider in board)
            rests = self.geography.rests(drive, children) if board else 0
            arrival = visits[-1].departure + drive + rests * self.geography.parameters.rest_length
            if arrival > start:
                return None
            visits.append(
                Visit(
                    kind=kind,
                    place=stop.place,
                    request=request.id,
                    arrival=arrival,
                    start=start,
                    departure=start + stop.service,
                    rests=rests,
                )
            )
            board = [*board, request] if kind is VisitKind.PICKUP else [r for r in board if r.id != request.id]
            if pause and not board:
                begin = visits[-1].departure
                visits.append(
                    Visit(kind=VisitKind.BREAK, place=stop.place, arrival=begin, start=begin, departure=begin + pause)
                )
                pause = 0
        home = visits[-1].departure + self._drive(visits[-1].place, self.duty.end_place)
        visits.append(Visit(kind=VisitKind.END, place=self.duty.end_place, arrival=home, start=home, departure=home))
        return visits if self.window.earliest <= leave and home <= self.window.latest else None

    def _keeps_working_time(self, visits: list[Visit]) -> bool:
        profile = self.profile
        begin, end = visits[0].departure, visits[-1].arrival
        span = end - begin
        counted = 0
        stretches: list[Seconds] = []
        for visit in visits:
            if visit.kind is VisitKind.BREAK:
                counted += (visit.departure - visit.start) // profile.step * profile.step
                stretches.append(visit.start - begin)
                begin = visit.departure
        stretches.append(end - begin)
        fits_span = profile.max_span is None or span <= profile.max_span
        fits_stretch = profile.max_stretch is None or max(stretches) <= profile.max_stretch
        return counted >= profile.break_needed(span) and fits_span and fits_stretch

    def _drive(self, origin: PlaceId | None, destination: PlaceId | None) -> Seconds:
        return 0 if origin is None or destination is None else self.geography.drive(origin, destination)

    def _direct(self, request: Request) -> Seconds:
        return self.geography.direct(request.pickup.place, request.delivery.place, request.party.has_children)


def _detour_cap(rules: ParameterSet, direct: Seconds) -> Seconds | None:
    if rules.detour_permille is None:
        return None
    return max(direct * rules.detour_permille // 1000, direct + rules.detour_allowance)


def _whole_minutes(instant: Seconds) -> Seconds:
    """Return the instant, rounded up: people are promised minutes."""
    return -(-instant // MINUTE) * MINUTE
