"""Reduced costs of the columns in the pool: what bounds a stage over a complete set, and what can be dropped.

Where every column that matters is in the pool, pricing is a look through the pool. Against the best plan known, reduced
costs tell which columns no solution as good can use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column import Column
from optimizer.master.relaxation import Duals, Relaxation, sign
from optimizer.master.rows import Rows
from optimizer.model import Stage
from optimizer.routing.classes import DutyClass

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """Bound (minimised form) and reduced costs of ``columns``; ``exact`` and ``costs`` in units of ``1 / scale``."""

    exact: int
    scale: int
    columns: tuple[Column, ...]
    costs: Ints

    @property
    def bound(self) -> int:
        """The bound rounded up to a whole number of the stage's unit."""
        return -(-self.exact // self.scale)

    def within(self, value: int) -> tuple[Column, ...]:
        """Return the columns that a solution of ``value`` (minimised form) or better may use."""
        slack = value * self.scale - self.exact
        return tuple(column for column, cost in zip(self.columns, self.costs.tolist(), strict=True) if cost <= slack)


def reduced_costs(rows: Rows, columns: Sequence[Column], stage: Stage, duals: Duals) -> Ints:
    """Return the reduced cost of each column, in units of ``1 / duals.scale``."""
    prices = duals.rows.tolist()
    costs = np.empty(len(columns), dtype=np.int64)
    for position, column in enumerate(columns):
        cost = column.value(stage) * duals.scale
        cost -= sum(value * prices[row] for row, value in rows.entries(column).items())
        cost -= sum(sign(earlier) * column.value(earlier) * dual for earlier, dual in duals.fixed.items())
        costs[position] = cost
    return costs


def reduce_columns(
    rows: Rows, classes: tuple[DutyClass, ...], columns: tuple[Column, ...], stage: Stage, fixed: dict[Stage, int]
) -> Reduced | None:
    """Solve the relaxation of ``stage`` over ``columns``, a complete set; ``None`` where it has no solution."""
    relaxation = Relaxation(rows, stage, fixed)
    for column in columns:
        relaxation.add(column)
    duals = relaxation.solve()
    if duals is None:
        return None
    costs = reduced_costs(rows, columns, stage, duals)
    least = {duty_class.number: 0 for duty_class in classes}
    for column, cost in zip(columns, costs.tolist(), strict=True):
        least[column.duty_class] = min(least[column.duty_class], cost)
    counts = {duty_class.number: (1 if duty_class.promises else 0, duty_class.count) for duty_class in classes}
    return Reduced(exact=relaxation.exact(duals, least, counts), scale=duals.scale, columns=columns, costs=costs)
