"""Documents to be printed: parts in, a tagged PDF (PDF/UA-1) out. What is said goes in as data, never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import typst
from fastapi import Response

from api.deadlines import BERLIN
from api.pages import language as told
from api.pages.view import TEMPLATES, View
from api.words import Language

_TEMPLATE = TEMPLATES / "paper" / "document.typ"
_NO_SIGN = "could not be displayed"
_BOX = "\u25a1"
_UNPRINTABLE = tuple(
    re.compile(pattern) for pattern in (r"[^\n\u0020-\uffff]", r"[^\n\u0020-\u024f\u2010-\u2027\u20ac\u25a1]")
)
"""What may have no sign, less and less is left: first emojis and rare scripts, then all but European letters."""
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is printed; ``name`` is the file's, without an ending."""

    name: str
    title: str
    parts: Sequence[Part] = field(default_factory=tuple)
    is_wide: bool = False


def heading(text: str) -> Part:
    """Return a heading below the title."""
    return {"kind": "heading", "text": text}


def text(said: str) -> Part:
    """Return a paragraph."""
    return {"kind": "text", "text": said}


def notice(title: str, said: str) -> Part:
    """Return something that must not be overlooked."""
    return {"kind": "notice", "title": title, "text": said}


def facts(*rows: tuple[str, str]) -> Part:
    """Return names with what they are; those that nothing is said of are left out."""
    return {"kind": "facts", "rows": [list(row) for row in rows if row[1]]}


def table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Part:
    """Return a table; ``widths`` are shares."""
    return {"kind": "table", "head": list(head), "rows": [list(row) for row in rows], "widths": list(widths)}


def lines(*labels: str) -> Part:
    """Return lines to be filled in by hand."""
    return {"kind": "lines", "labels": list(labels)}


def printed(view: View, document: Document) -> Response:
    """Return the document as a file to be saved; no cache keeps it."""
    stamp = f"{told.told_day(view.now, view.language)}, {told.told_time(view.now, view.language)}"
    viewer = view.viewer
    data = {
        "title": document.title, "author": "Restplatzbörse", "lang": view.language.value,
        "region": "DE" if view.language is Language.DE else "GB", "is_wide": document.is_wide,
        "subtitle": view.say("Restplatzbörse, Landestransportkoordination NRW"), "page": view.say("Seite"),
        "footer": view.say("Stand %(stamp)s, ausgegeben für %(login)s (%(organisation)s). Nur für den Dienstgebrauch.")
        % {
            "stamp": stamp, "login": "" if viewer is None else viewer.login,
            "organisation": "" if viewer is None else viewer.organisation_name,
        },
        "parts": list(document.parts),
    }  # fmt: skip
    pdf = compiled(data, at=view.now)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", document.name).strip("-")
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def compiled(data: Mapping[str, Any], *, at: datetime) -> bytes:
    """Return the PDF of the data, with the fonts that the compiler ships and no others: the same everywhere.

    What these fonts have no sign for (somebody wrote an emoji) is printed as a box: no paper fails for it.
    """
    for unknown in _UNPRINTABLE:
        try:
            return _pdf(data, at)
        except typst.TypstError as error:
            if _NO_SIGN not in str(error):
                raise
            data = _boxed(data, unknown)
    return _pdf(data, at)


def _boxed(value: Any, unknown: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return unknown.sub(_BOX, value)
    if isinstance(value, Mapping):
        return {name: _boxed(each, unknown) for name, each in value.items()}
    return [_boxed(each, unknown) for each in value] if isinstance(value, list | tuple) else value


def _pdf(data: Mapping[str, Any], at: datetime) -> bytes:
    return typst.compile(
        _TEMPLATE, root=_TEMPLATE.parent, font_paths=_fonts(), format="pdf", pdf_standards="ua-1",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, timestamp=int(at.timestamp()),
    )  # fmt: skip


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def window(view: View, since: datetime, until: datetime) -> str:
    """Return a window of time: ``Mo., 05.10.2026, 07:00–09:00``."""
    first = told.told_day(since, view.language)
    begin, end = told.told_time(since, view.language), told.told_time(until, view.language)
    if since.astimezone(BERLIN).date() == until.astimezone(BERLIN).date():
        return f"{first}, {begin}–{end}"
    return f"{first}, {begin} – {told.told_day(until, view.language)}, {end}"
