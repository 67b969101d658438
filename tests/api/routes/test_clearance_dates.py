"""What an ABH says to a clearance: another date, medical reception; and the papers for the airport office."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db.tables import Clearance
from tests.api.clearance_world import (
    FLIGHT,
    act,
    amended,
    audited,
    clearances,
    confirmed,
    kinds,
    only,
    pooled,
    with_stop_over,
)
from tests.api.decision_world import Desk, refused
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


# --- another date -----------------------------------------------------------------------------------------------------


def test_the_abh_accepts_another_date_and_a_promise_ends_with_a_new_match(house: House, desk: Desk) -> None:
    request, duty, proposal = confirmed(house, desk, reference="DB-7")
    house.duty("zab:essen", days=2)
    key = only(house)["id"]
    offered = act(house, "zfa", key, "offer-date", {"on": "2026-10-07"})
    assert (offered["state"], offered["alternative_on"]) == ("alternative", "2026-10-07")
    assert kinds(house, "abh") == ["clearance_alternative", "gate_closed"]
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
    act(house, "zfa", new["id"], "apply", {})
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
    request, duty, _ = confirmed(house, desk)
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
    request, _, proposal = confirmed(house, desk)
    act(house, "zfa", only(house)["id"], "grant", {})
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
    act(house, "zfa", only(house)["id"], "apply", {})
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
