"""The decree of 26 February 2024, section 1: the ZRK applies for medical reception (Inempfangnahme) for the ABHs.

"Die ABH bittet die ZRK; die ZRK beantragt bei der Botschaft oder der ausländischen Stelle; sie teilt Bestätigung oder
Ablehnung mit; Kontakte je Zielstaat pflegt die ZRK; der Informationsbereich beantwortet Fragen der ABH."
"""

from __future__ import annotations

from datetime import timedelta

from tests.api.clearance_world import act, clearances, kinds, listen, only, told
from tests.api.decision_world import Desk
from tests.api.house import House, request_body

OFFICE = {
    "state": "GE", "body": "embassy", "office": "Botschaft, Konsularabteilung", "mail": "consular@embassy.example",
    "languages": ["ka", "en"],
}  # fmt: skip


def test_the_abh_asks_the_zrk_which_applies_and_tells_the_confirmation(house: House) -> None:
    listen(house, ["abh"])
    # The ABH states in its request that medical staff must receive somebody at the destination. No finding, no name.
    body = request_body(1, destination="GE", needs_medical_reception=True, handover=(6, 9)) | {"enter_as": "pool"}
    request = house["abh"].call("POST", "/requests", body).json()["id"]

    # The ZRK finds it on its list, with the day until which to apply; nobody else has such a list.
    asked = only(house, "zrk", kind="medical_reception")
    assert (asked["state"], asked["subject"], asked["trip"]["destination"]) == ("needed", "GE", "GE")
    assert kinds(house, "zrk") == ["clearance_needed"]
    for name in ("zfa", "ltrako", "essen", "abh-other"):
        assert clearances(house, name) == []

    # It looks its contact up, which nobody but the ZRK keeps.
    assert house["zrk"].call("POST", "/contacts", OFFICE).status_code == 201
    (contact,) = house["zrk"].get("/contacts?state=GE")["items"]
    assert contact["content"]["office"] == OFFICE["office"]
    assert house["abh"].call("GET", "/contacts").status_code == 403

    # It applies at the embassy, and records that; the ABH itself cannot.
    key = asked["id"]
    assert house["abh"].call("POST", f"/clearances/{key}/apply", {}, if_match="*").status_code == 403
    act(house, "zrk", key, "apply", {"reference": "GE-2026/31"})
    assert kinds(house, "abh") == []

    # The embassy confirms; the ABH is told at once.
    house.later(days=1)
    act(house, "zrk", key, "grant", {})
    assert kinds(house, "abh") == ["clearance_granted"]
    assert told(house, "abh")[-1] == {
        "clearance": key, "request": request, "kind": "medical_reception", "state": "granted", "code": "",
    }  # fmt: skip
    assert only(house, "abh")["reference"] == "GE-2026/31"
    house.check()


def test_a_refusal_stands_against_the_transport_until_the_abh_decides(house: House) -> None:
    desk = Desk(house)
    request, _, proposal = desk.confirmed()
    # Also of a transport that is promised already the ABH can ask the ZRK.
    asked = house["abh"].call("POST", f"/requests/{request}/medical-reception", {"destination": "GE"}, if_match="*")
    assert asked.status_code == 201, asked.text
    key = asked.json()["id"]
    act(house, "zrk", key, "apply", {})
    act(house, "zrk", key, "refuse", {"code": "no_reception"})
    assert kinds(house, "abh") == ["clearance_refused", "gate_closed"]
    # The ZAB sees that its promise is in danger, not why.
    house.tick()
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is True
    assert kinds(house, "essen") == ["gate_closed"], "one notice of one thing"
    assert kinds(house, "abh") == ["clearance_refused", "gate_closed"]
    assert house["essen"].call("GET", f"/clearances/{key}").status_code == 404
    # The ABH stays the owner: it says that it is not needed any more, or stops, or moves the date.
    act(house, "abh", key, "withdraw")
    assert house["essen"].get(f"/proposals/{proposal}")["is_red"] is False
    assert "clearance_lapsed" in kinds(house, "zrk")
    assert house.state(request) == "confirmed"
    house.check()


def test_the_foreign_body_offers_another_date(house: House) -> None:
    body = request_body(1, destination="GE", needs_medical_reception=True) | {"enter_as": "pool"}
    request = house["abh"].call("POST", "/requests", body).json()["id"]
    key = only(house, "zrk")["id"]
    act(house, "zrk", key, "apply", {})
    act(house, "zrk", key, "offer-date", {"on": "2026-10-08"})
    act(house, "abh", key, "accept-date")
    assert house["abh"].get(f"/requests/{request}")["content"]["pickup"]["earliest"].startswith("2026-10-08")
    new = only(house, "zrk")
    assert (new["state"], new["id"] != key) == ("needed", True)
    house.check()


def test_an_open_one_is_warned_of_and_red_a_day_before(house: House) -> None:
    desk = Desk(house)
    request, _, proposal = desk.confirmed()
    asked = house["abh"].call("POST", f"/requests/{request}/medical-reception", {"destination": "GE"}, if_match="*")
    assert asked.status_code == 201, asked.text
    pickup = desk.proposal(proposal).pickup_at
    house.now = pickup - timedelta(hours=48)
    house.tick()
    for name in ("zrk", "abh", "essen"):
        assert "clearance_due" in kinds(house, name)
    house.now = pickup - timedelta(hours=24)
    house.tick()
    assert "clearance_red" in kinds(house, "zrk")
    for name in ("abh", "essen"):
        assert "gate_closed" in kinds(house, name)
    assert "clearance_red" not in kinds(house, "zfa")
    assert house.state(request) == "confirmed", "the clock takes no promise away"


def test_the_information_area_answers_an_abh_and_then_all(house: House) -> None:
    """The decree's forum: the ABHs ask, ZRK, ZFA and LTraKo moderate, everybody reads and finds."""
    asked = house["abh"].call(
        "POST", "/guidance/questions",
        {"topic": "medical_reception", "text": "Wie früh soll die Inempfangnahme angefordert werden?"},
    )  # fmt: skip
    key = asked.json()["id"]
    assert "question_asked" in kinds(house, "zrk")
    house["zrk"].do(f"/guidance/questions/{key}/answer", {"answer": "In der Regel zwei Wochen vor dem Flug."})
    assert "question_answered" in kinds(house, "abh")
    (hit,) = house["abh-other"].get("/guidance/search?q=Inempfangnahme")["items"]
    assert (hit["kind"], hit["id"]) == ("question", key)
    assert house["abh-other"].get(f"/guidance/questions/{key}")["asked_by"] is None
    page = house["zrk"].call(
        "POST", "/guidance/pages",
        {
            "slug": "anforderung", "topic": "medical_reception", "title": "Anforderung an die ZRK",
            "body": "Zwei Wochen vor dem Flug anfordern.",
        },
    ).json()["id"]  # fmt: skip
    house["zrk"].do(f"/guidance/pages/{page}/publish")
    assert house["essen"].get(f"/guidance/pages/{page}")["organisation"] == "zrk"
    assert "zaiport_url" in house["abh"].get("/guidance")
