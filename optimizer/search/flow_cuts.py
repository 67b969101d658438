"""Cuts that teach the network time: who leaves an exit late can only go where somebody begins late enough.

For an exit i and an instant T, those who are done at i at T or later leave it by its end or by an arc to some entry
j, and there a block must follow that may still begin at T + drive:

    Σ blocks done at i at T or later  ≤  end(i) + Σ_j min(arc(i, j), Σ blocks of j that may begin at T + drive)

and each of the two may be taken for each j: the one that is less in the solution to be cut off. The mirror image:
blocks of entry j that must begin by T are reached by a start, or by an arc from an exit i at which a block was done in
time. They hold for every plan: at most one block is done at i, so the left side is 0 or 1, and if it is 1, what follows
stands on the right. A cut is kept as (node, T, arcs), so that its row can be written for any part of the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.master.flow_programme import Sparse
from optimizer.search.flow_network import Ints, Network, sparse

Floats = NDArray[np.float64]
_VIOLATED = 1e-3
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Those late at an exit (``late``), or early at an entry, and the nodes to or from which the arc itself counts."""

    late: bool
    node: int
    instant: int
    by_arc: frozenset[int]


def cut_rows(network: Network, cuts: Sequence[Cut]) -> Sparse:
    """Return the rows of ``rows @ x <= 0`` over the columns of ``network``."""
    sides = {late: _Side(network, late) for late in {cut.late for cut in cuts}}
    parts = [
        (np.full(len(columns), row, dtype=np.int64), columns, value)
        for row, cut in enumerate(cuts)
        for columns, value in sides[cut.late].entries(cut)
    ]
    return sparse(parts, (len(cuts), len(network)))


def separate(network: Network, x: Floats) -> list[Cut]:
    """Return for each node the most violated cut of either kind, if one is."""
    return [cut for late in (True, False) for cut in _Side(network, late).violated(x)]


class _Side:
    """The network seen from the exits forward, or, with time and direction turned round, from the entries back.

    ``own`` and ``far`` are the nodes of blocks here and beyond the arc, ``when`` the time at which a block stands here,
    ``until`` the time up to which a block beyond can still be met; the mirror image counts time backward.
    """

    def __init__(self, network: Network, late: bool) -> None:
        blocks, arcs = network.blocks, network.arcs
        self.late = late
        self.blocks, self.arcs_from = len(blocks), len(blocks)
        if late:
            self.own, self.far = blocks.exit, blocks.entry
            self.when, self.until = blocks.done, blocks.hi
            self.near_end, self.far_end = arcs.tail, arcs.head
            rim, rim_from = network.ends.tail, len(blocks) + len(arcs) + len(network.starts)
        else:
            self.own, self.far = blocks.entry, blocks.exit
            self.when, self.until = -blocks.hi, -blocks.done
            self.near_end, self.far_end = arcs.head, arcs.tail
            rim, rim_from = network.starts.head, len(blocks) + len(arcs)
        self.drive = arcs.drive
        self.rim = np.full(network.nodes, -1, dtype=np.int64)
        self.rim[rim] = rim_from + np.arange(len(rim))
        self.out_order = np.argsort(self.near_end, kind="stable")
        self.out_from = np.searchsorted(self.near_end[self.out_order], np.arange(network.nodes + 1))
        # Blocks by the node beyond, those that can be met longest last.
        self.far_order = np.lexsort((self.until, self.far))
        self.far_from = np.searchsorted(self.far[self.far_order], np.arange(network.nodes + 1))
        self.own_order = np.lexsort((self.when, self.own))
        self.own_from = np.searchsorted(self.own[self.own_order], np.arange(network.nodes + 1))

    def _meeting(self, node: int, instant: int) -> Ints:
        """Blocks at ``node`` beyond that can still be met at ``instant``."""
        group = self.far_order[self.far_from[node] : self.far_from[node + 1]]
        return group[np.searchsorted(self.until[group], instant) :]

    def _standing(self, node: int, instant: int) -> Ints:
        """Blocks here at ``node`` that stand at ``instant`` or later."""
        group = self.own_order[self.own_from[node] : self.own_from[node + 1]]
        return group[np.searchsorted(self.when[group], instant) :]

    def entries(self, cut: Cut) -> Iterator[tuple[Ints, int]]:
        yield self._standing(cut.node, cut.instant), 1
        if self.rim[cut.node] >= 0:
            yield self.rim[cut.node : cut.node + 1], -1
        for arc in self.out_order[self.out_from[cut.node] : self.out_from[cut.node + 1]].tolist():
            far = int(self.far_end[arc])
            if far in cut.by_arc:
                yield np.array([self.arcs_from + arc], dtype=np.int64), -1
            else:
                yield self._meeting(far, cut.instant + int(self.drive[arc])), -1

    def violated(self, x: Floats) -> Iterator[Cut]:
        """Yield for each node the most violated cut, trying the instants at which some used block stands there."""
        used = np.nonzero(x[: self.blocks] > 1e-7)[0]
        for node in np.unique(self.own[used]).tolist():
            best, found = _VIOLATED, None
            left = x[self.rim[node]] if self.rim[node] >= 0 else 0.0
            out = self.out_order[self.out_from[node] : self.out_from[node + 1]]
            for instant in np.unique(self.when[used[self.own[used] == node]]).tolist():
                lack = float(x[self._standing(node, instant)].sum() - left)
                by_arc = []
                for arc in out.tolist():
                    if lack <= best:
                        break
                    meeting = self._meeting(int(self.far_end[arc]), instant + int(self.drive[arc]))
                    through, beyond = float(x[self.arcs_from + arc]), float(x[meeting].sum())
                    # What is empty for good counts even where the arc is unused now.
                    if len(meeting) and through <= beyond:
                        by_arc.append(int(self.far_end[arc]))
                    lack -= min(through, beyond)
                if lack > best:
                    best = lack
                    found = Cut(late=self.late, node=node, instant=instant, by_arc=frozenset(by_arc))
            if found is not None:
                yield found
