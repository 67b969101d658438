"""A simulation, made: by other processes, of the stored snapshot, each result kept as soon as it is there.

Who evaluates gets the snapshot as a value and nothing else: no connection to any database. What is missing is made, so
that whoever goes on after a worker died makes nothing twice. For workers only.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from api.db.tables import Simulation, SimulationKind
from api.jobs.port import Interrupted
from api.jobs.telling import Telling
from api.mapping.snapshots import read_past
from api.mapping.what_if import plain_of, stored
from api.repositories import runs
from api.repositories import what_if as rows
from api.services import comparisons
from api.settings import Settings
from api.web.context import Context
from optimizer.days.warm import compile_kernels
from optimizer.io.json import parse_instance
from optimizer.io.problem import Problem as Stated
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.backtesting import replay_each
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.results import Key
from optimizer.simulate.running import History
from optimizer.simulate.scale_out import Crew, Processes, Unfinished, cluster, run_each
from optimizer.simulate.sweep import Sweep
from optimizer.simulate.sweeping import packed, run_sweep, work_with_plan
from optimizer.simulate.swept import Task

T = TypeVar("T")

_NICENESS = 10
"""Matches and questions of the same machine come first."""
_SAY_EVERY = 3.0
"""Seconds between two statements of what is known so far."""
_MOST_LOST = 100


class Patiently(Protocol):
    """Does what asks the database, and waits for one that is away (``Steps``)."""

    def __call__(self, work: Callable[[], T], /) -> T:
        """Return what ``work`` returns."""
        ...


def simulate(
    context: Context, worker: str, run_id: uuid.UUID, text: bytes, *, stop: threading.Event, patiently: Patiently
) -> None:
    """Make what is missing of a simulation.

    Parameters
    ----------
    text
        The snapshot, as it is stored with the run.

    Raises
    ------
    Interrupted
        Where the worker is told to stop before it is done: another one goes on with it.
    """
    simulation, known = patiently(lambda: _read(context, run_id))
    if simulation is None:
        return
    if simulation.kind is SimulationKind.BACKTEST:
        stated, history = read_past(text, str(run_id))
    else:
        stated, history = parse_instance(text.decode(), str(run_id)), History()
    # Once here, and not in each of the processes at the same time.
    compile_kernels(stated.instance, stated.travel)
    with _crew(context.settings) as crew, Telling(context, run_id, stop) as telling:
        results = _Results(context, worker, simulation, telling, patiently, known)
        lost = _made(simulation, stated, history, text, crew, results, telling)
        is_unfinished = stop.is_set() and not telling.is_end_wanted
    if is_unfinished:
        raise Interrupted
    patiently(lambda: context.store.write(lambda session: _note_lost(session, run_id, lost)))


def _read(context: Context, run_id: uuid.UUID) -> tuple[Simulation | None, dict[Key, Outcome]]:
    with context.store.reading() as session:
        simulation = rows.simulation_of(session, run_id)
        known = {
            (scenario, draw): stored(Outcome, outcome) for scenario, draw, outcome in rows.outcomes(session, run_id)
        }
        session.expunge_all()
        return simulation, known


def _made(
    simulation: Simulation,
    stated: Stated,
    history: History,
    text: bytes,
    crew: Crew,
    results: _Results,
    telling: Telling,
) -> Sequence[tuple[str, int, str]]:
    """Make what is missing; return scenario, draw and cause of what could not be made."""
    if simulation.kind is SimulationKind.BACKTEST:
        wanted = replace(stored(Backtest, simulation.wanted), history=history)
        return _replayed(wanted, stated, crew, results, telling)
    if simulation.kind is SimulationKind.SWEEP:
        swept = run_sweep(
            stored(Sweep, simulation.wanted), stated.instance, stated.travel, results, crew, observer=telling,
            is_cancelled=telling.is_cancelled, days=simulation.days,
        )  # fmt: skip
        return [(each.task.scenario.id, each.task.draw, _kind(each)) for each in swept.failed]
    return _plans(stored(Sweep, simulation.wanted), stated, text, crew, results, telling)


def _plans(
    sweep: Sweep, stated: Stated, text: bytes, crew: Crew, results: _Results, telling: Telling
) -> Sequence[tuple[str, int, str]]:
    snapshot = packed(text.decode())
    different = {scenario.key: scenario for scenario in sweep.all_scenarios(stated.instance)}
    tasks = [
        Task(snapshot=snapshot, scenario=scenario, draws=sweep.draws, draw=0, limits=sweep.limits, seed=sweep.seed)
        for key, scenario in different.items()
        if (key, 0) not in results
    ]
    done = 0

    def take(task: Task, made: tuple[Outcome, str]) -> None:
        nonlocal done
        if not telling.is_cancelled():
            results.keep(task.scenario.key, 0, made[0], plan=made[1].encode())
        done += 1
        telling.progress(f"{done} of {len(tasks)}")

    telling.phase("plans")
    failed = run_each(crew, work_with_plan, tasks, take, is_cancelled=telling.is_cancelled)
    return [(each.task.scenario.id, 0, _kind(each)) for each in failed]


def _replayed(
    wanted: Backtest, stated: Stated, crew: Crew, results: _Results, telling: Telling
) -> Sequence[tuple[str, int, str]]:
    """Replay the variants that are not there yet: of one all days are, or none is."""

    def take(variant: Variant, days: tuple[Outcome, ...]) -> None:
        if not telling.is_cancelled():  # A replay of this very process may have been cut short.
            results.keep_days(variant.scenario.id, days)
        done.add(variant.scenario.id)
        telling.progress(f"{len(done)} of {len(wanted.variants)}")

    done = {name for name, _ in results.known}
    telling.phase("replay")
    failed = replay_each(
        wanted, stated.instance, stated.travel, crew, take, done=frozenset(done), is_cancelled=telling.is_cancelled
    )
    return [(each.task.variant.scenario.id, 0, _kind(each)) for each in failed]


def _kind(lost: Unfinished[Any]) -> str:
    """Return the kind of a fault: what it says of a problem may say more than may be kept."""
    return lost.cause.partition(":")[0][:80]


@contextmanager
def _crew(settings: Settings) -> Iterator[Crew]:
    if settings.simulation_cluster:
        with cluster(settings.simulation_cluster) as crew:
            yield crew
        return
    yield Processes(settings.simulation_processes, niceness=_NICENESS)


def _note_lost(session: Session, run_id: uuid.UUID, lost: Sequence[tuple[str, int, str]]) -> None:
    run = runs.locked_run(session, run_id)
    if run is not None and lost:
        told = [{"scenario": scenario, "draw": draw, "kind": kind} for scenario, draw, kind in lost[:_MOST_LOST]]
        run.summary = {**run.summary, "lost": told}
        session.flush()


@dataclass(slots=True)
class _Results:
    """The results of a simulation, in the database (``optimizer.simulate.results.Store``)."""

    context: Context
    worker: str
    simulation: Simulation
    telling: Telling
    patiently: Patiently
    outcomes: dict[Key, Outcome]
    _said_at: float = field(default_factory=time.monotonic)

    def __contains__(self, key: Key) -> bool:
        return key in self.outcomes

    @property
    def known(self) -> Mapping[Key, Outcome]:
        """Outcome by scenario and draw."""
        return self.outcomes

    def add(self, scenario: str, name: str, draw: int, outcome: Outcome) -> bool:  # noqa: ARG002 - the protocol's
        """Keep a result; ``False`` where there was one, which stays."""
        return self.keep(scenario, draw, outcome)

    def keep(self, scenario: str, draw: int, outcome: Outcome, *, plan: bytes | None = None) -> bool:
        """Keep a result with its plan."""
        now = self.context.now

        def work(session: Session) -> bool:
            return rows.add_result(
                session, self.simulation.run_id, self.worker, scenario, draw, plain_of(outcome), plan=plan, now=now
            )

        is_new = self.patiently(lambda: self.context.store.write(work))
        self.outcomes[scenario, draw] = outcome
        self._say()
        return is_new

    def keep_days(self, scenario: str, days: Sequence[Outcome]) -> None:
        """Keep all days of a replay, in one transaction: half a period is none."""
        now = self.context.now

        def work(session: Session) -> None:
            for day, outcome in enumerate(days):
                rows.add_result(
                    session, self.simulation.run_id, self.worker, scenario, day, plain_of(outcome), plan=None, now=now
                )

        self.patiently(lambda: self.context.store.write(work))
        self.outcomes |= {(scenario, day): outcome for day, outcome in enumerate(days)}
        self._say()

    def _say(self) -> None:
        """Tell now and then what is known so far, the best first."""
        if time.monotonic() - self._said_at < _SAY_EVERY:
            return
        self._said_at = time.monotonic()
        self.telling.say("statement", comparisons.statement_so_far(self.simulation, self.outcomes))
