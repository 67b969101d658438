"""A small OpenID Connect provider: real keys, real HTTP on a free port; whoever comes to sign in is let in at once.

``with IdentityProvider() as provider:`` serves discovery, keys, authorize (code with PKCE) and token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "restplatz-page", "secret-of-the-page"
AUDIENCE = "restplatz"

Key = RSAKey | ECKey
_RSA: dict[int, RSAKey] = {}


def rsa_key(number: int = 0) -> RSAKey:
    """The ``number``-th RSA key: made once in a test run, for it takes a while."""
    if number not in _RSA:
        _RSA[number] = RSAKey.generate_key(2048, {"use": "sig", "kid": f"rsa-{number}"})
    return _RSA[number]


class IdentityProvider:
    """A provider on a free port of this machine.

    Attributes
    ----------
    subject
        Who signs in when a browser comes to ``authorize``.
    keys
        What it publishes; the first one signs.
    served
        How often each path was asked for.
    status
        With which it answers everything; 200 is well.
    changes
        Of the claims of the next identity tokens; ``None`` takes a claim away.
    """

    def __init__(self) -> None:
        self.subject = "subject-1"
        self.keys: list[Key] = [rsa_key()]
        self.served: Counter[str] = Counter()
        self.status = 200
        self.changes: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.discovery_changes: dict[str, Any] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Be gone: connections are refused from now on."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def token(
        self,
        subject: str | None = None,
        *,
        key: Any = None,
        algorithm: str | None = None,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A signed access token; ``claims`` change it, ``None`` takes one away."""
        now = int(time.time())
        content = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": subject or self.subject, "iat": now, "nbf": now,
            "exp": now + 300,
        }  # fmt: skip
        return self.sign(content | claims, key=key, algorithm=algorithm, header=header)

    def sign(
        self,
        claims: dict[str, Any],
        *,
        key: Any = None,
        algorithm: str | None = None,
        header: dict[str, Any] | None = None,
    ) -> str:
        """Sign claims with the first key, or another one."""
        key, algorithm = key or self.keys[0], algorithm or self.algorithm
        content = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": algorithm, "kid": key.kid} | (header or {}), content, key, algorithms=[algorithm])

    # --- what it serves -----------------------------------------------------------------------------------------------

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
        } | self.discovery_changes

    def jwks(self) -> dict[str, Any]:
        return dict(KeySet([*self.keys]).as_dict(private=False))

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        if asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            raise ValueError("expected the client, and PKCE with S256")
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked | {"sub": self.subject}
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def exchange(self, given: dict[str, str], authorization: str) -> dict[str, Any]:
        """The tokens for a code: once, to the client that asked for it, with the verifier of its challenge."""
        user = f"{CLIENT}:{SECRET}".encode()
        if authorization != "Basic " + base64.b64encode(user).decode():
            raise ValueError("expected the client's secret")
        asked = self._codes.pop(given["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).decode()
        if challenge.rstrip("=") != asked["code_challenge"] or given["redirect_uri"] != asked["redirect_uri"]:
            raise ValueError("expected the verifier of the challenge, and the same address")
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": asked["sub"], "iat": now, "exp": now + 300,
            "nonce": asked["nonce"],
        }  # fmt: skip
        return {
            "access_token": self.token(asked["sub"]),
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.identity(claims | self.changes),
        }

    def identity(self, claims: dict[str, Any]) -> str:
        """The identity token; tests put others in its place."""
        return self.sign(claims)


def _handler_of(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            provider.served[address.path] += 1
            if address.path == "/.well-known/openid-configuration":
                self._answer(provider.discovery())
            elif address.path == "/jwks":
                self._answer(provider.jwks())
            elif address.path == "/authorize":
                to = provider.authorize(_single(address.query))
                self.send_response(302)
                self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            provider.served[self.path] += 1
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            try:
                self._answer(provider.exchange(_single(body), self.headers.get("Authorization", "")))
            except (KeyError, ValueError):
                self._answer({"error": "invalid_grant"}, 400)

        def _answer(self, document: dict[str, Any], status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(provider.status if provider.status != 200 else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
