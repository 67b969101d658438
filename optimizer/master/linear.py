"""A linear programme that grows and is solved again and again (HiGHS, dual simplex from the last basis).

Everything here is floating point: it finds, it proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

INFINITE = highspy.kHighsInf
_SOLVED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown)


class LinearProgramme:
    """Minimises over rows and columns that are told by number, in the order in which they were added."""

    def __init__(self, *, seed: int = 0) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("parallel", "off")
        self._highs.setOptionValue("random_seed", seed)
        # The programme changes by a few columns or bounds: presolve would throw the basis away.
        self._highs.setOptionValue("presolve", "off")
        self.columns = 0
        self.rows = 0

    def add_row(self, lower: float, upper: float, entries: Mapping[int, float] | None = None) -> int:
        """Append a row with its coefficients by column; return its number."""
        at, values = _sparse(entries)
        self._highs.addRow(lower, upper, len(at), at, values)
        self.rows += 1
        return self.rows - 1

    def add_column(self, cost: float, lower: float, upper: float, entries: Mapping[int, float]) -> int:
        """Append a column with its coefficients by row; return its number."""
        at, values = _sparse(entries)
        self._highs.addCol(cost, lower, upper, len(at), at, values)
        self.columns += 1
        return self.columns - 1

    def set_bounds(self, column: int, lower: float, upper: float) -> None:
        """Change a column's bounds."""
        self._highs.changeColBounds(column, lower, upper)

    def set_cost(self, column: int, cost: float) -> None:
        """Change a column's cost."""
        self._highs.changeColCost(column, cost)

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient."""
        self._highs.changeCoeff(row, column, value)

    def solve(self) -> tuple[float, Floats, Floats] | None:
        """Return value, values of the columns and duals of the rows; ``None`` where there is no solution."""
        self._highs.run()
        if self._highs.getModelStatus() not in _SOLVED:
            # A basis that led astray: once more from none.
            self._highs.clearSolver()
            self._highs.run()
            if self._highs.getModelStatus() not in _SOLVED:
                return None
        solution = self._highs.getSolution()
        if not solution.dual_valid:
            return None
        value = float(self._highs.getObjectiveValue())
        return value, np.asarray(solution.col_value), np.asarray(solution.row_dual)


def _sparse(entries: Mapping[int, float] | None) -> tuple[NDArray[np.int32], Floats]:
    if not entries:
        return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float64)
    return np.fromiter(entries, dtype=np.int32, count=len(entries)), np.fromiter(
        entries.values(), dtype=np.float64, count=len(entries)
    )
