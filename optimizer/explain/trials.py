"""Does a request fit on a duty, alone with what is promised there? Answered by the routing itself, for many at once.

One sub-problem holds all requests in question and all duties; the rides of the pool share one request number, so that
no fragment and no tour carries two of them. Each answer is then exact and costs one small search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.explain.lifts import Lift, Lifts, lifted
from optimizer.model import FOREVER, DutyId, Instance, InstanceIndex, Request, RequestId, Stage, Tour, Window
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import enumerate_fragments
from optimizer.routing.pricing import Found, Pricing, restricted
from optimizer.routing.rides import Rides, build_rides
from optimizer.routing.schedule import Scheduler
from optimizer.travel.matrix import TravelMatrix

LIMIT = 1_000_000
"""Most fragments of a sub-problem."""
WANTED = 1 << 40
"""What a tour earns by carrying the request in question: more than any seconds of custody."""
TOURS = 2_000
_NO_TIME = Window(earliest=-FOREVER, latest=-FOREVER)
"""Availability of a vehicle that cannot be used during its duty's shift."""


def subproblem(index: InstanceIndex, pool: Sequence[RequestId], duties: Sequence[DutyId]) -> Instance:
    """Return the problem of these pool requests and duties, with the promises of the duties and no rule across tours.

    Each duty gets a vehicle of its own, available when its shift meets it: duties are judged one by one.
    """
    kept_duties = set(duties)
    commitments = tuple(index.commitment[duty] for duty in duties if duty in index.commitment)
    kept = {*pool, *(promise.request for c in commitments for promise in c.promises)}
    order = {request: number for number, request in enumerate(index.request)}
    requests = tuple(_request(index.request[r], kept, kept_duties) for r in sorted(kept, key=order.__getitem__))
    vehicles = []
    for duty in duties:
        vehicle, shift = index.duty_vehicle(duty), index.duty_shift(duty)
        if vehicle.availability:
            met = [w for w in vehicle.availability if w.earliest < shift.end and w.latest > shift.start]
            vehicle = replace(vehicle, availability=tuple(met) or (_NO_TIME,))
        vehicles.append(replace(vehicle, id=duty))
    ends = [
        place for d in duties for place in (index.duty[d].start_place, index.duty[d].end_place) if place is not None
    ]
    places = dict.fromkeys([*(stop.place for r in requests for stop in (r.pickup, r.delivery)), *ends])
    return replace(
        index.instance,
        places=tuple(index.place[place] for place in places),
        vehicles=tuple(vehicles),
        crews=tuple(index.crew[c] for c in dict.fromkeys(index.duty_shift(d).crew for d in duties)),
        shifts=tuple(index.shift[s] for s in dict.fromkeys(index.duty[d].shift for d in duties)),
        duties=tuple(replace(index.duty[duty], vehicle=duty) for duty in duties),
        requests=requests,
        commitments=commitments,
        published=(),
        stages=(Stage.SERVED,),
        serve_all=False,
    )


def _request(request: Request, kept: set[RequestId], duties: set[DutyId]) -> Request:
    if request.bundle is None and not request.excluded and not request.barred_duties and request.pin is None:
        return request
    barred = request.barred_duties & duties
    pin = request.pin
    if pin is not None and pin not in duties:
        barred, pin = frozenset(duties), None
    return replace(request, bundle=None, excluded=request.excluded & kept, barred_duties=barred, pin=pin)


def narrowed(travel: TravelMatrix, instance: Instance) -> TravelMatrix:
    """Return the part of the matrix that the problem's stops and depots need."""
    used = {stop.place for request in instance.requests for stop in (request.pickup, request.delivery)}
    used |= {place for d in instance.duties for place in (d.start_place, d.end_place) if place is not None}
    rows = travel.index(sorted(used))
    return TravelMatrix(
        places=tuple(sorted(used)),
        seconds=travel.seconds[np.ix_(rows, rows)],
        metres=travel.metres[np.ix_(rows, rows)],
        sources=travel.sources[np.ix_(rows, rows)],
        tags=travel.tags,
    )


class Trials:
    """Answers for the pool requests of one (sub-)problem, each alone on a duty with the promises of that duty.

    Parameters
    ----------
    instance
        As ``subproblem`` returns it.
    lifts
        Rules that are lifted.
    """

    def __init__(self, instance: Instance, travel: TravelMatrix, lifts: Lifts) -> None:
        instance = lifted(instance, lifts)
        travel = narrowed(travel, instance)
        self._index = InstanceIndex(instance)
        rides = build_rides(self._index, travel)
        if Lift.COMPANY in lifts:
            rides = replace(rides, together=np.ones_like(rides.together))
        self._fleet = build_fleet(self._index, rides, travel)
        is_pool = rides.pickup_position < 0
        self._row_of = {request.id: number for number, request in enumerate(instance.requests)}
        # Rides of one request number exclude each other, in a fragment and in a tour.
        shared = replace(rides, request=np.where(is_pool, _first_pool_row(rides), rides.request))
        fragments = enumerate_fragments(self._index, shared, self._fleet, travel, limit=LIMIT)
        self._pricing = Pricing(shared, self._fleet, fragments, travel, np.zeros(1, dtype=np.bool_))
        self._scheduler = Scheduler(self._index, rides, fragments, travel)
        self._owner = _owners(fragments.stops, fragments.stops_from, rides, is_pool)
        self._custody = fragments.figures[:, fk.CUSTODY]
        # The searches are tiny: bounds on what is still to come would cost more than they save.
        self._graphs = tuple(replace(graph, width=0, buckets=0) for graph in self._pricing.graphs)
        self._carried = tuple(frozenset(self._owner[graph.members].tolist()) for graph in self._graphs)
        self._nothing = np.zeros_like(self._pricing.seconds)
        self._known: dict[tuple[int, int], bool] = {}

    def duties_alike(self) -> dict[DutyId, DutyId]:
        """Return for each duty that has a time window the first of those no rule can tell it from."""
        return {duty: c.duties[0] for c in self._fleet.classes for duty in c.duties}

    def fits(self, request: RequestId, duty: DutyId) -> bool:
        """Whether some tour of ``duty`` carries ``request`` and keeps the promises."""
        number = self._fleet.class_by_duty.get(duty)
        if number is None:
            return False
        row = self._row_of[request]
        if row not in self._carried[number]:
            return False
        if (number, row) not in self._known:
            found = self._find(number, row, most=1)
            self._known[number, row] = found.complete and found.least < 0
        return self._known[number, row]

    def tour(self, request: RequestId, duty: DutyId) -> Tour:
        """Return the tour of least time on board that carries ``request``; only where it ``fits``."""
        number = self._fleet.class_by_duty[duty]
        found = self._find(number, self._row_of[request], most=TOURS)
        best = int(np.argmin(found.cost))
        chain, gaps = found.chains[best].tolist(), found.gaps[best].tolist()
        return self._scheduler.tour(duty, self._fleet.classes[number], chain, gaps)

    def _find(self, number: int, row: int, most: int) -> Found:
        graph = restricted(self._graphs[number], (self._owner == row) | (self._owner < 0))
        return self._pricing.find(
            graph,
            value=self._custody - np.where(self._owner == row, WANTED, 0),
            leg_cost=self._nothing,
            second_cost=0,
            threshold=-1,
            keep_all=False,
            most=most,
        )


def _first_pool_row(rides: Rides) -> int:
    pool = rides.request[rides.pickup_position < 0]
    return int(pool[0]) if len(pool) else 0


def _owners(
    stops: NDArray[np.int64], stops_from: NDArray[np.int64], rides: Rides, is_pool: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return for each fragment the pool request that it carries (a row of the problem), -1 where none."""
    owners = np.full(len(stops_from) - 1, -1, dtype=np.int64)
    fragment = np.repeat(np.arange(len(owners)), np.diff(stops_from))
    ride = stops // 2
    of_pool = is_pool[ride]
    owners[fragment[of_pool]] = rides.request[ride[of_pool]]
    return owners
