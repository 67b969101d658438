"""Requests as arrays for the compiled kernels.

A *ride* is a request on one stretch of day: a request whose pick-up window reaches across a night becomes two rides
of which at most one is made, so that every window stays one interval. Night rules, ride caps and the tightening of
windows are applied here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.model import CHILD_SEAT_BANDS, FOREVER, InstanceIndex, Request, RequestId, Rule
from optimizer.routing.compatibility import apart, promise_positions
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SEATS, WHEELCHAIRS, INFANTS, TODDLERS, CHILDREN, LUGGAGE, ADULTS, OFFICERS, FEMALE = range(9)
"""Columns of ``Rides.load``; the first six add up over those on board, ``ADULTS`` too, the last two are maxima."""
KINDS = 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rides:
    """Arrays over rides (length ``n``); times in seconds.

    Parameters
    ----------
    request
        Index of the request in ``ids``; its bit wherever sets of requests are bit sets.
    pickup, delivery
        Place rows of the travel matrix.
    pickup_from, pickup_to, pickup_service, delivery_from, delivery_to, delivery_service
        Windows of the begin of service, and service times.
    cap
        Most seconds on board.
    direct
        Seconds of the direct drive with its own rests: what custody is measured above.
    load
        ``(n, KINDS)``.
    has_children
        Whether anyone under 14 belongs to it: shorter rests for all on board.
    pickup_position, delivery_position
        Position among the promises of its duty; -1 for rides of the pool.
    together
        ``(n, n)`` whether two rides may be on board at the same moment.
    """

    ids: tuple[RequestId, ...]
    row_by_request: dict[RequestId, int]
    request: Ints
    pickup: Ints
    delivery: Ints
    pickup_from: Ints
    pickup_to: Ints
    pickup_service: Ints
    delivery_from: Ints
    delivery_to: Ints
    delivery_service: Ints
    cap: Ints
    direct: Ints
    load: Ints
    has_children: Bools
    pickup_position: Ints
    delivery_position: Ints
    together: Bools

    def __len__(self) -> int:
        return len(self.request)

    def direct_rides(self) -> list[int]:
        """Return one ride of each request that has any."""
        return sorted({int(request): ride for ride, request in enumerate(self.request)}.values())


def closure(seconds: Ints) -> Ints:
    """Return the least seconds between places over any detour: a bound that holds where the matrix is not metric."""
    least = np.array(seconds, dtype=np.int64)
    np.fill_diagonal(least, 0)
    for via in range(len(least)):
        np.minimum(least, least[:, via : via + 1] + least[via : via + 1, :], out=least)
    return least


def rests_needed(drive: int, with_children: bool, index: InstanceIndex) -> int:
    """Return the rest stops that a drive of ``drive`` seconds with people on board needs."""
    parameters = index.instance.parameters
    every = parameters.rest_interval(with_children=with_children)
    return 0 if every is None else max(0, -(-drive // every) - 1)


def direct_seconds(request: Request, index: InstanceIndex, travel: TravelMatrix) -> int:
    """Return the seconds of the direct drive with the rests that the party needs."""
    drive = travel.drive(request.pickup.place, request.delivery.place)
    return drive + rests_needed(drive, request.party.has_children, index) * index.instance.parameters.rest_length


def ride_cap(request: Request, direct: int, index: InstanceIndex) -> int:
    """Return the most seconds that the request may be on board: own cap, welfare caps, pooling detour cap."""
    parameters = index.instance.parameters
    caps = [FOREVER]
    if request.max_ride is not None:
        caps.append(request.max_ride)
    if parameters.enforced(Rule.RIDE_TIME) and Rule.RIDE_TIME not in request.waived:
        if parameters.ride_cap is not None:
            caps.append(parameters.ride_cap)
        if parameters.ride_cap_children is not None and request.party.has_children:
            caps.append(parameters.ride_cap_children)
    if (
        parameters.detour_permille is not None
        and parameters.enforced(Rule.DETOUR)
        and Rule.DETOUR not in request.waived
    ):
        caps.append(max(direct * parameters.detour_permille // 1000, direct + parameters.detour_allowance))
    return min(caps)


def _day_windows(request: Request, index: InstanceIndex) -> list[tuple[int, int, int]]:
    """Return (earliest pick-up, latest pick-up, latest hand-over) for each stretch of day that the request may use."""
    parameters = index.instance.parameters
    nights = [(night.earliest, night.latest) for night in index.instance.nights if night.earliest < night.latest]
    start, end, handover = request.pickup.earliest, request.pickup.latest, request.delivery.latest
    children = (
        request.party.has_children
        and parameters.enforced(Rule.NIGHT_CHILDREN)
        and Rule.NIGHT_CHILDREN not in request.waived
    )
    if request.night_ground and not children:
        return [(start, end, handover)]
    windows = []
    dawns = [-1] + [latest for _, latest in nights]
    dusks = [earliest for earliest, _ in nights] + [FOREVER]
    for dawn, dusk in zip(dawns, dusks, strict=True):
        first, last = max(start, dawn), min(end, dusk - 1)
        latest = min(handover, dusk - request.delivery.service) if children else handover
        if first <= last:
            windows.append((first, last, latest))
    return windows


def _load(request: Request, index: InstanceIndex) -> list[int]:
    parameters = index.instance.parameters
    party = request.party
    female = request.escort_female
    if party.has_female and parameters.enforced(Rule.FEMALE_OFFICER) and Rule.FEMALE_OFFICER not in request.waived:
        female = max(female, 1)
    seats = request.load if request.load is not None else party.size - request.wheelchairs
    bands = [party.count(frozenset({band})) for band in CHILD_SEAT_BANDS]
    return [seats, request.wheelchairs, *bands, request.luggage, party.escorted_adults, request.escort_officers, female]


def build_rides(index: InstanceIndex, travel: TravelMatrix) -> Rides:
    """Return the rides of all requests, pool and committed."""
    least = closure(travel.seconds)
    row_of = {place: row for row, place in enumerate(travel.places)}
    travel.index([stop.place for request in index.instance.requests for stop in (request.pickup, request.delivery)])
    positions = promise_positions(index)
    tolerance = {p.request: c.tolerance for c in index.commitment.values() for p in c.promises}
    ids = tuple(request.id for request in index.instance.requests)
    rows: list[list[int]] = []
    loads: list[list[int]] = []
    requests: list[Request] = []
    for number, request in enumerate(index.instance.requests):
        direct = direct_seconds(request, index, travel)
        cap = ride_cap(request, direct, index)
        i, j = row_of[request.pickup.place], row_of[request.delivery.place]
        drive = int(least[i, j])
        earliest_handover, service = request.delivery.earliest, request.pickup.service
        if request.id in positions:
            at_pickup, pickup, at_delivery, delivery = positions[request.id]
            slack = tolerance[request.id]
            windows = [(pickup - slack, pickup + slack, delivery + slack)]
            earliest_handover = delivery - slack
        else:
            at_pickup = at_delivery = -1
            windows = _day_windows(request, index)
        for first, last, handover in windows:
            # Exact tightening: nothing outside can be part of any timetable.
            delivery_from = max(earliest_handover, first + service + drive)
            pickup_from = max(first, delivery_from - cap - service)
            pickup_to = min(last, handover - service - drive)
            delivery_to = min(handover, pickup_to + service + cap)
            if pickup_from > pickup_to or delivery_from > delivery_to:
                continue
            rows.append(
                [
                    number,
                    i,
                    j,
                    pickup_from,
                    pickup_to,
                    service,
                    delivery_from,
                    delivery_to,
                    request.delivery.service,
                    cap,
                    direct,
                    at_pickup,
                    at_delivery,
                ]
            )
            loads.append(_load(request, index))
            requests.append(request)
    table = np.array(rows, dtype=np.int64).reshape(-1, 13)
    return Rides(
        ids=ids,
        row_by_request={request: row for row, request in enumerate(ids)},
        request=table[:, 0].copy(),
        pickup=table[:, 1].copy(),
        delivery=table[:, 2].copy(),
        pickup_from=table[:, 3].copy(),
        pickup_to=table[:, 4].copy(),
        pickup_service=table[:, 5].copy(),
        delivery_from=table[:, 6].copy(),
        delivery_to=table[:, 7].copy(),
        delivery_service=table[:, 8].copy(),
        cap=table[:, 9].copy(),
        direct=table[:, 10].copy(),
        load=np.array(loads, dtype=np.int64).reshape(-1, KINDS),
        has_children=np.array([request.party.has_children for request in requests], dtype=np.bool_),
        pickup_position=table[:, 11].copy(),
        delivery_position=table[:, 12].copy(),
        together=_together(requests, index),
    )


def _together(requests: list[Request], index: InstanceIndex) -> Bools:
    """Who may be on board with whom. Requests alike in all that the pair rules read share one row of answers."""
    kinds: dict[tuple[object, ...], int] = {}
    kind_of = np.empty(len(requests), dtype=np.int64)
    examples: list[Request] = []
    special: list[int] = []
    for row, request in enumerate(requests):
        party = request.party
        key = (
            request.separate,
            party.is_lone_minor,
            party.is_family,
            party.is_woman_alone,
            party.has_adult_man,
            request.waived,
        )
        if key not in kinds:
            kinds[key] = len(examples)
            examples.append(request)
        kind_of[row] = kinds[key]
        if request.excluded or request.unit is not None:
            special.append(row)
    # Two different requests of each kind: strangers, without exclusions, are judged by their kinds alone.
    plain = np.array([[_strangers_ok(a, b, index) for b in examples] for a in examples], dtype=np.bool_).reshape(
        len(examples), len(examples)
    )
    together = plain[np.ix_(kind_of, kind_of)]
    row_of: dict[RequestId, list[int]] = {}
    units: dict[str, list[int]] = {}
    for row, request in enumerate(requests):
        row_of.setdefault(request.id, []).append(row)
        if request.unit is not None:
            units.setdefault(request.unit, []).append(row)
    for row in special:
        request = requests[row]
        partners = [other for name in request.excluded for other in row_of.get(name, ())]
        partners += units.get(request.unit, []) if request.unit is not None else []
        for other in partners:
            together[row, other] = together[other, row] = apart(index, request, requests[other]) is None
    for rows in row_of.values():
        together[np.ix_(rows, rows)] = False
    return together


def _strangers_ok(one: Request, other: Request, index: InstanceIndex) -> bool:
    return (
        apart(index, replace(one, excluded=frozenset(), unit=None), replace(other, excluded=frozenset(), unit=None))
        is None
    )
