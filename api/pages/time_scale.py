"""Where time is on a drawing, in per cent of what is shown: what the time lines of board and simulations share.

Only per cent and pixels stand in the SVG, so that it is as wide as there is room and nothing in it is stretched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LANE = 18
"""Pixels of a lane of rides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From where to where on the drawing, in per cent."""

    left: str
    width: str
    middle: str


class TimeScale:
    """Where an instant is, between begin and end."""

    def __init__(self, begins: datetime, ends: datetime) -> None:
        # In UTC: between two instants of one zone Python counts the hours of the clock, not those that pass.
        self._begins = begins.astimezone(UTC)
        self._seconds = max(1.0, (ends.astimezone(UTC) - self._begins).total_seconds())

    @property
    def minutes(self) -> int:
        """The length of the drawing."""
        return round(self._seconds / 60)

    def minute(self, at: datetime) -> int:
        """Return the minute of the drawing, never outside of it."""
        return round(self._share(at) * self._seconds / 6000)

    def at(self, at: datetime) -> str:
        """Return where an instant is, as an attribute; never outside of the drawing."""
        return _percent(self._share(at))

    def span(self, since: datetime, until: datetime) -> Span:
        """Return a stretch."""
        left, right = self._share(since), self._share(until)
        return Span(left=_percent(left), width=_percent(right - left), middle=_percent((left + right) / 2))

    def _share(self, at: datetime) -> float:
        return min(max(100 * (at.astimezone(UTC) - self._begins).total_seconds() / self._seconds, 0), 100)


def lanes(stretches: Iterable[tuple[datetime, datetime]]) -> Iterator[int]:
    """Yield for each stretch, in their order, the first lane in which it covers no earlier one; the topmost is 0."""
    until_of_lane: list[datetime] = []
    for since, until in stretches:
        lane = next((number for number, end in enumerate(until_of_lane) if end <= since), len(until_of_lane))
        until_of_lane[lane : lane + 1] = [until]
        yield lane


def _percent(share: float) -> str:
    return f"{round(share, 2):g}%"
