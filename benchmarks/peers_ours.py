"""Our own solver in the row of peers: it is given the instance as it is, and pays for everything within its limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.quality_run import Recorder
from optimizer.days.warm import warm_up
from optimizer.io.problem import Problem
from optimizer.model import Solution, Stage
from optimizer.params import SolveParams
from optimizer.search.plan import relevant_stages
from optimizer.solve import solve as optimize

NAME = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with its own timetable, and the bounds told by stage."""

    plan: Solution
    bounds: dict[Stage, int]


class _Watch(Recorder):
    """Tells the served weight of each better plan as it is found."""

    def __init__(self, stages: tuple[str, ...], told: Callable[[int], None]) -> None:
        super().__init__(stages, frozenset(stage.value for stage in Stage if stage.is_maximised))
        self._told = told

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Pass on what is better than all before."""
        known = len(self.curve)
        super().progress(text, value=value, bound=bound)
        for _, stage, better, _ in self.curve[known:]:
            if stage == Stage.SERVED and better is not None:
                self._told(better)


def warm(problem: Problem) -> None:
    """Load the compiled kernels, as any service has done before its first request."""
    warm_up(problem.instance, problem.travel)


def solve(problem: Problem, seconds: float, told: Callable[[int], None], *, seed: int = 0, threads: int = 1) -> Planned:
    """Solve for at most ``seconds``; ``told`` hears the weight of each better plan."""
    stages = tuple(stage.value for stage in relevant_stages(problem.instance))
    params = SolveParams(time_limit=seconds, workers=threads, seed=seed)
    result = optimize(problem.instance, problem.travel, params, observer=_Watch(stages, told))
    if result.objective is not None:
        told(result.objective.served)
    return Planned(plan=result.solution, bounds={stage.name: stage.bound for stage in result.stages})
