"""What would be: simulations of a snapshot, asked for, watched, ended, compared. They change nothing."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Run, RunState, Simulation, SimulationKind, SimulationResult
from api.errors import Code
from api.mapping.past import PastDays
from api.repositories import what_if as rows
from api.routes import simulation_views as views
from api.routes.run_events import ENDED, LastEventId, begin, told_of
from api.schemas.simulations import ComparisonShown, NewSimulation, ResultShown, SimulationShown
from api.services import back_tests, comparisons, simulations
from api.services.report_files import MEDIA_TYPES, Format
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.words import Language

router = APIRouter(prefix="/simulations", tags=["what-if"])
Planner = Annotated[Actor, may(*sorted(rows.MAY_SIMULATE))]
SimulationId = Annotated[uuid.UUID, Path(description="The simulation.")]
_WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPES[Format.XLSX]: {"schema": {"type": "string", "format": "binary"}, "example": "…"}}}
}


@router.post(
    "", summary="Simulate", status_code=202, response_model=SimulationShown,
    openapi_extra=also(Code.NOT_FOUND, Code.VALUE_REFUSED, Code.IN_USE),
)  # fmt: skip
def start_simulation(body: NewSimulation, context: InContext, actor: Planner, once: CreatesOnce) -> Response:
    """Take a snapshot of some days and queue a simulation of scenarios on it; a worker makes it.

    Nothing of the exchange is changed, whatever a scenario says. Without `sweep` each scenario is planned once and its
    plan kept; with it they are compared over many drawn worlds. Days of a scenario count from `first_day`, seconds from
    its midnight. Of what these days do not have every fault is told at once for the first scenario that has any.
    With `backtest` days that are over are replayed: every night plans with what was known by then.
    """

    def work(session: Session) -> Answer:
        row = _started(session, body, context, actor)
        headers = {"Location": f"/v1/simulations/{row.run_id}", "ETag": versions.tag(row.run)}
        return Answer(body=views.shown(actor, row, 0), status=202, headers=headers)

    return once.do(actor, work)


def _started(session: Session, body: NewSimulation, context: Context, actor: Actor) -> Simulation:
    snapshots, settings, now = context.snapshots, context.settings, context.now
    if body.backtest is not None:
        past = back_tests.wanted(
            session, actor, body.name, scenario_ids=body.scenario_ids, inline=body.scenarios, sent=body.backtest
        )
        days = PastDays(first=body.horizon.first, last=body.horizon.last)
        return back_tests.start(session, actor, past, days, snapshots, settings, now=now)
    asked = simulations.wanted(
        session, actor, body.name, scenario_ids=body.scenario_ids, inline=body.scenarios, sweep=body.sweep
    )
    return simulations.start(session, actor, asked, body.horizon, snapshots, settings, now=now)


@router.get("", summary="List simulations", response_model=Page[SimulationShown])
def list_simulations(
    context: InContext,
    actor: Planner,
    pages: InPages,
    kind: Annotated[SimulationKind | None, Query(description="Only of this kind.")] = None,
    state: Annotated[RunState | None, Query(description="Only in this state.")] = None,
) -> Page[SimulationShown]:
    """Return simulations of your organisation, the latest first; the Landestransportkoordination sees all."""
    query = rows.simulations(actor)
    if kind is not None:
        query = query.where(Simulation.kind == kind)
    if state is not None:
        query = query.join(Run, Run.id == Simulation.run_id).where(Run.state == state)
    with context.store.reading() as session:
        found, after = pages.rows(session, query, (Simulation.run_id,), descending=True)
        counts = rows.counts(session, [row.run_id for row in found])
        return Page(items=[views.shown(actor, row, counts.get(row.run_id, 0)) for row in found], next=after)


@router.get("/{simulation_id}", summary="Show a simulation", response_model=SimulationShown)
def show_simulation(
    simulation_id: SimulationId, response: Response, context: InContext, actor: Planner
) -> SimulationShown:
    """Return a simulation, and how far it has come."""
    with context.store.reading() as session:
        row = simulations.of(session, actor, simulation_id)
        versions.show(response, row.run)
        return views.one_shown(session, actor, row)


@router.delete(
    "/{simulation_id}", summary="End a simulation", status_code=202, response_model=SimulationShown,
    openapi_extra=also(Code.STATE_FORBIDS),
)  # fmt: skip
def stop_simulation(
    simulation_id: SimulationId, response: Response, context: InContext, actor: Planner
) -> SimulationShown:
    """Wish that a simulation ends: it stops within seconds, and the results by then are kept and compared."""

    def work(session: Session) -> SimulationShown:
        row = simulations.stop(session, actor, simulation_id, now=context.now)
        versions.show(response, row.run)
        return views.one_shown(session, actor, row)

    return context.store.write(work)


def _begin(
    simulation_id: SimulationId, context: InContext, actor: Planner, last_event_id: LastEventId = None
) -> int:  # fmt: skip
    return begin(context, simulation_id, last_event_id, lambda session: simulations.of(session, actor, simulation_id))


@router.get(
    "/{simulation_id}/events", summary="Watch a simulation", response_class=EventSourceResponse, responses=ENDED
)
async def watch_simulation(
    simulation_id: SimulationId, context: InContext, after: Annotated[int, Depends(_begin)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream how it goes: `progress` with `n of m`, `statement` with what is known so far, `finished` at the end.

    Whoever comes back with `Last-Event-ID` gets what follows that event; with the last one: 204.
    """
    async for event in told_of(context, simulation_id, after):
        yield event


@router.get("/{simulation_id}/results", summary="List results", response_model=Page[ResultShown])
def list_results(
    simulation_id: SimulationId, context: InContext, actor: Planner, pages: InPages
) -> Page[ResultShown]:  # fmt: skip
    """Return every single result, draw by draw; those of a simulation that goes on are there as they are made."""
    with context.store.reading() as session:
        names = views.names_of(simulations.of(session, actor, simulation_id))
        query = select(SimulationResult).where(SimulationResult.run_id == simulation_id)
        order = (SimulationResult.draw, SimulationResult.scenario)
        return pages.page(session, query, order, lambda row: views.result_shown(row, names))


@router.get("/{simulation_id}/comparison", summary="Compare scenarios", response_model=ComparisonShown)
def show_comparison(simulation_id: SimulationId, context: InContext, actor: Planner) -> ComparisonShown:
    """Return means and intervals of each scenario, statements, curves and plans, as far as the simulation has come."""
    with context.store.reading() as session:
        return views.comparison_shown(session, actor, simulations.of(session, actor, simulation_id))


@router.get(
    "/{simulation_id}/comparison.xlsx", summary="Get the comparison as an Excel file", response_class=Response,
    responses=_WORKBOOK,
)  # fmt: skip
def get_workbook(
    simulation_id: SimulationId,
    context: InContext,
    actor: Planner,
    language: Annotated[Language, Query(description="Language of the file.")] = Language.DE,
) -> Response:
    """Return figures, loads, curves and every single result as an Excel file; each call is in the audit log."""
    with context.store.reading() as session:
        content = comparisons.workbook(session, simulations.of(session, actor, simulation_id), language.value)
    context.store.write(
        lambda session: audit.append(
            session, actor, "exported", "simulation", simulation_id, at=context.now, details={"format": "xlsx"}
        )
    )
    headers = {"Content-Disposition": f'attachment; filename="simulation-{simulation_id}.xlsx"'}
    return Response(content, media_type=MEDIA_TYPES[Format.XLSX], headers=headers)
