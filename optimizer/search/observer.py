"""Who watches a run. The default watches nothing, so that the loops need no ``if``."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Told what a run does; must return quickly and never raise."""

    def phase(self, name: str) -> None:
        """Told that a phase begins: fragments, construction, stage ..., gap ..., check, reasons."""
        ...

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Told of a step within the phase; ``value`` and ``bound`` are those of the stage in work, where known."""
        ...


class SilentObserver:
    """Watches nothing."""

    def phase(self, name: str) -> None:
        """Ignore it."""

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Ignore it."""
