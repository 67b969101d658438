"""The compiled tour of one duty: fill a hole in a chain of fragments as well as can be.

Labels as in ``label_kernel`` and with its exact rules on time, breaks and promises (``optimizer/README.md``,
"Segments" and "Breaks"), but a heuristic: few labels an end, in one order of fragments. What it returns is legal; that
nothing better exists is not claimed. It is meant to be called many thousand times a second.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.breaks import break_needed
from optimizer.routing.completion import NEVER

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

(
    START,
    HOME,
    EARLIEST,
    LATEST,
    PROMISES,
    STEP,
    STRETCH,
    SPAN,
    TIERS_FROM,
    TIERS_TO,
    PER_METRE,
    PER_SECOND,
    ZAB,
    CLASS,
) = range(14)
"""Columns of a duty: rows of its depots (-1: anywhere), its window, its rules on time, micro-euros, ZAB and class."""
DUTY_FIELDS = 14

LONGEST = 48
"""Most fragments of a tour."""
_KEPT = 12
"""Labels kept at one fragment."""
_ENDS = 32
"""Labels kept after the hole."""

(
    _PLACE,
    _END,
    _LATEST,
    _DURATION,
    _PART_LATEST,
    _PART_DURATION,
    _BREAKS,
    _PROMISES,
    _COUNT,
    _FRAGMENT,
    _PARENT,
    _GAP,
    _LENGTH,
    _WORTH,
    _SIGNATURE,
) = range(15)
_FIELDS = 15


class Blocks(NamedTuple):
    """What tours are made of.

    Parameters
    ----------
    figures
        ``(n, FIGURES)`` of ``fragment_kernel``.
    carried, carried_from
        Pool requests of each fragment, one after the other, and where each fragment's begin, ``(n + 1,)``.
    signature
        ``(n,)`` the carried requests hashed to bits: disjoint signatures are disjoint sets.
    seconds, metres
        ``(places, places)`` empty drives.
    duties
        ``(duties, DUTY_FIELDS)``.
    tiers
        ``(m, 2)`` break tiers (span, total) of all duties.
    quantum, price
        So many micro-euros cost so many points of worth.
    """

    figures: Ints
    carried: Ints
    carried_from: Ints
    signature: Ints
    seconds: Ints
    metres: Ints
    duties: Ints
    tiers: Ints
    quantum: int
    price: int


class Workspace(NamedTuple):
    """Memory of one search: labels, labels held by each candidate, and the order in which candidates are looked at."""

    labels: Ints
    held: Ints
    heads: Ints


def workspace(candidates: int) -> Workspace:
    """Return memory for holes with at most so many candidates."""
    # Labels that are held no more keep their rows.
    size = 1 + 4 * _KEPT * (candidates + 1) + 4 * (_KEPT + _ENDS) * LONGEST
    return Workspace(
        labels=np.zeros((size, _FIELDS), dtype=np.int64),
        held=np.zeros((candidates + 1, _KEPT), dtype=np.int64),
        heads=np.zeros(candidates + 1, dtype=np.int64),
    )


@njit(cache=True, nogil=True)
def _drive(table: Ints, a: int, b: int) -> int:
    return 0 if a < 0 or b < 0 else table[a, b]


@njit(cache=True, nogil=True)
def _most_break(blocks: Blocks, duty: int) -> int:
    most = 0
    for tier in range(blocks.duties[duty, TIERS_FROM], blocks.duties[duty, TIERS_TO]):
        most = max(most, blocks.tiers[tier, 1])
    return most


@njit(cache=True, nogil=True)
def _overlap(blocks: Blocks, labels: Ints, at: int, f: int) -> bool:
    """Whether the tour of label ``at`` carries a request of fragment ``f``."""
    if not labels[at, _SIGNATURE] & blocks.signature[f]:
        return False
    while labels[at, _FRAGMENT] >= 0:
        g = labels[at, _FRAGMENT]
        for x in range(blocks.carried_from[g], blocks.carried_from[g + 1]):
            for y in range(blocks.carried_from[f], blocks.carried_from[f + 1]):
                if blocks.carried[x] == blocks.carried[y]:
                    return True
        at = labels[at, _PARENT]
    return False


@njit(cache=True, nogil=True)
def _hold(labels: Ints, held: Ints, kept: int, n: int, worth: int, end: int, breaks: int, part: int, made: int) -> int:
    """Make room in ``held`` for label ``n`` with these figures; return how many are held then, -1 where it is not.

    Of two labels at one fragment the one is needless that is worth no more, ends no earlier, has no more breaks and no
    later begin of its stretch: a heuristic, as begin and length of the tour are left out.
    """
    for x in range(kept):
        other = labels[held[x]]
        if (
            other[_WORTH] >= worth
            and other[_END] <= end
            and other[_BREAKS] >= breaks
            and other[_PART_LATEST] >= part
            and other[_PROMISES] == made
        ):
            return -1
    left, least, place = 0, NEVER, 0
    for x in range(kept):
        other = labels[held[x]]
        if (
            worth >= other[_WORTH]
            and end <= other[_END]
            and breaks >= other[_BREAKS]
            and part >= other[_PART_LATEST]
            and made == other[_PROMISES]
        ):
            continue
        held[left] = held[x]
        if other[_WORTH] < least:
            least, place = other[_WORTH], left
        left += 1
    if left < len(held):
        held[left] = n
        return left + 1
    if least >= worth:
        return -1
    held[place] = n
    return left


@njit(cache=True, nogil=True)
def _step(
    blocks: Blocks, duty: int, most_break: int, labels: Ints, at: int, f: int, worth: int, held: Ints, kept: int, n: int
) -> tuple[int, int]:
    """Extend label ``at`` by ``f`` with each length of break; return (labels held, next free row)."""
    rule, frag, from_ = blocks.duties[duty], blocks.figures[f], labels[at]
    drive = _drive(blocks.seconds, from_[_PLACE], frag[0])
    lo, hi, block, step, stretch = frag[3], frag[2], frag[4], rule[STEP], rule[STRETCH]
    arrival = from_[_END] + drive
    if arrival > hi or n + 4 > len(labels):
        return kept, n
    due = rule[LATEST] - _drive(blocks.seconds, frag[1], rule[HOME]) - block
    left = max(0, most_break - from_[_BREAKS]) // step
    if left == 0 and stretch < NEVER:
        left = 1  # Enough for the span; a stretch may still need to be ended.
    # After the drive where the stretch can take it in: that leaves more of the next.
    early = max(from_[_PART_DURATION] + drive, arrival - from_[_PART_LATEST]) > stretch
    if early and from_[_FRAGMENT] < 0:
        return kept, n
    cost = _drive(blocks.metres, from_[_PLACE], frag[0]) * rule[PER_METRE] // blocks.quantum * blocks.price
    total = from_[_WORTH] + worth - cost
    made = frag[11] if frag[11] > 0 else from_[_PROMISES]
    for steps in range(left + 1):
        pause = steps * step
        if arrival + pause > hi or max(lo, arrival + pause) > due:
            break
        end = max(lo, arrival + pause) + block
        duration = from_[_DURATION] + pause + drive + block
        latest = min(from_[_LATEST], hi - drive - pause - from_[_DURATION])
        if steps == 0:
            part_duration = from_[_PART_DURATION] + drive + block
            part_latest = min(from_[_PART_LATEST], hi - drive - from_[_PART_DURATION])
        elif early:
            part_duration, part_latest = drive + block, hi - drive
        else:
            part_duration, part_latest = block, hi
        if max(part_duration, end - part_latest) > stretch or max(duration, end - latest) > rule[SPAN]:
            continue
        breaks = min(from_[_BREAKS] + pause, most_break)
        now = _hold(labels, held, kept, n, total, end, breaks, part_latest, made)
        if now < 0:
            continue
        kept = now
        out = labels[n]
        out[_PLACE], out[_END], out[_LATEST], out[_DURATION] = frag[1], end, latest, duration
        out[_PART_LATEST], out[_PART_DURATION], out[_BREAKS], out[_PROMISES] = part_latest, part_duration, breaks, made
        out[_COUNT] = from_[_COUNT] + blocks.carried_from[f + 1] - blocks.carried_from[f]
        out[_FRAGMENT], out[_PARENT], out[_LENGTH], out[_WORTH] = f, at, from_[_LENGTH] + 1, total
        out[_GAP] = 0 if steps == 0 else (2 * steps - 1 if early else 2 * steps)
        out[_SIGNATURE] = from_[_SIGNATURE] | blocks.signature[f]
        n += 1
    return kept, n


@njit(cache=True, nogil=True)
def _homeward(blocks: Blocks, duty: int, most_break: int, labels: Ints, at: int) -> tuple[int, int, int]:
    """Return (gap code, span, worth) of the best way home from label ``at``; code -1 where there is none."""
    rule = blocks.duties[duty]
    home = _drive(blocks.seconds, labels[at, _PLACE], rule[HOME])
    end, duration, breaks = labels[at, _END], labels[at, _DURATION], labels[at, _BREAKS]
    least = 1 if rule[STRETCH] < NEVER else 0
    best_code, best_span = -1, NEVER
    for option in range(max(least, (most_break - breaks) // rule[STEP]) + 1):
        pause = option * rule[STEP]
        if end + pause + home > rule[LATEST]:
            break
        latest = min(labels[at, _LATEST], rule[LATEST] - home - pause - duration)
        part_latest = min(labels[at, _PART_LATEST], rule[LATEST] - home - labels[at, _PART_DURATION])
        part = home if option else max(labels[at, _PART_DURATION] + home, end + home - part_latest)
        span = max(duration + pause + home, end + pause + home - latest)
        if part > rule[STRETCH] or span > rule[SPAN] or span >= best_span:
            continue
        if break_needed(span, blocks.tiers[rule[TIERS_FROM] : rule[TIERS_TO]]) > breaks + pause:
            continue
        best_code, best_span = (2 * option - 1 if option else 0), span
    cost = _drive(blocks.metres, labels[at, _PLACE], rule[HOME]) * rule[PER_METRE]
    cost += best_span * rule[PER_SECOND] if best_code >= 0 else 0
    return best_code, best_span, labels[at, _WORTH] - cost // blocks.quantum * blocks.price


@njit(cache=True, nogil=True)
def _latest_start(blocks: Blocks, duty: int, chain: Ints, since: int, until: int) -> Ints:
    """Return, for each of ``chain[since:until]`` and home, the latest begin without breaks that leads home in time."""
    rule = blocks.duties[duty]
    latest = np.empty(until - since + 1, dtype=np.int64)
    latest[until - since] = rule[LATEST]
    after = rule[HOME]
    for x in range(until - since - 1, -1, -1):
        frag = blocks.figures[chain[since + x]]
        latest[x] = min(frag[2], latest[x + 1] - _drive(blocks.seconds, frag[1], after) - frag[4])
        after = frag[0]
    return latest


@njit(cache=True, nogil=True)
def fill(
    blocks: Blocks,
    space: Workspace,
    duty: int,
    chain: Ints,
    length: int,
    since: int,
    until: int,
    candidates: Ints,
    values: Ints,
    most: int,
    out_chain: Ints,
    out_gaps: Ints,
) -> tuple[int, int]:
    """Put candidates in place of ``chain[since:until]`` so that the tour is worth most.

    Parameters
    ----------
    candidates, values
        Fragments that the duty can make, in the order in which they may follow each other, and what each is worth
        (own cost paid, the cost of empty drives and of time not). They must not carry what the rest of the chain does.
    most
        Most pool requests of the whole tour.
    out_chain, out_gaps
        Become the tour, rows of ``LONGEST`` and ``LONGEST + 1``.

    Returns
    -------
    Length and span of the tour. (0, 0): the duty stays at home. Length -1: nothing legal was found.
    """
    labels, held, heads = space.labels, space.held, space.heads
    rule = blocks.duties[duty]
    most_break = _most_break(blocks, duty)
    labels[0, :] = 0
    labels[0, _PLACE], labels[0, _END], labels[0, _LATEST] = rule[START], rule[EARLIEST], rule[LATEST]
    labels[0, _PART_LATEST] = rule[LATEST]
    labels[0, _FRAGMENT] = labels[0, _PARENT] = -1
    n = 1
    # The part before the hole; its labels end in ``held[0]``, the "candidate" before all others.
    heads[0] = 1
    held[0, 0] = 0
    ahead = np.empty(_KEPT, dtype=np.int64)
    for x in range(since):
        kept = 0
        for y in range(heads[0]):
            kept, n = _step(blocks, duty, most_break, labels, held[0, y], chain[x], 0, ahead, kept, n)
        for y in range(kept):
            held[0, y] = ahead[y]
        heads[0] = kept
    m = len(candidates)
    for j in range(m):
        f = candidates[j]
        frag = blocks.figures[f]
        kept = 0
        for i in range(j + 1):
            if heads[i] == 0:
                continue
            drive = _drive(blocks.seconds, labels[held[i, 0], _PLACE], frag[0])
            for y in range(heads[i]):
                at = held[i, y]
                if labels[at, _END] + drive > frag[2]:
                    continue
                if frag[11] > 0 and frag[10] != labels[at, _PROMISES]:
                    continue
                if labels[at, _LENGTH] + length - until >= LONGEST - 1:
                    continue
                if _overlap(blocks, labels, at, f):
                    continue
                kept, n = _step(blocks, duty, most_break, labels, at, f, values[j], held[j + 1], kept, n)
        heads[j + 1] = kept
    # The rest of the tour, then home.
    needed = rule[PROMISES]
    for x in range(until, length):
        if blocks.figures[chain[x], 11] > 0:
            needed = blocks.figures[chain[x], 10]
            break
    onward = blocks.figures[chain[until], 0] if until < length else rule[HOME]
    latest = _latest_start(blocks, duty, chain, until, length)[0]
    carried = 0
    for x in range(until, length):
        carried += blocks.carried_from[chain[x] + 1] - blocks.carried_from[chain[x]]
    ends, behind = np.empty(_ENDS, dtype=np.int64), np.empty(_ENDS, dtype=np.int64)
    last, last_code, last_span, last_worth = -1, -1, 0, -NEVER
    kept = 0
    for i in range(m + 1):
        for y in range(heads[i]):
            at = held[i, y]
            if labels[at, _PROMISES] != needed or labels[at, _COUNT] + carried > most:
                continue
            if labels[at, _END] + _drive(blocks.seconds, labels[at, _PLACE], onward) > latest:
                continue
            if until < length:
                kept, n = _step(blocks, duty, most_break, labels, at, chain[until], 0, ends, kept, n)
            elif at > 0 and labels[at, _WORTH] > last_worth:
                code, span, worth = _homeward(blocks, duty, most_break, labels, at)
                if code >= 0 and worth > last_worth:
                    last, last_code, last_span, last_worth = at, code, span, worth
    for x in range(until + 1, length):
        count = 0
        for y in range(kept):
            count, n = _step(blocks, duty, most_break, labels, ends[y], chain[x], 0, behind, count, n)
        ends, behind = behind, ends
        kept = count
    for y in range(kept):
        code, span, worth = _homeward(blocks, duty, most_break, labels, ends[y])
        if code >= 0 and worth > last_worth:
            last, last_code, last_span, last_worth = ends[y], code, span, worth
    if rule[PROMISES] == 0 and since == 0 and until == length and last_worth < 0:
        return 0, 0
    if last < 0:
        return -1, 0
    total = labels[last, _LENGTH]
    out_gaps[total] = last_code
    for x in range(total - 1, -1, -1):
        out_chain[x], out_gaps[x] = labels[last, _FRAGMENT], labels[last, _GAP]
        last = labels[last, _PARENT]
    return total, last_span
