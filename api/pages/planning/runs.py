"""Runs of the solver: asked for, watched, ended, compared."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables import RunKind, RunState
from api.db.tables_runs import LIVE_RUNS
from api.deadlines import BERLIN
from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.planning.names import KINDS, STAGES, STATES, STATUSES, progress_words, shown_value, told_value
from api.pages.roles import like, roles
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, whole
from api.pages.view import View
from api.routes import runs as api
from api.schemas.runs import NewRun, RunPurpose, RunShown
from api.web.paging import InPages, Paging

router = APIRouter()
InRuns = Annotated[View, like(api.Reader)]
InStart = Annotated[View, like(api.Starter)]
_TO_COMPARE = 30


@router.get("/runs", include_in_schema=False)
def show_list(view: InRuns, pages: InPages, kind: str = "", state: str = "") -> HTMLResponse:
    """Show runs, the latest first, and the form to ask for one."""
    return _list(view, pages, kind, state)


@router.post("/runs", include_in_schema=False)
def start(view: InStart, pages: InPages, sent: InSent) -> Response:
    """Ask for a run of some days."""

    def work() -> Response:
        said = {"first_day": sent.text("first_day"), "last_day": sent.text("last_day"), "seconds": sent.text("seconds")}
        body = forms.read(NewRun, said)
        return api.start_run(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _list(view, pages, "", "", problem, sent)
    return view.go_to(answer.headers["Location"].removeprefix("/v1"))


@router.get("/runs/{run_id}", include_in_schema=False)
def show(view: InRuns, run_id: uuid.UUID, other: uuid.UUID | None = None) -> HTMLResponse:
    """Show a run while it goes on and when it is done; beside another one if wanted."""
    run = api.show_run(run_id, Response(), view.context, view.actor)
    against = None if other is None else api.show_run(other, Response(), view.context, view.actor)
    recent = api.list_runs(view.context, view.actor, whole(view)).items
    done = [each for each in recent if each.state not in LIVE_RUNS and each.id != run.id and each.stages]
    return view.render(
        "planning/run.html", run=run, other=against, others=done[:_TO_COMPARE], kinds=KINDS, states=STATES,
        statuses=STATUSES, stages=STAGES, shown_value=shown_value,
        told=lambda stage, value: told_value(stage, value, view.language), is_live=run.state in LIVE_RUNS,
        may_end=view.actor.role in roles(api.Starter), may_repeat=view.actor.role in roles(api.Repeater),
        purposes=RunPurpose, compared=_compared(run, against), words=progress_words(view.language),
    )  # fmt: skip


@router.post("/runs/{run_id}/end", include_in_schema=False)
def end(view: InStart, run_id: uuid.UUID) -> Response:
    """Wish that a run ends: what it found so far is proposed."""
    api.end_run(run_id, Response(), view.context, view.actor)
    return view.go_to(f"/runs/{run_id}")


def _list(
    view: View, pages: Paging, kind: str, state: str, problem: Problem | None = None, sent: Sent = NOTHING
) -> HTMLResponse:
    found = api.list_runs(
        view.context, view.actor, pages, kind=RunKind(kind) if kind in set(RunKind) else None,
        state=RunState(state) if state in set(RunState) else None,
    )  # fmt: skip
    today = view.now.astimezone(BERLIN).date().isoformat()
    query = {"kind": kind, "state": state, "after": found.next}
    return view.render(
        "planning/runs.html", status=200 if problem is None else problem.status, runs=found.items, kinds=KINDS,
        states=STATES, statuses=STATUSES, kind=kind, state=state, call_key=new_key(),
        may_start=view.actor.role in roles(api.Starter), today=today, sent=sent, faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
        live=None if problem is None else problem.more.get("run"),
        more=address("/runs", query) if found.next else "",
    )  # fmt: skip


def _compared(run: RunShown, other: RunShown | None) -> list[tuple[str, float | None, float | None]]:
    """Return the stages that either run has, with the value of each."""
    if other is None:
        return []
    ours = {each.name: each.value for each in run.stages}
    theirs = {each.name: each.value for each in other.stages}
    names = [each for each in STAGES if each in ours or each in theirs]
    return [(name, _told(name, ours), _told(name, theirs)) for name in names]


def _told(name: str, values: dict[str, float]) -> float | None:
    return shown_value(name, values[name]) if name in values else None
