"""One look at a page that is open, for everybody: axe-core in light and dark, focus, motion, and at 200 %.

All of it in one visit, since to open a page takes longer than to look at it.
"""

from __future__ import annotations

from axe_playwright_python.base import AXE_FILE_PATH  # type: ignore[import-untyped]
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
WIDE = 1280
_AXE = AXE_FILE_PATH.read_text(encoding="utf-8")
_FOUND = """async tags => (await axe.run(document, {
  runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]
})).violations.map(each => [each.id, each.nodes.slice(0, 3).map(node => node.html)])"""
_CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
_SHOWN = f"""() => [...document.querySelectorAll("{_CONTROLS}")]
  .filter(each => each.checkVisibility({{visibilityProperty: true}}) && each.getClientRects().length)
  .map(each => each.outerHTML.slice(0, 160).replace(/ tabindex="[^"]*"| style="[^"]*"/g, ""))"""
_CUT_OFF = """() => [...document.querySelectorAll("main *")].filter(each => {
  const style = getComputedStyle(each);
  const isHiding = ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis";
  return isHiding && each.scrollWidth > each.clientWidth + 1 && !each.closest(".visually-hidden, #map, svg, select");
}).map(each => each.outerHTML.slice(0, 160))"""
_WITHOUT_FOCUS = f"""() => {{
  const before = document.activeElement;
  const around = each => [each, each.parentElement, each.nextElementSibling, each.querySelector(":scope > rect")];
  const look = each => around(each).filter(Boolean).map(one => {{
    const of = getComputedStyle(one);
    return [of.outlineStyle, of.outlineWidth, of.outlineColor, of.boxShadow, of.borderColor, of.stroke, of.strokeWidth];
  }}).join();
  const found = [...document.querySelectorAll("{_CONTROLS}")].filter(each => each.getClientRects().length);
  const same = found.slice(0, 150).filter(each => {{
    each.blur();
    const without = look(each);
    each.focus({{preventScroll: true, focusVisible: true}});
    return document.activeElement === each && look(each) === without;
  }}).map(each => each.outerHTML.slice(0, 160));
  before && before !== document.body ? before.focus({{preventScroll: true}}) : document.activeElement.blur();
  return same;
}}"""
_MOVING = """() => [
  ...document.getAnimations().filter(each => each.playState === "running").map(String),
  ...(getComputedStyle(document.documentElement).scrollBehavior === "smooth" ? ["smooth scrolling"] : []),
]"""


def faults(page: Page) -> list[tuple[str, object]]:
    """Return what keeps somebody from using the page that is open; it is left as it was."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE)
    found: list[tuple[str, object]] = [("light", each) for each in page.evaluate(_FOUND, WCAG)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [("dark", each) for each in page.evaluate(_FOUND, WCAG)]
    found += [("moves", each) for each in page.evaluate(_MOVING)]
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    found += [("focus is not seen", each) for each in page.evaluate(_WITHOUT_FOCUS)]
    size = page.viewport_size
    if size is not None and size["width"] == WIDE:
        found += _enlarged(page)
    return found


def _enlarged(page: Page) -> list[tuple[str, object]]:
    """Return what is lost at 200 %: to the page that is half as many pixels each way."""
    size = page.viewport_size
    assert size is not None
    before = page.evaluate(_SHOWN)
    page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
    after = set(page.evaluate(_SHOWN))
    found: list[tuple[str, object]] = [("lost at 200 %", each) for each in before if each not in after]
    found += [("cut off at 200 %", each) for each in page.evaluate(_CUT_OFF)]
    width = page.evaluate("() => document.documentElement.scrollWidth")
    if width > size["width"] // 2:
        found.append(("wider than the window at 200 %", width))
    page.set_viewport_size(size)
    return found
