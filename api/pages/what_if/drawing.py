"""What a comparison is drawn as: bars with their intervals, a curve, time lines; a table beside each says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.deadlines import BERLIN
from api.pages.time_scale import LANE, Span, TimeScale, lanes
from api.schemas.simulations import ComparisonShown, EstimateShown, LineShown, PlanShown, PointShown, TourInPlan
from optimizer.model import VisitKind
from optimizer.simulate.sweep import Metric

WIDTH, LABEL, VALUE, ROW = 720, 250, 90, 30
"""Units of a drawing of bars: all, for the name before a bar, for the figure behind it; height of a row."""
CURVE, HIGH, EDGE = 640, 240, 44
HEAD, FOOT = 17, 6
"""Pixels of a row of the time line, above and below its lanes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A difference to the first scenario: a bar from zero, and a line over its interval."""

    line: LineShown
    found: EstimateShown | None
    y: int
    x: float
    width: float
    low: float
    high: float

    @property
    def end(self) -> float:
        """Where the figure stands: right of all that is drawn."""
        return max(self.x + self.width, self.low, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Differences in one metric, drawn to one scale; ``zero`` is where none is, ``marks`` are places with figures."""

    metric: Metric
    bars: tuple[Bar, ...]
    zero: float
    marks: tuple[tuple[float, float], ...]

    @property
    def height(self) -> int:
        """Height of the bars; the figures of the scale stand below."""
        return ROW * len(self.bars)


def bars(comparison: ComparisonShown, metric: Metric) -> Bars | None:
    """Return the differences in a metric, the order being that of ``best``; ``None`` where there are none."""
    lines = {line.id: line for line in comparison.lines}
    others = [lines[name] for name in comparison.best]
    found = [each for line in others if (each := line.differences.get(metric)) is not None]
    if not found:
        return None
    low, high = min(0.0, *(each.low for each in found)), max(0.0, *(each.high for each in found))
    room = WIDTH - LABEL - VALUE
    per = room / ((high - low) or 1.0)

    def at(value: float) -> float:
        return round(LABEL + (value - low) * per, 1)

    return Bars(
        metric=metric, zero=at(0.0),
        marks=tuple((at(value), value) for value in sorted({low, 0.0, high}) if not value or at(value) != at(0.0)),
        bars=tuple(
            _bar(line, line.differences.get(metric), number * ROW, at(0.0), at) for number, line in enumerate(others)
        ),
    )  # fmt: skip


def _bar(line: LineShown, found: EstimateShown | None, y: int, zero: float, at: Callable[[float], float]) -> Bar:
    if found is None:
        return Bar(line=line, found=None, y=y, x=zero, width=0, low=zero, high=zero)
    end = at(found.mean)
    return Bar(
        line=line, found=found, y=y, x=min(zero, end), width=round(abs(end - zero), 1), low=at(found.low),
        high=at(found.high),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A point of a curve, with its interval from ``top`` to ``bottom``."""

    point: PointShown
    x: float
    y: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Unplaced requests over the size of the fleet; ``path`` joins the dots, ``marks`` are heights with figures."""

    dots: tuple[Dot, ...]
    path: str
    marks: tuple[tuple[float, float], ...]


def curve(points: Sequence[PointShown]) -> Curve | None:
    """Return a curve; ``None`` with fewer than two points."""
    if len(points) < 2:
        return None
    first, last = points[0].vehicles, points[-1].vehicles
    most = max((point.unplaced.high for point in points), default=0.0) or 1.0

    def x(vehicles: int) -> float:
        return round(EDGE + (CURVE - 2 * EDGE) * (vehicles - first) / max(1, last - first), 1)

    def y(value: float) -> float:
        return round(HIGH - EDGE - (HIGH - 2 * EDGE) * max(0.0, value) / most, 1)

    dots = tuple(
        Dot(point=p, x=x(p.vehicles), y=y(p.unplaced.mean), top=y(p.unplaced.high), bottom=y(p.unplaced.low))
        for p in points
    )
    path = "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots)
    return Curve(dots=dots, path=path, marks=tuple((y(share * most), share * most) for share in (0.0, 0.5, 1.0)))


# --- time lines -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """Somebody's way on a tour; ``top`` in pixels from above."""

    span: Span
    top: int
    people: int
    is_promised: bool
    since: datetime
    until: datetime
    places: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A tour with its rides."""

    tour: TourInPlan
    span: Span
    height: int
    rides: tuple[Ride, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """The tours of one plan; ``ticks`` are hours with their place in per cent."""

    plan: PlanShown
    rows: tuple[Row, ...]
    ticks: tuple[tuple[datetime, str], ...]


def time_lines(plans: Sequence[PlanShown]) -> tuple[TimeLine, ...]:
    """Return the time lines of several plans, all to one scale."""
    tours = [tour for plan in plans for tour in plan.tours]
    if not tours:
        return ()
    begin = min(tour.starts_at for tour in tours).astimezone(BERLIN).replace(minute=0, second=0, microsecond=0)
    begin, end = begin.astimezone(UTC), max(tour.ends_at for tour in tours).astimezone(UTC)
    scale = TimeScale(begin, end)

    def row(tour: TourInPlan) -> Row:
        rides = tuple(_rides(tour, scale))
        height = HEAD + LANE + max((ride.top - HEAD for ride in rides), default=0) + FOOT
        return Row(tour=tour, span=scale.span(tour.starts_at, tour.ends_at), height=height, rides=rides)

    hours = scale.minutes / 60
    step = timedelta(hours=2 if hours < 36 else 12 if hours < 6 * 24 else 24)
    ticks, at = [], begin
    while at <= end:
        ticks.append((at, scale.at(at)))
        at += step
    return tuple(
        TimeLine(
            plan=plan, ticks=tuple(ticks),
            rows=tuple(row(tour) for tour in sorted(plan.tours, key=lambda t: (t.zab, t.vehicle, t.starts_at))),
        )
        for plan in plans
    )  # fmt: skip


def _rides(tour: TourInPlan, scale: TimeScale) -> Iterator[Ride]:
    pickups = {stop.rider: stop for stop in tour.stops if stop.kind is VisitKind.PICKUP}
    ends = [stop for stop in tour.stops if stop.kind is VisitKind.DELIVERY and stop.rider in pickups]
    found = [(pickups[stop.rider], stop) for stop in ends]
    tops = lanes((pickup.at, stop.leaves_at) for pickup, stop in found)
    for (pickup, stop), lane in zip(found, tops, strict=True):
        yield Ride(
            span=scale.span(pickup.at, stop.leaves_at), top=HEAD + LANE * lane, people=pickup.people,
            is_promised=pickup.is_promised, since=pickup.at, until=stop.leaves_at,
            places=(pickup.place_name, stop.place_name),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way of a tour on the map; ``at`` its points as the map's script reads them."""

    plan: str
    is_first: bool
    tour: TourInPlan
    at: str
    places: tuple[str, ...]


def ways(plans: Sequence[PlanShown]) -> list[Way]:
    """Return the ways of all tours, of the plan that the others are compared with first."""
    found = []
    for number, plan in enumerate(plans):
        for tour in plan.tours:
            stops = [stop for stop in tour.stops if stop.lat is not None and stop.lon is not None]
            found.append(
                Way(
                    plan=plan.scenario, is_first=number == 0, tour=tour,
                    at=" ".join(f"{stop.lat},{stop.lon}" for stop in stops),
                    places=tuple(stop.place_name or "" for stop in stops),
                )
            )  # fmt: skip
    return found
