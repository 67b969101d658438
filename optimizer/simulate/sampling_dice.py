"""Random draws that stay the same from version to version: everything comes from one stream of uniform numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

from optimizer.errors import InvalidValue

T = TypeVar("T")


class Table(Generic[T]):
    """Outcomes with weights (any positive scale)."""

    def __init__(self, weighted: Iterable[tuple[T, float]]) -> None:
        kept = [(value, weight) for value, weight in weighted if weight > 0]
        if not kept:
            raise InvalidValue("Table", "at least one outcome of positive weight", "none")
        self.values: tuple[T, ...] = tuple(value for value, _ in kept)
        sums = list(accumulate(weight for _, weight in kept))
        self._sums = [value / sums[-1] for value in sums[:-1]]

    def at(self, uniform: float) -> T:
        """Return the outcome at a number of ``[0, 1)``."""
        return self.values[bisect_right(self._sums, uniform)]


class Dice:
    """Draws from ``PCG64(seed, stream)``; draws of one stream never change those of another.

    Only ``Generator.random`` is used: NumPy keeps that stream, but not the one behind ``choice`` or ``integers``.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream])))
        self._ready: list[float] = []

    def uniform(self) -> float:
        """Return a number of ``[0, 1)``."""
        if not self._ready:
            self._ready = self._generator.random(1024).tolist()
        return self._ready.pop()

    def chance(self, probability: float) -> bool:
        """Return ``True`` with this probability."""
        return self.uniform() < probability

    def between(self, least: int, most: int, step: int = 1) -> int:
        """Return one of ``least, least + step, ...``, at most ``most``, all alike."""
        return least + step * int(self.uniform() * ((most - least) // step + 1))

    def pick(self, table: Table[T]) -> T:
        """Return an outcome of a table."""
        return table.at(self.uniform())

    def one_of(self, values: Sequence[T]) -> T:
        """Return one of the values, all alike."""
        return values[int(self.uniform() * len(values))]

    def shuffled(self, values: Iterable[T]) -> list[T]:
        """Return the values in random order."""
        return [value for _, _, value in sorted((self.uniform(), i, value) for i, value in enumerate(values))]
