"""Organisations and accounts, kept by admins: who may sign in, and as what. An admin sees nothing of the exchange."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Account, ApiKey, Organisation, OrganisationKind
from api.db.tables_people import ROLES_OF
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import accounts
from api.security import sessions
from api.security.passwords import hash_password
from api.services import notices
from api.workflow import TABLE, Action, Role


def actions_of(role: Role) -> list[Action]:
    """Return what a role may do to a request in some state, by the table of the workflow."""
    return sorted({action for (_, action), cell in TABLE.items() if role in cell.who})


def create_organisation(
    session: Session,
    actor: Actor,
    *,
    code: str,
    kind: OrganisationKind,
    name: str,
    ags: str | None = None,
    zab: str | None = None,
    now: datetime,
) -> Organisation:
    """Return a new organisation.

    Raises
    ------
    Problem
        ``exists_already`` (409) where the code is taken.
    """
    made = Organisation(code=code, kind=kind, name=name, ags=ags, zab=zab, created_at=now, updated_at=now)
    _insert(session, made, "An organisation with this code exists already. Choose another code, or change that one.")
    audit.append(
        session, actor, "organisation_created", "organisation", made.id, at=now, details={"kind": kind.value}
    )  # fmt: skip
    return made


def change_organisation(
    session: Session,
    actor: Actor,
    organisation: Organisation,
    *,
    name: str | None = None,
    is_active: bool | None = None,
    now: datetime,
) -> None:
    """Rename an organisation, switch it off or on; ``None`` leaves as it is.

    Where it is switched off, nobody of it is signed in from then on.

    Raises
    ------
    Problem
        ``in_use`` (409) where no active admin would be left.
    """
    if is_active is False and organisation.is_active:
        _keep_an_admin(session, lambda _, of: of == organisation.id)
        sessions.close_sessions(session, accounts.accounts_in(session, organisation.id), now=now)
    fields = []
    if name is not None and name != organisation.name:
        organisation.name = name
        fields.append("name")
    if is_active is not None and is_active != organisation.is_active:
        organisation.is_active = is_active
        fields.append("is_active")
    if not fields:
        return
    organisation.updated_at = now
    session.flush()
    audit.append(
        session, actor, "organisation_changed", "organisation", organisation.id, at=now,
        details={"fields": fields, "is_active": organisation.is_active},
    )  # fmt: skip


def create_account(
    session: Session,
    actor: Actor,
    *,
    login: str,
    role: Role,
    organisation_id: uuid.UUID,
    password: str | None = None,
    password_hash: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
    must_change_password: bool = False,
    now: datetime,
) -> Account:
    """Return a new account, that signs in with a password, or as ``subject`` of the identity provider ``issuer``.

    ``password_hash`` stands for a password that the caller has hashed already: hashing is slow on purpose. With
    ``must_change_password`` it is good for setting another one only, for somebody else knows it.

    Raises
    ------
    Problem
        ``not_found`` (404) without the organisation, ``state_forbids`` (409) where that is inactive, ``value_refused``
        (422) where the role does not fit it or there is no way to sign in, ``exists_already`` (409) where login or
        subject is taken.
    """
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise not_found("an organisation")
    if not organisation.is_active:
        raise Problem(Code.STATE_FORBIDS, "The organisation is inactive. Make it active first.")
    _check_role(organisation.kind, role)
    if password is not None:
        password_hash = hash_password(password)
    if password_hash is None and (issuer is None or subject is None):
        raise Problem(
            Code.VALUE_REFUSED,
            "Nobody could sign in to this account. Give it a password, or its subject at the identity provider.",
            errors=[FieldError(path="/subject", expected="a password, or issuer and subject")],
        )
    made = Account(
        organisation=organisation, login=login.lower(), role=role, issuer=issuer, subject=subject,
        password_hash=password_hash, must_change_password=must_change_password and password_hash is not None,
        created_at=now, updated_at=now,
    )  # fmt: skip
    _insert(session, made, "An account with this login or this subject exists already. Choose another, or change it.")
    audit.append(
        session, actor, "account_created", "account", made.id, at=now,
        details={"role": role.value, "via": "provider" if password_hash is None else "password"},
    )  # fmt: skip
    return made


def change_account(
    session: Session,
    actor: Actor,
    account: Account,
    *,
    role: Role | None = None,
    is_active: bool | None = None,
    identity: tuple[str, str] | None = None,
    now: datetime,
) -> None:
    """Give an account another role, switch it off or on, let it sign in elsewhere; ``None`` leaves as it is.

    Where it is switched off, its sessions end and its keys are revoked: switched on again, it signs in anew. With an
    ``identity``, issuer and subject, it signs in at that provider: its password and its sessions end, and its
    organisation and the auditors are told, for whoever named another's subject could act as that other.

    Raises
    ------
    Problem
        ``value_refused`` (422) where the role does not fit the organisation, ``in_use`` (409) where no active admin
        would be left, ``exists_already`` (409) where the subject is another account's.
    """
    if is_active is False and account.is_active:
        _keep_an_admin(session, lambda each, _: each == account.id)
        sessions.close_sessions(session, [account.id], now=now)
        of_it = update(ApiKey).where(ApiKey.account_id == account.id, ApiKey.revoked_at.is_(None))
        session.execute(of_it.values(revoked_at=now))
    fields = []
    if role is not None and role != account.role:
        _check_role(account.organisation.kind, role)
        account.role = role
        fields.append("role")
    if is_active is not None and is_active != account.is_active:
        account.is_active = is_active
        fields.append("is_active")
    if identity is not None and identity != (account.issuer, account.subject):
        _sign_in_as(session, account, *identity, now=now)
        fields.append("subject")
    if not fields:
        return
    account.updated_at = now
    session.flush()
    audit.append(
        session, actor, "account_changed", "account", account.id, at=now,
        details={"fields": fields, "role": account.role.value, "is_active": account.is_active},
    )  # fmt: skip


def _sign_in_as(session: Session, account: Account, issuer: str, subject: str, *, now: datetime) -> None:
    account.issuer, account.subject, account.password_hash = issuer, subject, None
    account.must_change_password, account.failed_logins, account.locked_until = False, 0, None
    _insert(session, account, "Another account has this subject. Look which one, or mend the subject.")
    sessions.close_sessions(session, [account.id], now=now)
    notices.of_account(session, account, notices.Kind.SUBJECT_GIVEN, now=now)


def reset_password(session: Session, actor: Actor, account: Account, *, password: str, now: datetime) -> None:
    """Give an account a new password and unlock it; its sessions end, its organisation and the auditors are told.

    Whoever gave it knows it: it is good for setting another one, and for nothing else.

    Raises
    ------
    Problem
        ``state_forbids`` (409) where it signs in at the identity provider.
    """
    if account.password_hash is None:
        raise Problem(
            Code.STATE_FORBIDS,
            "This account has no password: it signs in at the identity provider. Change the password there.",
        )
    account.password_hash, account.failed_logins, account.locked_until = hash_password(password), 0, None
    account.must_change_password, account.updated_at = True, now
    session.flush()
    sessions.close_sessions(session, [account.id], now=now)
    notices.of_account(session, account, notices.Kind.PASSWORD_RESET, now=now)
    audit.append(session, actor, "password_reset", "account", account.id, at=now)


def unlock(session: Session, actor: Actor, account: Account, *, now: datetime) -> None:
    """Let an account sign in again that was locked after wrong passwords; nothing happens where it was not."""
    if account.locked_until is None and not account.failed_logins:
        return
    account.failed_logins, account.locked_until, account.updated_at = 0, None, now
    session.flush()
    audit.append(session, actor, "account_unlocked", "account", account.id, at=now)


def _insert(session: Session, row: Organisation | Account, taken: str) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # Asked beforehand, another one could still be faster.
        raise Problem(Code.EXISTS_ALREADY, taken) from error


def _check_role(kind: OrganisationKind, role: Role) -> None:
    fitting = ROLES_OF[kind]
    if role not in fitting:
        raise Problem(
            Code.VALUE_REFUSED, "The role does not fit the kind of the organisation. Choose one that does.",
            errors=[FieldError(path="/role", expected=f"one of {', '.join(sorted(fitting))}", got=role.value)],
        )  # fmt: skip


def _keep_an_admin(session: Session, goes: Callable[[uuid.UUID, uuid.UUID], bool]) -> None:
    """Refuse where all active admins go; ``goes`` tells it of (account, organisation)."""
    admins = accounts.active_admins(session)
    if admins and all(goes(account_id, organisation_id) for account_id, organisation_id in admins):
        raise Problem(
            Code.IN_USE,
            "Nothing was changed: nobody could administer any more. Make another admin first.",
        )
