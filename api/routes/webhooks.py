"""Webhook endpoints of an organisation: make, change, rotate, test, look at what was delivered."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import OutboxMessage, WebhookEndpoint
from api.errors import Code, not_found
from api.repositories import outbox as messages
from api.schemas.webhooks import DeliveryShown, WebhookChange, WebhookMade, WebhookNew, WebhookShown
from api.services import webhooks
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.shown_once import with_secret
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
Owner = Annotated[Actor, may(Role.ABH, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA, Role.ZRK)]


def _endpoint(session: Session, actor: Actor, endpoint_id: uuid.UUID, *, lock: bool = False) -> WebhookEndpoint:
    found = messages.endpoint(session, actor, endpoint_id, lock=lock)
    if found is None:
        raise not_found("a webhook endpoint")
    return found


@router.get("", summary="List webhook endpoints", response_model=Page[WebhookShown])
def list_webhooks(context: InContext, actor: Owner, pages: InPages) -> Page[WebhookShown]:
    """Return the endpoints of your organisation, oldest first, without their secrets."""
    with context.store.reading() as session:
        return pages.page(session, messages.endpoints(actor), (WebhookEndpoint.id,), WebhookShown.of)


@router.post(
    "",
    summary="Make a webhook endpoint",
    status_code=201,
    response_model=WebhookMade,
    openapi_extra=also(Code.VALUE_REFUSED),
)
def make_webhook(body: WebhookNew, context: InContext, actor: Owner, once: CreatesOnce) -> Response:
    """Let your organisation be told at an address of its own.

    A message is a POST of `{"type": topic, "timestamp": when it happened, "data": {…}}` with ids, states and codes
    only: read the rest here. It is signed in the standard-webhooks way: `webhook-signature` has `v1,` and the base64 of
    the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` by the bytes that `secret` is the base64 of, without
    its `whsec_`; after a rotation two of them, with a blank between. Answer 2xx within 10 seconds; 410 switches the
    endpoint off. Anything else is tried again for three days; a repeated message has the same `webhook-id`, and the
    order is not promised. `secret` is shown in this answer and never again, not even where the call is repeated with
    its `Idempotency-Key`.
    """
    made: list[tuple[WebhookEndpoint, str]] = []

    def work(session: Session) -> Answer:
        allow = context.settings.webhook_private_addresses
        made[:] = [
            webhooks.create(
                session, actor, url=body.url, topics=frozenset(body.topics), seal=webhooks.seal_of(context.settings),
                allow_private=allow, now=context.now,
            )
        ]  # fmt: skip
        endpoint = made[0][0]
        headers = {"Location": f"/v1/webhooks/{endpoint.id}", "ETag": versions.tag(endpoint)}
        return Answer(body=WebhookMade.of(endpoint), headers=headers)

    answer = once.do(actor, work)
    return with_secret(answer, WebhookMade.of(made[0][0]), secret=made[0][1]) if made else answer


@router.get("/{endpoint_id}", summary="Read a webhook endpoint", response_model=WebhookShown)
def read_webhook(endpoint_id: uuid.UUID, response: Response, context: InContext, actor: Owner) -> WebhookShown:
    """Return an endpoint of your organisation, without its secret."""
    with context.store.reading() as session:
        endpoint = _endpoint(session, actor, endpoint_id)
        versions.show(response, endpoint)
        return WebhookShown.of(endpoint)


@router.patch(
    "/{endpoint_id}",
    summary="Change a webhook endpoint",
    response_model=WebhookShown,
    openapi_extra=also(Code.VALUE_REFUSED),
)
def change_webhook(
    endpoint_id: uuid.UUID,
    body: WebhookChange,
    response: Response,
    context: InContext,
    actor: Owner,
    if_match: IfMatch = None,
) -> WebhookShown:
    """Change address, topics, or whether anything is sent at all."""
    with context.store.writing() as session:
        endpoint = _endpoint(session, actor, endpoint_id, lock=True)
        versions.match(endpoint, if_match)
        webhooks.change(
            session, actor, endpoint, url=body.url, is_active=body.is_active, now=context.now,
            topics=None if body.topics is None else frozenset(body.topics),
            allow_private=context.settings.webhook_private_addresses,
        )  # fmt: skip
        versions.show(response, endpoint)
        return WebhookShown.of(endpoint)


@router.delete("/{endpoint_id}", summary="Delete a webhook endpoint", status_code=204)
def delete_webhook(endpoint_id: uuid.UUID, context: InContext, actor: Owner) -> Response:
    """Delete an endpoint and all messages to it; what waits is not sent."""
    with context.store.writing() as session:
        webhooks.delete(session, actor, _endpoint(session, actor, endpoint_id, lock=True), now=context.now)
    return Response(status_code=204)


@router.post("/{endpoint_id}/rotation", summary="Rotate the secret", status_code=201, response_model=WebhookMade)
def rotate_webhook(endpoint_id: uuid.UUID, context: InContext, actor: Owner, once: CreatesOnce) -> Response:
    """Make a new secret, shown once. For 24 hours messages carry two signatures, by the new one and the one before."""
    made: list[tuple[WebhookEndpoint, str]] = []

    def work(session: Session) -> Answer:
        endpoint = _endpoint(session, actor, endpoint_id, lock=True)
        seal = webhooks.seal_of(context.settings)
        made[:] = [(endpoint, webhooks.rotate(session, actor, endpoint, seal=seal, now=context.now))]
        return Answer(body=WebhookMade.of(endpoint), headers={"ETag": versions.tag(endpoint)})

    answer = once.do(actor, work)
    return with_secret(answer, WebhookMade.of(made[0][0]), secret=made[0][1]) if made else answer


@router.post(
    "/{endpoint_id}/tests", summary="Send a test message", status_code=202, response_model=DeliveryShown,
    openapi_extra=also(Code.STATE_FORBIDS),
)  # fmt: skip
def send_test_message(endpoint_id: uuid.UUID, context: InContext, actor: Owner, once: CreatesOnce) -> Response:
    """Send a message of the topic `webhook.test`; its delivery tells what became of it."""

    def work(session: Session) -> Answer:
        endpoint = _endpoint(session, actor, endpoint_id, lock=True)
        message = webhooks.send_test(session, actor, endpoint, now=context.now)
        return Answer(
            body=DeliveryShown.of(message), status=202,
            headers={"Location": f"/v1/webhooks/{endpoint_id}/deliveries"},
        )  # fmt: skip

    return once.do(actor, work)


@router.get("/{endpoint_id}/deliveries", summary="List deliveries", response_model=Page[DeliveryShown])
def list_deliveries(
    endpoint_id: uuid.UUID, context: InContext, actor: Owner, pages: InPages
) -> Page[DeliveryShown]:  # fmt: skip
    """Return the messages to an endpoint and what became of them, newest first."""
    with context.store.reading() as session:
        _endpoint(session, actor, endpoint_id)
        query = messages.deliveries(actor, endpoint_id)
        return pages.page(session, query, (OutboxMessage.id,), DeliveryShown.of, descending=True)
