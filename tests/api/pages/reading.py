"""A reader of pages without a browser: signed in, it gets, fills in forms as they stand there, and sends them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from api.db.tables import Account
from api.services.sign_in import open_session
from api.web.authentication import COOKIE
from tests.api.house import House

_INPUT = re.compile(r"<input[^>]*>")
_HIDDEN = re.compile(r'name="([^"]*)"[^>]*value="([^"]*)"')


@dataclass(slots=True)
class Reader:
    """Somebody of the house who reads pages."""

    client: TestClient

    def get(self, path: str, status: int = 200) -> str:
        """Return a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        return answer.text

    def send(self, page: str, action: str, fields: dict[str, Any], *, status: int = 303, files: Any = None) -> Any:
        """Fill the first form of ``page`` that leads to ``action`` and has the hidden fields named, and send it.

        Fields that ``fields`` does not name are sent as they stand hidden in the form.
        """
        forms = re.findall(
            rf'<form[^>]*method="post"[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.get(page), re.DOTALL
        )
        assert forms, f"no form on {page} leads to {action}"
        found = [
            {
                html.unescape(name): html.unescape(value)
                for each in _INPUT.findall(form) if 'type="hidden"' in each
                for name, value in _HIDDEN.findall(each)
            }
            for form in forms
        ]  # fmt: skip
        # Of several forms that one whose step is wanted; else the one that has no step of its own.
        hidden = next(
            (each for each in found if each.get("action") == fields.get("action")),
            next((each for each in found if "action" not in each), found[0]),
        )
        answer = self.client.post(action, data=hidden | fields, files=files)
        assert answer.status_code == status, (action, answer.status_code, answer.text[-3000:])
        return answer


def reader(house: House, login: str) -> Reader:
    """Return somebody who has a session; how people sign in is tested elsewhere."""
    client = TestClient(
        house.client.app, raise_server_exceptions=False, headers={"Accept": "text/html"}, follow_redirects=False
    )
    client.headers["Origin"] = str(client.base_url)
    client.cookies.set(COOKIE, cookie(house, login))
    return Reader(client)


def cookie(house: House, login: str) -> str:
    """Return the cookie of a new session of somebody."""
    with house.store.writing() as session:
        account = session.get_one(Account, house[login].account_id)
        return open_session(session, account, via="password", now=house.now, lasts=timedelta(hours=12))


def links(page: str) -> list[str]:
    """Return where a page leads within the service."""
    found = (html.unescape(each).split("#")[0] for each in re.findall(r'href="(/[^"]*)"', page))
    return [each for each in found if each and not each.startswith(("/static/", "/v1/"))]
