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

import structlog
from fastapi.concurrency import run_in_threadpool

from api.errors import Problem
from api.repositories import board as rows
from api.repositories.board import Mark
from api.web.context import Context

_log = structlog.get_logger("restplatz.board")
SECONDS = 0.3
"""Between two looks while anybody listens: a decision is to be seen within a second."""
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
    _seen: Mark | None = None
    _listeners: set[asyncio.Queue[Change | None]] = field(default_factory=set)
    _task: asyncio.Task[None] | None = None

    async def changes(self, shown: str | None = None, lasts: float = LASTS) -> AsyncIterator[Change]:
        """Yield each change from now on; ends with the server, or after so many seconds.

        Parameters
        ----------
        shown
            Sign of the mark that a page was made at: what has changed since then is told at once.
        """
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._listeners.add(queue)
        end = time.monotonic() + lasts
        try:
            found = await self._looked()
            # Of what changed between two looks one of them tells: the first one is what the watch goes on from.
            self._seen = self._seen or found
            if self._task is None:
                self._task = asyncio.create_task(self._watch())
            if shown is not None and found is not None and found.sign != shown:
                yield Change.BOARD
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
                self._task = self._seen = None

    async def _watch(self) -> None:
        while not self.is_ending():
            await asyncio.sleep(self.seconds)
            found, seen = await self._looked(), self._seen
            if found is None:
                continue
            self._seen = found
            if seen is not None and found.board != seen.board:
                self._tell(Change.BOARD)
            if seen is not None and found.runs != seen.runs:
                self._tell(Change.RUNS)
        self._tell(None)

    async def _looked(self) -> Mark | None:
        """Return what the database looks like; ``None`` while it is away: who looks is told so by the own calls."""
        self.looks += 1
        try:
            return await run_in_threadpool(self.look)
        except Problem:
            return None
        except Exception as error:  # noqa: BLE001 - a watch that ended would leave all boards as they are, unnoticed
            _log.error("board_look_failed", kind=type(error).__name__)
            return None

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
        pulses[loop] = Pulse(look=lambda: look(context))
    return pulses[loop]


def look(context: Context) -> Mark:
    """Return what the database looks like now."""
    with context.store.reading() as session:
        return rows.mark(session, context.now)
