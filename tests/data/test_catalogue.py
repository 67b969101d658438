from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import data
from optimizer.model import Licence, PlaceKind, SeatConfiguration
from optimizer.travel.great_circle import great_circle_km

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"


def km(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    return float(great_circle_km(*(np.array([value]) for value in (lat, lon, to_lat, to_lon)))[0])


def test_ids_and_names_of_places_are_unique() -> None:
    assert [k for k, n in Counter(p.id for p in data.places()).items() if n > 1] == []
    assert [k for k, n in Counter(p.name for p in data.places()).items() if n > 1] == []


def test_all_municipalities_of_all_districts() -> None:
    towns = [p for p in data.places() if p.kind is PlaceKind.TOWN and p.ags]
    assert len(towns) == 396
    assert len({t.ags[:5] for t in towns}) == 53
    assert {t.ags[:3] for t in towns} == {"051", "053", "055", "057", "059"}
    assert all(t.id == t.ags and len(t.ags) == 8 for t in towns)
    assert all(50.3 < t.lat < 52.6 and 5.8 < t.lon < 9.5 for t in towns)


@pytest.mark.parametrize(
    "place",
    [
        "UFA-BUEREN",
        "GRENZE-LICHTENBUSCH",
        "GRENZE-ELTEN",
        "GRENZE-GOCH",
        "GRENZE-STRAELEN",
        "ZAB-K",
        "FRANKFURT",
        "DUS",
    ],
)
def test_places_that_a_day_needs(place: str) -> None:
    assert place in {p.id for p in data.places()}


def test_airports_with_the_two_corrections() -> None:
    by_iata = {a.iata: a for a in data.airports()}
    expected = "DUS CGN DTM FMO NRN PAD FRA HAM BER MUC HAJ LEJ STR AMS BRU LUX EIN MST"
    assert set(by_iata) == set(expected.split())
    for iata, lat, lon in (("BRU", 50.9014, 4.4844), ("LUX", 49.6233, 6.2044)):
        assert km(by_iata[iata].place.lat, by_iata[iata].place.lon, lat, lon) < 1
    assert {a.before_departure for a in by_iata.values()} == {7200}
    assert {a.before_charter for a in by_iata.values()} == {10800}
    assert "Bundespolizei" in by_iata["DUS"].handover_point
    assert "Bundespolizei" not in by_iata["AMS"].handover_point


def test_five_zabs_with_their_bezirk() -> None:
    assert {(z.zab.id, z.bezirk, z.ags_prefix) for z in data.zabs()} == {
        ("E", "Düsseldorf", "051"),
        ("K", "Köln", "053"),
        ("COE", "Münster", "055"),
        ("BI", "Detmold", "057"),
        ("UN", "Arnsberg", "059"),
    }
    assert all(z.depot.kind is PlaceKind.DEPOT and z.depot.ags.startswith(z.ags_prefix) for z in data.zabs())


def test_fleet_of_a_usual_day() -> None:
    fleet = data.fleet()
    vans = Counter(v.zab for v in fleet.vehicles if v.kind == "van")
    assert vans == {"E": 6, "K": 6, "BI": 6, "UN": 5, "COE": 4}
    assert sum(v.kind == "wheelchair_van" for v in fleet.vehicles) == 2
    crews = Counter(c.zab for c in fleet.crews)
    for zab, vehicles in Counter(v.zab for v in fleet.vehicles).items():
        assert abs(crews[zab] - 1.2 * vehicles) <= 0.5
    assert {c.cost_per_hour for c in fleet.crews} == {12200}


def test_vehicle_presets() -> None:
    presets = data.vehicle_presets()
    assert {k: p.cost_per_km for k, p in presets.items()} == {
        "car": 45,
        "van": 60,
        "wheelchair_van": 70,
        "prisoner_transporter": 60,
        "minibus": 95,
        "coach": 220,
    }
    assert {k: p.co2_per_km for k, p in presets.items() if k != "prisoner_transporter"} == {
        "car": 150,
        "van": 230,
        "wheelchair_van": 230,
        "minibus": 330,
        "coach": 750,
    }
    assert presets["car"].configurations == (SeatConfiguration(seats=5),)
    assert presets["van"].configurations == (SeatConfiguration(seats=9),)
    assert not presets["prisoner_transporter"].carries_children
    assert (presets["minibus"].licence, presets["coach"].licence) == (Licence.D1, Licence.D)
    full, *others = presets["wheelchair_van"].configurations
    assert others
    for other in others:
        assert full.seats - other.seats == 2 * other.wheelchair_places > 0


@pytest.mark.skipif(not REFERENCE.exists(), reason="reference data are not at hand (../shared/reference)")
def test_municipalities_against_the_register() -> None:
    file = REFERENCE / "municipalities" / "nrw_municipalities.csv"
    places = {p.id: p for p in data.places()}
    with file.open(encoding="utf-8", newline="") as stream:
        register = list(csv.DictReader(stream))
    assert {r["ags"] for r in register} == {p.id for p in places.values() if p.kind is PlaceKind.TOWN and p.ags}
    assert [(r["ags"], r["name"]) for r in register if places[r["ags"]].name != r["name"]] == []
    apart = {
        r["name"]: km(float(r["lat"]), float(r["lon"]), places[r["ags"]].lat, places[r["ags"]].lon) for r in register
    }
    assert {name: round(d, 1) for name, d in apart.items() if d > 10} == {}
    assert sum(d > 3.5 for d in apart.values()) <= 8


def test_every_municipality_lies_in_a_district_or_is_one() -> None:
    towns = [each for each in data.places() if each.kind is PlaceKind.TOWN and each.ags]
    of_districts = {f"{town.ags[:5]}000" for town in towns if not town.ags.endswith("000")}
    assert set(data.districts()) == of_districts
    assert len(of_districts) == 31
    assert not of_districts & {town.ags for town in towns}
    names = data.authority_names()
    assert (names["05774000"], names["05113000"], names["05774032"]) == ("Kreis Paderborn", "Essen", "Paderborn")


@pytest.mark.skipif(not REFERENCE.exists(), reason="reference data are not at hand (../shared/reference)")
def test_districts_against_the_register() -> None:
    file = REFERENCE / "municipalities" / "nrw_districts.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        register = {
            f"{row['district_ags']}000": row["name"] for row in csv.DictReader(stream) if row["type"] == "Kreis"
        }
    assert {ags: name.removeprefix("Kreis ") for ags, name in data.districts().items()} == register


@pytest.mark.skipif(not REFERENCE.exists(), reason="reference data are not at hand (../shared/reference)")
def test_airports_against_the_reference() -> None:
    with (REFERENCE / "airports" / "airports.csv").open(encoding="utf-8", newline="") as stream:
        reference = {r["iata"]: r for r in csv.DictReader(stream)}
    for airport in data.airports():
        row = reference[airport.iata]
        assert km(airport.place.lat, airport.place.lon, float(row["lat"]), float(row["lon"])) < 1, airport.iata
        assert (airport.icao, airport.timezone) == (row["icao"], row["timezone"])
