"""When a run has to end: a limit on the clock, a wish to cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

_POLL_SECONDS = 0.05


class Stop:
    """Clock and cancel wish of one run; asked at every step of every loop.

    As a context manager it also keeps ``flag`` up to date from a thread of its own: compiled loops, which run without
    the interpreter's lock, read it, and searches that must be ended from outside are ended by ``ending``.

    Parameters
    ----------
    time_limit
        Wall-clock seconds from construction (``None``: no limit).
    is_cancelled
        Asked often, from another thread; must be quick.
    """

    def __init__(self, time_limit: float | None = None, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        self._start = time.perf_counter()
        self._limit = time_limit
        self.is_cancelled = is_cancelled
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._end: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self.flag: NDArray[np.bool_] = np.zeros(1, dtype=np.bool_)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._start

    @property
    def remaining(self) -> float:
        """Seconds left; infinite without a limit, 0 when cancelled."""
        if self.is_cancelled():
            return 0.0
        if self._limit is None:
            return float("inf")
        return max(0.0, self._limit - self.elapsed)

    def __call__(self) -> bool:
        """Whether to stop now."""
        return self.remaining <= 0.0

    def ending(self, end: Callable[[], None] | None) -> None:
        """Name the function that ends the search in work (``None`` when it is over); called once where it is time."""
        with self._lock:
            self._end = end
            if end is not None and self.flag[0]:
                end()

    def __enter__(self) -> Stop:
        self._thread = threading.Thread(target=self._watch, name="stop", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_POLL_SECONDS):
            if self():
                with self._lock:
                    self.flag[0] = True
                    if self._end is not None:
                        self._end()
                return
