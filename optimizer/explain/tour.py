"""What keeps a request off a duty along the tour, with the numbers of a tour that would do without the rule."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.explain.blocks import Block, Blocks
from optimizer.explain.finding import Also, Finding, both
from optimizer.explain.lifts import Lift
from optimizer.explain.message import LANGUAGES, Message
from optimizer.explain.messages import MESSAGES
from optimizer.explain.messages_precise import PRECISE, WORDS, Precise
from optimizer.model import CHILD_SEAT_BANDS, DutyId, InstanceIndex, Request, Rule, Seconds, Tour, VisitKind
from optimizer.result import Obstacle
from optimizer.routing.compatibility import apart
from optimizer.routing.rides import direct_seconds, ride_cap
from optimizer.travel.matrix import TravelMatrix

RULE_OF: Mapping[Lift, Rule] = {
    Lift.LOAD: Rule.LOAD,
    Lift.ESCORTS: Rule.ESCORTS,
    Lift.FEMALE_OFFICER: Rule.FEMALE_OFFICER,
    Lift.NIGHT_CHILDREN: Rule.NIGHT_CHILDREN,
    Lift.NIGHT_PICKUP: Rule.NIGHT_PICKUP,
    Lift.RIDE_TIME: Rule.RIDE_TIME,
    Lift.DETOUR: Rule.DETOUR,
    Lift.WAIT: Rule.WAIT_ON_BOARD,
    Lift.REST_STOP: Rule.REST_STOP,
    Lift.WORKING_BREAK: Rule.WORKING_BREAK,
    Lift.SPAN: Rule.SHIFT_SPAN,
    Lift.SHIFT: Rule.SHIFT_SPAN,
    Lift.AVAILABILITY: Rule.DEPOT,
    Lift.PICKUP: Rule.WINDOW,
    Lift.HANDOVER: Rule.WINDOW,
    Lift.COMMITMENT: Rule.COMMITMENT,
}
"""The rule that a lift takes away (COMPANY: whichever pair rule is in the way)."""

Told = tuple[Message, dict[str, dict[str, object]]]


class TourFindings:
    """Puts blocks into words."""

    def __init__(self, index: InstanceIndex, travel: TravelMatrix, blocks: Blocks) -> None:
        self._index = index
        self._travel = travel
        self._blocks = blocks

    def finding(self, request: Request, duty: DutyId, block: Block) -> Finding:
        """Return the finding for a block, with the least amount that would do where it is a matter of minutes."""
        amount = self._blocks.refined(request.id, duty, block)
        tour = self._blocks.tour(request.id, duty, block, amount)
        rule = self._company(request, tour) if block.lift is Lift.COMPANY else RULE_OF[block.lift]
        told = self._told(request, duty, block, tour)
        message, values = told if told is not None else (MESSAGES[rule], both())
        return Finding(
            duty=duty,
            obstacle=Obstacle.TOUR,
            rule=rule,
            message=message,
            values=values,
            rank=(1, *block.rank),
            also=block.also,
        )

    def _told(self, request: Request, duty: DutyId, block: Block, tour: Tour) -> Told | None:
        """Return a precise message, ``None`` where that of the rule says all that is known."""
        match block.lift:
            case Lift.LOAD:
                return self._load(request, duty)
            case Lift.ESCORTS:
                return self._officers(request, duty)
            case Lift.FEMALE_OFFICER if request.escort_female > 1:
                there = self._index.duty_crew(duty).female_officers
                return PRECISE[Precise.FEMALE_OFFICERS], both(needed=request.escort_female, there=there)
        if block.also is Also.OTHERS:
            return None
        match block.lift:
            case Lift.RIDE_TIME | Lift.DETOUR:
                return self._on_board(request, tour)
            case Lift.SPAN:
                longest = self._index.duty_profile(duty).max_span
                return PRECISE[Precise.SPAN], both(needed=_minutes(tour.span), there=(longest or 0) // 60)
            case Lift.SHIFT:
                return self._shift(duty, block, tour)
            case Lift.AVAILABILITY:
                return self._availability(duty, tour)
            case Lift.PICKUP | Lift.HANDOVER if not {Lift.PICKUP, Lift.HANDOVER} <= set(block.lifts):
                return _window(request, block.lift, tour)
        return None

    def _company(self, request: Request, tour: Tour) -> Rule:
        """Return the first pair rule between the request and those it would share the vehicle with."""
        pickup, delivery = _stops(tour, request.id)
        rules = set()
        for other in tour.requests - {request.id}:
            start, end = _stops(tour, other)
            if start < delivery and pickup < end:
                rules.add(apart(self._index, request, self._index.request[other]))
        return next((rule for rule in Rule if rule in rules), Rule.COMMITMENT)

    def _load(self, request: Request, duty: DutyId) -> Told | None:
        vehicle, crew = self._index.duty_vehicle(duty), self._index.duty_crew(duty)
        seats = request.load if request.load is not None else request.party.size - request.wheelchairs
        rooms = [(c.seats - crew.heads, c.wheelchair_places) for c in vehicle.configurations]
        if all(seats > free for free, _ in rooms):
            return PRECISE[Precise.SEATS], both(needed=seats, there=max(0, *(free for free, _ in rooms)))
        if all(request.wheelchairs > places for _, places in rooms):
            return PRECISE[Precise.WHEELCHAIRS], both(needed=request.wheelchairs, there=max(p for _, p in rooms))
        for band, stock in zip(CHILD_SEAT_BANDS, vehicle.child_seats, strict=True):
            children = request.party.count(frozenset({band}))
            if children > stock:
                return PRECISE[Precise.CHILD_SEATS], both(band=band.value, needed=children, there=stock)
        if request.luggage > vehicle.luggage:
            return PRECISE[Precise.LUGGAGE], both(needed=request.luggage, there=vehicle.luggage)
        if all(seats > free or request.wheelchairs > places for free, places in rooms):
            return None
        return PRECISE[Precise.LOAD_PROMISED], both()

    def _officers(self, request: Request, duty: DutyId) -> Told:
        there = self._index.duty_crew(duty).officers
        rule = self._index.instance.parameters.escorts
        needed = max(rule.officers(request.party.escorted_adults), request.escort_officers)
        if needed > there:
            return PRECISE[Precise.OFFICERS], both(needed=needed, there=there)
        return PRECISE[Precise.OFFICERS_PROMISED], both(there=there)

    def _on_board(self, request: Request, tour: Tour) -> Told:
        direct = direct_seconds(request, self._index, self._travel)
        cap = ride_cap(request, direct, self._index)
        pickup, delivery = _stops(tour, request.id)
        on_board = delivery - pickup - request.pickup.service
        if direct > cap:
            return PRECISE[Precise.DIRECT_TOO_LONG], both(needed=_minutes(direct), there=cap // 60)
        if on_board > cap:
            return PRECISE[Precise.RIDE_TIME], both(needed=_minutes(on_board), there=cap // 60)
        return PRECISE[Precise.RIDE_TIME_PROMISED], both()

    def _shift(self, duty: DutyId, block: Block, tour: Tour) -> Told:
        shift = self._index.duty_shift(duty)
        if block.amount is None:
            return PRECISE[Precise.SHIFT_ELSEWHEN], both()
        before = _minutes(max(0, shift.start - tour.visits[0].departure))
        after = _minutes(max(0, tour.visits[-1].arrival - shift.end))
        which = Precise.SHIFT_BOTH if before and after else Precise.SHIFT_EARLIER if before else Precise.SHIFT_LATER
        return PRECISE[which], both(before=before, after=after)

    def _availability(self, duty: DutyId, tour: Tour) -> Told | None:
        window = self._index.duty_window(duty)
        if window is None:
            return None
        lacking = max(window.earliest - tour.visits[0].departure, tour.visits[-1].arrival - window.latest)
        return PRECISE[Precise.AVAILABILITY], both(minutes=_minutes(lacking))


def _window(request: Request, lift: Lift, tour: Tour) -> Told:
    start = _stops(tour, request.id)[lift is Lift.HANDOVER]
    stop = request.pickup if lift is Lift.PICKUP else request.delivery
    is_earlier = start < stop.earliest
    amount: Seconds = stop.earliest - start if is_earlier else start - stop.latest
    which = {
        (Lift.PICKUP, True): Precise.PICKUP_EARLIER,
        (Lift.PICKUP, False): Precise.PICKUP_LATER,
        (Lift.HANDOVER, True): Precise.HANDOVER_EARLIER,
        (Lift.HANDOVER, False): Precise.HANDOVER_LATER,
    }[lift, is_earlier]
    side = "earlier" if is_earlier else "later"
    values = {language: {"minutes": _minutes(amount), "side": WORDS[language][side]} for language in LANGUAGES}
    return PRECISE[which], values


def _stops(tour: Tour, request: str) -> tuple[Seconds, Seconds]:
    """Return the begin of pick-up and hand-over of a request."""
    starts = {visit.kind: visit.start for visit in tour.visits if visit.request == request}
    return starts[VisitKind.PICKUP], starts[VisitKind.DELIVERY]


def _minutes(seconds: Seconds) -> int:
    return -(-seconds // 60)
