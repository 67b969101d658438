"""Impossible at entry: told when a request is entered, amended, imported or only asked about; nothing is refused."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

import data
from api.db.tables import CrewRow, DutyRow, VehicleRow
from api.deadlines import BERLIN
from api.schemas.requests import RequestContent
from api.services.entry_hints import Trip, earliest_departure, trip_of
from api.services.hint_texts import TEXTS
from tests.api.house import House, request_body

FAMILY = [{"age": "adult", "sex": "m", "count": 1}, {"age": "adult", "sex": "f", "count": 1},
          {"age": "6-11", "sex": "f", "count": 1}]  # fmt: skip
ONE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What is computed reads the fleet and the parameter set: one database tells it all."""


def at(clock: str, day: int = 20) -> str:
    """An instant of October 2026 by the clock on the wall; NOW is the first, three weeks before most of these."""
    return datetime.fromisoformat(f"2026-10-{day:02d}T{clock}").replace(tzinfo=BERLIN).isoformat()


def hoexter(departure: str, **fields: Any) -> dict[str, Any]:
    """The family of domain.md: from Höxter to the airport of Düsseldorf, 160 min away."""
    leaves = datetime.fromisoformat(at(departure))
    closes = leaves - timedelta(minutes=120)
    known = {
        "case_reference": "H-1", "case_type": "country_of_origin", "people": FAMILY,
        "pickup": {"place": "Höxter", "earliest": at("06:00"), "latest": at("09:00")},
        "handover": {
            "place": "DUS", "earliest": (closes - timedelta(hours=1)).isoformat(), "latest": closes.isoformat()
        },
        "departure": leaves.isoformat(),
    }  # fmt: skip
    return known | fields


def plain(**fields: Any) -> dict[str, Any]:
    """A man from Essen to Düsseldorf by day, against whom nothing speaks."""
    known = {
        "case_reference": "P-1", "case_type": "country_of_origin",
        "people": [{"age": "adult", "sex": "m", "count": 1}],
        "pickup": {"place": "05113000", "earliest": at("08:00"), "latest": at("09:00")},
        "handover": {"place": "DUS", "earliest": at("10:00"), "latest": at("11:00")},
    }  # fmt: skip
    return known | fields


def hints(house: House, body: dict[str, Any]) -> list[Any]:
    answer = house["abh"].call("POST", "/requests/check", body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["hints"])


def codes(house: House, body: dict[str, Any]) -> list[str]:
    return [each["code"] for each in hints(house, body)]


# --- the Höxter family ------------------------------------------------------------------------------------------------


def test_the_hoexter_family_by_the_numbers_of_the_domain() -> None:
    """06:00 + 45 + 160 + 120 min: no departure before 11:25; 11:35 with the rest stop of the parameter set."""
    content = RequestContent.model_validate_json(json.dumps(hoexter("11:00")))
    drive = 160 * 60
    known = data.parameter_set()
    without = trip_of(content, replace(known, rest_every=None, rest_every_children=None), drive)
    assert without == Trip(
        pickup_service=45 * 60, drive=drive, ride=drive, handover_service=30 * 60, before_departure=120 * 60
    )
    day = date(2026, 10, 20)
    first = earliest_departure(day, without, known.day_start)
    assert first.astimezone(BERLIN) == datetime(2026, 10, 20, 11, 25, tzinfo=BERLIN)
    with_rest = trip_of(content, known, drive)
    later = earliest_departure(day, with_rest, known.day_start)
    assert later.astimezone(BERLIN) == datetime(2026, 10, 20, 11, 35, tzinfo=BERLIN)


def test_six_o_clock_is_six_by_the_wall_on_the_days_of_the_clock_change() -> None:
    trip = Trip(pickup_service=0, drive=3600, ride=3600, handover_service=0, before_departure=0)
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 10, 5)):
        first = earliest_departure(day, trip, 6 * 3600).astimezone(BERLIN)
        assert (first.date(), first.hour, first.minute) == (day, 7, 0)


@ONE
@pytest.mark.parametrize("departure", ["09:00", "11:00", "11:24", "11:34"])
def test_a_flight_that_no_daytime_pick_up_reaches_is_told(house: House, departure: str) -> None:
    (hint,) = hints(house, hoexter(departure))
    assert (hint["code"], hint["path"]) == ("no_daytime_pickup", "/departure")
    assert "11:35" in hint["texts"]["de"]
    assert "45 + 170 + 120" in hint["texts"]["en"]
    assert "ZFA" in hint["actions"]["de"]
    assert "ask ZFA to rebook" in hint["actions"]["en"]


@ONE
def test_a_later_flight_is_not(house: House) -> None:
    assert codes(house, hoexter("12:30")) == []


@ONE
def test_a_window_at_night_does_not_help_the_family(house: House) -> None:
    night = {"place": "Höxter", "earliest": at("03:00"), "latest": at("05:00")}
    assert codes(house, hoexter("10:00", pickup=night)) == ["no_daytime_pickup"]
    assert codes(house, hoexter("10:00", pickup=night, has_night_ground=True)) == ["no_daytime_pickup"]
    man = [{"age": "adult", "sex": "m", "count": 1}]
    assert codes(house, hoexter("10:00", pickup=night, people=man)) == ["no_daytime_pickup"]
    assert codes(house, hoexter("10:00", pickup=night, people=man, has_night_ground=True)) == []


# --- each hint alone --------------------------------------------------------------------------------------------------

_LATE_PICKUP = {"place": "05113000", "earliest": at("22:00"), "latest": at("23:00")}
_LATE_HANDOVER = {"place": "DUS", "earliest": at("23:30"), "latest": at("01:00", 21)}
_EVENING = {"place": "DUS", "earliest": at("21:30"), "latest": at("22:30")}
_FAR = {"place": "MUC", "earliest": at("10:00"), "latest": at("20:00")}
_SOON = {
    "pickup": {"place": "05113000", "earliest": at("08:00", 2), "latest": at("09:00", 2)},
    "handover": {"place": "DUS", "earliest": at("10:00", 2), "latest": at("11:00", 2)},
}
_IN_THREE_DAYS = {
    "pickup": {"place": "05113000", "earliest": at("08:00", 4), "latest": at("09:00", 4)},
    "handover": {"place": "DUS", "earliest": at("10:00", 4), "latest": at("11:00", 4)},
}
CASES: list[tuple[list[str], dict[str, Any]]] = [
    ([], {}),
    (["pickup_at_night"], {"pickup": _LATE_PICKUP, "handover": _LATE_HANDOVER}),
    ([], {"pickup": _LATE_PICKUP, "handover": _LATE_HANDOVER, "has_night_ground": True}),
    (["night_with_children"], {"people": FAMILY, "handover": _EVENING, "pickup": {
        "place": "05113000", "earliest": at("18:00"), "latest": at("20:00")}}),
    (["handover_not_reachable"], {"handover": {"place": "DUS", "earliest": at("08:10"), "latest": at("08:40")}}),
    (["ride_too_long"], {"handover": _FAR, "people": FAMILY}),
    (["ride_too_long"], {"max_ride_minutes": 10}),
    (["deadline_past"], {"deadline": {"at": at("08:00", 1), "regime": "604/2013"}}),
    (["deadline_before_pickup"], {"deadline": {"at": at("08:00", 19), "regime": "604/2013"}}),
    (["deadline_before_handover"], {"deadline": {"at": at("09:00"), "regime": "604/2013"}}),
    ([], {"deadline": {"at": at("23:59"), "regime": "604/2013"}}),
    (["transit_too_late"], {**_SOON, "stop_overs": ["IST"]}),
    (["transit_may_be_late"], {**_IN_THREE_DAYS, "stop_overs": ["IST"]}),
    ([], {"stop_overs": ["IST"]}),
    (["dublin_form_too_late"], {**_IN_THREE_DAYS, "case_type": "dublin"}),
    ([], {"case_type": "dublin"}),
    (["dublin_form_too_late_special"], {"case_type": "dublin", "destination": "FR", "needs_medical_reception": True}),
    (["lying_not_placeable"], {"needs": ["lying"]}),
    (["no_crew_for_need"], {"needs": ["doctor"]}),
    (["no_wheelchair_place"], {"needs": ["wheelchair"], "wheelchairs": 1}),
    (["no_vehicle_so_large"], {"people": [
        {"age": "14-17", "sex": "m", "count": 1}, {"age": "0-2", "sex": "f", "count": 7}]}),
    (["no_crew_so_large"], {"escorts": 5}),
    (["no_crew_with_women"], {"escorts": 2, "escorts_female": 2}),
]  # fmt: skip


@ONE
def test_each_hint_alone(house: House) -> None:
    """Two officers of whom one is a woman, no skills, nine seats without a wheelchair place: all that there is."""
    house.duty("zab:essen")
    wrong = []
    for expected, fields in CASES:
        found = hints(house, plain(**fields))
        if [each["code"] for each in found] != expected:
            wrong.append((expected, found))
        for hint in found:
            assert set(hint["texts"]) == set(hint["actions"]) == {"de", "en"}
            assert all([*hint["texts"].values(), *hint["actions"].values()])
            assert "{" not in json.dumps([hint["texts"], hint["actions"]], ensure_ascii=False).replace('{"de"', "")
    assert wrong == []


@ONE
def test_every_hint_is_tried(house: House) -> None:
    tried = {code for expected, _ in CASES for code in expected} | {"no_daytime_pickup", "no_vehicle_for_children"}
    assert tried == set(TEXTS)


@ONE
def test_an_evening_before_reaches_a_flight_shortly_after_midnight(house: House) -> None:
    flight = plain(
        pickup={"place": "05113000", "earliest": at("19:00", 19), "latest": at("20:30", 19)},
        handover={"place": "DUS", "earliest": at("21:00", 19), "latest": at("22:30", 19)},
        departure=at("00:40", 20),
    )
    assert codes(house, flight) == []


@ONE
def test_what_all_zabs_have_counts(house: House) -> None:
    house.duty("zab:essen")
    assert codes(house, plain(needs=["doctor"])) == ["no_crew_for_need"]
    other = house.duty("zab:koeln")
    change(house, CrewRow, other, lambda content: {**content, "skills": ["doctor"]})
    assert codes(house, plain(needs=["doctor"])) == []
    for duty in house["ltrako"].get("/duties?limit=50")["items"]:
        change(house, VehicleRow, duty["id"], lambda content: {**content, "carries_children": False})
    assert codes(house, plain(people=FAMILY))[:1] == ["no_vehicle_for_children"]


def change(house: House, kind: Any, duty: str, how: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change the crew or the vehicle of a duty past the API."""
    with house.store.writing() as session:
        row = session.get_one(DutyRow, uuid.UUID(duty))
        part = row.crew if kind is CrewRow else row.vehicle
        part.content = how(part.content)


# --- where it is told -------------------------------------------------------------------------------------------------


def test_told_at_entry_amendment_and_import_and_stored_all_the_same(house: House) -> None:
    body = hoexter("11:00", gates={})
    answer = house["abh"].call("POST", "/requests", body | {"enter_as": "pool"})
    assert answer.status_code == 201, answer.text
    entered = answer.json()
    assert [each["code"] for each in entered["hints"]] == ["no_daytime_pickup"]
    assert entered["state"] == "pooled"
    assert entered["blocked_by"] == ["court_order", "urgent_application", "announcement", "fitness_to_travel"]

    later = hoexter("12:30")
    tag = house["abh"].call("GET", f"/requests/{entered['id']}").headers["ETag"]
    amended = house["abh"].call("PUT", f"/requests/{entered['id']}", later, if_match=tag)
    assert (amended.status_code, amended.json()["hints"]) == (200, [])
    again = house["abh"].call("PUT", f"/requests/{entered['id']}", hoexter("10:00"), if_match="*").json()
    assert [each["code"] for each in again["hints"]] == ["no_daytime_pickup"]

    items = [hoexter("11:00", case_reference="I-1"), plain(case_reference="I-2")]
    report = house["abh"].call("POST", "/requests/imports", items).json()
    told = [[each["code"] for each in row["hints"]] for row in report["stored"]]
    assert told == [["no_daytime_pickup"], []]
    house.check()


def test_a_check_answers_the_same_and_stores_nothing(house: House) -> None:
    body = hoexter("11:00", gates={"court_order": "present"})
    answer = house["abh"].call("POST", "/requests/check", body)
    assert answer.status_code == 200, answer.text
    assert [each["code"] for each in answer.json()["hints"]] == ["no_daytime_pickup"]
    assert answer.json()["blocked_by"] == ["urgent_application", "announcement", "fitness_to_travel"]
    assert house["abh"].get("/requests")["items"] == []
    wrong = house["abh"].call("POST", "/requests/check", plain(pickup=plain()["pickup"] | {"place": "Atlantis"}))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "value_refused")
    past = house["abh"].call("POST", "/requests/check", dict(request_body(1, days=-9)))
    assert past.status_code == 422, "nonsense is refused as at entry"
    house.pooled(1)
    twice = house["abh"].call("POST", "/requests/check", dict(request_body(1)))
    assert (twice.status_code, twice.json()["code"]) == (409, "exists_already")
    assert house["essen"].call("POST", "/requests/check", body).status_code == 403
    house.check()
