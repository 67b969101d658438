"""Addresses of pick-ups: sealed, released in time, each read logged."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.errors import Code
from api.free_text import WarningCode
from api.routes.requests import Owner
from api.schemas.request_steps import AddressBody, AddressEntered, AddressPurpose, AddressShown
from api.schemas.text_warnings import told
from api.services import addresses
from api.web.authentication import may
from api.web.context import InContext
from api.web.openapi import also
from api.workflow import Role

router = APIRouter(tags=["requests"])


@router.put(
    "/requests/{request_id}/address",
    summary="Enter the address of the pick-up",
    response_model=AddressEntered,
    openapi_extra=also(Code.STATE_FORBIDS),
)
def put_address(request_id: uuid.UUID, body: AddressBody, context: InContext, actor: Owner) -> AddressEntered:
    """Enter or replace the exact address. It is kept sealed, and only the ZAB that has promised gets to read it.

    Where it may hold more than an address (a name, a number to call, a diagnosis), `warnings` say where.
    """
    seal = addresses.seal_of(context.settings)

    def work(session: Session) -> None:
        addresses.put(session, actor, request_id, body.address, seal, now=context.now)

    context.store.write(work)
    return AddressEntered(warnings=told({"/address": body.address}, but={WarningCode.ADDRESS_LIKE}))


@router.get("/requests/{request_id}/address", summary="Read the address of the pick-up", response_model=AddressShown)
def read_address(
    request_id: uuid.UUID,
    response: Response,
    context: InContext,
    actor: Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD)],
    purpose: Annotated[AddressPurpose, Query(description="Why you read it: it is logged.")],
) -> AddressShown:
    """Return the address: for the owner, and for the ZAB from its confirmation until 24 h after the end."""
    seal = addresses.seal_of(context.settings)

    def work(session: Session) -> str:
        return addresses.read(session, actor, request_id, seal, purpose=purpose.value, now=context.now)

    response.headers["Cache-Control"] = "no-store"
    return AddressShown(address=context.store.write(work))
