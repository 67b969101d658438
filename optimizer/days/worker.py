"""What a process of its own does: it waits for parts, solves them, tells how it goes, and ends when nobody is left.

Messages to the process are ``(number, instance, travel, params)``, or ``None`` for the end. It answers with a
``message.Message``.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from contextlib import suppress
from ctypes import c_int
from dataclasses import replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Lock

from optimizer.days.message import Kind, Message
from optimizer.days.promises import UNANSWERED, or_promises
from optimizer.days.warm import warm_up
from optimizer.errors import UnsoundSolution
from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix

Task = tuple[int, Instance, TravelMatrix, SolveParams]

_TELL_EVERY = 0.2
"""Least seconds between two messages on how a part gets on."""
_COMPILING = 300.0
"""Seconds after which a process no longer waits for another to compile the kernels."""
_POLL = 0.1


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


def serve(line: Connection, cancelled: c_int, compiling: Lock, first: tuple[Instance, TravelMatrix]) -> None:
    """Solve parts until told to end.

    Parameters
    ----------
    cancelled
        Above 0 once the run is to end with the best plans so far; read without a lock, so that no process that dies
        can keep another waiting.
    compiling
        Held while kernels are compiled, or loaded from their cache: on a cold start one process does it for all.
    first
        Part that kernels are tried on.
    """
    # Ctrl-C goes to every process of the terminal; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _load_kernels(first, cancelled, compiling)
    line.send(Message(kind=Kind.READY))
    while (task := line.recv()) is not None:
        line.send(_solved(task, line, cancelled))


def _load_kernels(first: tuple[Instance, TravelMatrix], cancelled: c_int, compiling: Lock) -> None:
    until = time.monotonic() + _COMPILING
    held = False
    while not held and not cancelled.value and time.monotonic() < until:
        held = compiling.acquire(timeout=_POLL)
    try:
        # A fault shows again in the part itself, where it can be told.
        with suppress(Exception):
            warm_up(*first, is_cancelled=lambda: cancelled.value > 0)
    finally:
        if held:
            compiling.release()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # Nobody is there to take an answer, whatever compiled loop is running.


def _solved(task: Task, line: Connection, cancelled: c_int) -> Message:
    number, instance, travel, params = task
    try:
        result = UNANSWERED
        if not cancelled.value:
            teller = _Teller(line, number)
            result = solve(instance, travel, params, observer=teller, is_cancelled=lambda: cancelled.value > 0)
        result = or_promises(instance, travel, result, params)
    except UnsoundSolution as error:
        return Message(kind=Kind.UNSOUND, number=number, payload=tuple(map(str, error.violations)))
    except Exception:  # noqa: BLE001  # told to the parent, which raises it
        return Message(kind=Kind.FAILED, number=number, payload=traceback.format_exc())
    return Message(kind=Kind.SOLVED, number=number, payload=replace(result, statistics=dict(result.statistics)))
