"""Contacts by state of destination, for the ZRK alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Contact, ContactBody
from api.repositories import contacts as rows
from api.schemas.base import Instant
from api.schemas.contacts import ContactContent, ContactShown
from api.services import contacts
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/contacts", tags=["contacts"])
Keeper = Annotated[Actor, may(Role.ZRK)]


@router.get("", summary="List contacts", response_model=Page[ContactShown])
def list_contacts(
    context: InContext,
    actor: Keeper,
    pages: InPages,
    state: Annotated[
        str | None, Query(pattern=r"^[A-Z]{2}$", description="Only of this state (ISO 3166-1).", examples=["TR"])
    ] = None,
    body: Annotated[ContactBody | None, Query(description="Only this kind of office.")] = None,
    is_active: Annotated[bool | None, Query(description="Only in use, or only out of it.")] = None,
    updated_since: Annotated[Instant | None, Query(description="Only what was changed at or after this.")] = None,
) -> Page[ContactShown]:
    """Return offices by state of destination."""
    query = rows.listed(actor, state=state, body=body, is_active=is_active, updated_since=updated_since)
    with context.store.reading() as session:
        return pages.page(session, query, (Contact.state, Contact.id), ContactShown.of)


@router.post("", summary="Enter a contact", status_code=201, response_model=ContactShown)
def create_contact(body: ContactContent, context: InContext, actor: Keeper, once: CreatesOnce) -> Response:
    """Enter an office with its functional addresses. What looks like a person's is refused."""

    def work(session: Session) -> Answer:
        row = contacts.create(session, actor, body, now=context.now)
        headers = {"Location": f"/v1/contacts/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=ContactShown.of(row), headers=headers)

    return once.do(actor, work)


@router.get("/{contact_id}", summary="Show a contact", response_model=ContactShown)
def show_contact(contact_id: uuid.UUID, response: Response, context: InContext, actor: Keeper) -> ContactShown:
    """Return one office; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = contacts.found(session, actor, contact_id)
        versions.show(response, row)
        return ContactShown.of(row)


@router.put("/{contact_id}", summary="Change a contact", response_model=ContactShown)
def change_contact(
    contact_id: uuid.UUID,
    body: ContactContent,
    response: Response,
    context: InContext,
    actor: Keeper,
    if_match: IfMatch = None,
) -> ContactShown:
    """Say anew what an office is and how it is reached."""
    return _do(
        context, actor, contact_id, if_match, response,
        lambda session, row: contacts.change(session, actor, row, body, now=context.now),
    )  # fmt: skip


@router.post("/{contact_id}/retire", summary="Take a contact out of use", response_model=ContactShown)
def retire_contact(
    contact_id: uuid.UUID, response: Response, context: InContext, actor: Keeper, if_match: IfMatch = None
) -> ContactShown:
    """Take an office out of use; it stays to be read."""
    return _do(
        context, actor, contact_id, if_match, response,
        lambda session, row: contacts.set_in_use(session, actor, row, False, now=context.now),
    )  # fmt: skip


@router.post("/{contact_id}/reinstate", summary="Put a contact back into use", response_model=ContactShown)
def reinstate_contact(
    contact_id: uuid.UUID, response: Response, context: InContext, actor: Keeper, if_match: IfMatch = None
) -> ContactShown:
    """Put an office back into use."""
    return _do(
        context, actor, contact_id, if_match, response,
        lambda session, row: contacts.set_in_use(session, actor, row, True, now=context.now),
    )  # fmt: skip


def _do(
    context: Context,
    actor: Actor,
    contact_id: uuid.UUID,
    if_match: str | None,
    response: Response,
    change: Callable[[Session, Contact], Contact],
) -> ContactShown:
    def work(session: Session) -> ContactShown:
        row = contacts.found(session, actor, contact_id, lock=True)
        versions.match(row, if_match)
        changed = change(session, row)
        versions.show(response, changed)
        return ContactShown.of(changed)

    return context.store.write(work)
