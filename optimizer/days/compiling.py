"""When a kernel is compiled rather than loaded from its cache: how long that takes, and how to do without.

Numba tells of each compilation by an event, and of none where the cache has the machine code. That is exact, where
seconds on a clock would take a slow disk for a compiler.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event

_EVENT = "numba:compile"


class Cold(Exception):
    """A kernel is not in its cache, and was not to be compiled now."""


class Compiled(event.Listener):
    """Counts the ``seconds`` in which this thread compiled; ``begins`` is called once, when it first does."""

    def __init__(self, begins: Callable[[], None] = lambda: None) -> None:
        self.seconds = 0.0
        self._begins = begins
        self._thread = threading.get_ident()
        self._depth = 0
        self._since = 0.0

    def on_start(self, event: event.Event) -> None:  # noqa: ARG002  # the listener's interface
        """Take the time; kernels that a kernel calls are compiled within it."""
        if threading.get_ident() != self._thread:
            return
        if self._depth == 0:
            self._since = time.perf_counter()
        self._depth += 1
        if self._depth == 1 and self.seconds == 0.0:
            self._begins()

    def on_end(self, event: event.Event) -> None:  # noqa: ARG002  # the listener's interface
        """Add the time."""
        if threading.get_ident() != self._thread:
            return
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._since


@contextmanager
def compiled(begins: Callable[[], None] = lambda: None) -> Iterator[Compiled]:
    """Count the seconds in which the block compiles, in this thread."""
    with event.install_listener(_EVENT, Compiled(begins)) as listener:
        yield listener


@contextmanager
def from_cache_only() -> Iterator[None]:
    """Let the block load kernels, but not compile them: where it would, in this thread, it ends.

    Raises
    ------
    Cold
        Where a kernel is not in its cache.
    """

    def refuse() -> None:
        raise Cold

    with compiled(refuse):
        yield
