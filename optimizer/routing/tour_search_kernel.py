"""The compiled large neighbourhood search: tear holes into tours near one another, fill them anew.

A plan is a chain of fragments for each duty. What is worth more is one whole number, points, made of the stages so
that within a step an earlier stage outweighs all later ones; which plan is the best is decided by the stages
themselves, in their order. Steps that lose are accepted now and then, less and less (simulated annealing), as in the
slack induction by string removals of Christiaens & Vanden Berghe (2020), "Slack induction by string removals for
vehicle routing problems".
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.completion import NEVER
from optimizer.routing.tour_kernel import Blocks, Workspace
from optimizer.routing.tour_plan_kernel import (
    CHANGES,
    HALVES,
    STAGES,
    Problem,
    Saved,
    State,
    block_rest,
    clear_tour,
    position_of,
    save_tour,
    undo,
)
from optimizer.routing.tour_refill_kernel import Desk, legalise, random_below, random_share, refill, survey

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

_LEAST_TRUST = 0.5
"""Least share of its worth at which a hole is filled with the first member of a bundle."""
_TRIED = 16
"""One in so many plans with halves that equal the best in the first stage is tried without them."""


@njit(cache=True, nogil=True)
def _hole(length: int, request_at: int, random: Words) -> tuple[int, int]:
    """Return where a hole about position ``request_at`` (-1: anywhere) begins and ends: a third are the whole tour."""
    if length == 0 or random_below(random, 3) == 0:
        return 0, length
    middle = request_at if request_at >= 0 else random_below(random, length)
    size = 1 + random_below(random, 3)
    since = max(0, middle - random_below(random, size))
    return since, min(length, since + size)


@njit(cache=True, nogil=True)
def _torn(problem: Problem, state: State, random: Words, wish: int, chosen: Ints, about: Ints) -> tuple[int, int]:
    """Choose duties to tear: those that carry requests near a random one; return how many, and that request.

    Half of the time the seed is a request that nobody carries. ``about`` gets -1 where no request led to the duty.
    """
    requests = len(problem.unit)
    seed = -1
    unserved = random_below(random, 2) == 0
    for _ in range(30):
        seed = _other_half(problem, state, random) if unserved else -1
        if seed < 0:
            seed = random_below(random, requests)
        possible = problem.unit[seed] >= 0 and problem.carriers_from[seed] < problem.carriers_from[seed + 1]
        if possible and not (unserved and state.owner[seed] >= 0):
            break
    count = 0
    unit = problem.unit[seed]
    first = problem.unit_members_from[unit] if unit >= 0 else 0
    last = problem.unit_members_from[unit + 1] if unit >= 0 else 0
    for x in range(first, last):
        member = problem.unit_members[x]
        target = min(len(chosen), count + wish)
        for y in range(-1, problem.near.shape[1]):
            if count >= target:
                break
            request = member if y < 0 else problem.near[member, y]
            duty = state.owner[request]
            if duty < 0 or (y >= 0 and random_below(random, 3) == 0):
                continue
            count = _choose(chosen, about, count, duty, request)
    if count < len(chosen) and (count == 0 or random_below(random, 4) == 0):
        duty = problem.near_duties[seed, random_below(random, problem.near_duties.shape[1])]
        count = _choose(chosen, about, count, duty, -1)
    return count, seed


@njit(cache=True, nogil=True)
def _other_half(problem: Problem, state: State, random: Words) -> int:
    """Return, half of the time, a member not carried of a bundle of which others are; else -1."""
    if len(problem.bundles) == 0 or random_below(random, 2) == 0:
        return -1
    for _ in range(8):
        unit = problem.bundles[random_below(random, len(problem.bundles))]
        if 0 < state.served[unit] < problem.unit_size[unit]:
            for x in range(problem.unit_members_from[unit], problem.unit_members_from[unit + 1]):
                if state.owner[problem.unit_members[x]] < 0:
                    return int(problem.unit_members[x])
    return -1


@njit(cache=True, nogil=True)
def _choose(chosen: Ints, about: Ints, count: int, duty: int, request: int) -> int:
    for x in range(count):
        if chosen[x] == duty:
            return count
    chosen[count], about[count] = duty, request
    return count + 1


@njit(cache=True, nogil=True)
def _better(problem: Problem, totals: Ints, best: Ints) -> bool:
    for x in range(len(problem.order)):
        stage = problem.order[x]
        if totals[stage] != best[stage]:
            return bool(totals[stage] < best[stage])
    return False


@njit(cache=True, nogil=True)
def _gain(problem: Problem, before: Ints, after: Ints, lenience: float) -> int:
    total = int(lenience * (before[HALVES] - after[HALVES]))
    for stage in range(STAGES):
        coarse = problem.coarse[stage]
        total += problem.points[stage] * (before[stage] // coarse - after[stage] // coarse)
    return total


@njit(cache=True, nogil=True)
def _keep(state: State, best: State) -> None:
    best.chains[:] = state.chains
    best.gaps[:] = state.gaps
    best.lengths[:] = state.lengths
    best.parts[:] = state.parts
    best.totals[:] = state.totals


@njit(cache=True, nogil=True)
def _write(state: State, saved: Saved, kept: int, log: Saved, logged: int) -> int:
    """Log the tours that the saved duties have now, while there is room; return how many are logged."""
    for x in range(kept):
        duty = saved.duties[x]
        length = state.lengths[duty]
        if logged < len(log.duties) and length > 0:
            log.duties[logged] = duty
            log.chains[logged, :length] = state.chains[duty, :length]
            log.gaps[logged, : length + 1] = state.gaps[duty, : length + 1]
            log.sizes[logged, 0], log.sizes[logged, 1] = length, state.parts[duty, 4]
            logged += 1
    return logged


@njit(cache=True, nogil=True)
def search(
    blocks: Blocks,
    problem: Problem,
    state: State,
    best: State,
    space: Workspace,
    desk: Desk,
    random: Words,
    steps: int,
    hot: float,
    cold: float,
    lenience: float,
    from_step: int,
    until_step: int,
    tours: int,
    most: int,
    halt: Bools,
    log: Saved,
) -> tuple[int, int]:
    """Take steps ``from_step`` to ``until_step`` of a cooling over ``steps`` from ``hot`` to ``cold`` points.

    A bundle carried in part counts ``lenience`` of its members' points at first, nothing at the end: pairs far apart in
    time and place are found one after the other. ``best`` follows the best plan that carries bundles whole or not at
    all (its chains, gaps, lengths, parts and totals). ``tours`` is the most tours torn in a step,
    ``most`` the most candidates in a hole. The tours of accepted steps are logged until the log is full.
    Returns (steps taken, tours logged); stops where ``halt[0]`` is raised.
    """
    chosen, about = np.empty(tours + 4, dtype=np.int64), np.empty(tours + 4, dtype=np.int64)
    holes = np.empty((len(chosen), 2), dtype=np.int64)
    before = np.empty(STAGES + 1, dtype=np.int64)
    saved = desk.saved
    logged = 0
    for step in range(from_step, until_step):
        if halt[0]:
            return step, logged
        before[:] = state.totals
        count, seed = _torn(problem, state, random, 1 + random_below(random, tours), chosen, about)
        noise = 0.0 if random_below(random, 2) == 0 else 0.6
        modesty = 0.3 * random_below(random, 4)
        trust = _LEAST_TRUST + (1.0 - _LEAST_TRUST) * random_share(random)
        kept = 0
        for x in range(count):
            kept = save_tour(state, saved, kept, chosen[x])
            clear_tour(blocks, problem, state, chosen[x])
        survey(blocks, problem, state, desk, kept, seed)
        # What lies outside the holes stays with its duty: nobody else may take it.
        for x in range(count):
            length = saved.sizes[x, 0]
            at = position_of(blocks, saved.chains[x], length, about[x])
            holes[x, 0], holes[x, 1] = _hole(length, at, random)
            block_rest(blocks, problem, state, saved.chains[x], length, holes[x], 1)
        for x in range(count):
            desk.order[x] = x
        for x in range(count - 1, 0, -1):
            y = random_below(random, x + 1)
            desk.order[x], desk.order[y] = desk.order[y], desk.order[x]
        sound = True
        for z in range(count):
            x = desk.order[z]
            length = saved.sizes[x, 0]
            block_rest(blocks, problem, state, saved.chains[x], length, holes[x], -1)
            sound = sound and refill(
                blocks, problem, state, space, desk, chosen[x], saved.chains[x], length, holes[x, 0], holes[x, 1],
                noise, modesty, trust, random, most,
            )  # fmt: skip
        sound = sound and state.totals[CHANGES] <= max(before[CHANGES], problem.most_changed)
        share = step / max(1, steps)
        gain = _gain(problem, before, state.totals, lenience * (1.0 - share)) if sound else -NEVER
        heat = hot * (cold / hot) ** share
        for x in range(problem.near.shape[1]):
            request = problem.near[seed, x]
            desk.ease[request] += 0.02 * ((1.0 if state.owner[request] >= 0 else 0.0) - desk.ease[request])
        if not sound or (gain < 0 and random_share(random) >= np.exp(gain / heat)):
            undo(blocks, problem, state, saved, kept)
            continue
        logged = _write(state, saved, kept, log, logged)
        # What is carried whole stays when halves are taken out: so this may be a better plan.
        first = problem.order[0]
        ahead = best.totals[first] - state.totals[first]
        if state.totals[HALVES] < 0 and (ahead > 0 or (ahead == 0 and random_below(random, _TRIED) == 0)):
            kept, sound = legalise(blocks, problem, state, space, desk, random, most)
            sound = sound and state.totals[CHANGES] <= problem.most_changed
            if sound and _better(problem, state.totals, best.totals):
                _keep(state, best)
                logged = _write(state, saved, kept, log, logged)
            undo(blocks, problem, state, saved, kept)
        elif state.totals[HALVES] == 0 and _better(problem, state.totals, best.totals):
            _keep(state, best)
    return until_step, logged
