"""No withheld cell can be computed from what is shown: looked at with an integer programme that shares no code."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from api.suppression import Cell, Key, Sum, count, withheld

LEAST = 5
Table = tuple[dict[Key, Cell], list[Sum]]


def possible(cells: Mapping[Key, Cell], sums: Sequence[Sum], kept: frozenset[Key], key: Key) -> tuple[int, int]:
    """Return the least and the greatest value that a reader must think possible of a cell."""
    unknown = [each for each, cell in sorted(cells.items()) if each in kept or not cell.is_shown]
    column = {each: number for number, each in enumerate(unknown)}
    matrix, right = [], []
    for each in sums:
        row, known = np.zeros(len(unknown)), 0
        for part, sign in ((each.whole, 1), *((part, -1) for part in each.parts)):
            if part in column:
                row[column[part]] += sign
            else:
                known += sign * cells[part].value
        matrix.append(row)
        right.append(-known)
    # Zeros are always shown: a count that is withheld is 1 or more.
    low = [1 if cells[each].is_shown and cells[each].size == cells[each].value else 0 for each in unknown]
    most = 10 * (1 + sum(cell.value for cell in cells.values()))
    found = []
    for sign in (1, -1):
        goal = np.zeros(len(unknown))
        goal[column[key]] = sign
        rules = [LinearConstraint(np.array(matrix), right, right)] if matrix else []
        answer = milp(goal, constraints=rules, bounds=Bounds(low, most), integrality=np.ones(len(unknown), dtype=int))
        assert answer.success
        found.append(round(answer.x[column[key]]))
    return found[0], found[1]


def computed(table: Table, kept: frozenset[Key]) -> list[Key]:
    """Return the withheld cells that a reader can compute."""
    cells, sums = table
    found = []
    for key in sorted(kept):
        low, high = possible(cells, sums, kept, key)
        assert low <= cells[key].value <= high
        if low == high:
            found.append(key)
    return found


def margins(inner: Sequence[Sequence[int]], name: str = "t") -> Table:
    """A table of counts with totals of rows and columns, and the total of all."""
    rows, columns = range(len(inner)), range(len(inner[0]))
    values: dict[Key, int] = {(name, f"r{r}", f"c{c}"): inner[r][c] for r in rows for c in columns}
    values |= {(name, f"r{r}", "all"): sum(inner[r]) for r in rows}
    values |= {(name, "all", f"c{c}"): sum(inner[r][c] for r in rows) for c in columns}
    values[name, "all", "all"] = sum(map(sum, inner))
    sums = [Sum(whole=(name, f"r{r}", "all"), parts=tuple((name, f"r{r}", f"c{c}") for c in columns)) for r in rows]
    below = [*(f"c{c}" for c in columns), "all"]
    sums += [Sum(whole=(name, "all", c), parts=tuple((name, f"r{r}", c) for r in rows)) for c in below]
    sums.append(Sum(whole=(name, "all", "all"), parts=tuple((name, "all", f"c{c}") for c in columns)))
    return {key: count(value) for key, value in values.items()}, sums


def with_subset(table: Table, part: int) -> Table:
    """The same with a part of each row's total (night) and, not shown, what is left of it (day)."""
    cells, sums = dict(table[0]), list(table[1])
    rows = sorted(key for key in cells if key[2] == "all" and key[1] != "all")
    for key in rows:
        night = min(part, cells[key].value)
        cells["night", *key[1:]] = count(night)
        cells["day", *key[1:]] = count(cells[key].value - night, is_shown=False)
    whole: Key = ("t", "all", "all")
    for name in ("night", "day"):
        parts = tuple((name, *key[1:]) for key in rows)
        cells[name, "all", "all"] = count(sum(cells[part].value for part in parts), is_shown=name == "night")
        sums.append(Sum(whole=(name, "all", "all"), parts=parts))
    sums += [Sum(whole=key, parts=(("night", *key[1:]), ("day", *key[1:]))) for key in [*rows, whole]]
    return cells, sums


def with_amount(table: Table, seconds: int) -> Table:
    """The same with an amount by row: what is withheld by the number of cases that it adds up."""
    cells, sums = dict(table[0]), list(table[1])
    rows = sorted(key for key in cells if key[2] == "all" and key[1] != "all")
    for key in rows:
        cells["amount", *key[1:]] = Cell(value=seconds * cells[key].value, size=cells[key].value)
    total = sum(cells["amount", *key[1:]].value for key in rows)
    cells["amount", "all", "all"] = Cell(value=total, size=cells["t", "all", "all"].value)
    sums.append(Sum(whole=("amount", "all", "all"), parts=tuple(("amount", *key[1:]) for key in rows)))
    return cells, sums


INNER = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.integers(0, 6), st.integers(0, 40)), min_size=columns, max_size=columns),
        min_size=1, max_size=4,
    )
)  # fmt: skip
"""Small figures, where it matters, and some larger ones."""


def test_large_groups_are_all_shown() -> None:
    cells, sums = margins([[5, 12], [30, 8]])
    assert withheld(cells, sums, LEAST) == frozenset()


def test_zeros_are_shown_and_small_groups_are_not_nor_what_would_tell_them() -> None:
    cells, sums = margins([[3, 20, 0], [9, 30, 7]])
    kept = withheld(cells, sums, LEAST)
    assert ("t", "r0", "c0") in kept
    assert ("t", "r0", "c2") not in kept
    # One more in its row, one more in its column, and the fourth corner: less would tell the first.
    assert len(kept) == 4
    assert computed((cells, sums), kept) == []


def test_without_complementary_cells_it_would_be_told() -> None:
    """The judge of these tests sees what it is there to see."""
    cells, sums = margins([[3, 20], [9, 30]])
    assert computed((cells, sums), frozenset({("t", "r0", "c0")})) == [("t", "r0", "c0")]


def test_two_of_one_each_are_told_by_their_total() -> None:
    cells, sums = margins([[1, 1, 9]])
    assert computed((cells, sums), frozenset({("t", "r0", "c0"), ("t", "r0", "c1")})) != []
    kept = withheld(cells, sums, LEAST)
    assert computed((cells, sums), kept) == []


def test_a_single_case_takes_its_totals_with_it() -> None:
    cells, sums = margins([[1, 0], [0, 0]])
    kept = withheld(cells, sums, LEAST)
    assert {key for key, cell in cells.items() if cell.value} == set(kept)


def test_what_is_left_of_a_total_is_a_group_too() -> None:
    """Of forty pick-ups 38 at night: two by day, which no table shows, and which must not follow either."""
    cells: dict[Key, Cell] = {("all",): count(40), ("night",): count(38), ("day",): count(2, is_shown=False)}
    assert withheld(cells, [Sum(whole=("all",), parts=(("night",), ("day",)))], LEAST) != frozenset()
    cells = {("all",): count(40), ("night",): count(20), ("day",): count(20, is_shown=False)}
    assert withheld(cells, [Sum(whole=("all",), parts=(("night",), ("day",)))], LEAST) == frozenset()


def test_an_amount_goes_with_its_cases() -> None:
    cells, sums = with_amount(margins([[3], [9], [40]]), 600)
    kept = withheld(cells, sums, LEAST)
    assert ("amount", "r0", "all") in kept
    assert computed((cells, sums), kept) == []


def test_the_same_figures_are_withheld_alike() -> None:
    cells, sums = margins([[3, 20, 4], [9, 30, 7], [1, 6, 6]])
    mixed = list(cells.items())
    random.Random(1).shuffle(mixed)
    assert withheld(cells, sums, LEAST) == withheld(dict(mixed), sums, LEAST)


@given(INNER)
@settings(max_examples=150, deadline=None)
def test_nothing_withheld_can_be_computed(inner: list[list[int]]) -> None:
    table = margins(inner)
    kept = withheld(*table, LEAST)
    small = {key for key, cell in table[0].items() if 0 < cell.size < LEAST}
    assert small <= kept
    assert not any(table[0][key].size == 0 for key in kept)
    assert computed(table, kept) == []


@given(INNER, st.integers(0, 30), st.integers(0, 9000))
@settings(max_examples=120, deadline=None)
def test_nor_with_parts_and_amounts_beside_it(inner: list[list[int]], part: int, seconds: int) -> None:
    table = with_amount(with_subset(margins(inner), part), seconds)
    kept = withheld(*table, LEAST)
    assert computed(table, kept) == []
    unseen = {key for key, cell in table[0].items() if not cell.is_shown and 0 < cell.size < LEAST}
    for key in unseen:
        low, high = possible(*table, kept, key)
        assert low < high


@given(INNER, INNER)
@settings(max_examples=80, deadline=None)
def test_nor_from_two_tables_that_share_a_total(first: list[list[int]], second: list[list[int]]) -> None:
    """By month and by airport: both add up to the same year."""
    gap = sum(map(sum, first)) - sum(map(sum, second))
    (first if gap < 0 else second)[0][0] += abs(gap)
    cells, sums = margins(first, "a")
    more, others = margins(second, "b")
    cells |= more
    sums += [*others, Sum(whole=("a", "all", "all"), parts=(("b", "all", "all"),))]
    assert computed((cells, sums), withheld(cells, sums, LEAST)) == []


def test_what_does_not_add_up_is_refused() -> None:
    cells: dict[Key, Cell] = {("all",): count(3), ("a",): count(2), ("b",): count(2)}
    with pytest.raises(ValueError, match="to be the sum"):
        withheld(cells, [Sum(whole=("all",), parts=(("a",), ("b",)))], LEAST)
    with pytest.raises(ValueError, match="found none"):
        withheld(cells, [Sum(whole=("all",), parts=(("c",),))], LEAST)
    with pytest.raises(ValueError, match="2 or more"):
        withheld(cells, [], 1)
    with pytest.raises(ValueError, match="0 or more"):
        Cell(value=3, size=0)
