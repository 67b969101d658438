"""Build ``data/zabs.csv``, ``data/vehicle_presets.csv`` and ``data/fleet.csv`` from typed facts and assumptions."""

from __future__ import annotations

from data.builders import DATA, write_csv

ZAB_HEADER = ("id", "name", "bezirk", "ags_prefix", "seat_ags", "crews", "crew_cents_per_head_hour")
# Five ZAB, their Regierungsbezirk and its AGS prefix; crews: 1.2 for each vehicle, rounded to the nearest whole crew.
# 61 EUR for an hour of an officer (Richtwerte LG 1.2, 2018).
ZABS = (
    ("BI", "ZAB Bielefeld", "Detmold", "057", "05711000", 7, 6100),
    ("COE", "ZAB Coesfeld", "Münster", "055", "05558012", 5, 6100),
    ("E", "ZAB Essen", "Düsseldorf", "051", "05113000", 7, 6100),
    ("K", "ZAB Köln", "Köln", "053", "05315000", 8, 6100),
    ("UN", "ZAB Unna", "Arnsberg", "059", "05978036", 7, 6100),
)

PRESET_HEADER = (
    "kind",
    "name",
    "configurations",
    "child_seats_0_2",
    "child_seats_3_5",
    "child_seats_6_11",
    "luggage",
    "features",
    "licence",
    "carries_children",
    "cost_cents_per_km",
    "co2_grams_per_km",
)
# All values are assumptions of the rule table. "9 7+1 5+2": all seats with the driver's, or less two for each
# wheelchair place. Child seats, luggage and features are ours: usual equipment.
PRESETS = (
    ("car", "Pkw", "5", 1, 1, 1, 4, "", "B", "yes", 45, 150),
    ("van", "Kleinbus", "9", 1, 2, 2, 12, "", "B", "yes", 60, 230),
    ("wheelchair_van", "Kleinbus mit Rollstuhlplätzen", "9 7+1 5+2", 1, 1, 2, 10, "ramp", "B", "yes", 70, 230),
    ("prisoner_transporter", "Gefangenentransporter", "9", 0, 0, 0, 8, "cells", "B", "no", 60, 230),
    ("minibus", "Minibus", "17", 2, 3, 4, 30, "", "D1", "yes", 95, 330),
    ("coach", "Reisebus", "49", 2, 4, 6, 90, "", "D", "yes", 220, 750),
)

FLEET_HEADER = ("zab", "kind", "vehicles")
# Vans by ZAB; that the two wheelchair vans stand in Köln and Unna is an assumption.
FLEET = (
    ("BI", "van", 6),
    ("COE", "van", 4),
    ("E", "van", 6),
    ("K", "van", 6),
    ("K", "wheelchair_van", 1),
    ("UN", "van", 5),
    ("UN", "wheelchair_van", 1),
)


if __name__ == "__main__":
    write_csv(DATA / "zabs.csv", ZAB_HEADER, ZABS)
    write_csv(DATA / "vehicle_presets.csv", PRESET_HEADER, PRESETS)
    write_csv(DATA / "fleet.csv", FLEET_HEADER, FLEET)
