"""What places, offices and requests are called on the pages, by their codes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cache

from api.services import place_book
from api.texts import ROLES, in_language
from api.words import Language
from api.workflow import Role
from data import authority_names, places, zabs
from optimizer.model import PlaceKind

AGS_DIGITS = 8


def place(value: str | None) -> str:
    """Return the name of a place of the catalogue, by its id or its AGS."""
    return "" if value is None else _places().get(value, value)


def zab(value: str | None) -> str:
    """Return the name of a ZAB, by its code (``zab:essen``) or that of the catalogue (``E``)."""
    return "" if value is None else _zabs().get(value, value)


def office(value: str | None, language: Language) -> str:
    """Return the name of an office by its code: a ZAB, the ABH of a Kreis or a town, one that there is once."""
    kind, _dot, rest = (value or "").partition(":")
    if kind == Role.ABH and rest:
        # That of a Kreis may be written with 5 digits.
        return f"ABH {authority_names().get(rest.ljust(AGS_DIGITS, '0'), rest)}"
    return in_language(ROLES[Role(kind)], language) if kind in set(Role) else zab(value)


def handle(key: uuid.UUID) -> str:
    """Return by what people name a request to each other: the end of its id, which is random and says nothing."""
    return f"…{str(key)[-6:]}"


@cache
def _places() -> Mapping[str, str]:
    towns = {each.ags: each.name for each in places() if each.kind is PlaceKind.TOWN and each.ags}
    return towns | {each.id: each.name for each in places()}


@cache
def _zabs() -> Mapping[str, str]:
    return {key: site.zab.name for site in zabs() for key in (place_book.code_of(site.zab), site.zab.id)}
