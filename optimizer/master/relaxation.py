"""The linear relaxation of one stage over the columns found so far (GLOP), and bounds that hold over all columns.

Whatever the solver's floating-point duals are, rounding them to whole multiples of ``1 / scale`` gives numbers with
which a Lagrangian bound is computed in exact integers; so a bound never rests on a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt.python import mathopt

from optimizer.master.column import Column
from optimizer.master.rows import UNBOUNDED, Rows
from optimizer.model import Stage

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duals:
    """Integer duals, in units of ``1 / scale`` of the stage's own unit (minimised form).

    ``rows`` by row; ``fixed`` by fixed earlier stage. ``value`` is the relaxation's floating-point optimum.
    """

    scale: int
    rows: Ints
    fixed: dict[Stage, int]
    value: float


def sign(stage: Stage) -> int:
    """Return -1 for a stage that is maximised: every stage is minimised inside."""
    return -1 if stage.is_maximised else 1


_SOLVED = (mathopt.TerminationReason.OPTIMAL, mathopt.TerminationReason.IMPRECISE)


_SIZE = {
    Stage.PINNED: 1,
    Stage.SERVED: 1,
    Stage.CUSTODY: 100,
    Stage.NIGHT: 100,
    Stage.FAIR_LOAD: 1000,
    Stage.CHANGES: 1,
    Stage.COST: 1_000_000,
}
"""Units in which GLOP sees a stage: coefficients of a billion beside ones make it imprecise."""


class Relaxation:
    """The relaxation of ``stage`` given values of the stages before it."""

    def __init__(self, rows: Rows, stage: Stage, fixed: dict[Stage, int]) -> None:
        self._rows = rows
        self.stage = stage
        self.fixed = fixed
        self._model = mathopt.Model(name=stage.value)
        inf = float("inf")
        self._linear = [
            self._model.add_linear_constraint(
                lb=-inf if row.lower <= -UNBOUNDED else row.lower, ub=inf if row.upper >= UNBOUNDED else row.upper
            )
            for row in rows.rows
        ]
        # A hair of room, lest a tight value look infeasible to floating point; ``exact`` charges the true value.
        self._stages = {
            earlier: self._model.add_linear_constraint(
                ub=(sign(earlier) * (value - rows.constant.get(earlier, 0)) + 1e-6 * max(1, abs(value)))
                / _SIZE[earlier]
            )
            for earlier, value in fixed.items()
        }
        self._model.objective.is_maximize = False
        self._columns: dict[int, mathopt.Variable] = {}
        largest = 1
        for auxiliary in rows.auxiliaries:
            variable = self._model.add_variable(lb=0.0, ub=1.0)
            for row, value in auxiliary.entries.items():
                self._linear[row].set_coefficient(variable, value)
            for earlier, linear in self._stages.items():
                if auxiliary.worth.get(earlier):
                    linear.set_coefficient(variable, sign(earlier) * auxiliary.worth[earlier] / _SIZE[earlier])
            worth = auxiliary.worth.get(stage, 0)
            largest = max(largest, abs(worth))
            self._model.objective.set_linear_coefficient(variable, sign(stage) * worth / _SIZE[stage])
        self._largest = largest
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    def add(self, column: Column) -> None:
        """Take a column in, or take over the better figures of one that is known."""
        variable = self._columns.get(column.number)
        if variable is None:
            variable = self._model.add_variable(lb=0.0)
            self._columns[column.number] = variable
            for row, value in self._rows.entries(column).items():
                self._linear[row].set_coefficient(variable, value)
        for earlier, linear in self._stages.items():
            value = column.value(earlier)
            if value or earlier in (Stage.CUSTODY, Stage.NIGHT, Stage.COST):
                linear.set_coefficient(variable, value / _SIZE[earlier])
        worth = column.value(self.stage)
        self._largest = max(self._largest, abs(worth))
        self._model.objective.set_linear_coefficient(variable, worth / _SIZE[self.stage])

    def remove(self, column: int) -> None:
        """Take a column out for good (it is in no solution better than the best known)."""
        self._columns[column].upper_bound = 0.0

    def solve(self) -> Duals | None:
        """Solve; ``None`` where the columns so far allow no solution at all."""
        answer = self._solver.solve()
        if answer.termination.reason not in _SOLVED or not answer.has_dual_feasible_solution():
            return None
        # Large enough that rounding costs nothing, small enough that sums stay far inside 64 bits.
        scale = 1 << max(4, 40 - int(self._largest).bit_length())
        duals = answer.dual_values()
        unit = scale * _SIZE[self.stage]
        return Duals(
            scale=scale,
            rows=np.array([round(duals[linear] * unit) for linear in self._linear], dtype=np.int64),
            fixed={
                earlier: min(0, round(duals[linear] * unit / _SIZE[earlier]))
                for earlier, linear in self._stages.items()
            },
            value=answer.objective_value() * _SIZE[self.stage]
            + sign(self.stage) * self._rows.constant.get(self.stage, 0),
        )

    def lagrangian(self, duals: Duals, least: dict[int, int], counts: dict[int, tuple[int, int]]) -> int:
        """Return the bound of ``exact`` rounded up to a whole number of the stage's unit."""
        return -(-self.exact(duals, least, counts) // duals.scale)

    def exact(self, duals: Duals, least: dict[int, int], counts: dict[int, tuple[int, int]]) -> int:
        """Return a bound on the stage (minimised form, in units of ``1 / scale``) that holds over all columns.

        Parameters
        ----------
        least
            For each class a number that no column's reduced cost undercuts, in units of ``1 / scale``.
        counts
            For each class (fewest, most) columns that a solution uses.
        """
        total = sign(self.stage) * self._rows.constant.get(self.stage, 0) * duals.scale
        for row, dual in zip(self._rows.rows, duals.rows.tolist(), strict=True):
            # The least of dual * activity over the row's interval; a wrong sign on an open side would be no bound.
            if dual > 0:
                total += dual * row.lower
            elif dual < 0:
                total += dual * row.upper
        for earlier, dual in duals.fixed.items():
            total += dual * sign(earlier) * (self.fixed[earlier] - self._rows.constant.get(earlier, 0))
        for auxiliary in self._rows.auxiliaries:
            reduced = sign(self.stage) * auxiliary.worth.get(self.stage, 0) * duals.scale
            reduced -= sum(value * int(duals.rows[row]) for row, value in auxiliary.entries.items())
            reduced -= sum(
                sign(earlier) * auxiliary.worth.get(earlier, 0) * dual for earlier, dual in duals.fixed.items()
            )
            total += min(0, reduced)
        for number, (fewest, most) in counts.items():
            worst = least[number]
            total += fewest * worst if worst > 0 else most * worst
        return total
