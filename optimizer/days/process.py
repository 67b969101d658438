"""Small things about processes: starting one that Ctrl-C does not reach, ending with the parent, why one ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process


@contextmanager
def without_interrupt() -> Iterator[None]:
    """Let a process begin deaf to Ctrl-C, which reaches all of a terminal: it must not die while it still starts."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone: nobody is there to take an answer any more."""
    threading.Thread(target=_follow, name="parent", daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # Whatever compiled loop is running.


def cause_of(code: int | None) -> str:
    """Return in words how a process ended, by the exit code that ``multiprocessing`` tells."""
    if code is not None and code < 0:
        number = -code
        name = signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"
        more = " (perhaps the memory was used up)" if number == signal.SIGKILL else ""
        return f"was ended by {name}{more}"
    return f"ended by itself with code {code}"
