"""The compiled enumeration of fragments: depth-first extension of stop sequences from empty to empty.

Stops are coded ``2 * ride`` (pick-up) and ``2 * ride + 1`` (hand-over). See ``optimizer/README.md``, "Fragments".
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.network import least_ride_seconds, tighten_earliest, tighten_latest
from optimizer.routing.night_kernel import least_night, overlap_with_nights

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

FIRST, LAST, HI, LO, DURATION, METRES, CUSTODY, NIGHT, WAITS, TOUCHES_NIGHT, PROMISES_FROM, PROMISES_TO, STOPS = range(
    13
)
"""Columns of a fragment's row of figures."""
FIGURES = 13

DEEPEST = 62
"""Most stops of a fragment; a sequence cut there is told, and no proof is claimed."""
HALTED = -2

_ADDITIVE = 7
"""The first seven load columns add up over those on board (the seventh counts people of 14 and over)."""


@njit(cache=True, nogil=True)
def drive_with_rests(drive: int, every: int, length: int) -> int:
    """Return seconds of a drive with people on board, with rests of ``length`` after each ``every`` seconds."""
    if every <= 0 or drive <= every:
        return drive
    return drive + ((drive + every - 1) // every - 1) * length


@njit(cache=True, nogil=True)
def _pairs_end(
    aboard: int,
    board: Ints,
    slack: Ints,
    place: int,
    begin: int,
    service: int,
    delivery: Ints,
    delivery_from: Ints,
    delivery_to: Ints,
    delivery_service: Ints,
    least: Ints,
) -> bool:
    """Whether any two on board can be handed over one after the other on the least way, in one order or the other.

    The last stop's service begins at ``begin`` at the earliest; ``slack`` is how long after it each hand-over may begin
    by the cap on the ride. Other stops in between only add time.
    """
    for x in range(aboard):
        one = board[x]
        to_one = service + least[place, delivery[one]]
        for y in range(x + 1, aboard):
            other = board[y]
            to_other = service + least[place, delivery[other]]
            first = delivery_service[one] + least[delivery[one], delivery[other]]
            if to_one + first <= slack[y] and max(begin + to_one, delivery_from[one]) + first <= delivery_to[other]:
                continue
            second = delivery_service[other] + least[delivery[other], delivery[one]]
            if to_other + second > slack[x]:
                return False
            if max(begin + to_other, delivery_from[other]) + second > delivery_to[one]:
                return False
    return True


@njit(cache=True, nogil=True)
def enumerate_from(
    first: int,
    request: Ints,
    pickup: Ints,
    delivery: Ints,
    pickup_from: Ints,
    pickup_to: Ints,
    pickup_service: Ints,
    delivery_from: Ints,
    delivery_to: Ints,
    delivery_service: Ints,
    cap: Ints,
    direct: Ints,
    load: Ints,
    has_children: Bools,
    pickup_position: Ints,
    delivery_position: Ints,
    partners: Bools,
    partner_from: Ints,
    partner_list: Ints,
    static: Words,
    fits: Words,
    fits_from: Ints,
    capacity_kinds: Ints,
    seconds: Ints,
    metres: Ints,
    least: Ints,
    nights: Ints,
    rule: Ints,
    deepest: int,
    script: Ints,
    flags: Bools,
    halt: Bools,
    out_figures: Ints,
    out_masks: Words,
    out_stops: Ints,
) -> tuple[int, int]:
    """Enumerate all fragments whose first pick-up is ``first``.

    ``rule`` holds: longest wait (-1: none), rest interval, rest interval with children, rest length, the escort
    rule's base, covers, per further, and whether custody is asked for. ``deepest`` is the most stops. With a ``script``
    (stop codes) no other sequence is tried.
    ``flags[0]`` is raised where a sequence was cut for its length.
    Returns (fragments written, stops written); a negative first number says that an
    output table was full, and the caller must come again with larger ones; -2 that ``halt[0]`` was raised.
    """
    wait, every, every_children, rest_length = rule[0], rule[1], rule[2], rule[3]
    base_officers, covers, per_further, asks_custody = rule[4], rule[5], rule[6], rule[7] != 0
    words = static.shape[1]
    kinds = load.shape[1]
    requests = 0
    for r in request:
        requests = max(requests, r + 1)
    seq = np.zeros(deepest, dtype=np.int64)
    e = np.zeros((deepest, deepest), dtype=np.int64)
    begin = np.zeros(deepest, dtype=np.int64)
    to = np.zeros(deepest, dtype=np.int64)
    lag = np.zeros(deepest, dtype=np.int64)
    service = np.zeros(deepest, dtype=np.int64)
    place = np.zeros(deepest, dtype=np.int64)
    base = np.zeros(deepest, dtype=np.int64)
    length = np.zeros(deepest, dtype=np.int64)
    pick = np.full(deepest, -1, dtype=np.int64)
    reach = np.zeros(deepest, dtype=np.int64)
    latest = np.zeros(deepest, dtype=np.int64)
    mask = np.zeros((deepest, words), dtype=np.uint64)
    board = np.zeros((deepest, deepest), dtype=np.int64)
    aboard = np.zeros(deepest, dtype=np.int64)
    carried = np.zeros((deepest, kinds), dtype=np.int64)
    children = np.zeros(deepest, dtype=np.int64)
    promise = np.full(deepest, -1, dtype=np.int64)
    promise_first = np.full(deepest, -1, dtype=np.int64)
    cursor = np.zeros(deepest, dtype=np.int64)
    position = np.full(len(request), -1, dtype=np.int64)
    slack = np.zeros(deepest, dtype=np.int64)
    taken = np.zeros(requests, dtype=np.bool_)
    fragments = 0
    stops = 0

    top = -1  # the deepest stop placed so far
    ride = first
    is_pickup = True
    placing = True
    while True:
        if halt[0]:
            return HALTED, 0
        if placing:
            # Try to place the stop (ride, is_pickup) at position k.
            k = top + 1
            # Whoever is on board must be handed over within the length too.
            feasible = k + (2 + (aboard[k - 1] if k > 0 else 0) if is_pickup else 1) <= deepest
            if not feasible:
                flags[0] = True
            if feasible:
                if is_pickup:
                    place[k], begin[k], to[k], service[k] = (
                        pickup[ride],
                        pickup_from[ride],
                        pickup_to[ride],
                        pickup_service[ride],
                    )
                    pick[k] = -1
                    code = pickup_position[ride]
                else:
                    place[k], begin[k], to[k], service[k] = (
                        delivery[ride],
                        delivery_from[ride],
                        delivery_to[ride],
                        delivery_service[ride],
                    )
                    pick[k] = position[ride]
                    reach[k] = cap[ride] + pickup_service[ride]
                    code = delivery_position[ride]
                # Promised stops keep their order and are contiguous among themselves.
                if k == 0:
                    promise[0], promise_first[0] = code, code
                elif code < 0:
                    promise[k], promise_first[k] = promise[k - 1], promise_first[k - 1]
                elif promise[k - 1] < 0:
                    feasible = is_pickup
                    promise[k], promise_first[k] = code, code
                else:
                    feasible = code == promise[k - 1] + 1
                    promise[k], promise_first[k] = code, promise_first[k - 1]
            if feasible and is_pickup:
                # Load: which slots still fit everyone on board.
                for kind in range(kinds):
                    before = carried[k - 1, kind] if k > 0 else 0
                    if kind < _ADDITIVE:
                        carried[k, kind] = before + load[ride, kind]
                    else:
                        greatest = load[ride, kind]
                        for x in range(aboard[k - 1] if k > 0 else 0):
                            greatest = max(greatest, load[board[k - 1, x], kind])
                        carried[k, kind] = greatest
                officers = carried[k, 7]
                if base_officers > 0:
                    officers = max(
                        officers, base_officers + (max(0, carried[k, 6] - covers) + per_further - 1) // per_further
                    )
                for w in range(words):
                    mask[k, w] = static[ride, w] & (mask[k - 1, w] if k > 0 else static[ride, w])
                for column in range(len(capacity_kinds)):
                    kind = capacity_kinds[column]
                    value = officers if kind == 7 else carried[k, kind]
                    if fits_from[column] + value >= fits_from[column + 1]:
                        feasible = False
                        break
                    for w in range(words):
                        mask[k, w] &= fits[fits_from[column] + value, w]
                if feasible:
                    feasible = False
                    for w in range(words):
                        if mask[k, w]:
                            feasible = True
                            break
            if feasible:
                # Times: the exact network of what is placed so far.
                if k == 0:
                    e[0, 0] = begin[0]
                    base[0] = 0
                    length[0] = 0
                else:
                    rests = every_children if children[k - 1] > 0 else every
                    drive = drive_with_rests(seconds[place[k - 1], place[k]], rests, rest_length)
                    lag[k] = service[k - 1] + drive
                    base[k] = base[k - 1] + lag[k]
                    length[k] = length[k - 1] + metres[place[k - 1], place[k]]
                    if not is_pickup and base[k] - base[pick[k]] > reach[k]:
                        feasible = False
                    else:
                        for x in range(k):
                            e[k, x] = e[k - 1, x]
                        e[k, k] = begin[k]
                        feasible = tighten_earliest(k + 1, e[k], to, lag, pick, reach, wait)
            if feasible:
                # Those on board after this stop, and whether each can still be handed over in time.
                if is_pickup:
                    before = aboard[k - 1] if k > 0 else 0
                    for x in range(before):
                        board[k, x] = board[k - 1, x]
                    board[k, before] = ride
                    aboard[k] = before + 1
                    children[k] = (children[k - 1] if k > 0 else 0) + (1 if has_children[ride] else 0)
                else:
                    remaining = 0
                    for x in range(aboard[k - 1]):
                        if board[k - 1, x] != ride:
                            board[k, remaining] = board[k - 1, x]
                            remaining += 1
                    aboard[k] = remaining
                    children[k] = children[k - 1] - (1 if has_children[ride] else 0)
                    for kind in range(kinds):
                        carried[k, kind] = carried[k - 1, kind] - load[ride, kind]
                    for w in range(words):
                        mask[k, w] = mask[k - 1, w]
                for x in range(aboard[k]):
                    other = board[k, x]
                    drive = service[k] + least[place[k], delivery[other]]
                    if e[k, k] + drive > delivery_to[other]:
                        feasible = False
                        break
                    if other != ride or not is_pickup:
                        origin = position[other]
                        if base[k] + drive - base[origin] > cap[other] + service[origin]:
                            feasible = False
                            break
                    elif drive > cap[other] + service[k]:
                        feasible = False
                        break
            if feasible and aboard[k] > 1:
                # And each two of them one after the other: long sequences that nobody can end are seen early.
                for x in range(aboard[k]):
                    other = board[k, x]
                    origin = k if other == ride and is_pickup else position[other]
                    slack[x] = cap[other] + service[origin] + base[origin] - base[k]
                feasible = _pairs_end(
                    aboard[k], board[k], slack, place[k], e[k, k], service[k],
                    delivery, delivery_from, delivery_to, delivery_service, least,
                )  # fmt: skip
            if feasible:
                top = k
                seq[k] = 2 * ride + (0 if is_pickup else 1)
                cursor[k] = 0
                if is_pickup:
                    position[ride] = k
                    taken[request[ride]] = True
                if aboard[k] == 0:
                    n = k + 1
                    if fragments >= out_figures.shape[0] or stops + n > out_stops.shape[0]:
                        return -1, 0
                    for x in range(n):
                        latest[x] = to[x]
                        out_stops[stops + x] = seq[x]
                    tighten_latest(n, latest, lag, pick, reach, wait)
                    earliest_end = e[k, k] + service[k]
                    shortest = base[k] + service[k]
                    hi = latest[0]
                    waits = earliest_end - shortest > hi
                    lo = hi if waits else earliest_end - shortest
                    rides_seconds = 0
                    if waits and asks_custody:
                        rides_seconds = least_ride_seconds(n, begin, to, lag, pick, reach, wait)
                    custody = 0
                    for x in range(n):
                        if pick[x] >= 0 and asks_custody:
                            code = seq[x] // 2
                            custody -= service[pick[x]] + direct[code]
                            if not waits:
                                rides_seconds += base[x] - base[pick[x]]
                    custody += rides_seconds
                    duration = earliest_end - hi if waits else shortest
                    touches = overlap_with_nights(lo, hi + duration, nights) > 0
                    night = 0
                    if touches and not waits:
                        night = least_night(lo, hi, n, base, pick, service, nights)
                    row = out_figures[fragments]
                    row[FIRST], row[LAST], row[HI], row[LO], row[DURATION] = place[0], place[k], hi, lo, duration
                    row[METRES], row[CUSTODY], row[NIGHT] = length[k], custody, night
                    row[WAITS], row[TOUCHES_NIGHT] = 1 if waits else 0, 1 if touches else 0
                    row[PROMISES_FROM] = max(promise_first[k], 0)
                    row[PROMISES_TO] = promise[k] + 1
                    row[STOPS] = n
                    for w in range(words):
                        out_masks[fragments, w] = mask[k, w]
                    fragments += 1
                    stops += n
        placing = False

        # Choose the next stop to try after ``top``, or go back.
        while not placing:
            if top < 0:
                return fragments, stops
            c = cursor[top]
            cursor[top] += 1
            if len(script) > 0:
                if aboard[top] > 0 and c == 0 and top + 1 < len(script):
                    ride, is_pickup, placing = script[top + 1] // 2, script[top + 1] % 2 == 0, True
                    break
            elif aboard[top] > 0 and c < aboard[top]:
                ride, is_pickup, placing = board[top, c], False, True
                break
            if aboard[top] > 0 and len(script) == 0:
                anchor = board[top, 0]
                at = partner_from[anchor] + c - aboard[top]
                if at < partner_from[anchor + 1]:
                    other = partner_list[at]
                    if taken[request[other]]:
                        continue
                    agreed = True
                    for x in range(1, aboard[top]):
                        if not partners[board[top, x], other]:
                            agreed = False
                            break
                    if not agreed:
                        continue
                    if e[top, top] + service[top] + least[place[top], pickup[other]] > pickup_to[other]:
                        continue
                    ride, is_pickup, placing = other, True, True
                    break
            # Exhausted (or empty again): take the stop back.
            if seq[top] % 2 == 0:
                position[seq[top] // 2] = -1
                taken[request[seq[top] // 2]] = False
            top -= 1
