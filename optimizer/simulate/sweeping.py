"""A sweep carried out: which results are missing, who makes them, and when it is enough.

Whether a scenario has enough draws is asked only when all draws up to a batch's end are there, so that neither the
number of workers nor the order in which they answer decides anything.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256

from optimizer.io.document import layout, plain
from optimizer.io.json import dump_instance, parse_instance
from optimizer.io.problem import Problem
from optimizer.model import Instance
from optimizer.search.observer import Observer, SilentObserver
from optimizer.simulate.edits import days_of
from optimizer.simulate.evaluation import Evaluated, evaluate
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.plan import dump_plan, plan_of
from optimizer.simulate.results import Store
from optimizer.simulate.scale_out import Crew, Unfinished, run_each
from optimizer.simulate.scenario import Scenario, apply
from optimizer.simulate.sweep import Sweep, periods_of
from optimizer.simulate.swept import Swept, Task, is_enough, swept_of
from optimizer.travel import TravelMatrix

_SILENT = SilentObserver()


def work(task: Task) -> Outcome:
    """Make one evaluation: what a process of any kind of crew does."""
    return _made_of(task).outcome


def work_with_plan(task: Task) -> tuple[Outcome, str]:
    """Make one evaluation and tell its plan as well (``plan.dump_plan``)."""
    made = _made_of(task)
    return made.outcome, dump_plan(plan_of(made.instance, made.result.solution))


def _made_of(task: Task) -> Evaluated:
    stated = unpacked(task.snapshot)
    return evaluate(
        task.scenario, stated.instance, stated.travel,
        draws=task.draws, draw=task.draw, limits=task.limits, seed=task.seed,
    )  # fmt: skip


def packed(text: str) -> bytes:
    """Return the text of a problem's file as tasks carry it to other processes."""
    return zlib.compress(text.encode())


@lru_cache(maxsize=2)
def unpacked(snapshot: bytes) -> Problem:
    """Return the problem that ``packed`` made bytes of; what was read last is kept."""
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
    days: int | None = None,
) -> Swept:
    """Make what is missing in ``results`` until every scenario has enough draws, or the most there may be.

    Parameters
    ----------
    days
        Local days that the figures stand for, 1 or more; ``None``: those of the instance (``edits.days_of``).

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
    snapshot = packed(dump_instance(instance, travel))
    days = days_of(instance) if days is None else days
    factor = periods_of(sweep.period, days)
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
        active = [s for s in active if not is_enough(sweep, results.known, scenarios[0], s, factor)]
        if draws >= sweep.most or not active:
            break
        draws = min(sweep.most, draws + sweep.batch)
    return swept_of(sweep, scenarios, results.known, days, failed=tuple(failed), was_cancelled=is_cancelled())


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
