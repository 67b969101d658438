"""Scenarios: what would be different, kept by an organisation to simulate it; shared or not."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import ScenarioRow
from api.errors import Code
from api.mapping.what_if import read
from api.repositories import what_if as rows
from api.schemas.base import Instant
from api.schemas.scenarios import ScenarioContent, ScenarioShown, scenario_shown
from api.services import scenarios
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from optimizer.simulate.scenario import Scenario

router = APIRouter(prefix="/scenarios", tags=["what-if"])
Planner = Annotated[Actor, may(*sorted(rows.MAY_SIMULATE))]
ScenarioId = Annotated[uuid.UUID, Path(description="The scenario.")]


@router.get("", summary="List scenarios", response_model=Page[ScenarioShown])
def list_scenarios(
    context: InContext,
    actor: Planner,
    pages: InPages,
    updated_since: Annotated[
        Instant | None, Query(description="Only what was changed at or after this instant.")
    ] = None,
) -> Page[ScenarioShown]:
    """Return scenarios of your organisation and those that others share, in the order in which they were entered."""
    query = rows.scenarios(actor, updated_since=updated_since)
    with context.store.reading() as session:
        return pages.page(
            session, query, (ScenarioRow.id,), lambda row: scenario_shown(row, actor.organisation_id)
        )  # fmt: skip


@router.post(
    "", summary="Keep a scenario", status_code=201, response_model=ScenarioShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.EXISTS_ALREADY),
)  # fmt: skip
def create_scenario(body: ScenarioContent, context: InContext, actor: Planner, once: CreatesOnce) -> Response:
    """Keep a scenario; a file of the optimizer may be sent as it is.

    Ids of vehicles, crews, shifts, duties and requests are those of the exchange, ZABs have their codes. Whether the
    days that it is tried on have them is looked at when a simulation is started.
    """
    scenario = read(Scenario, body.scenario, "/scenario")

    def work(session: Session) -> Answer:
        row = scenarios.create(session, actor, scenario, is_shared=body.shared, now=context.now)
        headers = {"Location": f"/v1/scenarios/{row.id}", "ETag": versions.tag(row)}
        session.refresh(row, ["organisation"])
        return Answer(body=scenario_shown(row, actor.organisation_id), headers=headers)

    return once.do(actor, work)


@router.get("/{scenario_id}", summary="Show a scenario", response_model=ScenarioShown)
def show_scenario(scenario_id: ScenarioId, response: Response, context: InContext, actor: Planner) -> ScenarioShown:
    """Return one scenario; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = scenarios.found(session, actor, scenario_id)
        versions.show(response, row)
        return scenario_shown(row, actor.organisation_id)


@router.put(
    "/{scenario_id}", summary="Change a scenario", response_model=ScenarioShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.EXISTS_ALREADY),
)  # fmt: skip
def change_scenario(
    scenario_id: ScenarioId,
    body: ScenarioContent,
    response: Response,
    context: InContext,
    actor: Planner,
    if_match: IfMatch = None,
) -> ScenarioShown:
    """Say anew what a scenario is, or whether it is shared; simulations made with it keep what it was."""

    def work(session: Session) -> ScenarioShown:
        row = scenarios.own(session, actor, scenario_id)
        versions.match(row, if_match)
        scenario = read(Scenario, body.scenario, "/scenario")
        scenarios.change(session, actor, row, scenario, is_shared=body.shared, now=context.now)
        versions.show(response, row)
        return scenario_shown(row, actor.organisation_id)

    return context.store.write(work)


@router.delete("/{scenario_id}", summary="Delete a scenario", status_code=204)
def delete_scenario(scenario_id: ScenarioId, context: InContext, actor: Planner, if_match: IfMatch = None) -> None:
    """Delete a scenario of your organisation; simulations made with it keep what it was."""

    def work(session: Session) -> None:
        row = scenarios.own(session, actor, scenario_id)
        versions.match(row, if_match)
        scenarios.delete(session, actor, row, now=context.now)

    context.store.write(work)
