"""Large neighbourhood search over whole stop sequences, compiled: for days whose fragments are too many to list.

Rides are taken out (``flow_lns_removal``) and put back where they fit best (``flow_lns_insertion``), in an order drawn
by lot, now and then not at the best place ("blinks": Christiaens & Vanden Berghe 2020); worse plans are accepted by a
slowly falling temperature. Only what can be driven is ever kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.search.flow_lns_insertion import LINES, NEVER, Plan, Tables, best_insertion, close_tour, insert
from optimizer.search.flow_lns_removal import choose_gone

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

UNSERVED = 1 << 50
"""What a ride that nobody makes adds to the cost of a plan."""
_BLINK = 0.02
"""Share of places that are overlooked when a ride is put back."""
_REGRET = 0.1
"""Share of rounds that put back first whoever would lose most by waiting (Ropke & Pisinger 2006): twice as slow."""
_NOISE = 0.2


class Memory(NamedTuple):
    """Tours of accepted plans: of those with the same rides the cheapest, in a hash table that forgets.

    Parameters
    ----------
    lots
        ``(rides,)`` random numbers whose sum is the key of a set of rides.
    key, cost, length
        ``(size,)`` of each tour; key 0: none.
    stops
        ``(size, room)``.
    """

    lots: Ints
    key: Ints
    cost: Ints
    length: Ints
    stops: Ints


class Known(NamedTuple):
    """What insertions add: it depends on ride and tour alone, so it is kept as long as the tour is the same.

    Parameters
    ----------
    version
        ``(vehicles,)``, another number for each change of a tour.
    at
        ``(rides, vehicles)`` the version that the rest is about.
    added
        ``(rides, vehicles)`` of ``best_insertion``; no more than a lower bound where there are no places.
    places
        ``(rides, vehicles, 2)`` of ``best_insertion``.
    """

    version: Ints
    at: Ints
    added: Ints
    places: Ints


@njit(cache=True, nogil=True)
def _copy_tour(v: int, a: Plan, b: Plan) -> None:
    """Copy tour ``v`` of plan ``a`` to plan ``b``."""
    m = a.length[v]
    b.length[v], b.cost[v] = m, a.cost[v]
    b.stops[v, :m] = a.stops[v, :m]
    b.aboard[v, :m] = a.aboard[v, :m]
    for k in range(m + 1):
        b.far[v, k, : m + 1] = a.far[v, k, : m + 1]


@njit(cache=True, nogil=True)
def _take_out(v: int, plan: Plan, gone: Bools) -> None:
    at = 1
    for k in range(1, plan.length[v] - 1):
        if not gone[plan.stops[v, k] // 2]:
            plan.stops[v, at] = plan.stops[v, k]
            at += 1
    plan.stops[v, at] = plan.stops[v, plan.length[v] - 1]
    plan.length[v] = at + 1


@njit(cache=True, nogil=True)
def _remember(v: int, plan: Plan, memory: Memory) -> None:
    key = 0
    for k in range(1, plan.length[v] - 1):
        if plan.stops[v, k] % 2 == 0:
            key += memory.lots[plan.stops[v, k] // 2]
    slot = key % len(memory.key)
    if memory.key[slot] != key or plan.cost[v] < memory.cost[slot]:
        memory.key[slot], memory.cost[slot], memory.length[slot] = key, plan.cost[v], plan.length[v]
        memory.stops[slot, : plan.length[v]] = plan.stops[v, : plan.length[v]]


@njit(cache=True, nogil=True)
def _best_tour(
    ride: int, blink: float, both: bool, plan: Plan, day: Tables, known: Known, work: Ints, dice: np.random.Generator
) -> tuple[int, int, int]:
    """Return (tour where the ride adds least, what it adds there, what it adds to the next best); -1: none.

    Unless ``both`` are wanted, what it adds to the next best is no more than a guess.
    """
    first, second, best = NEVER, NEVER, -1
    # What is known comes first: it makes the rest quicker to rule out.
    for fresh in (False, True):
        seen_empty = False
        for v in range(len(plan.length)):
            if plan.length[v] == 2:
                if seen_empty:
                    continue  # Empty vehicles are alike.
                seen_empty = True
            below = second if both else first
            is_bounded = known.at[ride, v] == known.version[v]
            is_known = is_bounded and known.places[ride, v, 0] >= 0
            if is_known == fresh or (is_bounded and known.added[ride, v] >= below):
                continue
            if blink > 0.0 and dice.random() < blink:
                continue
            if fresh:
                known.at[ride, v] = known.version[v]
                added, i, j = best_insertion(ride, v, below, plan, day, work)
                known.added[ride, v], known.places[ride, v, 0], known.places[ride, v, 1] = added, i, j
            added = known.added[ride, v]
            if added < first:
                first, second, best = added, first, v
            elif added < second:
                second = added
    return best, first, second


@njit(cache=True, nogil=True)
def _shuffle(waiting: Ints, day: Tables, dice: np.random.Generator) -> None:
    """Order rides at random, or those last that are far from the depot, near it, short of time, or early."""
    depot, count = len(day.window) - 2, len(waiting)
    worth = np.empty(count, dtype=np.float64)
    kind = int(dice.integers(0, 10))
    for k in range(count):
        p, d = 2 * waiting[k], 2 * waiting[k] + 1
        if kind < 4:
            worth[k] = dice.random()
        elif kind < 6:
            worth[k] = day.cost[depot, p]
        elif kind < 7:
            worth[k] = -day.cost[depot, p]
        elif kind < 9:
            worth[k] = -min(day.window[p, 1] - day.window[p, 0], day.window[d, 1] - day.window[d, 0])
        else:
            worth[k] = -day.window[p, 0]
    waiting[:] = waiting[np.argsort(worth)]


@njit(cache=True, nogil=True)
def _by_regret(
    waiting: Ints, noise: float, plan: Plan, day: Tables, known: Known, work: Ints, dice: np.random.Generator
) -> int:
    """Return the place among ``waiting`` of the ride that loses most where its best tour is taken."""
    chosen, top = 0, -1.0
    for k in range(len(waiting)):
        best, first, second = _best_tour(waiting[k], 0.0, True, plan, day, known, work, dice)
        if best >= 0:
            worth = min(second, UNSERVED) - first + noise * dice.random() * first
            if worth > top:
                chosen, top = k, worth
    return chosen


@njit(cache=True, nogil=True)
def improve(
    plan: Plan, best: Plan, old: Plan, memory: Memory, day: Tables, near: Ints, rounds: int, hot: float, cold: float,
    most: int, dice: np.random.Generator, halt: Bools,
) -> int:  # fmt: skip
    """Destroy and repair ``rounds`` times; return the rounds done.

    Parameters
    ----------
    plan
        Where to begin; the plan in work.
    best
        The best plan, kept up to date (stops, length, tour_of and cost only).
    old
        Scratch of the same shape.
    memory
        Gets the tours of accepted plans; where it has no room none.
    near
        ``(rides, rides - 1)`` other rides, the most alike first.
    hot, cold
        First and last temperature, in cost, above 0.
    most
        Most rides taken out at once, but for strings.
    halt
        Ends it when its first value becomes true.
    """
    vehicles, n, room = len(plan.length), len(plan.tour_of), plan.stops.shape[1]
    work = np.zeros((LINES, max(room + 1, n)), dtype=np.int64)
    known = Known(
        np.arange(vehicles),
        np.full((n, vehicles), -1, dtype=np.int64),
        np.full((n, vehicles), NEVER, dtype=np.int64),
        np.zeros((n, vehicles, 2), dtype=np.int64),
    )
    version, old_version, versions = known.version, known.version.copy(), vehicles
    touched, gone, waiting = np.zeros(vehicles, np.bool_), np.zeros(n, np.bool_), np.zeros(n, np.int64)
    for v in range(vehicles):
        close_tour(v, plan, day, work)
    current = plan.cost.sum() + UNSERVED * np.sum(plan.tour_of < 0)
    least = best.cost.sum() + UNSERVED * np.sum(best.tour_of < 0)
    cooling = (cold / hot) ** (1.0 / max(1, rounds - 1))
    heat = hot
    for done in range(rounds):
        if halt[0]:
            return done
        # What is accepted is drawn first, so that a trial ends as soon as it costs too much.
        limit = current + int(-heat * np.log(1.0 - dice.random()))
        gone[:], touched[:], old.tour_of[:] = False, False, plan.tour_of
        choose_gone(most, plan, near, day.cost, gone, dice)
        count = 0
        for r in range(n):
            v = plan.tour_of[r]
            if v < 0 or gone[r]:
                if v >= 0:
                    touched[v] = True
                plan.tour_of[r] = -1
                waiting[count] = r
                count += 1
        sound = True
        for v in range(vehicles):
            if touched[v]:
                _copy_tour(v, plan, old)
                _take_out(v, plan, gone)
                # Where the way without a stop is longer than with it, no timetable might be left.
                sound = close_tour(v, plan, day, work) and sound
                old_version[v], version[v], versions = version[v], versions, versions + 1
        trial = plan.cost.sum()
        regret, noise = dice.random() < _REGRET, _NOISE * dice.random()
        if not regret:  # The last is the next.
            _shuffle(waiting[:count], day, dice)
        while sound and count > 0 and trial <= limit:
            at = _by_regret(waiting[:count], noise, plan, day, known, work, dice) if regret else count - 1
            r, count = waiting[at], count - 1
            waiting[at] = waiting[count]
            v, added, _ = _best_tour(r, 0.0 if regret else _BLINK, False, plan, day, known, work, dice)
            if v < 0:
                trial += UNSERVED
                continue
            if not touched[v]:
                touched[v], old_version[v] = True, version[v]
                _copy_tour(v, plan, old)
            insert(r, v, known.places[r, v, 0], known.places[r, v, 1], plan, day, work)
            version[v], versions = versions, versions + 1
            trial += added
        if sound and trial <= limit:
            current = trial
            for v in range(vehicles):
                if touched[v] and trial < UNSERVED and plan.length[v] > 2 and len(memory.key) > 0:
                    _remember(v, plan, memory)
            if trial < least:
                least = trial
                best.stops[:], best.length[:] = plan.stops, plan.length
                best.tour_of[:], best.cost[:] = plan.tour_of, plan.cost
        else:
            plan.tour_of[:] = old.tour_of
            for v in range(vehicles):
                if touched[v]:
                    _copy_tour(v, old, plan)
                    version[v] = old_version[v]
        heat *= cooling
    return rounds
