"""HEAD for every address that has GET (RFC 9110, 9.1 and 9.3.2): the same call, checked and logged alike, no content.

In one place and not as a method of each route, so that no route can forget it and the OpenAPI document, which tells
it once, does not name every GET twice.
"""

from __future__ import annotations

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENTS = "text/event-stream"


class HeadAsGet:
    """Lets routes answer HEAD as they answer GET, and keeps back what they send after the headers.

    Whoever stands further out still sees HEAD: limits of calls, figures, the log line, and the server, which tells the
    length that GET would have.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        as_get = dict(scope, method="GET")
        with anyio.CancelScope() as watching:

            async def told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    if Headers(raw=message["headers"]).get("content-type", "").startswith(EVENTS):
                        # A stream sends for as long as somebody listens, and here nobody does.
                        await send({"type": "http.response.body", "body": b""})
                        watching.cancel()
                elif message["type"] == "http.response.body" and not message.get("more_body", False):
                    await send({"type": "http.response.body", "body": b""})

            try:
                await self._app(as_get, receive, told)
            finally:
                # The log line names the route, which only the router knows.
                scope.update(as_get, method="HEAD")
