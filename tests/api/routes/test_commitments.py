"""Planned tours with their own riders through HTTP, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from api.workflow import Action
from tests.api.decision_world import Desk, refused
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def rider(number: int, pickup: float = 5, handover: float = 6.25, **fields: Any) -> dict[str, Any]:
    windows = {"pickup": (pickup, pickup + 1), "handover": (handover, handover + 1)}
    request = dict(request_body(number, **windows)) | {"rejection": None} | fields
    gates = request.pop("gates")
    return {
        "abh": "abh:05113000", "request": request, "gates": gates, "pickup_at": hours(pickup).isoformat(),
        "handover_at": hours(handover).isoformat(),
    }  # fmt: skip


def enter(house: House, duty: str, *riders: dict[str, Any], name: str = "essen") -> Any:
    return house[name].call("POST", "/commitments", {"duty_id": duty, "riders": list(riders)})


def test_a_planned_tour_promises_its_riders(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    answer = enter(house, duty, rider(1), rider(2, 9, 10.25))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert [(each["case_reference"], each["state"], each["abh"]) for each in made["riders"]] == [
        ("T-1", "confirmed", "abh:05113000"), ("T-2", "confirmed", "abh:05113000"),
    ]  # fmt: skip
    assert (made["duty"]["seats_free"], len(made["duty"]["tour"])) == (6, 4)
    assert {stop["standing"] for stop in made["duty"]["tour"]} == {"promised"}
    request = made["riders"][0]["request_id"]
    assert house.state(request) == "confirmed"
    assert [step.action for step in desk.decisions(request)] == [Action.ACCEPT]
    proposal = desk.proposal(made["riders"][0]["proposal_id"])
    assert (proposal.is_manual, proposal.run_id, proposal.direct_seconds > 600) == (True, None, True)
    assert desk.ledger() == []
    house.check()


def test_the_seats_that_are_left_are_offered(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    assert enter(house, duty, rider(1)).status_code == 201
    waits = house.pooled(3, pickup=(8, 9.5), handover=(9, 11))
    house.match()
    offer = house.offer_of(waits)
    assert offer is not None
    assert offer["duty_id"] == duty
    house.check()


def test_each_sees_its_own(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    enter(house, duty, rider(1))
    (own,) = house["essen"].get("/commitments?day=2026-10-05")["items"]
    assert own == house["essen"].get(f"/commitments/{duty}")
    for name in ("ltrako", "auditor"):
        (item,) = house[name].get("/commitments?zab=zab:essen")["items"]
        assert item["riders"][0]["case_reference"] is None
    assert house["koeln"].get("/commitments")["items"] == []
    assert house["essen"].get("/commitments?day=2026-10-06")["items"] == []
    refused(house["koeln"].call("GET", f"/commitments/{duty}"), 404, "not_found")
    refused(enter(house, duty, rider(2), name="koeln"), 404, "not_found")
    for name in ("abh", "ltrako", "auditor", "admin"):
        refused(enter(house, duty, rider(2), name=name), 403, "role_may_not")


def test_the_checker_refuses_before_anything_is_stored(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    impossible = rider(2, 8, 8.1)
    problem = refused(enter(house, duty, rider(1), impossible), 409, "plan_broken")
    assert problem["violations"]
    assert desk.stops(duty) == []
    assert house["abh"].get("/requests")["items"] == []
    crowd = rider(1, people=[{"age": "adult", "sex": "m", "count": 9}])
    refused(enter(house, duty, crowd), 409, "plan_broken")
    assert desk.duty(duty).is_used is False
    house.check()


def test_an_own_tour_may_use_a_withheld_duty_but_no_absent_crew(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    house["essen"].do(f"/duties/{duty}/withhold")
    assert enter(house, duty, rider(1)).status_code == 201
    other = house.duty()
    desk.put_away(other, "crew")
    problem = refused(enter(house, other, rider(2)), 409, "plan_broken")
    assert "crew_away" in [each["rule"] for each in problem["violations"]]
    house.check()


def test_all_faults_of_all_riders_at_once(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    unknown = rider(1) | {"abh": "abh:99999999"}
    nowhere = rider(2)
    nowhere["request"] = nowhere["request"] | {"pickup": nowhere["request"]["pickup"] | {"place": "Atlantis"}}
    problem = refused(enter(house, duty, unknown, nowhere), 422, "value_refused")
    assert [error["path"] for error in problem["errors"]] == ["/riders/0/abh", "/riders/1/request/pickup/place"]
    refused(enter(house, duty, rider(1, 7, 6)), 422, "body_invalid")
    refused(enter(house, duty, rider(1, bundle="B-1")), 422, "body_invalid")
    refused(enter(house, duty), 422, "body_invalid")


def test_a_case_that_is_open_is_not_entered_again(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    house.pooled(1, pickup=(5, 6), handover=(6, 7))
    refused(enter(house, duty, rider(1)), 409, "exists_already")
    assert desk.stops(duty) == []


def test_its_riders_are_stopped_and_backed_out_of_like_any_other(desk: Desk) -> None:
    house, duty = desk.house, desk.house.duty()
    made = enter(house, duty, rider(1), rider(2, 9, 10.25)).json()
    first, second = made["riders"]
    house["abh"].do(f"/requests/{first['request_id']}/stop", {"code": "court"})
    house["essen"].do(f"/proposals/{second['proposal_id']}/back-out", {"code": "crew_ill"})
    assert (house.state(first["request_id"]), house.state(second["request_id"])) == ("stopped", "pooled")
    assert desk.stops(duty) == []
    assert house["essen"].get("/commitments")["items"] == []
    house.check()
