"""Decisions about proposals through HTTP, on both databases."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from api.db.tables import DutyRow, Standing, TransportRequest
from api.schemas.proposals import ProposalItem, ProposalShown
from api.web.paging import Page
from api.workflow import Action, State
from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def post(desk: Desk, name: str, proposal: str, action: str, body: Any = None, etag: str | None = "*") -> Any:
    return desk.house[name].call("POST", f"/proposals/{proposal}/{action}", body, if_match=etag)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_list_shows_each_its_own(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    for name in ("essen", "essen-lead", "abh", "abh-second", "ltrako", "auditor"):
        (item,) = desk.house[name].get("/proposals")["items"]
        assert (item["id"], item["request_id"], item["duty_id"]) == (proposal, request, duty)
        assert (item["zab"], item["state"], item["standing"]) == ("zab:essen", "proposed", "live")
        assert item["minutes_on_board"] >= item["minutes_direct"] > 10
        assert item["minutes_limit"] > item["minutes_on_board"]
    for name in ("koeln", "koeln-lead", "abh-other"):
        assert desk.house[name].get("/proposals")["items"] == []
        refused(desk.house[name].call("GET", f"/proposals/{proposal}"), 404, "not_found")
    for name in ("admin", "zfa", "zrk"):
        refused(desk.house[name].call("GET", "/proposals"), 403, "role_may_not")


def test_a_proposal_tells_what_it_adds_to_the_cost_of_its_duty(desk: Desk) -> None:
    _, duty, proposal = desk.offered()
    essen = desk.house["essen"]

    def rate(per_km: int, grams: int, per_hour: int) -> None:
        with desk.house.store.writing() as session:
            row = session.get_one(DutyRow, uuid.UUID(duty))
            row.vehicle.content = row.vehicle.content | {"cost_per_km": per_km, "co2_per_km": grams}
            row.crew.content = row.crew.content | {"cost_per_hour": per_hour}

    rate(60, 230, 12_200)
    for name in ("essen", "ltrako", "auditor"):
        cost = desk.house[name].get(f"/proposals/{proposal}")["cost"]
        assert cost["km"] > 10
        assert cost["crew_minutes"] > 10
        # 0.60 EUR and 0.230 kg at 65 EUR/t for each km, 122 EUR for each hour of the crew.
        expected = cost["km"] * (0.60 + 0.230 * 0.065) + cost["crew_minutes"] / 60 * 122
        assert cost["euros"] == pytest.approx(expected, rel=0.03)
    assert desk.house["abh"].get(f"/proposals/{proposal}")["cost"] is None, "it tells of the tour of others"
    essen.do(f"/proposals/{proposal}/confirm")
    (entered,) = [row for row in desk.house["ltrako"].get("/ledger?month=2026-10")["zabs"] if row["zab"] == "zab:essen"]
    assert entered["accepted"]["km"] == cost["km"], "what the ledger counts"
    rate(0, 0, 0)
    assert essen.get(f"/proposals/{proposal}")["cost"] == cost | {"euros": None}, "without rates there is no amount"


def test_a_list_is_filtered_and_paged(desk: Desk) -> None:
    first, second = desk.offered(1), desk.offered(2)
    desk.house.later(hours=1)
    desk.house["essen"].do(f"/proposals/{second[2]}/confirm")

    def ids(query: str) -> list[str]:
        return [item["id"] for item in desk.house["essen"].get(f"/proposals?{query}")["items"]]

    since = desk.house.now.isoformat().replace("+00:00", "Z")
    assert ids("state=proposed") == [first[2]]
    assert ids("standing=live") == [first[2], second[2]]
    assert ids("standing=lost") == []
    assert ids("zab=zab:koeln") == []
    assert ids(f"updated_since={since}") == [second[2]]
    assert ids("pickup_from=2026-10-05T12:00:00Z") == []
    assert ids("pickup_from=2026-10-05T00:00:00Z&pickup_to=2026-10-06T00:00:00Z") == [first[2], second[2]]
    assert ids("respond_before=2026-10-01T00:00:00Z") == []
    assert ids(f"run={first[0]}") == []
    page = desk.house["essen"].get("/proposals?limit=1")
    assert [item["id"] for item in page["items"]] == [first[2]]
    rest = desk.house["essen"].get(f"/proposals?limit=1&after={page['next']}")
    assert [item["id"] for item in rest["items"]] == [second[2]]
    refused(desk.house["essen"].call("GET", "/proposals?state=nowhere"), 422, "parameter_invalid")


def test_a_list_shows_a_proposal_as_its_page_does(desk: Desk) -> None:
    """The list reads columns, the page rows: whatever became of a proposal, both must say the same of it."""
    offered, pinned, ended = desk.offered(1), desk.confirmed(2), desk.offered(3)
    desk.change(TransportRequest, pinned[0], pinned_duty_id=uuid.UUID(pinned[1]))
    desk.house["essen"].do(f"/proposals/{ended[2]}/decline", {"code": "crew_ill"})
    items = {item["id"]: item for item in desk.house["essen"].get("/proposals")["items"]}
    assert [items[each[2]]["standing"] for each in (offered, pinned, ended)] == ["live", "live", "declined"]
    assert [items[each[2]]["is_pinned"] for each in (offered, pinned, ended)] == [False, True, False]
    for key, item in items.items():
        page = desk.house["essen"].get(f"/proposals/{key}")
        assert item == {name: page[name] for name in item}


def test_the_bodies_are_what_the_response_models_say(desk: Desk) -> None:
    """They are written by the endpoints themselves: the models must read them back, and write the same bytes."""
    desk.offered(1)
    _, _, proposal = desk.offered(2)
    essen = desk.house["essen"]
    told: list[tuple[Any, Any]] = [
        (Page[ProposalItem], essen.call("GET", "/proposals")),
        (Page[ProposalItem], essen.call("GET", "/proposals?limit=1")),
        (ProposalShown, essen.call("GET", f"/proposals/{proposal}")),
        (ProposalShown, post(desk, "essen", proposal, "confirm")),
    ]
    for kind, answer in told:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        read = kind.model_validate_json(answer.content)
        assert TypeAdapter(kind).dump_json(read, by_alias=True) == answer.content
    assert told[2][1].headers["ETag"] != told[3][1].headers["ETag"]


def together(desk: Desk) -> tuple[str, str]:
    """Two men from Essen ride together, picked up one after the other: the duty, and the offer of the second."""
    direct = timedelta(seconds=desk.proposal(desk.offered(90)[2]).direct_seconds)
    first, duty = desk.house.pooled(1), desk.house.duty()
    proposal = desk.propose(first, duty, pickup_at=hours(6), handover_at=hours(7) + direct)
    desk.house["essen"].do(f"/proposals/{proposal}/confirm")
    second = desk.house.pooled(2, by="abh-other", free_text="TEXT-MARKER", case_reference="CASE-MARKER")
    return duty, desk.propose(second, duty, pickup_at=hours(6.5), handover_at=hours(7.5) + direct)


def test_a_page_shows_the_tour_and_others_only_as_seats(desk: Desk) -> None:
    _, proposal = together(desk)
    shown = desk.house["essen"].get(f"/proposals/{proposal}")
    assert [stop["is_own"] for stop in shown["stops"]] == [False, True, False, True]
    assert [stop["seats_taken"] for stop in shown["stops"]] == [1, 2, 1, 0]
    assert {stop["seats"] for stop in shown["stops"]} == {7}
    (rider,) = shown["riders"]
    assert (rider["seats"], rider["is_promised"], rider["is_together"]) == (1, True, True)
    assert rider["minutes_after"] > 40
    assert {"confirm", "counter", "decline_bar"} <= set(shown["may"])
    told = str(desk.house["abh"].get("/proposals")) + str(shown)
    assert "MARKER" not in told


def test_an_owner_sees_others_only_while_its_own_ride_and_never_where_they_live(desk: Desk) -> None:
    duty, proposal = together(desk)
    seen = desk.house["abh-other"].get(f"/proposals/{proposal}")["stops"]
    assert [stop["is_own"] for stop in seen] == [True, False, True]
    assert [stop["place"] for stop in seen] == ["05113000", None, "DUS"]
    assert len(desk.stops(duty)) == 4


def test_alternatives_are_those_that_still_stand(desk: Desk) -> None:
    request, there, gone = desk.house.pooled(1), desk.house.duty("zab:koeln"), desk.house.duty("zab:koeln")
    proposal = desk.propose(request, desk.house.duty(), others=[("zab:koeln", gone, 600), ("zab:koeln", there, 725)])
    desk.change(DutyRow, gone, is_offered=False)
    (found,) = desk.house["essen"].get(f"/proposals/{proposal}")["alternatives"]
    assert (found["duty_id"], found["zab"], found["extra_minutes"]) == (there, "zab:koeln", 13)
    preview = desk.house["essen"].get(f"/proposals/{proposal}/decline-preview?code=crew_ill")
    assert preview["next_best"]["duty_id"] == there
    assert (preview["decline_class"], preview["state_after"], preview["is_matched_again"]) == ("bar", "pooled", True)
    desk.put_away(there, "vehicle")
    preview = desk.house["essen"].get(f"/proposals/{proposal}/decline-preview?code=escort_not_available")
    assert preview["next_best"] is None
    assert preview["until"] == "2026-10-02T06:00:00Z"
    preview = desk.house["essen"].get(f"/proposals/{proposal}/decline-preview?code=distance")
    assert (preview["state_after"], preview["is_matched_again"]) == ("declined", False)
    refused(desk.house["abh"].call("GET", f"/proposals/{proposal}/decline-preview?code=distance"), 403, "role_may_not")


# --- confirming -------------------------------------------------------------------------------------------------------


def test_confirming_promises_the_trip_and_is_counted(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    read = desk.house["essen"].call("GET", f"/proposals/{proposal}")
    answer = post(desk, "essen", proposal, "confirm", etag=read.headers["ETag"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "confirmed"
    assert answer.headers["ETag"] != read.headers["ETag"]
    assert desk.request(request).state is State.CONFIRMED
    (entry,) = desk.ledger()
    assert (entry.kind, entry.requests) == ("accepted", 1)
    assert entry.metres > 10_000
    assert entry.custody_seconds == desk.proposal(proposal).on_board_seconds
    assert desk.duty(duty).is_used
    desk.house.check()


def test_decisions_need_the_version_that_was_seen(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    refused(post(desk, "essen", proposal, "confirm", etag=None), 428, "version_missing")
    old = desk.house["essen"].call("GET", f"/proposals/{proposal}").headers["ETag"]
    counter = {"code": "other_time", "pickup_at": hours(6.5).isoformat(), "handover_at": hours(8).isoformat()}
    assert post(desk, "essen", proposal, "counter", counter).status_code == 200
    desk.house["abh"].do(f"/proposals/{proposal}/accept-counter")
    refused(post(desk, "essen", proposal, "back-out", {"code": "crew_ill"}, etag=old), 412, "version_changed")


def test_who_may_not_decide_is_told_so(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    refused(post(desk, "koeln", proposal, "confirm"), 404, "not_found")
    refused(post(desk, "abh", proposal, "confirm"), 403, "role_may_not")
    refused(post(desk, "ltrako", proposal, "confirm"), 403, "role_may_not")
    refused(post(desk, "essen", proposal, "thaw", {"code": "agreed"}), 403, "role_may_not")
    refused(post(desk, "essen", proposal, "accept-counter"), 403, "role_may_not")
    refused(post(desk, "essen", proposal, "depart"), 409, "state_forbids")


@pytest.mark.parametrize("what", ["crew", "vehicle"])
def test_what_fell_ill_between_run_and_confirmation_ends_the_proposal(desk: Desk, what: str) -> None:
    request, duty, proposal = desk.offered()
    desk.put_away(duty, what)
    before = len(desk.matches())
    problem = refused(post(desk, "essen", proposal, "confirm"), 409, "plan_broken")
    codes = {each["rule"] for each in problem["violations"]}
    assert f"{what}_away" in codes
    assert all(set(each["texts"]) == {"de", "en"} for each in problem["violations"])
    assert desk.request(request).state is State.POOLED
    lost = desk.proposal(proposal)
    assert (lost.standing, lost.end_code) == (Standing.LOST, "no_longer_fits")
    assert desk.stops(duty) == []
    assert not desk.duty(duty).is_used
    assert [each["requests"] for each in desk.matches()[before:]] == [[request]]
    assert "proposal_lost" in desk.notices("essen")
    assert desk.ledger() == []
    refused(post(desk, "essen", proposal, "confirm"), 409, "already_decided")
    desk.house.check()


def test_a_withheld_duty_a_bar_and_a_broken_window_are_seen(desk: Desk) -> None:
    _, duty, proposal = desk.offered(1)
    desk.change(DutyRow, duty, is_offered=False)
    problem = refused(post(desk, "essen", proposal, "confirm"), 409, "plan_broken")
    assert {each["rule"] for each in problem["violations"]} == {"duty_withheld"}

    request, _, proposal = desk.offered(2)
    with desk.house.store.writing() as session:
        row = session.get_one(TransportRequest, desk.request(request).id)
        row.delivery_to = hours(6.1)
    problem = refused(post(desk, "essen", proposal, "confirm"), 409, "plan_broken")
    assert {each["rule"] for each in problem["violations"]} == {"window"}


def test_a_stopped_request_is_confirmed_by_nobody(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    stop = desk.house["abh"].call("POST", f"/requests/{request}/stop", {"code": "court"})
    assert stop.status_code == 200, stop.text
    problem = refused(post(desk, "essen", proposal, "confirm"), 409, "already_decided")
    assert problem["standing"] == "withdrawn"
    assert "stopped" in desk.notices("essen")


def test_too_late_is_too_late(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    desk.house.now = hours(12)
    refused(post(desk, "essen", proposal, "confirm"), 409, "too_late")


def race(desk: Desk, proposal: str, calls: list[tuple[str, str, Any]]) -> list[Any]:
    answers: list[Any] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(at: int) -> None:
        name, action, body = calls[at]
        gate.wait(30)
        answers[at] = post(desk, name, proposal, action, body)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_of_fifty_who_confirm_at_once_one_wins(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    answers = race(desk, proposal, [("essen", "confirm", None), ("essen-second", "confirm", None)] * 25)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}, [a.text for a in answers][:3]
    for answer in answers:
        if answer.status_code == 409:
            problem = answer.json()
            assert (problem["code"], problem["state"]) == ("already_decided", "confirmed")
            assert problem["last"]["action"] == "confirm"
    assert [each.action for each in desk.decisions(request)].count(Action.CONFIRM) == 1
    assert len(desk.ledger()) == 1
    assert len(desk.stops(duty)) == 2
    desk.house.check()


def test_of_confirm_and_decline_at_once_one_wins(desk: Desk) -> None:
    for number in range(1, 4):
        _, _, proposal = desk.offered(number)
        calls: list[tuple[str, str, Any]] = [
            ("essen", "confirm", None),
            ("essen-second", "decline", {"code": "crew_ill"}),
        ]
        answers = race(desk, proposal, calls)
        assert sorted(answer.status_code for answer in answers) == [200, 409]
    desk.house.check()
