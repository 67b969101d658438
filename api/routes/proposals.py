"""Proposals: what the solver, or a person, suggests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from api.actor import Actor
from api.db.tables import Proposal, Standing
from api.errors import not_found
from api.repositories import proposals as rows
from api.routes.proposal_views import alternative, whole, with_gates
from api.schemas.base import PLAIN, Instant
from api.schemas.proposals import DeclinePreview, ProposalItem, ProposalShown
from api.services import alternatives, proposals
from api.web import versions
from api.web.answers import written
from api.web.authentication import may
from api.web.context import InContext
from api.web.paging import InPages, Page, Paging
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
) -> Response:
    """Return a ZAB its own, an ABH those for its requests, in the order in which they were made."""
    filters = rows.Filters(
        zab=zab, standing=standing, state=state, pickup_from=pickup_from, pickup_to=pickup_to,
        respond_before=respond_before, run_id=run, updated_since=updated_since,
    )  # fmt: skip
    # The first page is what is asked all the time; what is further down differs with each cursor.
    query = (_first if pages.after is None else _query)(actor.role, actor.organisation_id, filters, pages)
    with context.store.glancing() as connection:
        found = connection.execute(query).all()
        page = pages.page_of_rows(found, _order(filters), ProposalItem.of_list, Page[ProposalItem])
        items = with_gates(connection, page.items, actor, now=context.now)
    return written(page.model_copy(update={"items": items}))


def _order(filters: rows.Filters) -> Sequence[InstrumentedAttribute[Any]]:
    return (Proposal.id,) if filters.updated_since is None else (Proposal.updated_at, Proposal.id)


def _query(
    role: Role, organisation_id: uuid.UUID | None, filters: rows.Filters, pages: Paging
) -> Select[*tuple[Any, ...]]:
    # Of the actor only what the list depends on: all of a ZAB then share one statement.
    return pages.cut(rows.listed(Actor(role=role, organisation_id=organisation_id), filters), _order(filters))


_first = lru_cache(maxsize=64)(_query)
"""Statements that were put together before: that takes longer than to have them answered."""


@router.get("/{proposal_id}", summary="Show a proposal", response_model=ProposalShown)
def show_proposal(proposal_id: uuid.UUID, context: InContext, actor: Reader) -> Response:
    """Return a proposal with the duty's tour, who is affected, and the next best duties."""
    with context.store.reading() as session:
        proposal = rows.find(session, actor, proposal_id)
        if proposal is None:
            raise not_found("a proposal")
        return written(whole(session, actor, proposal, now=context.now), {"ETag": versions.tag(proposal)})


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
