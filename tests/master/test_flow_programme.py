"""Bounds and choices of binary programmes, against trying all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import coo_array

from optimizer.master.flow_choice import choose
from optimizer.master.flow_programme import Ending, Programme, relax
from optimizer.master.rows import UNBOUNDED


def alone(_end: object) -> None:
    """Nobody ends this search."""


NOBODY: Ending = alone


def random_programme(seed: int) -> Programme:
    """Nine columns, five rows: equations of ones, an upper and a lower side."""
    dice = np.random.default_rng(seed)
    rows = dice.integers(0, 2, size=(5, 9))
    rows[3] = dice.integers(-2, 3, size=9)
    lower = np.array([1, 1, 0, -UNBOUNDED, -1], dtype=np.int64)
    upper = np.array([1, 1, 2, int(dice.integers(-1, 3)), UNBOUNDED], dtype=np.int64)
    cost = dice.integers(0, 3_000_000, size=9)
    return Programme(cost=cost, rows=coo_array(rows.astype(np.int64)).tocsr(), lower=lower, upper=upper)


def best_of(programme: Programme) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.bool_]]] | None:
    found = []
    for bits in itertools.product((False, True), repeat=len(programme)):
        chosen = np.array(bits, dtype=np.bool_)
        value = programme.value(chosen)
        if value is not None:
            found.append((value, bits))
    if not found:
        return None
    value, bits = min(found)
    return value, np.array(bits, dtype=np.bool_)


@pytest.mark.parametrize("seed", range(60))
def test_bounds_hold_and_choices_are_best(seed: int) -> None:
    programme = random_programme(seed)
    truth = best_of(programme)
    choice = choose(programme, at_least=0, at_most=1 << 40, seconds=10.0, seed=0, ending=NOBODY)
    assert choice.settled
    if truth is None:
        assert choice.chosen is None
        return
    value, bits = truth
    assert choice.chosen is not None
    assert choice.value == value
    relaxed = relax(programme, ending=NOBODY)
    assert relaxed is not None
    assert relaxed.bound <= value
    assert relaxed.within(value)[bits].all(), "a column of the best choice was ruled out"
    # Beginning with a few columns ends at the same place.
    sifted = relax(programme, ending=NOBODY, core=bits)
    assert sifted is not None
    assert sifted.value == pytest.approx(relaxed.value, rel=1e-6, abs=1.0)
    assert sifted.bound <= value


@pytest.mark.parametrize("seed", range(20))
def test_reduced_costs_bound_what_a_column_costs(seed: int) -> None:
    programme = random_programme(seed)
    relaxed = relax(programme, ending=NOBODY)
    if relaxed is None:
        return
    for bits in itertools.product((False, True), repeat=len(programme)):
        chosen = np.array(bits, dtype=np.bool_)
        value = programme.value(chosen)
        if value is not None:
            assert value * relaxed.scale >= relaxed.exact
            for column in np.nonzero(chosen)[0]:
                assert value * relaxed.scale >= relaxed.exact + relaxed.reduced[column]


def test_too_little_is_proven_to_be_none() -> None:
    programme = random_programme(3)
    truth = best_of(programme)
    assert truth is not None
    choice = choose(programme, at_least=0, at_most=truth[0] - 1, seconds=10.0, seed=0, ending=NOBODY)
    assert choice.settled
    assert choice.chosen is None
