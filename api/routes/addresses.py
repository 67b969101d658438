"""Addresses of pick-ups: sealed, released in time, each read logged."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.routes.requests import Owner
from api.schemas.request_steps import AddressBody, AddressPurpose, AddressShown
from api.services import addresses
from api.web.authentication import may
from api.web.context import InContext
from api.workflow import Role

router = APIRouter(tags=["requests"])


@router.put("/requests/{request_id}/address", summary="Enter the address of the pick-up", status_code=204)
def put_address(request_id: uuid.UUID, body: AddressBody, context: InContext, actor: Owner) -> None:
    """Enter or replace the exact address. It is kept sealed, and only the ZAB that has promised gets to read it."""
    seal = addresses.seal_of(context.settings)

    def work(session: Session) -> None:
        addresses.put(session, actor, request_id, body.address, seal, now=context.now)

    context.store.write(work)


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
