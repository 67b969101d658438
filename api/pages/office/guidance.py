"""The information area: topics, pages, search; moderators write, publish and take back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables import GuidanceTopic
from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.office.blocks import blocks
from api.pages.roles import like, roles
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, refused, version_of, whole
from api.pages.view import View
from api.routes import guidance as api
from api.schemas.guidance import Hits, NewPage, PageContent, PageShown
from api.texts_measures import TOPICS

router = APIRouter()
InGuidance = Annotated[View, like(api.Reader)]
InModeration = Annotated[View, like(api.Moderator)]
_SHORTEST, _LONGEST = 2, 200


@router.get("/guidance", include_in_schema=False)
def show(view: InGuidance, q: str = "", topic: str = "") -> HTMLResponse:
    """Show topics with their pages and answers, or what a search finds."""
    wanted = GuidanceTopic(topic) if topic in set(GuidanceTopic) else None
    words = " ".join(q.split())[:_LONGEST]
    found: Hits | None = None
    if len(words) >= _SHORTEST and words.isprintable():
        found = api.search(view.context, view.actor, words, wanted)
    every = whole(view)
    return view.render(
        "office/guidance.html", overview=api.show_overview(view.context, view.actor), found=found, q=words,
        topic=topic if wanted else "", topics=TOPICS,
        pages=api.list_pages(view.context, view.actor, every, wanted).items,
        questions=api.list_questions(view.context, view.actor, every, wanted).items,
        is_moderator=is_moderator(view), may_ask=view.actor.role in roles(api.Asker),
    )  # fmt: skip


@router.get("/guidance/pages/new", include_in_schema=False)
def ask_new(view: InModeration) -> HTMLResponse:
    """Show the form for a new page."""
    return _form(view, None)


@router.post("/guidance/pages/new", include_in_schema=False)
def create(view: InModeration, sent: InSent) -> Response:
    """Write a page as a draft."""

    def work() -> Response:
        body = forms.read(NewPage, {**_said(sent), "slug": sent.text("slug")})
        return api.create_page(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _form(view, None, problem, sent)
    return view.go_to(answer.headers["Location"].removeprefix("/v1"))


@router.get("/guidance/pages/{page_id}", include_in_schema=False)
def show_page(view: InGuidance, page_id: uuid.UUID) -> HTMLResponse:
    """Show a page with the answered questions about it."""
    return _page(view, page_id)


@router.get("/guidance/pages/{page_id}/edit", include_in_schema=False)
def ask_change(view: InModeration, page_id: uuid.UUID) -> HTMLResponse:
    """Show the form to change a page."""
    return _form(view, page_id)


@router.post("/guidance/pages/{page_id}/edit", include_in_schema=False)
def change(view: InModeration, page_id: uuid.UUID, sent: InSent) -> Response:
    """Say a page anew."""

    def work() -> PageShown:
        body = forms.read(PageContent, _said(sent))
        return api.change_page(page_id, body, Response(), view.context, view.actor, sent.if_match)

    _, problem = refused(work)
    return view.go_to(f"/guidance/pages/{page_id}") if problem is None else _form(view, page_id, problem, sent)


@router.post("/guidance/pages/{page_id}/publish", include_in_schema=False)
def publish(view: InModeration, page_id: uuid.UUID, sent: InSent) -> Response:
    """Publish a page, or take it back to a draft."""
    act = api.unpublish_page if sent.text("action") == "unpublish" else api.publish_page
    _, problem = refused(lambda: act(page_id, Response(), view.context, view.actor, sent.if_match))
    return view.go_to(f"/guidance/pages/{page_id}") if problem is None else _page(view, page_id, problem)


def is_moderator(view: View) -> bool:
    """Whether the viewer may write and answer."""
    return view.actor.role in roles(api.Moderator)


def _page(view: View, page_id: uuid.UUID, problem: Problem | None = None) -> HTMLResponse:
    answer = Response()
    page = api.show_page(page_id, answer, view.context, view.actor)
    every, moderates = whole(view), is_moderator(view)
    return view.render(
        "office/guidance_page.html", status=200 if problem is None else problem.status, page=page,
        blocks=blocks(page.body), topics=TOPICS, version=version_of(answer), is_moderator=moderates,
        questions=api.list_questions(view.context, view.actor, every, None, None, page_id).items,
        versions=api.list_versions(page_id, view.context, view.actor, every).items if moderates else [],
        may_ask=view.actor.role in roles(api.Asker),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _said(sent: Sent) -> dict[str, Any]:
    return {"topic": sent.text("topic"), "title": sent.text("title"), "body": sent.text("body")}


def _form(view: View, page_id: uuid.UUID | None, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    answer = Response()
    page = None if page_id is None else api.show_page(page_id, answer, view.context, view.actor)
    values = _said(sent) | {"slug": sent.text("slug")}
    if problem is None and page is not None:
        values = {"topic": page.topic.value, "title": page.title, "body": page.body, "slug": page.slug}
    return view.render(
        "office/guidance_form.html", status=200 if problem is None else problem.status, page=page, values=values,
        version=version_of(answer), call_key=new_key(), topics=TOPICS, faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
