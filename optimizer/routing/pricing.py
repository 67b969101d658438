"""Pricing of one duty class: the tours of least reduced cost, or all within a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.routing import fragment_kernel as fk
from optimizer.routing import label_kernel as lk
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.completion import NEVER, completion_bounds
from optimizer.routing.fragments import Fragments
from optimizer.routing.rides import Rides, closure
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_LABELS = 2_000_000
"""Most labels of one search: what memory allows."""
_BUCKETS = 48
"""Least number of time buckets of the completion bounds."""
_TOO_MANY = -2
"""What ``set_labels`` answers where its labels were not enough."""
_CHEAP_BOUNDS = 30_000_000
"""Steps that the bounds of a quick search may take before it is tried without them."""
_MOST_BUCKETS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Tours that pricing found for one class.

    Parameters
    ----------
    cost
        ``(n,)`` reduced cost without the class's own dual.
    figures
        ``(n, 5)``: custody, least night, number of fragments that touch a night, metres, span.
    sets
        ``(n, words)`` pool requests.
    chains, gaps
        Fragment numbers, and gap codes (one more than fragments), of each tour.
    least
        Least cost over *all* tours of the class, or a number above the threshold where none is within it.
    complete
        Whether nothing within the threshold was left out.
    """

    cost: Ints
    figures: Ints
    sets: Words
    chains: list[Ints]
    gaps: list[Ints]
    least: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassGraph:
    """What one class may do: its fragments by first place, each group sorted by falling latest start."""

    duty_class: DutyClass
    members: Ints
    group_from: Ints
    group_rows: Ints
    last_rows: Ints
    row_slot: Ints
    width: int
    buckets: int
    tiers: Ints
    max_stretch: int
    max_span: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tolls:
    """What tours pay for subset-row cuts: ``price[c]`` once where they carry two or three of ``members[c]``.

    Parameters
    ----------
    members
        ``(cuts, 3)`` pool requests.
    price
        ``(cuts,)``, at least 0.
    one, two
        ``(fragments, words)`` bit sets: cuts of which a fragment carries exactly one member, or more.
    inside
        ``(fragments,)`` what a fragment pays for those of which it carries two or three.
    """

    members: Ints
    price: Ints
    one: Words
    two: Words
    inside: Ints


def _binding(limit: int | None, horizon: int) -> int:
    return limit if limit is not None and limit < horizon else NEVER


def restricted(graph: ClassGraph, allowed: NDArray[np.bool_]) -> ClassGraph:
    """Return the graph with only those fragments for which ``allowed`` (by number) holds."""
    keep = allowed[graph.members]
    kept = np.concatenate([[0], np.cumsum(keep)])
    return replace(graph, members=graph.members[keep], group_from=kept[graph.group_from].astype(np.int64))


class Pricing:
    """Everything that pricing needs and that does not change within a run."""

    def __init__(
        self, rides: Rides, fleet: Fleet, fragments: Fragments, travel: TravelMatrix, halt: NDArray[np.bool_]
    ) -> None:
        self.rides = rides
        self.fleet = fleet
        self.fragments = fragments
        self._halt = halt
        self.seconds = np.ascontiguousarray(travel.seconds)
        self.metres = np.ascontiguousarray(travel.metres)
        self.least = closure(travel.seconds)
        requests = len(rides.ids)
        # Until when, and where, a pool request can be picked up at the latest over its rides.
        self.request_last = np.full(requests, -1, dtype=np.int64)
        self.request_row = np.zeros(requests, dtype=np.int64)
        for ride in np.nonzero(rides.pickup_position < 0)[0]:
            request = rides.request[ride]
            self.request_last[request] = max(self.request_last[request], rides.pickup_to[ride])
            self.request_row[request] = rides.pickup[ride]
        bits = np.unpackbits(fragments.requests.view(np.uint8), axis=1, bitorder="little")
        carrier, self._carried = np.nonzero(bits)
        self._carried_from = np.searchsorted(carrier, np.arange(len(fragments) + 1))
        self._words = max(1, -(-requests // 64))
        self._no_tolls = self.tolls(np.empty((0, 3), dtype=np.int64), np.empty(0, dtype=np.int64))
        self.graphs = tuple(self._graph(duty_class) for duty_class in fleet.classes)

    def sums(self, values: Ints) -> Ints:
        """Return for each fragment the sum of ``values`` over the pool requests that it carries."""
        running = np.concatenate([[0], np.cumsum(values[self._carried])])
        return np.asarray(running[self._carried_from[1:]] - running[self._carried_from[:-1]], dtype=np.int64)

    def tolls(self, members: Ints, price: Ints) -> Tolls:
        """Return the tolls of cuts ``(cuts, 3)`` at these prices; cuts without a price are left out."""
        members, price = members[price > 0], price[price > 0]
        words = max(1, -(-len(price) // 64))
        one, two = (np.zeros((len(self.fragments), words), dtype=np.uint64) for _ in range(2))
        inside = np.zeros(len(self.fragments), dtype=np.int64)
        sets = self.fragments.requests
        for c, triple in enumerate(members.tolist()):
            carried = sum((sets[:, r // 64] >> np.uint64(r % 64)) & np.uint64(1) for r in triple)
            bit = np.uint64(1) << np.uint64(c % 64)
            one[carried == 1, c // 64] |= bit
            two[carried >= 2, c // 64] |= bit
            inside[carried >= 2] += price[c]
        return Tolls(members=members.reshape(-1, 3), price=price, one=one, two=two, inside=inside)

    def _graph(self, duty_class: DutyClass) -> ClassGraph:
        figures = self.fragments.figures
        words = self.fragments.masks.shape[1]
        slots = np.zeros(words, dtype=np.uint64)
        for slot in duty_class.slots:
            slots[slot // 64] |= np.uint64(1) << np.uint64(slot % 64)
        able = np.any(self.fragments.masks & slots, axis=1)
        places = len(self.seconds)
        out = self.seconds[duty_class.start_row] if duty_class.start_row >= 0 else np.zeros(places, dtype=np.int64)
        home = self.seconds[:, duty_class.end_row] if duty_class.end_row >= 0 else np.zeros(places, dtype=np.int64)
        arrival = duty_class.earliest + out[figures[:, fk.FIRST]]
        end = np.maximum(figures[:, fk.LO], arrival) + figures[:, fk.DURATION]
        able &= (arrival <= figures[:, fk.HI]) & (end + home[figures[:, fk.LAST]] <= duty_class.latest)
        members = np.nonzero(able)[0].astype(np.int64)
        order = np.lexsort((members, -figures[members, fk.HI], figures[members, fk.FIRST]))
        members = members[order]
        group_rows, group_from = np.unique(figures[members, fk.FIRST], return_index=True)
        last_rows = np.unique(figures[members, fk.LAST])
        row_slot = np.full(places, -1, dtype=np.int64)
        row_slot[last_rows] = np.arange(len(last_rows))
        horizon = duty_class.latest - duty_class.earliest
        width = int(figures[members, fk.DURATION].min()) if len(members) else 0
        buckets = horizon // width + 1 if width > 0 else 0
        if buckets > _MOST_BUCKETS:
            width = buckets = 0  # Fragments too short for time buckets: pricing then does without the bounds.
        elif buckets:
            # Finer is tighter; coarser than the shortest fragment it may not be.
            width = min(width, max(1, horizon // _BUCKETS))
            buckets = horizon // width + 1
        profile = duty_class.profile
        return ClassGraph(
            duty_class=duty_class,
            members=members,
            group_from=np.append(group_from, len(members)).astype(np.int64),
            group_rows=group_rows.astype(np.int64),
            last_rows=last_rows.astype(np.int64),
            row_slot=row_slot,
            width=width,
            buckets=buckets,
            # A rule that the class's window cannot break is left out: labels are then compared by less.
            tiers=np.array(
                [(tier.span, tier.total) for tier in profile.tiers if tier.span < horizon], dtype=np.int64
            ).reshape(-1, 2),
            max_stretch=_binding(profile.max_stretch, horizon),
            max_span=_binding(profile.max_span, horizon),
        )

    def find(
        self,
        graph: ClassGraph,
        *,
        value: Ints,
        leg_cost: Ints,
        second_cost: int,
        threshold: int,
        keep_all: bool,
        most: int,
        exact: bool = True,
        bounded: bool = False,
        tolls: Tolls | None = None,
    ) -> Found:
        """Return tours of ``graph``'s class of reduced cost at most ``threshold``.

        Parameters
        ----------
        value
            Cost of each fragment (all fragments, by number) less the duals of what it carries, times in the
            objective included.
        leg_cost
            ``(places, places)`` cost of an empty drive, without its time.
        second_cost
            Cost of a second of the tour's span.
        keep_all
            Every tour (up to ``most``), or only good ones (at most ``most``).
        exact
            Without it labels dominate each other whatever they carry: quick, but what is not found may still exist.
        bounded
            Whether completion bounds are wanted whatever they take.
        tolls
            What tours pay on top for subset-row cuts (``None``: nothing).
        """
        tolls = self._no_tolls if tolls is None else tolls
        costs = value + tolls.inside
        duty_class = graph.duty_class
        figures = self.fragments.figures
        bound = np.zeros((1, 1), dtype=np.int64)
        width = graph.width
        if not exact and not bounded and graph.buckets * len(graph.last_rows) * len(graph.members) > _CHEAP_BOUNDS:
            width = 0  # A quick search is over before such bounds are.
        if width and len(graph.members):
            bound = completion_bounds(
                graph.members, figures, costs, self.seconds, leg_cost, second_cost, duty_class.end_row,
                duty_class.earliest, duty_class.latest, graph.width, graph.buckets, graph.last_rows, graph.row_slot,
            )  # fmt: skip
        room = most
        cost, tour_figures = np.empty(room, np.int64), np.empty((room, 5), np.int64)
        sets = np.empty((room, self._words), np.uint64)
        chain, gaps = np.empty(16 * room, np.int64), np.empty(17 * room, np.int64)
        begins, least = np.zeros(room + 1, np.int64), np.full(1, NEVER, np.int64)
        found = lk.set_labels(
            graph.members, graph.group_from, graph.group_rows, figures, self.fragments.requests, costs,
            self.seconds, self.least, self.metres, leg_cost, second_cost,
            duty_class.start_row, duty_class.end_row, duty_class.earliest, duty_class.latest, duty_class.promises,
            graph.tiers, duty_class.profile.step,
            graph.max_stretch, graph.max_span,
            self.request_last, self.request_row, bound, width, graph.row_slot,
            tolls.one, tolls.two, tolls.price, tolls.members, threshold, keep_all, exact, _LABELS, self._halt,
            cost, tour_figures, sets, chain, gaps, begins, least,
        )  # fmt: skip
        if found == _TOO_MANY and width < graph.width:
            return self.find(
                graph, value=value, leg_cost=leg_cost, second_cost=second_cost, threshold=threshold,
                keep_all=keep_all, most=most, exact=exact, bounded=True, tolls=tolls,
            )  # fmt: skip
        if found < 0:
            nothing: list[Ints] = []
            return Found(
                cost=cost[:0], figures=tour_figures[:0], sets=sets[:0], chains=nothing, gaps=nothing,
                least=-NEVER, complete=False,
            )  # fmt: skip
        chains = [chain[begins[t] : begins[t + 1]] for t in range(found)]
        homes = [gaps[begins[t] + t : begins[t + 1] + t + 1] for t in range(found)]
        return Found(
            cost=cost[:found],
            figures=tour_figures[:found],
            sets=sets[:found],
            chains=chains,
            gaps=homes,
            least=int(least[0]),
            complete=True,
        )
