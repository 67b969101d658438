"""Intervals against worked examples, their coverage, and when they are tight enough."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optimizer.errors import InvalidValue
from optimizer.simulate.statistics import Estimate, estimate, paired


def test_interval_of_a_worked_example() -> None:
    """Mean 3, standard deviation sqrt(2.5), t(0.975, 4) = 2.776445: half-width 1.963243."""
    found = estimate([1, 2, 3, 4, 5])
    assert found.mean == pytest.approx(3)
    assert found.half_width == pytest.approx(2.7764451 * math.sqrt(2.5 / 5), rel=1e-6)
    assert found.draws == 5
    assert estimate([1, 2, 3, 4, 5], 0.8).half_width == pytest.approx(1.5332063 * math.sqrt(0.5), rel=1e-6)


def test_pairs_are_compared_draw_by_draw() -> None:
    """The worlds differ by hundreds, the scenario by two: only the pairs see it."""
    worlds = [100.0, 900.0, 400.0, 700.0]
    found = paired([w + d for w, d in zip(worlds, (2, 3, 2, 1), strict=True)], worlds)
    assert found.mean == pytest.approx(2)
    assert found.low > 0
    assert estimate(worlds).half_width > 500


def test_what_never_varies_has_no_width() -> None:
    found = estimate([4.0, 4.0, 4.0])
    assert (found.low, found.mean, found.high) == (4, 4, 4)


def test_one_draw_tells_nothing_of_the_width() -> None:
    assert estimate([4.0]).half_width == math.inf


def test_figures_scale_with_their_period() -> None:
    assert Estimate(mean=1, low=0.5, high=1.5, draws=9).times(5) == Estimate(mean=5, low=2.5, high=7.5, draws=9)


def test_ninety_five_of_a_hundred_intervals_hold_the_truth() -> None:
    generator = np.random.default_rng(1)
    hits = sum(e.low <= 2 <= e.high for e in (estimate(generator.normal(2, 3, 12).tolist()) for _ in range(2000)))
    assert hits / 2000 == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("values", [[], None])
def test_nothing_to_estimate_is_refused(values: list[float] | None) -> None:
    with pytest.raises(InvalidValue):
        estimate([]) if values is not None else paired([1.0], [1.0, 2.0])
    with pytest.raises(InvalidValue, match="confidence"):
        estimate([1.0, 2.0], 0.4)
