"""From chosen columns to the plan, and which stages an instance needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.master.column import Column
from optimizer.model import Instance, Solution, Stage
from optimizer.result import StageResult
from optimizer.routing.classes import Fleet
from optimizer.routing.schedule import Scheduler


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Chosen columns and what each stage proved.

    ``columns`` is ``None`` where no plan was found; ``settled`` says that then none exists, and that a plan which
    leaves a request out where all must be served has no better.
    """

    columns: tuple[Column, ...] | None
    stages: list[StageResult]
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planned:
    """What a road found; ``scheduler`` knows the fragments that its columns name."""

    outcome: Outcome
    scheduler: Scheduler


def plan_of(columns: Sequence[Column], fleet: Fleet, scheduler: Scheduler) -> Solution:
    """Return the tours of the chosen columns; duties of a class are given out in their order."""
    next_duty = dict.fromkeys(range(len(fleet.classes)), 0)
    tours = []
    for column in sorted(columns, key=lambda c: (c.duty_class, c.number)):
        duty_class = fleet.classes[column.duty_class]
        duty = duty_class.duties[next_duty[column.duty_class]]
        next_duty[column.duty_class] += 1
        tours.append(scheduler.tour(duty, duty_class, column.chain, column.gaps))
    order = {duty: number for number, duty in enumerate(fleet.class_by_duty)}
    return Solution(tours=tuple(sorted(tours, key=lambda tour: order[tour.duty])))


def relevant_stages(instance: Instance) -> tuple[Stage, ...]:
    """Return the stages to run: without that of pins where nothing is pinned, after a served stage where all must be.

    Where cost comes first, an unserved request is priced into it instead (``master.rows.unserved_penalty``): one stage
    finds a complete plan faster than two.
    """
    committed = {promise.request for commitment in instance.commitments for promise in commitment.promises}
    pinned = any(request.pin is not None and request.id not in committed for request in instance.requests)
    stages = tuple(stage for stage in instance.stages if stage is not Stage.PINNED or pinned) or instance.stages
    if instance.serve_all and stages[:1] not in ((Stage.COST,), (Stage.SERVED,)):
        return (Stage.SERVED, *(stage for stage in stages if stage is not Stage.SERVED))
    return stages
