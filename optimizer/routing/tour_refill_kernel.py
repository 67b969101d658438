"""What is put into the holes of tours: the free fragments about a place and time, chosen by worth, and some luck."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.tour_kernel import CLASS, PER_METRE, PROMISES, ZAB, Blocks, Workspace, fill
from optimizer.routing.tour_plan_kernel import (
    CHANGES,
    CUSTODY,
    FAIR_LOAD,
    NIGHT,
    Problem,
    Saved,
    State,
    block,
    block_rest,
    clear_tour,
    position_of,
    save_tour,
    set_tour,
    undo,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

_TRUST = 0.5
"""Share of its worth at which a first plan takes the first member of a bundle."""


class Desk(NamedTuple):
    """Memory of a step: saved tours, candidates with scores and values, an order, a tour in the making, what is near.

    ``local[1 : 1 + local[0]]`` are the fragments that a step may use, ``marked`` (fragments) the last step that met
    ``marked[-1]`` counts steps.
    """

    saved: Saved
    scores: Floats
    found: Ints
    out: Ints
    values: Ints
    order: Ints
    chain: Ints
    gaps: Ints
    marked: Ints
    local: Ints
    ease: Floats


@njit(cache=True, nogil=True)
def random_below(state: Words, below: int) -> int:
    """Return a whole number from 0 to ``below`` - 1 (xorshift64*; Vigna 2016)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % below


@njit(cache=True, nogil=True)
def random_share(state: Words) -> float:
    """Return a number in [0, 1)."""
    return random_below(state, 1 << 30) / (1 << 30)


@njit(cache=True, nogil=True)
def _survey_request(problem: Problem, state: State, desk: Desk, request: int) -> None:
    """Add the free fragments that carry a request to those that the step may use."""
    step = desk.marked[-1]
    for x in range(problem.carriers_from[request], problem.carriers_from[request + 1]):
        f = problem.carriers[x]
        if desk.marked[f] != step and state.blocked[f] == 0:
            desk.marked[f] = step
            desk.local[0] += 1
            desk.local[desk.local[0]] = f


@njit(cache=True, nogil=True)
def survey(blocks: Blocks, problem: Problem, state: State, desk: Desk, kept: int, seed: int) -> None:
    """List the free fragments about the saved tours: with what these carried, what is near it, and their promises."""
    desk.marked[-1] += 1
    desk.local[0] = 0
    if seed >= 0:
        _survey_request(problem, state, desk, seed)
        for w in range(problem.near.shape[1]):
            if state.owner[problem.near[seed, w]] < 0:
                _survey_request(problem, state, desk, problem.near[seed, w])
    for x in range(kept):
        _survey_promises(problem, state, desk, desk.saved.duties[x])
        for y in range(desk.saved.sizes[x, 0]):
            _survey_fragment(blocks, problem, state, desk, desk.saved.chains[x, y])


@njit(cache=True, nogil=True)
def survey_hole(blocks: Blocks, problem: Problem, state: State, desk: Desk, duty: int, at: int) -> None:
    """List the free fragments about position ``at`` of the chain in the making, and the duty's promises."""
    desk.marked[-1] += 1
    desk.local[0] = 0
    _survey_promises(problem, state, desk, duty)
    _survey_fragment(blocks, problem, state, desk, desk.chain[at])


@njit(cache=True, nogil=True)
def _survey_promises(problem: Problem, state: State, desk: Desk, duty: int) -> None:
    for y in range(problem.kept_from[duty], problem.kept_from[duty + 1]):
        f = problem.kept[y]
        if state.blocked[f] == 0 and desk.marked[f] != desk.marked[-1]:
            desk.marked[f] = desk.marked[-1]
            desk.local[0] += 1
            desk.local[desk.local[0]] = f


@njit(cache=True, nogil=True)
def _survey_fragment(blocks: Blocks, problem: Problem, state: State, desk: Desk, f: int) -> None:
    """Add what carries a fragment's requests, the others of their bundles, or what is near them."""
    for z in range(blocks.carried_from[f], blocks.carried_from[f + 1]):
        request = blocks.carried[z]
        unit = problem.unit[request]
        for w in range(problem.unit_members_from[unit], problem.unit_members_from[unit + 1]):
            if state.owner[problem.unit_members[w]] < 0:
                _survey_request(problem, state, desk, problem.unit_members[w])
        for w in range(problem.near.shape[1]):
            if state.owner[problem.near[request, w]] < 0:
                _survey_request(problem, state, desk, problem.near[request, w])


@njit(cache=True, nogil=True)
def _faith(blocks: Blocks, problem: Problem, state: State, f: int, unit: int, trust: float) -> float:
    """Return what a member of a bundle in fragment ``f`` counts: ``trust`` where the others are still to come.

    What completes a bundle counts all the more.
    """
    carried = state.served[unit]
    for x in range(blocks.carried_from[f], blocks.carried_from[f + 1]):
        carried += 1 if problem.unit[blocks.carried[x]] == unit else 0
    if carried == problem.unit_size[unit]:
        return 2.0 - trust if state.served[unit] > 0 else 1.0
    return trust


@njit(cache=True, nogil=True)
def _gather(
    blocks: Blocks,
    problem: Problem,
    state: State,
    duty: int,
    ready: int,
    place: int,
    until: int,
    onward: int,
    noise: float,
    modesty: float,
    trust: float,
    random: Words,
    most: int,
    desk: Desk,
) -> int:
    """Write the free fragments that fit between ``place`` at ``ready`` and ``onward`` at ``until``; return how many.

    At most ``most``: promises, and those of greatest worth for their time and way, with some luck. In the order of a
    random mark between their first and last start. ``trust``: see ``_faith``; at 0 no bundle is begun.
    """
    rule = blocks.duties[duty]
    number, zab = rule[CLASS], rule[ZAB]
    marginal = 0
    if state.load[zab] + 1 < problem.fair.shape[1]:
        marginal = problem.fair[zab, state.load[zab] + 1] - problem.fair[zab, state.load[zab]]
    share = problem.points[FAIR_LOAD] * (marginal // problem.coarse[FAIR_LOAD])
    scores, found, out, values = desk.scores, desk.found, desk.out, desk.values
    count = 0
    for x in range(1, 1 + desk.local[0]):
        f = desk.local[x]
        if state.blocked[f] > 0 or not problem.able[number, f]:
            continue
        frag = blocks.figures[f]
        if frag[2] < ready or frag[3] > until:
            continue
        out_drive = blocks.seconds[place, frag[0]] if place >= 0 else 0
        home_drive = blocks.seconds[frag[1], onward] if onward >= 0 else 0
        if ready + out_drive > frag[2] or max(frag[3], ready + out_drive) + frag[4] + home_drive > until:
            continue
        value = -problem.points[CUSTODY] * (frag[6] // problem.coarse[CUSTODY])
        value -= problem.points[NIGHT] * (frag[7] // problem.coarse[NIGHT])
        value -= frag[5] * rule[PER_METRE] // blocks.quantum * blocks.price
        prize = 0
        halves = False
        for y in range(blocks.carried_from[f], blocks.carried_from[f + 1]):
            request = blocks.carried[y]
            worth = problem.prize[request] * (1.0 - modesty * desk.ease[request])
            unit = problem.unit[request]
            if problem.unit_size[unit] > 1:
                faith = _faith(blocks, problem, state, f, unit, trust)
                halves = halves or faith == 0.0
                worth *= faith
            prize += int(worth) - share
            if problem.wanted[number, request]:
                prize += problem.points[CHANGES]
        if noise > 0.0:
            prize = int(prize * (1.0 + noise * (random_share(random) - 0.5)))
        if halves or (frag[11] == 0 and value + prize <= 0):
            continue
        found[count] = f
        values[count] = value + prize
        time = frag[4] + 0.5 * (out_drive + home_drive)
        scores[count] = -1e30 if frag[11] > 0 else -(value + prize) / (time + 600.0) * (0.5 + random_share(random))
        count += 1
        if count >= len(found):
            break
    order = np.arange(count)
    if count > most:
        order = np.argsort(scores[:count])[:most]
        count = most
    mark = random_share(random)
    marks = np.empty(count, dtype=np.float64)
    for x in range(count):
        frag = blocks.figures[found[order[x]]]
        marks[x] = frag[3] + mark * (frag[2] - frag[3])
    ranked = np.argsort(marks)
    picked = np.empty(count, dtype=np.int64)
    for x in range(count):
        out[x] = found[order[ranked[x]]]
        picked[x] = values[order[ranked[x]]]
    values[:count] = picked
    return count


@njit(cache=True, nogil=True)
def refill(
    blocks: Blocks,
    problem: Problem,
    state: State,
    space: Workspace,
    desk: Desk,
    duty: int,
    chain: Ints,
    length: int,
    since: int,
    until: int,
    noise: float,
    modesty: float,
    trust: float,
    random: Words,
    most: int,
) -> bool:
    """Give a duty that has no tour the chain with its hole filled; false where nothing legal was found."""
    rule = blocks.duties[duty]
    if rule[PROMISES] == 0:
        for x in range(problem.cliques_from[duty], problem.cliques_from[duty + 1]):
            row = problem.cliques[x]
            if state.used[row] >= problem.clique_most[row]:
                return True
    ready, place = rule[2], rule[0]
    for x in range(since):
        frag = blocks.figures[chain[x]]
        ready = max(frag[3], ready + (blocks.seconds[place, frag[0]] if place >= 0 else 0)) + frag[4]
        place = frag[1]
    last, onward = rule[3], rule[1]
    for x in range(length - 1, until - 1, -1):
        frag = blocks.figures[chain[x]]
        last = min(frag[2], last - (blocks.seconds[frag[1], onward] if onward >= 0 else 0) - frag[4])
        onward = frag[0]
    # What the rest of the chain carries is not free, though the duty has no tour at this moment.
    hole = np.array([since, until])
    block_rest(blocks, problem, state, chain, length, hole, 1)
    count = _gather(blocks, problem, state, duty, ready, place, last, onward, noise, modesty, trust, random, most, desk)
    block_rest(blocks, problem, state, chain, length, hole, -1)
    room = problem.budget[rule[ZAB]] - state.load[rule[ZAB]]
    size, span = fill(
        blocks,
        space,
        duty,
        chain,
        length,
        since,
        until,
        desk.out[:count],
        desk.values[:count],
        room,
        desk.chain,
        desk.gaps,
    )
    if size < 0:
        return False
    set_tour(blocks, problem, state, duty, desk.chain, desk.gaps, size, span)
    return True


@njit(cache=True, nogil=True)
def legalise(
    blocks: Blocks, problem: Problem, state: State, space: Workspace, desk: Desk, random: Words, most: int
) -> tuple[int, bool]:
    """Take out the halves of bundles, and fill the holes with what makes no new ones.

    Return how many tours are now saved, and whether the plan is legal.
    """
    banned = np.empty(len(problem.bundles), dtype=np.int64)
    bans, kept = 0, 0
    for unit in problem.bundles:
        if 0 < state.served[unit] < problem.unit_size[unit]:
            banned[bans] = unit
            bans += 1
            for x in range(problem.unit_members_from[unit], problem.unit_members_from[unit + 1]):
                block(problem, state, problem.unit_members[x], 1)
    sound = True
    for z in range(bans):
        for x in range(problem.unit_members_from[banned[z]], problem.unit_members_from[banned[z] + 1]):
            duty = state.owner[problem.unit_members[x]]
            if duty < 0 or not sound:
                continue
            kept = save_tour(state, desk.saved, kept, duty)
            length = state.lengths[duty]
            desk.chain[:length] = state.chains[duty, :length]
            at = position_of(blocks, desk.chain, length, problem.unit_members[x])
            clear_tour(blocks, problem, state, duty)
            survey_hole(blocks, problem, state, desk, duty, at)
            before = desk.chain[:length].copy()
            sound = refill(
                blocks, problem, state, space, desk, duty, before, length, at, at + 1, 0.0, 0.0, 0.0, random, most
            ) or refill(
                blocks, problem, state, space, desk, duty, before, length, 0, length, 0.0, 0.0, 0.0, random, most
            )  # fmt: skip
    for z in range(bans):
        for x in range(problem.unit_members_from[banned[z]], problem.unit_members_from[banned[z] + 1]):
            block(problem, state, problem.unit_members[x], -1)
    return kept, sound


@njit(cache=True, nogil=True)
def build(
    blocks: Blocks,
    problem: Problem,
    state: State,
    space: Workspace,
    desk: Desk,
    random: Words,
    order: Ints,
    most: int,
    halt: Bools,
) -> None:
    """Give each duty of ``order`` its best tour among the requests still free; one that finds none keeps its own.

    Bundles may be carried in part afterwards.
    """
    for duty in order:
        if halt[0]:
            return
        kept = save_tour(state, desk.saved, 0, duty)
        length = desk.saved.sizes[0, 0]
        clear_tour(blocks, problem, state, duty)
        desk.marked[-1] += 1
        desk.local[0] = 0
        for f in range(len(state.blocked)):
            if state.blocked[f] == 0:
                desk.local[0] += 1
                desk.local[desk.local[0]] = f
        if not refill(
            blocks, problem, state, space, desk, duty, desk.saved.chains[0], length, 0, length, 0.0, 0.0, _TRUST,
            random, most,
        ):  # fmt: skip
            undo(blocks, problem, state, desk.saved, kept)
