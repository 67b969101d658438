"""Clearances through HTTP: raised by the request, worked by ZFA and ZRK, told to the ABH, red before the pick-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db.tables import Clearance
from api.services import clockwork
from tests.api.clearance_world import (
    FLIGHT,
    act,
    audited,
    clearances,
    kinds,
    listen,
    only,
    pooled,
    told,
    with_stop_over,
)
from tests.api.decision_world import Desk, refused
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What tells the same on both databases."""


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def amended(house: House, request: str, body: dict[str, Any]) -> None:
    tag = house["abh"].call("GET", f"/requests/{request}").headers["ETag"]
    answer = house["abh"].call("PUT", f"/requests/{request}", body, if_match=tag)
    assert answer.status_code == 200, answer.text


# --- raised and taken back --------------------------------------------------------------------------------------------


def test_a_stop_over_raises_transit_by_itself_once_it_is_more_than_a_draft(house: House) -> None:
    draft = house["abh"].call("POST", "/requests", with_stop_over(1) | {"enter_as": "draft"}).json()["id"]
    assert clearances(house) == []
    house["abh"].do(f"/requests/{draft}/pool")
    found = only(house)
    assert (found["kind"], found["state"], found["subject"]) == ("transit", "needed", "IST")
    assert found["request_id"] == draft
    departure = hours(11)
    assert datetime.fromisoformat(found["apply_by"]) == departure - timedelta(days=2)
    assert datetime.fromisoformat(found["decide_by"]) == departure
    assert kinds(house, "zfa") == ["clearance_needed"]
    assert kinds(house, "zrk") == []


@SQLITE
def test_without_a_stop_over_nothing_is_raised(house: House) -> None:
    house.pooled(1)
    assert clearances(house, "auditor") == []


@SQLITE
def test_asked_in_the_first_round_it_is_raised_as_well(house: House) -> None:
    body = with_stop_over(1) | {"enter_as": "ask", "zab": "zab:essen"}
    assert house["abh"].call("POST", "/requests", body).status_code == 201
    assert only(house)["state"] == "needed"


@pytest.mark.parametrize(
    "change",
    [
        {"flight": "TK 1526"}, {"stop_overs": ["IST", "ESB"]}, {"days": 1},
        {"people": [{"age": "adult", "sex": "m", "count": 2}]},
    ],
    ids=["flight", "stop-over", "date", "people"],
)  # fmt: skip
def test_what_was_consented_to_lapses_where_the_trip_changes(house: House, change: dict[str, Any]) -> None:
    request = pooled(house)
    old = only(house)
    act(house, "zfa", old["id"], "apply", {"reference": "DB-1"})
    act(house, "zfa", old["id"], "grant", {})
    amended(house, request, with_stop_over(1, **change))
    new = only(house)
    assert new["id"] != old["id"]
    assert (new["state"], new["applied_at"], new["reference"]) == ("needed", None, "DB-1")
    states = {each["id"]: each["state"] for each in clearances(house, every=True)}
    assert states == {old["id"]: "not_needed", new["id"]: "needed"}
    assert kinds(house, "zfa") == ["clearance_lapsed", "clearance_needed"]
    assert audited(house, old["id"])[-1] == "lapse"


@SQLITE
def test_what_does_not_touch_the_flight_leaves_the_consent(house: House) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    act(house, "zfa", key, "grant", {})
    amended(house, request, with_stop_over(1, luggage=2, pickup=(5.5, 7), departure=hours(11.5).isoformat()))
    assert (only(house)["id"], only(house)["state"]) == (key, "granted")
    amended(house, request, request_body(1))
    assert clearances(house) == []
    assert clearances(house, every=True)[0]["state"] == "not_needed"


@SQLITE
def test_a_stop_tells_whoever_applied_and_leaves_the_list(house: House) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    house["abh"].call("POST", f"/requests/{request}/stop", {"code": "court"})
    assert clearances(house) == []
    assert kinds(house, "zfa") == ["clearance_lapsed"]
    refused(
        house["zfa"].call("POST", f"/clearances/{key}/grant", {}, if_match="*"), 409, "state_forbids"
    )  # fmt: skip


@SQLITE
def test_what_goes_back_to_its_abh_still_needs_transit(house: House) -> None:
    request = pooled(house)
    house["abh"].do(f"/requests/{request}/return")
    assert only(house)["request_id"] == request


# --- worked -----------------------------------------------------------------------------------------------------------


def test_zfa_records_application_and_consent_and_the_abh_is_told_at_once(house: House) -> None:
    listen(house, ["abh", "zfa", "koeln"])
    pooled(house)
    key = only(house)["id"]
    applied = act(house, "zfa", key, "apply", {"reference": "DB-2026/114"})
    assert (applied["state"], applied["reference"], applied["actions"]) == (
        "applied", "DB-2026/114", ["extend", "grant", "offer_date", "refuse"],
    )  # fmt: skip
    assert datetime.fromisoformat(applied["decide_by"]) == house.now + timedelta(days=2)
    assert kinds(house, "abh") == []
    house.later(hours=3)
    granted = act(house, "zfa", key, "grant", {})
    assert (granted["state"], datetime.fromisoformat(granted["decided_at"])) == ("granted", house.now)
    assert kinds(house, "abh") == ["clearance_granted"]
    assert [each["state"] for each in told(house, "abh")] == ["needed", "applied", "granted"]
    assert [each["state"] for each in told(house, "zfa")] == ["needed", "applied", "granted"]
    assert told(house, "koeln") == []
    assert audited(house, key) == ["raised", "apply", "grant"]


@SQLITE
def test_a_refusal_says_why_and_can_be_applied_for_again(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    refused(house["zfa"].call("POST", f"/clearances/{key}/refuse", {}, if_match="*"), 422, "body_invalid")
    no = act(house, "zfa", key, "refuse", {"code": "documents_missing"})
    assert (no["state"], no["code"], no["is_red"]) == ("refused", "documents_missing", True)
    assert kinds(house, "abh") == ["clearance_refused"]
    again = act(house, "zfa", key, "apply", {})
    assert (again["state"], again["code"], again["decided_at"], again["is_red"]) == ("applied", None, None, False)
    assert kinds(house, "abh") == []


@SQLITE
def test_further_days_are_there_once(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    extended = act(house, "zfa", key, "extend")
    assert datetime.fromisoformat(extended["decide_by"]) == house.now + timedelta(days=4)
    act(house, "zfa", key, "extend", status=409)


@SQLITE
def test_what_happened_earlier_can_be_said_but_not_what_is_to_come(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    house.later(hours=5)
    early = house.now - timedelta(hours=2)
    for wrong in (house.now + timedelta(minutes=1), house.now - timedelta(hours=6)):
        act(house, "zfa", key, "apply", {"at": wrong.isoformat()}, status=422)
    assert datetime.fromisoformat(act(house, "zfa", key, "apply", {"at": early.isoformat()})["applied_at"]) == early
    act(house, "zfa", key, "grant", {"at": (early - timedelta(hours=1)).isoformat()}, status=422)


@SQLITE
def test_a_decision_needs_the_version_that_was_seen(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    refused(house["zfa"].call("POST", f"/clearances/{key}/apply", {}), 428, "version_missing")
    act(house, "zfa", key, "apply", {})
    refused(house["zfa"].call("POST", f"/clearances/{key}/grant", {}, if_match='"1"'), 412, "version_changed")
    refused(house["zfa"].call("POST", f"/clearances/{key}/apply", {}, if_match="*"), 409, "state_forbids")


@SQLITE
def test_names_do_not_fit_into_a_file_number(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    answer = house["zfa"].call("POST", f"/clearances/{key}/apply", {"reference": "Herr Muster"}, if_match="*")
    refused(answer, 422, "body_invalid")


@SQLITE
def test_the_list_is_in_the_order_of_the_due_dates_and_tells_what_is_late(house: House) -> None:
    pooled(house, 1, days=3)
    pooled(house, 2)
    pooled(house, 3, days=1)
    found = clearances(house, kind="transit")
    assert [each["trip"]["case_reference"] for each in found] == ["T-2", "T-3", "T-1"]
    soon = (hours(11) - timedelta(days=2) + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert [each["trip"]["case_reference"] for each in clearances(house, apply_before=soon)] == ["T-2"]
    house.now = hours(11) - timedelta(days=2) + timedelta(minutes=1)
    assert [each["is_overdue"] for each in clearances(house)] == [True, False, False]
    assert clearances(house, state="applied") == []


def test_who_sees_which(house: House, desk: Desk) -> None:
    body = with_stop_over(1, needs_medical_reception=True) | {"enter_as": "pool"}
    request = house["abh"].call("POST", "/requests", body).json()["id"]
    desk.propose(request, house.duty())
    seen = {
        name: sorted(each["kind"] for each in clearances(house, name))
        for name in ("abh", "abh-other", "essen", "koeln", "ltrako", "zfa", "zrk", "auditor")
    }
    assert seen == {
        "abh": ["medical_reception", "transit"], "abh-other": [], "essen": ["transit"], "koeln": [],
        "ltrako": ["transit"], "zfa": ["transit"], "zrk": ["medical_reception"],
        "auditor": ["medical_reception", "transit"],
    }  # fmt: skip
    # Case and flight are for the owner and for whoever applies.
    for name, knows in (("abh", True), ("zfa", True), ("essen", False), ("ltrako", False), ("auditor", False)):
        trip = only(house, name, kind="transit")["trip"]
        assert (trip is not None) is knows, name
    medical = only(house, "zrk")["id"]
    for name in ("zfa", "essen", "ltrako", "abh-other"):
        assert house[name].call("GET", f"/clearances/{medical}").status_code == 404
    refused(house["zfa"].call("POST", f"/clearances/{medical}/apply", {}, if_match="*"), 404, "not_found")


@SQLITE
def test_a_consent_lets_a_waiting_request_be_matched_at_once(house: House, desk: Desk) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    before = len(desk.matches())
    act(house, "zfa", key, "grant", {})
    assert [(each["reason"], each["requests"]) for each in desk.matches()[before:]] == [
        ("clearance_granted", [request])
    ]


# --- red --------------------------------------------------------------------------------------------------------------


def test_an_open_one_warns_two_days_before_and_is_red_one_day_before_once_each(house: House, desk: Desk) -> None:
    request = pooled(house)
    proposal = desk.propose(request, house.duty(), respond=hours(0))
    house["essen"].do(f"/proposals/{proposal}/confirm")
    key = only(house)["id"]
    pickup = desk.proposal(proposal).pickup_at
    version = only(house)["version"]

    def tick(at: datetime) -> tuple[int, int]:
        house.now = at
        done = clockwork.tick(house.store, at, house.context.settings)
        return done.clearances_warned, done.clearances_red

    assert tick(pickup - timedelta(hours=48, seconds=1)) == (0, 0)
    assert tick(pickup - timedelta(hours=48)) == (1, 0)
    assert tick(pickup - timedelta(hours=47)) == (0, 0)
    for name in ("zfa", "abh", "essen"):
        assert "clearance_due" in kinds(house, name), name
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is False
    assert tick(pickup - timedelta(hours=24, seconds=1)) == (0, 0)
    assert tick(pickup - timedelta(hours=24)) == (0, 1)
    assert tick(pickup - timedelta(hours=23)) == (0, 0)
    for name in ("zfa", "abh", "essen"):
        assert "clearance_red" in kinds(house, name), name
    for name in ("essen", "abh", "ltrako"):
        assert house[name].get(f"/proposals/{proposal}")["is_red"] is True
        assert [each["is_red"] for each in house[name].get("/proposals")["items"]] == [True]
    # The clock leaves the version: who read the clearance before may still decide.
    assert only(house)["version"] == version
    act(house, "zfa", key, "apply", {})
    act(house, "zfa", key, "grant", {})
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is False
    assert "clearance_red" not in kinds(house, "essen") + kinds(house, "abh") + kinds(house, "zfa")
    house.check()


@SQLITE
def test_a_refusal_turns_a_proposal_red_at_once(house: House, desk: Desk) -> None:
    request = pooled(house)
    proposal = desk.propose(request, house.duty())
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is False
    act(house, "zfa", key, "refuse", {"code": "state_refuses"})
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is True
    house.tick()
    assert "clearance_red" in kinds(house, "essen")
    assert "clearance_red" in kinds(house, "abh")


@SQLITE
def test_a_zab_is_not_told_that_somebody_needs_medical_reception(house: House, desk: Desk) -> None:
    listen(house, ["essen"])
    body = request_body(1, destination="TR", needs_medical_reception=True) | {"enter_as": "pool"}
    request = house["abh"].call("POST", "/requests", body).json()["id"]
    proposal = desk.propose(request, house.duty())
    act(house, "zrk", only(house, "zrk")["id"], "apply", {})
    act(house, "zrk", only(house, "zrk")["id"], "refuse", {"code": "no_reception"})
    house.tick()
    assert "clearance_red" in kinds(house, "essen")
    said = str(house["essen"].get("/notices")) + str(told(house, "essen"))
    said += house["essen"].call("GET", f"/proposals/{proposal}").text
    assert told(house, "essen")
    assert "medical" not in said
    assert "no_reception" not in said


# --- another date -----------------------------------------------------------------------------------------------------


def test_the_abh_accepts_another_date_and_a_promise_ends_with_a_new_match(house: House, desk: Desk) -> None:
    request, duty, proposal = _confirmed(house, desk)
    house.duty("zab:essen", days=2)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {"reference": "DB-7"})
    offered = act(house, "zfa", key, "offer-date", {"on": "2026-10-07"})
    assert (offered["state"], offered["alternative_on"]) == ("alternative", "2026-10-07")
    assert kinds(house, "abh") == ["clearance_alternative"]
    before = len(desk.matches())
    gone = act(house, "abh", key, "accept-date")
    assert (gone["state"], gone["alternative_on"]) == ("not_needed", None)

    row = desk.request(request)
    assert (row.state.value, row.pickup_from, row.pickup_to) == ("pooled", hours(5, days=2), hours(7, days=2))
    assert (row.delivery_from, row.delivery_to) == (hours(6, days=2), hours(9, days=2))
    assert datetime.fromisoformat(row.content["departure"]) == hours(11, days=2)
    ended = desk.proposal(proposal)
    assert (ended.standing.value, ended.end_code) == ("withdrawn", "date_moved")
    assert desk.stops(duty) == []
    step = desk.decisions(request)[-1]
    assert (step.action.value, step.code, step.details["left_day"]) == ("move_date", "date_moved", "2026-10-05")
    assert "date_moved" in kinds(house, "essen")
    assert desk.bars(request) == [], "it was the owner's date, not the ZAB's refusal"
    assert [each["requests"] for each in desk.matches()[before:]] == [[request]]
    new = only(house)
    assert (new["state"], new["reference"]) == ("needed", "DB-7")
    assert audited(house, key)[-2:] == ["accept_date", "lapse"]
    (october,) = [
        each for each in house["koeln"].get("/ledger?month=2026-10")["zabs"] if each["zab"] == "zab:essen"
    ]  # fmt: skip
    assert (october["accepted"]["requests"], october["released"], october["backed_out"]) == (1, 1, 0)
    house.match()
    again = house.offer_of(request)
    assert again is not None
    assert again["pickup_at"].startswith("2026-10-07")
    house.check()


@SQLITE
def test_a_date_that_does_not_suit_is_asked_for_again(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    for wrong in ("2026-10-05", "2026-09-30"):
        act(house, "zfa", key, "offer-date", {"on": wrong}, status=422)
    act(house, "zfa", key, "offer-date", {"on": "2026-10-06"})
    back = act(house, "abh", key, "decline-date")
    assert (back["state"], back["alternative_on"]) == ("needed", None)
    assert kinds(house, "zfa") == ["clearance_needed"]
    act(house, "abh", key, "accept-date", status=409)


@SQLITE
def test_what_is_only_proposed_is_amended_and_keeps_its_time_of_the_clock_when_summer_time_ends(house: House) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    act(house, "zfa", key, "offer-date", {"on": "2026-10-26"})
    act(house, "abh", key, "accept-date")
    shown = house["abh"].get(f"/requests/{request}")
    # 07:00 in Berlin, before and after the clocks go back.
    assert datetime.fromisoformat(shown["content"]["pickup"]["earliest"]) == datetime.fromisoformat("2026-10-26T06:00Z")
    steps = [each["action"] for each in house["abh"].get(f"/requests/{request}/decisions")["items"]]
    assert sorted(steps) == ["amend", "pool"]


def test_a_date_moves_for_other_reasons_too(house: House, desk: Desk) -> None:
    request, duty, _ = _confirmed(house, desk)
    house["essen"].do(f"/proposals/{house.offer_of(request)['id']}/freeze")  # type: ignore[index]
    key = only(house)["id"]
    path = f"/requests/{request}/move"
    refused(house["abh"].call("POST", path, {"to": "2026-10-06", "code": "other"}, if_match="*"), 422, "reason_missing")
    refused(
        house["abh"].call("POST", path, {"to": "2026-10-05", "code": "date_moved"}, if_match="*"), 422, "value_refused"
    )
    refused(house["abh"].call("POST", path, {"to": "2026-10-06", "code": "date_moved"}), 428, "version_missing")
    assert house["essen"].call("POST", path, {"to": "2026-10-06", "code": "date_moved"}).status_code == 403
    other = house["abh-other"].call("POST", path, {"to": "2026-10-06", "code": "date_moved"}, if_match="*")
    assert other.status_code == 404
    house["abh"].do(path, {"to": "2026-10-06", "code": "flight_rebooked"})
    assert house.state(request) == "pooled"
    assert desk.stops(duty) == []
    assert only(house)["id"] != key
    house.check()


@SQLITE
def test_once_under_way_no_date_moves(house: House, desk: Desk) -> None:
    request, _, proposal = _confirmed(house, desk)
    house.now = desk.proposal(proposal).pickup_at
    house["essen"].do(f"/proposals/{proposal}/depart")
    answer = house["abh"].call(
        "POST", f"/requests/{request}/move", {"to": "2026-10-06", "code": "date_moved"}, if_match="*"
    )
    assert answer.status_code == 409
    assert house.state(request) == "under_way"


def test_a_first_round_promise_that_moves_was_never_in_the_ledger(house: House, desk: Desk) -> None:
    duty = house.duty()
    body = with_stop_over(1) | {"enter_as": "ask", "zab": "zab:essen"}
    body.pop("rejection")
    request = house["abh"].call("POST", "/requests", body).json()["id"]
    house["essen"].do(f"/requests/{request}/accept", {"duty_id": duty})
    house["abh"].do(f"/requests/{request}/move", {"to": "2026-10-06", "code": "date_moved"})
    assert house.state(request) == "pooled"
    assert desk.ledger() == []


# --- medical reception ------------------------------------------------------------------------------------------------


def test_an_abh_asks_the_zrk_for_a_request_that_is_promised(house: House, desk: Desk) -> None:
    request, _, proposal = desk.confirmed()
    path = f"/requests/{request}/medical-reception"
    refused(house["abh"].call("POST", path, {}, if_match="*"), 422, "value_refused")
    refused(house["abh"].call("POST", path, {"destination": "TR"}), 428, "version_missing")
    assert house["abh-other"].call("POST", path, {"destination": "TR"}, if_match="*").status_code == 404
    made = house["abh"].call("POST", path, {"destination": "TR"}, if_match="*")
    assert made.status_code == 201, made.text
    assert (made.json()["kind"], made.json()["state"], made.json()["subject"]) == ("medical_reception", "needed", "TR")
    refused(house["abh"].call("POST", path, {}, if_match="*"), 409, "exists_already")
    assert house.state(request) == "confirmed"
    assert house["abh"].get(f"/requests/{request}")["content"]["needs_medical_reception"] is True
    assert kinds(house, "zrk") == ["clearance_needed"]
    assert desk.proposal(proposal).standing.value == "live"
    house.check()


@SQLITE
def test_a_repeated_call_asks_once(house: House) -> None:
    request = house.pooled(1, destination="TR")
    path, key = f"/requests/{request}/medical-reception", {"Idempotency-Key": "once"}
    first = house["abh"].call("POST", path, {}, if_match="*", **key)
    second = house["abh"].call("POST", path, {}, if_match="*", **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(clearances(house, "zrk")) == 1


@SQLITE
def test_a_draft_states_it_itself(house: House) -> None:
    draft = house["abh"].call("POST", "/requests", request_body(1) | {"enter_as": "draft"}).json()["id"]
    answer = house["abh"].call("POST", f"/requests/{draft}/medical-reception", {"destination": "TR"}, if_match="*")
    refused(answer, 409, "state_forbids")


@SQLITE
def test_what_is_not_needed_any_more_is_taken_back_and_stays_so(house: House) -> None:
    request = house.pooled(1, destination="TR", needs_medical_reception=True)
    key = only(house, "zrk")["id"]
    act(house, "zrk", key, "apply", {})
    assert act(house, "abh", key, "withdraw")["state"] == "not_needed"
    assert kinds(house, "zrk") == ["clearance_lapsed"]
    assert house["abh"].get(f"/requests/{request}")["content"]["needs_medical_reception"] is False
    amended(house, request, request_body(1, destination="TR", luggage=1))
    assert clearances(house, "zrk") == []


@SQLITE
def test_a_stop_over_needs_transit_whatever_its_owner_says(house: House) -> None:
    pooled(house)
    act(house, "abh", only(house, "abh")["id"], "withdraw", status=409)


# --- documents for the airport office ---------------------------------------------------------------------------------


def test_the_set_for_the_airport_office_is_recorded_and_says_what_is_missing(house: House) -> None:
    pooled(house)
    key = only(house)["id"]
    path = f"/clearances/{key}/dispatches"
    catalogue = house["abh"].get("/clearances/catalogue")
    required = [each["code"] for each in catalogue["documents"] if each["is_required"]]
    assert house["zfa"].get(path) == {"items": [], "missing": required, "is_complete": False}
    house.later(hours=2)
    sent_at = (house.now - timedelta(hours=1)).isoformat()
    first = house["zfa"].call("POST", path, {"office": "bpol:DUS", "documents": required[:4], "sent_at": sent_at})
    assert first.status_code == 201, first.text
    assert house["abh"].get(path)["missing"] == required[4:]
    rest = {"office": "bpol:DUS", "documents": [*required[4:], "luggage_notice"]}
    assert house["zfa"].call("POST", path, rest).status_code == 201
    found = house["abh"].get(path)
    assert (found["is_complete"], [each["office"] for each in found["items"]]) == (True, ["bpol:DUS", "bpol:DUS"])
    assert datetime.fromisoformat(found["items"][0]["sent_at"]) == house.now - timedelta(hours=1)
    assert audited(house, key)[-2:] == ["dispatched", "dispatched"]
    assert house["essen"].call("GET", path).status_code == 404


@SQLITE
@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"office": "bpol:FRA"}, "/office"), ({"office": "bpol:XXX"}, "/office"),
        ({"documents": ["diagnosis"]}, "/documents/0"), ({"documents": ["court_order", "court_order"]}, "/documents"),
        ({"sent_at": hours(0).isoformat()}, "/sent_at"), ({"sent_at": hours(-900).isoformat()}, "/sent_at"),
    ],
    ids=["other airport", "unknown office", "unknown document", "twice", "to come", "before"],
)  # fmt: skip
def test_what_cannot_be_is_not_recorded(house: House, change: dict[str, Any], path: str) -> None:
    pooled(house)
    key = only(house)["id"]
    body = {"office": "bpol:DUS", "documents": ["court_order"]} | change
    problem = refused(house["zfa"].call("POST", f"/clearances/{key}/dispatches", body), 422, "value_refused")
    assert [each["path"] for each in problem["errors"]] == [path]
    assert house["zfa"].get(f"/clearances/{key}/dispatches")["items"] == []


@SQLITE
def test_the_catalogue_has_everything_in_both_languages(house: House) -> None:
    found = house["auditor"].get("/clearances/catalogue")
    for name in ("kinds", "states", "refusals", "workflow", "documents", "offices"):
        assert found[name]
        assert all(each["text"]["de"] and each["text"]["en"] for each in found[name])
    assert len(found["workflow"]) == 22
    assert FLIGHT["stop_overs"] == ["IST"]


def test_of_each_kind_one_counts(house: House, desk: Desk) -> None:
    """Whatever is called at once: the database keeps a second live clearance from being there."""
    pooled(house)
    twin = desk.read(lambda session: session.scalars(select(Clearance)).unique().one())

    def work(session: Session) -> None:
        session.add(
            Clearance(
                request_id=twin.request_id, kind=twin.kind, state=twin.state, subject="IST", apply_by=house.now,
                decide_by=house.now, created_at=house.now, updated_at=house.now,
            )
        )  # fmt: skip

    with pytest.raises(IntegrityError):
        house.store.write(work)
    assert only(house)["id"] == str(twin.id)


def _confirmed(house: House, desk: Desk) -> tuple[str, str, str]:
    request, duty = pooled(house), house.duty()
    proposal = desk.propose(request, duty)
    house["essen"].do(f"/proposals/{proposal}/confirm")
    return request, duty, proposal
