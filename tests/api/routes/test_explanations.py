"""Questions about the plan through HTTP: asked, answered by what a worker does, told to each as much as it may see."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from api.db.tables import AuditEntry, Proposal, Run, RunKind, RunState, TourStop, TransportRequest
from api.jobs.solving import Steps
from api.schemas.gates import CLEAR
from api.services import runs
from tests.api import clearance_world
from tests.api.house import House


def ask(house: House, who: str, asks: str, request: str, *, duty: str | None = None, status: int = 202) -> Any:
    body = {"asks": asks, "request_id": request} | ({} if duty is None else {"duty_id": duty})
    answer = house[who].call("POST", "/explanations", body)
    assert answer.status_code == status, answer.text
    return answer.json()


def answered(house: House, who: str, asks: str, request: str, *, duty: str | None = None) -> Any:
    asked = ask(house, who, asks, request, duty=duty)
    assert asked["state"] == "queued"
    house.answer()
    told = house[who].get(f"/explanations/{asked['id']}")
    assert (told["state"], told["failure"]) == ("done", None)
    return told


def everything(house: House) -> str:
    """All that a plan consists of, as text."""
    with house.store.reading() as session:
        rows: list[list[Any]] = [
            [(row.id, row.state, row.version, row.reasons, row.matched_at) for row in session.scalars(query).unique()]
            for query in (select(TransportRequest),)
        ]
        rows += [[(p.id, p.standing, p.version, p.pickup_at) for p in session.scalars(select(Proposal)).unique()]]
        stops = [(s.duty_id, s.position, s.start) for s in session.scalars(select(TourStop))]
    return str([*map(sorted, map(lambda each: [str(x) for x in each], rows)), sorted(map(str, stops))])  # noqa: C417


@pytest.fixture
def late(house: House) -> dict[str, str]:
    """A request that no duty can carry: those of Essen and Köln end before its hand-over could be reached."""
    ids = {"essen": house.duty("zab:essen", since=5, until=7), "koeln": house.duty("zab:koeln", since=5, until=7)}
    ids["request"] = house.pooled(1)
    house.match()
    assert house.state(ids["request"]) == "pooled"
    return ids


def test_why_not_names_rules_of_own_duties_and_the_nearest_of_others(house: House, late: dict[str, str]) -> None:
    before = everything(house)
    told = answered(house, "essen", "why_not", late["request"])
    own, other = (next(each for each in told["why_not"] if each["zab"] == zab) for zab in ("zab:essen", "zab:koeln"))
    assert own["duty_id"] == late["essen"]
    assert own["rules"]
    assert own["tour"], "the plan that shows it"
    assert sum(stop["is_asked"] for stop in own["tour"]) == 2
    assert (other["duty_id"], other["duty"], other["tour"]) == (None, None, [])
    assert set(own["texts"]) == set(own["actions"]) == {"de", "en"}
    assert late["koeln"] not in json.dumps(told)
    assert everything(house) == before, "a question changes nothing"
    house.check()


def test_the_landestransportkoordination_sees_all_duties_and_an_owner_none(house: House, late: dict[str, str]) -> None:
    told = answered(house, "ltrako", "why_not", late["request"])
    assert {each["duty_id"] for each in told["why_not"]} == {late["essen"], late["koeln"]}
    told = answered(house, "abh", "why_not", late["request"])
    assert [(each["zab"], each["duty_id"]) for each in told["why_not"]] == [
        (zab, None) for zab in [each["zab"] for each in told["why_not"]]
    ]
    assert {each["zab"] for each in told["why_not"]} == {"zab:essen", "zab:koeln"}


def test_one_pair_is_asked_by_who_may_see_the_duty(house: House, late: dict[str, str]) -> None:
    (told,) = answered(house, "koeln", "why_not", late["request"], duty=late["koeln"])["why_not"]
    assert told["duty_id"] == late["koeln"]
    for who in ("essen", "abh"):
        assert ask(house, who, "why_not", late["request"], duty=late["koeln"], status=404)["code"] == "not_found"
    refused = ask(house, "koeln", "what_helps", late["request"], duty=late["koeln"], status=422)
    assert refused["code"] == "value_refused"


def test_what_helps_is_ranked_by_who_may_grant_it(house: House, late: dict[str, str]) -> None:
    told = answered(house, "essen", "what_helps", late["request"])["what_helps"]
    assert not told["fits_now"]
    granters = [each["granter"] for each in told["relaxations"]]
    order = ["requester", "zab", "lead", "nobody"]
    assert granters == sorted(granters, key=order.index)
    assert told["relaxations"]
    assert all(each["size"] >= 1 and each["texts"]["de"] for each in told["relaxations"])
    texts = [text for each in told["relaxations"] for text in (each["texts"]["de"], each["actions"]["de"])]
    assert not any("zab:" in text or late["essen"] in text or late["koeln"] in text for text in texts), texts
    assert any("ZAB Essen" in text for text in texts)
    assert all((each["duty_id"] is None) == (each["zab"] != "zab:essen") for each in told["relaxations"])


def test_why_this_tells_what_it_adds_and_where_else(house: House) -> None:
    duty, other = house.duty("zab:essen"), house.duty("zab:koeln")
    request = house.pooled(1)
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    mine, theirs = ("essen", "koeln") if offer["zab"] == "zab:essen" else ("koeln", "essen")
    told = answered(house, mine, "why_this", request)["why_this"]
    assert told["zab"] == offer["zab"]
    assert {"served", "custody"} <= {each["stage"] for each in told["terms"]}
    assert told["next_best"]["zab"] == f"zab:{theirs}"
    assert told["next_best"]["duty_id"] is None
    assert (duty if theirs == "essen" else other) not in json.dumps(told)
    assert ask(house, theirs, "why_this", request, status=409)["code"] == "state_forbids"
    assert ask(house, mine, "what_helps", request, status=409)["code"] == "state_forbids"
    house.check()


def test_a_gate_that_opens_is_among_what_helps_with_the_tour_that_shows_it(house: House) -> None:
    duty = house.duty("zab:essen")
    request = house.pooled(1, gates=CLEAR | {"court_order": None})
    for who in ("abh", "essen"):
        told = answered(house, who, "what_helps", request)
        assert [each["rule"] for each in told["gates"]] == ["court_order"]
        assert not told["what_helps"]["fits_now"], "nobody rides while a gate is closed"
        (gate,) = told["what_helps"]["relaxations"]
        assert (gate["kind"], gate["gate"], gate["granter"], gate["size"]) == (
            "clearance", "court_order", "requester", 1
        )  # fmt: skip
        assert gate["is_enough"], "nothing else is in the way"
        where = "auf Dienst " if who == "essen" else "auf einen Dienst der ZAB Essen"
        assert f"passt die Fahrt {where}" in gate["texts"]["de"]
        assert gate["actions"]["de"]
        assert gate["zab"] == "zab:essen"
        assert (gate["duty_id"] == duty, bool(gate["tour"])) == ((True, True) if who == "essen" else (False, False))


def test_several_closed_gates_must_all_open(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1, gates={})
    told = answered(house, "abh", "what_helps", request)["what_helps"]
    assert len(told["relaxations"]) > 1
    assert {each["kind"] for each in told["relaxations"]} == {"clearance"}
    assert not any(each["is_enough"] for each in told["relaxations"])
    assert all("alles andere" in each["texts"]["de"] for each in told["relaxations"])


def test_a_clearance_is_granted_by_who_applies_for_it(house: House) -> None:
    # The duty ends too early as well: then the clearance is needed, and not enough.
    house.duty("zab:essen", since=5, until=7)
    request = clearance_world.pooled(house)
    told = answered(house, "essen", "what_helps", request)["what_helps"]
    granters = [each["granter"] for each in told["relaxations"]]
    order = ["requester", "zab", "zfa", "zrk", "lead", "nobody"]
    assert granters == sorted(granters, key=order.index)
    (gate,) = (each for each in told["relaxations"] if each["kind"] == "clearance")
    assert (gate["granter"], gate["gate"], gate["is_enough"]) == ("zfa", "transit", False)
    assert "genügt allein nicht" in gate["texts"]["de"]
    assert not any(each["is_enough"] for each in told["relaxations"])


def test_two_changes_together_where_one_is_not_enough(house: House) -> None:
    # The shift ends too early, and no crew has the interpreter that is asked for.
    duty = house.duty("zab:essen", since=5, until=7)
    request = house.pooled(1, needs=["interpreter"])
    told = answered(house, "essen", "what_helps", request)["what_helps"]
    assert [each for each in told["relaxations"] if each["granter"] != "nobody"] == []
    assert told["no_pair"] is None
    first = told["combinations"][0]
    assert {each["kind"] for each in first["parts"]} >= {"skill"}
    assert first["duty_id"] == duty
    assert sum(stop["is_asked"] for stop in first["tour"]) == 2
    assert first["is_enough"]
    assert "eine allein nicht" in first["texts"]["de"]
    assert duty not in json.dumps([first["texts"], first["actions"]])
    other = answered(house, "abh", "what_helps", request)["what_helps"]["combinations"][0]
    assert (other["duty_id"], other["duty"], other["tour"]) == (None, None, [])


def test_another_day_may_help(house: House) -> None:
    # Nobody works on its day; the day after somebody does.
    house.duty("zab:essen", days=1)
    request = house.pooled(1)
    told = answered(house, "essen", "what_helps", request)["what_helps"]
    assert [(each["kind"], each["size"]) for each in told["relaxations"]] == [("day_later", 1)]


def test_nobody_else_sees_a_question(house: House, late: dict[str, str]) -> None:
    asked = ask(house, "essen", "why_not", late["request"])
    assert house["essen-second"].get(f"/explanations/{asked['id']}")["id"] == asked["id"]
    for who in ("koeln", "abh", "ltrako"):
        for method, path in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
            answer = house[who].call(method, f"/explanations/{asked['id']}{path}")
            assert answer.status_code == 404, (who, method, path)
        assert asked["id"] not in json.dumps(house[who].call("GET", "/runs").json())
    assert house["auditor"].call("GET", f"/explanations/{asked['id']}").status_code == 403
    assert ask(house, "abh-other", "why_not", late["request"], status=404)["code"] == "not_found"


def test_a_question_is_taken_back_and_holds_up_no_run(house: House, late: dict[str, str]) -> None:
    asked = ask(house, "essen", "why_not", late["request"])
    day = house.now.date().isoformat()
    started = house["ltrako"].call("POST", "/runs", {"first_day": day, "last_day": day})
    assert started.status_code == 202, "no question is in the way of a run"
    ended = house["essen"].call("DELETE", f"/explanations/{asked['id']}")
    assert (ended.status_code, ended.json()["state"]) == (202, "cancelled")
    again = house["essen"].call("DELETE", f"/explanations/{asked['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "state_forbids")
    told = house["essen"].call("GET", f"/explanations/{asked['id']}/events").text
    assert "event: finished" in told
    with house.store.reading() as session:
        assert session.scalars(select(Run.state).where(Run.kind == RunKind.QUESTION)).all() == [RunState.CANCELLED]
        actions = set(session.scalars(select(AuditEntry.action)))
    assert {"explanation_asked", "run_cancel_asked"} <= actions


def test_a_request_that_went_meanwhile_fails_its_question_and_nothing_else(house: House, late: dict[str, str]) -> None:
    asked = ask(house, "essen", "why_not", late["request"])
    house["abh"].do(f"/requests/{late['request']}/cancel", {"code": "own_transport"})
    steps = Steps(context=house.context, worker="test", stop=threading.Event())
    with house.store.writing() as session:
        assert runs.begin(session, uuid.UUID(asked["id"]), "test", now=house.now) is not None
    steps.prepare(asked["id"])
    with pytest.raises(Exception, match="request"):
        steps.solve(asked["id"])
    steps.fail(asked["id"], "InvalidValue")
    with house.store.reading() as session:
        assert session.get_one(Run, uuid.UUID(asked["id"])).state is RunState.FAILED
