"""The time line as a drawing: rows of vehicles, bars of duties, rides within them; in per cent of the days shown."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from api.deadlines import BERLIN
from api.mapping.layouts import Doing, Layout, Part
from api.pages.board.content import Board, place_name
from api.pages.board.wishes import Twin, Wish, Zoom
from api.pages.time_scale import LANE, Span, TimeScale, lanes
from api.schemas.duties import DutyShown, Standing, StopShown
from optimizer.model import VisitKind

HEADS = {Zoom.DAY: 17, Zoom.WEEK: 4}
"""Pixels above the first lane of rides: of a day the duty's name stands there."""
FOOT = 22
"""Pixels below the last one, for the free seats and, at the very bottom, for what the crew does between the stops."""
_TRACK = 3
"""Pixels from there to the bottom."""
_GAP = 4
_LEG_MIN = timedelta(minutes=20)
"""A leg that is shorter has no room for its number in the drawing; the table has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """Somebody's way on a tour, from the pick-up to the end of the hand-over."""

    request_id: uuid.UUID
    span: Span
    top: int
    people: int
    is_promised: bool
    is_red: bool
    is_pale: bool
    is_chosen: bool
    pickup: StopShown
    handover: StopShown

    @property
    def route(self) -> str:
        """From where to where."""
        return f"{place_name(self.pickup.place)} – {place_name(self.handover.place)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch between two stops, with the seats that are free on it."""

    span: Span
    free: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A duty on its row."""

    duty: DutyShown
    span: Span
    top: int
    height: int
    rides: Sequence[Ride]
    legs: Sequence[Leg]
    """None where a week is drawn: there is no room for them; its table has them."""
    layout: Layout
    is_away: bool
    """Crew or vehicle are away while somebody is to ride: a conflict that people must settle."""
    is_chosen: bool

    @property
    def has_red(self) -> bool:
        """Whether a gate has closed for anybody who rides."""
        return any(ride.is_red for ride in self.rides)

    @property
    def has_conflict(self) -> bool:
        """Whether anything is to be settled."""
        return self.is_away or self.has_red or self.is_broken

    @property
    def is_broken(self) -> bool:
        """Whether a rule stands against the tour as it is, or it cannot be read."""
        return bool(self.layout.broken) or not self.layout.is_readable

    @property
    def breaks(self) -> list[Part]:
        """When the crew makes its breaks."""
        return [part for part in self.layout.parts if part.doing is Doing.BREAK]


@dataclass(slots=True, kw_only=True)
class Row:
    """A vehicle, with its duties in the days shown."""

    vehicle: str
    zab: str
    height: int = 0
    bars: list[Bar] = field(default_factory=list)
    tracks: dict[Doing, str] = field(default_factory=dict)
    """What crews do between stops, as one SVG path each: minutes from the begin of the drawing, pixels from above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A line of the scale; ``is_day`` where a day begins."""

    at: datetime
    left: str
    is_day: bool
    has_label: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """The whole drawing."""

    rows: Sequence[Row]
    ticks: Sequence[Tick]
    now: str
    """Where the present instant is; empty where it is not shown."""
    minutes: int
    """How long the time shown is, as the clock passes."""


def time_line(board: Board, wish: Wish, now: datetime) -> TimeLine:
    """Return the drawing of the board's duties."""
    scale = TimeScale(board.begins, board.ends)
    by_vehicle: dict[tuple[str, str], list[DutyShown]] = {}
    for duty in board.duties:
        by_vehicle.setdefault((duty.zab, duty.vehicle.code), []).append(duty)
    shown = {entry.id for entry in board.entries} if wish.number_of_filters else None
    least = timedelta() if wish.time is Twin.TABLE else _LEG_MIN if wish.zoom is Zoom.DAY else timedelta.max
    rows = [
        _row(
            board,
            scale,
            HEADS[wish.zoom],
            least,
            zab,
            vehicle,
            duties,
            lambda key: shown is not None and key not in shown,
        )
        for (zab, vehicle), duties in sorted(by_vehicle.items())
    ]
    return TimeLine(
        rows=rows, ticks=_ticks(board, scale, wish.zoom),
        now=scale.at(now) if board.begins <= now < board.ends else "", minutes=scale.minutes,
    )  # fmt: skip


def _row(
    board: Board, scale: TimeScale, head: int, least: timedelta, zab: str, vehicle: str, duties: Sequence[DutyShown],
    is_pale: Callable[[uuid.UUID], bool],
) -> Row:  # fmt: skip
    row = Row(vehicle=vehicle, zab=zab)
    ends: list[tuple[datetime, int]] = []
    for duty in duties:
        rides = list(_rides(board, scale, head, duty, is_pale))
        lanes = 1 + max(((ride.top - head) // LANE for ride in rides), default=0)
        # Duties of one vehicle may overlap while nobody rides: then they stand below each other.
        top = max((bottom for end, bottom in ends if end > duty.starts_at), default=0)
        height = head + LANE * lanes + FOOT
        ends.append((duty.ends_at, top + height + _GAP))
        row.bars.append(
            Bar(
                duty=duty, span=scale.span(duty.starts_at, duty.ends_at), top=top, height=height, rides=rides,
                legs=list(_legs(scale, duty, least)), layout=board.layouts.get(duty.id, Layout()),
                is_away=is_away(board, duty),
                is_chosen=duty.id in board.chosen_duties,
            )
        )  # fmt: skip
        row.height = max(row.height, top + height)
    for bar in row.bars:
        for doing, path in _tracks(scale, bar):
            row.tracks[doing] = row.tracks.get(doing, "") + path
    return row


def _tracks(scale: TimeScale, bar: Bar) -> Iterable[tuple[Doing, str]]:
    for part in bar.layout.parts:
        left, right = scale.minute(part.since), scale.minute(part.until)
        if right > left:
            yield part.doing, f"M{left} {bar.top + bar.height - _TRACK}h{right - left}"


def _rides(
    board: Board, scale: TimeScale, head: int, duty: DutyShown, is_pale: Callable[[uuid.UUID], bool]
) -> Iterable[Ride]:  # fmt: skip
    found = list(pairs(duty))
    tops = lanes((pickup.starts_at, handover.leaves_at) for pickup, handover, _ in found)
    for (pickup, handover, people), lane in zip(found, tops, strict=True):
        if pickup.request_id is None:
            raise AssertionError("a ride is somebody's")
        offer = board.proposals.get(pickup.request_id)
        is_promised = pickup.standing is Standing.PROMISED
        yield Ride(
            request_id=pickup.request_id, span=scale.span(pickup.starts_at, handover.leaves_at),
            top=head + LANE * lane, people=people, is_promised=is_promised, is_red=offer is not None and offer.is_red,
            # Of promised rides the filters know nothing: they are no longer in the pool.
            is_pale=not is_promised and is_pale(pickup.request_id),
            is_chosen=pickup.request_id in board.chosen_requests, pickup=pickup, handover=handover,
        )  # fmt: skip


def pairs(duty: DutyShown) -> Iterable[tuple[StopShown, StopShown, int]]:
    """Return pick-up, hand-over and number of people of each ride of a tour, by pick-up."""
    handovers = {stop.request_id: stop for stop in duty.tour if stop.kind is VisitKind.DELIVERY}
    aboard = 0
    for stop in duty.tour:
        handover = handovers.get(stop.request_id)
        if stop.kind is VisitKind.PICKUP and handover is not None:
            yield stop, handover, max(0, stop.seats_taken - aboard)
        aboard = stop.seats_taken


def _legs(scale: TimeScale, duty: DutyShown, least: timedelta) -> Iterable[Leg]:
    """Return the stretches of a shift with their free seats: before the first stop and after the last all are free.

    Parameters
    ----------
    least
        Shorter ones are left out; those without any length always.
    """
    if least > duty.vehicle_to - duty.vehicle_from:
        return
    since, free = duty.vehicle_from, duty.seats
    for stop in duty.tour:
        if stop.starts_at > since and stop.starts_at - since >= least:
            yield Leg(span=scale.span(since, stop.starts_at), free=free, since=since, until=stop.starts_at)
        since, free = stop.leaves_at, stop.seats_free
    if duty.vehicle_to > since and duty.vehicle_to - since >= least:
        yield Leg(span=scale.span(since, duty.vehicle_to), free=free, since=since, until=duty.vehicle_to)


def is_away(board: Board, duty: DutyShown) -> bool:
    """Whether crew or vehicle are away while somebody is to ride."""
    if not duty.is_used:
        return False
    spans = (*board.away.get(duty.crew.id, ()), *board.away.get(duty.vehicle.id, ()))
    return any(since < duty.ends_at and until > duty.starts_at for since, until in spans)


def _ticks(board: Board, scale: TimeScale, zoom: Zoom) -> list[Tick]:
    """Return the lines of the scale: each hour of a day, each six hours of a week.

    By the clock: an hour that it leaves out has none, one that it shows twice has two.
    """
    step = 6 if zoom is Zoom.WEEK else 1
    ticks = []
    at, end = board.begins.astimezone(UTC), board.ends.astimezone(UTC)
    while at < end:
        local = at.astimezone(BERLIN)
        if local.hour % step == 0:
            is_labelled = local.hour % 2 == 0 if zoom is Zoom.DAY else local.hour in (0, 12)
            ticks.append(Tick(at=local, left=scale.at(at), is_day=local.hour == 0, has_label=is_labelled))
        at += timedelta(hours=1)
    return ticks
