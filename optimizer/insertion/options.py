"""Every way to put new requests between the stops of given tours, and for each duty the best one.

The stops of a tour are handed to the routing as if they were promised: promised stops keep their order and are all
made, and what is new is fitted around them (``routing.fragment_kernel``). Their windows, though, stay those that the
rules give them, held within a tolerance of the plan where the caller asks for it. So times, breaks, loads and rests are
judged by the same kernels as every plan, and the best over all positions is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.explain.trials import LIMIT, WANTED, narrowed, subproblem
from optimizer.master.column import Column, ColumnPool
from optimizer.model import (
    Commitment,
    DutyId,
    Instance,
    InstanceIndex,
    RequestId,
    Seconds,
    Solution,
    Stage,
    Tour,
)
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import build_fleet
from optimizer.routing.compatibility import promise_positions
from optimizer.routing.fragments import enumerate_fragments
from optimizer.routing.pricing import Found, Pricing
from optimizer.routing.rides import Rides, build_rides
from optimizer.routing.schedule import Scheduler
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.objective import objective

_TOURS = (2_000, 200_000)
"""Most tours of one class: what is mostly enough, and what is tried where it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """The best tour of a duty that carries ``members`` beside its riders.

    Parameters
    ----------
    duties
        Duties that can make it: one, or unused ones that nothing tells apart.
    increase
        What it adds to custody and night (seconds) and cost (micro-euros) of the duty.
    """

    duties: tuple[DutyId, ...]
    members: frozenset[RequestId]
    increase: Mapping[Stage, int]
    column: Column


class Options:
    """Ways to carry ``unit`` on ``duties``.

    Parameters
    ----------
    unit
        The new requests; each option carries one or more of them.
    duties
        Duties in question; those that ``tours`` names carry what they carry there.
    tolerance
        Most seconds by which the begin of service at any stop of ``tours`` may move; ``None``: as far as the rules let
        it, promises within their own tolerance.
    """

    def __init__(
        self,
        index: InstanceIndex,
        travel: TravelMatrix,
        tours: Mapping[DutyId, Tour],
        unit: Sequence[RequestId],
        duties: Sequence[DutyId],
        tolerance: Seconds | None,
    ) -> None:
        riders = [
            rider
            for duty in duties
            if duty in tours
            for rider in sorted(tours[duty].requests)
            if rider not in index.committed_duty
        ]
        bare = replace(subproblem(index, [*unit, *riders], duties), stages=index.instance.stages)
        travel = narrowed(travel, bare)
        planned = replace(
            bare,
            commitments=tuple(Commitment(duty=duty, promises=tours[duty].promises) for duty in duties if duty in tours),
        )
        own = InstanceIndex(planned)
        rides = _bound(build_rides(InstanceIndex(bare), travel), own, tolerance)
        self._fleet = build_fleet(own, rides, travel)
        fragments = enumerate_fragments(own, rides, self._fleet, travel, limit=LIMIT)
        self.complete = fragments.complete
        """Whether every way was looked at."""
        self._scheduler = Scheduler(own, rides, fragments, travel)
        self._pricing = Pricing(rides, self._fleet, fragments, travel, np.zeros(1, dtype=np.bool_))
        wanted = np.zeros(len(planned.requests), dtype=np.int64)
        wanted[[rides.row_by_request[member] for member in unit]] = WANTED
        self._value = fragments.figures[:, fk.CUSTODY] - self._pricing.sums(wanted)
        self._pool = ColumnPool(own, self._fleet.classes, self._scheduler, rides.ids)
        self.found = tuple(self._options(bare, travel, tours, rides.ids))

    def tour(self, option: Option, duty: DutyId) -> Tour:
        """Return the tour of an option on one of its duties."""
        duty_class = self._fleet.classes[option.column.duty_class]
        return self._scheduler.tour(duty, duty_class, option.column.chain, option.column.gaps)

    def _options(
        self, bare: Instance, travel: TravelMatrix, tours: Mapping[DutyId, Tour], ids: tuple[RequestId, ...]
    ) -> list[Option]:
        options = []
        for duty_class in self._fleet.classes:
            before = tours.get(duty_class.duties[0])
            terms = objective(bare, travel, Solution(tours=() if before is None else (before,)))
            # One number may come several times: whenever a better tour was met.
            for number in dict.fromkeys(self._pool.add(duty_class, self._find(duty_class.number))):
                column = self._pool.columns[number]
                options.append(
                    Option(
                        duties=duty_class.duties,
                        members=frozenset(ids[row] for row in column.requests),
                        increase={
                            stage: column.value(stage) - terms.value(stage)
                            for stage in (Stage.CUSTODY, Stage.NIGHT, Stage.COST)
                        },
                        column=column,
                    )
                )
        return options

    def _find(self, number: int) -> Found:
        """Return all tours of a class that carry someone new, but for those that another beats in everything."""
        for most in _TOURS:
            found = self._pricing.find(
                # The searches are tiny: bounds on what is still to come would cost more than they save.
                replace(self._pricing.graphs[number], width=0, buckets=0),
                value=self._value,
                leg_cost=np.zeros_like(self._pricing.seconds),
                second_cost=0,
                threshold=-1,
                keep_all=True,
                most=most,
            )
            if found.complete:
                return found
        self.complete = False
        return found


def _bound(rides: Rides, planned: InstanceIndex, tolerance: Seconds | None) -> Rides:
    """Return the rides with the places in the order of stops that the plan gives them, held within ``tolerance``."""
    positions = promise_positions(planned)
    columns = {name: getattr(rides, name).copy() for name in _TIMED}
    for ride, row in enumerate(rides.request.tolist()):
        if rides.ids[row] not in positions:
            continue
        at_pickup, pickup, at_delivery, delivery = positions[rides.ids[row]]
        columns["pickup_position"][ride], columns["delivery_position"][ride] = at_pickup, at_delivery
        if tolerance is not None:
            for stop, start in (("pickup", pickup), ("delivery", delivery)):
                columns[f"{stop}_from"][ride] = max(columns[f"{stop}_from"][ride], start - tolerance)
                columns[f"{stop}_to"][ride] = min(columns[f"{stop}_to"][ride], start + tolerance)
    held = replace(rides, **columns)
    # A ride of another stretch of day may have no time left.
    return _only(held, (held.pickup_from <= held.pickup_to) & (held.delivery_from <= held.delivery_to))


_TIMED = ("pickup_from", "pickup_to", "delivery_from", "delivery_to", "pickup_position", "delivery_position")


def _only(rides: Rides, keep: NDArray[np.bool_]) -> Rides:
    """Return those rides for which ``keep`` holds."""
    kept = {
        field.name: getattr(rides, field.name)[keep]
        for field in fields(rides)
        if field.name not in ("ids", "row_by_request", "together")
    }
    return replace(rides, **kept, together=rides.together[np.ix_(keep, keep)])
