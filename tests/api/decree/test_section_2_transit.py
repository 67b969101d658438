"""The decree of 26 February 2024, section 2: the ZFA applies for transit (Durchbeförderung), the ABHs no longer do.

"Die ZFA beantragt die Durchbeförderung bei der Bundespolizei, unterrichtet die ABH über Zustimmung oder Verweigerung,
und stellt der Flughafendienststelle die Unterlagen zu."
"""

from __future__ import annotations

from datetime import timedelta

from tests.api.clearance_world import act, clearances, kinds, listen, only, pooled, told, with_stop_over
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import hours


def test_from_the_request_to_the_papers_at_the_airport(house: House) -> None:
    listen(house, ["abh", "essen"])
    house.duty("zab:essen")
    # The ABH enters a flight with a stop-over, and nothing else: the transit clearance is there by itself.
    entered = house["abh"].call("POST", "/requests", with_stop_over(1) | {"enter_as": "ask", "zab": "zab:koeln"})
    request = entered.json()["id"]
    key = only(house)["id"]
    for name in ("abh", "essen", "zrk"):
        answer = house[name].call("POST", f"/clearances/{key}/apply", {}, if_match="*")
        assert answer.status_code in (403, 404), name
    # The transport goes its way meanwhile: rejected in the first round, pooled, promised in the second.
    house["koeln"].do(f"/requests/{request}/reject", {"code": "no_vehicle"})
    house["abh"].do(f"/requests/{request}/pool")
    assert [each["id"] for each in clearances(house)] == [key], "one clearance, whatever becomes of the request"

    # The ZFA works its list by the days that are due: at least two days before.
    (todo,) = clearances(house, kind="transit", state="needed")
    assert todo["apply_by"] == (hours(11) - timedelta(days=2)).isoformat().replace("+00:00", "Z")
    assert (todo["trip"]["flight"], todo["trip"]["stop_overs"]) == ("TK 1524", ["IST"])
    house.match()
    assert house.offer_of(request) is None, "what nobody has applied for enters no run"
    act(house, "zfa", key, "apply", {"reference": "DB-2026/114"})
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    # Decided within two days, or two more.
    extended = act(house, "zfa", key, "extend")
    assert extended["decide_by"] == (house.now + timedelta(days=4)).isoformat().replace("+00:00", "Z")
    house.later(days=1)
    act(house, "zfa", key, "grant", {})

    # The ABH is told at once: as a notice, and by its webhook.
    assert "clearance_granted" in kinds(house, "abh")
    assert told(house, "abh")[-1]["state"] == "granted"
    assert told(house, "essen")[-1] == {"request": request, "proposal": offer["id"], "state": "granted"}

    # The set of documents for the airport office: which, when, to whom; the files stay where they are.
    required = [each["code"] for each in house["zfa"].get("/clearances/catalogue")["documents"] if each["is_required"]]
    sent = house["zfa"].call("POST", f"/clearances/{key}/dispatches", {"office": "bpol:DUS", "documents": required})
    assert sent.status_code == 201, sent.text
    assert house["abh"].get(f"/clearances/{key}/dispatches")["is_complete"] is True
    assert house["essen"].get(f"/proposals/{offer['id']}")["is_red"] is False
    house.check()


def test_open_a_day_before_the_pick_up_the_transport_is_red(house: House) -> None:
    desk = Desk(house)
    request = pooled(house)
    act(house, "zfa", only(house)["id"], "apply", {})
    proposal = desk.propose(request, house.duty(), respond=hours(0))
    house["essen"].do(f"/proposals/{proposal}/confirm")
    pickup = desk.proposal(proposal).pickup_at
    for ahead, due, red in ((49, False, False), (48, True, False), (25, True, False), (24, True, True)):
        house.now = pickup - timedelta(hours=ahead)
        house.tick()
        for name in ("zfa", "abh", "essen"):
            seen = kinds(house, name)
            # Owner and ZAB read it as the gate that it closes.
            against = "clearance_red" if name == "zfa" else "gate_closed"
            assert ("clearance_due" in seen, against in seen) == (due, red), (ahead, name)
        assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is red
    assert house.state(request) == "confirmed", "a person decides what becomes of it"


def test_a_refusal_is_told_at_once_and_turns_the_proposal_red(house: House) -> None:
    house.duty("zab:essen")
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    act(house, "zfa", key, "refuse", {"code": "state_refuses"})
    assert "clearance_refused" in kinds(house, "abh")
    assert house["essen"].get(f"/proposals/{offer['id']}")["is_red"] is True


def test_another_date_ends_the_promise_and_is_matched_anew(house: House) -> None:
    monday, thursday = house.duty("zab:essen"), house.duty("zab:essen", days=3)
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["duty_id"] == monday
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    act(house, "zfa", key, "offer-date", {"on": "2026-10-08"})
    assert "clearance_alternative" in kinds(house, "abh")
    assert house.state(request) == "confirmed", "nothing moves before the ABH has said so"

    act(house, "abh", key, "accept-date")
    assert house.state(request) == "pooled"
    assert "date_moved" in kinds(house, "essen")
    last = house["abh"].get(f"/requests/{request}/decisions")["items"]
    assert ("move_date", "date_moved") in {(each["action"], each["code"]) for each in last}
    # For the new day the ZFA applies anew.
    assert only(house)["state"] == "needed"
    act(house, "zfa", only(house)["id"], "apply", {})
    assert house.match() >= 1
    again = house.offer_of(request)
    assert again is not None
    assert (again["duty_id"], again["state"]) == (thursday, "proposed"), "a promise is given anew, by a person"
    house.check()


def test_a_changed_flight_makes_the_old_consent_void(house: House) -> None:
    request = pooled(house)
    key = only(house)["id"]
    act(house, "zfa", key, "apply", {})
    act(house, "zfa", key, "grant", {})
    tag = house["abh"].call("GET", f"/requests/{request}").headers["ETag"]
    amended = house["abh"].call("PUT", f"/requests/{request}", with_stop_over(1, stop_overs=["VIE"]), if_match=tag)
    assert amended.status_code == 200, amended.text
    assert (only(house)["state"], only(house)["subject"]) == ("needed", "VIE")
    assert "clearance_lapsed" in kinds(house, "zfa")
    house.check()
