"""Who calls: bearer token of the identity provider, API key, or session of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from api.actor import Actor
from api.errors import Code, Problem
from api.security import credentials, sessions
from api.security.provider import Provider
from api.security.tokens import TokenRefused
from api.web.context import Context, InContext
from api.workflow import TABLE, Action, Role

EVERYBODY = frozenset(Role) - {Role.SYSTEM}
"""All roles that a person can have."""
COOKIE = "restplatz_session"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="restplatz", ApiKey realm="restplatz"'}
"""What every 401 holds (RFC 9110, 11.6.1)."""
_INVALID = {"WWW-Authenticate": 'Bearer realm="restplatz", error="invalid_token"'}
_PROVIDER = "identity_provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, and whether that is somebody who must change the password before anything else."""

    actor: Actor
    must_change_password: bool = False


def identified(request: Request, context: InContext) -> Caller:
    """Return who calls.

    Where there is a header ``Authorization`` it alone counts, right or wrong: a browser never sends it of itself, so
    that calls with it need no protection against other sites, and a wrong one never falls back to the cookie.

    Raises
    ------
    Problem
        ``not_signed_in`` (401); ``unavailable`` (503) where the identity provider is needed and cannot be reached.
    """
    headers = request.headers.getlist("authorization")
    if len(headers) > 1:
        # Whatever stands before the service may have looked at the other one.
        raise Problem(
            Code.NOT_SIGNED_IN, "Expected one header Authorization, got several. Send one.", headers=CHALLENGE
        )
    caller = Caller(actor=_by_header(headers[0], context)) if headers else _by_cookie(request, context)
    request.state.account_id = caller.actor.account_id
    return caller


def admitted(caller: Caller) -> Actor:
    """Return who calls, as somebody who may do what the role may.

    Raises
    ------
    Problem
        ``role_may_not`` (403) where the password must be changed first. Keys made before are not
        concerned: whoever gave the password does not have them.
    """
    if caller.must_change_password:
        raise Problem(
            Code.ROLE_MAY_NOT,
            "Somebody else gave you your password. Set one of your own at /v1/me/password; until then nothing else "
            "is answered.",
        )
    return caller.actor


async def signed_in(caller: Annotated[Caller, Depends(identified)]) -> Actor:
    """Return who calls; raises as ``identified`` and ``admitted``."""
    return admitted(caller)  # It waits for nothing: a thread would cost more than it does.


async def any_signed_in(caller: Annotated[Caller, Depends(identified)]) -> Actor:
    """Return who calls, also where the password must be changed first: for that, and for signing out."""
    return caller.actor


SignedIn = Annotated[Actor, Depends(signed_in)]
AnySignedIn = Annotated[Actor, Depends(any_signed_in)]


def may(*roles: Role) -> Any:
    """Return the dependency that lets only these roles in: ``actor: Annotated[Actor, may(Role.ABH)]``.

    ``roles`` of the function it depends on tells tests and the OpenAPI document who may.
    """
    allowed = frozenset(roles)

    async def check(actor: SignedIn) -> Actor:
        if actor.role not in allowed:
            wanted = ", ".join(sorted(allowed))
            raise Problem(Code.ROLE_MAY_NOT, f"Expected one of the roles {wanted}, you have {actor.role}.")
        return actor

    check.roles = allowed  # type: ignore[attr-defined]
    return Depends(check)


def may_take(action: Action) -> Any:
    """Return the dependency that lets in whom the table names for an action, in whatever state."""
    return may(*sorted({role for (_, of), cell in TABLE.items() if of is action for role in cell.who} - {Role.SYSTEM}))


def roles_of(dependency: Callable[..., Any]) -> frozenset[Role] | None:
    """Return which roles a dependency made by ``may`` lets in; ``None`` for any other."""
    return getattr(dependency, "roles", None)


def identity_provider(context: Context) -> Provider | None:
    """Return the identity provider of this process; ``None`` where none is set."""
    issuer = context.settings.oidc_issuer
    if issuer is None:
        return None
    known: Provider = context.parts.get(_PROVIDER) or context.parts.setdefault(_PROVIDER, Provider(str(issuer)))
    return known


def is_https(context: Context) -> bool:
    """Whether people reach the service under https: cookies are then for https only."""
    return context.settings.public_url.scheme == "https"


def give_cookie(response: Response, value: str, context: Context) -> None:
    """Let the answer bring the cookie of a new session."""
    lasts = int(context.settings.session_hours * 3600)
    response.set_cookie(COOKIE, value, max_age=lasts, path="/", secure=is_https(context), httponly=True, samesite="lax")


def take_cookie(response: Response, context: Context) -> None:
    """Let the answer take the cookie away."""
    response.delete_cookie(COOKIE, path="/", secure=is_https(context), httponly=True, samesite="lax")


def end_session(request: Request, context: Context) -> None:
    """End the session of the cookie that a call brought, if any: a new sign-in leaves no old session behind."""
    value = request.cookies.get(COOKIE)
    if value:
        with context.store.writing() as session:
            sessions.close_session(session, value, now=context.now)


def _by_header(header: str, context: Context) -> Actor:
    scheme, _, text = header.partition(" ")
    known = {"bearer": _by_token, "apikey": _by_key}
    check = known.get(scheme.lower())
    if check is None:
        raise Problem(
            Code.NOT_SIGNED_IN,
            "Expected the header Authorization to be `Bearer …` or `ApiKey …`. Mend it, or leave it out.",
            headers=CHALLENGE,
        )
    return check(text.strip(), context)


def _by_token(text: str, context: Context) -> Actor:
    provider = identity_provider(context)
    if provider is None:
        raise Problem(
            Code.NOT_SIGNED_IN, "There is no identity provider here, so no bearer tokens. Send an API key.",
            headers=CHALLENGE,
        )  # fmt: skip
    try:
        subject = provider.subject(text, audience=context.settings.oidc_audience, now=context.now)
    except TokenRefused as error:
        raise Problem(
            Code.NOT_SIGNED_IN, f"The bearer token is refused: {error}. Get a new one from your identity provider.",
            headers=_INVALID,
        ) from error  # fmt: skip
    with context.store.glancing() as connection:
        actor = credentials.of_subject(connection, provider.issuer, subject)
    if actor is None:
        raise Problem(
            Code.NOT_SIGNED_IN,
            "The identity provider knows you, but there is no active account for you here. Ask your admin for one.",
            headers=_INVALID,
        )
    return actor


def _by_key(text: str, context: Context) -> Actor:
    now = context.now
    with context.store.glancing() as connection:
        holder = credentials.of_key(connection, text, now)
    if holder is None:
        raise Problem(
            Code.NOT_SIGNED_IN,
            "The API key is unknown, expired or revoked, or its account is inactive. Make a new one.",
            headers=CHALLENGE,
        )
    if holder.is_use_due:
        try:
            with context.store.writing() as session:
                credentials.note_use(session, holder.key_id, now)
        except Problem:
            pass  # A database that takes no changes may still be read: the note is not worth the call.
    return holder.actor


def _by_cookie(request: Request, context: Context) -> Caller:
    value = request.cookies.get(COOKIE)
    found = None
    if value:
        with context.store.glancing() as connection:
            found = credentials.of_session(connection, value, context.now)
    if found is None:
        raise Problem(
            Code.NOT_SIGNED_IN,
            "You are not signed in, or no longer. Sign in, or send a bearer token or an API key.",
            headers=CHALLENGE,
        )
    return Caller(actor=found.actor, must_change_password=found.must_change_password)
