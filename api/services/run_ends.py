"""How a run ends: what it told, written on its row, and everybody who asked for it told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM
from api.db.tables import Run, RunKind, RunState
from api.repositories import runs
from api.services import outbox
from api.services.publishing import CHANGED, LOST, NEW, UNPLACED, Difference
from optimizer.result import Result


def finish(
    session: Session, run: Run, result: Result | None, differences: Sequence[Difference], *, now: datetime
) -> None:
    """Write how the run ended; its input and all knobs are stored already.

    Parameters
    ----------
    result
        ``None``: nothing was to be matched.
    """
    if result is not None:
        run.status = result.status.value
        run.stages = {
            "items": [
                {
                    "name": stage.name.value, "value": stage.value, "bound": stage.bound, "gap": stage.gap,
                    "proven": stage.proven,
                }
                for stage in result.stages
            ],
            "gap": result.gap,
            "complete": result.complete,
        }  # fmt: skip
    counts = {kind: sum(each.kind == kind for each in differences) for kind in (NEW, CHANGED, LOST, UNPLACED)}
    run.summary = {**run.summary, **counts}
    if run.kind is RunKind.NIGHTLY:
        run.summary = {**run.summary, "differences": [asdict(each) for each in differences]}
    end(session, run, counts, now=now)
    told = {"run": str(run.id), "state": run.state.value, **counts}
    outbox.tell(session, outbox.Topic.RUN_FINISHED, runs.told_of_runs(session), told, now=now)
    audit.append(session, SYSTEM, "run_finished", "run", run.id, at=now, details={"state": run.state.value, **counts})


def end(session: Session, run: Run, told: Mapping[str, int], *, now: datetime) -> None:
    """Write that a run has ended, for those who watch it."""
    run.state = RunState.CANCELLED if run.is_cancel_wanted else RunState.DONE
    run.finished_at, run.updated_at = now, now
    runs.add_event(session, run.id, "finished", {"state": run.state.value, **told}, now=now)
