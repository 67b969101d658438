"""The whole story through HTTP, on both databases: rejected, pooled, matched, promised, declined, stopped, returned."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.jobs.matches import take_matches
from api.jobs.solving import Steps
from api.repositories.runs import live_runs
from api.services import runs
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours

THREADS, DAYS = 50, 5


def test_from_the_first_round_to_the_hand_over(house: House) -> None:
    duty = house.duty("zab:essen")
    entered = house["abh"].call("POST", "/requests", dict(request_body(1)) | {"enter_as": "ask", "zab": "zab:koeln"})
    assert entered.status_code == 201, entered.text
    request = entered.json()["id"]
    house["koeln"].do(f"/requests/{request}/reject", {"code": "no_vehicle"})
    house["abh"].do(f"/requests/{request}/pool")
    assert house.match() == 1

    offer = house.offer_of(request)
    assert offer is not None
    assert (offer["duty_id"], offer["zab"], offer["state"]) == (duty, "zab:essen", "proposed")
    assert offer["minutes_on_board"] <= (offer["minutes_limit"] or 10_000)
    assert house["koeln"].call("GET", f"/proposals/{offer['id']}").status_code == 404
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    house["essen"].do(f"/proposals/{offer['id']}/freeze")
    house.now = datetime.fromisoformat(offer["pickup_at"])
    house["essen"].do(f"/proposals/{offer['id']}/depart")
    house["essen"].do(f"/proposals/{offer['id']}/hand-over")

    assert house.state(request) == "handed_over"
    steps = [step["action"] for step in house["abh"].get(f"/requests/{request}/decisions")["items"]]
    assert sorted(steps) == sorted(["ask", "reject", "pool", "propose", "confirm", "freeze", "depart", "hand_over"])
    ledger = house["koeln"].get("/ledger?month=2026-10")
    assert "zab:essen" in str(ledger)
    house.check()


@pytest.mark.parametrize("rounds", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_of_many_who_confirm_at_once_exactly_one_wins(house: House, rounds: int) -> None:
    """Fifty threads, again and again."""
    people = [house["essen"], house["essen-second"], house["essen-lead"]]
    barrier = threading.Barrier(THREADS)

    def confirm(number: int, proposal: str, tag: str) -> tuple[int, Any]:
        barrier.wait()
        answer = people[number % len(people)].call("POST", f"/proposals/{proposal}/confirm", if_match=tag)
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(THREADS) as team:
        for number in range(rounds):
            # A duty each, so that each round stands for itself.
            house.duty("zab:essen", days=number % DAYS)
            request = house.pooled(number, days=number % DAYS)
            assert house.match() == 1
            offer = house.offer_of(request)
            assert offer is not None
            tag = house["essen"].call("GET", f"/proposals/{offer['id']}").headers["ETag"]
            answers = list(team.map(lambda n, o=offer["id"], t=tag: confirm(n, o, t), range(THREADS)))
            statuses = Counter(status for status, _ in answers)
            assert statuses == {200: 1, 409: THREADS - 1}, statuses
            refused = next(body for status, body in answers if status == 409)
            assert refused["code"] == "already_decided"
            assert refused["last"]["action"] == "confirm"
            assert house.state(request) == "confirmed"
    house.check()


@pytest.mark.parametrize(
    ("code", "more", "state"),
    [
        ("crew_ill", {}, "pooled"),
        ("data_wrong", {}, "declined"),
        ("escort_not_available", {"until": hours(-40).isoformat()}, "pooled"),
        ("distance", {}, "declined"),
    ],
    ids=["bar", "correct", "wait", "escalate"],
)
def test_each_class_of_decline_does_what_it_says(house: House, code: str, more: dict[str, Any], state: str) -> None:
    house.duty("zab:essen")
    other = house.duty("zab:koeln", depot="05315000")
    request = house.pooled()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["zab"] == "zab:essen"
    preview = house["essen"].get(f"/proposals/{offer['id']}/decline-preview?code={code}")
    assert preview
    house["essen"].do(f"/proposals/{offer['id']}/decline", {"code": code} | more)
    assert house.state(request) == state
    if state == "declined":
        house.match()
        assert house.offer_of(request) is None
    if code == "data_wrong":
        record = house["abh"].call("GET", f"/requests/{request}")
        answer = house["abh"].call(
            "POST", f"/requests/{request}/correct", dict(request_body(1, luggage=1)), if_match=record.headers["ETag"]
        )
        assert answer.status_code == 200, answer.text
    elif code == "distance":
        house["ltrako"].do(f"/requests/{request}/settle", {"code": "decline_upheld"})
    house.match()
    again = house.offer_of(request)
    assert again is not None
    if code != "data_wrong":
        assert again["duty_id"] == other
    house.check()


def test_a_stop_during_a_run_beats_it(house: House) -> None:
    house.duty("zab:essen")
    stopped, other = house.pooled(1), house.pooled(2)
    steps = Steps(context=house.context, worker="test", stop=threading.Event())
    with house.store.writing() as session:
        take_matches(session, house.context.settings, now=house.now)
    with house.store.reading() as session:
        run = live_runs(session)[0].id
    with house.store.writing() as session:
        runs.begin(session, run, "test", now=house.now)
    steps.prepare(str(run))
    steps.solve(str(run))
    answer = house["ltrako"].call("POST", f"/requests/{stopped}/stop", {"code": "court"})
    assert answer.status_code == 200, answer.text
    steps.publish(str(run))
    assert house.state(stopped) == "stopped"
    assert house.offer_of(stopped) is None
    assert house.offer_of(other) is not None
    house.match()
    assert house.state(stopped) == "stopped"
    house.check()


def test_backing_out_frees_the_seat_and_asks_the_next(house: House) -> None:
    house.duty("zab:essen")
    other = house.duty("zab:koeln", depot="05315000")
    request = house.pooled()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    house["essen"].do(f"/proposals/{offer['id']}/back-out", {"code": "vehicle_out_of_service"})
    house.match()
    again = house.offer_of(request)
    assert again is not None
    assert again["duty_id"] == other
    house.check()


def test_silence_expires_and_in_the_end_the_request_goes_back(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["respond_by"] is not None
    house.now = hours(0) - timedelta(hours=44)
    house.tick()
    assert house.state(request) in ("expired", "returned")
    house.match()
    assert house.state(request) in ("expired", "returned")  # The ZAB that was silent is not asked again.
    house.now = hours(5)
    house.tick()
    assert house.state(request) == "returned"
    assert house["abh"].get("/notices")["items"]
    # The owner may try once more, and the same seat is there.
    house.check()


def test_a_counter_proposal_is_for_the_owner_to_accept(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    later = {"code": "other_time", "pickup_at": hours(6.5).isoformat(), "handover_at": hours(8).isoformat()}
    house["essen"].do(f"/proposals/{offer['id']}/counter", later)
    assert house.state(request) == "counter_proposed"
    assert house["essen"].call("POST", f"/proposals/{offer['id']}/accept-counter", {}, if_match="*").status_code == 403
    house["abh"].do(f"/proposals/{offer['id']}/accept-counter")
    assert house.state(request) == "confirmed"
    shown = house["abh"].get(f"/proposals/{offer['id']}")
    assert shown["pickup_at"].startswith("2026-10-05T06:30")
    house.check()


def test_a_stop_is_lifted_by_two(house: House) -> None:
    request = house.pooled()
    house["abh"].call("POST", f"/requests/{request}/stop", {"code": "medical"})
    asked = house["abh"].do(f"/requests/{request}/lift-stop", {"code": "fit_to_travel"}, status=202)
    key = asked["id"]
    assert house["abh"].call("POST", f"/approvals/{key}/agree", {}, if_match="*").status_code == 409
    assert house["abh-other"].call("POST", f"/approvals/{key}/agree", {}, if_match="*").status_code == 404
    house["abh-second"].do(f"/approvals/{key}/agree")
    assert house.state(request) == "draft"
    house["abh"].do(f"/requests/{request}/pool")
    assert house.state(request) == "pooled"
    house.check()
