"""The nightly run: what is overdue is settled, what lies in the drop folder comes in, the next days are matched.

Keyed by local date: on 31 October 2027 02:00 comes twice and on 28 March 2027 not at all, and each night has its one
run. Who asks for a night that has its run gets that one.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import Run, RunKind, RunState
from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.mapping.horizon import Horizon
from api.repositories import runs as repository
from api.repositories.plans import owners_of, returned_since
from api.services import clockwork, imports, publishing, runs
from api.settings import Settings
from api.web.context import Context
from optimizer.params import SolveParams

Patiently = Callable[[Callable[[], Any]], Any]
_log = structlog.get_logger("restplatz.nightly")
CATCH_UP = timedelta(hours=6)
"""A night whose hour passed while no worker was there is made up for so long; after that the day has begun."""
SUFFIXES = frozenset({".csv", ".json"})
RETURNED = "returned"
_LOOK = 0.5
_A_DAY = timedelta(days=1)


def begins(night: date, settings: Settings) -> datetime:
    """Return the one instant at which the run of a local date begins.

    An hour that the clock leaves out begins when it would have; of one that comes twice the first counts.
    """
    return datetime.combine(night, settings.nightly_at, BERLIN).astimezone(UTC)


def due_night(now: datetime, settings: Settings) -> date | None:
    """Return the local date whose run is due ``now``; ``None`` where it is not time, or too late."""
    today = now.astimezone(BERLIN).date()
    for night in (today, today - timedelta(days=1)):
        begin = begins(night, settings)
        if begin <= now < begin + CATCH_UP:
            return night
    return None


def queue_night(session: Session, settings: Settings, night: date, *, now: datetime) -> Run | None:
    """Return the run of a night, queued where there was none; ``None`` while another run of its days is live."""
    known = repository.night_of(session, night)
    if known is not None:
        return known
    horizon = Horizon(first=night, last=night + timedelta(days=settings.nightly_days - 1))
    params = SolveParams(time_limit=settings.nightly_seconds, workers=settings.solver_workers)
    try:
        return runs.queue(session, SYSTEM, RunKind.NIGHTLY, horizon, params, now=now, night=night)
    except Problem as problem:
        if problem.code is not Code.RUN_IN_PROGRESS:
            raise
        return None


def run_nightly(
    context: Context, night: date, *, work: Callable[[Callable[[], bool]], None], within: timedelta = timedelta(hours=4)
) -> Run:
    """Return the run of a night when it has ended; made where there is none, and never a second time.

    Parameters
    ----------
    work
        Works as a worker until the function it is given says that it is enough; returns at once where another worker
        is there to do it.
    within
        How long to wait at most.

    Raises
    ------
    Problem
        ``unavailable`` (503) where the run has not ended by then.
    """
    until = time.monotonic() + within.total_seconds()

    def found() -> Run | None:
        return context.store.write(lambda s: queue_night(s, context.settings, night, now=context.now))

    def has_ended() -> bool:
        run = found()
        return (run is not None and run.finished_at is not None) or time.monotonic() > until

    while not has_ended():
        work(has_ended)
        time.sleep(_LOOK)
    run = found()
    if run is None or run.state in (RunState.QUEUED, RunState.RUNNING):
        raise Problem(Code.UNAVAILABLE, f"The run of {night} has not ended in {within}. Look at its worker.")
    return run


def before_matching(context: Context, run_id: uuid.UUID, patiently: Patiently) -> None:
    """Settle what is overdue, and take in what lies in the drop folder; again where a worker died in it."""
    patiently(lambda: clockwork.tick(context.store, context.now, context.settings))
    for path in waiting_files(context.settings.drop_folder):
        patiently(lambda path=path: take_in(context, run_id, path))  # type: ignore[misc]


def waiting_files(folder: Path) -> list[Path]:
    """Return the files to be imported, in the order of their names; hidden ones are still being written."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )


def take_in(context: Context, run_id: uuid.UUID, path: Path) -> None:
    """Import a file, once: all of its rows or none. A good one goes to ``done``, a bad one to ``rejected``."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()

    def work(session: Session) -> str | None:
        run = repository.locked_run(session, run_id)
        if run is None or digest in run.summary.get("imported", {}):
            return None
        answering = context.settings.answering
        report = imports.import_file(session, SYSTEM, path.name, content, context.now, answering=answering)
        if not report.is_clean:
            return report.model_dump_json(indent=1)
        # Commits with the rows: where the worker dies before the file is moved, it is not imported again.
        run.summary = {**run.summary, "imported": {**run.summary.get("imported", {}), digest: path.name[:80]}}
        return None

    try:
        refusal = context.store.write(work)
    except Problem as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # not the file's fault
            raise
        refusal = json.dumps(problem.document(), ensure_ascii=False, indent=1)
    if refusal is None:
        _moved(path, "done", digest)
        return
    _moved(path, "rejected", digest)
    (path.parent / "rejected" / f"{_name(path, digest)}.errors.json").write_text(refusal, encoding="utf-8")
    _log.warning("file_rejected", run=str(run_id))


def _moved(path: Path, where: str, digest: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    path.replace(folder / _name(path, digest))


def _name(path: Path, digest: str) -> str:
    """Return a name that another file of the same name does not have."""
    return f"{path.stem}.{digest[:8]}{path.suffix}"


def report(session: Session, run: Run, differences: Sequence[publishing.Difference]) -> None:
    """Complete the morning list: what went back to its ABH since the night before, and whose each row is."""
    rows = [asdict(each) for each in differences]
    rows.extend(
        {"request": str(decision.request_id), "kind": RETURNED, "code": "nobody_promised", "zab": None}
        for decision in returned_since(session, (run.started_at or run.created_at) - _A_DAY)
    )
    owners = owners_of(session, {uuid.UUID(row["request"]) for row in rows})
    for row in rows:
        row["owner"] = str(owners.get(uuid.UUID(row["request"]), ""))
    run.summary = {**run.summary, "differences": rows, RETURNED: sum(row["kind"] == RETURNED for row in rows)}
    session.flush()
