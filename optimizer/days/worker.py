"""What a process of its own does: load the kernels when it is told to, then solve parts.

It is told a ``message.Load``, then a ``message.Task`` for each part, and answers each with a ``message.Message``. It is
ended from outside; ``None`` ends it too.
"""

from __future__ import annotations

import signal
import time
import traceback
from contextlib import suppress
from ctypes import c_int
from dataclasses import replace
from multiprocessing.connection import Connection

from optimizer.days.compiling import compiled
from optimizer.days.message import Kind, Load, Message, Task
from optimizer.days.process import end_with_parent
from optimizer.days.promises import UNANSWERED, or_promises
from optimizer.days.warm import warm_up
from optimizer.errors import UnsoundSolution
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix

_TELL_EVERY = 0.2
"""Least seconds between two messages on how a part gets on."""


class _Teller:
    """An observer that sends on what it is told, not too often."""

    def __init__(self, line: Connection, number: int) -> None:
        self._line, self._number = line, number
        self._phase = ""
        self._last = 0.0

    def phase(self, name: str) -> None:
        """Tell the phase."""
        self._phase = name
        self._tell("", None, None)

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Tell the step, where the last message is not too recent."""
        if time.monotonic() - self._last >= _TELL_EVERY:
            self._tell(text, value, bound)

    def _tell(self, text: str, value: int | None, bound: int | None) -> None:
        self._last = time.monotonic()
        told = f"{self._phase} {text}".strip()
        self._line.send(Message(kind=Kind.TOLD, number=self._number, payload=(told, value, bound)))


def serve(line: Connection, cancelled: c_int) -> None:
    """Load the kernels, then solve parts until told to end.

    Parameters
    ----------
    cancelled
        Above 0 once the run is to end with the best plans so far; read without a lock, so that no process that dies
        can keep another waiting.
    """
    # Ctrl-C goes to every process of the terminal; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    while (told := line.recv()) is not None:
        line.send(_loaded(told, line) if isinstance(told, Load) else _solved(told, line, cancelled))


def _loaded(load: Load, line: Connection) -> Message:
    # Compiling cannot be interrupted from within: the parent ends a process whose kernels are not needed any more.
    with compiled(lambda: line.send(Message(kind=Kind.COMPILING))):
        if load.tiny is not None:
            # A fault shows again in the part itself, where it can be told.
            with suppress(Exception):
                instance, travel = load.tiny
                warm_up(instance, _as_made(travel))
    return Message(kind=Kind.READY)


def _as_made(travel: TravelMatrix) -> TravelMatrix:
    """Return a matrix that came through a pipe as it was made: read-only.

    Arrays lose that on the way, and to the kernels a writable array is another type, for which each of them would be
    compiled once more.
    """
    return replace(travel)


def _solved(task: Task, line: Connection, cancelled: c_int) -> Message:
    number, travel = task.number, _as_made(task.travel)
    try:
        result = UNANSWERED
        if not cancelled.value:
            result = solve(
                task.instance, travel, task.params,
                observer=_Teller(line, number), is_cancelled=lambda: cancelled.value > 0,
            )  # fmt: skip
        result = or_promises(task.instance, travel, result, task.params)
    except UnsoundSolution as error:
        return Message(kind=Kind.UNSOUND, number=number, payload=tuple(map(str, error.violations)))
    except Exception:  # noqa: BLE001  # told to the parent, which raises it
        return Message(kind=Kind.FAILED, number=number, payload=traceback.format_exc())
    return Message(kind=Kind.SOLVED, number=number, payload=replace(result, statistics=dict(result.statistics)))
