"""Gates through HTTP, on both databases: who is blocked enters no run, loses an offer, and does not depart."""

from __future__ import annotations

import threading
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.db.tables import AuditEntry, Clearance, ClearanceKind, ClearanceState, Notice, Run, RunState, TransportRequest
from api.jobs.matches import take_matches
from api.jobs.solving import Steps
from api.repositories.runs import live_runs
from api.schemas.gates import CLEAR
from api.services import gatekeeping, runs, steps
from tests.api.decision_world import Desk
from tests.api.house import House, request_body

ORDER_OPEN = {name: value for name, value in CLEAR.items() if name != "court_order"}
PENDING = CLEAR | {"urgent_application": "pending"}
UNCHECKED = {name: value for name, value in CLEAR.items() if name != "fitness_to_travel"}


def state_gates(house: House, request: str, gates: Any, *, by: str = "abh", status: int = 200) -> Any:
    record = house[by].call("GET", f"/requests/{request}")
    answer = house[by].call("PUT", f"/requests/{request}/gates", gates, if_match=record.headers.get("ETag", "*"))
    assert answer.status_code == status, answer.text
    return answer.json()


def closed(shown: Any) -> list[str]:
    return [each["gate"] for each in shown["gates"] if each["state"] == "closed"]


def clear(house: House, request: str, kind: ClearanceKind, state: ClearanceState, **fields: Any) -> None:
    """Let a clearance stand like this, past its workflow, and let follow what follows."""
    with house.store.writing() as session:
        row = steps.lock_request(session, uuid.UUID(request))
        assert row is not None
        before = gatekeeping.of_request(session, row, now=house.now)
        known = session.scalars(
            select(Clearance).where(Clearance.request_id == row.id, Clearance.kind == kind)
        ).one_or_none()  # fmt: skip
        if known is None:
            known = Clearance(
                request_id=row.id, kind=kind, subject="IST", apply_by=house.now, decide_by=house.now,
                created_at=house.now,
            )  # fmt: skip
            session.add(known)
        known.state, known.updated_at = state, house.now
        decided = state in (ClearanceState.GRANTED, ClearanceState.REFUSED, ClearanceState.ALTERNATIVE)
        known.decided_at = house.now if decided else None
        known.alternative_on = date(2026, 10, 9) if state is ClearanceState.ALTERNATIVE else None
        session.flush()
        gatekeeping.changed(session, row, before, now=house.now)


def notices(house: House, name: str) -> list[tuple[str, str | None]]:
    items = house[name].get("/notices?limit=200")["items"]
    return sorted((item["kind"], item["code"]) for item in items if item.get("done_at") is None)


# --- into a run -------------------------------------------------------------------------------------------------------


def test_a_blocked_request_never_enters_a_run_and_says_why(house: House) -> None:
    house.duty("zab:essen")
    blocked, free = house.pooled(1, gates=ORDER_OPEN), house.pooled(2)
    assert house.match() == 1
    assert house.state(blocked) == "pooled"
    assert house.state(free) == "proposed"
    with house.store.reading() as session:
        (run,) = session.scalars(select(Run))
        assert blocked not in run.versions["requests"]
        assert {"kind": "request", "id": blocked, "code": "court_order"} in run.summary["left_out"]

    shown = house["abh"].get(f"/requests/{blocked}/gates")
    assert (shown["is_blocked"], closed(shown), shown["stated"]["court_order"]) == (True, ["court_order"], None)
    gate = shown["gates"][0]
    assert (gate["code"], gate["who"], gate["may_be_lifted"]) == ("not_stated", ["abh"], False)
    assert "2 BvR 460/25" in gate["law"]
    assert house["abh"].get(f"/requests/{blocked}")["blocked_by"] == ["court_order"]
    first = house["abh"].get(f"/requests/{blocked}/reasons")["items"][0]
    assert (first["zab"], first["obstacle"], first["rule"]) == (None, "gate", "court_order")
    assert "richterliche Anordnung" in first["texts"]["de"]
    other = house["koeln"].get(f"/requests/{blocked}/reasons")["items"][0]
    assert other["texts"]["de"] == "Voraussetzung nicht erfüllt: richterliche Anordnung."
    assert other["actions"]["en"] == "It can be cleared by: ABH."
    board = {item["id"]: item["blocked_by"] for item in house["koeln"].get("/pool")["items"]}
    assert board == {blocked: ["court_order"], free: []}
    house.check()


def test_a_cleared_gate_is_matched_at_once(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1, gates={})
    house.match()
    assert house.offer_of(request) is None
    assert closed(state_gates(house, request, ORDER_OPEN)) == ["court_order"]
    assert house.match() == 0, "it is still blocked: nothing to be matched"
    assert state_gates(house, request, CLEAR)["is_blocked"] is False
    assert house.match() == 1
    assert house.state(request) == "proposed"
    house.check()


def test_why_a_gate_is_closed_is_told_to_nobody_who_need_not_know(house: House) -> None:
    """Whether somebody is fit to travel is about health; others learn which gate, and who can clear it."""
    duty = house.duty("zab:essen")
    unfit = house.pooled(1, gates=CLEAR | {"fitness_to_travel": "unfit"})
    assert "Nicht reisefähig" in house["abh"].call("GET", f"/requests/{unfit}/reasons").text
    wish = {"request_id": unfit, "duty_id": duty}
    for answer in (
        house["essen"].call("GET", f"/requests/{unfit}/reasons"), house["essen"].call("GET", "/pool"),
        house["ltrako"].call("GET", f"/requests/{unfit}"), house["essen"].call("POST", "/assignments/checks", wish),
        house["essen"].call("POST", "/assignments", wish),
    ):  # fmt: skip
        assert "fitness_to_travel" in answer.text
        assert "unfit" not in answer.text
        assert "reisefähig:" not in answer.text.lower()


def test_gates_are_stated_by_the_owner_alone_and_the_log_tells_names_only(house: House) -> None:
    request = house.pooled(1, gates={})
    path = f"/requests/{request}/gates"
    for name, status in (("abh-other", 404), ("essen", 403), ("zfa", 403), ("auditor", 403)):
        assert house[name].call("GET", path).status_code == status
        assert house[name].call("PUT", path, CLEAR, if_match="*").status_code == status
    assert house["abh"].call("PUT", path, CLEAR).status_code == 428
    assert house["abh"].call("PUT", path, CLEAR, if_match='"77"').status_code == 412
    assert house["abh"].call("PUT", path, {"diagnosis": "x"}, if_match="*").status_code == 422
    state_gates(house, request, CLEAR | {"court_order": "present"})
    with house.store.reading() as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "gates_stated"))
        assert line.details == {
            "fields": ["announcement", "court_order", "fitness_to_travel", "urgent_application"]
        }  # fmt: skip
    house["abh"].do(f"/requests/{request}/cancel", {"code": "measure_ended"})
    assert state_gates(house, request, ORDER_OPEN, status=409)["code"] == "state_forbids"


def test_whoever_is_in_a_bundle_with_a_blocked_one_waits_too(house: House) -> None:
    house.duty("zab:essen")
    free = house.pooled(1, bundle="B-1")
    blocked = house.pooled(2, bundle="B-1", gates=PENDING, pickup=(8, 9), handover=(9, 11))
    house.match()
    assert [house.state(each) for each in (free, blocked)] == ["pooled", "pooled"]
    state_gates(house, blocked, CLEAR)
    house.match()
    assert [house.state(each) for each in (free, blocked)] == ["proposed", "proposed"]
    house.check()


def test_a_gate_that_closes_between_run_and_publication_beats_it(house: House) -> None:
    house.duty("zab:essen")
    blocked, other = house.pooled(1), house.pooled(2)
    with house.store.writing() as session:
        take_matches(session, house.context.settings, now=house.now)
    with house.store.reading() as session:
        (key,) = [run.id for run in live_runs(session) if run.state is RunState.QUEUED]
    worker = Steps(context=house.context, worker="test", stop=threading.Event())
    with house.store.writing() as session:
        assert runs.begin(session, key, "test", now=house.now) is not None
    worker.prepare(str(key))
    worker.solve(str(key))
    state_gates(house, blocked, PENDING)
    worker.publish(str(key))
    assert house.state(blocked) == "pooled"
    assert house.state(other) == "proposed"
    house.check()


# --- an offer, and a promise ------------------------------------------------------------------------------------------


def test_a_gate_that_closes_withdraws_an_offer_and_frees_the_seat(house: House) -> None:
    house.duty("zab:essen", seats=5)
    request = house.pooled(1, people=[{"age": "adult", "sex": "m", "count": 3}])
    house.match()
    other = house.pooled(2, people=[{"age": "adult", "sex": "m", "count": 2}], pickup=(5, 6), handover=(6, 8))
    offer = house.offer_of(request)
    assert offer is not None
    shown = state_gates(house, request, PENDING)
    assert closed(shown) == ["urgent_application"]
    assert house.state(request) == "pooled"
    ended = house["essen"].get(f"/proposals/{offer['id']}")
    assert (ended["standing"], ended["end_code"], ended["is_red"]) == ("lost", "urgent_application", False)
    assert ("proposal_lost", "urgent_application") in notices(house, "essen")
    house.match()
    assert house.state(request) == "pooled"
    assert house.state(other) == "proposed"
    house.check()


def test_a_counter_proposal_is_withdrawn_too(house: House) -> None:
    desk = Desk(house)
    request, _, proposal = desk.offered()
    offer = house["essen"].get(f"/proposals/{proposal}")
    later = (datetime.fromisoformat(offer["pickup_at"]) - timedelta(minutes=20)).isoformat()
    house["essen"].do(f"/proposals/{proposal}/counter", {"code": "other_time", "pickup_at": later})
    state_gates(house, request, PENDING)
    assert house.state(request) == "pooled"
    house.check()


def test_between_proposal_and_confirmation_the_gate_is_looked_at_again(house: House) -> None:
    """Past the use case that withdraws it: as if the gate had closed with time alone."""
    desk = Desk(house)
    request, _, proposal = desk.offered()
    desk.change(TransportRequest, request, gates=ORDER_OPEN)
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is True
    told = house["essen"].do(f"/proposals/{proposal}/confirm", status=409)
    assert told["code"] == "gate_closed"
    assert [(each["gate"], each["code"], each["who"]) for each in told["gates"]] == [
        ("court_order", "not_stated", ["abh"])
    ]  # fmt: skip
    assert told["violations"][0]["rule"] == "court_order"
    assert house.state(request) == "pooled", "the offer is withdrawn"
    assert house["essen"].get(f"/proposals/{proposal}")["end_code"] == "court_order"
    assert ("gate_closed", "court_order") in notices(house, "abh")
    house.check()


@pytest.mark.parametrize("what", ["meet", "accept-counter", "return-decline", "provisional"])
def test_every_other_promise_looks_at_the_gates(house: House, what: str) -> None:
    desk = Desk(house)
    request, _, proposal = desk.offered()
    path = f"/proposals/{proposal}"
    condition = {
        "code": "vehicle_pending", "condition": "Fahrzeug", "owner": "zab:essen",
        "until": (house.now + timedelta(hours=6)).isoformat(),
    }  # fmt: skip
    caller, call, body = house["essen"], "", None
    if what == "meet":
        house["essen"].do(f"{path}/confirm-provisionally", condition)
        call = "meet-condition"
    elif what == "accept-counter":
        at = datetime.fromisoformat(house["essen"].get(path)["pickup_at"]) - timedelta(minutes=20)
        house["essen"].do(f"{path}/counter", {"code": "other_time", "pickup_at": at.isoformat()})
        caller, call = house["abh"], "accept-counter"
    elif what == "return-decline":
        house["essen"].do(f"{path}/decline", {"code": "distance"})
        caller, call, body = house["ltrako"], "return-decline", {"code": "agreed"}
    else:
        call, body = "confirm-provisionally", condition
    before = house.state(request)
    desk.change(TransportRequest, request, gates=PENDING)
    told = caller.do(f"{path}/{call}", body, status=409)
    assert (told["code"], told["gates"][0]["gate"]) == ("gate_closed", "urgent_application")
    assert house.state(request) == ("pooled" if what == "provisional" else before)
    house.check()


def test_by_hand_and_in_the_first_round_too(house: House) -> None:
    duty = house.duty("zab:essen")
    blocked = house.pooled(1, gates=ORDER_OPEN)
    wish = {"request_id": blocked, "duty_id": duty}
    check = house["essen"].call("POST", "/assignments/checks", wish)
    assert check.status_code == 200, check.text
    assert "court_order" in check.text
    told = house["essen"].call("POST", "/assignments", wish)
    assert (told.status_code, told.json()["code"]) == (409, "gate_closed")
    asked = (
        house["abh"]
        .call("POST", "/requests", dict(request_body(2, gates=PENDING)) | {"enter_as": "ask", "zab": "zab:essen"})
        .json()["id"]
    )
    told = house["essen"].do(f"/requests/{asked}/accept", {"duty_id": duty}, status=409)
    assert (told["code"], told["gates"][0]["gate"]) == ("gate_closed", "urgent_application")
    state_gates(house, blocked, CLEAR)
    assert house["essen"].call("POST", "/assignments", wish).status_code == 201
    state_gates(house, asked, CLEAR)
    house.check()


def test_a_promise_turns_red_and_does_not_depart(house: House) -> None:
    desk = Desk(house)
    request, _, proposal = desk.confirmed()
    path = f"/proposals/{proposal}"
    tag = house["essen"].call("GET", path).headers["ETag"]
    state_gates(house, request, PENDING)
    shown = house["essen"].get(path)
    assert (shown["state"], shown["is_red"], shown["blocked_by"]) == ("confirmed", True, ["urgent_application"])
    (listed,) = house["essen"].get("/proposals?standing=live")["items"]
    assert (listed["is_red"], listed["blocked_by"]) == (True, ["urgent_application"])
    for name in ("essen", "abh"):
        assert ("gate_closed", "urgent_application") in notices(house, name)
    assert house["essen"].call("POST", f"{path}/freeze", if_match=tag).status_code == 412, (
        "it was seen before it was red"
    )
    house.now = datetime.fromisoformat(shown["pickup_at"])
    told = house["essen"].do(f"{path}/depart", status=409)
    assert (told["code"], told["gates"][0]["gate"]) == ("gate_closed", "urgent_application")
    state_gates(house, request, CLEAR | {"urgent_application": "rejected"})
    assert house["essen"].get(path)["is_red"] is False
    assert not [each for each in notices(house, "essen") if each[0] == "gate_closed"], "settled with it"
    house["essen"].do(f"{path}/depart")
    house.check()


def test_a_promised_trip_whose_gate_closes_again_is_told_again(house: House) -> None:
    desk = Desk(house)
    request, _, _ = desk.confirmed()
    for _ in range(2):
        state_gates(house, request, PENDING)
        assert ("gate_closed", "urgent_application") in notices(house, "essen")
        state_gates(house, request, CLEAR)
        assert ("gate_closed", "urgent_application") not in notices(house, "essen")


# --- clearances -------------------------------------------------------------------------------------------------------


def test_transit_opens_when_it_is_applied_for_and_turns_red_a_day_before(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1, stop_overs=["IST"])
    house.match()
    assert house["abh"].get(f"/requests/{request}")["blocked_by"] == ["transit"]
    clear(house, request, ClearanceKind.TRANSIT, ClearanceState.APPLIED)
    assert house.match() == 1
    offer = house.offer_of(request)
    assert offer is not None
    (gate,) = [e for e in house["abh"].get(f"/requests/{request}/gates")["gates"] if e["gate"] == "transit"]
    assert (gate["state"], gate["is_warning"], gate["who"]) == ("open", True, ["zfa"])
    house["essen"].do(f"/proposals/{offer['id']}/confirm")

    house.now = datetime.fromisoformat(offer["pickup_at"]) - timedelta(hours=24)
    house.tick()
    assert house["essen"].get(f"/proposals/{offer['id']}")["blocked_by"] == ["transit"]
    assert ("gate_closed", "transit") in notices(house, "essen")
    with house.store.writing() as session:
        for row in session.scalars(select(Notice).where(Notice.kind == "gate_closed")):
            row.done_at = house.now
    house.tick()
    assert ("gate_closed", "transit") not in notices(house, "essen"), "told once, and noted by people"
    clear(house, request, ClearanceKind.TRANSIT, ClearanceState.GRANTED)
    assert house["essen"].get(f"/proposals/{offer['id']}")["is_red"] is False
    house.check()


def test_an_offer_whose_transit_is_still_undecided_a_day_before_is_withdrawn(house: House) -> None:
    desk = Desk(house)
    request = house.pooled(1, stop_overs=["IST"])
    clear(house, request, ClearanceKind.TRANSIT, ClearanceState.APPLIED)
    proposal = desk.propose(request, house.duty(), respond=house.now + timedelta(days=30))
    house.now = datetime.fromisoformat(house["essen"].get(f"/proposals/{proposal}")["pickup_at"]) - timedelta(hours=23)
    house.tick()
    ended = house["essen"].get(f"/proposals/{proposal}")
    assert (ended["standing"], ended["end_code"]) == ("lost", "transit")
    assert ("proposal_lost", "transit") in notices(house, "essen")
    assert ("gate_closed", "transit") in notices(house, "abh")


@pytest.mark.parametrize("state", [ClearanceState.REFUSED, ClearanceState.ALTERNATIVE])
def test_a_refusal_turns_a_promise_red(house: House, state: ClearanceState) -> None:
    desk = Desk(house)
    request = house.pooled(1, destination="TR", needs_medical_reception=True)
    clear(house, request, ClearanceKind.MEDICAL_RECEPTION, ClearanceState.GRANTED)
    proposal = desk.propose(request, house.duty())
    house["essen"].do(f"/proposals/{proposal}/confirm")
    clear(house, request, ClearanceKind.MEDICAL_RECEPTION, state)
    # Which gate it is tells of somebody's health: the ZAB learns that a precondition is missing, and no more.
    assert house["essen"].get(f"/proposals/{proposal}")["blocked_by"] == ["precondition"]
    assert house["abh"].get(f"/proposals/{proposal}")["blocked_by"] == ["medical_reception"]
    assert ("gate_closed", "precondition") in notices(house, "essen")
    assert ("gate_closed", "medical_reception") in notices(house, "abh")


# --- overrides --------------------------------------------------------------------------------------------------------


def ask(house: House, request: str, rule: str, *, by: str = "abh", status: int = 202) -> Any:
    body = {"rule": rule, "reason": "Prüfung liegt vor, Blatt wird nachgereicht"}
    answer = house[by].call("POST", f"/requests/{request}/overrides", body)
    assert answer.status_code == status, answer.text
    return answer.json()


def agree(house: House, approval: Any, *, by: str = "abh-second", status: int = 200) -> Any:
    return house[by].do(f"/approvals/{approval['id']}/agree", of=f"/approvals/{approval['id']}", status=status)


def test_two_persons_of_the_owner_let_it_in_and_it_is_counted(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1, gates=UNCHECKED)
    house.match()
    assert house.state(request) == "pooled"
    for name in ("essen", "koeln-lead"):
        assert ask(house, request, "fitness_to_travel", by=name, status=403)["code"] == "role_may_not"
    approval = ask(house, request, "fitness_to_travel")
    assert house.match() == 0, "one person alone lifts nothing"
    agree(house, approval, by="abh", status=409)
    agree(house, approval)
    (gate,) = [
        each for each in house["abh"].get(f"/requests/{request}/gates")["gates"] if each["gate"] == "fitness_to_travel"
    ]
    assert (gate["state"], gate["code"]) == ("waived", "not_stated")
    assert house.match() == 1
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")

    for name in ("ltrako", "auditor", "essen-lead", "koeln-lead"):
        counted = house[name].get("/overrides/monthly?month=2026-10")
        assert counted == {
            "month": "2026-10-01", "night_with_children": 0, "total": 1,
            "items": [{"rule": "fitness_to_travel", "kind": "gate", "count": 1, "requests": 1}],
        }  # fmt: skip
    assert house["ltrako"].get("/overrides/monthly?month=2026-09")["total"] == 0
    assert house["essen"].call("GET", "/overrides/monthly").status_code == 403
    house.check()


@pytest.mark.parametrize(
    "gate", ["court_order", "urgent_application", "announcement", "unaccompanied_minor", "transit"]
)
def test_what_a_court_or_a_law_asks_for_is_nobodys_to_lift(house: House, gate: str) -> None:
    request = house.pooled(1, gates={}, stop_overs=["IST"], people=[{"age": "14-17", "sex": "m", "count": 1}])
    told = ask(house, request, gate, status=422)
    assert told["code"] == "value_refused"
    assert "fitness_to_travel" in told["errors"][0]["expected"]


def test_a_no_is_never_lifted_not_even_one_that_comes_in_between(house: House) -> None:
    unfit = house.pooled(1, gates=CLEAR | {"fitness_to_travel": "unfit"})
    told = ask(house, unfit, "fitness_to_travel", status=422)
    assert told["gates"][0]["code"] == "unfit"
    open_one = house.pooled(2)
    assert ask(house, open_one, "fitness_to_travel", status=422)["gates"][0]["state"] == "open"
    later = house.pooled(3, gates=UNCHECKED)
    approval = ask(house, later, "fitness_to_travel")
    state_gates(house, later, CLEAR | {"fitness_to_travel": "unfit"})
    agree(house, approval, status=422)
    lifted = house.pooled(4, gates=UNCHECKED)
    agree(house, ask(house, lifted, "fitness_to_travel"))
    assert closed(state_gates(house, lifted, CLEAR | {"fitness_to_travel": "unfit"})) == ["fitness_to_travel"]


def test_a_lifted_gate_closes_again_where_another_measure_is_asked_for(house: House) -> None:
    request = house.pooled(1, gates=UNCHECKED)
    agree(house, ask(house, request, "fitness_to_travel"))
    body = dict(request_body(1, pickup=(6, 8), handover=(7, 10)))
    body.pop("gates")
    tag = house["abh"].call("GET", f"/requests/{request}").headers["ETag"]
    answer = house["abh"].call("PUT", f"/requests/{request}", body, if_match=tag)
    assert answer.status_code == 200, answer.text
    assert answer.json()["blocked_by"] == ["fitness_to_travel"]


def test_night_measures_with_children_are_counted_above_all(house: House) -> None:
    family = [{"age": "adult", "sex": "f", "count": 1}, {"age": "3-5", "sex": "m", "count": 1}]
    requests = [house.pooled(number, people=family) for number in (1, 2)]
    other = house.pooled(3, gates=UNCHECKED)
    for request in (other, *requests):
        for rule in ["fitness_to_travel"] if request == other else ["night_children"]:
            agree(house, ask(house, request, rule))
    for request in requests:
        agree(house, ask(house, request, "detour"))
    counted = house["ltrako"].get("/overrides/monthly")
    assert (counted["night_with_children"], counted["total"]) == (2, 5)
    assert [(each["rule"], each["kind"], each["count"]) for each in counted["items"]] == [
        ("night_children", "rule", 2), ("detour", "rule", 2), ("fitness_to_travel", "gate", 1),
    ]  # fmt: skip
    # The month is that of the calendar on the wall.
    house.now = datetime.fromisoformat("2026-11-01T00:30:00+01:00")
    assert house["auditor"].get("/overrides/monthly")["month"] == "2026-11-01"
