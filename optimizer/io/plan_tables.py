"""A plan as tables for people: proposals, unserved requests, stops, tours, ZABs; as CSV files and an Excel workbook.

Requests stand with their pseudonymous reference, places with their coarse names; there is no other datum of a person.
Times are local, in minutes. Durations are rounded up, all alike, so that no table tells less than people have to bear
and what keeps a limit also looks so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.io.tables_rides import longest_ride, rest_time
from optimizer.io.tables_time import Calendar, calendar_of
from optimizer.model import Instance, InstanceIndex, Request, Tour, Visit, VisitKind
from optimizer.model.units import DutyId, PlaceId, RequestId, Seconds
from optimizer.result import Result
from optimizer.travel.matrix import TravelMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """A ride of the plan as a dispatcher reads it. ``minutes_limit`` is ``None`` where no cap holds."""

    zab: str
    duty: str
    vehicle: str
    request: str
    people: int
    pickup_place: str
    pickup_time: str
    handover_place: str
    handover_time: str
    minutes_on_board: int
    minutes_direct: int
    minutes_limit: int | None
    shares_with: str
    planned_tour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTour:
    """A tour that was promised already: rides promised and new, seats for passengers used at most, before and after."""

    zab: str
    duty: str
    vehicle: str
    promised: int
    new: int
    seats: int
    used_before: int
    used_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnservedReason:
    """Why one ZAB cannot carry a request."""

    request: str
    pickup_place: str
    handover_place: str
    zab: str
    duty: str
    obstacle: str
    rule: str
    reason: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStop:
    """A stop of a tour."""

    zab: str
    duty: str
    vehicle: str
    number: int
    kind: str
    place: str
    request: str
    arrival: str
    start: str
    departure: str
    rests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZabLoad:
    """What a ZAB does in the plan."""

    zab: str
    shifts: int
    prior_load: int
    new_requests: int
    tours: int
    km: int
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTables:
    """All tables of one plan."""

    proposals: tuple[Ride, ...]
    planned: tuple[PlannedTour, ...]
    unserved: tuple[UnservedReason, ...]
    stops: tuple[TourStop, ...]
    zabs: tuple[ZabLoad, ...]


class _Plan:
    """Look-ups over one plan."""

    def __init__(self, instance: Instance, travel: TravelMatrix, result: Result, language: str) -> None:
        self.index = InstanceIndex(instance)
        self.result = result
        self.language = language
        self.calendar = _calendar(instance)
        self._travel = travel
        self._row = {place: at for at, place in enumerate(travel.places)}

    def tours(self) -> list[Tour]:
        """Tours by ZAB, then by the time they leave."""
        return sorted(
            self.result.solution.tours,
            key=lambda tour: (self.index.duty_zab(tour.duty), tour.visits[0].departure, tour.duty),
        )

    def place(self, place: PlaceId | None) -> str:
        """Return the name of a place."""
        return self.index.place[place].name if place is not None else ""

    def seconds(self, origin: PlaceId, destination: PlaceId) -> Seconds:
        """Seconds of the drive."""
        return int(self._travel.seconds[self._row[origin], self._row[destination]])

    def metres(self, tour: Tour) -> int:
        """Metres of a tour; a depot that is none counts nothing."""
        pairs = [(a.place, b.place) for a, b in zip(tour.visits, tour.visits[1:], strict=False)]
        return sum(
            int(self._travel.metres[self._row[a], self._row[b]]) for a, b in pairs if a is not None and b is not None
        )

    def clock(self, seconds: Seconds) -> str:
        """Return a local time; with its offset in the doubled hour only."""
        return self.calendar.text(seconds // 60 * 60)


def _calendar(instance: Instance) -> Calendar:
    try:
        return calendar_of(instance.horizon_start, instance.timezone)
    except ValueError:
        # Literature and hand-made instances name no day: their seconds count from some midnight.
        return calendar_of("2000-01-01T00:00:00+01:00", "Europe/Berlin")


def plan_tables(instance: Instance, travel: TravelMatrix, result: Result, language: str = "de") -> PlanTables:
    """Return the tables of a plan; ``language`` (``de``, ``en``) is that of reasons and actions."""
    plan = _Plan(instance, travel, result, language)
    tours = plan.tours()
    return PlanTables(
        proposals=tuple(ride for tour in tours for ride in _rides(plan, tour)),
        planned=tuple(_planned(plan, tour) for tour in tours if tour.duty in plan.index.commitment),
        unserved=tuple(_unserved(plan)),
        stops=tuple(stop for tour in tours for stop in _stops(plan, tour)),
        zabs=tuple(_loads(plan, tours)),
    )


def _rides(plan: _Plan, tour: Tour) -> list[Ride]:
    index, parameters = plan.index, plan.index.instance.parameters
    on_board = _on_board(tour)
    rides = []
    for key, (pickup, delivery) in on_board.items():
        if key in index.committed_duty:
            continue
        request = index.request[key]
        drive = plan.seconds(request.pickup.place, request.delivery.place)
        direct = drive + rest_time(drive, request.party.has_children, parameters)
        limit = longest_ride(request, direct, parameters)
        others = [
            other
            for other, (start, end) in on_board.items()
            if other != key and start.departure < delivery.start and pickup.departure < end.start
        ]
        rides.append(
            Ride(
                zab=index.zab[index.duty_zab(tour.duty)].name,
                duty=tour.duty,
                vehicle=index.duty_vehicle(tour.duty).id,
                request=key,
                people=request.party.size,
                pickup_place=plan.place(pickup.place),
                pickup_time=plan.clock(pickup.start),
                handover_place=plan.place(delivery.place),
                handover_time=plan.clock(delivery.start),
                minutes_on_board=_minutes(delivery.start - pickup.departure),
                minutes_direct=_minutes(direct),
                minutes_limit=_minutes(limit) if limit is not None else None,
                shares_with=" ".join(others),
                planned_tour="yes" if tour.duty in index.commitment else "no",
            )
        )
    return rides


def _on_board(tour: Tour) -> dict[RequestId, tuple[Visit, Visit]]:
    """Return pick-up and hand-over of each ride, in the order of the pick-ups."""
    delivered = {visit.request: visit for visit in tour.visits if visit.kind is VisitKind.DELIVERY}
    return {
        visit.request: (visit, delivered[visit.request])
        for visit in tour.visits
        if visit.kind is VisitKind.PICKUP and visit.request is not None
    }


def _planned(plan: _Plan, tour: Tour) -> PlannedTour:
    index = plan.index
    promised = {promise.request for promise in index.commitment[tour.duty].promises}
    vehicle, crew = index.duty_vehicle(tour.duty), index.duty_crew(tour.duty)
    return PlannedTour(
        zab=index.zab[crew.zab].name,
        duty=tour.duty,
        vehicle=vehicle.id,
        promised=len(promised),
        new=len(tour.requests - promised),
        seats=max(c.seats for c in vehicle.configurations) - crew.heads,
        used_before=_peak(plan, tour, promised),
        used_after=_peak(plan, tour, tour.requests),
    )


def _peak(plan: _Plan, tour: Tour, counted: frozenset[RequestId] | set[RequestId]) -> int:
    """Most seats in use at the same time by the rides in ``counted``."""
    used = most = 0
    for visit in tour.visits:
        if visit.request in counted and visit.request is not None:
            seats = _seats(plan.index.request[visit.request])
            used += seats if visit.kind is VisitKind.PICKUP else -seats
            most = max(most, used)
    return most


def _seats(request: Request) -> int:
    return request.load if request.load is not None else request.party.size - request.wheelchairs


def _unserved(plan: _Plan) -> list[UnservedReason]:
    index = plan.index
    told = {entry.request: entry.reasons for entry in plan.result.unserved}
    served = plan.result.solution.served
    rows: list[UnservedReason] = []
    for request in index.pool:
        if request.id in served:
            continue
        shared = {
            "request": request.id,
            "pickup_place": plan.place(request.pickup.place),
            "handover_place": plan.place(request.delivery.place),
        }
        reasons = told.get(request.id, ())
        rows.extend(
            UnservedReason(
                **shared,
                zab=index.zab[reason.zab].name,
                duty=reason.duty,
                obstacle=reason.obstacle.value,
                rule=reason.rule.value if reason.rule is not None else "",
                reason=_in_language(reason.texts, plan.language),
                action=_in_language(reason.actions, plan.language),
            )
            for reason in reasons
        )
        if not reasons:
            rows.append(UnservedReason(**shared, zab="", duty="", obstacle="", rule="", reason="", action=""))
    return rows


def _in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _stops(plan: _Plan, tour: Tour) -> list[TourStop]:
    index = plan.index
    return [
        TourStop(
            zab=index.zab[index.duty_zab(tour.duty)].name,
            duty=tour.duty,
            vehicle=index.duty_vehicle(tour.duty).id,
            number=number,
            kind=visit.kind.value,
            place=plan.place(visit.place),
            request=visit.request or "",
            arrival=plan.clock(visit.arrival),
            start=plan.clock(visit.start),
            departure=plan.clock(visit.departure),
            rests=visit.rests,
        )
        for number, visit in enumerate(tour.visits, start=1)
    ]


def _loads(plan: _Plan, tours: Sequence[Tour]) -> list[ZabLoad]:
    index = plan.index
    zab_of: dict[DutyId, str] = {tour.duty: index.duty_zab(tour.duty) for tour in tours}
    loads = []
    for zab in index.instance.zabs:
        own = [tour for tour in tours if zab_of[tour.duty] == zab.id]
        loads.append(
            ZabLoad(
                zab=zab.name,
                shifts=index.shifts_of_zab(zab.id),
                prior_load=zab.prior_load,
                new_requests=sum(key not in index.committed_duty for tour in own for key in tour.requests),
                tours=len(own),
                km=round(sum(plan.metres(tour) for tour in own) / 1000),
                hours=round(sum(tour.span for tour in own) / 3600, 1),
            )
        )
    return loads


def _minutes(seconds: Seconds) -> int:
    return -(-seconds // 60)
