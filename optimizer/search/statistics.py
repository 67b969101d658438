"""Figures of a run: seconds by phase, counts, seed, versions."""

from __future__ import annotations

import platform
import time
from functools import cache
from importlib import metadata

from optimizer.model import Stage
from optimizer.params import SolveParams
from optimizer.search.observer import Observer


class Statistics:
    """Collects figures; passes what it is told on to the observer, whose phases it times."""

    def __init__(self, params: SolveParams, observer: Observer) -> None:
        self._observer = observer
        self._begun = time.perf_counter()
        self._seconds: dict[str, float] = {}
        self._phase: tuple[str, float] | None = None
        self._figures: dict[str, object] = {"seed": params.seed, "workers": params.workers}

    def phase(self, name: str) -> None:
        """End the phase in work and begin another."""
        self._end()
        self._phase = (name, time.perf_counter())
        self._observer.phase(name)

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Pass on."""
        self._observer.progress(text, value=value, bound=bound)

    def first(self, stage: Stage, values: tuple[int, ...] | None) -> None:
        """Tell of the first plan."""
        if values is not None:
            self._observer.progress("first plan", value=-values[0] if stage.is_maximised else values[0])

    def count(self, **figures: int) -> None:
        """Keep figures by name."""
        self._figures.update(figures)

    def told(self) -> dict[str, object]:
        """Return everything collected; ends the phase in work."""
        self._end()
        seconds = {name: round(value, 3) for name, value in self._seconds.items()}
        seconds["total"] = round(time.perf_counter() - self._begun, 3)
        return {**self._figures, "seconds": seconds, "versions": dict(_versions())}

    def _end(self) -> None:
        if self._phase is not None:
            name, begun = self._phase
            self._seconds[name] = self._seconds.get(name, 0.0) + time.perf_counter() - begun
            self._phase = None


@cache
def _versions() -> dict[str, str]:
    """Return the versions in use: read once, since each reading takes milliseconds."""
    names = ("ortools", "numba", "numpy", "scipy")
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}
