"""Organisations: the authorities that work with the exchange; for admins."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Organisation
from api.errors import Code
from api.repositories import accounts
from api.schemas.accounts import OrganisationChange, OrganisationNew, OrganisationShown
from api.services import accounts as service
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/organisations", tags=["organisations"])
Admin = Annotated[Actor, may(Role.ADMIN)]


@router.get("", summary="List organisations", response_model=Page[OrganisationShown])
def list_organisations(context: InContext, actor: Admin, pages: InPages) -> Page[OrganisationShown]:
    """Return organisations by their codes."""
    with context.store.reading() as session:
        order = (Organisation.code, Organisation.id)
        return pages.page(session, accounts.organisations(actor), order, OrganisationShown.model_validate)


@router.post(
    "",
    summary="Create an organisation",
    status_code=201,
    response_model=OrganisationShown,
    openapi_extra=also(Code.EXISTS_ALREADY),
)
def create_organisation(body: OrganisationNew, context: InContext, actor: Admin, once: CreatesOnce) -> Response:
    """Create an organisation; its kind decides which roles its accounts can have, and stays."""

    def work(session: Session) -> Answer:
        made = service.create_organisation(
            session, actor, code=body.code, kind=body.kind, name=body.name, ags=body.ags, zab=body.zab, now=context.now
        )  # fmt: skip
        headers = {"Location": f"/v1/organisations/{made.id}", "ETag": versions.tag(made)}
        return Answer(body=OrganisationShown.model_validate(made), headers=headers)

    return once.do(actor, work)


@router.get("/{organisation_id}", summary="Show an organisation", response_model=OrganisationShown)
def show_organisation(
    organisation_id: uuid.UUID, response: Response, context: InContext, actor: Admin
) -> OrganisationShown:  # fmt: skip
    """Return one organisation; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        found = accounts.organisation(session, actor, organisation_id)
        versions.show(response, found)
        return OrganisationShown.model_validate(found)


@router.patch(
    "/{organisation_id}",
    summary="Change an organisation",
    response_model=OrganisationShown,
    openapi_extra=also(Code.IN_USE),
)
def change_organisation(
    organisation_id: uuid.UUID,
    body: OrganisationChange,
    response: Response,
    context: InContext,
    actor: Admin,
    if_match: IfMatch = None,
) -> OrganisationShown:
    """Rename an organisation, switch it off or on; switched off, nobody of it is signed in from that moment on."""

    def work(session: Session) -> Organisation:
        found = accounts.organisation(session, actor, organisation_id)
        versions.match(found, if_match)
        service.change_organisation(
            session, actor, found, name=body.name, is_active=body.is_active, now=context.now
        )  # fmt: skip
        return found

    found = context.store.write(work)
    versions.show(response, found)
    return OrganisationShown.model_validate(found)
