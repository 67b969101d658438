"""Declining, conditions, counter-proposals and what follows a promise, through HTTP on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.db.tables import Proposal, Standing
from api.deadlines import Answering, respond_by
from api.workflow import CLASS_OF, DeclineClass, DeclineCode, State
from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def post(desk: Desk, name: str, proposal: str, action: str, body: Any = None, etag: str | None = "*") -> Any:
    return desk.house[name].call("POST", f"/proposals/{proposal}/{action}", body, if_match=etag)


# --- declining --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", list(DeclineCode))
def test_each_code_does_what_its_class_says(desk: Desk, code: DeclineCode) -> None:
    request, duty, proposal = desk.offered()
    before = len(desk.matches())
    body = {"code": code.value, "remark": "Grund" if code is DeclineCode.OTHER else ""}
    answer = post(desk, "essen", proposal, "decline", body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["standing"], answer.json()["end_code"]) == ("declined", code.value)
    assert desk.stops(duty) == []
    kind = CLASS_OF[code]
    (entry,) = desk.ledger()
    assert entry.kind == f"declined_{kind}"
    matches = desk.matches()[before:]
    row, bars = desk.request(request), desk.bars(request)
    if kind in (DeclineClass.BAR, DeclineClass.WAIT):
        assert row.state is State.POOLED
        assert [each["requests"] for each in matches] == [[request]]
        assert [each.until for each in bars] == [
            None if kind is DeclineClass.BAR else datetime.fromisoformat("2026-10-02T08:00:00+02:00")
        ]
    else:
        assert row.state is State.DECLINED
        assert bars == []
        assert all(each["requests"] == [] for each in matches)
    assert ("data_wrong" in desk.notices("abh")) == (kind is DeclineClass.CORRECT)
    for name in ("essen-lead", "ltrako"):
        assert ("decline_escalated" in desk.notices(name)) == (kind is DeclineClass.ESCALATE)
    assert "decline_escalated" not in desk.notices("essen")
    desk.house.check()


def test_a_decline_needs_a_code_and_a_text_with_other(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    refused(post(desk, "essen", proposal, "decline", {}), 422, "body_invalid")
    refused(post(desk, "essen", proposal, "decline", {"code": "no_mood"}), 422, "body_invalid")
    refused(post(desk, "essen", proposal, "decline", {"code": "other"}), 422, "reason_missing")
    refused(post(desk, "essen", proposal, "decline", {"code": "other", "remark": "x" * 201}), 422, "body_invalid")
    late = {"code": "crew_ill", "until": hours(1).isoformat()}
    refused(post(desk, "essen", proposal, "decline", late), 422, "value_refused")
    past = {"code": "escort_not_available", "until": "2026-09-01T00:00:00Z"}
    refused(post(desk, "essen", proposal, "decline", past), 422, "value_refused")
    assert desk.proposal(proposal).standing is Standing.LIVE


def test_a_lead_gives_a_decline_back_where_the_checker_agrees(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    post(desk, "essen", proposal, "decline", {"code": "capacity_for_own_case"})
    refused(post(desk, "essen", proposal, "return-decline", {"code": "capacity_found"}), 403, "role_may_not")
    refused(post(desk, "koeln-lead", proposal, "return-decline", {"code": "capacity_found"}), 404, "not_found")
    refused(post(desk, "essen-lead", proposal, "return-decline", {}), 422, "body_invalid")
    answer = post(desk, "essen-lead", proposal, "return-decline", {"code": "decline_refused"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["standing"], answer.json()["state"]) == ("live", "proposed")
    assert len(desk.stops(duty)) == 2
    assert "decline_escalated" not in desk.notices("ltrako")
    assert "decline_returned" in desk.notices("essen")
    post(desk, "essen", proposal, "decline", {"code": "distance"})
    desk.put_away(duty, "crew")
    refused(post(desk, "ltrako", proposal, "return-decline", {"code": "agreed"}), 409, "plan_broken")
    assert desk.request(request).state is State.DECLINED
    assert desk.stops(duty) == []
    desk.house.check()


# --- conditions, counter-proposals ------------------------------------------------------------------------------------


CONDITION = {
    "code": "vehicle_pending", "condition": "Fahrzeug zurück aus der Werkstatt", "owner": "zab:essen",
    "until": "2026-10-03T12:00:00Z",
}  # fmt: skip


def test_a_condition_is_met(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    refused(
        post(desk, "essen", proposal, "confirm-provisionally", CONDITION | {"until": "2026-11-03T12:00:00Z"}),
        422, "value_refused",
    )  # fmt: skip
    answer = post(desk, "essen", proposal, "confirm-provisionally", CONDITION)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "provisionally_confirmed"
    assert answer.json()["condition"]["text"] == CONDITION["condition"]
    assert desk.house["auditor"].get(f"/proposals/{proposal}")["condition"]["text"] is None
    assert desk.ledger() == []
    desk.house["essen"].do(f"/proposals/{proposal}/meet-condition")
    assert desk.request(request).state is State.CONFIRMED
    assert [entry.kind for entry in desk.ledger()] == ["accepted"]


@pytest.mark.parametrize(
    ("owner", "told"),
    [("abh", "abh"), ("zfa", "zfa"), ("zrk", "zrk"), ("ltrako", "ltrako"), ("abh:05113000", "abh")],
)
def test_who_meets_a_condition_is_told_until_it_is_met(desk: Desk, owner: str, told: str) -> None:
    _, _, proposal = desk.offered()
    for nobody in ("abh:05315000", "zab:koeln", "zab", "lead", "zfa:nobody"):
        body = CONDITION | {"owner": nobody}
        refused(post(desk, "essen", proposal, "confirm-provisionally", body), 422, "value_refused")
    assert post(desk, "essen", proposal, "confirm-provisionally", CONDITION | {"owner": owner}).status_code == 200
    (notice,) = [each for each in desk.house[told].get("/notices")["items"] if each["kind"] == "condition_open"]
    assert (notice["subject_id"], notice["code"]) == (proposal, "vehicle_pending")
    assert notice["due_at"] == CONDITION["until"]
    desk.house["essen"].do(f"/proposals/{proposal}/meet-condition")
    assert "condition_open" not in desk.notices(told)


def test_after_its_time_nothing_is_promised_and_the_clock_does_its_part(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    desk.house.now = desk.proposal(proposal).respond_by or desk.house.now
    for action, body in (("confirm", None), ("confirm-provisionally", CONDITION), ("counter", counter())):
        refused(post(desk, "essen", proposal, action, body), 409, "too_late")
    desk.house.tick()
    assert desk.request(request).state is State.EXPIRED


def test_a_condition_is_not_met_after_its_time(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    post(desk, "essen", proposal, "confirm-provisionally", CONDITION)
    desk.house.now = datetime.fromisoformat(CONDITION["until"])
    refused(post(desk, "essen", proposal, "meet-condition"), 409, "too_late")
    desk.house.tick()
    assert desk.request(request).state is not State.PROVISIONALLY_CONFIRMED


def test_a_zab_does_not_wait_beyond_the_pick_up(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    pickup = desk.proposal(proposal).pickup_at
    body = {"code": "escort_not_available", "until": (pickup + timedelta(seconds=1)).isoformat()}
    refused(post(desk, "essen", proposal, "decline", body), 422, "value_refused")
    assert post(desk, "essen", proposal, "decline", body | {"until": pickup.isoformat()}).status_code == 200


def test_a_condition_that_no_longer_helps_is_refused(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    post(desk, "essen", proposal, "confirm-provisionally", CONDITION)
    desk.put_away(duty, "vehicle")
    refused(post(desk, "essen", proposal, "meet-condition"), 409, "plan_broken")
    assert desk.request(request).state is State.PROVISIONALLY_CONFIRMED
    assert post(desk, "essen", proposal, "back-out", {"code": "vehicle_out_of_service"}).status_code == 200
    assert [entry.kind for entry in desk.ledger()] == ["declined_bar"]


def test_a_provisional_promise_that_does_not_fit_is_lost(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    desk.put_away(duty, "vehicle")
    refused(post(desk, "essen", proposal, "confirm-provisionally", CONDITION), 409, "plan_broken")
    assert desk.request(request).state is State.POOLED
    assert desk.proposal(proposal).condition is None


def counter(**changes: Any) -> dict[str, Any]:
    known = {"code": "other_time", "pickup_at": hours(7.5).isoformat(), "handover_at": hours(8.75).isoformat()}
    return known | changes


def test_an_owner_agrees_to_another_time(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    answer = post(desk, "essen", proposal, "counter", counter())
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "counter_proposed"
    assert "counter_proposed" in desk.notices("abh")
    refused(post(desk, "essen", proposal, "confirm"), 409, "already_decided")
    refused(post(desk, "abh-other", proposal, "accept-counter"), 404, "not_found")
    answer = post(desk, "abh", proposal, "accept-counter")
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "confirmed"
    assert answer.json()["pickup_at"] == "2026-10-05T07:30:00Z"
    assert [stop.start for stop in desk.stops(duty)] == [hours(7.5), hours(8.75)]
    assert desk.notices("abh") == []
    assert desk.request(request).state is State.CONFIRMED
    assert [entry.kind for entry in desk.ledger()] == ["accepted"]


def test_an_owner_agrees_to_another_place(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    body = counter(code="other_place", place="05112000")
    assert post(desk, "essen", proposal, "counter", body).status_code == 200
    assert post(desk, "abh", proposal, "accept-counter").status_code == 200
    row = desk.request(request)
    assert (row.pickup_ags, row.content["pickup"]["place"]) == ("05112000", "05112000")
    assert [stop.place for stop in desk.stops(duty)] == ["05112000", "DUS"]
    # Whoever is asked next fetches them where their owner said.
    assert post(desk, "essen", proposal, "back-out", {"code": "crew_ill"}).status_code == 200
    row = desk.request(request)
    assert (row.pickup_ags, row.content["pickup"]["place"]) == ("05113000", "05113000")


def test_an_owner_refuses_another_time_and_that_zab_is_out(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    before = len(desk.matches())
    post(desk, "essen", proposal, "counter", counter())
    assert post(desk, "abh", proposal, "refuse-counter").status_code == 200
    assert desk.request(request).state is State.POOLED
    assert [bar.until for bar in desk.bars(request)] == [None]
    assert [each["requests"] for each in desk.matches()[before:]] == [[request]]
    assert desk.stops(duty) == []


def test_a_zab_withdraws_its_counter_proposal_and_gains_no_time_by_it(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    desk.change(Proposal, proposal, respond_by=hours(-40))
    before, stops = desk.proposal(proposal), desk.stops(duty)
    desk.house.later(minutes=30)
    post(desk, "essen", proposal, "counter", counter())
    assert desk.proposal(proposal).respond_by != before.respond_by
    refused(post(desk, "abh", proposal, "withdraw-counter"), 403, "role_may_not")
    refused(post(desk, "koeln", proposal, "withdraw-counter"), 404, "not_found")
    answer = post(desk, "essen", proposal, "withdraw-counter")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["standing"], answer.json()["counter"]) == ("proposed", "live", None)
    after = desk.proposal(proposal)
    assert (after.respond_by, after.pickup_at, after.handover_at, after.reminders_sent) == (
        before.respond_by, before.pickup_at, before.handover_at, 0,
    )  # fmt: skip
    assert [(each.kind, each.start) for each in desk.stops(duty)] == [(each.kind, each.start) for each in stops]
    assert desk.bars(request) == []
    assert desk.notices("abh") == ["counter_withdrawn"]
    refused(post(desk, "abh", proposal, "accept-counter"), 409, "state_forbids")
    refused(post(desk, "essen", proposal, "withdraw-counter"), 409, "state_forbids")
    post(desk, "essen", proposal, "counter", counter())
    assert desk.notices("abh") == ["counter_proposed"], "what replaces it settles the notice"
    post(desk, "essen", proposal, "withdraw-counter")
    assert post(desk, "essen", proposal, "confirm").status_code == 200
    assert desk.notices("abh") == []
    assert desk.request(request).state is State.CONFIRMED
    desk.house.check()


def test_a_counter_proposal_without_a_hand_over_moves_it_with_the_pickup(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    before = desk.proposal(proposal)
    late = timedelta(seconds=20)
    desk.change(Proposal, proposal, pickup_at=before.pickup_at + late, handover_at=before.handover_at + late)
    for minutes in (30, 0):
        # What was left as a clock without seconds shows it is the time of the proposal.
        said = counter(pickup_at=(before.pickup_at + timedelta(minutes=minutes)).isoformat())
        del said["handover_at"]
        answer = post(desk, "essen", proposal, "counter", said)
        assert answer.status_code == 200, answer.text
        told = desk.proposal(proposal).counter or {}
        pickup, handover = (datetime.fromisoformat(told[name]) for name in ("pickup_at", "handover_at"))
        assert handover - pickup == before.handover_at - before.pickup_at
        assert pickup == before.pickup_at + (timedelta(minutes=minutes) or late)
        assert post(desk, "essen", proposal, "withdraw-counter").status_code == 200


def test_a_counter_proposal_that_was_accepted_is_withdrawn_no_more(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    post(desk, "essen", proposal, "counter", counter())
    seen = desk.house["essen"].call("GET", f"/proposals/{proposal}").headers["ETag"]
    assert post(desk, "abh", proposal, "accept-counter").status_code == 200
    refused(post(desk, "essen", proposal, "withdraw-counter", etag=seen), 409, "already_decided")
    assert desk.request(request).state is State.CONFIRMED


def test_a_counter_proposal_withdrawn_after_the_first_respond_by_lets_the_next_best_be_asked(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    until = desk.proposal(proposal).respond_by
    assert until is not None
    desk.house.now = until - timedelta(minutes=1)
    post(desk, "essen", proposal, "counter", counter())
    desk.house.now = until + timedelta(minutes=1)
    desk.house.tick()
    assert desk.request(request).state is State.COUNTER_PROPOSED, "the owner has time of its own"
    assert post(desk, "essen", proposal, "withdraw-counter").status_code == 200
    desk.house.tick()
    assert desk.request(request).state is State.EXPIRED
    assert desk.stops(duty) == []


def test_a_counter_proposal_of_an_older_version_goes_back_to_a_respond_by_of_now(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    post(desk, "essen", proposal, "counter", counter())
    known = dict(desk.proposal(proposal).counter or {})
    del known["asked_until"]
    desk.change(Proposal, proposal, counter=known)
    assert post(desk, "essen", proposal, "withdraw-counter").status_code == 200
    row = desk.proposal(proposal)
    assert row.respond_by == respond_by(row.pickup_at, desk.house.now, Answering())


def test_a_counter_proposal_that_cannot_be_is_refused(desk: Desk) -> None:
    _, duty, proposal = desk.offered()
    problem = refused(
        post(desk, "essen", proposal, "counter", counter(handover_at=hours(7).isoformat(), place="nowhere")),
        422, "value_refused",
    )  # fmt: skip
    assert {error["path"] for error in problem["errors"]} == {"/handover_at", "/place"}
    at_night = counter(pickup_at=hours(3).isoformat(), handover_at=hours(6).isoformat())
    problem = refused(post(desk, "essen", proposal, "counter", at_night), 409, "plan_broken")
    assert "night_pickup" in {each["rule"] for each in problem["violations"]}
    assert post(desk, "essen", proposal, "counter", counter()).status_code == 200
    desk.put_away(duty, "crew")
    refused(post(desk, "abh", proposal, "accept-counter"), 409, "plan_broken")
    assert desk.proposal(proposal).standing is Standing.LIVE


def lifted(desk: Desk) -> tuple[str, str, timedelta]:
    """A request whose owner had the cap on detours lifted, its proposal, and the way without detour."""
    request, _, proposal = desk.offered()
    body = {"rule": "detour", "reason": "Flug nicht umbuchbar"}
    asked = desk.house["abh"].call("POST", f"/requests/{request}/overrides", body)
    desk.house["abh-second"].do(f"/approvals/{asked.json()['id']}/agree")
    return request, proposal, timedelta(seconds=desk.proposal(proposal).direct_seconds)


def test_what_was_lifted_holds_for_other_times_within_the_windows(desk: Desk) -> None:
    request, proposal, direct = lifted(desk)
    late = hours(6.5) + direct + timedelta(minutes=40)
    long = counter(pickup_at=hours(6).isoformat(), handover_at=late.isoformat())
    assert post(desk, "essen", proposal, "counter", long).status_code == 200
    assert post(desk, "abh", proposal, "accept-counter").status_code == 200
    assert [each["rule"] for each in desk.house["abh"].get(f"/requests/{request}/overrides")] == ["detour"]
    desk.house.check()


def test_what_was_lifted_ends_with_other_times_than_those_it_was_agreed_for(desk: Desk) -> None:
    request, proposal, direct = lifted(desk)
    late = hours(8) + direct + timedelta(minutes=40)
    long = counter(pickup_at=hours(7.5).isoformat(), handover_at=late.isoformat())
    problem = refused(post(desk, "essen", proposal, "counter", long), 409, "plan_broken")
    assert {each["rule"] for each in problem["violations"]} == {"detour"}
    assert "stated place and windows" in problem["detail"]
    assert post(desk, "essen", proposal, "counter", counter()).status_code == 200
    assert len(desk.house["abh"].get(f"/requests/{request}/overrides")) == 1, "nothing is agreed yet"
    assert post(desk, "abh", proposal, "accept-counter").status_code == 200
    assert desk.house["abh"].get(f"/requests/{request}/overrides") == []
    assert "override_ended" in desk.notices("abh")
    desk.house.check()


def test_what_was_lifted_ends_with_another_place(desk: Desk) -> None:
    request, proposal, _ = lifted(desk)
    within = {"pickup_at": hours(7).isoformat(), "handover_at": hours(8.25).isoformat()}
    there = counter(code="other_place", place="05112000", **within)
    assert post(desk, "essen", proposal, "counter", there).status_code == 200
    assert post(desk, "abh", proposal, "accept-counter").status_code == 200
    assert desk.house["abh"].get(f"/requests/{request}/overrides") == []


# --- after the promise ------------------------------------------------------------------------------------------------


def test_backing_out_is_counted_told_and_matched_anew(desk: Desk) -> None:
    request, duty, proposal = desk.confirmed()
    before = len(desk.matches())
    refused(post(desk, "essen", proposal, "back-out", {}), 422, "body_invalid")
    answer = post(desk, "essen", proposal, "back-out", {"code": "crew_ill"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["standing"] == "backed_out"
    assert desk.request(request).state is State.POOLED
    assert [entry.kind for entry in desk.ledger()] == ["accepted", "backed_out"]
    assert [bar.until for bar in desk.bars(request)] == [None]
    (match,) = desk.matches()[before:]
    assert (match["requests"], match["duties"]) == ([request], [duty])
    assert "backed_out" in desk.notices("abh")
    assert "seat_freed" in desk.notices("essen")
    desk.house.check()


def test_a_trip_is_driven_to_its_end(desk: Desk) -> None:
    request, duty, proposal = desk.confirmed()
    for action, body, state in (
        ("freeze", None, State.FROZEN),
        ("thaw", {"code": "agreed"}, State.CONFIRMED),
        ("depart", None, State.UNDER_WAY),
        ("hand-over", None, State.HANDED_OVER),
    ):
        name = "essen-lead" if action == "thaw" else "essen"
        if action == "depart":
            desk.house.now = desk.proposal(proposal).pickup_at
        assert post(desk, name, proposal, action, body).status_code == 200
        assert desk.request(request).state is state
    assert [entry.kind for entry in desk.ledger()] == ["accepted", "done"]
    assert desk.proposal(proposal).standing is Standing.DONE
    assert len(desk.stops(duty)) == 2
    desk.house.check()


def test_no_trip_begins_or_ends_before_its_time(desk: Desk) -> None:
    _, _, proposal = desk.confirmed()
    pickup = desk.proposal(proposal).pickup_at
    desk.house.now = pickup - timedelta(hours=3, seconds=1)
    problem = refused(post(desk, "essen", proposal, "depart"), 409, "state_forbids")
    assert datetime.fromisoformat(problem["possible_from"]) == pickup - timedelta(hours=3)
    desk.house.later(seconds=1)
    assert post(desk, "essen", proposal, "depart").status_code == 200
    problem = refused(post(desk, "essen", proposal, "hand-over"), 409, "state_forbids")
    assert datetime.fromisoformat(problem["possible_from"]) == pickup
    desk.house.now = pickup
    assert post(desk, "essen", proposal, "hand-over").status_code == 200


def test_who_failed_may_wait_again_and_rides_once(desk: Desk) -> None:
    request, duty, proposal = desk.confirmed()
    desk.house.now = desk.proposal(proposal).pickup_at + timedelta(minutes=5)
    assert post(desk, "essen", proposal, "depart").status_code == 200
    refused(post(desk, "essen", proposal, "fail", {"code": "other"}), 422, "reason_missing")
    assert post(desk, "essen", proposal, "fail", {"code": "not_met"}).status_code == 200
    assert "failed" in desk.notices("abh")
    assert len(desk.stops(duty)) == 2, "what was driven stays"
    desk.house["abh"].do(f"/requests/{request}/pool")
    again = desk.house.duty()
    desk.propose(request, again)
    assert (len(desk.stops(duty)), len(desk.stops(again))) == (0, 2)
    desk.house.check()


def test_what_fails_before_it_began_frees_the_seat(desk: Desk) -> None:
    _, duty, proposal = desk.confirmed()
    assert post(desk, "essen", proposal, "fail", {"code": "court"}).status_code == 200
    assert desk.stops(duty) == []


def test_a_proposal_that_a_better_one_replaces_is_told(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    better = desk.propose(request, desk.house.duty("zab:koeln"))
    lost = desk.proposal(proposal)
    assert (lost.standing, lost.end_code) == (Standing.LOST, "better_plan")
    (notice,) = desk.house["essen"].get("/notices")["items"]
    assert (notice["kind"], notice["code"], notice["subject_id"]) == ("proposal_lost", "better_plan", proposal)
    assert desk.house["koeln"].get("/proposals")["items"][0]["id"] == better
    refused(post(desk, "essen", proposal, "confirm"), 409, "already_decided")


def test_no_personal_content_is_logged_or_sent(desk: Desk) -> None:
    _, _, proposal = desk.offered(1, free_text="TEXT-MARKER", case_reference="CASE-MARKER")
    post(desk, "essen", proposal, "decline", {"code": "other", "remark": "REMARK-MARKER"})
    from api.db.tables import AuditEntry, Notice, OutboxMessage

    def texts(session: Any) -> str:
        lines = [str(each.details) for each in session.scalars(select(AuditEntry))]
        lines += [str(each.payload) for each in session.scalars(select(OutboxMessage))]
        lines += [str(each.details) + str(each.code) for each in session.scalars(select(Notice))]
        return " ".join(lines)

    assert "MARKER" not in desk.read(texts)
