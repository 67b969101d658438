"""The catalogue: everything that there is, in both languages; signed in, whatever the role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

import data
from api import texts
from api.actor import SYSTEM
from api.amtshilfe import AmtshilfeReason
from api.db.tables import ParameterSetRow
from api.gates import Gate
from api.routes import catalogue as routes
from api.services import parameters
from api.tasks import NewMeasureOutcome
from api.web.authentication import EVERYBODY
from api.words import Language
from api.workflow import CLASS_OF, REASONS, TABLE, Action, DeclineClass, DeclineCode, Role, State
from optimizer.model import RULEBOOK
from tests.api.small_app import Small
from tests.api.whole_app import code_of, whole

PATHS = [
    "codes",
    "workflow",
    "rules",
    "gates",
    "places",
    "parameter-sets",
    "parameter-sets/in-force",
    "parameter-sets/nrw-2026-01",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("catalogue")


@pytest.fixture
def service(engine: Engine, place: Path) -> Iterator[Small]:
    with whole(engine, place, routes.router) as made:
        with made.context.store.writing() as session:
            parameters.seed(session, SYSTEM, now=made.clock())
        yield made


@pytest.fixture
def client(service: Small) -> Iterator[TestClient]:
    with service.client(Role.ABH) as made:
        yield made


def read(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/v1/catalogue/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_role_reads_it_and_nobody_else(service: Small) -> None:
    for role in EVERYBODY:
        with service.client(role) as client:
            assert [client.get(f"/v1/catalogue/{path}").status_code for path in PATHS] == [200] * len(PATHS)
    with service.client() as nobody:
        assert {code_of(nobody.get(f"/v1/catalogue/{path}")) for path in PATHS} == {(401, "not_signed_in")}


def test_every_code_is_there_with_its_texts(client: TestClient) -> None:
    codes = read(client, "codes")
    beside = {code.value for kind in (AmtshilfeReason, NewMeasureOutcome) for code in kind}
    assert {each["code"] for kind in codes.values() for each in kind} == {
        code.value for kind in REASONS.values() for code in kind
    } | beside
    for kind in codes.values():
        assert all(each["text"]["de"] and each["text"]["en"] for each in kind)
        assert [each["code"] for each in kind if each["needs_remark"]] in (["other"], [])
    assert {each["code"]: each["decline_class"] for each in codes["decline"]} == CLASS_OF


def test_every_state_and_action_is_there_with_who_may(client: TestClient) -> None:
    shown = {
        (state["state"], action["action"]): (
            action["to"],
            action["roles"],
            action["needs_reason"],
            action["needs_second"],
        )
        for state in read(client, "workflow")
        for action in state["actions"]
    }
    assert shown == {
        (state.value, action.value): (cell.to.value, sorted(cell.who), cell.needs_reason, cell.needs_second)
        for (state, action), cell in TABLE.items()
    }
    reject = next(
        action for state in read(client, "workflow") for action in state["actions"] if action["action"] == "reject"
    )
    assert reject["codes"] == [code.value for code in REASONS[Action.REJECT]]


def test_every_rule_is_there(client: TestClient) -> None:
    rules = read(client, "rules")
    assert [(each["rule"], each["strength"], each["scope"], each["source"]) for each in rules] == [
        (rule.value, spec.strength.value, spec.scope.value, spec.source) for rule, spec in RULEBOOK.items()
    ]
    said = [text for each in rules for kind in ("text", "action") for text in each[kind].values()]
    assert all(said)
    assert not [text for text in said if "{" in text]


def test_every_gate_is_there_and_whether_it_may_be_lifted(client: TestClient) -> None:
    found = read(client, "gates", on="2026-10-05")
    assert (found["parameter_set"], found["valid_from"]) == ("service-nrw-2026-01", "2026-01-01")
    assert [each["gate"] for each in found["gates"]] == [gate.value for gate in Gate]
    assert {each["gate"] for each in found["gates"] if each["may_be_lifted"]} == {
        "fitness_to_travel", "medical_reception"
    }  # fmt: skip
    assert all(each["text"]["de"] and each["text"]["en"] and each["law"] for each in found["gates"])


def test_places_are_found_by_name_and_by_the_beginning_of_their_key(client: TestClient) -> None:
    assert [each["name"] for each in read(client, "places", q="essen", kind="town", limit=200)["items"]].count(
        "Essen"
    ) == 1
    assert {"name": "Köln", "ags": "05315000", "id": "05315000", "kind": "town"} in read(client, "places", q="koln")[
        "items"
    ]
    assert read(client, "places", q="KÖLN", kind="town") == read(client, "places", q="köln", kind="town")
    assert next(each["id"] for each in read(client, "places", q="05113")["items"]) == "05113000"
    assert {each["kind"] for each in read(client, "places", kind="airport")["items"]} == {"airport"}
    assert read(client, "places", q="nowhere at all") == {"items": [], "next": None}
    assert "lat" not in read(client, "places", q="essen")["items"][0]


def test_places_come_in_pages_that_hold_each_once(client: TestClient) -> None:
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = read(client, "places", limit=150, **after)
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == sorted(each.id for each in data.places())
    wrong = client.get("/v1/catalogue/places", params={"after": "x"})
    assert code_of(wrong) == (422, "parameter_invalid")
    assert code_of(client.get("/v1/catalogue/places", params={"kind": "moon"})) == (422, "parameter_invalid")


def test_the_parameter_set_of_a_day_is_read(service: Small, client: TestClient) -> None:
    with service.context.store.writing() as session:
        session.add(
            ParameterSetRow(
                name="later", valid_from=date(2030, 1, 1), source="test", content={"id": "later"}, sha256="x",
                created_at=service.clock(),
            )
        )  # fmt: skip
    assert [each["name"] for each in read(client, "parameter-sets")["items"]] == ["later", "nrw-2026-01"]
    assert read(client, "parameter-sets/in-force")["name"] == "nrw-2026-01"
    assert read(client, "parameter-sets/in-force", on="2029-12-31")["name"] == "nrw-2026-01"
    assert read(client, "parameter-sets/in-force", on="2030-01-01")["name"] == "later"
    assert read(client, "parameter-sets/nrw-2026-01")["content"]["id"] == "nrw-2026-01"
    assert code_of(client.get("/v1/catalogue/parameter-sets/none")) == (404, "not_found")
    assert code_of(client.get("/v1/catalogue/parameter-sets/%00")) == (404, "not_found")
    assert code_of(client.get("/v1/catalogue/parameter-sets/in-force?on=2000-01-01")) == (422, "value_refused")


def test_everything_that_is_shown_has_a_text_in_both_languages() -> None:
    tables: list[tuple[Any, Any]] = [
        (texts.STATES, State), (texts.ACTIONS, Action), (texts.CLASSES, DeclineClass), (texts.ROLES, Role),
        *((texts.REASON_TEXTS[kind], kind) for kind in {*REASONS.values()}),
    ]  # fmt: skip
    for table, kind in tables:
        assert set(table) == set(kind)
        assert all(german and english for german, english in table.values())
    assert texts.in_language(texts.STATES[State.CONFIRMED], Language.DE) == "zugesagt"
    assert texts.in_language(texts.STATES[State.CONFIRMED], Language.EN) == "confirmed"
    assert DeclineCode in texts.REASON_TEXTS
