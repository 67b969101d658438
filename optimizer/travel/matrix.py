"""Travel times and distances between places: the protocol of providers, and the value they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import InvalidValue
from optimizer.model import Place
from optimizer.model.units import Metres, PlaceId, Seconds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelMatrix:
    """Driving times and distances between all pairs of places.

    Parameters
    ----------
    places
        ``n`` place ids; row and column order of the arrays.
    seconds, metres
        ``(n, n)`` int64, from row to column, all >= 0. Need be neither symmetric nor metric.
    sources
        ``(n, n)`` uint8 indices into ``tags``: where each value came from.
    tags
        Names of the sources, e.g. ``("great_circle", "road_graph")``.
    """

    places: tuple[PlaceId, ...]
    seconds: NDArray[np.int64]
    metres: NDArray[np.int64]
    sources: NDArray[np.uint8]
    tags: tuple[str, ...]

    def __post_init__(self) -> None:
        shape = (len(self.places), len(self.places))
        for name, array in (("seconds", self.seconds), ("metres", self.metres), ("sources", self.sources)):
            if array.shape != shape:
                raise InvalidValue(f"TravelMatrix.{name}", f"shape {shape}", array.shape)
        if len(set(self.places)) != len(self.places):
            raise InvalidValue("TravelMatrix.places", "different ids", "doubles")
        if self.places and (int(self.seconds.min()) < 0 or int(self.metres.min()) < 0):
            raise InvalidValue("TravelMatrix", "times and distances of 0 or more", "a negative one")
        if self.places and int(self.sources.max()) >= len(self.tags):
            raise InvalidValue("TravelMatrix.sources", f"indices below {len(self.tags)}", int(self.sources.max()))
        for array in (self.seconds, self.metres, self.sources):
            array.setflags(write=False)

    def index(self, places: Sequence[PlaceId]) -> NDArray[np.int64]:
        """Return the row of each place; raises ``InvalidValue`` naming those that are missing."""
        row = {place: i for i, place in enumerate(self.places)}
        missing = sorted({place for place in places if place not in row})
        if missing:
            raise InvalidValue(
                "TravelMatrix", "all places of the instance", f"none for {missing}", "Compute the matrix for them."
            )
        return np.array([row[place] for place in places], dtype=np.int64)

    def drive(self, origin: PlaceId, destination: PlaceId) -> Seconds:
        """Seconds from ``origin`` to ``destination``."""
        i, j = self.index((origin, destination))
        return int(self.seconds[i, j])

    def distance(self, origin: PlaceId, destination: PlaceId) -> Metres:
        """Metres from ``origin`` to ``destination``."""
        i, j = self.index((origin, destination))
        return int(self.metres[i, j])

    def source(self, origin: PlaceId, destination: PlaceId) -> str:
        """Tag of the source that this pair's values came from."""
        i, j = self.index((origin, destination))
        return self.tags[int(self.sources[i, j])]


class TravelProvider(Protocol):
    """Anything that can say how long trips take."""

    def matrix(self, places: Sequence[Place], departure: Seconds | None = None) -> TravelMatrix:
        """Return times and distances between ``places`` for a departure at this local second of the day.

        ``None`` asks for times that hold all day: the largest factor of the time of day applies.
        """
        ...
