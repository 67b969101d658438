"""What is asked all the time is read by an index, however long the history: on both databases, statement by statement.

The statements are those that the service sends while calls are answered, the clock is kept and a match is made. That
a table is small here is no excuse: PostgreSQL is told not to read whole tables where there is any other way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.actor import SYSTEM
from api.app import create_app
from api.db.tables import TransportRequest
from api.deadlines import BERLIN
from api.jobs.matches import take_matches
from api.jobs.nightly import queue_night
from api.repositories import plans
from api.services import clockwork, outbox, parameters, preparing
from api.settings import Settings
from api.web.context import Context
from api.workflow import Role, State
from benchmarks.load_rows import Builder
from benchmarks.million import calls

GROWING = frozenset({
    "audit_entry", "away", "bar", "decision", "duty", "idempotency_key", "ledger_entry", "notice", "outbox_message",
    "proposal", "run", "run_event", "run_input", "tour_stop", "transport_request",
})  # fmt: skip
"""Tables that are longer every year."""
_PARTIAL = frozenset({
    "ix_bar_until", "ix_proposal_respond_by", "uq_run_live_horizon", "uq_run_live_match", "uq_proposal_live_request",
    "uq_transport_request_open_case",
})  # fmt: skip
"""Indexes of what is alive alone: to read one whole is to read little."""
_STREAMS = frozenset({"Limit", "Nested Loop", "Subquery Scan", "Result", "Append", "Merge Append", "LockRows"})
"""Nodes that ask for the next row only when they need it: below a LIMIT they read no more than that."""

Statement = tuple[str, Any]


@pytest.fixture
def sent(engine: Engine, tmp_path: Path) -> list[Statement]:
    """What the service sends to a database with some history."""
    now = datetime.now(UTC)
    world = Builder(engine, now=now).build(pool=200, proposals=80, past=800, dispatchers=1)
    with Session(engine) as session, session.begin():
        parameters.seed(session, SYSTEM, now=now)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    address = engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=address, folder=tmp_path, rate="1000000/minute"))
    context: Context = app.state.context
    found: dict[str, Any] = {}

    @event.listens_for(context.store.engine, "before_cursor_execute")
    def _note(connection: Any, cursor: Any, statement: str, values: Any, of: Any, many: bool) -> None:
        if not many and re.match("SELECT|UPDATE|DELETE", statement):
            found.setdefault(statement, values)

    keys = {person.role: person.key for person in world.people}
    with TestClient(app) as client:
        for name, role, path in calls(now):
            answer = client.get(path, headers={"Authorization": f"ApiKey {keys[role]}"})
            assert answer.status_code == 200, (name, answer.text)
        _decide(client, keys[Role.ZAB_DISPATCHER])
        clockwork.tick(context.store, now, context.settings)
        _match(context)
    return list(found.items())


def _decide(client: TestClient, key: str) -> None:
    headers = {"Authorization": f"ApiKey {key}", "If-Match": "*"}
    items = client.get("/v1/proposals?standing=live&state=proposed", headers=headers).json()["items"]
    for item, (action, body) in zip(items, (("confirm", {}), ("decline", {"code": "crew_ill"})), strict=False):
        assert client.get(f"/v1/proposals/{item['id']}", headers=headers).status_code == 200
        answer = client.post(f"/v1/proposals/{item['id']}/{action}", headers=headers, json=body)
        assert answer.status_code == 200, answer.text
    assert client.post(
        f"/v1/proposals/{items[0]['id']}/back-out", headers=headers, json={"code": "crew_ill"}
    ).is_success


def _match(context: Context) -> None:
    now, store = context.now, context.store
    with store.writing() as session:
        pooled = session.query(TransportRequest.id).filter(TransportRequest.state == State.POOLED).limit(1).one()
        outbox.ask_match(session, "pool", [pooled[0]], now=now - timedelta(days=1))
    for run in store.write(lambda session: take_matches(session, context.settings, now=now)):
        with store.reading() as session:
            preparing.read(session, run.id, context.settings, now=now)
        with store.writing() as session:
            session.execute(text("UPDATE run SET state = 'done' WHERE state = 'queued'"))
    night = store.write(lambda s: queue_night(s, context.settings, now.astimezone(BERLIN).date(), now=now))
    assert night is not None
    with store.reading() as session:
        preparing.read(session, night.id, context.settings, now=now)
        plans.ended_by_clock(session, now - timedelta(days=1))


def test_no_hot_path_reads_a_growing_table_whole(engine: Engine, sent: list[Statement]) -> None:
    assert len(sent) > 60
    with engine.connect() as connection:
        is_postgres = engine.dialect.name == "postgresql"
        for way in ("seqscan", "hashjoin", "mergejoin") if is_postgres else ():
            connection.execute(text(f"SET enable_{way} = off"))
        faults = [
            (fault, statement)
            for statement, values in sent
            for fault in (_postgres if is_postgres else _sqlite)(connection, statement, values)
        ]
    assert not faults, "\n\n".join(f"{fault}:\n{statement}" for fault, statement in faults)


def _postgres(connection: Connection, statement: str, values: Any) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    return list(_read_whole(plan[0]["Plan"], is_limited=False))


def _read_whole(node: dict[str, Any], *, is_limited: bool) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    if table in GROWING and kind == "Seq Scan":
        yield f"reads {table} whole"
    is_index = kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan") and node["Index Name"] not in _PARTIAL
    if table in GROWING and is_index and "Index Cond" not in node and not is_limited:
        yield f"reads {table} whole by {node['Index Name']}"
    streams = (is_limited or kind == "Limit") and kind in _STREAMS
    for part in node.get("Plans", ()):
        yield from _read_whole(part, is_limited=streams)


def _sqlite(connection: Connection, statement: str, values: Any) -> list[str]:
    steps = [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    # A page that comes in the order of an index, or of the table itself, ends with its last row.
    is_page = "LIMIT" in statement and not any("FOR ORDER BY" in step for step in steps)
    faults = []
    for step in steps:
        found = re.match(r"SCAN (\w+?)(_\d+)?( USING .*)?$", step)
        if found is not None and found[1] in GROWING and not is_page:
            faults.append(step)
    return faults
