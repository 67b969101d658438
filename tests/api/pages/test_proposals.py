"""Pages of proposals and freed seats: every answer, what it would bring, and who comes second. Without a browser."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from api.pages.proposals.deeds import DEEDS
from api.pages.requests.deeds import DEEDS as OF_REQUESTS
from api.services import layouts
from api.workflow import TABLE, Action, Role, State
from optimizer.explain.messages import MESSAGES
from optimizer.model import Rule
from tests.api.decision_world import Desk
from tests.api.house import House, request_body
from tests.api.pages.filled import Reader, forms, reader

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def at(reader: Reader, proposal: str) -> Reader:
    reader.get(f"/proposals/{proposal}")
    return reader


def send(reader: Reader, proposal: str, deed: str, status: int = 303, **said: Any) -> Any:
    return reader.send(
        f"/proposals/{proposal}/{deed}", status=status, **{f"{deed}.{name}": value for name, value in said.items()}
    )


def test_every_action_of_people_has_its_form() -> None:
    of_people = {action for (_, action), cell in TABLE.items() if cell.who - {Role.SYSTEM}}
    declines = {action for action in Action if action.value.startswith("decline_")}
    shown = {deed.action for deed in DEEDS} | {deed.action for deed in OF_REQUESTS} | declines
    # These have pages of their own: the form of a request, and placing by hand.
    assert of_people - shown == {Action.AMEND, Action.CORRECT, Action.ASSIGN}


@SQLITE
def test_what_the_checker_only_tells_is_told_before_the_click(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, duty, proposal = desk.offered()
    text = MESSAGES[Rule.DRIVER_BREAK].texts["de"]
    assert text not in at(reader(desk.house, "essen"), proposal).page.text
    assert desk.house["essen"].get(f"/proposals/{proposal}")["notes"] == []
    real = layouts.laid_out

    def warned(*given: Any) -> Any:
        return {key: replace(each, warned=(Rule.DRIVER_BREAK,)) for key, each in real(*given).items()}

    monkeypatch.setattr(layouts, "laid_out", warned)
    page = at(reader(desk.house, "essen"), proposal).page.text
    assert page.index(text) < page.index("Ihre Antwort")
    for who, is_told in (("essen", True), ("essen-lead", True), ("ltrako", True), ("abh", False)):
        notes = desk.house[who].get(f"/proposals/{proposal}")["notes"]
        assert [each["rule"] for each in notes] == ["driver_break"] * is_told, who
    board = reader(desk.house, "essen")
    board.get(f"/board?day=2026-10-05&chosen={duty}")
    assert text in board.page.text
    send(at(reader(desk.house, "essen"), proposal), proposal, "confirm")


@SQLITE
def test_a_request_is_named_by_the_end_of_its_id_and_found_by_it(desk: Desk) -> None:
    (one, _, proposal), (other, _, _) = desk.offered(1), desk.offered(2)
    somebody = reader(desk.house, "essen")
    for path in (
        f"/requests/{one}", f"/proposals/{proposal}", f"/board?day=2026-10-05&chosen={one}", "/requests", "/proposals",
    ):  # fmt: skip
        somebody.get(path)
        assert f"…{one[-6:]}" in somebody.page.text, path
    for written in (one[-6:], f"…{one[-6:].upper()}"):
        somebody.get("/requests?" + urlencode({"handle": written}))
        assert f'href="/requests/{one}"' in somebody.page.text
        assert f'href="/requests/{other}"' not in somebody.page.text


@SQLITE
def test_placing_by_hand_says_who_is_asked_meanwhile_and_why_nothing_can_be_promised(desk: Desk) -> None:
    request, duty, _ = desk.offered()
    mine = desk.house.duty("zab:koeln")
    for path in (f"/requests/{request}/place?duty={mine}", f"/board?day=2026-10-05&chosen={request}&onto={mine}"):
        other = reader(desk.house, "koeln")
        other.get(path)
        assert "ZAB Essen hat für diese Fahrt einen Vorschlag: Er entfällt" in other.page.text, path
        looking = reader(desk.house, "ltrako")
        looking.get(path.replace(mine, duty))
        assert "Zusagen kann nur die ZAB, deren Dienst es ist." in looking.page.text, path
    own = reader(desk.house, "essen")
    own.get(f"/requests/{request}/place?duty={duty}")
    assert "ZAB Essen hat" not in own.page.text
    assert "Der jetzige Vorschlag Ihrer ZAB für diese Fahrt entfällt dafür." in own.page.text


@SQLITE
def test_a_dispatcher_confirms_and_a_second_one_is_told(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    first, second = at(reader(desk.house, "essen"), proposal), at(reader(desk.house, "essen-second"), proposal)
    assert "allein" in first.page.text
    assert "Sonst fährt niemand auf dieser Tour." in first.page.text
    send(first, proposal, "confirm")
    assert desk.house.state(request) == State.CONFIRMED
    send(second, proposal, "decline", 409, code="distance", remark="zu weit für heute")
    assert "Darüber wurde inzwischen entschieden." in second.page.text or "nicht möglich" in second.page.text
    assert "zugesagt" in second.page.text
    assert "<li>Entfernung</li>" in second.page.text
    assert "zu weit für heute" in second.page.text, "nothing of what was typed is lost"
    assert desk.house.state(request) == State.CONFIRMED


@SQLITE
def test_before_a_decline_it_is_told_what_would_follow(desk: Desk) -> None:
    house = desk.house
    request, duty, other = house.pooled(), house.duty(), house.duty("zab:koeln")
    proposal = desk.propose(request, duty, others=[("zab:koeln", other, 900)])
    essen = at(reader(house, "essen"), proposal)
    assert "Nächstbeste Möglichkeit: ZAB Köln" in essen.page.text
    assert "15 min" in essen.page.text
    assert "Diese ZAB wird für diesen Tag nicht mehr gefragt" in essen.page.text
    assert "Die Leitungen klären es." in essen.page.text
    send(essen, proposal, "decline", 422, code="")
    send(essen, proposal, "decline", code="crew_ill")
    assert house.state(request) == State.POOLED
    essen.get(f"/proposals/{proposal}")
    assert "Team erkrankt" in essen.page.text


@SQLITE
def test_without_another_duty_it_says_so(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    page = at(reader(desk.house, "essen"), proposal).page.text
    assert "Keine andere Möglichkeit ist bekannt." in page


@SQLITE
def test_other_text_than_a_code_is_asked_for_at_its_field(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    essen = at(reader(desk.house, "essen"), proposal)
    send(essen, proposal, "decline", 422, code="other")
    assert 'id="e-decline.remark"' in essen.page.text
    assert 'value="other" required aria-describedby="does-other" checked' in essen.page.text


@SQLITE
def test_a_counter_proposal_is_accepted_by_the_owner(desk: Desk) -> None:
    house = desk.house
    request, _, proposal = desk.offered()
    essen = at(reader(house, "essen"), proposal)
    send(
        essen, proposal, "counter", code="other_time", pickup_at="2026-10-05T09:30", handover_at="2026-10-05T10:45",
        remark="später",
    )  # fmt: skip
    assert house.state(request) == State.COUNTER_PROPOSED
    abh = at(reader(house, "abh"), proposal)
    assert "Gegenvorschlag der ZAB Essen" in abh.page.text
    send(abh, proposal, "accept-counter")
    assert house.state(request) == State.CONFIRMED


@SQLITE
def test_a_counter_proposal_is_taken_back_by_its_zab(desk: Desk) -> None:
    house = desk.house
    request, _, proposal = desk.offered()
    essen, abh = reader(house, "essen"), reader(house, "abh")
    send(
        at(essen, proposal), proposal, "counter", code="other_time", pickup_at="2026-10-05T09:30",
        handover_at="2026-10-05T10:45",
    )  # fmt: skip
    assert f"/proposals/{proposal}/withdraw-counter" not in forms(at(abh, proposal).page.text)
    text = essen.get(f"/proposals/{proposal}?done=counter")
    assert '<button class="tool" id="way-back">Gegenvorschlag zurücknehmen</button>' in text
    assert "mit der Frist von zuvor" in text
    send(essen, proposal, "withdraw-counter")
    assert house.state(request) == State.PROPOSED
    assert "Gegenvorschlag der ZAB Essen" not in at(essen, proposal).page.text
    assert "Ein Gegenvorschlag wurde zurückgenommen" in abh.get("/tasks")


@SQLITE
def test_a_provisional_promise_names_condition_owner_and_time(desk: Desk) -> None:
    house = desk.house
    request, _, proposal = desk.offered()
    essen = at(reader(house, "essen"), proposal)
    send(essen, proposal, "confirm-provisionally", 422, code="vehicle_pending", condition="", until="")
    assert 'id="e-confirm-provisionally.condition"' in essen.page.text
    send(
        essen, proposal, "confirm-provisionally", code="vehicle_pending", condition="Fahrzeug aus der Werkstatt",
        owner="zab:essen", until="2026-10-02T12:00",
    )  # fmt: skip
    assert house.state(request) == State.PROVISIONALLY_CONFIRMED
    assert "Fahrzeug aus der Werkstatt" in at(essen, proposal).page.text
    send(essen, proposal, "meet-condition")
    assert house.state(request) == State.CONFIRMED


@SQLITE
def test_a_promised_trip_is_driven_to_its_end(desk: Desk) -> None:
    house = desk.house
    request, _, proposal = desk.confirmed()
    essen = at(reader(house, "essen"), proposal)
    send(essen, proposal, "depart", 409)
    assert "Im jetzigen Stand ist das nicht möglich." in essen.page.text
    send(at(essen, proposal), proposal, "freeze")
    lead = at(reader(house, "essen-lead"), proposal)
    send(lead, proposal, "thaw", code="agreed")
    house.now = desk.proposal(proposal).pickup_at
    essen = reader(house, "essen")
    send(at(essen, proposal), proposal, "depart")
    send(at(essen, proposal), proposal, "hand-over")
    assert house.state(request) == State.HANDED_OVER


@SQLITE
def test_what_was_given_back_is_offered_to_those_who_wait(desk: Desk) -> None:
    house = desk.house
    request, duty, proposal = desk.confirmed()
    waiting = house.pooled(2)
    essen = at(reader(house, "essen"), proposal)
    send(essen, proposal, "back-out", code="capacity_for_own_case")
    assert house.state(request) == State.POOLED
    assert f"/freed/{duty}" in essen.get("/freed")
    assert "für eigenen Fall benötigt" in essen.page.text
    assert f"/requests/{waiting}/place?duty={duty}" in essen.get(f"/freed/{duty}")
    essen.get(f"/requests/{waiting}/place?duty={duty}")
    essen.send(f"/requests/{waiting}/assign")
    assert house.state(waiting) == State.CONFIRMED


@SQLITE
def test_a_decline_of_policy_is_settled_or_given_back_by_a_lead(desk: Desk) -> None:
    house = desk.house
    for number, deed in ((1, "return-decline"), (2, "settle")):
        request, _, proposal = desk.offered(number)
        send(at(reader(house, "essen"), proposal), proposal, "decline", code="distance")
        lead = reader(house, "essen-lead")
        if deed == "settle":
            lead.get(f"/requests/{request}")
            lead.send(f"/requests/{request}/settle", settle__code="decline_upheld")
        else:
            send(at(lead, proposal), proposal, deed, code="decline_refused")
        assert house.state(request) == (State.POOLED if deed == "settle" else State.PROPOSED)


@SQLITE
def test_a_lead_of_another_zab_is_offered_nothing_that_would_be_refused(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    send(at(reader(desk.house, "essen"), proposal), proposal, "decline", code="distance")
    other = reader(desk.house, "koeln-lead")
    other.get(f"/requests/{request}")
    assert set(forms(other.page.text)) & {f"/requests/{request}/{deed}" for deed in ("settle", "return")} == set()


@SQLITE
def test_the_list_has_first_what_is_to_be_answered_first_and_marks_what_is_blocked(desk: Desk) -> None:
    house = desk.house
    _, _, late = desk.offered(1)
    request, duty = house.pooled(2), house.duty()
    soon = desk.propose(request, duty, respond=house.now + timedelta(hours=1))
    promised, _, red = desk.confirmed(3)
    body = {"court_order": "not_needed", "urgent_application": "pending", "announcement": {"is_needed": False}}
    tag = house["abh"].call("GET", f"/requests/{promised}").headers["ETag"]
    assert house["abh"].call("PUT", f"/requests/{promised}/gates", body, if_match=tag).status_code == 200
    page = reader(house, "essen").get("/proposals")
    assert page.index(soon) < page.index(late) < page.index(red)
    assert "Eilantrag" in page
    assert '<tr class="red">' in page
    assert "Kein Vorschlag passt dazu." in reader(house, "koeln").get("/proposals")
    assert "Kein Vorschlag passt dazu." in reader(house, "essen").get("/proposals?standing=lost&state=x&since=0")


@SQLITE
def test_an_owner_sees_no_stops_of_others_and_no_alternatives(desk: Desk) -> None:
    house = desk.house
    request, duty = house.pooled(rejection=None), house.duty()
    other = house.duty("zab:koeln")
    proposal = desk.propose(request, duty, others=[("zab:koeln", other, 900)])
    page = at(reader(house, "abh"), proposal).page.text
    assert "ZAB Köln" not in page
    assert f"/proposals/{proposal}/confirm" not in forms(page)


@SQLITE
def test_after_an_answer_the_way_back_is_offered_where_the_table_has_one(desk: Desk) -> None:
    house = desk.house
    person, lead = reader(house, "essen"), reader(house, "essen-lead")
    request, _, proposal = desk.offered(1)
    send(at(person, proposal), proposal, "confirm")
    text = person.get(f"/proposals/{proposal}?done=confirm")
    assert f'id="way-back" href="/proposals/{proposal}?ask=back-out#deed-back-out">Zusage zurücknehmen</a>' in text
    assert '<details class="deed deed--grave" id="deed-back-out" open>' not in text
    text = person.get(f"/proposals/{proposal}?ask=back-out")
    assert '<details class="deed deed--grave" id="deed-back-out" open>' in text
    send(person, proposal, "freeze")
    text = person.get(f"/proposals/{proposal}?done=freeze")
    assert "Zurücknehmen („Festschreibung lösen“) kann das: " in text
    assert 'id="way-back"' not in text
    assert 'id="way-back"' in lead.get(f"/proposals/{proposal}?done=freeze")
    send(at(person, proposal), proposal, "back-out", code="crew_ill")
    assert "way-back" not in person.get(f"/proposals/{proposal}?done=back-out"), "from here no step leads back"
    _, _, other = desk.offered(2)
    send(at(person, other), other, "decline", code="distance", remark="zu weit")
    assert "Zurücknehmen („Ablehnung zurückgeben“) kann das: " in person.get(f"/proposals/{other}?done=decline")
    assert f"/proposals/{other}?ask=return-decline#deed-return-decline" in lead.get(f"/proposals/{other}?done=decline")
    _, _, third = desk.offered(3)
    send(at(person, third), third, "decline", code="crew_ill")
    assert "Zurücknehmen" not in person.get(f"/proposals/{third}?done=decline"), "the next one is asked already"
    assert house.state(request) == State.POOLED


@SQLITE
def test_a_request_that_was_entered_or_stopped_has_its_way_back(desk: Desk) -> None:
    house = desk.house
    request = house.pooled(1)
    owner, zab = reader(house, "abh"), reader(house, "essen")
    text = owner.get(f"/requests/{request}?done=entered")
    assert '<button class="tool" id="way-back">An die ABH zurückgeben</button>' in text
    owner.send(f"/requests/{request}/return")
    assert house.state(request) == State.RETURNED
    assert '<button class="tool" id="way-back">In den Pool geben</button>' in owner.get(
        f"/requests/{request}?done=return"
    )
    owner.send(f"/requests/{request}/pool")
    assert house.state(request) == State.POOLED
    zab.get(f"/requests/{request}?ask=stop")
    answer = zab.send(f"/requests/{request}/stop", stop__code="court")
    assert answer.headers["Location"] == "/requests?done=stop", "of no more concern to it"
    assert "Gestoppt." in zab.get("/requests?done=stop")
    ltrako = reader(house, "ltrako").get(f"/requests/{request}?done=stop")
    assert "Zurücknehmen („Stopp aufheben“) kann das: Ausländerbehörde" in ltrako
    assert f"/requests/{request}?ask=lift-stop#deed-lift-stop" in owner.get(f"/requests/{request}?done=stop")


@SQLITE
def test_a_request_taken_in_the_first_round_is_backed_out_of_on_the_page_of_the_promise(desk: Desk) -> None:
    house = desk.house
    duty = house.duty()
    draft = house["abh"].call("POST", "/requests", request_body(1) | {"enter_as": "draft"}).json()["id"]
    house["abh"].do(f"/requests/{draft}/ask", {"zab": "zab:essen"})
    house["essen"].do(f"/requests/{draft}/accept", {"duty_id": duty})
    offer = house.offer_of(draft)
    assert offer is not None
    text = reader(house, "essen").get(f"/requests/{draft}?done=accept")
    assert f'href="/proposals/{offer["id"]}?ask=back-out#deed-back-out">Zusage zurücknehmen</a>' in text


# --- where a request fits ---------------------------------------------------------------------------------------------


@SQLITE
def test_where_a_request_fits_is_told_best_first_and_placed_by_one_click(desk: Desk) -> None:
    house = desk.house
    far, near = house.duty(depot="05315000"), house.duty()
    request = house.pooled(1)
    person = reader(house, "essen")
    assert f'hx-get="/requests/{request}/fits"' in person.get(f"/requests/{request}")
    text = person.get(f"/requests/{request}/fits")
    order = re.findall(r'name="duty_id" value="([^"]+)"', text)
    assert order == [near, far]
    assert "Auf 2 Diensten passt sie jetzt. Geprüft: 2 Dienste." in re.sub(r"\s+", " ", text)
    for told in ("Umweg</dt><dd>keiner", "Niemand sonst fährt mit.", "Kosten des Plans"):
        assert told in text
    part = person.client.get(f"/requests/{request}/fits", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert re.findall(r'name="duty_id" value="([^"]+)"', part) == order
    # Whoever only looks has no button, and sees whose duty it is.
    watching = reader(house, "ltrako").get(f"/requests/{request}/fits")
    assert f'action="/requests/{request}/assign"' not in watching
    assert "(ZAB Essen)" in watching
    first = text[text.index('class="fits"') : text.index("</form>", text.index('class="fits"'))]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', first))
    answer = person.client.post(f"/requests/{request}/assign", data={key: html.unescape(sent[key]) for key in sent})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("?done=assigned")
    assert house.state(request) == State.CONFIRMED
    assert {str(stop.request_id) for stop in desk.stops(near)} == {request}


@SQLITE
def test_whoever_is_asked_first_takes_it_where_it_fits(desk: Desk) -> None:
    house = desk.house
    house.duty()
    draft = house["abh"].call("POST", "/requests", request_body(1) | {"enter_as": "draft"}).json()["id"]
    house["abh"].do(f"/requests/{draft}/ask", {"zab": "zab:essen"})
    person = reader(house, "essen")
    assert f'action="/requests/{draft}/accept"' in person.get(f"/requests/{draft}/fits")
    reader(house, "koeln").get(f"/requests/{draft}/fits", 404)
    person.send(f"/requests/{draft}/accept")
    assert house.state(draft) == State.CONFIRMED


@SQLITE
def test_before_a_promise_it_is_told_what_it_brings(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    page = at(reader(desk.house, "essen"), proposal).page.text
    form = page[page.index(f'action="/proposals/{proposal}/confirm"') :].partition("</form>")[0]
    assert "Damit sagt Ihre ZAB die Fahrt verbindlich zu." in form
    assert "nur mit einem Grund („Zusage zurücknehmen“)" in form


@SQLITE
def test_a_refused_counter_proposal_names_rules_in_words(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    essen = at(reader(desk.house, "essen"), proposal)
    send(
        essen, proposal, "counter", 409, code="other_time", pickup_at="2026-10-05T10:00",
        handover_at="2026-10-05T10:01",
    )  # fmt: skip
    page = essen.page.text
    assert "So, wie es heute steht, geht die Fahrt nicht:" in page
    assert "ZAB: Übergabe später oder Abholung früher ansetzen" in page
    assert "drive_time" not in page
