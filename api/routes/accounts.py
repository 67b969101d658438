"""Accounts: who may sign in, and as what; for admins."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Account
from api.errors import Code, FieldError, Problem
from api.repositories import accounts
from api.schemas.accounts import AccountChange, AccountMade, AccountNew, AccountShown, PasswordShown
from api.security.passwords import make_password
from api.services import accounts as service
from api.web import versions
from api.web.authentication import identity_provider, may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.shown_once import with_secret
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/accounts", tags=["accounts"])
Admin = Annotated[Actor, may(Role.ADMIN)]


@router.get("", summary="List accounts", response_model=Page[AccountShown])
def list_accounts(
    context: InContext,
    actor: Admin,
    pages: InPages,
    organisation_id: Annotated[uuid.UUID | None, Query(description="Only of this organisation.")] = None,
    role: Annotated[Role | None, Query(description="Only with this role.")] = None,
    is_active: Annotated[bool | None, Query(description="Only active, or only inactive ones.")] = None,
) -> Page[AccountShown]:
    """Return accounts by their logins."""
    query = accounts.accounts(actor, organisation_id=organisation_id, role=role, is_active=is_active)
    with context.store.reading() as session:
        return pages.page(session, query, (Account.login, Account.id), AccountShown.model_validate)


@router.post(
    "",
    summary="Create an account",
    status_code=201,
    response_model=AccountMade,
    openapi_extra=also(Code.NOT_FOUND, Code.EXISTS_ALREADY, Code.STATE_FORBIDS, Code.VALUE_REFUSED),
)
def create_account(body: AccountNew, context: InContext, actor: Admin, once: CreatesOnce) -> Response:
    """Create an account whose role fits its organisation.

    With `subject` it signs in at the identity provider; without, it gets a password that is shown in this answer and
    never again, not even where the call is repeated with the same `Idempotency-Key`. With that password the account can
    set another one (`/v1/me/password`), and nothing else.
    """
    issuer, password = None, None
    if body.subject is None:
        password = make_password()
    else:
        issuer = _issuer(context, "There is no identity provider here. Leave subject out: it gets a password.")
    made: list[AccountMade] = []

    def work(session: Session) -> Answer:
        account = service.create_account(
            session, actor, login=body.login, role=body.role, organisation_id=body.organisation_id, password=password,
            issuer=issuer, subject=body.subject, must_change_password=True, now=context.now,
        )  # fmt: skip
        made[:] = [AccountMade.model_validate(_shown(account).model_dump())]
        return Answer(body=made[0], headers={"Location": f"/v1/accounts/{account.id}", "ETag": versions.tag(account)})

    answer = once.do(actor, work)
    return with_secret(answer, made[0], password=password) if made else answer


@router.get("/{account_id}", summary="Show an account", response_model=AccountShown)
def show_account(account_id: uuid.UUID, response: Response, context: InContext, actor: Admin) -> AccountShown:
    """Return one account; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        account = accounts.account(session, actor, account_id)
        versions.show(response, account)
        return _shown(account)


@router.patch(
    "/{account_id}",
    summary="Change an account",
    response_model=AccountShown,
    openapi_extra=also(Code.IN_USE, Code.EXISTS_ALREADY, Code.VALUE_REFUSED),
)
def change_account(
    account_id: uuid.UUID,
    body: AccountChange,
    response: Response,
    context: InContext,
    actor: Admin,
    if_match: IfMatch = None,
) -> AccountShown:
    """Give an account another role, switch it off or on, or let it sign in at the identity provider.

    Switched off, its sessions and keys are worth nothing from that moment on. The last active admin stays. With
    `subject` its password and its sessions are worth nothing any more; its organisation and the auditors get a notice.
    """
    identity = None
    if body.subject is not None:
        nowhere = "There is no identity provider here. Leave subject out: the account keeps its password."
        identity = (_issuer(context, nowhere), body.subject)

    def work(session: Session) -> Account:
        account = accounts.account(session, actor, account_id)
        versions.match(account, if_match)
        service.change_account(
            session, actor, account, role=body.role, is_active=body.is_active, identity=identity, now=context.now
        )
        return account

    account = context.store.write(work)
    versions.show(response, account)
    return _shown(account)


@router.post(
    "/{account_id}/password",
    summary="Reset a password",
    response_model=PasswordShown,
    openapi_extra=also(Code.STATE_FORBIDS),
)
def reset_password(account_id: uuid.UUID, context: InContext, actor: Admin) -> PasswordShown:
    """Give an account a new random password, shown in this answer and never again; it is unlocked, its sessions end.

    Its organisation and the auditors get a notice, and another one when somebody signs in with it. With that password
    the account can set another one, and nothing else.
    """
    password = make_password()

    def work(session: Session) -> None:
        account = accounts.account(session, actor, account_id)
        service.reset_password(session, actor, account, password=password, now=context.now)

    context.store.write(work)
    return PasswordShown(password=password)


@router.post("/{account_id}/unlock", summary="Unlock an account", response_model=AccountShown)
def unlock(account_id: uuid.UUID, response: Response, context: InContext, actor: Admin) -> AccountShown:
    """Let an account sign in again at once that was locked after wrong passwords."""

    def work(session: Session) -> Account:
        account = accounts.account(session, actor, account_id)
        service.unlock(session, actor, account, now=context.now)
        return account

    account = context.store.write(work)
    versions.show(response, account)
    return _shown(account)


def _issuer(context: Context, detail: str) -> str:
    """Return who says who somebody is; refuse a subject where nobody does."""
    provider = identity_provider(context)
    if provider is None:
        raise Problem(Code.VALUE_REFUSED, detail, errors=[FieldError(path="/subject", expected="nothing")])
    return provider.issuer


def _shown(account: Account) -> AccountShown:
    return AccountShown.model_validate(account)
