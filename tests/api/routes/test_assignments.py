"""Assigning by hand through HTTP, on both databases."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from api.db.tables import Account, DutyRow, Override, Standing
from api.workflow import State
from tests.api.decision_world import Desk, refused
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def body(request: str, duty: str, **times: Any) -> dict[str, Any]:
    return {"request_id": request, "duty_id": duty} | {name: at.isoformat() for name, at in times.items()}


def check(desk: Desk, request: str, duty: str, *, by: str = "essen", **times: Any) -> Any:
    return desk.house[by].call("POST", "/assignments/checks", body(request, duty, **times))


def assign(desk: Desk, request: str, duty: str, *, by: str = "essen", **times: Any) -> Any:
    return desk.house[by].call("POST", "/assignments", body(request, duty, **times))


def test_a_check_answers_and_stores_nothing(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    found = check(desk, request, duty)
    assert found.status_code == 200, found.text
    answer = found.json()
    assert (answer["fits"], answer["violations"], answer["riders"]) == (True, [], [])
    assert answer["minutes_on_board"] == answer["minutes_direct"]
    assert desk.request(request).state is State.POOLED
    assert desk.stops(duty) == []
    assert desk.decisions(request)[-1].action == "pool"


def test_times_may_be_given_or_left_out(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    answer = check(desk, request, duty, pickup_at=hours(5.5)).json()
    assert (answer["fits"], answer["pickup_at"]) == (True, "2026-10-05T05:30:00Z")
    answer = check(desk, request, duty, handover_at=hours(8.5)).json()
    assert (answer["handover_at"], answer["fits"]) == ("2026-10-05T08:30:00Z", True)
    answer = check(desk, request, duty, pickup_at=hours(5), handover_at=hours(9)).json()
    assert not answer["fits"]
    assert {each["rule"] for each in answer["violations"]} == {"detour", "wait_on_board"}
    assert not answer["can_be_overridden"], "waiting on board is hard"
    answer = check(desk, request, duty, pickup_at=hours(7.5), handover_at=hours(9)).json()
    assert {each["rule"] for each in answer["violations"]} == {"window"}
    answer = check(desk, request, duty, pickup_at=hours(7), handover_at=hours(7.25)).json()
    assert {each["rule"] for each in answer["violations"]} == {"drive_time"}
    refused(check(desk, request, duty, pickup_at=hours(8), handover_at=hours(8)), 422, "value_refused")


def test_who_is_affected_is_told_as_seats(desk: Desk) -> None:
    direct = timedelta(seconds=desk.proposal(desk.offered(90)[2]).direct_seconds)
    first, second, duty = desk.house.pooled(1), desk.house.pooled(2), desk.house.duty()
    assert assign(desk, first, duty, pickup_at=hours(6), handover_at=hours(7) + direct).status_code == 201
    answer = check(desk, second, duty).json()
    assert answer["fits"], answer["violations"]
    (rider,) = answer["riders"]
    assert (rider["seats"], rider["is_promised"]) == (1, True)
    assert rider["minutes_before"] == rider["minutes_after"]
    assert set(rider) == {"seats", "is_promised", "is_together", "minutes_before", "minutes_after"}


def test_the_check_finds_the_place_between_the_stops_of_others(desk: Desk) -> None:
    """Whoever fits only within a gap, or while somebody else rides, is found without times being given."""
    direct = timedelta(seconds=desk.proposal(desk.offered(90)[2]).direct_seconds)
    first, second, duty = desk.house.pooled(1), desk.house.pooled(2, pickup=(6.5, 6.5)), desk.house.duty()
    assign(desk, first, duty, pickup_at=hours(6), handover_at=hours(7) + direct)
    answer = check(desk, second, duty).json()
    assert (answer["fits"], answer["pickup_at"]) == (True, "2026-10-05T06:30:00Z")
    assert answer["riders"][0]["is_together"]


def test_an_assignment_is_promised_pinned_and_released(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    answer = assign(desk, request, duty)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["state"], shown["is_manual"], shown["is_pinned"], shown["run_id"]) == ("confirmed", True, True, None)
    assert answer.headers["Location"] == f"/v1/proposals/{shown['id']}"
    assert str(desk.request(request).pinned_duty_id) == duty
    assert [entry.kind for entry in desk.ledger()] == ["accepted"]
    released = desk.house["essen"].call(
        "POST", f"/proposals/{shown['id']}/release", if_match=answer.headers["ETag"]
    )  # fmt: skip
    assert released.status_code == 200, released.text
    assert (released.json()["is_pinned"], released.json()["state"]) == (False, "confirmed")
    assert desk.request(request).pinned_duty_id is None
    again = desk.house["essen"].call("POST", f"/proposals/{shown['id']}/release", if_match="*")
    refused(again, 409, "state_forbids")
    desk.house.check()


def test_a_repeated_call_assigns_once(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    key = {"Idempotency-Key": "same-key-1"}
    calls = [desk.house["essen"].call("POST", "/assignments", body(request, duty), **key) for _ in range(2)]
    assert [call.status_code for call in calls] == [201, 201]
    assert calls[0].json() == calls[1].json()
    assert len(desk.ledger()) == 1


def test_an_assignment_takes_over_a_proposal_and_the_other_zab_is_told(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    duty = desk.house.duty("zab:koeln")
    assert assign(desk, request, duty, by="koeln").status_code == 201
    lost = desk.proposal(proposal)
    assert (lost.standing, lost.end_code) == (Standing.LOST, "assigned_by_hand")
    assert "proposal_lost" in desk.notices("essen")
    desk.house.check()


def test_hard_rules_stop_an_assignment(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    desk.put_away(duty, "vehicle")
    problem = refused(assign(desk, request, duty), 409, "plan_broken")
    assert "vehicle_away" in {each["rule"] for each in problem["violations"]}
    assert desk.request(request).state is State.POOLED
    assert desk.stops(duty) == []


def test_what_can_be_overridden_asks_for_a_second_person_first(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    direct = timedelta(seconds=desk.proposal(desk.offered(90)[2]).direct_seconds)
    times: dict[str, Any] = {"pickup_at": hours(6), "handover_at": hours(6.5) + direct + timedelta(minutes=40)}
    answer = check(desk, request, duty, **times).json()
    assert ({each["rule"] for each in answer["violations"]}, answer["can_be_overridden"]) == ({"detour"}, True)
    problem = refused(assign(desk, request, duty, **times), 409, "plan_broken")
    assert "second person" in problem["detail"]
    with desk.house.store.writing() as session:
        accounts = [desk.house[name].account_id for name in ("abh", "abh-second")]
        assert all(session.get(Account, each) for each in accounts)
        session.add(
            Override(
                request_id=uuid.UUID(request), rule="detour", reason="Flug nicht umbuchbar", account_id=accounts[0],
                second_id=accounts[1], created_at=desk.house.now,
            )
        )  # fmt: skip
    assert assign(desk, request, duty, **times).status_code == 201
    desk.house.check()


def test_what_a_zab_lifted_holds_for_it_alone_and_for_no_run(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    other = desk.house.duty("zab:koeln")
    direct = timedelta(seconds=desk.proposal(desk.offered(90)[2]).direct_seconds)
    times: dict[str, Any] = {"pickup_at": hours(6), "handover_at": hours(6.5) + direct + timedelta(minutes=40)}
    asked = desk.house["essen"].call(
        "POST", f"/requests/{request}/overrides", {"rule": "detour", "reason": "Flug nicht umbuchbar"}
    )  # fmt: skip
    desk.house["essen-lead"].do(f"/approvals/{asked.json()['id']}/agree")
    assert "rule_lifted" in desk.notices("abh")
    assert not check(desk, request, other, by="koeln", **times).json()["fits"]
    assert check(desk, request, other, by="koeln", **times).json()["lifted_rules"] == []
    assert check(desk, request, duty, **times).json()["fits"]
    answer = assign(desk, request, duty, **times)
    assert answer.status_code == 201, answer.text
    ((rule, by),) = [(each["rule"], each["organisation"]) for each in answer.json()["lifted_rules"]]
    assert (rule, by) == ("detour", "zab:essen")
    desk.house.match()
    assert desk.request(request).state is State.CONFIRMED, "the promise is no fault of the plan"
    desk.house.check()


def test_wrong_data_are_corrected_before_anybody_promises(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "data_wrong"})
    problem = refused(assign(desk, request, duty), 409, "state_forbids")
    assert "correct it first" in problem["detail"]


def test_a_frozen_tour_takes_nobody_new(desk: Desk) -> None:
    _, duty, proposal = desk.confirmed(1)
    desk.house["essen"].do(f"/proposals/{proposal}/freeze")
    problem = refused(assign(desk, desk.house.pooled(2, pickup=(8, 9), handover=(9, 11)), duty), 409, "plan_broken")
    assert "frozen" in {each["rule"] for each in problem["violations"]}


def test_own_duties_only_and_requests_of_the_pool_only(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty()
    refused(assign(desk, request, duty, by="koeln"), 404, "not_found")
    refused(check(desk, request, duty, by="koeln"), 404, "not_found")
    refused(assign(desk, request, duty, by="ltrako"), 403, "role_may_not")
    assert check(desk, request, duty, by="ltrako").status_code == 200
    refused(check(desk, request, duty, by="abh"), 403, "role_may_not")
    refused(assign(desk, str(uuid.uuid4()), duty), 404, "not_found")
    assert assign(desk, request, duty).status_code == 201
    refused(assign(desk, request, desk.house.duty()), 409, "already_decided")
    refused(assign(desk, request, desk.house.duty("zab:koeln"), by="koeln"), 404, "not_found")
    refused(desk.house["essen"].call("POST", "/assignments", {"request_id": "x"}), 422, "body_invalid")


def test_a_crew_is_not_doubled_by_hand(desk: Desk) -> None:
    first, second, duty = desk.house.pooled(1), desk.house.pooled(2), desk.house.duty()
    with desk.house.store.writing() as session:
        row = session.get_one(DutyRow, uuid.UUID(duty))
        twin = DutyRow(
            code="TWIN", zab_id=row.zab_id, crew_id=row.crew_id, vehicle_id=row.vehicle_id, starts_at=row.starts_at,
            ends_at=row.ends_at, vehicle_from=row.vehicle_from, vehicle_to=row.vehicle_to, profile=row.profile,
            start_place=row.start_place, end_place=row.end_place, created_at=row.created_at, updated_at=row.updated_at,
        )  # fmt: skip
        session.add(twin)
        session.flush()
        other = str(twin.id)
    assert assign(desk, first, duty).status_code == 201
    problem = refused(assign(desk, second, other), 409, "plan_broken")
    assert {"crew_doubled", "vehicle_doubled"} <= {each["rule"] for each in problem["violations"]}


def test_a_draft_is_tried_by_nobody(desk: Desk) -> None:
    duty = desk.house.duty()
    body = request_body(1) | {"enter_as": "draft"}
    draft = desk.house["abh"].call("POST", "/requests", body).json()["id"]
    for name in ("essen", "ltrako"):
        answer = desk.house[name].call("POST", "/assignments/checks", {"request_id": draft, "duty_id": duty})
        refused(answer, 404, "not_found")


def test_suggestions_tell_what_each_duty_would_mean_and_are_what_an_assignment_takes(desk: Desk) -> None:
    near, far = desk.house.duty(), desk.house.duty(depot="05315000")
    request = desk.house.pooled(1)
    found = desk.house["essen"].get(f"/assignments/suggestions/{request}")
    assert [each["duty_id"] for each in found["suggestions"]] == [near, far]
    assert (found["request_id"], found["tried"], found["untried"]) == (request, 2, 0)
    best, other = found["suggestions"]
    assert best["detour_minutes"] == best["minutes_on_board"] - best["minutes_direct"]
    assert 0 < best["extra_cost_cents"] < other["extra_cost_cents"]
    assert best["riders"] == []
    refused(desk.house["abh"].call("GET", f"/assignments/suggestions/{request}"), 403, "role_may_not")
    assert desk.house["koeln"].get(f"/assignments/suggestions/{request}")["suggestions"] == []
    wish = {name: best[name] for name in ("duty_id", "pickup_at", "handover_at")} | {"request_id": request}
    answer = desk.house["essen"].call("POST", "/assignments", wish)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert [shown[name] for name in ("duty_id", "pickup_at", "minutes_on_board")] == [
        best[name] for name in ("duty_id", "pickup_at", "minutes_on_board")
    ]  # fmt: skip
    refused(desk.house["koeln"].call("GET", f"/assignments/suggestions/{request}"), 404, "not_found")
