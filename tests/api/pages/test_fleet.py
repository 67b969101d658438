"""Pages of the fleet without a browser: what a ZAB enters and changes, what it is refused and told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.pages.fleet.calendar import rows_of, span_of
from api.schemas.fleet_calendar import CalendarShown
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.pages.reading import reader

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
VEHICLE: dict[str, Any] = {
    "code": "E-V9", "kind": "van", "seats": ["9", "7", "", ""], "wheelchair_places": ["0", "1", "", ""],
    "child_seats_0": "1", "child_seats_1": "0", "child_seats_2": "2", "licence": "B", "luggage": "12",
    "features": "ramp winch", "cost_per_km": "60", "co2_per_km": "230", "carries_children": "true",
}  # fmt: skip


def only(house: House, path: str, by: str = "essen") -> dict[str, Any]:
    (found,) = house[by].get(path)["items"]
    return dict(found)


@SQLITE
def test_a_vehicle_is_entered_changed_and_told_what_is_wrong(house: House) -> None:
    essen, new = reader(house, "essen"), "/fleet/vehicles/new"
    wrong = essen.send(new, new, VEHICLE | {"licence": "Z", "kind": "Bus!"}, status=422)
    assert {"e-licence", "e-kind"} <= set(re.findall(r'id="(e-\w+)"', wrong.text))
    assert 'value="E-V9"' in wrong.text
    essen.send(new, new, VEHICLE)
    made = only(house, "/vehicles")
    assert made["content"] == {
        "kind": "van", "configurations": [{"seats": 9, "wheelchair_places": 0}, {"seats": 7, "wheelchair_places": 1}],
        "child_seats": [1, 0, 2], "luggage": 12, "features": ["ramp", "winch"], "licence": "B",
        "carries_children": True, "cost_per_km": 60, "co2_per_km": 230,
    }  # fmt: skip
    path = f"/fleet/vehicles/{made['id']}"
    again = {name: value for name, value in VEHICLE.items() if name not in ("code", "carries_children")}
    essen.send(path, path, again | {"luggage": "3"})
    changed = only(house, "/vehicles")["content"]
    assert (changed["luggage"], changed["carries_children"]) == (3, False)
    stale = essen.client.post(path, data=again | {"version": "1"})
    assert stale.status_code == 412
    assert f'action="{path}"' not in reader(house, "ltrako").get(path)
    assert reader(house, "koeln").client.get(path).status_code == 404


@SQLITE
def test_a_vehicle_with_promised_seats_stays_in_service_and_the_duties_are_named(house: House) -> None:
    duty = house.duty()
    proposal = Desk(house).propose(house.pooled(), duty)
    essen = reader(house, "essen")
    path = f"/fleet/vehicles/{only(house, '/vehicles')['id']}"
    house["essen"].do(f"/proposals/{proposal}/confirm")
    refused = essen.send(path, path, {"action": "retire"}, status=409)
    assert f'href="/fleet/duties/{duty}"' in refused.text
    house["essen"].do(f"/proposals/{proposal}/back-out", {"code": "crew_ill"})
    essen.send(path, path, {"action": "retire"})
    assert only(house, "/vehicles")["is_active"] is False
    essen.send(path, path, {"action": "reinstate"})
    assert only(house, "/vehicles")["is_active"] is True


@SQLITE
def test_a_crew_has_counts_and_no_name(house: House) -> None:
    essen, new = reader(house, "essen"), "/fleet/crews/new"
    crew = {"code": "Team", "heads": "3", "officers": "2", "female_officers": "1", "licences": ["B", "D1"],
            "skills": ["interpreter"], "cost_per_hour": "122,50"}  # fmt: skip
    wrong = essen.send(new, new, crew, status=422)
    assert 'id="e-code"' in wrong.text
    assert 'value="122.50"' in wrong.text
    essen.send(new, new, crew | {"code": "E-C9"})
    made = only(house, "/crews")
    assert made["content"]["cost_per_hour"] == 12250
    assert (made["content"]["licences"], made["content"]["skills"]) == (["B", "D1"], ["interpreter"])
    path = f"/fleet/crews/{made['id']}"
    essen.send(path, path, {**crew, "heads": "1"}, status=422)
    essen.send(path, path, {**crew, "heads": "4"})
    assert only(house, "/crews")["content"]["heads"] == 4


@SQLITE
def test_a_duty_is_entered_in_local_time_withheld_and_deleted(house: House) -> None:
    house.duty()
    crew, vehicle = only(house, "/crews")["id"], only(house, "/vehicles")["id"]
    essen, new = reader(house, "essen"), "/fleet/duties/new"
    duty = {"code": "E-D9", "crew_id": crew, "vehicle_id": vehicle, "starts_at": "2026-10-06T05:30",
            "ends_at": "2026-10-06T15:30", "tolerance_minutes": "0", "is_offered": "true"}  # fmt: skip
    wrong = essen.send(new, new, duty | {"ends_at": "2026-10-06T04:00"}, status=422)
    assert 'value="2026-10-06T04:00"' in wrong.text
    answer = essen.send(new, new, duty)
    path = answer.headers["Location"]
    made = house["essen"].get(path.replace("/fleet", "", 1))
    assert (made["starts_at"][:16], made["code"]) == ("2026-10-06T03:30", "E-D9"), "05:30 in summer is 03:30 UTC"
    assert 'value="2026-10-06T05:30"' in essen.get(path)
    assert "E-D9" in essen.get("/fleet?on=2026-10-06")
    essen.send(path, path, {"action": "withhold"})
    assert "nicht angeboten" in essen.get(path)
    essen.send(path, path, {"action": "offer"})
    essen.send(path, path, {"action": "delete"})
    assert essen.client.get(path).status_code == 404


@SQLITE
def test_an_absence_shows_the_promises_that_it_puts_in_danger(house: House) -> None:
    duty = house.duty()
    proposal = Desk(house).propose(house.pooled(), duty)
    house["essen"].do(f"/proposals/{proposal}/confirm")
    essen, new = reader(house, "essen"), "/fleet/absences/new"
    away = {"who": f"crew:{only(house, '/crews')['id']}", "code": "workshop", "starts_at": "2026-10-05T00:00",
            "ends_at": "2026-10-06T00:00"}  # fmt: skip
    essen.send(new, new, away, status=422)
    essen.send(new, new, away | {"who": ""}, status=422)
    path = essen.send(new, new, away | {"code": "leave"}).headers["Location"]
    shown = essen.get(path)
    assert "Zusagen in Gefahr" in shown
    assert f"/fleet/duties/{duty}" in shown
    assert "Urlaub" in essen.get("/fleet?on=2026-10-05")
    house.later(days=4)
    reader(house, "essen").send(path, f"{path}/end", {})
    assert house["essen"].get("/absences")["items"] == []


@SQLITE
def test_a_pattern_makes_duties_and_says_which_days_it_left_out(house: House) -> None:
    house.duty()
    essen, new = reader(house, "essen"), "/fleet/patterns/new"
    pattern = {
        "code": "E-FRUEH", "crew_id": only(house, "/crews")["id"], "vehicle_id": only(house, "/vehicles")["id"],
        "weekdays": ["1", "2", "3", "4", "5", "6"], "begins": "05:30", "ends": "15:30", "valid_from": "2026-10-01",
        "every_weeks": "1", "tolerance_minutes": "0", "is_offered": "true",
    }  # fmt: skip
    wrong = essen.send(new, new, pattern | {"every_weeks": "0"}, status=422)
    assert 'id="e-every_weeks"' in wrong.text
    path = essen.send(new, new, pattern).headers["Location"]
    made = essen.send(path, f"{path}/duties", {"first_day": "2026-10-02", "last_day": "2026-10-06"}, status=200)
    assert "2 Dienste angelegt" in made.text
    assert "Sa., 03.10.2026: Feiertag" in made.text
    assert "anderen Dienst" in made.text
    month = essen.get("/fleet?on=2026-10-06&span=month")
    assert "Tag der Deutschen Einheit" in month
    amended = essen.send(path, path, {**pattern, "begins": "06:30"}, status=200)
    assert "2 Dienste folgen dem Muster" in amended.text
    essen.send(path, path, {"action": "delete"})
    assert "Es gibt noch kein Muster" in essen.get("/fleet/patterns")


@SQLITE
def test_the_table_of_the_calendar_says_what_the_list_says(house: House) -> None:
    house.duty()
    found = CalendarShown.model_validate(house["essen"].get("/calendar?from=2026-10-05&to=2026-10-11"))
    rows = rows_of(found)
    assert [(row.kind, row.resource.code) for row in rows] == [("vehicle", "V1"), ("crew", "C1")]
    told = {(row.resource.code, day, entry.code) for row in rows for day, all_ in row.days.items() for entry in all_}
    assert told == {
        (named.code, each.day, duty.code) for each in found.days for duty in each.duties
        for named in (duty.crew, duty.vehicle)
    }  # fmt: skip
    for day in (each.day for each in found.days):
        assert span_of(day, "week") == (found.days[0].day, found.days[-1].day)
    assert [each.isoformat() for each in span_of(found.days[0].day, "month")] == ["2026-10-01", "2026-10-31"]
    essen = reader(house, "essen")
    for wrong in ("2026-13-01", "x", "0001-01-01", "9999-12-31"):
        assert essen.client.get(f"/fleet?on={wrong}").status_code == 404, wrong


@SQLITE
def test_duties_of_a_file_are_stored_all_or_none_and_every_fault_stands_in_its_row(house: House) -> None:
    essen, at = reader(house, "essen"), "/fleet/duties/import"
    house.duty()
    (vehicle,) = house["essen"].get("/vehicles")["items"]
    head = "duty;vehicle;zab;start;end;crew;heads"
    good = [f"E-W{number};{vehicle['code']};zab:essen;2026-10-{number:02}T06:00;2026-10-{number:02}T14:00;E-K{number};2"
            for number in (12, 13)]  # fmt: skip
    bad = [good[0], "E-W13;E-V404;zab:koeln;2026-10-13T06:00;2026-10-13T25:00;E-K13;zwei"]

    def sent(*rows: str, status: int = 422) -> str:
        file = ("dienste.csv", "\n".join([head, *rows]).encode(), "text/csv")
        return str(essen.send(at, at, {}, files={"file": file}, status=status).text)

    told = sent(*bad)
    assert "Nichts wurde gespeichert" in told
    for column, wanted in (
        ("vehicle (fahrzeug)", "ein Fahrzeug Ihrer ZAB, das im Dienst ist"), ("zab", "„zab:essen“: Ihre eigene ZAB"),
        ("end (ende)", "eine Uhrzeit zwischen 00:00 und 23:59"), ("heads", "Geben Sie eine Zahl ein."),
    ):  # fmt: skip
        rows = [row for row in told.split("<tr>") if column in row.split("</th>")[0]]
        assert any(wanted in row and '<td class="number">3</td>' in row for row in rows), (column, told)
    assert len(house["essen"].get("/duties")["items"]) == 1
    done = sent(*good, status=200)
    assert "Dienste neu: 2" in done
    assert "unverändert: 2" in sent(*good, status=200)
    assert len(house["essen"].get("/duties")["items"]) == 3
    nothing = essen.send(at, at, {}, status=422)
    assert "eine Datei mit Inhalt" in nothing.text
    template = essen.client.get(f"{at}/template")
    assert template.content.decode("utf-8-sig").startswith("duty;")
    assert "zab:essen" in template.text
    reader(house, "ltrako").get(at, status=403)


@SQLITE
def test_a_lead_chooses_the_profile_that_its_zab_works_by(house: House) -> None:
    lead, at = reader(house, "essen-lead"), "/fleet/working-times"
    page = lead.get(at)
    assert "das erste des Parametersatzes" in page
    assert "ZAB Köln" not in page, "a ZAB sees its own"
    known = [each["id"] for each in house["essen-lead"].get("/working-times")["profiles"]]
    said = {"profile": known[-1], "valid_from": "2026-10-05", "source": "Dienstvereinbarung vom 01.09.2026"}
    wrong = lead.send(at, at, said | {"valid_from": "2020-01-01"}, status=409)
    assert "heute oder einen späteren Tag" in wrong.text
    assert "Dienstvereinbarung vom 01.09.2026" in wrong.text
    lead.send(at, at, said)
    assert "Dienstvereinbarung vom 01.09.2026" in lead.get(f"{at}?on=2026-10-06")
    assert "das erste des Parametersatzes" not in lead.get(f"{at}?on=2026-10-06")
    assert f'action="{at}"' not in reader(house, "essen").get(f"{at}?on=2026-10-06").replace(
        f'method="get" action="{at}"', ""
    )
    assert "ZAB Köln" in reader(house, "ltrako").get(at)
