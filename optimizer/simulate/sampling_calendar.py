"""Local days in seconds from the horizon's start; the only place of the sampling where daylight saving matters."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from optimizer.model import Window
from optimizer.model.units import Seconds


class Calendar:
    """``days`` local days from midnight of ``start``."""

    def __init__(self, start: date, days: int, timezone: str = "Europe/Berlin") -> None:
        self.start = start
        self.days = days
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._origin = self._local(0, 0).astimezone(UTC)

    @property
    def horizon_start(self) -> str:
        """ISO 8601 with offset."""
        return self._local(0, 0).isoformat()

    def weekday(self, day: int) -> int:
        """Return 0 for Monday to 6 for Sunday; day 0 is ``start``."""
        return (self.start + timedelta(days=day)).weekday()

    def instant(self, day: int, clock: Seconds) -> Seconds:
        """Return the instant at which the clocks of a day show ``clock`` seconds after midnight (0 to 86399)."""
        # By way of UTC: subtracting two times of the same zone would ignore the hour that daylight saving moves.
        return int((self._local(day, clock).astimezone(UTC) - self._origin).total_seconds())

    def nights(self, day_start: Seconds, day_end: Seconds) -> tuple[Window, ...]:
        """Return the nights that touch the horizon, that before the first and that after the last day included."""
        if day_start == 0 and day_end == 86400:
            return ()
        return tuple(
            Window(earliest=self._edge(day, day_end), latest=self.instant(day + 1, day_start))
            for day in range(-1, self.days)
        )

    def _edge(self, day: int, clock: Seconds) -> Seconds:
        return self.instant(day + 1, 0) if clock == 86400 else self.instant(day, clock)

    def _local(self, day: int, clock: Seconds) -> datetime:
        hour, rest = divmod(clock, 3600)
        wall = time(hour, rest // 60, rest % 60)
        return datetime.combine(self.start + timedelta(days=day), wall, tzinfo=self._zone)
