"""Until when somebody must answer, and when a request goes back to its ABH. Pure: the caller brings the clock.

Counted back from the pick-up over office hours, weekends and the public holidays of North Rhine-Westphalia, so that an
answer is asked for at an hour at which somebody is there to give it (domain.md, rule "respond-by").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

BERLIN = ZoneInfo("Europe/Berlin")
_LONGEST = 400
"""Days that are looked back or ahead at most: longer than any row of days without an office hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Parameters of answering; assumptions until the authorities settle them (domain.md).

    Parameters
    ----------
    opens, closes
        Office hours, local time, on working days.
    least
        Office hours that whoever is asked has at least, as far as the pick-up lets it.
    ahead
        Office hours between the last answer and the fall-back, for another ZAB to be asked.
    fall_back
        Before the pick-up an unplaced request goes back to its ABH.
    reminders
        Office hours before respond-by.
    """

    opens: time = time(8)
    closes: time = time(16)
    least: timedelta = timedelta(hours=2)
    ahead: timedelta = timedelta(hours=8)
    fall_back: timedelta = timedelta(hours=48)
    reminders: tuple[timedelta, ...] = (timedelta(hours=4), timedelta(hours=1))

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"Answering: expected opens before closes, got {self.opens} and {self.closes}.")


@cache
def _holidays(year: int) -> Mapping[date, str]:
    found = holidays.country_holidays("DE", subdiv="NW", years=year, language="de")
    return {day: found[day] for day in sorted(found)}


def holiday_name(day: date) -> str | None:
    """Return what a public holiday of North Rhine-Westphalia is called in German; ``None`` on other days."""
    return _holidays(day.year).get(day)


def is_working_day(day: date) -> bool:
    """Whether it is Monday to Friday and no public holiday of North Rhine-Westphalia."""
    return day.weekday() < 5 and day not in _holidays(day.year)


def is_skipped(wall: datetime) -> bool:
    """Whether the local clock never shows this time (without offset): in the night in which it is put forward."""
    try:
        shown = wall.replace(tzinfo=BERLIN).astimezone(UTC).astimezone(BERLIN)
    except OverflowError:
        return False  # At the ends of all time nobody puts a clock forward.
    return shown.replace(tzinfo=None) != wall


def office_time_before(instant: datetime, hours: timedelta, answering: Answering) -> datetime:
    """Return the latest instant from which ``hours`` of office time lie before ``instant``.

    Parameters
    ----------
    instant
        With offset; of any zone.

    Raises
    ------
    ValueError
        Where ``instant`` has no offset, or no office hour is near.
    """
    day, left = _local(instant).date(), hours
    for back in range(_LONGEST):
        opens, closes = _hours(day - timedelta(days=back), answering)
        end = min(closes, instant)
        if opens < end:
            if end - opens >= left:
                return end - left
            left -= end - opens
    raise ValueError(f"Expected office hours before {instant}, found none in {_LONGEST} days.")


def office_time_after(instant: datetime, hours: timedelta, answering: Answering) -> datetime:
    """Return the first instant by which ``hours`` of office time have passed since ``instant``."""
    day, left = _local(instant).date(), hours
    for ahead in range(_LONGEST):
        opens, closes = _hours(day + timedelta(days=ahead), answering)
        begin = max(opens, instant)
        if begin < closes:
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
    raise ValueError(f"Expected office hours after {instant}, found none in {_LONGEST} days.")


def fall_back_at(pickup: datetime, answering: Answering) -> datetime:
    """Return when a request without a promise goes back to its ABH."""
    return _local(pickup).astimezone(UTC) - answering.fall_back  # Differences of local times would ignore the clocks.


def respond_by(pickup: datetime, now: datetime, answering: Answering) -> datetime:
    """Return until when a ZAB must answer an offer made ``now`` for a trip that begins at ``pickup``.

    So early that another ZAB can still be asked before the fall-back; but ``answering.least`` office hours from now,
    and never after the pick-up.
    """
    wanted = office_time_before(fall_back_at(pickup, answering), answering.ahead, answering)
    soonest = office_time_after(now, answering.least, answering)
    return min(max(wanted, soonest), pickup)


def reminders(respond: datetime, now: datetime, answering: Answering) -> tuple[datetime, ...]:
    """Return when to remind, first to last: so many office hours before respond-by, as far as still to come."""
    at = {office_time_before(respond, before, answering) for before in answering.reminders}
    return tuple(sorted(instant for instant in at if instant > now))


def _hours(day: date, answering: Answering) -> tuple[datetime, datetime]:
    """Return when the office opens and closes, as instants; the same twice where it stays closed."""
    opens, closes = (datetime.combine(day, at, BERLIN).astimezone(UTC) for at in (answering.opens, answering.closes))
    return (opens, closes) if is_working_day(day) else (closes, closes)


def _local(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"Expected an instant with offset, got {instant}.")
    return instant.astimezone(BERLIN)
