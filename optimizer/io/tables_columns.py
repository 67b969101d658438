"""The one list of tables and columns: name, German name, meaning, unit, allowed values, example, parser.

``docs/import-format.md`` is rendered from it (``tables_docs``), and a test keeps the two alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from optimizer.io import tables_cells as cells
from optimizer.io.tables_time import parse_day, parse_day_or_moment, parse_intervals, parse_moment
from optimizer.model import AgeBand, CaseType, DeadlineClass, Licence, Need, PlaceKind, RejectionCode, Sex

MAX_ROWS: Mapping[str, int] = {
    "pool": 20_000,
    "tours": 20_000,
    "fleet": 5_000,
    "shifts": 5_000,
    "zabs": 500,
    "places": 2_000,
    "published": 40_000,
    "horizon": 1,
}
"""Most records of each table; beyond, the table is refused (a day of all Germany has some 2,000 requests)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. ``german`` lists the headers that stand for it; ``unit`` and ``allowed`` are for people."""

    name: str
    german: tuple[str, ...]
    parse: cells.Parser
    required: bool = False
    meaning: str
    unit: str = ""
    allowed: str = ""
    default: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """One table. ``german`` lists file or sheet names that stand for it; ``may_be_empty``: a header alone is fine."""

    name: str
    german: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]
    required: bool = True
    may_be_empty: bool = False

    def column(self, name: str) -> Column:
        """Return the column of this name; raises ``KeyError``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _c(  # a row of the lists below
    name: str,
    german: str,
    parse: cells.Parser,
    meaning: str,
    *,
    required: bool = False,
    unit: str = "",
    allowed: str = "",
    default: str = "",
    example: str = "",
) -> Column:
    return Column(
        name=name,
        german=tuple(german.split()),
        parse=parse,
        required=required,
        meaning=meaning,
        unit=unit,
        allowed=allowed,
        default=default,
        example=example,
    )


def _codes(kind: type[CaseType | DeadlineClass | Licence | Need | PlaceKind | RejectionCode]) -> str:
    return ", ".join(member.value for member in kind)


_TIME, _DATE, _LIST, _YES_NO = "local time", "local date", "ids, separated by spaces", "yes, no"
_LAT, _LON = cells.degrees(-90, 90), cells.degrees(-180, 180)

_POOL = (
    _c("request", "anfrage aktenzeichen vorgang", cells.parse_id, "Pseudonymous case reference; no name.",
       required=True, allowed="id", example="R-0017"),
    _c("authority", "behoerde abh ags_behoerde", cells.parse_authority, "Requesting authority.",
       allowed="AGS (8 digits, 5 for a Kreis)", example="05762020"),
    _c("case_type", "massnahme art fallart", cells.choice(CaseType, cells.CASE_WORDS),
       "Kind of measure; for lists and statistics only.", allowed=_codes(CaseType), default="country_of_origin",
       example="dublin"),
    _c("people", "personen", cells.parse_people, "Who travels, by age band and sex; nothing more is stored.",
       required=True, allowed=f"age:sex:count by spaces; age {', '.join(AgeBand)}; sex {', '.join(Sex)} (w for f)",
       example="adult:m:1 adult:f:1 6-11:f:2"),
    _c("unit", "familie einheit", cells.parse_id,
       "Family that it belongs to; requests of one unit may ride together whatever the rules on strangers say.",
       allowed="id", example="F-3"),
    _c("bundle", "verbund", cells.parse_id, "Requests that are carried all or none (outward and return).", allowed="id",
       example="B-1"),
    _c("date", "datum tag", parse_day, "Date of all cells of the row that hold a clock time only.", unit=_DATE,
       example="2026-10-05"),
    _c("pickup_place", "abholort abholung", cells.parse_text,
       "Where the people are picked up; coarse on purpose: a municipality or facility, never an address.",
       required=True, allowed="id, name or AGS of a known place; empty where coordinates are given", example="Höxter"),
    _c("pickup_lat", "abholort_breite", _LAT, "Latitude of the pick-up; rounded to 0.01 (about 1 km).",
       unit="degrees north", allowed="-90 to 90, with pickup_lon", example="51.77"),
    _c("pickup_lon", "abholort_laenge", _LON, "Longitude of the pick-up; rounded to 0.01.", unit="degrees east",
       allowed="-180 to 180", example="9.38"),
    _c("pickup_from", "abholung_von", parse_moment, "Earliest begin of the pick-up.", required=True, unit=_TIME,
       example="2026-10-05T06:00"),
    _c("pickup_to", "abholung_bis", parse_moment, "Latest begin of the pick-up.", required=True, unit=_TIME,
       example="08:00"),
    _c("pickup_service_min", "abholung_dauer_min", cells.minutes, "How long the pick-up takes.", unit="minutes",
       allowed="0 to 1440", default="by the parameter set, from the number of people", example="45"),
    _c("handover_place", "uebergabeort uebergabe ziel", cells.parse_text, "Where the people are handed over.",
       required=True, allowed="as pickup_place", example="DUS"),
    _c("handover_lat", "uebergabeort_breite", _LAT, "Latitude of the hand-over.", unit="degrees north",
       allowed="-90 to 90", example="51.28"),
    _c("handover_lon", "uebergabeort_laenge", _LON, "Longitude of the hand-over.", unit="degrees east",
       allowed="-180 to 180", example="6.77"),
    _c("handover_from", "uebergabe_von", parse_moment, "Earliest begin of the hand-over.", unit=_TIME,
       allowed="with handover_to; or departure instead", example="2026-10-05T10:25"),
    _c("handover_to", "uebergabe_bis", parse_moment, "Latest begin of the hand-over.", unit=_TIME, example="11:25"),
    _c("handover_service_min", "uebergabe_dauer_min", cells.minutes, "How long the hand-over takes.", unit="minutes",
       allowed="0 to 1440", default="by the parameter set", example="30"),
    _c("departure", "abflug abflugzeit", parse_moment,
       "Take-off; instead of handover_from and handover_to, which follow from it by the parameter set.", unit=_TIME,
       example="13:25"),
    _c("charter", "sammelcharter", cells.yes_no, "Whether the flight is a charter (earlier hand-over).",
       allowed=_YES_NO, default="no", example="no"),
    _c("needs", "bedarfe bedarf", cells.parse_needs, "Needs as codes; never free text about health.",
       allowed=_codes(Need), example="interpreter"),
    _c("wheelchairs", "rollstuehle", cells.integer(0, 99, "wheelchairs"),
       "People who travel seated in their own wheelchair.", unit="people", allowed="0 to the number of people",
       default="0; 1 for one person with need wheelchair", example="1"),
    _c("luggage", "gepaeck", cells.integer(0, 10_000, "pieces"), "Luggage.", unit="pieces", allowed="0 to 10000",
       default="0", example="2"),
    _c("features", "fahrzeugmerkmale merkmale", cells.parse_ids, "Features that the vehicle must have.", allowed=_LIST,
       example="partition"),
    _c("escorts", "begleiter begleitkraefte", cells.integer(0, 99, "officers"), "Least number of officers on board.",
       unit="officers", allowed="0 to 99", default="0 (the parameter set's rule holds anyway)", example="2"),
    _c("escorts_female", "begleiterinnen", cells.integer(0, 99, "officers"), "How many of them are women.",
       unit="officers", allowed="0 to escorts", default="0", example="1"),
    _c("separate", "getrennt trennung", cells.yes_no, "Officer's flag: rides with nobody of another unit.",
       allowed=_YES_NO, default="no", example="no"),
    _c("excluded", "nicht_mit ausgeschlossen", cells.parse_ids, "Requests that must not be on board at the same time.",
       allowed=_LIST, example="R-0021"),
    _c("max_ride_min", "fahrzeit_max_min", cells.minutes,
       "Own cap on the time on board, on top of the parameter set's.", unit="minutes", allowed="0 to 1440",
       example="240"),
    _c("deadline", "frist", parse_day_or_moment, "Last day for the measure (a time: until then).",
       unit="local date or time", example="2026-10-20"),
    _c("deadline_class", "fristklasse", cells.choice(DeadlineClass, cells.DEADLINE_WORDS), "How near the deadline is.",
       allowed=_codes(DeadlineClass),
       default="from deadline: up to 7 days after the first day urgent, up to 21 soon, else normal (assumption)",
       example="soon"),
    _c("rejected_by", "abgelehnt_von", cells.parse_id, "ZAB that rejected the request in the first round.",
       allowed="id of a ZAB, with rejection_code", example="essen"),
    _c("rejection_code", "ablehnungsgrund", cells.choice(RejectionCode, cells.REJECTION_WORDS), "Its reason, coded.",
       allowed=_codes(RejectionCode), example="no_vehicle"),
    _c("barred_zabs", "gesperrte_zabs", cells.parse_ids, "ZABs that declined it: not offered again.", allowed=_LIST,
       example="koeln"),
    _c("barred_duties", "gesperrte_dienste", cells.parse_ids, "Duties that declined it.", allowed=_LIST,
       example="D-04"),
    _c("pin", "festgelegt", cells.parse_id, "Duty that a dispatcher fixed it to.", allowed="id of a duty",
       example="D-02"),
    _c("night_ground", "nachtgrund", cells.yes_no,
       "Whether the requester recorded a ground for a pick-up at night (AufenthG § 58 (7)).", allowed=_YES_NO,
       default="no", example="no"),
    _c("waived", "ausnahmen", cells.parse_waived,
       "Rules lifted for this request by a recorded override (reason, second person).",
       allowed=", ".join(sorted(cells.WAIVABLE)), example="detour"),
    _c("load", "sitze", cells.integer(0, 999, "seats"), "Seats taken, where not the number of people.", unit="seats",
       allowed="0 to 999", default="from people and wheelchairs", example="3"),
    _c("weight", "gewicht", cells.integer(0, 1_000_000), "Weight in the first stage of the objective.",
       allowed="0 to 1000000", default="that of deadline_class", example="4"),
)  # fmt: skip

_PROMISE = (
    _c("duty", "dienst", cells.parse_id, "Duty (of table shifts) that promised the ride.", required=True, allowed="id",
       example="D-02"),
    _c("pickup_time", "abholzeit", parse_moment, "Promised begin of the pick-up.", required=True, unit=_TIME,
       example="2026-10-05T07:10"),
    _c("handover_time", "uebergabezeit", parse_moment, "Promised begin of the hand-over.", required=True, unit=_TIME,
       example="09:05"),
    _c("tolerance_min", "toleranz_min", cells.minutes,
       "How far promised times may move; one value for all rides of a duty.", unit="minutes", allowed="0 to 1440",
       default="0", example="10"),
    _c("frozen", "eingefroren", cells.yes_no,
       "Whether the tour takes nobody new: it is about to begin, or under way; one value for all rides of a duty.",
       allowed=_YES_NO, default="no", example="no"),
    _c("pickup_position", "abholung_nr", cells.integer(1, 9_999),
       "Place of the pick-up in the order of the duty's stops.", allowed="1 to 9999, for all rides of a duty or none",
       default="by promised time", example="1"),
    _c("handover_position", "uebergabe_nr", cells.integer(1, 9_999), "Place of the hand-over in that order.",
       allowed="1 to 9999", default="by promised time", example="2"),
)  # fmt: skip

_FLEET = (
    _c("vehicle", "fahrzeug kennung", cells.parse_id, "Vehicle.", required=True, allowed="id", example="essen-van-1"),
    _c("zab", "zab_kennung", cells.parse_id, "ZAB that owns it.", required=True, allowed="id", example="essen"),
    _c("kind", "typ fahrzeugart", cells.parse_text, "Kind, for people to read.", allowed="text", default="van",
       example="van"),
    _c("seats", "sitzplaetze", cells.parse_seats,
       "All seats, the driver's included, with +n wheelchair places; alternatives that the vehicle can be set up to.",
       required=True, unit="seats", allowed="n or n+w, by spaces", example="9 6+1"),
    _c("child_seats_0_2", "kindersitze_0_2", cells.integer(0, 99), "Stock of child seats for the ages 0-2.",
       unit="seats", allowed="0 to 99", default="0", example="1"),
    _c("child_seats_3_5", "kindersitze_3_5", cells.integer(0, 99), "For the ages 3-5.", unit="seats", allowed="0 to 99",
       default="0", example="2"),
    _c("child_seats_6_11", "kindersitze_6_11", cells.integer(0, 99), "For the ages 6-11.", unit="seats",
       allowed="0 to 99", default="0", example="2"),
    _c("luggage", "gepaeck", cells.integer(0, 100_000, "pieces"), "Luggage that fits.", unit="pieces",
       allowed="0 to 100000", default="1000 (no limit in practice)", example="12"),
    _c("features", "merkmale", cells.parse_ids, "Features.", allowed=_LIST, example="partition"),
    _c("licence", "fuehrerschein", cells.choice(Licence, {}), "Driving licence it needs.", allowed=_codes(Licence),
       default="B", example="D1"),
    _c("carries_children", "kinder_erlaubt", cells.yes_no,
       "Whether children under 14 may ride (no for a prisoner transporter).", allowed=_YES_NO, default="yes",
       example="yes"),
    _c("available", "verfuegbar", parse_intervals, "When it may be used.", unit="local times",
       allowed="from/to, by spaces", default="always", example="2026-10-05T05:00/2026-10-05T22:00"),
    _c("depot", "standort", cells.parse_text,
       "Where it stands; start and end of its duties unless table shifts says otherwise.", allowed="as pickup_place",
       example="Essen"),
    _c("cost_eur_per_km", "kosten_eur_je_km", cells.cents, "Cost of driving.", unit="EUR per km",
       allowed="0 to 100000, two decimals", default="0", example="0.60"),
    _c("co2_g_per_km", "co2_g_je_km", cells.integer(0, 100_000, "g per km"), "Emission.", unit="g per km",
       allowed="0 to 100000", default="0", example="230"),
)  # fmt: skip

_SHIFTS = (
    _c("duty", "dienst", cells.parse_id, "Shift on a vehicle: what makes at most one tour.", required=True,
       allowed="id; empty together with vehicle: a shift without a vehicle", example="D-02"),
    _c("vehicle", "fahrzeug", cells.parse_id, "Its vehicle.", required=True, allowed="id of table fleet",
       example="essen-van-1"),
    _c("zab", "zab_kennung", cells.parse_id, "ZAB of the crew; the duty counts for it.", required=True, allowed="id",
       example="essen"),
    _c("date", "datum tag", parse_day, "Date of start and end where they hold a clock time only.", unit=_DATE,
       example="2026-10-05"),
    _c("start", "beginn", parse_moment, "Begin of the shift.", required=True, unit=_TIME, example="05:30"),
    _c("end", "ende", parse_moment, "End of the shift.", required=True, unit=_TIME, example="15:30"),
    _c("shift", "schicht", cells.parse_id, "Shift; the same in several rows where its crew can choose the vehicle.",
       allowed="id", default="the duty", example="S-02"),
    _c("crew", "team besatzung", cells.parse_id, "Crew as an anonymous resource; no names.", allowed="id",
       default="the shift", example="essen-crew-1"),
    _c("profile", "arbeitszeitprofil", cells.parse_id, "Working-time profile of the parameter set.", allowed="id",
       default="arbzg", example="arbzg"),
    _c("start_place", "startort", cells.parse_text, "Where the tour begins.", allowed="as pickup_place",
       default="the vehicle's depot", example="Essen"),
    _c("end_place", "endort", cells.parse_text, "Where it ends.", allowed="as pickup_place", default="start_place",
       example="Essen"),
    _c("heads", "koepfe", cells.integer(0, 99, "people"), "People of the crew on board, the driver included.",
       unit="people", allowed="0 to 99", default="2", example="2"),
    _c("officers", "begleitkraefte", cells.integer(0, 99, "officers"), "How many of them count as escorts.",
       unit="officers", allowed="0 to heads", default="heads", example="2"),
    _c("female_officers", "begleiterinnen", cells.integer(0, 99, "officers"), "How many of those are women.",
       unit="officers", allowed="0 to officers", default="0", example="1"),
    _c("licences", "fuehrerscheine", cells.parse_licences, "Driving licences that the crew has.",
       allowed=_codes(Licence), default="B", example="B D1"),
    _c("skills", "kenntnisse", cells.parse_skills, "Needs that the crew meets.",
       allowed="doctor, paramedic, interpreter", example="interpreter"),
    _c("cost_eur_per_hour", "kosten_eur_je_stunde", cells.cents, "Cost of the whole crew.", unit="EUR per hour",
       allowed="0 to 100000, two decimals", default="0", example="122.00"),
)  # fmt: skip

_ZABS = (
    _c("zab", "zab_kennung", cells.parse_id, "Zentrale Ausländerbehörde.", required=True, allowed="id",
       example="essen"),
    _c("name", "bezeichnung", cells.parse_text, "Its name.", allowed="text", default="its id", example="ZAB Essen"),
    _c("prior_load", "vorlast", cells.integer(0, 1_000_000, "requests"),
       "Requests it took earlier in the period of the ledger.", unit="requests", allowed="0 to 1000000", default="0",
       example="12"),
    _c("budget", "obergrenze", cells.integer(0, 1_000_000, "requests"), "Most new requests it takes.", unit="requests",
       allowed="0 to 1000000", default="no limit", example="5"),
)  # fmt: skip

_PLACES = (
    _c("id", "kennung", cells.parse_id, "Place.", required=True, allowed="id", example="05762020"),
    _c("name", "bezeichnung ort", cells.parse_text, "Its name; no address.", required=True, allowed="text",
       example="Höxter"),
    _c("lat", "breite", _LAT, "Latitude.", required=True, unit="degrees north", allowed="-90 to 90", example="51.7753"),
    _c("lon", "laenge", _LON, "Longitude.", required=True, unit="degrees east", allowed="-180 to 180",
       example="9.3812"),
    _c("ags", "gemeindeschluessel", cells.parse_authority, "Official municipality key.", allowed="5 or 8 digits",
       example="05762020"),
    _c("kind", "art", cells.choice(PlaceKind, cells.PLACE_WORDS), "Kind.", allowed=_codes(PlaceKind), default="town",
       example="town"),
)  # fmt: skip

_PUBLISHED = (
    _c("request", "anfrage", cells.parse_id, "Request of the last published plan.", required=True, allowed="id",
       example="R-0017"),
    _c("duty", "dienst", cells.parse_id, "Duty that carried it there.", required=True, allowed="id", example="D-02"),
)  # fmt: skip

_HORIZON = (
    _c("name", "bezeichnung", cells.parse_text, "Name of the day.", allowed="text",
       default="name of the folder or workbook", example="NRW 5 October 2026"),
    _c("first_day", "erster_tag", parse_day, "First day; its midnight is second 0.", unit=_DATE,
       default="first day in the tables", example="2026-10-05"),
    _c("last_day", "letzter_tag", parse_day, "Last day.", unit=_DATE, default="last day in the tables",
       example="2026-10-05"),
)  # fmt: skip

# A promised ride has no bundle, and its windows may stay open: the promise is the window then.
_TOURS = _PROMISE + tuple(
    replace(column, required=False, default="the promised time, give or take the tolerance")
    if column.name in ("pickup_from", "pickup_to")
    else column
    for column in _POOL
    if column.name not in ("bundle", "departure", "charter")
)

TABLES: Mapping[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec(name="pool", german=("anfragen",), meaning="The rejected requests, one row each.", columns=_POOL),
        TableSpec(name="fleet", german=("fahrzeuge", "flotte"), meaning="The vehicles.", columns=_FLEET),
        TableSpec(name="shifts", german=("schichten", "dienste"), meaning="The duties: crews on shifts with a vehicle.",
                  columns=_SHIFTS),
        TableSpec(name="tours", german=("touren",),
                  meaning="What is promised already: one row for each ride on a planned tour.", columns=_TOURS,
                  may_be_empty=True),
        TableSpec(name="zabs", german=("behoerden",), meaning="The ZABs with their load so far.", columns=_ZABS,
                  required=False),
        TableSpec(name="places", german=("orte",), meaning="Places of this day; they go before the gazetteer.",
                  columns=_PLACES, required=False, may_be_empty=True),
        TableSpec(name="published", german=("veroeffentlicht",), meaning="The last published plan.", columns=_PUBLISHED,
                  required=False, may_be_empty=True),
        TableSpec(name="horizon", german=("zeitraum",), meaning="Name and days; one row.", columns=_HORIZON,
                  required=False),
    )
}  # fmt: skip
"""All tables by name."""

FORBIDDEN: frozenset[str] = frozenset(
    {
        *("vorname", "nachname", "familienname", "first_name", "last_name", "surname", "full_name"),
        *("geburtsdatum", "geburtstag", "birth_date", "birthdate", "date_of_birth", "dob"),
        *("adresse", "anschrift", "address", "strasse", "street", "hausnummer", "telefon", "phone", "email"),
        *("nationalitaet", "nationality", "staatsangehoerigkeit", "citizenship", "herkunft", "ethnicity"),
        *("diagnose", "diagnosis", "religion"),
    }
)
"""Headers of columns that the exchange must not be given at all (domain.md, rule 4 of the humane rules)."""
FORBIDDEN_IN_REQUESTS: frozenset[str] = FORBIDDEN | {"name", "namen", "names"}
