"""What is to be done: tasks with their due dates, notices, and the ways to the lists of each role."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.amtshilfe import AmtshilfeAction
from api.clearance_workflow import BODY_OF, ClearanceState
from api.db.tables import TaskState
from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.office.names import NOTICES, place_of
from api.pages.roles import like, roles
from api.pages.sent import InSent, refused, version_of, whole
from api.pages.view import InView, View
from api.routes import amtshilfe, clearances, contacts, notices
from api.routes import tasks as api
from api.routes.requests import Historian
from api.schemas.clearances import ClearanceShown
from api.schemas.dublin import AmtshilfeShown, TaskDoneBody, TaskShown
from api.tasks import OUTCOMES
from api.texts import REASON_TEXTS, Pair
from api.texts_measures import CLEARANCE_STATES, KINDS
from api.web.paging import InPages, Paging
from api.workflow import Role

router = APIRouter()
InTasks = Annotated[View, like(api.Worker)]


@router.get("/tasks", include_in_schema=False)
def show(view: InView, pages: InPages, is_done: bool = False) -> HTMLResponse:
    """Show what the viewer's organisation has to do, those that are due first first."""
    role, every = view.actor.role, whole(view)
    is_worker = role in roles(api.Worker)
    found = api.list_tasks(view.context, view.actor, every, state=_states(is_done)).items if is_worker else []
    told = notices.list_notices(view.context, view.actor, pages, is_done=is_done)
    return view.render(
        "office/tasks.html", tasks=found, is_worker=is_worker, notices=told, is_done=is_done, names=NOTICES,
        place_of=lambda notice: place_of(notice, role), clearances=_clearances(view, every), kinds=KINDS,
        states=CLEARANCE_STATES, cases=_cases(view, every),
        ways=[
            each for each, who in (
                ("/clearances", roles(clearances.Reader)), ("/amtshilfe", roles(Historian)),
                ("/dublin", roles(Historian)), ("/contacts", roles(contacts.Keeper)),
            ) if role in who
        ],
    )  # fmt: skip


@router.post("/tasks/notices/{notice_id}", include_in_schema=False)
def settle_notice(view: InView, notice_id: uuid.UUID) -> Response:
    """Note that a notice was seen to."""
    notices.settle_notice(notice_id, view.context, view.actor)
    return view.go_to("/tasks")


@router.get("/tasks/{task_id}", include_in_schema=False)
def show_task(view: InTasks, task_id: uuid.UUID) -> HTMLResponse:
    """Show a task, and how it can be ended."""
    return _task(view, task_id)


@router.post("/tasks/{task_id}/done", include_in_schema=False)
def end_task(view: InTasks, task_id: uuid.UUID, sent: InSent) -> Response:
    """Say what the examination led to."""

    def work() -> TaskShown:
        body = forms.read(TaskDoneBody, {"code": sent.text("code")})
        return api.end_task(task_id, body, Response(), view.context, view.actor, sent.if_match)

    _, problem = refused(work)
    return view.go_to(f"/tasks/{task_id}") if problem is None else _task(view, task_id, problem, sent.text("code"))


def _task(view: View, task_id: uuid.UUID, problem: Problem | None = None, code: str = "") -> HTMLResponse:
    answer = Response()
    task = api.show_task(task_id, answer, view.context, view.actor)
    return view.render(
        "office/task.html", status=200 if problem is None else problem.status, task=task, code=code,
        outcomes=outcomes_of(task), version=version_of(answer), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def outcomes_of(task: TaskShown) -> dict[str, Pair]:
    """Return what can be said at the end of a task, by its code."""
    kind = OUTCOMES[task.kind]
    return {} if kind is None else {code: REASON_TEXTS[kind][code] for code in task.outcomes}


def _states(is_done: bool) -> list[TaskState]:
    return [TaskState.DONE, TaskState.DROPPED] if is_done else [TaskState.OPEN]


def _clearances(view: View, pages: Paging) -> list[ClearanceShown]:
    """Return the clearances on which the viewer's role has something to do now."""
    if view.actor.role not in {Role.ABH, *BODY_OF.values()}:
        return []
    waiting = [ClearanceState.NEEDED, ClearanceState.APPLIED, ClearanceState.REFUSED, ClearanceState.ALTERNATIVE]
    if view.actor.role is Role.ABH:
        waiting = [ClearanceState.ALTERNATIVE]
    return clearances.list_clearances(context=view.context, actor=view.actor, pages=pages, state=waiting).items


def _cases(view: View, pages: Paging) -> list[AmtshilfeShown]:
    """Return the Amtshilfe cases that wait for the viewer's ZAB."""
    if not view.actor.is_zab:
        return []
    own = "" if view.viewer is None else view.viewer.organisation
    found = amtshilfe.list_cases(view.context, view.actor, pages).items
    return [each for each in found if each.zab == own and set(each.actions) - {AmtshilfeAction.WITHDRAW}]
