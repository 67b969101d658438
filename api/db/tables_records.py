"""What is kept for later: audit, ledger, messages to the outside, keys of repeated calls, parameter sets, notices."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, Identified, Versioned


class AuditEntry(Base):
    """A line of the append-only log; each holds the hash of the one before (``api.audit``)."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_account", "account_id", "number"),
        Index("ix_audit_entry_action", "action", "number"),
    )

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID | None]
    organisation_id: Mapped[uuid.UUID | None]
    role: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(120), default="")
    details: Mapped[dict[str, Any]]
    """Names of fields, codes, states: never their personal content."""
    previous: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)


class LedgerEntry(Identified, Base):
    """A burden that a ZAB took or refused, for the month's balance that all five see alike."""

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_month", "month", "zab_id"),)

    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    month: Mapped[date]
    """First day of the local month of the pick-up."""
    kind: Mapped[str] = mapped_column(String(40))
    """``accepted``, ``declined_<class>``, ``backed_out``, ``released``, ``done``."""
    decision_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    requests: Mapped[int] = mapped_column(default=1)
    metres: Mapped[int] = mapped_column(default=0)
    crew_seconds: Mapped[int] = mapped_column(default=0)
    custody_seconds: Mapped[int] = mapped_column(default=0)


class OutboxMessage(Base):
    """A message that commits with the change it tells of, and is then delivered by a worker."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "delivered_at", "due_at"),
        Index("ix_outbox_message_endpoint", "endpoint_id", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    payload: Mapped[dict[str, Any]]
    """Ids, states and codes only: no personal content."""
    endpoint_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("webhook_endpoint.id"))
    """``None``: for the inside (a match to be made)."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(200))


class WebhookEndpoint(Versioned, Base):
    """Where an organisation wants to be told; what ``sealed`` holds signs, in the standard-webhooks way.

    Never in clear, but for endpoints of before revision 0005 until `restplatz migrate` has sealed them too.
    """

    __tablename__ = "webhook_endpoint"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    url: Mapped[str] = mapped_column(String(500))
    sealed: Mapped[bytes] = mapped_column(server_default=text("''"))
    topics: Mapped[str] = mapped_column(String(400))
    is_active: Mapped[bool] = mapped_column(default=True)


class IdempotencyKey(Base):
    """The answer to a call that creates something, kept so that a repeated call creates nothing."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_at", "at"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]
    route: Mapped[str] = mapped_column(String(200))
    body_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    """``None``: the first call is still at work."""
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None]


class ParameterSetRow(Identified, Base):
    """A parameter set: never changed; a new one takes over on its day."""

    __tablename__ = "parameter_set"
    __table_args__ = (UniqueConstraint("name"), Index("ix_parameter_set_valid_from", "valid_from"))

    name: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(400))
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))


class Notice(Identified, Base):
    """Something an organisation must know or look at: a lost proposal, a reminder, a freed seat, a task."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_open", "organisation_id", "done_at", "id"),
        Index("ix_notice_all", "organisation_id", "id"),
        Index("ix_notice_subject", "subject_id"),
        UniqueConstraint("organisation_id", "kind", "subject_id"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    code: Mapped[str | None] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
