from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from optimizer.io.tables_problems import CellError
from optimizer.io.tables_time import Calendar, parse_day, parse_moment, resolve
from optimizer.model.units import HOUR
from tests.builders import strict
from tests.io.tables_day import Tables, day, problems_of, read, write_csv

BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = date(2026, 10, 25)
"""The clock is put back from 03:00 to 02:00."""
SPRING = date(2026, 3, 29)
"""The clock is put forward from 02:00 to 03:00."""


def seconds(first: date, text: str) -> int:
    return Calendar(first, BERLIN).seconds(resolve(parse_moment(text), None, BERLIN))


def test_day_with_25_hours() -> None:
    assert seconds(AUTUMN, "2026-10-25T01:30") == 90 * 60
    assert seconds(AUTUMN, "2026-10-25T02:30+02:00") == 150 * 60
    assert seconds(AUTUMN, "2026-10-25T02:30+01:00") == 210 * 60
    assert seconds(AUTUMN, "2026-10-25T06:00") == 7 * HOUR
    assert seconds(AUTUMN, "2026-10-26T00:00") == 25 * HOUR


def test_day_with_23_hours() -> None:
    assert seconds(SPRING, "2026-03-29T03:00") == 2 * HOUR
    assert seconds(SPRING, "2026-03-30T00:00") == 23 * HOUR


def test_ambiguous_time_is_told_with_both_readings() -> None:
    with pytest.raises(CellError) as error:
        seconds(AUTUMN, "2026-10-25T02:30")
    assert error.value.code == "ambiguous_time"
    assert "02:30+02:00" in error.value.action
    assert "02:30+01:00" in error.value.action


def test_time_that_does_not_exist_is_told() -> None:
    with pytest.raises(CellError) as error:
        seconds(SPRING, "2026-03-29T02:30")
    assert error.value.code == "nonexistent_time"


@pytest.mark.parametrize("text", ["2026-03-29T01:59", "2026-03-29T03:00", "2026-10-25T01:59", "2026-10-25T03:00"])
def test_neighbours_of_the_change_are_plain_times(text: str) -> None:
    calendar = Calendar(date.fromisoformat(text[:10]), BERLIN)
    assert calendar.text(calendar.seconds(resolve(parse_moment(text), None, BERLIN))) == text


@pytest.mark.parametrize("first", [AUTUMN, SPRING, date(2026, 10, 5)])
def test_every_instant_reads_back_from_its_text(first: date) -> None:
    calendar = Calendar(first, BERLIN)
    for instant in range(-HOUR, 27 * HOUR, 599):
        assert calendar.seconds(resolve(parse_moment(calendar.text(instant)), None, BERLIN)) == instant


def test_nights_follow_the_clock_not_the_seconds() -> None:
    nights = Calendar(AUTUMN, BERLIN).nights(AUTUMN, strict())
    assert [(night.earliest, night.latest) for night in nights] == [(-3 * HOUR, 7 * HOUR), (22 * HOUR, 31 * HOUR)]


def test_no_nights_where_all_the_day_is_day() -> None:
    assert Calendar(AUTUMN, BERLIN).nights(AUTUMN, strict(day_start=0, day_end=86400)) == ()


@pytest.mark.parametrize(
    "text", ["25:00", "8.30", "2026-13-01T08:00", "2026-02-30T08:00", "morgens", "0", "2026-10-05"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        parse_moment(text)


@pytest.mark.parametrize("text", ["2026-10-05", "05.10.2026", "5.10.2026", "2026-10-05T00:00:00"])
def test_dates(text: str) -> None:
    assert parse_day(text) == date(2026, 10, 5)


def moved(tables: Tables, to: str) -> Tables:
    return {
        name: [{column: str(value).replace("2026-10-05", to) for column, value in record.items()} for record in records]
        for name, records in tables.items()
    }


def test_day_of_the_change_in_tables(tmp_path: Path) -> None:
    instance = read(write_csv(tmp_path / "day", moved(day(), "2026-10-25")))
    assert instance.requests[0].pickup.earliest == 9 * HOUR
    assert instance.horizon_start == "2026-10-25T00:00:00+02:00"


def test_ambiguous_cell_is_a_problem_of_its_row(tmp_path: Path) -> None:
    tables = moved(day(), "2026-10-25")
    tables["shifts"][0]["start"] = "2026-10-25T02:30"
    (problem,) = problems_of(write_csv(tmp_path / "day", tables))
    assert (problem.code, problem.file, problem.row, problem.column) == ("ambiguous_time", "shifts.csv", 2, "start")
