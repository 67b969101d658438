"""What runs tell on their way, as server-sent events with resume."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import anyio
from fastapi import Header
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from api.db.tables import RunState
from api.db.tables_runs import LIVE_RUNS
from api.repositories import runs
from api.web.context import Context

LOOK_SECONDS = 0.3
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", pattern=r"^[0-9]{0,18}$", description="Id of the last event that you have."),
]
ENDED: dict[int | str, dict[str, Any]] = {
    204: {"description": "It has ended, and you have its last event: do not come back. Browsers stop by themselves."}
}
"""What a stream answers besides events; for ``responses`` of its route."""
_LAST_EVENT = 2**31 - 1
"""No event has a higher number: its column holds no more."""


def begin(
    context: Context, run_id: uuid.UUID, last_event_id: str | None, find: Callable[[Session], object]
) -> int:  # fmt: skip
    """Return the number of the event after which a stream begins.

    Before it begins, for inside of it no other status can be answered: ``find`` refuses who may not see it, and where
    nothing is left to tell the answer is 204. With an empty stream an ``EventSource`` would come back for ever.

    Raises
    ------
    HTTPException
        204 where the run has ended and has no event after ``last_event_id``.
    """
    number = min(int(last_event_id or 0), _LAST_EVENT)
    with context.store.reading() as session:
        find(session)
        rows, state = runs.events_after(session, run_id, number)
    if not rows and state not in LIVE_RUNS:
        raise HTTPException(204)
    return number


async def told_of(context: Context, run_id: uuid.UUID, number: int) -> AsyncIterator[ServerSentEvent]:
    """Yield what a run tells after an event, until it ends; ``number`` is what ``begin`` returned."""
    # A task of its own for each watcher: with threads, many watchers would take them from all other calls.
    while True:
        events, state = await run_in_threadpool(_events, context, run_id, number)
        for event in events:
            yield event
            number = int(event.id or number)
        if not events and state not in LIVE_RUNS:
            return
        if not events:
            await anyio.sleep(LOOK_SECONDS)


def _events(context: Context, run_id: uuid.UUID, number: int) -> tuple[list[ServerSentEvent], RunState | None]:
    with context.store.reading() as session:
        rows, state = runs.events_after(session, run_id, number)
        told = [
            ServerSentEvent(id=str(row.number), event=row.kind, data={"at": row.at.isoformat(), **row.payload})
            for row in rows
        ]
        return told, state
