"""From the seconds in a checker's words to what people read: local clock times, and durations in minutes."""

from __future__ import annotations

import re

from optimizer.io.tables_time import Calendar
from optimizer.model.units import Seconds

_SPAN = re.compile(r"(-?\d+)\.\.(-?\d+) s\b")
_LATER = re.compile(r"(-?\d+) s (?=or later)")
_WITHIN = re.compile(r"(-?\d+) s (?=within)")
_PLAIN = re.compile(r"(-?\d+) s\b")
_FAR = 100 * 366 * 86_400
"""Seconds; what lies farther away than a century is no time of day but the lack of a limit."""


def in_clock_times(expected: str, got: str, calendar: Calendar) -> tuple[str, str]:
    """Return what was expected and what was found, with local times and minutes instead of seconds.

    A checker counts instants and durations alike in seconds. Spans (``a..b s``), ``or later`` and ``within`` tell
    instants; where the expectation is about an instant, so is a plain number that was found. All others are durations.
    """
    is_instant = any(pattern.search(expected) for pattern in (_SPAN, _LATER, _WITHIN))
    return _told(expected, calendar, is_instant=False), _told(got, calendar, is_instant=is_instant)


def _told(text: str, calendar: Calendar, *, is_instant: bool) -> str:
    text = _SPAN.sub(lambda m: f"{_clock(int(m[1]), calendar)} to {_clock(int(m[2]), calendar)}", text)
    # Rounded up: what is asked for must be enough.
    text = _LATER.sub(lambda m: f"{_clock(-(-int(m[1]) // 60) * 60, calendar)} ", text)
    text = _WITHIN.sub(lambda m: f"{_clock(int(m[1]), calendar)} ", text)
    return _PLAIN.sub(lambda m: _clock(int(m[1]), calendar) if is_instant else _duration(int(m[1])), text)


def _clock(instant: Seconds, calendar: Calendar) -> str:
    """Return ``HH:MM`` on the first day, with the date on all others."""
    if abs(instant) > _FAR:
        return "any time"
    local = calendar.local(instant)
    if local.date() != calendar.first_day:
        return calendar.text(instant)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def _duration(seconds: Seconds) -> str:
    whole, rest = divmod(seconds, 60)
    return f"{whole} min {rest} s" if rest and seconds > 0 else f"{-(-seconds // 60)} min"
