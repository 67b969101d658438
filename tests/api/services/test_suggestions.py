"""Where a request fits now: ranked by the plan's terms, bounded in number and in time, and nobody is moved for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from api.db.tables import DutyRow
from api.errors import Problem
from api.mapping.offers import Added
from api.repositories import checking
from api.services import suggestions
from tests.api.decision_world import Desk
from tests.api.house import House, request_body


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: of each duty its id, depot and what it adds, and whether anybody there rides longer."""

    duties: list[str]
    depots: list[str | None]
    added: list[Added]
    own: list[int]
    """Seconds on board above the direct ride of the request itself."""
    longer: int
    tried: int
    untried: int


def found(desk: Desk, name: str, request: str) -> Found:
    with desk.house.store.reading() as session:
        answer = suggestions.suggestions(session, desk.actor(name), uuid.UUID(request), now=desk.house.now)
        figures = [each.verdict.figures for each in answer.found]
        return Found(
            duties=[str(each.duty.id) for each in answer.found],
            depots=[each.duty.start_place for each in answer.found],
            added=[each.added for each in answer.found],
            own=[each.on_board - each.direct for each in figures if each is not None],
            longer=sum(rider.after > rider.before for each in answer.found for rider in each.verdict.riders),
            tried=answer.tried,
            untried=answer.untried,
        )


def test_the_least_time_on_board_comes_first_then_the_least_cost(desk: Desk) -> None:
    _, riding, _ = desk.confirmed(1)
    empty = desk.house.duty(depot="05315000")
    desk.house.duty(since=20, until=23)
    request = desk.house.pooled(2, pickup=(9, 9.5), handover=(9.5, 11.5))
    before = [(stop.request_id, stop.start) for stop in desk.stops(riding)]
    answer = found(desk, "essen", request)
    assert set(answer.duties) == {riding, empty}
    terms = [(each.custody, each.night, each.cost) for each in answer.added]
    assert terms == sorted(terms)
    assert [each.custody for each in answer.added] == answer.own, "nobody else rides longer"
    assert answer.longer == 0
    assert [(stop.request_id, stop.start) for stop in desk.stops(riding)] == before


def test_of_two_that_ride_as_long_the_nearer_vehicle_costs_less(desk: Desk) -> None:
    for depot in ("05315000", "05113000"):
        desk.house.duty(depot=depot)
    answer = found(desk, "essen", desk.house.pooled(1))
    near, far = answer.added
    assert answer.depots == ["05113000", "05315000"]
    assert (near.custody, near.night) == (far.custody, far.night)
    assert 0 < near.cost < far.cost


def test_each_sees_its_own_duties_and_the_ltrako_all(desk: Desk) -> None:
    essen, koeln = desk.house.duty(), desk.house.duty("zab:koeln", depot="05315000")
    request = desk.house.pooled(1)
    assert found(desk, "essen", request).duties == [essen]
    assert found(desk, "koeln", request).duties == [koeln]
    assert set(found(desk, "ltrako", request).duties) == {essen, koeln}


def test_what_is_withheld_away_or_begun_is_not_suggested(desk: Desk) -> None:
    withheld, away, fits = (desk.house.duty() for _ in range(3))
    request = desk.house.pooled(1)
    desk.house["essen"].do(f"/duties/{withheld}/withhold")
    desk.put_away(away, "vehicle")
    assert found(desk, "essen", request).duties == [fits]
    desk.change(DutyRow, fits, starts_at=desk.house.now - timedelta(minutes=1), vehicle_from=desk.house.now)
    assert found(desk, "essen", request).duties == []


def test_number_and_time_are_limited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        desk.house.duty()
    request = desk.house.pooled(1)
    monkeypatch.setattr(suggestions, "MOST_TRIED", 2)
    answer = found(desk, "essen", request)
    assert (len(answer.duties), answer.tried, answer.untried) == (2, 2, 1)
    monkeypatch.setattr(suggestions, "SECONDS", -1.0)
    answer = found(desk, "essen", request)
    assert (answer.duties, answer.tried, answer.untried) == ([], 0, 3)


def test_of_a_request_that_one_may_not_try_nothing_is_told(desk: Desk) -> None:
    request, _, _ = desk.confirmed(1)
    draft = desk.house["abh"].call("POST", "/requests", request_body(2) | {"enter_as": "draft"}).json()["id"]
    for name, key in (("koeln", request), ("essen", draft), ("ltrako", draft)):
        with pytest.raises(Problem) as refused:
            found(desk, name, key)
        assert refused.value.status == 404, name


def statements(desk: Desk, work: Callable[[], object]) -> list[str]:
    """Return what a piece of work asks the database."""
    asked: list[str] = []
    engine = desk.house.store.engine

    def note(*call: Any) -> None:
        asked.append(call[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return asked


def test_many_duties_are_read_by_as_many_statements_as_one(desk: Desk) -> None:
    """With tours, riders, absences and other duties of the same crew and vehicle among them."""
    desk.confirmed(1)
    request = desk.house.pooled(2, pickup=(9, 9.5), handover=(9.5, 11.5))
    few = statements(desk, lambda: found(desk, "ltrako", request))
    assert found(desk, "ltrako", request).tried == 1
    desk.confirmed(3)
    for number in range(4, 8):
        _, duty, _ = desk.confirmed(number)
        desk.put_away(duty, "vehicle", since=20)
    desk.house.duty("zab:koeln", depot="05315000")
    many = statements(desk, lambda: found(desk, "ltrako", request))
    assert found(desk, "ltrako", request).tried == 7
    assert len(many) == len(few) > 5, many


def test_what_is_read_of_many_duties_is_what_is_read_of_each(desk: Desk) -> None:
    for number in range(1, 4):
        _, duty, _ = desk.confirmed(number)
    # The same crew and vehicle on the evening before and after: a rest may be too short.
    row = desk.duty(duty)
    for since in (-9, 16):
        key = desk.house.duty(since=since, until=since + 5)
        desk.change(DutyRow, key, crew_id=row.crew_id, vehicle_id=row.vehicle_id, is_used=True)
    desk.put_away(duty, "crew", since=2, until=3)
    other = desk.house.pooled(9)
    with desk.house.store.reading() as session:
        duties = list(session.scalars(select(DutyRow).order_by(DutyRow.id)).unique())
        together = checking.duty_rows(session, duties, [uuid.UUID(other)])
        assert len(duties) == 5
        assert {len(rows.duties) for rows in together.values()} == {1, 3}
        for each in duties:
            alone = checking.duty_rows(session, [each], [uuid.UUID(other)])[each.id]
            both = together[each.id]
            assert both.duties == alone.duties
            assert both.stops == alone.stops
            assert both.requests == alone.requests
            assert both.aways == alone.aways
