"""How many calls are answered: per account, per address for whoever is not signed in, fewer for attempts to sign in.

In the memory of the process, over a moving window: with several processes each has its own. Who calls is known only
after the call was let in, so the credential of a call that turned out to be somebody's is remembered (its hash, for
minutes); every other call counts for its address, whatever it claims to be.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping

from limits import RateLimitItem, parse
from starlette.datastructures import Headers
from starlette.types import Scope

from api.errors import Code, Problem
from api.settings import Settings
from api.settings_checks import Network, networks

SIGN_IN = "/v1/sign-in"
"""Attempts to sign in are sent to this address, or below."""
_FREE = ("/v1/health/", "/static/")
"""Not counted: what a load balancer asks all the time, and the files of the page."""
_REMEMBERED, _REMEMBERED_SECONDS = 20_000, 600.0
_SWEPT_EVERY = 60.0
"""Seconds between two looks for windows of whoever calls no more."""


class Windows:
    """Calls of the last seconds, by who made them: a moving window.

    The memory of the library ``limits`` starts a thread with nearly every call, which looks through those of everybody.
    """

    def __init__(self) -> None:
        self._calls: dict[tuple[str, ...], deque[float]] = {}
        self._lock = threading.Lock()
        self._swept = time.monotonic()
        self._longest = 0.0

    def hit(self, limit: RateLimitItem, *who: str) -> bool:
        """Count a call; ``False``, and not counted, where there are as many as the limit allows."""
        with self._lock:
            calls = self._recent(limit, who)
            if len(calls) >= limit.amount:
                return False
            calls.append(time.monotonic())
            self._calls[who] = calls
            return True

    def test(self, limit: RateLimitItem, *who: str) -> bool:
        """Whether one more call would be counted."""
        with self._lock:
            return len(self._recent(limit, who)) < limit.amount

    def free_in(self, limit: RateLimitItem, *who: str) -> float:
        """Return in how many seconds the oldest call will no longer count; 0 where there is none."""
        with self._lock:
            calls = self._recent(limit, who)
            return calls[0] + limit.get_expiry() - time.monotonic() if calls else 0.0

    def _recent(self, limit: RateLimitItem, who: tuple[str, ...]) -> deque[float]:
        now = time.monotonic()
        self._longest = max(self._longest, limit.get_expiry())
        if now - self._swept > _SWEPT_EVERY:
            self._swept = now
            self._calls = {key: calls for key, calls in self._calls.items() if now - calls[-1] < self._longest}
        calls = self._calls.get(who) or deque()
        begin = now - limit.get_expiry()
        while calls and calls[0] <= begin:
            calls.popleft()
        if not calls:
            self._calls.pop(who, None)
        return calls


class Rates:
    """The counters of one process."""

    def __init__(self, settings: Settings) -> None:
        self._windows = Windows()
        self._account, self._anonymous, self._sign_in = (
            parse(text) for text in (settings.rate, settings.rate_anonymous, settings.rate_sign_in)
        )
        self._proxies = networks(settings.trusted_proxies)
        self._accounts: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, scope: Scope) -> str | None:
        """Count a call that comes in; return the account that its credential belonged to before.

        Raises
        ------
        Problem
            ``too_many_requests`` (429), with ``Retry-After``.
        """
        path: str = scope["path"]
        if path.startswith(_FREE):
            return None
        if scope["method"] == "POST" and (path == SIGN_IN or path.startswith(SIGN_IN + "/")):
            self._hit(self._sign_in, "sign-in", self.address(scope))
        account = self._known(scope)
        if account is not None:
            self._hit(self._account, "account", account)
        elif not self._windows.test(self._anonymous, "address", self.address(scope)):
            raise self._refused(self._anonymous, "address", self.address(scope))
        return account

    def settle(self, scope: Scope, known: str | None, account: str | None) -> None:
        """Count a call that was answered, now that it is known whose it was; ``known`` is what ``admit`` returned."""
        if known is not None or scope["path"].startswith(_FREE):
            return
        if account is None:
            self._windows.hit(self._anonymous, "address", self.address(scope))
            return
        self._windows.hit(self._account, "account", account)
        credential = _credential(scope)
        if credential is not None:
            with self._lock:
                self._accounts[credential] = (account, time.monotonic() + _REMEMBERED_SECONDS)
                self._accounts.move_to_end(credential)
                while len(self._accounts) > _REMEMBERED:
                    self._accounts.popitem(last=False)

    def address(self, scope: Scope) -> str:
        """Return the address that a call comes from: of IPv6 the network of 64 bits, which one user has whole."""
        found = client(scope, self._proxies)
        try:
            parsed = ipaddress.ip_address(found)
        except ValueError:
            return "unknown"
        if isinstance(parsed, ipaddress.IPv6Address):
            if parsed.ipv4_mapped is not None:
                return str(parsed.ipv4_mapped)
            return str(ipaddress.ip_network((parsed, 64), strict=False))
        return str(parsed)

    def _known(self, scope: Scope) -> str | None:
        credential = _credential(scope)
        if credential is None:
            return None
        with self._lock:
            account, until = self._accounts.get(credential, ("", 0.0))
            if account and until < time.monotonic():
                del self._accounts[credential]
                return None
        return account or None

    def _hit(self, limit: RateLimitItem, *who: str) -> None:
        if not self._windows.hit(limit, *who):
            raise self._refused(limit, *who)

    def _refused(self, limit: RateLimitItem, *who: str) -> Problem:
        seconds = max(1, math.ceil(self._windows.free_in(limit, *who)))
        return Problem(
            Code.TOO_MANY_REQUESTS,
            f"Expected at most {limit.amount} calls in {limit.get_expiry()} s. Try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )


def client(scope: Scope, proxies: tuple[Network, ...]) -> str:
    """Return who called: the peer, or, where that is a trusted proxy, the last address it was told that is none.

    Whatever stands before that one in ``X-Forwarded-For`` may be made up.
    """
    peer = (scope.get("client") or ("", 0))[0]
    if not _is_in(peer, proxies):
        return str(peer)
    told = [each.strip() for each in ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")]
    for address in reversed([each for each in told if each]):
        if not _is_in(address, proxies):
            return address
    return str(peer)


def _is_in(address: str, among: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in among)


def _credential(scope: Scope) -> str | None:
    headers: Mapping[str, str] = Headers(scope=scope)
    text = headers.get("authorization") or headers.get("cookie")
    return hashlib.sha256(text.encode()).hexdigest() if text else None
