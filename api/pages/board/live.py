"""The stream of the board: that something has changed, never what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.pages.board.pulse import pulse_of
from api.pages.board.show import Dispatching

router = APIRouter()


@router.get("/board/events", response_class=EventSourceResponse)
async def events(
    view: Dispatching, shown: Annotated[str | None, Query(max_length=64)] = None
) -> AsyncIterator[ServerSentEvent]:
    """Stream `board` where requests, tours or duties have changed, `runs` where a run has.

    ``shown`` is the sign that a page bears: what has changed since it was made is told first.
    """
    # Told at once, so that a browser knows that it is connected before anything happens.
    yield ServerSentEvent(comment="listening")
    async for change in pulse_of(view.context).changes(shown):
        yield ServerSentEvent(event=change.value, data={})
