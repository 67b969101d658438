"""The general road: columns for duty classes, chosen stage by stage; any rule, any order of stages.

A first plan by construction and large neighbourhood search, then column generation, enumeration of the gap, and branch
and bound (``search.stages``); where a stage stays open, the large neighbourhood search goes on for what time is left.
"""

from __future__ import annotations

from optimizer.master.column import ColumnPool
from optimizer.master.rows import Rows, settled_auxiliaries
from optimizer.model import InstanceIndex, Stage
from optimizer.params import SolveParams
from optimizer.routing.classes import Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Pricing
from optimizer.routing.rides import Rides
from optimizer.routing.schedule import Scheduler
from optimizer.search.column_generation import ColumnGeneration
from optimizer.search.construction import Construction
from optimizer.search.plan import Outcome, Planned, relevant_stages
from optimizer.search.stages import StageSearch
from optimizer.search.statistics import Statistics
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix

_FIRST, _LONGEST_FIRST, _LONGEST_AGAIN = 0.05, 3.0, 0.5
"""Share of the time, and most seconds, that the search for a good first plan may take, and where it begins with the
published one: that is near the best already, and what is missing columns find sooner."""


def general_search(
    index: InstanceIndex,
    rides: Rides,
    fleet: Fleet,
    fragments: Fragments,
    travel: TravelMatrix,
    *,
    rows: Rows,
    params: SolveParams,
    stop: Stop,
    statistics: Statistics,
) -> Planned:
    """Return the best plan found, with what each stage proved."""
    statistics.phase("construction")
    pricing = Pricing(rides, fleet, fragments, travel, stop.flag)
    scheduler = Scheduler(index, rides, fragments, travel)
    pool = ColumnPool(index, fleet.classes, scheduler, rides.ids)
    generation = ColumnGeneration(index, fleet, fragments, pricing, rows, pool)
    stages = relevant_stages(index.instance)
    construction = Construction(
        index, fleet, fragments, pricing, rows, pool, stages, seed=params.seed, stop=stop, max_nodes=params.max_nodes
    )
    # What the quick search cannot seed, pricing can, or proves that nothing can.
    broken = generation.seed() if construction.seed() else []
    lost = any(duty not in fleet.class_by_duty for duty in index.commitment)
    anything = rows.without_change_budget()
    if lost or settled_auxiliaries(anything, construction.promises()) is None:
        # Every plan contains one that keeps the promises only; so without that there is none.
        certain = bool(broken) or not any(column.requests for column in construction.promises())
        settled = lost or (broken is not None and fragments.complete and certain)
        return Planned(outcome=Outcome(columns=None, stages=[], settled=settled), scheduler=scheduler)
    first = construction.start()
    if construction.value(first) is None:
        # Neither start keeps enough of the published plan: first of all as few changes as can be.
        statistics.phase("fewest changes")
        loose = ColumnGeneration(index, fleet, fragments, pricing, anything, pool)
        fewest = StageSearch(
            loose, pool, anything, params, stop, statistics,
            classes=fleet.classes, first=construction.published or first, complete=fragments.complete,
            improve=construction.improve_further,
        ).run([Stage.CHANGES])  # fmt: skip
        if fewest.columns is None or construction.value(fewest.columns) is None:
            budget = index.instance.change_budget
            settled = budget is not None and fewest.stages[0].bound > budget
            return Planned(outcome=Outcome(columns=None, stages=[], settled=settled), scheduler=scheduler)
        first = list(fewest.columns)
    statistics.first(stages[0], construction.value(first))
    longest = _LONGEST_AGAIN if first == construction.published else _LONGEST_FIRST
    if params.max_nodes is not None:
        longest = float("inf")  # Work is counted: rounds alone end the search.
    seconds = min(_FIRST * stop.remaining, longest)
    first = construction.improve(first, statistics, rounds=params.rounds, seconds=seconds)
    search = StageSearch(
        generation, pool, rows, params, stop, statistics,
        classes=fleet.classes, first=first, complete=fragments.complete, improve=construction.improve_further,
    )  # fmt: skip
    outcome = search.run(stages)
    statistics.count(columns=len(pool))
    return Planned(outcome=outcome, scheduler=scheduler)
