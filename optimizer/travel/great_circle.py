"""Travel times from coordinates alone: the fallback where no road graph and no routing engine is at hand.

Above ten kilometres the curve that was calibrated on 28 known pairs in and around North Rhine-Westphalia (measured
errors: ``data/README.md``); below, a town rule that meets the curve at ten kilometres and is 0 for the same place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.errors import InvalidValue
from optimizer.model import Place, PlaceKind, TravelRules
from optimizer.model.units import DAY, HOUR, Seconds
from optimizer.travel.matrix import TravelMatrix

TAG = "great_circle"

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""
ROAD_PER_GREAT_CIRCLE = 1.28
"""Road kilometres per kilometre of great circle (calibrated)."""
TOWN_KM = 10.0
"""Below this great-circle distance the town rule holds."""
TOWN_EXPONENT = 0.7
"""Shape of the town rule: 1 km takes 3.7 min, 5 km 11.4 min; parking and junctions weigh more on short trips."""


def coordinates(places: Sequence[Place]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return latitudes and longitudes in degrees; raises ``InvalidValue`` for points of a plane or equal ids."""
    planes = [place.id for place in places if place.kind is PlaceKind.NODE]
    if planes:
        raise InvalidValue(
            "TravelProvider.matrix", "places with latitude and longitude", planes, "Use the file's own matrix."
        )
    if len({place.id for place in places}) != len(places):
        raise InvalidValue("TravelProvider.matrix", "places with different ids", "doubles", "Name each place once.")
    return np.array([p.lat for p in places], dtype=np.float64), np.array([p.lon for p in places], dtype=np.float64)


def great_circle_km(
    lat: NDArray[np.float64], lon: NDArray[np.float64], to_lat: NDArray[np.float64], to_lon: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return great-circle distances in km by the haversine formula; arguments in degrees, broadcast together."""
    phi, lam, to_phi, to_lam = (np.radians(value) for value in (lat, lon, to_lat, to_lon))
    half = np.sin((to_phi - phi) / 2) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin((to_lam - lam) / 2) ** 2
    distance: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return distance


def _calibrated_minutes(km: NDArray[np.float64]) -> NDArray[np.float64]:
    minutes: NDArray[np.float64] = 9.05 + 60 * ROAD_PER_GREAT_CIRCLE * km / (70 + 41.5 * (1 - np.exp(-km / 30)))
    return minutes


def free_flow_minutes(km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return driving minutes without traffic for great-circle distances in km (any shape, >= 0)."""
    at_edge = float(_calibrated_minutes(np.array([TOWN_KM]))[0])
    town = at_edge * (np.minimum(km, TOWN_KM) / TOWN_KM) ** TOWN_EXPONENT
    minutes: NDArray[np.float64] = np.where(km < TOWN_KM, town, _calibrated_minutes(km))
    return minutes


def factor_permille(rules: TravelRules, departure: Seconds | None) -> int:
    """Return the factor of the local hour of ``departure`` (second of the day; ``None``: the largest of all hours).

    Instants of later days are taken to their own second of the day.
    """
    if departure is None:
        return max(rules.hourly_permille)
    return rules.hourly_permille[departure % DAY // HOUR]


def planned_seconds(minutes: NDArray[np.float64], rules: TravelRules, departure: Seconds | None) -> NDArray[np.int64]:
    """Return planned whole seconds: free-flow minutes times margin and factor of the hour, rounded up."""
    factor = (1000 + rules.margin_permille) * factor_permille(rules, departure) / 1_000_000
    # A part of a millisecond is noise of the arithmetic: without this, an exact 60 s could become 61.
    return np.ceil(np.round(minutes * 60 * factor, 3)).astype(np.int64)


def whole_metres(km: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return metres, rounded up."""
    return np.ceil(np.round(km * 1000, 3)).astype(np.int64)


class GreatCircle:
    """Provider of travel times by great circle; every value carries the tag ``great_circle``.

    Parameters
    ----------
    rules
        Margin and hourly factors; the default plans with free flow.
    """

    def __init__(self, rules: TravelRules | None = None) -> None:
        self.rules = rules if rules is not None else TravelRules()

    def matrix(self, places: Sequence[Place], departure: Seconds | None = None) -> TravelMatrix:
        """Return times and distances between all pairs of ``places``, see ``TravelProvider``."""
        lat, lon = coordinates(places)
        km = great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
        return TravelMatrix(
            places=tuple(place.id for place in places),
            seconds=planned_seconds(free_flow_minutes(km), self.rules, departure),
            metres=whole_metres(ROAD_PER_GREAT_CIRCLE * km),
            sources=np.zeros(km.shape, dtype=np.uint8),
            tags=(TAG,),
        )
