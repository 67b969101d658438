"""Columns: tours that a duty class can make, with what each is worth in every stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model import InstanceIndex, RequestId, Stage
from optimizer.routing.classes import DutyClass
from optimizer.routing.pricing import Found
from optimizer.routing.schedule import Scheduler

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A tour of one class.

    ``requests`` are the pool requests (rows of ``Rides.ids``), ``chain`` and ``gaps`` what the scheduler needs.
    ``custody``, ``night`` (seconds), ``cost`` (micro-euros) and ``kept`` (assignments of the published plan that it
    keeps) are exact.
    """

    number: int
    duty_class: int
    requests: tuple[int, ...]
    chain: tuple[int, ...]
    gaps: tuple[int, ...]
    custody: int
    night: int
    cost: int
    kept: int

    def value(self, stage: Stage) -> int:
        """Return the column's own part of a minimised stage (0 where the stage is not a sum over columns)."""
        match stage:
            case Stage.CUSTODY:
                return self.custody
            case Stage.NIGHT:
                return self.night
            case Stage.COST:
                return self.cost
            case Stage.CHANGES:
                return -self.kept
            case _:
                return 0


class ColumnPool:
    """All columns found so far: for each class and set of requests the best.

    Numbers are stable; a better tour for a known set replaces the old one under its number.
    """

    def __init__(
        self, index: InstanceIndex, classes: tuple[DutyClass, ...], scheduler: Scheduler, ids: tuple[RequestId, ...]
    ) -> None:
        self._index = index
        self._classes = classes
        self._scheduler = scheduler
        self._ranked = tuple(s for s in (Stage.CUSTODY, Stage.NIGHT, Stage.COST) if s in index.instance.stages)
        self._known: dict[tuple[int, bytes], int] = {}
        self._kept: dict[int, frozenset[int]] = {}
        row = {request: number for number, request in enumerate(ids)}
        for duty_class in classes:
            pool = (a for a in index.instance.published if a.request not in index.committed_duty)
            wanted = {a.request for a in pool if a.duty in duty_class.duties}
            self._kept[duty_class.number] = frozenset(row[request] for request in wanted)
        self.columns: list[Column] = []

    def __len__(self) -> int:
        return len(self.columns)

    def add(self, duty_class: DutyClass, found: Found, chosen: Ints | None = None) -> list[int]:
        """Add tours that pricing found (those at positions ``chosen``); return the numbers of new or better columns."""
        touched: list[int] = []
        for t in range(len(found.chains)) if chosen is None else (int(x) for x in chosen):
            key = (duty_class.number, found.sets[t].tobytes())
            known = self._known.get(key)
            custody, night, dark, metres, span = (int(x) for x in found.figures[t])
            cost = metres * duty_class.rate_per_metre + span * duty_class.rate_per_second
            if known is not None and self._rank(self.columns[known]) <= self._figures(custody, night, cost):
                continue  # The figures are lower bounds where a night is touched: not better even at its best.
            if dark:
                times = self._scheduler.times(duty_class, found.chains[t].tolist(), found.gaps[t].tolist())
                if times is None:
                    continue
                night = times.night
                cost = metres * duty_class.rate_per_metre + times.span * duty_class.rate_per_second
                if known is not None and self._rank(self.columns[known]) <= self._figures(custody, night, cost):
                    continue
            requests = _members(found.sets[t])
            number = len(self.columns) if known is None else known
            column = Column(
                number=number,
                duty_class=duty_class.number,
                requests=requests,
                chain=tuple(found.chains[t].tolist()),
                gaps=tuple(found.gaps[t].tolist()),
                custody=custody,
                night=night,
                cost=cost,
                kept=len(self._kept[duty_class.number].intersection(requests)),
            )
            if known is None:
                self._known[key] = number
                self.columns.append(column)
            else:
                self.columns[known] = column
            touched.append(number)
        return touched

    def find(self, duty_class: DutyClass, requests: NDArray[np.uint64]) -> Column | None:
        """Return the best known column of a class for a set of requests."""
        number = self._known.get((duty_class.number, requests.tobytes()))
        return None if number is None else self.columns[number]

    def _figures(self, custody: int, night: int, cost: int) -> tuple[int, ...]:
        """What decides between two tours of the same class and requests: the stages in which they can differ."""
        figures = {Stage.CUSTODY: custody, Stage.NIGHT: night, Stage.COST: cost}
        return tuple(figures[stage] for stage in self._ranked)

    def _rank(self, column: Column) -> tuple[int, ...]:
        return self._figures(column.custody, column.night, column.cost)


def _members(words: NDArray[np.uint64]) -> tuple[int, ...]:
    """Return the set bits of a request set."""
    members = []
    for number, word in enumerate(words.tolist()):
        left = word
        while left:
            low = left & -left
            members.append(64 * number + low.bit_length() - 1)
            left ^= low
    return tuple(members)
