"""The page's sign-in at the identity provider while it is in progress: state, nonce and PKCE in a signed cookie."""

from __future__ import annotations

import hashlib
import hmac
import logging

from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App  # type: ignore[import-untyped]
from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware

from api.security.provider import DISCOVERY, TIMEOUT
from api.web.authentication import identity_provider, is_https
from api.web.context import Context

COOKIE = "restplatz_sign_in"
PATH = "/v1/sign-in/provider"
"""The cookie is sent to the two addresses of this sign-in alone."""
LASTS = 600
"""Seconds that somebody may take at the identity provider."""
_CLIENT = "identity_provider_client"


def install(app: FastAPI, context: Context) -> None:
    """Let ``app`` keep the state of sign-ins at the identity provider; nothing where none is set."""
    if context.settings.oidc_issuer is None:
        return
    logging.getLogger("authlib").setLevel(logging.INFO)  # Its debug lines hold the PKCE verifier.
    key = hmac.digest(context.settings.signing_key(), b"sign-in in progress", hashlib.sha256).hex()
    app.add_middleware(
        SessionMiddleware, secret_key=key, session_cookie=COOKIE, max_age=LASTS, path=PATH, same_site="lax",
        https_only=is_https(context),
    )  # fmt: skip


def client_of(context: Context) -> StarletteOAuth2App | None:
    """Return the client of the page at the identity provider; ``None`` where there is none."""
    provider, settings = identity_provider(context), context.settings
    if provider is None or not settings.oidc_client_id:
        return None
    client = context.parts.get(_CLIENT)
    if client is None:
        secret = settings.oidc_client_secret.get_secret_value()
        client = context.parts[_CLIENT] = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=secret or None,
            server_metadata_url=provider.issuer + DISCOVERY,
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "timeout": TIMEOUT,
                "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
            },
        )
    return client


def callback_address(context: Context) -> str:
    """Return where the identity provider sends people back to: from the setting, never from the call's own Host."""
    return str(context.settings.public_url).rstrip("/") + PATH + "/callback"
