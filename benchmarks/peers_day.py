"""A day as other solvers can be told it: stops, one drive matrix, loads, allowed duties, weights.

Everything that is a number on a stop, on a pair of stops or on a duty is stated here once, as strictly as such numbers
can say it, so that every peer is given the same problem and each adapter only spells it in its peer's own words:

- windows are those that our own solver works with, tightened by drive and ride cap, night hours cut out;
- a drive is from *stop* to *stop* and counts the rests of passengers wherever it is certain that somebody is on board;
- loads are sums against capacities (``peers_loads``);
- what request and duty, or request and crew, have against each other is one table.

What no number can say (who may ride together in general, longest waits, breaks while nobody is on board) is left to the
adapters. The time on board has its number here (``Ride.cap``); only OR-Tools has a use for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers_loads import loads_of
from benchmarks.peers_timetable import Route, Stop
from optimizer.io.problem import Problem
from optimizer.master.rows import conflict
from optimizer.model import DutyId, InstanceIndex, PlaceId, RequestId, Stage, VisitKind, WorkingTime
from optimizer.routing.classes import CAPACITY_KINDS, Fleet, build_fleet
from optimizer.routing.rides import Rides, build_rides

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """A request: its pick-up is node ``2 i``, its hand-over node ``2 i + 1`` of the day. Times in seconds.

    ``pickup`` and ``delivery`` are the windows of the begin of service, one for each stretch of day; ``weight`` is the
    worth in the first stage in halves (a bundle's is shared by its members); ``demand`` goes with ``Day.kinds``.
    """

    request: RequestId
    pickup: tuple[tuple[int, int], ...]
    delivery: tuple[tuple[int, int], ...]
    pickup_service: int
    delivery_service: int
    cap: int
    weight: int
    bundle: int
    promised: bool
    demand: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """A duty: nodes of its depots, the time it has, its capacity by ``Day.kinds``, its working-time profile."""

    duty: DutyId
    start: int
    end: int
    earliest: int
    latest: int
    capacity: tuple[int, ...]
    profile: WorkingTime

    @property
    def longest(self) -> int:
        """Most seconds from leaving to reaching the depot."""
        time = self.latest - self.earliest
        return time if self.profile.max_span is None else min(time, self.profile.max_span)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Day:
    """The whole problem.

    Parameters
    ----------
    rides, duties
        What can be carried at all, and by what; ``allowed`` is ``(rides, duties)``.
    kinds
        Names of the load dimensions.
    seconds, metres
        ``(nodes, nodes)`` drives; nodes are the stops of the rides, then the depots.
    together
        ``(rides, rides)`` whether two may be on board at the same moment.
    conflicts
        Pairs of duties (positions) of which at most one may be used.
    least_cost
        Whether all must be served and the cost counts (literature), in place of the weight served.
    """

    problem: Problem
    index: InstanceIndex
    arrays: Rides
    rides: tuple[Ride, ...]
    duties: tuple[Means, ...]
    allowed: Bools
    kinds: tuple[str, ...]
    seconds: Ints
    metres: Ints
    together: Bools
    conflicts: tuple[tuple[int, int], ...]
    least_cost: bool

    @property
    def nodes(self) -> int:
        """Number of stops and depots."""
        return len(self.seconds)

    @property
    def horizon(self) -> int:
        """The latest end of any duty."""
        return max((means.latest for means in self.duties), default=0)

    def service(self) -> list[int]:
        """Seconds of service at each node."""
        services = [s for ride in self.rides for s in (ride.pickup_service, ride.delivery_service)]
        return services + [0] * (self.nodes - len(services))

    def windows(self, node: int) -> tuple[tuple[int, int], ...]:
        """Windows of a stop."""
        ride = self.rides[node // 2]
        return ride.delivery if node % 2 else ride.pickup

    def groups(self) -> Iterator[tuple[tuple[int, ...], list[int]]]:
        """Duties that may carry the same rides, each group with its rides that *no* duty of it may carry."""
        alike: dict[bytes, list[int]] = defaultdict(list)
        for duty in range(len(self.duties)):
            alike[self.allowed[:, duty].tobytes()].append(duty)
        for members in alike.values():
            yield tuple(members), np.flatnonzero(~self.allowed[:, members[0]]).tolist()

    def route(self, duty: int, stops: Iterable[tuple[int, int]]) -> Route:
        """Return what a peer gives a duty (position) as (node, begin of service)."""
        return Route(
            duty=self.duties[duty].duty,
            stops=tuple(
                Stop(
                    request=self.rides[node // 2].request,
                    kind=VisitKind.DELIVERY if node % 2 else VisitKind.PICKUP,
                    start=start,
                )
                for node, start in stops
            ),
        )

    def skills(self) -> list[int]:
        """Return for each ride the number of its set of allowed duties: equal sets, equal numbers."""
        known: dict[bytes, int] = {}
        return [known.setdefault(row.tobytes(), len(known)) for row in self.allowed]


def build_day(problem: Problem) -> Day:
    """Translate an instance; what cannot be carried by any duty at any time is left out, as in our own solver."""
    index, travel = InstanceIndex(problem.instance), problem.travel
    arrays = build_rides(index, travel)
    fleet = build_fleet(index, arrays, travel)
    duties = sorted(fleet.class_by_duty)
    fits = _fits(arrays, fleet)[:, [fleet.class_by_duty[duty] for duty in duties]]
    first = [ride for ride in arrays.direct_rides() if fits[ride].any()]
    kinds, demand, capacity = loads_of(index, arrays, first, duties)
    depots: dict[tuple[str, PlaceId | None], int] = {}
    for duty in duties:
        for role, place in (("start", index.duty[duty].start_place), ("end", index.duty[duty].end_place)):
            depots.setdefault((role, place), 2 * len(first) + len(depots))
    seconds, metres = _drives(index, problem, arrays, first, list(depots))
    means = []
    for duty, room in zip(duties, capacity, strict=True):
        duty_class = fleet.classes[fleet.class_by_duty[duty]]
        means.append(
            Means(
                duty=duty,
                start=depots["start", index.duty[duty].start_place],
                end=depots["end", index.duty[duty].end_place],
                earliest=duty_class.earliest,
                latest=duty_class.latest,
                capacity=room,
                profile=duty_class.profile,
            )
        )
    return Day(
        problem=problem,
        index=index,
        arrays=arrays,
        rides=tuple(_rides(index, arrays, first, demand)),
        duties=tuple(means),
        allowed=fits[first],
        kinds=kinds,
        seconds=seconds,
        metres=metres,
        together=arrays.together[np.ix_(first, first)],
        conflicts=tuple(_conflicts(index, duties)),
        least_cost=problem.instance.serve_all and problem.instance.stages[0] is Stage.COST,
    )


def _conflicts(index: InstanceIndex, duties: list[DutyId]) -> list[tuple[int, int]]:
    users: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, duty in enumerate(duties):
        users["vehicle", index.duty[duty].vehicle].append(position)
        users["crew", index.duty_shift(duty).crew].append(position)
    pairs = {pair for members in users.values() for pair in combinations(members, 2)}
    return sorted((a, b) for a, b in pairs if conflict(index, duties[a], duties[b]) is not None)


def _rides(index: InstanceIndex, arrays: Rides, first: list[int], demand: list[tuple[int, ...]]) -> Iterator[Ride]:
    stretches: dict[int, list[int]] = defaultdict(list)
    for ride, request in enumerate(arrays.request):
        stretches[int(request)].append(ride)
    unit_of = {member: (number, unit) for number, unit in enumerate(index.units) for member in unit}
    for ride, load in zip(first, demand, strict=True):
        request = arrays.ids[int(arrays.request[ride])]
        rows = stretches[int(arrays.request[ride])]
        number, unit = unit_of.get(request, (-1, (request,)))
        yield Ride(
            request=request,
            pickup=tuple((int(arrays.pickup_from[r]), int(arrays.pickup_to[r])) for r in rows),
            delivery=tuple((int(arrays.delivery_from[r]), int(arrays.delivery_to[r])) for r in rows),
            pickup_service=int(arrays.pickup_service[ride]),
            delivery_service=int(arrays.delivery_service[ride]),
            cap=int(arrays.cap[ride]),
            weight=max(1, 2 * index.unit_weight(unit) // len(unit)) if number >= 0 else 0,
            bundle=number if len(unit) > 1 else -1,
            promised=request in index.committed_duty,
            demand=load,
        )


def _fits(arrays: Rides, fleet: Fleet) -> Bools:
    """``(rides, classes)`` whether a duty of the class could carry the ride alone: static rules, room, officers."""
    masks = fleet.static.copy()
    for column, kind in enumerate(CAPACITY_KINDS):
        begin, end = int(fleet.fits_from[column]), int(fleet.fits_from[column + 1])
        row = begin + arrays.load[:, kind]
        masks &= np.where((row < end)[:, None], fleet.fits[np.minimum(row, end - 1)], np.uint64(0))
    slots = np.arange(len(fleet.class_of_slot))
    bits = (masks[:, slots // 64] >> (slots % 64).astype(np.uint64)) & np.uint64(1)
    fits = np.zeros((len(arrays), len(fleet.classes)), dtype=np.bool_)
    for slot, number in enumerate(fleet.class_of_slot):
        fits[:, number] |= bits[:, slot].astype(np.bool_)
    return fits


# --- drives -----------------------------------------------------------------------------------------------------------


def _drives(
    index: InstanceIndex,
    problem: Problem,
    arrays: Rides,
    first: list[int],
    depots: list[tuple[str, PlaceId | None]],
) -> tuple[Ints, Ints]:
    """Seconds (with the rests that are certain) and metres between all nodes; nowhere is 0 from everywhere."""
    travel, parameters = problem.travel, index.instance.parameters
    row_of = {place: row for row, place in enumerate(travel.places)}
    places = [int(row) for ride in first for row in (arrays.pickup[ride], arrays.delivery[ride])]
    places += [-1 if place is None else row_of[place] for _, place in depots]
    at = np.array(places, dtype=np.int64)
    n, stops = len(at), 2 * len(first)
    seconds, metres = travel.seconds[np.ix_(at, at)].copy(), travel.metres[np.ix_(at, at)].copy()
    # Somebody is on board after a pick-up and before a hand-over; whether a child is, that stop alone tells.
    manned = np.zeros((n, n), dtype=np.bool_)
    manned[0:stops:2, :stops] = True
    manned[:stops, 1:stops:2] = True
    child = np.zeros(n, dtype=np.bool_)
    child[:stops] = np.repeat(arrays.has_children[first], 2) if first else False
    pickup = np.zeros(n, dtype=np.bool_)
    pickup[0:stops:2] = True
    children = np.logical_or.outer(child & pickup, child & ~pickup)
    for with_children in (False, True):
        every = parameters.rest_interval(with_children=with_children)
        if every is not None:
            rests = np.maximum(0, -(-seconds // every) - 1)
            seconds += np.where(manned & (children == with_children), rests, 0) * parameters.rest_length
    nowhere = np.flatnonzero(at < 0)
    for table in (seconds, metres):
        table[nowhere, :] = 0
        table[:, nowhere] = 0
        np.fill_diagonal(table, 0)
    return seconds, metres
