"""Stories of requests and proposals at real browsers, by keyboard, in light and dark, with and without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from api.workflow import State
from tests.api.decision_world import Desk
from tests.api.house import House, request_body
from tests.api.pages.conftest import Person

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
Somebody = Callable[..., Person]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def reach(page: Page, wanted: Locator, *, most: int = 120) -> None:
    """Go to something with the Tab key alone."""
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail("the Tab key does not lead there")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    reach(page, wanted)
    page.keyboard.press(key)


def write(page: Page, name: str, text: str) -> None:
    """Fill in a field that the Tab key leads to: choices by the arrow keys, text by typing."""
    field = page.locator(f"[name='{name}']")
    reach(page, field)
    if field.get_attribute("type") == "datetime-local":
        # How a day is typed depends on the language of the browser itself, which no page can set.
        field.fill(text)
    elif field.evaluate("element => element.tagName") == "SELECT":
        for _ in range(20):
            if field.input_value() == text:
                return
            page.keyboard.press("ArrowDown")
        pytest.fail(f"no choice {text} in {name}")
    else:
        page.keyboard.type(text)


@SQLITE
def test_an_abh_enters_a_request_by_keyboard_and_is_told_that_the_flight_is_not_possible(
    house: House, somebody: Somebody
) -> None:
    house.duty()
    person = somebody("abh")
    page = person.go("/requests")
    person.check()
    press(page, page.get_by_role("link", name="Neue Anfrage"))
    page.wait_for_url("**/requests/new")
    person.check()
    for name, text in (
        ("case_reference", "A-77"), ("people.0.sex", "m"), ("pickup.place", "Essen"),
        ("pickup.earliest", "2026-10-05T07:00"), ("pickup.latest", "2026-10-05T09:00"),
        ("handover.place", "Flughafen Düsseldorf"), ("handover.earliest", "2026-10-05T07:10"),
        ("handover.latest", "2026-10-05T07:15"), ("gates.court_order", "not_needed"),
        ("gates.urgent_application", "none"), ("gates.announcement", "not_needed"),
        ("gates.fitness_to_travel", "fit"),
    ):  # fmt: skip
        write(page, name, text)
    press(page, page.get_by_role("button", name="Prüfen"))
    hint = page.locator("#check")
    expect(hint).to_contain_text("So ist die Fahrt nicht möglich")
    person.check()
    assert house["abh"].get("/requests")["items"] == [], "nothing was stored"
    assert page.url.endswith("/requests/new"), "by script, beside the form"
    press(page, page.get_by_role("button", name="In den Pool geben"))
    page.wait_for_url("**done=entered")
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    expect(page.get_by_text("So ist die Fahrt nicht möglich")).to_be_visible()
    person.check()
    assert [each["state"] for each in house["abh"].get("/requests")["items"]] == [State.POOLED]


@SQLITE
def test_a_dispatcher_confirms_and_another_one_sees_what_a_decline_would_do(desk: Desk, somebody: Somebody) -> None:
    house = desk.house
    request, duty, other = house.pooled(), house.duty(), house.duty("zab:koeln")
    proposal = desk.propose(request, duty, others=[("zab:koeln", other, 900)])
    second, _, declined = desk.offered(2)
    person = somebody("essen")
    page = person.go("/proposals")
    person.check()
    press(page, page.locator(f"a[href='/proposals/{proposal}']"))
    page.wait_for_url(f"**/proposals/{proposal}")
    press(page, page.locator("summary", has_text="Ablehnen"))
    expect(page.get_by_text("Nächstbeste Möglichkeit: ZAB Köln")).to_be_visible()
    person.check()
    press(page, page.get_by_role("button", name="Zusagen", exact=True))
    page.wait_for_url("**done=confirm")
    assert house.state(request) == State.CONFIRMED
    page = person.go(f"/proposals/{declined}")
    press(page, page.locator("summary", has_text="Ablehnen"))
    reach(page, page.locator("[name='decline.code']").first)
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Team erkrankt")).to_be_checked()
    press(page, page.get_by_role("button", name="Ablehnen"))
    page.wait_for_url("**done=decline")
    assert house.state(second) == State.POOLED


@SQLITE
def test_a_counter_proposal_goes_to_the_owner_and_back(desk: Desk, somebody: Somebody) -> None:
    request, _, proposal = desk.offered()
    zab = somebody("essen")
    page = zab.go(f"/proposals/{proposal}")
    press(page, page.locator("summary", has_text="Gegenvorschlag machen"))
    for name, text in (
        ("counter.code", "other_time"), ("counter.pickup_at", "2026-10-05T09:30"),
        ("counter.handover_at", "2026-10-05T10:45"),
    ):  # fmt: skip
        write(page, name, text)
    zab.check()
    press(page, page.get_by_role("button", name="Gegenvorschlag machen"))
    page.wait_for_url("**done=counter")
    owner = somebody("abh")
    page = owner.go(f"/proposals/{proposal}")
    expect(page.get_by_text("Gegenvorschlag der ZAB Essen")).to_be_visible()
    owner.check()
    press(page, page.get_by_role("button", name="Gegenvorschlag annehmen"))
    page.wait_for_url("**done=accept-counter")
    assert desk.house.state(request) == State.CONFIRMED


@SQLITE
def test_placing_by_hand_is_refused_by_the_checker_and_then_works(desk: Desk, somebody: Somebody) -> None:
    house = desk.house
    request, short, long = house.pooled(), house.duty(since=10, until=11), house.duty()
    person = somebody("essen")
    page = person.go(f"/requests/{request}")
    person.check()
    press(page, page.get_by_role("link", name="Von Hand auf einen Dienst setzen"))
    page.wait_for_url("**/place")
    person.check()
    press(page, page.locator(f"a[href*='duty={short}']"))
    expect(page.get_by_text("Die Prüfung lehnt die Fahrt ab.")).to_be_visible()
    person.check()
    press(page, page.locator(f"a[href*='duty={long}']"))
    expect(page.get_by_text("Die Fahrt passt.")).to_be_visible()
    press(page, page.get_by_role("button", name="Zuweisen und zusagen"))
    page.wait_for_url("**done=assigned")
    expect(page.get_by_text("von Hand zugewiesen").first).to_be_visible()
    assert house.state(request) == State.CONFIRMED


@SQLITE
def test_a_stop_is_warned_of_and_works_without_script_on_a_small_screen(desk: Desk, somebody: Somebody) -> None:
    request, _, _ = desk.confirmed()
    person = somebody("essen", java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = person.go(f"/requests/{request}")
    press(page, page.locator("#ask-stop"))
    expect(page.get_by_text("Die Maßnahme endet sofort.")).to_be_visible()
    write(page, "stop.code", "court")
    press(page, page.get_by_role("button", name="Ja, jetzt"))
    page.wait_for_url("**done=stop")
    assert desk.house.state(request) == State.STOPPED


@SQLITE
def test_a_page_is_no_wider_than_a_small_screen(desk: Desk, somebody: Somebody) -> None:
    request, duty, proposal = desk.offered()
    person = somebody("essen", viewport={"width": 320, "height": 640})
    for path in (
        "/requests", f"/requests/{request}", f"/requests/{request}/place?duty={duty}", "/proposals",
        f"/proposals/{proposal}", "/freed", "/approvals",
    ):  # fmt: skip
        page = person.go(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@SQLITE
def test_the_drive_order_is_downloaded(desk: Desk, somebody: Somebody, tmp_path: Path) -> None:
    request, _, proposal = desk.confirmed()
    desk.house["abh"].call("PUT", f"/requests/{request}/address", {"address": "Musterstraße 1, Essen"})
    person = somebody("essen")
    page = person.go(f"/proposals/{proposal}")
    for name in ("Fahrauftrag ohne Anschriften (PDF)", "Fahrauftrag mit Anschriften (PDF)"):
        with page.expect_download() as found:
            press(page, page.get_by_role("link" if "ohne" in name else "button", name=name))
        target = tmp_path / "order.pdf"
        found.value.save_as(target)
        assert found.value.suggested_filename.startswith("fahrauftrag-")
        assert b"pdfuaid" in target.read_bytes()


@SQLITE
def test_the_other_pages_keep_the_rules_in_english_too(desk: Desk, somebody: Somebody) -> None:
    house = desk.house
    request, duty, proposal = desk.confirmed()
    draft = house["abh"].call("POST", "/requests", request_body(8)).json()["id"]
    house["abh"].do(f"/requests/{draft}/stop", {"code": "court"})
    house["abh"].do(f"/requests/{draft}/lift-stop", {"code": "order_lifted"})
    house["essen"].do(f"/proposals/{proposal}/back-out", {"code": "crew_ill"})
    waiting = house.pooled(3)
    zab, owner = somebody("essen"), somebody("abh")
    for person, paths in (
        (zab, ("/freed", f"/freed/{duty}", f"/requests/{waiting}", f"/proposals/{proposal}", "/approvals")),
        (owner, ("/approvals", "/requests", f"/requests/{request}", f"/requests/{request}/edit", f"/requests/{draft}")),
    ):
        person.go("/me").get_by_role("button", name="English").click()
        for path in paths:
            page = person.go(path)
            expect(page.locator("html")).to_have_attribute("lang", "en")
            person.check()
