"""Every page at 320 CSS pixels, which is 1280 at 400 % (WCAG 1.4.10): nothing is lost, and no page is wider."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.api import clearance_world
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.pages.conftest import Person

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
Somebody = Callable[..., Person]
NARROW = 320
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_LINKS = (
    """() => [...document.querySelectorAll("a[href^='/']:not([download])")].map(each => each.getAttribute("href"))"""
)
_WIDER = """() => {
  // What is wider by its nature (tables, the time line, the map) scrolls within a region of its own.
  const scrolls = each => { for (let one = each.parentElement; one; one = one.parentElement)
    if (one !== document.documentElement && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)) return true;
    return false; };
  const hidden = ".visually-hidden, .skip, svg *, option";
  const out = [...document.querySelectorAll("body *")].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1) && !each.closest(hidden) && !scrolls(each);
  });
  return [
    ...(document.documentElement.scrollWidth > innerWidth ? [`page: ${document.documentElement.scrollWidth}`] : []),
    ...out.slice(0, 3).map(each => each.outerHTML.slice(0, 160)),
  ];
}"""
_REGIONS = """() => [...document.querySelectorAll("main *")].filter(each =>
  ["auto", "scroll"].includes(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth + 1
  && each.tabIndex < 0 && !each.querySelector("a, button, input, select, summary, [tabindex='0']")
).map(each => each.outerHTML.slice(0, 160))"""
_CUT = """() => [...document.querySelectorAll("body *")].filter(each => {
  const style = getComputedStyle(each);
  return ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis"
    && each.scrollWidth > each.clientWidth + 1 && !each.closest(".visually-hidden, #map, svg, select");
}).map(each => each.outerHTML.slice(0, 160))"""
_SHOWN = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && each.getClientRects().length)
  .filter(each => !each.closest("[hx-trigger]"))  // replaced as soon as it is there
  .map(each => each.outerHTML.slice(0, 120).replace(/ tabindex="[^"]*"| style="[^"]*"/g, ""))"""


def kind_of(path: str) -> str:
    """What sort of page an address leads to: the same for all requests, duties, parameter sets, months and years."""
    return re.sub(r"\d{4}(-\d\d)*", "*", _KEY.sub("*", path.partition("?")[0]))


def looked_at(page: Page, wide: Page) -> list[tuple[str, object]]:
    """What is wrong with a page that is narrow, against the same page at a wide window."""
    found: list[tuple[str, object]] = [
        (what, each)
        for what, script in (("wider", _WIDER), ("out of reach by keyboard", _REGIONS), ("cut off", _CUT))
        for each in page.evaluate(script)
    ]
    narrow = set(page.evaluate(_SHOWN))
    found += [("wider, at a wide window", each) for each in wide.evaluate(_WIDER)]
    return found + [("lost", each) for each in wide.evaluate(_SHOWN) if each not in narrow]


def filled(house: House) -> None:
    """Something of each kind, so that every page has what it is there for; with texts as long as they may be."""
    desk = Desk(house)
    desk.offered(1)
    desk.confirmed(2)
    _, _, proposal = desk.offered(3)
    house["essen"].do(f"/proposals/{proposal}/decline", {"code": "distance", "remark": "zu weit"})
    clearance_world.pooled(house, 4)
    # The list begins with the last one: it is the request whose page is looked at.
    house.pooled(5, place="05315000", case_reference="A" * 40, unit="U" * 40, free_text="langeswort" * 20)
    house.match()


@pytest.mark.parametrize(
    ("who", "least"),
    [
        ("essen-lead", 25),
        ("abh", 12),
        *(pytest.param(who, least, marks=pytest.mark.slow)
          for who, least in (("ltrako", 18), ("auditor", 10), ("admin", 6), ("zfa", 6))),
    ],
)  # fmt: skip
def test_each_page_fits(house: House, somebody: Somebody, who: str, least: int) -> None:
    filled(house)
    person = somebody(who, viewport={"width": NARROW, "height": 640})
    wide = somebody(who)
    waiting, seen = ["/"], set[str]()
    faults: dict[str, list[tuple[str, object]]] = {}
    while waiting:
        path = waiting.pop(0)
        if kind_of(path) in seen or path.startswith(("/static", "/v1", "/paper", "/sign", "/import/template")):
            continue
        seen.add(kind_of(path))
        if path.endswith("/template"):
            continue
        page = person.go(path)
        found = looked_at(page, wide.go(path))
        if found:
            faults[path] = found
        waiting += [each.partition("#")[0] for each in page.evaluate(_LINKS)]
    assert faults == {}
    assert len(seen) >= least, sorted(seen)


def test_whoever_is_not_signed_in_and_whoever_is_lost(house: House, somebody: Somebody) -> None:
    person = somebody(viewport={"width": NARROW, "height": 640})
    wide = somebody()
    for path in ("/sign-in", "/nothing-here"):
        assert looked_at(person.go(path), wide.go(path)) == []
    signed_in = somebody("abh", viewport={"width": NARROW, "height": 640})
    page = signed_in.go("/requests/new")
    page.locator("main form button").last.click()
    assert page.evaluate(_WIDER) == []
