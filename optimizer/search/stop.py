"""When a run has to end: a limit on the clock, a wish to cancel."""

from __future__ import annotations

import time
from collections.abc import Callable


class Stop:
    """Clock and cancel wish of one run; asked at every step of every loop.

    Parameters
    ----------
    time_limit
        Wall-clock seconds from construction (``None``: no limit).
    is_cancelled
        Asked often; must be quick and safe to call from another thread.
    """

    def __init__(self, time_limit: float | None = None, is_cancelled: Callable[[], bool] = lambda: False) -> None:
        self._start = time.perf_counter()
        self._limit = time_limit
        self._is_cancelled = is_cancelled

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._start

    @property
    def remaining(self) -> float:
        """Seconds left; infinite without a limit, 0 when cancelled."""
        if self._is_cancelled():
            return 0.0
        if self._limit is None:
            return float("inf")
        return max(0.0, self._limit - self.elapsed)

    def __call__(self) -> bool:
        """Whether to stop now."""
        return self.remaining <= 0.0
