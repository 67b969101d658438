"""Local times of the tables and seconds of the model: the border at which daylight saving is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from optimizer.io.tables_problems import CellError
from optimizer.model import ParameterSet, Window
from optimizer.model.units import Seconds

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.0+)?)?"
_DATE = r"(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>\d{4}))"
_MOMENT = re.compile(rf"(?:{_DATE}(?:[T ]|,? +))?{_CLOCK}(?P<offset>Z|[+-]\d{{2}}:?\d{{2}})?(?: Uhr)?")
_DAY = re.compile(rf"{_DATE}(?:[T ]00:00(?::00)?(?:\.0+)?)?")
_EXPECTED_MOMENT = "a local time like 2026-10-05T08:30, or 08:30 where column 'date' is filled"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a time cell says: a clock time, with its date where the cell names one, with its offset where stated."""

    clock: time
    day: date | None
    offset: timedelta | None


def _day_of(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    if parts["y"] is not None:
        year, month, day = parts["y"], parts["m"], parts["d"]
    elif parts["y2"] is not None:
        year, month, day = parts["y2"], parts["m2"], parts["d2"]
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise CellError("not_a_date", "a day of the calendar, like 2026-10-05", "Correct the date.") from None


def parse_day(text: str) -> date:
    """Return the date of a cell: ``2026-10-05`` or ``05.10.2026``."""
    match = _DAY.fullmatch(text)
    day = _day_of(match) if match else None
    if day is None:
        raise CellError("not_a_date", "a date like 2026-10-05", "Write year-month-day.")
    return day


def parse_moment(text: str) -> Moment:
    """Return the time of a cell: ``2026-10-05T08:30``, ``05.10.2026 08:30``, ``08:30``, each with or without offset."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise CellError("not_a_time", _EXPECTED_MOMENT, "Correct the time.")
    try:
        clock = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        raise CellError("not_a_time", "a time between 00:00 and 23:59", "Correct the time.") from None
    offset = None
    if match["offset"] == "Z":
        offset = timedelta(0)
    elif match["offset"]:
        digits = match["offset"].replace(":", "")
        offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5])) * (-1 if digits[0] == "-" else 1)
        if abs(offset) >= timedelta(days=1):
            raise CellError("not_a_time", "an offset from UTC below 24 hours", "Correct the offset.")
    return Moment(clock, _day_of(match), offset)


def parse_day_or_moment(text: str) -> date | Moment:
    """Return a date or a time, whichever the cell holds."""
    return parse_day(text) if _DAY.fullmatch(text) else parse_moment(text)


def parse_intervals(text: str) -> tuple[tuple[Moment, Moment], ...]:
    """Return the intervals ``from/to`` of a cell, separated by spaces."""
    found = []
    for item in text.replace("|", " ").split():
        start, slash, end = item.partition("/")
        if not slash:
            raise CellError("not_an_interval", "from/to, like 2026-10-05T06:00/2026-10-05T18:00", "Write both ends.")
        found.append((parse_moment(start), parse_moment(end)))
    return tuple(found)


def resolve(moment: Moment, day: date | None, timezone: ZoneInfo) -> datetime:
    """Return the instant (UTC) of a moment.

    Parameters
    ----------
    moment
        What the cell says.
    day
        The date of the row's ``date`` column, for cells that name none.

    Raises
    ------
    CellError
        Where the date is missing, or where summer time makes the local time ambiguous or leaves it out.
    """
    on = moment.day if moment.day is not None else day
    if on is None:
        raise CellError("date_missing", _EXPECTED_MOMENT, "Fill the column 'date' or write the date into the cell.")
    if not 1971 <= on.year <= 9998:
        raise CellError("not_a_date", "a year of our time", "Correct the date.")
    naive = datetime.combine(on, moment.clock)
    if moment.offset is not None:
        return (naive - moment.offset).replace(tzinfo=UTC)
    first, second = (naive.replace(tzinfo=timezone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(timezone).replace(tzinfo=None) == naive:
        raise CellError(
            "ambiguous_time",
            "a local time that exists once (the clock is put back on this day)",
            f"Write {naive.isoformat(timespec='minutes')}{_offset(first, timezone)} for the first one or "
            f"{naive.isoformat(timespec='minutes')}{_offset(second, timezone)} for the second one.",
        )
    raise CellError(
        "nonexistent_time",
        "a local time that exists (the clock is put forward on this day)",
        "Write the time that the clock shows, an hour later.",
    )


def _offset(instant: datetime, timezone: ZoneInfo) -> str:
    return instant.astimezone(timezone).isoformat()[-6:]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Seconds from local midnight of ``first_day``, and back."""

    first_day: date
    timezone: ZoneInfo

    def instant(self, day: date, seconds_of_clock: Seconds = 0) -> Seconds:
        """Seconds of a local clock time on ``day``; 86400 is the midnight that ends it.

        In the hour that is left out or doubled, the earlier reading is taken; day and night never change there.
        """
        if seconds_of_clock >= 86400:
            day, seconds_of_clock = day + timedelta(days=1), seconds_of_clock - 86400
        clock = time(seconds_of_clock // 3600, seconds_of_clock // 60 % 60, seconds_of_clock % 60)
        return self.seconds(datetime.combine(day, clock, tzinfo=self.timezone))

    @property
    def start(self) -> datetime:
        """Local midnight of the first day, with its offset."""
        return datetime.combine(self.first_day, time(), tzinfo=self.timezone)

    def seconds(self, instant: datetime) -> Seconds:
        """Seconds from the start of the horizon to ``instant`` (with offset)."""
        return int((instant.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds())

    def local(self, seconds: Seconds) -> datetime:
        """Local time of an instant, with its offset."""
        return (self.start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(self.timezone)

    def text(self, seconds: Seconds) -> str:
        """Return an instant as the tables write it: local, with offset only where the local time is not unique."""
        local = self.local(seconds)
        naive = local.replace(tzinfo=None)
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        text = naive.isoformat(timespec="seconds" if naive.second else "minutes")
        return text + local.isoformat()[-6:] if twice else text

    def nights(self, last_day: date, parameters: ParameterSet) -> tuple[Window, ...]:
        """Return the nights that touch the days, the one before the first and after the last included; half-open."""
        if parameters.day_start == 0 and parameters.day_end == 86400:
            return ()
        found = []
        day = self.first_day - timedelta(days=1)
        while day <= last_day:
            earliest = self.instant(day, parameters.day_end)
            latest = self.instant(day + timedelta(days=1), parameters.day_start)
            found.append(Window(earliest=earliest, latest=latest))
            day += timedelta(days=1)
        return tuple(found)


def calendar_of(horizon_start: str, timezone: str) -> Calendar:
    """Return the calendar of an instance; raises ``ValueError`` where its start is no local midnight."""
    zone = ZoneInfo(timezone)
    start = datetime.fromisoformat(horizon_start)
    if start.tzinfo is None or start.astimezone(zone).time() != time():
        raise ValueError(horizon_start)
    return Calendar(start.astimezone(zone).date(), zone)
