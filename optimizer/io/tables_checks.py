"""What is wrong with a day although every cell is fine: nights that cannot be avoided, promises that cannot be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from optimizer.io.tables_clock import in_clock_times
from optimizer.io.tables_parse import Parsed
from optimizer.io.tables_problems import ProblemLog, shown
from optimizer.io.tables_requests import Row
from optimizer.io.tables_rides import longest_ride, rest_time
from optimizer.io.tables_time import Calendar
from optimizer.model import Instance, ParameterSet, Request, Rule, Strength, Window
from optimizer.model.units import FOREVER, DutyId, RequestId, Seconds
from optimizer.travel.matrix import TravelMatrix


class Objection(Protocol):
    """What a checker says about a promised tour; ``optimizer.verify.Violation`` is one."""

    @property
    def rule(self) -> Rule:
        """The broken rule."""
        ...

    @property
    def strength(self) -> Strength:
        """How binding it is."""
        ...

    @property
    def duty(self) -> DutyId | None:
        """The duty concerned."""
        ...

    @property
    def request(self) -> RequestId | None:
        """The request concerned."""
        ...

    @property
    def expected(self) -> str:
        """What the rule asks for."""
        ...

    @property
    def got(self) -> str:
        """What the promise has."""
        ...


_BY_DRIVE = (
    "Correct the promised times or the places. If the ZAB confirms the tour although our estimate of the drive is "
    "longer: enter the time named here as promised (tolerance_min does not lift this check)."
)
CommitmentCheck = Callable[[Instance, TravelMatrix], Sequence[Objection]]


class DaytimeCheck:
    """Whether a request can be carried by day at all, alone in a vehicle that waits at its door.

    Where the times ask for a pick-up at night that nobody recorded a ground for (or for a measure at night with
    children under 14), this is an error of the row: the flight must be booked anew, no vehicle helps. Where the times
    do not fit for another reason it is a notice: the request stays unserved, with its reason.
    """

    def __init__(
        self, parameters: ParameterSet, nights: Sequence[Window], calendar: Calendar, travel: TravelMatrix
    ) -> None:
        self._parameters = parameters
        self._nights = nights
        self._calendar = calendar
        self._travel = travel
        self._row = {place: at for at, place in enumerate(travel.places)}
        starts = [-FOREVER, *(night.latest for night in nights)]
        ends = [*(night.earliest for night in nights), FOREVER]
        self._days = [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]

    def check(self, rows: Iterable[Row], log: ProblemLog) -> None:
        """Add a problem or a notice for each request that cannot be carried by day."""
        for row in rows:
            request = row.request
            by_day = self._parameters.enforced(Rule.NIGHT_PICKUP) and not request.night_ground
            all_by_day = (
                self._parameters.enforced(Rule.NIGHT_CHILDREN)
                and request.party.has_children
                and Rule.NIGHT_CHILDREN not in request.waived
            )
            drive = self._drive(request)
            direct = drive + rest_time(drive, request.party.has_children, self._parameters)
            always = [(-FOREVER, FOREVER)]
            if self._fits(request, direct, self._days if by_day or all_by_day else always, all_by_day):
                continue
            latest = request.delivery.latest - direct - request.pickup.service
            ends = max(request.delivery.earliest, request.pickup.earliest + request.pickup.service + direct)
            is_night = (
                self._fits(request, direct, always, False)
                or self._night_at(latest) is not None
                or (all_by_day and self._night_at(ends + request.delivery.service - 1) is not None)
            )
            if (by_day or all_by_day) and is_night:
                self._reject(row, latest, drive, direct, by_children=all_by_day, log=log)
            else:
                self._note(row, direct, log)

    def _drive(self, request: Request) -> Seconds:
        return int(self._travel.seconds[self._row[request.pickup.place], self._row[request.delivery.place]])

    def _fits(
        self, request: Request, direct: Seconds, days: Sequence[tuple[Seconds, Seconds]], whole_by_day: bool
    ) -> bool:
        """Whether a pick-up in one of ``days`` reaches the hand-over in time; the latest pick-up waits least."""
        pickup, delivery = request.pickup, request.delivery
        for start, end in days:
            latest = min(pickup.latest, delivery.latest - direct - pickup.service, end - 1)
            if whole_by_day:
                latest = min(latest, end - delivery.service - direct - pickup.service)
                if delivery.earliest + delivery.service > end:
                    continue
            if latest < max(pickup.earliest, start):
                continue
            on_board = max(direct, delivery.earliest - latest - pickup.service)
            longest = longest_ride(request, direct, self._parameters)
            # Where even the direct ride is too long, night and day are not what stands in the way.
            if longest is None or on_board <= max(direct, longest):
                return True
        return False

    def _night_at(self, instant: Seconds) -> Window | None:
        return next((night for night in self._nights if night.earliest <= instant < night.latest), None)

    def _reject(
        self, row: Row, latest: Seconds, drive: Seconds, direct: Seconds, *, by_children: bool, log: ProblemLog
    ) -> None:
        request, calendar = row.request, self._calendar
        pickup = max(request.pickup.earliest, latest)
        night = self._night_at(pickup)
        begin = night.latest if night is not None else pickup
        closes = begin + request.pickup.service + direct
        before = row.closes_before
        steps = [
            f"pick-up {calendar.local(begin):%H:%M}",
            f"{_minutes(request.pickup.service)} min there",
            f"{_minutes(drive)} min drive",
        ]
        if direct > drive:
            steps.append(f"{_minutes(direct - drive)} min rest")
        if before is not None:
            steps.append(f"{_minutes(before)} min before take-off")
        noun = "departure" if before is not None else "end of the hand-over window"
        told = closes + (before or 0)
        told += -told % 60
        expected = f"a {noun} at {calendar.text(told)} or later ({' + '.join(steps)})"
        evening = self._night_at(closes + request.delivery.service - 1) if by_children else None
        if evening is not None:
            # Not even the earliest ride ends by day: another time of day is needed, not a later one.
            clock = calendar.local(evening.earliest)
            expected = f"a {noun} early enough that nobody under 14 travels after {clock:%H:%M}"
        got = calendar.text(request.delivery.latest + (before or 0))
        if by_children:
            action = "Ask ZFA to rebook: impossible with a daytime pick-up, and children under 14 travel by day only."
        else:
            action = (
                "Ask ZFA to rebook: impossible with a daytime pick-up. Only the requester can record a ground for a "
                "pick-up at night (column 'night_ground')."
            )
        log.add(
            "no_daytime_pickup",
            file=row.table.file,
            row=row.table.numbers[row.record],
            column="departure" if before is not None else "handover_to",
            expected=expected,
            got=shown(got),
            action=action,
        )

    def _note(self, row: Row, direct: Seconds, log: ProblemLog) -> None:
        log.note(
            "times_do_not_fit",
            file=row.table.file,
            row=row.table.numbers[row.record],
            column="handover_to",
            expected=f"{_minutes(direct + row.request.pickup.service)} min from the pick-up to the hand-over",
            got="windows that leave less, or that need more time on board than the caps allow",
            action="Widen a window; as it is, the request stays unserved.",
        )


def _minutes(seconds: Seconds) -> int:
    return -(-seconds // 60)


def check_promises(
    instance: Instance,
    tours: Parsed,
    travel: TravelMatrix,
    check: CommitmentCheck,
    calendar: Calendar,
    log: ProblemLog,
) -> None:
    """Add a problem for each promise that cannot be kept, at the row of its ride; warnings become notices."""
    rows = {key: record for record, key in enumerate(tours.columns.get("request", ())) if key is not None}
    duties: dict[str, int] = {}
    for record, key in enumerate(tours.columns.get("duty", ())):
        duties.setdefault(key, record)
    for objection in check(instance, travel):
        known = duties.get(objection.duty or "")
        record = rows.get(objection.request or "", known if known is not None else -1)
        is_warning = objection.strength is Strength.WARN
        add = log.note if is_warning else log.add
        expected, got = in_clock_times(objection.expected, objection.got, calendar)
        action = (
            _BY_DRIVE if objection.rule is Rule.DRIVE_TIME else "Correct the promised times, the people or the duty."
        )
        add(
            "tour_warning" if is_warning else "infeasible_tour",
            file=tours.file,
            row=tours.numbers[record] if record >= 0 else 0,
            column="",
            expected=f"a promised tour that keeps rule '{objection.rule.value}': {expected}",
            got=f"{got} (duty '{objection.duty}')" if objection.duty else got,
            action="No obstacle, but look." if is_warning else action,
        )


def promised_part(instance_fields: Mapping[str, object], requests: Sequence[Request]) -> Instance:
    """Return the instance of the promised rides alone; raises ``InvalidValue``.

    Exclusions and pins that point at the pool say nothing about promises and are left out.
    """
    ids = {request.id for request in requests}
    alone = tuple(replace(request, excluded=request.excluded & ids) for request in requests)
    return Instance(**{**instance_fields, "requests": alone, "published": ()})  # type: ignore[arg-type]
