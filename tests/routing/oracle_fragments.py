"""Every fragment of a tiny instance by plain depth-first search, duty by duty and configuration by configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from optimizer.model import Instance, InstanceIndex, Request, SeatConfiguration, VisitKind, Window
from optimizer.travel.matrix import TravelMatrix
from tests.oracle_sequences import DutyRules, Ride
from tests.routing.oracle_network import Network

FREE = 10 * 86_400
"""A ride cap that never binds."""

Stops = tuple[tuple[str, VisitKind], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleFragment:
    """A stop sequence from empty to empty, with what it is to a tour: latest start, completion by arrival, terms."""

    stops: Stops
    first: str
    last: str
    latest: int
    earliest_end: int
    duration: int
    metres: int
    custody: int

    @property
    def requests(self) -> frozenset[str]:
        return frozenset(request for request, _ in self.stops)

    def beats(self, other: OracleFragment) -> bool:
        """Whether it can stand for ``other`` in every tour and is nowhere worse."""
        same = (self.requests, self.first, self.last) == (other.requests, other.first, other.last)
        return (
            same
            and self.latest >= other.latest
            and self.earliest_end <= other.earliest_end
            and self.metres <= other.metres
            and self.duration <= other.duration
            and self.custody <= other.custody
        )


class FragmentOracle:
    """All fragments that one duty could make in one seat configuration."""

    def __init__(self, instance: Instance, travel: TravelMatrix, duty: str) -> None:
        self.index = InstanceIndex(instance)
        self.rules = DutyRules(instance, travel, self.index, duty, frozenset())
        self.wait = -1 if instance.parameters.max_wait is None else instance.parameters.max_wait

    def fragments(self, configuration: SeatConfiguration) -> Iterator[OracleFragment]:
        """Yield them, those that differ only in the stretch of day one by one."""
        rules = self.rules
        if not rules.is_usable():
            return
        pool = [ride for request in self.index.pool if rules.can_carry(request) for ride in rules.rides(request)]
        promises = rules.commitment.promises if rules.commitment else ()
        tolerance = rules.commitment.tolerance if rules.commitment else 0
        # A promise that the duty cannot keep leaves no tour at all, but the others still make fragments.
        promised = {p.request: self.index.request[p.request] for p in promises}
        committed = {name: request for name, request in promised.items() if rules.can_carry(request)}

        # Stops so far; who is on board; which promise comes next, if any was kept.
        def extend(
            steps: list[tuple[Request, VisitKind, Window]], board: dict[str, Ride | None], kept: int | None
        ) -> Iterator[OracleFragment]:
            if steps:
                network = self._network(steps)
                if network.earliest() is None:
                    return
                if not board:
                    yield self._fragment(steps, network)
                    return
            used = {request.id for request, _, _ in steps}
            riders = [self.index.request[name] for name in board]

            def visit(request: Request, kind: VisitKind, window: Window, ride: Ride | None) -> Iterator[OracleFragment]:
                following = kept
                if ride is None:
                    position = [(p.request, p.kind) for p in promises].index((request.id, kind))
                    following = position + 1
                more = [*steps, (request, kind, window)]
                if kind is VisitKind.DELIVERY:
                    yield from extend(more, {k: v for k, v in board.items() if k != request.id}, following)
                elif rules.may_board([*riders, request]) and rules.fitting((configuration,), [*riders, request]):
                    yield from extend(more, {**board, request.id: ride}, following)

            for position, promise in enumerate(promises):
                # Promises are kept in their order without a gap, from whichever pick-up on: a fragment that begins amid
                # another promised ride is of no use to any tour, but it is one.
                if promise.request not in committed:
                    continue
                is_pickup = promise.kind is VisitKind.PICKUP
                if (kept == position and (is_pickup or promise.request in board)) or (kept is None and is_pickup):
                    window = Window(
                        earliest=max(0, promise.start - tolerance), latest=max(0, promise.start + tolerance)
                    )
                    yield from visit(committed[promise.request], promise.kind, window, None)
            for ride in pool:
                if ride.request.id not in used:
                    yield from visit(ride.request, VisitKind.PICKUP, ride.pickup, ride)
            for open_ride in board.values():
                if open_ride is not None:
                    yield from visit(open_ride.request, VisitKind.DELIVERY, open_ride.delivery, open_ride)

        # The vehicle is empty at the end of a fragment, so that the search must begin with a pick-up of its own accord.
        yield from extend([], {}, None)

    def _network(self, steps: list[tuple[Request, VisitKind, Window]]) -> Network:
        rules = self.rules
        service = [self._stop(request, kind)[1] for request, kind, _ in steps]
        lag, pick, reach = [0], [-1] * len(steps), [0] * len(steps)
        board: list[Request] = []
        position: dict[str, int] = {}
        for k, (request, kind, _) in enumerate(steps):
            if k:
                before, after = self._stop(*steps[k - 1][:2])[0], self._stop(request, kind)[0]
                drive = rules.drives[before, after]
                rests = rules.rests(drive, children=any(r.party.has_children for r in board))
                lag.append(service[k - 1] + drive + rests * rules.parameters.rest_length)
            if kind is VisitKind.PICKUP:
                position[request.id] = k
                board.append(request)
            else:
                cap = rules.caps[request.id]
                pick[k] = position[request.id]
                reach[k] = (FREE if cap is None else cap) + request.pickup.service
                board.remove(request)
        return Network(
            begin=[window.earliest for _, _, window in steps],
            to=[window.latest for _, _, window in steps],
            service=service, lag=lag, pick=pick, reach=reach, wait=self.wait,
        )  # fmt: skip

    def _fragment(self, steps: list[tuple[Request, VisitKind, Window]], network: Network) -> OracleFragment:
        rules = self.rules
        places = [self._stop(request, kind)[0] for request, kind, _ in steps]
        earliest, straight = network.earliest(), network.earliest(0, windows=False)
        assert earliest is not None
        assert straight is not None
        end = earliest[-1] + network.service[-1]
        duration, latest = straight[-1] + network.service[-1], network.latest()[0]
        rides = sum(straight[k] - straight[p] for k, p in enumerate(network.pick) if p >= 0)
        if end - duration > latest:  # Somebody has to wait on board.
            least = network.least_ride_seconds()
            assert least is not None
            # Such a fragment begins at its latest start only: no arrival ever feels the shorter duration.
            rides, duration = least, end - latest
        aside = sum(
            request.pickup.service + rules.directs[request.id] for request, kind, _ in steps if kind is VisitKind.PICKUP
        )
        return OracleFragment(
            stops=tuple((request.id, kind) for request, kind, _ in steps),
            first=places[0],
            last=places[-1],
            latest=latest,
            earliest_end=end,
            duration=duration,
            metres=sum(rules.distances[a, b] for a, b in pairwise(places)),
            custody=rides - aside,
        )

    def _stop(self, request: Request, kind: VisitKind) -> tuple[str, int]:
        stop = request.pickup if kind is VisitKind.PICKUP else request.delivery
        return stop.place, stop.service
