"""Pictures of the pages for ``docs/images``: ``python -m tests.screenshots ADDRESS USERS_FILE``.

ADDRESS is that of ``restplatz serve`` on a demo folder, USERS_FILE the ``users.txt`` in it. Look at them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.api.pages.conftest import CHROMIUM, FLAGS

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZES = {"1280": (1280, 900), "1920": (1920, 1080), "tablet": (820, 1180)}
Look = tuple[str, str, str, str]
"""Size, light or dark, language, login."""
LOOKS: dict[str, tuple[str, Look]] = {
    "board-1280-light-de": ("/board", ("1280", "light", "de-DE", "essen")),
    "board-1920-dark-en": ("/board", ("1920", "dark", "en-GB", "ltrako")),
    "board-tablet-light-de": ("/board", ("tablet", "light", "de-DE", "essen")),
    "proposals-1280-light-de": ("/proposals", ("1280", "light", "de-DE", "essen")),
    "proposal-1920-light-de": ("/proposals >", ("1920", "light", "de-DE", "essen")),
    "proposal-tablet-dark-en": ("/proposals >", ("tablet", "dark", "en-GB", "essen")),
    "request-1280-light-de": ("/requests >", ("1280", "light", "de-DE", "abh")),
    "entry-1280-dark-de": ("/requests/new", ("1280", "dark", "de-DE", "abh")),
    "tasks-1280-light-en": ("/tasks", ("1280", "light", "en-GB", "zfa")),
    "fleet-1920-light-de": ("/fleet", ("1920", "light", "de-DE", "essen")),
    "reports-1280-light-de": ("/reports/ledger", ("1280", "light", "de-DE", "ltrako")),
}
"""By name the path (`` >``: and there the first entry of the table), and how it is looked at."""


def take(browser: Browser, address: str, passwords: dict[str, str], name: str, path: str, look: Look) -> None:
    """Take one picture."""
    size, scheme, language, login = look
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=language,  # type: ignore[arg-type]
    )  # fmt: skip
    page: Page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#f-login", login)
    page.fill("#f-password", passwords[login])
    page.locator("main button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    wanted = "de" if language.startswith("de") else "en"
    if page.locator("html").get_attribute("lang") != wanted:
        page.locator(f".top__tools button[value={wanted}]").click()
        page.wait_for_load_state()
    start, _, follows = path.partition(" ")
    page.goto(address + start)
    if follows:
        page.locator("main table tbody a").first.click()
        page.wait_for_load_state()
    page.wait_for_timeout(800)  # The map draws itself.
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def main() -> None:
    """Take all of them."""
    address, users = sys.argv[1], Path(sys.argv[2])
    lines = [line.split() for line in users.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    passwords = {line[0]: line[1] for line in lines}
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (path, look) in LOOKS.items():
            take(browser, address.rstrip("/"), passwords, name, path, look)
        browser.close()


if __name__ == "__main__":
    main()
