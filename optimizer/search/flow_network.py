"""The day as a network: fragments are blocks from an entry to an exit, empty drives lead from exits to entries.

An entry is "begin with the pick-up of ride r, in a vehicle of class c", an exit "the vehicle of class c is empty after
the hand-over of ride r"; both have the number ``c · rides + r``. A tour is a start, blocks and empty drives in turn, an
end. Time is not in this network: that each drive and each block fit on their own is all that it knows. It is a
relaxation, to be tightened by cuts (``flow_cuts``) and made exact by unfolding it in time (``flow_expansion``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from optimizer.master.flow_programme import Programme, Sparse
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.rides import Rides, closure
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """Fragments as a class may use them: begun at ``t`` in ``[lo, hi]`` one takes ``duration`` from entry to exit."""

    fragment: Ints
    entry: Ints
    exit: Ints
    lo: Ints
    hi: Ints
    duration: Ints
    cost: Ints

    def __len__(self) -> int:
        return len(self.fragment)

    @property
    def done(self) -> Ints:
        """Earliest completion."""
        return self.lo + self.duration

    def restricted(self, kept: Bools) -> Blocks:
        """Return the blocks that are kept."""
        return Blocks(
            fragment=self.fragment[kept],
            entry=self.entry[kept],
            exit=self.exit[kept],
            lo=self.lo[kept],
            hi=self.hi[kept],
            duration=self.duration[kept],
            cost=self.cost[kept],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Legs:
    """Drives of an empty vehicle. Starts have no ``tail``, ends no ``head``: -1."""

    tail: Ints
    head: Ints
    drive: Ints
    cost: Ints

    def __len__(self) -> int:
        return len(self.tail)

    def restricted(self, kept: Bools) -> Legs:
        """Return the legs that are kept."""
        return Legs(tail=self.tail[kept], head=self.head[kept], drive=self.drive[kept], cost=self.cost[kept])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """Blocks and legs; columns are numbered in the order blocks, arcs, starts, ends.

    Parameters
    ----------
    covers
        ``(requests, blocks)``: who is carried by a block.
    arcs, starts, ends
        Drives between exit and entry, from the depot, to the depot.
    classes, rides
        Classes, and rides in each: ``classes · rides`` entries and as many exits.
    """

    blocks: Blocks
    arcs: Legs
    starts: Legs
    ends: Legs
    covers: Sparse
    classes: tuple[DutyClass, ...]
    rides: int

    @property
    def nodes(self) -> int:
        """Number of entries, and of exits."""
        return len(self.classes) * self.rides

    def __len__(self) -> int:
        return len(self.blocks) + len(self.arcs) + len(self.starts) + len(self.ends)

    @property
    def cost(self) -> Ints:
        """Cost of each column."""
        return np.concatenate([self.blocks.cost, self.arcs.cost, self.starts.cost, self.ends.cost])

    def split(self, columns: Bools) -> list[Bools]:
        """Cut a mask of the columns into those of blocks, arcs, starts, ends."""
        ends = np.cumsum([len(self.blocks), len(self.arcs), len(self.starts)])
        return np.split(columns, ends)

    def restricted(self, kept: Bools) -> Network:
        """Return the network of the columns that are kept."""
        blocks, arcs, starts, ends = self.split(kept)
        return replace(
            self,
            blocks=self.blocks.restricted(blocks),
            arcs=self.arcs.restricted(arcs),
            starts=self.starts.restricted(starts),
            ends=self.ends.restricted(ends),
            covers=self.covers[:, np.nonzero(blocks)[0]],
        )

    def programme(self, cuts: Sparse | None = None) -> Programme:
        """Return the programme: each request once, what enters leaves, no more tours than duties, ``cuts @ x <= 0``."""
        b, a, s, z = len(self.blocks), len(self.arcs), len(self.starts), len(self.ends)
        n, requests, classes = self.nodes, self.covers.shape[0], len(self.classes)
        at_blocks, at_arcs = np.arange(b), b + np.arange(a)
        at_starts, at_ends = b + a + np.arange(s), b + a + s + np.arange(z)
        entries, exits, count = requests, requests + n, requests + 2 * n
        covers = self.covers.tocoo()
        parts: list[tuple[Ints, Ints, int]] = [
            (covers.row.astype(np.int64), covers.col.astype(np.int64), 1),
            (entries + self.arcs.head, at_arcs, 1),
            (entries + self.starts.head, at_starts, 1),
            (entries + self.blocks.entry, at_blocks, -1),
            (exits + self.blocks.exit, at_blocks, 1),
            (exits + self.arcs.tail, at_arcs, -1),
            (exits + self.ends.tail, at_ends, -1),
            (count + self.starts.head // self.rides, at_starts, 1),
        ]
        rows = sparse(parts, (count + classes, len(self)))
        most = np.array([duty_class.count for duty_class in self.classes], dtype=np.int64)
        lower = np.concatenate([np.ones(requests), np.zeros(2 * n + classes)]).astype(np.int64)
        upper = np.concatenate([lower[:count], most])
        if cuts is not None:
            rows = csr_array(vstack([rows, cuts]))
            lower = np.concatenate([lower, np.full(cuts.shape[0], -len(self), dtype=np.int64)])
            upper = np.concatenate([upper, np.zeros(cuts.shape[0], dtype=np.int64)])
        return Programme(cost=self.cost, rows=rows, lower=lower, upper=upper)


def sparse(parts: list[tuple[Ints, Ints, int]], shape: tuple[int, int]) -> Sparse:
    """Return a matrix of whole numbers from (rows, columns, coefficient) parts; what falls together is added up."""
    rows = np.concatenate([part[0] for part in parts] or [np.empty(0, np.int64)])
    columns = np.concatenate([part[1] for part in parts] or [np.empty(0, np.int64)])
    values = np.concatenate(
        [np.full(len(part[0]), part[2], dtype=np.int64) for part in parts] or [np.empty(0, np.int64)]
    )
    return coo_array((values, (rows, columns)), shape=shape).tocsr()


def build_network(rides: Rides, fleet: Fleet, fragments: Fragments, travel: TravelMatrix) -> Network:
    """Return the network of all classes; what no tour can use on account of depot and shift is left out."""
    least = closure(travel.seconds)
    parts = [_of_class(duty_class, rides, fragments, travel, least) for duty_class in fleet.classes]
    blocks = Blocks(**{name: np.concatenate([getattr(part[0], name) for part in parts]) for name in Blocks.__slots__})
    arcs, starts, ends = (
        Legs(**{name: np.concatenate([getattr(part[kind], name) for part in parts]) for name in Legs.__slots__})
        for kind in (1, 2, 3)
    )
    words = fragments.requests[blocks.fragment]
    bits = (words[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    at, request = np.nonzero(bits.reshape(len(words), 64 * words.shape[1]))
    covers = sparse([(request, at, 1)], (len(rides.ids), len(blocks)))
    return Network(
        blocks=blocks, arcs=arcs, starts=starts, ends=ends, covers=covers, classes=fleet.classes, rides=len(rides)
    )


def _of_class(
    duty_class: DutyClass, rides: Rides, fragments: Fragments, travel: TravelMatrix, least: Ints
) -> tuple[Blocks, Legs, Legs, Legs]:
    n, offset = len(rides), duty_class.number * len(rides)
    figures = fragments.figures
    from_depot, to_depot = _depot(travel.seconds, duty_class, rides)
    soonest, home = _depot(least, duty_class, rides)
    first = fragments.stops[fragments.stops_from[:-1]] // 2
    last = fragments.stops[fragments.stops_from[1:] - 1] // 2
    # The shift binds every block: nothing begins before the depot is left, and all are home in time.
    lo = np.maximum(figures[:, fk.LO], duty_class.earliest + soonest[first])
    hi = np.minimum(figures[:, fk.HI], duty_class.latest - home[last] - figures[:, fk.DURATION])
    slots = np.zeros(fragments.masks.shape[1], dtype=np.uint64)
    for slot in duty_class.slots:
        slots[slot // 64] |= np.uint64(1) << np.uint64(slot % 64)
    usable = np.nonzero((lo <= hi) & np.any(fragments.masks & slots, axis=1))[0]
    rate = duty_class.rate_per_metre
    blocks = Blocks(
        fragment=usable,
        entry=offset + first[usable],
        exit=offset + last[usable],
        lo=lo[usable],
        hi=hi[usable],
        duration=figures[usable, fk.DURATION],
        cost=rate * figures[usable, fk.METRES],
    )
    never = np.iinfo(np.int64).max // 4
    done, until = np.full(n, never), np.full(n, -never)
    np.minimum.at(done, last[usable], blocks.done)
    np.maximum.at(until, first[usable], blocks.hi)
    drive = travel.seconds[np.ix_(rides.delivery, rides.pickup)]
    tail, head = np.nonzero(done[:, None] + drive <= until[None, :])
    other = rides.request[tail] != rides.request[head]
    tail, head = tail[other], head[other]
    metres = travel.metres[rides.delivery[tail], rides.pickup[head]]
    arcs = Legs(tail=offset + tail, head=offset + head, drive=drive[tail, head], cost=rate * metres)
    out, back = _depot(travel.metres, duty_class, rides)
    starting = np.nonzero(duty_class.earliest + from_depot <= until)[0]
    ending = np.nonzero(done + to_depot <= duty_class.latest)[0]
    nothing = np.full(n, -1, dtype=np.int64)
    starts = Legs(tail=nothing[starting], head=offset + starting, drive=from_depot[starting], cost=rate * out[starting])
    ends = Legs(tail=offset + ending, head=nothing[ending], drive=to_depot[ending], cost=rate * back[ending])
    return blocks, arcs, starts, ends


def _depot(table: Ints, duty_class: DutyClass, rides: Rides) -> tuple[Ints, Ints]:
    """Return ``table`` from the class's depot to each pick-up, and from each hand-over to it; 0 where it has none."""
    none = np.zeros(len(rides), dtype=np.int64)
    out = table[duty_class.start_row, rides.pickup] if duty_class.start_row >= 0 else none
    back = table[rides.delivery, duty_class.end_row] if duty_class.end_row >= 0 else none
    return out, back
