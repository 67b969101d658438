"""What a person at a terminal sees of a run, and how they stop it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from optimizer.search.observer import Observer, SilentObserver

T = TypeVar("T")
_Handlers: TypeAlias = dict[signal.Signals, Callable[[int, FrameType | None], Any] | int | None]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_POLL = 0.05
"""Seconds between two looks whether the run has ended."""


class BarObserver:
    """Shows the phase, the last step with value and bound, and the time in one line that moves.

    ``phases`` is how many phases the run may come to; a run that skips some ends before the bar does.
    """

    def __init__(self, progress: Progress, phases: int) -> None:
        self._progress = progress
        self._begun = 0
        self._phases = phases
        self._task = progress.add_task("start", total=phases, step="")

    def phase(self, name: str) -> None:
        """Show the phase; the bar is full only when the run is over."""
        done = min(self._begun, self._phases - 1)
        self._begun += 1
        self._progress.update(self._task, description=escape(name), completed=done, step="")

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Show the step."""
        told = [escape(text)]
        if value is not None:
            told.append(f"value {value}")
        if bound is not None:
            told.append(f"bound {bound}")
        self._progress.update(self._task, step=" · ".join(told))


@contextmanager
def terminal_observer(phases: int) -> Iterator[Observer]:
    """Give an observer with a progress bar on stderr while it is a terminal, a silent one otherwise."""
    if not sys.stderr.isatty():
        yield SilentObserver()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description:<16}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(
        *columns, TextColumn("{task.fields[step]}"), console=Console(stderr=True), transient=True
    ) as progress:
        yield BarObserver(progress, phases)


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Let Ctrl-C end the programme at once, by the exit code that shells expect: for a start that has nothing to lose.

    As an exception it can get lost there, between the many modules that are imported and compiled.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(128 + signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run_interruptibly(work: Callable[[Callable[[], bool]], T]) -> tuple[T, bool]:
    """Run ``work(is_cancelled)``; return its value and whether Ctrl-C or a termination signal cancelled it.

    The work is done in a thread of its own: Python hands signals to the main thread only between two of its
    instructions, and a solver that counts in compiled code for seconds would keep it from seeing them. A second Ctrl-C
    ends the programme the hard way, which is why the thread is one that does not keep the programme alive.
    """
    cancelled = threading.Event()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            outcome.append(work(cancelled.is_set))
        except BaseException as error:  # noqa: BLE001  # raised again below, where the caller sees it
            failure.append(error)

    before: _Handlers = {}

    def cancel(*_: object) -> None:
        cancelled.set()
        _restore(before)

    if threading.current_thread() is threading.main_thread():
        before.update({number: signal.signal(number, cancel) for number in _SIGNALS})
    try:
        thread = threading.Thread(target=target, name="solve", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(timeout=_POLL)
    finally:
        _restore(before)
    if failure:
        raise failure[0]
    return outcome[0], cancelled.is_set()


def _restore(handlers: _Handlers) -> None:
    while handlers:
        number, handler = handlers.popitem()
        signal.signal(number, handler)
