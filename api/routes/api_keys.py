"""API keys: one's own, and, for admins, those of an account."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import ApiKey
from api.errors import Code, not_found
from api.repositories import accounts
from api.schemas.accounts import KeyMade, KeyNew, KeyShown
from api.services import api_keys
from api.web.authentication import SignedIn, may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce, Once
from api.web.openapi import also
from api.web.paging import InPages, Page, Paging
from api.web.shown_once import with_secret
from api.workflow import Role

router = APIRouter(tags=["api-keys"])
Admin = Annotated[Actor, may(Role.ADMIN)]


@router.get("/me/api-keys", summary="List my API keys", response_model=Page[KeyShown])
def list_my_keys(context: InContext, actor: SignedIn, pages: InPages) -> Page[KeyShown]:
    """Return the keys of the account that calls, without their secrets, oldest first."""
    return _list(context, actor, _own(actor), pages)


@router.post(
    "/me/api-keys",
    summary="Make an API key for me",
    status_code=201,
    response_model=KeyMade,
    openapi_extra=also(Code.VALUE_REFUSED),
)
def make_my_key(body: KeyNew, context: InContext, actor: SignedIn, once: CreatesOnce) -> Response:
    """Make a key that acts as the account that calls.

    `key` is shown in this answer and never again, not even where the call is repeated with its `Idempotency-Key`.
    """
    return _make(context, actor, _own(actor), body, once)


@router.delete("/me/api-keys/{key_id}", summary="Revoke my API key", status_code=204)
def revoke_my_key(key_id: uuid.UUID, context: InContext, actor: SignedIn) -> Response:
    """Make a key of the account that calls worthless at once."""
    return _revoke(context, actor, _own(actor), key_id)


@router.get("/accounts/{account_id}/api-keys", summary="List an account's API keys", response_model=Page[KeyShown])
def list_keys(account_id: uuid.UUID, context: InContext, actor: Admin, pages: InPages) -> Page[KeyShown]:
    """Return the keys of an account, without their secrets, oldest first."""
    return _list(context, actor, account_id, pages)


@router.post(
    "/accounts/{account_id}/api-keys",
    summary="Make an API key for an account",
    status_code=201,
    response_model=KeyMade,
    openapi_extra=also(Code.STATE_FORBIDS, Code.VALUE_REFUSED),
)
def make_key(
    account_id: uuid.UUID, body: KeyNew, context: InContext, actor: Admin, once: CreatesOnce
) -> Response:  # fmt: skip
    """Make a key for an account of the admin's own organisation; shown once."""
    return _make(context, actor, account_id, body, once)


@router.delete(
    "/accounts/{account_id}/api-keys/{key_id}", summary="Revoke an account's API key", status_code=204
)  # fmt: skip
def revoke_key(account_id: uuid.UUID, key_id: uuid.UUID, context: InContext, actor: Admin) -> Response:
    """Make a key of an account worthless at once."""
    return _revoke(context, actor, account_id, key_id)


def _own(actor: Actor) -> uuid.UUID:
    if actor.account_id is None:
        raise not_found("an account")
    return actor.account_id


def _list(context: Context, actor: Actor, account_id: uuid.UUID, pages: Paging) -> Page[KeyShown]:
    with context.store.reading() as session:
        accounts.account(session, actor, account_id)
        return pages.page(session, accounts.keys(actor, account_id), (ApiKey.id,), KeyShown.model_validate)


def _make(context: Context, actor: Actor, account_id: uuid.UUID, body: KeyNew, once: Once) -> Response:
    made: list[api_keys.MadeKey] = []

    def shown() -> KeyMade:
        return KeyMade.model_validate(KeyShown.model_validate(made[0].row).model_dump())

    def work(session: Session) -> Answer:
        account = accounts.account(session, actor, account_id)
        made[:] = [
            api_keys.make_key(
                session, actor, account, label=body.label, expires_at=body.expires_at, now=context.now
            )
        ]  # fmt: skip
        return Answer(body=shown())

    answer = once.do(actor, work)
    return with_secret(answer, shown(), key=made[0].text) if made else answer


def _revoke(context: Context, actor: Actor, account_id: uuid.UUID, key_id: uuid.UUID) -> Response:
    with context.store.writing() as session:
        api_keys.revoke_key(session, actor, accounts.key(session, actor, account_id, key_id), now=context.now)
    return Response(status_code=204)
