"""Scenarios and simulations that somebody may see, side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.pages.planning.names import STATES
from api.pages.roles import like
from api.pages.sent import whole
from api.pages.view import View
from api.pages.what_if.names import KINDS, change_name
from api.routes import scenarios, simulations

router = APIRouter()
InWhatIf = Annotated[View, like(scenarios.Planner)]


@router.get("/what-if", include_in_schema=False)
def show(view: InWhatIf) -> HTMLResponse:
    """Show scenarios and simulations, the latest first."""
    kept = scenarios.list_scenarios(view.context, view.actor, whole(view)).items
    made = simulations.list_simulations(view.context, view.actor, whole(view)).items
    return view.render(
        "what_if/list.html", scenarios=list(reversed(kept)), simulations=made, states=STATES, kinds=KINDS,
        change_name=change_name,
    )  # fmt: skip
