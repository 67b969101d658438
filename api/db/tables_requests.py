"""Requests, who declined them, and what was decided about them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Identified, Versioned
from api.db.tables_people import Account, Organisation
from api.db.types import one_of
from api.workflow import ENDED, OPEN, Action, DeclineClass, Role, State

_OPEN_STATES = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
UNREPORTED = f"reported_id IS NULL AND state IN ({', '.join(repr(state.value) for state in sorted(ENDED))})"
"""What has ended and stands in no fact: a condition in SQL, for an index and for who looks there."""


class TransportRequest(Versioned, Base):
    """A transport request. What lists are filtered and sorted by stands in columns, the rest in ``content``.

    ``content`` is ``api.schemas.requests.RequestContent``: people in bands, needs as codes, windows with offset. No
    name, no birth date, no address.
    """

    __tablename__ = "transport_request"
    __table_args__ = (
        CheckConstraint("pickup_from <= pickup_to", name="pickup_window"),
        CheckConstraint("delivery_from <= delivery_to", name="delivery_window"),
        CheckConstraint("people >= 1", name="somebody"),
        CheckConstraint("length(free_text) <= 200", name="short_text"),
        Index("ix_transport_request_pool", "state", "pickup_from", "id"),
        Index("ix_transport_request_owner", "organisation_id", "state", "id"),
        Index("ix_transport_request_all", "organisation_id", "id"),
        Index("ix_transport_request_case", "case_reference"),
        Index("ix_transport_request_changed", "updated_at", "id"),
        Index("ix_transport_request_fall_back", "state", "fall_back_at"),
        Index(
            "ix_transport_request_pinned", "pinned_duty_id",
            postgresql_where=text("pinned_duty_id IS NOT NULL"), sqlite_where=text("pinned_duty_id IS NOT NULL"),
        ),
        Index(
            # What the nightly run catches up on: nothing, but after an update. It must not look through all the past.
            "ix_transport_request_unreported", "id", postgresql_where=text(UNREPORTED),
            sqlite_where=text(UNREPORTED),
        ),
        Index(
            "ix_transport_request_asked_until", "asked_until", postgresql_where=text("asked_until IS NOT NULL"),
            sqlite_where=text("asked_until IS NOT NULL"),
        ),
        # One open request for a case and day: the same measure is not asked for twice.
        Index(
            "uq_transport_request_open_case", "organisation_id", "case_reference", "pickup_from", unique=True,
            postgresql_where=text(f"state IN ({_OPEN_STATES})"), sqlite_where=text(f"state IN ({_OPEN_STATES})"),
        ),
    )  # fmt: skip

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    case_reference: Mapped[str] = mapped_column(String(40))
    """Pseudonym that links to the authority's own system."""
    state: Mapped[State] = mapped_column(one_of(State, "request_state"))
    pickup_ags: Mapped[str] = mapped_column(String(8), index=True)
    pickup_from: Mapped[datetime]
    pickup_to: Mapped[datetime]
    delivery_place: Mapped[str] = mapped_column(String(80), index=True)
    delivery_from: Mapped[datetime]
    delivery_to: Mapped[datetime]
    people: Mapped[int]
    has_children: Mapped[bool]
    bundle: Mapped[str | None] = mapped_column(String(60), index=True)
    deadline_at: Mapped[datetime | None]
    content: Mapped[dict[str, Any]]
    gates: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """What an officer stated of its legal preconditions (``api.schemas.gates.Gates``); what is not stated is open."""
    free_text: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    asked_zab_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    """ZAB that is asked in the first round."""
    asked_until: Mapped[datetime | None]
    """Until when it must answer, where it was asked by the decree and not by the owner's choice alone."""
    asked_because: Mapped[str | None] = mapped_column(String(40))
    """Why it was asked then (``api.dublin.RoutingCode``)."""
    form_sent_on: Mapped[date | None]
    """Local day on which the form of a Dublin transfer went out (DVO (EU) 2025/2055 Art. 25)."""
    matched_at: Mapped[datetime | None]
    """When it was last looked at by a match."""
    reasons: Mapped[dict[str, Any] | None]
    """Why it was not placed then: ``{"items": [...]}``, a reason for each ZAB (``optimizer.result.Reason``)."""
    fall_back_at: Mapped[datetime]
    """When it goes back to its ABH if nobody has promised it."""
    pinned_duty_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("duty.id"))
    """Where a person put it by hand; it stays there until released."""
    state_since: Mapped[datetime]
    reported_id: Mapped[uuid.UUID | None]
    """Last decision whose attempt stands in ``measure_fact``, and all before it; ``None``: none does."""

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True, foreign_keys=[organisation_id])
    bars: Mapped[list[Bar]] = relationship(back_populates="request", lazy="selectin")


class Bar(Identified, Base):
    """A ZAB that is not asked (again) for a request: for good, or until an instant."""

    __tablename__ = "bar"
    __table_args__ = (
        Index("uq_bar_request_zab", "request_id", "zab_id", unique=True),
        # What the clock looks for: bars for good stay as long as their request, and would grow with the years.
        Index(
            "ix_bar_until", "until",
            postgresql_where=text("until IS NOT NULL"), sqlite_where=text("until IS NOT NULL"),
        ),
    )  # fmt: skip

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"))
    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    until: Mapped[datetime | None]

    request: Mapped[TransportRequest] = relationship(back_populates="bars")


class Decision(Identified, Base):
    """One step in the life of a request: who did what, why, and where it led. Never changed, never deleted alone."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_request", "request_id", "id"),
        Index("ix_decision_zab", "zab_id", "created_at"),
        Index("ix_decision_action", "action", "created_at"),
        CheckConstraint("length(remark) <= 200", name="short_remark"),
        CheckConstraint("second_id IS NULL OR second_id <> account_id", name="second_is_another"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"))
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposal.id"))
    zab_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    action: Mapped[Action] = mapped_column(one_of(Action, "decision_action"))
    before: Mapped[State] = mapped_column(one_of(State, "decision_before"))
    after: Mapped[State] = mapped_column(one_of(State, "decision_after"))
    role: Mapped[Role] = mapped_column(one_of(Role, "decision_role"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    """``None``: the clock or a run."""
    second_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    code: Mapped[str | None] = mapped_column(String(40))
    decline_class: Mapped[DeclineClass | None] = mapped_column(one_of(DeclineClass, "decision_class"))
    remark: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Override(Identified, Base):
    """An overridable rule or gate that was lifted for a request, with its reason and a second person."""

    __tablename__ = "override"
    __table_args__ = (
        # The owner lifts it for all, a ZAB only for itself: one need not keep the other from doing so.
        Index("uq_override_request_rule", "request_id", "rule", "account_id", unique=True),
        CheckConstraint("second_id <> account_id", name="second_is_another"),
        CheckConstraint("length(reason) >= 1", name="reason_given"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    second_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True, foreign_keys=[account_id])


class PickupAddress(Base):
    """Where exactly to pick somebody up: apart from the request, and only for the ZAB that has promised the trip.

    ``sealed`` is never in clear; every read is logged with its purpose (domain.md, humane rule 4).
    """

    __tablename__ = "pickup_address"

    request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("transport_request.id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[bytes]
    updated_at: Mapped[datetime]


class ApprovalState(StrEnum):
    """What became of a call that asked for a second person."""

    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Approval(Versioned, Base):
    """An action that one person has asked for and a second one of the same organisation must agree to."""

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_pending", "organisation_id", "state", "id"),
        CheckConstraint("second_id IS NULL OR second_id <> account_id", name="second_is_another"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    action: Mapped[str] = mapped_column(String(40))
    """An ``Action`` of the workflow, or ``override``."""
    payload: Mapped[dict[str, Any]]
    """What the call said: codes, ids, times."""
    state: Mapped[ApprovalState] = mapped_column(one_of(ApprovalState, "approval_state"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    second_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime]
