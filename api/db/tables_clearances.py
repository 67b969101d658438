"""Clearances of other bodies that a measure needs: transit (ZFA) and medical reception (ZRK), each a small workflow."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.clearance_workflow import ClearanceKind as ClearanceKind  # noqa: PLC0414  # a column of it stands here
from api.clearance_workflow import ClearanceState as ClearanceState  # noqa: PLC0414
from api.db.base import Base, Identified, Versioned
from api.db.tables_requests import TransportRequest
from api.db.types import one_of

_LIVE = "state <> 'not_needed'"


class Clearance(Versioned, Base):
    """A clearance of a request; of each kind at most one that counts."""

    __tablename__ = "clearance"
    __table_args__ = (
        Index(
            "uq_clearance_live", "request_id", "kind", unique=True, postgresql_where=text(_LIVE),
            sqlite_where=text(_LIVE),
        ),
        Index("ix_clearance_list", "kind", "state", "decide_by", "id"),
        CheckConstraint("(state = 'alternative') = (alternative_on IS NOT NULL)", name="alternative"),
        CheckConstraint("state NOT IN ('granted', 'refused', 'alternative') OR decided_at IS NOT NULL", name="decided"),
    )  # fmt: skip

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ClearanceKind] = mapped_column(one_of(ClearanceKind, "clearance_kind"))
    state: Mapped[ClearanceState] = mapped_column(one_of(ClearanceState, "clearance_state"))
    subject: Mapped[str] = mapped_column(String(60))
    """What it is for, in codes: airports of the stop-over (``IST``), or the destination state (``TR``)."""
    apply_by: Mapped[datetime]
    """Until when it must be applied for, by the parameters of the decree."""
    decide_by: Mapped[datetime]
    """When an answer is due: before that an open one is no fault of the body's."""
    applied_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    alternative_on: Mapped[date | None]
    reference: Mapped[str | None] = mapped_column(String(60))
    """File number of the deciding body; no name."""
    holds_for: Mapped[str] = mapped_column(String(120), default="", server_default=text("''"))
    """Day, flight and subject that it was raised for, in codes: for others it says nothing."""
    code: Mapped[str | None] = mapped_column(String(40))
    """Why it was refused (``api.clearance_workflow.RefusalCode``)."""
    is_extended: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether the deciding body has taken its further days."""
    warned_at: Mapped[datetime | None]
    """When ZAB, owner and body were told that it is not there yet and time runs short."""
    red_at: Mapped[datetime | None]
    """When they were told that it stands against the transport."""

    request: Mapped[TransportRequest] = relationship(lazy="joined", innerjoin=True)


class DispatchRecord(Identified, Base):
    """Which documents were sent, when, to which office; the files stay in the authority's own system."""

    __tablename__ = "dispatch_record"
    __table_args__ = (Index("ix_dispatch_record_clearance", "clearance_id", "id"),)

    clearance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clearance.id", ondelete="CASCADE"))
    office: Mapped[str] = mapped_column(String(60))
    """Code of the receiving office: ``bpol:FRA`` for the Bundespolizei at an airport."""
    documents: Mapped[str] = mapped_column(String(400))
    """Codes of documents, by commas."""
    sent_at: Mapped[datetime]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
