"""Webhook endpoints of an organisation: made, changed, tested, rotated, deleted; what was delivered."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, refused, version_of, whole
from api.pages.view import View
from api.routes import webhooks as api
from api.schemas.webhooks import DeliveryState, WebhookChange, WebhookNew
from api.texts import Pair
from api.topics import WANTED, Topic
from api.web.paging import InPages, Paging

router = APIRouter()
InWebhooks = Annotated[View, like(api.Owner)]
TOPICS: dict[Topic, Pair] = {
    Topic.REQUEST_STATE_CHANGED: ("Stand einer Anfrage", "state of a request"),
    Topic.PROPOSAL_MADE: ("neuer Vorschlag", "new proposal"),
    Topic.PROPOSAL_LOST: ("Vorschlag entfallen", "proposal lost"),
    Topic.PROPOSAL_EXPIRING: ("Vorschlag läuft ab", "proposal expires"),
    Topic.DECISION_MADE: ("Entscheidung", "decision"),
    Topic.SEAT_FREED: ("freier Platz", "seat freed"),
    Topic.GATE_CLOSED: ("Voraussetzung fehlt", "precondition missing"),
    Topic.CLEARANCE_CHANGED: ("Zustimmung", "clearance"),
    Topic.RUN_FINISHED: ("Planung fertig", "run finished"),
    Topic.AMTSHILFE_CHANGED: ("Amtshilfe", "Amtshilfe"),
    Topic.TASK_OPENED: ("neue Aufgabe", "new task"),
    Topic.WEBHOOK_TEST: ("Test", "test"),
}
DELIVERIES: dict[DeliveryState, Pair] = {
    DeliveryState.PENDING: ("steht aus", "pending"),
    DeliveryState.DELIVERED: ("zugestellt", "delivered"),
    DeliveryState.GIVEN_UP: ("aufgegeben", "given up"),
}


@router.get("/webhooks", include_in_schema=False)
def show_list(view: InWebhooks) -> HTMLResponse:
    """Show the endpoints of the viewer's organisation, and the form for another one."""
    return _list(view)


@router.post("/webhooks", include_in_schema=False)
def make(view: InWebhooks, pages: InPages, sent: InSent) -> Response:
    """Make an endpoint; its secret is shown in this answer and never again."""

    def work() -> Response:
        body = forms.read(WebhookNew, {"url": sent.text("url"), "topics": sent.all("topics")})
        return api.make_webhook(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _list(view, problem, sent)
    made = json.loads(bytes(answer.body))
    return _page(view, pages, uuid.UUID(made["id"]), secret=made.get("secret") or "")


@router.get("/webhooks/{endpoint_id}", include_in_schema=False)
def show(view: InWebhooks, pages: InPages, endpoint_id: uuid.UUID) -> HTMLResponse:
    """Show an endpoint and what was delivered to it."""
    return _page(view, pages, endpoint_id)


@router.post("/webhooks/{endpoint_id}", include_in_schema=False)
def change(view: InWebhooks, pages: InPages, endpoint_id: uuid.UUID, sent: InSent) -> Response:
    """Change an endpoint, switch it, send a test, rotate its secret, or delete it."""
    action, context, actor = sent.text("action"), view.context, view.actor

    def work() -> Response | None:
        if action == "delete":
            return api.delete_webhook(endpoint_id, context, actor)
        if action == "test":
            return api.send_test_message(endpoint_id, context, actor, once(view, sent))
        if action == "rotate":
            return api.rotate_webhook(endpoint_id, context, actor, once(view, sent))
        said: dict[str, Any] = {"url": sent.text("url"), "topics": sent.all("topics")}
        if action in ("activate", "deactivate"):
            said = {"is_active": action == "activate"}
        api.change_webhook(endpoint_id, forms.read(WebhookChange, said), Response(), context, actor, sent.if_match)
        return None

    answer, problem = refused(work)
    if problem is not None:
        return _page(view, pages, endpoint_id, problem, sent)
    if action == "rotate" and answer is not None:
        return _page(view, pages, endpoint_id, secret=json.loads(bytes(answer.body)).get("secret") or "")
    return view.go_to("/webhooks" if action == "delete" else f"/webhooks/{endpoint_id}")


def _list(view: View, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    return view.render(
        "oversight/webhooks.html", status=200 if problem is None else problem.status, sent=sent, topics=_wanted(),
        endpoints=api.list_webhooks(view.context, view.actor, whole(view)).items, call_key=new_key(),
        faults=faults(view, problem), problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _page(
    view: View, pages: Paging, endpoint_id: uuid.UUID, problem: Problem | None = None, sent: Sent = NOTHING, *,
    secret: str = "",
) -> HTMLResponse:  # fmt: skip
    answer = Response()
    endpoint = api.read_webhook(endpoint_id, answer, view.context, view.actor)
    is_again = problem is not None and bool(sent.text("url"))
    return view.render(
        "oversight/webhook.html", status=200 if problem is None else problem.status, endpoint=endpoint, secret=secret,
        url=sent.text("url") if is_again else endpoint.url, topics=_wanted(), names=TOPICS, states=DELIVERIES,
        chosen=sent.all("topics") if is_again else [each.value for each in endpoint.topics],
        deliveries=api.list_deliveries(endpoint_id, view.context, view.actor, pages).items, call_key=new_key(),
        version=version_of(answer), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _wanted() -> dict[Topic, Pair]:
    return {topic: TOPICS[topic] for topic in WANTED}
