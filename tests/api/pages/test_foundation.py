"""What all pages stand on: files that ship, two languages, signing in, problems that tell what to do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from playwright.sync_api import expect
from starlette.datastructures import FormData, UploadFile

from api.errors import Code, Problem
from api.pages.language import preferred, texts_of, told_fault, told_money, told_number, told_span
from api.pages.sent import Sent, once
from api.pages.sign_in import _own
from api.pages.view import STATIC, View, static_address, view_of
from api.texts_problems import PROBLEMS
from api.words import Language
from data.builders import kern_cut
from tests import page_texts
from tests.api.house import House
from tests.api.pages import looking
from tests.api.pages.conftest import PASSWORD, Person

HTML = {"Accept": "text/html,application/xhtml+xml"}
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def browsing(house: House) -> TestClient:
    """A client that keeps cookies and asks for pages, as a browser does."""
    client = TestClient(house.client.app, raise_server_exceptions=False, headers=HTML, follow_redirects=False)
    client.headers["Origin"] = str(client.base_url)
    return client


def signed_in(client: TestClient, login: str) -> TestClient:
    answer = client.post("/sign-in", data={"login": login, "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303, answer.text
    return client


# --- files ------------------------------------------------------------------------------------------------------------


def test_what_others_wrote_is_what_was_fetched() -> None:
    vendor = STATIC / "vendor"
    sums = json.loads((vendor / "vendor.json").read_text(encoding="utf-8"))["sha256"]
    found = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()} - {"vendor.json"}
    assert found == set(sums)
    for name, wanted in sums.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == wanted, name
    for folder in {name.split("/")[0] for name in sums}:
        assert any(path.name.startswith("LICENSE") for path in (vendor / folder).iterdir()), folder


def test_of_kern_there_is_what_the_pages_use_and_nothing_else() -> None:
    vendor = STATIC / "vendor"
    css = (vendor / "kern-ux" / "kern.min.css").read_text(encoding="utf-8")
    known = set(json.loads((vendor / "vendor.json").read_text(encoding="utf-8"))["used_of_kern"])
    assert kern_cut.used_names() <= known, "python -m data.builders.page_assets cuts KERN anew"
    assert kern_cut.cut(css, known) == css
    assert ".kern-list" in css
    less = kern_cut.cut(css, known - {"kern-list"})
    assert ".kern-list" not in less
    assert ".kern-btn--primary" in less
    assert kern_cut.cut('.kern-a{color:var(--x);}:root{--x:1;--y:2}@media print{.kern-b{x:"}"}}', {"kern-a"}) == (
        f"{kern_cut.NOTE}.kern-a{{color:var(--x);}}:root{{--x:1;}}"
    )


@SQLITE
def test_files_are_kept_for_good_and_nothing_else_is_given_out(browsing: TestClient) -> None:
    address = static_address("pages.css")
    answer = browsing.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["Cache-Control"]
    icon = browsing.get("/favicon.ico")
    assert (icon.status_code, icon.headers["Content-Type"].partition(";")[0]) == (200, "image/svg+xml")
    font = browsing.get("/static/vendor/kern-ux/FiraSans-Regular.woff2")
    assert (font.status_code, font.headers["Content-Type"]) == (200, "font/woff2")
    for path in (
        "/static/0123456789ab/pages.css", "/static/x/../../settings.py", "/static/vendor/%2e%2e/%2e%2e/settings.py",
        "/static/vendor/../pages.css", address.replace("pages.css", "nothing.css"),
    ):  # fmt: skip
        assert browsing.get(path).status_code == 404, path


# --- languages --------------------------------------------------------------------------------------------------------


def test_every_text_of_the_pages_has_its_english() -> None:
    assert page_texts.missing() == [], "python -m tests.page_texts writes them into the catalogues"


@pytest.mark.parametrize(("there", "is_fine"), [("Answer by", True), ("answer by", False)])
def test_two_areas_say_one_text_alike(tmp_path: Path, there: str, is_fine: bool) -> None:
    for area, text in (("board", "Answer by"), ("office", there)):
        (tmp_path / f"{area}.po").write_text(f'msgid "Antwort bis"\nmsgstr "{text}"\n', encoding="utf-8")
    with nullcontext() if is_fine else pytest.raises(ValueError, match="one text for 'Antwort bis'"):
        assert texts_of(tmp_path, Language.EN) == {"Antwort bis": "Answer by"}


def test_every_problem_says_what_to_do_in_both_languages() -> None:
    assert set(PROBLEMS) == set(Code)
    for code, pairs in PROBLEMS.items():
        assert all(text.strip() for pair in pairs for text in pair), code


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("", "de"), ("fr,es;q=0.5", "de"), ("en-GB,en;q=0.9,de;q=0.8", "en"), ("de-AT,en", "de"), ("fr, en;q=0.3", "en")],
)
def test_the_browser_says_which_language(header: str, wanted: str) -> None:
    assert preferred(header) is Language(wanted)


def test_numbers_below_zero_have_a_minus_and_faults_are_no_jargon() -> None:
    for language, number, money in ((Language.DE, "−1,5", "−1.234,50\xa0€"), (Language.EN, "−1.5", "−€1,234.50")):
        assert told_number(-1.5, language) == number
        assert told_money(-1234.5, language) == money
        assert told_span(timedelta(minutes=-90), language) == "−1 h 30 min"
    assert told_fault("Field required", Language.EN) == "Please fill this in."


@SQLITE
def test_the_language_is_kept_with_the_account(browsing: TestClient, house: House) -> None:
    assert '<html lang="de"' in browsing.get("/sign-in").text
    browsing.post("/language", data={"language": "en", "back": "/sign-in"})
    assert '<html lang="en"' in browsing.get("/sign-in").text
    browsing.cookies.clear()
    signed_in(browsing, "essen")
    assert '<html lang="de"' in browsing.get("/me").text
    answer = browsing.post("/language", data={"language": "en", "back": "/me"})
    assert answer.headers["Location"] == "/me"
    browsing.cookies.clear()
    signed_in(browsing, "essen")
    assert '<html lang="en"' in browsing.get("/me").text
    assert house["essen"].get("/me")["language"] == "en"


# --- signing in -------------------------------------------------------------------------------------------------------


@SQLITE
def test_who_is_not_signed_in_is_asked_and_comes_back(browsing: TestClient) -> None:
    answer = browsing.get("/me?x=1&y=2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fme%3Fx%3D1%26y%3D2"
    shown = browsing.get(answer.headers["Location"])
    assert 'value="/me?x=1&amp;y=2"' in shown.text
    back = browsing.post("/sign-in", data={"login": "essen", "password": PASSWORD, "next": "/me"})
    assert (back.status_code, back.headers["Location"]) == (303, "/me")
    assert "essen" in browsing.get("/me").text
    browsing.post("/sign-out")
    assert browsing.get("/me").status_code == 303


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", "", "/sign-in"],
)
def test_nobody_is_sent_elsewhere_after_signing_in(address: str) -> None:
    assert _own(address) == "/"


@SQLITE
@pytest.mark.parametrize("sent", [("essen", "wrong password here"), ("nobody", PASSWORD), ("", ""), ("essen", "")])
def test_a_wrong_password_is_told_without_telling_what_was_wrong(browsing: TestClient, sent: tuple[str, str]) -> None:
    answer = browsing.post("/sign-in", data={"login": sent[0], "password": sent[1]})
    assert answer.status_code == 401
    assert "Die Anmeldung ist gescheitert." in answer.text
    assert "set-cookie" not in answer.headers


@SQLITE
def test_an_own_password_comes_before_everything_else(browsing: TestClient, house: House) -> None:
    given = house["admin"].do(f"/accounts/{house['essen'].account_id}/password")["password"]
    answer = browsing.post("/sign-in", data={"login": "essen", "password": given})
    assert answer.headers["Location"] == "/password"
    assert browsing.get("/me").headers["Location"] == "/password"
    new = "four other words together"
    for sent, field in (
        ({"current": "wrong password here", "new": new, "again": new}, "e-current"),
        ({"current": given, "new": new, "again": new + "x"}, "e-again"),
        ({"current": given, "new": "short", "again": "short"}, "e-new"),
        ({"current": given, "new": given, "again": given}, "e-new"),
    ):
        answer = browsing.post("/password", data=sent)
        assert answer.status_code == 422, sent
        assert f'id="{field}"' in answer.text, sent
        assert "Bitte berichtigen." not in answer.text, "why is told, too"
    assert browsing.post("/password", data={"current": given, "new": new, "again": new}).status_code == 303
    assert browsing.get("/me").status_code == 200


@SQLITE
def test_a_form_of_another_site_changes_nothing(browsing: TestClient) -> None:
    signed_in(browsing, "essen")
    browsing.headers["Origin"] = "https://elsewhere.example"
    answer = browsing.post("/sign-out")
    assert answer.status_code == 403
    assert "nicht von einer Seite dieses Dienstes" in answer.text
    assert browsing.get("/me").status_code == 200


# --- problems ---------------------------------------------------------------------------------------------------------


@SQLITE
def test_a_problem_is_a_page_for_people_and_a_document_for_programmes(browsing: TestClient) -> None:
    page = browsing.get("/nothing")
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Prüfen Sie die Adresse" in page.text
    assert page.headers["X-Request-ID"] in page.text
    document = browsing.get("/nothing", headers={"Accept": "*/*"})
    assert document.headers["Content-Type"] == "application/problem+json"
    api = browsing.get("/v1/nothing")
    assert api.headers["Content-Type"] == "application/problem+json"
    assert "Abmelden" not in page.text
    signed_in(browsing, "essen")
    assert "Abmelden" in browsing.get("/nothing").text, "the bar stays"
    part = browsing.get("/nothing", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "Prüfen Sie die Adresse" in part.text
    browsing.cookies.clear()
    gone = browsing.get("/me", headers={"HX-Request": "true"})
    assert gone.headers["HX-Redirect"] == "/sign-in"
    here = "https://boerse.example/board?bezirk=053"
    gone = browsing.get("/me", headers={"HX-Request": "true", "HX-Current-URL": here})
    assert gone.headers["HX-Redirect"] == "/sign-in?next=%2Fboard%3Fbezirk%3D053"
    sent = browsing.post("/sign-out", headers={"Referer": "https://boerse.example/requests/new"})
    assert sent.headers["Location"] == "/sign-in?next=%2Frequests%2Fnew"


@SQLITE
def test_the_address_of_a_form_that_was_refused_leads_to_its_page(browsing: TestClient) -> None:
    signed_in(browsing, "essen")
    answer = browsing.get("/proposals/0198c5a4-0000-7000-8000-000000000000/decline?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/proposals/0198c5a4-0000-7000-8000-000000000000")
    part = browsing.get("/board/filters", headers={"HX-Request": "true"})
    assert part.status_code == 405


@SQLITE
def test_the_language_changes_and_the_page_stays_as_it_was_filtered(browsing: TestClient) -> None:
    signed_in(browsing, "essen")
    headers = {"Referer": "https://boerse.example/board?bezirk=053&zoom=week"}
    answer = browsing.post("/language", data={"language": "en", "back": "/board"}, headers=headers)
    assert answer.headers["Location"] == "/board?bezirk=053&zoom=week"
    elsewhere = browsing.post("/language", data={"language": "de"}, headers={"Referer": "https://x.example//evil"})
    assert elsewhere.headers["Location"] == "/"


# --- in a browser -----------------------------------------------------------------------------------------------------


@SQLITE
def test_signing_in_by_keyboard_in_a_browser(somebody: Callable[..., Person]) -> None:
    person = somebody()
    page = person.go("/")
    assert page.title() == "Anmelden · Restplatzbörse"
    person.check()
    person.sign_in("essen")
    person.go("/me")
    person.check()
    page.get_by_role("button", name="English").click()
    page.wait_for_url("**/me")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Deutsch").click()
    person.go("/nothing")
    person.check()


@SQLITE
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("<img src='data:,'>", ["light", "dark"]),
        ("<style>@media (prefers-color-scheme: dark) { p { color: #333; background: #222 }}</style><p>dim", ["dark"]),
        ("<a href='/' style='outline: none'>x</a>", ["focus is not seen"]),
        ("<style>html { scroll-behavior: smooth; }</style>", ["moves"]),
        ("<style>@keyframes x { to { opacity: .9 } } p { animation: x 9s infinite }</style><p>x</p>", ["moves"]),
        ("<style>@media (max-width: 700px) { a { display: none } }</style><a href='/'>x</a>", ["lost at 200 %"]),
        ("<div style='width: 30rem; overflow: hidden'><p style='width: 40rem'>x</p></div>", ["cut off at 200 %"]),
        ("<div style='width: 50rem'>x</div>", ["wider than the window at 200 %"]),
        ("<p>x</p>", []),
    ],
)  # fmt: skip
def test_a_look_at_a_page_finds_what_is_wrong(somebody: Callable[..., Person], fault: str, told: list[str]) -> None:
    page = somebody().page
    head = "<title>x</title><meta name='color-scheme' content='light dark'>"
    page.set_content(f"<html lang='de'><head>{head}</head><body><main><h1>x</h1>{fault}</main></body></html>")
    assert {each[0] for each in looking.faults(page)} == set(told)


# --- forms ------------------------------------------------------------------------------------------------------------


@SQLITE
def test_a_page_may_call_its_values_as_it_likes(house: House) -> None:
    view = a_look(house)
    made = view.made(
        "part_problem.html", code="defect", happened="h", to_do="t", detail="", errors=(), more={}, path="/x",
        request_id="7", theme="dark", navigation=(), tour="",
    )  # fmt: skip
    assert "<code>the-call</code>" in made
    assert "<code>7</code>" not in made


@SQLITE
def test_a_form_sent_twice_is_one_call_and_a_changed_one_another(house: House) -> None:
    view = a_look(house)
    form: list[tuple[str, str | UploadFile]] = [
        ("call_key", "k"),
        ("stop.code", " court "),
        ("needs", "a"),
        ("needs", "b"),
        ("version", "3"),
    ]
    sent = Sent(FormData(form))
    assert (sent.part("stop"), sent.all("needs"), sent.if_match) == ({"code": "court"}, ["a", "b"], '"3"')
    assert sent.with_fields({"accept.at": "x"}).part("accept") == {"at": "x"}
    again = once(view, Sent(FormData(form)))
    assert once(view, sent) == again
    changed = Sent(FormData([*form[:-1], ("version", "4")]))
    assert once(view, changed).body_sha256 != again.body_sha256
    assert once(view, sent, b"a file").body_sha256 != again.body_sha256
    for key in ("", "k" * 121):
        with pytest.raises(Problem) as found:
            once(view, Sent(FormData({"call_key": key})))
        assert found.value.code is Code.IDEMPOTENCY_KEY_MISSING


def a_look(house: House) -> View:
    """Return the look of somebody at a page, outside of any call."""
    scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": []}
    request = Request(scope)
    request.state.request_id = "the-call"
    app = cast("FastAPI", house.client.app)
    return view_of(request, app.state.context)
