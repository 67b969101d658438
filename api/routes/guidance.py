"""The information area: pages of guidance, questions and answers, full-text search."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api import texts_measures as texts
from api.actor import Actor
from api.db.tables import GuidancePage, GuidanceQuestion, GuidanceTopic, GuidanceVersion, PageState, QuestionState
from api.errors import Code
from api.repositories import guidance as rows
from api.schemas.base import PLAIN
from api.schemas.catalogue import Text
from api.schemas.guidance import (
    AnswerBody,
    Hit,
    Hits,
    NewPage,
    NewQuestion,
    Overview,
    PageContent,
    PageItem,
    PageShown,
    QuestionShown,
    TopicShown,
    VersionShown,
)
from api.services import guidance
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/guidance", tags=["guidance"])
Reader = Annotated[Actor, may(*sorted(rows.READERS))]
Moderator = Annotated[Actor, may(*sorted(rows.MODERATORS))]
Asker = Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]
OfTopic = Annotated[GuidanceTopic | None, Query(description="Only on this topic.", examples=["transit"])]
_MOST_HITS = 50


@router.get("", summary="Show topics", response_model=Overview)
def show_overview(context: InContext, actor: Reader) -> Overview:  # noqa: ARG001  # all see the same
    """Return the topics with how much there is to read, and where the ministry's ZAIPort is."""
    with context.store.reading() as session:
        counts = rows.counts(session)
    url = context.settings.zaiport_url
    return Overview(
        topics=[
            TopicShown(
                topic=topic, text=Text(de=texts.TOPICS[topic][0], en=texts.TOPICS[topic][1]),
                pages=counts[topic][0], questions=counts[topic][1],
            )
            for topic in GuidanceTopic
        ],
        zaiport_url=None if url is None else str(url),
    )  # fmt: skip


@router.get("/search", summary="Search pages and answers", response_model=Hits)
def search(
    context: InContext,
    actor: Reader,  # noqa: ARG001  # drafts and open questions are never found
    q: Annotated[
        str,
        Query(min_length=2, max_length=200, pattern=PLAIN, description="Words.", examples=["Durchbeförderung Frist"]),
    ],
    topic: OfTopic = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_HITS, description="Most hits.")] = 20,
) -> Hits:
    """Return published pages and answered questions that have all the words, best first."""
    with context.store.reading() as session:
        found = guidance.search(session, q, topic, limit)
    return Hits(items=[_hit(each) for each in found])


@router.get("/pages", summary="List pages", response_model=Page[PageItem])
def list_pages(
    context: InContext,
    actor: Reader,
    pages: InPages,
    topic: OfTopic = None,
    state: Annotated[PageState | None, Query(description="Drafts are seen by moderators alone.")] = None,
    slug: Annotated[
        str | None, Query(max_length=80, pattern=PLAIN, description="Only the page of this name.", examples=[None])
    ] = None,
) -> Page[PageItem]:
    """Return pages in the order in which they were written."""
    with context.store.reading() as session:
        query = rows.pages(actor, topic=topic, state=state, slug=slug)
        return pages.page(session, query, (GuidancePage.id,), PageItem.of)


@router.post(
    "/pages", summary="Write a page", status_code=201, response_model=PageShown, openapi_extra=also(Code.EXISTS_ALREADY)
)
def create_page(body: NewPage, context: InContext, actor: Moderator, once: CreatesOnce) -> Response:
    """Write a page as a draft; publish it when it is ready."""

    def work(session: Session) -> Answer:
        row = guidance.create(
            session, actor, slug=body.slug, topic=body.topic, title=body.title, body=body.body, now=context.now
        )
        headers = {"Location": f"/v1/guidance/pages/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=PageShown.of(row), headers=headers)

    return once.do(actor, work)


@router.get("/pages/{page_id}", summary="Show a page", response_model=PageShown)
def show_page(page_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> PageShown:
    """Return a page with its text; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = guidance.found_page(session, actor, page_id)
        versions.show(response, row)
        return PageShown.of(row)


@router.put("/pages/{page_id}", summary="Change a page", response_model=PageShown)
def change_page(
    page_id: uuid.UUID,
    body: PageContent,
    response: Response,
    context: InContext,
    actor: Moderator,
    if_match: IfMatch = None,
) -> PageShown:
    """Say a page anew; what it said before is kept."""
    return _with_page(
        context, actor, page_id, if_match, response,
        lambda session, row: guidance.change(
            session, actor, row, topic=body.topic, title=body.title, body=body.body, now=context.now
        ),
    )  # fmt: skip


@router.post("/pages/{page_id}/publish", summary="Publish a page", response_model=PageShown)
def publish_page(
    page_id: uuid.UUID, response: Response, context: InContext, actor: Moderator, if_match: IfMatch = None
) -> PageShown:
    """Let everybody read a page, and find it."""
    return _with_page(
        context, actor, page_id, if_match, response,
        lambda session, row: guidance.publish(session, actor, row, True, now=context.now),
    )  # fmt: skip


@router.post("/pages/{page_id}/unpublish", summary="Take a page back", response_model=PageShown)
def unpublish_page(
    page_id: uuid.UUID, response: Response, context: InContext, actor: Moderator, if_match: IfMatch = None
) -> PageShown:
    """Take a page back to a draft, for moderators alone."""
    return _with_page(
        context, actor, page_id, if_match, response,
        lambda session, row: guidance.publish(session, actor, row, False, now=context.now),
    )  # fmt: skip


@router.get("/pages/{page_id}/versions", summary="What a page said before", response_model=Page[VersionShown])
def list_versions(page_id: uuid.UUID, context: InContext, actor: Moderator, pages: InPages) -> Page[VersionShown]:
    """Return all versions of a page, newest first."""
    with context.store.reading() as session:
        row = guidance.found_page(session, actor, page_id)
        return pages.page(
            session, rows.versions(row.id), (GuidanceVersion.id,), VersionShown.of, descending=True
        )  # fmt: skip


@router.get("/questions", summary="List questions", response_model=Page[QuestionShown])
def list_questions(
    context: InContext,
    actor: Reader,
    pages: InPages,
    topic: OfTopic = None,
    state: Annotated[QuestionState | None, Query(description="Only in this state.")] = None,
    page: Annotated[uuid.UUID | None, Query(description="Only about this page.")] = None,
) -> Page[QuestionShown]:
    """Return questions, newest first: answered ones for all, others for moderators and whoever asked."""
    with context.store.reading() as session:
        query = rows.questions(actor, topic=topic, state=state, page_id=page)
        return pages.page(
            session, query, (GuidanceQuestion.id,), lambda row: _question(row, actor), descending=True
        )  # fmt: skip


@router.post(
    "/questions",
    summary="Ask a question",
    status_code=201,
    response_model=QuestionShown,
    openapi_extra=also(Code.VALUE_REFUSED),
)
def ask_question(body: NewQuestion, context: InContext, actor: Asker, once: CreatesOnce) -> Response:
    """Ask in the name of your organisation: no names, no case. Once answered everybody reads it, not who asked."""

    def work(session: Session) -> Answer:
        row = guidance.ask(session, actor, topic=body.topic, page_id=body.page_id, text=body.text, now=context.now)
        headers = {"Location": f"/v1/guidance/questions/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=_question(row, actor), headers=headers)

    return once.do(actor, work)


@router.get("/questions/{question_id}", summary="Show a question", response_model=QuestionShown)
def show_question(question_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> QuestionShown:
    """Return a question with its answer; `ETag` is the version that a moderator names."""
    with context.store.reading() as session:
        row = guidance.found_question(session, actor, question_id)
        versions.show(response, row)
        return _question(row, actor)


@router.post("/questions/{question_id}/answer", summary="Answer a question", response_model=QuestionShown)
def answer_question(
    question_id: uuid.UUID,
    body: AnswerBody,
    response: Response,
    context: InContext,
    actor: Moderator,
    if_match: IfMatch = None,
) -> QuestionShown:
    """Answer, or answer anew: then everybody reads question and answer, and whoever asked is told."""
    return _with_question(
        context, actor, question_id, if_match, response,
        lambda session, row: guidance.answer(session, actor, row, body.answer, now=context.now),
    )  # fmt: skip


@router.post("/questions/{question_id}/hide", summary="Hide a question", response_model=QuestionShown)
def hide_question(
    question_id: uuid.UUID, response: Response, context: InContext, actor: Moderator, if_match: IfMatch = None
) -> QuestionShown:
    """Take a question away from all but the moderators and whoever asked."""
    return _with_question(
        context, actor, question_id, if_match, response,
        lambda session, row: guidance.hide(session, actor, row, now=context.now),
    )  # fmt: skip


def _with_page(
    context: Context,
    actor: Actor,
    page_id: uuid.UUID,
    if_match: str | None,
    response: Response,
    change: Callable[[Session, GuidancePage], GuidancePage],
) -> PageShown:
    def work(session: Session) -> PageShown:
        row = guidance.found_page(session, actor, page_id, lock=True)
        versions.match(row, if_match)
        changed = change(session, row)
        versions.show(response, changed)
        return PageShown.of(changed)

    return context.store.write(work)


def _with_question(
    context: Context,
    actor: Actor,
    question_id: uuid.UUID,
    if_match: str | None,
    response: Response,
    change: Callable[[Session, GuidanceQuestion], GuidanceQuestion],
) -> QuestionShown:
    def work(session: Session) -> QuestionShown:
        row = guidance.found_question(session, actor, question_id, lock=True)
        versions.match(row, if_match)
        changed = change(session, row)
        versions.show(response, changed)
        return _question(changed, actor)

    return context.store.write(work)


def _question(row: GuidanceQuestion, actor: Actor) -> QuestionShown:
    return QuestionShown.of(row, actor, is_moderator=rows.is_moderator(actor))


def _hit(hit: guidance.Hit) -> Hit:
    kind: Literal["page", "question"] = "page" if hit.found.kind == "page" else "question"
    return Hit(kind=kind, id=hit.found.id, topic=hit.found.topic, title=hit.found.title, excerpt=hit.excerpt)
