"""A whole plan as chains of fragments, with all that the search over plans must know of it kept up to date.

Totals of the stages, loads of the ZABs, who carries what and which fragments are free change with each tour by no more
than that tour's stops: a step of the search costs nothing for the rest of the plan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.tour_kernel import CLASS, PER_METRE, PER_SECOND, ZAB, Blocks

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

PINNED, SERVED, CUSTODY, NIGHT, FAIR_LOAD, CHANGES, COST = range(7)
"""Columns of a table of stages, each to be made small (minimised form)."""
STAGES = 7
HALVES = 7
"""Column after the stages: points of the members carried of bundles that are not carried whole, less than 0."""


class Problem(NamedTuple):
    """What does not change within a run.

    Parameters
    ----------
    carriers, carriers_from
        Fragments that carry each pool request.
    able
        ``(classes, fragments)`` whether a class can make it.
    unit, unit_size, unit_weight, unit_pins
        Unit of each request (-1: not of the pool), and of each unit its size, weight and pins.
    unit_penalty
        Micro-euros that leaving a unit out costs.
    bundles
        Units of more than one member.
    unit_members, unit_members_from
        Requests of each unit.
    kept, kept_from
        Fragments with promises of each duty.
    wanted
        ``(classes, requests)`` whether the published plan has the request on a duty of the class.
    near
        ``(requests, k)`` requests near each in place and time, nearest first.
    near_duties
        ``(requests, k)`` duties whose depots are near each.
    fair
        ``(zabs, requests + 1)`` fair-load value of a ZAB that takes so many.
    budget
        ``(zabs,)`` most new requests.
    most_changed
        Most that the total of ``CHANGES`` may be: so many assignments of the published plan must be kept, less than 0.
    cliques, cliques_from
        Rows of mutual exclusion that each duty stands in.
    clique_most
        Most duties used in each row.
    prize
        ``(requests,)`` points for serving each.
    points
        ``(STAGES,)`` points that one unit of each stage costs, times ``scale``.
    coarse
        ``(STAGES,)`` units of the stage that are one step of its points.
    order
        Stages in the order that counts.
    """

    carriers: Ints
    carriers_from: Ints
    able: Bools
    unit: Ints
    unit_size: Ints
    unit_weight: Ints
    unit_pins: Ints
    unit_penalty: int
    bundles: Ints
    unit_members: Ints
    unit_members_from: Ints
    kept: Ints
    kept_from: Ints
    wanted: Bools
    near: Ints
    near_duties: Ints
    fair: Ints
    budget: Ints
    most_changed: int
    cliques: Ints
    cliques_from: Ints
    clique_most: Ints
    prize: Ints
    points: Ints
    coarse: Ints
    order: Ints


class State(NamedTuple):
    """A plan, and what is derived from it.

    Parameters
    ----------
    chains, gaps, lengths
        ``(duties, LONGEST)``, ``(duties, LONGEST + 1)``, ``(duties,)``.
    parts
        ``(duties, 5)`` custody, night, less kept assignments, micro-euros and span of each tour.
    owner
        ``(requests,)`` duty that carries it, or -1; promised requests stay with theirs.
    blocked
        ``(fragments,)`` how many of its requests are carried, or banned.
    load, used, served
        New requests of each ZAB, duties used in each row of exclusion, carried members of each unit.
    totals
        ``(STAGES + 1,)``, the last one ``HALVES``.
    """

    chains: Ints
    gaps: Ints
    lengths: Ints
    parts: Ints
    owner: Ints
    blocked: Ints
    load: Ints
    used: Ints
    served: Ints
    totals: Ints


class Saved(NamedTuple):
    """Tours as they were before a step: duties, chains, gaps, and per tour (length, span)."""

    duties: Ints
    chains: Ints
    gaps: Ints
    sizes: Ints


@njit(cache=True, nogil=True)
def block(problem: Problem, state: State, request: int, by: int) -> None:
    """Block (``by`` = 1) the fragments that carry a request, or take that back (-1)."""
    for x in range(problem.carriers_from[request], problem.carriers_from[request + 1]):
        state.blocked[problem.carriers[x]] += by


@njit(cache=True, nogil=True)
def _count_unit(problem: Problem, state: State, request: int, by: int) -> None:
    unit = problem.unit[request]
    size = problem.unit_size[unit]
    if state.served[unit] == size:
        state.totals[PINNED] += problem.unit_pins[unit]
        state.totals[SERVED] += problem.unit_weight[unit]
        state.totals[COST] += problem.unit_penalty
    else:
        state.totals[HALVES] += state.served[unit] * problem.prize[request]
    state.served[unit] += by
    if state.served[unit] == size:
        state.totals[PINNED] -= problem.unit_pins[unit]
        state.totals[SERVED] -= problem.unit_weight[unit]
        state.totals[COST] -= problem.unit_penalty
    else:
        state.totals[HALVES] -= state.served[unit] * problem.prize[request]


@njit(cache=True, nogil=True)
def _carry(blocks: Blocks, problem: Problem, state: State, duty: int, f: int, by: int) -> None:
    """Count fragment ``f`` in (``by`` = 1) or out (-1) of a duty's tour."""
    zab = blocks.duties[duty, ZAB]
    for x in range(blocks.carried_from[f], blocks.carried_from[f + 1]):
        request = blocks.carried[x]
        state.owner[request] = duty if by > 0 else -1
        block(problem, state, request, by)
        _count_unit(problem, state, request, by)
        state.totals[FAIR_LOAD] -= problem.fair[zab, state.load[zab]]
        state.load[zab] += by
        state.totals[FAIR_LOAD] += problem.fair[zab, state.load[zab]]


@njit(cache=True, nogil=True)
def set_tour(
    blocks: Blocks, problem: Problem, state: State, duty: int, chain: Ints, gaps: Ints, length: int, span: int
) -> None:
    """Give a duty another tour. ``span`` in seconds; length 0 keeps it at home. ``chain`` may be its own row."""
    clear_tour(blocks, problem, state, duty)
    rule = blocks.duties[duty]
    for x in range(length):
        f = chain[x]
        state.chains[duty, x], state.gaps[duty, x] = f, gaps[x]
        _carry(blocks, problem, state, duty, f, 1)
        state.parts[duty, 0] += blocks.figures[f, 6]
        state.parts[duty, 1] += blocks.figures[f, 7]
        for y in range(blocks.carried_from[f], blocks.carried_from[f + 1]):
            state.parts[duty, 2] -= 1 if problem.wanted[rule[CLASS], blocks.carried[y]] else 0
    state.lengths[duty] = length
    if length:
        state.gaps[duty, length] = gaps[length]
        metres = 0
        at = rule[0]
        for x in range(length):
            frag = blocks.figures[chain[x]]
            metres += (blocks.metres[at, frag[0]] if at >= 0 else 0) + frag[5]
            at = frag[1]
        metres += blocks.metres[at, rule[1]] if rule[1] >= 0 else 0
        state.parts[duty, 3] = metres * rule[PER_METRE] + span * rule[PER_SECOND]
        state.parts[duty, 4] = span
        for x in range(problem.cliques_from[duty], problem.cliques_from[duty + 1]):
            state.used[problem.cliques[x]] += 1
    _count_parts(state, duty, 1)


@njit(cache=True, nogil=True)
def clear_tour(blocks: Blocks, problem: Problem, state: State, duty: int) -> None:
    """Take a duty's tour out of the plan."""
    if state.lengths[duty] == 0:
        return
    for x in range(state.lengths[duty]):
        _carry(blocks, problem, state, duty, state.chains[duty, x], -1)
    for x in range(problem.cliques_from[duty], problem.cliques_from[duty + 1]):
        state.used[problem.cliques[x]] -= 1
    _count_parts(state, duty, -1)
    state.parts[duty, :] = 0
    state.lengths[duty] = 0


@njit(cache=True, nogil=True)
def _count_parts(state: State, duty: int, by: int) -> None:
    state.totals[CUSTODY] += by * state.parts[duty, 0]
    state.totals[NIGHT] += by * state.parts[duty, 1]
    state.totals[CHANGES] += by * state.parts[duty, 2]
    state.totals[COST] += by * state.parts[duty, 3]


@njit(cache=True, nogil=True)
def block_rest(blocks: Blocks, problem: Problem, state: State, chain: Ints, length: int, hole: Ints, by: int) -> None:
    """Count what a chain carries outside its hole as carried (``by`` = 1), or no longer (-1)."""
    for x in range(length):
        if x < hole[0] or x >= hole[1]:
            for y in range(blocks.carried_from[chain[x]], blocks.carried_from[chain[x] + 1]):
                block(problem, state, blocks.carried[y], by)
                _count_unit(problem, state, blocks.carried[y], by)


@njit(cache=True, nogil=True)
def position_of(blocks: Blocks, chain: Ints, length: int, request: int) -> int:
    """Return where in a chain a request is carried, -1 where it is not."""
    for x in range(length):
        for y in range(blocks.carried_from[chain[x]], blocks.carried_from[chain[x] + 1]):
            if blocks.carried[y] == request:
                return x
    return -1


@njit(cache=True, nogil=True)
def save_tour(state: State, saved: Saved, count: int, duty: int) -> int:
    """Keep a tour, unless it is kept already; return how many are, -1 where there is no room."""
    for x in range(count):
        if saved.duties[x] == duty:
            return count
    if count >= len(saved.duties):
        return -1
    length = state.lengths[duty]
    saved.duties[count] = duty
    saved.chains[count, :length] = state.chains[duty, :length]
    saved.gaps[count, : length + 1] = state.gaps[duty, : length + 1]
    saved.sizes[count, 0], saved.sizes[count, 1] = length, state.parts[duty, 4]
    return count + 1


@njit(cache=True, nogil=True)
def undo(blocks: Blocks, problem: Problem, state: State, saved: Saved, kept: int) -> None:
    """Give the first ``kept`` saved tours back to their duties."""
    for x in range(kept):
        clear_tour(blocks, problem, state, saved.duties[x])
    for x in range(kept):
        length, span = saved.sizes[x, 0], saved.sizes[x, 1]
        set_tour(blocks, problem, state, saved.duties[x], saved.chains[x], saved.gaps[x], length, span)
