"""Pages of the information area that ship: German Markdown with a small head, entered once where they are missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from data.catalogue import path
from optimizer.errors import InvalidValue
from optimizer.model.value import Value

_HEAD = ("topic", "organisation", "title")
_WRAPPED = re.compile(r"(?<!\n)\n(?!\n|#|\||[-*] |\d+\. )\s*")
"""A line of a file that goes on in the next one: on a page a line ends where its author wants it to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedPage(Value):
    """A page; ``organisation`` is the kind of the body that answers for it (``zrk``, ``zfa``, ``ltrako``)."""

    slug: str
    topic: str
    organisation: str
    title: str
    body: str


@cache
def guidance_pages() -> tuple[ShippedPage, ...]:
    """Return all pages by name of their file, which is their slug."""
    files = sorted((each for each in path("guidance").iterdir() if each.name.endswith(".md")), key=lambda f: f.name)
    return tuple(read_page(each.name.removesuffix(".md"), each.read_text(encoding="utf-8")) for each in files)


def read_page(slug: str, text: str) -> ShippedPage:
    """Read a page: lines ``name: value`` up to an empty line, then the body.

    Raises
    ------
    InvalidValue
        Where the head is not ``topic``, ``organisation`` and ``title``.
    """
    head, _, body = text.partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    if tuple(said) != _HEAD or not body.strip():
        raise InvalidValue(f"guidance/{slug}.md", f"a head of {', '.join(_HEAD)}, then a body", tuple(said))
    return ShippedPage(slug=slug, body=_WRAPPED.sub(" ", body.strip()), **said)
