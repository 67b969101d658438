"""Keys of machine clients: a key acts as its account does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Account, ApiKey
from api.errors import Code, FieldError, Problem, not_found
from api.security.keys import make_key as make_text
from api.workflow import Role

DEFAULT, MOST = timedelta(days=365), timedelta(days=731)
"""How long a key holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new key, and its text: to be shown once, and kept nowhere."""

    row: ApiKey
    text: str


def make_key(
    session: Session, actor: Actor, account: Account, *, label: str, expires_at: datetime | None, now: datetime
) -> MadeKey:
    """Return a new key of an account: the actor's own, or, made by an admin, one of the admin's organisation.

    An admin makes no keys for accounts of other organisations: with one, all that they see could be seen.

    Raises
    ------
    Problem
        ``not_found`` (404), ``role_may_not`` (403), ``value_refused`` (422) where it would end at once or hold too
        long.
    """
    if account.id != actor.account_id:
        if actor.role is not Role.ADMIN:
            raise not_found("an account")
        if account.organisation_id != actor.organisation_id:
            raise Problem(
                Code.ROLE_MAY_NOT,
                "You may make keys for accounts of your own organisation only. Whoever has the account makes its keys.",
            )
        if not account.is_active:
            raise Problem(Code.STATE_FORBIDS, "The account is inactive. Make it active first.")
    if expires_at is not None and not now < expires_at <= now + MOST:
        raise Problem(
            Code.VALUE_REFUSED, "The key is not made. Choose another end.",
            errors=[FieldError(path="/expires_at", expected=f"after now, within {MOST.days} days")],
        )  # fmt: skip
    made = make_text()
    row = ApiKey(
        account_id=account.id, prefix=made.prefix, sha256=made.sha256, label=label, created_at=now,
        expires_at=expires_at or now + DEFAULT,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.append(
        session, actor, "api_key_made", "account", account.id, at=now, details={"key": str(row.id)}
    )  # fmt: skip
    return MadeKey(row=row, text=made.text)


def revoke_key(session: Session, actor: Actor, key: ApiKey, *, now: datetime) -> None:
    """Make a key worthless from the next call on; nothing happens where it is."""
    if key.revoked_at is not None:
        return
    key.revoked_at = now
    session.flush()
    audit.append(session, actor, "api_key_revoked", "account", key.account_id, at=now, details={"key": str(key.id)})
