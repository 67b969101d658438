"""Anonymised history: no group under five can be read from it or reckoned; months are told when they are complete."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.db.tables import HistoryEntry, TransportRequest
from api.repositories import retention
from api.schemas.statistics import By
from api.services import history
from api.services.history import is_shown, protected
from api.services.retention import enforce
from data import service_parameters
from tests.api.house import House

MONTH = date(2026, 10, 1)
ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), max_size=8))
def test_no_small_group_is_told_nor_reckoned(cells: dict[str, int]) -> None:
    told = protected(MONTH, cells, 5)
    assert set(told.cells) == set(cells)
    hidden = [cells[value] for value, number in told.cells.items() if number is None]
    shown = {value: number for value, number in told.cells.items() if number is not None}
    assert all(number == cells[value] and number >= 5 for value, number in shown.items())
    if told.total is None:
        assert sum(cells.values()) < 5
        assert not shown
    else:
        assert told.total == sum(cells.values())
        # What is left of the total is that of several, and of a group large enough.
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= 5)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"DUS": 31, "FRA": 9}, {"DUS": 31, "FRA": 9}),
        ({"DUS": 31, "FRA": 5, "CGN": 4}, {"DUS": 31, "FRA": None, "CGN": None}),
        ({"DUS": 31, "FRA": 3, "CGN": 4}, {"DUS": 31, "FRA": None, "CGN": None}),
        ({"DUS": 31, "FRA": 9, "CGN": 2, "BER": 2}, {"DUS": 31, "FRA": None, "CGN": None, "BER": None}),
        ({"DUS": 31, "FRA": 1}, {"DUS": None, "FRA": None}),
        ({"DUS": 4}, {"DUS": None}),
        ({"DUS": 5}, {"DUS": 5}),
        ({}, {}),
    ],
)
def test_the_smallest_others_are_left_out_with_a_small_one(cells: dict[str, int], told: dict[str, int | None]) -> None:
    assert protected(MONTH, cells, 5).cells == told


def test_a_month_is_told_when_nothing_is_added_any_more() -> None:
    parameters = service_parameters()
    days = parameters.retention.statistics_days.value
    assert not is_shown(MONTH, datetime(2026, 11, 30, 12, tzinfo=UTC), parameters)
    first = datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=days)
    assert not is_shown(MONTH, first - timedelta(days=1), parameters)
    assert is_shown(MONTH, first, parameters)
    assert history.following(date(2026, 12, 1)) == date(2027, 1, 1)


def add(house: House, number: int, **kind: Any) -> None:
    known = {
        "month": MONTH, "bezirk": "051", "destination": "DUS", "size": "1", "has_needs": False,
        "outcome": "handed_over", "zab": "zab:essen", "hours": "06-09",
    }  # fmt: skip
    with house.store.writing() as session:
        for _ in range(number):
            retention.add_to_history(session, **(known | kind))


def test_what_is_deleted_is_counted_coarsely(house: House) -> None:
    request = house.pooled(1)
    house["abh"].do(f"/requests/{request}/cancel", {"code": "own_transport"})
    house.later(days=30)
    enforce(house.store, house.now, drop_folder=house.context.settings.drop_folder)
    with house.store.reading() as session:
        (entry,) = session.scalars(select(HistoryEntry))
        told = {each.name: getattr(entry, each.name) for each in HistoryEntry.__table__.columns}
    assert told == {
        "month": MONTH, "bezirk": "051", "destination": "DUS", "size": "1", "has_needs": False, "outcome": "cancelled",
        "zab": "", "hours": "06-09", "requests": 1,
    }  # fmt: skip


def test_whoever_comes_late_is_counted_in_a_month_that_is_not_told_yet(house: House) -> None:
    request = house.pooled(1)
    with house.store.writing() as session:
        row = session.get_one(TransportRequest, uuid.UUID(request))
        now = datetime(2027, 2, 15, 12, tzinfo=UTC)
        history.enter(session, row, now, service_parameters())
        (entry,) = session.scalars(select(HistoryEntry))
        assert entry.month == date(2026, 12, 1)
        assert not is_shown(entry.month, now, service_parameters())


@ONE_DATABASE
def test_over_http_by_one_property_and_only_complete_months(house: House) -> None:
    add(house, 7)
    add(house, 3, destination="FRA", size="2-3", has_needs=True)
    add(house, 6, month=date(2026, 11, 1))
    house.now = datetime(2027, 1, 15, 12, tzinfo=UTC)
    answer = house["ltrako"].get("/statistics?by=destination")
    assert answer["least_group"] == 5
    assert answer["months"] == [{"month": "2026-10-01", "total": 10, "cells": {"DUS": None, "FRA": None}}]
    assert house["essen"].get("/statistics?by=bezirk")["months"][0]["cells"] == {"051": 10}
    assert house["auditor"].get("/statistics?by=needs")["months"][0]["cells"] == {"no": None, "yes": None}
    for by in By:
        assert [each["month"] for each in house["koeln"].get(f"/statistics?by={by}")["months"]] == ["2026-10-01"]
    assert house["essen"].get("/statistics?by=size&from=2026-11&to=2026-12")["months"] == []
    for query in ("", "?by=person", "?by=size&from=2026-12&to=2026-01", "?by=size&from=2001-01", "?by=size&from=x"):
        assert house["essen"].call("GET", f"/statistics{query}").status_code == 422
    assert house["abh"].call("GET", "/statistics?by=size").status_code == 403
