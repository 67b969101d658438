"""Tasks of an organisation: what it has to examine, and with which outcome it was done."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Task, TaskState
from api.errors import Code, not_found
from api.repositories import tasks as rows
from api.routes.requests import Since
from api.schemas.dublin import TaskDoneBody, TaskShown
from api.services import tasks
from api.tasks import TaskKind
from api.web import versions
from api.web.authentication import may
from api.web.context import InContext
from api.web.openapi import step
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(prefix="/tasks", tags=["dublin"])
Worker = Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA, Role.ZRK)]


@router.get("", summary="List tasks", response_model=Page[TaskShown])
def list_tasks(
    context: InContext,
    actor: Worker,
    pages: InPages,
    state: Annotated[list[TaskState] | None, Query(description="In one of these states; left out: open.")] = None,
    kind: Annotated[TaskKind | None, Query(description="Only of this kind.")] = None,
    updated_since: Since = None,
) -> Page[TaskShown]:
    """Return the tasks of your organisation, those that are due first first; open ones unless you ask for others."""
    query = rows.listed(actor, states=state or [TaskState.OPEN], kind=kind, updated_since=updated_since)
    with context.store.reading() as session:
        return pages.page(session, query, (Task.due_at, Task.id), TaskShown.of)


@router.get("/{task_id}", summary="Show a task", response_model=TaskShown)
def show_task(task_id: uuid.UUID, response: Response, context: InContext, actor: Worker) -> TaskShown:
    """Return one task; `ETag` is the version that its end names."""
    with context.store.reading() as session:
        row = rows.find(session, actor, task_id)
        if row is None:
            raise not_found("a task")
        versions.show(response, row)
        return TaskShown.of(row)


@router.post(
    "/{task_id}/done",
    summary="Say that a task is done",
    response_model=TaskShown,
    openapi_extra=step(Code.VALUE_REFUSED),
)
def end_task(
    task_id: uuid.UUID,
    body: TaskDoneBody,
    response: Response,
    context: InContext,
    actor: Worker,
    if_match: IfMatch = None,
) -> TaskShown:
    """Say with one of its `outcomes` that a task is done; saying the same twice changes nothing."""

    def work(session: Session) -> TaskShown:
        row = tasks.done(
            session, actor, task_id, body.code, seen=lambda row: versions.match(row, if_match), now=context.now
        )  # fmt: skip
        session.flush()
        versions.show(response, row)
        return TaskShown.of(row)

    return context.store.write(work)
