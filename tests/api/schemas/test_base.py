"""Instants and days as callers write them: text, never a number of seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from api.pages.sent import instant
from api.schemas.base import Day, Instant
from api.web.problems import of_validation

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
DAY: TypeAdapter[date] = TypeAdapter(Day)


@pytest.mark.parametrize("sent", ["2026-10-05T09:00:00+02:00", "2026-10-05T07:00Z", "2026-10-05 07:00:00Z"])
def test_an_instant_is_text_with_offset(sent: str) -> None:
    assert INSTANT.validate_python(sent) == datetime(2026, 10, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "sent", [1791190800, 1791190800.0, "1791190800", "1791190800000", True, date(2026, 10, 5), "07:00Z", "", None, []]
)
def test_what_states_no_offset_is_no_instant(sent: Any) -> None:
    with pytest.raises(ValidationError, match="expected an instant with offset"):
        INSTANT.validate_python(sent)


def test_an_hour_that_the_clock_skips_is_told_as_such_and_one_that_is_there_twice_is_one() -> None:
    with pytest.raises(ValidationError, match="a time that there is"):
        INSTANT.validate_python(instant("2027-03-28T02:30"))
    assert INSTANT.validate_python(instant("2027-03-28T03:30")) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert INSTANT.validate_python(instant("2026-10-25T02:30")) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for never in ("0001-01-01T00:00", "9999-12-31T23:59"):
        with pytest.raises(ValidationError):
            INSTANT.validate_python(instant(never))


@pytest.mark.parametrize("sent", ["2026-10-05", date(2026, 10, 5)])
def test_a_day_is_text(sent: Any) -> None:
    assert DAY.validate_python(sent) == date(2026, 10, 5)


@pytest.mark.parametrize("sent", [20731, 1791158400, "1791158400", "20261005", "5.10.2026", False, "", None])
def test_what_is_written_otherwise_is_no_day(sent: Any) -> None:
    with pytest.raises(ValidationError, match="expected a day, as 2026-10-05"):
        DAY.validate_python(sent)


def test_where_a_body_cannot_be_read_is_told_as_a_position_and_not_as_a_field() -> None:
    fault = {"type": "json_invalid", "loc": ("body", 593), "msg": "JSON decode error", "input": {}}
    (told,) = of_validation([fault]).errors
    assert (told.path, told.expected) == ("/", "JSON; it cannot be read from character 593 on")
