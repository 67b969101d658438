"""Four eyes over HTTP: lifting a stop, lifting a rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Engine, select

from api.db.tables import Approval, Notice, Override
from api.workflow import ENDED, Action, State
from optimizer.model import COMPANY_RULES, RULEBOOK, Rule, Strength
from tests.api.request_world import ACCOUNTS, NOW, World, at_once, content, refused, world_of

OVERRIDABLE = [rule for rule in Rule if RULEBOOK[rule].strength is Strength.OVERRIDABLE]


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


def lift(world: World, request_id: str, login: str = "abh", code: str = "order_lifted", remark: str = "") -> Response:
    body = {"code": code, "remark": remark}
    return world.call(login, "POST", f"/requests/{request_id}/lift-stop", json=body)


def override(world: World, request_id: str, login: str = "zab", rule: str = "detour") -> Response:
    body = {"rule": rule, "reason": "REASON-MARKER"}
    return world.call(login, "POST", f"/requests/{request_id}/overrides", json=body)


def decide(world: World, login: str, approval: Response, what: str, *, etag: str = "*") -> Response:
    return world.call(login, "POST", f"/approvals/{approval.json()['id']}/{what}", etag=etag)


def stopped(world: World) -> str:
    request_id = world.enter(enter_as="pool")
    assert world.step("abh", request_id, "stop", {"code": "court"}).status_code == 200
    return request_id


def test_a_stop_is_lifted_by_two(world: World) -> None:
    request_id = stopped(world)
    asked = lift(world, request_id)
    assert asked.status_code == 202, asked.text
    shown = asked.json()
    assert asked.headers["location"] == f"/v1/approvals/{shown['id']}"
    assert (shown["state"], shown["is_own"], shown["action"]) == ("pending", True, "lift_stop")
    assert world.state(request_id) is State.STOPPED, "one person alone changes nothing"
    refused(decide(world, "abh", asked, "agree"), 409, "second_person_is_first")
    for login in ("abh-other", "zab", "lead"):
        refused(decide(world, login, asked, "agree"), 404, "not_found")
    for login in ("ltrako", "auditor", "admin"):
        refused(decide(world, login, asked, "agree"), 403, "role_may_not")
    seen = world.get("abh-second", asked.headers["location"].removeprefix("/v1"))
    refused(world.call("abh-second", "POST", f"/approvals/{shown['id']}/agree"), 428, "version_missing")
    refused(decide(world, "abh-second", asked, "agree", etag='"77"'), 412, "version_changed")
    agreed = decide(world, "abh-second", asked, "agree", etag=seen.headers["etag"])
    assert (agreed.status_code, agreed.json()["state"]) == (200, "agreed")
    assert world.state(request_id) is State.DRAFT
    decision = world.decisions(request_id)[-1]
    assert (decision.action, decision.code) == (Action.LIFT_STOP, "order_lifted")
    assert (decision.account_id, decision.second_id) == (
        world.actors["abh"].account_id, world.actors["abh-second"].account_id
    )  # fmt: skip
    refused(decide(world, "abh-second", asked, "agree"), 409, "already_decided")
    assert [line.details["action"] for line in world.audited("agreed")] == ["lift_stop"]


@pytest.mark.parametrize("state", sorted(set(State) - {State.STOPPED}))
def test_only_a_stop_can_be_lifted(world: World, state: State) -> None:
    request_id = world.enter()
    world.put(request_id, state)
    refused(lift(world, request_id), 409, "state_forbids")
    assert world.count(Approval) == 0


def test_who_may_ask_to_lift_a_stop_and_how(world: World) -> None:
    request_id = stopped(world)
    refused(lift(world, request_id, "abh-other"), 404, "not_found")
    for login in set(ACCOUNTS) - {"abh", "abh-second", "abh-other"}:
        refused(lift(world, request_id, login), 403, "role_may_not")
    refused(lift(world, request_id, code="mood"), 422, "body_invalid")
    refused(lift(world, request_id, code="other"), 422, "reason_missing")
    first = lift(world, request_id, code="other", remark="why")
    told = refused(lift(world, request_id, "abh-second"), 409, "exists_already")
    assert told["id"] == first.json()["id"]


def test_refusing_and_withdrawing(world: World) -> None:
    request_id = stopped(world)
    asked = lift(world, request_id)
    refused(decide(world, "abh", asked, "refuse"), 409, "second_person_is_first")
    refused(decide(world, "abh-second", asked, "withdraw"), 403, "role_may_not")
    assert decide(world, "abh-second", asked, "refuse").json()["state"] == "refused"
    again = lift(world, request_id)
    assert decide(world, "abh", again, "withdraw").json()["state"] == "withdrawn"
    for login, what in (("abh-second", "agree"), ("abh", "withdraw"), ("abh-second", "refuse")):
        refused(decide(world, login, again, what), 409, "already_decided")
    assert world.state(request_id) is State.STOPPED


def test_after_a_day_it_must_be_asked_anew(world: World) -> None:
    request_id = stopped(world)
    asked = lift(world, request_id)
    world.now = NOW + timedelta(hours=24)
    refused(decide(world, "abh-second", asked, "agree"), 409, "too_late")
    (item,) = world.get("abh", "/approvals").json()["items"]
    assert item["state"] == "expired"
    assert world.get("abh", "/approvals", params={"only_pending": True}).json()["items"] == []
    again = lift(world, request_id)
    assert again.status_code == 202
    assert decide(world, "abh-second", again, "agree").status_code == 200


def test_what_no_longer_holds_is_not_done_and_stays_pending(world: World) -> None:
    request_id = stopped(world)
    asked = lift(world, request_id)
    other = world.enter("A-1")
    told = refused(decide(world, "abh-second", asked, "agree"), 409, "exists_already")
    assert told["id"] == other, "the case was entered anew meanwhile"
    assert world.state(request_id) is State.STOPPED
    (item,) = world.get("abh-second", "/approvals", params={"only_pending": True}).json()["items"]
    assert (item["id"], item["is_own"]) == (asked.json()["id"], False)


def test_of_two_who_agree_at_once_one_does(world: World) -> None:
    request_id = stopped(world)
    asked = lift(world, request_id)
    answers = at_once([lambda: decide(world, "abh-second", asked, "agree")] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert [each.action for each in world.decisions(request_id)].count(Action.LIFT_STOP) == 1


# --- overrides --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", OVERRIDABLE)
def test_a_rule_is_lifted_by_two(world: World, rule: Rule) -> None:
    request_id = world.enter(enter_as="pool")
    before = world.row(request_id).version
    asked = override(world, request_id, rule=rule.value)
    assert (asked.status_code, asked.json()["code"], asked.json()["action"]) == (202, rule.value, "override")
    assert world.count(Override) == 0
    refused(decide(world, "zab", asked, "agree"), 409, "second_person_is_first")
    refused(decide(world, "zab-other", asked, "agree"), 404, "not_found")
    assert decide(world, "zab-second", asked, "agree").status_code == 200
    assert world.count(Override) == 1
    assert world.row(request_id).version == before + 1, "a run at work sees that something changed"
    assert "override" not in {match["reason"] for match in world.matches()}, "what a ZAB lifts no run may use"
    ((code, details),) = notices_of(world, "abh", "rule_lifted")
    # Of a rule on who rides together the owner learns no more than that it is one: it tells of the others.
    told_owner, why = ("company", None) if rule in COMPANY_RULES else (rule.value, "REASON-MARKER")
    assert (code, details["rule"], details["organisation"]) == (told_owner, told_owner, "zab:essen")
    (line,) = world.audited("override")
    assert line.details == {"rule": rule.value, "second": str(world.actors["zab-second"].account_id)}
    told = refused(override(world, request_id, rule=rule.value), 409, "exists_already")
    shown: list[dict[str, Any]] = world.get("abh", f"/requests/{request_id}/overrides").json()
    assert [(each["id"], each["rule"], each["reason"]) for each in shown] == [(told["id"], told_owner, why)]
    assert "MARKER" not in world.get("zab-other", f"/requests/{request_id}/overrides").text
    assert world.get("ltrako", "/overrides").json() == [{"rule": rule.value, "count": 1}]
    refused(world.get("zab", "/overrides"), 403, "role_may_not")


def test_a_lead_may_be_the_second_person_of_a_dispatcher(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    assert decide(world, "lead", override(world, request_id, "zab"), "agree").status_code == 200


def test_each_zab_and_the_owner_lift_a_rule_for_themselves(world: World) -> None:
    """What a ZAB lifted holds for it alone, so that others need theirs; what the owner lifted holds for all."""
    request_id = world.enter(enter_as="pool")
    pairs = (("zab", "lead"), ("zab-other", "lead-other"), ("abh", "abh-second"))
    for number, (first, second) in enumerate(pairs, 1):
        assert decide(world, second, override(world, request_id, first), "agree").status_code == 200
        assert world.count(Override) == number
    other = world.enter("B-1", enter_as="pool")
    assert decide(world, "abh-second", override(world, other, "abh"), "agree").status_code == 200
    refused(override(world, other, "zab"), 409, "exists_already")


def test_what_was_agreed_to_ends_with_what_it_was_agreed_for(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    assert decide(world, "lead", override(world, request_id, "zab"), "agree").status_code == 200
    waiting = override(world, request_id, "abh")
    amend(world, request_id, luggage=1)
    assert world.count(Override) == 1, "luggage is no part of it"
    refused(decide(world, "abh-second", waiting, "agree"), 412, "version_changed")
    people = [{"age": "adult", "sex": "m", "count": 2}]
    amend(world, request_id, people=people)
    assert world.count(Override) == 0
    refused(decide(world, "abh-second", waiting, "agree"), 409, "already_decided")
    (line,) = world.audited("override_ended")
    assert line.details == {"rule": "detour", "code": "request_changed"}
    for login in ("abh", "zab"):
        ((code, details),) = notices_of(world, login, "override_ended")
        assert (code, details["rules"]) == ("request_changed", ["detour"])
    assert world.get("ltrako", "/overrides").json() == [{"rule": "detour", "count": 1}], "it was lifted all the same"


def amend(world: World, request_id: str, **changes: Any) -> None:
    answer = world.call("abh", "PUT", f"/requests/{request_id}", json=content(**changes), etag="*")
    assert answer.status_code == 200, answer.text


def notices_of(world: World, login: str, kind: str) -> list[tuple[str | None, dict[str, Any]]]:
    with world.store.reading() as session:
        query = select(Notice).where(
            Notice.kind == kind, Notice.organisation_id == world.actors[login].organisation_id
        )  # fmt: skip
        return [(row.code, row.details) for row in session.scalars(query)]


@pytest.mark.parametrize("rule", [rule.value for rule in Rule if rule not in OVERRIDABLE] + ["mercy"])
def test_no_other_rule_can_be_lifted(world: World, rule: str) -> None:
    request_id = world.enter(enter_as="pool")
    refused(override(world, request_id, rule=rule), 422, "value_refused")
    assert world.count(Approval) == 0


def test_who_may_ask_to_lift_a_rule(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    for login in ("ltrako", "zfa", "zrk", "auditor", "admin"):
        refused(override(world, request_id, login), 403, "role_may_not")
    refused(override(world, request_id, "abh-other"), 404, "not_found")
    asked = override(world, request_id, "abh")
    assert decide(world, "abh-second", asked, "agree").status_code == 200
    assert world.matches()[-1] == {"reason": "override", "requests": [request_id], "duties": []}
    draft = world.enter("D-1")
    refused(override(world, draft, "zab"), 404, "not_found")


@pytest.mark.parametrize("state", sorted(ENDED))
def test_no_rule_is_lifted_after_the_end(world: World, state: State) -> None:
    request_id = world.enter(enter_as="pool")
    asked = override(world, request_id, "abh")
    world.put(request_id, state)
    refused(override(world, request_id, "abh", rule="ride_time"), 409, "state_forbids")
    refused(decide(world, "abh-second", asked, "agree"), 409, "state_forbids")
    assert world.count(Override) == 0


def test_a_repeated_call_asks_once(world: World) -> None:
    request_id = stopped(world)
    calls = [
        world.call(
            "abh", "POST", f"/requests/{request_id}/lift-stop", json={"code": "order_lifted"},
            headers={"Idempotency-Key": "one"},
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [call.status_code for call in calls] == [202, 202]
    assert calls[0].json() == calls[1].json()
    assert world.count(Approval) == 1
