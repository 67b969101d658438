"""Every page with every role: who may not is told so, and nobody gets in without saying who."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi.testclient import TestClient

from api.workflow import Role
from tests.api.house import House
from tests.api.pages.conftest import PASSWORD
from tests.api.test_authorization import endpoints

OPEN = {
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/language"), ("POST", "/theme"),
    ("GET", "/static/{checksum}/{name}"), ("GET", "/favicon.ico"),
}  # fmt: skip
"""What nobody needs to sign in for."""
LEAVES = {("POST", "/sign-out")}
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
HTML = {"Accept": "text/html"}


def path_of(template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda _: str(uuid.uuid4()), template)


def client_of(house: House) -> TestClient:
    client = TestClient(house.client.app, raise_server_exceptions=False, headers=HTML, follow_redirects=False)
    client.headers["Origin"] = str(client.base_url)
    return client


@SQLITE
def test_each_page_says_who_may(house: House) -> None:
    found = list(endpoints(house.client.app, is_page=True))  # type: ignore[arg-type]
    assert {(method, path) for method, path, roles in found if roles is None} == OPEN


@SQLITE
def test_nobody_sees_a_page_without_saying_who(house: House) -> None:
    client = client_of(house)
    for method, template, roles in endpoints(house.client.app, is_page=True):  # type: ignore[arg-type]
        if roles is None:
            continue
        for cookie in ("", "restplatz_session=nonsense"):
            answer = client.request(method, path_of(template), headers={"Cookie": cookie} if cookie else {})
            assert answer.status_code == 303, (method, template, answer.status_code)
            assert answer.headers["Location"].startswith("/sign-in"), (method, template)


@SQLITE
def test_who_may_not_is_told_and_who_may_is_let_in(house: House) -> None:
    wrong = []
    by_role = {caller.role: name for name, caller in house.people.items()}
    assert set(by_role) == set(Role) - {Role.SYSTEM}
    for role, name in by_role.items():
        client = client_of(house)
        client.post("/sign-in", data={"login": name, "password": PASSWORD})
        for method, template, roles in endpoints(house.client.app, is_page=True):  # type: ignore[arg-type]
            if roles is None or (method, template) in LEAVES or template.endswith("/events"):
                continue
            answer = client.request(method, path_of(template))
            if answer.status_code >= 500 or (answer.status_code != 403) != (role in roles):
                wrong.append((method, template, name, answer.status_code))
    assert wrong == []
