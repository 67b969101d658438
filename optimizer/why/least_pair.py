"""The least of two amounts that are enough together, with as few questions as can be."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from itertools import product
from typing import TypeVar

from optimizer.why.measure import Step

S = TypeVar("S")
Steps = tuple[Step, Step]
Key = tuple[int, ...]
Can = Callable[[Step, Step], bool]
KeyOf = Callable[[Step, Step], Key]


def in_order(first: Step, second: Step) -> Key:
    """Return the key where the first amount counts before the second."""
    return first.size, second.size


def evenly(first: Step, second: Step) -> Key:
    """Return the key where the greater of both counts first: two small changes are better than a great one."""
    return max(first.size, second.size), first.size, second.size


def least_pair(
    first: Sequence[Step],
    second: Sequence[Step],
    can: Can,
    *,
    grow: tuple[bool, bool],
    key: KeyOf = in_order,
    below: Key | None = None,
) -> Steps | None:
    """Return the pair of least key that is enough; ``None`` where none is, or none with a key under ``below``.

    Parameters
    ----------
    first, second
        Amounts, from the least.
    can
        Whether two amounts are enough together.
    grow
        For each whether more of it never hurts: then it is found by bisection.
    key
        ``in_order`` or, only where both grow by the same amounts, ``evenly``.
    """
    match grow:
        case (True, True) if key is evenly:
            found = _least_even(first, second, can)
        case (True, True):
            found = _least_in_order(first, second, can)
        case (True, False):
            turned = _least_of_each(second, first, lambda s, f: can(f, s), lambda s, f: key(f, s), below)
            found = None if turned is None else (turned[1], turned[0])
        case (False, True):
            found = _least_of_each(first, second, can, key, below)
        case _:
            found = _least_of_all(first, second, can, key, below)
    return found if found is not None and (below is None or key(*found) < below) else None


def bisected(steps: Sequence[S], can: Callable[[S], bool]) -> S | None:
    """Return the least step that is enough, where more never hurts; ``None`` where the last is not."""
    if not steps or not can(steps[-1]):
        return None
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if can(steps[middle]):
            high = middle
        else:
            low = middle + 1
    return steps[low]


def _least_in_order(first: Sequence[Step], second: Sequence[Step], can: Can) -> Steps | None:
    if not second:
        return None
    one = bisected(first, lambda step: can(step, second[-1]))
    if one is None:
        return None
    other = bisected(second, lambda step: can(one, step))
    return None if other is None else (one, other)


def _least_even(first: Sequence[Step], second: Sequence[Step], can: Can) -> Steps | None:
    alike = bisected(list(zip(first, second, strict=True)), lambda both: can(*both))
    if alike is None:
        return None
    # Neither asks for more than that; the first is made as small as this leaves it, then the second.
    most = alike[0].size
    return _least_in_order([s for s in first if s.size <= most], [s for s in second if s.size <= most], can)


def _least_of_each(
    single: Sequence[Step], growing: Sequence[Step], can: Can, key: KeyOf, below: Key | None
) -> Steps | None:
    """Return the pair of least key, where only the second may be bisected."""
    best: Steps | None = None
    hopeless: set[Hashable] = set()
    for one in single:
        if one.alike in hopeless:
            continue
        allowed = [step for step in growing if below is None or key(one, step) < below]
        other = bisected(allowed, partial(can, one))
        if other is not None:
            best, below = (one, other), key(one, other)
        elif one.alike is not None:
            hopeless.add(one.alike)
    return best


def _least_of_all(
    first: Sequence[Step], second: Sequence[Step], can: Can, key: KeyOf, below: Key | None
) -> Steps | None:
    hopeless: set[tuple[Hashable, int]] = set()
    for one, other in sorted(product(first, second), key=lambda both: key(*both)):
        if below is not None and key(one, other) >= below:
            return None
        if (one.alike, other.size) in hopeless:
            continue
        if can(one, other):
            return one, other
        if one.alike is not None:
            hopeless.add((one.alike, other.size))
    return None
