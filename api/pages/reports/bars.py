"""Bar charts: what a template draws of figures; the table beside it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LABEL, VALUE, ROW = 640, 190, 90, 28
"""Units of the drawing: all, for the name before a bar, for the figure behind it; height of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar; ``value`` ``None``: the figure is withheld."""

    name: str
    value: float | None
    y: int
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars under one title."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def height(self) -> int:
        """Height of the drawing."""
        return ROW * len(self.bars)


def chart(title: str, figures: Sequence[tuple[str, float | None]]) -> Chart:
    """Return the bars of figures, the longest as wide as there is room."""
    most = max((value for _, value in figures if value), default=0)
    room = WIDTH - LABEL - VALUE
    return Chart(
        title=title,
        bars=tuple(
            Bar(name=name, value=value, y=number * ROW, width=round(room * (value or 0) / most, 1) if most else 0)
            for number, (name, value) in enumerate(figures)
        ),
    )
