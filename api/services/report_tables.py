"""Tables of a report: rows, columns and cells, and which cells others than the authorities may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.suppression import Cell, Key, Sum, withheld

ALL = "total"
"""Group that has everybody: the last row or column."""
_NOTHING = Cell(value=0, size=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; ``cells`` by row and column, ``None`` where the cell is withheld."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], float | int | None]


class Book:
    """Figures by measure, code, dimension and group, with all sums among them.

    A figure stands once, in however many tables it is shown: so that what one withholds no other tells.
    """

    def __init__(self) -> None:
        self._cells: dict[Key, Cell] = {}
        self._sums: list[Sum] = []
        self.kept: frozenset[Key] = frozenset()
        self.codes: dict[str, tuple[str, ...]] = {}
        """Codes of each cause, in their order."""

    def put(self, key: Key, cell: Cell) -> None:
        """Enter a figure."""
        self._cells[key] = cell

    def add_sum(self, whole: Key, parts: Sequence[Key]) -> None:
        """Say that a figure is the sum of others."""
        self._sums.append(Sum(whole=whole, parts=tuple(parts)))

    def cell(self, key: Key) -> Cell:
        """Return a figure with its cases, 0 of 0 where there is none."""
        return self._cells.get(key, _NOTHING)

    def value(self, key: Key) -> int:
        """Return a figure, 0 where there is none."""
        return self.cell(key).value

    def withhold(self, least: int) -> None:
        """Withhold what others must not see."""
        self.kept = withheld(self._cells, self._sums, least)

    def shown(self, key: Key) -> int | None:
        """Return a figure as a table shows it: ``None`` where it is withheld."""
        return None if key in self.kept else self.value(key)


def key(measure: str, dimension: str, group: str, code: str = "") -> Key:
    """Return the name of a figure; the total of all groups is one, whatever the dimension."""
    return (measure, code, "", ALL) if group == ALL else (measure, code, dimension, group)
