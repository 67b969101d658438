"""Reads of scenarios, simulations and their results, limited to what the actor may see."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Run, RunState, ScenarioRow, Simulation, SimulationResult
from api.db.tables_runs import LIVE_RUNS
from api.workflow import Role

MAY_SIMULATE = frozenset({Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO})
"""Roles that may ask what would be if: those that plan."""


def scenarios(actor: Actor, *, updated_since: datetime | None = None) -> Select[ScenarioRow]:
    """Return the query for scenarios that ``actor`` may see: of the own organisation, and shared ones."""
    query = select(ScenarioRow).where(_may_read(actor))
    return query if updated_since is None else query.where(ScenarioRow.updated_at >= updated_since)


def _may_read(actor: Actor) -> ColumnElement[bool]:
    if actor.role not in MAY_SIMULATE:
        return false()
    return or_(ScenarioRow.organisation_id == actor.organisation_id, ScenarioRow.is_shared)


def find_scenario(session: Session, actor: Actor, scenario_id: uuid.UUID, *, lock: bool = False) -> ScenarioRow | None:
    """Return a scenario that ``actor`` may see; ``lock`` keeps it to the end of the transaction."""
    query = scenarios(actor).where(ScenarioRow.id == scenario_id)
    if lock:
        query = query.with_for_update(of=ScenarioRow).execution_options(populate_existing=True)
    return session.scalars(query).unique().one_or_none()


def scenario_named(session: Session, organisation_id: uuid.UUID | None, name: str) -> ScenarioRow | None:
    """Return the scenario of an organisation with this name."""
    query = select(ScenarioRow).where(ScenarioRow.organisation_id == organisation_id, ScenarioRow.name == name)
    return session.scalars(query).unique().one_or_none()


def simulations(actor: Actor) -> Select[Simulation]:
    """Return the query for simulations that ``actor`` may see: the own organisation's; the LTraKo sees all."""
    if actor.role not in MAY_SIMULATE:
        return select(Simulation).where(false())
    own = true() if actor.role is Role.LTRAKO else Simulation.organisation_id == actor.organisation_id
    return select(Simulation).where(own)


def find_simulation(session: Session, actor: Actor, run_id: uuid.UUID) -> Simulation | None:
    """Return a simulation that ``actor`` may see."""
    return session.scalars(simulations(actor).where(Simulation.run_id == run_id)).unique().one_or_none()


def simulation_of(session: Session, run_id: uuid.UUID) -> Simulation | None:
    """Return the simulation of a run, for whoever makes it."""
    return session.get(Simulation, run_id)


def live_of(session: Session, organisation_id: uuid.UUID | None) -> int:
    """Return how many simulations of an organisation wait or are at work."""
    query = select(func.count()).select_from(Simulation).join(Run, Run.id == Simulation.run_id)
    live = query.where(Simulation.organisation_id == organisation_id, Run.state.in_(LIVE_RUNS))
    return session.scalar(live) or 0


def counts(session: Session, run_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many results each of these simulations has."""
    query = select(SimulationResult.run_id, func.count()).where(SimulationResult.run_id.in_(run_ids))
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(SimulationResult.run_id))}


def outcomes(session: Session, run_id: uuid.UUID) -> Sequence[tuple[str, int, dict[str, Any]]]:
    """Return scenario, draw and outcome of all results of a simulation, in the order of the draws."""
    query = (
        select(SimulationResult.scenario, SimulationResult.draw, SimulationResult.outcome)
        .where(SimulationResult.run_id == run_id)
        .order_by(SimulationResult.draw, SimulationResult.scenario)
    )
    return [(row.scenario, row.draw, row.outcome) for row in session.execute(query)]


def plan(session: Session, run_id: uuid.UUID, scenario: str) -> bytes | None:
    """Return the plan of a scenario, where it was kept."""
    query = select(SimulationResult.plan).where(
        SimulationResult.run_id == run_id, SimulationResult.scenario == scenario, SimulationResult.draw == 0
    )
    return session.scalars(query).one_or_none()


def add_result(
    session: Session,
    run_id: uuid.UUID,
    worker: str,
    scenario: str,
    draw: int,
    outcome: dict[str, Any],
    *,
    plan: bytes | None,
    now: datetime,
) -> bool:
    """Keep a result; false where there is one already, or another worker has the run by now."""
    holds = select(Run.id).where(Run.id == run_id, Run.worker == worker, Run.state == RunState.RUNNING)
    if session.scalar(holds) is None:
        return False
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {"run_id": run_id, "scenario": scenario, "draw": draw, "at": now, "outcome": outcome, "plan": plan}
    made = dialect.insert(SimulationResult).values(values).on_conflict_do_nothing()
    return bool(session.execute(made.returning(SimulationResult.draw)).first())
