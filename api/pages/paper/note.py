"""The note for the file (Vermerk) of one decision: who decided what, when and why, as the decision itself says it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response

from api.errors import not_found
from api.pages import language as told
from api.pages.paper.printing import Document, facts, heading, lines, printed, text, window
from api.pages.requests import names
from api.pages.requests.page import HISTORIANS, history
from api.pages.view import View, may_view
from api.routes import requests
from api.schemas.pool import PoolEntry
from api.schemas.request_views import RequestFull
from api.texts import ACTIONS, ROLES, in_language
from api.workflow import REASONS

router = APIRouter(include_in_schema=False)


@router.get("/paper/requests/{request_id}/decisions/{decision_id}")
def print_note(view: Annotated[View, may_view(*HISTORIANS)], request_id: uuid.UUID, decision_id: uuid.UUID) -> Response:
    """Print the note of one decision that the reader may see."""
    say, language = view.say, view.language
    shown = requests.show_request(request_id, Response(), view.context, view.actor)
    found = next((each for each in history(view, request_id) if each[0].id == decision_id), None)
    if found is None:
        raise not_found("a decision")
    decision, zab = found
    kind = REASONS.get(decision.action)
    step = in_language(ACTIONS[decision.action], language)
    parts = [
        facts(
            (say("Schritt"), step), (say("Zeitpunkt"), _instant(view, decision.at)),
            (say("Entschieden durch"), in_language(ROLES[decision.role], language)), (say("ZAB"), zab),
            (say("Stand vorher"), names.state(view, decision.before)),
            (say("Stand nachher"), names.state(view, decision.after)),
            (say("Grund"), names.reason(view, decision.code, () if kind is None else (kind,))),
            (say("Text"), decision.remark or ""),
            (say("Zweite Person"), say("hat zugestimmt") if decision.had_second else ""),
            (say("Kennung"), str(decision.id)),
        ),
        heading(say("Anfrage")), facts(*_trip(view, shown)),
        text(say("Der Vermerk gibt wieder, was die Restplatzbörse festgehalten hat; maßgeblich ist ihr Protokoll.")),
        lines(say("Datum, Unterschrift")),
    ]  # fmt: skip
    title = say("Vermerk: %(step)s") % {"step": step}
    return printed(view, Document(name=f"vermerk-{decision.id}", title=title, parts=parts))


def _trip(view: View, shown: RequestFull | PoolEntry) -> list[tuple[str, str]]:
    say = view.say
    if isinstance(shown, PoolEntry):
        return [
            (say("Anfrage"), str(shown.id)), (say("Abholung"), window(view, shown.pickup_from, shown.pickup_to)),
            (say("ab"), shown.pickup_municipality),
            (say("Übergabe"), window(view, shown.handover_from, shown.handover_to)), (say("nach"), shown.handover_name),
            (say("Personen"), str(shown.people)),
        ]  # fmt: skip
    content = shown.content
    return [
        (say("Aktenzeichen"), content.case_reference), (say("Ausländerbehörde"), names.office(view, shown.owner)),
        (say("Abholung"), window(view, content.pickup.earliest, content.pickup.latest)),
        (say("ab"), names.place(content.pickup.place)),
        (say("Übergabe"), window(view, content.handover.earliest, content.handover.latest)),
        (say("nach"), names.place(content.handover.place)), (say("Personen"), str(content.size)),
        (say("Anfrage"), str(shown.id)),
    ]  # fmt: skip


def _instant(view: View, at: datetime) -> str:
    return f"{told.told_day(at, view.language)}, {told.told_time(at, view.language)}"
