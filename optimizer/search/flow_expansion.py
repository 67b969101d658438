"""The network unfolded in time: tours are exactly its paths, so that a plan is a choice of paths that cover all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.master.flow_programme import Programme
from optimizer.routing.classes import DutyClass
from optimizer.search.flow_kernel import fold, unfold
from optimizer.search.flow_network import Bools, Ints, Network, sparse

MOST_STATES = 150_000
"""States before folding; with more, coarse time has to narrow the network first."""
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expansion:
    """The unfolded network.

    Parameters
    ----------
    column
        ``(n,)`` column of the network that each of ours repeats.
    source, target
        ``(n,)`` states between which it leads, -1 at the depot.
    states
        Number of states, each visited at most once by any plan that carries nobody twice.
    """

    network: Network
    column: Ints
    source: Ints
    target: Ints
    states: int

    def __len__(self) -> int:
        return len(self.column)

    def restricted(self, kept: Bools) -> Expansion:
        """Return the expansion of the columns that are kept."""
        return Expansion(
            network=self.network,
            column=self.column[kept],
            source=self.source[kept],
            target=self.target[kept],
            states=self.states,
        )

    def used(self) -> Bools:
        """Return which columns of the network stand here."""
        used = np.zeros(len(self.network), dtype=np.bool_)
        used[self.column] = True
        return used

    def programme(self) -> Programme:
        """Return the programme: each request once, what enters a state leaves it, no more tours than duties."""
        network = self.network
        covers = network.covers.tocsc()
        requests, classes = covers.shape[0], len(network.classes)
        blocks = np.nonzero(self.column < len(network.blocks))[0]
        lengths = np.diff(covers.indptr)[self.column[blocks]]
        begin = covers.indptr[self.column[blocks]]
        offsets = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        inner, outer = np.nonzero(self.target >= 0)[0], np.nonzero(self.source >= 0)[0]
        starting = np.nonzero(self.source < 0)[0]
        first = len(network.blocks) + len(network.arcs)
        head = network.starts.head[self.column[starting] - first]
        parts = [
            (covers.indices[np.repeat(begin, lengths) + offsets].astype(np.int64), np.repeat(blocks, lengths), 1),
            (requests + self.target[inner], inner, 1),
            (requests + self.source[outer], outer, -1),
            (requests + self.states + head // network.rides, starting, 1),
        ]
        rows = sparse(parts, (requests + self.states + classes, len(self)))
        fixed = np.concatenate([np.ones(requests), np.zeros(self.states)]).astype(np.int64)
        most = np.array([duty_class.count for duty_class in network.classes], dtype=np.int64)
        return Programme(
            cost=network.cost[self.column],
            rows=rows,
            lower=np.concatenate([fixed, np.zeros(classes, dtype=np.int64)]),
            upper=np.concatenate([fixed, most]),
        )

    def tours(self, chosen: Bools) -> list[tuple[int, list[int]]]:
        """Return (class, fragments in order) of each tour of a choice that keeps the programme's rows."""
        network = self.network
        at = np.nonzero(chosen)[0]
        after = {int(self.source[x]): int(x) for x in at if self.source[x] >= 0}
        tours = []
        for x in at[self.source[at] < 0].tolist():
            start = int(self.column[x]) - len(network.blocks) - len(network.arcs)
            chain, state = [], int(self.target[x])
            while state >= 0:
                step = after.pop(state)
                if self.column[step] < len(network.blocks):
                    chain.append(int(network.blocks.fragment[self.column[step]]))
                state = int(self.target[step])
            tours.append((int(network.starts.head[start]) // network.rides, chain))
        if after:
            raise AssertionError("a circle in time")
        return tours


def expand(
    network: Network, halt: NDArray[np.bool_], *, most_states: int = MOST_STATES, grain: int = 1
) -> Expansion | None:
    """Unfold ``network`` in time and fold what has the same future; ``None`` where it is too large, or on ``halt``.

    With a ``grain`` of more than one second, completions are rounded down to multiples of it: a relaxation, in which
    every tour is still a path. No block may be shorter than it, lest time stand still.
    """
    blocks, arcs, starts, ends = network.blocks, network.arcs, network.starts, network.ends
    n, b, a = network.nodes, len(network.blocks), len(network.arcs)
    by_entry = np.argsort(blocks.entry, kind="stable")
    block_table = np.stack(
        [blocks.exit, blocks.lo, blocks.hi, blocks.duration, np.arange(b), np.zeros(b, np.int64)], axis=1
    )[by_entry]
    block_from = np.searchsorted(blocks.entry[by_entry], np.arange(n + 1))
    by_tail = np.argsort(arcs.tail, kind="stable")
    arc_table = np.stack([arcs.head, arcs.drive, b + np.arange(a), np.zeros(a, np.int64)], axis=1)[by_tail]
    arc_from = np.searchsorted(arcs.tail[by_tail], np.arange(n + 1))
    nodes = np.empty((n, 5), dtype=np.int64)
    nodes[:, 0], nodes[:, 1], nodes[:, 2] = _NEVER, -_NEVER, -1
    np.minimum.at(nodes[:, 0], blocks.entry, blocks.lo)
    np.maximum.at(nodes[:, 1], blocks.entry, blocks.hi)
    nodes[ends.tail, 2] = ends.drive
    class_of = np.arange(n) // max(1, network.rides)
    nodes[:, 3] = np.array([c.latest for c in network.classes], dtype=np.int64)[class_of]
    nodes[:, 4] = np.array([longest_tour(c) for c in network.classes], dtype=np.int64)[class_of]
    earliest = np.array([c.earliest for c in network.classes], dtype=np.int64)[class_of[starts.head]]
    start_table = np.stack([starts.head, earliest + starts.drive, starts.drive], axis=1)
    count, states, edge_from, edges, started, ending = unfold(
        block_table, block_from, arc_table, arc_from, start_table, nodes, most_states, 4 * most_states, grain, halt
    )
    if count < 0:
        return None
    # Every edge leads to a later instant, or at one instant from an exit to an entry.
    order = np.lexsort((states[:count, 0] % 2, -states[:count, 1]))
    found, folded, example = fold(count, order, states, edge_from, edges, ending)
    folded = np.append(folded, -1)  # Of no state, -1, the folded state is none.
    lengths = edge_from[example + 1] - edge_from[example]
    source = np.repeat(np.arange(found), lengths)
    offsets = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    at = np.repeat(edge_from[example], lengths) + offsets
    target = folded[edges[at, 1]]
    inner = np.nonzero(target >= 0)[0]
    outer = np.nonzero(folded[started] >= 0)[0]
    last = np.nonzero(ending[example])[0]
    end_of = np.full(n, -1, dtype=np.int64)
    end_of[ends.tail] = b + a + len(starts) + np.arange(len(ends))
    return Expansion(
        network=network,
        column=np.concatenate([edges[at[inner], 0], b + a + outer, end_of[states[example[last], 0] // 2]]),
        source=np.concatenate([source[inner], np.full(len(outer), -1, dtype=np.int64), last]),
        target=np.concatenate([target[inner], folded[started[outer]], np.full(len(last), -1, dtype=np.int64)]),
        states=found,
    )


def longest_tour(duty_class: DutyClass) -> int:
    """Return the longest tour that a class may make where that binds at all, else -1."""
    longest = duty_class.profile.max_span
    return -1 if longest is None or longest >= duty_class.latest - duty_class.earliest else longest
