"""Brute force over whole tours of a tiny day of stops: every order, judged by its difference constraints alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.stop_day import StopDay, stop_day

Ints = NDArray[np.int64]
NONE = 1 << 50


@dataclass(frozen=True, kw_only=True)
class Tables:
    """A random day as ``stop_day`` takes it."""

    drive: Ints
    cost: Ints
    window: Ints
    cap: Ints
    load: Ints
    seats: int
    longest: int
    vehicles: int

    def day(self) -> StopDay:
        return stop_day(self.drive, self.cost, self.window, self.cap, self.load, seats=self.seats, longest=self.longest)


def random_tables(seed: int, most: int = 5) -> Tables:
    """Points or wild tables, wide or narrow windows, long or short tours, loads of 0 to 3."""
    dice = np.random.default_rng(seed)
    n = int(dice.integers(2, most + 1))
    m, horizon = 2 * n + 2, int(dice.choice([60, 120, 240]))
    kind = dice.choice(["points", "points", "points", "cost apart", "wild"])
    spots = dice.integers(-int(dice.choice([3, 9])), 10, size=(m, 2))
    spots[-1] = spots[-2]
    scale = int(dice.choice([1, 1, 7]))
    apart = np.hypot(*(spots[:, None, :] - spots[None, :, :]).transpose(2, 0, 1))
    drive = np.rint(scale * apart).astype(np.int64)
    cost = drive * int(dice.choice([1, 10]))
    horizon *= scale
    if kind == "cost apart":
        cost = dice.integers(0, 30, size=(m, m))
    if kind == "wild":
        drive = dice.integers(0, 12 * scale, size=(m, m))
    window = np.zeros((m, 3), dtype=np.int64)
    window[:, 1] = horizon
    service = int(dice.choice([0, 0, 1, 4])) * scale
    width = int(dice.choice([5, 20, 60])) * scale
    for ride in range(n):
        stop = 2 * ride + int(dice.integers(0, 2))
        begin = int(dice.integers(0, max(1, horizon - width)))
        if dice.random() < 0.8:
            window[stop, :2] = begin, begin + width
    window[: 2 * n, 2] = service
    if dice.random() < 0.2:
        window[2 * n, :2] = 3, horizon // 2
        window[2 * n + 1, :2] = horizon // 4, horizon - 5
    load = np.zeros(m, dtype=np.int64)
    load[0 : 2 * n : 2] = dice.integers(0, 4, size=n) if dice.random() < 0.4 else 1
    load[1 : 2 * n : 2] = -load[0 : 2 * n : 2]
    return Tables(
        drive=drive, cost=cost, window=window, load=load,
        cap=dice.integers(10 * scale, int(dice.choice([15, 40, 90])) * scale, size=n),
        seats=int(dice.integers(max(1, load.max()), 7)),
        longest=horizon if dice.random() < 0.5 else int(dice.integers(horizon // 4, horizon)),
        vehicles=int(dice.integers(1, n + 1)),
    )  # fmt: skip


@njit(cache=True)
def _has_timetable(seq, m, drive, window, cap, longest):  # type: ignore[no-untyped-def]
    """Bellman-Ford over all difference constraints, written as they are told."""
    x = np.zeros(m, dtype=np.int64)
    for k in range(m):
        x[k] = window[seq[k], 0]
    for _ in range(m + 2):
        moved = False
        for k in range(m - 1):
            low = x[k] + window[seq[k], 2] + drive[seq[k], seq[k + 1]]
            if x[k + 1] < low:
                x[k + 1], moved = low, True
        for i in range(m):
            for k in range(i + 1, m):
                if i == 0 and k == m - 1:
                    most = longest + window[seq[0], 2]
                elif seq[i] % 2 == 0 and seq[k] == seq[i] + 1 and i > 0 and k < m - 1:
                    most = cap[seq[i] // 2] + window[seq[i], 2]
                else:
                    continue
                if x[i] < x[k] - most:
                    x[i], moved = x[k] - most, True
        for k in range(m):
            if x[k] > window[seq[k], 1]:
                return False
        if not moved:
            return True
    return False


@njit(cache=True)
def _search(seq, m, state, tables, best):  # type: ignore[no-untyped-def]
    now, board, seen, aboard, spent = state
    drive, cost, window, cap, load, seats, longest = tables
    n = len(cap)
    if board == 0 and seen != 0:
        seq[m] = 2 * n + 1
        if _has_timetable(seq, m + 1, drive, window, cap, longest):
            best[seen] = min(best[seen], spent + cost[seq[m - 1], 2 * n + 1])
    for j in range(2 * n):
        bit = 1 << (j // 2)
        if (j % 2 == 0 and seen & bit) or (j % 2 == 1 and not board & bit) or aboard + load[j] > seats:
            continue
        last = seq[m - 1]
        begin = max(window[j, 0], now + window[last, 2] + drive[last, j])
        if begin > window[j, 1]:
            continue
        seq[m] = j
        after = (begin, board ^ bit, seen | bit, aboard + load[j], spent + cost[last, j])
        _search(seq, m + 1, after, tables, best)


def best_of_sets(tables: Tables) -> Ints:
    """Return the least cost of a tour for each set of rides, ``NONE`` where there is none."""
    n = len(tables.cap)
    best = np.full(1 << n, NONE, dtype=np.int64)
    seq = np.zeros(2 * n + 2, dtype=np.int64)
    seq[0] = 2 * n
    numbers = (
        tables.drive, tables.cost, tables.window, tables.cap, tables.load, np.int64(tables.seats),
        np.int64(tables.longest),
    )  # fmt: skip
    state = (tables.window[2 * n, 0], np.int64(0), np.int64(0), np.int64(0), np.int64(0))
    _search(seq, 1, state, numbers, best)
    return best


def partition(tables: Tables, best: Ints, *, dearest: bool = False) -> list[int] | None:
    """Return the cheapest (or dearest) choice of sets that makes each ride once with the vehicles there are."""
    whole = len(best) - 1
    plans: list[dict[int, tuple[int, list[int]]]] = [{0: (0, [])}]
    for _ in range(tables.vehicles):
        made = dict(plans[-1])
        for done, (cost, sets) in plans[-1].items():
            for more in range(1, whole + 1):
                if more & done or best[more] >= NONE:
                    continue
                total = cost + int(best[more])
                known = made.get(done | more)
                if known is None or (total > known[0] if dearest else total < known[0]):
                    made[done | more] = (total, [*sets, more])
        plans.append(made)
    found = plans[-1].get(whole)
    return None if found is None else found[1]
