from __future__ import annotations

from collections import Counter

import pytest

from optimizer.errors import InvalidValue
from optimizer.simulate.sampling_dice import Dice, Table


def test_table_takes_outcomes_by_weight() -> None:
    table = Table([("a", 1), ("never", 0), ("b", 3)])
    assert [table.at(u) for u in (0.0, 0.2499, 0.25, 0.9999)] == ["a", "a", "b", "b"]
    with pytest.raises(InvalidValue):
        Table([("a", 0)])


def test_streams_are_their_own() -> None:
    assert [Dice(1, 0).uniform() for _ in range(2)] == [Dice(1, 0).uniform()] * 2
    assert Dice(1, 0).uniform() != Dice(1, 1).uniform()


def test_between_reaches_both_ends_and_no_further() -> None:
    dice = Dice(3, 0)
    assert Counter(dice.between(0, 90, 30) for _ in range(400)).keys() == {0, 30, 60, 90}
    assert dice.between(5, 5) == 5


def test_shuffled_keeps_everything() -> None:
    dice = Dice(3, 0)
    values = list(range(50))
    assert dice.shuffled(values) != values
    assert sorted(dice.shuffled(values)) == values
