"""Parts of the board without a page: what an address says, where bars stand, what wakes those who listen."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from itertools import count, repeat
from typing import Any, TypeVar
from urllib.parse import parse_qs

import pytest
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient

from api.db.tables import Away
from api.deadlines import BERLIN
from api.mapping.layouts import Doing, Layout, Part
from api.pages.board.content import Board
from api.pages.board.pulse import Change, Pulse
from api.pages.board.timeline import time_line
from api.pages.board.wishes import STEP, Pane, Twin, Wish, Zoom, read
from api.repositories import board as rows
from api.repositories import runs
from api.repositories.board import Mark
from api.schemas.duties import DutyShown, Named, Standing, StopShown
from api.schemas.gates import CLEAR
from api.services import runs as run_service
from api.settings import Settings
from api.web.middleware import SecurityHeaders
from api.workflow import State
from optimizer.model import Need, Rule, VisitKind
from tests.api.house import House
from tests.api.jobs.plan_world import hours

Answer = TypeVar("Answer")


# --- addresses --------------------------------------------------------------------------------------------------------


def wish_of(query: str) -> Wish:
    given = parse_qs(query)
    return read(lambda name: given.get(name, ()))


def test_an_address_says_what_is_shown_and_is_read_as_it_was_written() -> None:
    wish = Wish(
        bezirke=("051", "057"), zab="zab:essen", since=date(2026, 10, 5), until=date(2026, 10, 7), needs=(Need.LYING,),
        deadline="2026-10-09", states=(State.POOLED, State.PROPOSED), only_open=True, day=date(2026, 10, 6),
        zoom=Zoom.WEEK, time=Twin.TABLE, map=Twin.TABLE, large=Pane.MAP, most=2 * STEP, chosen=uuid.uuid4(),
        is_placing=True, onto=uuid.uuid4(),
    )  # fmt: skip
    assert wish_of(wish.query()) == wish
    assert wish_of("") == Wish()
    assert Wish().address() == "/board"
    assert Wish().choosing == "?chosen="
    assert wish.choosing == "?" + wish.query(chosen=None, is_placing=False, onto=None) + "&chosen="
    assert wish_of(wish.trying.partition("?")[2] + str(wish.onto)) == wish
    assert wish.number_of_filters == 8
    assert wish_of(wish.kept) == wish_of(
        wish.query(chosen=None, onto=None, is_placing=False, day=None, large=None, most=STEP)
    )


@pytest.mark.parametrize(
    "query",
    [
        "bezirk=099", "bezirk=05%25", "zab=essen", "from=gestern", "from=9999-12-31", "until=0001-01-01", "need=x",
        "deadline=soon", "state=confirmed", "state=nonsense", "open=yes", "day=2026-02-30", "zoom=year", "large=all",
        "rows=many", "chosen=nobody", "zab=zab:" + 60 * "x", "unknown=1",
    ],
)  # fmt: skip
def test_what_is_not_understood_narrows_nothing(query: str) -> None:
    assert wish_of(query) == Wish()


def test_the_list_is_never_without_end() -> None:
    assert wish_of("rows=999999999").most == 1_000
    assert wish_of("rows=-5").most == STEP


# --- the time line ----------------------------------------------------------------------------------------------------


def stop(kind: VisitKind, request: uuid.UUID, at: float, taken: int, standing: Standing) -> StopShown:
    return StopShown(
        kind=kind, request_id=request, standing=standing, place="05113000", starts_at=hours(at),
        leaves_at=hours(at + 0.5), seats_taken=taken, seats_free=7 - taken,
    )  # fmt: skip


def duty(*tour: StopShown, since: float = 4, until: float = 12) -> DutyShown:
    return DutyShown(
        id=uuid.uuid4(), code="D1", zab="zab:essen", crew=Named(id=uuid.uuid4(), code="C1"),
        vehicle=Named(id=uuid.uuid4(), code="V1"), starts_at=hours(since), ends_at=hours(until),
        vehicle_from=hours(since), vehicle_to=hours(until), profile="arbzg", start_place=None, end_place=None,
        tolerance_minutes=0, is_offered=True, is_used=bool(tour), seats=7, seats_free=7, tour=list(tour),
        updated_at=hours(0),
    )  # fmt: skip


def board_of(*duties: DutyShown, first: date = date(2026, 10, 5), last: date | None = None, **fields: object) -> Board:
    known = {
        "entries": (), "duties": duties, "proposals": {}, "away": {}, "first": first, "last": last or first,
        "chosen_requests": frozenset(), "chosen_duties": frozenset(), "is_cut": False,
    }  # fmt: skip
    return Board(**(known | fields))  # type: ignore[arg-type]


def test_bars_stand_where_their_time_is() -> None:
    shift = duty(since=4, until=10)  # 06:00 to 12:00 on the clock in Germany
    (row,) = time_line(board_of(shift), Wish(), hours(4)).rows
    assert (row.bars[0].span.left, row.bars[0].span.width) == ("25%", "25%")
    assert time_line(board_of(shift), Wish(), hours(4)).now == "25%"
    assert time_line(board_of(shift), Wish(), hours(48)).now == ""


def test_who_rides_together_stands_below_each_other_and_free_seats_are_told_for_each_leg() -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    shift = duty(
        stop(VisitKind.PICKUP, one, 5, 2, Standing.PROMISED), stop(VisitKind.PICKUP, two, 6, 3, Standing.PROPOSED),
        stop(VisitKind.DELIVERY, one, 8, 1, Standing.PROMISED), stop(VisitKind.DELIVERY, two, 9, 0, Standing.PROPOSED),
    )  # fmt: skip
    ((bar,),) = [row.bars for row in time_line(board_of(shift), Wish(only_open=True), hours(0)).rows]
    first, second = bar.rides
    assert (first.people, second.people) == (2, 1)
    assert (first.is_promised, second.is_promised) == (True, False)
    assert second.top > first.top
    assert bar.height > second.top + 16
    assert [leg.free for leg in bar.legs] == [7, 5, 4, 6, 7]
    for wish, legs in ((Wish(zoom=Zoom.WEEK), 0), (Wish(zoom=Zoom.WEEK, time=Twin.TABLE), 5)):
        ((other,),) = [row.bars for row in time_line(board_of(shift), wish, hours(0)).rows]
        assert len(other.legs) == legs
    # A proposal outside of the filter stays, pale: its seat is taken. Of a promise the filter knows nothing.
    assert (first.is_pale, second.is_pale) == (False, True)


def test_a_leg_that_is_too_short_for_its_number_is_in_the_table() -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    shift = duty(
        stop(VisitKind.PICKUP, one, 5, 1, Standing.PROMISED), stop(VisitKind.PICKUP, two, 5.6, 2, Standing.PROMISED),
        stop(VisitKind.DELIVERY, one, 8, 1, Standing.PROMISED), stop(VisitKind.DELIVERY, two, 9, 0, Standing.PROMISED),
    )  # fmt: skip
    for wish, free in ((Wish(), [7, 5, 6, 7]), (Wish(time=Twin.TABLE), [7, 6, 5, 6, 7])):
        ((bar,),) = [row.bars for row in time_line(board_of(shift), wish, hours(0)).rows]
        assert [leg.free for leg in bar.legs] == free


def test_what_the_crew_does_between_the_stops_is_drawn_and_a_broken_rule_is_a_conflict() -> None:
    rider = uuid.uuid4()
    shift = duty(
        stop(VisitKind.PICKUP, rider, 5, 1, Standing.PROMISED), stop(VisitKind.DELIVERY, rider, 8, 0, Standing.PROMISED)
    )
    parts = (
        Part(Doing.DRIVE, hours(4.5), hours(5)), Part(Doing.DRIVE, hours(5.5), hours(7)),
        Part(Doing.WAIT, hours(7), hours(8)), Part(Doing.BREAK, hours(8.5), hours(9)),
    )  # fmt: skip
    for layout, is_conflict in (
        (Layout(parts=parts), False), (Layout(parts=parts, broken=(Rule.SHIFT_SPAN,)), True),
        (Layout(is_readable=False), True),
    ):  # fmt: skip
        found = time_line(board_of(shift, layouts={shift.id: layout}), Wish(), hours(0))
        ((bar,),) = [row.bars for row in found.rows]
        assert (bar.is_broken, bar.has_conflict) == (is_conflict, is_conflict)
        assert found.minutes == 24 * 60
        if layout.parts:
            y = bar.height - 3
            # Hours of the clock in Germany, two ahead of the world's.
            assert found.rows[0].tracks == {
                Doing.DRIVE: f"M390 {y}h30M450 {y}h90", Doing.WAIT: f"M540 {y}h60", Doing.BREAK: f"M630 {y}h30",
            }  # fmt: skip
            assert bar.breaks == [parts[-1]]


def test_a_vehicle_that_is_away_while_somebody_rides_is_a_conflict() -> None:
    rider = uuid.uuid4()
    shift = duty(
        stop(VisitKind.PICKUP, rider, 5, 1, Standing.PROMISED), stop(VisitKind.DELIVERY, rider, 8, 0, Standing.PROMISED)
    )
    free = duty(since=12, until=20)
    for each, since, is_conflict in ((shift, 11.9, True), (shift, 12, False), (free, 13, False)):
        away = {each.vehicle.id: [(hours(since), hours(30))]}
        (row,) = time_line(board_of(each, away=away), Wish(), hours(0)).rows
        assert row.bars[0].has_conflict is is_conflict


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (date(2026, 10, 5), 24)]
)
def test_on_days_when_the_clock_changes_hours_stand_where_they_pass(day: date, length: int) -> None:
    ticks = time_line(board_of(first=day), Wish(), hours(0)).ticks
    noon = next(tick for tick in ticks if tick.at.hour == 12)
    passed = (length - 12) / length * 100
    assert float(noon.left.rstrip("%")) == pytest.approx(passed, abs=0.01)
    # At 2 the clock goes to 3, or at 3 back to 2: what it does not show has no mark, what it shows twice has two.
    assert len(ticks) == len({tick.left for tick in ticks}) == length
    assert [tick.at.hour for tick in ticks].count(2) == length - 23


def test_a_week_has_seven_days_whatever_the_clock_does() -> None:
    week = board_of(first=date(2026, 10, 19), last=date(2026, 10, 25))
    ticks = time_line(week, Wish(zoom=Zoom.WEEK), hours(0)).ticks
    assert [tick.at.date().day for tick in ticks if tick.is_day] == list(range(19, 26))
    assert (week.before, week.after) == (date(2026, 10, 12), date(2026, 10, 26))
    assert week.begins == datetime(2026, 10, 19, tzinfo=BERLIN)


# --- live -------------------------------------------------------------------------------------------------------------


def marks(*boards: int) -> Iterator[Mark]:
    yield from (Mark(board=each, runs=0) for each in boards)
    yield from repeat(Mark(board=boards[-1], runs=0))


def in_a_loop(story: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a story in a thread of its own: in this one the browser of other tests may have its loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result(30)


def test_all_who_listen_are_told_by_one_look() -> None:
    async def story() -> tuple[list[Change], int]:
        given = marks(1, 1, 2)
        pulse = Pulse(look=lambda: next(given), is_ending=lambda: False, seconds=0.01)
        streams = [pulse.changes() for _ in range(20)]
        told = await asyncio.wait_for(asyncio.gather(*(anext(stream) for stream in streams)), 10)
        looks = pulse.looks
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        return list(told), looks

    told, looks = in_a_loop(story())
    assert told == [Change.BOARD] * 20
    assert looks <= 20 + 4  # Each once when it comes; from then on one for all.


def test_a_look_that_fails_does_not_end_the_watch() -> None:
    async def story() -> Change:
        looks = count()

        def look() -> Mark:
            number = next(looks)
            if number in (1, 2):
                raise OSError("too many open files")
            return Mark(board=number > 2, runs=0)

        stream = Pulse(look=look, is_ending=lambda: False, seconds=0.01).changes()
        change = await asyncio.wait_for(anext(stream), 10)
        await stream.aclose()  # type: ignore[attr-defined]
        return change

    assert in_a_loop(story()) is Change.BOARD


def test_what_changed_before_somebody_listens_is_told_first() -> None:
    async def story(shown: Mark) -> list[Change]:
        pulse = Pulse(look=lambda: Mark(board=2, runs=0), is_ending=lambda: False, seconds=0.01)
        return [change async for change in pulse.changes(shown.sign, lasts=0.1)]

    assert in_a_loop(story(Mark(board=1, runs=0))) == [Change.BOARD]
    assert in_a_loop(story(Mark(board=2, runs=9))) == []


def test_nobody_looks_where_nobody_listens_and_again_when_somebody_comes() -> None:
    async def story() -> None:
        numbers = count()
        pulse = Pulse(look=lambda: Mark(board=next(numbers), runs=0), is_ending=lambda: False, seconds=0.01)
        for _ in range(2):
            stream = pulse.changes()
            assert await asyncio.wait_for(anext(stream), 10) is Change.BOARD
            await stream.aclose()  # type: ignore[attr-defined]
            await asyncio.sleep(0.05)
            before = pulse.looks
            await asyncio.sleep(0.1)
            assert pulse.looks == before

    in_a_loop(story())


def test_streams_end_with_the_server_and_after_their_time() -> None:
    async def story() -> None:
        is_ending = False
        pulse = Pulse(look=lambda: Mark(board=1, runs=1), is_ending=lambda: is_ending, seconds=0.01)
        stream = asyncio.create_task(_all(pulse, 60))
        await asyncio.sleep(0.05)
        is_ending = True
        assert await asyncio.wait_for(stream, 10) == []
        other = Pulse(look=lambda: Mark(board=1, runs=1), is_ending=lambda: False, seconds=0.01)
        assert await asyncio.wait_for(_all(other, 0.05), 10) == []

    in_a_loop(story())


async def _all(pulse: Pulse, lasts: float) -> list[Change]:
    return [change async for change in pulse.changes(lasts=lasts)]


def test_the_mark_differs_with_every_change_and_with_nothing_else(house: House) -> None:
    def look() -> Mark:
        with house.store.reading() as session:
            return rows.mark(session, house.now)

    seen = look()

    def differs(*, board: bool = True, runs: bool = False) -> None:
        nonlocal seen
        found = look()
        assert (found.board != seen.board, found.runs != seen.runs) == (board, runs)
        seen = found

    differs(board=False)
    key = house.duty()
    differs()
    request = house.pooled(1)
    differs()
    house["ltrako"].get("/pool")
    differs(board=False)
    house.match()
    differs()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    differs()
    answer = house["abh"].call(
        "PUT", f"/requests/{request}/gates", CLEAR | {"urgent_application": "pending"}, if_match="*"
    )
    assert answer.status_code == 200, answer.text
    differs()
    house["essen"].do(f"/duties/{key}/withhold")
    differs()
    with house.store.writing() as session:
        vehicle = house["essen"].get(f"/duties/{key}")["vehicle"]["id"]
        session.add(
            Away(vehicle_id=uuid.UUID(vehicle), starts_at=house.now, ends_at=hours(30), code="workshop",
                 created_at=house.now)
        )  # fmt: skip
    differs()
    body = {"first_day": "2026-10-05"}
    run = house["ltrako"].call("POST", "/runs", body).json()["id"]
    differs(board=False, runs=True)
    with house.store.writing() as session:
        run_service.begin(session, uuid.UUID(run), "test", now=house.now)
        runs.add_event(session, uuid.UUID(run), "progress", {"value": 1}, now=house.now)
    differs(board=False, runs=True)


# --- the map's server -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "layers", "origin"),
    [
        ("", "", ""),
        ("https://maps.example/{z}/{x}/{y}.png", "", "https://maps.example"),
        ("https://maps.example/{z}/{x}/{-y}.png", "", "https://maps.example"),
        ("http://10.0.0.7:8080/wms?map=a", "grau", "http://10.0.0.7:8080"),
        ("https://[2001:db8::1]/wms", "grau", "https://[2001:db8::1]"),
    ],
)
def test_the_maps_server_is_named_by_its_origin(address: str, layers: str, origin: str) -> None:
    assert Settings(map_tiles=address, map_layers=layers).map_origin == origin


@pytest.mark.parametrize(
    ("address", "layers"),
    [
        ("https://maps.example/{z}/{y}.png", ""), ("https://maps.example/wms", ""),
        ("https://maps.example/{s}/{z}/{x}/{y}.png", ""), ("https://maps.example/{z}/{x}/{y}.png", "grau"),
    ],
)  # fmt: skip
def test_an_address_from_which_no_map_can_come_is_refused(address: str, layers: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)map_tiles.*RESTPLATZ_MAP_LAYERS"):
        Settings(map_tiles=address, map_layers=layers)


@pytest.mark.parametrize(
    "address",
    [
        "maps.example/{z}", "ftp://maps.example/", "https://{s}.example/{z}", "https://*.example/", "https://user@host/",
        "https://a;script-src *", "https://a b/", "https://a:port/", "javascript:alert(1)", "//maps.example/",
    ],
)  # fmt: skip
def test_nothing_else_comes_into_the_policy(address: str) -> None:
    with pytest.raises(ValueError, match="map_tiles"):
        Settings(map_tiles=address)


def test_pages_may_load_pictures_from_that_server_and_no_other() -> None:
    page = SecurityHeaders(HTMLResponse("<p>"), is_https=True, images="https://maps.example")
    policy = TestClient(page).get("/").headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://maps.example;" in policy
    assert policy.count("maps.example") == 1
