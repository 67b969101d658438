"""Shift patterns through HTTP, on both databases: made once, skipped with a reason, amended with care."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.db.tables import AuditEntry, DutyRow
from api.services import patterns
from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import hours
from tests.api.routes.test_duties import fleet

_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
WEEK = {"first_day": "2026-10-05", "last_day": "2026-10-11"}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def body(ids: dict[str, str], **fields: Any) -> dict[str, Any]:
    known = {
        **ids, "weekdays": [1, 2, 3, 4, 5], "begins": "06:00", "ends": "14:00", "start_place": "05113000",
        "valid_from": "2026-10-01",
    }  # fmt: skip
    return known | fields


def entered(house: House, ids: dict[str, str], by: str = "essen", **fields: Any) -> str:
    answer = house[by].call("POST", "/shift-patterns", body(ids, code="E-F", **fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def made(house: House, pattern: str, days: dict[str, str] | None = None) -> dict[str, Any]:
    answer = house["essen"].call("POST", f"/shift-patterns/{pattern}/duties", days or WEEK)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def skipped(answer: dict[str, Any], name: str = "skipped") -> dict[str, str]:
    return {each["day"]: each["code"] for each in answer[name]}


def days(answer: dict[str, Any], name: str = "made") -> list[str]:
    return [each["day"] for each in answer[name]]


def test_a_week_is_made_once(desk: Desk) -> None:
    house = desk.house
    pattern = entered(house, fleet(house))
    first = made(house, pattern)
    assert days(first) == [f"2026-10-0{day}" for day in range(5, 10)]
    duty = house["essen"].get(f"/duties/{first['made'][0]['duty_id']}")
    assert (duty["code"], duty["starts_at"], duty["ends_at"]) == (
        "E-F-20261005", "2026-10-05T04:00:00Z", "2026-10-05T12:00:00Z",
    )  # fmt: skip
    assert (duty["profile"], duty["start_place"], duty["is_offered"]) == ("arbzg", "05113000", True)
    again = made(house, pattern)
    assert again["made"] == []
    assert set(skipped(again).values()) == {"made_already"}
    assert len(house["essen"].get("/duties?limit=200")["items"]) == 5
    # What was deleted by hand is not made again.
    key = first["made"][1]["duty_id"]
    assert house["essen"].call("DELETE", f"/duties/{key}", if_match="*").status_code == 204
    assert skipped(made(house, pattern))["2026-10-06"] == "deleted_by_hand"
    house.check()


def test_what_stands_in_the_way_is_told(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)
    pattern = entered(house, ids, weekdays=[1, 2, 3, 4, 5, 6, 7], valid_from="2026-10-01")
    away = {"starts_at": hours(0, days=1).isoformat(), "ends_at": hours(1, days=2).isoformat()}
    house["essen"].call("POST", "/absences", {"crew_id": ids["crew_id"], "code": "leave", **away})
    shop = {"starts_at": hours(8, days=3).isoformat(), "ends_at": hours(9, days=3).isoformat()}
    absence = house["essen"].call("POST", "/absences", {"vehicle_id": ids["vehicle_id"], "code": "workshop", **shop})
    other = fleet(house, number=2)
    for number, mixed in ((4, ids | {"vehicle_id": other["vehicle_id"]}), (5, ids | {"crew_id": other["crew_id"]})):
        times = {"starts_at": hours(11, days=number).isoformat(), "ends_at": hours(15, days=number).isoformat()}
        sent = {**mixed, **times, "code": f"D-{number}", "start_place": "05113000"}
        assert house["essen"].call("POST", "/duties", sent).status_code == 201
    sent = {**other, "starts_at": hours(4).isoformat(), "ends_at": hours(5).isoformat(), "code": "E-F-20261011"}
    assert house["essen"].call("POST", "/duties", sent | {"start_place": "05113000"}).status_code == 201
    found = made(house, pattern, {"first_day": "2026-10-01", "last_day": "2026-10-11"})
    assert skipped(found) == {
        "2026-10-01": "past", "2026-10-03": "holiday", "2026-10-06": "crew_away", "2026-10-08": "vehicle_away",
        "2026-10-09": "crew_in_use", "2026-10-10": "vehicle_in_use", "2026-10-11": "code_taken",
    }  # fmt: skip
    assert days(found) == ["2026-10-02", "2026-10-04", "2026-10-05", "2026-10-07"]
    # The reason is gone: the day is made when it is asked for again.
    house["essen"].call("POST", f"/absences/{absence.json()['absence']['id']}/end")
    assert days(made(house, pattern)) == ["2026-10-08"]
    house["essen"].do(f"/vehicles/{ids['vehicle_id']}/retire")
    later = {"first_day": "2026-10-12", "last_day": "2026-10-12"}
    assert skipped(made(house, pattern, later)) == {"2026-10-12": "vehicle_out_of_service"}
    house.check()


def test_an_amended_pattern_changes_what_nobody_rides_and_nobody_edited(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)
    pattern = entered(house, ids)
    monday, tuesday, wednesday, thursday, friday = (each["duty_id"] for each in made(house, pattern)["made"])
    request = house.pooled(1)
    desk.propose(request, monday)
    house["essen"].do(f"/duties/{tuesday}/withhold")
    lost = desk.propose(house.pooled(2, days=2), wednesday)
    house["essen"].do(f"/proposals/{lost}/decline", {"code": "distance"})
    shown = house["essen"].call("GET", f"/shift-patterns/{pattern}")
    path, tag = f"/shift-patterns/{pattern}", shown.headers["ETag"]
    refused(house["essen"].call("PUT", path, body(ids)), 428, "version_missing")
    refused(house["koeln"].call("PUT", path, body(ids), if_match="*"), 404, "not_found")
    later = house["essen"].call("PUT", path, body(ids, begins="08:00", ends="16:00"), if_match=tag)
    assert later.status_code == 200, later.text
    assert skipped(later.json(), "kept") == {"2026-10-05": "ridden", "2026-10-06": "edited"}
    assert days(later.json(), "changed") == ["2026-10-07", "2026-10-08", "2026-10-09"]
    begins = {key: house["essen"].get(f"/duties/{key}")["starts_at"][11:16] for key in (monday, tuesday, thursday)}
    assert list(begins.values()) == ["04:00", "04:00", "06:00"]
    refused(house["essen"].call("PUT", path, body(ids), if_match=tag), 412, "version_changed")
    # It ends on Thursday: Friday's duty goes, and one that was offered once stays for the record, withheld.
    fewer = body(ids, begins="08:00", ends="16:00", weekdays=[1, 2, 4], valid_to="2026-10-08")
    fewer_days = house["essen"].call("PUT", path, fewer, if_match="*")
    assert skipped(fewer_days.json(), "removed") == {"2026-10-07": "not_worked", "2026-10-09": "not_worked"}
    refused(house["essen"].call("GET", f"/duties/{friday}"), 404, "not_found")
    assert house["essen"].get(f"/duties/{wednesday}")["is_offered"] is False
    assert house["essen"].call("PUT", path, fewer, if_match="*").json()["changed"] == []
    # Worked again: what was taken away by the pattern comes back by the pattern.
    back = house["essen"].call("PUT", path, body(ids, begins="08:00", ends="16:00"), if_match="*").json()
    assert days(back, "changed") == ["2026-10-07", "2026-10-08"]
    assert house["essen"].get(f"/duties/{wednesday}")["is_offered"] is True
    assert days(made(house, pattern)) == ["2026-10-09"]
    assert house["essen"].call("DELETE", path, if_match="*").status_code == 204
    left = {item["id"] for item in house["essen"].get("/duties?limit=200")["items"]}
    assert {monday, tuesday, wednesday} <= left
    assert thursday not in left
    house.check()


@_SQLITE
def test_the_night_makes_the_days_ahead(desk: Desk) -> None:
    house = desk.house
    pattern = entered(house, fleet(house))
    entered(house, fleet(house, "koeln", 2), "koeln", weekdays=[7], valid_to="2026-10-04")
    found = patterns.make_ahead(house.store, house.now)
    # Four weeks from 1 October, the first of them after it has begun.
    assert len(found.made) == 20 + 1
    assert patterns.make_ahead(house.store, house.now).made == []
    house.later(days=1)
    assert [day.isoformat() for day, _ in patterns.make_ahead(house.store, house.now).made] == ["2026-10-30"]
    with house.store.reading() as session:
        codes = session.scalars(select(DutyRow.code)).all()
        told = session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "duties_made")).all()
    assert len(codes) == len(set(codes)) == 22
    assert pattern in told
    house.check()


def test_shifts_of_both_nights_in_which_the_clock_changes(desk: Desk) -> None:
    house = desk.house
    pattern = entered(house, fleet(house), begins="22:00", ends="06:00", weekdays=[6], on_holidays=True)
    found = made(house, pattern, {"first_day": "2026-10-24", "last_day": "2026-10-24"})
    duty = house["essen"].get(f"/duties/{found['made'][0]['duty_id']}")
    assert (duty["starts_at"], duty["ends_at"]) == ("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z")
    house.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    found = made(house, pattern, {"first_day": "2027-03-27", "last_day": "2027-03-27"})
    duty = house["essen"].get(f"/duties/{found['made'][0]['duty_id']}")
    assert (duty["starts_at"], duty["ends_at"]) == ("2027-03-27T21:00:00Z", "2027-03-28T04:00:00Z")


def test_faults_and_who_may(house: House) -> None:
    theirs, ids = fleet(house, "koeln"), fleet(house)
    sent = body(theirs, code="E-F", start_place="Atlantis", profile="none")
    problem = refused(house["essen"].call("POST", "/shift-patterns", sent), 422, "value_refused")
    assert [each["path"] for each in problem["errors"]] == ["/crew_id", "/vehicle_id", "/start_place", "/profile"]
    pattern = entered(house, ids)
    refused(house["essen"].call("POST", "/shift-patterns", body(ids, code="E-F")), 409, "exists_already")
    refused(house["essen"].call("POST", "/shift-patterns", body(ids, code="x" * 49)), 422, "body_invalid")
    for who in ("ltrako", "abh", "auditor", "admin"):
        refused(house[who].call("POST", "/shift-patterns", body(ids, code="X")), 403, "role_may_not")
    path = f"/shift-patterns/{pattern}"
    refused(house["koeln"].call("GET", path), 404, "not_found")
    refused(house["koeln-lead"].call("POST", f"{path}/duties", WEEK), 404, "not_found")
    refused(house["koeln"].call("DELETE", path, if_match="*"), 404, "not_found")
    for days_sent in (
        {"first_day": "2026-10-05", "last_day": "2027-10-05"}, {"first_day": "2026-09-01", "last_day": "2026-09-02"},
        {"first_day": "2199-12-30", "last_day": "2199-12-31"},
    ):  # fmt: skip
        refused(house["essen"].call("POST", f"{path}/duties", days_sent), 422, "value_refused")
    turned = {"first_day": "2026-10-05", "last_day": "2026-10-04"}
    refused(house["essen"].call("POST", f"{path}/duties", turned), 422, "body_invalid")
    assert [each["id"] for each in house["ltrako"].get("/shift-patterns?zab=zab:essen")["items"]] == [pattern]
    assert house["koeln"].get("/shift-patterns")["items"] == []
    house.later(hours=1)
    since = house.now.isoformat().replace("+00:00", "Z")
    assert house["essen"].get(f"/shift-patterns?updated_since={since}")["items"] == []


@_SQLITE
def test_a_repeated_call_makes_nothing_new(house: House) -> None:
    pattern = entered(house, fleet(house))
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = house["essen"].call("POST", f"/shift-patterns/{pattern}/duties", WEEK, **key)
    again = house["essen"].call("POST", f"/shift-patterns/{pattern}/duties", WEEK, **key)
    assert first.json() == again.json()
    assert len(first.json()["made"]) == 5


@_SQLITE
def test_imported_rows_count_as_edited(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)
    pattern = entered(house, ids)
    made(house, pattern)

    def work(session: Session) -> None:
        row = session.scalars(select(DutyRow).where(DutyRow.code == "E-F-20261007")).unique().one()
        assert row.is_used is False

    house.store.write(work)
    head = "duty,vehicle,zab,start,end,crew,start_place,end_place\n"
    line = "E-F-20261007,V101,zab:essen,2026-10-07T07:00,2026-10-07T12:00,C101,05113000,05113000\n"
    headers = {"Authorization": f"ApiKey {house['essen'].key}", "Content-Type": "text/csv", "Idempotency-Key": "rows"}
    answer = house.client.post("/v1/duties/imports", content=head + line, headers=headers)
    assert answer.json()["changed"] == 1, answer.text
    amended = house["essen"].call(
        "PUT", f"/shift-patterns/{pattern}", body(ids, begins="08:00", ends="16:00"), if_match="*"
    )
    assert skipped(amended.json(), "kept") == {"2026-10-07": "edited"}
