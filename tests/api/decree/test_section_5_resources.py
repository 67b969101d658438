"""Section 5 of the decree of 26 February 2024: resources of the ZABs, through HTTP, on both databases, by its roles.

The decree leaves the measure itself to a later one. What the exchange needs of it today: each ZAB keeps its crews and
vehicles, their regular shifts, absences and the rules they work by; the exchange uses what is there on the day, and
nothing else; the state's coordination and data protection may look.
"""

from __future__ import annotations

import pytest

from tests.api.decision_world import Desk, refused
from tests.api.house import House
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_section_5_resources(desk: Desk) -> None:
    house = desk.house
    # A ZAB enters what it drives with: counts and licences, no name.
    van = house["essen"].call("POST", "/vehicles", {"code": "E-V001", "configurations": [{"seats": 9}]}).json()
    crew = house["essen"].call("POST", "/crews", {"code": "E-C001", "heads": 2, "officers": 2}).json()
    spare = house["essen"].call("POST", "/crews", {"code": "E-C002", "heads": 2, "officers": 2}).json()
    named = house["essen"].call("POST", "/crews", {"code": "Mustermann"})
    refused(named, 422, "body_invalid")

    # Its lead says by which rules it works; any profile of the parameter set in force, with its source.
    chosen = {"profile": "arbzg", "valid_from": "2026-10-01", "source": "ArbZG §§ 3-5"}
    refused(house["essen"].call("POST", "/working-times", chosen), 403, "role_may_not")
    assert house["essen-lead"].call("POST", "/working-times", chosen).status_code == 201

    # Regular shifts are entered once; the duties of the week come of them, not on the public holiday.
    pattern = {
        "code": "E-FRUEH-1", "crew_id": crew["id"], "vehicle_id": van["id"], "weekdays": [1, 2, 3, 6],
        "begins": "06:00", "ends": "14:00", "start_place": "05113000", "valid_from": "2026-10-01",
    }  # fmt: skip
    entered = house["essen"].call("POST", "/shift-patterns", pattern)
    assert entered.status_code == 201, entered.text
    path = f"/shift-patterns/{entered.json()['id']}"
    days = {"first_day": "2026-10-02", "last_day": "2026-10-07"}
    made = house["essen"].call("POST", f"{path}/duties", days).json()
    assert [each["day"] for each in made["made"]] == ["2026-10-05", "2026-10-06", "2026-10-07"]
    assert [(each["day"], each["code"]) for each in made["skipped"]] == [("2026-10-03", "holiday")]
    monday, tuesday, wednesday = (each["duty_id"] for each in made["made"])

    # The exchange uses what is there: a request of Monday finds the seat, and its ZAB promises it.
    request = house.pooled(1)
    assert house.match() == 1
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["duty_id"] == monday
    house["essen"].do(f"/proposals/{offer['id']}/confirm")

    # The crew falls ill on Monday and Tuesday: the promise stands and is told to be in danger, Tuesday takes nobody.
    ill = {"crew_id": crew["id"], "code": "ill", "starts_at": hours(-2).isoformat(), "ends_at": hours(44).isoformat()}
    away = house["essen"].call("POST", "/absences", ill).json()
    assert [each["request_id"] for each in away["in_danger"]] == [request]
    assert "promise_in_danger" in desk.notices("essen")
    effect = house["essen"].get(f"/absences/{away['absence']['id']}/effect")
    assert (effect["in_danger"], effect["free_duties"]) == (away["in_danger"], [tuesday])
    of_tuesday = house.pooled(2, days=1)
    house.match()
    assert house.offer_of(of_tuesday) is None
    assert house.state(request) == "confirmed"

    # The calendar shows it all: who is away, who is free, and what the exchange may use.
    calendar = house["essen"].get("/calendar?from=2026-10-03&to=2026-10-07")
    by_day = {each["day"]: each for each in calendar["days"]}
    assert by_day["2026-10-03"]["holiday"] == "Tag der Deutschen Einheit"
    assert [each["code"] for each in by_day["2026-10-03"]["free_crews"]] == ["E-C001", "E-C002"]
    usable = {day: [each["is_usable"] for each in known["duties"]] for day, known in by_day.items()}
    assert (usable["2026-10-05"], usable["2026-10-06"], usable["2026-10-07"]) == ([False], [False], [True])
    assert by_day["2026-10-05"]["duties"][0]["promised"] == 1
    assert [each["code"] for each in by_day["2026-10-06"]["absences"]] == ["ill"]
    assert [each["code"] for each in by_day["2026-10-06"]["free_crews"]] == ["E-C002"]

    # The ZAB settles it: another crew takes Monday over, and the promise holds.
    shown = house["essen"].call("GET", f"/duties/{monday}")
    changed = {name: shown.json()[name] for name in ("starts_at", "ends_at", "start_place", "end_place")}
    changed |= {"crew_id": spare["id"], "vehicle_id": van["id"]}
    answer = house["essen"].call("PUT", f"/duties/{monday}", changed, if_match=shown.headers["ETag"])
    assert answer.status_code == 200, answer.text
    assert house["essen"].get(f"/absences/{away['absence']['id']}/effect")["in_danger"] == []

    # The pattern is amended: what somebody rides on, and what a person edited, stays as it is.
    later = {name: value for name, value in pattern.items() if name != "code"} | {"begins": "07:00", "ends": "15:00"}
    amended = house["essen"].call("PUT", path, later, if_match="*").json()
    assert {each["day"]: each["code"] for each in amended["kept"]} == {"2026-10-05": "ridden"}
    assert [(each["day"], each["code"]) for each in amended["removed"]] == [("2026-10-06", "crew_away")]
    assert [each["duty_id"] for each in amended["changed"]] == [wednesday]

    # A vehicle in use is not taken out of service over the heads of those who were promised a seat.
    refused(house["essen"].call("POST", f"/vehicles/{van['id']}/retire", {}, if_match="*"), 409, "in_use")
    # A ZAB may withhold what it needs itself.
    house["essen"].do(f"/duties/{wednesday}/withhold")
    of_wednesday = house.pooled(3, days=2)
    house.match()
    assert house.offer_of(of_wednesday) is None

    # Who sees what: other ZABs nothing, the coordination and data protection everything, all others no fleet at all.
    assert house["koeln"].get("/shift-patterns")["items"] == []
    refused(house["koeln"].call("GET", path), 404, "not_found")
    refused(house["koeln"].call("GET", "/calendar?from=2026-10-05&to=2026-10-05&zab=zab:essen"), 404, "not_found")
    for name in ("ltrako", "auditor"):
        assert house[name].get("/calendar?from=2026-10-03&to=2026-10-03&zab=zab:essen")["days"][0]["holiday"]
        refused(house[name].call("POST", f"{path}/duties", days), 403, "role_may_not")
    for name in ("abh", "zfa", "zrk", "admin"):
        refused(house[name].call("GET", "/calendar?from=2026-10-05&to=2026-10-05"), 403, "role_may_not")
        refused(house[name].call("GET", "/shift-patterns"), 403, "role_may_not")
    house.check()
