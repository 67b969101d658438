"""Texts of the pages and their English: which there are, which are missing. ``python -m tests.page_texts`` adds them.

An area is a folder of templates, or a module of ``api/pages``; its texts stand in ``api/locale/en/<area>.po``. Texts of
the shared templates and of modules without a folder of their own are in ``pages.po``.
"""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from api.pages.language import LOCALE

API = Path(__file__).parents[1] / "api"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None}
_SILENT = tuple(
    f'"{name}' for name in ("POT-", "PO-Rev", "Generated", "Last-", "Language-Team", "Project-Id", "Report")
)
Text = str | tuple[str, ...]


def area(path: Path) -> str:
    """Return the area of a template or a module."""
    inside = path.relative_to(API).parts[1:]
    name = inside[0].removesuffix(".py").removesuffix(".html")
    return name if (API / "templates" / name).is_dir() else "pages"


def used() -> dict[str, dict[Text, str]]:
    """Return the texts of each area with one place where each stands."""
    found: dict[str, dict[Text, str]] = defaultdict(dict)
    sources = [*(API / "templates").rglob("*.html"), *(API / "pages").rglob("*.py")]
    for path in sorted(sources):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {} if path.suffix == ".py" else {"newstyle_gettext": "true", "silent": "false"}
        with path.open("rb") as file:
            for _, message, _, _ in extract(method, file, KEYWORDS, (), options):
                key: Text = message if isinstance(message, str) else tuple(message[:2])
                found[area(path)].setdefault(key, path.relative_to(API).as_posix())
    return dict(found)


def known(name: str) -> Catalog:
    """Return the English of an area."""
    path = LOCALE / "en" / f"{name}.po"
    return read_po(io.BytesIO(path.read_bytes()) if path.exists() else io.BytesIO(), locale="en")


def missing() -> list[str]:
    """Return a line for each text without English, and for each English text that no page shows."""
    lines = []
    texts = used()
    for name, of_area in texts.items():
        there = {message.id: message for message in known(name) if message.id}
        for key, place in of_area.items():
            said = there.get(key)
            if said is None or not (all(said.string) if isinstance(said.string, tuple) else said.string):
                lines.append(f"{name}.po: no English for {key!r} ({place})")
        lines.extend(f"{name}.po: {key!r} is on no page" for key in there if key not in of_area)
    lines.extend(f"{path.name}: no such area" for path in (LOCALE / "en").glob("*.po") if path.stem not in texts)
    return lines


def main() -> None:
    """Write what is missing into the catalogues, empty, and leave out what no page shows."""
    for name, of_area in used().items():
        there = {message.id: message.string for message in known(name)}
        made = Catalog(locale="en", fuzzy=False, header_comment="# English of the pages: see tests/page_texts.py.")
        for key in sorted(of_area, key=str):
            made.add(key, there.get(key, ("", "") if isinstance(key, tuple) else ""))
        target = LOCALE / "en" / f"{name}.po"
        with io.BytesIO() as out:
            write_po(out, made, width=0, omit_header=False, no_location=True)
            lines = out.getvalue().decode().splitlines()
        # Dates and tools of the header say nothing, and change with every call.
        kept = [line for line in lines if not line.startswith(_SILENT)]
        target.write_text("\n".join(kept) + "\n", encoding="utf-8")
    print("\n".join(missing()))


if __name__ == "__main__":
    main()
