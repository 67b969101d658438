"""Which cells of an Excel workbook hold formulas.

A formula's stored result is what some program computed last, or 0 where none ever did; a wrong number must not slip in
as a right one, so formulas are refused. The reader of cell values does not tell them apart, so the XML is asked.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.etree import ElementTree as ET

Formulas: TypeAlias = Mapping[str, Sequence[tuple[int, str]]]
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MAX_UNPACKED = 12
"""An archive may unpack to this many times the limit of a file: more is a bomb, not a day's work."""


def formula_cells(raw: bytes, limit: int) -> Formulas:
    """Return the cells with formulas, by sheet name, each as row (from 1) and reference such as ``C7``.

    Raises
    ------
    ValueError
        No workbook: no archive, broken XML, or one that unpacks to more than ``MAX_UNPACKED * limit`` bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if size > MAX_UNPACKED * limit:
                raise ValueError(f"unpacks to {size / 2**20:.0f} MiB")
            return {sheet: _formulas(archive, part) for sheet, part in _sheets(archive).items()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ET.ParseError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise ValueError(f"no workbook ({type(error).__name__})") from error


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    relations = ET.fromstring(_plain(archive, "xl/_rels/workbook.xml.rels"))  # noqa: S314 - _plain refuses entities
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    workbook = ET.fromstring(_plain(archive, "xl/workbook.xml"))  # noqa: S314 - as above
    found = {}
    for sheet in workbook.iter(f"{_MAIN}sheet"):
        target = targets.get(sheet.get(_RELATION), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        found[sheet.get("name", "")] = part
    return found


def _plain(archive: zipfile.ZipFile, part: str) -> bytes:
    """Return a part of the archive; XML that declares entities is refused, since they can unfold without end."""
    content = archive.read(part)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("XML with a document type")
    return content


def _formulas(archive: zipfile.ZipFile, part: str) -> list[tuple[int, str]]:
    content = _plain(archive, part)
    if re.search(rb"<(?:\w+:)?f[\s>/]", content) is None:
        return []
    found = []
    for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 - _plain refuses entities
        if element.tag == f"{_MAIN}c":
            if element.find(f"{_MAIN}f") is not None:
                reference = element.get("r", "")
                found.append((int(re.sub(r"\D", "", reference) or 0), reference))
            element.clear()
    return found
