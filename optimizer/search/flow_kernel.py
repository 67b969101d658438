"""The compiled unfolding of a network in time, and its folding to the fewest states that tell the same futures.

A state is an entry or an exit at an instant. From an entry lead the blocks that may still begin, from an exit the arcs
on which somebody is met in time. Two states of one node are one where the same columns lead from both into states that
are one: then nothing that can be done from here on tells them apart. Folded from the last instant back, as acyclic
automata are minimised (Revuz 1992), a tenth of the states or less is left.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_KEY = 4
"""Figures of a state: node and kind (``2 · node`` entry, ``2 · node + 1`` exit), time, latest departure, time spent."""


@njit(cache=True, nogil=True)
def _mix(hash_: int, value: int) -> int:
    # The mask keeps it a whole number of 64 bits where the kernel runs as plain Python.
    return ((int(hash_) ^ int(value)) * 1099511628211 + (int(hash_) >> 29)) & 0x3FFFFFFFFFFFFFFF


@njit(cache=True, nogil=True)
def _number(states: Ints, count: int, table: Ints, kind: int, time: int, latest: int, spent: int) -> int:
    """Return the number of a state, writing it to row ``count`` where it is new."""
    hash_ = _mix(_mix(_mix(_mix(1469598103934665603, kind), time), latest), spent)
    size = len(table)
    at = (hash_ ^ (hash_ >> 31)) & (size - 1)
    while table[at] >= 0:
        s = table[at]
        if states[s, 0] == kind and states[s, 1] == time and states[s, 2] == latest and states[s, 3] == spent:
            return int(s)
        at = (at + 1) & (size - 1)
    table[at] = count
    states[count, 0], states[count, 1], states[count, 2], states[count, 3] = kind, time, latest, spent
    return count


@njit(cache=True, nogil=True)
def unfold(
    blocks: Ints,
    block_from: Ints,
    arcs: Ints,
    arc_from: Ints,
    starts: Ints,
    nodes: Ints,
    most_states: int,
    most_edges: int,
    grain: int,
    halt: Bools,
) -> tuple[int, Ints, Ints, Ints, Ints, Bools]:
    """Return all states that tours reach.

    Parameters
    ----------
    blocks
        ``(n, 6)`` by entry: exit, lo, hi, duration, column, unused. ``block_from`` has the first of each entry.
    arcs
        ``(n, 4)`` by exit: head, drive, column, unused. ``arc_from`` has the first of each exit.
    starts
        ``(n, 3)``: entry, earliest arrival, drive.
    nodes
        ``(n, 5)`` of each node: least lo and greatest hi of its blocks, drive to the depot (-1: none), end of the
        shift, longest tour (-1: any).

    grain
        Completions are rounded down to multiples of it; no longer than any block lasts.

    Returns
    -------
    Number of states (-1: a table was full, or ``halt``), their keys, where the edges of each begin, edges
    ``(column, target)``, the state of each start (-1: none), and whether a tour may end there.
    """
    states = np.empty((most_states + 1, _KEY), dtype=np.int64)
    edges = np.empty((most_edges, 2), dtype=np.int64)
    edge_from = np.zeros(most_states + 2, dtype=np.int64)
    ending = np.zeros(most_states + 1, dtype=np.bool_)
    started = np.full(len(starts), -1, dtype=np.int64)
    size = 1024
    while size < 2 * most_states:
        size *= 2
    table = np.full(size, -1, dtype=np.int64)
    count = 0
    for s in range(len(starts)):
        node = starts[s, 0]
        time = max(starts[s, 1], nodes[node, 0])
        latest, spent = 0, 0
        if nodes[node, 4] >= 0:
            latest, spent = nodes[node, 3], starts[s, 2]
        if time > nodes[node, 1]:
            continue
        started[s] = _number(states, count, table, 2 * node, time, latest, spent)
        if started[s] == count:
            count += 1
            if count > most_states:
                return -1, states, edge_from, edges, started, ending
    done, written = 0, 0
    while done < count:
        if halt[0]:
            return -1, states, edge_from, edges, started, ending
        edge_from[done] = written
        kind, time, latest, spent = states[done, 0], states[done, 1], states[done, 2], states[done, 3]
        node = kind // 2
        longest = nodes[node, 4]
        if kind % 2 == 0:
            first, last = block_from[node], block_from[node + 1]
        else:
            first, last = arc_from[node], arc_from[node + 1]
            home = nodes[node, 2]
            ending[done] = home >= 0 and time + home <= nodes[node, 3] and (longest < 0 or spent + home <= longest)
        for x in range(first, last):
            if kind % 2 == 0:
                if time > blocks[x, 2]:
                    continue
                to = 2 * blocks[x, 0] + 1
                time_to = max(time, blocks[x, 1]) + blocks[x, 3]
                time_to -= time_to % grain
                latest_to, spent_to, column = latest, spent, blocks[x, 4]
                if longest >= 0:
                    latest_to = min(latest, blocks[x, 2] - spent)
                    spent_to = spent + blocks[x, 3]
            else:
                to = 2 * arcs[x, 0]
                time_to = max(time + arcs[x, 1], nodes[arcs[x, 0], 0])
                if time_to > nodes[arcs[x, 0], 1]:
                    continue
                latest_to, spent_to, column = latest, spent, arcs[x, 2]
                if longest >= 0:
                    spent_to = spent + arcs[x, 1]
            if longest >= 0:
                # Where waits are forced, the time spent is what lies between latest departure and now.
                spent_to = max(spent_to, time_to - latest_to)
                if spent_to > longest:
                    continue
            target = _number(states, count, table, to, time_to, latest_to, spent_to)
            if target == count:
                count += 1
                if count > most_states:
                    return -1, states, edge_from, edges, started, ending
            if written >= most_edges:
                return -1, states, edge_from, edges, started, ending
            edges[written, 0], edges[written, 1] = column, target
            written += 1
        done += 1
        edge_from[done] = written
    return count, states, edge_from, edges, started, ending


@njit(cache=True, nogil=True)
def fold(count: int, order: Ints, states: Ints, edge_from: Ints, edges: Ints, ending: Bools) -> tuple[int, Ints, Ints]:
    """Return (number of folded states, the folded state of each, one example of each folded state).

    ``order`` lists the states so that every edge leads to an earlier one. States from which no tour can end fold to -1.
    """
    folded = np.full(count, -1, dtype=np.int64)
    example = np.empty(count, dtype=np.int64)
    size = 1024
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, dtype=np.int64)
    found = 0
    for s in order:
        hash_ = _mix(1469598103934665603, 2 * states[s, 0] + (1 if ending[s] else 0))
        alive = ending[s]
        for e in range(edge_from[s], edge_from[s + 1]):
            if folded[edges[e, 1]] >= 0:
                alive = True
                hash_ = _mix(_mix(hash_, edges[e, 0]), folded[edges[e, 1]])
        if not alive:
            continue
        at = (hash_ ^ (hash_ >> 31)) & (size - 1)
        while table[at] >= 0:
            if _same(s, example[table[at]], states, edge_from, edges, ending, folded):
                break
            at = (at + 1) & (size - 1)
        if table[at] < 0:
            table[at] = found
            example[found] = s
            found += 1
        folded[s] = table[at]
    return found, folded, example[:found]


@njit(cache=True, nogil=True)
def _same(a: int, b: int, states: Ints, edge_from: Ints, edges: Ints, ending: Bools, folded: Ints) -> bool:
    if states[a, 0] != states[b, 0] or ending[a] != ending[b]:
        return False
    x, y = edge_from[a], edge_from[b]
    while True:
        while x < edge_from[a + 1] and folded[edges[x, 1]] < 0:
            x += 1
        while y < edge_from[b + 1] and folded[edges[y, 1]] < 0:
            y += 1
        if x == edge_from[a + 1] or y == edge_from[b + 1]:
            return bool(x == edge_from[a + 1] and y == edge_from[b + 1])
        if edges[x, 0] != edges[y, 0] or folded[edges[x, 1]] != folded[edges[y, 1]]:
            return False
        x += 1
        y += 1
