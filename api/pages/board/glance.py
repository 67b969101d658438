"""What always stands above the board: how many wait, who answers next, what is being matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.actor import Actor
from api.db.tables import Run, RunState
from api.mapping.horizon import Horizon
from api.pages.planning.names import KINDS, progress_words
from api.repositories import board as rows
from api.repositories import runs
from api.web.context import Context
from api.words import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """A run that waits or is at work, and what it told last."""

    kind: tuple[str, str]
    days: Horizon
    is_queued: bool
    value: float | None
    bound: float | None
    """No plan can be better: how near the value is tells how much there may be left to find."""
    seconds: float | None
    """Most seconds of its search; ``None``: not known."""
    spent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The line above the board."""

    unplaced: int
    to_answer: int
    respond_by: datetime | None
    left: timedelta | None
    runs: Sequence[Going]


def glance(context: Context, actor: Actor) -> Glance:
    """Return what the line says to this actor, whatever is filtered."""
    now = context.now
    with context.store.reading() as session:
        number, first = rows.to_answer(session, actor)
        going = [
            _going(run, rows.progress(session, run.id), now)
            for run in runs.live_runs(session)
            if actor.role in runs.MAY_SEE
        ]
        return Glance(
            unplaced=rows.unplaced(session, actor), to_answer=number, respond_by=first,
            left=None if first is None else first - now, runs=going,
        )  # fmt: skip


def _going(run: Run, told: Mapping[str, Any], now: datetime) -> Going:
    seconds = run.solve_params.get("time_limit")
    _, scale = progress_words(Language.DE).get(told.get("phase") or "", ("", 1.0))
    value, bound = (None if told.get(name) is None else told[name] / scale for name in ("value", "bound"))
    spent = 0.0 if run.started_at is None else max(0.0, (now - run.started_at).total_seconds())
    return Going(
        kind=KINDS[run.kind], days=Horizon.read(run.horizon), is_queued=run.state is RunState.QUEUED,
        value=value, bound=bound, seconds=seconds,
        spent=spent if seconds is None else min(spent, float(seconds)),
    )  # fmt: skip
