"""Reads of the information area: drafts and unanswered questions for moderators, the rest for all; full-text search."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, false, func, literal_column, or_, select, text, true
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db import full_text
from api.db.tables import (
    GuidancePage,
    GuidanceQuestion,
    GuidanceTopic,
    GuidanceVersion,
    Organisation,
    OrganisationKind,
    PageState,
    QuestionState,
)
from api.workflow import Role

READERS = frozenset(Role) - {Role.ADMIN, Role.SYSTEM}
MODERATORS = frozenset({Role.ZRK, Role.ZFA, Role.LTRAKO})
_WORD = re.compile(r"\w+")
_ENDINGS = ("ungen", "ern", "en", "em", "er", "es", "e", "n", "s")
_SHORTEST = 4
"""Letters that a word keeps at least when its ending is cut."""
_MOST_WORDS = 8
_STOPPED = frozenset(
    [
        "aber",
        "als",
        "am",
        "an",
        "auch",
        "auf",
        "aus",
        "bei",
        "bis",
        "da",
        "das",
        "dass",
        "dem",
        "den",
        "der",
        "des",
        "die",
        "du",
        "ein",
        "eine",
        "einem",
        "einen",
        "einer",
        "es",
        "für",
        "hat",
        "ich",
        "im",
        "in",
        "ist",
        "mit",
        "nach",
        "nicht",
        "noch",
        "oder",
        "sich",
        "sie",
        "sind",
        "so",
        "um",
        "und",
        "von",
        "vor",
        "was",
        "wenn",
        "wer",
        "wie",
        "wird",
        "zu",
        "zum",
        "zur",
    ]
)
"""Words that PostgreSQL leaves out of a search, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page or a question that a search found."""

    kind: str
    id: uuid.UUID
    topic: GuidanceTopic
    title: str
    body: str


def is_moderator(actor: Actor) -> bool:
    """Whether the actor writes pages and answers."""
    return actor.role in MODERATORS


def pages_visible(actor: Actor) -> ColumnElement[bool]:
    """Return which pages an actor may see."""
    if actor.role not in READERS:
        return false()
    return true() if is_moderator(actor) else GuidancePage.state == PageState.PUBLISHED


def questions_visible(actor: Actor) -> ColumnElement[bool]:
    """Return which questions an actor may see: answered ones, its organisation's own, moderators all."""
    if actor.role not in READERS:
        return false()
    if is_moderator(actor):
        return true()
    own = GuidanceQuestion.organisation_id == actor.organisation_id
    return or_(GuidanceQuestion.state == QuestionState.ANSWERED, own)


def pages(
    actor: Actor, *, topic: GuidanceTopic | None = None, state: PageState | None = None, slug: str | None = None
) -> Select[GuidancePage]:
    """Return the query for a list of pages; ``None`` narrows nothing."""
    query = select(GuidancePage).where(pages_visible(actor))
    if topic is not None:
        query = query.where(GuidancePage.topic == topic)
    if state is not None:
        query = query.where(GuidancePage.state == state)
    return query if slug is None else query.where(GuidancePage.slug == slug)


def questions(
    actor: Actor,
    *,
    topic: GuidanceTopic | None = None,
    state: QuestionState | None = None,
    page_id: uuid.UUID | None = None,
) -> Select[GuidanceQuestion]:
    """Return the query for a list of questions; ``None`` narrows nothing."""
    query = select(GuidanceQuestion).where(questions_visible(actor))
    if topic is not None:
        query = query.where(GuidanceQuestion.topic == topic)
    if state is not None:
        query = query.where(GuidanceQuestion.state == state)
    return query if page_id is None else query.where(GuidanceQuestion.page_id == page_id)


def page(session: Session, actor: Actor, page_id: uuid.UUID, *, lock: bool = False) -> GuidancePage | None:
    """Return a page that the actor may see."""
    query = select(GuidancePage).where(GuidancePage.id == page_id, pages_visible(actor))
    if lock:
        query = query.with_for_update(of=GuidancePage).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def question(session: Session, actor: Actor, question_id: uuid.UUID, *, lock: bool = False) -> GuidanceQuestion | None:
    """Return a question that the actor may see."""
    query = select(GuidanceQuestion).where(GuidanceQuestion.id == question_id, questions_visible(actor))
    if lock:
        query = query.with_for_update(of=GuidanceQuestion).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def has_slug(session: Session, slug: str) -> bool:
    """Whether a page has this name in addresses."""
    return session.scalars(select(GuidancePage.id).where(GuidancePage.slug == slug)).first() is not None


def versions(page_id: uuid.UUID) -> Select[GuidanceVersion]:
    """Return the query for what a page that the caller may see said."""
    return select(GuidanceVersion).where(GuidanceVersion.page_id == page_id)


def last_number(session: Session, page_id: uuid.UUID) -> int:
    """Return the number of the last version of a page; 0 for none."""
    query = select(func.max(GuidanceVersion.number)).where(GuidanceVersion.page_id == page_id)
    return session.scalar(query) or 0


def counts(session: Session) -> dict[GuidanceTopic, tuple[int, int]]:
    """Return how many pages and answered questions everybody reads, by topic."""
    of_pages = (
        select(GuidancePage.topic, func.count())
        .where(GuidancePage.state == PageState.PUBLISHED)
        .group_by(GuidancePage.topic)
    )
    of_questions = (
        select(GuidanceQuestion.topic, func.count())
        .where(GuidanceQuestion.state == QuestionState.ANSWERED)
        .group_by(GuidanceQuestion.topic)
    )
    there = {row[0]: row[1] for row in session.execute(of_pages)}
    asked = {row[0]: row[1] for row in session.execute(of_questions)}
    return {topic: (there.get(topic, 0), asked.get(topic, 0)) for topic in GuidanceTopic}


def organisations(session: Session, kind: OrganisationKind) -> list[Organisation]:
    """Return the active organisations of a kind."""
    query = select(Organisation).where(Organisation.kind == kind, Organisation.is_active.is_(True))
    return list(session.scalars(query.order_by(Organisation.code)))


# --- full text --------------------------------------------------------------------------------------------------------


def search(session: Session, asked: str, topic: GuidanceTopic | None, most: int) -> list[Found]:
    """Return what everybody may read and has all the words, best first; nothing where there is no word."""
    words = [word for word in _WORD.findall(asked) if word.strip("_")][:_MOST_WORDS]
    if not words:
        return []
    if session.get_bind().dialect.name == "postgresql":
        return _on_postgres(session, words, topic, most)
    return _on_sqlite(session, words, topic, most)


def _on_postgres(session: Session, words: list[str], topic: GuidanceTopic | None, most: int) -> list[Found]:
    # The begin of a word is enough, as on SQLite: "Durchbeförderung" finds "Durchbeförderungsersuchen".
    # Lexemes of the dictionary are plain letters: quoted, nothing in them is an operator.
    asked = func.to_tsquery(
        literal_column(f"'{full_text.LANGUAGE}'::regconfig"), " & ".join(f"'{word}':*" for word in words)
    )
    found: list[tuple[float, Found]] = []
    for kind, table, title, body, is_shown in (
        ("page", GuidancePage, GuidancePage.title, GuidancePage.body, GuidancePage.state == PageState.PUBLISHED),
        (
            "question", GuidanceQuestion, GuidanceQuestion.text, func.coalesce(GuidanceQuestion.answer, ""),
            GuidanceQuestion.state == QuestionState.ANSWERED,
        ),
    ):  # fmt: skip
        lexemes: ColumnElement[str] = literal_column(full_text.lexemes(table.__tablename__))
        rank = func.ts_rank_cd(lexemes, asked)
        query = select(table.id, table.topic, title, body, rank).where(lexemes.op("@@")(asked), is_shown)
        if topic is not None:
            query = query.where(table.topic == topic)
        found += [
            (-row[4], Found(kind=kind, id=row[0], topic=row[1], title=row[2], body=row[3]))
            for row in session.execute(query.order_by(rank.desc(), table.id).limit(most))
        ]
    return [each for _, each in sorted(found, key=lambda pair: (pair[0], pair[1].id))[:most]]


def _on_sqlite(session: Session, words: list[str], topic: GuidanceTopic | None, most: int) -> list[Found]:
    asked = " ".join(f'"{stem(word)}"*' for word in words if word.lower() not in _STOPPED)
    if not asked:
        return []
    matched = text(f"SELECT kind, key, rank FROM {full_text.TABLE} WHERE {full_text.TABLE} MATCH :asked")  # noqa: S608
    keys = {(kind, uuid.UUID(key)): rank for kind, key, rank in session.execute(matched, {"asked": asked})}
    found: list[tuple[float, Found]] = []
    of_pages = [key for kind, key in keys if kind == "page"]
    for page_row in session.scalars(select(GuidancePage).where(GuidancePage.id.in_(of_pages))):
        each = Found(
            kind="page", id=page_row.id, topic=page_row.topic, title=page_row.title, body=page_row.body
        )  # fmt: skip
        found.append((keys["page", page_row.id], each))
    of_questions = [key for kind, key in keys if kind == "question"]
    for row in session.scalars(select(GuidanceQuestion).where(GuidanceQuestion.id.in_(of_questions))):
        each = Found(kind="question", id=row.id, topic=row.topic, title=row.text, body=row.answer or "")
        found.append((keys["question", row.id], each))
    kept = [(rank, each) for rank, each in found if topic is None or each.topic is topic]
    return [each for _, each in sorted(kept, key=lambda pair: (pair[0], pair[1].id))[:most]]


def folded(word: str) -> str:
    """Return a text without case and accents, as long as it was."""
    return "".join(unicodedata.normalize("NFD", character)[0].lower()[:1] for character in word)


def stem(word: str) -> str:
    """Return a word without its ending, accents and case.

    PostgreSQL has German lexemes; for SQLite this is near enough: what remains is searched as the begin of a word.
    """
    plain = folded(word)
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) - len(ending) >= _SHORTEST:
            return plain.removesuffix(ending)
    return plain
