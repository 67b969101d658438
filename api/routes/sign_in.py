"""Signing in and out, at the service or at the identity provider, and who I am."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
from authlib.integrations.starlette_client import OAuthError  # type: ignore[import-untyped]
from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError

from api.db.tables import Account
from api.errors import Code, FieldError, Problem
from api.repositories import accounts
from api.schemas.accounts import Credentials, Me, NewPassword, OwnOrganisation
from api.security import credentials
from api.security.provider import Provider
from api.security.tokens import TokenRefused
from api.services import sign_in
from api.services.accounts import actions_of
from api.services.sign_in import Locking
from api.web import sign_in_state
from api.web.authentication import (
    CHALLENGE,
    COOKIE,
    AnySignedIn,
    end_session,
    give_cookie,
    identity_provider,
    take_cookie,
)
from api.web.context import Context, InContext
from api.web.openapi import also

router = APIRouter(tags=["sign-in"])


def _local_accounts(context: InContext) -> None:
    if not context.settings.local_accounts:
        raise Problem(
            Code.NOT_FOUND, "Accounts with a password are switched off here. Sign in at the identity provider."
        )


@router.post(
    "/sign-in",
    summary="Sign in with a password",
    response_model=Me,
    dependencies=[Depends(_local_accounts)],
    openapi_extra=also(Code.SIGN_IN_FAILED, Code.NOT_FOUND),
)
def sign_in_with_password(body: Credentials, request: Request, response: Response, context: InContext) -> Me:
    """Give the browser the cookie of a new session.

    The answer to a wrong password, an unknown login, an inactive and a locked account is the same, and takes as long.
    """
    now = context.now
    with context.store.reading() as session:
        found = sign_in.look_up(session, body.login)
    tried = sign_in.attempt(found, body.password)
    with context.store.writing() as session:
        account = sign_in.settle(session, tried, _locking(context), now=now)
        if account is not None:
            me = _me(account)
            cookie = sign_in.open_session(session, account, via="password", now=now, lasts=_lasts(context))
    if account is None:
        raise Problem(
            Code.SIGN_IN_FAILED,
            "Login or password are wrong, or the account is inactive or, after too many attempts, locked for "
            f"{context.settings.sign_in_lock_minutes} minutes. Check both, then ask your admin.",
            headers=CHALLENGE,
        )
    end_session(request, context)
    give_cookie(response, cookie, context)
    return me


@router.post("/sign-out", summary="Sign out", status_code=204)
def sign_out(request: Request, context: InContext, actor: AnySignedIn) -> Response:
    """End the session of the cookie, here and now; API keys and bearer tokens are not touched."""
    with context.store.writing() as session:
        sign_in.sign_out(session, actor, request.cookies.get(COOKIE), now=context.now)
    response = Response(status_code=204)
    take_cookie(response, context)
    return response


@router.get("/me", summary="Who am I", response_model=Me)
def me(context: InContext, actor: AnySignedIn) -> Me:
    """Return the account that calls, its organisation, its role, and what that may do."""
    with context.store.reading() as session:
        return _me(accounts.account_of(session, actor))


@router.post(
    "/me/password",
    summary="Change my password",
    status_code=204,
    dependencies=[Depends(_local_accounts)],
    openapi_extra=also(Code.NOT_FOUND, Code.STATE_FORBIDS, Code.VALUE_REFUSED),
)
def change_password(body: NewPassword, request: Request, context: InContext, actor: AnySignedIn) -> Response:
    """Change the own password; all other sessions of the account end.

    A wrong current password counts as at sign-in, so that a session left open cannot be used to guess it.
    """
    now = context.now
    if body.new_password == body.current_password:
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was changed. Choose a password that is not the present one.",
            errors=[FieldError(path="/new_password", expected="another password than the present one")],
        )  # fmt: skip
    with context.store.reading() as session:
        found = sign_in.look_up_own(session, actor)
        login = accounts.account_of(session, actor).login
    # Before anything is known of the current password: what is wrong with the new one tells nothing about it.
    new_hash = sign_in.hash_new(body.new_password, login, path="/new_password")
    tried = sign_in.attempt(found, body.current_password)
    with context.store.writing() as session:
        account = sign_in.settle(session, tried, _locking(context), now=now)
        if account is not None:
            spared = request.cookies.get(COOKIE)
            sign_in.change_own_password(session, actor, account, new_hash, now=now, spared=spared)
    if account is None:
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was changed. Send the password that you sign in with.",
            errors=[FieldError(path="/current_password", expected="your present password")],
        )  # fmt: skip
    return Response(status_code=204)


@router.get(
    "/sign-in/provider",
    summary="Sign in at the identity provider",
    status_code=302,
    openapi_extra=also(Code.NOT_FOUND, Code.UNAVAILABLE),
)
async def sign_in_at_provider(request: Request, context: InContext) -> Response:
    """Send the browser to the identity provider, with state, nonce and PKCE."""
    client, _ = _client(context)
    try:
        answer: Response = await client.authorize_redirect(request, sign_in_state.callback_address(context))
    except _UNREACHABLE as error:
        raise _unreachable() from error
    return answer


@router.get(
    "/sign-in/provider/callback",
    summary="Back from the identity provider",
    status_code=303,
    openapi_extra=also(Code.SIGN_IN_FAILED, Code.NOT_FOUND, Code.UNAVAILABLE),
)
async def back_from_provider(request: Request, context: InContext) -> Response:
    """Check what the identity provider says, and give the browser the cookie of a new session.

    Only the identity provider sends browsers here, and only those that it was sent.
    """
    client, provider = _client(context)
    try:
        token = await client.authorize_access_token(request, leeway=30)
        identity = str(token["id_token"])
    except (OAuthError, JoseError, KeyError, TypeError) as error:
        raise _refused("The sign-in at the identity provider was not finished, or not begun here.") from error
    except _UNREACHABLE as error:
        raise _unreachable() from error
    cookie = await run_in_threadpool(_finish, request, context, provider, identity)
    answer = RedirectResponse("/", status_code=303)
    give_cookie(answer, cookie, context)
    return answer


_UNREACHABLE = (httpx2.HTTPError, httpx2.InvalidURL, RuntimeError, ValueError)


def _finish(request: Request, context: Context, provider: Provider, identity: str) -> str:
    """Return the cookie of the session of whom the identity token speaks of."""
    now = context.now
    try:
        # Once more by our own rules: the library takes whatever algorithms the provider announces.
        subject = provider.subject(identity, audience=context.settings.oidc_client_id, now=now)
    except TokenRefused as error:
        raise _refused(f"What the identity provider sent is refused: {error}.") from error
    with context.store.writing() as session:
        actor = credentials.of_subject(session, provider.issuer, subject)
        if actor is None:
            raise Problem(
                Code.SIGN_IN_FAILED,
                "The identity provider knows you, but there is no active account for you here. Ask your admin.",
                headers=CHALLENGE,
            )
        account = accounts.account_of(session, actor)
        cookie = sign_in.open_session(session, account, via="provider", now=now, lasts=_lasts(context))
    end_session(request, context)
    return cookie


def _client(context: Context) -> tuple[Any, Provider]:
    client, provider = sign_in_state.client_of(context), identity_provider(context)
    if client is None or provider is None:
        raise Problem(Code.NOT_FOUND, "There is no identity provider to sign in at here. Sign in with a password.")
    return client, provider


def _refused(what: str) -> Problem:
    return Problem(Code.SIGN_IN_FAILED, f"{what} Begin again at /v1/sign-in/provider.", headers=CHALLENGE)


def _unreachable() -> Problem:
    return Problem(Code.UNAVAILABLE, "The identity provider cannot be reached. Try again in a moment.")


def _me(account: Account) -> Me:
    return Me(
        id=account.id, login=account.login, role=account.role, language=account.language,
        must_change_password=account.must_change_password,
        organisation=OwnOrganisation.model_validate(account.organisation), may=actions_of(account.role),
    )  # fmt: skip


def _locking(context: Context) -> Locking:
    settings = context.settings
    return Locking(attempts=settings.sign_in_attempts, lasts=timedelta(minutes=settings.sign_in_lock_minutes))


def _lasts(context: Context) -> timedelta:
    return timedelta(hours=context.settings.session_hours)
