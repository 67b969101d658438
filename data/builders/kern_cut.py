"""Cut the style sheet of KERN to what the pages use; what is left is as KERN wrote it.

Left out are rules for classes that no page has, and custom properties that nothing refers to. A page counts as using a
class where its name stands in a template, a module or a script; a name that a template puts together
(``kern-badge--{{ kind }}``) stands for all that begin so, and icons are named one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path

NOTE = "/* KERN, EUPL-1.2, without what no page uses; cut by data/builders/kern_cut.py */\n"
API = Path(__file__).parents[2] / "api"
_ICONS = frozenset({"kern-icon--danger", "kern-icon--info", "kern-icon--success", "kern-icon--warning"})
"""Those of alerts and of faults beside fields."""
_THEMES = frozenset({"kern-dark", "kern-light"})
_NAME = re.compile(r"kern-[\w-]+")
_CLASS = re.compile(r"\.(kern-[\w-]+)")
_NOT = re.compile(r":not\([^()]*\)")
_SET = re.compile(r"(?<=[{;])(--[\w-]+):[^;{}]*;?")
_READ = re.compile(r"var\((--[\w-]+)")


def _own(suffixes: Set[str]) -> str:
    """Return the texts of the pages' own files."""
    found = (path for path in sorted(API.rglob("*")) if path.suffix in suffixes and "vendor" not in path.parts)
    return "\n".join(path.read_text(encoding="utf-8") for path in found)


def used_names() -> frozenset[str]:
    """Return the names of KERN's classes that the pages use, those put together up to where they end."""
    return frozenset(_NAME.findall(_own({".html", ".py", ".js", ".css"})))


def cut(css: str, used: Set[str]) -> str:
    """Return the style sheet without rules for classes that are not used, and without what these alone needed."""
    known = used | _ICONS | _THEMES
    begins = tuple(name for name in used if name.endswith(("-", "_")) and not name.startswith("kern-icon"))
    left = "".join(_rule(block, known, begins) for block in blocks(css.removeprefix(NOTE)))
    own = set(_READ.findall(_own({".css"})))
    while True:
        read = own | set(_READ.findall(left))
        less = _only(left, read)
        if less == left:
            return NOTE + left
        left = less


def _only(css: str, read: Set[str]) -> str:
    """Return the style sheet with only those custom properties that something reads."""
    return _SET.sub(lambda found: found[0] if found[1] in read else "", css)


def _rule(block: str, known: Set[str], begins: tuple[str, ...]) -> str:
    head, _, body = block.partition("{")
    if head.startswith(("@media", "@supports", "@layer")):
        inner = "".join(_rule(each, known, begins) for each in blocks(body.removesuffix("}")))
        return f"{head}{{{inner}}}" if inner else ""
    if head.startswith("@"):
        return block

    def is_used(selector: str) -> bool:
        # A class that something must not have may be one that nothing has.
        names = _CLASS.findall(_NOT.sub("", selector))
        return all(name in known or name.startswith(begins) for name in names)

    kept = ",".join(selector for selector in _selectors(head) if is_used(selector))
    return f"{kept}{{{body}" if kept else ""


def _selectors(head: str) -> Iterator[str]:
    """Yield the selectors of a rule, parted at the commas that stand outside of brackets."""
    depth, begin = 0, 0
    for at, sign in enumerate(head):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield head[begin:at]
            begin = at + 1
    yield head[begin:]


def blocks(css: str) -> Iterator[str]:
    """Yield the outermost blocks and statements of a minified style sheet, in their order."""
    depth, begin, at = 0, 0, 0
    while at < len(css):
        sign = css[at]
        if sign in "\"'":
            at += 1
            while css[at] != sign:
                at += 2 if css[at] == "\\" else 1
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and sign in "};":
            yield css[begin : at + 1]
            begin = at + 1
        at += 1
