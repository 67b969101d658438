"""Duties, their bulk upsert, and absences through HTTP, on both databases."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import hours

HEADER = "duty,vehicle,zab,start,end,shift,crew,profile,start_place,end_place,heads,officers,female_officers,licences"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def fleet(house: House, name: str = "essen", number: int = 1) -> dict[str, str]:
    """Ids of a new vehicle and a new crew."""
    van = house[name].call("POST", "/vehicles", {"code": f"V{number}01", "configurations": [{"seats": 9}]})
    crew = house[name].call("POST", "/crews", {"code": f"C{number}01"})
    return {"vehicle_id": van.json()["id"], "crew_id": crew.json()["id"]}


def body(ids: dict[str, str], since: float = 4, until: float = 12, **fields: Any) -> dict[str, Any]:
    times = {"starts_at": hours(since).isoformat(), "ends_at": hours(until).isoformat()}
    return {**ids, **times, "start_place": "05113000"} | fields


def of(desk: Desk, duty: str, **fields: Any) -> dict[str, Any]:
    """The body of a change of a duty that is there."""
    row = desk.duty(duty)
    ids = {"vehicle_id": str(row.vehicle_id), "crew_id": str(row.crew_id)}
    times = {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
    return {**ids, **times, "start_place": row.start_place} | fields


# --- one by one -------------------------------------------------------------------------------------------------------


def test_entered_shown_changed_deleted(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)
    answer = house["essen"].call("POST", "/duties", body(ids, code="D-1"))
    assert answer.status_code == 201, answer.text
    duty = answer.json()
    assert (duty["code"], duty["zab"], duty["seats"], duty["seats_free"]) == ("D-1", "zab:essen", 7, 7)
    assert (duty["start_place"], duty["end_place"], duty["tour"]) == ("05113000", "05113000", [])
    assert (duty["vehicle_from"], duty["vehicle_to"]) == (duty["starts_at"], duty["ends_at"])
    assert {each["reason"] for each in desk.matches()} == {"shift_changed"}
    path = f"/duties/{duty['id']}"
    shown = house["essen"].call("GET", path)
    later = body(ids, 5, 13, vehicle_to=hours(12).isoformat())
    refused(house["essen"].call("PUT", path, later), 428, "version_missing")
    changed = house["essen"].call("PUT", path, later, if_match=shown.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert changed.json()["vehicle_to"] != changed.json()["ends_at"]
    refused(house["essen"].call("PUT", path, later, if_match=shown.headers["ETag"]), 412, "version_changed")
    for name in ("koeln", "koeln-lead"):
        refused(house[name].call("GET", path), 404, "not_found")
        refused(house[name].call("DELETE", path, if_match="*"), 404, "not_found")
    refused(house["ltrako"].call("DELETE", path, if_match="*"), 403, "role_may_not")
    assert house["essen"].call("DELETE", path, if_match="*").status_code == 204
    refused(house["essen"].call("GET", path), 404, "not_found")
    house.check()


def test_all_faults_at_once(house: House) -> None:
    theirs = fleet(house, "koeln")
    sent = body(theirs, code="D-1", start_place="Atlantis", profile="none")
    problem = refused(house["essen"].call("POST", "/duties", sent), 422, "value_refused")
    assert [error["path"] for error in problem["errors"]] == [
        "/crew_id", "/vehicle_id", "/start_place", "/end_place", "/profile",
    ]  # fmt: skip
    ids = fleet(house)
    for change in (
        {"ends_at": hours(2).isoformat()},
        {"ends_at": hours(40).isoformat()},
        {"vehicle_to": hours(13).isoformat()},
    ):
        answer = house["essen"].call("POST", "/duties", body(ids, code="D-1") | change)
        refused(answer, 422, "body_invalid")
    both = body(ids, code="?", ends_at=hours(2).isoformat(), tolerance_minutes=999)
    problem = refused(house["essen"].call("POST", "/duties", both), 422, "body_invalid")
    assert [each["path"] for each in problem["errors"]] == ["/tolerance_minutes", "/code", "/"]
    assert house["essen"].call("POST", "/duties", body(ids, code="D-1")).status_code == 201
    refused(house["essen"].call("POST", "/duties", body(ids, code="D-1")), 409, "exists_already")


def test_lists_by_day_zab_and_change(desk: Desk) -> None:
    house = desk.house
    monday, tuesday, theirs = house.duty(), house.duty(days=1), house.duty("zab:koeln")

    def ids(query: str, name: str = "ltrako") -> list[str]:
        return [item["id"] for item in house[name].get(f"/duties?{query}")["items"]]

    assert set(ids("day=2026-10-05")) == {monday, theirs}
    assert ids("day=2026-10-06") == [tuesday]
    assert ids("zab=zab:koeln") == [theirs]
    assert ids("", "essen") == [monday, tuesday]
    house.later(hours=1)
    house["essen"].do(f"/duties/{tuesday}/withhold")
    since = house.now.isoformat().replace("+00:00", "Z")
    assert ids(f"updated_since={since}") == [tuesday]
    first = house["ltrako"].get("/duties?limit=2")
    assert len(first["items"] + house["ltrako"].get(f"/duties?limit=2&after={first['next']}")["items"]) == 3


# --- with riders ------------------------------------------------------------------------------------------------------


def test_a_duty_shows_its_tour_and_free_seats(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    shown = desk.house["essen"].get(f"/duties/{duty}")
    assert [(stop["kind"], stop["request_id"], stop["standing"]) for stop in shown["tour"]] == [
        ("pickup", request, "proposed"), ("delivery", request, "proposed"),
    ]  # fmt: skip
    assert [(stop["seats_taken"], stop["seats_free"]) for stop in shown["tour"]] == [(1, 6), (0, 7)]
    assert (shown["seats"], shown["seats_free"], shown["is_used"]) == (7, 6, True)
    desk.house["essen"].do(f"/proposals/{proposal}/confirm")
    assert {stop["standing"] for stop in desk.house["essen"].get(f"/duties/{duty}")["tour"]} == {"promised"}


def test_a_change_takes_back_what_was_only_proposed(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    answer = desk.house["essen"].call(
        "PUT", f"/duties/{duty}", of(desk, duty, ends_at=hours(11).isoformat()), if_match="*"
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["tour"], answer.json()["is_used"]) == ([], False)
    assert desk.proposal(proposal).end_code == "duty_changed"
    assert desk.house.state(request) == "pooled"
    desk.house.check()


def test_a_promise_survives_a_change_that_keeps_it_possible_and_no_other(desk: Desk) -> None:
    request, duty, _ = desk.confirmed()
    possible = of(desk, duty, ends_at=hours(11.5).isoformat())
    assert desk.house["essen"].call("PUT", f"/duties/{duty}", possible, if_match="*").status_code == 200
    too_late = of(desk, duty, starts_at=hours(8).isoformat(), ends_at=hours(12).isoformat())
    problem = refused(desk.house["essen"].call("PUT", f"/duties/{duty}", too_late, if_match="*"), 409, "plan_broken")
    assert problem["violations"]
    assert all(set(each["texts"]) == {"de", "en"} for each in problem["violations"])
    small = fleet(desk.house, number=7)
    van = desk.house["essen"].call("POST", "/vehicles", {"code": "V701b", "configurations": [{"seats": 2}]}).json()
    no_seat = of(desk, duty, vehicle_id=van["id"])
    refused(desk.house["essen"].call("PUT", f"/duties/{duty}", no_seat, if_match="*"), 409, "plan_broken")
    swapped = desk.house["essen"].call("PUT", f"/duties/{duty}", of(desk, duty, **small), if_match="*")
    assert swapped.status_code == 200, swapped.text
    assert desk.house.state(request) == "confirmed"
    refused(desk.house["essen"].call("DELETE", f"/duties/{duty}", if_match="*"), 409, "in_use")
    desk.house.check()


def test_a_crew_that_carries_somebody_cannot_do_so_twice_at_once(desk: Desk) -> None:
    _, first, _ = desk.confirmed(1)
    _, second, _ = desk.confirmed(2)
    crew = str(desk.duty(first).crew_id)
    answer = desk.house["essen"].call("PUT", f"/duties/{second}", of(desk, second, crew_id=crew), if_match="*")
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] in ("in_use", "plan_broken")
    desk.house.check()


def test_a_withheld_duty_keeps_promises_and_gives_up_offers(desk: Desk) -> None:
    promised, duty, _ = desk.confirmed(1)
    offered = desk.house.pooled(2, pickup=(8.5, 9.5), handover=(9, 11))
    desk.propose(offered, duty)
    shown = desk.house["essen"].do(f"/duties/{duty}/withhold")
    assert (shown["is_offered"], len(shown["tour"])) == (False, 2)
    assert (desk.house.state(promised), desk.house.state(offered)) == ("confirmed", "pooled")
    assert desk.house["essen"].do(f"/duties/{duty}/offer")["is_offered"] is True
    desk.house.check()


# --- many at once -----------------------------------------------------------------------------------------------------


def send(house: House, rows: str | list[dict[str, Any]], name: str = "essen", **headers: str) -> Any:
    known = {"Authorization": f"ApiKey {house[name].key}", "Idempotency-Key": uuid.uuid4().hex} | headers
    if isinstance(rows, str):
        return house.client.post(
            "/v1/duties/imports", content=rows.encode(), headers={"Content-Type": "text/csv"} | known
        )
    return house.client.post("/v1/duties/imports", json=rows, headers=known)


def lines(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def test_a_week_comes_in_is_changed_and_comes_again(desk: Desk) -> None:
    house = desk.house
    fleet(house)
    rows = [
        f"D-{day},V101,zab:essen,2026-10-0{day}T06:00,2026-10-0{day}T14:00,,C-7,arbzg,Essen,,3,3,1,B D1"
        for day in (5, 6, 7)
    ]
    answer = send(house, lines(*rows))
    assert answer.status_code == 201, answer.text
    assert {k: answer.json()[k] for k in ("created", "changed", "crews_created")} == {
        "created": 3, "changed": 0, "crews_created": 1,
    }  # fmt: skip
    crew = next(each for each in house["essen"].get("/crews")["items"] if each["code"] == "C-7")
    assert (crew["content"]["heads"], crew["content"]["licences"]) == (3, ["B", "D1"])
    again = send(house, lines(*rows[:2], rows[2].replace("T14:00", "T15:00")))
    assert (again.json()["unchanged"], again.json()["changed"], again.json()["created"]) == (2, 1, 0)
    assert again.json()["duty_ids"] == answer.json()["duty_ids"]
    names = HEADER.split(",")
    as_json = [dict(zip(names, row.split(","), strict=False)) for row in rows[:2]]
    assert send(house, as_json).json()["unchanged"] == 2
    assert house["essen"].get("/duties?day=2026-10-07")["items"][0]["ends_at"] == "2026-10-07T13:00:00Z"
    house.check()


def test_all_row_errors_and_nothing_stored(desk: Desk) -> None:
    house = desk.house
    fleet(house)
    good = "D-1,V101,zab:essen,2026-10-05T06:00,2026-10-05T14:00,,C101,arbzg,Essen,,,,,"
    answer = send(
        house,
        lines(
            good,
            "D-2,V999,zab:essen,2026-10-05T06:00,2026-10-05T14:00,,C101,arbzg,,,,,,",
            "D-3,V101,zab:koeln,2026-10-05T06:00,2026-10-05T14:00,,C101,arbzg,,,,,,",
            "D-4,V101,zab:essen,2026-10-05T15:00,2026-10-05T14:00,,C101,arbzg,,,,,,",
            "D-5,V101,zab:essen,morgens,2026-10-05T14:00,,C101,arbzg,,,,,,",
            "D-1,V101,zab:essen,2026-10-05T06:00,2026-10-05T14:00,,C101,arbzg,,,,,,",
            "D-6,V101,zab:essen,2026-10-05T06:00,2026-10-05T14:00,,C101,nachts,Atlantis,,,,,",
            "D-7,V101,zab:essen,2026-10-05T06:00,2026-10-05T14:00,,C101,arbzg,,,5,5,,",
            "D-8,V101,zab:essen,2026-10-05T06:00,2026-10-05T14:00,,Mustermann,arbzg,,,,,,",
        ),
    )
    problem = refused(answer, 422, "rows_invalid")
    paths = [error["path"] for error in problem["errors"]]
    assert [path.split(",")[0] for path in paths] == sorted(
        (path.split(",")[0] for path in paths), key=lambda each: int(each.split()[1])
    )
    for wanted in (
        "row 3, vehicle", "row 4, zab", "row 6, start", "row 7, duty", "row 8, start_place", "row 9, heads",
        "row 10, crew",
    ):  # fmt: skip
        assert wanted in paths, (wanted, paths)
    assert any(path.startswith("row 5") for path in paths)
    assert problem["count"] == len(paths)
    assert "Mustermann" not in answer.text
    assert house["essen"].get("/duties")["items"] == []


@pytest.mark.parametrize(
    ("rows", "status", "code"),
    [
        ("", 422, "rows_invalid"),
        ("a,b\n1,2\n", 422, "rows_invalid"),
        (lines(header=HEADER + ",vorname"), 422, "rows_invalid"),
        ([], 422, "rows_invalid"),
        ([1, 2], 422, "rows_invalid"),
        ([{"duty": {"deep": [1]}}], 422, "rows_invalid"),
    ],
)
def test_what_is_no_table_is_refused(house: House, rows: Any, status: int, code: str) -> None:
    refused(send(house, rows), status, code)


def test_only_csv_and_json_and_only_with_a_key(house: House) -> None:
    refused(send(house, lines(), **{"Content-Type": "text/html"}), 415, "media_type_unknown")
    refused(send(house, lines(), **{"Idempotency-Key": ""}), 400, "idempotency_key_missing")
    refused(send(house, lines(), "ltrako"), 403, "role_may_not")


# --- absences ---------------------------------------------------------------------------------------------------------


def away(desk: Desk, duty: str, what: str, **fields: Any) -> dict[str, Any]:
    row = desk.duty(duty)
    key = str(row.crew_id if what == "crew" else row.vehicle_id)
    code = "ill" if what == "crew" else "workshop"
    times = {"starts_at": hours(0).isoformat(), "ends_at": hours(24).isoformat()}
    return {f"{what}_id": key, "code": code} | times | fields


@pytest.mark.parametrize("what", ["crew", "vehicle"])
def test_an_absence_takes_offers_back_and_shows_promises_in_danger(desk: Desk, what: str) -> None:
    house = desk.house
    promised, duty, _ = desk.confirmed(1)
    offered = house.pooled(2, pickup=(8.5, 9.5), handover=(9, 11))
    proposal = desk.propose(offered, duty)
    answer = house["essen"].call("POST", "/absences", away(desk, duty, what))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["lost"] == [offered]
    assert [(each["duty_id"], each["request_id"]) for each in made["in_danger"]] == [(duty, promised)]
    assert desk.proposal(proposal).end_code == f"{what}_away"
    assert (house.state(offered), house.state(promised)) == ("pooled", "confirmed")
    assert "promise_in_danger" in desk.notices("essen")
    assert "promise_in_danger" not in desk.notices("koeln")
    assert [offered] in [each["requests"] for each in desk.matches()]
    assert house.match()
    assert house.offer_of(offered) is None or house.offer_of(offered)["duty_id"] != duty  # type: ignore[index]
    listed = house["essen"].get("/absences")["items"]
    assert [each["id"] for each in listed] == [made["absence"]["id"]]
    assert house["koeln"].get("/absences")["items"] == []
    assert house["ltrako"].get("/absences?zab=zab:essen")["items"] == listed
    refused(house["koeln"].call("GET", f"/absences/{made['absence']['id']}"), 404, "not_found")
    house.check()


def test_an_absence_that_ends_asks_for_a_match(desk: Desk) -> None:
    house = desk.house
    duty = house.duty()
    made = house["essen"].call("POST", "/absences", away(desk, duty, "crew")).json()["absence"]
    before = len(desk.matches())
    assert house["essen"].call("POST", f"/absences/{made['id']}/end").status_code == 204
    assert [each["duties"] for each in desk.matches()[before:]] == [[duty]]
    refused(house["essen"].call("GET", f"/absences/{made['id']}"), 404, "not_found")
    begun = away(desk, duty, "crew", starts_at=hours(-200).isoformat())
    running = house["essen"].call("POST", "/absences", begun).json()["absence"]
    house["essen"].call("POST", f"/absences/{running['id']}/end")
    assert house["essen"].get("/absences")["items"] == []
    (over,) = house["essen"].get("/absences?is_over=true")["items"]
    assert over["ends_at"] == house.now.isoformat().replace("+00:00", "Z")
    refused(house["essen"].call("POST", f"/absences/{running['id']}/end"), 409, "too_late")
    house.check()


def test_wrong_absences_are_refused(desk: Desk) -> None:
    house = desk.house
    duty = house.duty()
    for change in (
        {"code": "workshop"}, {"code": "migraine"}, {"vehicle_id": str(desk.duty(duty).vehicle_id)},
        {"starts_at": hours(25).isoformat()}, {"remark": "x"},
    ):  # fmt: skip
        refused(house["essen"].call("POST", "/absences", away(desk, duty, "crew", **change)), 422, "body_invalid")
    past = away(desk, duty, "crew", starts_at=hours(-300).isoformat(), ends_at=hours(-200).isoformat())
    refused(house["essen"].call("POST", "/absences", past), 409, "too_late")
    refused(house["koeln"].call("POST", "/absences", away(desk, duty, "crew")), 404, "not_found")
    refused(house["ltrako"].call("POST", "/absences", away(desk, duty, "crew")), 403, "role_may_not")
