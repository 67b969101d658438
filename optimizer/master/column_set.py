"""Columns as arrays: what looks through very many of them at once computes with these."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.master.column import Column
from optimizer.master.cuts import Cut
from optimizer.master.relaxation import Duals
from optimizer.master.rows import Rows
from optimizer.model import Stage

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ADDITIVE = (Stage.CUSTODY, Stage.NIGHT, Stage.CHANGES, Stage.COST)
"""Stages in which a column has a value of its own."""


class ColumnSet:
    """``n`` columns with their coefficients.

    Attributes
    ----------
    columns
        The columns, by position.
    classes
        ``(n,)`` class numbers.
    entries
        ``(n, rows)`` sparse coefficients in the rows.
    carries
        ``(n, requests)`` sparse, 1 where the column carries the pool request.
    """

    def __init__(self, rows: Rows, columns: Sequence[Column]) -> None:
        self.rows = rows
        self.columns = tuple(columns)
        self.classes: Ints = np.array([column.duty_class for column in self.columns], dtype=np.int64)
        self.values: dict[Stage, Ints] = {
            stage: np.array([column.value(stage) for column in self.columns], dtype=np.int64) for stage in _ADDITIVE
        }
        requests = max(rows.cover, default=-1) + 1
        begins = np.cumsum([0] + [len(column.requests) for column in self.columns])
        members = np.array([r for column in self.columns for r in column.requests], dtype=np.int64)
        ones = np.ones(len(members), dtype=np.int64)
        self.carries = sparse.csr_array((ones, members, begins), shape=(len(self.columns), requests))
        self.entries = self._entries(requests)

    def __len__(self) -> int:
        return len(self.columns)

    def _entries(self, requests: int) -> sparse.csr_array:
        """Cover rows by what is carried, the others by class: the same table as ``Rows.entries``, column by column."""
        rows = self.rows
        cover = sparse.csr_array(
            (
                np.ones(len(rows.cover), dtype=np.int64),
                (np.array(list(rows.cover), dtype=np.int64), np.array(list(rows.cover.values()), dtype=np.int64)),
            ),
            shape=(requests, len(rows.rows)),
        )
        count = max(rows.of_class, default=-1) + 1
        own, each = (sparse.lil_array((count, len(rows.rows)), dtype=np.int64) for _ in range(2))
        for number, at in rows.of_class.items():
            own[number, at] = 1
            each[number, rows.per_request[number]] = 1
        loads = sparse.diags_array(np.asarray(self.carries.sum(axis=1)).ravel(), dtype=np.int64)
        picked = sparse.csr_array(
            (np.ones(len(self.columns), dtype=np.int64), (np.arange(len(self.columns)), self.classes)),
            shape=(len(self.columns), count),
        )
        entries = self.carries @ cover + picked @ own.tocsr() + loads @ (picked @ each.tocsr())
        if rows.kept is not None:
            kept = -self.values[Stage.CHANGES]
            keeps = np.nonzero(kept)[0]
            places = (keeps, np.full(len(keeps), rows.kept))
            entries = entries + sparse.csr_array((kept[keeps], places), shape=entries.shape)
        return sparse.csr_array(entries)

    def subset(self, mask: Bools) -> ColumnSet:
        """Return those columns for which ``mask`` holds."""
        chosen = np.nonzero(mask)[0]
        other = object.__new__(ColumnSet)
        other.rows = self.rows
        other.columns = tuple(self.columns[x] for x in chosen)
        other.classes = self.classes[chosen]
        other.values = {stage: values[chosen] for stage, values in self.values.items()}
        other.carries, other.entries = self.carries[chosen], self.entries[chosen]
        return other

    def value(self, stage: Stage) -> Ints:
        """Return each column's own part of a minimised stage."""
        known = self.values.get(stage)
        return np.zeros(len(self), dtype=np.int64) if known is None else known

    def in_cuts(self, cuts: Sequence[Cut]) -> sparse.csc_array:
        """Return ``(n, cuts)`` sparse coefficients, 1 where two or three members of a cut are carried."""
        requests = self.carries.shape[1]
        members = np.array([cut.members for cut in cuts], dtype=np.int64).reshape(-1, 3)
        of_cut = sparse.csr_array(
            (np.ones(members.size, dtype=np.int64), (members.ravel(), np.repeat(np.arange(len(cuts)), 3))),
            shape=(requests, len(cuts)),
        )
        carried = sparse.csc_array(self.carries @ of_cut)
        carried.data //= 2
        carried.eliminate_zeros()
        return carried

    def reduced_costs(self, stage: Stage, duals: Duals) -> Ints:
        """Return the reduced cost of each column, in units of ``1 / duals.scale``."""
        costs = self.value(stage) * duals.scale - self.entries @ duals.rows
        for earlier, dual in duals.fixed.items():
            costs = costs - dual * self.value(earlier)
        if duals.cuts:
            prices = np.array([price for _, price in duals.cuts], dtype=np.int64)
            costs = costs + self.in_cuts([cut for cut, _ in duals.cuts]) @ prices
        return np.asarray(costs, dtype=np.int64)
