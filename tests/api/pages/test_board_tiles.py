"""The map behind the outlines: from a real small server of tiles, XYZ and WMS, and from nowhere else."""

from __future__ import annotations

import re
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.api.pages.conftest import Person

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
SIDE = 256
LOADED = "#map img.leaflet-tile-loaded"

PICTURE = """address => new Promise(done => {
  const image = new Image();
  image.onload = () => done("shown");
  image.onerror = () => done("refused");
  image.src = address;
})"""
FETCH = "address => fetch(address).then(() => 'shown', () => 'refused')"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


TILE = b"".join(
    (
        b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress((b"\x00" + b"\xc8" * SIDE) * SIDE)), _chunk(b"IEND", b""),
    )
)  # fmt: skip
"""A grey square as PNG."""


@contextmanager
def tiles() -> Iterator[tuple[str, list[str]]]:
    """A server of tiles: its origin, and what it was asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # named so by the library
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(TILE)))
            self.end_headers()
            self.wfile.write(TILE)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named so by the library
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join(20)
    server.server_close()


def opened(request: pytest.FixtureRequest) -> tuple[Person, Page, str]:
    """The board of somebody, with the settings as they are by now, and its policy."""
    person: Person = request.getfixturevalue("somebody")("essen")
    answers: list[str] = []
    person.page.on(
        "response",
        lambda answer: (
            answers.append(answer.headers["content-security-policy"])
            if answer.request.is_navigation_request() and answer.status == 200
            else None
        ),
    )
    page = person.go("/board?day=2026-10-05")
    page.wait_for_selector("#map .outline")
    return person, page, answers[-1]


def only_from(person: Person, origin: str) -> None:
    """Let calls of that server pass, and nothing else: what remains fails at the end of the test."""
    person.faults[:] = [each for each in person.faults if not each.startswith(f"elsewhere: {origin}/")]


@pytest.mark.usefixtures("engine")
def test_tiles_of_the_own_server_are_shown_and_the_policy_names_it_alone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tiles() as (origin, asked), tiles() as (other, asked_there):
        monkeypatch.setenv("RESTPLATZ_MAP_TILES", f"{origin}/{{z}}/{{x}}/{{y}}.png")
        monkeypatch.setenv("RESTPLATZ_MAP_ATTRIBUTION", "© Testkarte <b>")
        person, page, policy = opened(request)
        expect(page.locator(LOADED).first).to_be_visible()
        assert page.locator(LOADED).first.evaluate("image => image.naturalWidth") == SIDE
        assert asked
        assert all(re.fullmatch(r"/\d+/\d+/\d+\.png", path) for path in asked), asked
        expect(page.locator("#map .leaflet-control-attribution")).to_have_text("© Testkarte b")
        assert re.findall(r"img-src ([^;]*);", policy) == [f"'self' data: {origin}"]
        assert policy.count("http") == 1, "it may be asked for pictures alone"
        person.check()
        only_from(person, origin)
        assert person.faults == []
        # Another server, and the same one for anything but pictures, the browser does not even ask.
        # Tiles of the map may still come in meanwhile, so this one is looked for by its name.
        for attempt, address in ((PICTURE, f"{other}/1/1/1.png"), (FETCH, f"{origin}/1/1/1.png")):
            assert page.evaluate(attempt, address) == "refused"
            assert asked_there == []
            assert "/1/1/1.png" not in asked
        assert all("Content Security Policy" in each or "elsewhere" in each for each in person.faults), person.faults
        person.faults.clear()


@pytest.mark.usefixtures("engine")
def test_layers_of_the_own_wms_are_shown(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    with tiles() as (origin, asked):
        monkeypatch.setenv("RESTPLATZ_MAP_TILES", f"{origin}/wms?map=a")
        monkeypatch.setenv("RESTPLATZ_MAP_LAYERS", "grau,namen")
        person, page, policy = opened(request)
        expect(page.locator(LOADED).first).to_be_visible()
        for path in asked:
            said = {name.lower(): values[0] for name, values in parse_qs(urlsplit(path).query).items()}
            known = {name: said[name] for name in ("map", "service", "request", "version", "layers", "format")}
            assert known == {
                "map": "a", "service": "WMS", "request": "GetMap", "version": "1.3.0", "layers": "grau,namen",
                "format": "image/png",
            }  # fmt: skip
        assert f"img-src 'self' data: {origin};" in policy
        only_from(person, origin)


@pytest.mark.usefixtures("engine")
def test_without_the_setting_nobody_else_is_asked(request: pytest.FixtureRequest) -> None:
    person, page, policy = opened(request)
    expect(page.locator("#map img.leaflet-tile")).to_have_count(0)
    assert "http" not in policy
    assert person.faults == []
