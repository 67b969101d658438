"""Asked on the page of a request why it has no place and what would help; in a browser, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.house import House
from tests.api.pages.conftest import Person
from tests.api.pages.reading import reader

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def forms_of(text: str) -> dict[str, str]:
    form = text[text.index("/why") :]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


def left_out(house: House) -> str:
    """A request that the only duty is too short for."""
    house.duty("zab:essen", since=5, until=7)
    request = house.pooled(1)
    house.match()
    return request


@SQLITE
def test_what_may_be_asked_depends_on_state_and_role(house: House) -> None:
    house.duty()
    request = house.pooled(1)
    for who, asked in (("abh", True), ("essen", True), ("ltrako", True), ("auditor", False)):
        text = reader(house, who).get(f"/requests/{request}")
        assert ("Was würde helfen?" in text) is asked, who
    house.match()
    text = reader(house, "essen").get(f"/requests/{request}")
    assert "Warum gerade hier?" in text
    assert "Was würde helfen?" not in text


@SQLITE
def test_answers_are_told_with_what_to_do_and_others_are_counted(house: House) -> None:
    short = house.duty("zab:essen", since=5, until=7)
    house.duty("zab:koeln", since=5, until=7)
    request = house.pooled(1)
    house.match()
    person = reader(house, "essen")
    for asks in ("why_not", "what_helps"):
        text = person.get(f"/requests/{request}")
        sent = forms_of(text) | {"asks": asks}
        answer = person.client.post(f"/requests/{request}/why", data=sent)
        assert answer.status_code == 303
        where = answer.headers["Location"]
        waiting = person.get(where)
        assert "wird gerade berechnet" in waiting
        assert 'hx-trigger="load delay:1s"' in waiting
        house.answer()
        told = person.get(where)
        assert "wird gerade berechnet" not in told
        assert "Was zu tun ist:" in told
        assert "ZAB Essen" in told
        assert ("ZAB Köln" in told) or asks == "what_helps"
        part = person.client.get(where, headers={"HX-Request": "true"}).text
        assert "<html" not in part
        if asks == "why_not":
            assert f"/requests/{request}/place?duty={short}#check" in told
        reader(house, "koeln").get(where, 404)
    house.check()


@SQLITE
def test_a_question_is_asked_by_keyboard_and_the_answer_comes_by_itself(
    somebody: Callable[..., Person], house: House
) -> None:
    request = left_out(house)
    person = somebody("essen")
    page: Any = person.go(f"/requests/{request}")
    page.locator("#ask-what-helps").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/why/*")
    expect(page.get_by_text("wird gerade berechnet")).to_be_visible()
    house.answer()
    expect(page.get_by_text("Was zu tun ist:").first).to_be_visible()
    person.check()


@SQLITE
def test_it_is_asked_on_the_board_too_and_the_answer_stays_while_others_decide(
    somebody: Callable[..., Person], house: House
) -> None:
    request = left_out(house)
    person = somebody("essen")
    page: Any = person.go(f"/board?day=2026-10-05&chosen={request}")
    page.wait_for_selector("#live:has-text('live')")
    page.locator("#ask-what-helps").focus()
    page.keyboard.press("Enter")
    answer = page.locator(f"#why-{request}")
    expect(answer.get_by_text("wird gerade berechnet")).to_be_visible()
    house.answer()
    expect(answer.get_by_text("Was zu tun ist:").first).to_be_visible()
    expect(answer.get_by_text("Ausprobieren").first).to_be_visible()
    assert "/board?" in page.url
    house.pooled(2)
    expect(page.locator("#unplaced")).to_have_text("2")
    expect(answer.get_by_text("Was zu tun ist:").first).to_be_visible()
    # The other question, and the same one again, are calls of their own.
    for which in ("#ask-why-not", "#ask-what-helps", "#ask-what-helps"):
        page.locator(which).click()
        expect(answer.get_by_text("wird gerade berechnet")).to_be_visible()
        house.answer()
        expect(answer.get_by_text("Was zu tun ist:").first).to_be_visible()
    person.check()


@SQLITE
def test_a_duty_of_another_zab_is_called_by_its_zab_and_heads_by_theirs(house: House) -> None:
    house.duty("zab:koeln", since=5, until=7)
    request = house.pooled(1)
    house.match()
    asked = house["essen"].call("POST", "/explanations", {"asks": "what_helps", "request_id": request}).json()["id"]
    house.answer()
    told = house["essen"].get(f"/explanations/{asked}")["what_helps"]
    texts = [each[part] for each in told["relaxations"] + told["combinations"] for part in ("texts", "actions")]
    assert any("einem Dienst der ZAB Köln" in each["de"] for each in texts)
    assert any("a duty of ZAB Köln" in each["en"] for each in texts)
    assert not any("zab:" in text for each in texts for text in each.values()), "no code in a sentence"
    text = reader(house, "essen").get(f"/requests/{request}")
    assert "auf dem Dienst, der am nächsten daran war" in text, "which duty the reasons of the night are of"
