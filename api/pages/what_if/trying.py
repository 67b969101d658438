"""What would help, tried: a change that an answer names becomes a scenario, and a simulation of the request's days."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Response

from api.errors import not_found
from api.mapping.horizon import Horizon
from api.mapping.relaxed import days_moved
from api.pages.roles import like
from api.pages.sent import InSent, Sent, once, read_back
from api.pages.view import View
from api.repositories import requests
from api.routes import explanations
from api.routes import simulations as api
from api.schemas.explanations import CombinationShown, ExplanationShown, RelaxationShown
from api.schemas.simulations import NewSimulation, SimulationShown
from api.services import scenarios

router = APIRouter()
InWhatIf = Annotated[View, like(api.Planner)]


@router.post("/requests/{request_id}/why/{explanation_id}/try", include_in_schema=False)
def start(view: InWhatIf, request_id: uuid.UUID, explanation_id: uuid.UUID, sent: InSent) -> Response:
    """Simulate one of the changes that would help, or two that help together, and show both plans."""
    found = explanations.show(explanation_id, Response(), view.context, view.actor)
    wanted = _chosen(found, sent)
    days = _days(view, request_id, days_moved(wanted.changes))
    scenario = {
        "id": " + ".join(str(each["kind"]) for each in wanted.changes),
        "title": {each: text[: scenarios.LONGEST_TITLE] for each, text in wanted.texts.items()},
        "changes": wanted.changes,
    }
    body = NewSimulation(
        name=view.say("Ausprobieren: Was würde helfen?"), first_day=days.first, last_day=days.last,
        scenarios=(scenario,),
    )  # fmt: skip
    answer = api.start_simulation(body, view.context, view.actor, once(view, sent))
    return view.go_to(f"/what-if/simulations/{read_back(SimulationShown, answer).id}")


def _chosen(found: ExplanationShown, sent: Sent) -> RelaxationShown | CombinationShown:
    """Return the change, or the two together, that the form names by its number in the answer."""
    helps = found.what_helps
    listed: Sequence[RelaxationShown | CombinationShown] = []
    if helps is not None:
        listed = helps.combinations if sent.text("of") == "combinations" else helps.relaxations
    number = sent.number("number")
    if not isinstance(number, int) or number >= len(listed) or not listed[number].changes:
        raise not_found("a change that can be tried")
    return listed[number]


def _days(view: View, request_id: uuid.UUID, moved: int) -> Horizon:
    """Return the days of the request, and those that it is moved to."""
    with view.context.store.reading() as session:
        row = requests.find(session, view.actor, request_id)
        if row is None:
            raise not_found("a request")
        own = Horizon.of(row.pickup_from, row.pickup_to)
    return Horizon(
        first=own.first + timedelta(days=min(0, moved)), last=own.last + timedelta(days=max(0, moved)),
    )  # fmt: skip
