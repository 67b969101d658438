"""Whose credentials these are: one query for a cookie, a key or a subject, since it is asked at every call.

Only active accounts of active organisations are found: what is switched off is worth nothing from the next call on.
"""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Account, ApiKey, Organisation
from api.db.tables import Session as SessionRow
from api.security.keys import fingerprint, split_key
from api.workflow import Role

_NOTED_EVERY = timedelta(minutes=1)
_ACTIVE = (
    select(Account.id, Account.organisation_id, Account.role)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .where(Account.is_active, Organisation.is_active)
)
# Put together once: it is asked at every call.
_OF_KEY = (
    _ACTIVE.add_columns(ApiKey.id, ApiKey.sha256, ApiKey.last_used_at)
    .join(ApiKey, ApiKey.account_id == Account.id)
    .where(
        ApiKey.prefix == bindparam("prefix"),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now", type_=ApiKey.created_at.type)),
    )
)
_OF_SESSION = (
    _ACTIVE.add_columns(Account.must_change_password)
    .join(SessionRow, SessionRow.account_id == Account.id)
    .where(
        SessionRow.sha256 == bindparam("sha256"),
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > bindparam("now", type_=SessionRow.expires_at.type),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """Who holds a key; ``is_use_due``: that it was used is to be noted, for the last note is older than a minute."""

    actor: Actor
    key_id: uuid.UUID
    is_use_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionHolder:
    """Whose session it is; ``must_change_password``: somebody else gave the password that opened it."""

    actor: Actor
    must_change_password: bool


def of_session(connection: Connection, cookie: str, now: datetime) -> SessionHolder | None:
    """Return whose session the cookie belongs to; ``None`` where it is unknown, ended or over."""
    found = connection.execute(_OF_SESSION, {"sha256": fingerprint(cookie), "now": now}).first()
    if found is None:
        return None
    account_id, organisation_id, role, must_change_password = found
    return SessionHolder(
        actor=Actor(role=role, account_id=account_id, organisation_id=organisation_id),
        must_change_password=must_change_password,
    )


def of_key(connection: Connection, text: str, now: datetime) -> KeyHolder | None:
    """Return whose key it is; ``None`` where it is unknown, forged, revoked or expired."""
    parts = split_key(text)
    if parts is None:
        return None
    prefix, secret = parts
    found = connection.execute(_OF_KEY, {"prefix": prefix, "now": now}).first()
    if found is None:
        return None
    account_id, organisation_id, role, key_id, sha256, used_at = found
    if not hmac.compare_digest(sha256, fingerprint(secret)):
        return None
    return KeyHolder(
        actor=Actor(role=role, account_id=account_id, organisation_id=organisation_id),
        key_id=key_id,
        is_use_due=used_at is None or used_at <= now - _NOTED_EVERY,
    )


def note_use(session: Session, key_id: uuid.UUID, now: datetime) -> None:
    """Note that a key was used now; not again within a minute."""
    due = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - _NOTED_EVERY)
    session.execute(update(ApiKey).where(ApiKey.id == key_id, due).values(last_used_at=now))


def of_subject(connection: Connection | Session, issuer: str, subject: str) -> Actor | None:
    """Return whose account it is that the identity provider ``issuer`` calls ``subject``."""
    found = connection.execute(_ACTIVE.where(Account.issuer == issuer, Account.subject == subject)).first()
    return None if found is None else _actor(found)


def _actor(found: Row[uuid.UUID, uuid.UUID, Role]) -> Actor:
    account_id, organisation_id, role = found
    return Actor(role=role, account_id=account_id, organisation_id=organisation_id)
