"""What would help, tried: a change that an answer names becomes a scenario, and a simulation of the request's days."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.errors import Problem, not_found
from api.mapping.horizon import Horizon
from api.mapping.relaxed import days_moved
from api.pages.place_names import handle
from api.pages.requests.why import who_grants
from api.pages.roles import like
from api.pages.sent import InSent, Sent, once, read_back
from api.pages.view import View
from api.pages.what_if.names import change_name
from api.repositories import requests
from api.routes import explanations
from api.routes import simulations as api
from api.schemas.explanations import CombinationShown, ExplanationShown, RelaxationShown
from api.schemas.simulations import NewSimulation, SimulationShown
from api.services import scenarios
from api.texts import in_language
from api.words import Language

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
        "title": {language.value: title[: scenarios.LONGEST_TITLE] for language, title in _titles(wanted)},
        "changes": wanted.changes,
    }
    body = NewSimulation(
        name=view.say("Ausprobieren für %(request)s: Was würde helfen?") % {"request": handle(request_id)},
        first_day=days.first, last_day=days.last, scenarios=(scenario,),
    )  # fmt: skip
    answer = api.start_simulation(body, view.context, view.actor, once(view, sent))
    of = "combinations" if isinstance(wanted, CombinationShown) else "relaxations"
    asked = urlencode({"answer": explanation_id, "of": of, "number": sent.text("number")})
    return view.go_to(f"/what-if/simulations/{read_back(SimulationShown, answer).id}?{asked}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Of which answer a simulation tries a change, and who would have to grant it."""

    request_id: uuid.UUID
    explanation_id: uuid.UUID
    wanted: RelaxationShown | CombinationShown
    who: str


def tried(view: View, answer: str, of: str, number: str) -> Tried | None:
    """Return what a simulation tries, as its address tells; ``None`` where it tries nothing that the reader may see."""
    try:
        found = explanations.show(uuid.UUID(answer), Response(), view.context, view.actor)
        wanted = _numbered(found, of, int(number))
    except (ValueError, Problem):
        return None
    return Tried(
        request_id=found.request_id, explanation_id=found.id, wanted=wanted, who=who_grants(wanted, view.language)
    )


def _titles(wanted: RelaxationShown | CombinationShown) -> Iterator[tuple[Language, str]]:
    """Yield what is changed in few words, by language: the whole sentence has no room beside a bar."""
    for language in Language:
        kinds = dict.fromkeys(in_language(change_name(str(each["kind"])), language) for each in wanted.changes)
        yield language, " + ".join(kinds) + (f" ({wanted.duty})" if wanted.duty else "")


def _chosen(found: ExplanationShown, sent: Sent) -> RelaxationShown | CombinationShown:
    """Return the change, or the two together, that the form names by its number in the answer."""
    number = sent.number("number")
    return _numbered(found, sent.text("of"), number if isinstance(number, int) else -1)


def _numbered(found: ExplanationShown, of: str, number: int) -> RelaxationShown | CombinationShown:
    helps = found.what_helps
    listed: Sequence[RelaxationShown | CombinationShown] = []
    if helps is not None:
        listed = helps.combinations if of == "combinations" else helps.relaxations
    if not 0 <= number < len(listed) or not listed[number].changes:
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
