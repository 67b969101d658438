"""Synthetic requests of one day: where from, who, where to, when, with what needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.model import CaseType, DeadlineClass, Party, PlaceKind, Rejection, Request, Stop
from optimizer.model.units import HOUR, MINUTE, PlaceId, RequestId, Seconds, ZabId
from optimizer.simulate.sampling_calendar import Calendar
from optimizer.simulate.sampling_demand import Demand
from optimizer.simulate.sampling_dice import Dice, Table
from optimizer.simulate.sampling_geography import Geography
from optimizer.simulate.sampling_parties import PartyMaker, escorts_of, needs_of

_STEP = 5 * MINUTE
_DRAWS = 12
"""How often a departure is drawn again until it is one that Dublin transfers are booked on."""
_DUBLIN_UNTIL = 11 * HOUR + 30 * MINUTE
_DEADLINE_DAYS = {DeadlineClass.URGENT: (1, 7), DeadlineClass.SOON: (8, 21), DeadlineClass.NORMAL: (30, 150)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """Windows of both stops (clock seconds of the day), and whether the pick-up is at night with a ground."""

    pickup: tuple[Seconds, Seconds]
    delivery: tuple[Seconds, Seconds]
    night_ground: bool = False


class RequestMaker:
    """Draws requests; what it draws depends on nothing but the dice and the shares."""

    def __init__(self, geography: Geography, calendar: Calendar, demand: Demand, dice: Dice) -> None:
        self._geo, self._calendar, self._demand, self._dice = geography, calendar, demand, dice
        self._parties = PartyMaker(demand, dice)
        self._bezirke = Table(demand.bezirke)
        self._pickups = Table(
            [
                ("dwelling", demand.dwelling),
                ("facility", demand.state_facility),
                ("ufa", demand.detention_ufa),
                ("prison", demand.prison),
            ]
        )
        self._airports = Table(demand.airports)
        self._air_cases, self._land_cases = Table(demand.air_cases), Table(demand.land_cases)
        self._departures = Table(demand.departures)
        self._rejections = Table(demand.rejections)
        self._deadlines = [Table(t) for t in (demand.dublin_deadline, demand.detention_deadline, demand.other_deadline)]
        days = [(day, demand.weekdays[calendar.weekday(day)]) for day in range(calendar.days)]
        self._days = Table(days)
        late = demand.dublin_friday_on
        self._dublin_days = Table((day, w if calendar.weekday(day) < 4 else late * w) for day, w in days)

    def pool(self, number: int) -> list[Request]:
        """Return ``number`` pool requests, ``R0001`` and on; a return trip or a relative counts as one of them."""
        requests: list[Request] = []
        while len(requests) < number:
            room = number - len(requests)
            request = self._same_flight(self.draw(_name("R", len(requests) + 1), rejected=True), requests)
            partner = _name("R", len(requests) + 2)
            if room > 1 and request.case_type is CaseType.EMBASSY and self._dice.chance(self._demand.embassy_return):
                requests.extend(self._out_and_back(request, partner))
            elif room > 1 and request.party.size == 1 and self._dice.chance(self._demand.same_unit):
                unit = f"U{request.id}"
                requests.append(replace(request, unit=unit))
                requests.append(replace(request, id=partner, unit=unit, party=self._parties.detained()))
            else:
                requests.append(request)
        return self._exclude(requests)

    def _same_flight(self, request: Request, earlier: list[Request]) -> Request:
        """Let some single people leave a facility for the flight that somebody else there leaves for."""
        if not self.is_joinable(request) or not self._dice.chance(self._demand.same_flight):
            return request
        others = [r for r in earlier if r.pickup.place == request.pickup.place and self.is_joinable(r)]
        if not others:
            return request
        other = self._dice.one_of(others)
        return replace(request, pickup=other.pickup, delivery=other.delivery, case_type=other.case_type)

    def is_joinable(self, request: Request) -> bool:
        """Whether a single adult leaves a facility or detention for an airport by day."""
        alone = request.party.size == 1 and not request.party.is_lone_minor and not request.night_ground
        by_air = request.delivery.place in self._geo.airport
        return alone and by_air and self._geo.place[request.pickup.place].kind is not PlaceKind.TOWN

    def draw(self, name: RequestId, *, rejected: bool, day: int | None = None, bezirk: str | None = None) -> Request:
        """Return one request; of a fixed day or with a pick-up in a fixed Bezirk where these are given."""
        dice, geo = self._dice, self._geo
        kind = dice.pick(self._pickups)
        origin, party = self._origin(kind, bezirk or dice.pick(self._bezirke))
        case = dice.pick(self._air_cases if dice.chance(self._demand.by_air) else self._land_cases)
        air = case in {CaseType.COUNTRY_OF_ORIGIN, CaseType.THIRD_COUNTRY}
        if case is CaseType.DUBLIN:
            # 23.5 of 100 flights and 42 of 100 land trips are Dublin: 77 in 100 Dublin transfers fly.
            air = dice.chance(0.77)
        if kind in {"ufa", "prison"} and case in {CaseType.EMBASSY, CaseType.FACILITY_TRANSFER}:
            case = CaseType.DETENTION_HEARING
        if day is None:
            day = dice.pick(self._dublin_days if case is CaseType.DUBLIN else self._days)
        children = party.has_children
        target = self._airport(origin, children) if air else self._land_target(origin, case)
        service = geo.parameters.service.pickup(party.size)
        if kind != "dwelling":
            service = min(service, self._demand.facility_service)
        trip = self._trip(target, service, geo.direct(origin, target, children), party, case)
        needs, wheelchairs = needs_of(self._dice, self._demand, detained=kind in {"ufa", "prison"})
        deadline_class, deadline = self._deadline(case, kind, day)
        officers, female = escorts_of(self._dice, self._demand, party)
        zab = geo.zab_by_prefix[geo.place[origin].ags[:3]]
        rejection = Rejection(by=zab, code=dice.pick(self._rejections)) if rejected else None
        barred: frozenset[ZabId] = frozenset()
        if rejected and dice.chance(self._demand.barred_after_rejection):
            barred = frozenset({zab})
        return Request(
            id=name,
            pickup=self._stop(origin, day, trip.pickup, service),
            delivery=self._stop(target, day, trip.delivery, geo.parameters.service.handover),
            party=party,
            case_type=case,
            authority=geo.place[origin].ags[:5] + "000",
            needs=needs,
            wheelchairs=wheelchairs,
            luggage=party.size,
            features=frozenset({"cells"}) if kind == "prison" and dice.chance(self._demand.cells) else frozenset(),
            escort_officers=officers,
            escort_female=female,
            separate=party.size == 1 and dice.chance(self._demand.separate),
            deadline_class=deadline_class,
            deadline=deadline,
            rejection=rejection,
            barred_zabs=barred,
            unit=f"U{name}" if party.size > 1 else None,
            night_ground=trip.night_ground,
        )

    def _origin(self, kind: str, bezirk: str) -> tuple[PlaceId, Party]:
        if kind == "ufa":
            return self._geo.ufa, self._parties.detained()
        if kind == "prison":
            return self._dice.one_of(self._geo.prisons), self._parties.detained()
        if kind == "facility":
            return self._dice.one_of(self._geo.facilities[bezirk]), self._parties.anyone()
        return self._dice.pick(self._geo.dwellings[bezirk]), self._parties.anyone()

    def _airport(self, origin: PlaceId, children: bool) -> PlaceId:
        """Return an airport; one beyond the cap on the time on board gives way to the nearest far one within it."""
        drawn = self._dice.pick(self._airports)
        cap = self._geo.ride_cap(children)
        if cap is None or self._geo.direct(origin, drawn, children) <= cap:
            return drawn
        far = self._geo.nearest(origin, ("HAJ", "HAM", "BER", "MUC", "LEJ"), 1)
        return far[0] if self._geo.direct(origin, far[0], children) <= cap else "FRA"

    def _land_target(self, origin: PlaceId, case: CaseType) -> PlaceId:
        geo, dice = self._geo, self._dice
        if case is CaseType.DUBLIN:
            return dice.one_of(geo.nearest(origin, geo.borders, 3))
        if case is CaseType.EMBASSY:
            return dice.one_of(geo.representations)
        if case is CaseType.FACILITY_TRANSFER:
            return dice.one_of(geo.nearest(origin, geo.all_facilities, 12, least=20 * MINUTE))
        return dice.one_of(geo.nearest(origin, geo.large_towns, 4, least=5 * MINUTE))

    def _trip(self, target: PlaceId, service: Seconds, direct: Seconds, party: Party, case: CaseType) -> _Trip:
        """Derive the pick-up window back from the hand-over, by daylight."""
        dice, demand, rules = self._dice, self._demand, self._geo.parameters
        # The earliest hand-over that a pick-up at the end of the night can reach.
        reachable = rules.day_start + service + direct
        latest, width = self._handover(target, case, reachable)
        airport = target in self._geo.airport
        night = airport and not party.has_children and dice.chance(demand.night_ground)
        if latest < reachable and not (night and latest - width - service - direct >= 2 * HOUR):
            # What would need a pick-up at night leaves later, as ZFA would book it anew.
            soonest = -(-reachable // _STEP) * _STEP
            latest = dice.between(soonest, max(soonest, demand.last_moved), _STEP)
        earliest = latest - width
        last_pickup = (latest - service - direct) // MINUTE * MINUTE
        first_pickup = (earliest - service - direct) // MINUTE * MINUTE - dice.between(0, 90 * MINUTE, _STEP)
        by_night = last_pickup < rules.day_start
        first_pickup = max(first_pickup, 2 * HOUR if by_night else rules.day_start)
        return _Trip(
            pickup=(min(first_pickup, last_pickup), last_pickup),
            delivery=(earliest, latest),
            night_ground=by_night,
        )

    def _handover(self, target: PlaceId, case: CaseType, reachable: Seconds) -> tuple[Seconds, Seconds]:
        """Return the end of the hand-over window and its length; an appointment has no departure."""
        dice, demand = self._dice, self._demand
        airport = self._geo.airport.get(target)
        if airport is None:
            width = 2 * HOUR if case is CaseType.FACILITY_TRANSFER else HOUR
            return dice.between(9 * HOUR, 15 * HOUR, _STEP), width
        width = self._geo.parameters.service.handover_window
        if case is CaseType.COUNTRY_OF_ORIGIN and target in {"DUS", "FRA"} and dice.chance(demand.charter):
            ends = [at - airport.before_charter for at in demand.charters]
            in_time = [end for end in ends if end >= reachable]
            if in_time:
                return dice.one_of(in_time), width
        return self._departure(case) - airport.before_departure, width

    def _departure(self, case: CaseType) -> Seconds:
        """Return a departure by the shares of the classes; Dublin flights mostly leave before 11:30."""
        morning = case is CaseType.DUBLIN and self._dice.chance(self._demand.dublin_morning)
        for _ in range(_DRAWS):
            first, last = self._dice.pick(self._departures)
            at = self._dice.between(first, last - _STEP, _STEP)
            if not morning or at < _DUBLIN_UNTIL:
                return at
        return 10 * HOUR

    def _deadline(self, case: CaseType, kind: str, day: int) -> tuple[DeadlineClass, Seconds | None]:
        dublin, detained, other = self._deadlines
        table = dublin if case is CaseType.DUBLIN else detained if kind == "ufa" else other
        drawn = self._dice.pick(table)
        if drawn is DeadlineClass.NORMAL and case is not CaseType.DUBLIN:
            return drawn, None
        first, last = _DEADLINE_DAYS[drawn]
        return drawn, self._calendar.instant(day + self._dice.between(first, last), 0)

    def _stop(self, place: PlaceId, day: int, window: tuple[Seconds, Seconds], service: Seconds) -> Stop:
        earliest, latest = (self._calendar.instant(day, clock) for clock in window)
        return Stop(place=place, earliest=earliest, latest=latest, service=service)

    def _out_and_back(self, out: Request, back: RequestId) -> tuple[Request, Request]:
        """Return a presentation with its return trip as a bundle: both or none."""
        geo, children = self._geo, out.party.has_children
        direct = geo.direct(out.delivery.place, out.pickup.place, children)
        # Over by one to two hours after the appointment, at which the hand-over window of the way out closes.
        ready = out.delivery.latest + self._dice.between(HOUR, 2 * HOUR, _STEP)
        service = geo.parameters.service.pickup(out.party.size)
        pickup = Stop(place=out.delivery.place, earliest=ready, latest=ready + 90 * MINUTE, service=service)
        home = ready + service + direct
        delivery = Stop(
            place=out.pickup.place, earliest=home, latest=home + 150 * MINUTE, service=geo.parameters.service.handover
        )
        bundle = f"B{out.id}"
        unit = out.unit or f"U{out.id}"
        out = replace(out, bundle=bundle, unit=unit)
        return out, replace(out, id=back, pickup=pickup, delivery=delivery, night_ground=False)

    def _exclude(self, requests: list[Request]) -> list[Request]:
        """Let a few requests name another one of about the same place in the list that they may not ride with."""
        chosen: list[Request] = []
        for i, request in enumerate(requests):
            if len(requests) > 1 and self._dice.chance(self._demand.excluded):
                other = requests[(i + self._dice.between(1, min(10, len(requests) - 1))) % len(requests)]
                if request.unit is None or request.unit != other.unit:
                    request = replace(request, excluded=frozenset({other.id}))  # noqa: PLW2901
            chosen.append(request)
        return chosen


def _name(prefix: str, number: int) -> RequestId:
    return f"{prefix}{number:04d}"
