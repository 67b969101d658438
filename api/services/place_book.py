"""Places and Bezirke of the catalogue by what people write."""

from __future__ import annotations

from functools import cache, lru_cache

from data import places, zabs
from optimizer.io.tables_cells import folded
from optimizer.io.tables_places import PlaceBook
from optimizer.io.tables_problems import CellError
from optimizer.model import Place


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
