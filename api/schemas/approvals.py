"""Approvals by a second person, and rules that are lifted for a request."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.actor import Actor
from api.company import knows_lifted, rule_told
from api.db.tables import Approval, ApprovalState, Override
from api.gates import rule_seen_by
from api.repositories.approvals import OVERRIDE
from api.schemas.base import Body, Shown
from api.schemas.text_warnings import Warnings, told
from api.workflow import Role
from optimizer.model import RULEBOOK, Rule, Strength

OVERRIDABLE = tuple(rule.value for rule in Rule if RULEBOOK[rule].strength is Strength.OVERRIDABLE)
"""Rules that a person may lift for one request; gates that the parameter set lets the owner lift come beside them."""


class ApprovalView(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Nobody agreed in time."""


class ApprovalShown(Shown):
    """What one person asked for; another one of the same organisation, whose role may do it too, agrees or refuses."""

    id: uuid.UUID
    request: uuid.UUID
    action: Annotated[str, Field(description="`lift_stop` or `override`.", examples=["lift_stop"])]
    code: Annotated[str, Field(description="Coded reason, or the rule to be lifted.", examples=["order_lifted"])]
    remark: Annotated[str, Field(description="What whoever asks says to it.", examples=[""])]
    state: ApprovalView
    is_own: Annotated[bool, Field(description="Whether you asked for it yourself: then another one must agree.")]
    created_at: datetime
    expires_at: Annotated[datetime, Field(description="After it nobody can agree any more.")]
    version: Annotated[int, Field(description="As in the `ETag`.")]
    warnings: Warnings = ()

    @classmethod
    def of(cls, row: Approval, actor: Actor, now: datetime) -> Self:
        """Return an approval as its organisation sees it."""
        is_late = row.state is ApprovalState.PENDING and row.expires_at <= now
        return cls(
            id=row.id,
            request=row.request_id,
            action=row.action,
            code=str(row.payload["code"]),
            remark=str(row.payload["remark"]),
            state=ApprovalView.EXPIRED if is_late else ApprovalView(row.state.value),
            is_own=row.account_id == actor.account_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            version=row.version,
            warnings=told({"/reason" if row.action == OVERRIDE else "/remark": str(row.payload["remark"])}),
        )


class OverrideBody(Body):
    """Which rule to lift for a request, and why."""

    rule: Annotated[str, Field(
        description=f"One of {', '.join(OVERRIDABLE)}; for the owner also a gate that `may_be_lifted` as it stands.",
        examples=["detour"], max_length=40,
    )]  # fmt: skip
    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=200),
        Field(
            description="1 to 200 characters: no names, no diagnoses.",
            examples=["Einziger Flug der Woche; mit der Familie besprochen"],
        ),
    ]  # fmt: skip


class OverrideShown(Shown):
    """A rule that is lifted for a request."""

    id: uuid.UUID
    rule: Annotated[str, Field(description="Stable code of the rule.", examples=["detour"])]
    reason: Annotated[str | None, Field(description="Only for those who see the request whole.")]
    created_at: datetime

    @classmethod
    def of(cls, row: Override, actor: Actor, *, is_full: bool) -> Self:
        """Return an override, with its reason only for those who see the request whole and may know the rule."""
        by = row.account
        is_own = by.organisation_id == actor.organisation_id
        may_know = knows_lifted(actor.role, is_own=is_own, by=by.role, is_full=is_full)
        rule = rule_told(rule_seen_by(row.rule, actor.role), knows=may_know, owns=actor.role is Role.ABH)
        reason = row.reason if is_full and rule == row.rule else None
        return cls(id=row.id, rule=rule, reason=reason, created_at=row.created_at)


class OverrideCount(Shown):
    """How often a rule was lifted."""

    rule: Annotated[str, Field(description="Stable code of the rule.", examples=["detour"])]
    count: int


class LiftedKind(StrEnum):
    """What was lifted."""

    RULE = "rule"
    """A rule of the optimizer."""
    GATE = "gate"
    """A precondition of the measure."""


class MonthlyCount(Shown):
    """How often a rule or a gate was lifted in a month, and for how many requests."""

    rule: Annotated[str, Field(description="Stable code of the rule or gate.", examples=["night_children"])]
    kind: LiftedKind
    count: Annotated[int, Field(examples=[1])]
    requests: Annotated[int, Field(description="Requests for which it was lifted.", examples=[1])]


class MonthlyOverrides(Shown):
    """What was lifted in a local month; night measures with children above all."""

    month: Annotated[date, Field(description="Its first day.")]
    night_with_children: Annotated[
        int, Field(description="Measures between 21 and 6 h with anyone under 14 for which it was lifted.")
    ]
    total: Annotated[int, Field(description="All that was lifted.")]
    items: Annotated[list[MonthlyCount], Field(description="By rule; night with children first, then by number.")]
