"""What would help, tried: a change that an answer names becomes a scenario, and a simulation of the request's days."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response

from api.errors import not_found
from api.mapping.horizon import Horizon
from api.mapping.relaxed import Relaxed, change_of
from api.pages.roles import like
from api.pages.sent import InSent, once, read_back
from api.pages.view import View
from api.repositories import requests
from api.routes import explanations
from api.routes import simulations as api
from api.schemas.explanations import ExplanationShown, RelaxationShown
from api.schemas.simulations import NewSimulation, SimulationShown
from api.services import scenarios
from optimizer.io.document import plain

router = APIRouter()
InWhatIf = Annotated[View, like(api.Planner)]


def can_be_tried(found: ExplanationShown, relaxation: RelaxationShown) -> bool:
    """Whether a scenario can say what would help; what is blocked by a gate is in no snapshot."""
    return not found.gates and _change(found, relaxation) is not None


def _change(found: ExplanationShown, relaxation: RelaxationShown) -> Relaxed | None:
    if relaxation.kind == "clearance":
        return None
    return change_of(relaxation.kind, relaxation.size, found.request_id, relaxation.duty_id)


@router.post("/requests/{request_id}/why/{explanation_id}/try", include_in_schema=False)
def start(view: InWhatIf, request_id: uuid.UUID, explanation_id: uuid.UUID, sent: InSent) -> Response:
    """Simulate one of the changes that would help, and show both plans."""
    found = explanations.show(explanation_id, Response(), view.context, view.actor)
    listed = [] if found.what_helps is None else found.what_helps.relaxations
    number = sent.number("number")
    if not isinstance(number, int) or number >= len(listed) or not can_be_tried(found, listed[number]):
        raise not_found("a change that can be tried")
    wanted = listed[number]
    change = _change(found, wanted)
    days = Horizon.of(*_pickup(view, request_id))
    scenario = {
        "id": str(wanted.kind),
        "title": {each: text[: scenarios.LONGEST_TITLE] for each, text in wanted.texts.items()},
        "changes": [plain(change)],
    }
    body = NewSimulation(
        name=view.say("Ausprobieren: Was würde helfen?"), first_day=days.first, last_day=days.last,
        scenarios=(scenario,),
    )  # fmt: skip
    answer = api.start_simulation(body, view.context, view.actor, once(view, sent))
    return view.go_to(f"/what-if/simulations/{read_back(SimulationShown, answer).id}")


def _pickup(view: View, request_id: uuid.UUID) -> tuple[datetime, datetime]:
    with view.context.store.reading() as session:
        row = requests.find(session, view.actor, request_id)
        if row is None:
            raise not_found("a request")
        return row.pickup_from, row.pickup_to
