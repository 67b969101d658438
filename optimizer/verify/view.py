"""A plan laid out for checking: who is on board when, computed once and read by every rule.

Built to survive any plan, however wrong: a tour of an unknown duty has no ``means``, a visit of an unknown request
changes nothing on board, a drive between places without a driving time is ``None``. Whoever reads skips what is
missing, since exactly one rule reports it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass

from optimizer.model import (
    Crew,
    Duty,
    Instance,
    InstanceIndex,
    Request,
    Rule,
    Shift,
    Solution,
    Strength,
    Tour,
    Vehicle,
    Visit,
    VisitKind,
    WorkingTime,
)
from optimizer.model.units import DutyId, Metres, PlaceId, RequestId, Seconds, ZabId
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.violation import Violation

Board = tuple[Request, ...]
"""The requests picked up and not yet handed over, in the order of their pick-ups."""

SERVING = (VisitKind.PICKUP, VisitKind.DELIVERY)


@dataclass(frozen=True, slots=True)
class Step:
    """A visit with the drive to it; ``before`` is on board during that drive, ``after`` once the visit is done.

    ``drive`` (seconds, rests not counted) and ``metres`` are 0 for the first visit, and ``None`` where the travel
    times do not know the pair of places.
    """

    previous: Visit | None
    visit: Visit
    drive: Seconds | None
    metres: Metres | None
    before: Board
    after: Board


@dataclass(frozen=True, slots=True)
class Ride:
    """A request's way from pick-up to hand-over within one tour."""

    request: Request
    duty: DutyId
    pickup: Visit
    delivery: Visit

    @property
    def on_board(self) -> Seconds:
        """Seconds from the end of service at the pick-up to the begin of service at the hand-over."""
        return self.delivery.start - self.pickup.departure


@dataclass(frozen=True, slots=True)
class Means:
    """What a known duty works with."""

    duty: Duty
    shift: Shift
    vehicle: Vehicle
    crew: Crew
    profile: WorkingTime
    zab: ZabId


@dataclass(frozen=True, slots=True)
class TourView:
    """One tour of the plan; ``means`` is ``None`` where the instance has no such duty."""

    tour: Tour
    means: Means | None
    steps: tuple[Step, ...]
    episodes: tuple[tuple[Board, ...], ...]
    """From empty to empty: the boards after each visit of the episode, none of them empty."""
    rides: tuple[Ride, ...]

    @property
    def duty(self) -> DutyId:
        """Id of the duty as the plan states it."""
        return self.tour.duty

    @property
    def first(self) -> Visit:
        """The first visit."""
        return self.tour.visits[0]

    @property
    def last(self) -> Visit:
        """The last visit."""
        return self.tour.visits[-1]


class View:
    """Instance, travel times and plan, joined.

    Parameters
    ----------
    instance, travel, solution
        The problem and the plan.

    Raises
    ------
    InvalidValue
        When the travel times lack a place of a request or a depot: the input is incomplete, not the plan wrong.
    """

    def __init__(self, instance: Instance, travel: TravelMatrix, solution: Solution) -> None:
        self.instance = instance
        self.parameters = instance.parameters
        self.index = InstanceIndex(instance)
        self.solution = solution
        needed = [stop.place for r in instance.requests for stop in (r.pickup, r.delivery)]
        needed += [p for d in instance.duties for p in (d.start_place, d.end_place) if p is not None]
        travel.index(needed)
        # Plain dictionaries: single look-ups in an array, by name, are what would make the checker slow.
        self._seconds = _rows(travel.places, travel.seconds.tolist())
        self._metres = _rows(travel.places, travel.metres.tolist())
        self.tours: tuple[TourView, ...] = tuple(self._tour(tour) for tour in solution.tours)

    # --- travel -------------------------------------------------------------------------------------------------------

    def drive(self, origin: PlaceId | None, destination: PlaceId | None) -> Seconds | None:
        """Driving seconds; 0 where either place is ``None`` (no depot), ``None`` where the pair is unknown."""
        return _look_up(self._seconds, origin, destination)

    def distance(self, origin: PlaceId | None, destination: PlaceId | None) -> Metres | None:
        """Metres; 0 where either place is ``None`` (no depot), ``None`` where the pair is unknown."""
        return _look_up(self._metres, origin, destination)

    def rests(self, drive: Seconds, *, children: bool) -> int:
        """Rest stops that a drive of ``drive`` seconds needs with people on board (``children``: under 14)."""
        every = self.parameters.rest_every
        if every is None:
            return 0
        if children and self.parameters.rest_every_children is not None:
            every = self.parameters.rest_every_children
        return max(0, -(-drive // every) - 1)

    def direct(self, request: Request) -> Seconds:
        """Seconds of the direct ride of ``request``, its own rest stops included."""
        drive = self.drive(request.pickup.place, request.delivery.place)
        if drive is None:  # the constructor has made sure of it
            raise AssertionError(f"No driving time for request {request.id}")
        rests = self.rests(drive, children=request.party.has_children)
        return drive + rests * self.parameters.rest_length

    def slack(self, step: Step) -> Seconds | None:
        """Seconds between the earliest possible arrival and the begin of service; ``None`` where it is undefined."""
        if step.previous is None or step.drive is None:
            return None
        rest = step.visit.rests * self.parameters.rest_length
        return step.visit.start - (step.previous.departure + step.drive + rest)

    # --- who and what -------------------------------------------------------------------------------------------------

    def is_committed(self, request: Request) -> bool:
        """Whether a commitment names ``request``."""
        return request.id in self.index.committed_duty

    def manned(self) -> Iterator[tuple[TourView, Means]]:
        """Tours of known duties, with what they work with; a tour of an unknown duty is reported by DEPOT."""
        for tour in self.tours:
            if tour.means is not None:
                yield tour, tour.means

    def rides(self) -> Iterator[Ride]:
        """All rides of the plan, tour by tour in the order of their pick-ups."""
        for tour in self.tours:
            yield from tour.rides

    def used_duties(self) -> list[Means]:
        """Known duties with a tour, each once, in the order of the plan."""
        return list({means.duty.id: means for _, means in self.manned()}.values())

    def carriers(self) -> dict[RequestId, list[TourView]]:
        """Tours that visit a request (pick-up or hand-over), by request; known requests only."""
        carriers: dict[RequestId, list[TourView]] = defaultdict(list)
        for tour in self.tours:
            for request in dict.fromkeys(v.request for v in tour.tour.visits if v.kind in SERVING):
                if request in self.index.request:
                    carriers[request].append(tour)
        return dict(carriers)

    def violation(
        self,
        rule: Rule,
        what: str,
        *,
        expected: str,
        got: str,
        duty: DutyId | None = None,
        request: RequestId | None = None,
        strength: Strength | None = None,
    ) -> Violation:
        """Return a violation of ``rule`` at its strength; ``what`` is measured where ``duty`` and ``request`` say."""
        where = [f"duty {duty}"] if duty is not None else []
        where += [f"request {request}"] if request is not None else []
        place = f" ({', '.join(where)})" if where else ""
        return Violation(
            rule=rule,
            strength=self.parameters.strength(rule) if strength is None else strength,
            duty=duty,
            request=request,
            expected=expected,
            got=got,
            message=f"{what}{place}: expected {expected}, got {got}.",
        )

    def of(self, solution: Solution) -> View:
        """Return the view of another plan for the same problem, without joining the problem anew."""
        other = copy(self)
        other.solution = solution
        # A tour is laid out from its own visits and the problem alone: the same one need not be laid out again.
        known = {id(each.tour): each for each in self.tours}
        other.tours = tuple(known.get(id(tour)) or self._tour(tour) for tour in solution.tours)
        return other

    # --- construction -------------------------------------------------------------------------------------------------

    def _means(self, duty: DutyId) -> Means | None:
        if duty not in self.index.duty:
            return None
        return Means(
            duty=self.index.duty[duty],
            shift=self.index.duty_shift(duty),
            vehicle=self.index.duty_vehicle(duty),
            crew=self.index.duty_crew(duty),
            profile=self.index.duty_profile(duty),
            zab=self.index.duty_zab(duty),
        )

    def _tour(self, tour: Tour) -> TourView:
        steps: list[Step] = []
        board: Board = ()
        previous: Visit | None = None
        for visit in tour.visits:
            after = self._change(board, visit)
            steps.append(
                Step(
                    previous=previous,
                    visit=visit,
                    drive=0 if previous is None else self.drive(previous.place, visit.place),
                    metres=0 if previous is None else self.distance(previous.place, visit.place),
                    before=board,
                    after=after,
                )
            )
            previous, board = visit, after
        return TourView(
            tour=tour,
            means=self._means(tour.duty),
            steps=tuple(steps),
            episodes=_episodes(steps),
            rides=tuple(self._rides(tour)),
        )

    def _change(self, board: Board, visit: Visit) -> Board:
        request = self.index.request.get(visit.request) if visit.request is not None else None
        if request is None or visit.kind not in SERVING:
            return board
        others = tuple(each for each in board if each.id != request.id)
        return (*others, request) if visit.kind is VisitKind.PICKUP else others

    def _rides(self, tour: Tour) -> Iterator[Ride]:
        """Rides of well-paired requests; the others are reported by PAIRING and have no time on board to judge."""
        visits: dict[RequestId, list[Visit]] = defaultdict(list)
        for visit in tour.visits:
            if visit.request in self.index.request and visit.kind in SERVING:
                visits[visit.request].append(visit)
        for request, both in visits.items():
            if [visit.kind for visit in both] == list(SERVING):
                yield Ride(request=self.index.request[request], duty=tour.duty, pickup=both[0], delivery=both[1])


def has_children(board: Board) -> bool:
    """Whether anyone on board is under 14."""
    return any(request.party.has_children for request in board)


def _episodes(steps: list[Step]) -> tuple[tuple[Board, ...], ...]:
    episodes: list[tuple[Board, ...]] = []
    boards: list[Board] = []
    for step in steps:
        if step.after:
            boards.append(step.after)
        elif boards:
            episodes.append(tuple(boards))
            boards = []
    if boards:
        episodes.append(tuple(boards))
    return tuple(episodes)


def _rows(places: tuple[PlaceId, ...], table: list[list[int]]) -> dict[PlaceId, dict[PlaceId, int]]:
    return {origin: dict(zip(places, row, strict=True)) for origin, row in zip(places, table, strict=True)}


def _look_up(
    rows: Mapping[PlaceId, Mapping[PlaceId, int]], origin: PlaceId | None, destination: PlaceId | None
) -> int | None:
    if origin is None or destination is None:
        return 0
    return rows.get(origin, {}).get(destination)
