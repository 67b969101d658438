"""Paper: tagged PDF that holds what its reader may know, and no address but for the ZAB that promised, logged."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from api.db.tables import AuditEntry
from api.pages.paper import printing
from api.pages.paper.printing import compiled, facts, notice, table, text
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import NOW
from tests.api.pages.filled import Reader, reader

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ADDRESS = "Musterstraße 1, 45127 Essen"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@dataclass(slots=True)
class Press:
    """What went to the press: all that the document says, and the PDF that came of it."""

    said: str = ""

    def run(self, by: Reader, path: str, data: dict[str, str] | None = None) -> str:
        """Print something as somebody, and return what it says."""
        self.said = ""
        answer: Any = by.client.get(path) if data is None else by.client.post(path, data=data)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert_tagged(answer.content)
        return self.said


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    made = Press()

    def noted(data: Any, **more: Any) -> bytes:
        made.said = json.dumps(data, ensure_ascii=False)
        return compiled(data, **more)

    monkeypatch.setattr(printing, "compiled", noted)
    return made


def assert_tagged(pdf: bytes) -> None:
    assert b"pdfuaid" in pdf, "it says that it keeps PDF/UA-1; the compiler refuses what does not"
    assert b"/StructTreeRoot" in pdf


def reads(desk: Desk) -> int:
    return desk.read(lambda s: s.query(AuditEntry).filter(AuditEntry.action == "address_read").count())


@SQLITE
def test_a_drive_order_says_where_to_read_the_address_and_holds_it_only_when_asked_for(
    desk: Desk, press: Press
) -> None:
    house = desk.house
    request, duty, _ = desk.confirmed()
    house["abh"].call("PUT", f"/requests/{request}/address", {"address": ADDRESS})
    essen, path = reader(house, "essen"), f"/paper/duties/{duty}"
    said = press.run(essen, path)
    assert "T-1" in said
    assert ADDRESS not in said
    assert f"/requests/{request}" in said
    assert reads(desk) == 0
    said = press.run(essen, path, {"purpose": "pick_up"})
    assert ADDRESS in said
    assert reads(desk) == 1
    assert essen.client.post(path).status_code == 422, "without a purpose nobody reads"
    watching = press.run(reader(house, "ltrako"), path)
    assert ADDRESS not in watching
    assert "T-1" not in watching, "in coarse form"
    other = reader(house, "koeln")
    assert other.client.get(path).status_code == 404
    assert other.client.post(path, data={"purpose": "pick_up"}).status_code == 404
    house.later(days=30)
    assert ADDRESS not in press.run(reader(house, "essen"), path, {"purpose": "pick_up"})
    assert reads(desk) == 1


@SQLITE
def test_a_drive_order_lists_only_what_is_promised_and_warns_of_closed_gates(desk: Desk, press: Press) -> None:
    house = desk.house
    _, duty, _ = desk.offered()
    essen = reader(house, "essen")
    assert "Kein Halt ist zugesagt." in press.run(essen, f"/paper/duties/{duty}")
    request, duty, _ = desk.confirmed(2)
    told = json.loads(press.run(essen, f"/paper/duties/{duty}"))
    table = next(part for part in told["parts"] if part["kind"] == "table")
    what = [row[1] for row in table["rows"]]
    assert (what[0], what[-1]) == ("Abfahrt", "Rückkehr"), "from depot to depot"
    assert [each for each in what if each in ("Abholung", "Übergabe")] == ["Abholung", "Übergabe"]
    assert sum(bool(re.fullmatch(r"Fahrstrecke, (\d+ h )?\d+ min", each)) for each in what) >= 2, (
        "each leg with its time"
    )
    assert [row[0] for row in table["rows"]] == sorted(row[0] for row in table["rows"])
    tag = house["abh"].call("GET", f"/requests/{request}").headers["ETag"]
    house["abh"].call("PUT", f"/requests/{request}/gates", {"urgent_application": "pending"}, if_match=tag)
    said = press.run(essen, f"/paper/duties/{duty}")
    assert "Nicht abfahren" in said
    assert "Eilantrag" in said


@SQLITE
def test_the_pool_is_printed_in_coarse_form_and_in_the_language_of_the_reader(house: House, press: Press) -> None:
    request = house.pooled(free_text="Geheimnis der ABH", needs=["interpreter"])
    essen = reader(house, "essen")
    said = press.run(essen, "/paper/pool")
    assert "Flughafen Düsseldorf" in said
    assert "Sprachmittlung" in said, "called as on the board"
    assert f"…{request[-6:]}" in said, "so that it is found on the board"
    assert "Geheimnis" not in said
    assert "T-1" not in said
    essen.client.post("/language", data={"language": "en"})
    assert "Requests in the pool" in press.run(essen, "/paper/pool")
    assert "1 Anfragen" not in press.run(reader(house, "abh-other"), "/paper/pool")


@SQLITE
def test_a_note_tells_one_decision_as_far_as_the_reader_may_see_it(desk: Desk, press: Press) -> None:
    house = desk.house
    request, _, proposal = desk.offered()
    house["essen"].do(f"/proposals/{proposal}/decline", {"code": "distance", "remark": "zu weit"})
    decision = desk.decisions(request)[-1].id
    path = f"/paper/requests/{request}/decisions/{decision}"
    said = press.run(reader(house, "abh"), path)
    assert "Vermerk" in said
    assert "Entfernung" in said
    assert "T-1" in said
    assert "zu weit" in said
    assert "zu weit" not in press.run(reader(house, "ltrako"), path)
    assert reader(house, "koeln").client.get(path).status_code == 404, "a ZAB sees the steps that concern it"


def test_what_is_said_is_never_read_as_markup() -> None:
    tricky = '#panic("x") *bold* $x$ @ref \\ #import "/etc/passwd": * <b> „ß“'
    data = {
        "title": tricky, "author": "", "lang": "de", "region": "DE", "is_wide": False, "subtitle": tricky,
        "page": "Seite", "footer": tricky,
        "parts": [facts((tricky, tricky)), table([tricky], [[tricky]], [1]), notice(tricky, tricky), text(tricky)],
    }  # fmt: skip
    # Read as markup it would panic, look for a reference, or import a file: any of it ends the compiler.
    assert_tagged(compiled(data, at=NOW))
