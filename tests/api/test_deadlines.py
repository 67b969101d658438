"""Until when to answer: office hours, weekends, holidays of North Rhine-Westphalia, both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.deadlines import (
    BERLIN,
    Answering,
    fall_back_at,
    is_working_day,
    office_time_after,
    office_time_before,
    reminders,
    respond_by,
)

USUAL = Answering()


def at(text: str) -> datetime:
    """A local time of Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-05", True),
        ("2026-10-03", False),  # Day of German Unity, and a Saturday
        ("2026-10-31", False),
        ("2026-11-01", False),  # All Saints, and a Sunday
        ("2027-05-27", False),  # Corpus Christi: a holiday here, not everywhere
        ("2027-11-01", False),  # All Saints on a Monday
        ("2025-10-31", True),  # Reformation Day: a holiday elsewhere, not here
        ("2026-12-24", True),
    ],
)
def test_holidays_are_those_of_north_rhine_westphalia(day: str, *, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("instant", "hours", "before"),
    [
        ("2026-10-07T12:00", 2, "2026-10-07T10:00"),
        ("2026-10-07T12:00", 4, "2026-10-07T08:00"),
        ("2026-10-07T12:00", 5, "2026-10-06T15:00"),
        ("2026-10-07T03:00", 1, "2026-10-06T15:00"),
        ("2026-10-07T20:00", 1, "2026-10-07T15:00"),
        ("2026-10-05T09:00", 2, "2026-10-02T15:00"),  # over a weekend with a holiday
        ("2027-03-29T09:00", 9, "2027-03-24T15:00"),  # Easter Monday and Good Friday do not count; clocks change
        ("2026-10-26T09:00", 2, "2026-10-23T15:00"),  # clocks change back
    ],
)
def test_counting_back_over_office_hours(instant: str, hours: float, before: str) -> None:
    assert office_time_before(at(instant), timedelta(hours=hours), USUAL) == at(before)


def test_an_answer_is_asked_for_so_early_that_another_zab_can_still_be_asked() -> None:
    # Pick-up on Friday, fall-back on Wednesday 07:00, a working day before that.
    assert respond_by(at("2026-11-27T07:00"), at("2026-11-20T10:00"), USUAL) == at("2026-11-24T08:00")


def test_who_is_asked_late_has_some_office_hours_all_the_same() -> None:
    assert respond_by(at("2026-11-26T07:00"), at("2026-11-24T15:00"), USUAL) == at("2026-11-25T09:00")


def test_never_after_the_pickup() -> None:
    assert respond_by(at("2026-11-24T07:00"), at("2026-11-23T17:00"), USUAL) == at("2026-11-24T07:00")


def test_reminders_come_in_office_hours_and_not_in_the_past() -> None:
    due = at("2026-11-24T09:00")
    assert reminders(due, at("2026-11-20T10:00"), USUAL) == (at("2026-11-23T13:00"), at("2026-11-24T08:00"))
    assert reminders(due, at("2026-11-24T07:00"), USUAL) == (at("2026-11-24T08:00"),)


def test_the_fall_back_is_counted_in_real_hours() -> None:
    assert fall_back_at(at("2027-03-29T07:00"), USUAL) == at("2027-03-27T06:00"), "an hour is lost that night"


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        office_time_after(at("2026-10-07T12:00").replace(tzinfo=None), timedelta(hours=1), USUAL)
    with pytest.raises(ValueError, match="opens before closes"):
        Answering(opens=time(9), closes=time(9))


instants = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001


@given(instants, st.integers(1, 40))
def test_back_and_forth_lead_to_the_same_place(instant: datetime, hours: int) -> None:
    before = office_time_before(instant, timedelta(hours=hours), USUAL)
    local = before.astimezone(BERLIN)
    assert before < instant
    assert is_working_day(local.date())
    assert USUAL.opens <= local.time() <= USUAL.closes
    after = office_time_after(before, timedelta(hours=hours), USUAL)
    assert after <= instant
    assert office_time_before(after, timedelta(hours=hours), USUAL) == before


@given(instants, st.integers(1, 24 * 30))
def test_a_deadline_lies_between_now_and_the_pickup(now: datetime, ahead: int) -> None:
    pickup = now + timedelta(hours=ahead)
    assert now < respond_by(pickup, now, USUAL) <= pickup
