"""A sweep carried out: which results are missing, who makes them, and when it is enough.

Whether a scenario has enough draws is asked only when all draws up to a batch's end are there, so that neither the
number of workers nor the order in which they answer decides anything.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from optimizer.io.document import layout, plain
from optimizer.io.json import dump_instance, parse_instance
from optimizer.io.problem import Problem
from optimizer.model import Instance
from optimizer.search.observer import Observer, SilentObserver
from optimizer.simulate.draws import Draws
from optimizer.simulate.edits import days_of
from optimizer.simulate.evaluation import Limits, Outcome, evaluate
from optimizer.simulate.results import Key, Store
from optimizer.simulate.scale_out import Crew, Unfinished, run_each
from optimizer.simulate.scenario import Scenario, apply
from optimizer.simulate.statistics import Estimate, paired
from optimizer.simulate.sweep import Metric, Sweep, periods_of
from optimizer.travel import TravelMatrix

_SILENT = SilentObserver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One evaluation as another process is told of it; ``snapshot`` is the packed text of the problem's file."""

    snapshot: bytes
    scenario: Scenario
    draws: Draws
    draw: int
    limits: Limits
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A sweep with its results.

    Parameters
    ----------
    scenarios
        The baseline, then all others.
    keys
        For each scenario id what its outcomes are kept by: ``Scenario.key``.
    outcomes
        By key and draw.
    factor
        By what an outcome is multiplied for the period of the sweep.
    enough
        For each scenario id whether its interval is as tight as was asked for; all true where nothing was.
    failed
        What could not be done, and why.
    was_cancelled
        Whether it was ended early; the results so far are whole.
    """

    sweep: Sweep
    scenarios: tuple[Scenario, ...]
    keys: Mapping[str, str]
    outcomes: Mapping[Key, Outcome]
    factor: float
    enough: Mapping[str, bool]
    failed: tuple[Unfinished[Task], ...]
    was_cancelled: bool

    def pairs(self, scenario: Scenario) -> list[tuple[Outcome, Outcome]]:
        """Return outcome and outcome of the baseline for each draw that both have a plan for, in order."""
        return _pairs(self.outcomes, self.keys[self.scenarios[0].id], self.keys[scenario.id])

    def difference(self, scenario: Scenario, metric: Metric) -> Estimate | None:
        """Return the paired difference to the baseline for a period; ``None`` with fewer than two draws."""
        return _difference(self.sweep, self.pairs(scenario), metric, self.factor)


def work(task: Task) -> Outcome:
    """Make one evaluation: what a process of any kind of crew does."""
    stated = _stated(task.snapshot)
    return evaluate(
        task.scenario, stated.instance, stated.travel,
        draws=task.draws, draw=task.draw, limits=task.limits, seed=task.seed,
    ).outcome  # fmt: skip


@lru_cache(maxsize=2)
def _stated(snapshot: bytes) -> Problem:
    # Read as a file is, so that arrays are what kernels were compiled for; see ``days.worker``.
    return parse_instance(zlib.decompress(snapshot).decode(), "snapshot")


def digest_of(sweep: Sweep, instance: Instance, travel: TravelMatrix) -> str:
    """Return what all results depend on besides scenario and draw: problem, chance, limits and seed."""
    told = layout(plain({"draws": sweep.draws, "limits": sweep.limits, "seed": sweep.seed}), depth=0)
    return sha256((dump_instance(instance, travel) + told).encode()).hexdigest()


def run_sweep(
    sweep: Sweep,
    instance: Instance,
    travel: TravelMatrix,
    results: Store,
    crew: Crew,
    *,
    observer: Observer = _SILENT,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Swept:
    """Make what is missing in ``results`` until every scenario has enough draws, or the most there may be.

    Raises
    ------
    InvalidValue
        Where a scenario names what is not there, or two have one id: before anything is made.
    ClusterLost
        Where a cluster is gone; ``results`` has what was done.
    """
    scenarios = sweep.all_scenarios(instance)
    for scenario in scenarios:
        apply(scenario, instance)
    snapshot = zlib.compress(dump_instance(instance, travel).encode())
    factor = periods_of(sweep.period, days_of(instance))
    active = list(scenarios[1:])
    failed: list[Unfinished[Task]] = []
    draws = sweep.fewest if sweep.precision is not None else sweep.most
    while not is_cancelled():
        missing = _missing(results, [scenarios[0], *active], draws, {u.task.scenario.key for u in failed})
        tasks = [
            Task(
                snapshot=snapshot, scenario=scenario, draws=sweep.draws, draw=draw, limits=sweep.limits,
                seed=sweep.seed,
            )
            for draw, scenario in missing
        ]  # fmt: skip
        observer.phase(f"{draws} draws")
        failed += _made(tasks, results, crew, observer, is_cancelled)
        active = [s for s in active if not _is_enough(sweep, results.known, scenarios[0], s, factor)]
        if draws >= sweep.most or not active:
            break
        draws = min(sweep.most, draws + sweep.batch)
    enough = {s.id: _is_enough(sweep, results.known, scenarios[0], s, factor) for s in scenarios[1:]}
    return Swept(
        sweep=sweep,
        scenarios=scenarios,
        keys={scenario.id: scenario.key for scenario in scenarios},
        outcomes=results.known,
        factor=factor,
        enough=enough,
        failed=tuple(failed),
        was_cancelled=is_cancelled(),
    )


def _missing(
    results: Store, scenarios: Sequence[Scenario], draws: int, hopeless: set[str]
) -> list[tuple[int, Scenario]]:
    """Return what is still to be made, draw by draw; a scenario that stands there twice is made once."""
    different = {scenario.key: scenario for scenario in scenarios}
    return [
        (draw, scenario)
        for draw in range(draws)
        for key, scenario in different.items()
        if (key, draw) not in results and key not in hopeless
    ]


def _made(
    tasks: Sequence[Task], results: Store, crew: Crew, observer: Observer, is_cancelled: Callable[[], bool]
) -> list[Unfinished[Task]]:
    done = 0

    def take(task: Task, outcome: Outcome) -> None:
        nonlocal done
        if not is_cancelled():  # An evaluation of this very process may have been cut short.
            results.add(task.scenario.key, task.scenario.id, task.draw, outcome)
        done += 1
        observer.progress(f"{done} of {len(tasks)}")

    return run_each(crew, work, tasks, take, is_cancelled=is_cancelled)


def _is_enough(
    sweep: Sweep, outcomes: Mapping[Key, Outcome], baseline: Scenario, scenario: Scenario, factor: float
) -> bool:
    if sweep.precision is None:
        return True
    pairs = _pairs(outcomes, baseline.key, scenario.key)
    found = _difference(sweep, pairs, sweep.metric, factor)
    return len(pairs) >= sweep.fewest and found is not None and found.half_width <= sweep.precision


def _pairs(outcomes: Mapping[Key, Outcome], other: str, mine: str) -> list[tuple[Outcome, Outcome]]:
    draws = sorted(draw for key, draw in outcomes if key == mine and (other, draw) in outcomes)
    pairs = [(outcomes[mine, draw], outcomes[other, draw]) for draw in draws]
    return [pair for pair in pairs if pair[0].has_plan and pair[1].has_plan]


def _difference(
    sweep: Sweep, pairs: Sequence[tuple[Outcome, Outcome]], metric: Metric, factor: float
) -> Estimate | None:
    if len(pairs) < 2:
        return None
    mine, other = zip(*pairs, strict=True)
    values = [[float(getattr(outcome, metric.value)) for outcome in side] for side in (mine, other)]
    return paired(values[0], values[1], sweep.confidence).times(1.0 if metric is Metric.GAP else factor)
