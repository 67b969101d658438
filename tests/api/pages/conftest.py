"""A browser for the tests of the pages: Debian's chromium against a server in this process, the house behind it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.api.house import PEOPLE, House
from tests.api.pages import looking

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PASSWORD = "a long enough password"  # of the made-up people of the house


@dataclass(slots=True)
class Person:
    """Somebody at a browser of their own, and all that went wrong there."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors of scripts, refusals of the security policy, and calls that go elsewhere."""

        def said(message: ConsoleMessage) -> None:
            # What a test asks for on purpose, a status of 4xx, the browser tells as well.
            if message.type == "error" and "the server responded with a status of 4" not in message.text:
                self.faults.append(f"console: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((self.address, "data:", "blob:")):
                self.faults.append(f"elsewhere: {request.url}")

        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", asked)

    def go(self, path: str) -> Page:
        """Open a page of the service."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, login: str) -> Page:
        """Sign in by the form, by keyboard."""
        self.go("/sign-in")
        self.page.locator("#f-login").focus()
        self.page.keyboard.type(login)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.page

    def check(self) -> None:
        """Fail where the page keeps somebody from using it: WCAG 2.1 A and AA in light and dark, focus, 200 %."""
        assert looking.faults(self.page) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium; skipped where it is not installed.

    For one file of tests: as long as it is open an event loop runs in this thread, and tests of others need their own.
    """
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def site(house: House) -> Iterator[str]:
    """Address of a server in this process that answers for the house."""
    # Bound here, so that nobody takes the port before the server listens.
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(house.client.app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def somebody(browser: Browser, site: str) -> Iterator[Callable[..., Person]]:
    """A function that lets somebody sit down at a browser: ``somebody("essen")`` is signed in.

    At the end of a test nothing may have gone wrong at any of them.
    """
    people: list[Person] = []

    def sit_down(login: str | None = None, **settings: object) -> Person:
        context = browser.new_context(**{"locale": "de-DE", "viewport": {"width": 1280, "height": 900}, **settings})  # type: ignore[arg-type]
        person = Person(context, context.new_page(), site)
        person.watch()
        people.append(person)
        if login is not None:
            assert login in PEOPLE
            person.sign_in(login)
        return person

    yield sit_down
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.context.close()
    assert faults == []
