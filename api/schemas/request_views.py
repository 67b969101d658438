"""Requests as their owner and their ZAB see them, with history and reasons."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.actor import Actor
from api.db.tables import Decision, TransportRequest
from api.schemas.base import Shown
from api.schemas.pool import LiveOffer, PoolEntry
from api.schemas.requests import EXAMPLE, RequestContent
from api.schemas.text_warnings import Warnings, told
from api.workflow import Action, DeclineClass, Role, State, actions


class RequestFull(Shown):
    """A request whole; never the address, which is read apart."""

    view: Annotated[Literal["full"], Field(description="How much is shown.")] = "full"
    id: uuid.UUID
    state: State
    state_since: datetime
    owner: Annotated[str, Field(description="Code of the ABH that owns it.", examples=["abh:05113000"])]
    content: Annotated[RequestContent, Field(description="What the ABH states.", examples=[EXAMPLE])]
    pickup_ags: Annotated[str, Field(description="Municipality of the pick-up.", examples=["05113000"])]
    asked_zab: Annotated[uuid.UUID | None, Field(description="ZAB that was asked in the first round.")]
    offer: Annotated[LiveOffer | None, Field(description="The live proposal.")] = None
    matched_at: Annotated[datetime | None, Field(description="When a match last looked at it.")]
    fall_back_at: Annotated[datetime, Field(description="When it goes back to its ABH if nobody has promised it.")]
    is_pinned: Annotated[bool, Field(description="Whether a person put it where it is by hand.")]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(description="As in the `ETag`.")]
    actions: Annotated[list[Action], Field(description="What your role may do in this state.")]
    warnings: Warnings = ()

    @classmethod
    def of(cls, row: TransportRequest, actor: Actor, offer: LiveOffer | None = None) -> Self:
        """Return the whole of a row."""
        content = RequestContent.model_validate(row.content)
        return cls(
            id=row.id,
            state=row.state,
            state_since=row.state_since,
            owner=row.organisation.code,
            content=content,
            pickup_ags=row.pickup_ags,
            asked_zab=row.asked_zab_id,
            offer=offer,
            matched_at=row.matched_at,
            fall_back_at=row.fall_back_at,
            is_pinned=row.pinned_duty_id is not None,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            actions=sorted(actions(row.state, actor.role)),
            warnings=told(free_texts(content)),
        )


def free_texts(content: RequestContent) -> dict[str, str]:
    """Return what of a request is free text, by path."""
    source = "" if content.deadline is None else content.deadline.source
    return {"/free_text": content.free_text, "/deadline/source": source}


RequestView = Annotated[RequestFull | PoolEntry, Field(discriminator="view")]
"""A request as far as the caller may see it."""


class DecisionShown(Shown):
    """One step in the life of a request."""

    id: uuid.UUID
    at: datetime
    action: Action
    before: State
    after: State
    role: Annotated[Role, Field(description="Role of whoever took it.")]
    zab: Annotated[uuid.UUID | None, Field(description="ZAB concerned.")]
    proposal: Annotated[uuid.UUID | None, Field(description="Proposal concerned.")]
    code: Annotated[str | None, Field(description="Coded reason.", examples=["no_vehicle"])]
    decline_class: DeclineClass | None
    remark: Annotated[str | None, Field(description="Its text; only for those who see the request whole.")]
    had_second: Annotated[bool, Field(description="Whether a second person agreed.")]

    @classmethod
    def of(cls, row: Decision, *, is_full: bool) -> Self:
        """Return a step, with its remark only for those who see the request whole."""
        return cls(
            id=row.id,
            at=row.created_at,
            action=row.action,
            before=row.before,
            after=row.after,
            role=row.role,
            zab=row.zab_id,
            proposal=row.proposal_id,
            code=row.code,
            decline_class=row.decline_class,
            remark=row.remark if is_full else None,
            had_second=row.second_id is not None,
        )


class ReasonShown(Shown):
    """Why one ZAB could not carry a request, and the smallest change that would let it."""

    zab: Annotated[str, Field(description="The ZAB (of the catalogue).", examples=["E"])]
    obstacle: str | None
    rule: str | None
    texts: Annotated[dict[str, str], Field(description="By language, `de` and `en`.")]
    actions: Annotated[dict[str, str], Field(description="What would help, by language.")]
    displaces: Annotated[int, Field(description="Number of other requests that would have to give way.")]

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """Return a stored reason; duties and requests of others are not named."""
        return cls(
            zab=str(item["zab"]),
            obstacle=item.get("obstacle"),
            rule=item.get("rule"),
            texts=dict(item.get("texts", {})),
            actions=dict(item.get("actions", {})),
            displaces=len(item.get("displaces", ())),
        )


class Reasons(Shown):
    """Why a request was not placed when a match last looked at it."""

    matched_at: Annotated[datetime | None, Field(description="`null`: no match has looked at it yet.")]
    items: list[ReasonShown]
