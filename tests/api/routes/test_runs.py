"""Runs through HTTP: asked for, watched, ended, repeated; and the morning list."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from api.actor import SYSTEM, Actor
from api.db.tables import AuditEntry, Run, RunKind, RunState
from api.jobs.solving import Steps
from api.mapping.horizon import Horizon
from api.repositories import runs as repository
from api.routes.runs import reports, router
from api.services import parameters
from api.services import runs as service
from api.settings import Settings
from api.workflow import Role
from optimizer.params import SolveParams
from tests.api.small_app import Small, problem
from tests.api.whole_app import once, whole

ROOT = Path(__file__).parents[3]
READERS = {Role.LTRAKO, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.AUDITOR, Role.ADMIN}


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with whole(engine, tmp_path, router, reports) as found:
        with found.context.store.writing() as session:
            parameters.seed(session, SYSTEM, now=found.clock())
        yield found


def body(made: Small, **fields: Any) -> dict[str, Any]:
    """The days after tomorrow."""
    return {"first_day": str((made.clock() + timedelta(days=2)).date()), "seconds": 5} | fields


def start(made: Small, **fields: Any) -> dict[str, Any]:
    with made.client(Role.LTRAKO) as client:
        answer = client.post("/v1/runs", json=body(made, **fields), headers=once())
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/runs/{found['id']}"
    return found


def work(made: Small, run_id: str) -> None:
    """What a worker does with a run."""
    steps = Steps(context=made.context, worker="test", stop=threading.Event())
    for step in (steps.prepare, steps.solve, steps.publish):
        step(run_id)


def test_a_run_is_asked_for_done_and_shown(made: Small) -> None:
    run = start(made, last_day=str((made.clock() + timedelta(days=3)).date()), seed=7)
    assert (run["state"], run["kind"], run["seed"], run["seconds"]) == ("queued", "on_demand", 7, 5)
    work(made, run["id"])
    with made.client(Role.ZAB_DISPATCHER) as client:
        answer = client.get(f"/v1/runs/{run['id']}")
        assert answer.headers["ETag"]
        assert (answer.json()["state"], answer.json()["new"]) == ("done", 0)
        listed = client.get("/v1/runs", params={"state": "done"}).json()["items"]
        assert [each["id"] for each in listed] == [run["id"]]
        assert client.get("/v1/runs", params={"kind": "nightly"}).json()["items"] == []


def test_the_same_call_twice_makes_one_run(made: Small) -> None:
    headers = once()
    with made.client(Role.ZAB_LEAD) as client:
        first = client.post("/v1/runs", json=body(made), headers=headers)
        again = client.post("/v1/runs", json=body(made), headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]


def test_a_live_run_of_the_day_is_named(made: Small) -> None:
    run = start(made)
    with made.client(Role.LTRAKO) as client:
        answer = client.post("/v1/runs", json=body(made), headers=once())
    assert problem(answer, 409, "run_in_progress")
    assert answer.json()["run"] == run["id"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"last_day": "2020-01-01"}, "body_invalid"),
        ({"first_day": "2026-13-01"}, "body_invalid"),
        ({"first_day": "2027-01-01", "last_day": "2027-01-15"}, "body_invalid"),
        ({"seconds": 0}, "body_invalid"),
        ({"seed": -1}, "body_invalid"),
        ({"more": 1}, "body_invalid"),
        ({"first_day": "2020-01-01"}, "value_refused"),
    ],
)
def test_bad_wishes(made: Small, fields: dict[str, Any], code: str) -> None:
    with made.client(Role.LTRAKO) as client:
        assert problem(client.post("/v1/runs", json=body(made, **fields), headers=once()), 422, code)


def test_who_may_what(made: Small) -> None:
    run = start(made)
    work(made, run["id"])
    for role in sorted(set(Role) - {Role.SYSTEM}):
        with made.client(role) as client:
            seen = client.get(f"/v1/runs/{run['id']}").status_code
            events = client.get(f"/v1/runs/{run['id']}/events").status_code
            stored = client.get(f"/v1/runs/{run['id']}/input?purpose=repeat").status_code
            assert seen == events == (200 if role in READERS else 403), role
            assert stored == (200 if role in (Role.LTRAKO, Role.AUDITOR) else 403), role
            asked = client.post("/v1/runs", json=body(made, first_day="2020-01-01"), headers=once()).status_code
            assert asked == (422 if role in (Role.LTRAKO, Role.ZAB_DISPATCHER, Role.ZAB_LEAD) else 403), role


def test_what_is_not_there(made: Small) -> None:
    nobody = "01a20000-0000-7000-8000-000000000000"
    with made.client(Role.LTRAKO) as client:
        for path in ("", "/events", "/input?purpose=repeat", "/result?purpose=repeat"):
            assert problem(client.get(f"/v1/runs/{nobody}{path}"), 404, "not_found")
        assert problem(client.delete(f"/v1/runs/{nobody}"), 404, "not_found")
        assert problem(client.get("/v1/nightly/2026-10-05"), 404, "not_found")
        run = start(made)
        assert problem(client.get(f"/v1/runs/{run['id']}/input?purpose=repeat"), 404, "not_found")


def test_ending_a_run(made: Small) -> None:
    waiting, running = start(made), None
    with made.client(Role.ZAB_DISPATCHER) as client:
        ended = client.delete(f"/v1/runs/{waiting['id']}")
        assert (ended.status_code, ended.json()["state"]) == (202, "cancelled")
        assert problem(client.delete(f"/v1/runs/{waiting['id']}"), 409, "state_forbids")
        running = start(made)
        steps = Steps(context=made.context, worker="test", stop=threading.Event())
        steps.prepare(running["id"])
        wished = client.delete(f"/v1/runs/{running['id']}")
        assert (wished.status_code, wished.json()["state"], wished.json()["is_cancel_wanted"]) == (202, "running", True)
        assert client.delete(f"/v1/runs/{running['id']}").status_code == 202
        steps.solve(running["id"])
        steps.publish(running["id"])
        assert client.get(f"/v1/runs/{running['id']}").json()["state"] == "cancelled"


def events_of(text: str) -> list[dict[str, str]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if fields:
            found.append(fields)
    return found


def test_events_are_streamed_to_the_end_and_resumed(made: Small) -> None:
    run = start(made)
    key = Run.id.type.python_type(run["id"])
    with made.context.store.writing() as session:
        for number in range(3):
            repository.add_event(session, key, "progress", {"value": number}, now=made.clock())

    def finish() -> None:
        with made.context.store.writing() as session:
            service.fail(session, key, "Test", now=made.clock())

    timer = threading.Timer(1.0, finish)
    timer.start()
    with made.client(Role.LTRAKO) as client:
        answer = client.get(f"/v1/runs/{run['id']}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = events_of(answer.text)
        assert [(event["id"], event["event"]) for event in events] == [
            ("1", "progress"), ("2", "progress"), ("3", "progress"), ("4", "finished"),
        ]  # fmt: skip
        assert json.loads(events[2]["data"])["value"] == 2
        assert json.loads(events[3]["data"])["state"] == "failed"
        rest = client.get(f"/v1/runs/{run['id']}/events", headers={"Last-Event-ID": "3"})
        assert [event["id"] for event in events_of(rest.text)] == ["4"]
        ended = client.get(f"/v1/runs/{run['id']}/events", headers={"Last-Event-ID": "4"})
        assert (ended.status_code, ended.content) == (204, b""), "a browser would come back for ever"
        assert "content-type" not in ended.headers
        assert problem(client.get(f"/v1/runs/{uuid.uuid4()}/events"), 404, "not_found")
    timer.join()


def test_an_ended_run_whose_events_are_gone_is_watched_no_more(made: Small) -> None:
    run = start(made)
    with made.context.store.writing() as session:
        session.get_one(Run, uuid.UUID(run["id"])).state = RunState.FAILED
    with made.client(Role.LTRAKO) as client:
        assert client.get(f"/v1/runs/{run['id']}/events").status_code == 204


def test_the_stored_problem_can_be_had(made: Small) -> None:
    run = start(made)
    work(made, run["id"])
    with made.client(Role.AUDITOR) as client:
        stored = client.get(f"/v1/runs/{run['id']}/input?purpose=repeat")
        assert json.loads(stored.content)["format"] == "restplatz-instance"
        assert "attachment" in stored.headers["content-disposition"]
        # Nobody waited: nothing was searched.
        assert problem(client.get(f"/v1/runs/{run['id']}/result?purpose=repeat"), 404, "not_found")


def test_the_morning_list_shows_each_its_own(made: Small) -> None:
    night = date(2026, 10, 5)
    mine = "01a20000-0000-7000-8000-000000000001"
    other = "01a20000-0000-7000-8000-000000000002"
    with made.context.store.writing() as session:
        run = service.queue(
            session, SYSTEM, RunKind.NIGHTLY, Horizon(first=night, last=night), SolveParams(), now=made.clock(),
            night=night,
        )  # fmt: skip
        own = str(made.organisations["abh:05113000"])
        run.state, run.finished_at = RunState.DONE, made.clock()
        run.summary = {
            "differences": [
                {"request": mine, "kind": "new", "code": "women_alone", "zab": "zab:koeln", "owner": own},
                {"request": other, "kind": "lost", "code": "better_plan", "zab": "zab:essen", "owner": "somebody"},
            ]
        }
    seen, codes = {}, {}
    for role in (Role.ABH, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR, Role.ADMIN):
        with made.client(role) as client:
            answer = client.get(f"/v1/nightly/{night}")
            seen[role] = [row["request"] for row in answer.json().get("differences", [])]
            codes[role] = [row["code"] for row in answer.json().get("differences", [])]
            if answer.status_code == 200:
                assert "owner" not in answer.text
    # Who rides there is the ZAB's to know, and LTraKo's.
    assert (codes[Role.ABH], codes[Role.LTRAKO]) == (["company"], ["women_alone", "better_plan"])
    assert seen == {
        Role.ABH: [mine], Role.ZAB_LEAD: [other], Role.LTRAKO: [mine, other], Role.AUDITOR: [], Role.ADMIN: [],
    }  # fmt: skip


def test_the_web_never_loads_the_solver() -> None:
    code = (
        "import sys; import api.routes.runs, api.mapping.problem, api.mapping.checking, api.services.publishing;"
        "heavy = {'ortools', 'highspy', 'numba', 'dbos'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_each_read_of_a_stored_problem_is_logged_with_its_purpose(made: Small) -> None:
    run = start(made)
    work(made, run["id"])
    with made.client(Role.LTRAKO) as client:
        assert problem(client.get(f"/v1/runs/{run['id']}/input"), 422, "parameter_invalid")
        assert client.get(f"/v1/runs/{run['id']}/input?purpose=explain").status_code == 200
    with made.context.store.reading() as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "read"))
        assert (line.subject_id, line.purpose, line.details) == (run["id"], "explain", {"file": "input"})


def test_a_zab_searches_less_long_than_the_coordination() -> None:
    settings = Settings(solve_seconds=60, nightly_seconds=1800)
    asked = {
        role: service.on_demand(settings, Actor(role=role), 3600, 0).time_limit
        for role in (Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)
    }
    assert asked == {Role.ZAB_DISPATCHER: 60, Role.ZAB_LEAD: 60, Role.LTRAKO: 1800}
    assert service.on_demand(settings, Actor(role=Role.LTRAKO), None, 0).time_limit == 60
