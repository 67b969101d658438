"""The solver's parts for one instance, wired up as the recipe does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.master.column import ColumnPool
from optimizer.master.rows import Rows, build_rows
from optimizer.model import Instance, InstanceIndex
from optimizer.routing.classes import Fleet, build_fleet
from optimizer.routing.fragments import Fragments, enumerate_fragments
from optimizer.routing.pricing import Pricing
from optimizer.routing.rides import Rides, build_rides
from optimizer.routing.schedule import Scheduler
from optimizer.search.column_generation import ColumnGeneration
from optimizer.travel.matrix import TravelMatrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything from rides to column generation."""

    instance: Instance
    index: InstanceIndex
    rides: Rides
    fleet: Fleet
    fragments: Fragments
    pricing: Pricing
    scheduler: Scheduler
    rows: Rows
    pool: ColumnPool
    generation: ColumnGeneration

    def requests_of(self, words: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> frozenset[str]:
        """The request ids behind a bit set."""
        bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), bitorder="little")
        return frozenset(self.rides.ids[int(row)] for row in np.nonzero(bits)[0])


def prepare(instance: Instance, travel: TravelMatrix, *, limit: int = 100_000) -> Prepared:
    """Wire the parts up."""
    index = InstanceIndex(instance)
    rides = build_rides(index, travel)
    fleet = build_fleet(index, rides, travel)
    fragments = enumerate_fragments(index, rides, fleet, travel, limit=limit)
    pricing = Pricing(rides, fleet, fragments, travel, np.zeros(1, dtype=np.bool_))
    scheduler = Scheduler(index, rides, fragments, travel)
    rows = build_rows(index, rides, fleet, travel)
    pool = ColumnPool(index, fleet.classes, scheduler, rides.ids)
    return Prepared(
        instance=instance, index=index, rides=rides, fleet=fleet, fragments=fragments, pricing=pricing,
        scheduler=scheduler, rows=rows, pool=pool,
        generation=ColumnGeneration(index, fleet, fragments, pricing, rows, pool),
    )  # fmt: skip
