"""Runs of the solver: asked for, watched, ended, repeated; and what the nightly one changed."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Run, RunKind, RunState
from api.errors import Code, Problem, not_found
from api.repositories import runs
from api.routes.run_events import ENDED, LastEventId, begin, told_of
from api.schemas.base import Day
from api.schemas.runs import DifferenceShown, MorningList, NewRun, RunPurpose, RunShown, run_shown
from api.services import morning
from api.services import runs as service
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.workflow import Role

router = APIRouter(tags=["runs"])
reports = APIRouter(tags=["reports"])
Reader = Annotated[Actor, may(*sorted(runs.MAY_SEE))]
Starter = Annotated[Actor, may(Role.LTRAKO, Role.ZAB_LEAD, Role.ZAB_DISPATCHER)]
Repeater = Annotated[Actor, may(*sorted(runs.MAY_REPEAT))]
RunId = Annotated[uuid.UUID, Path(description="The run.")]
Purpose = Annotated[RunPurpose, Query(description="Why you read it: it is logged.")]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": {"format": "restplatz-instance", "version": 1}}}}
}


@router.post(
    "/runs", summary="Plan days anew", status_code=202, response_model=RunShown,
    openapi_extra=also(Code.RUN_IN_PROGRESS, Code.VALUE_REFUSED),
)  # fmt: skip
def start_run(body: NewRun, context: InContext, actor: Starter, once: CreatesOnce) -> Response:
    """Queue a run; a worker takes it at once.

    What is promised stays; unanswered proposals may change; everything proposed is still for people to confirm. Of
    runs that share a day one is live at a time: 409 `run_in_progress` names it. Matches of single requests go on beside
    it. A ZAB may search as long as `solve_seconds` of the settings, the LTraKo as `nightly_seconds`.
    """
    if body.horizon.until <= context.now:
        raise Problem(Code.VALUE_REFUSED, "Expected days that are not over. Ask for today or later.")

    def work(session: Session) -> Answer:
        params = service.on_demand(context.settings, actor, body.seconds, body.seed)
        run = service.queue(session, actor, RunKind.ON_DEMAND, body.horizon, params, now=context.now)
        headers = {"Location": f"/v1/runs/{run.id}", "ETag": versions.tag(run)}
        return Answer(body=run_shown(run), status=202, headers=headers)

    return once.do(actor, work)


@router.get("/runs", summary="List runs", response_model=Page[RunShown])
def list_runs(
    context: InContext,
    actor: Reader,
    pages: InPages,
    kind: Annotated[RunKind | None, Query(description="Only of this kind.")] = None,
    state: Annotated[RunState | None, Query(description="Only in this state.")] = None,
) -> Page[RunShown]:
    """Return runs, the latest first."""
    query = runs.seen_by(actor)
    if kind is not None:
        query = query.where(Run.kind == kind)
    if state is not None:
        query = query.where(Run.state == state)
    with context.store.reading() as session:
        return pages.page(session, query, (Run.id,), run_shown, descending=True)


@router.get("/runs/{run_id}", summary="Show a run", response_model=RunShown)
def show_run(run_id: RunId, response: Response, context: InContext, actor: Reader) -> RunShown:
    """Return one run."""
    with context.store.reading() as session:
        run = _seen(session, actor, run_id)
        versions.show(response, run)
        return run_shown(run)


@router.delete(
    "/runs/{run_id}", summary="End a run", status_code=202, response_model=RunShown,
    openapi_extra=also(Code.STATE_FORBIDS),
)  # fmt: skip
def end_run(run_id: RunId, response: Response, context: InContext, actor: Starter) -> RunShown:
    """Wish that a run ends: it stops within seconds, and what it found so far is proposed."""
    run = context.store.write(lambda session: service.cancel(session, actor, run_id, now=context.now))
    versions.show(response, run)
    return run_shown(run)


def _begin(run_id: RunId, context: InContext, actor: Reader, last_event_id: LastEventId = None) -> int:
    return begin(context, run_id, last_event_id, lambda session: _seen(session, actor, run_id))


@router.get("/runs/{run_id}/events", summary="Watch a run", response_class=EventSourceResponse, responses=ENDED)
async def watch_run(
    run_id: RunId, context: InContext, after: Annotated[int, Depends(_begin)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream what a run tells: `phase`, `progress` with value and bound, `finished` at the end.

    Whoever comes back with `Last-Event-ID` gets what follows that event. The stream ends with the run; whoever comes
    back to it with its last event gets 204.
    """
    async for event in told_of(context, run_id, after):
        yield event


@router.get("/runs/{run_id}/input", summary="Get the problem of a run", response_class=Response, responses=_FILE)
def get_input(run_id: RunId, context: InContext, actor: Repeater, purpose: Purpose) -> Response:
    """Return the problem that the run solved, as a file of the optimizer: with it the run can be repeated exactly.

    Requests are pseudonymous there: ids, age bands, codes and places. Each read is logged with its purpose.
    """
    return _file(context, actor, run_id, service.RunFile.INPUT, purpose)


@router.get("/runs/{run_id}/result", summary="Get the answer of a run", response_class=Response, responses=_FILE)
def get_result(run_id: RunId, context: InContext, actor: Repeater, purpose: Purpose) -> Response:
    """Return the plan that the run found, with its proof and the reasons of who was not placed; the read is logged."""
    return _file(context, actor, run_id, service.RunFile.RESULT, purpose)


@reports.get("/nightly/{night}", summary="Show the morning list", response_model=MorningList)
def show_night(
    night: Annotated[Day, Path(description="Local date of the nightly run.", examples=["2026-10-05"])],
    context: InContext,
    actor: Annotated[Actor, may(Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)],
) -> MorningList:
    """Return what the night changed, one row with one reason for each request; of your organisation only."""
    with context.store.reading() as session:
        run, rows = morning.rows_of_night(session, actor, night)
        return MorningList(
            night=night, run=run.id, state=run.state, finished_at=run.finished_at,
            differences=[DifferenceShown(**{name: row[name] for name in DifferenceShown.model_fields}) for row in rows],
        )  # fmt: skip


def _seen(session: Session, actor: Actor, run_id: uuid.UUID) -> Run:
    run = runs.run_of(session, actor, run_id)
    if run is None:
        raise not_found("a run")
    return run


def _file(context: Context, actor: Actor, run_id: uuid.UUID, file: service.RunFile, purpose: RunPurpose) -> Response:
    content = context.store.write(
        lambda session: service.read_file(session, actor, run_id, file, purpose=purpose.value, now=context.now)
    )
    name = f"{run_id}.{'result' if file is service.RunFile.RESULT else 'instance'}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)
