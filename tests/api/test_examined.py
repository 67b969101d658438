"""What an examiner found, each as what should have happened."""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from api.jobs import nightly
from api.jobs.solving import Steps
from api.settings import Settings
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours

_EDGES = ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00")
_INSTANTS = (
    ("abh", "/requests", "updated_since"), ("abh", "/requests", "pickup_from"), ("abh", "/requests", "pickup_to"),
    ("essen", "/pool", "updated_since"), ("essen", "/pool", "pickup_from"), ("essen", "/pool", "pickup_to"),
    ("essen", "/pool", "deadline_before"), ("ltrako", "/overrides", "since"), ("ltrako", "/overrides", "until"),
    ("essen", "/vehicles", "updated_since"), ("essen", "/crews", "updated_since"),
    ("essen", "/duties", "updated_since"),
)  # fmt: skip
_TEXTS = (
    ("abh", "/requests", "case_reference"), ("ltrako", "/proposals", "zab"), ("ltrako", "/vehicles", "zab"),
    ("ltrako", "/crews", "zab"), ("ltrako", "/duties", "zab"), ("ltrako", "/absences", "zab"),
    ("ltrako", "/commitments", "zab"), ("essen", "/notices", "kind"),
)  # fmt: skip
_NIGHT_FAMILY: dict[str, Any] = {
    "people": [{"age": "adult", "sex": "m", "count": 1}, {"age": "12-13", "sex": "m", "count": 1}],
    "pickup": (3, 3.5), "handover": (4, 6), "has_night_ground": True,
}  # fmt: skip


def _offered(house: House, **fields: Any) -> tuple[str, dict[str, Any]]:
    """Return a request and its live proposal to Essen."""
    house.duty("zab:essen")
    request = house.pooled(1, **fields)
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    return request, offer


def _amend(house: House, request: str, **fields: Any) -> None:
    answer = house["abh"].call("PUT", f"/requests/{request}", request_body(1, **fields), if_match="*")
    assert answer.status_code == 200, answer.text


def _asked_for_override(house: House, request: str) -> str:
    body = {"rule": "night_children", "reason": "Einziger Flug der Woche"}
    answer = house["abh"].call("POST", f"/requests/{request}/overrides", body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _kinds(house: House, who: str) -> list[str]:
    return [notice["kind"] for notice in house[who].get("/notices")["items"]]


# --- the workflow -----------------------------------------------------------------------------------------------------


def test_a_trip_accepted_in_the_first_round_is_no_dead_end(house: House) -> None:
    """The answer names back_out, depart, fail and freeze, but all of them need a proposal, and there is none."""
    answer = house["abh"].call("POST", "/requests", request_body(1) | {"enter_as": "ask", "zab": "zab:koeln"})
    request = answer.json()["id"]
    record = house["koeln"].call("GET", f"/requests/{request}")
    bare = house["koeln"].call("POST", f"/requests/{request}/accept", {}, if_match=record.headers["ETag"])
    assert bare.status_code == 422, bare.text
    house["koeln"].do(f"/requests/{request}/accept", {"duty_id": house.duty("zab:koeln")})
    named = set(house["koeln"].get(f"/requests/{request}")["actions"])
    has_proposal = bool(house["koeln"].get("/proposals?standing=live")["items"])
    assert has_proposal or not named & {"back_out", "depart", "fail", "freeze"}


def test_an_override_holds_for_what_was_looked_at_not_for_what_is_amended(house: House) -> None:
    """Agreed to for one child at 05:00; today it also lets three children be fetched at 02:30 of another day."""
    request = house.pooled(1, **_NIGHT_FAMILY)
    approval = _asked_for_override(house, request)
    house["abh-second"].do(f"/approvals/{approval}/agree")
    family = [{"age": "adult", "sex": "m", "count": 1}, {"age": "12-13", "sex": "m", "count": 3}]
    _amend(house, request, people=family, pickup=(0.5, 1), handover=(1.5, 4), days=1, has_night_ground=True)
    house.duty("zab:essen", since=-2, until=9, days=1)
    house.match()
    assert house.offer_of(request) is None
    assert house["abh"].get(f"/requests/{request}/overrides") == []


def test_a_second_person_agrees_to_what_was_asked_not_to_what_was_amended_since(house: House) -> None:
    request = house.pooled(1, **_NIGHT_FAMILY)
    approval = _asked_for_override(house, request)
    _amend(house, request, days=1)
    record = house["abh-second"].call("GET", f"/approvals/{approval}")
    answer = house["abh-second"].call("POST", f"/approvals/{approval}/agree", if_match=record.headers["ETag"])
    assert answer.status_code == 409, answer.text


def test_an_owner_is_told_when_somebody_else_stops_its_measure(house: House) -> None:
    request, offer = _offered(house)
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    assert house["zfa"].call("POST", f"/requests/{request}/stop", {"code": "court"}).status_code == 200
    assert "stopped" in _kinds(house, "abh")


def test_a_zab_that_was_asked_in_the_first_round_is_told_of_a_stop(house: House) -> None:
    answer = house["abh"].call("POST", "/requests", request_body(1) | {"enter_as": "ask", "zab": "zab:koeln"})
    house["abh"].call("POST", f"/requests/{answer.json()['id']}/stop", {"code": "medical"})
    assert "stopped" in _kinds(house, "koeln")


def test_nobody_is_fetched_at_an_airport(house: House) -> None:
    """Entering it is refused (422); by a counter-proposal it gets in, and the owner can amend nothing any more."""
    _, offer = _offered(house, pickup=(5, 9), handover=(6, 11))
    body = {
        "code": "other_place", "pickup_at": hours(6).isoformat(), "handover_at": hours(8).isoformat(), "place": "DTM",
    }  # fmt: skip
    record = house["essen"].call("GET", f"/proposals/{offer['id']}")
    path = f"/proposals/{offer['id']}/counter"
    assert house["essen"].call("POST", path, body, if_match=record.headers["ETag"]).status_code == 422


def test_a_bar_for_a_date_is_not_dodged_by_amending_there_and_back(house: House) -> None:
    request, offer = _offered(house)
    house["essen"].do(f"/proposals/{offer['id']}/decline", {"code": "crew_ill"})
    _amend(house, request, days=1)
    _amend(house, request)
    house.match()
    assert house.offer_of(request) is None


def test_who_meets_a_condition_is_an_organisation(house: House) -> None:
    _, offer = _offered(house)
    body = {"code": "other", "condition": "Fahrzeug", "owner": "nobody:at-all", "until": offer["pickup_at"]}
    record = house["essen"].call("GET", f"/proposals/{offer['id']}")
    path = f"/proposals/{offer['id']}/confirm-provisionally"
    assert house["essen"].call("POST", path, body, if_match=record.headers["ETag"]).status_code == 422


def test_what_keeps_the_limit_is_shown_below_it(house: House) -> None:
    """65 of at most 64 minutes: one figure is rounded up, the other down."""
    house.duty("zab:essen")
    requests = [house.pooled(number) for number in (1, 2)]
    house.match()
    offers = [house.offer_of(request) for request in requests]
    assert [each for each in offers if each is None] == []
    assert all(each["minutes_on_board"] <= each["minutes_limit"] for each in offers if each is not None)


# --- secrecy ----------------------------------------------------------------------------------------------------------


def test_reading_the_problem_of_a_run_is_logged(house: House) -> None:
    """It tells age, sex and windows of every request, by the ids of the pool."""
    _offered(house)
    run = house["ltrako"].get("/runs")["items"][0]["id"]
    house["ltrako"].get(f"/runs/{run}/input?purpose=audit")
    lines = house["auditor"].get("/audit?limit=200")["items"]
    assert [line for line in lines if line["subject_kind"] == "run" and str(line["action"]).startswith("read")]


@pytest.mark.parametrize("secret", ["short", ""])
def test_a_weak_secret_signs_nothing(tmp_path: Path, secret: str) -> None:
    """32 characters or more, says its description; empty: made once."""
    try:
        key = Settings(folder=tmp_path, secret=SecretStr(secret)).signing_key()
    except ValidationError:
        return
    assert len(key) >= 32


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "path", "name"), _INSTANTS)
def test_instants_at_the_ends_of_the_calendar_are_refused(house: House, who: str, path: str, name: str) -> None:
    statuses = {house[who].call("GET", f"{path}?{name}={edge}").status_code for edge in _EDGES}
    assert statuses <= {200, 422}


@pytest.mark.parametrize(("who", "path", "name"), _TEXTS)
def test_nul_in_a_filter_is_refused(house: House, who: str, path: str, name: str) -> None:
    assert house[who].call("GET", f"{path}?{name}=a%00b").status_code in (200, 422)


@pytest.mark.parametrize("path", ["/duties", "/commitments"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_ends_of_the_calendar_are_refused(house: House, path: str, day: str) -> None:
    assert house["essen"].call("GET", f"{path}?day={day}").status_code in (200, 422)


def test_a_run_of_the_last_day_of_the_calendar_is_refused(house: House) -> None:
    assert house["ltrako"].call("POST", "/runs", {"first_day": "9999-12-31"}).status_code == 422


def test_a_number_of_an_event_that_no_database_knows(house: House) -> None:
    """The stream breaks on SQLite, and the log holds a defect."""
    _offered(house)
    run = house["ltrako"].get("/runs")["items"][0]["id"]
    answer = house["essen"].call("GET", f"/runs/{run}/events", **{"Last-Event-ID": "9" * 20})
    assert answer.status_code == 422 or "finished" in answer.text


def test_no_redirect_goes_where_the_call_says_it_came_to(house: House) -> None:
    headers = {"Authorization": f"ApiKey {house['abh'].key}", "Host": "evil.example"}
    answer = house.client.get("/v1/requests/", headers=headers, follow_redirects=False)
    assert "evil.example" not in answer.headers.get("location", "")


def test_allow_names_all_methods_of_an_address(house: House) -> None:
    answer = house["abh"].call("PUT", "/requests", {})
    assert answer.status_code == 405
    assert {each.strip() for each in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "POST"}
    answer = house["abh"].call("HEAD", "/sign-in")
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (405, b"", "POST")


def test_a_file_with_a_long_name_does_not_end_the_night(house: House) -> None:
    """The run fails, is never made again for its date, and the file lies there for the next night."""
    folder = house.context.settings.drop_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{'a' * 240}.json").write_text(json.dumps([{"no": "row"}]), encoding="utf-8")
    with house.store.writing() as session:
        run = nightly.queue_night(session, house.context.settings, house.now.date(), now=house.now)
        assert run is not None
        key = uuid.UUID(str(run.id))
    Steps(context=house.context, worker="test", stop=threading.Event()).prepare(str(key))
    assert nightly.waiting_files(folder) == []
