"""The arrays say of each column what the rows say of it alone."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from optimizer.master.column_set import ColumnSet
from optimizer.master.cuts import Cut
from optimizer.master.relaxation import Duals
from optimizer.model import Rule, Stage
from tests.master.test_selection import column, rows


def drawn(rng: random.Random) -> ColumnSet:
    made = rows(6, 3)
    made.per_request[1].append(made.add(Rule.BUDGET, 0, 3))
    columns = [
        replace(
            column(n, rng.randrange(3), *sorted(rng.sample(range(6), rng.randint(0, 4))), custody=n, cost=7 * n),
            kept=n % 2,
        )
        for n in range(20)
    ]
    return ColumnSet(made, columns)


def test_coefficients_are_those_of_the_rows() -> None:
    columns = drawn(random.Random(1))
    table = columns.entries.toarray()
    for position, one in enumerate(columns.columns):
        assert {row: int(v) for row, v in enumerate(table[position]) if v} == columns.rows.entries(one)
        assert columns.value(Stage.COST)[position] == one.cost
        assert columns.value(Stage.CHANGES)[position] == -one.kept
    assert not columns.value(Stage.SERVED).any()


def test_reduced_costs_are_those_of_each_column() -> None:
    rng = random.Random(2)
    columns = drawn(rng)
    cuts = tuple((Cut(tuple(sorted(rng.sample(range(6), 3)))), rng.randint(1, 9)) for _ in range(4))  # type: ignore[arg-type]
    duals = Duals(
        scale=8, rows=np.array([rng.randint(-9, 9) for _ in columns.rows.rows], dtype=np.int64),
        fixed={Stage.CUSTODY: -3, Stage.SERVED: -5}, cuts=cuts, value=0.0,
    )  # fmt: skip
    costs = columns.reduced_costs(Stage.COST, duals)
    for position, one in enumerate(columns.columns):
        expected = 8 * one.cost + 3 * one.custody
        expected -= sum(value * int(duals.rows[row]) for row, value in columns.rows.entries(one).items())
        expected += sum(price for cut, price in cuts if cut.coefficient(one.requests))
        assert costs[position] == expected


def test_a_subset_is_the_set_of_those_columns() -> None:
    columns = drawn(random.Random(3))
    mask = np.arange(len(columns)) % 3 == 0
    some = columns.subset(mask)
    again = ColumnSet(columns.rows, some.columns)
    assert [c.number for c in some.columns] == list(range(0, 20, 3))
    assert (some.entries.toarray() == again.entries.toarray()).all()
    assert (some.carries.toarray() == again.carries.toarray()).all()
    assert (some.classes == again.classes).all()
    assert all((some.value(stage) == again.value(stage)).all() for stage in Stage)


def test_no_columns_are_a_set_too() -> None:
    empty = ColumnSet(rows(2, 1), [])
    assert len(empty) == 0
    assert empty.in_cuts([Cut((0, 1, 2))]).shape == (0, 1) if empty.carries.shape[1] > 2 else True
