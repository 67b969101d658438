"""Synthetic days that the benchmarks work on, and the solver's parts for them: fixed work, fixed seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from optimizer.master.column import ColumnPool
from optimizer.master.rows import Rows, build_rows
from optimizer.model import Instance, InstanceIndex, Solution, Stage
from optimizer.params import SolveParams
from optimizer.routing.classes import Fleet, build_fleet
from optimizer.routing.fragments import Fragments, enumerate_fragments
from optimizer.routing.pricing import Pricing
from optimizer.routing.rides import Rides, build_rides
from optimizer.routing.schedule import Scheduler
from optimizer.search.column_generation import Bounded, ColumnGeneration
from optimizer.search.observer import SilentObserver
from optimizer.search.stop import Stop
from optimizer.simulate.sampling import sample
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything from rides to column generation of one day."""

    instance: Instance
    index: InstanceIndex
    travel: TravelMatrix
    rides: Rides
    fleet: Fleet
    fragments: Fragments
    pricing: Pricing
    rows: Rows
    pool: ColumnPool
    generation: ColumnGeneration

    def relaxed(self) -> Bounded:
        """Solve the relaxation of the first stage; fills the pool."""
        return self.generation.run(Stage.SERVED, {}, Stop(), SilentObserver())


@cache
def compiled() -> None:
    """Compile every kernel, or load it from the cache, so that no benchmark measures that."""
    day, travel = sample(requests=6, duties=3, seed=0)
    solve(day, travel, SolveParams(workers=1))


@cache
def day(requests: int, duties: int, seed: int = 1) -> tuple[Instance, TravelMatrix]:
    """Return a sampled day, made once."""
    compiled()
    return sample(requests=requests, duties=duties, seed=seed)


def parts(instance: Instance, travel: TravelMatrix) -> Parts:
    """Wire the parts up, as the recipe does."""
    index = InstanceIndex(instance)
    rides = build_rides(index, travel)
    fleet = build_fleet(index, rides, travel)
    fragments = enumerate_fragments(index, rides, fleet, travel, limit=2_000_000)
    pricing = Pricing(rides, fleet, fragments, travel, np.zeros(1, dtype=np.bool_))
    pool = ColumnPool(index, fleet.classes, Scheduler(index, rides, fragments, travel), rides.ids)
    rows = build_rows(index, rides, fleet, travel)
    generation = ColumnGeneration(index, fleet, fragments, pricing, rows, pool)
    broken = generation.seed()
    if broken:
        raise AssertionError(f"a sampled day whose promises cannot be kept: {broken}")
    return Parts(
        instance=instance, index=index, travel=travel, rides=rides, fleet=fleet, fragments=fragments, pricing=pricing,
        rows=rows, pool=pool, generation=generation,
    )  # fmt: skip


class _UntilFirstStage:
    """An observer that wishes the run to end when its first stage begins; by then there is a plan."""

    def __init__(self) -> None:
        self.is_over = False

    def phase(self, name: str) -> None:
        """Wish to end with the first phase after the construction."""
        self.is_over = self.is_over or name not in ("fragments", "construction")

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        """Ignore it."""


@cache
def first_plan(requests: int, duties: int) -> Solution:
    """Return the plan that construction makes of a sampled day: the same on every machine, whatever its speed."""
    observer = _UntilFirstStage()
    params = SolveParams(workers=1, rounds=20)
    return solve(*day(requests, duties), params, observer=observer, is_cancelled=lambda: observer.is_over).solution
