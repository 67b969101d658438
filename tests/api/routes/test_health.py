"""Health and metrics: what is not well is told, nothing secret is, and nobody else gets the figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from api.db import migrate
from api.db.store import Store
from api.db.tables import Run, RunKind, RunState
from api.routes import health as routes
from api.services import outbox
from api.web.authentication import EVERYBODY
from api.workflow import Role, State
from tests.api.db import rows
from tests.api.small_app import Small
from tests.api.whole_app import code_of, whole


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with whole(engine, tmp_path, routes.router) as made:
        yield made


@pytest.fixture
def nobody(service: Small) -> Iterator[TestClient]:
    with service.client() as client:
        yield client


def test_a_live_process_answers_without_the_database(service: Small, nobody: TestClient) -> None:
    def forbid(*_: Any) -> None:
        raise AssertionError("the database was asked")

    event.listen(service.context.store.engine, "before_cursor_execute", forbid)
    try:
        assert nobody.get("/v1/health/live").json() == {"status": "live"}
    finally:
        event.remove(service.context.store.engine, "before_cursor_execute", forbid)


def test_a_ready_process_says_so(nobody: TestClient) -> None:
    answer = nobody.get("/v1/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "tables": "ok", "work": "current", "workers": 0}


@pytest.mark.parametrize("path", ["/v1/health/live", "/v1/health/ready"])
def test_whoever_balances_the_load_may_ask_for_the_head_alone(nobody: TestClient, path: str) -> None:
    asked, answer = nobody.head(path), nobody.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == str(len(answer.content))


def test_a_process_that_is_not_ready_tells_so_by_head_too(service: Small, nobody: TestClient) -> None:
    migrate.downgrade(service.context.store.engine, "base")
    assert nobody.head("/v1/health/ready").status_code == 503


def test_another_schema_is_told(service: Small, nobody: TestClient) -> None:
    migrate.downgrade(service.context.store.engine, "base")
    answer = nobody.get("/v1/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not_ready", "database": "ok", "tables": "other", "work": None, "workers": None}


def test_a_database_that_is_gone_is_told_without_its_address(
    service: Small, nobody: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost = Store("postgresql+psycopg://someone:secret-word@127.0.0.1:1/nothing")
    monkeypatch.setattr(service.context.store, "engine", lost.engine)
    answer = nobody.get("/v1/health/ready")
    lost.close()
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not_ready", "database": "unreachable", "tables": "unknown", "work": None, "workers": None,
    }  # fmt: skip
    assert "secret-word" not in answer.text


def test_the_database_is_asked_once_a_second_at_most(service: Small, nobody: TestClient) -> None:
    # The clock of the test runs on: it is held here.
    at = service.clock()
    object.__setattr__(service.context, "clock", lambda: at)
    asked: list[str] = []
    event.listen(service.context.store.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    nobody.get("/v1/health/ready")
    once = len(asked)
    nobody.get("/v1/health/ready")
    assert once == len(asked) > 0
    object.__setattr__(service.context, "clock", lambda: at + timedelta(seconds=1))
    nobody.get("/v1/health/ready")
    assert len(asked) > once


def test_work_that_waits_is_told_and_calls_are_answered_all_the_same(service: Small, nobody: TestClient) -> None:
    with service.context.store.writing() as session:
        outbox.ask_match(session, "pool", [], now=service.clock())
    assert nobody.get("/v1/health/ready").json()["work"] == "current"
    service.clock.shift += timedelta(seconds=61)
    answer = nobody.get("/v1/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["work"]) == (200, "ready", "behind")
    with service.context.store.writing() as session:
        outbox.due(session, service.clock(), 1, is_inner=True)
    service.clock.shift += timedelta(seconds=1)
    assert nobody.get("/v1/health/ready").json()["work"] == "current"


# --- metrics ----------------------------------------------------------------------------------------------------------


def samples(answer: Any) -> dict[tuple[str, ...], float]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    families: Any = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_only_admins_get_the_figures(service: Small, nobody: TestClient) -> None:
    assert code_of(nobody.get("/v1/metrics")) == (401, "not_signed_in")
    for role in EVERYBODY:
        with service.client(role) as client:
            assert client.get("/v1/metrics").status_code == (200 if role is Role.ADMIN else 403)


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.1", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 401),
        ("127.0.0.1", {"Cookie": "a=b"}, 401),
    ],
)
def test_where_set_this_machine_gets_them_too(
    engine: Engine, tmp_path: Path, peer: str, headers: dict[str, str], status: int
) -> None:
    with (
        whole(engine, tmp_path, routes.router, metrics_public=True) as made,
        TestClient(made.app, client=(peer, 1), headers=headers) as client,
    ):
        assert client.get("/v1/metrics").status_code == status


def test_figures_tell_what_the_database_holds(service: Small) -> None:
    now = service.clock()
    with service.context.store.writing() as session:
        zab, abh = rows.organisation("zab:koeln"), rows.organisation("abh:05315000")
        duty = rows.duty(rows.crew(zab), rows.vehicle(zab))
        proposed = rows.transport_request(abh, "A-2", state=State.PROPOSED)
        session.add_all([
            rows.transport_request(abh), proposed, rows.transport_request(abh, "A-3", state=State.CANCELLED),
            rows.proposal(proposed, duty, created_at=now - timedelta(hours=2)),
        ])  # fmt: skip
        for state, began in ((RunState.DONE, now), (RunState.FAILED, now), (RunState.QUEUED, None)):
            session.add(
                Run(
                    kind=RunKind.CONTINUOUS, state=state, horizon=str(state), horizon_from=rows.hours(0),
                    horizon_to=rows.hours(24), parameter_set="x", solve_params={}, created_at=now, updated_at=now,
                    started_at=began, finished_at=None if began is None else began + timedelta(seconds=8),
                )
            )  # fmt: skip
        outbox.ask_match(session, "pool", [], now=now - timedelta(seconds=30))
    with service.client(Role.ADMIN) as client:
        client.get("/v1/whoami")
        found = samples(client.get("/v1/metrics"))
    assert found["restplatz_requests", "pooled"] == 1
    assert found["restplatz_requests", "proposed"] == 1
    assert ("restplatz_requests", "cancelled") not in found
    assert found["restplatz_runs", "continuous", "done"] == found["restplatz_runs", "continuous", "queued"] == 1
    assert found["restplatz_run_seconds", "continuous"] == 8
    assert found["restplatz_outbox_messages", "inner"] == 1
    assert found["restplatz_outbox_oldest_seconds", "inner"] == pytest.approx(30, abs=10)
    assert found["restplatz_oldest_unanswered_seconds",] == pytest.approx(7200, abs=10)
    assert found["restplatz_call_seconds_count", "GET", "/v1/whoami", "2xx"] == 1
