"""The nightly run: what is overdue is settled, what is past its period deleted, what lies in the drop folder comes in.

Then the next days are matched.

Keyed by local date: on 31 October 2027 02:00 comes twice and on 28 March 2027 not at all, and each night has its one
run. Who asks for a night that has its run gets that one.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from collections import Counter
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
from api.logs import told_of
from api.mapping.horizon import Horizon
from api.repositories import runs as repository
from api.repositories.plans import codes_of, ended_by_clock, owners_of
from api.schemas.patterns import SkipCode
from api.services import clockwork, facts, imports, patterns, publishing, retention, runs
from api.settings import Settings
from api.web.context import Context
from api.workflow import Action
from optimizer.params import SolveParams

Patiently = Callable[[Callable[[], Any]], Any]
_log = structlog.get_logger("restplatz.nightly")
CATCH_UP = timedelta(hours=6)
"""A night whose hour passed while no worker was there is made up for so long; after that the day has begun."""
SUFFIXES = frozenset({".csv", ".json"})
RETURNED = "returned"
_TOLD: dict[Action, tuple[str, str]] = {
    Action.EXPIRE: ("expired", "nobody_answered"),
    Action.LAPSE: ("lapsed", "condition_not_met"),
    Action.RETURN_TO_ABH: (RETURNED, "nobody_promised"),
}
"""What the clock did, and why."""
AGAIN = timedelta(minutes=15)
"""So long after a failed attempt the schedule makes the run of a night again."""
_LOOK = 0.5
_DELETES_FOR = timedelta(minutes=10)
"""What is past its period for longer, after an outage or a shorter period, must not hold up the night's match."""
_FIRST_NIGHT = timedelta(hours=25)
"""So far back the first morning list looks; a night with a change of the clock has an hour more."""
_MOST_STEM = 120
"""Bytes that a file keeps of its name, so that there is room for what is added to it."""


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


def queue_night(
    session: Session, settings: Settings, night: date, *, now: datetime, failed_before: datetime | None = None
) -> Run | None:
    """Return the run of a night, queued where there was none; ``None`` while another run of its days is live.

    Parameters
    ----------
    failed_before
        Where the run had failed before this instant it is made again, as a new one: durable jobs and events belong to
        one attempt. ``None``: it is left as it is.
    """
    known = repository.night_of(session, night)
    if known is None:
        return _queued(session, settings, night, now)
    if failed_before is None or known.state is not RunState.FAILED or (known.finished_at or now) >= failed_before:
        return known
    with session.begin_nested() as attempt:
        # The failed one makes room; what it took in is not taken in again.
        known.night, known.summary = None, {**known.summary, "night": night.isoformat()}
        session.flush()
        made = _queued(session, settings, night, now)
        if made is None:
            attempt.rollback()
            return None
        made.summary = {"imported": known.summary.get("imported", {}), "attempt_after": str(known.id)}
        session.flush()
    return made


def _queued(session: Session, settings: Settings, night: date, now: datetime) -> Run | None:
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
    """Return the run of a night when it has ended; made where there is none, or where it had failed before.

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
        ``value_refused`` (422) of a night after the next one; ``unavailable`` (503) where the run has not ended by
        then.
    """
    latest = context.now.astimezone(BERLIN).date() + timedelta(days=1)
    if night > latest:
        raise Problem(
            Code.VALUE_REFUSED,
            f"Expected a date up to {latest}, got {night}. A night that is done is not done again when it comes.",
        )
    until = time.monotonic() + within.total_seconds()
    begun = context.now

    def found() -> Run | None:
        return context.store.write(
            lambda s: queue_night(s, context.settings, night, now=context.now, failed_before=begun)
        )

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
    """Settle what is overdue, delete what is past its period, take in what lies in the drop folder.

    All of it again where a worker died in it.
    """
    patiently(lambda: clockwork.tick(context.store, context.now, context.settings))
    patiently(lambda: facts.catch_up(context.store))
    _delete_old(context, run_id, patiently)
    folder = context.settings.drop_folder
    try:
        files = waiting_files(folder)
    except OSError:
        patiently(lambda: _note(context, run_id, folder, "unreadable"))
        files = []
    for path in files:
        patiently(lambda path=path: take_in(context, run_id, path))  # type: ignore[misc]
    patiently(lambda: make_duties(context, run_id))


def make_duties(context: Context, run_id: uuid.UUID) -> None:
    """Make the duties of shift patterns for the days ahead; after the files, for what they state goes before."""
    made = patterns.make_ahead(context.store, context.now)
    told = Counter(code.value for _, code in made.skipped if code is not SkipCode.MADE_ALREADY)

    def work(session: Session) -> None:
        run = repository.locked_run(session, run_id)
        if run is not None:
            run.summary = {**run.summary, "duties_made": len(made.made), "duties_skipped": dict(sorted(told.items()))}

    context.store.write(work)


def _delete_old(context: Context, run_id: uuid.UUID, patiently: Patiently) -> None:
    """Delete what is past its period. A fault there must not keep anybody's transport from being matched."""
    told: dict[str, Any]
    try:
        folder = context.settings.drop_folder
        deleted = patiently(
            lambda: retention.enforce(context.store, context.now, drop_folder=folder, within=_DELETES_FOR)
        )
        told = {each.kind.value: each.count for each in deleted}
    except Problem:
        raise  # The database is away: so is everything else.
    except Exception as error:  # noqa: BLE001  # told in the log and in the run; the next night tries again
        told = {"failure": type(error).__name__}
        _log.error("retention_failed", run=str(run_id), **told_of(error))

    def note(session: Session) -> None:
        run = repository.locked_run(session, run_id)
        if run is not None:
            run.summary = {**run.summary, "deleted": told}

    patiently(lambda: context.store.write(note))


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
    """Import a file, once: all of its rows or none. A good one goes to ``done``, a bad one to ``rejected``.

    Whatever is wrong with a file, the night goes on: the run's summary says what became of it (``refused_files``).
    """
    most = context.settings.max_import_bytes
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except FileNotFoundError:
        return
    except OSError:
        # Left where it is: what cannot be read is for the operator to look at.
        _note(context, run_id, path, "unreadable")
        return
    if len(content) > most:
        large = Problem(Code.BODY_TOO_LARGE, f"Expected at most {most} bytes. Split the file.")
        _put_away(context, run_id, path, _key(path), _as_json(large), "too_large")
        return
    digest = hashlib.sha256(content).hexdigest()
    warned = ""

    def work(session: Session) -> str | None:
        nonlocal warned
        run = repository.locked_run(session, run_id)
        if run is None or digest in run.summary.get("imported", {}):
            return None
        answering = context.settings.answering
        report = imports.import_file(session, SYSTEM, name, content, context.now, answering=answering)
        if not report.is_clean:
            return report.model_dump_json(indent=1)
        warned = report.model_dump_json(indent=1, include={"name", "rows", "warnings"}) if report.warnings else ""
        # Commits with the rows: where the worker dies before the file is moved, it is not imported again.
        run.summary = {**run.summary, "imported": {**run.summary.get("imported", {}), digest: name[:80]}}
        return None

    # Names of files are bytes; what is stored is text.
    name = os.fsencode(path.name).decode("utf-8", "replace")
    try:
        refusal = context.store.write(work)
    except Problem as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # not the file's fault
            raise
        refusal = _as_json(problem)
    except (ValueError, RecursionError):
        # A file that nobody thought of; its text must not get into the log.
        refusal = _as_json(Problem(Code.ROWS_INVALID, "The file cannot be read. Compare it with the format."))
    _put_away(context, run_id, path, digest, refusal, "refused", warned)


def _put_away(
    context: Context, run_id: uuid.UUID, path: Path, digest: str, refusal: str | None, code: str, warned: str = ""
) -> None:
    """Move a file to where it belongs, with the reasons beside it where it was refused, or warnings about its text."""
    if refusal is not None:
        _note(context, run_id, path, code)
    try:
        _moved(path, "done" if refusal is None else "rejected", digest)
        if refusal is not None:
            reasons = path.parent / "rejected" / f"{_name(path, digest)}.errors.json"
            reasons.write_text(refusal, encoding="utf-8")
        elif warned:
            (path.parent / "done" / f"{_name(path, digest)}.warnings.json").write_text(warned, encoding="utf-8")
    except OSError:
        _note(context, run_id, path, "not_moved")


def _note(context: Context, run_id: uuid.UUID, path: Path, code: str) -> None:
    """Note in the run's summary what is wrong with a file; by a hash, for names of files may name people."""

    def work(session: Session) -> None:
        run = repository.locked_run(session, run_id)
        if run is not None:
            refused = {**run.summary.get("refused_files", {}), _key(path)[:8]: code}
            run.summary = {**run.summary, "refused_files": refused}

    context.store.write(work)
    _log.warning("file_rejected", run=str(run_id), code=code)


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()


def _as_json(problem: Problem) -> str:
    return json.dumps(problem.document(), ensure_ascii=False, indent=1)


def _moved(path: Path, where: str, digest: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    path.replace(folder / _name(path, digest))


def _name(path: Path, digest: str) -> str:
    """Return a name that another file of the same name does not have, shortened where there is no room for more."""
    stem = os.fsencode(path.stem)[:_MOST_STEM].decode("utf-8", "ignore")
    return f"{stem}.{digest[:8]}{path.suffix}"


def report(session: Session, run: Run, differences: Sequence[publishing.Difference]) -> None:
    """Complete the morning list: what the clock ended since the night before began, and whose each row is.

    What that night's list has told already is not told again.
    """
    rows = [asdict(each) for each in differences]
    last = None if run.night is None else repository.night_before(session, run.night)
    since = (run.started_at or run.created_at) - _FIRST_NIGHT if last is None else last.started_at or last.created_at
    told = set() if last is None else {row.get("decision") for row in last.summary.get("differences", [])}
    ended = [each for each in ended_by_clock(session, since) if str(each.id) not in told]
    codes = codes_of(session, {each.zab_id for each in ended if each.zab_id is not None})
    for each in ended:
        kind, code = _TOLD[each.action]
        zab = None if each.zab_id is None or each.action is Action.RETURN_TO_ABH else codes.get(each.zab_id)
        rows.append({"request": str(each.request_id), "kind": kind, "code": code, "zab": zab, "decision": str(each.id)})
    owners = owners_of(session, {uuid.UUID(row["request"]) for row in rows})
    for row in rows:
        row["owner"] = str(owners.get(uuid.UUID(row["request"]), ""))
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind, _ in _TOLD.values()}
    run.summary = {**run.summary, "differences": rows, **counts}
    session.flush()
