"""Assigning by hand, and its check."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.errors import Code
from api.routes.assignment_views import checked, suggested, wish
from api.routes.proposal_views import whole
from api.schemas.assignments import AssignmentBody, CheckShown, SuggestionsShown
from api.schemas.proposals import ProposalShown
from api.services import assignments, suggestions
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also, step
from api.workflow import Role

router = APIRouter(prefix="/assignments", tags=["assignments"])


@router.post(
    "/checks", summary="Check a trip on a duty", response_model=CheckShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.NOT_FOUND),
)  # fmt: skip
def check_assignment(
    body: AssignmentBody,
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)],
) -> CheckShown:
    """Ask the checker whether a request fits a duty, and who would be affected; nothing is stored.

    Times that are left out are looked for: among the stops of the tour, which keep their times, the shortest on board.
    """
    with context.store.reading() as session:
        return checked(assignments.check(session, actor, wish(body), now=context.now))


@router.get("/suggestions/{request_id}", summary="Where a request fits now", response_model=SuggestionsShown)
def suggest(
    request_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)],
) -> SuggestionsShown:
    """Return the duties on which a request fits as they stand, each by itself, all that is promised kept; best first.

    Of your own ZAB; the Landestransportkoordination sees all. Ranked by the plan's own terms: time on board above the
    direct ride, time on board at night, cost. At most 80 duties are tried, within 2 seconds. Nothing is stored: assign
    it with `POST /v1/assignments`.
    """
    with context.store.reading() as session:
        return suggested(suggestions.suggestions(session, actor, request_id, now=context.now))


@router.post(
    "",
    summary="Assign a request to a duty",
    status_code=201,
    response_model=ProposalShown,
    openapi_extra=step(Code.PLAN_BROKEN, Code.GATE_CLOSED, Code.VALUE_REFUSED, Code.NOT_FOUND),
)
def assign(
    body: AssignmentBody,
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)],
    once: CreatesOnce,
) -> Response:
    """Promise a request on one of your duties; it is pinned there, and survives runs, until released.

    Hard rules stop it. What can be overridden needs an override with a reason and a second person first.
    """

    def work(session: Session) -> Answer:
        proposal = assignments.assign(session, actor, wish(body), now=context.now)
        headers = {"Location": f"/v1/proposals/{proposal.id}", "ETag": versions.tag(proposal)}
        return Answer(body=whole(session, actor, proposal, now=context.now), headers=headers)

    return once.do(actor, work)
