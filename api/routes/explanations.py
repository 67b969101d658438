"""Why, and what would help: questions about the plan as it stands, answered by a worker and proven by the checker."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.orm import Session

from api.actor import Actor
from api.errors import Code
from api.mapping.questions import Question
from api.routes.explanation_views import shown
from api.routes.run_events import ENDED, LastEventId, begin, told_of
from api.schemas.explanations import ExplanationShown, NewExplanation
from api.services import questions
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also

router = APIRouter(prefix="/explanations", tags=["explanations"])
Asker = Annotated[Actor, may(*sorted(questions.MAY_ASK))]
ExplanationId = Annotated[uuid.UUID, Path(description="The explanation.")]


@router.post(
    "", summary="Ask why, or what would help", status_code=202, response_model=ExplanationShown,
    openapi_extra=also(Code.STATE_FORBIDS, Code.VALUE_REFUSED, Code.NOT_FOUND),
)  # fmt: skip
def ask(body: NewExplanation, context: InContext, actor: Asker, once: CreatesOnce) -> Response:
    """Queue a question about a request in the plan as it stands; a worker answers within seconds.

    Nothing is changed by it. What is promised stays where it is; what is only offered may give way in the answer. Each
    statement is one that the independent checker has confirmed.
    """
    question = Question(asks=body.asks, request_id=body.request_id, duty_id=body.duty_id)

    def work(session: Session) -> Answer:
        run = questions.ask(session, actor, question, now=context.now)
        headers = {"Location": f"/v1/explanations/{run.id}", "ETag": versions.tag(run)}
        return Answer(body=shown(session, actor, run, now=context.now), status=202, headers=headers)

    return once.do(actor, work)


@router.get("/{explanation_id}", summary="Show an explanation", response_model=ExplanationShown)
def show(explanation_id: ExplanationId, response: Response, context: InContext, actor: Asker) -> ExplanationShown:
    """Return a question of your organisation and, once it is answered, the answers."""
    with context.store.reading() as session:
        run = questions.of(session, actor, explanation_id)
        versions.show(response, run)
        return shown(session, actor, run, now=context.now)


@router.delete(
    "/{explanation_id}", summary="Take a question back", status_code=202, response_model=ExplanationShown,
    openapi_extra=also(Code.STATE_FORBIDS),
)  # fmt: skip
def stop(explanation_id: ExplanationId, response: Response, context: InContext, actor: Asker) -> ExplanationShown:
    """Wish that nobody works on it any more; one that no worker has taken ends at once."""

    def work(session: Session) -> ExplanationShown:
        run = questions.stop(session, actor, explanation_id, now=context.now)
        versions.show(response, run)
        return shown(session, actor, run, now=context.now)

    return context.store.write(work)


def _begin(
    explanation_id: ExplanationId, context: InContext, actor: Asker, last_event_id: LastEventId = None
) -> int:  # fmt: skip
    return begin(context, explanation_id, last_event_id, lambda session: questions.of(session, actor, explanation_id))


@router.get(
    "/{explanation_id}/events", summary="Watch an explanation", response_class=EventSourceResponse, responses=ENDED
)
async def watch(
    explanation_id: ExplanationId, context: InContext, after: Annotated[int, Depends(_begin)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream how it goes; `finished` is the last, and whoever has it gets 204.

    Whoever comes back with `Last-Event-ID` gets what follows that event.
    """
    async for event in told_of(context, explanation_id, after):
        yield event
