"""What the plans of runs come to, for those who may read them: carried, kilometres, minutes, cost, load of each ZAB.

The figures stand in the stored answers of the runs; each read of one is logged with its purpose, as by the API.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.pages.roles import like
from api.pages.view import View
from api.routes import runs as api
from api.schemas.runs import RunPurpose, RunShown

router = APIRouter()
InFigures = Annotated[View, like(api.Repeater)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run with what its plan comes to; ``load`` holds the requests that each ZAB carries."""

    run: RunShown
    carried: int
    left: int
    tours: int
    km: float
    crew_hours: float
    custody_minutes: float
    co2_kg: float
    cost: float
    load: dict[str, int]


@router.get("/runs/{run_id}/figures", include_in_schema=False)
def show(view: InFigures, run_id: uuid.UUID, other: uuid.UUID | None = None) -> HTMLResponse:
    """Show what a plan comes to, beside another one if wanted."""
    plans = [_plan(view, key) for key in (run_id, other) if key is not None]
    zabs = sorted({zab for plan in plans for zab in plan.load})
    return view.render("planning/figures.html", plans=plans, zabs=zabs, run_id=run_id)


def _plan(view: View, run_id: uuid.UUID) -> Plan:
    run = api.show_run(run_id, Response(), view.context, view.actor)
    result, problem = (
        json.loads(bytes(read(run_id, view.context, view.actor, RunPurpose.EXPLAIN).body))
        for read in (api.get_result, api.get_input)
    )
    return plan_of(run, result, problem["instance"])


def plan_of(run: RunShown, result: dict[str, Any], instance: dict[str, Any]) -> Plan:
    """Return what a stored answer comes to; the stored problem says which ZAB drives which duty."""
    owner = {each["id"]: each["zab"] for each in instance["vehicles"]}
    zab_of = {each["id"]: owner[each["vehicle"]] for each in instance["duties"]}
    load = {each["id"]: 0 for each in instance["zabs"]}
    used = [each for each in result["tours"] if any(visit.get("request") for visit in each["visits"])]
    for tour in used:
        load[zab_of[tour["duty"]]] += sum(visit["kind"] == "delivery" for visit in tour["visits"])
    terms = result["objective"]
    return Plan(
        run=run, carried=terms["served_requests"], left=terms["unserved_requests"], tours=len(used),
        km=terms["metres"] / 1000, crew_hours=terms["crew_seconds"] / 3600, custody_minutes=terms["custody"] / 60,
        co2_kg=terms["co2_grams"] / 1000, cost=terms["cost"], load=load,
    )  # fmt: skip
