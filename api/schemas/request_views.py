"""Requests as their owner and their ZAB see them, with history and reasons."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api import company
from api.actor import Actor
from api.db.tables import Decision, TransportRequest
from api.dublin import RoutingCode
from api.gates import KNOWING, ToldGate
from api.schemas.base import Shown
from api.schemas.catalogue import Text
from api.schemas.hints import HintShown
from api.schemas.pool import LiveOffer, PoolEntry, days_to
from api.schemas.requests import EXAMPLE, ContentShown, RequestFacts
from api.schemas.text_warnings import Warnings, told
from api.texts import ROUTINGS
from api.workflow import Action, DeclineClass, Role, State, actions
from data.service_parameters import dublin_rules


class AskedFirst(Shown):
    """Why a ZAB is asked before all others, whatever the owner chose, and until when it answers."""

    code: Annotated[RoutingCode, Field(examples=["dublin_state_facility"])]
    text: Annotated[Text, Field(description="The reason.")]
    source: Annotated[str, Field(description="The rule it stands on.", examples=["MKJFGFI NRW, Erlass vom 26.02.2024"])]
    until: Annotated[datetime, Field(description="Without an answer by then it goes on in the exchange.")]

    @classmethod
    def of(cls, row: TransportRequest) -> Self | None:
        """Return it for a request that is asked like this now."""
        if row.asked_until is None or row.asked_because is None:
            return None
        code = RoutingCode(row.asked_because)
        german, english = ROUTINGS[code]
        source = dublin_rules().routing.source
        return cls(code=code, text=Text(de=german, en=english), source=source, until=row.asked_until)


class RequestFull(Shown):
    """A request whole; never the address, which is read apart."""

    view: Annotated[Literal["full"], Field(description="How much is shown.")] = "full"
    id: uuid.UUID
    state: State
    state_since: datetime
    owner: Annotated[str, Field(description="Code of the ABH that owns it.", examples=["abh:05113000"])]
    content: Annotated[
        ContentShown, Field(description="What the ABH states, as far as you need to know it.", examples=[EXAMPLE])
    ]
    pickup_ags: Annotated[str, Field(description="Municipality of the pick-up.", examples=["05113000"])]
    asked_zab: Annotated[uuid.UUID | None, Field(description="ZAB that was asked in the first round.")]
    offer: Annotated[LiveOffer | None, Field(description="The live proposal.")] = None
    asked_first: Annotated[
        AskedFirst | None, Field(description="Why the decree's ZAB was asked before all others, until it answers.")
    ] = None  # fmt: skip
    days_left: Annotated[int | None, Field(description="Local days to the deadline.", examples=[15])] = None
    form_sent_on: Annotated[date | None, Field(description="Day on which the form of a Dublin transfer went out.")]
    blocked_by: Annotated[
        list[ToldGate], Field(description="Gates that are closed: it enters no run until they are open.", examples=[[]])
    ] = []  # noqa: RUF012  # pydantic copies it
    hints: Annotated[
        list[HintShown],
        Field(description="In answers to an entry or a change: what is impossible, and what would help."),
    ] = []  # noqa: RUF012  # pydantic copies it
    matched_at: Annotated[datetime | None, Field(description="When a match last looked at it.")]
    fall_back_at: Annotated[datetime, Field(description="When it goes back to its ABH if nobody has promised it.")]
    is_pinned: Annotated[bool, Field(description="Whether a person put it where it is by hand.")]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(description="As in the `ETag`.")]
    actions: Annotated[list[Action], Field(description="What your role may do in this state; a decline may shut one.")]
    warnings: Warnings = ()

    @classmethod
    def of(
        cls, row: TransportRequest, actor: Actor, offer: LiveOffer | None = None, *, now: datetime | None = None
    ) -> Self:
        """Return the whole of a row; with ``now`` the days that are left."""
        untold = {} if actor.role in KNOWING else {"needs_medical_reception": None}
        content = ContentShown.model_validate(row.content | untold)
        return cls(
            id=row.id,
            state=row.state,
            state_since=row.state_since,
            owner=row.organisation.code,
            content=content,
            pickup_ags=row.pickup_ags,
            asked_zab=row.asked_zab_id,
            offer=offer,
            asked_first=AskedFirst.of(row),
            days_left=days_to(row.deadline_at, now),
            form_sent_on=row.form_sent_on,
            matched_at=row.matched_at,
            fall_back_at=row.fall_back_at,
            is_pinned=row.pinned_duty_id is not None,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            actions=sorted(actions(row.state, actor.role)),
            warnings=told(free_texts(content)),
        )


def free_texts(content: RequestFacts) -> dict[str, str]:
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


_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDS = re.compile(rf":? {_ID}(?:, {_ID})*")


def without_ids(text: str) -> str:
    """Return a text of the solver without the ids of other requests and duties: they are not the reader's to know."""
    return _IDS.sub("", text)


class ReasonShown(Shown):
    """Why one ZAB could not carry a request, and the smallest change that would let it; or the gate that blocks it."""

    zab: Annotated[
        str | None, Field(description="The ZAB (of the catalogue); none: it keeps it from all of them.", examples=["E"])
    ]
    obstacle: Annotated[str | None, Field(description="`gate`: a precondition of the measure.", examples=["tour"])]
    rule: Annotated[
        str | None,
        Field(
            description="Rule or gate that blocks; `company`: who rides there; `crew`: who must go along.",
            examples=["ride_time"],
        ),
    ]
    texts: Annotated[dict[str, str], Field(description="By language, `de` and `en`.")]
    actions: Annotated[dict[str, str], Field(description="What would help, by language.")]
    displaces: Annotated[int, Field(description="Number of other requests that would have to give way.")]

    @classmethod
    def of(cls, item: Mapping[str, Any], *, knows: bool, owns: bool) -> Self:
        """Return a stored reason; duties and requests of others are not named.

        Parameters
        ----------
        knows
            Whether the reader may know who rides there (``api.company``).
        owns
            Whether the reader owns the request.
        """
        rule = item.get("rule")
        told = None if rule is None else company.rule_told(rule, knows=knows, owns=owns)
        texts, actions = company.said(told or "") or (item.get("texts", {}), item.get("actions", {}))
        return cls(
            zab=None if item.get("zab") is None else str(item["zab"]),
            obstacle=item.get("obstacle"),
            rule=told,
            texts={language: without_ids(text) for language, text in texts.items()},
            actions={language: without_ids(text) for language, text in actions.items()},
            displaces=len(item.get("displaces", ())),
        )


class Reasons(Shown):
    """Why a request was not placed when a match last looked at it."""

    matched_at: Annotated[datetime | None, Field(description="`null`: no match has looked at it yet.")]
    items: Annotated[list[ReasonShown], Field(description="Closed gates first, then ZAB by ZAB.")]
