"""What if, by page: a scenario by form or file, a simulation watched and ended, drawings and their tables."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

import pytest
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from api.pages.what_if.names import change_name
from api.schemas.gates import CLEAR
from optimizer.simulate.scenario import Change
from tests.api.house import House
from tests.api.pages.conftest import Person
from tests.api.pages.filled import Reader, reader
from tests.api.past_world import FIRST, LAST, lived
from tests.api.what_if import CALM, DAY, asked, crowded, in_process

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
NEW = "/what-if/scenarios/new"


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    in_process(monkeypatch)


def kept(house: House, who: str = "essen") -> list[dict[str, Any]]:
    return [each["scenario"] for each in house[who].get("/scenarios")["items"]]


def scenario_of(house: House, who: str = "essen", **more: Any) -> str:
    body = {"scenario": {"id": "one more", "title": {"de": "ein Bus mehr", "en": "one more van"},
                         "changes": [{"kind": "add_vehicles", "zab": "zab:essen"}]}} | more  # fmt: skip
    return str(house[who].call("POST", "/scenarios", body).json()["id"])


def begun(person: Reader, **said: Any) -> str:
    """Start a simulation by its form; return its page."""
    person.get("/what-if/simulations/new")
    answer = person.send("/what-if/simulations/new", name="Versuch", first_day=DAY, **said)
    return str(answer.headers["Location"])


@SQLITE
def test_the_form_begins_with_the_next_day_on_which_somebody_is_picked_up(house: House) -> None:
    assert 'value="2026-10-05"' not in reader(house, "essen").get("/what-if/simulations/new")
    house.pooled(1)
    assert re.search(r'id="f-first_day"[^>]*value="2026-10-05"', reader(house, "essen").get("/what-if/simulations/new"))


@SQLITE
def test_a_scenario_is_made_change_by_change(house: House) -> None:
    house.duty("zab:essen")
    person = reader(house, "essen")
    text = person.get(NEW)
    assert "Fahrzeuge mehr" in text
    answer = person.send(NEW, status=200, do="add", add="delay_flight", name="zwei Dinge", **{"c0.zab": "zab:essen"})
    assert answer.text.count("<fieldset") == 2
    assert 'value="zwei Dinge"' in answer.text
    fields: dict[str, Any] = {
        "name": "zwei Dinge", "name_en": "two things", "shared": "true", "do": "save",
        "c0.kind": "add_vehicles", "c0.zab": "zab:essen", "c0.count": "2", "c0.preset": "van",
        "c1.kind": "delay_flight", "c1.place": "DUS", "c1.minutes": "45",
    }  # fmt: skip
    person.get(NEW)
    answer = person.send(NEW, **fields)
    (scenario,) = kept(house)
    assert scenario["title"] == {"de": "zwei Dinge", "en": "two things"}
    assert [(each["kind"], each.get("by")) for each in scenario["changes"]] == [
        ("add_vehicles", None), ("delay_flight", 2700)
    ]  # fmt: skip
    text = person.get(answer.headers["Location"])
    assert 'value="45"' in text
    assert "zwei Dinge" in person.get("/what-if")
    person.get(answer.headers["Location"])
    removed = person.send(answer.headers["Location"], status=200, **{**fields, "do": "remove.0"})
    assert removed.text.count("<fieldset") == 1
    person.page = removed
    person.send(answer.headers["Location"], do="save")
    assert [each["kind"] for each in kept(house)[0]["changes"]] == ["delay_flight"]


@SQLITE
@pytest.mark.parametrize(
    ("kind", "fields", "change"),
    [
        ("break_vehicle", {"vehicle": "V", "day": "2", "hour": "10"}, {"vehicle": "V", "at": 122_400}),
        ("close_zab", {"zab": "zab:essen", "day": "1"}, {"zab": "zab:essen", "day": 0}),
        ("close_zab", {"zab": "zab:essen", "day": ""}, {"zab": "zab:essen", "day": None}),
        ("scale_demand", {"percent": "150"}, {"factor": 1.5, "seed": 0}),
        ("second_round_off", {"percent": "80"}, {"able": 0.8, "seed": 0}),
        ("pooling_off", {}, {}),
        ("move_shift", {"shift": "D", "minutes": "-90"}, {"shift": "D", "by": -5_400}),
        ("delay_flight", {"place": "DUS", "minutes": "\u221230"}, {"place": "DUS", "by": -1_800, "handover": None}),
        (
            "delay_flight",
            {"place": "DUS", "minutes": "60", "day": "2", "from_hour": "10", "until_hour": "12"},
            {"place": "DUS", "by": 3_600, "handover": {"earliest": 122_400, "latest": 129_600}},
        ),
        (
            "cancel_flight",
            {"place": "DUS", "day": "1", "from_hour": "", "until_hour": ""},
            {"place": "DUS", "handover": {"earliest": 0, "latest": 86_400}},
        ),
        ("cancel_flight", {"place": "DUS"}, {"place": "DUS", "handover": None}),
        ("crew_ill", {"crew": "V"}, {"crew": "V", "earliest": None, "latest": None}),
        (
            "crew_ill",
            {"crew": "V", "day": "3", "from_hour": "12", "until_hour": "24"},
            {"crew": "V", "earliest": 216_000, "latest": 259_200},
        ),
        ("add_place", {"place": "05111000", "percent": "25"}, {"share": 0.25, "seed": 0, "requests": []}),
        ("use_parameters", {"ride_cap": "240", "handover": ""}, {"id": None, "changes": {"ride_cap": 14_400}}),
        ("resize_fleet", {"vehicles": "12", "preset": "car"}, {"vehicles": 12, "preset": "car"}),
    ],
)
def test_each_kind_is_said_in_the_units_of_people_and_read_back(
    house: House, kind: str, fields: dict[str, str], change: dict[str, Any]
) -> None:
    duty = str(house.duty("zab:essen"))
    fields = {name: value.replace("D", duty) if name == "shift" else value for name, value in fields.items()}
    change = {name: duty if value == "D" else value for name, value in change.items()}
    person = reader(house, "essen")
    person.get(NEW)
    said: dict[str, Any] = {f"c0.{name}": value for name, value in fields.items()}
    first: dict[str, Any] = {"c0.zab": "", "c0.count": "", "c0.preset": ""} | said
    answer = person.send(NEW, name="x", do="save", **{"c0.kind": kind, **first})
    (made,) = kept(house)[0]["changes"]
    if kind == "add_place":
        place = made.pop("place")
        assert (place["id"], place["name"]) == ("new:05111000", "Düsseldorf")
    assert made == {"kind": kind, **change}
    text = person.get(answer.headers["Location"])
    for name, value in fields.items():
        if name in ("shift", "place"):
            assert re.search(rf'<option value="{value}"[^>]* selected', text), (name, value)
        elif value.lstrip("-\u2212").isdigit():
            shown = value.replace("\u2212", "-")
            assert re.search(rf'name="c0.{name}" type="text" value="{shown}"', text), (name, value)


@SQLITE
def test_a_moved_shift_and_a_new_place_of_pick_up_by_form_are_simulated(house: House) -> None:
    crowded(house)
    (duty, *_others) = house["essen"].get("/duties")["items"]
    person = reader(house, "essen")
    person.get(NEW)
    fields: dict[str, Any] = {
        "c0.kind": "move_shift", "c0.shift": duty["id"], "c0.minutes": "120",
        "c1.kind": "add_place", "c1.place": "05111000", "c1.percent": "100",
        "c0.zab": "", "c0.count": "", "c0.preset": "",
    }  # fmt: skip
    person.send(NEW, name="anders", do="save", **fields)
    key = house["essen"].get("/scenarios")["items"][0]["id"]
    where = begun(person, scenario_ids=key)
    house.answer()
    first, other = house["essen"].get(where.replace("/what-if", "") + "/comparison")["plans"]
    ways = [[stop["place"] for tour in plan["tours"] for stop in tour["stops"]] for plan in (first, other)]
    assert "new:05111000" not in ways[0]
    assert "new:05111000" in ways[1]
    text = person.get(where)
    assert "Düsseldorf – " in text
    assert "new:" not in text, "it has a name"


@SQLITE
def test_a_shift_that_is_over_stays_chosen_and_a_place_must_be_chosen(house: House) -> None:
    person = reader(house, "essen")
    gone = "0199a000-0000-7000-8000-000000000001"
    change = {"kind": "move_shift", "shift": gone, "by": 600}
    key = scenario_of(house, scenario={"id": "x", "changes": [change]})
    assert f'<option value="{gone}" selected' in person.get(f"/what-if/scenarios/{key}")
    fields: dict[str, Any] = {"c0.kind": "add_place", "c0.place": "", "c0.percent": "101"}
    answer = person.send(f"/what-if/scenarios/{key}", status=422, name="x", do="save", **fields)
    assert 'id="e-c0.place"' in answer.text
    fields["c0.place"] = "05111000"
    answer = person.send(f"/what-if/scenarios/{key}", status=422, name="x", do="save", **fields)
    assert 'id="e-c0.percent"' in answer.text


@SQLITE
def test_what_is_wrong_stands_beside_its_field(house: House) -> None:
    person = reader(house, "essen")
    person.get(NEW)
    answer = person.send(
        NEW, status=422, name="x", do="save", **{"c0.kind": "add_vehicles", "c0.zab": "zab:essen", "c0.count": "0"}
    )
    assert 'id="e-c0.count"' in answer.text
    assert "1 bis 1000" in answer.text
    assert kept(house) == []


@SQLITE
@pytest.mark.parametrize(
    ("kind", "fields", "faults"),
    [
        ("delay_flight", {"minutes": "60", "from_hour": "10"}, {"day": "der Tag zu diesen Stunden"}),
        ("cancel_flight", {"day": "x"}, {"day": "eine ganze Zahl von 1 bis 366"}),
        ("cancel_flight", {"day": "0", "until_hour": "25"}, {"day": "1 bis 366", "until_hour": "0 bis 24"}),
        ("crew_ill", {"crew": "V", "day": "1", "from_hour": "14", "until_hour": "9"},
         {"until_hour": "keine Stunde vor der ersten"}),
    ],
)  # fmt: skip
def test_hours_that_are_none_are_told_beside_their_fields(
    house: House, kind: str, fields: dict[str, str], faults: dict[str, str]
) -> None:
    person = reader(house, "essen")
    person.get(NEW)
    blank: dict[str, Any] = {"c0.zab": "", "c0.count": "", "c0.preset": "", "c0.place": "DUS"}
    said: dict[str, Any] = {f"c0.{name}": value for name, value in fields.items()}
    text = person.send(NEW, status=422, name="x", do="save", **{"c0.kind": kind, **blank, **said}).text
    for field, told in faults.items():
        assert re.search(rf'id="e-c0.{field}"[^<]*(<[^>]*>[^<]*)*?{told}', text), (field, told)
    assert kept(house) == []


@SQLITE
def test_a_file_is_taken_in_and_what_no_form_can_say_stays(house: House) -> None:
    person = reader(house, "essen")
    person.get(NEW)
    file = {"format": "restplatz-scenario", "version": 1, "scenario": {"id": "file", "changes": [
        {"kind": "pooling_off"},
        {"kind": "delay_flight", "place": "DUS", "by": 90, "handover": {"earliest": 0, "latest": 9}},
        {"kind": "crew_ill", "crew": "C", "earliest": 3600},
        {"kind": "add_place", "place": {"id": "05111000", "name": "anderswo", "lat": 51.1, "lon": 6.9}, "share": 0.5},
    ]}}  # fmt: skip
    answer = person.client.post(
        "/what-if/scenarios/upload", data={"call_key": "a-key"}, files={"file": ("s.json", json.dumps(file))}
    )
    assert answer.status_code == 303
    where = answer.headers["Location"]
    text = person.get(where)
    assert "Weitere Änderungen, aus einer Datei" in text
    first: dict[str, Any] = {"c0.kind": "pooling_off"}
    person.send(where, name="file", do="save", **first)
    assert [each["kind"] for each in kept(house)[0]["changes"]] == [
        "pooling_off", "delay_flight", "crew_ill", "add_place"
    ]  # fmt: skip
    assert kept(house)[0]["changes"][3]["place"]["name"] == "anderswo"
    broken = person.client.post(
        "/what-if/scenarios/upload", data={"call_key": "other"}, files={"file": ("s.json", b"no json")}
    )
    assert broken.status_code == 422
    assert "Die Datei ist kein Szenario" in broken.text


@SQLITE
def test_others_read_what_is_shared_and_have_no_form(house: House) -> None:
    key = scenario_of(house, "koeln", shared=True)
    text = reader(house, "essen").get(f"/what-if/scenarios/{key}")
    assert "ein Bus mehr" in text
    assert 'name="c0.kind"' not in text
    assert "Löschen" not in text
    person = reader(house, "koeln")
    person.get(f"/what-if/scenarios/{key}")
    person.send(f"/what-if/scenarios/{key}/delete")
    assert kept(house, "koeln") == []


@SQLITE
def test_plans_are_compared_with_time_line_map_and_their_tables(house: House) -> None:
    crowded(house)
    key = scenario_of(house)
    person = reader(house, "essen")
    assert f'value="{key}" checked' in person.get(f"/what-if/simulations/new?scenario={key}")
    where = begun(person, scenario_ids=key)
    assert "data-events=" in person.get(where)
    house.answer()
    text = person.get(where)
    assert "data-events=" not in text
    assert re.search(r"<li>ein Bus mehr: [\d,]+ beförderte Anfragen? mehr in diesem Zeitraum</li>", text)
    assert text.count('class="time time--day"') == 2
    assert "neues Fahrzeug 1" in text
    assert "XV1" not in text
    assert "Auf Touren anderer ZABs, die hier nicht gezeigt sind, fahren mit: ZAB Köln: " in text
    assert re.search(r'<text class="chart__value"[^>]*>\+\d', text), "bars with what they stand for"
    assert re.search(r'text-anchor="middle">0</text>', text), "and a scale"
    assert re.search(r">[\d.]+,\d\d\xa0€</td>", text), "money with both digits"
    assert text.count("data-way=") >= 3
    assert "zab:koeln" not in text.replace("zab:koeln-", ""), "others have names, and are counted"
    book = person.client.get(f"{where}/workbook")
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(book.content)).sheet_names) >= 3


@SQLITE
def test_a_sweep_has_bars_a_curve_and_their_tables(house: House) -> None:
    crowded(house)
    person = reader(house, "ltrako")
    where = begun(person, one_more_each="true", preset="van", fleet_sizes="1 2 3", most="3", period="month")
    house.answer()
    text = person.get(where)
    assert text.count('class="chart__bar"') >= 6
    assert 'class="chart__curve"' in text
    assert "Unterschied zu" in text
    assert "im Monat" in text


@SQLITE
def test_days_that_are_over_are_replayed_under_the_usual_and_other_rules(house: House) -> None:
    lived(house)
    key = scenario_of(house)
    person = reader(house, "essen")
    where = "/what-if/back-tests/new"
    assert where in person.get("/what-if")
    text = person.get(where)
    assert 'value="2026-10-06"' in text
    assert re.search(r"Frühestens [^:]*08\.09\.2026: ", text)
    refused = person.send(where, status=422, name="x", first_day=FIRST, last_day=LAST, ahead_days="15", frozen="nie")
    assert re.search(r'id="e-frozen"', refused.text)
    person.page = refused
    refused = person.send(where, status=422, ahead_days="15", frozen="6", last_day="2026-10-07")
    assert re.search(r'id="e-ahead_days"', refused.text)
    person.page = refused
    refused = person.send(where, status=422, ahead_days="1")
    assert "Erwartet: einen Tag vor dem 07.10.2026" in refused.text
    person.page = refused
    answer = person.send(where, last_day=LAST, frozen="0", change_budget="2", scenario_ids=key)
    told = person.get(answer.headers["Location"])
    assert "Rückblick auf vergangene Tage" in told
    house.answer()
    told = person.get(answer.headers["Location"])
    rules = "Tage voraus: 1, fest so viele Stunden vorher: 0, Änderungen je Nacht: höchstens 2"
    assert f"<li>{rules}: kein Unterschied" in told
    assert "<li>ein Bus mehr: kein Unterschied" in told
    assert '<th scope="col" class="number">Tage</th>' in told
    shown = house["essen"].get(answer.headers["Location"].replace("/what-if", ""))
    assert (shown["state"], shown["results"]) == ("done", 6)


@SQLITE
def test_what_cannot_be_simulated_is_told_and_the_form_stays(house: House) -> None:
    key = scenario_of(house)
    person = reader(house, "essen")
    person.get("/what-if/simulations/new")
    answer = person.send("/what-if/simulations/new", status=422, name="leer", first_day="2026-11-05", scenario_ids=key)
    assert "An diesen Tagen wartet niemand" in answer.text
    assert 'value="leer"' in answer.text
    person.get("/what-if/simulations/new")
    nothing = person.send("/what-if/simulations/new", status=422, name="nichts", first_day=DAY)
    assert "mindestens ein Szenario oder eine Untersuchung" in nothing.text


@SQLITE
def test_one_that_waits_is_ended_on_its_page(house: House) -> None:
    crowded(house, 1)
    person = reader(house, "essen")
    where = begun(person, scenario_ids=scenario_of(house))
    person.get(where)
    person.send(f"{where}/end")
    assert "vorzeitig beendet" in person.get(where)
    assert "Es gibt keine Ergebnisse" in person.get(where)
    reader(house, "koeln").get(where, 404)


@SQLITE
def test_by_keyboard_from_the_form_to_the_comparison(somebody: Callable[..., Person], house: House) -> None:
    crowded(house)
    person = somebody("essen")
    person.go("/what-if/back-tests/new")
    person.check()
    page: Any = person.go("/what-if")
    person.check()
    page.get_by_role("link", name="Neues Szenario").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/scenarios/new")
    page.locator("#f-name").fill("ein Bus mehr in Essen")
    page.get_by_label("ZAB", exact=True).select_option("zab:essen")
    person.check()
    page.get_by_role("button", name="Speichern").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/new"))
    page.get_by_role("link", name="Simulieren").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/simulations/new?**")
    page.locator("#f-name").fill("Hilft ein Bus?")
    page.locator("#f-first_day").fill(DAY)
    person.check()
    page.get_by_role("button", name="Simulieren").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/simulations/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="Fortschritt")).to_be_visible()
    person.check()
    house.answer()
    expect(page.get_by_role("heading", name="Was die Szenarien bringen")).to_be_visible(timeout=30_000)
    expect(page.locator("#map .way").first).to_be_visible()
    page.get_by_text("Als Tabelle").first.click()
    person.check()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="What the scenarios bring")).to_be_visible()
    person.check()


@SQLITE
def test_what_would_help_is_tried_from_the_page_of_the_request(house: House) -> None:
    house.duty("zab:essen", since=5, until=7)
    request = house.pooled(1)
    house.match()
    for who, may_try in (("abh", False), ("essen", True)):
        asked = house[who].call("POST", "/explanations", {"asks": "what_helps", "request_id": request}).json()["id"]
        house.answer()
        where = f"/requests/{request}/why/{asked}"
        person = reader(house, who)
        text = person.get(where)
        kinds = [each["kind"] for each in house[who].get(f"/explanations/{asked}")["what_helps"]["relaxations"]]
        assert (f'action="{where}/try"' in text) is may_try, kinds
    number = next(n for n, kind in enumerate(kinds) if kind in ("shift_later", "handover_earlier", "pickup_earlier"))
    answer = person.send(f"{where}/try", number=str(number), call_key="one")
    house.answer()
    told = house["essen"].get(answer.headers["Location"].partition("?")[0].replace("/what-if", "") + "/comparison")
    assert told["lines"][1]["differences"]["carried"]["mean"] == 1, "with it the request rides"
    shown = person.get(answer.headers["Location"])
    assert f"Ausprobieren für …{request[-6:]}: Was würde helfen?" in shown
    wanted = house["essen"].get(f"/explanations/{asked}")["what_helps"]["relaxations"][number]
    assert wanted["actions"]["de"] in shown, "who must do what to make it real"
    assert f'href="{where}"' in shown, "the way back"
    assert wanted["texts"]["de"] not in {line["titles"]["de"] for line in told["lines"]}, "a name is no whole sentence"
    assert f'href="{where}"' not in person.get(answer.headers["Location"].replace(asked, request)), "no answer of mine"
    assert house.state(request) == "pooled", "nothing was changed"
    for said in ({"number": "99"}, {"number": "0", "of": "combinations"}):
        nobody = person.client.post(f"{where}/try", data={"call_key": "two"} | said)
        assert nobody.status_code == 404


def tried(house: House, request: str, kinds: set[str], who: str = "essen") -> None:
    """Try the first of what helps that has changes of these kinds from its page: with it the request rides."""
    asked = house[who].call("POST", "/explanations", {"asks": "what_helps", "request_id": request}).json()["id"]
    house.answer()
    helps = house[who].get(f"/explanations/{asked}")["what_helps"]
    listed = [(of, n, each) for of in ("relaxations", "combinations") for n, each in enumerate(helps[of])]
    of, number = next(
        (of, n) for of, n, each in listed if {change["kind"] for change in each["changes"]} == kinds
    )  # fmt: skip
    where, person = f"/requests/{request}/why/{asked}", reader(house, who)
    form = f'name="of" value="{of}"><input type="hidden" name="number" value="{number}"'
    assert form in person.get(where)
    answer = person.send(f"{where}/try", of=of, number=str(number), call_key="one")
    house.answer()
    told = house[who].get(answer.headers["Location"].partition("?")[0].replace("/what-if", "") + "/comparison")
    assert told["lines"][1]["differences"]["carried"]["mean"] == 1, "it rides with it alone"


@SQLITE
def test_another_day_is_tried_on_both_days(house: House) -> None:
    house.duty("zab:essen", days=1)
    tried(house, house.pooled(1), {"move_day"})


@SQLITE
def test_two_changes_are_tried_together(house: House) -> None:
    house.duty("zab:essen", since=5, until=7)
    tried(house, house.pooled(1, needs=["interpreter"]), {"supply_skills", "extend_shift"})


@SQLITE
def test_a_gate_that_opens_is_tried_and_stays_closed_in_today(house: House) -> None:
    house.duty("zab:essen")
    request = house.pooled(1, gates=CLEAR | {"court_order": None})
    house.pooled(2)
    tried(house, request, {"open_gates"})
    both = {"id": "both", "changes": [{"kind": "open_gates", "request": request}, {"kind": "pooling_off"}]}
    sweep = {"studies": [{"kind": "one_more_each"}], "fewest": 2, "most": 2, "draws": CALM}
    refused = asked(house, scenarios=[both], sweep=sweep, status=422)
    assert [each["path"] for each in refused["errors"]] == ["/sweep/studies"]
    other = {"id": "other", "changes": [{"kind": "record_night_ground", "request": request}]}
    refused = asked(house, scenarios=[both, other], status=422)
    assert [each["path"] for each in refused["errors"]] == ["/scenarios/1/changes/0/request"], "it is not among these"
    nobody = {"id": "nobody", "changes": [{"kind": "pooling_off"}, {"kind": "open_gates", "request": "nobody"}]}
    refused = asked(house, scenarios=[nobody], status=422)
    assert [each["path"] for each in refused["errors"]] == ["/scenarios/0/changes/1/request"]


@SQLITE
def test_changes_name_no_duty_and_no_vehicle_that_is_not_the_readers(house: House) -> None:
    duty = house.duty("zab:essen", since=5, until=7)
    house.duty("zab:essen", days=1)
    request = house.pooled(1)
    for who, knows in (("abh", False), ("essen", True), ("koeln", False), ("ltrako", True)):
        key = house[who].call("POST", "/explanations", {"asks": "what_helps", "request_id": request}).json()["id"]
        house.answer()
        told = house[who].get(f"/explanations/{key}")["what_helps"]["relaxations"]
        shift = next(each for each in told if each["kind"] == "shift_later")
        named = [{"kind": "extend_shift", "duty": duty, "later": 60 * shift["size"]}]
        assert shift["changes"] == (named if knows else []), who
        day = next(each for each in told if each["kind"] == "day_later")
        assert day["changes"] == [{"kind": "move_day", "request": request, "days": 1}], who


def test_every_change_has_a_name_in_both_languages() -> None:
    union, _ = get_args(Change)
    kinds = {str(each.default) for value in get_args(union) for each in fields(value) if each.name == "kind"}
    assert {kind for kind in kinds if kind in change_name(kind)} == set()
