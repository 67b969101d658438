"""What a screen reader finds in the papers: tags in order, language, title, fonts, and every word that was printed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from api.pages.paper import printing
from api.pages.paper.printing import compiled, facts, heading, lines, notice, table, text
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import NOW
from tests.api.pages.filled import Reader, reader

pypdf = pytest.importorskip("pypdf", reason="no reader of PDF here: make installs it")
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
ADDRESS = "Musterstraße 1, 45127 Essen"
INLINE = {"/Span", "/Strong", "/Em", "/Link", "/Reference"}
Press = Callable[..., tuple[bytes, dict[str, Any]]]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    """A function that prints something as somebody: the PDF, and what went into it."""
    said: list[dict[str, Any]] = []

    def noted(data: Any, **more: Any) -> bytes:
        said.append(json.loads(json.dumps(data)))
        return compiled(data, **more)

    monkeypatch.setattr(printing, "compiled", noted)

    def run(by: Reader, path: str, data: dict[str, str] | None = None) -> tuple[bytes, dict[str, Any]]:
        answer = by.client.get(path) if data is None else by.client.post(path, data=data)
        assert answer.status_code == 200, answer.text
        return bytes(answer.content), said[-1]

    return run


def elements(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the elements of the tree of tags in reading order, each with the kinds of those above it."""
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from elements(each, above)
    elif isinstance(node, dict):
        if "/S" in node:
            yield above, node
            above = (*above, str(node["/S"]))
        if "/K" in node:
            yield from elements(node["/K"], above)


def letters(said: str) -> str:
    """Return what a text says, however its lines are broken and its words parted."""
    return re.sub(r"[\s\u00ad\u2060\u200b-]", "", said)


def strings(value: Any) -> Iterator[str]:
    """Yield every text of the data of a document that is shown."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name != "kind":
                yield from strings(each)


def read(pdf: bytes, data: dict[str, Any]) -> str:
    """Check a paper, and return its text as it can be copied out of it, without blanks."""
    found = pypdf.PdfReader(io.BytesIO(pdf))
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == f"{data['lang']}-{data['region']}"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert found.metadata.title == data["title"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    _check_tags(list(elements(root["/StructTreeRoot"])))
    for page in found.pages:
        assert page.get("/Tabs") == "/S", "fields and links are reached in the order of the tags"
        for font in page["/Resources"]["/Font"].values():
            _check_font(font.get_object())
        assert "/XObject" not in page["/Resources"], "no picture, so none without a text beside it"
    shown = letters("".join(page.extract_text() for page in found.pages))
    for each in [data["title"], data["subtitle"], data["page"], data["footer"], *strings(data["parts"])]:
        assert letters(each) in shown, each
    return shown


def _check_tags(tags: list[tuple[tuple[str, ...], Any]]) -> None:
    kinds = [str(node["/S"]) for _, node in tags]
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    for above, node in tags:
        kind = str(node["/S"])
        if kind in ("/Figure", "/Formula"):
            assert node.get("/Alt") or node.get("/ActualText"), "every figure says what it shows"
        if kind in INLINE:
            assert above[-1] not in ("/Document", "/Sect"), "words stand in a paragraph, not in the open"
        if kind in ("/TH", "/TD"):
            assert "/Table" in above
    assert kinds.count("/Table") == kinds.count("/THead"), "each table says what its columns are"


def _check_font(font: Any) -> None:
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    described = inner["/FontDescriptor"].get_object()
    assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described), font["/BaseFont"]
    assert "/ToUnicode" in font, "its letters can be read aloud"


def test_every_part_of_a_document_is_tagged_and_read_in_order() -> None:
    data = {
        "title": "Fahrauftrag", "author": "Restplatzbörse", "lang": "de", "region": "DE", "is_wide": True,
        "subtitle": "Landestransportkoordination", "page": "Seite", "footer": "Stand heute",
        "parts": [
            heading("Halte"), facts(("Abholung", "Essen"), ("Effizienz", "fließt, ffi fl fi")),
            table(["Zeit", "Ort"], [["07:00", "Köln"], ["08:00", "Übergabe"]], [1, 2]),
            notice("Achtung", "Nicht abfahren"), text("„Zeichen“ – und … € § ß"), lines("Unterschrift"),
        ],
    }  # fmt: skip
    shown = read(compiled(data, at=NOW), data)
    order = ["Fahrauftrag", "Halte", "Abholung", "Zeit", "Köln", "Achtung", "Zeichen", "Unterschrift"]
    assert sorted(order, key=shown.index) == order


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("um 5 😀 da", "um 5 □ da"), ("\u202eשלום x", "□□□□□ x"), ("🏳️‍🌈 und 漢字", "□□□□ und □□"),
        ("tab\tx\x07", "tab□x□"), ("Łódź, Ștefan", "Łódź, Ștefan"),
    ],
)  # fmt: skip
def test_what_no_font_has_a_sign_for_is_a_box_and_no_failure(said: str, printed: str) -> None:
    data = {
        "title": "T", "author": "R", "lang": "de", "region": "DE", "is_wide": False, "subtitle": "S", "page": "Seite",
        "footer": "F", "parts": [text(said), text("Straße")],
    }  # fmt: skip
    shown = letters(pypdf.PdfReader(io.BytesIO(compiled(data, at=NOW))).pages[0].extract_text())
    assert letters(printed) in shown or "\u202e" in said
    assert "Straße" in shown


def test_nothing_runs_out_of_its_cell_or_off_the_page() -> None:
    code = "ZAB_DIENST_" + "W" * 49
    data = {
        "title": f"Fahrauftrag {code}", "author": "R", "lang": "de", "region": "DE", "is_wide": False, "subtitle": "S",
        "page": "Seite", "footer": "F",
        "parts": [table(["Ort", "Dienst", "Notiz"], [["Auslandsvertretung", code, "x"]], [1, 1, 8])],
    }  # fmt: skip
    (page,) = pypdf.PdfReader(io.BytesIO(compiled(data, at=NOW))).pages
    found: list[tuple[float, str]] = []
    page.extract_text(visitor_text=lambda said, _, at, *__: found.append((at[4], said.strip())) if said.strip() else 0)
    assert letters(code) in letters(page.extract_text())
    assert max(len(said) for _, said in found) < 60, "no line holds the whole of the title, or of the code"


@SQLITE
def test_the_address_is_in_the_paper_of_the_zab_that_accepted_and_in_no_other(desk: Desk, press: Press) -> None:
    house = desk.house
    request, duty, proposal = desk.confirmed()
    house["abh"].call("PUT", f"/requests/{request}/address", {"address": ADDRESS})
    essen, path = reader(house, "essen"), f"/paper/duties/{duty}"
    assert letters(ADDRESS) in read(*press(essen, path, {"purpose": "pick_up"}))
    decision = desk.decisions(request)[-1].id
    note = f"/paper/requests/{request}/decisions/{decision}"
    papers = [(essen, path), (essen, note), (essen, "/paper/pool"), (reader(house, "abh"), note)]
    papers += [(reader(house, "ltrako"), each) for each in (path, note, "/paper/pool")]
    papers += [(reader(house, "koeln"), "/paper/pool"), (reader(house, "auditor"), path)]
    for by, each in papers:
        assert "Musterstraße" not in read(*press(by, each)), each
    assert proposal


@SQLITE
def test_papers_in_english_say_so_and_long_ones_go_on_over_pages(house: House, press: Press) -> None:
    for number in range(40):
        house.pooled(number + 1)
    essen = reader(house, "essen")
    essen.client.post("/language", data={"language": "en"})
    pdf, data = press(essen, "/paper/pool")
    assert data["lang"] == "en"
    assert letters("Requests in the pool") in read(pdf, data)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) > 1
