"""The first step of a run: today's rows become a stored problem, so that the run can be repeated exactly."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from sqlalchemy.orm import Session

from api.db.tables import Run, RunInput, RunKind
from api.gates import seen_by
from api.mapping.horizon import Horizon
from api.mapping.problem import LeftOut, Mapped, problem_of
from api.repositories import runs
from api.repositories.plans import plan_rows
from api.services import gatekeeping, parameters
from api.settings import Settings
from api.workflow import Role
from optimizer.io.json import dump_instance
from optimizer.model import Instance, Stage

LIBRARIES = ("restplatzboerse", "ortools", "highspy", "numba", "numpy")
STABLE_STAGES = (
    Stage.PINNED, Stage.SERVED, Stage.CHANGES, Stage.CUSTODY, Stage.NIGHT, Stage.FAIR_LOAD, Stage.COST,
)  # fmt: skip
"""At night what was published changes only so that more can be carried: that is the gain that the run states."""


def read(session: Session, run_id: uuid.UUID, settings: Settings, *, now: datetime) -> Mapped:
    """Return the problem of a run from the rows as they are now; in a transaction that reads.

    Whoever waits and is blocked by a gate never enters it: ``left_out`` names the gate.

    Raises
    ------
    LookupError
        Where there is no such run.
    """
    run = session.get(Run, run_id)
    if run is None:
        raise LookupError(f"no run {run_id}")
    horizon = Horizon.read(run.horizon)
    wanted = run.solve_params.get("wanted")
    # A match and a question are about a few requests in the plan as it stands.
    is_about_few = run.kind in (RunKind.CONTINUOUS, RunKind.QUESTION)
    rows = plan_rows(
        session, horizon.since, horizon.until, now=now,
        only=[uuid.UUID(each) for each in wanted] if is_about_few and wanted is not None else None,
    )  # fmt: skip
    closed: dict[uuid.UUID, gatekeeping.Findings] = {}
    if run.kind is not RunKind.QUESTION:
        # Of one that is blocked it may be asked what else is in the way: its gates are told beside the answer.
        rows, closed = gatekeeping.without_blocked(session, rows, now=now)
    mapped = problem_of(
        rows, horizon, parameters.in_force(session, horizon.first), now=now, tolerance=settings.tolerance_seconds,
        keeps_offers=is_about_few,
    )  # fmt: skip
    # ZABs read what a run left out.
    told = {key: gatekeeping.codes(seen_by(found, Role.ZAB_DISPATCHER)) for key, found in closed.items()}
    left_out = [LeftOut(kind="request", id=str(key), code=codes[0]) for key, codes in sorted(told.items())]
    mapped = replace(mapped, left_out=(*mapped.left_out, *left_out))
    return mapped if run.kind is not RunKind.NIGHTLY else replace(mapped, instance=_stable(mapped.instance))


def _stable(instance: Instance) -> Instance:
    return replace(instance, stages=STABLE_STAGES)


def store(session: Session, run_id: uuid.UUID, mapped: Mapped, *, now: datetime) -> str:
    """Store the problem with the run, once; return its hash."""
    run = runs.locked_run(session, run_id)
    if run is None:
        raise LookupError(f"no run {run_id}")
    if run.input_sha256 is not None:
        return run.input_sha256
    text = dump_instance(mapped.instance, mapped.travel).encode()
    run.input_sha256 = hashlib.sha256(text).hexdigest()
    run.solve_params = {**run.solve_params, "offered": list(mapped.offered)}
    run.versions = {
        "libraries": {name: version(name) for name in LIBRARIES},
        "requests": dict(mapped.request_versions),
        "duties": dict(mapped.duty_versions),
    }
    run.summary = {
        **run.summary,
        "left_out": [{"kind": each.kind, "id": each.id, "code": each.code} for each in mapped.left_out],
    }
    run.updated_at = now
    session.add(RunInput(run_id=run_id, instance=text, result=None))
    session.flush()
    return run.input_sha256
