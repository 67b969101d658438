"""The identity provider (OpenID Connect Discovery 1.0): its keys, fetched, kept, and fetched anew when they change."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import structlog
from joserfc.jwk import KeySet

from api.errors import Code, Problem
from api.security.tokens import Expected, KeyUnknown, TokenRefused, import_keys, read_token

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT = 5.0
"""Seconds."""
FRESH = 600.0
"""Seconds after which the keys are fetched again, so that one that was withdrawn is known to be."""
KEPT = 3600.0
"""Seconds for which they hold while the provider cannot be reached."""
PAUSE = 10.0
"""Least seconds between two fetches: neither unknown keys nor a provider that is down make every call wait."""

_log = structlog.get_logger("restplatz.security")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    issuer: str
    keys: KeySet
    at: float


class _Unreachable(Exception):
    pass


class Provider:
    """An identity provider.

    Parameters
    ----------
    issuer
        Its address, as in the setting.
    ticks
        Seconds of a clock that never goes back; tests bring their own.
    """

    def __init__(self, issuer: str, *, ticks: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer.rstrip("/")
        """Its name in accounts: always without the last slash."""
        self._ticks = ticks
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._tried_at = -math.inf
        self._is_down = False

    def subject(self, token: str, *, audience: str, now: datetime) -> str:
        """Return whom a token speaks of.

        Raises
        ------
        TokenRefused
            It proves nothing.
        Problem
            ``unavailable`` (503) where the keys cannot be had: nothing is known about the token then.
        """
        known = self._fetched()
        try:
            try:
                return self._read(token, known, audience, now)
            except KeyUnknown:
                newer = self._fetched(than=known)
                return self._read(token, newer, audience, now)
        except KeyUnknown as error:
            raise TokenRefused("its key is unknown") from error

    @staticmethod
    def _read(token: str, known: _Known, audience: str, now: datetime) -> str:
        return read_token(token, known.keys, Expected(issuer=known.issuer, audience=audience), now)

    def _fetched(self, *, than: _Known | None = None) -> _Known:
        """Return what is known, newer than ``than`` where that can be had now."""
        known = self._known
        if known is not None and known is not than and self._ticks() - known.at < FRESH:
            return known
        with self._lock:
            known, tick = self._known, self._ticks()
            age = math.inf if known is None else tick - known.at
            if known is not None and known is not than and age < FRESH:
                return known  # Another thread was faster.
            if tick - self._tried_at >= PAUSE:
                self._tried_at = tick
                try:
                    self._known = known = self._fetch(tick)
                    self._is_down = False
                except _Unreachable:
                    self._is_down = True
            if known is None or (self._is_down and (known is than or age > KEPT)):
                raise Problem(
                    Code.UNAVAILABLE, "The identity provider cannot be reached. Try again in a moment.",
                    headers={"Retry-After": str(int(PAUSE))},
                )  # fmt: skip
            return known

    def _fetch(self, tick: float) -> _Known:
        try:
            with httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client:
                found = _document(client, self.issuer + DISCOVERY)
                issuer, address = found["issuer"], found["jwks_uri"]
                if issuer.rstrip("/") != self.issuer:
                    raise ValueError("the provider calls itself otherwise")
                if self.issuer.startswith("https:") and not address.startswith("https:"):
                    raise ValueError("keys without https")
                keys = import_keys(_document(client, address)["keys"])
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.warning("identity_provider_unreachable", kind=type(error).__name__)
            raise _Unreachable from error
        return _Known(issuer=issuer, keys=keys, at=tick)


def _document(client: httpx2.Client, address: str) -> dict[str, Any]:
    answer = client.get(address).raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
