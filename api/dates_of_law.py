"""Terms of the law as plain arithmetic on local days: months after an announcement, days before a flight. Pure."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """Return the day of the same number so many months later; the month's last day where there is none (BGB § 188).

    Examples
    --------
    >>> months_after(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def first_day_after_announcement(announced_on: date, months: int) -> date:
    """Return the first day on which a pick-up may be: a term of months from the announcement has passed whole.

    The day of the announcement does not count (BGB §§ 187 (1), 188 (2)): announced on 5 September, the month ends with
    5 October, and 6 October is the first day.
    """
    return months_after(announced_on, months) + timedelta(days=1)


def days_between(today: date, day: date) -> int:
    """Return the number of whole days from ``today`` to ``day``; negative where it is past."""
    return (day - today).days


def is_too_late(today: date, day: date, least_days: int) -> bool:
    """Whether fewer than ``least_days`` days are left from ``today`` to ``day``."""
    return days_between(today, day) < least_days


def latest_day(day: date, least_days: int) -> date:
    """Return the last day on which something can be done that must be done ``least_days`` days before ``day``."""
    return day - timedelta(days=least_days)
