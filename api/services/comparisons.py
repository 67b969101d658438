"""What the results of a simulation come to: figures with intervals, statements, curves, plans, the Excel file."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from api.db.tables import Simulation, SimulationKind
from api.mapping.what_if import stored
from api.repositories import what_if as rows
from optimizer.simulate.backtest import Backtest
from optimizer.simulate.compare import Comparison, compare, compare_plans
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.plan import Plan, parse_plan
from optimizer.simulate.results import Key
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Metric, Sweep
from optimizer.simulate.swept import Swept, swept_of
from optimizer.simulate.telling import statements
from optimizer.simulate.workbook import write_comparison

LANGUAGES = ("de", "en")
_SAID = 3
"""Statements that an event tells: those of the scenarios that bring most."""


def scenarios_of(simulation: Simulation) -> tuple[Scenario, ...]:
    """Return all scenarios of a simulation, the one that the others are compared with first."""
    return tuple(stored(Scenario, each) for each in simulation.scenarios["items"])


def metric_of(simulation: Simulation) -> Metric:
    """Return what a simulation is told by."""
    return _sweep(simulation).metric


def _sweep(simulation: Simulation) -> Sweep:
    """Return what figures are told by; the days of a back-test are told as draws of a sweep are."""
    if is_of_days(simulation):
        return stored(Backtest, simulation.wanted).as_sweep()
    return stored(Sweep, simulation.wanted)


def is_of_days(simulation: Simulation) -> bool:
    """Whether what was drawn are the days of a back-test."""
    return simulation.kind is SimulationKind.BACKTEST


def keys_of(simulation: Simulation) -> dict[str, str]:
    """Return what the results of each scenario are kept by, by its id."""
    by_id = is_of_days(simulation)
    return {scenario.id: scenario.id if by_id else scenario.key for scenario in scenarios_of(simulation)}


def most_results(simulation: Simulation) -> int:
    """Return how many results a simulation may have at most."""
    each = {SimulationKind.PLANS: 1, SimulationKind.BACKTEST: simulation.days}
    return len(set(keys_of(simulation).values())) * each.get(simulation.kind, _sweep(simulation).most)


def swept(simulation: Simulation, outcomes: Mapping[Key, Outcome], *, was_cancelled: bool = False) -> Swept:
    """Return a simulation with the results that there are."""
    if is_of_days(simulation):
        backtest = stored(Backtest, simulation.wanted)
        return backtest.swept(outcomes, simulation.days, was_cancelled=was_cancelled)
    return swept_of(
        _sweep(simulation), scenarios_of(simulation), outcomes, simulation.days, was_cancelled=was_cancelled
    )  # fmt: skip


def outcomes_of(session: Session, run_id: uuid.UUID) -> dict[Key, Outcome]:
    """Return the outcomes of a simulation by scenario and draw."""
    return {(scenario, draw): stored(Outcome, told) for scenario, draw, told in rows.outcomes(session, run_id)}


def compared(simulation: Simulation, found: Swept) -> Comparison:
    """Return the figures of a simulation."""
    return compare_plans(found) if simulation.kind is SimulationKind.PLANS else compare(found)


def comparison(session: Session, simulation: Simulation) -> tuple[Comparison, Swept]:
    """Return the figures of a simulation as far as it has come, and all its results."""
    outcomes = outcomes_of(session, simulation.run_id)
    found = swept(simulation, outcomes, was_cancelled=simulation.run.is_cancel_wanted)
    return compared(simulation, found), found


def statement_so_far(simulation: Simulation, outcomes: Mapping[Key, Outcome]) -> dict[str, Any]:
    """Return what a simulation says for now, for those who watch it."""
    told = compared(simulation, swept(simulation, outcomes))
    metric, most = metric_of(simulation), most_results(simulation)
    # Plans that are made once each are compared once all are there.
    said = 0 if simulation.kind is SimulationKind.PLANS and len(outcomes) < most else _SAID
    of_days = is_of_days(simulation)
    return {
        "results": len(outcomes), "most": most,
        "statements": {each: [*statements(told, metric, each, of_days=of_days)][:said] for each in LANGUAGES},
    }  # fmt: skip


def plan_of(session: Session, simulation: Simulation, scenario: Scenario) -> Plan | None:
    """Return the plan of a scenario, where plans are kept and it is made."""
    kept = rows.plan(session, simulation.run_id, scenario.key)
    return None if kept is None else parse_plan(kept)


def workbook(session: Session, simulation: Simulation, language: str) -> bytes:
    """Return the figures, loads, curves and single results as an Excel file."""
    told, found = comparison(session, simulation)
    with tempfile.TemporaryDirectory(prefix="restplatz-") as folder:
        path = Path(folder) / "comparison.xlsx"
        write_comparison(path, told, found, language, of_days=is_of_days(simulation))
        return path.read_bytes()
