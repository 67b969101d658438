"""Does history slow the service down? ``python -m benchmarks.million --past 10000 --times 100``, on PostgreSQL.

Two databases with the same pool, offers and fleet: one with ``--past`` ended requests of half a year and all that was
written about them, one with ``--times`` as many of as many half-years. In both the same calls are made, the clock is
kept, one continuous match and one nightly run are done. Times are medians of ``--rounds`` calls, of ten decisions, and
single ones of the runs. Beside the times of reads stands the CPU time of a call, of service and PostgreSQL, and the
pages of 8 KiB that PostgreSQL touched for its statements, each as often as it was looked at: these depend less, or not
at all, on what else the machine does. The table goes to ``results/load-million.md``.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import create_engine, event, text
from starlette.testclient import TestClient

from api import logs
from api.app import create_app
from api.db.tables import TransportRequest
from api.deadlines import BERLIN
from api.jobs.matches import take_matches
from api.jobs.nightly import queue_night
from api.jobs.solving import Steps
from api.services import clockwork, outbox, retention
from api.settings import Settings
from api.web.context import Context
from api.workflow import Role, State
from benchmarks.load import database, fill
from benchmarks.load_history import grow
from benchmarks.load_rows import World
from benchmarks.provenance import RESULTS, code, machine
from data import service_parameters

Told = dict[str, float]
Sent = list[tuple[str, Any]]
_FEW = 3
"""Calls before those that are measured: plans, connections."""
_DAYS = 183
"""Days over which the history is spread: a hundred of them still begin after 1970."""
_BACKENDS = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")


def calls(now: datetime) -> tuple[tuple[str, Role, str], ...]:
    """Return what is asked: its name, by whom, and where."""
    month = now.astimezone(BERLIN).strftime("%Y-%m")
    since = now.strftime("%Y-%m-%dT00:00:00Z")
    zab, ltrako, abh, auditor = Role.ZAB_DISPATCHER, Role.LTRAKO, Role.ABH, Role.AUDITOR
    return (
        ("pool, ZAB", zab, "/v1/pool"),
        ("pool of a Bezirk with a need, ZAB", zab, "/v1/pool?bezirk=055&need=interpreter"),
        ("live proposals, ZAB", zab, "/v1/proposals?standing=live"),
        ("all proposals, ZAB", zab, "/v1/proposals"),
        ("proposals from today on, ZAB", zab, f"/v1/proposals?pickup_from={since}"),
        ("all proposals, LTraKo", ltrako, "/v1/proposals"),
        ("requests, ZAB", zab, "/v1/requests"),
        ("requests, ABH", abh, "/v1/requests"),
        ("one case, ABH", abh, "/v1/requests?case_reference=L-none"),
        ("requests, LTraKo", ltrako, "/v1/requests"),
        ("requests, ZFA", Role.ZFA, "/v1/requests"),
        ("requests, auditor", auditor, "/v1/requests"),
        ("requests changed since today, LTraKo", ltrako, f"/v1/requests?updated_since={since}"),
        ("duties, ZAB", zab, "/v1/duties"),
        ("duties of a day, ZAB", zab, f"/v1/duties?day={now.date()}"),
        ("freed seats, ZAB", zab, "/v1/freed-seats"),
        ("ledger of a month, ZAB", zab, f"/v1/ledger?month={month}"),
        ("notices, ZAB", zab, "/v1/notices"),
        ("notices, ABH", abh, "/v1/notices"),
        ("runs, LTraKo", ltrako, "/v1/runs"),
        ("audit, auditor", auditor, "/v1/audit"),
        ("audit of an action that is rare, auditor", auditor, "/v1/audit?action=decline_bar"),
        ("metrics, admin", Role.ADMIN, "/v1/metrics"),
    )


def measure(address: str, world: World, folder: Path, *, rounds: int, seconds: float) -> tuple[Told, Told, Told]:
    """Return milliseconds by name, and for what only reads CPU milliseconds and pages by name."""
    settings = Settings(
        database_url=address, folder=folder, rate="1000000/minute", nightly_seconds=seconds, solver_workers=2
    )
    app = create_app(settings)
    context: Context = app.state.context
    told: Told = {}
    busy: Told = {}
    pages: Told = {}

    def note(name: str, work: Callable[[], object]) -> None:
        told[name], busy[name] = _measured(context, work, rounds)
        pages[name] = _pages(context, work)

    keys = {person.role: person.key for person in reversed(world.people)}
    with TestClient(app) as client:
        for name, role, path in calls(context.now):
            headers = {"Authorization": f"ApiKey {keys[role]}"}
            answer = client.get(path, headers=headers)
            if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
                raise SystemExit(f"{path}: {answer.status_code} {answer.text[:300]}")
            note(name, partial(client.get, path, headers=headers))
        told |= _decisions(client, keys[Role.ZAB_DISPATCHER])
        note("the clock (tick)", lambda: clockwork.tick(context.store, context.now, settings))
        told |= _matches(context)
    return told, busy, pages


def _pages(context: Context, work: Callable[[], object]) -> float:
    """Return how many pages the statements of ``work`` touch."""
    engine, sent = context.store.engine, Sent()

    def note(*told: Any) -> None:
        _, _, statement, values, *_ = told
        if statement.startswith("SELECT"):
            sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    touched = 0
    with engine.connect() as connection:
        for statement, values in sent:
            explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"
            node = connection.exec_driver_sql(explained, values).scalar_one()[0]["Plan"]
            touched += node["Shared Hit Blocks"] + node["Shared Read Blocks"]
    return touched


def _decisions(client: TestClient, key: str) -> Told:
    headers = {"Authorization": f"ApiKey {key}", "If-Match": "*"}
    items = client.get("/v1/proposals?standing=live&state=proposed", headers=headers).json()["items"]
    told: Told = {}
    for name, some, body in (("confirm", items[:10], {}), ("decline", items[10:20], {"code": "crew_ill"})):
        taken = []
        for item in some:
            begun = time.perf_counter()
            answer = client.post(f"/v1/proposals/{item['id']}/{name}", headers=headers, json=body)
            taken.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{name}: {answer.status_code} {answer.text[:300]}")
        told[f"{name}, ZAB"] = statistics.median(taken)
    return told


def _keep_all() -> None:
    """Keep what is past its period: a million requests stand for as many years without deletion.

    Deleted every night there are never so many; deleted all in one night they would be gone before they are measured.
    """
    known = service_parameters()
    days = replace(known.retention.request_days, value=200 * 366)
    kept = replace(
        known.retention,
        request_days=days,
        run_days=days,
        message_days=days,
        log_years=replace(known.retention.log_years, value=200),
    )
    setattr(retention, "service_parameters", lambda: replace(known, retention=kept))  # noqa: B010  # not its own name


def _matches(context: Context) -> Told:
    """One continuous match, from the message to the published plan, and the nightly run of seven days."""
    steps = Steps(context=context, worker="million", stop=threading.Event())
    settings, store = context.settings, context.store
    told: Told = {}

    def asked() -> None:
        with store.writing() as session:
            session.execute(text("UPDATE outbox_message SET delivered_at = at WHERE delivered_at IS NULL"))
            chosen = session.query(TransportRequest.id).filter(TransportRequest.state == State.POOLED)
            first = chosen.order_by(TransportRequest.pickup_from).first()
            if first is None:
                raise SystemExit("Expected a pool.")
            outbox.ask_match(session, "pool", [first[0]], now=context.now)

    asked()
    with _timed(told, "continuous match: message to run"):
        run = str(store.write(lambda session: take_matches(session, settings, now=context.now))[0].id)
    for name, step in (("rows to problem", steps.prepare), ("search", steps.solve), ("publish", steps.publish)):
        with _timed(told, f"continuous match: {name}"):
            step(run)
    night = context.now.astimezone(BERLIN).date()
    with _timed(told, "nightly run: queue"):
        queued = store.write(lambda session: queue_night(session, settings, night, now=context.now))
    if queued is None:
        raise SystemExit("Expected no other run.")
    for name, step in (("rows to problem", steps.prepare), ("search", steps.solve), ("publish", steps.publish)):
        with _timed(told, f"nightly run: {name}"):
            step(str(queued.id))
    return told


@contextmanager
def _timed(told: Told, name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    told[name] = (time.perf_counter() - begun) * 1000


def _measured(context: Context, work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return milliseconds of a call: the median of the wall clock, and the mean of the CPU."""
    for _ in range(_FEW):
        work()
    taken, before = [], _cpu(context)
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), (_cpu(context) - before) * 1000 / rounds


def _cpu(context: Context) -> float:
    """Return the CPU seconds of this process and, where Linux tells them, of the servers of its connections."""
    spent = time.process_time()
    with context.store.engine.connect() as connection:
        for pid in connection.execute(_BACKENDS).scalars():
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def table(few: tuple[Told, Told, Told], many: tuple[Told, Told, Told], title: str) -> str:
    """Return both measurements side by side."""
    lines = [
        f"# {title}", "", f"code {code()}; {machine()}.", "",
        "| what | ms, few | ms, many | many : few | CPU ms, few | CPU ms, many | pages, few | pages, many |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for name, before in few[0].items():
        after = many[0][name]
        more = [f"{told[name]:,.{digits}f}" if name in told else "" for digits, told in (
            (1, few[1]), (1, many[1]), (0, few[2]), (0, many[2])
        )]  # fmt: skip
        lines.append(f"| {name} | {before:.1f} | {after:.1f} | {after / before:.2f} | {' | '.join(more)} |")
    return "\n".join(lines) + "\n"


def main(
    *,
    past: Annotated[int, typer.Option(min=1)] = 10_000,
    times: Annotated[int, typer.Option(min=2, max=110)] = 100,
    pool: Annotated[int, typer.Option(min=20)] = 700,
    proposals: Annotated[int, typer.Option(min=100)] = 200,
    rounds: Annotated[int, typer.Option(min=1)] = 15,
    seconds: Annotated[float, typer.Option(min=1, help="Time limit of the nightly search.")] = 30.0,
    results: Annotated[Path, typer.Option()] = RESULTS,
) -> None:
    """Fill two databases, measure both, tell the difference."""
    _keep_all()
    logs.configure("json", "error")
    measured = []
    for copies in (0, times - 1):
        with tempfile.TemporaryDirectory() as name, database("postgresql", Path(name)) as address:
            world = fill(address, pool=pool, proposals=proposals, past=past, dispatchers=5, past_days=_DAYS)
            engine = create_engine(address)
            if copies:
                grow(engine, copies, _DAYS)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
                connection.execute(text("CHECKPOINT"))
            engine.dispose()
            measured.append(measure(address, world, Path(name), rounds=rounds, seconds=seconds))
    now = datetime.now(UTC).date()
    title = f"{past:,} and {past * times:,} past requests, {pool} in the pool, {proposals} offers, {now}"
    few, many = measured
    told = table(few, many, title)
    print(told)
    results.mkdir(parents=True, exist_ok=True)
    (results / "load-million.md").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
