"""What stands around every call, as plain ASGI: nothing is buffered, so that streams of events arrive as they are sent.

From outside to inside: security headers; id, log line, figures and the answer to a defect (``Shell``); limits of
calls; protection against calls from other sites; HEAD answered as GET (``api.web.head``); limits of bodies.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Code, Problem
from api.logs import told_of
from api.metrics import Metrics
from api.settings import Settings
from api.web import problems
from api.web.context import Context
from api.web.head import EVENTS, HeadAsGet
from api.web.rates import Rates

LARGE_BODY: dict[str, Any] = {"x-large-body": True}
"""A route of a bulk import has it in ``openapi_extra``: its body may have ``max_import_bytes``."""
METRICS = "metrics"
"""Name of the process's figures among the parts of the context."""
_REQUEST_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
"""Ids of callers and their proxies: UUIDs and digits of traces. It stands in every log line, so no word may."""
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:{images}; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Pages load from here alone; an inline script or style needs the nonce of its answer. ``images``: where the map is."""
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: browsers would send `Origin: null` with forms, which could not be told from another site's.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_log = structlog.get_logger("restplatz.access")


def install(app: FastAPI, context: Context) -> None:
    """Put all of it around ``app``."""
    metrics: Metrics = context.parts.setdefault(METRICS, Metrics())
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, settings=context.settings)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SameSite, public_url=str(context.settings.public_url))
    app.add_middleware(RateLimit, rates=Rates(context.settings))
    app.add_middleware(Shell, routes=app, metrics=metrics)
    settings = context.settings
    app.add_middleware(SecurityHeaders, is_https=settings.public_url.scheme == "https", images=settings.map_origin)


class Shell:
    """The id of a call, its line in the log, its time, and the answer where nobody else gave one.

    Defects are answered here and end here: a server that saw them would log their text, which may hold what was sent.
    """

    def __init__(self, app: ASGIApp, *, routes: FastAPI, metrics: Metrics) -> None:
        self._app, self._routes, self._metrics = app, routes, metrics
        self._templates: dict[int, str] = {}
        self._known = -1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        state: dict[str, Any] = dict(scope.get("state") or {})
        state["request_id"] = request_id
        scope["state"] = state
        began = time.perf_counter()
        status, seconds = 0, 0.0

        async def told(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if headers.get("content-type", "").startswith(EVENTS):
                    seconds = time.perf_counter() - began
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, told)
        except Exception as error:  # noqa: BLE001  # the outermost place: whatever it is, it is answered and told
            _log.error("defect", route=self._template(scope), **told_of(error))
            if status == 0:
                await problems.answer(Request(scope), problems.defect())(scope, receive, told)
            else:
                # Half an answer is out: the connection must break, so that nobody takes it for a whole one.
                raise Broken from None
        finally:
            route = self._template(scope)
            seconds = seconds or time.perf_counter() - began
            self._metrics.call(scope["method"], route, status or 499, seconds)
            _log.info(
                "call", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1),
                account=state.get("account_id"),
            )  # fmt: skip
            structlog.contextvars.clear_contextvars()

    def _template(self, scope: Scope) -> str:
        route = scope.get("route")
        if route is None:
            return "none"
        if id(route) not in self._templates:
            found = iter_route_contexts(self._routes.routes)
            self._templates = {id(each.original_route): each.path_format or each.path or "none" for each in found}
        return self._templates.get(id(route), "none")


class Broken(Exception):
    """A defect after the answer had begun; what it was stands in the log."""


class SecurityHeaders:
    """Headers that tell browsers what not to do; what a route has set itself stays.

    ``request.state.csp_nonce`` is what an inline script or style of a page must carry.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool, images: str = "") -> None:
        self._app = app
        self._images = f" {images}" if images else ""
        self._fixed = _FIXED | ({"Strict-Transport-Security": "max-age=31536000"} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope["state"] = {**(scope.get("state") or {}), "csp_nonce": nonce}

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                policy = _PAGE_POLICY.format(nonce=nonce, images=self._images) if is_page else _API_POLICY
                for name, value in (*self._fixed.items(), ("Content-Security-Policy", policy)):
                    headers.setdefault(name, value)
                if is_page or scope["path"].startswith("/v1/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, told)


class RateLimit:
    """Refuses calls beyond the limits (``api.web.rates``)."""

    def __init__(self, app: ASGIApp, *, rates: Rates) -> None:
        self._app, self._rates = app, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            known = self._rates.admit(scope)
        except Problem as problem:
            await problems.answer(Request(scope), problem)(scope, receive, send)
            return
        is_settled = False

        def settle() -> None:
            nonlocal is_settled
            if not is_settled:
                is_settled = True
                account = scope["state"].get("account_id")
                self._rates.settle(scope, known, None if account is None else str(account))

        async def told(message: Message) -> None:
            # Not only at the end: a stream may last for hours.
            settle()
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            settle()


class SameSite:
    """Refuses calls that change something and that a browser made for another site (CSRF).

    A header ``Authorization`` is never sent by a browser of itself: calls with it need no protection. Others must be
    from this site as ``Sec-Fetch-Site`` tells, or, where that is missing, as ``Origin`` tells. Without either a call
    with a cookie is refused; one without cookies can do nothing in anybody's name.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app, self._origin = app, _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] == "http" and scope["method"] in _UNSAFE and not self._is_own(Headers(scope=scope)):
            problem = Problem(
                Code.CROSS_SITE,
                "Nothing was changed: the call does not come from a page of this service. Open the page and try "
                "again, or call with a bearer token or an API key.",
            )
            await problems.answer(Request(scope), problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        if "authorization" in headers:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:
            return "cookie" not in headers
        found = _origin(origin)
        # Behind a proxy the host may be another one than the one people see.
        return found is not None and (found == self._origin or urlsplit(origin).netloc == headers.get("host"))


class BodyLimit:
    """Refuses bodies above the limit, by their stated length and by what comes.

    Which limit it is depends on the route, which is known when the body is first asked for.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "")
        length = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 20 else 0
        came = 0

        async def limited() -> Message:
            nonlocal came
            extra = getattr(scope.get("route"), "openapi_extra", None) or {}
            is_large = bool(extra.get("x-large-body"))
            most = self._settings.max_import_bytes if is_large else self._settings.max_body_bytes
            if length > most:
                raise _TooLarge(most)
            message = await receive()
            if message["type"] == "http.request":
                came += len(message.get("body", b""))
                if came > most:
                    raise _TooLarge(most)
            return message

        await self._app(scope, limited, send)


class _TooLarge(HTTPException):
    # FastAPI lets this kind through where it reads a body; `api.web.problems` answers it.
    def __init__(self, most: int) -> None:
        super().__init__(413, f"{most}", headers={"Connection": "close"})


def _origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port; ``None`` where it is no origin, such as ``null``."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
