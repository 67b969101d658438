"""Forms of pages without a browser: what a browser would send of them, and somebody who sends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient

from tests.api.house import House
from tests.api.pages.conftest import PASSWORD


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, Any]] = {}
        self._fields: dict[str, Any] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.found.setdefault(given.get("action", ""), {})
        if self._fields is None or (tag == "input" and not given.get("name")):
            return
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            known = self._fields.get(given["name"])
            value: Any = given.get("value", "")
            is_list = given.get("type") == "checkbox" and known is not None
            self._fields[given["name"]] = (
                [*(known if isinstance(known, list) else [known]), value] if is_list else value
            )
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._fields):
            self._fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        if tag == "select":
            self._select = ""


def forms(html: str) -> dict[str, dict[str, Any]]:
    """Return the forms of a page by address, with what a browser would send of them as they stand."""
    found = _Forms()
    found.feed(html)
    return found.found


@dataclass(slots=True)
class Reader:
    """Somebody who is signed in, and the page at hand."""

    client: TestClient
    page: Any = field(default=None)

    def get(self, path: str, status: int = 200) -> str:
        self.page = self.client.get(path)
        assert self.page.status_code == status, (path, self.page.status_code, self.page.text[:3000])
        return str(self.page.text)

    def send(self, path: str, *, status: int = 303, **said: Any) -> Any:
        """Send a form of the page at hand with some fields filled in; dots in names are written as ``__``."""
        sent = forms(self.page.text)[path] | {name.replace("__", "."): value for name, value in said.items()}
        answer = self.client.post(path, data=sent)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:3000])
        if status != 303:
            self.page = answer
        return answer


def reader(house: House, name: str) -> Reader:
    """Return somebody who is signed in and reads pages."""
    headers = {"Accept": "text/html"}
    client = TestClient(house.client.app, raise_server_exceptions=False, headers=headers, follow_redirects=False)
    client.headers["Origin"] = str(client.base_url)
    assert client.post("/sign-in", data={"login": name, "password": PASSWORD}).status_code == 303
    return Reader(client)
