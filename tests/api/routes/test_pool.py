"""The board over HTTP: what it shows, filters, order, and that pages come from an index."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import Engine, Select, insert, select, text, tuple_
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import TransportRequest
from api.db.types import new_id
from api.repositories import requests as repository
from api.schemas.pool import PoolEntry
from api.web.paging import Page
from api.workflow import State
from tests.api.db import rows
from tests.api.request_world import MARKERS, NOW, World, content, refused, world_of

BOARD = {State.POOLED, State.EXPIRED, State.PROPOSED, State.COUNTER_PROPOSED, State.DECLINED}


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


def board(world: World, login: str = "zab", **params: Any) -> list[str]:
    answer = world.get(login, "/pool", params=params)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_an_entry_says_what_a_seat_must_have_and_no_more(world: World) -> None:
    people = [{"age": "6-11", "sex": "m", "count": 1}, {"age": "adult", "sex": "f", "count": 1}]
    request_id = world.enter(
        enter_as="pool", people=people, needs=["wheelchair", "interpreter"], wheelchairs=1, escorts=2, escorts_female=1,
        deadline={"at": "2026-10-06T12:00:00+02:00", "regime": "2024/1351", "source": "BAMF"},
    )  # fmt: skip
    (item,) = world.get("zab", "/pool").json()["items"]
    assert item == {
        "view": "coarse", "id": request_id, "state": "pooled", "pickup_ags": "05113000", "pickup_municipality": "Essen",
        "pickup_from": "2026-10-05T05:00:00Z", "pickup_to": "2026-10-05T07:00:00Z", "handover_place": "DUS",
        "handover_name": "Flughafen Düsseldorf", "handover_from": "2026-10-05T07:00:00Z",
        "handover_to": "2026-10-05T09:00:00Z", "people": 2, "wheelchairs": 1, "needs": ["wheelchair", "interpreter"],
        "escorts": 2, "escorts_female": 1, "has_children": True, "deadline_at": "2026-10-06T10:00:00Z",
        "deadline_class": "urgent", "days_left": 5, "matched_at": None, "reasons": [], "blocked_by": [], "warnings": [],
        "offer": None,
    }  # fmt: skip
    world.propose(request_id)
    (item,) = world.get("zab-other", "/pool").json()["items"]
    assert item["offer"] == {"zab": "zab:essen", "respond_by": "2026-10-01T13:00:00Z"}


@pytest.mark.parametrize("state", State)
def test_the_board_holds_what_waits_and_nothing_else(world: World, state: State) -> None:
    request_id = world.enter()
    world.put(request_id, state, asked_zab_id=world.actors["zab"].organisation_id)
    expected = [request_id] if state in BOARD else []
    for login in ("abh", "abh-second", "zab", "zab-other", "lead", "ltrako", "zfa", "zrk", "auditor"):
        assert board(world, login) == expected, login
    assert board(world, "abh-other") == [], "an ABH sees its own"
    assert board(world, only_open=True) == (expected if state in (State.POOLED, State.EXPIRED) else [])
    refused(world.get("admin", "/pool"), 403, "role_may_not")


def places(world: World) -> dict[str, str]:
    """Requests from three Bezirke, with different needs and deadlines."""
    made = {}
    for hour, (name, place, needs) in enumerate(
        [("essen", "05113000", []), ("koeln", "05315000", ["doctor"]), ("bonn", "05314000", ["doctor", "interpreter"]),
         ("hoexter", "05762020", ["interpreter"])]
    ):  # fmt: skip
        pickup = content()["pickup"] | {"place": place, "earliest": f"2026-10-05T0{5 + hour}:00:00+02:00"}
        deadline = {"at": f"2026-10-{20 - hour}T12:00:00+02:00", "regime": "other", "source": "BAMF"}
        changes: dict[str, Any] = {"deadline": deadline} if name != "essen" else {}
        made[name] = world.enter(name, pickup=pickup, needs=needs, enter_as="pool", **changes)
    return made


def test_filters_narrow_the_board(world: World) -> None:
    made = places(world)

    def names(**params: Any) -> list[str]:
        by_id = {request_id: name for name, request_id in made.items()}
        return [by_id[each] for each in board(world, **params)]

    assert names() == ["essen", "koeln", "bonn", "hoexter"], "by pick-up"
    assert names(order="deadline") == ["hoexter", "bonn", "koeln"], "those that have one, nearest first"
    assert names(bezirk="053") == ["koeln", "bonn"]
    assert names(bezirk="zab:koeln") == names(bezirk="K") == names(bezirk="Köln") == ["koeln", "bonn"]
    assert names(bezirk=["05314000", "057"]) == ["bonn", "hoexter"]
    assert names(need="doctor") == ["koeln", "bonn"]
    assert names(need=["doctor", "interpreter"]) == ["bonn"], "all of them"
    assert names(pickup_from="2026-10-05T06:00:00+02:00", pickup_to="2026-10-05T08:00:00+02:00") == ["koeln", "bonn"]
    assert names(deadline_before="2026-10-18T12:00:00+02:00") == ["hoexter"]
    assert names(state="declined") == []
    world.propose(made["bonn"])
    assert names(state=["proposed", "declined"]) == ["bonn"]
    assert names(only_open=True) == ["essen", "koeln", "hoexter"]
    assert names(only_open=True, state="proposed") == []
    world.put(made["koeln"], State.POOLED, updated_at=NOW + timedelta(hours=1))
    assert names(updated_since=(NOW + timedelta(minutes=1)).isoformat()) == ["koeln"]
    told = refused(world.get("zab", "/pool", params={"bezirk": "Bayern"}), 422, "parameter_invalid")
    assert told["errors"][0]["path"] == "/bezirk"
    refused(world.get("zab", "/pool", params={"state": "draft"}), 422, "parameter_invalid")
    refused(world.get("zab", "/pool", params={"need": '%"'}), 422, "parameter_invalid")


def test_by_deadline_the_board_shows_the_days_that_are_left_fewest_first(world: World) -> None:
    places(world)
    world.now = NOW + timedelta(days=16)  # 17 October: one deadline is today, two are to come

    def days(**params: str) -> list[int | None]:
        items = world.get("zab", "/pool", params=params).json()["items"]
        return [item["days_left"] for item in items]

    assert days(order="deadline") == [0, 1, 2]
    assert days() == [None, 2, 1, 0], "who has no deadline has no days"
    world.now = NOW + timedelta(days=17, hours=14)  # local midnight is past
    assert days(order="deadline") == [-2, -1, 0], "local days, not 24 hours"


@pytest.mark.parametrize("order", ["pickup", "deadline"])
def test_pages_hold_each_entry_once(world: World, order: str) -> None:
    """Many at the same instant, and states mixed: the id decides."""
    deadline = {"at": "2026-10-18T12:00:00+02:00", "regime": "other", "source": "BAMF"}
    made = [world.enter(f"A-{number}", enter_as="pool", deadline=deadline) for number in range(7)]
    world.put(made[2], State.EXPIRED)
    world.put(made[5], State.DECLINED)
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = world.get("ltrako", "/pool", params={"limit": 3, "order": order} | after).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == made
    other = "deadline" if order == "pickup" else "pickup"
    refused(world.get("zab", "/pool", params={"order": other} | after), 422, "parameter_invalid")


def test_no_marker_stands_on_the_board(world: World) -> None:
    changes = {name: value for name, value in MARKERS.items() if name != "case_reference"}
    world.enter(MARKERS["case_reference"], enter_as="pool", rejection={"by": "zab:marker", "code": "other"}, **changes)
    for login in ("abh", "zab", "ltrako", "zfa", "zrk", "auditor"):
        told = world.get(login, "/pool").text
        for marker in (*MARKERS.values(), "zab:marker", "11:37", '"sex"'):
            assert marker not in told, (login, marker)


# --- plans of queries -------------------------------------------------------------------------------------------------

MANY = 20_000


def fill(session: Session, owner_id: uuid.UUID) -> None:
    """20,000 requests over half a year, half of them on the board."""
    states = [*sorted(BOARD), *[State.HANDED_OVER] * 5]
    document = json.loads(json.dumps(content()))
    values = [
        {
            "id": new_id(), "organisation_id": owner_id, "case_reference": f"M-{number}",
            "state": states[number % len(states)], "pickup_ags": "05113000",
            "pickup_from": rows.DAY + timedelta(minutes=number * 13 % 260_000),
            "pickup_to": rows.DAY + timedelta(minutes=number * 13 % 260_000 + 60),
            "delivery_place": "DUS", "delivery_from": rows.DAY + timedelta(minutes=number * 13 % 260_000 + 60),
            "delivery_to": rows.DAY + timedelta(minutes=number * 13 % 260_000 + 180), "people": 1,
            "has_children": False, "content": document, "fall_back_at": rows.DAY, "created_at": NOW, "updated_at": NOW,
            "state_since": NOW, "version": 1,
        }
        for number in range(MANY)
    ]  # fmt: skip
    session.execute(insert(TransportRequest), values)


def plan(session: Session, actor: Actor, after: tuple[datetime, uuid.UUID] | None) -> str:
    """How the database reads one page of the default query."""

    row = TransportRequest

    def cut(query: Select[Any]) -> Select[Any]:
        # As a page does it (api.web.paging).
        if after is not None:
            query = query.where(tuple_(row.pickup_from, row.id) > tuple_(*after))
        return query.order_by(row.pickup_from, row.id).limit(51)

    by = (row.pickup_from, row.id)
    query = repository.pool(repository.board_of(actor), repository.Filters(states=BOARD), cut, by, 51)
    dialect = session.get_bind().dialect
    compiled = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN" if dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    statement = str(compiled).replace("%%", "%").replace(":", "\\:")
    return "\n".join(str(line[-1]) for line in session.execute(text(f"{explain} {statement}")))


@pytest.mark.parametrize("where", ["first", "later"])
def test_a_page_is_read_from_the_index(world: World, where: str) -> None:
    """Of each state so many rows as a page has, in the order of the index; only these few are sorted."""
    with world.store.writing() as session:
        owner = world.actors["abh"].organisation_id
        assert owner is not None
        fill(session, owner)
    with world.store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    after = None if where == "first" else (rows.DAY + timedelta(days=30), new_id())
    with world.store.reading() as session:
        told = plan(session, world.actors["zab"], after)
    assert told.count("ix_transport_request_pool") == len(BOARD), told
    # Of proposals there is none here, and of organisations a handful: these may be read whole, requests never.
    assert not re.search(r"Seq Scan on (?!proposal|organisation)", told), told
    assert "Bitmap" not in told, told
    assert "SCAN transport_request" not in told, told
    assert [int(rows) <= 51 * len(BOARD) for rows in re.findall(r"Sort +\(.*?rows=(\d+)", told)] in ([True], []), told
    assert not re.search(r"ix_transport_request_pool.*\n.*TEMP B-TREE", told), told
    assert len(set(board(world, limit=200))) == 200


def test_pages_of_a_full_board_follow_one_another(world: World) -> None:
    with world.store.writing() as session:
        owner = world.actors["abh"].organisation_id
        assert owner is not None
        fill(session, owner)
    pages: list[tuple[str, str]] = []
    after: dict[str, str] = {}
    for _ in range(4):
        page = world.get("zab", "/pool", params={"limit": 200} | after).json()
        pages += [(item["pickup_from"], item["id"]) for item in page["items"]]
        after = {"after": page["next"]}
    with world.store.reading() as session:
        ordered = session.execute(
            select(TransportRequest.pickup_from, TransportRequest.id)
            .where(TransportRequest.state.in_(sorted(BOARD)))
            .order_by(TransportRequest.pickup_from, TransportRequest.id)
            .limit(800)
        ).all()
    assert [key for _, key in pages] == [str(key) for _, key in ordered]


def test_the_board_shows_a_request_as_its_page_does(world: World) -> None:
    """The board reads columns, the page of a request the whole row: both must say the same, whatever is in it."""
    reasons = {"items": [{"zab": "E", "obstacle": "tour", "rule": "ride_time"}, {"zab": "E", "rule": "detour"}]}
    deadline = {"at": "2026-10-18T12:00:00+02:00", "regime": "other", "source": "BAMF, 01.09.2026"}
    made = [
        world.enter("plain", enter_as="pool"),
        world.enter("wheels", enter_as="pool", needs=["wheelchair", "interpreter"], wheelchairs=1, escorts=2),
        world.enter(
            "offered",
            enter_as="pool",
            deadline=deadline,
        ),
        world.enter("old", enter_as="pool"),
    ]
    world.put(made[1], State.EXPIRED, reasons=reasons, matched_at=NOW)
    world.propose(made[2])
    with world.store.writing() as session:
        row = session.get_one(TransportRequest, uuid.UUID(made[3]))
        left_out = {"wheelchairs", "needs", "escorts", "escorts_female", "deadline_class"}
        row.content = {key: value for key, value in row.content.items() if key not in left_out}
    items = {item["id"]: item for item in world.get("ltrako", "/pool").json()["items"]}
    for request_id in made:
        assert items[request_id] == world.get("ltrako", f"/requests/{request_id}").json()
    assert items[made[1]]["reasons"]
    assert items[made[2]]["offer"]
    assert items[made[3]]["needs"] == []


def test_the_body_is_what_the_response_model_says(world: World) -> None:
    """It is written by the endpoint itself: the model must read it back, and write the same bytes."""
    for number in range(3):
        world.enter(f"A-{number}", enter_as="pool")
    for params in ({}, {"limit": 2}, {"state": "declined"}):
        answer = world.get("zab", "/pool", params=params)
        assert answer.headers["content-type"] == "application/json"
        read = Page[PoolEntry].model_validate_json(answer.content, strict=True)
        assert TypeAdapter(Page[PoolEntry]).dump_json(read, by_alias=True) == answer.content


def test_statements_kept_for_one_are_not_another_s(world: World) -> None:
    """The statement of a first page is kept: with another owner, filter, order or length it is another one."""
    world.enter("A-1", enter_as="pool")
    world.enter("A-2", enter_as="pool", needs=["doctor"])
    for _ in range(2):
        assert len(board(world, "abh")) == 2
        assert board(world, "abh-other") == []
        assert len(board(world, "zab")) == 2
        assert len(board(world, "zab", need="doctor")) == 1
        assert len(board(world, "zab", limit=1)) == 1
        assert board(world, "zab", order="deadline") == []
