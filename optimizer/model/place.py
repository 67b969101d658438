"""A place: a town centre, an airport, a facility, a depot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.errors import InvalidValue
from optimizer.model.units import PlaceId
from optimizer.model.value import Value


class PlaceKind(StrEnum):
    """Kind of a place."""

    TOWN = "town"
    AIRPORT = "airport"
    FACILITY = "facility"
    DETENTION = "detention"
    BORDER = "border"
    DEPOT = "depot"
    NODE = "node"
    """A point of a literature instance; ``lat`` / ``lon`` are then plane coordinates or 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Value):
    """A place, coarse on purpose: exact addresses never reach the optimizer.

    ``ags`` is the official municipality key.
    """

    id: PlaceId
    name: str
    lat: float = 0.0
    lon: float = 0.0
    ags: str = ""
    kind: PlaceKind = PlaceKind.TOWN

    def __post_init__(self) -> None:
        if self.kind is not PlaceKind.NODE and not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise InvalidValue(f"Place {self.id}", "latitude -90..90, longitude -180..180", (self.lat, self.lon))
