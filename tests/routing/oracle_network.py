"""A stop sequence as a simple temporal network, solved by Bellman-Ford and by linear programming; knows no kernel."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Stops ``0..n-1`` with somebody on board on every leg between them; the arrays of ``routing.network`` as lists.

    ``service`` by stop; ``lag[k]`` service at ``k - 1`` and the drive to ``k``; ``reach[k]`` the most seconds between
    the begins of service of a ride's two stops; ``wait`` -1 for no limit.
    """

    begin: list[int]
    to: list[int]
    service: list[int]
    lag: list[int]
    pick: list[int]
    reach: list[int]
    wait: int

    @property
    def n(self) -> int:
        return len(self.begin)

    def arrays(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """``begin, to, lag, pick, reach`` as the kernels take them."""
        begin, to, lag, pick, reach = (
            np.array(values, dtype=np.int64) for values in (self.begin, self.to, self.lag, self.pick, self.reach)
        )
        return begin, to, lag, pick, reach

    def differences(self) -> list[tuple[int, int, int]]:
        """``(i, j, c)``: ``x[j] >= x[i] + c``; every rule on times but the windows."""
        rows = []
        for k in range(1, self.n):
            rows.append((k - 1, k, self.lag[k]))
            if self.wait >= 0:
                rows.append((k, k - 1, -self.lag[k] - self.wait))
        rows += [(k, p, -self.reach[k]) for k, p in enumerate(self.pick) if p >= 0]
        return rows

    def earliest(self, start: int | None = None, *, windows: bool = True) -> list[int] | None:
        """Earliest begins of service with the first one not before ``start``; ``None`` where there is no timetable."""
        times: list[float] = list(self.begin) if windows else [float("-inf")] * self.n
        if start is not None:
            times[0] = max(times[0], start)
        for _ in range(self.n + 1):
            changed = False
            for i, j, c in self.differences():
                if times[i] + c > times[j]:
                    times[j] = times[i] + c
                    changed = True
            if not changed:
                late = windows and any(time > to for time, to in zip(times, self.to, strict=True))
                return None if late else [int(time) for time in times]
        return None  # A positive cycle.

    def latest(self) -> list[int]:
        """Latest begins of service of a network that has a timetable."""
        times = list(self.to)
        changed = True
        while changed:
            changed = False
            for i, j, c in self.differences():
                if times[j] - c < times[i]:
                    times[i] = times[j] - c
                    changed = True
        return times

    def completion(self, arrival: int) -> int | None:
        """Earliest completion for a vehicle that arrives at ``arrival``, ``None`` where it is too late."""
        times = self.earliest(arrival)
        return None if times is None else times[-1] + self.service[-1]

    def least_ride_seconds(self, start: int | None = None, end: int | None = None) -> int | None:
        """Least sum over rides of begin of hand-over less begin of pick-up, with first begin and completion as told."""
        goal = [1.0 if p >= 0 else -1.0 for p in self.pick]
        bounds = [(float(a), float(b)) for a, b in zip(self.begin, self.to, strict=True)]
        if start is not None:
            bounds[0] = (start, start)
        if end is not None:
            bounds[-1] = (bounds[-1][0], end - self.service[-1])
        if any(low > high for low, high in bounds):
            return None
        rows = np.zeros((len(self.differences()), self.n))
        for number, (i, j, _) in enumerate(self.differences()):
            rows[number, i], rows[number, j] = 1.0, -1.0
        answer = linprog(goal, A_ub=rows, b_ub=[-c for _, _, c in self.differences()], bounds=bounds, method="highs")
        return None if answer.x is None or answer.fun is None else round(answer.fun)


def random_network(rng: random.Random, *, rides: int | None = None, step: int = 100) -> Network:
    """One to four rides with somebody always on board; windows around a timetable that may or may not exist."""
    count = rides if rides is not None else rng.randint(1, 4)
    while True:
        order = rng.sample([2 * r + side for r in range(count) for side in range(2)], 2 * count)
        if all(order.index(2 * r) < order.index(2 * r + 1) for r in range(count)):
            board = np.cumsum([1 if code % 2 == 0 else -1 for code in order])
            if all(board[:-1] > 0):
                break
    n = len(order)
    service = [step * rng.randint(0, 3) for _ in range(n)]
    lag = [0] + [service[k - 1] + step * rng.randint(0, 5) for k in range(1, n)]
    guess = [step * rng.randint(0, 20)]
    for k in range(1, n):
        guess.append(guess[-1] + lag[k] + step * rng.choice((0, 0, 0, 1, 2, 4)))
    loose = rng.choice((1, 3, 8))
    begin = [time - step * rng.randint(0, loose) + rng.choice((0, 0, step)) for time in guess]
    to = [max(low, time + step * rng.randint(0, loose)) for low, time in zip(begin, guess, strict=True)]
    pick, reach = [-1] * n, [0] * n
    for k, code in enumerate(order):
        if code % 2:
            pick[k] = order.index(code - 1)
            least = sum(lag[pick[k] + 1 : k + 1])
            # Seldom less than the ride takes at best: then nothing is feasible.
            reach[k] = least + step * rng.choice((-1, 0, 0, 1, 2, 4, 1000, 1000))
    wait = rng.choice((-1, -1, 0, step, 3 * step))
    return Network(begin=begin, to=to, service=service, lag=lag, pick=pick, reach=reach, wait=wait)
