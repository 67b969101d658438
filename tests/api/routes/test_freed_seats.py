"""Freed seats and the waiting requests that fit, on both databases."""

from __future__ import annotations

import uuid

import pytest

from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_seat_that_was_given_up_is_listed_with_who_fits(desk: Desk) -> None:
    request, duty, proposal = desk.confirmed(1)
    waiting = [desk.house.pooled(2), desk.house.pooled(3, handover=(8, 9))]
    too_late = desk.house.pooled(4, pickup=(13, 14), handover=(14, 16))
    desk.house.pooled(5, days=1)
    assert desk.house["essen"].get("/freed-seats")["items"] == []
    desk.house["essen"].do(f"/proposals/{proposal}/back-out", {"code": "other", "remark": "Grund"})
    for name in ("essen", "ltrako"):
        (item,) = desk.house[name].get("/freed-seats")["items"]
        assert (item["duty_id"], item["proposal_id"], item["people"], item["code"]) == (duty, proposal, 1, "other")
    assert desk.house["koeln"].get("/freed-seats")["items"] == []
    refused(desk.house["abh"].call("GET", "/freed-seats"), 403, "role_may_not")
    found = desk.house["essen"].get(f"/freed-seats/{duty}")
    fits = [each["request_id"] for each in found["candidates"]]
    assert sorted(fits) == sorted(waiting)
    assert request not in fits, "its ZAB is barred"
    assert too_late not in fits
    boards = [each["minutes_on_board"] for each in found["candidates"]]
    assert boards == sorted(boards)
    assert found["untried"] == 0
    refused(desk.house["koeln"].call("GET", f"/freed-seats/{duty}"), 404, "not_found")
    desk.house.now = hours(20)
    assert desk.house["essen"].get("/freed-seats")["items"] == []


@pytest.mark.parametrize("how", ["stop", "cancel", "lapse", "decline"])
def test_each_way_to_give_a_promise_up_frees_the_seat(desk: Desk, how: str) -> None:
    request, duty, proposal = desk.offered(1) if how in ("lapse", "decline") else desk.confirmed(1)
    if how in ("lapse", "decline"):
        condition = {
            "code": "crew_pending", "condition": "zweites Team", "owner": "zab:essen", "until": "2026-10-02T12:00:00Z",
        }  # fmt: skip
        desk.house["essen"].do(f"/proposals/{proposal}/confirm-provisionally", condition)
    before = len(desk.matches())
    if how == "stop":
        desk.house["abh"].do(f"/requests/{request}/stop", {"code": "court"})
    elif how == "cancel":
        desk.house["abh"].do(f"/requests/{request}/cancel", {"code": "date_moved"})
    elif how == "decline":
        desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "crew_ill"})
    else:
        desk.house.later(days=1, hours=4)
        desk.house.tick()
    (item,) = desk.house["essen"].get("/freed-seats")["items"]
    assert item["duty_id"] == duty
    assert [each["duties"] for each in desk.matches()[before:]] == [[duty]]
    assert "seat_freed" in desk.notices("essen")
    assert desk.stops(duty) == []


def test_an_offer_that_was_only_declined_is_no_freed_seat(desk: Desk) -> None:
    _, _, proposal = desk.offered(1)
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "crew_ill"})
    assert desk.house["essen"].get("/freed-seats")["items"] == []


def test_of_those_who_wait_fifty_are_tried(desk: Desk) -> None:
    _, duty, _ = desk.confirmed(1)
    for number in range(2, 62):
        desk.house.pooled(number)
    found = desk.house["essen"].get(f"/freed-seats/{duty}")
    assert found["tried"] + found["untried"] == 50
    assert found["tried"] > 0


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    refused(desk.house["essen"].call("GET", f"/freed-seats/{uuid.uuid4()}"), 404, "not_found")
