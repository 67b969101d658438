"""Tells open boards that something has changed: one look at the database per process, however many listen.

A stream carries no content, only that there is something new, in the pool and on the tours (``board``) or of a run
(``runs``). Each board then asks again for what it shows, with the filters and the rights of whoever looks.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from weakref import WeakKeyDictionary

from fastapi.concurrency import run_in_threadpool

from api.errors import Problem
from api.repositories import board as rows
from api.repositories.board import Mark
from api.web.context import Context

SECONDS = 0.4
"""Between two looks while anybody listens."""
LASTS = 600.0
"""Seconds after which a stream ends: whoever is still there comes back, and is asked again who it is."""
_PULSES = "board_pulses"


class Change(StrEnum):
    """What has changed."""

    BOARD = "board"
    RUNS = "runs"


def server_is_ending() -> bool:
    """Whether the server that this process runs was told to end: it waits for streams, which never end by themselves.

    Nobody tells an application; who answers the signal knows. In tests no server answers signals.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


@dataclass(slots=True, weakref_slot=True)
class Pulse:
    """Looks, and wakes those who listen.

    Parameters
    ----------
    look
        Returns what the database looks like; called in a thread.
    """

    look: Callable[[], Mark]
    is_ending: Callable[[], bool] = server_is_ending
    seconds: float = SECONDS
    looks: int = 0
    _listeners: set[asyncio.Queue[Change | None]] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None

    async def changes(self, lasts: float = LASTS) -> AsyncIterator[Change]:
        """Yield each change from now on; ends with the server, or after so many seconds."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._listeners.add(queue)
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        end = time.monotonic() + lasts
        try:
            while (left := end - time.monotonic()) > 0:
                with suppress(TimeoutError):
                    change = await asyncio.wait_for(queue.get(), left)
                    if change is None:
                        return
                    yield change
        finally:
            self._listeners.discard(queue)
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _watch(self) -> None:
        seen: Mark | None = None
        while not self.is_ending():
            # While the database is away nothing is told; those who look are told so by their own calls.
            with suppress(Problem):
                self.looks += 1
                found = await run_in_threadpool(self.look)
                if seen is not None and found.board != seen.board:
                    self._tell(Change.BOARD)
                if seen is not None and found.runs != seen.runs:
                    self._tell(Change.RUNS)
                seen = found
            await asyncio.sleep(self.seconds)
        self._tell(None)

    def _tell(self, change: Change | None) -> None:
        for queue in self._listeners:
            queue.put_nowait(change)


def pulse_of(context: Context) -> Pulse:
    """Return the pulse of this process and its event loop."""
    pulses: WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse] = context.parts.setdefault(
        _PULSES, WeakKeyDictionary()
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    if loop not in pulses:
        pulses[loop] = Pulse(look=lambda: _look(context))
    return pulses[loop]


def _look(context: Context) -> Mark:
    with context.store.reading() as session:
        return rows.mark(session, context.now)
