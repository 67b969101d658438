"""Whole stories of the offices in a browser, by keyboard alone; every page in light and dark against WCAG 2.1 AA."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from api.db.tables import Run, RunState
from api.repositories.runs import add_event
from api.web.authentication import COOKIE
from tests.api import clearance_world
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import hours
from tests.api.pages.conftest import Person
from tests.api.pages.reading import cookie
from tests.api.pages.test_office import SAMPLE, night_run, transfer

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
Sit = Callable[..., Person]


def seated(somebody: Sit, house: House, login: str, **settings: object) -> Person:
    """Somebody who is signed in already: signing in by keyboard is tested elsewhere."""
    person = somebody(**settings)
    person.context.add_cookies([{"name": COOKIE, "value": cookie(house, login), "url": person.address}])
    return person


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the element of this selector has the focus, as a person without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def furnished(house: House) -> dict[str, str]:
    """Let there be something on every page; return ids for addresses."""
    duty = house.duty()
    Desk(house).propose(house.pooled(2), duty)
    clearance_world.pooled(house, 1)
    crew = house["essen"].get("/crews")["items"][0]["id"]
    vehicle = house["essen"].get("/vehicles")["items"][0]["id"]
    away = house["essen"].call("POST", "/absences", {
        "crew_id": crew, "starts_at": hours(0).isoformat(), "ends_at": hours(20).isoformat(), "code": "leave",
    }).json()  # fmt: skip
    case = house["abh"].call(
        "POST", f"/requests/{house.pooled(3, deadline=transfer()['deadline'])}/amtshilfe",
        {"municipality": "05315000", "assigned_on": "2026-10-01"},
    ).json()  # fmt: skip
    night_run(house, date(2026, 10, 1), [
        {"request": str(uuid.uuid4()), "kind": kind, "code": "fits", "zab": "zab:essen",
         "owner": str(house["abh"].organisation_id)} for kind in ("new", "changed", "lost")
    ])  # fmt: skip
    pattern = house["essen"].call("POST", "/shift-patterns", {
        "code": "E-FRUEH", "crew_id": crew, "vehicle_id": vehicle, "weekdays": [1, 2], "begins": "05:30",
        "ends": "15:30", "valid_from": "2026-10-05",
    }).json()  # fmt: skip
    page = house["zrk"].call("POST", "/guidance/pages", {
        "slug": "transit", "topic": "transit", "title": "Durchbeförderung", "body": "## Wer?\n\nDie ZFA.\n\n- eins",
    }).json()  # fmt: skip
    house["zrk"].do(f"/guidance/pages/{page['id']}/publish")
    question = (
        house["essen"]
        .call("POST", "/guidance/questions", {"topic": "transit", "text": "Gilt das auch für Charter?"})
        .json()
    )
    house["zrk"].do(f"/guidance/questions/{question['id']}/answer", {"answer": "Ja."})
    return {
        "duty": duty, "crew": crew, "vehicle": vehicle, "absence": away["absence"]["id"], "case": case["id"],
        "clearance": clearance_world.only(house)["id"], "pattern": pattern["id"], "page": page["id"],
        "question": question["id"], "run": house["ltrako"].get("/runs")["items"][0]["id"],
        "account": str(house["essen"].account_id), "organisation": str(house["essen"].organisation_id),
        "task": house["koeln"].get("/tasks")["items"][0]["id"],
    }  # fmt: skip


PAGES = {
    "essen": (
        "/tasks", "/fleet?on=2026-10-05", "/fleet?on=2026-10-05&span=month", "/fleet/vehicles", "/fleet/vehicles/new",
        "/fleet/vehicles/{vehicle}", "/fleet/crews", "/fleet/crews/{crew}", "/fleet/duties?day=2026-10-05",
        "/fleet/duties/{duty}", "/fleet/absences", "/fleet/absences/new", "/fleet/absences/{absence}",
        "/fleet/patterns", "/fleet/patterns/{pattern}", "/morning", "/reports", "/reports/month?month=2026-10",
        "/guidance", "/guidance/questions/new", "/parameters/workflow", "/me/keys",
    ),
    "koeln": ("/tasks", "/tasks/{task}", "/amtshilfe", "/amtshilfe/{case}", "/dublin"),
    "abh": ("/import", "/webhooks", "/clearances"),
    "zfa": ("/tasks", "/clearances/{clearance}",),
    "zrk": ("/contacts", "/contacts/new", "/guidance/pages/{page}", "/guidance/pages/{page}/edit",
            "/guidance/questions/{question}"),
    "ltrako": ("/runs", "/runs/{run}?other={run}", "/reports/observers?edition=inside", "/reports/history",
               "/fleet/vehicles/{vehicle}"),
    "auditor": ("/audit", "/audit/verification", "/audit/deletions"),
    "admin": ("/accounts", "/accounts/new", "/accounts/{account}", "/accounts/organisations",
              "/accounts/organisations/{organisation}", "/parameters", "/parameters/codes"),
}  # fmt: skip
"""Pages with something on them, by somebody who sees most of each."""


@SQLITE
@pytest.mark.parametrize("login", sorted(PAGES))
def test_every_page_is_accessible_in_light_and_dark_and_fits_a_small_screen(
    somebody: Sit, house: House, login: str
) -> None:
    ids = furnished(house)
    person = seated(somebody, house, login)
    for path in PAGES[login]:
        page = person.go(path.format(**ids))
        page.set_viewport_size({"width": 1280, "height": 900})
        person.check()
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@SQLITE
def test_a_dispatcher_enters_a_vehicle_by_keyboard(somebody: Sit, house: House) -> None:
    person = seated(somebody, house, "essen")
    page = person.go("/tasks")
    tab_to(page, 'a[href="/fleet"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/fleet")
    tab_to(page, 'main a[href="/fleet/vehicles"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/fleet/vehicles")
    tab_to(page, 'a[href="/fleet/vehicles/new"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/new")
    tab_to(page, "#f-code")
    page.keyboard.type("E-V7")
    tab_to(page, "#f-kind")
    page.keyboard.press("Control+A")
    page.keyboard.type("Kleinbus!")
    page.keyboard.press("Enter")
    expect(page.locator("#e-kind")).to_be_visible()
    assert page.locator("#f-kind").get_attribute("aria-invalid") == "true"
    person.check()
    # What is wrong is called as its field is, and leads there.
    expect(page.locator("main .kern-alert [data-path]")).to_have_count(0)
    tab_to(page, "main .kern-alert a[href='#f-kind']")
    page.keyboard.press("Enter")
    expect(page.locator("#f-kind")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("van")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fleet/vehicles")
    expect(page.get_by_role("link", name="E-V7")).to_be_visible()


@SQLITE
def test_an_abh_takes_a_file_in_by_keyboard(somebody: Sit, house: House) -> None:
    person = seated(somebody, house, "abh")
    page = person.go("/import")
    bad = {"name": "a.csv", "mimeType": "text/csv", "buffer": SAMPLE.replace("DUS", "Nirgendwo").encode()}
    tab_to(page, "#f-file")
    page.locator("#f-file").set_input_files(bad)  # type: ignore[arg-type]
    tab_to(page, 'button[value="store"]')
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nichts wurde gespeichert")).to_be_visible()
    person.check()
    tab_to(page, "#f-file")
    page.locator("#f-file").set_input_files(bad | {"buffer": SAMPLE.encode()})  # type: ignore[arg-type]
    tab_to(page, 'button[value="store"]')
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 Anfrage gespeichert")).to_be_visible()
    person.check()


@SQLITE
def test_the_zfa_records_an_application_by_keyboard(somebody: Sit, house: House) -> None:
    clearance_world.pooled(house)
    person = seated(somebody, house, "zfa")
    page = person.go("/tasks")
    tab_to(page, 'main th a[href^="/clearances/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/clearances/*")
    tab_to(page, "#f-reference")
    page.keyboard.type("DB-2026/114")
    page.keyboard.press("Enter")
    expect(page.get_by_text("DB-2026/114")).to_be_visible()
    tab_to(page, 'input[name="action"]')
    for _ in range(page.locator('input[name="action"]').count()):
        if page.evaluate("document.activeElement.value") == "grant":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_to(page, "main form button.kern-btn--primary")
    page.keyboard.press("Enter")
    expect(page.get_by_text("zugestimmt")).to_be_visible()
    person.check()
    assert clearance_world.only(house)["state"] == "granted"


@SQLITE
def test_a_run_is_started_by_keyboard_and_watched_while_it_goes_on(somebody: Sit, house: House) -> None:
    person = seated(somebody, house, "ltrako")
    page = person.go("/runs")
    tab_to(page, "#f-seconds")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    key = uuid.UUID(page.url.rsplit("/", 1)[1])
    with house.store.writing() as session:
        run = session.get_one(Run, key)
        run.state, run.started_at = RunState.RUNNING, house.now
        add_event(session, key, "phase", {"phase": "construction"}, now=house.now)
    expect(page.get_by_text("ein erster Plan entsteht")).to_be_visible()
    told = {"phase": "stage custody", "step": "part 2 31 columns, 4 cuts", "value": 5400, "bound": 5130}
    with house.store.writing() as session:
        add_event(session, key, "progress", told, now=house.now)
    expect(page.locator('[data-said="bound"]')).to_have_text("85,5")
    expect(page.locator('[data-said="value"]')).to_have_text("90")
    expect(page.locator('[data-said="step"]')).to_have_text("Teil 2: 31 Touren, 4 Schnitte")
    with house.store.writing() as session:
        add_event(session, key, "phase", {"phase": "stage custody", "passed": []}, now=house.now)
    expect(page.get_by_text("Stufe: Minuten an Bord über der direkten Fahrt")).to_be_visible()
    expect(page.locator('[data-said="step"]')).to_have_text("–")
    person.check()
    with house.store.writing() as session:
        run = session.get_one(Run, key)
        run.state, run.finished_at = RunState.DONE, house.now
        add_event(session, key, "finished", {"state": "done"}, now=house.now)
    expect(page.locator(".watched")).to_have_count(0)
    expect(page.get_by_text("fertig").first).to_be_visible()


@SQLITE
def test_an_admin_resets_a_password_by_keyboard_in_english(somebody: Sit, house: House) -> None:
    person = seated(somebody, house, "admin", locale="en-GB")
    page = person.go(f"/accounts/{house['essen'].account_id}")
    tab_to(page, 'button[value="en"]')
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Reset password").wait_for()
    tab_to(page, 'form[action$="/password"] button')
    page.keyboard.press("Enter")
    expect(page.locator(".secret")).to_be_visible()
    person.check()
    shown = page.locator(".secret").inner_text()
    page.reload()
    assert shown not in page.content()
