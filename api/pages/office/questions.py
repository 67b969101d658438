"""Questions of the information area: asked in the name of an organisation, answered or hidden by moderators."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.office.blocks import blocks
from api.pages.office.guidance import InGuidance, InModeration, is_moderator
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, refused, version_of
from api.pages.view import View
from api.routes import guidance as api
from api.schemas.guidance import AnswerBody, NewQuestion, QuestionShown
from api.texts_measures import TOPICS

router = APIRouter()
InAsking = Annotated[View, like(api.Asker)]


@router.get("/guidance/questions/new", include_in_schema=False)
def ask_new(view: InAsking, page: str = "", topic: str = "") -> HTMLResponse:
    """Show the form for a question."""
    return _form(view, {"page_id": page, "topic": topic, "text": ""})


@router.post("/guidance/questions/new", include_in_schema=False)
def create(view: InAsking, sent: InSent) -> Response:
    """Ask in the name of the viewer's organisation."""
    said = {name: sent.text(name) for name in ("page_id", "topic", "text")}

    def work() -> Response:
        body = forms.read(NewQuestion, said)
        return api.ask_question(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _form(view, said, problem)
    return view.go_to(answer.headers["Location"].removeprefix("/v1"))


@router.get("/guidance/questions/{question_id}", include_in_schema=False)
def show(view: InGuidance, question_id: uuid.UUID) -> HTMLResponse:
    """Show a question with its answer, to moderators with the form to answer."""
    return _question(view, question_id)


@router.post("/guidance/questions/{question_id}", include_in_schema=False)
def moderate(view: InModeration, question_id: uuid.UUID, sent: InSent) -> Response:
    """Answer a question, or hide it."""

    def work() -> QuestionShown:
        if sent.text("action") == "hide":
            return api.hide_question(question_id, Response(), view.context, view.actor, sent.if_match)
        body = forms.read(AnswerBody, {"answer": sent.text("answer")})
        return api.answer_question(question_id, body, Response(), view.context, view.actor, sent.if_match)

    _, problem = refused(work)
    if problem is None:
        return view.go_to(f"/guidance/questions/{question_id}")
    return _question(view, question_id, problem, sent)


def _question(view: View, question_id: uuid.UUID, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    answer = Response()
    question = api.show_question(question_id, answer, view.context, view.actor)
    return view.render(
        "office/question.html", status=200 if problem is None else problem.status, question=question, topics=TOPICS,
        blocks=blocks(question.answer or ""), version=version_of(answer), is_moderator=is_moderator(view),
        said=sent.text("answer") or question.answer or "", faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _form(view: View, values: dict[str, str], problem: Problem | None = None) -> HTMLResponse:
    return view.render(
        "office/question_new.html", status=200 if problem is None else problem.status, values=values, topics=TOPICS,
        call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
