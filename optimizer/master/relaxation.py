"""The linear relaxation of one stage over the columns found so far, and bounds that hold over all columns.

Whatever the solver's floating-point duals are, rounding them to whole multiples of ``1 / scale`` gives numbers with
which a Lagrangian bound is computed in exact integers; so a bound never rests on a tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.master.column import Column
from optimizer.master.cuts import Cut, CutIndex, separate
from optimizer.master.linear import INFINITE, LinearProgramme
from optimizer.master.rows import UNBOUNDED, Rows
from optimizer.model import Stage

Ints = NDArray[np.int64]

_NOTHING: Mapping[int, int] = MappingProxyType({})
_GREATEST = 1 << 52
"""Duals beyond it are cut there, so that sums of them stay inside 64 bits: another multiplier, no less valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duals:
    """Integer duals, in units of ``1 / scale`` of the stage's own unit (minimised form).

    ``rows`` by row; ``fixed`` by fixed earlier stage; ``cuts`` with what breaking them saves (more than 0).
    ``value`` is the relaxation's floating-point optimum.
    """

    scale: int
    rows: Ints
    fixed: dict[Stage, int]
    cuts: tuple[tuple[Cut, int], ...]
    value: float


def sign(stage: Stage) -> int:
    """Return -1 for a stage that is maximised: every stage is minimised inside."""
    return -1 if stage.is_maximised else 1


SIZE = {
    Stage.PINNED: 1,
    Stage.SERVED: 1,
    Stage.CUSTODY: 100,
    Stage.NIGHT: 100,
    Stage.FAIR_LOAD: 1000,
    Stage.CHANGES: 1,
    Stage.COST: 1_000_000,
}
"""Units in which the solver sees a stage: coefficients of a billion beside ones make it imprecise."""
_MISSED = 1e-6
_OWN = (Stage.CUSTODY, Stage.NIGHT, Stage.COST)
"""Stages in which better figures of a known column may differ."""


class Relaxation:
    """The relaxation of ``stage`` given values of the stages before it.

    With ``elastic`` whatever must be reached may be missed at that price (in the stage's unit) for each unit: there
    is always a solution then, and where the price is paid the bound tells that there is none without. The bounds of
    ``exact`` are of the problem that misses nothing.
    """

    def __init__(self, rows: Rows, stage: Stage, fixed: dict[Stage, int], *, elastic: int | None = None) -> None:
        self._rows = rows
        self.stage = stage
        self.fixed = fixed
        self._programme = LinearProgramme()
        for row in rows.rows:
            self._programme.add_row(
                -INFINITE if row.lower <= -UNBOUNDED else row.lower, INFINITE if row.upper >= UNBOUNDED else row.upper
            )
        # A hair of room, lest a tight value look infeasible to floating point; ``exact`` charges the true value.
        self._stages = {
            earlier: self._programme.add_row(
                -INFINITE,
                (sign(earlier) * (value - rows.constant.get(earlier, 0)) + 1e-6 * max(1, abs(value))) / SIZE[earlier],
            )
            for earlier, value in fixed.items()
        }
        self._cuts: dict[Cut, int] = {}
        self._cut_rows: list[int] = []
        self._cut_index = CutIndex()
        self._columns: dict[int, int] = {}
        self._members: list[Column] = []
        self._first = 0
        self._values = np.empty(0)
        self._largest = 1
        self._auxiliaries = [self._auxiliary(number) for number in range(len(rows.auxiliaries))]
        self._loose: list[int] = []
        self._price = 0.0 if elastic is None else elastic / SIZE[stage]
        if elastic is not None:
            self._loosen()
        self._first = self._programme.columns
        self._lower = np.array([row.lower for row in rows.rows], dtype=np.int64)
        self._upper = np.array([row.upper for row in rows.rows], dtype=np.int64)
        # The auxiliaries' worth in each stage (minimised form) and their coefficients in the rows.
        self._worth = {
            of: np.array([sign(of) * auxiliary.worth.get(of, 0) for auxiliary in rows.auxiliaries], dtype=np.int64)
            for of in (stage, *fixed)
        }
        standing = [(n, row, v) for n, auxiliary in enumerate(rows.auxiliaries) for row, v in auxiliary.entries.items()]
        at = np.array([(n, row) for n, row, _ in standing], dtype=np.int64).reshape(-1, 2)
        self._standing = sparse.csr_array(
            (np.array([v for _, _, v in standing], dtype=np.int64), (at[:, 0], at[:, 1])),
            shape=(len(rows.auxiliaries), len(rows.rows)),
        )

    def _auxiliary(self, number: int) -> int:
        auxiliary = self._rows.auxiliaries[number]
        entries: dict[int, float] = {row: float(value) for row, value in auxiliary.entries.items()}
        for earlier, row in self._stages.items():
            if auxiliary.worth.get(earlier):
                entries[row] = sign(earlier) * auxiliary.worth[earlier] / SIZE[earlier]
        worth = auxiliary.worth.get(self.stage, 0)
        self._largest = max(self._largest, abs(worth))
        return self._programme.add_column(sign(self.stage) * worth / SIZE[self.stage], 0.0, 1.0, entries)

    def _loosen(self) -> None:
        """Let what must be reached be missed: tours of promises, units that are to be served, earlier stages."""
        missed = [{n: 1.0} for n, row in enumerate(self._rows.rows) if row.lower > 0 or row.lower == row.upper]
        missed += [{row: -1.0} for row in self._stages.values()]
        self._loose = [self._programme.add_column(self._price, 0.0, INFINITE, entries) for entries in missed]

    @property
    def misses(self) -> bool:
        """Whether the last solution misses something that must be reached."""
        return bool((self._values[self._loose] > _MISSED).any()) if self._loose else False

    def raise_price(self, factor: float) -> None:
        """Make missing what must be reached dearer from now on."""
        self._price *= factor
        for column in self._loose:
            self._programme.set_cost(column, self._price)

    def add(self, column: Column) -> None:
        """Take a column in, or take over the better figures of one that is known."""
        worth = column.value(self.stage)
        self._largest = max(self._largest, abs(worth))
        stages = {row: column.value(earlier) / SIZE[earlier] for earlier, row in self._stages.items()}
        known = self._columns.get(column.number)
        if known is None:
            entries: dict[int, float] = dict(self._rows.entries(column))
            for position in self._cut_index.of(column.requests):
                entries[self._cut_rows[position]] = 1.0
            entries.update((row, value) for row, value in stages.items() if value)
            self._columns[column.number] = self._programme.add_column(worth / SIZE[self.stage], 0.0, INFINITE, entries)
            self._members.append(column)
            return
        self._members[known - self._first] = column
        for earlier, row in self._stages.items():
            if earlier in _OWN:
                self._programme.set_coefficient(row, known, stages[row])
        self._programme.set_cost(known, worth / SIZE[self.stage])

    def forbid(self, number: int, *, is_forbidden: bool = True) -> None:
        """Keep a column out, or let it in again."""
        self._programme.set_bounds(self._columns[number], 0.0, 0.0 if is_forbidden else INFINITE)

    def settle(self, auxiliary: int, value: int | None) -> None:
        """Fix an auxiliary to 0 or 1, or leave it open again (``None``)."""
        lower, upper = (0.0, 1.0) if value is None else (float(value), float(value))
        self._programme.set_bounds(self._auxiliaries[auxiliary], lower, upper)

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The cuts taken in so far."""
        return tuple(self._cuts)

    def add_cut(self, cut: Cut) -> None:
        """Take a cut in."""
        if cut in self._cuts:
            return
        standing = {self._columns[column.number]: 1.0 for column in self._members if cut.coefficient(column.requests)}
        row = self._programme.add_row(-INFINITE, 1.0, standing)
        self._cuts[cut] = row
        self._cut_rows.append(row)
        self._cut_index.add(cut)

    def taken(self, least: float = 1e-6) -> list[tuple[Column, float]]:
        """Return the columns that the last solution takes more than ``least`` of, and how much."""
        values = self._values[self._first :]
        return [(self._members[at], float(values[at])) for at in np.nonzero(values > least)[0].tolist()]

    def broken_cuts(self, most: int) -> list[Cut]:
        """Return cuts that the last solution breaks."""
        taken = self.taken()
        values = np.array([value for _, value in taken])
        found = separate([column for column, _ in taken], values, most=most)
        return [cut for cut in found if cut not in self._cuts]

    def solve(self) -> Duals | None:
        """Solve; ``None`` where the columns so far allow no solution at all."""
        answer = self._programme.solve()
        if answer is None:
            return None
        value, self._values, duals = answer
        # Large enough that rounding costs nothing, small enough that sums stay far inside 64 bits.
        scale = 1 << max(4, 40 - int(self._largest).bit_length())
        whole = np.clip(np.rint(duals * (scale * SIZE[self.stage])), -_GREATEST, _GREATEST).astype(np.int64)
        fixed = {}
        for earlier, row in self._stages.items():
            greatest = (_GREATEST << 8) // max(1, abs(self.fixed[earlier]))
            fixed[earlier] = min(0, max(-greatest, int(whole[row] // SIZE[earlier])))
        return Duals(
            scale=scale,
            rows=whole[: len(self._rows.rows)],
            fixed=fixed,
            cuts=tuple((cut, -int(whole[row])) for cut, row in self._cuts.items() if whole[row] < 0),
            value=value * SIZE[self.stage] + sign(self.stage) * self._rows.constant.get(self.stage, 0),
        )

    def exact(
        self,
        duals: Duals,
        least: Mapping[int, int],
        counts: Mapping[int, tuple[int, int]],
        settled: Mapping[int, int] = _NOTHING,
    ) -> int:
        """Return a bound on the stage (minimised form, in units of ``1 / scale``) that holds over all columns.

        Parameters
        ----------
        least
            For each class a number that no column's reduced cost undercuts, in units of ``1 / scale``.
        counts
            For each class (fewest, most) columns that a solution uses.
        settled
            Auxiliaries that are fixed, with their values.
        """
        total = sign(self.stage) * self._rows.constant.get(self.stage, 0) * duals.scale
        # The least of dual * activity over each row's interval; a wrong sign on an open side would be no bound.
        total += int(np.where(duals.rows > 0, duals.rows * self._lower, duals.rows * self._upper).sum())
        for earlier, dual in duals.fixed.items():
            total += dual * sign(earlier) * (self.fixed[earlier] - self._rows.constant.get(earlier, 0))
        total -= sum(price for _, price in duals.cuts)
        reduced = self._worth[self.stage] * duals.scale - self._standing @ duals.rows
        for earlier, dual in duals.fixed.items():
            if dual:
                reduced = reduced - self._worth[earlier] * dual
        for number, value in settled.items():
            total += value * int(reduced[number]) - min(0, int(reduced[number]))
        total += int(np.minimum(0, reduced).sum())
        for number, (fewest, most) in counts.items():
            worst = least[number]
            total += fewest * worst if worst > 0 else most * worst
        return total
