"""The board as the server makes it: who sees what of it, filters on all three parts, saved filters, reasons."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.db.tables import DutyRow
from api.pages.board.details import first_reasons
from api.schemas.gates import CLEAR
from api.schemas.request_views import ReasonShown
from api.services.saved_filters import MOST
from tests.api.house import House

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
HTML = {"Accept": "text/html"}


def at_a_browser(house: House, login: str) -> TestClient:
    """Somebody who is signed in already: by key, for a password takes long to check."""
    headers = HTML | {"Authorization": f"ApiKey {house[login].key}"}
    return TestClient(house.client.app, raise_server_exceptions=False, headers=headers, follow_redirects=False)


def seen(client: TestClient, query: str = "") -> str:
    answer = client.get(f"/board?{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def listed(text: str) -> set[str]:
    return set(re.findall(r'<li id="r-([0-9a-f-]{36})"', text))


def spots(text: str) -> set[str]:
    return set(re.findall(r'<tr data-spot="[^"]+"[^>]*><th><a[^>]*>([^<]+)</a>', text))


def bars(text: str) -> set[str]:
    return set(re.findall(r' id="d-([0-9a-f-]{36})"', text))


def rides(text: str) -> dict[str, str]:
    return dict(re.findall(r'<a id="t-([0-9a-f-]{36})"[^>]* class="([^"]+)"', text))


def unplaced(text: str) -> int:
    (found,) = re.findall(r'<strong id="unplaced">(\d+)</strong>', text)
    return int(found)


@pytest.fixture
def offered(house: House) -> tuple[str, str]:
    """A duty of Essen and the request that is proposed for it."""
    key, request = house.duty(), house.pooled(1)
    house.match()
    return key, request


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_it_is_where_dispatchers_begin(house: House) -> None:
    for login in ("essen", "essen-lead", "ltrako"):
        client = at_a_browser(house, login)
        assert client.get("/").headers["Location"] == "/board"
        assert '<a href="/board" aria-current="page">Tafel</a>' in seen(client)


def test_a_zab_sees_its_own_duties_and_proposals_and_of_others_only_that_they_are_asked(
    house: House, offered: tuple[str, str]
) -> None:
    key, request = offered
    offer = house.offer_of(request)
    assert offer is not None
    for login, is_seen in (("essen", True), ("ltrako", True), ("koeln", False)):
        client = at_a_browser(house, login)
        text = seen(client, f"day=2026-10-05&chosen={request}")
        assert request in listed(text)
        assert "vorgeschlagen: ZAB Essen" in text
        assert (key in bars(text), request in rides(text)) == (is_seen, is_seen)
        assert (f"/proposals/{offer['id']}" in text) is is_seen
        assert ("An Bord" in text) is is_seen
        twin = seen(client, "day=2026-10-05&time=table&map=table")
        assert (key in bars(twin)) is is_seen
        # What one may not see is not there, whoever asks by its id.
        chosen = seen(client, f"chosen={key}")
        assert ("Was gewählt war, ist nicht da" in chosen) is not is_seen


def test_no_case_no_person_and_no_text_is_on_the_board(house: House, offered: tuple[str, str]) -> None:
    secret = house.pooled(2, case_reference="GEHEIM-7", free_text="Hinweis nur fuer die ZAB")
    for login in ("essen", "koeln", "ltrako"):
        client = at_a_browser(house, login)
        for request in (secret, offered[1]):
            text = seen(client, f"chosen={request}&day=2026-10-05")
            assert request in listed(text)
            assert not re.search("GEHEIM|Hinweis nur|T-1|abh:05113000", text)


def test_what_is_promised_leaves_the_pool_and_stays_on_the_tour(house: House, offered: tuple[str, str]) -> None:
    _, request = offered
    client = at_a_browser(house, "essen")
    assert "ride--proposed" in rides(seen(client, "day=2026-10-05"))[request]
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    text = seen(client, f"day=2026-10-05&chosen={request}")
    assert request not in listed(text)
    assert "ride--promised" in rides(text)[request]
    assert "Zur Anfrage" in text


def test_a_promise_whose_gate_has_closed_is_a_conflict_and_never_says_which(
    house: House, offered: tuple[str, str]
) -> None:
    key, request = offered
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    day = "day=2026-10-05"
    client = at_a_browser(house, "essen")
    assert "Konflikt: " not in seen(client, day)
    gates = CLEAR | {"urgent_application": "pending"}
    answer = house["abh"].call("PUT", f"/requests/{request}/gates", gates, if_match="*")
    assert answer.status_code == 200, answer.text
    for query in (day, f"{day}&zoom=week"):
        text = seen(client, query)
        for name in (f"d-{key}", f"t-{request}"):
            assert re.search(rf'<a id="{name}"[^>]*Konflikt: Voraussetzung fehlt"', text)
    table = seen(client, f"{day}&time=table")
    assert "⚠ Voraussetzung fehlt" in re.sub(r"\s+", " ", table)
    assert "Eilantrag" not in table


def test_drives_breaks_and_broken_rules_of_a_tour_are_told(house: House, offered: tuple[str, str]) -> None:
    key, _ = offered
    client = at_a_browser(house, "essen")
    day = "day=2026-10-05"
    assert '<path class="drive" d="M' in seen(client, day)
    assert '<path class="drive" d="M' in seen(client, f"{day}&zoom=week")
    assert re.search(r"\d\d:\d\d–\d\d:\d\d Fahrt", seen(client, f"{day}&time=table"))
    assert re.search(r"\d\d:\d\d–\d\d:\d\d Fahrt \(", seen(client, f"{day}&chosen={key}"))
    assert "Konflikt: " not in seen(client, day)
    # The shift is cut short past the service: what was in order is so no longer.
    with house.store.writing() as session:
        row = session.get_one(DutyRow, uuid.UUID(key))
        row.ends_at = row.vehicle_to = row.starts_at + timedelta(hours=2)
    for query in (day, f"{day}&zoom=week"):
        assert re.search(rf'<a id="d-{key}"[^>]*Konflikt: Regel verletzt"', seen(client, query))
    for query in (f"{day}&time=table", f"{day}&chosen={key}"):
        assert "passt nicht in die Schicht" in seen(client, query)


# --- trying by hand ---------------------------------------------------------------------------------------------------


def test_what_is_chosen_is_tried_on_a_duty_and_nothing_is_stored(house: House) -> None:
    fits, short, other = house.duty(), house.duty(since=10, until=11), house.duty("zab:koeln")
    request = house.pooled(1)
    for login, duty, answer, button in (
        ("essen", fits, "Die Fahrt passt.", True), ("essen", short, "Die Prüfung lehnt die Fahrt ab.", False),
        ("ltrako", other, "", False), ("essen", other, "Das gibt es nicht", False),
        ("essen", str(uuid.uuid4()), "Das gibt es nicht", False),
    ):  # fmt: skip
        text = seen(at_a_browser(house, login), f"day=2026-10-05&chosen={request}&onto={duty}")
        trial = text[text.index('<section class="trial"') :]
        assert answer in trial, (login, duty)
        assert (f'action="/requests/{request}/assign"' in trial) is button
    assert house.state(request) == "pooled"
    placing = seen(at_a_browser(house, "essen"), f"day=2026-10-05&chosen={request}&placing=1")
    assert f"chosen={request}&placing=1&onto={fits}" in placing
    assert 'class="placing' in placing
    # Whoever clicks a ride means the duty under it: the request to be placed stays chosen.
    house.match()
    for twin in ("", "&time=table"):
        riding = seen(at_a_browser(house, "essen"), f"day=2026-10-05&chosen={request}&placing=1{twin}")
        ride = re.search(rf'<a id="t-{request}"[^>]*href="([^"]*)"', riding)
        assert ride is not None
        assert ride[1].endswith(f"chosen={request}&placing=1&onto={fits}")
    # A filter hides duties on which the request might ride all the same: that is said, with the way to them.
    query = f"bezirk=053&day=2026-10-05&chosen={request}"
    hidden = seen(at_a_browser(house, "essen"), f"{query}&placing=1")
    assert fits not in hidden
    assert f'id="all-duties" href="/board?day=2026-10-05&amp;chosen={request}&amp;placing=1"' in hidden
    assert "Kein Dienst dieser Tage passt zu diesen Filtern." in hidden


def test_a_duty_over_midnight_says_on_the_second_day_when_it_began(house: House) -> None:
    house.duty(since=18, until=26)
    client = at_a_browser(house, "essen")
    assert re.search(r'aria-label="Dienst [^"]*, 20:00–04:00, ', seen(client, "day=2026-10-05"))
    assert re.search(r'aria-label="Dienst [^"]*, Mo 05\.10\. 20:00–04:00, ', seen(client, "day=2026-10-06"))


# --- the line above ---------------------------------------------------------------------------------------------------


def test_the_line_counts_all_that_wait_whatever_is_filtered(house: House, offered: tuple[str, str]) -> None:
    house.pooled(2)
    house.pooled(3)
    for login, answers in (("essen", True), ("koeln", False), ("ltrako", True)):
        client = at_a_browser(house, login)
        for query in ("", "bezirk=057", "state=proposed"):
            text = seen(client, query)
            assert unplaced(text) == 2
            assert ("Vorschlag zu beantworten" in text) is answers
        part = client.get("/board/glance", headers={"HX-Request": "true"}).text
        assert unplaced(part) == 2
        assert "<html" not in part


def test_a_run_that_is_at_work_is_told(house: House) -> None:
    client = at_a_browser(house, "essen")
    assert "Kein Lauf ist im Gange" in seen(client)
    run = house["ltrako"].call("POST", "/runs", {"first_day": "2026-10-05"}).json()
    text = seen(client)
    assert "Planung auf Wunsch" in text
    assert "wartet" in text
    assert run["id"] not in text


# --- filters ----------------------------------------------------------------------------------------------------------


def test_filters_act_on_list_map_and_time_line(house: House, offered: tuple[str, str]) -> None:
    essen, request = offered
    koeln = house.duty("zab:koeln", depot="05315000")
    other = house.pooled(2, pickup=(5, 7), place="05315000")
    client = at_a_browser(house, "ltrako")
    day = "day=2026-10-05"
    for query, requests, names, duties in (
        (day, {request, other}, {"Essen", "Köln"}, {essen, koeln}),
        (f"{day}&bezirk=051", {request}, {"Essen"}, {essen}),
        (f"{day}&bezirk=053", {other}, {"Köln"}, {koeln}),
        (f"{day}&bezirk=051&bezirk=053", {request, other}, {"Essen", "Köln"}, {essen, koeln}),
        (f"{day}&zab=zab:koeln", {other}, {"Köln"}, {koeln}),
        (f"{day}&open=1", {other}, {"Köln"}, {essen, koeln}),
        (f"{day}&state=proposed", {request}, {"Essen"}, {essen, koeln}),
        (f"{day}&from=2026-10-06", set(), set(), {essen, koeln}),
        ("from=2026-10-06", set(), set(), set()),
        (f"{day}&until=2026-10-05", {request, other}, {"Essen", "Köln"}, {essen, koeln}),
        (f"{day}&need=lying", set(), set(), {essen, koeln}),
        (f"{day}&deadline=has", set(), set(), {essen, koeln}),
    ):
        text = seen(client, query)
        assert (listed(text), spots(text), bars(text)) == (requests, names, duties), query
        if essen in duties:
            assert ("ride--pale" in rides(text)[request]) is (request not in requests), query


def test_choosing_marks_all_three(house: House, offered: tuple[str, str]) -> None:
    key, request = offered
    client = at_a_browser(house, "essen")
    for chosen in (request, key):
        text = seen(client, f"day=2026-10-05&chosen={chosen}")
        assert f'<li id="r-{request}" class="req is-chosen">' in text
        assert "is-chosen" in rides(text)[request]
        assert re.search(rf'id="d-{key}"[^>]*class="duty is-chosen"', text)
        assert re.search(r'<tr data-way="[^"]+" class="is-chosen">', text)
        assert re.search(r'<tr data-spot="[^"]+" class="is-chosen">', text)
    assert "is-chosen" not in seen(client, "day=2026-10-05")


def test_htmx_gets_only_what_changes(house: House) -> None:
    client = at_a_browser(house, "essen")
    answer = client.get("/board?open=1", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="board"')
    assert 'id="filters"' not in answer.text


def test_every_address_works_also_with_nonsense(house: House) -> None:
    client = at_a_browser(house, "essen")
    for query in (
        "day=2099-12-31&zoom=week", "day=2000-01-01", "from=2026-10-07&until=2026-10-01", "bezirk=%27", "chosen=x",
        f"chosen={uuid.uuid4()}", "zab=zab:nowhere", "state=%3Cscript%3E", "rows=1e9", "deadline=2026-10-05",
    ):  # fmt: skip
        assert "<script>" not in seen(client, query)


def test_english_by_switch(house: House, offered: tuple[str, str]) -> None:
    client = at_a_browser(house, "essen")
    client.post("/language", data={"language": "en", "back": "/board"})
    text = seen(client, f"day=2026-10-05&chosen={offered[1]}&time=table&map=table")
    assert "request without a seat" in text or "requests without a seat" in text
    assert not re.search("Anfrage|Zeitstrahl|Karte|vorgeschlagen|Fahrzeug|Abholung", re.sub(r"Restplatz\w+", "", text))


# --- reasons ----------------------------------------------------------------------------------------------------------


def reason(zab: str | None, text: str) -> ReasonShown:
    return ReasonShown(zab=zab, obstacle="tour", rule="ride_time", texts={"de": text}, actions={}, displaces=0)


def test_of_each_zab_the_first_reason_is_told(house: House) -> None:
    items = [reason("E", "a"), reason("zab:koeln", "b"), reason("E", "c"), reason(None, "gate"), reason("XX", "d")]
    assert [(zab, each.texts["de"]) for zab, each in first_reasons(items)] == [
        ("", "gate"), ("ZAB Essen", "a"), ("ZAB Köln", "b"), ("XX", "d"),
    ]  # fmt: skip


def test_why_it_has_no_seat_is_told_in_words(house: House) -> None:
    house.duty(seats=3)
    request = house.pooled(1, people=[{"age": "adult", "sex": "m", "count": 6}])
    client = at_a_browser(house, "koeln")
    assert "Noch kein Abgleich hat sie angesehen." in seen(client, f"chosen={request}")
    house.match()
    text = seen(client, f"chosen={request}")
    told = re.search(r'<ul class="reasons">(.*?)</ul>', text, flags=re.DOTALL)
    assert told is not None
    names = re.findall(r"<strong>([^<]+)</strong>: \S", told[1])
    assert names
    assert len(names) == len(set(names))
    assert not re.search("ride_time|zab:", told[1])


# --- saved filters ----------------------------------------------------------------------------------------------------


def save(client: TestClient, name: str, query: str = "bezirk=051&open=1") -> Any:
    return client.post("/board/filters", data={"name": name, "query": query})


def test_a_filter_is_kept_under_a_name_by_whoever_saved_it(house: House) -> None:
    client = at_a_browser(house, "essen")
    answer = save(client, "  Frühe <b>Tour</b> ", "bezirk=051&open=1&chosen=x&day=2026-10-05&evil=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/board?bezirk=051&open=1&day=2026-10-05")
    text = seen(client)
    assert '<a class="kern-link" href="/board?bezirk=051&amp;open=1">Frühe &lt;b&gt;Tour&lt;/b&gt;</a>' in text
    save(client, "Frühe <b>Tour</b>", "bezirk=055")
    assert seen(client).count("Frühe &lt;b&gt;Tour&lt;/b&gt;</a>") == 1
    for login in ("essen-second", "ltrako"):
        assert "Frühe &lt;" not in seen(at_a_browser(house, login))


def test_a_filter_is_deleted_by_its_owner_alone(house: House) -> None:
    client = at_a_browser(house, "essen")
    save(client, "meiner")
    (path,) = set(re.findall(r'action="(/board/filters/[0-9a-f-]+/delete)"', seen(client)))
    assert at_a_browser(house, "essen-second").post(path).status_code == 404
    assert "meiner" in seen(client)
    answer = client.post(path, headers={"Referer": "https://boerse.example/board?bezirk=053&zoom=week"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/board?bezirk=053&zoom=week")
    assert "meiner" not in seen(client)
    assert client.post(path).status_code == 404


def test_what_cannot_be_kept_is_told_beside_the_form(house: House) -> None:
    client = at_a_browser(house, "essen")
    for name in ("", "   ", "x" * 41):
        answer = save(client, name, "bezirk=057")
        assert answer.status_code == 422
        assert 'class="kern-alert' in answer.text
        assert re.search(r'name="bezirk" value="057" checked', answer.text)
    for number in range(MOST):
        assert save(client, f"Filter {number}").status_code == 303
    assert save(client, "einer zu viel").status_code == 422
    assert save(client, "Filter 0").status_code == 303


# --- the map's server -------------------------------------------------------------------------------------------------


def test_pages_may_load_pictures_from_the_maps_server_alone(house: House) -> None:
    client = at_a_browser(house, "essen")
    policy = client.get("/board").headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in policy
    assert "http" not in policy


def test_the_map_has_a_legend_and_its_twin_names_zabs_and_hand_overs(house: House) -> None:
    house.duty()
    house.pooled(1, needs=["wheelchair"], wheelchairs=1)
    text = seen(at_a_browser(house, "essen"), "day=2026-10-05&map=table")
    legend = text[text.index('class="legend legend--map"') :]
    legend = legend[: legend.index("</p>")]
    for said in ("offen: Zahl ohne Platz", "zugesagte Tour", "Vorschlag", "ZAB", "Übergabe"):
        assert said in legend
    sites = dict(re.findall(r'data-site="([\d. ,]+)"[^>]*><th scope="row">([^<]+)<td>', text))
    assert {"ZAB Essen", "ZAB Köln", "Flughafen Düsseldorf"} <= set(sites.values())
    assert text.count("eigener Rollstuhl") == 2, "one word for it: in the filters, and at the request"
    english = at_a_browser(house, "essen")
    english.post("/language", data={"language": "en"})
    assert "Other places of the map" in seen(english, "day=2026-10-05&map=table")
