"""Gates of a request: what its owner states, how each stands, and who can clear it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response
from sqlalchemy.orm import Session

from api.db.tables import TransportRequest
from api.errors import Code, not_found
from api.gates import blocking
from api.repositories import requests as rows
from api.routes.requests import Owner
from api.schemas.gates import CLEAR, Gates, GateShown, GatesShown
from api.services import gatekeeping
from api.web import versions
from api.web.context import InContext
from api.web.openapi import also
from api.web.versions import IfMatch

router = APIRouter(tags=["requests"])


def _shown(session: Session, row: TransportRequest, now: datetime) -> GatesShown:
    found = gatekeeping.of_request(session, row, now=now)
    return GatesShown(
        stated=Gates.model_validate(row.gates), is_blocked=bool(blocking(found)),
        gates=[GateShown.of(each) for each in found],
    )  # fmt: skip


@router.get("/requests/{request_id}/gates", summary="Show the gates", response_model=GatesShown)
def show_gates(request_id: uuid.UUID, response: Response, context: InContext, actor: Owner) -> GatesShown:
    """Return of each gate whether it is open, what is missing, who can clear it, and the law; for the owner.

    `ETag` is the version of the request.
    """
    with context.store.reading() as session:
        row = rows.find(session, actor, request_id)
        if row is None:
            raise not_found("a request")
        versions.show(response, row)
        return _shown(session, row, context.now)


@router.put(
    "/requests/{request_id}/gates",
    summary="State the gates",
    response_model=GatesShown,
    openapi_extra=also(Code.STATE_FORBIDS),
)
def state_gates(
    request_id: uuid.UUID,
    body: Annotated[Gates, Body(examples=[CLEAR])],
    response: Response,
    context: InContext,
    actor: Owner,
    if_match: IfMatch = None,
) -> GatesShown:
    """Say anew what is stated of all gates; what is left out is not stated.

    A request that waits is matched at once when its last gate opens. Where one closes, an offer that nobody has
    promised is withdrawn, and a promise turns red: ZAB and owner are told.
    """

    def work(session: Session) -> GatesShown:
        row = gatekeeping.state(
            session, actor, request_id, body, seen=lambda row: versions.match(row, if_match), now=context.now
        )
        session.flush()
        versions.show(response, row)
        return _shown(session, row, context.now)

    return context.store.write(work)
