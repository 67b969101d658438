"""Working-time breaks, compiled; the rule itself is ``WorkingTime`` of the parameter set (ArbZG § 4)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def break_needed(span: int, tiers: Ints) -> int:
    """Return the seconds of break that a tour of ``span`` needs; ``tiers`` is ``(m, 2)``: span, total."""
    total = 0
    for tier in range(tiers.shape[0]):
        if span > tiers[tier, 0]:
            total = max(total, tiers[tier, 1])
    return total
