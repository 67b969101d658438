"""The compiled label setting over fragments: pricing, and the enumeration of every column within a gap.

A label is a tour begun: depot, some fragments, breaks between them. It carries the segment numbers of the whole
(``E``, ``L``, ``D``) and of the stretch since the last break, so that span, stretch and break rules are exact; see
``optimizer/README.md``, "Segments" and "Breaks".
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.routing.breaks import break_needed
from optimizer.routing.completion import NEVER
from optimizer.routing.label import (
    BREAKS,
    CUSTODY,
    DARK,
    DURATION,
    END,
    FIELDS,
    FRAGMENT,
    GAP,
    LATEST,
    METRES,
    NIGHT,
    PARENT,
    PART_DURATION,
    PART_LATEST,
    PLACE,
    PROMISES,
    covers,
    excess_toll,
    no_dearer,
    no_later,
    still_open,
    toll_of,
    with_room,
)

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@njit(cache=True, nogil=True)
def set_labels(
    members: Ints,
    group_from: Ints,
    group_rows: Ints,
    figures: Ints,
    sets: Words,
    value: Ints,
    seconds: Ints,
    least: Ints,
    metres: Ints,
    leg_cost: Ints,
    second_cost: int,
    start_row: int,
    end_row: int,
    earliest: int,
    latest: int,
    promises: int,
    tiers: Ints,
    step: int,
    stretch: int,
    max_span: int,
    request_last: Ints,
    request_row: Ints,
    bound: Ints,
    width: int,
    row_slot: Ints,
    cut_one: Words,
    cut_two: Words,
    cut_price: Ints,
    cut_members: Ints,
    threshold: int,
    keep_all: bool,
    exact: bool,
    room: int,
    halt: NDArray[np.bool_],
    out_cost: Ints,
    out_figures: Ints,
    out_sets: Words,
    out_chain: Ints,
    out_gaps: Ints,
    out_from: Ints,
    best: Ints,
) -> int:
    """Find tours of reduced cost at most ``threshold``.

    With ``keep_all`` every one is written (but for those with the same requests that another beats in everything);
    else labels dominate each other and only the best are wanted; without ``exact``
    they do so whatever requests they carry: quick, good, and no proof. ``group_from`` / ``group_rows`` split
    ``members``
    by first place, each sorted by falling latest start. ``request_last`` / ``request_row`` say until when and where
    each pool request can be picked up at the latest. ``cut_one`` / ``cut_two`` tell of each fragment which subset-row
    cuts it carries one member of, or more; a tour with two or three of ``cut_members`` pays ``cut_price`` once
    (``value`` has it already for fragments with two). Writes cost, (custody, night, dark, metres, span), request set,
    chain and gap codes; ``out_gaps`` has one code more than the chain, for the way home; ``best[0]`` becomes the least
    cost seen. Returns the number of tours written, -1 where an output table is full (``keep_all`` only; else the rest
    is left out), -2 where ``room`` labels were not enough, -3 where ``halt[0]`` was raised.
    """
    words = sets.shape[1]
    cut_words = cut_one.shape[1] if len(cut_price) > 0 else 0
    timed = len(tiers) > 0 or stretch < NEVER or max_span < NEVER or second_cost > 0
    most_break = 0
    for tier in range(tiers.shape[0]):
        most_break = max(most_break, tiers[tier, 1])
    steps = most_break // step
    # A stretch limit alone needs breaks too, each of one step, as often as it takes.
    least_steps = 1 if stretch < NEVER else 0
    size = 1024
    label = np.empty((size, FIELDS), dtype=np.int64)
    cost = np.empty(size, dtype=np.int64)
    used = np.zeros((size, words), dtype=np.uint64)
    closed = np.zeros((size, words), dtype=np.uint64)
    # Cuts of which a label carries exactly one member; of these, those that may still be paid; and cuts already paid.
    single = np.zeros((size, max(1, cut_words)), dtype=np.uint64)
    pending = np.zeros((size, max(1, cut_words)), dtype=np.uint64)
    paid = np.zeros((size, max(1, cut_words)), dtype=np.uint64)
    alive = np.ones(size, dtype=np.bool_)
    following = np.full(size, -1, dtype=np.int64)
    # Labels that may dominate each other hang together: by place, or by hash where only the same requests compare.
    heads = 1 << 16 if keep_all else seconds.shape[0]
    head = np.full(heads, -1, dtype=np.int64)
    label[0, PLACE], label[0, END], label[0, LATEST], label[0, DURATION] = start_row, earliest, latest, 0
    label[0, PART_LATEST], label[0, PART_DURATION] = latest, 0
    label[0, BREAKS] = label[0, PROMISES] = label[0, CUSTODY] = label[0, NIGHT] = label[0, DARK] = label[0, METRES] = 0
    label[0, FRAGMENT] = label[0, PARENT] = -1
    label[0, GAP] = 0
    cost[0] = 0
    count = 1
    queue = [(earliest, 0)]
    found = 0
    written = 0
    while len(queue) > 0:
        _, current = heapq.heappop(queue)
        if not alive[current]:
            continue
        if halt[0]:
            return -3
        at, end = label[current, PLACE], label[current, END]
        last_latest, duration = label[current, LATEST], label[current, DURATION]
        part_latest, part_duration, breaks = (
            label[current, PART_LATEST],
            label[current, PART_DURATION],
            label[current, BREAKS],
        )
        for group in range(len(group_rows)):
            first = group_rows[group]
            drive = 0 if at < 0 else seconds[at, first]
            leg = 0 if at < 0 else leg_cost[at, first]
            driven = 0 if at < 0 else metres[at, first]
            for x in range(group_from[group], group_from[group + 1]):
                f = members[x]
                hi = figures[f, 2]
                if end + drive > hi:
                    break
                if figures[f, 11] > 0:
                    if figures[f, 10] != label[current, PROMISES]:
                        continue
                disjoint = True
                for w in range(words):
                    if used[current, w] & sets[f, w]:
                        disjoint = False
                        break
                if not disjoint:
                    continue
                lo, block, last = figures[f, 3], figures[f, 4], figures[f, 1]
                toll = 0
                for w in range(cut_words):
                    due = single[current, w] & cut_one[f, w]
                    if due:
                        toll += toll_of(due, cut_price, w)
                # Break codes: 0 none; 2k - 1: k steps before the drive; 2k: k steps after it.
                options = 2 * max(least_steps, steps - breaks // step) + 1
                for option in range(options):
                    pause = (option + 1) // 2 * step
                    before = option % 2 == 1
                    if before and current == 0:
                        continue
                    if end + pause + drive > hi:
                        break
                    new_end = max(lo, end + pause + drive) + block
                    new_duration = duration + pause + drive + block
                    new_latest = min(last_latest, hi - drive - pause - duration)
                    if option == 0:
                        new_part_duration = part_duration + drive + block
                        new_part_latest = min(part_latest, hi - drive - part_duration)
                    elif before:
                        new_part_duration = drive + block
                        new_part_latest = hi - drive
                    else:
                        if max(part_duration + drive, end + drive - part_latest) > stretch:
                            continue
                        new_part_duration = block
                        new_part_latest = hi
                    if timed:
                        if max(new_part_duration, new_end - new_part_latest) > stretch:
                            continue
                        if max(new_duration, new_end - new_latest) > max_span:
                            continue
                    home = 0 if end_row < 0 else seconds[last, end_row]
                    if new_end + home > latest:
                        continue
                    new_cost = cost[current] + leg + value[f] + toll + second_cost * (pause + drive)
                    if width > 0:
                        bucket = (new_end - earliest) // width
                        ahead = bound[row_slot[last], bucket]
                        if ahead >= NEVER or new_cost + ahead > threshold:
                            continue
                    if count >= room:
                        return -2
                    if count >= size:
                        size *= 2
                        grown = np.empty((size, FIELDS), dtype=np.int64)
                        grown[:count] = label[:count]
                        label = grown
                        grown_cost = np.empty(size, dtype=np.int64)
                        grown_cost[:count] = cost[:count]
                        cost = grown_cost
                        used, closed = with_room(used, size), with_room(closed, size)
                        single, pending, paid = with_room(single, size), with_room(pending, size), with_room(paid, size)
                        grown_alive = np.ones(size, dtype=np.bool_)
                        grown_alive[:count] = alive[:count]
                        alive = grown_alive
                        grown_following = np.full(size, -1, dtype=np.int64)
                        grown_following[:count] = following[:count]
                        following = grown_following
                    n = count
                    label[n, PLACE], label[n, END], label[n, LATEST], label[n, DURATION] = (
                        last,
                        new_end,
                        new_latest,
                        new_duration,
                    )
                    label[n, PART_LATEST], label[n, PART_DURATION] = new_part_latest, new_part_duration
                    label[n, BREAKS] = min(breaks + pause, most_break)
                    label[n, PROMISES] = figures[f, 11] if figures[f, 11] > 0 else label[current, PROMISES]
                    label[n, FRAGMENT], label[n, PARENT], label[n, GAP] = f, current, option
                    label[n, CUSTODY] = label[current, CUSTODY] + figures[f, 6]
                    label[n, NIGHT] = label[current, NIGHT] + figures[f, 7]
                    label[n, DARK] = label[current, DARK] + figures[f, 9]
                    label[n, METRES] = label[current, METRES] + driven + figures[f, 5]
                    cost[n] = new_cost
                    for w in range(words):
                        used[n, w] = used[current, w] | sets[f, w]
                        closed[n, w] = used[n, w]
                    if exact and not keep_all:
                        for r in range(len(request_last)):
                            if new_end + least[last, request_row[r]] > request_last[r]:
                                closed[n, r // 64] |= np.uint64(1) << np.uint64(r % 64)
                    for w in range(cut_words):
                        paid[n, w] = paid[current, w] | cut_two[f, w] | (single[current, w] & cut_one[f, w])
                        single[n, w] = (single[current, w] | cut_one[f, w]) & ~paid[n, w]
                        pending[n, w] = single[n, w]
                        if exact and not keep_all and pending[n, w]:
                            pending[n, w] = still_open(pending[n, w], w, cut_members, closed[n])
                    # Dominance among labels at the same place.
                    dominated = False
                    slot = last
                    if keep_all:
                        mixed = np.uint64(last) * np.uint64(0x9E3779B97F4A7C15)
                        for w in range(words):
                            mixed = (mixed ^ used[n, w]) * np.uint64(0xBF58476D1CE4E5B9)
                            mixed ^= mixed >> np.uint64(29)
                        slot = np.int64(mixed & np.uint64(heads - 1))
                    other = head[slot]
                    previous = -1
                    while other >= 0:
                        after = following[other]
                        if label[other, PROMISES] == label[n, PROMISES]:
                            if keep_all:
                                same = label[other, PLACE] == last
                                for w in range(words):
                                    if used[other, w] != used[n, w]:
                                        same = False
                                        break
                                if same and label[other, DARK] == 0 and label[n, DARK] == 0:
                                    if no_later(label[other], label[n], True, True) and no_dearer(
                                        label[other], label[n]
                                    ):
                                        dominated = True
                                        break
                                    if no_later(label[n], label[other], True, True) and no_dearer(
                                        label[n], label[other]
                                    ):
                                        alive[other] = False
                            else:
                                # Without the time of the tour so far: what counts is the span at its end,
                                # and whoever waits in between pays less of it later.
                                ahead_of = cost[other] - second_cost * label[other, DURATION]
                                mine = cost[n] - second_cost * label[n, DURATION]
                                if ahead_of <= mine and no_later(label[other], label[n], timed, exact):
                                    if not exact or (
                                        covers(used[other], closed[n], words)
                                        and ahead_of + excess_toll(pending[other], single[n], cut_price, cut_words)
                                        <= mine
                                    ):
                                        dominated = True
                                        break
                                if mine <= ahead_of and no_later(label[n], label[other], timed, exact):
                                    if not exact or (
                                        covers(used[n], closed[other], words)
                                        and mine + excess_toll(pending[n], single[other], cut_price, cut_words)
                                        <= ahead_of
                                    ):
                                        alive[other] = False
                        if not alive[other]:
                            if previous < 0:
                                head[slot] = after
                            else:
                                following[previous] = after
                        else:
                            previous = other
                        other = after
                    if dominated:
                        continue
                    alive[n] = True
                    following[n] = head[slot]
                    head[slot] = n
                    count += 1
                    heapq.heappush(queue, (new_end, n))
        if current == 0 or label[current, PROMISES] != promises:
            continue
        # The way home, with or without a break before it.
        home = 0 if end_row < 0 else seconds[at, end_row]
        choices = max(least_steps, steps - breaks // step) + 1
        home_cost = np.full(choices, NEVER, dtype=np.int64)
        home_span = np.zeros(choices, dtype=np.int64)
        chosen = 0
        for option in range(choices):
            pause = option * step
            if end + pause + home > latest:
                break
            whole = duration + pause + home
            whole_latest = min(last_latest, latest - home - pause - duration)
            if option == 0:
                part = max(part_duration + home, end + home - min(part_latest, latest - home - part_duration))
            else:
                part = home
            span = max(whole, end + pause + home - whole_latest)
            if part > stretch or span > max_span or break_needed(span, tiers) > breaks + pause:
                continue
            home_span[option] = span
            home_cost[option] = (
                cost[current] + second_cost * (span - duration) + (0 if end_row < 0 else leg_cost[at, end_row])
            )
            if home_cost[option] < home_cost[chosen] or (
                home_cost[option] == home_cost[chosen] and span < home_span[chosen]
            ):
                chosen = option
        if home_cost[chosen] > threshold:
            continue
        best[0] = min(best[0], home_cost[chosen])
        chain = 0
        node = current
        while node > 0:
            chain += 1
            node = label[node, PARENT]
        for option in range(choices):
            # One way home is enough, but where a night is touched: a longer break may make a better timetable.
            if home_cost[option] > threshold or (option != chosen and not (keep_all and label[current, DARK] > 0)):
                continue
            if (
                found >= len(out_cost)
                or written + chain > len(out_chain)
                or written + chain + found + 1 > len(out_gaps)
            ):
                if keep_all:
                    return -1
                continue
            out_cost[found] = home_cost[option]
            out_from[found] = written
            node = current
            for x in range(chain - 1, -1, -1):
                out_chain[written + x] = label[node, FRAGMENT]
                out_gaps[written + found + x] = label[node, GAP]
                node = label[node, PARENT]
            out_gaps[written + found + chain] = 2 * option - 1 if option > 0 else 0
            out_figures[found, 0] = label[current, CUSTODY]
            out_figures[found, 1] = label[current, NIGHT]
            out_figures[found, 2] = label[current, DARK]
            out_figures[found, 3] = label[current, METRES] + (0 if end_row < 0 else metres[at, end_row])
            out_figures[found, 4] = home_span[option]
            for w in range(words):
                out_sets[found, w] = used[current, w]
            written += chain
            found += 1
            out_from[found] = written
    return found
