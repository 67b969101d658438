"""Runs as they are asked for and shown. A run tells no request: what it proposes stands with the proposals."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from api.db.tables import Run, RunKind, RunState
from api.mapping.horizon import Horizon
from api.schemas.base import Body, Day, Shown

_MOST_DAYS = timedelta(days=13)


class RunPurpose(StrEnum):
    """Why somebody reads the problem of a run, or its answer."""

    REPEAT = "repeat"
    """To compute it again."""
    EXPLAIN = "explain"
    """To say why somebody was placed, or was not."""
    AUDIT = "audit"


class NewRun(Body):
    """Which days to plan anew, and how long to search."""

    first_day: Annotated[Day, Field(description="First local day.", examples=["2026-10-05"])]
    last_day: Annotated[
        Day | None, Field(description="Last local day; left out: the first one.", examples=["2026-10-05"])
    ] = None  # fmt: skip
    seconds: Annotated[
        float | None,
        Field(
            strict=False,
            ge=1,
            le=3600,
            examples=[30],
            description="Most seconds, as far as the settings let your role; left out: by the settings.",
        ),
    ] = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Seed of everything random.", examples=[0])] = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        last = self.last_day or self.first_day
        if last < self.first_day:
            raise ValueError("expected first_day before last_day: turn them round")
        if last - self.first_day > _MOST_DAYS:
            raise ValueError("expected at most 14 days: ask for fewer")
        return self

    @property
    def horizon(self) -> Horizon:
        """The days."""
        return Horizon(first=self.first_day, last=self.last_day or self.first_day)


class StageShown(Shown):
    """Value and bound of a stage of the objective; proven where they meet."""

    name: Annotated[str, Field(description="Stage, in the order of the objective.", examples=["served"])]
    value: Annotated[float, Field(description="Value of the plan.", examples=[12])]
    bound: Annotated[float, Field(description="No plan can be better than this.", examples=[12])]
    gap: Annotated[float, Field(description="Relative distance of value and bound.", examples=[0.0])]
    proven: Annotated[bool, Field(description="Whether value and bound meet.")]


class RunShown(Shown):
    """A run."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    kind: Annotated[RunKind, Field(description="Why it was made.")]
    state: Annotated[RunState, Field(description="Where it stands.")]
    first_day: Annotated[date, Field(description="First local day.", examples=["2026-10-05"])]
    last_day: Annotated[date, Field(description="Last local day.", examples=["2026-10-05"])]
    created_at: Annotated[datetime, Field(description="When it was asked for.")]
    started_at: Annotated[datetime | None, Field(description="When a worker took it.")]
    finished_at: Annotated[datetime | None, Field(description="When it ended.")]
    is_cancel_wanted: Annotated[bool, Field(description="Whether somebody wants it to end; the best plan is kept.")]
    status: Annotated[
        str | None,
        Field(description="What is known of the plan: optimal, feasible, infeasible, unknown.", examples=["optimal"]),
    ]
    stages: Annotated[list[StageShown], Field(description="Stage by stage what was reached and what is proven.")]
    new: Annotated[int, Field(description="Proposals made.", examples=[3])]
    changed: Annotated[int, Field(description="Unanswered proposals that were replaced.", examples=[0])]
    lost: Annotated[int, Field(description="Unanswered proposals that ended.", examples=[0])]
    unplaced: Annotated[int, Field(description="Requests that wait on, each with its reasons.", examples=[1])]
    parameter_set: Annotated[str, Field(description="Parameter set it used.", examples=["nrw-2026-01"])]
    input_sha256: Annotated[str | None, Field(description="Hash of its stored problem.")]
    seed: Annotated[int, Field(description="Seed.", examples=[0])]
    seconds: Annotated[float | None, Field(description="Most seconds of the search.", examples=[60])]
    failure: Annotated[str | None, Field(description="Kind of the error that ended it.")]
    refused_files: Annotated[
        int, Field(description="Files of the drop folder that a nightly run could not take in.", examples=[0])
    ]


def run_shown(run: Run) -> RunShown:
    """Return a run as an answer tells it."""
    days = Horizon.read(run.horizon)
    counts = {name: int(run.summary.get(name, 0)) for name in ("new", "changed", "lost", "unplaced")}
    return RunShown(
        id=run.id, kind=run.kind, state=run.state, first_day=days.first, last_day=days.last,
        created_at=run.created_at, started_at=run.started_at, finished_at=run.finished_at,
        is_cancel_wanted=run.is_cancel_wanted, status=run.status,
        stages=[StageShown(**stage) for stage in run.stages.get("items", [])],
        parameter_set=run.parameter_set, input_sha256=run.input_sha256, seed=int(run.solve_params.get("seed", 0)),
        seconds=run.solve_params.get("time_limit"), failure=run.failure,
        refused_files=len(run.summary.get("refused_files", {})), **counts,
    )  # fmt: skip


class DifferenceShown(Shown):
    """What a night changed for a request, with one reason."""

    request: Annotated[uuid.UUID, Field(description="The request.")]
    kind: Annotated[
        str,
        Field(description="new, changed, lost, unplaced, expired, lapsed or returned.", examples=["new"]),
    ]  # fmt: skip
    code: Annotated[
        str,
        Field(
            description="Why: fits, better_plan, no_longer_fits, nobody_answered, condition_not_met, nobody_promised, "
            "or the rule that keeps it out (`company`: who rides there).",
            examples=["fits"],
        ),
    ]
    zab: Annotated[str | None, Field(description="ZAB that is asked, or no longer asked.", examples=["zab:essen"])]


class MorningList(Shown):
    """What the night of a local date changed, as far as it is yours to see."""

    night: Annotated[date, Field(description="Local date of the run.", examples=["2026-10-05"])]
    run: Annotated[uuid.UUID, Field(description="The run.")]
    state: Annotated[RunState, Field(description="Where it stands; the list is complete when it is done.")]
    finished_at: Annotated[datetime | None, Field(description="When it ended.")]
    differences: Annotated[list[DifferenceShown], Field(description="What changed, each with one reason.")]
