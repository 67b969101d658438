"""Flights that cannot be reached by day: told when the request is entered, not solved by a pick-up at night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optimizer.errors import InputProblem, InputRejected
from tests.builders import strict
from tests.io.tables_day import day, read_all, write_csv

FAMILY = "adult:m:1 adult:f:1 6-11:f:1"
# 06:00 + 45 min there + 160 min drive + 120 min before take-off
NO_RESTS = {"rest_every": None, "rest_every_children": None, "rest_length": 0}


def hoexter(departure: str, **changes: Any) -> dict[str, Any]:
    """The case of the domain: a family from Höxter to the airport of Düsseldorf, 160 min away."""
    return {
        "people": FAMILY,
        "pickup_place": "Höxter",
        "pickup_from": "2026-10-05T06:00",
        "pickup_to": "2026-10-05T09:00",
        "handover_from": "",
        "handover_to": "",
        "departure": f"2026-10-05T{departure}",
        **changes,
    }


def told(tmp_path: Path, **changes: Any) -> tuple[list[InputProblem], list[InputProblem]]:
    """Problems and notices of a day whose first request is changed."""
    rules = changes.pop("rules", NO_RESTS)
    folder = write_csv(tmp_path / "day", day(**changes))
    try:
        return [], read_all(folder, strict(**rules))[2]
    except InputRejected as error:
        return list(error.problems), []


def test_family_from_hoexter_before_1125_is_told_to_rebook(tmp_path: Path) -> None:
    (problem,), _ = told(tmp_path, **hoexter("11:24"))
    assert (problem.code, problem.file, problem.row, problem.column) == (
        "no_daytime_pickup",
        "pool.csv",
        2,
        "departure",
    )
    assert "2026-10-05T11:25" in problem.expected
    assert "06:00 + 45 min there + 160 min drive + 120 min before take-off" in problem.expected
    assert "11:24" in problem.got
    assert "Ask ZFA to rebook" in problem.action


def test_family_from_hoexter_at_1125_is_taken(tmp_path: Path) -> None:
    assert told(tmp_path, **hoexter("11:25")) == ([], [])


def test_rests_of_children_count(tmp_path: Path) -> None:
    (problem,), _ = told(tmp_path, **hoexter("11:25"), rules={})
    assert "2026-10-05T11:35" in problem.expected
    assert "10 min rest" in problem.expected
    assert told(tmp_path, **hoexter("11:35"), rules={}) == ([], [])


def test_window_that_begins_at_night_does_not_help(tmp_path: Path) -> None:
    (problem,), _ = told(tmp_path, **hoexter("10:00", pickup_from="2026-10-05T03:00"))
    assert problem.code == "no_daytime_pickup"
    assert "2026-10-05T11:25" in problem.expected


def test_adults_without_recorded_ground_are_told_too(tmp_path: Path) -> None:
    (problem,), _ = told(tmp_path, **hoexter("10:00", people="adult:m:1", pickup_from="2026-10-05T03:00"))
    assert problem.code == "no_daytime_pickup"
    assert "night_ground" in problem.action


def test_recorded_ground_is_enough_for_adults(tmp_path: Path) -> None:
    case = hoexter("10:00", people="adult:m:1", pickup_from="2026-10-05T03:00", night_ground="yes")
    assert told(tmp_path, **case) == ([], [])


def test_recorded_ground_is_not_enough_with_a_child_under_14(tmp_path: Path) -> None:
    case = hoexter("10:00", pickup_from="2026-10-05T03:00", night_ground="yes")
    problems, _ = told(tmp_path, **case)
    assert [problem.code for problem in problems] == ["no_daytime_pickup"]


def test_recorded_override_lifts_the_rule_for_children(tmp_path: Path) -> None:
    case = hoexter("10:00", pickup_from="2026-10-05T03:00", night_ground="yes", waived="night_children")
    assert told(tmp_path, **case) == ([], [])


def test_teenagers_are_no_children_here(tmp_path: Path) -> None:
    case = hoexter("10:00", people="adult:m:1 14-17:m:1", pickup_from="2026-10-05T03:00", night_ground="yes")
    assert told(tmp_path, **case) == ([], [])


def test_evening_flight_with_a_child_is_told(tmp_path: Path) -> None:
    # The hand-over can begin at 21:00 at the latest 30 min before night: 20:30, take-off 22:30.
    evening = {"pickup_from": "2026-10-05T15:00", "pickup_to": "2026-10-05T20:00"}
    (problem,), _ = told(tmp_path, **hoexter("23:45", **evening))
    assert problem.code == "no_daytime_pickup"
    assert told(tmp_path, **hoexter("22:30", **evening)) == ([], [])


def test_window_instead_of_a_flight_is_checked_alike(tmp_path: Path) -> None:
    window = {"departure": "", "handover_from": "2026-10-05T08:00", "handover_to": "2026-10-05T09:24"}
    case = hoexter("10:00") | window
    (problem,), _ = told(tmp_path, **case)
    assert (problem.code, problem.column) == ("no_daytime_pickup", "handover_to")
    assert "2026-10-05T09:25" in problem.expected


@pytest.mark.parametrize("start", ["2026-10-05T09:00", "2026-10-05T10:00"])
def test_late_window_by_day_is_a_notice_not_an_error(tmp_path: Path, start: str) -> None:
    # 12:30 would do for a pick-up at 07:05: by day, but before this request's own window opens.
    problems, notices = told(tmp_path, **hoexter("12:30", pickup_from=start, pickup_to="2026-10-05T10:20"))
    assert problems == []
    assert [notice.code for notice in notices] == ["times_do_not_fit"]
