"""What the authority that asked may grant: other times, another day, less luggage, rides that need not be together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from optimizer.errors import InvalidValue
from optimizer.granted.edits import counted, found, parted, released, some_seconds, with_request
from optimizer.model import DAY, Instance, RequestId, Seconds, Stop
from optimizer.model.units import MOST
from optimizer.model.value import Value

_MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class WidenWindow(Value):
    """The windows of a request are so many seconds (0 or more) wider, at least one of them."""

    kind: Literal["widen_window"] = "widen_window"
    request: RequestId
    pickup_earlier: Seconds = 0
    pickup_later: Seconds = 0
    handover_earlier: Seconds = 0
    handover_later: Seconds = 0

    def __post_init__(self) -> None:
        some_seconds("widen_window", self.pickup_earlier, self.pickup_later, self.handover_earlier, self.handover_later)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the wider windows; none begins before the horizon."""
        asked = found("widen_window.request", self.request, instance.requests)
        return with_request(
            instance,
            self.request,
            pickup=_wider(asked.pickup, self.pickup_earlier, self.pickup_later),
            delivery=_wider(asked.delivery, self.handover_earlier, self.handover_later),
        )


def _wider(stop: Stop, earlier: Seconds, later: Seconds) -> Stop:
    return replace(stop, earliest=max(0, stop.earliest - earlier), latest=stop.latest + later)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDay(Value):
    """A request rides ``days`` (not 0) days later, earlier where negative, at the same hours.

    Both windows are moved by whole days of 24 hours. What was promised to it goes back to the pool. It can ride only
    where duties of that day are part of the instance.
    """

    kind: Literal["move_day"] = "move_day"
    request: RequestId
    days: int

    def __post_init__(self) -> None:
        if not 1 <= abs(self.days) <= _MOST_DAYS:
            raise InvalidValue("move_day.days", f"1 to {_MOST_DAYS}, with a minus for days earlier", self.days)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the request on the other day."""
        asked = found("move_day.request", self.request, instance.requests)
        by = self.days * DAY
        if min(asked.pickup.earliest, asked.delivery.earliest) + by < 0:
            raise InvalidValue("move_day.days", "a day that is not before the first one of the horizon", self.days)
        if any(self.request == promise.request for each in instance.commitments for promise in each.promises):
            instance = released(instance, lambda _, promise: promise.request == self.request)
        return with_request(
            instance, self.request, pickup=_moved(asked.pickup, by), delivery=_moved(asked.delivery, by)
        )


def _moved(stop: Stop, by: Seconds) -> Stop:
    return replace(stop, earliest=stop.earliest + by, latest=stop.latest + by)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNightGround(Value):
    """For a request a ground for a pick-up at night is recorded (AufenthG § 58 (7))."""

    kind: Literal["record_night_ground"] = "record_night_ground"
    request: RequestId

    def change(self, instance: Instance) -> Instance:
        """Return the instance in which it may be picked up at night."""
        found("record_night_ground.request", self.request, instance.requests)
        return with_request(instance, self.request, night_ground=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReduceLuggage(Value):
    """So many pieces (1 or more) of a request's luggage are sent separately."""

    kind: Literal["reduce_luggage"] = "reduce_luggage"
    request: RequestId
    pieces: int = 1

    def __post_init__(self) -> None:
        counted("reduce_luggage.pieces", self.pieces, MOST)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with less luggage."""
        asked = found("reduce_luggage.request", self.request, instance.requests)
        if self.pieces > asked.luggage:
            raise InvalidValue("reduce_luggage.pieces", "no more pieces than the request has", self.pieces)
        return with_request(instance, self.request, luggage=asked.luggage - self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBundle(Value):
    """A request and the others of its bundle no longer stand or fall together."""

    kind: Literal["part_bundle"] = "part_bundle"
    request: RequestId

    def change(self, instance: Instance) -> Instance:
        """Return the instance without the bundle."""
        bundle = found("part_bundle.request", self.request, instance.requests).bundle
        if bundle is None:
            raise InvalidValue("part_bundle.request", "a request of a bundle", self.request)
        return parted(instance, {request.id for request in instance.requests if request.bundle == bundle})
