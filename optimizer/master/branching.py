"""Where to branch: the most undecided questions that a fractional solution leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column_set import ColumnSet

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Key = TypeVar("Key", int, tuple[int, int])

UNDECIDED = 1e-6
_CANDIDATES = 3
"""Branchings of each kind that are tried before one is chosen."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of a branching: ``gone`` columns (positions) leave, ``settled`` fixes an auxiliary."""

    gone: Ints
    settled: tuple[int, int] | None = None


class Branching:
    """Finds branchings over a set of columns.

    Three kinds: a unit served or not; a request on one class or on any other; a pair of requests on the same tour or
    on different ones. Where all three are decided a solution is whole, as a class has one column for each set.
    """

    def __init__(self, columns: ColumnSet) -> None:
        self._columns = columns
        request_of_row = {row: request for request, row in columns.rows.cover.items()}
        self._members = {
            number: [request_of_row[row] for row in auxiliary.entries]
            for number, auxiliary in enumerate(columns.rows.auxiliaries)
            if all(row in request_of_row for row in auxiliary.entries)
        }
        self.unit = {request: number for number, members in self._members.items() for request in members}
        """The auxiliary that says whether a request is served."""

    def carrying(self, requests: Sequence[int]) -> Ints:
        """Return the positions of the columns that carry any of ``requests``."""
        held = np.asarray(self._columns.carries[:, list(requests)].sum(axis=1)).ravel()
        return np.nonzero(held)[0].astype(np.int64)

    def candidates(
        self, positions: Ints, values: Floats, allowed: Bools, settled: Mapping[int, int]
    ) -> Iterator[tuple[Branch, Branch]]:
        """Yield the most undecided branchings of each kind.

        Parameters
        ----------
        positions, values
            Columns that the solution takes, and how much of each.
        allowed, settled
            Columns and fixed auxiliaries of the node.
        """
        carried = self._columns.carries[positions].toarray()
        served = values @ carried
        undecided = {
            number: float(served[members[0]]) for number, members in self._members.items() if number not in settled
        }
        for number in _most_undecided(undecided):
            yield Branch(self.carrying(self._members[number]), (number, 0)), Branch(_NONE, (number, 1))
        on_class: dict[tuple[int, int], float] = {}
        together: dict[tuple[int, int], float] = {}
        for row, (duty_class, value) in enumerate(
            zip(self._columns.classes[positions].tolist(), values.tolist(), strict=True)
        ):
            members = np.nonzero(carried[row])[0].tolist()
            for x, request in enumerate(members):
                on_class[duty_class, request] = on_class.get((duty_class, request), 0.0) + value
                for other in members[x + 1 :]:
                    together[request, other] = together.get((request, other), 0.0) + value
        for duty_class, request in _most_undecided(on_class):
            carrying = self.carrying([request])
            own = self._columns.classes[carrying] == duty_class
            yield from _parted(allowed, carrying[own], carrying[~own])
        for one, other in _most_undecided(together):
            first, second = self.carrying([one]), self.carrying([other])
            both = np.intersect1d(first, second, assume_unique=True)
            yield from _parted(allowed, both, np.setxor1d(first, second, assume_unique=True))


_NONE: Ints = np.empty(0, dtype=np.int64)


def _parted(allowed: Bools, one: Ints, other: Ints) -> Iterator[tuple[Branch, Branch]]:
    """Yield the branching that takes out one or the other, unless a side would change nothing."""
    if allowed[one].any() and allowed[other].any():
        yield Branch(one), Branch(other)


def _most_undecided(shares: Mapping[Key, float]) -> list[Key]:
    """Return the keys whose shares are furthest from whole, the furthest first."""
    doubts = [(min(part, 1.0 - part), key) for key, value in shares.items() if (part := value % 1.0) > UNDECIDED]
    doubts = [(doubt, key) for doubt, key in doubts if doubt > UNDECIDED]
    return [key for _, key in sorted(doubts, key=lambda entry: entry[0], reverse=True)[:_CANDIDATES]]
