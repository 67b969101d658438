"""The audit log over HTTP: auditors only, in pages, verified in parts, and reading it is in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from api import audit
from api.actor import SYSTEM, Actor
from api.db import guards
from api.routes import audit as routes
from api.web.authentication import EVERYBODY
from api.workflow import Role
from tests.api.db.rows import NOW
from tests.api.small_app import Small
from tests.api.whole_app import code_of, whole

LINES = 25


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with whole(engine, tmp_path, routes.router) as made:
        abh = Actor(role=Role.ABH, account_id=made.ids["abh"])
        with made.context.store.writing() as session:
            for number in range(LINES):
                who, action = (abh, "amend") if number % 5 == 0 else (SYSTEM, "propose")
                audit.append(session, who, action, "request", number, at=NOW + timedelta(minutes=number))
        yield made


@pytest.fixture
def auditor(service: Small) -> Iterator[TestClient]:
    with service.client(Role.AUDITOR) as client:
        yield client


def numbers(client: TestClient, **filters: Any) -> list[int]:
    answer = client.get("/v1/audit", params={"limit": 200} | filters)
    assert answer.status_code == 200, answer.text
    return [line["number"] for line in answer.json()["items"]]


def test_only_auditors_read_it(service: Small) -> None:
    for role in EVERYBODY - {Role.AUDITOR}:
        with service.client(role) as client:
            for path in ("", "/head", "/verification"):
                assert code_of(client.get(f"/v1/audit{path}")) == (403, "role_may_not"), role
    assert len(service.audited()) == LINES


def test_lines_come_newest_first_in_pages(auditor: TestClient) -> None:
    first = auditor.get("/v1/audit", params={"limit": 10, "subject_kind": "request"}).json()
    second = auditor.get("/v1/audit", params={"limit": 10, "subject_kind": "request", "after": first["next"]}).json()
    assert [line["number"] for line in first["items"] + second["items"]] == list(range(LINES, LINES - 20, -1))
    assert first["items"][0]["details"] == {}
    assert first["items"][0]["previous"] == first["items"][1]["sha256"]


def test_lines_are_filtered(service: Small, auditor: TestClient) -> None:
    amended = list(range(21, 0, -5))
    assert numbers(auditor, action="amend") == amended
    assert numbers(auditor, account_id=str(service.ids["abh"])) == amended
    assert numbers(auditor, subject_kind="request", subject_id="7") == [8]
    begin, end = (NOW + timedelta(minutes=each) for each in (3, 6))
    assert numbers(auditor, **{"from": begin.isoformat(), "to": end.isoformat()}) == [6, 5, 4]
    assert numbers(auditor, action="amend", subject_id="7") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_id": "x"},
        {"from": "yesterday"},
        {"from": "2026-10-01T09:00:00"},
        {"action": "a" * 61},
        {"action": "\0"},
    ],
)
def test_filters_that_are_none_are_refused(auditor: TestClient, wrong: dict[str, str]) -> None:
    assert code_of(auditor.get("/v1/audit", params=wrong)) == (422, "parameter_invalid")


def test_reading_it_is_in_it_without_what_was_looked_for(service: Small, auditor: TestClient) -> None:
    numbers(auditor, subject_kind="request", subject_id="7")
    line = service.audited()[-1]
    assert (line.number, line.action, line.subject_kind) == (LINES + 1, "read", "audit_log")
    assert line.account_id == service.ids["auditor"]
    assert line.details == {"filters": ["subject_kind", "subject_id"], "lines": 1}


def test_the_head_is_the_last_line(service: Small, auditor: TestClient) -> None:
    last = service.audited()[-1]
    assert auditor.get("/v1/audit/head").json() == {"number": last.number, "sha256": last.sha256}


def verify(client: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/v1/audit/verification", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_whole_log_is_verified_part_by_part(service: Small, auditor: TestClient) -> None:
    first = verify(auditor, limit=20)
    assert first == {"checked": 20, "first": 1, "last": 20, "faults": [], "next": 21}
    second = verify(auditor, limit=20, **{"from": 21})
    # What the first call added is verified too.
    assert second == {"checked": 6, "first": 21, "last": 26, "faults": [], "next": None}
    assert service.audited()[-1].details == {"first": 21, "checked": 6, "faults": 0}


def test_beyond_the_end_there_is_nothing(auditor: TestClient) -> None:
    assert verify(auditor, **{"from": 10_000}) == {"checked": 0, "first": 0, "last": 0, "faults": [], "next": None}


def forge(service: Small, *statements: str) -> None:
    """What somebody could do who owns the database."""
    engine = service.context.store.engine
    with engine.begin() as connection:
        for statement in guards.statements_down(engine.dialect.name):
            if "audit_entry" in statement:
                connection.exec_driver_sql(statement)
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "limit", "begin", "faults"),
    [
        ("UPDATE audit_entry SET action = 'x' WHERE number = 10", 20, 1, [(10, "was changed")]),
        ("UPDATE audit_entry SET action = 'x' WHERE number = 10", 20, 11, []),
        ("DELETE FROM audit_entry WHERE number = 10", 20, 1, [(11, "expected line 10: what lay between is missing")]),
        # Between two parts, too.
        ("UPDATE audit_entry SET sha256 = 'x' WHERE number = 10", 20, 11, [(11, "does not follow the line before")]),
    ],
)
def test_what_was_forged_is_told(
    service: Small, auditor: TestClient, statement: str, limit: int, begin: int, faults: list[tuple[int, str]]
) -> None:
    forge(service, statement)
    found = verify(auditor, limit=limit, **{"from": begin})
    assert [(fault["number"], fault["what"]) for fault in found["faults"]] == faults


def test_lines_that_were_cut_off_show_against_a_noted_head(service: Small, auditor: TestClient) -> None:
    noted = auditor.get("/v1/audit/head").json()
    known = {"known_number": noted["number"], "known_sha256": noted["sha256"]}
    assert verify(auditor, **known)["faults"] == []
    forge(service, "DELETE FROM audit_entry WHERE number > 20")
    assert verify(auditor)["faults"] == []
    (fault,) = verify(auditor, known_number=LINES, known_sha256=noted["sha256"])["faults"]
    assert fault["number"] == LINES
    assert "noted" in fault["what"]


@pytest.mark.parametrize("wrong", [{"from": 0}, {"limit": 10_001}, {"known_sha256": "x"}, {"from": 2**63}])
def test_bounds_are_kept(auditor: TestClient, wrong: dict[str, Any]) -> None:
    assert code_of(auditor.get("/v1/audit/verification", params=wrong)) == (422, "parameter_invalid")
