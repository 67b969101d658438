"""A plan made by hand for the small day of ``tests/io/tables_day.py``: nothing is solved here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.model import Instance, InstanceIndex, Rule, Solution, Tour, Visit, VisitKind
from optimizer.params import SolveParams
from optimizer.result import Obstacle, Reason, Result, StageResult, Status, Unserved
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import objective

CLOCK = 60


def visit(kind: VisitKind, place: str | None, clock: str, request: str | None = None, service: int = 0) -> Visit:
    """A visit that begins at a clock time of the first day and takes ``service`` minutes."""
    hours, minutes = clock.split(":")
    start = (int(hours) * 60 + int(minutes)) * 60
    return Visit(kind=kind, place=place, request=request, arrival=start, start=start, departure=start + service * CLOCK)


def plan_for(instance: Instance) -> Solution:
    """R2 takes free seats of the promised tour, partly together with C1; R1 stays unserved."""
    essen = instance.duties[0].start_place
    index = InstanceIndex(instance)
    where = {key: (request.pickup.place, request.delivery.place) for key, request in index.request.items()}
    return Solution(
        tours=(
            Tour(
                duty="D1",
                visits=(
                    visit(VisitKind.START, essen, "07:30"),
                    visit(VisitKind.PICKUP, where["C1"][0], "08:00", "C1", 30),
                    visit(VisitKind.PICKUP, where["R2"][0], "09:00", "R2", 15),
                    visit(VisitKind.DELIVERY, where["C1"][1], "10:00", "C1", 30),
                    visit(VisitKind.DELIVERY, where["R2"][1], "10:30", "R2", 30),
                    visit(VisitKind.END, essen, "12:00"),
                ),
            ),
        )
    )


def result_for(instance: Instance, travel: TravelMatrix, status: Status = Status.OPTIMAL) -> Result:
    """The plan with its objective, one reason for R1, and a proof that is whole or open at the last stage."""
    solution = plan_for(instance)
    terms = objective(instance, travel, solution)
    is_proven = status is Status.OPTIMAL
    stages = tuple(
        StageResult(
            name=stage,
            value=terms.value(stage),
            bound=terms.value(stage) if is_proven or stage is not instance.stages[-1] else 0,
            proven=is_proven or stage is not instance.stages[-1],
        )
        for stage in instance.stages
    )
    reason = Reason(
        zab=instance.zabs[0].id,
        duty="D1",
        obstacle=Obstacle.TOUR,
        rule=Rule.FAMILIES_APART,
        texts={"de": "Familien fahren nur mit Familien [Regel]", "en": "families ride with families only [rule]"},
        actions={"de": "=anderen Dienst wählen", "en": "=choose another duty"},
    )
    return Result(
        status=status,
        stages=stages,
        objective=terms,
        solution=solution,
        unserved=(Unserved(request="R1", reasons=(reason,)),),
        complete=True,
        statistics={},
    )


def fake_solve(status: Status = Status.OPTIMAL) -> Callable[..., Result]:
    """What stands in for the solver."""

    def solve(instance: Instance, travel: TravelMatrix, params: SolveParams, **watching: Any) -> Result:
        assert set(watching) == {"observer", "is_cancelled"}
        return result_for(instance, travel, status)

    return solve
