"""What is sent to whom: codes of documents, and the offices of the Bundespolizei at airports, in both languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from data.catalogue import path
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Value):
    """A kind of document; the file itself stays in the authority's own system.

    ``is_required``: without it the set for the airport office is not complete.
    """

    code: str
    name_de: str
    name_en: str
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AirportOffice(Value):
    """The office of the Bundespolizei at an airport (IATA)."""

    code: str
    airport: str
    name_de: str
    name_en: str


@cache
def documents() -> Mapping[str, Document]:
    """Return the kinds of documents by code, in the order of a set."""
    return MappingProxyType(
        {
            row["code"]: Document(
                code=row["code"], name_de=row["name_de"], name_en=row["name_en"],
                is_required=row["is_required"] == "yes",
            )
            for row in _rows("documents.csv")
        }
    )  # fmt: skip


@cache
def airport_offices() -> Mapping[str, AirportOffice]:
    """Return the offices by code."""
    return MappingProxyType({row["code"]: AirportOffice(**row) for row in _rows("airport_offices.csv")})


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path(name).read_text(encoding="utf-8"))))
