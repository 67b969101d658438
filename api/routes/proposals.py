"""Proposals: what the solver, or a person, suggests."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.actor import Actor
from api.db.tables import Proposal, Standing
from api.errors import not_found
from api.repositories import proposals as rows
from api.routes.proposal_views import alternative, whole, with_gates
from api.schemas.base import PLAIN, Instant
from api.schemas.proposals import DeclinePreview, ProposalItem, ProposalShown
from api.services import alternatives, proposals
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.paging import InPages, Page
from api.workflow import CLASS_OF, DECLINE_OF, TABLE, WAITING, DeclineClass, DeclineCode, Role, State

router = APIRouter(prefix="/proposals", tags=["proposals"])
Reader = Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]


@router.get("", summary="List proposals", response_model=Page[ProposalItem])
def list_proposals(
    *,
    context: InContext,
    actor: Reader,
    pages: InPages,
    zab: Annotated[
        str | None, Query(max_length=60, pattern=PLAIN, description="Code of the ZAB.", examples=["zab:essen"])
    ] = None,
    standing: Annotated[Standing | None, Query(description="What became of it.")] = None,
    state: Annotated[State | None, Query(description="State of the request.")] = None,
    pickup_from: Annotated[Instant | None, Query(description="Picked up from here on.")] = None,
    pickup_to: Annotated[Instant | None, Query(description="Picked up before.")] = None,
    respond_before: Annotated[Instant | None, Query(description="To be answered before.")] = None,
    run: Annotated[uuid.UUID | None, Query(description="Made by this run.")] = None,
    updated_since: Annotated[Instant | None, Query(description="Changed since; then in that order.")] = None,
) -> Page[ProposalItem]:
    """Return a ZAB its own, an ABH those for its requests, in the order in which they were made."""
    filters = rows.Filters(
        zab=zab, standing=standing, state=state, pickup_from=pickup_from, pickup_to=pickup_to,
        respond_before=respond_before, run_id=run, updated_since=updated_since,
    )  # fmt: skip
    order = (Proposal.id,) if updated_since is None else (Proposal.updated_at, Proposal.id)
    with context.store.reading() as session:
        page = pages.page(session, rows.listed(actor, filters), order, ProposalItem.of)
        return page.model_copy(update={"items": with_gates(session, page.items, now=context.now)})


@router.get("/{proposal_id}", summary="Show a proposal", response_model=ProposalShown)
def show_proposal(proposal_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> ProposalShown:
    """Return a proposal with the duty's tour, who is affected, and the next best duties."""
    with context.store.reading() as session:
        proposal = rows.find(session, actor, proposal_id)
        if proposal is None:
            raise not_found("a proposal")
        versions.show(response, proposal)
        return whole(session, actor, proposal, now=context.now)


@router.get("/{proposal_id}/decline-preview", summary="What a decline would do", response_model=DeclinePreview)
def preview_decline(
    proposal_id: uuid.UUID,
    context: InContext,
    actor: Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)],
    code: Annotated[DeclineCode, Query(description="Why you would decline.")],
) -> DeclinePreview:
    """Return what would become of the request: the next best ZAB and its extra minutes, or that none is known.

    Whether that duty still fits is asked of the checker now; the match after a decline looks at all duties.
    """
    kind = CLASS_OF[code]
    now = context.now
    after = TABLE[State.PROPOSED, DECLINE_OF[kind]].to
    with context.store.reading() as session:
        proposal = rows.find(session, actor, proposal_id)
        if proposal is None:
            raise not_found("a proposal")
        found = alternatives.next_best(session, proposal, now=now)
        waits = proposals.waits_until(proposal, now, context.settings.answering)
        return DeclinePreview(
            decline_class=kind,
            state_after=after,
            until=waits if kind is DeclineClass.WAIT else None,
            is_matched_again=after in WAITING,
            next_best=None if found is None else alternative(found),
        )
