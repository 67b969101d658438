"""Plans by construction and repair: duty after duty takes its best tour among the requests still free.

Pricing is the repair: given what the other duties carry, the tour of greatest worth for one duty is exactly what a
pricing search finds. Destroying a few duties and building them anew, again and again, is the large neighbourhood
search; every tour seen goes to the column pool, from which selection may combine what no single step did.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column import Column, ColumnPool
from optimizer.master.relaxation import sign
from optimizer.master.rows import Rows, worth_of
from optimizer.model import InstanceIndex, Stage
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Pricing, restricted
from optimizer.search.observer import Observer
from optimizer.search.stop import Stop

Ints = NDArray[np.int64]

_UNIT = 1_000_000_000
"""Worth of one weight in the first stage; a tenth of a tour's micro-euros stays below it."""
_TOURS = 40


class Construction:
    """Builds and improves plans of one instance."""

    def __init__(
        self,
        index: InstanceIndex,
        fleet: Fleet,
        fragments: Fragments,
        pricing: Pricing,
        rows: Rows,
        pool: ColumnPool,
        stages: Sequence[Stage],
        *,
        seed: int,
        stop: Stop,
    ) -> None:
        self._fleet = fleet
        self._fragments = fragments
        self._pricing = pricing
        self._rows = rows
        self._pool = pool
        self._stages = tuple(stages)
        self._random = np.random.default_rng(seed)
        self._stop = stop
        self._row_of = {request.id: number for number, request in enumerate(index.instance.requests)}
        self._units = [tuple(self._row_of[member] for member in unit) for unit in index.units]
        self._worth = np.zeros(len(index.instance.requests), dtype=np.int64)
        for unit, members in zip(index.units, self._units, strict=True):
            for member in members:
                self._worth[member] = index.unit_weight(unit) * _UNIT // len(members)
        self._duties = [c.number for c in fleet.classes for _ in range(c.count)]
        figures = fragments.figures
        self._own_cost = figures[:, fk.CUSTODY] * 1000

    def value(self, plan: Sequence[Column]) -> tuple[int, ...] | None:
        """Return the plan's stages in minimised form, ``None`` where it breaks a row."""
        values = []
        for stage in self._stages:
            worth = worth_of(self._rows, plan, stage)
            if worth is None:
                return None
            values.append(sign(stage) * worth)
        return tuple(values)

    def build(self, kept: Sequence[Column], duties: Sequence[int], noise: float) -> list[Column]:
        """Return ``kept`` and a tour for each of ``duties`` (class numbers, in this order) that finds a worthy one."""
        words = self._fragments.requests.shape[1]
        used = np.zeros(words, dtype=np.uint64)
        bound_rows: dict[int, int] = {}
        plan = list(kept)
        for column in kept:
            for request in column.requests:
                used[request // 64] |= np.uint64(1) << np.uint64(request % 64)
            for row in self._rows.of_class[column.duty_class]:
                bound_rows[row] = bound_rows.get(row, 0) + 1
        worth = self._worth
        if noise:
            worth = (worth * self._random.uniform(1 - noise, 1 + noise, len(worth))).astype(np.int64)
        value_all = self._own_cost - self._pricing.sums(worth)
        for number in duties:
            if self._stop():
                break
            if any(bound_rows.get(row, 0) >= self._rows.rows[row].upper for row in self._rows.of_class[number]):
                continue
            graph = self._pricing.graphs[number]
            duty_class = graph.duty_class
            free = ~np.any(self._fragments.requests & used, axis=1)
            per_metre, per_second = duty_class.rate_per_metre // 10, duty_class.rate_per_second // 10
            value = value_all + per_metre * self._fragments.figures[:, fk.METRES]
            value = value + per_second * self._fragments.figures[:, fk.DURATION]
            found = self._pricing.find(
                restricted(graph, free),
                value=value,
                leg_cost=per_metre * self._pricing.metres,
                second_cost=per_second,
                threshold=_UNIT * 10_000 if duty_class.promises else -1,
                keep_all=False,
                most=3000,
                exact=False,
            )
            if not len(found.cost):
                continue
            order = np.argsort(found.cost, kind="stable")
            self._pool.add(duty_class, found, order[:_TOURS])
            best = self._pool.find(duty_class, found.sets[order[0]])
            if best is None:
                continue
            plan.append(best)
            used |= found.sets[order[0]]
            for row in self._rows.of_class[number]:
                bound_rows[row] = bound_rows.get(row, 0) + 1
        return plan

    def mended(self, plan: list[Column]) -> list[Column] | None:
        """Return the plan without halves of bundles and broken budgets, by building the duties concerned anew."""
        for _ in range(3):
            carried = {request for column in plan for request in column.requests}
            halves = {
                member
                for unit in self._units
                if len(unit) > 1 and not carried.issuperset(unit)
                for member in unit
                if member in carried
            }
            if not halves:
                break
            keep = [column for column in plan if not halves.intersection(column.requests)]
            redo = [column.duty_class for column in plan if halves.intersection(column.requests)]
            saved = self._worth.copy()
            for unit in self._units:
                if halves.intersection(unit):
                    self._worth[list(unit)] = -100 * _UNIT
            plan = self.build(keep, redo, 0.0)
            self._worth = saved
        return plan if self.value(plan) is not None else None

    def improve(self, plan: Sequence[Column], observer: Observer, *, rounds: int, seconds: float) -> list[Column]:
        """Destroy and repair until ``rounds`` in a row brought nothing, or the time is over."""
        best = list(plan)
        best_value = self.value(best)
        until = self._stop.elapsed + seconds
        idle = 0
        while idle < rounds and not self._stop() and self._stop.elapsed < until:
            idle += 1
            size = int(self._random.integers(2, 5))
            gone = self._destroyed(best, size)
            keep = [column for position, column in enumerate(best) if position not in gone]
            redo = [best[position].duty_class for position in gone]
            open_ = self._unused(best)
            if open_:
                redo += [open_[int(x)] for x in self._random.integers(0, len(open_), 2)]
            redo = [redo[int(x)] for x in self._random.permutation(len(redo))]
            trial = self.mended(self.build(keep, redo, float(self._random.choice([0.0, 0.1, 0.5]))))
            if trial is None:
                continue
            value = self.value(trial)
            if value is not None and (best_value is None or value <= best_value):
                if best_value is None or value < best_value:
                    idle = 0
                    observer.progress("better plan", value=sign(self._stages[0]) * value[0])
                best, best_value = trial, value
        return best

    def start(self) -> list[Column]:
        """Return a first plan: promised tours first, then the duties in their order."""
        order = sorted(self._duties, key=lambda number: (not self._fleet.classes[number].promises, number))
        plan = self.mended(self.build([], order, 0.0))
        return self.promises() if plan is None else plan

    def promises(self) -> list[Column]:
        """Return the plan that carries what is promised and as little else as the seeds do."""
        fewest: dict[int, Column] = {}
        for column in self._pool.columns:
            known = fewest.get(column.duty_class)
            if self._fleet.classes[column.duty_class].promises and (
                known is None or len(column.requests) < len(known.requests)
            ):
                fewest[column.duty_class] = column
        return list(fewest.values())

    def _unused(self, plan: Sequence[Column]) -> list[int]:
        left = list(self._duties)
        for column in plan:
            left.remove(column.duty_class)
        return left

    def _destroyed(self, plan: Sequence[Column], size: int) -> list[int]:
        """Positions of tours to destroy: at random, or those whose requests are near to one another in the pool."""
        if len(plan) <= size:
            return list(range(len(plan)))
        first = int(self._random.integers(len(plan)))
        if self._random.random() < 0.5:
            others = [x for x in range(len(plan)) if x != first]
            return [first, *(int(x) for x in self._random.choice(others, size - 1, replace=False))]
        rides = self._pricing
        mine = [rides.request_row[r] for r in plan[first].requests]
        if not mine:
            return [first]

        def distance(position: int) -> int:
            theirs = [rides.request_row[r] for r in plan[position].requests]
            return min((int(rides.seconds[a, b]) for a in mine for b in theirs), default=1 << 40)

        near = sorted((x for x in range(len(plan)) if x != first), key=distance)[: 2 * size]
        return [first, *(int(x) for x in self._random.choice(near, min(size - 1, len(near)), replace=False))]
