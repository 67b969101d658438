"""What fits a duty: ranked, bounded in number and in time, and nobody is moved for it."""

from __future__ import annotations

import uuid

import pytest

from api.services import freed_seats
from tests.api.decision_world import Desk
from tests.api.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_candidates_are_tried_one_by_one_on_the_tour_as_it_is(desk: Desk) -> None:
    _, duty, _ = desk.confirmed(1)
    waiting = [desk.house.pooled(number, pickup=(9, 9.5), handover=(9.5, 11.5)) for number in (2, 3)]
    before = [(stop.request_id, stop.start) for stop in desk.stops(duty)]
    with desk.house.store.reading() as session:
        found = freed_seats.fitting(session, desk.actor("essen"), uuid.UUID(duty), now=desk.house.now)
        fitting = {str(each.request.id) for each in found.candidates}
    assert fitting == set(waiting), "each by itself, at the same time"
    assert (found.tried, found.untried) == (2, 0)
    assert [(stop.request_id, stop.start) for stop in desk.stops(duty)] == before


def test_time_is_limited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freed_seats, "SECONDS", -1.0)
    duty = desk.house.duty()
    desk.house.pooled(1)
    with desk.house.store.reading() as session:
        found = freed_seats.fitting(session, desk.actor("ltrako"), uuid.UUID(duty), now=desk.house.now)
    assert (found.candidates, found.tried, found.untried) == ((), 0, 1)


def test_number_is_limited_and_the_earliest_come_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freed_seats, "MOST_TRIED", 2)
    duty = desk.house.duty()
    later = desk.house.pooled(1, pickup=(7, 8), handover=(8, 10))
    early = [desk.house.pooled(number) for number in (2, 3)]
    with desk.house.store.reading() as session:
        found = freed_seats.fitting(session, desk.actor("essen"), uuid.UUID(duty), now=desk.house.now)
        fitting = {str(each.request.id) for each in found.candidates}
    assert fitting == set(early)
    assert later not in fitting
