"""Fragments: stop sequences from empty to empty, as rigid blocks of time.

Within a tour a fragment has one degree of freedom, its start: begun at ``t`` in ``[lo, hi]`` it takes ``duration``
seconds with the least possible custody; arriving before ``lo`` it waits, empty, at the first pick-up. This loses
nothing: see ``optimizer/README.md``, "Fragments are rigid".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.model import InstanceIndex, Stage
from optimizer.routing import fragment_kernel as kernel
from optimizer.routing.classes import CAPACITY_KINDS, Fleet
from optimizer.routing.night import settle_waiting_nights
from optimizer.routing.partners import pair_partners
from optimizer.routing.rides import Rides, closure
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_SHORT = 4
"""Stops of the fragments that are enumerated where a limit struck: one ride, or two."""
_FREE = np.empty(0, dtype=np.int64)
"""No script: all sequences are tried."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fragments:
    """``n`` fragments.

    Parameters
    ----------
    figures
        ``(n, FIGURES)``; columns named in ``fragment_kernel``.
    masks
        ``(n, words)`` slots that can carry it.
    stops, stops_from
        Stop codes of all fragments and where each begins, ``(n + 1,)``.
    requests
        ``(n, request words)`` bit set of the *pool* requests carried.
    complete
        Whether every fragment is here (but for dominated ones); else no proof may be claimed.
    """

    figures: Ints
    masks: Words
    stops: Ints
    stops_from: Ints
    requests: Words
    complete: bool

    def __len__(self) -> int:
        return len(self.figures)

    def stops_of(self, fragment: int) -> Ints:
        """Return the stop codes of one fragment."""
        return self.stops[self.stops_from[fragment] : self.stops_from[fragment + 1]]


def night_table(index: InstanceIndex) -> Ints:
    """Return the nights as an ``(m, 2)`` table; empty where night is no stage and so no timetable asks for it."""
    if Stage.NIGHT not in index.instance.stages:
        return np.empty((0, 2), dtype=np.int64)
    return np.array([(night.earliest, night.latest) for night in index.instance.nights], dtype=np.int64).reshape(-1, 2)


def rule_numbers(index: InstanceIndex) -> Ints:
    """Return the numbers of the parameter set that the kernel reads, in its order."""
    parameters = index.instance.parameters
    escorts = parameters.escorts
    every = parameters.rest_interval(with_children=False) or 0
    every_children = parameters.rest_interval(with_children=True) or 0
    wait = -1 if parameters.max_wait is None else parameters.max_wait
    numbers = [
        wait,
        every,
        every_children,
        parameters.rest_length,
        escorts.base,
        escorts.base_covers,
        escorts.per_further,
        int(Stage.CUSTODY in index.instance.stages),
    ]
    return np.array(numbers, dtype=np.int64)


def enumerate_fragments(
    index: InstanceIndex,
    rides: Rides,
    fleet: Fleet,
    travel: TravelMatrix,
    *,
    limit: int,
    should_stop: Callable[[], bool] = lambda: False,
    halt: NDArray[np.bool_] | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Fragments:
    """Enumerate the fragments of all rides.

    Parameters
    ----------
    limit
        Most fragments; past it the answer is incomplete.
    should_stop
        Asked between first pick-ups; a stop leaves the answer incomplete.
    halt
        One flag that ends the compiled loop as well.
    told
        Told (first pick-ups done, of how many).
    """
    n = len(rides)
    kernel_ = _Kernel(index, rides, fleet, travel)
    parts: list[tuple[Ints, Words, Ints]] = []
    total, complete = 0, True
    halt = np.zeros(1, np.bool_) if halt is None else halt
    # Rides that are promised come first: whatever is cut short, the promises can be kept.
    order = np.argsort(rides.pickup_position < 0, kind="stable").tolist()
    done = 0
    deepest = kernel.DEEPEST
    while done < n:
        if complete and (should_stop() or total > limit):
            # No more than short fragments for the rest, so that at least each ride can be made.
            complete, deepest, halt = False, _SHORT, np.zeros(1, np.bool_)
        part = kernel_.run(order[done], deepest, halt, most=4 * limit if complete else None)
        if part is None:
            complete, deepest, halt = False, _SHORT, np.zeros(1, np.bool_)
            continue
        parts.append(part)
        total += len(part[0])
        done += 1
        told(done, n)
    return _assemble(index, rides, fleet, travel, parts, complete and not kernel_.was_cut)


def with_sequences(
    fragments: Fragments,
    sequences: Sequence[Sequence[int]],
    *,
    index: InstanceIndex,
    rides: Rides,
    fleet: Fleet,
    travel: TravelMatrix,
) -> tuple[Fragments, list[int | None]]:
    """Return ``fragments`` and, behind them, those of ``sequences`` that are not yet there; and the number of each.

    A sequence of stop codes, from empty to empty, is judged by the same compiled rules as in the enumeration: ``None``
    stands for one that breaks a rule.
    """
    known = {tuple(fragments.stops_of(f).tolist()): f for f in range(len(fragments))} if sequences else {}
    kernel_ = _Kernel(index, rides, fleet, travel)
    parts: list[tuple[Ints, Words, Ints]] = []
    numbers: list[int | None] = []
    for sequence in sequences:
        stops = tuple(sequence)
        if stops not in known:
            script = np.array(stops, dtype=np.int64)
            part = kernel_.run(stops[0] // 2, kernel.DEEPEST, np.zeros(1, np.bool_), script=script)
            if part is not None and len(part[0]) == 1 and tuple(part[2].tolist()) == stops:
                known[stops] = len(fragments) + len(parts)
                parts.append(part)
        numbers.append(known.get(stops))
    if not parts:
        return fragments, numbers
    fresh = _assemble(index, rides, fleet, travel, parts, fragments.complete, keep_all=True)
    both = Fragments(
        figures=np.concatenate([fragments.figures, fresh.figures]),
        masks=np.concatenate([fragments.masks, fresh.masks]),
        stops=np.concatenate([fragments.stops, fresh.stops]),
        stops_from=np.concatenate([fragments.stops_from, fragments.stops_from[-1] + fresh.stops_from[1:]]),
        requests=np.concatenate([fragments.requests, fresh.requests]),
        complete=fragments.complete,
    )
    return both, numbers


class _Kernel:
    """The compiled enumeration with its tables; output tables grow as needed."""

    def __init__(self, index: InstanceIndex, rides: Rides, fleet: Fleet, travel: TravelMatrix) -> None:
        self._rides = rides
        self._fleet = fleet
        self._least = closure(travel.seconds)
        self._partners = pair_partners(
            rides.pickup, rides.delivery, rides.pickup_from, rides.pickup_to, rides.pickup_service,
            rides.delivery_from, rides.delivery_to, rides.delivery_service, rides.cap,
            rides.together, fleet.static, self._least,
        )  # fmt: skip
        partner_rows, partner_list = np.nonzero(self._partners)
        self._partner_from = np.searchsorted(partner_rows, np.arange(len(rides) + 1)).astype(np.int64)
        self._partner_list = partner_list.astype(np.int64)
        self._nights, self._rule = night_table(index), rule_numbers(index)
        self._kinds = np.array(CAPACITY_KINDS, dtype=np.int64)
        self._seconds, self._metres = np.ascontiguousarray(travel.seconds), np.ascontiguousarray(travel.metres)
        self._flags = np.zeros(1, np.bool_)
        self._make_room(4096, 65536)

    @property
    def was_cut(self) -> bool:
        """Whether some sequence was cut for its length."""
        return bool(self._flags[0])

    def _make_room(self, fragments: int, stops: int) -> None:
        self._figures = np.empty((fragments, kernel.FIGURES), np.int64)
        self._masks = np.empty((fragments, self._fleet.static.shape[1]), np.uint64)
        self._stops = np.empty(stops, np.int64)

    def run(
        self, first: int, deepest: int, halt: NDArray[np.bool_], *, most: int | None = None, script: Ints = _FREE
    ) -> tuple[Ints, Words, Ints] | None:
        """Return figures, masks and stops of the fragments that begin with ``first``; ``None``: halted, too many."""
        rides, fleet = self._rides, self._fleet
        while True:
            written, length = kernel.enumerate_from(
                first, rides.request, rides.pickup, rides.delivery,
                rides.pickup_from, rides.pickup_to, rides.pickup_service,
                rides.delivery_from, rides.delivery_to, rides.delivery_service,
                rides.cap, rides.direct, rides.load, rides.has_children,
                rides.pickup_position, rides.delivery_position, self._partners, self._partner_from,
                self._partner_list, fleet.static, fleet.fits, fleet.fits_from, self._kinds,
                self._seconds, self._metres, self._least, self._nights, self._rule, deepest, script, self._flags, halt,
                self._figures, self._masks, self._stops,
            )  # fmt: skip
            if written >= 0:
                return self._figures[:written].copy(), self._masks[:written].copy(), self._stops[:length].copy()
            room = len(self._figures)
            if written == kernel.HALTED or (most is not None and room >= most):
                return None
            self._make_room(4 * room, 4 * len(self._stops))


def _assemble(
    index: InstanceIndex,
    rides: Rides,
    fleet: Fleet,
    travel: TravelMatrix,
    parts: list[tuple[Ints, Words, Ints]],
    complete: bool,
    *,
    keep_all: bool = False,
) -> Fragments:
    words = fleet.static.shape[1]
    figures = np.concatenate([np.empty((0, kernel.FIGURES), np.int64)] + [part[0] for part in parts])
    masks = np.concatenate([np.empty((0, words), np.uint64)] + [part[1] for part in parts])
    stops = np.concatenate([np.empty(0, np.int64)] + [part[2] for part in parts])
    stops_from = np.concatenate([[0], np.cumsum(figures[:, kernel.STOPS])]).astype(np.int64)
    settle_waiting_nights(index, rides, travel, night_table(index), figures, stops, stops_from)
    pool = np.array([rides.pickup_position[r] < 0 for r in range(len(rides))], dtype=np.bool_)
    sets = request_sets(stops, stops_from, rides.request, pool, max(1, -(-len(rides.ids) // 64)))
    marks = np.random.default_rng(20240301).integers(1, 1 << 62, size=max(1, len(rides)), dtype=np.int64)
    keep = np.arange(len(figures)) if keep_all else undominated(figures, masks, stops, stops_from, marks)
    lengths = figures[keep, kernel.STOPS]
    kept_from = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    kept = np.concatenate([np.empty(0, np.int64)] + [stops[stops_from[f] : stops_from[f + 1]] for f in keep])
    return Fragments(
        figures=figures[keep],
        masks=masks[keep],
        stops=kept,
        stops_from=kept_from,
        requests=sets[keep],
        complete=complete,
    )


@njit(cache=True, nogil=True)
def request_sets(stops: Ints, stops_from: Ints, request: Ints, pool: NDArray[np.bool_], words: int) -> Words:
    """Return the bit set of pool requests of each fragment."""
    n = len(stops_from) - 1
    sets = np.zeros((n, words), dtype=np.uint64)
    for f in range(n):
        for at in range(stops_from[f], stops_from[f + 1]):
            ride = stops[at] // 2
            if pool[ride]:
                sets[f, request[ride] // 64] |= np.uint64(1) << np.uint64(request[ride] % 64)
    return sets


@njit(cache=True, nogil=True)
def undominated(figures: Ints, masks: Words, stops: Ints, stops_from: Ints, marks: Ints) -> Ints:
    """Return the fragments that no other with the same rides and end places beats or equals in everything.

    ``marks`` are random numbers, one a ride: their sum over a fragment sorts equal sets together; equality itself is
    checked stop by stop. Fragments that touch a night are kept: their night depends on their start.
    """
    n = len(figures)
    key = np.zeros(n, dtype=np.int64)
    for f in range(n):
        total = figures[f, FIRST_COLUMN] * 1000003 + figures[f, LAST_COLUMN] * 7919
        for at in range(stops_from[f], stops_from[f + 1]):
            total += marks[stops[at] // 2]
        key[f] = total
    order = np.argsort(key, kind="mergesort")
    keep = np.ones(n, dtype=np.bool_)
    start = 0
    while start < n:
        end = start + 1
        while end < n and key[order[end]] == key[order[start]]:
            end += 1
        for x in range(start, end):
            f = order[x]
            if figures[f, NIGHT_COLUMN] != 0:
                continue
            for y in range(start, end):
                g = order[y]
                if x == y or not keep[g] or not keep[f] or figures[g, NIGHT_COLUMN] != 0:
                    continue
                if _beats(figures[g], figures[f], masks[g], masks[f]) and _same_rides(
                    stops[stops_from[g] : stops_from[g + 1]], stops[stops_from[f] : stops_from[f + 1]]
                ):
                    keep[f] = False
        start = end
    return np.nonzero(keep)[0]


FIRST_COLUMN, LAST_COLUMN, NIGHT_COLUMN = kernel.FIRST, kernel.LAST, kernel.TOUCHES_NIGHT


@njit(cache=True, nogil=True)
def _beats(g: Ints, f: Ints, mask_g: Words, mask_f: Words) -> bool:
    if g[0] != f[0] or g[1] != f[1] or g[2] < f[2] or g[3] + g[4] > f[3] + f[4] or g[4] > f[4]:
        return False
    if g[5] > f[5] or g[6] > f[6]:
        return False
    for w in range(len(mask_g)):
        if mask_f[w] & ~mask_g[w]:
            return False
    return True


@njit(cache=True, nogil=True)
def _same_rides(stops_g: Ints, stops_f: Ints) -> bool:
    if len(stops_g) != len(stops_f):
        return False
    for code in stops_g:
        found = False
        for other in stops_f:
            if other == code:
                found = True
                break
        if not found:
            return False
    return True
