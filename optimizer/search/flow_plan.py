"""From chains of fragments to columns and to what the flow road tells."""

from __future__ import annotations

import numpy as np

from optimizer.master.column import Column, ColumnPool
from optimizer.master.rows import Rows, worth_of
from optimizer.model import InstanceIndex, Stage
from optimizer.result import StageResult
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Found
from optimizer.routing.rides import Rides
from optimizer.routing.schedule import Scheduler
from optimizer.search.plan import Outcome, Planned
from optimizer.travel.matrix import TravelMatrix


def told(
    tours: list[tuple[int, list[int]]],
    value_and_bound: tuple[int, int],
    fragments: Fragments,
    *,
    index: InstanceIndex,
    rides: Rides,
    fleet: Fleet,
    travel: TravelMatrix,
    rows: Rows,
) -> Planned:
    """Return (class, fragments) of each tour as columns, held against the value that they are said to have."""
    value, bound = value_and_bound
    scheduler = Scheduler(index, rides, fragments, travel)
    pool = ColumnPool(index, fleet.classes, scheduler, rides.ids)
    columns = tuple(_column(fleet.classes[klass], chain, fragments, scheduler, pool) for klass, chain in tours)
    if worth_of(rows, columns, Stage.COST) != value:
        raise AssertionError("a plan of another cost than its tours")
    stage = StageResult(name=Stage.COST, value=value, bound=bound, proven=bound == value)
    outcome = Outcome(columns=columns, stages=[stage], settled=stage.proven)
    return Planned(outcome=outcome, scheduler=scheduler)


def metres_of(chain: list[int], duty_class: DutyClass, fragments: Fragments, travel: TravelMatrix) -> int:
    """Return the length of a tour, from and to the depot."""
    places = [duty_class.start_row]
    for fragment in chain:
        places += [int(fragments.figures[fragment, fk.FIRST]), int(fragments.figures[fragment, fk.LAST])]
    places.append(duty_class.end_row)
    empty = zip(places[::2], places[1::2], strict=True)
    inside = int(fragments.figures[np.array(chain, dtype=np.int64), fk.METRES].sum())
    return inside + sum(int(travel.metres[a, b]) for a, b in empty if a >= 0 and b >= 0)


def _column(
    duty_class: DutyClass, chain: list[int], fragments: Fragments, scheduler: Scheduler, pool: ColumnPool
) -> Column:
    """Return the column of a tour, which the pool has from now on."""
    gaps = [0] * (len(chain) + 1)
    times = scheduler.times(duty_class, chain, gaps)
    if times is None:
        raise AssertionError("a tour without a timetable")
    rows = np.array(chain, dtype=np.int64)
    custody = int(fragments.figures[rows, fk.CUSTODY].sum())
    metres = metres_of(chain, duty_class, fragments, scheduler.travel)
    requests = np.bitwise_or.reduce(fragments.requests[rows], axis=0)
    found = Found(
        cost=np.zeros(1, dtype=np.int64),
        figures=np.array([[custody, 0, 0, metres, times.span]], dtype=np.int64),
        sets=requests[None, :],
        chains=[rows],
        gaps=[np.array(gaps, dtype=np.int64)],
        least=0,
        complete=True,
    )
    pool.add(duty_class, found)
    column = pool.find(duty_class, requests)
    if column is None:
        raise AssertionError("a tour that the pool lost")
    return column
