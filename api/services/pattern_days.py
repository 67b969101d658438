"""On which days a shift pattern is worked, and from when to when. Pure.

Times are those of the local clock: a shift over a night in which the clock changes is an hour longer or shorter. An
hour that the clock leaves out begins when it would have; of one that comes twice the first counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from api.db.tables import ShiftPattern
from api.deadlines import BERLIN, holiday_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A shift of a day, as instants."""

    starts_at: datetime
    ends_at: datetime
    vehicle_from: datetime
    vehicle_to: datetime


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from ``first`` to ``last``, both of them too."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def is_worked(pattern: ShiftPattern, day: date) -> bool:
    """Whether a day is one of the pattern's: by its validity, weekdays and weeks; holidays are looked at apart."""
    if day < pattern.valid_from or (pattern.valid_to is not None and day > pattern.valid_to):
        return False
    weeks = (_monday(day) - _monday(pattern.valid_from)).days // 7
    return str(day.isoweekday()) in pattern.weekdays and weeks % pattern.every_weeks == 0


def is_left_out(pattern: ShiftPattern, day: date) -> bool:
    """Whether the pattern is not worked because the day is a public holiday."""
    return not pattern.on_holidays and holiday_name(day) is not None


def slot(pattern: ShiftPattern, day: date) -> Slot | None:
    """Return the shift that begins on a day; ``None`` where the clock leaves nothing of it."""
    begins = pattern.begins
    starts_at = _instant(day, begins)
    ends_at = _instant(_day_of(day, pattern.ends, begins, is_end=True), pattern.ends)
    if starts_at >= ends_at:
        return None
    since, until = starts_at, ends_at
    if pattern.vehicle_begins is not None:
        since = _instant(_day_of(day, pattern.vehicle_begins, begins), pattern.vehicle_begins)
    if pattern.vehicle_ends is not None:
        until = _instant(_day_of(day, pattern.vehicle_ends, begins, is_end=True), pattern.vehicle_ends)
    since = min(max(since, starts_at), ends_at)
    return Slot(
        starts_at=starts_at, ends_at=ends_at, vehicle_from=since, vehicle_to=min(max(until, since), ends_at)
    )  # fmt: skip


def code_of(pattern: ShiftPattern, day: date) -> str:
    """Return what the duty of a day is called."""
    return f"{pattern.code}-{day:%Y%m%d}"


def _day_of(day: date, at: time, begins: time, *, is_end: bool = False) -> date:
    """Return the day on which a time of a shift lies: the next one where it is not after the begin."""
    is_next = at <= begins if is_end else at < begins
    return day + timedelta(days=1) if is_next else day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, BERLIN).astimezone(UTC)
