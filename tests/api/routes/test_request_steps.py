"""Steps of a request over HTTP: every state, action and role; versions, reasons, races."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.db.tables import Bar, Decision, Standing
from api.services import steps
from api.workflow import OPEN, TABLE, Action, Role, State
from tests.api.request_world import ACCOUNTS, World, at_once, content, refused, world_of


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


BODIES: dict[str, Any] = {
    "ask": {"zab": "zab:essen"},
    "reject": {"code": "no_vehicle"},
    "accept": None,
    "pool": None,
    "cancel": {"code": "date_moved"},
    "stop": {"code": "court"},
    "correct": content(luggage=1),
    "resume": None,
    "settle": {"code": "capacity_found"},
    "return": None,
}
ACTIONS = {name: Action(name if name != "return" else "return_to_abh") for name in BODIES}
ONE_OF_EACH = ("abh", "zab", "lead", "ltrako", "zfa", "zrk", "auditor", "admin")


@pytest.mark.parametrize("name", BODIES)
def test_every_cell_of_the_table_and_no_other(world: World, name: str) -> None:
    """A request that ``zab:essen`` was asked about: whoever the table names may, in the states that it names."""
    action, body = ACTIONS[name], BODIES[name] if name != "accept" else on_a_duty(world)
    for state in State:
        request_id = world.enter(f"C-{state}")
        world.put(request_id, state, asked_zab_id=world.actors["zab"].organisation_id)
        taken = 0
        for login in ONE_OF_EACH:
            role = ACCOUNTS[login][0]
            answer = world.step(login, request_id, name, body)
            cell, where = TABLE.get((state, action)), (name, state, login, answer.text)
            if cell is not None and role in cell.who and is_seen(state, login):
                assert answer.status_code == 200, where
                assert world.state(request_id) is cell.to, where
                taken += 1
                decision = world.decisions(request_id)[-1]
                assert (decision.action, decision.before, decision.after) == (action, state, cell.to)
                assert (decision.role, decision.account_id) == (role, world.actors[login].account_id)
                give_back(world, request_id)
                world.put(request_id, state)
            else:
                assert answer.status_code in (403, 404, 409), where
                assert world.state(request_id) is state, where
        assert len(world.decisions(request_id)) == taken
        world.put(request_id, State.CANCELLED)


def on_a_duty(world: World, zab: str = "zab:essen") -> dict[str, str]:
    with world.store.writing() as session:
        return {"duty_id": str(world.duty(session, zab).id)}


def give_back(world: World, request_id: str) -> None:
    """End a promise past the workflow, so that the next one may make it."""
    with world.store.writing() as session:
        made = steps.live_proposal(session, uuid.UUID(request_id))
        if made is not None:
            made.standing = Standing.WITHDRAWN


def is_seen(state: State, login: str) -> bool:
    """Whether an account sees a request that was asked of ``zab:essen`` and never pooled."""
    if state is State.DRAFT:
        return login == "abh"
    return login != "zfa" or state not in (State.ASKED, State.REJECTED)


@pytest.mark.parametrize("name", [name for name in BODIES if name != "stop"])
def test_all_but_a_stop_need_the_present_version(world: World, name: str) -> None:
    ((state, role),) = [
        (state, min(cell.who - {Role.SYSTEM})) for (state, action), cell in sorted(TABLE.items())
        if action is ACTIONS[name] and cell.who - {Role.SYSTEM}
    ][:1]  # fmt: skip
    login = next(login for login, (of, _) in ACCOUNTS.items() if of is role)
    request_id = world.enter()
    world.put(request_id, state, asked_zab_id=world.actors["zab"].organisation_id)
    body = BODIES[name] if name != "accept" else on_a_duty(world)
    path = f"/requests/{request_id}/{name}"
    refused(world.call(login, "POST", path, json=body), 428, "version_missing")
    refused(world.call(login, "POST", path, json=body, etag='"999"'), 412, "version_changed")
    assert world.state(request_id) is state
    etag = world.get(login, f"/requests/{request_id}").headers["etag"]
    answer = world.call(login, "POST", path, json=body, etag=etag)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] != etag


def test_a_stop_needs_no_version_and_takes_the_seat_back(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM)
    answer = world.call("zab", "POST", f"/requests/{request_id}/stop", json={"code": "medical"}, etag='"1"')
    assert (answer.status_code, world.state(request_id)) == (200, State.STOPPED)
    assert len(world.matches()[-1]["duties"]) == 1, "the freed seat is offered anew"
    told = refused(world.step("abh", request_id, "stop", {"code": "court"}), 409, "already_decided")
    assert told["last"]["action"] == "stop"


@pytest.mark.parametrize("body", [{}, {"code": "weather"}, {"code": "court", "remark": "x" * 201}, {"codes": "court"}])
def test_a_stop_needs_a_coded_reason(world: World, body: dict[str, str]) -> None:
    request_id = world.enter()
    refused(world.step("abh", request_id, "stop", body), 422, "body_invalid")
    assert world.state(request_id) is State.DRAFT


def test_other_needs_a_text(world: World) -> None:
    request_id = world.enter()
    told = refused(world.step("abh", request_id, "cancel", {"code": "other"}), 422, "reason_missing")
    assert [each["path"] for each in told["errors"]] == ["/remark"]
    assert world.step("abh", request_id, "cancel", {"code": "other", "remark": "why"}).status_code == 200
    assert world.decisions(request_id)[0].remark == "why"


def test_another_abh_may_do_nothing(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    for name, body in BODIES.items():
        assert world.step("abh-other", request_id, name, body).status_code in (403, 404), name
    assert world.state(request_id) is State.POOLED


# --- first round ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["zab", "abh"])
def test_a_rejection_is_kept_with_whom_and_why(world: World, login: str) -> None:
    request_id = world.enter()
    assert world.step("abh", request_id, "ask", {"zab": "zab:essen"}).status_code == 200
    for other in ("zab-other", "lead-other"):
        assert world.step(other, request_id, "reject", {"code": "no_staff"}).status_code == 404
    assert world.step(login, request_id, "reject", {"code": "no_staff"}).status_code == 200
    assert world.row(request_id).content["rejection"] == {"by": "zab:essen", "code": "no_staff"}
    assert world.get("zab", f"/requests/{request_id}").json()["view"] == "coarse", "it is no longer its business"
    assert world.step("abh", request_id, "pool").status_code == 200
    assert world.state(request_id) is State.POOLED


def test_another_zab_than_the_one_asked_may_not_answer(world: World) -> None:
    """Seen by another ZAB, for it once had a proposal; not for it to answer."""
    request_id = world.enter(enter_as="pool")
    world.propose(request_id, "zab:koeln")
    give_back(world, request_id)
    world.put(request_id, State.ASKED, asked_zab_id=world.actors["zab"].organisation_id)
    refused(world.step("zab-other", request_id, "accept", on_a_duty(world, "zab:koeln")), 403, "role_may_not")
    refused(world.step("zab-other", request_id, "reject", {"code": "no_staff"}), 403, "role_may_not")
    assert world.step("zab", request_id, "accept", on_a_duty(world)).status_code == 200
    assert world.state(request_id) is State.CONFIRMED


def test_who_accepts_in_the_first_round_sees_it_whole(world: World) -> None:
    request_id = world.enter()
    world.step("abh", request_id, "ask", {"zab": "zab:essen"})
    refused(world.step("zab", request_id, "accept"), 422, "body_invalid")
    refused(world.step("zab", request_id, "accept", on_a_duty(world, "zab:koeln")), 404, "not_found")
    answer = world.step("zab", request_id, "accept", on_a_duty(world))
    assert (answer.status_code, answer.json()["view"]) == (200, "full")
    refused(world.get("zab-other", f"/requests/{request_id}"), 404, "not_found")


# --- after a decline, after expiry ------------------------------------------------------------------------------------


def declined(world: World, action: Action, code: str) -> str:
    request_id = world.enter(enter_as="pool")
    world.propose(request_id)
    world.take("zab", request_id, action, code)
    return request_id


def test_corrected_data_go_back_to_the_pool(world: World) -> None:
    request_id = declined(world, Action.DECLINE_CORRECT, "data_wrong")
    answer = world.step("abh", request_id, "correct", content(luggage=4))
    assert (answer.status_code, answer.json()["state"]) == (200, "pooled")
    assert world.row(request_id).content["luggage"] == 4
    assert world.decisions(request_id)[-1].details == {"fields": ["luggage"]}
    assert world.matches()[-1] == {"reason": "correct", "requests": [request_id], "duties": []}


def test_new_data_settle_no_escalation(world: World) -> None:
    request_id = declined(world, Action.DECLINE_ESCALATE, "distance")
    answer = world.step("abh", request_id, "correct", content(luggage=4))
    problem = refused(answer, 409, "state_forbids")
    assert "lead of zab:essen" in problem["detail"]
    assert (problem["state"], problem["turn"], problem["allowed"]) == (
        "declined",
        "zab:essen",
        ["cancel", "return_to_abh", "stop"],
    )
    assert (world.state(request_id), world.row(request_id).content["luggage"]) == (State.DECLINED, 0)
    assert world.step("lead", request_id, "settle", {"code": "decline_refused"}).status_code == 200
    assert world.call("abh", "PUT", f"/requests/{request_id}", json=content(luggage=4), etag="*").status_code == 200
    assert world.state(request_id) is State.POOLED


def test_an_upheld_decline_bars_for_good_whoever_was_barred_for_a_time(world: World) -> None:
    request_id = declined(world, Action.DECLINE_ESCALATE, "distance")
    zab = world.actors["zab"].organisation_id
    with world.store.writing() as session:
        until = world.now + timedelta(hours=1)
        session.add(Bar(request_id=uuid.UUID(request_id), zab_id=zab, until=until, created_at=world.now))
    assert world.step("lead", request_id, "settle", {"code": "decline_upheld"}).status_code == 200
    assert [(bar.zab_id, bar.until) for bar in world.row(request_id).bars] == [(zab, None)]


@pytest.mark.parametrize(("code", "is_barred"), [("decline_upheld", True), ("decline_refused", False)])
@pytest.mark.parametrize("login", ["lead", "ltrako"])
def test_a_lead_settles_a_decline(world: World, login: str, code: str, is_barred: bool) -> None:
    request_id = declined(world, Action.DECLINE_ESCALATE, "distance")
    refused(world.step("lead-other", request_id, "settle", {"code": code}), 403, "role_may_not")
    assert world.step(login, request_id, "settle", {"code": code}).status_code == 200
    assert (world.state(request_id), world.count(Bar)) == (State.POOLED, int(is_barred))


@pytest.mark.parametrize(("code", "is_barred"), [("distance", True), ("data_wrong", False)])
def test_an_escalation_that_nobody_settled_outlives_the_return(world: World, code: str, is_barred: bool) -> None:
    action = Action.DECLINE_ESCALATE if is_barred else Action.DECLINE_CORRECT
    request_id = declined(world, action, code)
    assert world.step("abh", request_id, "return").status_code == 200
    assert world.step("abh", request_id, "pool").status_code == 200
    bars = [(bar.zab_id, bar.until) for bar in world.row(request_id).bars]
    assert bars == ([(world.actors["zab"].organisation_id, None)] if is_barred else [])


def test_a_lead_returns_only_what_its_zab_was_asked(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    refused(world.step("lead", request_id, "return"), 403, "role_may_not")
    refused(world.step("zab", request_id, "return"), 403, "role_may_not")
    other = world.enter("R-2", enter_as="pool")
    world.propose(other)
    world.put(other, State.EXPIRED)
    refused(world.step("lead-other", other, "resume"), 403, "role_may_not")
    assert world.step("lead", other, "return").status_code == 200
    assert world.step("ltrako", request_id, "return").status_code == 200
    assert {world.state(request_id), world.state(other)} == {State.RETURNED}
    assert world.step("abh", request_id, "pool").status_code == 200, "its owner may try again"


# --- races ------------------------------------------------------------------------------------------------------------


def test_of_two_stops_at_once_one_is_taken(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    stops = [
        partial(world.step, login, request_id, "stop", {"code": "court"}) for login in ("abh", "zab", "ltrako", "zfa")
    ]
    answers = at_once(stops)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {404, 409}, "a ZAB that had nothing to do with it no longer sees it"
    assert [each.action for each in world.decisions(request_id)] == [Action.POOL, Action.STOP]


@pytest.mark.parametrize("attempt", range(5))
def test_a_stop_beats_an_amendment(world: World, attempt: int) -> None:
    request_id = world.enter(enter_as="pool")
    etag = world.get("abh", f"/requests/{request_id}").headers["etag"]
    amended, stopped = at_once([
        lambda: world.call("abh", "PUT", f"/requests/{request_id}", json=content(luggage=5), etag=etag),
        lambda: world.step("zab", request_id, "stop", {"code": "medical"}),
    ])  # fmt: skip
    assert stopped.status_code == 200, "whatever came first"
    assert amended.status_code in (200, 409, 412)
    assert world.state(request_id) is State.STOPPED
    assert world.row(request_id).content["luggage"] == (5 if amended.status_code == 200 else 0)


def test_of_two_amendments_of_one_version_one_is_taken(world: World) -> None:
    request_id = world.enter()
    etag = world.get("abh", f"/requests/{request_id}").headers["etag"]
    path = f"/requests/{request_id}"
    calls = [partial(world.call, "abh", "PUT", path, json=content(luggage=n), etag=etag) for n in range(1, 6)]
    answers = at_once(calls)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    assert world.count(Decision) == 1
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert world.row(request_id).content["luggage"] == winner.json()["content"]["luggage"]


def test_stops_are_possible_from_every_open_state() -> None:
    assert {state for (state, action) in TABLE if action is Action.STOP} == OPEN
