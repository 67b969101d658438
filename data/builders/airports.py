"""Build ``data/airports.csv``: airports with the parameters of handing over, from PyPI's ``airportsdata`` (MIT).

Names, hand-over points and lead times are typed here; two wrong coordinates of the package are corrected.
"""

from __future__ import annotations

import airportsdata

from data.builders import DATA, write_csv

HEADER = (
    "iata",
    "icao",
    "name",
    "country",
    "lat",
    "lon",
    "timezone",
    "handover_point",
    "handover_before_departure_min",
    "handover_before_charter_min",
    "source",
)

NAMES = {
    "DUS": "Flughafen Düsseldorf",
    "CGN": "Flughafen Köln/Bonn",
    "DTM": "Flughafen Dortmund",
    "FMO": "Flughafen Münster/Osnabrück",
    "NRN": "Flughafen Niederrhein",
    "PAD": "Flughafen Paderborn/Lippstadt",
    "FRA": "Flughafen Frankfurt am Main",
    "HAM": "Flughafen Hamburg",
    "BER": "Flughafen Berlin Brandenburg",
    "MUC": "Flughafen München",
    "HAJ": "Flughafen Hannover",
    "LEJ": "Flughafen Leipzig/Halle",
    "STR": "Flughafen Stuttgart",
    "AMS": "Flughafen Amsterdam Schiphol",
    "BRU": "Flughafen Brüssel",
    "LUX": "Flughafen Luxemburg",
    "EIN": "Flughafen Eindhoven",
    "MST": "Flughafen Maastricht/Aachen",
}

CORRECTED = {"BRU": (50.9014, 4.4844), "LUX": (49.6233, 6.2044)}
"""The package holds degrees, minutes and seconds as if they were decimals: 42 and 30 km off."""

HANDOVER_POINT = {"DE": "Übergabestelle der Bundespolizei"}
"""Coarse on purpose: gates change, and the sheet of the measure names them."""
BEFORE_DEPARTURE_MIN = 120
BEFORE_CHARTER_MIN = 180
"""Assumptions of the rule table; correct single airports here when they state their own."""


def build() -> list[tuple[object, ...]]:
    """Return the rows of ``airports.csv``."""
    airports = airportsdata.load("IATA")
    rows: list[tuple[object, ...]] = []
    for iata, name in NAMES.items():
        airport = airports[iata]
        lat, lon = CORRECTED.get(iata, (airport["lat"], airport["lon"]))
        point = HANDOVER_POINT.get(airport["country"], "Grenzpolizei des Ziellandes")
        source = "airportsdata, coordinates corrected" if iata in CORRECTED else "airportsdata"
        rows.append(
            (
                iata,
                airport["icao"],
                name,
                airport["country"],
                lat,
                lon,
                airport["tz"],
                point,
                BEFORE_DEPARTURE_MIN,
                BEFORE_CHARTER_MIN,
                source,
            )
        )
    return rows


if __name__ == "__main__":
    write_csv(DATA / "airports.csv", HEADER, build())
