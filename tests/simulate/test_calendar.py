from __future__ import annotations

from datetime import date

import pytest

from optimizer.model import Window
from optimizer.model.units import HOUR
from optimizer.simulate.sampling_calendar import Calendar

DAY_START, DAY_END = 6 * HOUR, 21 * HOUR


def test_plain_day_has_the_night_before_and_after() -> None:
    calendar = Calendar(date(2026, 3, 2), 1)
    assert calendar.horizon_start == "2026-03-02T00:00:00+01:00"
    assert calendar.nights(DAY_START, DAY_END) == (
        Window(earliest=-3 * HOUR, latest=6 * HOUR),
        Window(earliest=21 * HOUR, latest=30 * HOUR),
    )


@pytest.mark.parametrize(
    ("start", "day", "hours"),
    # 29 March 2026 has 23 hours, 25 October 2026 has 25: the night before that Sunday is an hour shorter or longer.
    [(date(2026, 3, 23), 6, 8), (date(2026, 10, 19), 6, 10), (date(2026, 3, 23), 5, 9)],
)
def test_nights_of_the_changes_of_time(start: date, day: int, hours: int) -> None:
    nights = Calendar(start, 7).nights(DAY_START, DAY_END)
    assert len(nights) == 8
    assert nights[day].latest - nights[day].earliest == hours * HOUR


def test_clocks_after_the_change_are_an_hour_off_in_elapsed_time() -> None:
    calendar = Calendar(date(2026, 3, 28), 2)
    assert calendar.instant(0, 12 * HOUR) == 12 * HOUR
    assert calendar.instant(1, 1 * HOUR) == 25 * HOUR
    assert calendar.instant(1, 12 * HOUR) == 35 * HOUR
    assert Calendar(date(2026, 10, 24), 2).instant(1, 12 * HOUR) == 37 * HOUR


def test_night_that_ends_the_day_at_midnight_and_no_night_at_all() -> None:
    calendar = Calendar(date(2026, 3, 2), 1)
    assert calendar.nights(DAY_START, 86400)[1] == Window(earliest=24 * HOUR, latest=30 * HOUR)
    assert calendar.nights(0, 86400) == ()


def test_weekdays() -> None:
    calendar = Calendar(date(2026, 3, 2), 7)
    assert [calendar.weekday(day) for day in range(7)] == list(range(7))
