"""What runs tell on their way, as server-sent events with resume."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import anyio
from fastapi import Header
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent
from sqlalchemy.orm import Session

from api.db.tables import RunState
from api.repositories import runs
from api.web.context import Context

LOOK_SECONDS = 0.3
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", pattern=r"^[0-9]{0,18}$", description="Id of the last event that you have."),
]
_LAST_EVENT = 2**31 - 1
"""No event has a higher number: its column holds no more."""


def check_seen(context: Context, find: Callable[[Session], object]) -> None:
    """Let ``find`` refuse who may not see it, before a stream begins: inside of it no other status can be answered."""
    with context.store.reading() as session:
        find(session)


async def told_of(context: Context, run_id: uuid.UUID, last_event_id: str | None) -> AsyncIterator[ServerSentEvent]:
    """Yield what a run tells after an event, until it ends; whether somebody may see it is asked before."""
    # A task of its own for each watcher: with threads, many watchers would take them from all other calls.
    number = min(int(last_event_id or 0), _LAST_EVENT)
    while True:
        events, state = await run_in_threadpool(_events, context, run_id, number)
        for event in events:
            yield event
            number = int(event.id or number)
        if not events and state not in (RunState.QUEUED, RunState.RUNNING):
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
