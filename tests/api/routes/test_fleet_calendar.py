"""Calendar, absences by day, and working-time profiles of the ZABs through HTTP, on both databases."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

import data
from api.db.tables import ParameterSetRow
from api.services import parameters
from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import NOW, hours
from tests.api.routes.test_duties import body, fleet

_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_night_shift_belongs_to_both_its_days(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)
    sent = body(ids, 20, 28, code="D-N")  # 22:00 to 06:00, local time
    assert house["essen"].call("POST", "/duties", sent).status_code == 201
    found = house["essen"].get("/calendar?from=2026-10-05&to=2026-10-07")
    assert found["zab"] == "zab:essen"
    assert [len(day["duties"]) for day in found["days"]] == [1, 1, 0]
    assert [[each["code"] for each in day["free_vehicles"]] for day in found["days"]] == [[], [], ["V101"]]
    assert [day["weekday"] for day in found["days"]] == [1, 2, 3]
    assert found["days"][0]["duties"][0]["pattern_id"] is None


@_SQLITE
def test_days_are_local_through_both_changes_of_the_clock(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)
    for since, until in (
        ("2026-10-25T23:00:00+01:00", "2026-10-25T23:30:00+01:00"),
        ("2027-03-28T23:00:00+02:00", "2027-03-28T23:30:00+02:00"),
        ("2026-12-31T23:00:00+01:00", "2027-01-01T01:00:00+01:00"),
    ):
        sent = {"crew_id": ids["crew_id"], "code": "training", "starts_at": since, "ends_at": until}
        assert house["essen"].call("POST", "/absences", sent).status_code == 201
    for first, last, expected in (
        ("2026-10-24", "2026-10-26", [0, 1, 0]),
        ("2027-03-27", "2027-03-29", [0, 1, 0]),
        ("2026-12-31", "2027-01-02", [1, 1, 0]),
    ):
        found = house["essen"].get(f"/calendar?from={first}&to={last}")
        assert [len(day["absences"]) for day in found["days"]] == expected
    days = house["essen"].get("/calendar?from=2026-12-24&to=2027-01-01")["days"]
    assert {day["day"]: day["holiday"] for day in days if day["holiday"]} == {
        "2026-12-25": "Erster Weihnachtstag", "2026-12-26": "Zweiter Weihnachtstag", "2027-01-01": "Neujahr",
    }  # fmt: skip
    assert [day["is_working_day"] for day in days] == [True, False, False, False, True, True, True, True, False]


@_SQLITE
def test_what_is_asked_for_must_fit(house: House) -> None:
    for query in ("from=2026-10-05&to=2026-10-04", "from=2026-10-05&to=2027-10-04"):
        refused(house["essen"].call("GET", f"/calendar?{query}"), 422, "parameter_invalid")
    refused(house["ltrako"].call("GET", "/calendar?from=2026-10-05&to=2026-10-05"), 422, "parameter_invalid")
    for zab in ("abh:05113000", "zab:nowhere"):
        refused(house["ltrako"].call("GET", f"/calendar?from=2026-10-05&to=2026-10-05&zab={zab}"), 404, "not_found")


def test_absences_by_day_and_what_they_overlap(desk: Desk) -> None:
    house = desk.house
    ids = fleet(house)

    def away(since: float, until: float, code: str) -> dict[str, Any]:
        times = {"starts_at": hours(since).isoformat(), "ends_at": hours(until).isoformat()}
        answer = house["essen"].call("POST", "/absences", {"crew_id": ids["crew_id"], "code": code, **times})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    leave, ill = away(0, 30, "leave"), away(20, 60, "ill")
    first, second = leave["absence"]["id"], ill["absence"]["id"]
    assert leave["overlapping"] == []
    assert [each["id"] for each in ill["overlapping"]] == [first]
    assert [each["id"] for each in house["essen"].get(f"/absences/{first}/effect")["overlapping"]] == [second]

    def listed(query: str) -> list[str]:
        return [each["id"] for each in house["essen"].get(f"/absences?{query}")["items"]]

    assert listed("from=2026-10-05&to=2026-10-05") == [first, second]
    assert listed("from=2026-10-07&to=2026-10-07") == [second]
    assert listed("to=2026-10-05") == [first, second]
    assert listed("from=2026-10-08") == []
    house.now = hours(70)
    assert listed("") == []
    assert listed("from=2026-10-05&to=2026-10-05") == [first, second]
    refused(house["koeln"].call("GET", f"/absences/{first}/effect"), 404, "not_found")


# --- working times ----------------------------------------------------------------------------------------------------


def another_set(house: House) -> None:
    """A parameter set from 2027 on, with a second profile; synthetic."""

    def work(session: Session) -> None:
        document = parameters.document_of(data.parameter_set())
        document |= {"id": "test-2027", "valid_from": "2027-01-01"}
        document["working_time"] = [*document["working_time"], {**document["working_time"][0], "id": "short"}]
        digest = hashlib.sha256(json.dumps(document).encode()).hexdigest()
        session.add(
            ParameterSetRow(
                created_at=NOW, name="test-2027", valid_from=date(2027, 1, 1), source="test", content=document,
                sha256=digest,
            )
        )  # fmt: skip

    house.store.write(work)


def test_a_duty_takes_the_profile_that_its_zab_works_by_on_the_day(desk: Desk) -> None:
    house = desk.house
    another_set(house)
    chosen = {"profile": "short", "valid_from": "2027-01-01", "source": "Dienstvereinbarung vom 01.10.2026"}
    early = house["essen-lead"].call("POST", "/working-times", chosen | {"valid_from": "2026-12-31"})
    refused(early, 422, "value_refused")
    assert house["essen-lead"].call("POST", "/working-times", chosen).status_code == 201
    refused(house["essen-lead"].call("POST", "/working-times", chosen), 409, "exists_already")
    refused(house["essen-lead"].call("POST", "/working-times", chosen | {"valid_from": "2026-09-30"}), 409, "too_late")
    refused(house["ltrako"].call("POST", "/working-times", chosen), 403, "role_may_not")
    ids = fleet(house)
    profiles = {}
    for day, more in (("2026-12-30", {}), ("2027-01-04", {}), ("2027-01-05", {"profile": "arbzg"})):
        times = {"starts_at": f"{day}T06:00:00+01:00", "ends_at": f"{day}T12:00:00+01:00"}
        sent = {**ids, **times, "code": f"D-{day}", "start_place": "05113000"} | more
        profiles[day] = house["essen"].call("POST", "/duties", sent).json()["profile"]
    assert profiles == {"2026-12-30": "arbzg", "2027-01-04": "short", "2027-01-05": "arbzg"}
    shown = house["koeln"].get("/working-times?on=2027-01-04")
    assert [each["id"] for each in shown["profiles"]] == ["arbzg", "short"]
    assert {each["zab"]: (each["profile"], each["is_chosen"]) for each in shown["zabs"]} == {
        "zab:essen": ("short", True), "zab:koeln": ("arbzg", False),
    }  # fmt: skip
    assert [each["source"] for each in shown["choices"]] == ["Dienstvereinbarung vom 01.10.2026"]
    assert "ArbZG § 5: 11 h" in shown["sources"]
    assert house["essen"].get("/working-times?on=2026-12-31")["zabs"][0]["profile"] == "arbzg"


@_SQLITE
def test_a_pattern_skips_days_whose_set_has_no_such_profile(desk: Desk) -> None:
    house = desk.house
    another_set(house)
    sent = {
        **fleet(house), "code": "E-F", "weekdays": [1, 2, 3, 4, 5], "begins": "06:00", "ends": "14:00",
        "profile": "short", "start_place": "05113000", "valid_from": "2026-12-28",
    }  # fmt: skip
    refused(house["essen"].call("POST", "/shift-patterns", sent), 422, "value_refused")
    pattern = house["essen"].call("POST", "/shift-patterns", sent | {"valid_from": "2027-01-04"}).json()["id"]
    found = house["essen"].call(
        "POST", f"/shift-patterns/{pattern}/duties", {"first_day": "2027-01-04", "last_day": "2027-01-04"}
    )
    key = found.json()["made"][0]["duty_id"]
    assert house["essen"].get(f"/duties/{key}")["profile"] == "short"
