"""From one state of the plan to the problem that the optimizer solves: who waits, who was promised, what can carry."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from pydantic import ValidationError

import data
from api.db.tables import DutyRow, TourStop, TransportRequest
from api.mapping.content import binding, request_of
from api.mapping.fleet import Fleet, Usable, fleet_of, usable
from api.mapping.horizon import Horizon
from api.mapping.travel import provider_of
from api.repositories.plans import PlanRows
from api.workflow import State
from optimizer.errors import InvalidValue
from optimizer.model import (
    Assignment,
    Commitment,
    Instance,
    ParameterSet,
    Place,
    Promise,
    Request,
    RequestId,
    Seconds,
    Zab,
)
from optimizer.travel import TravelMatrix
from optimizer.verify.commitments import check_commitments

_STARTED = frozenset({State.FROZEN, State.UNDER_WAY})
UNREADABLE, IMPOSSIBLE = "unreadable", "promise_impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A request or duty that the problem could not take, and why: ``unreadable`` or ``promise_impossible``."""

    kind: str
    id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A problem, and what its rows were.

    Parameters
    ----------
    offered
        Requests with a live proposal that nobody answered: published in ``instance``, or kept as if promised.
    left_out
        What stays as it is and out of the problem, so that one odd row does not keep all others from being matched.
    request_versions, duty_versions
        Versions of the rows that were read.
    """

    instance: Instance
    travel: TravelMatrix
    offered: tuple[RequestId, ...]
    left_out: tuple[LeftOut, ...]
    request_versions: Mapping[str, int]
    duty_versions: Mapping[str, int]


def problem_of(
    rows: PlanRows,
    horizon: Horizon,
    parameters: ParameterSet,
    *,
    now: datetime,
    tolerance: Seconds = 0,
    keeps_offers: bool,
    driven: Collection[uuid.UUID] | None = None,
) -> Mapped:
    """Return the problem of these days.

    Parameters
    ----------
    tolerance
        Seconds by which a promised stop may move, where its duty allows no more; none where offers are kept.
    keeps_offers
        Whether unanswered proposals stay as they are, to the second, like promises; else they are the published plan.
    driven
        Of days that are over, to be planned anew: duties on which somebody rode. No tour is closed because it was
        begun. ``None``: the days lie ahead.
    """
    builder = _Builder(rows, horizon, parameters, now=now, keeps_offers=keeps_offers, driven=driven)
    return builder.build(tolerance)


class _Builder:
    """Builds one problem; collects what cannot be taken."""

    def __init__(
        self,
        rows: PlanRows,
        horizon: Horizon,
        parameters: ParameterSet,
        *,
        now: datetime,
        keeps_offers: bool,
        driven: Collection[uuid.UUID] | None,
    ) -> None:
        self._rows = rows
        self._horizon = horizon
        self._parameters = parameters
        self._now = now
        self._keeps_offers = keeps_offers
        self._driven, self._is_past = driven or (), driven is not None
        self._calendar = horizon.calendar
        self._left_out: list[LeftOut] = []
        self._places = {place.id: place for place in data.places()}
        self._zabs = {zab.id: zab.code for zab in rows.zabs}
        riders = {stop.request_id for tour in rows.stops.values() for stop in tour if stop.request_id is not None}
        self._fixed = {rider for rider in riders if rider in rows.requests and self._is_fixed(rider, keeps_offers)}
        zabs = {duty.id: duty.zab_id for duty in rows.duties}
        self._carriers = {
            stop.request_id: zabs[duty]
            for duty, tour in rows.stops.items()
            for stop in tour
            if stop.request_id is not None
        }
        self._requests: dict[uuid.UUID, Request] = {}

    def _is_fixed(self, rider: uuid.UUID, keeps_offers: bool) -> bool:
        # Whoever is not to be placed keeps the seat; and whoever has not answered yet, where that is asked for.
        is_open = rider in self._rows.pool and self._rows.requests[rider].state is State.PROPOSED
        return keeps_offers or not is_open

    def build(self, tolerance: Seconds) -> Mapped:
        duties = [found for row in self._rows.duties if (found := self._usable(row)) is not None]
        fleet, duties = self._fleet(duties)
        kept = {duty.row.id: duty for duty in duties}
        for request_id in sorted(self._rows.pool | self._fixed):
            self._read(request_id, kept)
        commitments = [c for duty in duties if (c := self._commitment(duty, tolerance)) is not None]
        riding = {promise.request for commitment in commitments for promise in commitment.promises}
        requests = tuple(
            replace(request, bundle=None) if str(key) in riding else request
            for key, request in self._requests.items()
            if str(key) in riding or (key in self._rows.pool and key not in self._fixed)
        )
        instance = self._instance(fleet, requests, tuple(commitments))
        travel = provider_of(self._parameters).matrix(instance.places)
        instance = self._without_impossible(instance, travel)
        return Mapped(
            instance=instance,
            travel=travel,
            offered=self._offered(instance),
            left_out=tuple(self._left_out),
            request_versions={r.id: self._rows.requests[uuid.UUID(r.id)].version for r in instance.requests},
            duty_versions={str(row.id): row.version for row in self._rows.duties},
        )

    def _usable(self, row: DutyRow) -> Usable | None:
        return usable(
            row, self._rows.aways, now=self._now,
            is_used=any(stop.request_id in self._fixed for stop in self._rows.stops.get(row.id, ())),
            is_inside=self._is_inside(row), was_driven=row.id in self._driven,
        )  # fmt: skip

    def _is_inside(self, row: DutyRow) -> bool:
        return row.starts_at < self._horizon.until and row.ends_at > self._horizon.since

    def _fleet(self, duties: list[Usable]) -> tuple[Fleet, list[Usable]]:
        """Return the fleet of those duties that can be read."""
        profiles = {profile.id for profile in self._parameters.working_time}
        readable = []
        for duty in duties:
            ends = {place for place in (duty.row.start_place, duty.row.end_place) if place is not None}
            is_known = duty.row.profile in profiles and ends <= self._places.keys() and duty.row.zab_id in self._zabs
            if not is_known:
                self._left_out.append(LeftOut(kind="duty", id=str(duty.row.id), code=UNREADABLE))
            elif self._is_readable("duty", duty.row.id, partial(fleet_of, [duty], self._calendar)):
                readable.append(duty)
        return fleet_of(readable, self._calendar), readable

    def _read(self, request_id: uuid.UUID, duties: Mapping[uuid.UUID, Usable]) -> None:
        row: TransportRequest = self._rows.requests[request_id]
        # What a ZAB lifted for itself holds where it carries the request, and there it stays: no run may use it.
        carrier = self._carriers.get(request_id) if request_id in self._fixed else None
        overrides = binding(row, self._rows.overrides.get(request_id, ()), carrier)

        def read() -> None:
            request = request_of(
                row, self._parameters, self._calendar, now=self._now, duties=duties.keys(), zab_codes=self._zabs,
                overrides=overrides,
            )  # fmt: skip
            unknown = {request.pickup.place, request.delivery.place} - self._places.keys()
            if unknown:
                raise InvalidValue(f"Request {request_id}", "places of the catalogue", sorted(unknown))
            self._requests[request_id] = request

        self._is_readable("request", request_id, read)

    def _is_readable(self, kind: str, key: uuid.UUID, read: Callable[[], object]) -> bool:
        try:
            read()
        except (InvalidValue, ValidationError, ValueError, KeyError, TypeError):
            self._left_out.append(LeftOut(kind=kind, id=str(key), code=UNREADABLE))
            return False
        return True

    def _commitment(self, duty: Usable, tolerance: Seconds) -> Commitment | None:
        stops = [stop for stop in self._rows.stops.get(duty.row.id, ()) if stop.request_id in self._fixed]
        # A tour of which one rider cannot be read is closed as it is: nobody could say who fits beside.
        riders = {stop.request_id for stop in stops if stop.request_id is not None}
        known = riders & self._requests.keys()
        if not known:
            return None
        states = {self._rows.requests[rider].state for rider in riders}
        has_begun = not self._is_past and bool(states & _STARTED)
        is_frozen = duty.is_closed or has_begun or known != riders
        return Commitment(
            duty=str(duty.row.id),
            promises=promises_of((stop for stop in stops if stop.request_id in known), self._horizon),
            tolerance=0 if is_frozen or self._keeps_offers else max(tolerance, duty.row.tolerance_seconds),
            frozen=is_frozen,
        )

    def _instance(self, fleet: Fleet, requests: tuple[Request, ...], commitments: tuple[Commitment, ...]) -> Instance:
        used = [stop.place for request in requests for stop in (request.pickup, request.delivery)]
        used += [place for d in fleet.duties for place in (d.start_place, d.end_place) if place is not None]
        places: tuple[Place, ...] = tuple(self._places[place] for place in dict.fromkeys(used))
        there = {request.id for request in requests}
        duties = {duty.id for duty in fleet.duties}
        published = [
            Assignment(request=str(key), duty=str(proposal.duty_id))
            for key, proposal in sorted(self._rows.proposals.items())
            if key not in self._fixed and str(key) in there and str(proposal.duty_id) in duties
        ]
        # What is offered already weighs on a ZAB as if it were taken, where it is not weighed anew.
        kept = Counter(
            proposal.zab_id
            for key, proposal in self._rows.proposals.items()
            if key in self._fixed and self._rows.requests[key].state is State.PROPOSED
        )
        return Instance(
            name=str(self._horizon),
            horizon_start=self._calendar.start.isoformat(),
            timezone="Europe/Berlin",
            places=places,
            zabs=tuple(
                Zab(id=zab.code, name=zab.name, prior_load=max(0, self._rows.taken.get(zab.id, 0) + kept[zab.id]))
                for zab in self._rows.zabs
            ),
            vehicles=fleet.vehicles,
            crews=fleet.crews,
            shifts=fleet.shifts,
            duties=fleet.duties,
            requests=requests,
            commitments=commitments,
            published=tuple(published),
            nights=self._calendar.nights(self._horizon.last, self._parameters),
            parameters=self._parameters,
        )

    def _without_impossible(self, instance: Instance, travel: TravelMatrix) -> Instance:
        """Take tours out that break a rule as promised: with them no plan at all would be without fault.

        They stay promised; who drives them is settled by people. Nobody new rides there.
        """
        while True:
            broken = {violation.duty for violation in check_commitments(instance, travel) if violation.duty is not None}
            if not broken:
                return instance
            self._left_out += [LeftOut(kind="duty", id=duty, code=IMPOSSIBLE) for duty in sorted(broken)]
            gone = {p.request for c in instance.commitments if c.duty in broken for p in c.promises}
            instance = replace(
                instance,
                duties=tuple(duty for duty in instance.duties if duty.id not in broken),
                commitments=tuple(c for c in instance.commitments if c.duty not in broken),
                requests=tuple(
                    replace(request, pin=None) if request.pin in broken else request
                    for request in instance.requests
                    if request.id not in gone
                ),
                published=tuple(was for was in instance.published if was.duty not in broken),
            )

    def _offered(self, instance: Instance) -> tuple[RequestId, ...]:
        # Tours beside the days are there for the rest between shifts alone: they are other runs' business.
        inside = {row.id for row in self._rows.duties if self._is_inside(row)}
        proposals = {str(key): proposal for key, proposal in self._rows.proposals.items()}
        return tuple(
            request.id
            for request in instance.requests
            if self._rows.requests[uuid.UUID(request.id)].state is State.PROPOSED
            and request.id in proposals
            and proposals[request.id].duty_id in inside
        )


def promises_of(stops: Iterable[TourStop], horizon: Horizon) -> tuple[Promise, ...]:
    """Return the stops of a tour as promises, in their order."""
    calendar = horizon.calendar
    return tuple(
        Promise(request=str(stop.request_id), kind=stop.kind, start=calendar.seconds(stop.start))
        for stop in stops
        if stop.request_id is not None
    )
