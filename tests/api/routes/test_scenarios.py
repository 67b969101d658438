"""Scenarios through HTTP: kept, shared, changed, deleted; every fault at its path."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.db.tables import AuditEntry, ScenarioRow
from tests.api.house import House

FILE = {
    "format": "restplatz-scenario", "version": 1,
    "scenario": {
        "id": "van-and-late-flight", "title": {"de": "Bus mehr, Flug später", "en": "one more van, flight late"},
        "changes": [
            {"kind": "add_vehicles", "zab": "zab:essen", "count": 2},
            {"kind": "delay_flight", "place": "DUS", "by": 3600, "handover": {"earliest": 0, "latest": 86_400}},
        ],
    },
}  # fmt: skip
"""As a file of the optimizer."""


def kept(house: House, who: str = "essen", *, status: int = 201, **more: Any) -> Any:
    answer = house[who].call("POST", "/scenarios", FILE | more)
    assert answer.status_code == status, answer.text
    return answer


def named(name: str) -> dict[str, Any]:
    return {"scenario": {"id": name, "changes": [{"kind": "pooling_off"}]}}


def test_a_file_of_the_optimizer_is_kept_as_it_is_and_read_back_whole(house: House) -> None:
    made = kept(house)
    assert made.headers["Location"] == f"/v1/scenarios/{made.json()['id']}"
    assert made.headers["ETag"] == '"1"'
    told = house["essen-lead"].get(f"/scenarios/{made.json()['id']}")
    assert told["scenario"]["changes"] == [
        {"kind": "add_vehicles", "zab": "zab:essen", "count": 2, "preset": "van", "shifts": [], "depot": None},
        {"kind": "delay_flight", "place": "DUS", "by": 3600, "handover": {"earliest": 0, "latest": 86_400}},
    ]
    assert (told["organisation"], told["is_own"], told["shared"]) == ("zab:essen", True, False)
    with house.store.reading() as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "scenario"))
        assert (line.action, line.details) == ("created", {"changes": 2, "shared": False})


def test_every_fault_is_told_at_once_with_its_path(house: House) -> None:
    body = {
        "scenario": {
            "id": "x", "Erika Muster": 1,
            "changes": [
                {"kind": "add_vehicles", "zab": "zab:essen", "count": 0},
                {"kind": "delay_flight", "place": "DUS"},
                {"kind": "no_such_kind"},
                {"kind": "scale_demand", "factor": "many"},
                {"kind": "close_zab", "zab": 7, "Max Muster": 2},
            ],
        }
    }  # fmt: skip
    answer = house["essen"].call("POST", "/scenarios", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid")
    told = {each["path"]: each["expected"] for each in answer.json()["errors"]}
    assert set(told) == {
        "/scenario/unknown field", "/scenario/changes/0/count", "/scenario/changes/1/by", "/scenario/changes/2/kind",
        "/scenario/changes/3/factor", "/scenario/changes/4/zab", "/scenario/changes/4/unknown field",
    }  # fmt: skip
    assert told["/scenario/changes/0/count"] == "1 to 1000"
    assert "Muster" not in answer.text, "what was sent may be somebody's name"


@pytest.mark.parametrize(
    ("scenario", "path"),
    [
        ({"id": "x" * 81}, "/scenario/id"),
        ({"id": "x", "title": {"fr": "un"}}, "/scenario/title"),
        ({"id": "x", "changes": [{"kind": "pooling_off"}] * 51}, "/scenario/changes"),
        ({"id": "x", "changes": [{"kind": "resize_fleet", "vehicles": 1_000}]}, "/scenario/changes/0/vehicles"),
        ({"id": "x", "changes": [{"kind": "scale_demand", "factor": 99.0}]}, "/scenario/changes/0/factor"),
    ],
)
def test_what_nobody_could_wait_for_is_refused(house: House, scenario: dict[str, Any], path: str) -> None:
    answer = house["essen"].call("POST", "/scenarios", {"scenario": scenario})
    assert (answer.status_code, answer.json()["code"]) == (422, "value_refused")
    assert [each["path"] for each in answer.json()["errors"]] == [path]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"kind": "close_zab", "zab": "a\\u0000b"}', "/scenario/changes/0/zab"),
        ('{"kind": "close_zab", "zab": "\\ud800"}', "/scenario/changes/0/zab"),
        ('{"kind": "scale_demand", "factor": NaN}', "/scenario/changes/0/factor"),
        ('{"kind": "scale_demand", "factor": 1e999}', "/scenario/changes/0/factor"),
        ('{"kind": "break_vehicle", "vehicle": "V", "at": 99999999999999999999}', "/scenario/changes/0/at"),
        ('{"kind": "use_parameters", "changes": {"ride\\u0000cap": 1}}', "/scenario/changes/0/changes"),
    ],
)
def test_what_no_database_keeps_is_refused_where_it_stands(house: House, text: str, path: str) -> None:
    headers = {
        "Authorization": f"ApiKey {house['essen'].key}", "Idempotency-Key": "k", "Content-Type": "application/json"
    }  # fmt: skip
    content = f'{{"scenario": {{"id": "x", "changes": [{text}]}}}}'
    answer = house.client.post("/v1/scenarios", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid"), answer.text
    assert [each["path"] for each in answer.json()["errors"]] == [path]


def test_others_see_what_is_shared_and_change_nothing(house: House) -> None:
    own, shared = kept(house).json()["id"], kept(house, "koeln", shared=True).json()["id"]
    assert [each["id"] for each in house["essen"].get("/scenarios")["items"]] == [own, shared]
    assert [each["id"] for each in house["ltrako"].get("/scenarios")["items"]] == [shared]
    assert house["koeln"].call("GET", f"/scenarios/{own}").status_code == 404
    for who in ("essen", "ltrako"):
        assert house[who].get(f"/scenarios/{shared}")["is_own"] is False
        for method, body in (("PUT", FILE), ("DELETE", None)):
            answer = house[who].call(method, f"/scenarios/{shared}", body, if_match="*")
            assert (answer.status_code, answer.json()["code"]) == (403, "role_may_not")
    assert house["abh"].call("GET", "/scenarios").status_code == 403


def test_one_is_changed_by_who_saw_its_version_and_its_id_stays_one_of_a_kind(house: House) -> None:
    made = kept(house)
    path = f"/scenarios/{made.json()['id']}"
    assert house["essen"].call("PUT", path, named("a")).status_code == 428
    changed = house["essen"].call("PUT", path, named("a") | {"shared": True}, if_match=made.headers["ETag"])
    assert (changed.status_code, changed.json()["scenario"]["id"], changed.json()["shared"]) == (200, "a", True)
    late = house["essen"].call("PUT", path, named("b"), if_match=made.headers["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "version_changed")
    second = house["essen"].call("POST", "/scenarios", named("b"))
    again = house["essen"].call("POST", "/scenarios", named("a"))
    assert (again.status_code, again.json()["code"], again.json()["scenario"]) == (
        409, "exists_already", made.json()["id"],
    )  # fmt: skip
    taken = house["essen"].call("PUT", f"/scenarios/{second.json()['id']}", named("a"), if_match="*")
    assert (taken.status_code, taken.json()["code"]) == (409, "exists_already")
    assert house["koeln"].call("POST", "/scenarios", named("a")).status_code == 201, "another organisation may"


def test_one_is_deleted(house: House) -> None:
    made = kept(house)
    path = f"/scenarios/{made.json()['id']}"
    assert house["essen"].call("DELETE", path).status_code == 428
    assert house["essen-lead"].call("DELETE", path, if_match=made.headers["ETag"]).status_code == 204
    assert house["essen"].call("GET", path).status_code == 404
    with house.store.reading() as session:
        assert session.scalars(select(ScenarioRow)).unique().all() == []
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "scenario")).all()
    assert actions == ["created", "deleted"]


def test_lists_come_in_pages_and_by_what_was_changed(house: House) -> None:
    ids = [house["essen"].call("POST", "/scenarios", named(f"s{n}")).json()["id"] for n in range(5)]
    first = house["essen"].get("/scenarios?limit=2")
    second = house["essen"].get(f"/scenarios?limit=3&after={first['next']}")
    assert [each["id"] for each in (*first["items"], *second["items"])] == ids
    assert second["next"] is None
    house.later(hours=1)
    since = house.now.isoformat().replace("+00:00", "Z")
    house["essen"].call("PUT", f"/scenarios/{ids[3]}", named("other"), if_match="*")
    assert [each["id"] for each in house["essen"].get(f"/scenarios?updated_since={since}")["items"]] == [ids[3]]


def test_a_title_that_looks_like_a_name_is_warned_of(house: House) -> None:
    told = house["essen"].call(
        "POST", "/scenarios", {"scenario": {"id": "x", "title": {"de": "wegen Frau Mustermann"}, "changes": []}}
    )
    assert [each["path"] for each in told.json()["warnings"]] == ["/scenario/title/de"]


def test_sent_twice_it_is_kept_once(house: House) -> None:
    key = {"Idempotency-Key": "the same"}
    one, two = (house["essen"].call("POST", "/scenarios", FILE, **key) for _ in range(2))
    assert (one.json(), two.headers["Idempotent-Replayed"]) == (two.json(), "true")
    assert len(house["essen"].get("/scenarios")["items"]) == 1
