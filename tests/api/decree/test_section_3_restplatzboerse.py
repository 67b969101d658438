"""The decree of 26 February 2024, section 3: the exchange, step by step in its own words.

"Seit dem 1. März 2024 sammelt die LTraKo abgelehnte Transportersuchen und bietet sie den ZAB in einer zweiten Runde
an."
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours


def test_a_rejected_request_is_collected_offered_again_promised_and_driven(house: House) -> None:
    # First round: the ABH asks one ZAB, which rejects with a coded reason.
    entered = house["abh"].call("POST", "/requests", request_body(1) | {"enter_as": "ask", "zab": "zab:koeln"})
    request = entered.json()["id"]
    other = house["essen"].call("POST", f"/requests/{request}/reject", {"code": "no_staff"}, if_match="*")
    assert other.status_code == 404, "another ZAB was asked"
    house["koeln"].do(f"/requests/{request}/reject", {"code": "no_staff"})
    assert house.state(request) == "rejected"
    assert [each["id"] for each in house["ltrako"].get("/pool")["items"]] == []

    # "… sammelt abgelehnte Transportersuchen": any of them its owner may put into the pool; nobody filters it.
    assert house["ltrako"].call("POST", f"/requests/{request}/pool", if_match="*").status_code == 403
    house["abh"].do(f"/requests/{request}/pool")
    # All five ZABs and the LTraKo see it in coarse form: no case, no address.
    for name in ("ltrako", "essen", "koeln"):
        (shown,) = house[name].get("/pool")["items"]
        assert shown["id"] == request
        assert "T-1" not in str(shown)

    # "… bietet sie den ZAB in einer zweiten Runde an": a place on a tour that is driven anyway is found.
    duty = house.duty("zab:essen")
    planned_already = request_body(2, pickup=(9, 10), handover=(10, 11.5)) | {"rejection": None}
    gates = planned_already.pop("gates")
    rider = {
        "abh": "abh:05315000", "request": planned_already, "gates": gates,
        "pickup_at": hours(9).isoformat(), "handover_at": hours(10.25).isoformat(),
    }  # fmt: skip
    planned = house["essen"].call("POST", "/commitments", {"duty_id": duty, "riders": [rider]})
    assert planned.status_code == 201, planned.text
    assert house.match() >= 1
    offer = house.offer_of(request)
    assert offer is not None
    assert (offer["zab"], offer["duty_id"], offer["state"]) == ("zab:essen", duty, "proposed")

    # A person of that ZAB promises; nobody else can, and silence does not.
    assert house["ltrako"].call("POST", f"/proposals/{offer['id']}/confirm", if_match="*").status_code == 403
    assert house["koeln"].call("POST", f"/proposals/{offer['id']}/confirm", if_match="*").status_code == 404
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    assert house.state(request) == "confirmed"

    # The trip, up to the hand-over.
    house.now = datetime.fromisoformat(offer["pickup_at"])
    house["essen"].do(f"/proposals/{offer['id']}/depart")
    house["essen"].do(f"/proposals/{offer['id']}/hand-over")
    assert house.state(request) == "handed_over"
    steps = [each["action"] for each in house["abh"].get(f"/requests/{request}/decisions")["items"]]
    assert sorted(steps) == sorted(["ask", "reject", "pool", "propose", "confirm", "depart", "hand_over"])
    # What each ZAB took is seen by all alike.
    months = [house[name].get("/ledger?month=2026-10") for name in ("essen", "koeln", "ltrako")]
    assert months[0] == months[1] == months[2]
    (essen,) = [each for each in months[0]["zabs"] if each["zab"] == "zab:essen"]
    assert (essen["accepted"]["requests"], essen["done"]["requests"]) == (1, 1)
    house.check()


def test_a_zab_that_declines_says_why_and_the_next_one_is_asked(house: House) -> None:
    house.duty("zab:essen")
    other = house.duty("zab:koeln", depot="05315000")
    request = house.pooled()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert house["essen"].call("POST", f"/proposals/{offer['id']}/decline", {}, if_match="*").status_code == 422
    house["essen"].do(f"/proposals/{offer['id']}/decline", {"code": "vehicle_out_of_service"})
    house.match()
    again = house.offer_of(request)
    assert again is not None
    assert (again["zab"], again["duty_id"]) == ("zab:koeln", other)
    house.check()


def test_what_nobody_takes_goes_back_to_its_abh_in_time(house: House) -> None:
    request = house.pooled()
    assert house.match() == 1
    assert house.offer_of(request) is None
    reasons = house["abh"].get(f"/requests/{request}/reasons")
    assert reasons["matched_at"] is not None
    fall_back = datetime.fromisoformat(house["abh"].get(f"/requests/{request}")["fall_back_at"])
    assert fall_back == datetime.fromisoformat("2026-10-05T05:00:00Z") - timedelta(hours=48)
    house.now = fall_back
    house.tick()
    assert house.state(request) == "returned"
    assert "returned_to_abh" in str(house["abh"].get("/notices"))
    house.check()


def test_the_abh_stays_the_owner_and_may_stop_at_any_time(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    stopped = house["abh"].call("POST", f"/requests/{request}/stop", {"code": "court"})
    assert stopped.status_code == 200, stopped.text
    assert house.state(request) == "stopped"
    assert "stopped" in str(house["essen"].get("/notices"))
    # The seat that became free is offered to whoever waits.
    waiting = house.pooled(2)
    assert house.match() >= 1
    again = house.offer_of(waiting)
    assert again is not None
    assert again["zab"] == "zab:essen"
    house.check()
