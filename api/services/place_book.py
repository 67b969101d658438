"""Places and Bezirke of the catalogue by what people write."""

from __future__ import annotations

from functools import cache, lru_cache

from data import ZabSite, places, zabs
from optimizer.io.tables_cells import folded
from optimizer.io.tables_places import PlaceBook
from optimizer.io.tables_problems import CellError
from optimizer.model import Place, Zab


@cache
def _book() -> PlaceBook:
    return PlaceBook((), places())


@cache
def _words() -> frozenset[str]:
    return frozenset(folded(word) for place in places() for word in (place.id, place.name, place.ags) if word)


@lru_cache(maxsize=2_048)  # what people write has no end
def find(text: str) -> Place | CellError:
    """Return the place whose id, name or AGS is ``text``, or what is wrong with it, with the nearest names."""
    try:
        return _book().find(text)
    except CellError as error:
        return error


def is_known(text: str) -> bool:
    """Whether ``text`` is the id, name or AGS of any place: quick, where no nearest names are wanted."""
    return folded(text) in _words()


def zab_of(ags: str) -> Zab | None:
    """Return the ZAB of the Bezirk that a municipality lies in; ``None`` outside of North Rhine-Westphalia."""
    return next((site.zab for site in zabs() if ags.startswith(site.ags_prefix)), None)


def bezirk_of(code: str, zab: str | None = None) -> ZabSite | None:
    """Return the Bezirk of a ZAB's organisation, by the ZAB of the catalogue that it says it is, or by its code."""
    return next((site for site in zabs() if site.zab.id == zab or code_of(site.zab) == code), None)


def code_of(zab: Zab) -> str:
    """Return the code of a ZAB's organisation, ``zab:koeln``."""
    return f"zab:{folded(zab.name).removeprefix('zab_')}"


def ags_prefix(bezirk: str) -> str | None:
    """Return the first digits of the AGS of a Bezirk: by itself, its name, or its ZAB (``E``, ``zab:essen``)."""
    if bezirk.isdecimal():
        return bezirk
    word = folded(bezirk.removeprefix("zab:"))
    for site in zabs():
        name = folded(site.zab.name)
        if word in {folded(site.zab.id), folded(site.bezirk), name, name.removeprefix("zab_")}:
            return site.ags_prefix
    return None
