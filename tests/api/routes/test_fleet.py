"""Vehicles and crews through HTTP, on both databases."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from api.db.tables import DutyRow
from tests.api.decision_world import Desk, refused
from tests.api.house import House

VAN = {
    "code": "E-V901", "kind": "van", "configurations": [{"seats": 9, "wheelchair_places": 0}, {"seats": 7}],
    "child_seats": [1, 2, 2], "luggage": 12, "features": ["ramp"], "licence": "B", "carries_children": True,
    "cost_per_km": 60, "co2_per_km": 230,
}  # fmt: skip
CREW = {
    "code": "E-C901", "heads": 2, "officers": 2, "female_officers": 1, "licences": ["B", "D1"],
    "skills": ["interpreter"], "cost_per_hour": 12200,
}  # fmt: skip


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def made(house: House, path: str, body: dict[str, Any], name: str = "essen") -> dict[str, Any]:
    answer = house[name].call("POST", path, body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/v1{path}/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


def content(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (body | changes).items() if name != "code"}


@pytest.mark.parametrize(("path", "body"), [("/vehicles", VAN), ("/crews", CREW)])
def test_entered_shown_changed(house: House, path: str, body: dict[str, Any]) -> None:
    row = made(house, path, body)
    assert (row["code"], row["zab"], row["is_active"]) == (body["code"], "zab:essen", True)
    for name, value in content(body).items():
        if name != "configurations":
            assert row["content"][name] == value
    answer = house["essen"].call("GET", f"{path}/{row['id']}")
    assert answer.json() == row
    larger = content(body, luggage=20) if path == "/vehicles" else content(body, female_officers=2)
    refused(house["essen"].call("PUT", f"{path}/{row['id']}", larger), 428, "version_missing")
    refused(house["essen"].call("PUT", f"{path}/{row['id']}", larger, if_match='"9"'), 412, "version_changed")
    changed = house["essen-lead"].call("PUT", f"{path}/{row['id']}", larger, if_match=answer.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] != answer.headers["ETag"]
    assert changed.json()["content"] != row["content"]
    house.check()


@pytest.mark.parametrize("path", ["/vehicles", "/crews"])
def test_each_sees_its_own_and_only_zabs_write(house: House, path: str) -> None:
    body = VAN if path == "/vehicles" else CREW
    row = made(house, path, body)
    made(house, path, body, "koeln")  # the same code in another ZAB
    for name, seen in (("essen", 1), ("essen-lead", 1), ("koeln", 1), ("ltrako", 2), ("auditor", 2)):
        items = house[name].get(path)["items"]
        assert len(items) == seen
    assert [each["zab"] for each in house["ltrako"].get(f"{path}?zab=zab:koeln")["items"]] == ["zab:koeln"]
    refused(house["koeln"].call("GET", f"{path}/{row['id']}"), 404, "not_found")
    refused(house["koeln"].call("PUT", f"{path}/{row['id']}", content(body), if_match="*"), 404, "not_found")
    for name in ("abh", "zfa", "zrk", "admin"):
        refused(house[name].call("GET", path), 403, "role_may_not")
    for name in ("ltrako", "auditor", "abh", "admin"):
        refused(house[name].call("POST", path, body), 403, "role_may_not")


def test_lists_are_filtered_and_paged(house: House) -> None:
    rows = [made(house, "/vehicles", VAN | {"code": f"E-V{number}"}) for number in range(3)]
    house["essen"].do(f"/vehicles/{rows[0]['id']}/retire")
    house.later(hours=1)
    house["essen"].call("PUT", f"/vehicles/{rows[1]['id']}", content(VAN, luggage=99), if_match="*")
    assert [each["id"] for each in house["essen"].get("/vehicles?is_active=false")["items"]] == [rows[0]["id"]]
    since = house.now.isoformat().replace("+00:00", "Z")
    assert [each["id"] for each in house["essen"].get(f"/vehicles?updated_since={since}")["items"]] == [rows[1]["id"]]
    first = house["essen"].get("/vehicles?limit=2")
    rest = house["essen"].get(f"/vehicles?limit=2&after={first['next']}")
    assert [each["id"] for each in first["items"] + rest["items"]] == [row["id"] for row in rows]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "change", "where"),
    [
        ("/crews", {"name": "x"}, "/unknown field 8"),
        ("/crews", {"code": "Team-Nord"}, "/code"),
        ("/crews", {"officers": 3}, "/"),
        ("/crews", {"skills": ["karate"]}, "/skills/0"),
        ("/crews", {"licences": []}, "/licences"),
        ("/crews", {"heads": "2"}, "/heads"),
        ("/vehicles", {"configurations": []}, "/configurations"),
        ("/vehicles", {"driver": "x"}, "/unknown field 11"),
        ("/vehicles", {"child_seats": [1, 2]}, "/child_seats/2"),
        ("/vehicles", {"features": ["Has A Ramp"]}, "/features/0"),
        ("/vehicles", {"cost_per_km": -1}, "/cost_per_km"),
    ],
)
def test_unknown_and_wrong_fields_are_refused(house: House, path: str, change: dict[str, Any], where: str) -> None:
    answer = house["essen"].call("POST", path, (VAN if path == "/vehicles" else CREW) | change)
    problem = refused(answer, 422, "body_invalid")
    assert where in {error["path"] for error in problem["errors"]}
    assert "Team-Nord" not in answer.text
    assert house["essen"].get(path)["items"] == []


def test_a_code_is_given_out_once_and_a_call_made_once(house: House) -> None:
    key = uuid.uuid4().hex
    first = house["essen"].call("POST", "/vehicles", VAN, **{"Idempotency-Key": key})
    again = house["essen"].call("POST", "/vehicles", VAN, **{"Idempotency-Key": key})
    assert (first.status_code, again.json()) == (201, first.json())
    refused(house["essen"].call("POST", "/vehicles", VAN), 409, "exists_already")
    assert len(house["essen"].get("/vehicles")["items"]) == 1


@pytest.mark.parametrize("what", ["vehicle", "crew"])
def test_out_of_service_is_refused_while_seats_are_promised(desk: Desk, what: str) -> None:
    _, duty, proposal = desk.confirmed()
    row = desk.duty(duty)
    path = f"/{what}s/{row.vehicle_id if what == 'vehicle' else row.crew_id}"
    house = desk.house
    problem = refused(house["essen"].call("POST", f"{path}/retire", if_match="*"), 409, "in_use")
    assert [each["id"] for each in problem["duties"]] == [duty]
    smaller = content(VAN, configurations=[{"seats": 3}]) if what == "vehicle" else content(CREW, officers=1, heads=2)
    refused(house["essen"].call("PUT", path, smaller, if_match="*"), 409, "in_use")
    house["essen"].do(f"/proposals/{proposal}/back-out", {"code": "vehicle_out_of_service"})
    assert house["essen"].do(f"{path}/retire")["is_active"] is False
    assert house["essen"].do(f"{path}/reinstate")["is_active"] is True
    house.check()


def test_what_was_only_proposed_is_taken_back_and_matched_again(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    vehicle = desk.duty(duty).vehicle_id
    desk.house["essen"].do(f"/vehicles/{vehicle}/retire")
    assert desk.house.state(request) == "pooled"
    ended = desk.proposal(proposal)
    assert (ended.standing.value, ended.end_code) == ("lost", "out_of_service")
    assert desk.duty(duty).is_used is False
    assert [request] in [each["requests"] for each in desk.matches()]
    assert [duty] in [each["duties"] for each in desk.matches()]
    desk.house.check()


def test_a_vehicle_out_of_service_carries_nobody_new(desk: Desk) -> None:
    duty = desk.house.duty()
    vehicle = desk.read(lambda s: s.get_one(DutyRow, uuid.UUID(duty))).vehicle_id
    desk.house["essen"].do(f"/vehicles/{vehicle}/retire")
    answer = desk.house["essen"].call("POST", "/assignments", {"request_id": desk.house.pooled(), "duty_id": duty})
    assert "vehicle_out_of_service" in str(refused(answer, 409, "plan_broken"))
