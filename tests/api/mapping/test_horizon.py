"""Local days, instants and seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from api.mapping.horizon import Horizon, united


def test_days_begin_and_end_at_local_midnight_whatever_the_clocks_do() -> None:
    day = Horizon(first=date(2026, 10, 25), last=date(2026, 10, 25))  # 25 hours long
    assert day.since == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert day.until - day.since == timedelta(hours=25)
    assert Horizon.read(str(day)) == day


def test_seconds_count_from_the_day_before() -> None:
    day = Horizon(first=date(2026, 10, 5), last=date(2026, 10, 5))
    assert day.calendar.seconds(day.since) == 86_400
    assert day.calendar.local(86_400) == day.since


def test_the_first_day_comes_first() -> None:
    with pytest.raises(ValueError, match="first day before the last"):
        Horizon(first=date(2026, 10, 6), last=date(2026, 10, 5))


def test_spans_that_share_a_day_become_one() -> None:
    def span(first: int, last: int) -> Horizon:
        return Horizon(first=date(2026, 10, first), last=date(2026, 10, last))

    assert united([span(5, 5), span(7, 9), span(5, 6), span(9, 10)]) == [span(5, 6), span(7, 10)]
    assert united([]) == []
