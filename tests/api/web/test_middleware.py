"""What stands around calls: ids, headers, limits, other sites, streams, defects."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import APIRouter, Body, FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AnyHttpUrl
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.metrics import Snapshot
from api.web import middleware
from api.web.authentication import COOKIE, SignedIn
from api.web.middleware import LARGE_BODY
from api.workflow import Role
from tests.api.small_app import Small
from tests.api.whole_app import code_of, whole

KIB = 1024
router = APIRouter()


@router.post("/things")
def _make(thing: dict[str, Any]) -> dict[str, int]:
    return {"size": len(json.dumps(thing))}


@router.post("/imports", openapi_extra=LARGE_BODY)
def _import(thing: dict[str, Any]) -> dict[str, int]:
    return {"size": len(json.dumps(thing))}


@router.post("/raw")
async def _raw(request: Request) -> dict[str, int]:
    return {"size": len(await request.body())}


@router.post("/signed-in")
def _signed_in(actor: SignedIn, thing: Any = Body(None)) -> dict[str, str]:  # noqa: B008
    return {"role": actor.role}


@router.get("/defect/{name}")
def _defect(name: str) -> None:
    raise RuntimeError(name)


@router.get("/broken")
def _broken() -> StreamingResponse:
    def parts() -> Iterator[bytes]:
        yield b"begin"
        raise RuntimeError

    return StreamingResponse(parts())


@router.get("/page")
def _page(request: Request) -> HTMLResponse:
    return HTMLResponse(f"<p>{request.state.csp_nonce}</p>")


@router.get("/own")
def _own() -> HTMLResponse:
    return HTMLResponse("", headers={"Cache-Control": "max-age=60", "Content-Security-Policy": "default-src 'self'"})


@router.get("/events", response_class=EventSourceResponse)
async def _events() -> AsyncIterator[ServerSentEvent]:
    for number in range(3):
        yield ServerSentEvent(data=number, id=str(number))
        await asyncio.sleep(30 if number == 1 else 0)


@pytest.fixture(scope="module")
def service(lite: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    limits = {"max_body_bytes": 2 * KIB, "max_import_bytes": 8 * KIB, "rate_anonymous": "10000/minute"}
    with whole(lite, tmp_path_factory.mktemp("folder"), router, **limits) as made:
        yield made


@pytest.fixture
def client(service: Small) -> Iterator[TestClient]:
    with service.client() as made:
        yield made


# --- ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["01234567", "A" * 64, "4be81a42-c7b3-4d0f-9d8e-0123456789ab"])
def test_a_harmless_request_id_is_kept(client: TestClient, given: str) -> None:
    assert client.get("/v1/page", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given",
    [
        None,
        "0123456",
        "A" * 65,
        "Mustermann",
        "ErikaMustermann",
        "Erika Mustermann",
        "a\tbcdefgh",
        "abcdefgh\u00e4",
        "<script>",
    ],
)
def test_any_other_request_id_is_replaced(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {b"X-Request-ID": given.encode("latin-1")}
    found = client.get("/v1/page", headers=headers).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", found)
    assert found != client.get("/v1/page").headers["x-request-id"]


def test_a_problem_tells_the_request_id(client: TestClient) -> None:
    answer = client.get("/v1/nothing", headers={"X-Request-ID": "abcdef01"})
    assert code_of(answer) == (404, "not_found")
    assert answer.json()["request_id"] == "abcdef01" == answer.headers["x-request-id"]


# --- defects ----------------------------------------------------------------------------------------------------------


def test_a_defect_is_answered_without_what_was_sent(client: TestClient) -> None:
    answer = client.get("/v1/defect/mustermann")
    assert code_of(answer) == (500, "defect")
    # `instance` is the path of the call itself.
    assert "mustermann" not in json.dumps(answer.json() | {"instance": ""})
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_defect_in_the_middle_of_an_answer_breaks_the_connection(client: TestClient) -> None:
    with pytest.raises(middleware.Broken):
        client.get("/v1/broken")


# --- headers ----------------------------------------------------------------------------------------------------------


def test_every_answer_has_the_security_headers(client: TestClient) -> None:
    for path in ("/v1/page", "/v1/nothing", "/nothing", "/v1/openapi.json", "/v1/docs"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        if path.startswith("/v1/"):
            assert headers["cache-control"] == "no-store"


def test_a_page_runs_only_what_carries_the_nonce_of_its_answer(client: TestClient) -> None:
    first, second = client.get("/v1/page"), client.get("/v1/page")
    nonce = first.text.removeprefix("<p>").removesuffix("</p>")
    assert f"script-src 'self' 'nonce-{nonce}'" in first.headers["content-security-policy"]
    assert nonce not in second.headers["content-security-policy"]
    assert "nonce" not in client.get("/v1/nothing").headers["content-security-policy"]


def test_a_route_may_set_its_own(client: TestClient) -> None:
    headers = client.get("/v1/own").headers
    assert headers["cache-control"] == "max-age=60"
    assert headers["content-security-policy"] == "default-src 'self'"


def test_https_stays_https(service: Small) -> None:
    app = FastAPI()
    settings = service.context.settings.model_copy(update={"public_url": AnyHttpUrl("https://restplatz.example")})
    middleware.install(app, replace(service.context, settings=settings, parts={}))
    with TestClient(app) as client:
        assert "max-age=" in client.get("/").headers["strict-transport-security"]


# --- bodies -----------------------------------------------------------------------------------------------------------


def body(size: int) -> bytes:
    """A JSON object of so many bytes."""
    return json.dumps({"a": "x" * (size - 9)}).encode()


def chunks(data: bytes) -> Callable[[], Iterator[bytes]]:
    def parts() -> Iterator[bytes]:
        for begin in range(0, len(data), 500):
            yield data[begin : begin + 500]

    return parts


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/things", 2 * KIB, 200),
        ("/v1/things", 2 * KIB + 1, 413),
        ("/v1/raw", 2 * KIB, 200),
        ("/v1/raw", 2 * KIB + 1, 413),
        ("/v1/imports", 2 * KIB + 1, 200),
        ("/v1/imports", 8 * KIB, 200),
        ("/v1/imports", 8 * KIB + 1, 413),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_bodies_are_limited_with_and_without_a_length(
    client: TestClient, path: str, size: int, status: int, is_chunked: bool
) -> None:
    data = body(size)
    assert len(data) == size
    answer = client.post(path, content=chunks(data)() if is_chunked else data, headers=JSON)
    assert answer.status_code == status
    if status == 413:
        assert code_of(answer) == (413, "body_too_large")


def test_a_length_that_lies_lets_nothing_more_in(service: Small) -> None:
    sent = asyncio.run(raw_call(service, "/v1/things", body(4 * KIB), [(b"content-length", b"10")]))
    assert sent[0]["status"] == 413


async def raw_call(
    service: Small, path: str, data: bytes, headers: list[tuple[bytes, bytes]], method: str = "POST"
) -> list[dict[str, Any]]:
    """What the application sends, past any client."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"testserver"), (b"content-type", b"application/json"), *headers],
        "client": ("192.0.2.7", 1), "server": ("testserver", 80),
    }  # fmt: skip
    await service.app(scope, receive, send)
    return sent


# --- other sites ------------------------------------------------------------------------------------------------------

SITES = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
    ({"Origin": "http://testserver"}, True),
    ({"Origin": "http://testserver:80"}, True),
    ({"Origin": "https://testserver"}, True),  # The host that was asked; who ends https may be a proxy.
    ({"Origin": "http://testserver:8080"}, False),
    ({"Origin": "http://evil.example"}, False),
    ({"Origin": "http://testserver.evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": ""}, False),
    ({"Origin": "http://[broken"}, False),
    ({}, False),
]


@pytest.mark.parametrize(("headers", "is_let_in"), SITES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_cookie_counts_only_in_calls_from_this_site(
    client: TestClient, headers: dict[str, str], is_let_in: bool, method: str
) -> None:
    answer = client.request(method, "/v1/signed-in", headers={**headers, "Cookie": f"{COOKIE}=x"})
    assert (answer.status_code == 403) is not is_let_in
    if not is_let_in:
        assert code_of(answer) == (403, "cross_site")


def test_whoever_signs_in_does_it_from_this_site(client: TestClient) -> None:
    assert code_of(client.post("/v1/things", json={}, headers={"Sec-Fetch-Site": "cross-site"})) == (403, "cross_site")
    assert client.post("/v1/things", json={}).status_code == 200


def test_keys_and_tokens_need_no_site(service: Small) -> None:
    with service.client(Role.ABH) as client:
        answer = client.post("/v1/signed-in", headers={"Sec-Fetch-Site": "cross-site", "Cookie": f"{COOKIE}=x"})
    assert answer.json() == {"role": "abh"}


def test_reading_needs_no_site(client: TestClient) -> None:
    assert client.get("/v1/page", headers={"Sec-Fetch-Site": "cross-site", "Cookie": "a=b"}).status_code == 200


# --- streams ----------------------------------------------------------------------------------------------------------


def test_events_arrive_as_they_are_sent(service: Small) -> None:
    async def run() -> list[bytes]:
        came: list[bytes] = []
        second = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                assert headers[b"content-type"].startswith(b"text/event-stream")
                assert b"x-request-id" in headers
            came.append(message.get("body", b""))
            if b"id: 1" in message.get("body", b""):
                second.set()

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": "/v1/events", "raw_path": b"/v1/events", "query_string": b"", "root_path": "", "headers": [],
            "client": ("192.0.2.7", 1), "server": ("testserver", 80),
        }  # fmt: skip
        call = asyncio.create_task(service.app(scope, receive, send))
        # The third event is 30 s away: the first two must be here without it.
        await asyncio.wait_for(second.wait(), 5)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        return came

    text = b"".join(asyncio.run(run()))
    assert b"id: 0" in text
    assert b"id: 2" not in text


# --- HEAD -------------------------------------------------------------------------------------------------------------


def test_head_answers_what_get_does_without_content(client: TestClient) -> None:
    asked, answer = client.head("/v1/own"), client.get("/v1/own")
    assert asked.status_code == 200
    assert client.head("/v1/page").content == b""
    for name in ("content-type", "content-length", "cache-control", "content-security-policy"):
        assert asked.headers[name] == answer.headers[name], name
    assert client.head("/v1/nothing").status_code == 404
    assert client.head("/v1/things").headers["allow"] == "POST"


def test_head_of_a_stream_ends_with_the_headers(client: TestClient) -> None:
    """The third event is 30 s away: who asks for none does not wait for it."""
    asked = client.head("/v1/events")
    assert asked.status_code == 200
    assert asked.headers["content-type"].startswith("text/event-stream")
    assert asked.content == b""


def test_head_is_counted_as_what_it_is_at_its_route(service: Small, client: TestClient) -> None:
    assert client.head("/v1/defect/mustermann").status_code == 500
    told = service.context.parts[middleware.METRICS].text(Snapshot(at=service.clock())).decode()
    assert 'restplatz_call_seconds_count{method="HEAD",route="/v1/defect/{name}",status="5xx"} 1.0' in told
