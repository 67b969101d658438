"""Would this trip be in order on this duty, as things stand today? Asked of the independent checker.

Nothing is taken on trust: the tour as stored, everybody on it, promised and proposed, at their times; other duties of
the same crew or vehicle; what is withheld, away or out of service; bars, overrides, the windows and the night. Nothing
is stored, and nothing of the solver is used.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Self

from pydantic import ValidationError
from sqlalchemy.orm import Session

import data
from api.db.tables import DutyRow, Override, TransportRequest
from api.deadlines import BERLIN
from api.gates import Facts, blocking
from api.mapping.checking import faults, in_order
from api.mapping.content import binding, request_of
from api.mapping.fleet import Usable, fleet_of, usable
from api.mapping.horizon import Horizon
from api.mapping.offers import Added, Measure, Placement
from api.mapping.problem import promises_of
from api.mapping.travel import provider_of
from api.repositories import gates as gate_rows
from api.repositories.checking import DutyRows, duty_rows
from api.services import gatekeeping, parameters
from api.services.duty_facts import Fact
from api.services.gatekeeping import Findings
from api.services.verdicts import Broken, Rider, Verdict, broken_fact, broken_gate
from api.workflow import State
from optimizer.errors import InvalidValue
from optimizer.explain.messages import MESSAGES
from optimizer.model import (
    Commitment,
    Instance,
    ParameterSet,
    Place,
    Promise,
    Request,
    Rule,
    Solution,
    VisitKind,
    Zab,
)
from optimizer.travel import TravelMatrix
from optimizer.verify.view import View
from optimizer.verify.violation import Violation

_STARTED = frozenset({State.FROZEN, State.UNDER_WAY})
_ACROSS = frozenset({Rule.CREW_DOUBLED, Rule.VEHICLE_DOUBLED, Rule.REST_BETWEEN_SHIFTS})
"""Rules between duties: they name either of the two."""
_BINDING = (State.PROVISIONALLY_CONFIRMED, State.CONFIRMED, State.FROZEN, State.UNDER_WAY)


class Ground:
    """One duty as it stands, on which trips can be tried; read by ``of``, or of many duties at once by ``each``."""

    def __init__(
        self,
        rows: DutyRows,
        candidates: Sequence[TransportRequest],
        gates: Mapping[uuid.UUID, Facts],
        in_force: ParameterSet,
        *,
        now: datetime,
        is_joining: bool,
    ) -> None:
        self.duty = rows.duties[0]
        self._now = now
        self._rows = rows
        self._known = rows.requests | {each.id: each for each in candidates}
        self._horizon = _horizon(rows)
        self.calendar = self._horizon.calendar
        self._parameters = in_force
        self._places = catalogue()
        self._facts = list(_facts(rows))
        self._closed = is_joining and self._is_closed()
        self._gates = gates
        self._values: dict[uuid.UUID, Request] = {}
        self._travel: TravelMatrix | None = None
        self._usable, self._is_readable = self._read()
        self._problems: dict[Request, tuple[Instance, TravelMatrix]] = {}

    @classmethod
    def of(
        cls,
        session: Session,
        duty: DutyRow,
        candidates: Sequence[TransportRequest],
        *,
        now: datetime,
        is_joining: bool,
    ) -> Self:
        """Read one duty.

        Parameters
        ----------
        duty
            Locked where something is to be stored on the answer.
        candidates
            Requests that may be tried; whoever rides already need not be among them.
        is_joining
            Whether the candidates are new to the tour: then one that is about to begin, or under way, takes nobody.
        """
        return next(cls.each(session, [duty], candidates, now=now, is_joining=is_joining))

    @classmethod
    def each(
        cls,
        session: Session,
        duties: Sequence[DutyRow],
        candidates: Sequence[TransportRequest],
        *,
        now: datetime,
        is_joining: bool,
    ) -> Iterator[Self]:
        """Yield each of the duties, in their order; all is read before the first, by as many statements as for one."""
        keys = [each.id for each in candidates]
        rows, gates = duty_rows(session, duties, keys), gate_rows.facts(session, keys, now=now)
        days = {duty.id: duty.starts_at.astimezone(BERLIN).date() for duty in duties}
        sets = {day: parameters.in_force(session, day) for day in sorted(set(days.values()))}
        for duty in duties:
            yield cls(rows[duty.id], candidates, gates, sets[days[duty.id]], now=now, is_joining=is_joining)

    @property
    def rows(self) -> DutyRows:
        """What was read of the duty."""
        return self._rows

    # --- what stands --------------------------------------------------------------------------------------------------

    def tour(self, but: uuid.UUID) -> tuple[Promise, ...]:
        """Return the stops of the duty as stored, without those of one request."""
        stops = (stop for stop in self._rows.stops[self.duty.id] if stop.request_id != but)
        return promises_of(stops, self._horizon)

    def value(self, request_id: uuid.UUID) -> Request | None:
        """Return a request as the optimizer sees it; ``None`` where it cannot be read."""
        return self._values.get(request_id)

    def view(self, request_id: uuid.UUID) -> View | None:
        """Return drives and rests between the stops of the tour and of one candidate."""
        if not self._is_readable or request_id not in self._values:
            return None
        instance, travel = self._problem(self._values[request_id])
        return View(instance, travel, Solution())

    def instant(self, seconds: int) -> datetime:
        """Return the instant of a second of the problem."""
        return self.calendar.local(seconds).astimezone(UTC)

    # --- trying -------------------------------------------------------------------------------------------------------

    def judge(
        self,
        request_id: uuid.UUID,
        pickup_at: datetime,
        handover_at: datetime,
        *,
        place: str | None = None,
        are_times_agreed: bool = False,
        is_lifted: bool = True,
    ) -> Verdict:
        """Return what stands against a trip at these times.

        Parameters
        ----------
        place
            Another place of pick-up, of the catalogue.
        are_times_agreed
            Whether ZAB and owner agree on the times: then the windows that the owner first stated do not bind.
        is_lifted
            Whether what was lifted for the request holds for this trip: not where it was agreed to for another one.
        """
        gates = self._gates_of(request_id, pickup_at)
        value = self._values.get(request_id)
        if value is not None and not is_lifted:
            value = replace(value, waived=frozenset())
        if value is not None and place is not None:
            value = replace(value, pickup=replace(value.pickup, place=place))
        if value is None or not self._is_readable or value.pickup.place not in self._places:
            unreadable = (*map(broken_gate, blocking(gates)), *self._facts, broken_fact(Fact.UNREADABLE))
            return Verdict(
                pickup_at=pickup_at, handover_at=handover_at, broken=unreadable, figures=None, gates=gates
            )  # fmt: skip
        instance, travel = self._problem(value)
        placement = Placement(
            request=value.id, duty=str(self.duty.id), pickup=self.calendar.seconds(pickup_at),
            delivery=self.calendar.seconds(handover_at),
        )  # fmt: skip
        tour = in_order((*self.tour(request_id), *placement.promises))
        tours = {str(each): promises_of(stops, self._horizon) for each, stops in self._rows.stops.items() if stops}
        found = faults(instance, travel, {**tours, str(self.duty.id): tour}, {value.id})
        if are_times_agreed:
            found = [each for each in found if each.rule is not Rule.WINDOW or each.request != value.id]
        return Verdict(
            pickup_at=pickup_at,
            handover_at=handover_at,
            broken=(*map(broken_gate, blocking(gates)), *self._facts, *self._told(found, value.id)),
            figures=Measure(instance, travel).figures(placement, tour),
            riders=tuple(self._riders(request_id, tour, placement)),
            lifted=self._lifted(self._known[request_id]) if is_lifted else (),
            gates=gates,
        )

    def added(self, request_id: uuid.UUID, verdict: Verdict) -> Added:
        """Return what the plan's terms grow by with a trip that was found in order."""
        measure, placement, tour = self._measured(request_id, verdict)
        return measure.added(placement, tour)

    def warned(self, request_id: uuid.UUID, verdict: Verdict) -> Verdict:
        """Return a verdict with the warnings that its trip would bring to the tour; none where nothing was laid out."""
        if verdict.figures is None:
            return verdict
        measure, placement, tour = self._measured(request_id, verdict)
        return replace(verdict, warned=measure.warned(placement, tour))

    def _measured(self, request_id: uuid.UUID, verdict: Verdict) -> tuple[Measure, Placement, tuple[Promise, ...]]:
        instance, travel = self._problem(self._values[request_id])
        placement = Placement(
            request=str(request_id), duty=str(self.duty.id), pickup=self.calendar.seconds(verdict.pickup_at),
            delivery=self.calendar.seconds(verdict.handover_at),
        )  # fmt: skip
        return Measure(instance, travel), placement, in_order((*self.tour(request_id), *placement.promises))

    def _gates_of(self, request_id: uuid.UUID, pickup_at: datetime) -> Findings:
        """Return how the gates of a candidate stand for a pick-up at this time."""
        known = self._gates.get(request_id)
        return () if known is None else gatekeeping.judged(replace(known, pickup_at=pickup_at))

    def _lifted(self, row: TransportRequest) -> tuple[Override, ...]:
        return binding(row, self._rows.overrides.get(row.id, ()), self.duty.zab_id)

    def _told(self, found: Collection[Violation], own: str) -> list[Broken]:
        about = [each for each in found if each.duty in (None, str(self.duty.id)) or each.rule in _ACROSS]
        told = {}
        for each in about:
            message = MESSAGES[each.rule]
            # What names nobody is about the tour with this trip on it.
            is_own = each.request in (None, own)
            told[each.rule, is_own] = Broken(
                code=each.rule.value, strength=each.strength, texts=dict(message.texts), actions=dict(message.actions),
                is_own=is_own,
            )  # fmt: skip
        return list(told.values())

    def _riders(self, request_id: uuid.UUID, tour: Sequence[Promise], own: Placement) -> Iterator[Rider]:
        starts = {(promise.request, promise.kind): promise.start for promise in tour}
        for stop in self._rows.stops[self.duty.id]:
            if stop.kind is not VisitKind.PICKUP or stop.request_id in (None, request_id):
                continue
            rider, row = str(stop.request_id), self._known[stop.request_id]
            begin = starts[rider, VisitKind.PICKUP] + int((stop.departure - stop.start).total_seconds())
            end = starts[rider, VisitKind.DELIVERY]
            # The stops of others keep their times, and so does everybody's time on board.
            yield Rider(
                seats=row.people,
                before=end - begin,
                after=end - begin,
                is_promised=row.state in _BINDING,
                is_together=starts[rider, VisitKind.PICKUP] < own.delivery and own.pickup < end,
            )

    # --- the problem --------------------------------------------------------------------------------------------------

    def _read(self) -> tuple[list[Usable], bool]:
        """Read all rows as values of the optimizer; whether those that every trial needs could be read."""
        own = usable(
            self.duty, self._rows.aways, is_used=False, is_inside=True, now=self.duty.starts_at
        ) or _whole(self.duty)  # fmt: skip
        duties = [own, *(_whole(row) for row in self._rows.duties[1:])]
        codes = {zab.id: zab.code for zab in self._rows.zabs}
        profiles = {profile.id for profile in self._parameters.working_time}
        ends = {place for row in self._rows.duties for place in (row.start_place, row.end_place) if place is not None}
        readable = ends <= self._places.keys() and {row.profile for row in self._rows.duties} <= profiles
        for key, row in self._known.items():
            try:
                value = request_of(
                    row, self._parameters, self.calendar, now=self._now, duties={d.row.id for d in duties},
                    zab_codes=codes, overrides=self._lifted(row),
                )  # fmt: skip
            except (InvalidValue, ValidationError, ValueError, KeyError, TypeError):
                readable = readable and key not in self._rows.requests
                continue
            if {value.pickup.place, value.delivery.place} <= self._places.keys():
                self._values[key] = value
            else:
                readable = readable and key not in self._rows.requests
        return duties, readable

    def _problem(self, own: Request) -> tuple[Instance, TravelMatrix]:
        # The same for all times at which it is tried.
        if own not in self._problems:
            self._problems[own] = self._made(own)
        return self._problems[own]

    def _made(self, own: Request) -> tuple[Instance, TravelMatrix]:
        fleet = fleet_of(self._usable, self.calendar)
        riders = [self._values[key] for key in self._rows.requests if str(key) != own.id]
        requests = (*riders, own)
        used = [stop.place for request in requests for stop in (request.pickup, request.delivery)]
        used += [place for duty in fleet.duties for place in (duty.start_place, duty.end_place) if place is not None]
        places = tuple(self._places[place] for place in dict.fromkeys(used))
        promised = self.tour(uuid.UUID(own.id))
        instance = Instance(
            name=str(self.duty.id),
            horizon_start=self.calendar.start.isoformat(),
            places=places,
            zabs=tuple(Zab(id=zab.code, name=zab.name) for zab in self._rows.zabs),
            vehicles=fleet.vehicles,
            crews=fleet.crews,
            shifts=fleet.shifts,
            duties=fleet.duties,
            requests=tuple(replace(request, bundle=None) for request in requests),
            commitments=(
                (Commitment(duty=str(self.duty.id), promises=promised, frozen=True),)
                if self._closed and promised
                else ()
            ),
            nights=self.calendar.nights(self._horizon.last, self._parameters),
            parameters=self._parameters,
        )
        return instance, self._part_of_travel(places)

    def _part_of_travel(self, places: tuple[Place, ...]) -> TravelMatrix:
        # Computed once for all candidates: a check then reads only what it needs.
        if self._travel is None:
            used = [stop.place for value in self._values.values() for stop in (value.pickup, value.delivery)]
            used += [p for row in self._rows.duties for p in (row.start_place, row.end_place) if p is not None]
            known = tuple(self._places[place] for place in dict.fromkeys(used))
            self._travel = provider_of(self._parameters).matrix(known)
        ids = tuple(place.id for place in places)
        if not set(ids) <= set(self._travel.places):
            return provider_of(self._parameters).matrix(places)
        rows = self._travel.index(ids)
        part = (rows[:, None], rows[None, :])
        return TravelMatrix(
            places=ids, seconds=self._travel.seconds[part], metres=self._travel.metres[part],
            sources=self._travel.sources[part], tags=self._travel.tags,
        )  # fmt: skip

    def _is_closed(self) -> bool:
        riders = {stop.request_id for stop in self._rows.stops[self.duty.id] if stop.request_id is not None}
        return self.duty.starts_at <= self._now or any(self._known[rider].state in _STARTED for rider in riders)


def _horizon(rows: DutyRows) -> Horizon:
    margin = timedelta(days=3)  # The longest window of a request: its stops may lie outside of the shift.
    return Horizon.of(
        min(row.starts_at for row in rows.duties) - margin, max(row.ends_at for row in rows.duties) + margin
    )


def _whole(row: DutyRow) -> Usable:
    return Usable(
        row=row, shift=(row.starts_at, row.ends_at), vehicle=(row.vehicle_from, row.vehicle_to), is_closed=False
    )


def _facts(rows: DutyRows) -> Iterator[Broken]:
    duty = rows.duties[0]
    if not duty.is_offered:
        yield broken_fact(Fact.DUTY_WITHHELD)
    if not duty.crew.is_active:
        yield broken_fact(Fact.CREW_OUT_OF_SERVICE)
    if not duty.vehicle.is_active:
        yield broken_fact(Fact.VEHICLE_OUT_OF_SERVICE)
    if usable(duty, rows.aways, is_used=False, is_inside=True, now=duty.starts_at) is None:
        if any(away.crew_id == duty.crew_id for away in rows.aways):
            yield broken_fact(Fact.CREW_AWAY)
        if any(away.vehicle_id == duty.vehicle_id for away in rows.aways):
            yield broken_fact(Fact.VEHICLE_AWAY)


@cache
def catalogue() -> Mapping[str, Place]:
    """Return the places of the catalogue by id."""
    return {place.id: place for place in data.places()}
