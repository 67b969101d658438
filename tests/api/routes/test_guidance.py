"""The information area: pages and their versions, questions and answers, search on both databases, who may what."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import AnyHttpUrl
from sqlalchemy import select, text

from api.db.full_text import lexemes
from api.db.tables import GuidancePage, GuidanceQuestion, Notice
from api.repositories.guidance import stem
from api.services import guidance
from api.services.guidance import written
from data.guidance_pages import guidance_pages
from tests.api.decision_world import refused
from tests.api.house import House

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
PAGE = {
    "slug": "durchbefoerderung", "topic": "transit", "title": "Durchbeförderung beantragen",
    "body": "## Wer beantragt?\n\nDie ZFA stellt alle Anträge bei der Bundespolizei.",
}  # fmt: skip
CONTENT = {name: value for name, value in PAGE.items() if name != "slug"}
READERS = ("abh", "abh-other", "essen", "essen-lead", "koeln", "ltrako", "zfa", "zrk", "auditor")


def page(house: House, *, by: str = "zfa", is_published: bool = True, **fields: Any) -> str:
    answer = house[by].call("POST", "/guidance/pages", PAGE | fields)
    assert answer.status_code == 201, answer.text
    key = str(answer.json()["id"])
    if is_published:
        house[by].do(f"/guidance/pages/{key}/publish")
    return key


def question(house: House, *, by: str = "abh", **fields: Any) -> str:
    body = {"topic": "transit", "text": "Gilt die Frist auch bei Charterflügen?"} | fields
    answer = house[by].call("POST", "/guidance/questions", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def hits(house: House, q: str, *, by: str = "abh", **more: str) -> list[str]:
    answer = house[by].client.get(
        "/v1/guidance/search", params={"q": q} | more, headers={"Authorization": f"ApiKey {house[by].key}"}
    )
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


def test_a_page_is_drafted_published_changed_and_all_it_said_is_kept(house: House) -> None:
    key = page(house, is_published=False)
    path = f"/guidance/pages/{key}"
    assert house["abh"].call("GET", path).status_code == 404
    assert house["zrk"].get(path)["state"] == "draft"
    assert house["abh"].get("/guidance/pages")["items"] == []
    house["zfa"].do(f"{path}/publish")
    for name in READERS:
        assert house[name].get(path)["body"] == PAGE["body"]
    tag = house["ltrako"].call("GET", path).headers["ETag"]
    refused(house["ltrako"].call("PUT", path, CONTENT), 428, "version_missing")
    changed = house["ltrako"].call("PUT", path, CONTENT | {"body": "Neu gefasst."}, if_match=tag)
    assert (changed.status_code, changed.json()["organisation"]) == (200, "ltrako")
    refused(house["zfa"].call("PUT", path, CONTENT, if_match=tag), 412, "version_changed")
    house["zfa"].do(f"{path}/unpublish")
    assert house["abh"].call("GET", path).status_code == 404
    versions = house["zrk"].get(f"{path}/versions")["items"]
    assert [(each["number"], each["state"], each["organisation"]) for each in versions] == [
        (4, "draft", "zfa"), (3, "published", "ltrako"), (2, "published", "zfa"), (1, "draft", "zfa"),
    ]  # fmt: skip
    assert [each["body"] for each in versions] == ["Neu gefasst.", "Neu gefasst.", PAGE["body"], PAGE["body"]]
    refused(house["zfa"].call("POST", "/guidance/pages", PAGE), 409, "exists_already")


@SQLITE
def test_saying_the_same_again_makes_no_version(house: House) -> None:
    key = page(house)
    tag = house["zfa"].call("GET", f"/guidance/pages/{key}").headers["ETag"]
    same = house["zfa"].call("PUT", f"/guidance/pages/{key}", CONTENT, if_match=tag)
    assert same.headers["ETag"] == tag
    assert len(house["zfa"].get(f"/guidance/pages/{key}/versions")["items"]) == 2


def test_a_question_is_asked_by_an_organisation_answered_and_read_by_all(house: House) -> None:
    key = question(house)
    path = f"/guidance/questions/{key}"
    assert house["abh"].get(path)["asked_by"] == "abh:05113000"
    assert house["zrk"].get(path)["asked_by"] == "abh:05113000"
    for name in ("abh-other", "essen", "auditor"):
        assert house[name].call("GET", path).status_code == 404
    assert _notices(house, "zfa") == ["question_asked"]
    assert _notices(house, "zrk") == []
    answered = house["zfa"].do(f"{path}/answer", {"answer": "Ja, für jede Zwischenlandung."})
    assert (answered["state"], answered["answered_by"]) == ("answered", "zfa")
    assert (_notices(house, "zfa"), _notices(house, "abh")) == ([], ["question_answered"])
    for name in READERS:
        shown = house[name].get(path)
        assert shown["answer"] == "Ja, für jede Zwischenlandung."
        knows = name in ("abh", "ltrako", "zfa", "zrk")
        assert shown["asked_by"] == ("abh:05113000" if knows else None)
    house["ltrako"].do(f"{path}/hide")
    assert house["abh-other"].call("GET", path).status_code == 404
    assert house["abh"].get(path)["state"] == "hidden"
    assert [each["state"] for each in house["zrk"].get("/guidance/questions?state=hidden")["items"]] == ["hidden"]


@SQLITE
def test_who_may_what(house: House) -> None:
    key, asked = page(house), question(house)
    for name, caller in house.people.items():
        may_read = name != "admin"
        assert (caller.call("GET", f"/guidance/pages/{key}").status_code == 200) is may_read, name
        asks = caller.call("POST", "/guidance/questions", {"topic": "general", "text": "Eine Frage an alle?"})
        assert asks.status_code == (201 if name.startswith(("abh", "essen", "koeln")) else 403), name
        moderates = name in ("zfa", "zrk", "ltrako")
        writes = caller.call("POST", "/guidance/pages", PAGE | {"slug": f"von-{name}"})
        assert writes.status_code == (201 if moderates else 403), name
        answers = caller.call("POST", f"/guidance/questions/{asked}/answer", {"answer": "Ja."}, if_match="*")
        assert answers.status_code == (200 if moderates else 403), name


@SQLITE
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("questions", {"topic": "transit", "text": "x" * 1001}), ("questions", {"topic": "transit", "text": "kurz"}),
        ("questions", {"topic": "weather", "text": "Wie wird das Wetter?"}),
        ("questions", {"topic": "transit", "text": "Wer war das, bitte?", "name": "X"}),
    ],
)  # fmt: skip
def test_what_is_too_long_too_short_or_unknown_is_refused(house: House, path: str, body: dict[str, Any]) -> None:
    refused(house["abh"].call("POST", f"/guidance/{path}", body), 422, "body_invalid")


@SQLITE
def test_a_question_is_about_a_page_that_can_be_read(house: House) -> None:
    draft = page(house, is_published=False)
    body = {"topic": "transit", "text": "Was steht auf dieser Seite?", "page_id": draft}
    refused(house["abh"].call("POST", "/guidance/questions", body), 422, "value_refused")
    house["zfa"].do(f"/guidance/pages/{draft}/publish")
    key = question(house, page_id=draft)
    assert [each["id"] for each in house["abh"].get(f"/guidance/questions?page={draft}")["items"]] == [key]


# --- search, on both databases ----------------------------------------------------------------------------------------


def test_search_finds_inflected_words_in_titles_texts_and_answers(house: House) -> None:
    page(house)
    page(house, by="zrk", slug="inempfangnahme", topic="medical_reception", title="Medizinische Inempfangnahme",
         body="Die Botschaften brauchen zwei Wochen.")  # fmt: skip
    key = question(house)
    title = "Durchbeförderung beantragen"
    asked = "Gilt die Frist auch bei Charterflügen?"
    assert hits(house, "Durchbeförderung") == [title]
    assert hits(house, "durchbeförderungen") == [title]
    assert hits(house, "Botschaft Woche") == ["Medizinische Inempfangnahme"]
    assert hits(house, "die Botschaft") == ["Medizinische Inempfangnahme"]
    assert hits(house, "Botschaft Bundespolizei") == []
    assert hits(house, "Charterflug") == [], "not answered yet"
    house["zfa"].do(f"/guidance/questions/{key}/answer", {"answer": "Ja, für jede Zwischenlandung."})
    assert hits(house, "Charterflügen") == hits(house, "Zwischenlandungen") == [asked]
    assert sorted(hits(house, "zwei Wochen", topic="medical_reception")) == ["Medizinische Inempfangnahme"]
    assert hits(house, "zwei Wochen", topic="transit") == []
    house["zfa"].do(f"/guidance/questions/{key}/hide")
    assert hits(house, "Zwischenlandung") == []


def test_search_follows_changes_and_finds_no_draft(house: House) -> None:
    key = page(house, is_published=False)
    path = f"/guidance/pages/{key}"
    for name in READERS:
        assert hits(house, "Bundespolizei", by=name) == []
    house["zfa"].do(f"{path}/publish")
    for name in READERS:
        assert hits(house, "Bundespolizei", by=name) == [PAGE["title"]]
    tag = house["zfa"].call("GET", path).headers["ETag"]
    house["zfa"].call("PUT", path, CONTENT | {"body": "Nur noch ein Satz über Zuständigkeiten."}, if_match=tag)
    assert hits(house, "Bundespolizei") == []
    assert hits(house, "Zuständigkeit") == [PAGE["title"]]
    house["zfa"].do(f"{path}/unpublish")
    assert hits(house, "Zuständigkeit") == []
    with house.store.writing() as session:
        session.delete(session.scalars(select(GuidancePage)).one())
    assert hits(house, "Durchbeförderung") == []


def test_what_an_excerpt_shows(house: House) -> None:
    body = (
        "Am Anfang steht etwas anderes. " * 12
        + "Die Übergabestelle am Flughafen ist besetzt. "
        + "Und noch mehr. " * 20
    )
    page(house, body=body)
    found = house["abh"].get("/guidance/search?q=Ubergabestelle" if not house.store.is_postgres else
                             "/guidance/search?q=%C3%9Cbergabestelle")["items"]  # fmt: skip
    assert "Die Übergabestelle am Flughafen" in found[0]["excerpt"]
    assert found[0]["excerpt"].startswith("… ")
    assert found[0]["excerpt"].endswith(" …")


@pytest.mark.parametrize(
    "q", ['"', "''", "a' | 'b", "NEAR(x y)", "x* -y", "title:x", "&&", "\\", ":*", "(((", "_ _", "o'neill\\'"],
)  # fmt: skip
def test_no_search_is_a_command(house: House, q: str) -> None:
    page(house)
    assert len(hits(house, f"{q} {q}")) <= 1


@SQLITE
def test_words_lose_their_endings(house: House) -> None:
    assert [stem(word) for word in ("Durchbeförderungen", "Fristen", "Antrags", "Tage", "ZFA", "Straße")] == [
        "durchbeforder", "frist", "antrag", "tage", "zfa", "straß",
    ]  # fmt: skip


def test_the_index_serves_the_search(house: House) -> None:
    """On PostgreSQL the planner may use GIN; on SQLite the search is one of FTS5."""
    page(house)
    with house.store.reading() as session:
        if house.store.is_postgres:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            indexed = lexemes("guidance_page")
            asked = "to_tsquery('german'::regconfig, 'bundespolizei')"
            plan = session.execute(text(f"EXPLAIN SELECT id FROM guidance_page WHERE {indexed} @@ {asked}"))
            assert "fts_guidance_page" in str(plan.all())
        else:
            assert (
                session.scalar(text("SELECT count(*) FROM fts_guidance WHERE fts_guidance MATCH 'bundespolizei'")) == 1
            )


# --- what ships -------------------------------------------------------------------------------------------------------


def test_pages_that_ship_are_entered_once_and_what_people_changed_stays(house: House) -> None:
    with house.store.writing() as session:
        assert guidance.seed(session, now=house.now) == len(guidance_pages()) >= 5
    found = house["abh"].get("/guidance/pages?slug=durchbefoerderung-fristen")["items"]
    path = f"/guidance/pages/{found[0]['id']}"
    assert (found[0]["organisation"], found[0]["state"]) == ("zfa", "published")
    tag = house["zfa"].call("GET", path).headers["ETag"]
    house["zfa"].call("PUT", path, CONTENT, if_match=tag)
    house["zfa"].do(f"{path}/unpublish")
    with house.store.writing() as session:
        assert guidance.seed(session, now=house.now) == 0
    assert house["zfa"].get(path)["title"] == CONTENT["title"]
    # Whoever looks for the deadline of transit, or for what the decree says, finds it.
    assert "Die fünf Maßnahmen des Erlasses vom 26. Februar 2024" in hits(house, "Erlass Maßnahmen")
    assert hits(house, "Formblatt Ankunft") == ["Dublin-Überstellungen: Tage bis zur Ankunft, Frist, Amtshilfe"]


@SQLITE
def test_the_overview_counts_and_links_to_zaiport(house: House) -> None:
    page(house)
    question(house)
    shown = house["abh"].get("/guidance")
    by_topic = {each["topic"]: (each["pages"], each["questions"]) for each in shown["topics"]}
    assert by_topic["transit"] == (1, 0)
    assert by_topic["dublin"] == (0, 0)
    assert shown["zaiport_url"] is None
    settings = house.context.settings.model_copy(update={"zaiport_url": AnyHttpUrl("https://zaiport.example/forum")})
    object.__setattr__(house.context, "settings", settings)
    assert house["abh"].get("/guidance")["zaiport_url"] == "https://zaiport.example/forum"


@SQLITE
def test_text_is_stored_in_one_form(house: House) -> None:
    assert written("  Über \r\n\tab  \n") == "Über\n\tab"
    key = question(house, text="Ist das  so gedacht?\r\nOder nicht?  ")
    with house.store.reading() as session:
        stored = session.scalars(select(GuidanceQuestion)).one()
        assert (str(stored.id), stored.text) == (key, "Ist das  so gedacht?\nOder nicht?")


def _notices(house: House, name: str) -> list[str]:
    with house.store.reading() as session:
        query = select(Notice.kind).where(
            Notice.organisation_id == house[name].organisation_id, Notice.done_at.is_(None)
        )
        return sorted(session.scalars(query))
