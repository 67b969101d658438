"""A caller that costs little: HTTP/1.1 over one connection that is kept, as a page or a machine client keeps its own.

The dispatchers of ``load`` share their two cores with what they measure: what a general HTTP client takes for itself
would be told as the service's. This one speaks what the service answers: a body of stated length, on a connection that
stays open; anything else is an error.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Caller:
    """One connection, and the headers that every call on it has; opened anew where the service has closed it."""

    def __init__(self, base: str, headers: dict[str, str], *, timeout: float = 30.0) -> None:
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "", parts.port or 80
        fixed = {"Host": parts.netloc, "Accept": "*/*"} | headers
        self._fixed = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())
        self._timeout = timeout
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    async def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Return the answer to one call.

        Raises
        ------
        TimeoutError, OSError, EOFError
            Where there is none.
        """
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        if body is not None:
            lines += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        sent = f"{method} {path} HTTP/1.1\r\n{self._fixed}{lines}\r\n".encode("latin-1") + (body or b"")
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(sent)
        except BaseException:
            self._close()
            raise

    async def _exchange(self, sent: bytes) -> Answer:
        if self._streams is None or self._streams[0].at_eof():
            self._close()
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        told = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ", 2)[1])
        if "content-length" not in told and status not in (204, 304):
            raise OSError(f"expected an answer of stated length, got {first}")
        answer = Answer(status, told, await reader.readexactly(int(told.get("content-length", "0"))))
        if told.get("connection", "").lower() == "close":
            self._close()
        return answer

    def _close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
