"""Changes of what is to be carried: flights, cancellations, more or fewer requests, another place of pick-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from optimizer.errors import InvalidValue
from optimizer.granted.edits import known, listed, released
from optimizer.model import (
    Instance,
    InstanceIndex,
    Place,
    PlaceId,
    Request,
    RequestId,
    Seconds,
    Stop,
    VisitKind,
    Window,
)
from optimizer.model.value import Value
from optimizer.simulate.edits import uniform, unit_key, without_requests
from optimizer.simulate.synthetic import like_the_day


def _on_flight(instance: Instance, subject: str, place: PlaceId, handover: Window | None) -> list[Request]:
    """Return whose hand-over at ``place`` ends within ``handover``; that may be any time (``None``)."""
    found = [
        request
        for request in instance.requests
        if request.delivery.place == place
        and (handover is None or handover.earliest <= request.delivery.latest <= handover.latest)
    ]
    if not found:
        goals = {request.delivery.place for request in instance.requests}
        when = (
            "" if handover is None else f" with a hand-over window that ends in {handover.earliest}..{handover.latest}"
        )
        raise InvalidValue(
            subject,
            f"a place that somebody is handed over at{when}",
            place,
            f"Hand-overs are at {listed(goals)}." if goals else "There are no requests on these days.",
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayFlight(Value):
    """A flight leaves ``by`` seconds later (earlier where negative); known before anybody is picked up.

    Everybody whose hand-over window at ``place`` ends within ``handover`` (``None``: at any time) is handed over that
    much later, and may be picked up that much later. A promise whose second is no longer in the window goes back to
    the pool.
    """

    kind: Literal["delay_flight"] = "delay_flight"
    place: PlaceId
    by: Seconds
    handover: Window | None = None

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the windows moved."""
        on_board = {r.id for r in _on_flight(instance, "delay_flight.place", self.place, self.handover)}
        return delayed(instance, dict.fromkeys(on_board, self.by))


def delayed(instance: Instance, by: dict[RequestId, Seconds]) -> Instance:
    """Return the instance with these requests handed over so much later, and what is promised against it released."""
    requests = {
        r.id: replace(
            r,
            pickup=_moved(r.pickup, min(0, by[r.id]), by[r.id]),
            delivery=_moved(r.delivery, by[r.id], by[r.id]),
        )
        if r.id in by
        else r
        for r in instance.requests
    }

    def is_broken(_: str, request: RequestId, kind: VisitKind, start: Seconds) -> bool:
        stop = requests[request].pickup if kind is VisitKind.PICKUP else requests[request].delivery
        return request in by and not stop.earliest <= start <= stop.latest

    instance = released(instance, lambda duty, p: is_broken(duty, p.request, p.kind, p.start))
    return replace(instance, requests=tuple(requests.values()))


def _moved(stop: Stop, earliest: Seconds, latest: Seconds) -> Stop:
    begin, end = max(0, stop.earliest + earliest), max(0, stop.latest + latest)
    return replace(stop, earliest=min(begin, end), latest=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelFlight(Value):
    """A flight does not leave: the measures of everybody on it fall away (``DelayFlight`` tells who that is)."""

    kind: Literal["cancel_flight"] = "cancel_flight"
    place: PlaceId
    handover: Window | None = None

    def change(self, instance: Instance) -> Instance:
        """Return the instance without them."""
        found = _on_flight(instance, "cancel_flight.place", self.place, self.handover)
        return without_requests(instance, {request.id for request in found})


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequests(Value):
    """These requests fall away, with the rest of their bundles; their seats on promised tours are free."""

    kind: Literal["cancel_requests"] = "cancel_requests"
    requests: tuple[RequestId, ...]

    def __post_init__(self) -> None:
        if not self.requests:
            raise InvalidValue("cancel_requests.requests", "at least one request", "none")

    def change(self, instance: Instance) -> Instance:
        """Return the instance without them."""
        ids = {request.id for request in instance.requests}
        for request in self.requests:
            known("cancel_requests.requests", request, ids)
        return without_requests(instance, set(self.requests))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGates(Value):
    """The legal and organisational preconditions of a request are met: it is among those who wait.

    Instances know no gates: a request that stands in one has none that is closed. The service takes one whose gates
    are closed into the snapshot where a scenario opens them, and out of it again in all other scenarios.
    """

    kind: Literal["open_gates"] = "open_gates"
    request: RequestId

    def change(self, instance: Instance) -> Instance:
        """Return the instance as it is."""
        known("open_gates.request", self.request, {request.id for request in instance.requests})
        return instance


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleDemand(Value):
    """The pool has ``factor`` (0 or more) times as many requests.

    More are drawn with ``seed`` from the day's own stops and urgency, with synthetic people; fewer are left out by
    chance, bundles whole. Promised rides stay. The pool of a smaller factor is part of that of a larger one.
    """

    kind: Literal["scale_demand"] = "scale_demand"
    factor: float
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.factor <= 100:
            raise InvalidValue("scale_demand.factor", "0 to 100", self.factor)
        if self.seed < 0:
            raise InvalidValue("scale_demand.seed", "0 or more", self.seed)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with that demand."""
        index = InstanceIndex(instance)
        wanted = round(self.factor * len(index.pool))
        if wanted >= len(index.pool):
            return like_the_day(instance, wanted - len(index.pool), seed=self.seed)
        units = sorted(index.units, key=lambda unit: uniform(self.seed, 0, "demand", unit_key(index.request[unit[0]])))
        kept = 0
        gone: set[RequestId] = set()
        for unit in units:
            if kept + len(unit) <= wanted:
                kept += len(unit)
            else:
                gone.update(unit)
        return without_requests(instance, gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPlace(Value):
    """A new place of pick-up, such as a state facility: who is fetched there instead of where they are now.

    Parameters
    ----------
    place
        The new place. Travel times from and to it are computed when the scenario is evaluated (``covering``).
    requests
        Pool requests that are picked up there.
    share
        Share (0 to 1) of all other pool requests, drawn with ``seed``, that are too.

    A request that moves may be picked up from the end of the night on and in time for its hand-over: the window of its
    former place was made for another drive.
    """

    kind: Literal["add_place"] = "add_place"
    place: Place
    requests: tuple[RequestId, ...] = ()
    share: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise InvalidValue("add_place.share", "0 to 1", self.share)
        if self.seed < 0:
            raise InvalidValue("add_place.seed", "0 or more", self.seed)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the place and the requests moved there."""
        if any(place.id == self.place.id for place in instance.places):
            raise InvalidValue("add_place.place", "an id that no place has yet", self.place.id, "Name it otherwise.")
        pool = InstanceIndex(instance).pool
        for request in self.requests:
            known("add_place.requests", request, {r.id for r in pool})
        # A return trip begins where the way out ended: only single rides move by chance.
        drawn = {r.id for r in pool if r.bundle is None and uniform(self.seed, 0, "place", r.id) < self.share}
        moved = drawn | set(self.requests)
        return replace(
            instance,
            places=(*instance.places, self.place),
            requests=tuple(self._from_here(r, instance) if r.id in moved else r for r in instance.requests),
        )

    def _from_here(self, request: Request, instance: Instance) -> Request:
        pickup = request.pickup
        dawn = max((n.latest for n in instance.nights if n.latest <= pickup.latest), default=pickup.earliest)
        latest = max(pickup.latest, request.delivery.latest - pickup.service)
        return replace(
            request,
            pickup=replace(pickup, place=self.place.id, earliest=max(0, min(dawn, pickup.earliest)), latest=latest),
        )
