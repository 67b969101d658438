"""Who works with the exchange: organisations, user accounts, keys of machine clients, sessions of the page."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Identified, Versioned
from api.db.types import one_of
from api.workflow import Role


class OrganisationKind(StrEnum):
    """What an organisation is (domain.md, "Who does what")."""

    ABH = "abh"
    ZAB = "zab"
    LTRAKO = "ltrako"
    ZFA = "zfa"
    ZRK = "zrk"
    AUDIT = "audit"
    OPERATION = "operation"


ROLES_OF: dict[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.ABH: frozenset({Role.ABH}),
    OrganisationKind.ZAB: frozenset({Role.ZAB_DISPATCHER, Role.ZAB_LEAD}),
    OrganisationKind.LTRAKO: frozenset({Role.LTRAKO}),
    OrganisationKind.ZFA: frozenset({Role.ZFA}),
    OrganisationKind.ZRK: frozenset({Role.ZRK}),
    OrganisationKind.AUDIT: frozenset({Role.AUDITOR}),
    OrganisationKind.OPERATION: frozenset({Role.ADMIN}),
}
"""Roles that a person of each kind of organisation may have."""


class Organisation(Versioned, Base):
    """An authority. ``code`` is its stable short name, ``zab:essen`` or ``abh:05113000``."""

    __tablename__ = "organisation"

    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(one_of(OrganisationKind, "organisation_kind"))
    name: Mapped[str] = mapped_column(String(200))
    ags: Mapped[str | None] = mapped_column(String(8))
    """Official municipality key, or its first digits, of an ABH."""
    zab: Mapped[str | None] = mapped_column(String(60))
    """ZAB (of the catalogue) that a ZAB is, or that an ABH's Bezirk belongs to."""
    is_active: Mapped[bool] = mapped_column(default=True)


class Account(Versioned, Base):
    """A person's account: no name, only a login that the organisation gives out."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("password_hash IS NOT NULL OR subject IS NOT NULL", name="can_sign_in"),
        Index("uq_account_issuer_subject", "issuer", "subject", unique=True),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    login: Mapped[str] = mapped_column(String(120), unique=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "account_role"))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    """argon2id; ``None`` for accounts of an identity provider."""
    issuer: Mapped[str | None] = mapped_column(String(300))
    subject: Mapped[str | None] = mapped_column(String(300))
    """Who the identity provider says it is."""
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    locked_until: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """An admin knows the password: it is good for setting another one, and for nothing else."""
    language: Mapped[str] = mapped_column(String(5), default="de", server_default=text("'de'"))

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class ApiKey(Identified, Base):
    """A key of a machine client: only its beginning and its hash are kept."""

    __tablename__ = "api_key"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class Session(Identified, Base):
    """A signed-in browser: the cookie holds a random value, here is its hash."""

    __tablename__ = "session"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)
