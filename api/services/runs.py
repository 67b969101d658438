"""Runs as people ask for them and end them: queued here, done by workers. Nothing here loads the solver."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Run, RunKind, RunState
from api.db.tables_runs import ASIDE
from api.errors import Code, Problem, not_found
from api.mapping.horizon import Horizon
from api.repositories import runs
from api.services import parameters
from api.settings import Settings
from api.workflow import Role
from optimizer.params import SolveParams

MOST_DAYS = 14
_LOCK = 0x52535052
"""Whoever begins a run on PostgreSQL holds this advisory lock: two that overlap would not see one another."""


class RunFile(StrEnum):
    """What is stored of a run to repeat it."""

    INPUT = "input"
    RESULT = "result"


def queue(
    session: Session,
    actor: Actor,
    kind: RunKind,
    horizon: Horizon,
    params: SolveParams,
    *,
    now: datetime,
    night: date | None = None,
    more: Mapping[str, Any] | None = None,
) -> Run:
    """Put a run into the queue of the workers.

    Parameters
    ----------
    night
        Local date of a nightly run.
    more
        What else the run is to know: ``wanted`` requests of a continuous match.

    Raises
    ------
    Problem
        ``run_in_progress`` (409), naming the live run that shares a day; ``value_refused`` (422).
    """
    if horizon.days > MOST_DAYS:
        raise Problem(Code.VALUE_REFUSED, f"Expected at most {MOST_DAYS} days, got {horizon.days}. Ask for fewer.")
    alone(session)
    live = overlapping(session, horizon, kind)
    if live is not None:
        raise Problem(
            Code.RUN_IN_PROGRESS,
            f"Run {live.id} of the days {live.horizon} is {live.state}. Wait for it, or stop it.",
            more={"run": str(live.id), "horizon": live.horizon, "state": live.state.value},
        )
    run = Run(
        created_at=now, updated_at=now, kind=kind, state=RunState.QUEUED, horizon=str(horizon),
        horizon_from=horizon.since, horizon_to=horizon.until, night=night,
        parameter_set=parameters.row_in_force(session, horizon.first).name,
        solve_params=asdict(params) | dict(more or {}), account_id=actor.account_id,
    )  # fmt: skip
    session.add(run)
    session.flush()
    audit.append(
        session, actor, "run_asked", "run", run.id, at=now, details={"kind": kind.value, "horizon": run.horizon}
    )
    return run


def overlapping(session: Session, horizon: Horizon, kind: RunKind) -> Run | None:
    """Return a live run that shares a day with ``horizon`` and keeps one of ``kind`` from beginning.

    Continuous matches wait for one another only: beside a long run they go on, for nobody is to wait for half an hour.
    What each publishes is looked at again under locks.
    """
    return next((run for run in runs.live_runs(session) if _excludes(run, kind) and shares(run, horizon)), None)


def on_demand(settings: Settings, actor: Actor, seconds: float | None, seed: int) -> SolveParams:
    """Return the knobs of a run that somebody asks for; a ZAB holds up the others for less long than the LTraKo."""
    most = settings.nightly_seconds if actor.role is Role.LTRAKO else settings.solve_seconds
    limit = min(seconds or settings.solve_seconds, most)
    return SolveParams(time_limit=limit, workers=settings.solver_workers, seed=seed)


def read_file(
    session: Session, actor: Actor, run_id: uuid.UUID, file: RunFile, *, purpose: str, now: datetime
) -> bytes:
    """Return the stored problem of a run, or its answer, and log the read: in a transaction that writes.

    It tells of every request of the days what the pool tells only in part.

    Raises
    ------
    Problem
        ``not_found`` (404) where there is no run that the actor may see, or no such file yet.
    """
    run = runs.run_of(session, actor, run_id) if actor.role in runs.MAY_REPEAT else None
    row = None if run is None else runs.input_of(session, run_id)
    content = None if row is None else (row.result if file is RunFile.RESULT else row.instance)
    if content is None:
        raise not_found("the file of a run; it is there once the run has read, or solved, its problem,")
    audit.append(session, actor, "read", "run", run_id, at=now, purpose=purpose, details={"file": file.value})
    return content


def cancel(session: Session, actor: Actor, run_id: uuid.UUID, *, now: datetime) -> Run:
    """Wish that a run ends; what it has found so far is kept. One that has not begun ends at once.

    Raises
    ------
    Problem
        ``not_found`` (404), ``state_forbids`` (409) where it has ended.
    """
    if runs.run_of(session, actor, run_id) is None:
        raise not_found("a run")
    return cancelled(session, actor, run_id, now=now)


def cancelled(session: Session, actor: Actor, run_id: uuid.UUID, *, now: datetime) -> Run:
    """Do what ``cancel`` says; whether the actor may see the run was asked before."""
    run = runs.locked_run(session, run_id)
    if run is None:
        raise not_found("a run")
    if run.state not in (RunState.QUEUED, RunState.RUNNING):
        raise Problem(Code.STATE_FORBIDS, f"The run is {run.state}; it has ended.", more={"state": run.state.value})
    if run.is_cancel_wanted:
        return run
    run.is_cancel_wanted, run.updated_at = True, now
    if run.state is RunState.QUEUED:
        run.state, run.finished_at = RunState.CANCELLED, now
        runs.add_event(session, run.id, "finished", {"state": run.state.value}, now=now)
    session.flush()
    audit.append(session, actor, "run_cancel_asked", "run", run.id, at=now, details={"state": run.state.value})
    return run


def begin(session: Session, run_id: uuid.UUID, worker: str, *, now: datetime) -> Run | None:
    """Let ``worker`` have a run; ``None`` where it has ended, or one that it must wait for is at work."""
    alone(session)
    run = runs.locked_run(session, run_id)
    if run is None or run.state not in (RunState.QUEUED, RunState.RUNNING):
        return None
    if run.state is RunState.QUEUED:
        others = () if run.kind in ASIDE else runs.live_runs(session, (RunState.RUNNING,))
        if any(_excludes(other, run.kind) and shares(other, Horizon.read(run.horizon)) for other in others):
            return None
        run.state, run.started_at = RunState.RUNNING, now
    if run.worker != worker:
        run.worker = worker
    run.updated_at = now
    session.flush()
    return run


def fail(session: Session, run_id: uuid.UUID, failure: str, *, now: datetime) -> None:
    """End a run that cannot go on; ``failure`` is the kind of the error, never what it says of a person."""
    run = runs.locked_run(session, run_id)
    if run is None or run.state not in (RunState.QUEUED, RunState.RUNNING):
        return
    run.state, run.failure, run.finished_at, run.updated_at = RunState.FAILED, failure[:400], now, now
    runs.add_event(session, run.id, "finished", {"state": run.state.value}, now=now)


def _excludes(run: Run, kind: RunKind) -> bool:
    """Whether a live run keeps one of this kind from beginning, where they share a day."""
    return (run.kind is RunKind.CONTINUOUS) == (kind is RunKind.CONTINUOUS)


def shares(run: Run, horizon: Horizon) -> bool:
    """Whether a run is about one of these days."""
    return run.horizon_from < horizon.until and horizon.since < run.horizon_to


def alone(session: Session) -> None:
    """Wait until nobody else queues or begins a run, and hold others off until the transaction ends.

    On SQLite whoever may write is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
