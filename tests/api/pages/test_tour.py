"""The guided tour: five steps for each role, each on a page that the role may see."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from playwright.sync_api import expect

from api.pages.tour import STEPS, begin, step
from api.workflow import Role
from tests.api.house import House
from tests.api.pages.conftest import PASSWORD, Person
from tests.api.pages.test_authorization import client_of

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_every_role_has_five_steps() -> None:
    assert set(STEPS) == set(Role) - {Role.SYSTEM}
    assert {len(steps) for steps in STEPS.values()} == {5}


@pytest.mark.parametrize("number", ["", "0", "6", "-1", "1x", "²"])
def test_what_is_no_step_shows_none(number: str) -> None:
    assert step(Role.ABH, "/requests", number) is None
    assert step(Role.ABH, "/elsewhere", "1") is None


@SQLITE
def test_each_step_stands_on_its_page_and_leads_to_the_next(house: House) -> None:
    by_role = {caller.role: name for name, caller in house.people.items()}
    for role, name in by_role.items():
        client = client_of(house)
        client.post("/sign-in", data={"login": name, "password": PASSWORD})
        address: str | None = begin(role)
        seen = []
        while address is not None:
            answer = client.get(address)
            assert answer.status_code == 200, (name, address, answer.status_code)
            path, _, number = address.partition("?tour=")
            found = step(role, path, number)
            assert found is not None
            assert f'id="tour-heading">{found.heading}<' in unescape(answer.text), (name, address)
            seen.append(found.number)
            address = found.on
        assert seen == [1, 2, 3, 4, 5], name


@SQLITE
def test_the_tour_by_keyboard(somebody: Callable[..., Person]) -> None:
    person = somebody("abh")
    page = person.page
    page.get_by_role("link", name="Rundgang").focus()
    page.keyboard.press("Enter")
    for number in range(1, 6):
        page.get_by_text(f"Rundgang, Schritt {number} von 5").wait_for()
        person.check()
        if number < 5:
            page.get_by_role("link", name="Weiter").focus()
            page.keyboard.press("Enter")
    page.get_by_role("link", name="Beenden").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    expect(page.locator(".tour")).to_have_count(0)
