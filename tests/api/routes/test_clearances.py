"""Clearances through HTTP: raised by the request, worked by ZFA and ZRK, told to the ABH, red before the pick-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.schemas.gates import CLEAR
from api.services import clockwork
from tests.api.clearance_world import (
    act,
    amended,
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
    # Nobody is offered a measure for which nobody has applied.
    act(house, "zfa", only(house)["id"], "apply", {})
    act(house, "zrk", only(house, "zrk")["id"], "apply", {})
    act(house, "zrk", only(house, "zrk")["id"], "grant", {})
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
    before = len(desk.matches())
    act(house, "zfa", key, "apply", {})
    # Applied for opens the gate: it is matched from then on, and consent changes nothing of that.
    assert [(each["reason"], each["requests"]) for each in desk.matches()[before:]] == [("gate_opened", [request])]
    act(house, "zfa", key, "refuse", {"code": "state_refuses"})
    act(house, "zfa", key, "apply", {})
    act(house, "zfa", key, "grant", {})
    assert [each["requests"] for each in desk.matches()[before:]] == [[request], [request]]


# --- red --------------------------------------------------------------------------------------------------------------


def test_an_open_one_warns_two_days_before_and_is_red_one_day_before_once_each(house: House, desk: Desk) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    proposal = desk.propose(request, house.duty(), respond=hours(0))
    house["essen"].do(f"/proposals/{proposal}/confirm")
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
    assert "clearance_red" in kinds(house, "zfa")
    for name in ("abh", "essen"):
        # Of one thing they are told once: that the gate of it is closed.
        assert ("gate_closed" in kinds(house, name), "clearance_red" in kinds(house, name)) == (True, False), name
    for name in ("essen", "abh", "ltrako"):
        assert house[name].get(f"/proposals/{proposal}")["is_red"] is True
        assert [each["is_red"] for each in house[name].get("/proposals")["items"]] == [True]
    # The clock leaves the version: who read the clearance before may still decide.
    assert only(house)["version"] == version
    act(house, "zfa", key, "grant", {})
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is False
    told = kinds(house, "essen") + kinds(house, "abh") + kinds(house, "zfa")
    assert not {"clearance_red", "gate_closed"} & set(told)
    house.check()


@SQLITE
def test_a_refusal_turns_a_proposal_red_at_once(house: House, desk: Desk) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    proposal = desk.propose(request, house.duty())
    house["essen"].do(f"/proposals/{proposal}/confirm")
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is False
    act(house, "zfa", key, "refuse", {"code": "state_refuses"})
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is True
    assert "gate_closed" in kinds(house, "essen")
    house.tick()
    assert "clearance_red" in kinds(house, "zfa")
    assert "clearance_red" not in kinds(house, "essen") + kinds(house, "abh")


@SQLITE
def test_who_settled_that_the_gate_is_closed_or_knows_of_another_one_is_told_of_a_red_one(
    house: House, desk: Desk
) -> None:
    for number, is_another in ((1, False), (2, True)):
        request = pooled(house, number)
        (key,) = [each["id"] for each in clearances(house) if each["request_id"] == request]
        act(house, "zfa", key, "apply", {})
        proposal = desk.propose(request, house.duty())
        house["essen"].do(f"/proposals/{proposal}/confirm")
        if is_another:
            gates = dict(CLEAR) | {"court_order": None}
            house["abh"].call("PUT", f"/requests/{request}/gates", gates, if_match="*")
        act(house, "zfa", key, "refuse", {"code": "state_refuses"})
        closed = [each for each in house["essen"].get("/notices")["items"] if each["kind"] == "gate_closed"]
        if not is_another:
            for each in closed:
                house["essen"].do(f"/notices/{each['id']}/done")
        house.tick()
        red = [each for each in house["essen"].get("/notices")["items"] if each["kind"] == "clearance_red"]
        assert key in {each["subject_id"] for each in red}, is_another


@SQLITE
def test_a_zab_is_not_told_that_somebody_needs_medical_reception(house: House, desk: Desk) -> None:
    listen(house, ["essen"])
    body = request_body(1, destination="TR", needs_medical_reception=True) | {"enter_as": "pool"}
    request = house["abh"].call("POST", "/requests", body).json()["id"]
    seen = [house["essen"].call("GET", path).text for path in ("/pool", f"/requests/{request}")]
    assert "precondition" in seen[0]
    for step in ("apply", "grant"):
        act(house, "zrk", only(house, "zrk")["id"], step, {})
    proposal = desk.propose(request, house.duty())
    house["essen"].do(f"/proposals/{proposal}/confirm")
    act(house, "zrk", only(house, "zrk")["id"], "refuse", {"code": "no_reception"})
    house.tick()
    assert "gate_closed" in kinds(house, "essen")
    house.now = datetime.fromisoformat(house["essen"].get(f"/proposals/{proposal}")["pickup_at"])
    depart = house["essen"].call("POST", f"/proposals/{proposal}/depart", {}, if_match="*")
    assert depart.json()["code"] == "gate_closed"
    paths = (
        f"/proposals/{proposal}", "/proposals", f"/requests/{request}", "/requests", f"/requests/{request}/reasons",
        f"/requests/{request}/history", f"/requests/{request}/overrides",
    )  # fmt: skip
    seen += [house["essen"].call("GET", path).text for path in paths]
    assert house["abh"].get(f"/requests/{request}")["content"]["needs_medical_reception"] is True
    assert house["essen"].get(f"/requests/{request}")["content"].pop("needs_medical_reception") is None
    said = "".join(seen).replace('"needs_medical_reception":null', "") + depart.text
    said += str(house["essen"].get("/notices")) + str(told(house, "essen"))
    assert told(house, "essen")
    assert "medical" not in said
    assert "no_reception" not in said
