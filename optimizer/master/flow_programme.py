"""Binary programmes of the fragment-flow road: relaxed by GLOP, bounded and settled in exact integers.

A programme is sparse arrays, nothing else; what its columns mean is known to ``search``. The relaxation only *finds*
multipliers. Rounded to whole multiples of ``1 / scale`` they give a Lagrangian bound and reduced costs in integers,
whatever the solver's tolerance was (as ``master.relaxation`` does for columns that are tours).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder_helper
from scipy.sparse import csr_array, csr_matrix

from optimizer.master.rows import UNBOUNDED

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Sparse: TypeAlias = "csr_array[np.int64, tuple[int, int]]"
Ending = Callable[[Callable[[], None] | None], None]
"""Handed a function that ends a search from another thread; ``None`` when the search is over."""

_SIZE = 1_000_000
"""Units in which GLOP sees costs: coefficients of a billion beside ones make it imprecise."""
_LARGEST_DUAL = 1 << 52
"""Beyond this, sums over a column could leave 64 bits; no multiplier of a sane programme comes near."""
_SIFT = 1_000
"""Columns that are brought into a sifted relaxation at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """Minimise ``cost · x`` over binary ``x`` with ``lower <= rows @ x <= upper``.

    Parameters
    ----------
    cost
        ``(n,)``, 0 or more.
    rows
        ``(m, n)`` whole coefficients.
    lower, upper
        ``(m,)``; beyond ``UNBOUNDED`` a side is open.
    """

    cost: Ints
    rows: Sparse
    lower: Ints
    upper: Ints

    def __len__(self) -> int:
        return len(self.cost)

    def restricted(self, kept: Ints) -> Programme:
        """Return the programme of the columns at positions ``kept`` only."""
        return replace(self, cost=self.cost[kept], rows=self.rows[:, kept])

    def value(self, chosen: Bools) -> int | None:
        """Return the cost of a choice, ``None`` where it breaks a row."""
        activity = self.rows @ chosen.astype(np.int64)
        kept = bool(np.all((activity >= self.lower) & (activity <= self.upper)))
        return int(self.cost[chosen].sum()) if kept else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxed:
    """An optimum of the relaxation, and what its multipliers prove.

    Parameters
    ----------
    value
        Floating-point optimum; a guide, no bound.
    x
        ``(n,)`` floating-point solution.
    exact
        No binary solution costs less than ``exact / scale``.
    reduced
        ``(n,)``: one that uses column ``j`` costs no less than ``(exact + reduced[j]) / scale``.
    """

    value: float
    x: Floats
    exact: int
    scale: int
    reduced: Ints

    @property
    def bound(self) -> int:
        """The bound rounded up to a whole cost."""
        return -(-self.exact // self.scale)

    def within(self, value: int) -> Bools:
        """Return the columns that a solution of cost ``value`` or less may use."""
        return np.asarray(self.reduced <= value * self.scale - self.exact, dtype=np.bool_)


def relax(programme: Programme, *, ending: Ending, core: Bools | None = None) -> Relaxed | None:
    """Solve the linear relaxation; ``None`` where it has no solution, or was ended.

    Parameters
    ----------
    core
        Columns to begin with where there are many: others join as their reduced cost asks for it. It should allow a
        solution.
    """
    by_column = programme.rows.T.tocsr()
    active = np.ones(len(programme), dtype=np.bool_) if core is None else core.copy()
    while True:
        at = np.nonzero(active)[0]
        solved = _glop(programme, at, by_column, ending)
        if solved is None and active.all():
            return None
        if solved is None:
            active[:] = True
            continue
        value, part, duals = solved
        if not active.all():
            prices = programme.cost / _SIZE - by_column @ duals
            prices[active] = 0.0
            wanted = np.argsort(prices, kind="stable")[:_SIFT]
            wanted = wanted[prices[wanted] < -1e-7]
            active[wanted] = True
            if len(wanted):
                continue
        x = np.zeros(len(programme))
        x[at] = part
        return _proven(programme, value, x, duals, by_column)


def _glop(programme: Programme, at: Ints, by_column: Sparse, ending: Ending) -> tuple[float, Floats, Floats] | None:
    """Return (value, primal, duals) of the relaxation over the columns ``at``."""
    # The stubs of ortools want an array type that numpy does not have.
    model: Any = model_builder_helper.ModelBuilderHelper()
    n = len(at)
    model.fill_model_from_sparse_data(
        np.zeros(n),
        np.full(n, np.inf),
        programme.cost[at] / _SIZE,
        np.where(programme.lower <= -UNBOUNDED, -np.inf, programme.lower),
        np.where(programme.upper >= UNBOUNDED, np.inf, programme.upper),
        csr_matrix(by_column[at].T, dtype=np.float64),
    )
    solver = model_builder_helper.ModelSolverHelper("glop")

    def end() -> None:
        solver.interrupt_solve()

    ending(end)
    solver.solve(model)
    ending(None)
    if solver.status() != model_builder_helper.SolveStatus.OPTIMAL:
        return None
    value = float(solver.objective_value())
    return value * _SIZE, np.asarray(solver.variable_values()), np.asarray(solver.dual_values())


def _proven(programme: Programme, value: float, x: Floats, duals: Floats, by_column: Sparse) -> Relaxed | None:
    """Round the multipliers and work out in integers what they prove."""
    scale = 1 << max(4, 40 - int(programme.cost.max(initial=1)).bit_length())
    whole = np.rint(duals * (scale * _SIZE))
    if len(whole) and np.abs(whole).max() > _LARGEST_DUAL:
        return None
    prices = whole.astype(np.int64)
    # On an open side the wrong sign would be no bound.
    prices[(prices > 0) & (programme.lower <= -UNBOUNDED)] = 0
    prices[(prices < 0) & (programme.upper >= UNBOUNDED)] = 0
    reduced = programme.cost * scale - by_column @ prices
    exact = sum(
        price * (lower if price > 0 else upper)
        for price, lower, upper in zip(prices.tolist(), programme.lower.tolist(), programme.upper.tolist(), strict=True)
    )
    exact += sum(np.minimum(reduced, 0).tolist())
    return Relaxed(value=value, x=x, exact=exact, scale=scale, reduced=reduced)
