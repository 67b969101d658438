"""Plans without a bound: a first one at once, then better and better ones for as long as there is time.

The first plan gives each duty in turn its best tour among the requests still free. The compiled search
(``routing.tour_search_kernel``) tears holes into tours near one another and fills them anew; meanwhile, on a second
core, branch and cut chooses anew among all tours seen so far, from which it combines what no single step did. Every
tour found goes to the column pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from optimizer.master.column import Column, ColumnPool
from optimizer.master.relaxation import sign
from optimizer.master.rows import Rows, settled_auxiliaries
from optimizer.model import InstanceIndex, Stage
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Pricing
from optimizer.search.neighbourhood import TourSearch
from optimizer.search.neighbourhood_packing import Repacking, packable
from optimizer.search.observer import Observer
from optimizer.search.published import PublishedTours
from optimizer.search.stop import Stop

_STEPS = 20
"""Steps of the compiled search to a round of ``SolveParams.rounds``; on tiny days fewer."""
_CHUNK = 50
"""Steps between two looks at the clock."""
_LONGEST_COOLING = 20_000
"""Steps: longer ones leave the packings too seldom a turn."""
_WIDE = 200
"""Candidates of a duty in the first plan; later ``_NARROW``, as speed counts more than the single tour."""
_NARROW = 24
_TORN = 4
"""Most tours torn in a step."""
_PACKING_SECONDS = 15.0
"""Most seconds of a packing; of those measured, on up to 80 duties, the longest took 4."""
_LATE = 0.2
"""Seconds before the end at which a packing ends of its own accord: one left alone goes on to its limit."""
_TOO_SHORT = 0.3
"""Seconds in which a packing finds nothing."""
_REGION = 100
"""Duties of a packing: of a larger day, as many near one another."""


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
        max_nodes: int | None = None,
    ) -> None:
        self._fleet = fleet
        self._rows = rows
        self._pool = pool
        self._stages = tuple(stages)
        self._packable = packable(self._stages)
        self._random = np.random.default_rng(seed)
        self._stop = stop
        self._max_nodes = max_nodes
        self._published = PublishedTours(index, fleet, fragments, pricing, rows, pool)
        self._search = TourSearch(index, fleet, fragments, pricing, rows, pool, stages, seed=seed, stop=stop)
        self._steps = min(_STEPS, 1 + len(index.pool) // 2)
        self._cycles = 0
        self._position = 0

    def value(self, plan: Sequence[Column]) -> tuple[int, ...] | None:
        """Return the plan's stages in minimised form, ``None`` where it breaks a row."""
        settled = settled_auxiliaries(self._rows, plan)
        if settled is None:
            return None
        chosen = [auxiliary.worth for auxiliary, is_set in zip(self._rows.auxiliaries, settled, strict=True) if is_set]
        values = []
        for stage in self._stages:
            worth = self._rows.constant.get(stage, 0) + sum(column.value(stage) for column in plan)
            values.append(sign(stage) * (worth + sum(of.get(stage, 0) for of in chosen)))
        return tuple(values)

    def seed(self) -> list[DutyClass]:
        """Give every class with promises a tour with only those; return the classes for which none was found.

        That does not prove that they have none: ``ColumnGeneration.seed`` searches on.
        """
        return self._search.seed()

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

    def start(self) -> list[Column]:
        """Return a first plan: the published one as far as it holds, or promised tours first, then duty by duty.

        Where changes to the published plan are limited and neither keeps the limit, it breaks that row.
        """
        promises = self.promises()
        if not self._search.load(promises):
            return promises
        self._search.build(_WIDE)
        built = self._better(promises, self._search.plan())
        return self._better(built, self.published or None)

    @cached_property
    def published(self) -> list[Column]:
        """The published plan as far as it holds today, empty where there is none; asked for after ``seed``."""
        return self._published.plan(self.promises())

    def improve(self, plan: Sequence[Column], observer: Observer, *, rounds: int, seconds: float) -> list[Column]:
        """Search until two coolings in a row (of ``20 * rounds`` steps, then longer ones) brought nothing.

        Or the time is over. The plan returned is never worse, and legal where ``plan`` is.
        """
        return self._run(plan, observer, rounds * self._steps, self._stop.elapsed + seconds, idle_most=2)

    def improve_further(
        self, plan: Sequence[Column], observer: Observer, *, rounds: int, seconds: float
    ) -> list[Column]:
        """Search for as long as there is time: for days that are too large for a proof.

        Without a limit on the clock, until ten coolings in a row brought nothing.
        """
        return self._run(plan, observer, 5 * rounds * self._steps, self._stop.elapsed + seconds, idle_most=10)

    def _run(
        self, plan: Sequence[Column], observer: Observer, steps: int, until: float, *, idle_most: int
    ) -> list[Column]:
        best = list(plan)
        value = self.value(best)
        if steps <= 0 or value is None or not self._search.load(best):
            return best

        def is_over() -> bool:
            return self._stop() or self._stop.elapsed >= until

        idle = 0
        while idle < idle_most and not is_over():
            packing = self._packing(best, until) if self._cycles else None
            self._cool(steps, until)
            found = self._better(best, self._search.plan())
            if packing is not None:
                found = self._better(found, packing.plan(is_over))
            reached = self.value(found)
            if reached is not None and reached < value:
                idle, best, value = 0, found, reached
                observer.progress("better plan", value=sign(self._stages[0]) * value[0])
            else:
                idle += 1
                self._position = (self._position + 1) % max(1, len(self._packable))
            if not self._search.load(best):
                break
            steps = min(2 * steps, max(steps, _LONGEST_COOLING))
        return best

    def _cool(self, steps: int, until: float) -> None:
        """Take the steps of one cooling: every second one goes on until later stages are cold too."""
        hot, cold = self._search.weights.heat(deep=self._cycles % 2 == 1)
        self._cycles += 1
        at = 0
        while at < steps and not self._stop() and self._stop.elapsed < until:
            at = self._search.run(steps, hot, cold, at, min(steps, at + _CHUNK), tours=_TORN, most=_NARROW)

    def _packing(self, plan: Sequence[Column], until: float) -> Repacking | None:
        """Begin to choose anew among the tours known of all duties, or of some near one another."""
        longest = _PACKING_SECONDS if self._max_nodes is None else float("inf")
        seconds = min(longest, until - self._stop.elapsed - _LATE)
        if not self._packable or seconds < _TOO_SHORT:
            return None
        classes = self._search.region(int(self._random.integers(1 << 30)), _REGION)
        return Repacking(
            self._rows, self._pool.columns, plan, classes, self._packable, self._position, seconds=seconds,
            nodes=self._max_nodes,
        )  # fmt: skip

    def _better(self, plan: list[Column], other: list[Column] | None) -> list[Column]:
        """Return the better of a plan and another one, which need not be legal."""
        if other is None:
            return plan
        mine, theirs = self.value(plan), self.value(other)
        return other if theirs is not None and (mine is None or theirs < mine) else plan
