"""Pages of requests: entry, the page of one with its deeds, placing by hand, the second person. Without a browser."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from api.db.tables import AuditEntry
from api.deadlines import BERLIN
from api.pages.requests import names
from api.services import place_book
from api.workflow import State
from optimizer.explain.messages import MESSAGES
from optimizer.model import Place, Rule
from tests.api.decision_world import Desk
from tests.api.house import House, request_body
from tests.api.pages.filled import forms, reader

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ENTRY = {
    "case_reference": "A-77", "people.0.sex": "m", "pickup.place": "Essen", "pickup.earliest": "2026-10-05T07:00",
    "pickup.latest": "2026-10-05T09:00", "handover.place": "Flughafen Düsseldorf",
    "handover.earliest": "2026-10-05T08:00", "handover.latest": "2026-10-05T11:00", "gates.court_order": "not_needed",
    "gates.urgent_application": "none", "gates.announcement": "not_needed", "gates.fitness_to_travel": "fit",
}  # fmt: skip


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@SQLITE
def test_a_request_is_entered_once_and_its_address_is_sealed_apart(house: House) -> None:
    abh = reader(house, "abh")
    abh.get("/requests/new")
    form = forms(abh.page.text)["/requests/new"] | ENTRY | {"do": "pool", "address": "Musterstraße 1, 45127 Essen"}
    first = abh.client.post("/requests/new", data=form)
    assert first.status_code == 303, first.text
    again = abh.client.post("/requests/new", data=form)
    assert again.headers["location"] == first.headers["location"], "a form sent twice enters one request"
    key = first.headers["location"].removeprefix("/requests/").partition("?")[0]
    shown = house["abh"].get(f"/requests/{key}")
    assert (shown["state"], shown["content"]["pickup"]["place"]) == ("pooled", "05113000")
    assert shown["content"]["pickup"]["earliest"] == "2026-10-05T05:00:00Z", "by the local clock"
    assert house["abh"].get(f"/requests/{key}/address?purpose=check")["address"] == "Musterstraße 1, 45127 Essen"
    page = abh.get(f"/requests/{key}?done=entered")
    assert "Gespeichert." in page
    assert "Musterstraße" not in page, "the address is read apart"


@SQLITE
def test_faults_stand_beside_their_fields_in_german_and_nothing_typed_is_lost(house: House) -> None:
    abh = reader(house, "abh")
    abh.get("/requests/new")
    said = ENTRY | {
        "pickup.place": "Nirgendwo",
        "wheelchairs": "2",
        "people.0.count": "x",
        "free_text": "eilt",
        "do": "pool",
    }
    abh.send("/requests/new", status=422, **{name.replace(".", "__"): value for name, value in said.items()})
    assert 'id="e-people.0.count"' in abh.page.text
    assert "Bitte eine ganze Zahl angeben." in abh.page.text
    assert forms(abh.page.text)["/requests/new"]["free_text"] == "eilt"
    abh.send("/requests/new", status=422, people__0__count="1", do="pool")
    assert 'id="e-wheelchairs"' in abh.page.text
    abh.send("/requests/new", status=422, wheelchairs="", do="pool")
    assert 'id="e-pickup.place"' in abh.page.text
    assert house["abh"].get("/requests")["items"] == []


@SQLITE
def test_what_is_impossible_is_told_before_anything_is_stored(house: House) -> None:
    house.duty()
    abh = reader(house, "abh")
    abh.get("/requests/new")
    said = forms(abh.page.text)["/requests/new"] | ENTRY
    early = said | {"departure": "2026-10-05T08:30", "handover.latest": "2026-10-05T08:15", "gates.court_order": ""}
    page = abh.client.post("/requests/new", data=early | {"do": "check"})
    part = abh.client.post("/requests/check", data=early, headers={"HX-Request": "true"})
    for answer in (page, part):
        assert answer.status_code == 200, answer.text
        assert "So ist die Fahrt nicht möglich" in answer.text
        assert "richterliche Anordnung" in answer.text
    assert "<html" not in part.text
    named = abh.client.post("/requests/check", data=said | {"free_text": "Tel. 0171 2345678 anrufen"})
    assert "Ihr Text könnte jemanden erkennbar machen." in named.text
    assert house["abh"].get("/requests")["items"] == []


@SQLITE
def test_a_request_is_amended_and_who_comes_second_is_told_with_the_new_version(house: House) -> None:
    key = house.pooled()
    abh, second = reader(house, "abh"), reader(house, "abh-second")
    for each in (abh, second):
        each.get(f"/requests/{key}/edit")
    abh.send(f"/requests/{key}/edit", do="store", luggage="3")
    second.send(f"/requests/{key}/edit", do="store", luggage="5", free_text="zwei Taschen", status=412)
    assert "Jemand hat das inzwischen geändert" in second.page.text
    told = re.search(r"Anders gespeichert.*?<dl[^>]*>(.*?)</dl>", second.page.text, re.DOTALL)
    assert told is not None, "what would be replaced is shown before it is"
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", told[1]) == [("Bemerkung", "nichts"), ("Gepäckstücke", "3")]
    form = forms(second.page.text)[f"/requests/{key}/edit"]
    assert (form["luggage"], form["free_text"]) == ("5", "zwei Taschen")
    second.send(f"/requests/{key}/edit", do="store")
    assert house["abh"].get(f"/requests/{key}")["content"]["luggage"] == 5


@SQLITE
def test_an_hour_that_the_clock_skips_is_told_at_its_field(house: House) -> None:
    key = house.pooled()
    abh = reader(house, "abh")
    abh.get(f"/requests/{key}/edit")
    answer = abh.send(f"/requests/{key}/edit", do="store", status=422, **{"pickup.earliest": "2027-03-28T02:30"})
    assert 'id="e-pickup.earliest"' in answer.text
    assert "Diese Uhrzeit gibt es nicht" in answer.text


@SQLITE
def test_needs_survive_an_amendment(house: House) -> None:
    key = house.pooled(needs=["interpreter"])
    abh = reader(house, "abh")
    abh.get(f"/requests/{key}/edit")
    abh.send(f"/requests/{key}/edit", do="store", luggage="1")
    assert house["abh"].get(f"/requests/{key}")["content"]["needs"] == ["interpreter"]


@SQLITE
def test_a_zab_sees_the_pool_in_coarse_form(house: House) -> None:
    key = house.pooled(free_text="nur für die ABH")
    zab = reader(house, "essen")
    for page in (zab.get("/requests"), zab.get(f"/requests/{key}")):
        assert "Essen" in page
        assert "T-1" not in page
        assert "nur für die ABH" not in page
    assert reader(house, "abh-other").get("/requests").count("<tr>") == 0
    reader(house, "abh-other").get(f"/requests/{key}", status=404)


@SQLITE
def test_the_list_is_narrowed_and_goes_on_by_pages(house: House) -> None:
    for number in range(3):
        house.pooled(number + 1)
    abh = reader(house, "abh")
    assert "T-2" in abh.get("/requests?case=T-2&state=pooled&since=2026-10-05&until=2026-10-05")
    assert "T-1</a>" not in abh.page.text
    assert "Keine Anfrage passt dazu." in abh.get("/requests?state=stopped")
    first = abh.get("/requests?limit=2&state=nonsense")
    assert "T-3" in first
    assert "T-1</a>" not in first
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "T-1</a>" in abh.get(after)


@SQLITE
def test_a_stop_warns_needs_no_version_and_is_lifted_by_a_second_person(house: House) -> None:
    key = house.pooled()
    zab = reader(house, "essen")
    assert "Die Maßnahme endet sofort." not in zab.get(f"/requests/{key}")
    assert f'href="/requests/{key}?ask=stop#deed-stop"' in zab.page.text
    assert "Die Maßnahme endet sofort." in zab.get(f"/requests/{key}?ask=stop")
    unsure = zab.client.post(f"/requests/{key}/stop", data={"stop.code": "court", "stop.remark": "Beschluss"})
    assert (unsure.status_code, house.state(key)) == (200, State.POOLED), "asked for once it only asks back"
    asked = forms(unsure.text)[f"/requests/{key}/stop"]
    assert (asked["stop.code"], asked["stop.remark"], asked["sure"]) == ("court", "Beschluss", "stop")
    zab.send(f"/requests/{key}/stop", status=422)
    assert "Wirklich?" in zab.page.text
    zab.send(f"/requests/{key}/stop", stop__code="court")
    assert house.state(key) == State.STOPPED
    abh, second = reader(house, "abh"), reader(house, "abh-second")
    abh.get(f"/requests/{key}")
    said: dict[str, Any] = {"lift-stop.code": "order_lifted"}
    abh.send(f"/requests/{key}/lift-stop", **said)
    abh.get("/approvals")
    assert "Sie haben es selbst erbeten" in abh.page.text
    second.get("/approvals")
    agree = next(path for path in forms(second.page.text) if path.endswith("/agree"))
    second.send(agree)
    assert house.state(key) == State.DRAFT
    answer = second.client.post(agree, data={"version": "1"})
    assert answer.status_code in (409, 412), "agreed to once"
    assert 'role="alert"' in answer.text


@SQLITE
def test_the_gates_are_stated_on_the_page(house: House) -> None:
    key = house.pooled(gates=None)
    abh = reader(house, "abh")
    assert "gesperrt" in abh.get(f"/requests/{key}")
    abh.send(f"/requests/{key}/gates", status=422)
    abh.send(
        f"/requests/{key}/gates", gates__court_order="not_needed", gates__urgent_application="none",
        gates__announcement="not_needed", gates__fitness_to_travel="fit",
    )  # fmt: skip
    assert house["abh"].get(f"/requests/{key}")["blocked_by"] == []


@SQLITE
def test_an_address_is_shown_once_and_only_to_the_zab_that_promised(desk: Desk) -> None:
    request, _, _ = desk.confirmed()
    house = desk.house
    house["abh"].call("PUT", f"/requests/{request}/address", {"address": "Musterstraße 1, Essen"})
    essen = reader(house, "essen")
    essen.get(f"/requests/{request}")
    shown = essen.send(f"/requests/{request}/address/read", purpose="pick_up", status=200)
    assert "Musterstraße 1, Essen" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "Musterstraße" not in essen.get(f"/requests/{request}")
    assert essen.client.post(f"/requests/{request}/address/read").status_code == 422, "without purpose nobody reads"
    other = reader(house, "koeln")
    assert other.client.post(f"/requests/{request}/address/read", data={"purpose": "pick_up"}).status_code == 404
    reads = desk.read(lambda s: s.query(AuditEntry).filter(AuditEntry.action == "address_read").count())
    assert reads == 1


@SQLITE
def test_what_a_placement_would_newly_bring_is_told_before_the_click(desk: Desk) -> None:
    """From Cologne to Hannover at a stretch: whoever drives has no break, which is told and forbids nothing."""
    house, text = desk.house, MESSAGES[Rule.DRIVER_BREAK].texts["de"]
    duty = house.duty(since=4.25, until=15)
    made = []
    for number in (1, 2):
        body = request_body(number, place="05315000", pickup=(6, 6.1), handover=(9, 12)) | {"enter_as": "pool"}
        body["handover"]["place"] = "HAJ"
        made.append(house["abh"].call("POST", "/requests", body).json()["id"])
    wish = {"request_id": made[0], "duty_id": duty}
    checked = house["essen"].call("POST", "/assignments/checks", wish).json()
    assert (checked["fits"], [each["rule"] for each in checked["notes"]]) == (True, ["driver_break"])
    assert set(checked["notes"][0]["texts"]) == {"de", "en"}
    essen = reader(house, "essen")
    for page in (f"/requests/{made[0]}/place?duty={duty}", f"/board?day=2026-10-05&chosen={made[0]}&onto={duty}"):
        shown = essen.get(page)
        assert text in shown
        assert "Die Tour darf trotzdem zugesagt werden." in shown
    brief = house.duty(since=4.25, until=11)
    shown = essen.get(f"/board?day=2026-10-05&chosen={made[0]}&onto={brief}")
    assert "Die Prüfung lehnt die Fahrt ab." in shown
    assert text in shown
    assert "trotzdem zugesagt" not in shown, "what is refused may not be promised all the same"
    house["essen"].call("POST", "/assignments", wish)
    # The tour has it already: whatever else stands against a second rider, that is nothing new.
    again = house["essen"].call("POST", "/assignments/checks", wish | {"request_id": made[1]}).json()
    assert (again["minutes_on_board"] is not None, again["notes"]) == (True, [])
    short = house["essen"].call("POST", "/assignments/checks", {"request_id": house.pooled(3), "duty_id": house.duty()})
    assert (short.json()["fits"], short.json()["notes"]) == (True, [])


@SQLITE
def test_an_address_that_holds_more_is_warned_of_in_words_of_its_own(house: House) -> None:
    request, warning = house.pooled(), "In der Anschrift steht vielleicht mehr als eine Anschrift."
    abh = reader(house, "abh")
    for text, is_warned in (("Musterstraße 1, Essen", False), ("Musterstraße 1, bei Frau Musterfrau", True)):
        abh.get(f"/requests/{request}")
        path = abh.send(f"/requests/{request}/address", address__address=text).headers["Location"]
        shown = abh.get(path)
        assert (warning in shown) is is_warned
        assert "Musterfrau" not in shown
        assert "keine Anschriften" not in shown


@SQLITE
def test_placing_by_hand_asks_the_checker_first(desk: Desk) -> None:
    house = desk.house
    deadline = {"at": "2026-10-20T23:59:00+02:00", "regime": "604/2013", "source": "BAMF"}
    request, short, long = house.pooled(deadline=deadline), house.duty(since=10, until=11), house.duty()
    essen = reader(house, "essen")
    page = essen.get(f"/requests/{request}/place")
    assert f"duty={long}" in page
    assert "Die Prüfung lehnt die Fahrt ab." in essen.get(f"/requests/{request}/place?duty={short}")
    assert f"/requests/{request}/assign" not in forms(essen.page.text)
    refused = essen.client.post(f"/requests/{request}/assign", data={"duty_id": short, "call_key": str(uuid.uuid4())})
    assert refused.status_code == 409
    assert "Die unabhängige Prüfung lehnt die Fahrt ab." in refused.text
    assert house.state(request) == State.POOLED
    assert "Die Fahrt passt." in essen.get(f"/requests/{request}/place?duty={long}")
    answer = essen.send(f"/requests/{request}/assign")
    assert house.state(request) == State.CONFIRMED
    essen.get(answer.headers["location"])
    path = next(each for each in forms(essen.page.text) if each.endswith("/release"))
    essen.send(path)
    assert house["abh"].get(f"/requests/{request}")["is_pinned"] is False


@SQLITE
def test_what_can_be_overridden_asks_for_a_reason_and_a_second_person(desk: Desk) -> None:
    house = desk.house
    children = [{"age": "12-13", "sex": "f", "count": 1}, {"age": "adult", "sex": "f", "count": 1}]
    request = house.pooled(people=children, pickup=(2, 2.5), handover=(3, 4), has_night_ground=True)
    duty = house.duty(since=0, until=8)
    essen = reader(house, "essen")
    essen.get(f"/requests/{request}/place?duty={duty}")
    path = f"/requests/{request}/overrides"
    if path not in forms(essen.page.text):
        pytest.fail(essen.page.text[-3000:])
    essen.send(path, override__reason="einziger Flug der Woche")
    second = reader(house, "essen-second")
    second.get("/approvals")
    second.send(next(each for each in forms(second.page.text) if each.endswith("/agree")))
    assert "Die Fahrt passt." in essen.get(f"/requests/{request}/place?duty={duty}")


@SQLITE
def test_the_zab_of_the_first_round_takes_it_on_a_duty(house: House) -> None:
    key = house["abh"].call("POST", "/requests", _asked()).json()["id"]
    duty = house.duty()
    essen = reader(house, "essen")
    essen.get(f"/requests/{key}")
    assert f"/requests/{key}/place" in essen.page.text
    essen.get(f"/requests/{key}/place?duty={duty}")
    essen.send(f"/requests/{key}/accept")
    assert house.state(key) == State.CONFIRMED


def _asked() -> dict[str, object]:
    body = request_body(9, case_type="country_of_origin", rejection=None)
    return body | {"enter_as": "ask", "zab": "zab:essen"}


@SQLITE
def test_who_reads_an_address_that_is_not_there_is_told_on_the_page(house: House) -> None:
    key = house.pooled()
    abh = reader(house, "abh")
    abh.get(f"/requests/{key}")
    abh.send(f"/requests/{key}/address/read", purpose="check", status=404)
    assert "T-1" in abh.page.text


@SQLITE
def test_each_deed_of_an_owner_leads_on(house: House) -> None:
    abh = reader(house, "abh")

    def does(key: str, deed: str, state: State, **said: Any) -> None:
        abh.get(f"/requests/{key}")
        abh.send(f"/requests/{key}/{deed}", **{f"{deed}.{name}": value for name, value in said.items()})
        assert house.state(key) == state

    def draft(number: int, **more: Any) -> str:
        body = request_body(number, case_type="country_of_origin", **more)
        return str(house["abh"].call("POST", "/requests", body).json()["id"])

    first, second = draft(1), draft(2, rejection=None)
    does(first, "pool", State.POOLED)
    does(first, "return", State.RETURNED)
    does(first, "move", State.POOLED, to="2026-10-07", code="flight_rebooked")
    does(first, "cancel", State.CANCELLED, code="duplicate")
    does(second, "ask", State.ASKED, zab="zab:essen")
    essen = reader(house, "essen")
    essen.get(f"/requests/{second}")
    essen.send(f"/requests/{second}/reject", reject__code="no_staff", reject__remark="Tel. 0171 2345678")
    assert house.state(second) == State.REJECTED
    assert "kein Personal frei" in abh.get(f"/requests/{second}")


@SQLITE
def test_free_text_that_may_give_somebody_away_is_told_after_the_deed(house: House) -> None:
    key = house.pooled()
    abh = reader(house, "abh")
    abh.get(f"/requests/{key}")
    sent = abh.send(f"/requests/{key}/cancel", cancel__code="other", cancel__remark="Tel. 0171 2345678 anrufen")
    assert "Ihr Text könnte jemanden erkennbar machen." in abh.get(sent.headers["location"])


@SQLITE
def test_wrong_data_are_corrected_by_the_owner(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "data_wrong"})
    abh = reader(desk.house, "abh")
    assert "Berichtigen" in abh.get(f"/requests/{request}")
    abh.get(f"/requests/{request}/edit")
    abh.send(f"/requests/{request}/edit", do="store", luggage="2")
    assert desk.house.state(request) == State.POOLED
    assert [each.action for each in desk.decisions(request)][-1] == "correct"


@SQLITE
def test_why_there_is_no_seat_is_told_for_each_zab(house: House) -> None:
    request = house.pooled(pickup=(5, 5.25), handover=(14, 15))
    house.duty()
    house.match()
    page = reader(house, "essen").get(f"/requests/{request}")
    assert "Was zuerst dagegen steht" in page
    assert "ZAB Essen" in page


def test_a_place_is_written_as_it_is_found_again() -> None:
    for key, _ in names.place_options():
        assert isinstance(place_book.find(key), Place), key
    assert names.place_written("05113000") == "Essen"


@SQLITE
def test_the_form_of_a_transfer_is_noted_and_an_assignment_told_on_its_page(house: House) -> None:
    deadline = {"at": "2026-11-01T23:59:59+01:00", "regime": "604/2013", "source": "BAMF, Zustimmung"}
    key = house.pooled(case_type="dublin", deadline=deadline)
    abh, zab = reader(house, "abh"), reader(house, "essen")
    assert "noch nicht gesandt" in abh.get(f"/requests/{key}")
    page = f"/requests/{key}/dublin-form"
    abh.send(page, form__sent_on="2030-01-01", status=422)
    assert "heute oder einen Tag davor" in abh.page.text
    today = f"{house.now.astimezone(BERLIN):%Y-%m-%d}"
    abh.send(page, form__sent_on=today)
    assert house["abh"].get(f"/requests/{key}")["form_sent_on"] == today
    abh.get(f"/requests/{key}")
    abh.send(page, form__sent_on="")
    assert house["abh"].get(f"/requests/{key}")["form_sent_on"] is None
    # The ZAB that is neither asked nor has promised it notes nothing; that of its Bezirk may tell of an assignment.
    assert "dublin-form" not in zab.get(f"/requests/{key}")
    assert f"/requests/{key}/amtshilfe" in zab.page.text
    abh.get(f"/requests/{key}")
    case = f"/requests/{key}/amtshilfe"
    abh.send(case, amtshilfe__municipality="Nirgendwo", amtshilfe__assigned_on="2026-10-20", status=422)
    assert forms(abh.page.text)[case]["amtshilfe.municipality"] == "Nirgendwo"
    opened = abh.send(case, amtshilfe__municipality="Köln", amtshilfe__assigned_on="2026-10-20")
    at = opened.headers["Location"]
    assert "05315000" in abh.get(at)
    assert f'href="{at}"' in abh.get(f"/requests/{key}")
    assert case not in abh.page.text, "one case at a time"


@SQLITE
def test_no_other_measure_has_a_form_or_an_assignment(house: House) -> None:
    abh = reader(house, "abh")
    page = abh.get(f"/requests/{house.pooled(case_type='embassy')}")
    assert "dublin-form" not in page
    assert "/amtshilfe" not in forms(page)


@SQLITE
def test_what_was_found_has_the_focus_and_leads_to_its_fields(house: House) -> None:
    abh = reader(house, "abh")
    abh.get("/requests/new")
    assert 'hx-post="/requests/check"' in abh.page.text
    said = forms(abh.page.text)["/requests/new"] | ENTRY | {"people.0.sex": "", "deadline.source": "BAMF"}
    part = abh.client.post("/requests/check", data=said | {"do": "check"}, headers={"HX-Request": "true"})
    page = abh.client.post("/requests/new", data=said | {"do": "pool"})
    for answer in (part, page):
        assert re.findall(r"<(\w+)[^>]* tabindex=\"-1\" autofocus", answer.text), answer.text
        assert '<a class="kern-link" href="#f-people.0.sex">Gruppe 1: Geschlecht</a>' in answer.text
        assert ">people.0" not in answer.text
    # What was corrected must not stay red: the next check makes the whole page anew.
    assert "hx-post" not in page.text[page.text.index('value="check"') :]
    mended = abh.client.post("/requests/new", data=said | {"do": "check", "people.0.sex": "m", "deadline.source": ""})
    assert mended.status_code == 200
    assert "kern-error" not in mended.text
    assert 'id="refused"' not in mended.text
    assert re.search(r'id="checked" tabindex="-1" autofocus', mended.text)


def test_faults_lead_to_fields_that_the_form_has() -> None:
    found = {name: names.field_of(name) for name in ("people", "people.1", "people.1.age", "deadline", "enter_as")}
    assert found == {
        "people": "people.0.count", "people.1": "people.1.count", "people.1.age": "people.1.age",
        "deadline": "deadline.at", "enter_as": "",
    }  # fmt: skip


@SQLITE
def test_nothing_is_said_to_be_in_order_that_is_blocked(house: House) -> None:
    abh = reader(house, "abh")
    house.duty()
    page = abh.get("/requests/new")
    gates = page[page.index("Richterliche Anordnung") : page.index('id="f-free_text"')]
    assert "freiwillig" not in gates[: gates.index("</fieldset>")]
    said = forms(page)["/requests/new"] | ENTRY | {"do": "check", "gates.court_order": ""}
    said |= {"case_type": "country_of_origin"}
    blocked = abh.client.post("/requests/new", data=said).text
    assert "Diese Voraussetzungen sperren sie noch" in blocked
    assert "Nichts spricht gegen die Fahrt." not in blocked
    assert "Sonst spricht nichts gegen die Fahrt." in blocked
    free = abh.client.post("/requests/new", data=said | {"gates.court_order": "not_needed"}).text
    assert "Nichts spricht gegen die Fahrt." in free


@SQLITE
def test_a_case_that_is_open_already_is_linked(house: House) -> None:
    abh = reader(house, "abh")
    abh.get("/requests/new")
    said = forms(abh.page.text)["/requests/new"] | ENTRY | {"do": "pool"}
    first = abh.client.post("/requests/new", data=said).headers["location"].partition("?")[0]
    twice = abh.client.post("/requests/new", data=said | {"call_key": str(uuid.uuid4())})
    assert twice.status_code == 409
    assert f'href="{first}">Zu dieser Anfrage</a>' in twice.text
    assert "andere Bezeichnung" not in twice.text


@SQLITE
def test_before_a_promise_by_hand_it_is_told_what_it_brings_and_who_loses_it(desk: Desk) -> None:
    house = desk.house
    request, theirs, own = house.pooled(), house.duty("zab:koeln"), house.duty()
    essen = reader(house, "essen")
    path = f"/requests/{request}/place?duty={own}"
    assert "Damit sagt Ihre ZAB die Fahrt verbindlich zu." in essen.get(path)
    assert "Er entfällt" not in essen.page.text
    desk.propose(request, theirs)
    assert "ZAB Köln hat für diese Fahrt einen Vorschlag: Er entfällt, und sie wird benachrichtigt." in essen.get(path)
    assert re.search(r"An Bord bisher \d[^,]*, hier \d", essen.page.text)
    fits = essen.get(f"/requests/{request}/fits")
    assert "ZAB Köln hat für diese Fahrt einen Vorschlag" in fits


@SQLITE
def test_when_it_goes_back_is_told_while_nobody_has_promised_it(desk: Desk) -> None:
    house = desk.house
    request, _, _ = desk.offered()
    abh = reader(house, "abh")
    assert "wenn niemand zusagt" in abh.get(f"/requests/{request}")
    promised, _, _ = desk.confirmed(2)
    assert "wenn niemand zusagt" not in abh.get(f"/requests/{promised}")
    # Only where there is such a code does it need a text.
    page = abh.get(f"/requests/{promised}?ask=stop")
    stop, cancel = (page[page.index(f'id="deed-{each}"') :].partition("</form>")[0] for each in ("stop", "cancel"))
    assert ("anderer Grund“" in stop, "anderer Grund“" in cancel) == (False, True)
