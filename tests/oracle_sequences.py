"""All sequences of stops that one duty could make, by plain depth-first search.

Every rule that does not need a clock is asked here; each can be switched off by name, so that a test can see whether
it makes a difference. A prefix is cut only where its own clock already fails: whatever follows only adds constraints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from optimizer.model import (
    CHILD_SEAT_BANDS,
    CREW_NEEDS,
    Instance,
    InstanceIndex,
    Licence,
    Need,
    Request,
    Rule,
    SeatConfiguration,
    VisitKind,
    Window,
)
from optimizer.travel.matrix import TravelMatrix
from tests.oracle_timetable import TIMETABLE_STAGES, Course, Step

LICENCES: dict[Licence, frozenset[Licence]] = {
    Licence.B: frozenset(Licence),
    Licence.C1: frozenset({Licence.C1}),
    Licence.D1: frozenset({Licence.D1, Licence.D}),
    Licence.D: frozenset({Licence.D}),
}
"""Licences of the crew of which any one is enough for a vehicle of the class."""

ALWAYS = Window(earliest=0, latest=10 * 86_400)
"""Longer than any tiny instance: the window of a stop whose own is switched off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """One way to carry a request: windows for the begin of service within which no night is met that must not be."""

    request: Request
    pickup: Window
    delivery: Window


class DutyRules:
    """Every rule of one duty, and the search over its sequences. ``off``: rules switched off."""

    def __init__(
        self, instance: Instance, travel: TravelMatrix, index: InstanceIndex, duty: str, off: frozenset[Rule]
    ) -> None:
        self.instance, self.index = instance, index
        self.parameters = instance.parameters
        self.duty = index.duty[duty]
        self.vehicle, self.crew, self.shift = index.duty_vehicle(duty), index.duty_crew(duty), index.duty_shift(duty)
        self.profile = index.duty_profile(duty)
        self.commitment = index.commitment.get(duty)
        self.off = off
        self.rejections: Counter[Rule] = Counter()
        # Looked up for every prefix, so worked out once.
        self.drives = _by_places(travel.places, travel.seconds.tolist())
        self.distances = _by_places(travel.places, travel.metres.tolist())
        self.directs = {request.id: self.direct(request) for request in instance.requests}
        self.caps = {request.id: self.cap(request) for request in instance.requests}

    def applies(self, rule: Rule, *requests: Request) -> bool:
        """Whether ``rule`` binds here: not switched off, not a mere warning, not waived by any of ``requests``."""
        return (
            rule not in self.off
            and self.parameters.enforced(rule)
            and not any(rule in request.waived for request in requests)
        )

    def _breaks(self, rule: Rule, broken: bool, *requests: Request) -> bool:
        """Whether ``rule`` applies and is broken; counts it."""
        if broken and self.applies(rule, *requests):
            self.rejections[rule] += 1
            return True
        return False

    # --- request and duty ---------------------------------------------------------------------------------------------

    def window(self) -> Window | None:
        """When the tour may take place, or ``None``."""
        if Rule.DEPOT in self.off:
            return Window(earliest=self.shift.start, latest=self.shift.end)
        window = self.index.duty_window(self.duty.id)
        if Rule.SHIFT_SPAN in self.off and window is not None:
            availability = [w for w in self.vehicle.availability if w.latest > self.shift.start]
            return availability[0] if availability else ALWAYS
        return window

    def is_usable(self) -> bool:
        """Whether crew and vehicle can make any tour at all."""
        licensed = bool(LICENCES[self.vehicle.licence] & self.crew.licences)
        return not self._breaks(Rule.LICENCE, not licensed) and self.window() is not None

    def can_carry(self, request: Request) -> bool:
        """Whether nothing between request and duty forbids it, whatever the tour."""
        skills = {need.value for need in request.needs & CREW_NEEDS}
        lying = Need.LYING in request.needs
        if (
            self._breaks(Rule.VEHICLE_FEATURES, lying or not request.features <= self.vehicle.features)
            or self._breaks(Rule.CREW_SKILLS, not skills <= self.crew.skills)
            or self._breaks(Rule.NO_CHILDREN_VEHICLE, request.party.has_children and not self.vehicle.carries_children)
        ):
            return False
        if request.id in self.index.committed_duty:
            return True
        barred = self.duty.id in request.barred_duties or self.index.duty_zab(self.duty.id) in request.barred_zabs
        pinned_elsewhere = request.pin is not None and request.pin != self.duty.id
        frozen = any(c.frozen for c in self.instance.commitments if c.duty == self.duty.id)
        return not (
            self._breaks(Rule.BARRED, barred)
            or self._breaks(Rule.PIN, pinned_elsewhere)
            or self._breaks(Rule.FROZEN, frozen)
        )

    def rides(self, request: Request) -> list[Ride]:
        """The ways to carry a pool request: one for each stretch of day that its pick-up can lie in.

        A night ``[e, l)`` forbids pick-ups from ``e`` to ``l - 1``; a ride that must meet no night begins at ``l`` or
        later and is over, service included, at ``e`` or before.
        """
        pickup, delivery = request.pickup, request.delivery
        first = Window(earliest=pickup.earliest, latest=pickup.latest)
        last = Window(earliest=delivery.earliest, latest=delivery.latest)
        if Rule.WINDOW in self.off:
            first = last = ALWAYS
        day_pickup = not request.night_ground and self.applies(Rule.NIGHT_PICKUP)
        day_ride = request.party.has_children and self.applies(Rule.NIGHT_CHILDREN, request)
        if not (day_pickup or day_ride):
            return [Ride(request=request, pickup=first, delivery=last)]
        nights = self.instance.nights
        dusks = [*(night.earliest for night in nights), ALWAYS.latest]
        dawns = [0, *(night.latest for night in nights)]
        rides = []
        for dawn, dusk in zip(dawns, dusks, strict=True):
            begin = max(first.earliest, dawn)
            end = min(first.latest, dusk - 1 if day_pickup else dusk)
            until = min(last.latest, dusk - delivery.service) if day_ride else last.latest
            if begin <= end and last.earliest <= until:
                rides.append(
                    Ride(
                        request=request,
                        pickup=Window(earliest=begin, latest=end),
                        delivery=Window(earliest=last.earliest, latest=until),
                    )
                )
        return rides

    # --- on board together --------------------------------------------------------------------------------------------

    def may_share(self, a: Request, b: Request) -> bool:
        """Whether two requests may be on board at the same moment."""
        if a.unit is not None and a.unit == b.unit:
            return True
        p, q = a.party, b.party
        woman_with_man = (p.is_woman_alone and q.has_adult_man) or (q.is_woman_alone and p.has_adult_man)
        return not (
            self._breaks(Rule.SEPARATION, a.separate or b.separate)
            or self._breaks(Rule.EXCLUSION, b.id in a.excluded or a.id in b.excluded)
            or self._breaks(Rule.LONE_MINOR, p.is_lone_minor or q.is_lone_minor)
            or self._breaks(Rule.FAMILIES_APART, p.is_family != q.is_family, a, b)
            or self._breaks(Rule.WOMEN_ALONE, woman_with_man, a, b)
        )

    def may_board(self, board: list[Request]) -> bool:
        """Whether all of ``board``, the last of whom has just come, may ride together under the eyes of this crew."""
        newcomer = board[-1]
        if not all(self.may_share(other, newcomer) for other in board[:-1]):
            return False
        adults = sum(request.party.escorted_adults for request in board)
        officers = max(self.parameters.escorts.officers(adults), *(request.escort_officers for request in board), 0)
        if self._breaks(Rule.ESCORTS, self.crew.officers < officers):
            return False
        women = max(request.escort_female for request in board)
        if Rule.FEMALE_OFFICER not in self.off and self.crew.female_officers < women:
            self.rejections[Rule.FEMALE_OFFICER] += 1
            return False
        return not any(
            self._breaks(Rule.FEMALE_OFFICER, request.party.has_female and self.crew.female_officers < 1, request)
            for request in board
        )

    def fitting(
        self, configurations: tuple[SeatConfiguration, ...], board: list[Request]
    ) -> tuple[SeatConfiguration, ...]:
        """Those of ``configurations`` that hold ``board``."""
        if Rule.LOAD in self.off:
            return configurations
        seats = sum(r.load if r.load is not None else r.party.size - r.wheelchairs for r in board)
        wheelchairs = sum(r.wheelchairs for r in board)
        children = [sum(r.party.count(frozenset({band})) for r in board) for band in CHILD_SEAT_BANDS]
        fits = all(need <= stock for need, stock in zip(children, self.vehicle.child_seats, strict=True))
        fits = fits and sum(r.luggage for r in board) <= self.vehicle.luggage
        left = tuple(
            c
            for c in configurations
            if fits and seats <= c.seats - self.crew.heads and wheelchairs <= c.wheelchair_places
        )
        if not left:
            self.rejections[Rule.LOAD] += 1
        return left

    # --- clocks -------------------------------------------------------------------------------------------------------

    def rests(self, drive: int, *, children: bool) -> int:
        """Rest stops on a drive with people on board."""
        every = self.parameters.rest_every
        if every is None or Rule.REST_STOP in self.off:
            return 0
        if children and self.parameters.rest_every_children is not None:
            every = self.parameters.rest_every_children
        return max(0, -(-drive // every) - 1)

    def direct(self, request: Request) -> int:
        """Seconds of the direct ride, rests included."""
        drive = self.drives[request.pickup.place, request.delivery.place]
        return drive + self.rests(drive, children=request.party.has_children) * self.parameters.rest_length

    def cap(self, request: Request) -> int | None:
        """Most seconds on board."""
        p, caps = self.parameters, []
        if Rule.RIDE_TIME not in self.off and request.max_ride is not None:
            caps.append(request.max_ride)
        if self.applies(Rule.RIDE_TIME, request):
            children = p.ride_cap_children if request.party.has_children else None
            caps.extend(cap for cap in (p.ride_cap, children) if cap is not None)
        if p.detour_permille is not None and self.applies(Rule.DETOUR, request):
            direct = self.directs[request.id]
            caps.append(max(direct * p.detour_permille // 1000, direct + p.detour_allowance))
        return min(caps, default=None)

    def course(self, steps: tuple[Step, ...]) -> Course:
        """The timetable problem of a sequence."""
        window = self.window()
        assert window is not None
        stops = [self.duty.start_place, *(step.place for step in steps), self.duty.end_place]
        metres = sum(self.distances[a, b] for a, b in pairwise(stops) if a is not None and b is not None)
        end = self.duty.end_place
        return Course(
            steps=steps,
            home=self.drives[steps[-1].place, end] if end is not None else 0,
            window=window,
            caps=self.caps,
            directs=self.directs,
            max_wait=None if Rule.WAIT_ON_BOARD in self.off else self.parameters.max_wait,
            max_span=None if Rule.SHIFT_SPAN in self.off else self.profile.max_span,
            profile=None if Rule.WORKING_BREAK in self.off else self.profile,
            nights=self.instance.nights,
            fixed_cost=metres * self.index.rate_per_metre(self.duty.id),
            rate=self.index.rate_per_second(self.duty.id),
            order=tuple(stage for stage in self.instance.stages if stage in TIMETABLE_STAGES),
        )

    # --- the search ---------------------------------------------------------------------------------------------------

    def courses(self) -> Iterator[tuple[frozenset[str], Course]]:
        """Yield every sequence whose clock can work without breaks, with the pool requests that it carries.

        Sequences that differ only in which stretch of day a ride uses are yielded one by one.
        """
        if not self.is_usable():
            return
        promises = self.commitment.promises if self.commitment else ()
        committed = {promise.request: self.index.request[promise.request] for promise in promises}
        if not all(self.can_carry(request) for request in committed.values()):
            return
        pool = [ride for request in self.index.pool if self.can_carry(request) for ride in self.rides(request)]
        promised = [(promise.request, promise.kind, promise.start) for promise in promises]
        tolerance = self.commitment.tolerance if self.commitment else 0
        if Rule.COMMITMENT in self.off:
            tolerance = ALWAYS.latest

        def extend(
            steps: tuple[Step, ...],
            aboard: dict[str, Ride | None],
            taken: dict[str, Request],
            kept: int,
            configurations: tuple[SeatConfiguration, ...],
        ) -> Iterator[tuple[frozenset[str], Course]]:
            if steps:
                course = self.course(steps)
                if course.earliest(tight=False, home=False) is None:
                    return
                if not aboard and kept == len(promised) and course.earliest(tight=False) is not None:
                    yield frozenset(taken).difference(committed), course
            riders = [taken[name] for name in aboard]
            if not aboard:
                configurations = self.vehicle.configurations

            def visit(
                request: Request, kind: VisitKind, window: Window, ride: Ride | None
            ) -> Iterator[tuple[frozenset[str], Course]]:
                step = self._step(steps, riders, request, kind, window)
                if kind is VisitKind.DELIVERY:
                    rest = {name: other for name, other in aboard.items() if name != request.id}
                    yield from extend((*steps, step), rest, taken, kept + (ride is None), configurations)
                    return
                board = [*riders, request]
                left = self.fitting(configurations, board)
                if left and self.may_board(board):
                    now = {**aboard, request.id: ride}
                    yield from extend((*steps, step), now, {**taken, request.id: request}, kept + (ride is None), left)

            if kept < len(promised):
                name, kind, start = promised[kept]
                window = Window(earliest=max(0, start - tolerance), latest=start + tolerance)
                yield from visit(committed[name], kind, window, None)
            for ride in pool:
                if ride.request.id not in taken:
                    yield from visit(ride.request, VisitKind.PICKUP, ride.pickup, ride)
            for open_ride in aboard.values():
                if open_ride is not None:
                    yield from visit(open_ride.request, VisitKind.DELIVERY, open_ride.delivery, open_ride)

        yield from extend((), {}, {}, 0, self.vehicle.configurations)

    def _step(
        self, steps: tuple[Step, ...], riders: list[Request], request: Request, kind: VisitKind, window: Window
    ) -> Step:
        stop = request.pickup if kind is VisitKind.PICKUP else request.delivery
        origin = steps[-1].place if steps else self.duty.start_place
        drive = self.drives[origin, stop.place] if origin is not None else 0
        rests = self.rests(drive, children=any(r.party.has_children for r in riders)) if riders else 0
        return Step(
            request=request.id,
            kind=kind,
            place=stop.place,
            earliest=window.earliest,
            latest=window.latest,
            service=stop.service,
            drive=drive,
            rests=rests,
            rest_seconds=rests * self.parameters.rest_length,
            aboard=bool(riders),
        )


def _by_places(places: tuple[str, ...], rows: list[list[int]]) -> dict[tuple[str, str], int]:
    return {(a, b): value for a, row in zip(places, rows, strict=True) for b, value in zip(places, row, strict=True)}
