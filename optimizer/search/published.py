"""The published plan as a start: its tours as far as they still hold today."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column import Column, ColumnPool
from optimizer.master.rows import Rows, settled_auxiliaries
from optimizer.model import InstanceIndex
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Pricing, restricted

_WANTED = 1 << 32
"""Seconds of custody that carrying one more request is worth: more than any tour has."""
_FOUND = 500


class PublishedTours:
    """Rebuilds the published plan from today's fragments.

    Each duty carries as many of its published requests as still fit, in the order of least custody: where a window has
    moved or a request is gone, the rest of the tour is kept.
    """

    def __init__(
        self, index: InstanceIndex, fleet: Fleet, fragments: Fragments, pricing: Pricing, rows: Rows, pool: ColumnPool
    ) -> None:
        self._fleet = fleet
        self._fragments = fragments
        self._pricing = pricing
        self._rows = rows.without_change_budget()
        self._pool = pool
        row_of = {request.id: number for number, request in enumerate(index.instance.requests)}
        self._units = [[row_of[member] for member in unit] for unit in index.units if len(unit) > 1]
        self._wanted: dict[int, set[int]] = {}
        for was in index.instance.published:
            if was.request not in index.committed_duty and was.duty in fleet.class_by_duty:
                self._wanted.setdefault(fleet.class_by_duty[was.duty], set()).add(row_of[was.request])

    def plan(self, promises: Collection[Column]) -> list[Column]:
        """Return the published plan with what is promised, bundles whole or not at all; empty where there is none.

        ``promises``: a tour for each class that must drive.
        """
        kept: dict[int, Column] = {column.duty_class: column for column in promises}
        if not self._wanted:
            return []
        wanted = {number: set(requests) for number, requests in self._wanted.items()}
        while True:
            tours = {number: self._tour(number, requests) for number, requests in wanted.items() if requests}
            plan = kept | {number: tour for number, tour in tours.items() if tour is not None}
            carried = {request for column in plan.values() for request in column.requests}
            halves = {
                member for unit in self._units if 0 < len(carried.intersection(unit)) < len(unit) for member in unit
            }
            if not any(requests & halves for requests in wanted.values()):
                return self._legal(list(plan.values()))
            wanted = {number: requests - halves for number, requests in wanted.items()}

    def _tour(self, number: int, requests: set[int]) -> Column | None:
        """Return the tour of a class that carries most of ``requests`` and nobody else."""
        pricing, duty_class = self._pricing, self._fleet.classes[number]
        words = np.zeros(self._fragments.requests.shape[1], dtype=np.uint64)
        for request in requests:
            words[request // 64] |= np.uint64(1) << np.uint64(request % 64)
        allowed: NDArray[np.bool_] = ~np.any(self._fragments.requests & ~words, axis=1)
        earned = np.zeros(len(pricing.request_last), dtype=np.int64)
        earned[sorted(requests)] = _WANTED
        found = pricing.find(
            restricted(pricing.graphs[number], allowed),
            value=self._fragments.figures[:, fk.CUSTODY] - pricing.sums(earned),
            leg_cost=np.zeros_like(pricing.seconds),
            second_cost=0,
            threshold=-1,
            keep_all=False,
            most=_FOUND,
        )
        if not len(found.cost):
            return None
        best = int(np.argmin(found.cost))
        self._pool.add(duty_class, found, np.array([best], dtype=np.int64))
        return self._pool.find(duty_class, found.sets[best])

    def _legal(self, plan: list[Column]) -> list[Column]:
        """Leave out tours until what is left keeps the rows: a duty may exclude another that it did not before."""
        while plan and settled_auxiliaries(self._rows, plan) is None:
            free = [column for column in plan if not self._fleet.classes[column.duty_class].promises]
            if not free:
                return []
            plan = [column for column in plan if column is not min(free, key=lambda c: (len(c.requests), c.number))]
        return plan
