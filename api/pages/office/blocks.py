"""Texts of the information area as blocks: headings, lists and paragraphs of Markdown, and nothing that could run.

Everything else of Markdown stands as it was written; the template escapes it all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (``level`` 3 or 4), a list, or a paragraph with its lines."""

    kind: str
    lines: tuple[str, ...]
    level: int = 0


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text."""
    found: list[Block] = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        gathered: list[str] = []
        kind = ""
        for line in (each.strip() for each in part.split("\n")):
            if not line:
                continue
            now = "heading" if line.startswith("#") else "list" if line.startswith(("- ", "* ")) else "paragraph"
            if now != kind or now == "heading":
                _close(found, kind, gathered)
                kind, gathered = now, []
            gathered.append(line)
        _close(found, kind, gathered)
    return found


def _close(found: list[Block], kind: str, lines: list[str]) -> None:
    if not lines:
        return
    if kind == "heading":
        # A page has its h1 and h2: what a text calls its first level stands below them.
        hashes = len(lines[0]) - len(lines[0].lstrip("#"))
        found.append(Block(kind, (lines[0].lstrip("#").strip(),), 3 if hashes <= 2 else 4))
    elif kind == "list":
        found.append(Block(kind, tuple(line[2:].strip() for line in lines)))
    else:
        found.append(Block(kind, tuple(lines)))
