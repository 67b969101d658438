"""On which days a pattern is worked, and from when to when: cycles, holidays, both changes of the clock. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.db.tables import ShiftPattern
from api.db.tables_fleet import LONGEST_DUTY
from api.schemas.patterns import PatternContent
from api.services.pattern_days import code_of, days_between, is_left_out, is_worked, slot

IDS = {"crew_id": "01a20752-cae2-76b5-8ab4-f41361bce28b", "vehicle_id": "01a20752-cac5-740d-b41a-15ebb871875f"}


def pattern(**fields: Any) -> ShiftPattern:
    known = {
        "code": "E-F", "weekdays": "12345", "begins": time(5, 30), "ends": time(15, 30),
        "valid_from": date(2026, 10, 7), "valid_to": None, "every_weeks": 1, "on_holidays": False,
        "vehicle_begins": None, "vehicle_ends": None,
    }  # fmt: skip
    return ShiftPattern(**(known | fields))


def worked(row: ShiftPattern, first: date, last: date) -> list[date]:
    return [day for day in days_between(first, last) if is_worked(row, day)]


def test_weekdays_and_validity() -> None:
    row = pattern(weekdays="16", valid_to=date(2026, 10, 19))
    assert worked(row, date(2026, 10, 1), date(2026, 10, 31)) == [
        date(2026, 10, 10), date(2026, 10, 12), date(2026, 10, 17), date(2026, 10, 19),
    ]  # fmt: skip


def test_every_second_week_counts_from_the_week_of_its_first_day_and_over_the_end_of_the_year() -> None:
    row = pattern(weekdays="3", every_weeks=2)
    assert worked(row, date(2026, 10, 1), date(2026, 11, 10)) == [
        date(2026, 10, 7), date(2026, 10, 21), date(2026, 11, 4),
    ]  # fmt: skip
    # 2026 has 53 weeks: week numbers would stumble.
    around = worked(row, date(2026, 12, 20), date(2027, 1, 20))
    assert around == [date(2026, 12, 30), date(2027, 1, 13)]


def test_holidays_of_the_state() -> None:
    assert is_left_out(pattern(), date(2026, 11, 1))
    assert not is_left_out(pattern(on_holidays=True), date(2026, 11, 1))
    assert not is_left_out(pattern(), date(2026, 10, 31))  # Reformation day is none here.


@pytest.mark.parametrize(
    ("day", "begin", "hours"),
    [
        (date(2026, 10, 23), "2026-10-23T20:00", 8),
        (date(2026, 10, 24), "2026-10-24T20:00", 9),  # the clock is put back
        (date(2027, 3, 27), "2027-03-27T21:00", 7),  # and put forward
        (date(2027, 3, 28), "2027-03-28T20:00", 8),
    ],
)
def test_a_night_shift_is_as_long_as_its_night(day: date, begin: str, hours: int) -> None:
    found = slot(pattern(begins=time(22), ends=time(6)), day)
    assert found is not None
    assert found.starts_at == datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert found.ends_at - found.starts_at == timedelta(hours=hours)


def test_an_hour_that_does_not_come_and_one_that_comes_twice() -> None:
    gone = slot(pattern(begins=time(2, 30), ends=time(3)), date(2027, 3, 28))
    assert gone is None
    twice = slot(pattern(begins=time(2, 30), ends=time(10)), date(2026, 10, 25))
    assert twice is not None
    assert twice.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_vehicle_is_there_for_a_part() -> None:
    row = pattern(begins=time(22), ends=time(6), vehicle_begins=time(23), vehicle_ends=time(5))
    found = slot(row, date(2026, 10, 12))
    assert found is not None
    assert (found.vehicle_from - found.starts_at, found.ends_at - found.vehicle_to) == (timedelta(hours=1),) * 2
    assert code_of(row, date(2026, 10, 12)) == "E-F-20261012"


def content(**fields: Any) -> PatternContent:
    known = IDS | {"weekdays": [1], "begins": "05:30", "ends": "15:30", "valid_from": "2026-10-05"}
    return PatternContent.model_validate(known | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"ends": "05:00"}, {"ends": "05:30"}, {"begins": "5:30"}, {"begins": "24:00"}, {"weekdays": []},
        {"weekdays": [2, 1]}, {"weekdays": [1, 1]}, {"weekdays": [8]}, {"valid_to": "2026-10-04"}, {"every_weeks": 0},
        {"vehicle_begins": "04:00"}, {"vehicle_begins": "12:00", "vehicle_ends": "11:00"}, {"name": "Erika"},
    ],
)  # fmt: skip
def test_impossible_patterns_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        content(**fields)


_MINUTES = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))


@given(_MINUTES, _MINUTES, st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_every_shift_of_every_day_is_in_order_and_no_longer_than_a_duty(begins: time, ends: time, day: date) -> None:
    try:
        content(begins=f"{begins:%H:%M}", ends=f"{ends:%H:%M}")
    except ValidationError:
        return
    found = slot(pattern(begins=begins, ends=ends), day)
    if found is not None:
        assert found.starts_at <= found.vehicle_from <= found.vehicle_to <= found.ends_at
        assert timedelta(0) < found.ends_at - found.starts_at <= LONGEST_DUTY
