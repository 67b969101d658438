"""Means, intervals and when they are tight enough: Student's t on paired differences.

For each scenario the differences to the baseline, draw by draw, are independent and have the same distribution; common
random numbers make their variance small. The interval of their mean is Student's (Law, Simulation Modeling and
Analysis, 5th ed., section 10.2.1, the paired-t interval).

Stopping is sequential: after ``fewest`` draws, and then after every batch, it is asked whether the half-width is small
enough (Chow & Robbins 1965; Law, section 9.4.1). The coverage holds asymptotically for a small half-width; a minimum of
20 draws keeps a lucky early batch from ending it. Intervals of several scenarios hold each by itself: that the best of
20 looks good is in part luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.errors import InvalidValue
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Value):
    """Mean with its confidence interval, and the number of draws; ``low == high == mean`` where nothing varies."""

    mean: float
    low: float
    high: float
    draws: int

    @property
    def half_width(self) -> float:
        """Distance from the mean to either end; infinite with one draw."""
        return (self.high - self.low) / 2

    def times(self, factor: float) -> Estimate:
        """Return the estimate of ``factor`` (0 or more) times as much."""
        return Estimate(mean=self.mean * factor, low=self.low * factor, high=self.high * factor, draws=self.draws)

    def turned(self) -> Estimate:
        """Return the estimate of the same with the other sign."""
        return Estimate(mean=-self.mean, low=-self.high, high=-self.low, draws=self.draws)


def exact(value: float) -> Estimate:
    """Return what was seen once, or is not left to chance: no interval can be told."""
    return Estimate(mean=value, low=value, high=value, draws=1)


def estimate(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Return mean and Student's interval of independent values with the same distribution.

    Raises
    ------
    InvalidValue
        Where there is no value, or the confidence is not in ``[0.5, 1)``.
    """
    if not values:
        raise InvalidValue("estimate", "at least one value", "none")
    if not 0.5 <= confidence < 1:
        raise InvalidValue("estimate.confidence", "0.5 or more, below 1", confidence)
    sample = np.asarray(values, dtype=np.float64)
    mean, number = float(sample.mean()), len(sample)
    if number == 1:
        return Estimate(mean=mean, low=-math.inf, high=math.inf, draws=1)
    from scipy import stats  # noqa: PLC0415 - half a second that whoever only reads estimates need not wait

    error = float(sample.std(ddof=1)) / math.sqrt(number)
    half = float(stats.t.ppf((1 + confidence) / 2, number - 1)) * error
    return Estimate(mean=mean, low=mean - half, high=mean + half, draws=number)


def paired(values: Sequence[float], baseline: Sequence[float], confidence: float = 0.95) -> Estimate:
    """Return the estimate of the difference; ``values`` and ``baseline`` are of the same draws in the same order.

    Raises
    ------
    InvalidValue
        Where they are not equally many, or none.
    """
    if len(values) != len(baseline):
        raise InvalidValue("paired", "as many values as of the baseline", (len(values), len(baseline)))
    return estimate([value - other for value, other in zip(values, baseline, strict=True)], confidence)
