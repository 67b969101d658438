"""Why, and what would help: questions about the plan, asked on the page of a request, and their answers."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables_runs import LIVE_RUNS
from api.mapping.questions import Asks
from api.pages import forms
from api.pages.planning.names import STAGES, shown_value, told_value
from api.pages.requests import names
from api.pages.roles import like
from api.pages.sent import InSent, new_key, once, read_back
from api.pages.view import View
from api.repositories.plans import MATCHED
from api.repositories.what_if import MAY_SIMULATE
from api.routes import explanations as api
from api.routes import requests
from api.schemas.explanations import CombinationShown, ExplanationShown, NewExplanation, RelaxationShown, ToldGranter
from api.schemas.request_views import RequestFull
from api.services.questions import MAY_ASK
from api.texts import Pair, in_language
from api.words import Language
from api.workflow import Role, State
from optimizer.answer import Granter

router = APIRouter(include_in_schema=False)
AskerView = Annotated[View, like(api.Asker)]
ASKS: dict[Asks, Pair] = {
    Asks.WHY_NOT: ("Warum fährt sie auf keinem Dienst?", "Why does it ride on no duty?"),
    Asks.WHAT_HELPS: ("Was würde helfen?", "What would help?"),
    Asks.WHY_THIS: ("Warum gerade hier?", "Why here of all places?"),
}
GRANTERS: dict[ToldGranter, Pair] = {
    Granter.REQUESTER: ("Ausländerbehörde", "authority that asked"),
    Granter.ZAB: ("ZAB", "ZAB"),
    "zfa": ("ZFA (Zentralstelle für Flugabschiebungen)", "ZFA (office that books flights)"),
    "zrk": ("ZRK (Zentrale Rückkehrkoordination)", "ZRK (coordination of returns)"),
    Granter.LEAD: ("Landestransportkoordination", "Landestransportkoordination"),
    Granter.NOBODY: ("niemand", "nobody"),
}


def questions(view: View, state: State) -> list[tuple[str, str]]:
    """Return what the reader may ask of a request in this state, each with its words."""
    if view.actor.role not in MAY_ASK or state not in MATCHED:
        return []
    is_offered = state is State.PROPOSED
    listed = (Asks.WHY_THIS,) if is_offered else (Asks.WHY_NOT, Asks.WHAT_HELPS)
    return [(each.value, in_language(ASKS[each], view.language)) for each in listed]


@router.post("/requests/{request_id}/why")
def ask(view: AskerView, request_id: uuid.UUID, sent: InSent) -> Response:
    """Ask, and go where the answer will be; to htmx what is there of it, which asks again by itself."""
    body = forms.read(NewExplanation, {"request_id": str(request_id), "asks": sent.text("asks")})
    answer = api.ask(body, view.context, view.actor, once(view, sent))
    asked: ExplanationShown = read_back(ExplanationShown, answer)
    if not view.is_part:
        return view.go_to(f"/requests/{request_id}/why/{asked.id}")
    return _shown(view, request_id, asked.id, is_new=True)


@router.get("/requests/{request_id}/why/{explanation_id}")
def show(view: AskerView, request_id: uuid.UUID, explanation_id: uuid.UUID) -> HTMLResponse:
    """Show a question and its answer; to htmx the answer alone, which asks again as long as there is none."""
    return _shown(view, request_id, explanation_id)


def _shown(view: View, request_id: uuid.UUID, explanation_id: uuid.UUID, *, is_new: bool = False) -> HTMLResponse:
    found = api.show(explanation_id, Response(), view.context, view.actor)
    shown = requests.show_request(request_id, Response(), view.context, view.actor)
    listed = found.what_helps.relaxations if found.what_helps else []
    return view.render(
        "requests/part_why.html" if view.is_part else "requests/why.html", shown=shown, found=found, names=names,
        is_full=isinstance(shown, RequestFull), is_new=is_new, call_key=new_key(),
        asked=in_language(ASKS[found.asks], view.language), is_open=found.state in LIVE_RUNS,
        stage=lambda each: in_language(STAGES[each], view.language),
        value=lambda each, value: told_value(each.value, shown_value(each.value, value), view.language),
        granters=lambda each: who_grants(each, view.language), may_place=view.actor.role is not Role.ABH,
        granted=[(number, each) for number, each in enumerate(listed) if each.granter is not Granter.NOBODY],
        refused=[each for each in listed if each.granter is Granter.NOBODY],
        may_try=view.actor.role in MAY_SIMULATE,
    )  # fmt: skip


def who_grants(each: RelaxationShown | CombinationShown, language: Language) -> str:
    """Return who must grant it: of two changes both, where they are not the same."""
    who = [part.granter for part in each.parts] if isinstance(each, CombinationShown) else [each.granter]
    return ", ".join(in_language(GRANTERS[granter], language) for granter in dict.fromkeys(who))
