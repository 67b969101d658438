"""Tasks: opened by what happens to a request, done by people with a coded outcome, dropped where no longer asked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import Task, TaskState
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import notices as notice_rows
from api.repositories import tasks as rows
from api.services import notices, outbox
from api.tasks import OUTCOMES, DropCode, TaskKind


def open_task(
    session: Session,
    kind: TaskKind,
    organisation_id: uuid.UUID,
    request_id: uuid.UUID,
    *,
    due_at: datetime,
    subject_id: uuid.UUID | None = None,
    now: datetime,
) -> Task:
    """Give an organisation a task about a request, and tell it; the one that is open already stays as it is.

    The request is locked: two calls at once make one task.
    """
    known = [each for each in rows.open_of(session, request_id, [kind]) if each.organisation_id == organisation_id]
    if known:
        return known[0]
    task = Task(
        kind=kind.value, organisation_id=organisation_id, request_id=request_id, subject_id=subject_id, due_at=due_at,
        state=TaskState.OPEN, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(task)
    session.flush()
    notices.notify(
        session, organisation_id, notices.Kind.TASK_OPENED, "task", task.id, code=kind.value, due_at=due_at,
        details={"request": str(request_id)}, now=now,
    )  # fmt: skip
    told = {"task": str(task.id), "kind": kind.value, "request": str(request_id), "due_at": due_at.isoformat()}
    outbox.tell(session, outbox.Topic.TASK_OPENED, {organisation_id}, told, now=now)
    audit.append(session, SYSTEM, "task_opened", "task", task.id, at=now, details={"kind": kind.value})
    return task


def done(
    session: Session, actor: Actor, task_id: uuid.UUID, code: str, *, seen: Callable[[Task], None], now: datetime
) -> Task:
    """Say that a task is done; saying the same a second time changes nothing.

    Raises
    ------
    Problem
        ``not_found`` (404), ``state_forbids`` (409) where what it asks for ends it, ``value_refused`` (422) for a code
        that its kind does not have, ``already_decided`` (409), and what ``seen`` raises.
    """
    task = rows.find(session, actor, task_id, is_locked=True)
    if task is None:
        raise not_found("a task")
    if task.state is TaskState.DONE and task.code == code:
        return task
    seen(task)
    if task.state is not TaskState.OPEN:
        raise Problem(
            Code.ALREADY_DECIDED, f"The task is {task.state}, with {task.code}. There is nothing left to do.",
            more={"state": task.state.value, "outcome": task.code},
        )  # fmt: skip
    outcomes = OUTCOMES[TaskKind(task.kind)]
    if outcomes is None:
        raise Problem(
            Code.STATE_FORBIDS,
            "This task is done by deciding what it asks for: take the Amtshilfe case over, or decline it.",
            more={"subject": None if task.subject_id is None else str(task.subject_id)},
        )
    if code not in {each.value for each in outcomes}:
        raise Problem(
            Code.VALUE_REFUSED, "Expected an outcome that this kind of task has.",
            errors=[FieldError(path="/code", expected=f"one of {', '.join(outcomes)}", what_to_do="Choose one.")],
        )  # fmt: skip
    end(session, task, TaskState.DONE, code, actor, now=now)
    return task


def end(session: Session, task: Task, state: TaskState, code: str, actor: Actor, *, now: datetime) -> None:
    """End an open task, done or dropped, and settle what told of it."""
    task.state, task.code, task.ended_at, task.updated_at = state, code, now, now
    session.flush()
    notice_rows.settle(session, [notices.Kind.TASK_OPENED], str(task.id), now)
    details = {"kind": task.kind, "code": code}
    audit.append(session, actor, f"task_{state.value}", "task", task.id, at=now, details=details)


def drop(
    session: Session, request_id: uuid.UUID, code: DropCode, *, kinds: Collection[TaskKind] = (), now: datetime
) -> int:
    """Take back the open tasks about a request, of these kinds or of all; return how many. A second time: none."""
    found = rows.open_of(session, request_id, kinds)
    for task in found:
        end(session, task, TaskState.DROPPED, code.value, SYSTEM, now=now)
    return len(found)
