"""Texts of the information area as blocks: headings, lists, tables and paragraphs of Markdown, nothing that could run.

Everything else of Markdown stands as it was written; the template escapes it all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STRONG = "**"
_ITEM = re.compile(r"[-*]\s+(.+)")
_NUMBERED = re.compile(r"\d{1,3}\.\s+(.+)")
_RULE = re.compile(r"\|[\s|:-]+\|?")
"""The line below the head of a table."""
Span = tuple[str, bool]
"""Some text, and whether it stands out."""
Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (``level`` 3 or 4), a ``list``, a ``numbered`` one, or a paragraph with its lines; or a ``table``."""

    kind: str
    lines: tuple[Line, ...] = ()
    level: int = 0
    rows: tuple[tuple[Line, ...], ...] = ()
    """Cells of a table, its head first."""


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text."""
    found: list[Block] = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        gathered: list[str] = []
        kind = ""
        for line in (each.rstrip() for each in part.split("\n")):
            if not line.strip():
                continue
            now = _kind(line.strip())
            if kind in ("list", "numbered") and now == "paragraph" and line.startswith("  "):
                # What is indented below an item belongs to it.
                gathered[-1] += f" {line.strip()}"
                continue
            if now != kind or now == "heading":
                _close(found, kind, gathered)
                kind, gathered = now, []
            gathered.append(line.strip())
        _close(found, kind, gathered)
    return found


def _kind(line: str) -> str:
    if line.startswith("#"):
        return "heading"
    if _ITEM.fullmatch(line):
        return "list"
    if _NUMBERED.fullmatch(line):
        return "numbered"
    return "table" if line.startswith("|") and line.count("|") > 1 else "paragraph"


def _close(found: list[Block], kind: str, lines: list[str]) -> None:
    if not lines:
        return
    if kind == "heading":
        # A page has its h1 and h2: what a text calls its first level stands below them.
        hashes = len(lines[0]) - len(lines[0].lstrip("#"))
        found.append(Block(kind, (_line(lines[0].lstrip("#").strip()),), 3 if hashes <= 2 else 4))
    elif kind in ("list", "numbered"):
        mark = _ITEM if kind == "list" else _NUMBERED
        items = [told[1] for line in lines if (told := mark.match(line)) is not None]
        found.append(Block(kind, tuple(_line(each) for each in items)))
    elif kind == "table":
        cells = [[each.strip() for each in line.strip("|").split("|")] for line in lines if not _RULE.fullmatch(line)]
        found.append(Block(kind, rows=tuple(tuple(_line(each) for each in row) for row in cells)))
    else:
        found.append(Block(kind, tuple(_line(line) for line in lines)))


def _line(text: str) -> Line:
    """Return a line in parts: what stands between two pairs of stars stands out; a pair alone is just stars."""
    parts = text.split(_STRONG)
    if len(parts) % 2 == 0:
        parts[-2:] = [_STRONG.join(parts[-2:])]
    return tuple((part, number % 2 == 1) for number, part in enumerate(parts) if part)
