"""Subset-row cuts of three requests (Jepsen et al. 2008): of the tours that carry two of them, one at most is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column import Column

_VIOLATED = 0.02
"""Least violation that is worth a cut."""
_FRACTION = 1e-6
_PER_REQUEST = 5
"""Most cuts of one round that share a request: many that say the same would only slow pricing down."""


@dataclass(frozen=True, slots=True)
class Cut:
    """``sum of floor(carried / 2) <= 1`` over the columns, ``carried`` counting ``members`` (three pool requests).

    Valid because each request is carried once at most: half the sum of the three cover rows, rounded down.
    """

    members: tuple[int, int, int]

    def coefficient(self, requests: Sequence[int]) -> int:
        """Return 1 where two or three members are among ``requests``, else 0."""
        return int(sum(member in requests for member in self.members) >= 2)


class CutIndex:
    """Finds the cuts that a column stands in by the pairs of requests it carries."""

    def __init__(self, cuts: Sequence[Cut] = ()) -> None:
        self._by_pair: dict[tuple[int, int], list[int]] = {}
        self._cuts: list[Cut] = []
        for cut in cuts:
            self.add(cut)

    def add(self, cut: Cut) -> None:
        """Take in a cut; its position is the number of those before."""
        i, j, k = sorted(cut.members)
        for pair in ((i, j), (i, k), (j, k)):
            self._by_pair.setdefault(pair, []).append(len(self._cuts))
        self._cuts.append(cut)

    def of(self, requests: Sequence[int]) -> set[int]:
        """Return the positions of the cuts with coefficient 1 for ``requests`` (ascending)."""
        if len(requests) < 2 or not self._by_pair:
            return set()
        found: set[int] = set()
        for pair in combinations(requests, 2):
            found.update(self._by_pair.get(pair, ()))
        return found


def separate(columns: Sequence[Column], values: NDArray[np.float64], *, most: int) -> list[Cut]:
    """Return cuts that a solution of the relaxation breaks, the worst first.

    Parameters
    ----------
    columns, values
        The columns and what the relaxation takes of each; columns at 0 do no harm and no good.
    most
        Most cuts.
    """
    used = [
        (column.requests, value) for column, value in zip(columns, values.tolist(), strict=True) if value > _FRACTION
    ]
    touched = sorted({request for requests, value in used if value < 1 - _FRACTION for request in requests})
    if len(touched) < 3 or most <= 0:
        return []
    row_of = {request: row for row, request in enumerate(touched)}
    carried = np.zeros((len(used), len(touched)))
    weight = np.array([value for _, value in used])
    for position, (requests, _) in enumerate(used):
        carried[position, [row_of[request] for request in requests if request in row_of]] = 1.0
    pairs = carried.T @ (weight[:, None] * carried)
    found: list[tuple[float, tuple[int, int, int]]] = []
    for i in range(len(touched)):
        mine = carried[:, i] > 0
        if not mine.any():
            continue
        both = carried[mine].T @ (weight[mine, None] * carried[mine])
        # Carried by two: each pair counts a tour with all three thrice, so twice that goes off.
        activity = pairs[i][:, None] + pairs[i][None, :] + pairs - 2.0 * both
        for j, k in np.argwhere(np.triu(activity > 1.0 + _VIOLATED, 1)):
            if j > i:
                found.append((float(activity[j, k]), (touched[i], touched[int(j)], touched[int(k)])))
    found.sort(key=lambda entry: (-round(entry[0], 9), entry[1]))
    shared: dict[int, int] = {}
    cuts: list[Cut] = []
    for _, members in found:
        if len(cuts) >= most:
            break
        if all(shared.get(member, 0) < _PER_REQUEST for member in members):
            cuts.append(Cut(members))
            for member in members:
                shared[member] = shared.get(member, 0) + 1
    return cuts
