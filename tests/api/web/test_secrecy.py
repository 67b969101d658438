"""What must not be found again: names in answers, answers in the database; who must set a password of its own."""

from __future__ import annotations

import json
import uuid

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.db.tables import IdempotencyKey
from api.services import clockwork, figures
from tests.api.house import House, request_body

_NAME = "Erika Mustermann"


def test_unknown_fields_are_told_by_number(house: House) -> None:
    body = request_body(1)
    body["pickup"] = {_NAME: 1, **body["pickup"]}
    answer = house["abh"].call("POST", "/requests", body | {_NAME: "x"})
    assert answer.status_code == 422
    assert _NAME not in answer.text
    told = {error["path"]: error["expected"] for error in answer.json()["errors"]}
    assert "latest" in told["/pickup/unknown field 1"]
    assert "case_reference" in told[f"/unknown field {len(body) + 1}"]
    assert all(error["what_to_do"] for error in answer.json()["errors"] if "unknown field" in error["path"])


def test_unknown_columns_are_told_by_number(house: House) -> None:
    content = f"request;people;{_NAME};pickup_place;pickup_from\nR-1;adult:m:1;x;Essen;07:00\n"
    headers = {"Authorization": f"ApiKey {house['abh'].key}", "Content-Type": "text/csv", "Idempotency-Key": "columns"}
    answer = house.client.post("/v1/requests/imports", content=content, headers=headers)
    assert answer.status_code == 422
    assert _NAME not in answer.text
    assert any(error["path"] == "row 1, column 3" for error in answer.json()["errors"])
    items = json.dumps([{_NAME: 1}])
    headers |= {"Content-Type": "application/json", "Idempotency-Key": "items"}
    answer = house.client.post("/v1/requests/imports", content=items, headers=headers)
    assert answer.status_code == 422
    assert _NAME not in answer.text
    assert any(error["path"] == "row 1, /unknown field 1" for error in answer.json()["errors"])


def test_answers_are_kept_sealed_and_for_a_day(house: House) -> None:
    body, key = request_body(1), str(uuid.uuid4())
    first = house["abh"].call("POST", "/requests", body, **{"Idempotency-Key": key})
    again = house["abh"].call("POST", "/requests", body, **{"Idempotency-Key": key})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    with house.store.reading() as session:
        kept = session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == key)).one()
        sealed = kept.body or b""
    assert len(sealed) > len(first.content)
    assert body["case_reference"].encode() not in sealed
    house.later(hours=23)
    assert clockwork.tick(house.store, house.now, house.context.settings).answers_forgotten == 0
    house.later(hours=2)
    assert clockwork.tick(house.store, house.now, house.context.settings).answers_forgotten == 1
    with house.store.reading() as session:
        assert session.get(IdempotencyKey, (house["abh"].account_id, key)) is None


def test_an_admin_who_takes_an_account_over_is_seen_by_two_and_cannot_hide_it(house: House) -> None:
    account = str(house["essen"].account_id)

    def told(who: str) -> list[str]:
        items = house[who].get("/notices")["items"]
        return sorted(each["kind"] for each in items if each["subject_id"] == account)

    given = house["admin"].call("POST", f"/accounts/{account}/password").json()["password"]
    for who in ("essen-lead", "auditor"):
        assert told(who) == ["password_reset"]
    with TestClient(house.client.app, base_url="http://127.0.0.1:8000") as page:
        mine = {"Origin": "http://127.0.0.1:8000"}
        assert page.post("/v1/sign-in", json={"login": "essen", "password": given}, headers=mine).status_code == 200
        for who in ("essen-lead", "auditor"):
            assert told(who) == ["given_password_used", "password_reset"]
        own = {"current_password": given, "new_password": "another long enough word"}
        assert page.post("/v1/me/password", json=own, headers=mine).is_success
        notices = page.get("/v1/notices").json()["items"]
        assert notices
        for notice in notices:
            answer = page.post(f"/v1/notices/{notice['id']}/done", headers=mine)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_may_not")
        page.post("/v1/sign-out", headers=mine)
        own = {"login": "essen", "password": "another long enough word"}
        assert page.post("/v1/sign-in", json=own, headers=mine).status_code == 200
    assert told("auditor") == ["given_password_used", "password_reset"], "the own password is nobody's business"
    house["essen-lead"].call("POST", f"/notices/{notices[0]['id']}/done")
    assert len(told("essen-lead")) == 1
    assert len(told("auditor")) == 2, "each settles its own"


def test_a_password_that_somebody_else_gave_opens_nothing_but_its_change(house: House) -> None:
    account = house["essen"].account_id
    given = house["admin"].call("POST", f"/accounts/{account}/password").json()["password"]
    assert "password_reset" in [each["kind"] for each in house["essen"].get("/notices")["items"]]
    with TestClient(house.client.app, base_url="http://127.0.0.1:8000") as page:
        mine = {"Origin": "http://127.0.0.1:8000"}
        signed_in = page.post("/v1/sign-in", json={"login": "essen", "password": given}, headers=mine)
        assert (signed_in.status_code, signed_in.json()["must_change_password"]) == (200, True)
        assert page.get("/v1/me").status_code == 200
        refused = page.get("/v1/proposals")
        assert (refused.status_code, refused.json()["code"]) == (403, "role_may_not")
        assert page.get("/v1/notices").status_code == 403
        same = {"current_password": given, "new_password": given}
        assert page.post("/v1/me/password", json=same, headers=mine).status_code == 422
        new = {"current_password": given, "new_password": "words that nobody gave me"}
        assert page.post("/v1/me/password", json=new, headers=mine).status_code == 204
        assert page.get("/v1/proposals").status_code == 200


def test_bodies_of_another_kind_and_doubled_credentials_are_refused(house: House) -> None:
    headers = {"Authorization": f"ApiKey {house['abh'].key}", "Content-Type": "text/plain", "Idempotency-Key": "kind"}
    answer = house.client.post("/v1/requests", content=json.dumps(request_body(1)), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unknown")
    doubled = [("Authorization", f"ApiKey {house[name].key}") for name in ("abh", "essen")]
    assert house.client.get("/v1/me", headers=doubled).status_code == 401


def test_a_worker_is_seen_for_a_minute(house: House) -> None:
    house.store.write(lambda session: figures.note_worker(session, "w1", house.now))
    house.store.write(lambda session: figures.note_worker(session, "w1", house.now))
    assert house.client.get("/v1/health/ready").json()["workers"] == 1
    assert "restplatz_workers 1.0" in house["admin"].call("GET", "/metrics").text
    house.later(seconds=61)
    assert house.client.get("/v1/health/ready").json()["workers"] == 0
