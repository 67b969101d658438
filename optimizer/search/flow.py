"""The fragment-flow road: for days where all must be served at least cost, in tours of many fragments.

1. Relax the network, add cuts until they bring nothing (``flow_cuts``).
2. Guess a cost T: no plan of cost T or less uses a column whose reduced cost, in exact integers, is above the gap.
3. Unfold what is left in time (``flow_expansion``), relax again, drop again.
4. CP-SAT settles the rest: its optimum is the day's, or no plan costs T or less, and the next guess is wider.

Each step keeps every plan of cost T or less, so the first plan found is the best there is. Nothing rests on a
tolerance: floating point finds multipliers, integers prove. Days with too many fragments go to ``loose_day``.
"""

from __future__ import annotations

import numpy as np

from optimizer.master.flow_choice import Choice, choose
from optimizer.master.flow_programme import Relaxed, relax
from optimizer.master.rows import UNBOUNDED, Rows
from optimizer.model import Instance, InstanceIndex, Rule, Stage
from optimizer.params import SolveParams
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import Fleet
from optimizer.routing.fragments import Fragments, with_sequences
from optimizer.routing.rides import Rides
from optimizer.search.flow_cuts import Cut, cut_rows, separate
from optimizer.search.flow_expansion import Expansion, expand
from optimizer.search.flow_lns import alike, blocks_of
from optimizer.search.flow_network import Bools, Network, build_network
from optimizer.search.flow_plan import metres_of, told
from optimizer.search.loose_day import settle
from optimizer.search.observer import Observer
from optimizer.search.plan import Planned
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix

_STEPS = (0.001, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.006, 0.01, 0.016, 0.03, 0.06, 0.25, 1.0, 4.0)
"""How far above the best bound a plan is looked for, as shares of it, while there is none. Too narrow costs little."""
_NEAR = 0.005
"""Columns within this share of a relaxation begin the next."""
_REACH = 0.08
"""Columns further from the relaxation without cuts than this share are left out until a guess asks for them."""
_WORTH = 1e-5
"""Cuts that raise the relaxation by less than this share are the last."""
_FINER = 4
"""Where the network unfolds into too many states, it is narrowed by coarse time first, each time so much finer."""
_SHARE = 0.5
"""Share of the time left after which the proof is given up where there is a limit."""
_LOOSE = 20_000
"""A day with more fragments that this road cannot settle is none for the general road either."""
_MOST_CLASSES = 4
_MOST_COLUMNS = 1_000_000
_FEW = 3_000
"""Above so many columns the first relaxation begins with few of them."""


def applicable(instance: Instance, fleet: Fleet, fragments: Fragments, rows: Rows) -> bool:
    """Whether every rule of the instance is one that this road keeps.

    All must be served at least cost, by cost per metre alone; nothing is promised; no break is ever due; tours meet
    in no rule but "each request once" and "one tour a duty"; every fragment is known and takes time.
    """
    plain = all(row.rule in (Rule.ONCE_PER_REQUEST, Rule.BUNDLE, Rule.DEPOT) for row in rows.rows)
    return (
        instance.stages == (Stage.COST,)
        and instance.serve_all
        and not instance.commitments
        and plain
        and fragments.complete
        and 0 < len(fleet.classes) <= _MOST_CLASSES
        and all(
            c.rate_per_second == 0
            and c.profile.max_stretch is None
            and all(tier.span >= c.latest - c.earliest for tier in c.profile.tiers)
            for c in fleet.classes
        )
        and len(fragments) * len(fleet.classes) <= _MOST_COLUMNS
        and bool(np.all(fragments.figures[:, fk.DURATION] > 0))
        and not np.any(fragments.figures[:, fk.TOUCHES_NIGHT])
    )


def flow_search(
    index: InstanceIndex,
    rides: Rides,
    fleet: Fleet,
    fragments: Fragments,
    travel: TravelMatrix,
    *,
    rows: Rows,
    params: SolveParams,
    stop: Stop,
    observer: Observer,
) -> Planned | None:
    """Return the best plan, proven where the fragments allow it; ``None``: a day for the general road."""
    bound, is_over = 0, not fragments.complete
    if applicable(index.instance, fleet, fragments, rows):
        observer.phase("flow")
        network = build_network(rides, fleet, fragments, travel)
        if np.any(np.diff(network.covers.indptr) == 0):
            return None  # Nobody can carry some request: the general road says why.
        limited = stop.remaining != float("inf")
        with Stop(_SHARE * stop.remaining if limited else None, stop.is_cancelled) as own:
            flow = _Flow(network, params, own, observer)
            found = flow.solve()
            is_over = own()
        if found is not None:
            tours, value = found
            return told(
                tours, (value, value), fragments, index=index, rides=rides, fleet=fleet, travel=travel, rows=rows
            )
        bound = flow.bound
    day = alike(index.instance, rides, fleet, travel)
    if day is None or not (is_over or len(fragments) > _LOOSE):
        return None
    observer.phase("loose day")
    stops, proven = settle(day, params, stop, observer)
    if stops is None:
        return None
    bound = max(bound, proven)
    blocks = [blocks_of(tour) for tour in stops]
    fragments, numbers = with_sequences(
        fragments, [block for tour in blocks for block in tour], index=index, rides=rides, fleet=fleet, travel=travel
    )
    known = iter(numbers)
    chains = [[next(known) for _ in tour] for tour in blocks]
    tours = [(0, [number for number in chain if number is not None]) for chain in chains]
    if any(None in chain for chain in chains):
        return None  # A rule that this search does not know: the general road does.
    rate = fleet.classes[0].rate_per_metre
    value = sum(rate * metres_of(chain, fleet.classes[0], fragments, travel) for _, chain in tours)
    return told(tours, (value, bound), fragments, index=index, rides=rides, fleet=fleet, travel=travel, rows=rows)


class _Flow:
    """One run."""

    def __init__(self, network: Network, params: SolveParams, stop: Stop, observer: Observer) -> None:
        self._network = network
        self._params = params
        self._stop = stop
        self._observer = observer
        self._cuts: list[Cut] = []
        self.bound = 0

    def solve(self) -> tuple[list[tuple[int, list[int]]], int] | None:
        """Return (class, chain) of each tour and the cost, proven; ``None`` where it cannot be settled."""
        core = None if len(self._network) <= _FEW else self._core()
        first = relax(self._network.programme(), ending=self._stop.ending, core=core)
        if first is None:
            return None
        steps = iter(_STEPS)
        for reach in (int(first.value * (1 + _REACH)), UNBOUNDED):
            kept = first.within(reach) if reach < UNBOUNDED else np.ones(len(self._network), dtype=np.bool_)
            near = self._network.restricted(kept)
            relaxed = self._tightened(near, first.within(int(first.value * (1 + _NEAR)))[kept], reach)
            while relaxed is not None:
                target = int(max(relaxed.value, self.bound) * (1 + next(steps, 0.0)))
                if target > reach:
                    break
                choice, expansion = self._settle(near.restricted(relaxed.within(target)), target)
                if expansion is None or not choice.settled:
                    return None
                if choice.chosen is not None:
                    self._observer.progress("proven", value=choice.value, bound=choice.value)
                    return expansion.tours(choice.chosen), choice.value
                if target <= self.bound:
                    return None  # No step is left.
                self.bound = target + 1
                self._observer.progress("none that near", bound=self.bound)
            if self._stop():
                return None
        return None

    def _core(self) -> Bools:
        """Columns that surely allow a solution of the relaxation: short blocks, and all legs."""
        network = self._network
        core = np.ones(len(network), dtype=np.bool_)
        core[: len(network.blocks)] = np.diff(network.covers.tocsc().indptr) <= 2
        return core

    def _tightened(self, network: Network, core: Bools, reach: int) -> Relaxed | None:
        """Relax ``network`` with cuts until they bring nothing more; ``core`` begins.

        ``network`` has all that a plan of cost ``reach`` or less may use, so of dearer ones only that is proven.
        """
        before = -np.inf
        while True:
            programme = network.programme(cut_rows(network, self._cuts))
            relaxed = relax(programme, ending=self._stop.ending, core=core)
            if relaxed is None or self._stop():
                return None
            self.bound = max(self.bound, min(relaxed.bound, reach + 1))
            fresh = separate(network, relaxed.x)
            if not fresh or relaxed.value < before * (1 + _WORTH):
                self._observer.progress(f"{len(self._cuts)} cuts, {len(network)} columns", bound=self.bound)
                return relaxed
            before = relaxed.value
            self._cuts += fresh
            core = relaxed.within(int(relaxed.value * (1 + _NEAR)))

    def _settle(self, network: Network, target: int) -> tuple[Choice, Expansion | None]:
        """Find the cheapest plan of cost ``target`` or less in ``network``, which has all that such a plan may use."""
        nothing = Choice(chosen=None, value=0, settled=True)
        grain = int(network.blocks.duration.min()) if len(network.blocks) else 1
        while True:
            expansion = expand(network, self._stop.flag)
            if self._stop() or (expansion is None and grain <= 1):
                return nothing, None
            if expansion is None:
                narrowed = self._narrowed(network, target, grain)
                if narrowed is None:
                    return nothing, None
                network, grain = narrowed, grain // _FINER
                continue
            programme = expansion.programme()
            least = 0
            relaxed = relax(programme, ending=self._stop.ending)
            if relaxed is not None:
                least = relaxed.bound
                if least > target:
                    return nothing, expansion
                expansion = expansion.restricted(relaxed.within(target))
                used = expansion.used()
                if 3 * int(used.sum()) < 2 * len(network):
                    # Much of the network fell away: with less of it time tells fewer states apart.
                    network = network.restricted(used)
                    continue
                programme = expansion.programme()
            self._observer.progress(f"{expansion.states} states, {len(expansion)} columns", bound=least)
            choice = choose(
                programme,
                at_least=least,
                at_most=target,
                seconds=self._stop.remaining,
                seed=self._params.seed,
                ending=self._stop.ending,
                deterministic_limit=self._params.deterministic_limit,
            )
            return choice, expansion

    def _narrowed(self, network: Network, target: int, grain: int) -> Network | None:
        """Drop what no plan of cost ``target`` or less uses, as far as time by the ``grain`` tells."""
        expansion = expand(network, self._stop.flag, grain=grain)
        relaxed = None if expansion is None else relax(expansion.programme(), ending=self._stop.ending)
        if expansion is None or relaxed is None:
            return None
        used = expansion.restricted(relaxed.within(target)).used()
        self._observer.progress(f"{expansion.states} coarse states, {int(used.sum())} columns", bound=relaxed.bound)
        return network.restricted(used)
