"""The information area for ABHs (the decree's forum): pages by topic, questions and answers, moderated, searched.

Moderators are ZRK, ZFA and LTraKo. What a page said before is kept. An author is an organisation, no person.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import (
    GuidancePage,
    GuidanceQuestion,
    GuidanceTopic,
    GuidanceVersion,
    OrganisationKind,
    PageState,
    QuestionState,
)
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import guidance as rows
from api.repositories import notices as notice_rows
from api.repositories.guidance import Found, folded, stem
from api.services import notices
from api.services.notices import Kind
from data.guidance_pages import guidance_pages

_ANSWERS = {
    GuidanceTopic.MEDICAL_RECEPTION: OrganisationKind.ZRK,
    GuidanceTopic.TRANSIT: OrganisationKind.ZFA,
}
"""Who answers questions on a topic first; all others the LTraKo."""
_AROUND = 80
"""Characters that an excerpt shows on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that a search found, with the place where."""

    found: Found
    excerpt: str


def written(text: str) -> str:
    """Return a text as it is stored: composed letters, one kind of line break, no blanks at the ends of lines.

    The one way by which text of people enters the information area: pages, questions, answers.
    """
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


# --- pages ------------------------------------------------------------------------------------------------------------


def create(
    session: Session, actor: Actor, *, slug: str, topic: GuidanceTopic, title: str, body: str, now: datetime
) -> GuidancePage:
    """Write a new page, as a draft.

    Raises
    ------
    Problem
        ``exists_already`` (409) where a page has this name in addresses.
    """
    if actor.organisation_id is None:
        raise AssertionError("a page is written by an organisation")
    new = GuidancePage(
        slug=slug, topic=topic, title=title, body=body, state=PageState.DRAFT, organisation_id=actor.organisation_id
    )  # fmt: skip
    return _enter(session, actor, new, now)


def change(
    session: Session, actor: Actor, page: GuidancePage, *, topic: GuidanceTopic, title: str, body: str, now: datetime
) -> GuidancePage:
    """Say a locked page anew; what it said before is kept. Nothing happens where nothing changes."""
    new = {"topic": topic, "title": written(title), "body": written(body)}
    changed = sorted(name for name, value in new.items() if getattr(page, name) != value)
    if changed:
        for name, value in new.items():
            setattr(page, name, value)
        _changed(session, actor, page, "changed", {"fields": changed}, now)
    return page


def publish(session: Session, actor: Actor, page: GuidancePage, is_public: bool, *, now: datetime) -> GuidancePage:
    """Let everybody read a locked page, or take it back to a draft; doing it twice changes nothing."""
    state = PageState.PUBLISHED if is_public else PageState.DRAFT
    if page.state is not state:
        page.state, page.published_at = state, now if is_public else None
        _changed(session, actor, page, "published" if is_public else "unpublished", {}, now)
    return page


def found_page(session: Session, actor: Actor, page_id: uuid.UUID, *, lock: bool = False) -> GuidancePage:
    """Return a page that the actor may see; raises ``not_found`` (404)."""
    page = rows.page(session, actor, page_id, lock=lock)
    if page is None:
        raise not_found("a page")
    return page


def seed(session: Session, *, now: datetime) -> int:
    """Enter the pages that ship where no page has their name yet; return how many. What people changed stays."""
    added = 0
    for shipped in guidance_pages():
        authors = rows.organisations(session, OrganisationKind(shipped.organisation))
        if not authors or rows.has_slug(session, shipped.slug):
            continue
        new = GuidancePage(
            slug=shipped.slug, topic=GuidanceTopic(shipped.topic), title=shipped.title, body=shipped.body,
            state=PageState.PUBLISHED, organisation_id=authors[0].id, published_at=now,
        )  # fmt: skip
        _enter(session, SYSTEM, new, now)
        added += 1
    return added


def _enter(session: Session, actor: Actor, page: GuidancePage, now: datetime) -> GuidancePage:
    slug = page.slug
    if rows.has_slug(session, slug):
        raise _taken(slug)
    page.title, page.body = written(page.title), written(page.body)
    page.created_at = page.updated_at = now
    session.add(page)
    try:
        session.flush()
    except IntegrityError as error:  # Somebody else wrote it between the look and the write.
        raise _taken(slug) from error
    session.refresh(page)
    _keep(session, page, now)
    audit.append(session, actor, "created", "guidance_page", page.id, at=now, details={"slug": slug})
    return page


def _changed(
    session: Session, actor: Actor, page: GuidancePage, action: str, details: dict[str, object], now: datetime
) -> None:
    if actor.organisation_id is not None:
        page.organisation_id = actor.organisation_id
    page.updated_at = now
    session.flush()
    session.refresh(page)
    _keep(session, page, now)
    audit.append(session, actor, action, "guidance_page", page.id, at=now, details=details)


def _keep(session: Session, page: GuidancePage, now: datetime) -> None:
    session.add(
        GuidanceVersion(
            created_at=now, page_id=page.id, number=rows.last_number(session, page.id) + 1, topic=page.topic,
            title=page.title, body=page.body, state=page.state, organisation_id=page.organisation_id,
        )
    )  # fmt: skip
    session.flush()


def _taken(slug: str) -> Problem:
    return Problem(
        Code.EXISTS_ALREADY, "A page has this name in addresses. Choose another one, or change that page.",
        errors=[FieldError(path="/slug", expected="a name that is not given out yet", got=slug)],
    )  # fmt: skip


# --- questions --------------------------------------------------------------------------------------------------------


def ask(
    session: Session, actor: Actor, *, topic: GuidanceTopic, page_id: uuid.UUID | None, text: str, now: datetime
) -> GuidanceQuestion:
    """Ask a question in the name of the actor's organisation; whoever answers on the topic is told.

    Raises
    ------
    Problem
        ``value_refused`` (422) for a page that the actor may not see.
    """
    if actor.organisation_id is None:
        raise AssertionError("a question is asked by an organisation")
    if page_id is not None and rows.page(session, actor, page_id) is None:
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was asked. Name a page that you can read, or none.",
            errors=[FieldError(path="/page_id", expected="id of a page that you may see")],
        )  # fmt: skip
    question = GuidanceQuestion(
        topic=topic, page_id=page_id, organisation_id=actor.organisation_id, text=written(text),
        state=QuestionState.ASKED, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(question)
    session.flush()
    session.refresh(question)
    audit.append(session, actor, "asked", "guidance_question", question.id, at=now, details={"topic": topic.value})
    for moderator in rows.organisations(session, _ANSWERS.get(topic, OrganisationKind.LTRAKO)):
        notices.notify(
            session, moderator.id, Kind.QUESTION_ASKED, "guidance_question", question.id,
            details={"topic": topic.value}, now=now,
        )  # fmt: skip
    return question


def answer(session: Session, actor: Actor, question: GuidanceQuestion, text: str, *, now: datetime) -> GuidanceQuestion:
    """Answer a locked question, or answer it anew: then everybody reads it. Whoever asked is told."""
    question.answer, question.answered_by_id, question.answered_at = written(text), actor.organisation_id, now
    question.state, question.updated_at = QuestionState.ANSWERED, now
    session.flush()
    session.refresh(question)
    audit.append(session, actor, "answered", "guidance_question", question.id, at=now)
    notice_rows.settle(session, {Kind.QUESTION_ASKED}, str(question.id), now)
    notices.notify(
        session, question.organisation_id, Kind.QUESTION_ANSWERED, "guidance_question", question.id,
        details={"topic": question.topic.value}, now=now,
    )  # fmt: skip
    return question


def hide(session: Session, actor: Actor, question: GuidanceQuestion, *, now: datetime) -> GuidanceQuestion:
    """Take a locked question away from all but the moderators and whoever asked; answered anew it is shown again."""
    if question.state is not QuestionState.HIDDEN:
        question.state, question.updated_at = QuestionState.HIDDEN, now
        session.flush()
        audit.append(session, actor, "hidden", "guidance_question", question.id, at=now)
        notice_rows.settle(session, {Kind.QUESTION_ASKED}, str(question.id), now)
    return question


def found_question(session: Session, actor: Actor, question_id: uuid.UUID, *, lock: bool = False) -> GuidanceQuestion:
    """Return a question that the actor may see; raises ``not_found`` (404)."""
    question = rows.question(session, actor, question_id, lock=lock)
    if question is None:
        raise not_found("a question")
    return question


# --- search -----------------------------------------------------------------------------------------------------------


def search(session: Session, asked: str, topic: GuidanceTopic | None, most: int) -> list[Hit]:
    """Return published pages and answered questions that have all the words, best first."""
    return [Hit(found=each, excerpt=_excerpt(each, asked)) for each in rows.search(session, asked, topic, most)]


def _excerpt(found: Found, asked: str) -> str:
    """Return what stands around the first word that was asked for; the beginning where it is in the title alone."""
    plain = re.sub(r"\s+", " ", found.body)
    words: Sequence[str] = [stem(word) for word in re.findall(r"\w+", asked)]
    searched = folded(plain)
    places = [at for word in words if (at := searched.find(word)) >= 0]
    begin = max(0, min(places, default=0) - _AROUND)
    end = min(len(plain), begin + 2 * _AROUND)
    return ("… " if begin else "") + plain[begin:end].strip() + (" …" if end < len(plain) else "")
