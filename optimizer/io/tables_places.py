"""Finding a place by what people write: id, name, official key, or coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from difflib import get_close_matches

from optimizer.io.tables_cells import folded
from optimizer.io.tables_problems import CellError
from optimizer.model import Place, PlaceKind
from optimizer.model.units import PlaceId

_COARSE = 2
"""Decimals of coordinates that are kept: about a kilometre, so that no dwelling can be told from its neighbours."""
_NEAR_KM = 50
"""An airport that a town may stand for lies at most so far away (assumption)."""


class PlaceBook:
    """Places by id, name and AGS; those of the day's own table go before the gazetteer. Collects which are used."""

    def __init__(self, own: Iterable[Place], gazetteer: Iterable[Place]) -> None:
        self._own = tuple(own)
        self._by_id: dict[str, Place] = {}
        self._by_word: dict[str, list[Place]] = {}
        own_ids = {place.id for place in self._own}
        own_words = self._index(self._own)
        for word, places in self._index(place for place in gazetteer if place.id not in own_ids).items():
            self._by_word[word] = places
        self._by_word |= own_words
        self._used: dict[PlaceId, Place] = {place.id: place for place in self._own}

    def _index(self, places: Iterable[Place]) -> dict[str, list[Place]]:
        words: dict[str, list[Place]] = {}
        for place in places:
            self._by_id[place.id] = place
            keys = {folded(place.id), folded(place.name)}
            if place.ags and place.kind is PlaceKind.TOWN:
                keys |= {place.ags, place.ags.lstrip("0")}  # spreadsheets drop the leading zero
            for key in keys:
                words.setdefault(key, []).append(place)
        return words

    @property
    def used(self) -> tuple[Place, ...]:
        """Places of the day: its own table, then those of the gazetteer in the order of first use."""
        return tuple(self._used.values())

    def find(self, text: str) -> Place:
        """Return the place that ``text`` names and note that it is used.

        Raises
        ------
        CellError
            No such place (with the nearest names), or several (with their ids).
        """
        place = self._by_id.get(text)
        if place is None:
            found = self._by_word.get(folded(text), [])
            if len(found) > 1:
                ids = ", ".join(place.id for place in found[:8])
                raise CellError("ambiguous_place", f"a place that is named once (ids {ids})", "Write the id.")
            if not found:
                raise self._unknown(text)
            place = found[0]
        self._used.setdefault(place.id, place)
        return place

    def at(self, lat: float, lon: float) -> Place:
        """Return the place at these coordinates, made coarse."""
        lat, lon = round(lat, _COARSE), round(lon, _COARSE)
        key = f"geo:{lat:.{_COARSE}f}:{lon:.{_COARSE}f}"
        return self._used.setdefault(
            key, Place(id=key, name=f"{lat:.{_COARSE}f} N {lon:.{_COARSE}f} E", lat=lat, lon=lon)
        )

    def airport_near(self, key: PlaceId) -> tuple[Place, Place | None]:
        """Return a place that is used, and the nearest airport it may stand for, one of its name first."""
        place = self._used[key]
        airports = [other for other in self._by_id.values() if other.kind is PlaceKind.AIRPORT]
        word = folded(place.name)
        named = [airport for airport in airports if word in folded(airport.name)]
        squeeze = math.cos(math.radians(place.lat))

        def distance(airport: Place) -> float:
            """Kilometres, on a plane: enough to tell near from far."""
            return 111.2 * math.hypot(airport.lat - place.lat, (airport.lon - place.lon) * squeeze)

        near = min(
            (airport for airport in named or airports if distance(airport) <= _NEAR_KM), key=distance, default=None
        )
        return place, near

    def _unknown(self, text: str) -> CellError:
        near = get_close_matches(folded(text), list(self._by_word), n=3, cutoff=0.6)
        # Two words (name and id) may lead to one place: name it once.
        names = list(dict.fromkeys(f"'{self._by_word[word][0].name}'" for word in near))
        action = f"Did you mean {' or '.join(names)}?" if names else "Use a place of the list, or give coordinates."
        return CellError("unknown_place", "id, name or AGS of a known place", action)
