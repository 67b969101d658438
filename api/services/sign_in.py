"""Signing in and out. Checking a password is slow on purpose: it happens between two transactions, never inside one.

``look_up`` (reading), ``attempt`` (no transaction), ``settle`` (writing): a wrong password is counted and committed
before anybody is told, so ``settle`` returns what became of it instead of raising.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import Account
from api.errors import Code, FieldError, Problem
from api.repositories import accounts
from api.security import sessions
from api.security.passwords import LONGEST, SHORTEST, check_password, hash_password
from api.services import notices

UNKNOWN = "unknown"
"""Subject of a failed sign-in with a login that nobody has: what was typed may be a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a login: nothing, or the account and the hash that a password is to be checked against."""

    account_id: uuid.UUID | None = None
    password_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A password that was checked; ``renewed`` is its hash by today's parameters where the kept one is older."""

    found: Found
    is_right: bool
    renewed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """After ``attempts`` wrong passwords in a row an account is locked for a while."""

    attempts: int
    lasts: timedelta


def look_up(session: Session, login: str) -> Found:
    """Return what is known of a login."""
    return _found(accounts.account_by_login(session, login))


def look_up_own(session: Session, actor: Actor) -> Found:
    """Return what is known of the actor's own password.

    Raises
    ------
    Problem
        ``state_forbids`` (409) where it has none.
    """
    account = accounts.account_of(session, actor)
    if account.password_hash is None:
        raise Problem(
            Code.STATE_FORBIDS, "Your account has no password: you sign in at the identity provider. Change it there."
        )
    return _found(account)


def attempt(found: Found, password: str) -> Attempt:
    """Check a password; takes as long where nothing was found."""
    checked = check_password(password, found.password_hash)
    return Attempt(found=found, is_right=checked.is_right, renewed=checked.renewed)


def settle(session: Session, tried: Attempt, locking: Locking, *, now: datetime) -> Account | None:
    """Count a failure, or forget earlier ones; return the account where all is well.

    Whether the account is locked is looked at here, behind every attempt that was faster: of many at once no more are
    heard than of one after the other, and a right password among them is not believed once the account is locked.
    """
    if tried.found.account_id is None:
        audit.append(session, SYSTEM, "sign_in_failed", "account", UNKNOWN, at=now)
        return None
    account = accounts.account_locked(session, tried.found.account_id)
    is_locked = account.locked_until is not None and account.locked_until > now
    is_well = (
        tried.is_right
        and not is_locked
        and account.password_hash == tried.found.password_hash  # Not one that was changed meanwhile.
        and account.is_active
        and account.organisation.is_active
    )
    # Written past the version: what an admin decides on an account does not depend on who knocks at it.
    change = update(Account).where(Account.id == account.id)
    if is_well:
        if account.failed_logins or account.locked_until is not None or tried.renewed is not None:
            kept = tried.renewed or account.password_hash
            session.execute(change.values(failed_logins=0, locked_until=None, password_hash=kept))
        return account
    if not is_locked and not tried.is_right:
        over = account.locked_until is not None  # A lock that has passed: counted from the beginning.
        failed = 1 if over else account.failed_logins + 1
        until = now + locking.lasts if failed >= locking.attempts else None
        session.execute(change.values(failed_logins=failed, locked_until=until))
    audit.append(
        session, SYSTEM, "sign_in_failed", "account", account.id, at=now, details={"was_locked": is_locked}
    )  # fmt: skip
    return None


def open_session(session: Session, account: Account, *, via: str, now: datetime, lasts: timedelta) -> str:
    """Return the value of the cookie of a new session; ``via`` is ``password`` or ``provider``.

    Where an admin gave the password, it is told who was let in by it: the account's organisation and the auditors know.
    """
    value = sessions.open_session(session, account.id, now=now, lasts=lasts)
    is_given = via == "password" and account.must_change_password
    if is_given:
        notices.of_account(session, account, notices.Kind.GIVEN_PASSWORD_USED, now=now)
    told = {"via": via, "is_given": True} if is_given else {"via": via}
    audit.append(session, actor_of(account), "signed_in", "account", account.id, at=now, details=told)
    return value


def sign_out(session: Session, actor: Actor, value: str | None, *, now: datetime) -> None:
    """End the session of the cookie, where the call brought one."""
    if value is not None:
        sessions.close_session(session, value, now=now)
    audit.append(session, actor, "signed_out", "account", actor.account_id, at=now)


def change_own_password(
    session: Session, actor: Actor, account: Account, new_hash: str, *, now: datetime, spared: str | None
) -> None:
    """Keep a new password; all other sessions of the account end, except that of the cookie ``spared``."""
    account.password_hash, account.must_change_password, account.updated_at = new_hash, False, now
    session.flush()
    sessions.close_sessions(session, [account.id], now=now, spared=spared)
    audit.append(session, actor, "password_changed", "account", account.id, at=now)


def hash_new(password: str, login: str, *, path: str) -> str:
    """Return the hash of a new password.

    Raises
    ------
    Problem
        ``value_refused`` (422) where it is too short or too long, or holds the login.
    """
    if not SHORTEST <= len(password) <= LONGEST or login.lower() in password.lower():
        raise Problem(
            Code.VALUE_REFUSED,
            "The password is not kept. Choose a longer one: several words are good.",
            errors=[
                FieldError(
                    path=path, expected=f"{SHORTEST} to {LONGEST} characters, without the login",
                    got=f"{len(password)} characters",
                )
            ],
        )  # fmt: skip
    return hash_password(password)


def actor_of(account: Account) -> Actor:
    """Return the account as somebody who acts."""
    return Actor(role=account.role, account_id=account.id, organisation_id=account.organisation_id)


def _found(account: Account | None) -> Found:
    if account is None:
        return Found()
    return Found(account_id=account.id, password_hash=account.password_hash)
