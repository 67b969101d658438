"""Which duties could carry a request if it had one to itself: what ties requests and duties together at all.

Necessary, not sufficient: static rules, windows, and the least drives with nobody else on board. What fails here fails
in every tour, so that problems may be taken apart by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.model import DutyId, InstanceIndex, PlaceId, Request, RequestId, Stop
from optimizer.routing.compatibility import first_block
from optimizer.routing.rides import closure
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]


def possible_duties(
    index: InstanceIndex, travel: TravelMatrix, requests: Sequence[Request]
) -> dict[RequestId, tuple[DutyId, ...]]:
    """Return for each of ``requests`` the duties, in the order of the instance, that no such rule keeps it off.

    A committed request has its own duty and no other.

    Raises
    ------
    InvalidValue
        Where the matrix lacks a place.
    """
    found: dict[RequestId, list[DutyId]] = {request.id: [] for request in requests}
    pool = [request for request in requests if request.id not in index.committed_duty]
    for request in requests:
        if request.id in index.committed_duty:
            found[request.id].append(index.committed_duty[request.id])
    for duty, in_time in _in_time(index, travel, pool):
        for request in in_time:
            if first_block(index, request, duty) is None:
                found[request.id].append(duty)
    return {request: tuple(duties) for request, duties in found.items()}


def _in_time(
    index: InstanceIndex, travel: TravelMatrix, pool: Sequence[Request]
) -> Iterator[tuple[DutyId, list[Request]]]:
    """Yield each duty with the requests that it could fetch and hand over inside all windows."""
    if not pool:
        return
    least = closure(travel.seconds)
    pickup, delivery = _Stops([r.pickup for r in pool], travel), _Stops([r.delivery for r in pool], travel)
    ride = pickup.service + least[pickup.row, delivery.row]
    for duty in index.instance.duties:
        window = index.duty_window(duty.id)
        if window is None:
            continue
        out = _leg(travel, least.T, duty.start_place, pickup.row)
        home = _leg(travel, least, duty.end_place, delivery.row)
        fetched = np.maximum(pickup.earliest, window.earliest + out)
        handed = np.maximum(delivery.earliest, fetched + ride)
        keeps = (fetched <= pickup.latest) & (handed <= delivery.latest)
        keeps &= handed + delivery.service + home <= window.latest
        yield duty.id, [pool[row] for row in np.flatnonzero(keeps).tolist()]


class _Stops:
    """Stops as arrays: rows of the travel matrix and seconds."""

    def __init__(self, stops: Sequence[Stop], travel: TravelMatrix) -> None:
        self.row = travel.index([stop.place for stop in stops])
        self.earliest = np.array([stop.earliest for stop in stops], dtype=np.int64)
        self.latest = np.array([stop.latest for stop in stops], dtype=np.int64)
        self.service = np.array([stop.service for stop in stops], dtype=np.int64)


def _leg(travel: TravelMatrix, least: Ints, depot: PlaceId | None, stops: Ints) -> Ints:
    """Return the least seconds from each stop to a depot (of the transposed matrix: from the depot)."""
    if depot is None:
        return np.zeros(len(stops), dtype=np.int64)
    return np.asarray(least[stops, travel.index([depot])[0]], dtype=np.int64)
