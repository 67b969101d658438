"""Dates of a Dublin transfer: each warning with its edges, and what a second attempt would need."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from api import texts
from api.dublin import (
    DublinFacts,
    Level,
    RoutingCode,
    WarningCode,
    days_left,
    form_last_day,
    new_measure_due,
    soonest_arrival,
    warnings,
)
from data.service_parameters import service_parameters

P = service_parameters().dublin
TODAY = date(2026, 10, 1)


def facts(
    *, arrival: int = 10, deadline: int | None = 60, sent: int | None = None, special: bool = False
) -> DublinFacts:
    """Facts in days from today."""
    return DublinFacts(
        today=TODAY, arrival=TODAY + timedelta(days=arrival),
        deadline=None if deadline is None else TODAY + timedelta(days=deadline), has_special_needs=special,
        form_sent_on=None if sent is None else TODAY + timedelta(days=sent),
    )  # fmt: skip


def codes(known: DublinFacts) -> set[WarningCode]:
    return {each.code for each in warnings(known, P)}


def test_days_left_are_0_on_the_last_day_and_negative_afterwards() -> None:
    assert [days_left(TODAY + timedelta(days=n), TODAY) for n in (-1, 0, 1)] == [-1, 0, 1]


@pytest.mark.parametrize(
    ("arrival", "special", "expected"),
    [
        (15, False, None), (14, False, "form_due"), (7, False, "form_due"), (6, False, "form_too_late"),
        (0, False, "form_too_late"), (29, True, None), (28, True, "form_due"), (21, True, "form_due"),
        (20, True, "form_too_late"), (-1, False, None),
    ],
)  # fmt: skip
def test_the_form_that_has_not_gone_out(arrival: int, special: bool, expected: str | None) -> None:
    """DVO (EU) 2025/2055 Art. 25: at most 14 and at least 7 days before the arrival, 21 for special needs."""
    told = {code.value for code in codes(facts(arrival=arrival, special=special)) if code.value.startswith("form")}
    assert told == ({expected} if expected else set())


@pytest.mark.parametrize(
    ("sent", "special", "expected"),
    [
        (-4, False, None), (-5, False, "form_too_early"), (3, False, None), (4, False, "form_too_late"),
        (-40, True, None), (-11, True, None), (-10, True, "form_too_late"),
    ],
)  # fmt: skip
def test_the_form_that_has(sent: int, special: bool, expected: str | None) -> None:
    told = {code.value for code in codes(facts(sent=sent, special=special)) if code.value.startswith("form")}
    assert told == ({expected} if expected else set())


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (None, "deadline_missing"), (-1, "deadline_past"), (9, "arrival_after_deadline"), (10, "deadline_near"),
        (14, "deadline_near"), (15, None),
    ],
)  # fmt: skip
def test_the_deadline(deadline: int | None, expected: str | None) -> None:
    known = {code.value for code in codes(facts(deadline=deadline))}
    assert {code for code in known if "deadline" in code} == ({expected} if expected else set())


@pytest.mark.parametrize(("deadline", "special", "code"), [
    (16, False, "last_attempt"), (17, False, "not_movable"), (10, False, "last_attempt"), (30, True, "last_attempt"),
    (31, True, "not_movable"), (None, False, "not_movable"), (9, False, "not_movable"),
])  # fmt: skip
def test_a_missed_transport_cannot_simply_be_moved(deadline: int | None, special: bool, code: str) -> None:
    known = facts(deadline=deadline, special=special)
    (told,) = [each for each in warnings(known, P) if each.code.value in ("last_attempt", "not_movable")]
    assert told.code.value == code
    assert told.on == soonest_arrival(known.arrival, P, has_special_needs=special)


def test_the_most_urgent_comes_first_and_each_has_a_text() -> None:
    levels = [each.level for each in warnings(facts(arrival=5, deadline=13), P)]
    assert levels == [Level.RED, Level.WARN, Level.NOTE]
    assert set(texts.DUBLIN_WARNINGS) == set(WarningCode)
    assert set(texts.ROUTINGS) == set(RoutingCode)
    assert set(texts.LEVELS) == set(Level)


def test_a_new_measure_is_examined_while_its_form_can_still_go_out() -> None:
    deadline = TODAY + timedelta(days=30)
    assert new_measure_due(deadline, TODAY, P, has_special_needs=False) == TODAY + timedelta(days=23)
    assert new_measure_due(deadline, TODAY, P, has_special_needs=True) == TODAY + timedelta(days=9)
    assert new_measure_due(TODAY + timedelta(days=3), TODAY, P, has_special_needs=False) == TODAY
    assert form_last_day(deadline, P, has_special_needs=False) == TODAY + timedelta(days=23)
