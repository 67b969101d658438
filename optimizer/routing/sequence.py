"""The stops of one fragment with their lags: what kernel and timetables agree on, outside the compiled loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model import InstanceIndex
from optimizer.routing.fragment_kernel import drive_with_rests
from optimizer.routing.rides import Rides
from optimizer.routing.timetable import Aboard, Timetable, best_times
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A fragment's stops, position by position (lists of the same length).

    ``lag[k]`` is service at ``k - 1`` plus the drive with its rests; ``rests[k]`` their number; ``pick[k]`` the
    position of the pick-up for a hand-over, else -1; ``reach[k]`` the most seconds between the two begins of service.
    """

    rides: list[int]
    places: list[int]
    begin: list[int]
    to: list[int]
    service: list[int]
    lag: list[int]
    rests: list[int]
    pick: list[int]
    reach: list[int]
    wait: int

    @property
    def base(self) -> list[int]:
        """Offsets of the begins of service from the first where nobody ever waits."""
        offsets = [0]
        for lag in self.lag[1:]:
            offsets.append(offsets[-1] + lag)
        return offsets

    def aboard(self) -> list[Aboard]:
        """Return who is on board from where to where."""
        return [
            Aboard(begin=p, begin_offset=self.service[p], end=k, end_offset=0)
            for k, p in enumerate(self.pick)
            if p >= 0
        ]

    def timetable(self, nights: Ints, start: int | None = None) -> Timetable:
        """Return the network of the sequence, begun at ``start`` where given."""
        differences = []
        for k in range(1, len(self.rides)):
            differences.append((k - 1, k, self.lag[k]))
            if self.wait >= 0:
                differences.append((k, k - 1, -(self.lag[k] + self.wait)))
            if self.pick[k] >= 0:
                differences.append((k, self.pick[k], -self.reach[k]))
        earliest, latest = list(self.begin), list(self.to)
        if start is not None:
            earliest[0] = latest[0] = start
        return Timetable(
            earliest=earliest,
            latest=latest,
            differences=differences,
            aboard=self.aboard(),
            nights=[(int(since), int(until)) for since, until in nights],
        )

    def custody_goal(self) -> list[int]:
        """Return weights on the begins of service whose sum is the custody but for a constant."""
        return [-1 if p < 0 else 1 for p in self.pick]

    def times(self, start: int, waits: bool, nights: Ints) -> list[int]:
        """Return the begins of service of the fragment begun at ``start``: least custody, night, then end."""
        if not waits:
            return [start + offset for offset in self.base]
        last = [0] * (len(self.rides) - 1) + [1]
        times = best_times(self.timetable(nights, start), [self.custody_goal(), None, last])
        if times is None:
            raise AssertionError("a fragment without a timetable")
        return times


def read_sequence(stops: Ints, rides: Rides, index: InstanceIndex, travel: TravelMatrix) -> Sequence:
    """Return the sequence behind a fragment's stop codes."""
    parameters = index.instance.parameters
    every = parameters.rest_interval(with_children=False) or 0
    every_children = parameters.rest_interval(with_children=True) or 0
    sequence = Sequence(
        rides=[], places=[], begin=[], to=[], service=[], lag=[], rests=[], pick=[], reach=[],
        wait=-1 if parameters.max_wait is None else parameters.max_wait,
    )  # fmt: skip
    position: dict[int, int] = {}
    children = 0
    for k, code in enumerate(int(c) for c in stops):
        ride, is_pickup = code // 2, code % 2 == 0
        place = int(rides.pickup[ride] if is_pickup else rides.delivery[ride])
        lag = rests = 0
        if k:
            drive = int(travel.seconds[sequence.places[-1], place])
            driven = int(drive_with_rests(drive, every_children if children else every, parameters.rest_length))
            rests = (
                (driven - drive) // parameters.rest_length
                if parameters.rest_length
                else _rests(drive, children, every, every_children)
            )
            lag = sequence.service[-1] + driven
        if is_pickup:
            position[ride] = k
        sequence.rides.append(ride)
        sequence.places.append(place)
        sequence.begin.append(int((rides.pickup_from if is_pickup else rides.delivery_from)[ride]))
        sequence.to.append(int((rides.pickup_to if is_pickup else rides.delivery_to)[ride]))
        sequence.service.append(int((rides.pickup_service if is_pickup else rides.delivery_service)[ride]))
        sequence.lag.append(lag)
        sequence.rests.append(rests)
        sequence.pick.append(-1 if is_pickup else position[ride])
        sequence.reach.append(0 if is_pickup else int(rides.cap[ride] + rides.pickup_service[ride]))
        if rides.has_children[ride]:
            children += 1 if is_pickup else -1
    return sequence


def _rests(drive: int, children: int, every: int, every_children: int) -> int:
    """Rest stops of no length still have to be counted."""
    interval = every_children if children else every
    return max(0, -(-drive // interval) - 1) if interval > 0 else 0
