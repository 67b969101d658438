"""The caller of the load benchmark, against a server that answers as the service does, and one that does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from benchmarks.load_client import Answer, Caller

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: "1"\r\n\r\n{}'


def run(work: Callable[[Caller], Awaitable[list[Answer]]], answers: list[bytes]) -> tuple[list[Answer], list[bytes]]:
    """Return what the caller got, and what the server was sent."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answers:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            heard.append(head + await reader.readexactly(length))
            answer = answers.pop(0)
            writer.write(answer)
            if b"Connection: close" in answer:
                break
        writer.close()

    async def both() -> list[Answer]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            async with Caller(f"http://127.0.0.1:{port}", {"Authorization": "ApiKey k"}, timeout=5) as caller:
                return list(await work(caller))
        finally:
            server.close()

    return asyncio.run(both()), heard


def test_calls_follow_one_another_on_one_connection() -> None:
    async def work(caller: Caller) -> list[Answer]:
        return [
            await caller.call("GET", "/v1/pool?limit=1"),
            await caller.call("POST", "/v1/x", headers={"If-Match": '"1"'}, body=b"{}"),
        ]

    got, heard = run(work, [OK, OK])
    assert [(each.status, each.body, each.headers["etag"]) for each in got] == [(200, b"{}", '"1"')] * 2
    assert heard[0].startswith(b"GET /v1/pool?limit=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: ApiKey k\r\n" in heard[0]
    assert b'\r\nIf-Match: "1"\r\n' in heard[1]
    assert heard[1].endswith(b"Content-Length: 2\r\n\r\n{}")


def test_a_connection_that_was_closed_is_opened_anew() -> None:
    async def work(caller: Caller) -> list[Answer]:
        return [await caller.call("GET", "/a"), await caller.call("GET", "/b")]

    closing = OK.replace(b"Content-Length", b"Connection: close\r\nContent-Length")
    got, heard = run(work, [closing, b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"])
    assert [each.status for each in got] == [200, 409]
    assert len(heard) == 2


def test_what_it_cannot_read_is_an_error() -> None:
    async def work(caller: Caller) -> list[Answer]:
        return [await caller.call("GET", "/a")]

    with pytest.raises(OSError, match="stated length"):
        run(work, [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
    with pytest.raises(EOFError):
        run(work, [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{}"])
