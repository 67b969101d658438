"""Small random dial-a-ride days: all must be served at least distance; windows, ride caps and tour lengths bind."""

from __future__ import annotations

import random

from optimizer.io.cordeau import parse_cordeau
from optimizer.io.problem import Problem


def random_day(seed: int) -> Problem:
    """A day in the format of Cordeau: 2 to 4 requests, 1 to 3 vehicles of 1 to 3 seats.

    Coordinates are whole and few, so that ties and stops at one place are frequent; about every second day limits the
    length of a tour, and every fourth has loose windows.
    """
    dice = random.Random(seed)
    n, vehicles = dice.randint(2, 4), dice.randint(1, 3)
    horizon = dice.choice([40, 60, 90])  # the oracle searches the first million seconds
    longest = dice.choice([horizon, horizon, horizon // 2, (2 * horizon) // 3])
    side = dice.choice([2, 4, 7])
    service = dice.choice([1, 3])
    loose = dice.random() < 0.25
    ride = dice.choice([10, 15, 20, 30])
    lines = [f"{vehicles} {2 * n} {longest} {dice.randint(1, 3)} {ride}", f"0 0 0 0 0 0 {horizon}"]
    pickups, deliveries = [], []
    for i in range(1, n + 1):
        a, b = ((dice.randint(-side, side), dice.randint(-side, side)) for _ in range(2))
        load = 1 if dice.random() < 0.8 else 2
        width = dice.choice([5, 10, 15])
        begin = dice.randint(0, max(1, horizon - width - side))
        tight, open_ = f"{begin} {begin + width}", f"0 {horizon}"
        early, late = (open_, open_) if loose else ((tight, open_) if i % 2 else (open_, tight))
        pickups.append(f"{i} {a[0]} {a[1]} {service} {load} {early}")
        deliveries.append(f"{n + i} {b[0]} {b[1]} {service} {-load} {late}")
    lines += pickups + deliveries + [f"{2 * n + 1} 0 0 0 0 0 {horizon}"]
    return parse_cordeau("\n".join(lines), f"day {seed}", f"day{seed}")
