"""Organisations, accounts and keys: an admin sees all of them, everybody else only the own ones."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Account, ApiKey, Organisation
from api.errors import not_found
from api.workflow import Role


def organisations(actor: Actor) -> Select[Organisation]:
    """Return the query of the organisations that the actor may see."""
    return select(Organisation).where(_own(actor, Organisation.id == actor.organisation_id))


def organisation(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Organisation:
    """Return one; raises ``not_found`` where it is not there or not to be seen."""
    found = session.scalar(organisations(actor).where(Organisation.id == organisation_id))
    if found is None:
        raise not_found("an organisation")
    return found


def accounts(
    actor: Actor,
    *,
    organisation_id: uuid.UUID | None = None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> Select[Account]:
    """Return the query of the accounts that the actor may see; each filter only where it is given."""
    query = select(Account).where(_own(actor, Account.id == actor.account_id))
    if organisation_id is not None:
        query = query.where(Account.organisation_id == organisation_id)
    if role is not None:
        query = query.where(Account.role == role)
    if is_active is not None:
        query = query.where(Account.is_active.is_(is_active))
    return query


def account(session: Session, actor: Actor, account_id: uuid.UUID) -> Account:
    """Return one; raises ``not_found`` where it is not there or not to be seen."""
    found = session.scalar(accounts(actor).where(Account.id == account_id))
    if found is None:
        raise not_found("an account")
    return found


def account_of(session: Session, actor: Actor) -> Account:
    """Return the account that acts, with its organisation; raises ``not_found`` for the clock and the solver."""
    found = None if actor.account_id is None else session.get(Account, actor.account_id)
    if found is None:
        raise not_found("an account")
    return found


def account_by_login(session: Session, login: str) -> Account | None:
    """Return the account of a login, for signing in: nobody acts yet. Capital letters make no difference."""
    return session.scalar(select(Account).where(Account.login == login.lower()))


def account_locked(session: Session, account_id: uuid.UUID) -> Account:
    """Return the account as it is now, held until the end of the transaction: two failures at once are both counted.

    Held so that rows may still refer to it meanwhile.
    """
    return session.scalars(
        select(Account)
        .where(Account.id == account_id)
        .with_for_update(of=Account, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def active_admins(session: Session) -> Sequence[tuple[uuid.UUID, uuid.UUID]]:
    """Return (account, organisation) of all who can administer, held until the end of the transaction.

    Both rows are held: of two admins who switch one another off at once, by account or by organisation, the second
    one then sees what the first one did.
    """
    query = (
        select(Account.id, Account.organisation_id)
        .join(Organisation, Organisation.id == Account.organisation_id)
        .where(Account.role == Role.ADMIN, Account.is_active, Organisation.is_active)
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )
    return [(account_id, organisation_id) for account_id, organisation_id in session.execute(query)]


def accounts_in(session: Session, organisation_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the ids of all accounts of an organisation."""
    return session.scalars(select(Account.id).where(Account.organisation_id == organisation_id)).all()


def keys(actor: Actor, account_id: uuid.UUID) -> Select[ApiKey]:
    """Return the query of an account's keys that the actor may see: its own, an admin all."""
    return select(ApiKey).where(ApiKey.account_id == account_id, _own(actor, ApiKey.account_id == actor.account_id))


def key(session: Session, actor: Actor, account_id: uuid.UUID, key_id: uuid.UUID) -> ApiKey:
    """Return one; raises ``not_found`` where it is not there or not to be seen."""
    found = session.scalar(keys(actor, account_id).where(ApiKey.id == key_id))
    if found is None:
        raise not_found("an API key")
    return found


def _own(actor: Actor, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return true() if actor.role is Role.ADMIN else condition
