"""A plan under search: from columns into the compiled search, and back into columns of the pool."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column import Column, ColumnPool
from optimizer.master.rows import Rows
from optimizer.model import InstanceIndex, Stage
from optimizer.routing import fragment_kernel as fk
from optimizer.routing import tour_plan_kernel as kernel
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.completion import NEVER
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import Found, Pricing
from optimizer.routing.tour_kernel import LONGEST, Workspace, fill, workspace
from optimizer.routing.tour_refill_kernel import Desk, build, legalise
from optimizer.routing.tour_search_kernel import search
from optimizer.search.neighbourhood_tables import Weights, build_blocks, build_problem
from optimizer.search.stop import Stop

Ints = NDArray[np.int64]

_LOGGED = 2000
"""Tours of accepted steps that one call keeps for the pool."""
_LENIENCE = 0.8
"""Share of its worth that half a bundle has when a cooling begins; measured: 0.4 is much the same."""
_SAVED = 32
"""Most tours that one step changes."""


class TourSearch:
    """A plan under search: loaded from columns, improved in place, read back as columns of the pool."""

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
        self._pool = pool
        self._stop = stop
        self._duties = [c for c in fleet.classes for _ in range(c.count)]
        penalty = max((-a.worth.get(Stage.COST, 0) for a in rows.auxiliaries), default=0)
        self.weights = Weights(index, fleet.classes, stages, penalty)
        self._blocks = build_blocks(pricing, fragments, self._duties, index, self.weights)
        self._problem = build_problem(
            index, fleet, fragments, pricing, rows, self._duties, stages, weights=self.weights, penalty=penalty
        )
        self._best = self._empty(index)
        self._state = self._empty(index)
        self._random = np.array([(seed + 1) * 0x9E3779B97F4A7C15 % (1 << 64) | 1], dtype=np.uint64)
        self._seen: set[tuple[int, tuple[int, ...]]] = set()
        count = max(16, len(fragments))
        self._desk = Desk(
            saved=_saved(max(_SAVED, len(self._duties))), scores=np.empty(count), found=np.empty(count, np.int64),
            out=np.empty(count, np.int64), values=np.empty(count, np.int64), order=np.empty(64, np.int64),
            chain=np.empty(LONGEST, np.int64), gaps=np.empty(LONGEST + 1, np.int64),
            marked=np.zeros(count + 1, np.int64), local=np.zeros(count + 1, np.int64),
            ease=np.full(len(index.instance.requests), 0.5),
        )  # fmt: skip
        self._log = _saved(_LOGGED)
        self._spaces: dict[int, Workspace] = {}

    def _space(self, most: int) -> Workspace:
        if most not in self._spaces:
            self._spaces[most] = workspace(most)
        return self._spaces[most]

    @property
    def totals(self) -> tuple[int, ...]:
        """Value of the best plan, stage by stage, minimised."""
        return tuple(int(self._best.totals[x]) for x in self._problem.order)

    def load(self, plan: Sequence[Column]) -> bool:
        """Take a legal plan as the one to improve; false where nothing can change, or a tour is too long for it."""
        if not self._duties or not len(self._fragments) or any(len(column.chain) >= LONGEST for column in plan):
            return False
        for duty in range(len(self._duties)):
            kernel.clear_tour(self._blocks, self._problem, self._state, duty)
        free: dict[int, list[int]] = {}
        for number, duty_class in enumerate(self._duties):
            free.setdefault(duty_class.number, []).append(number)
        for column in sorted(plan, key=lambda c: c.number):
            duty_class = self._fleet.classes[column.duty_class]
            duty = free[column.duty_class].pop(0)
            chain, gaps = np.array(column.chain, dtype=np.int64), np.array(column.gaps, dtype=np.int64)
            metres = self._metres(duty_class, column.chain)
            span = 0
            if duty_class.rate_per_second:
                span = (column.cost - metres * duty_class.rate_per_metre) // duty_class.rate_per_second
            kernel.set_tour(self._blocks, self._problem, self._state, duty, chain, gaps, len(chain), span)
        self._keep()
        return True

    def _keep(self) -> None:
        for mine, theirs in zip(self._best, self._state, strict=True):
            mine[:] = theirs

    def _metres(self, duty_class: DutyClass, chain: Sequence[int]) -> int:
        figures = self._fragments.figures
        at, total = duty_class.start_row, 0
        for f in chain:
            total += int(figures[f, fk.METRES]) + (int(self._blocks.metres[at, figures[f, fk.FIRST]]) if at >= 0 else 0)
            at = int(figures[f, fk.LAST])
        return total + (int(self._blocks.metres[at, duty_class.end_row]) if duty_class.end_row >= 0 and at >= 0 else 0)

    def seed(self) -> list[DutyClass]:
        """Give the pool a tour of promises only for each class that has them; return classes without one found."""
        figures, problem = self._fragments.figures, self._problem
        carries = self._blocks.carried_from[1:] > self._blocks.carried_from[:-1]
        nothing, failed = np.zeros(0, dtype=np.int64), []
        for duty, duty_class in enumerate(self._duties):
            if not duty_class.promises:
                continue
            kept = problem.kept[problem.kept_from[duty] : problem.kept_from[duty + 1]]
            kept = kept[~carries[kept]]
            kept = kept[np.argsort(figures[kept, fk.LO], kind="stable")]
            chain, gaps = self._desk.chain, self._desk.gaps
            length, span = fill(
                self._blocks, self._space(len(kept)), duty, nothing, 0, 0, 0, kept, np.zeros(len(kept), np.int64), 0,
                chain, gaps,
            )  # fmt: skip
            if length <= 0:
                failed.append(duty_class)
            else:
                self._offer(duty, chain[:length], gaps[: length + 1], span)
        return failed

    def build(self, most: int) -> None:
        """Give each duty, those with promises first, its best tour among what is free and the ``most`` candidates."""
        order = sorted(range(len(self._duties)), key=lambda duty: (not self._duties[duty].promises, duty))
        build(
            self._blocks, self._problem, self._state, self._space(most), self._desk, self._random,
            np.array(order, dtype=np.int64), most, self._stop.flag,
        )  # fmt: skip
        _, sound = legalise(
            self._blocks, self._problem, self._state, self._space(most), self._desk, self._random, most
        )  # fmt: skip
        if sound:
            self._keep()

    def region(self, draw: int, size: int) -> set[int]:
        """Return classes of about ``size`` duties that carry requests near a drawn one; all where there are no more."""
        if len(self._duties) <= size:
            return {duty_class.number for duty_class in self._duties}
        owner, near = self._best.owner, self._problem.near
        first = draw % len(owner)
        chosen: set[int] = set()
        seen, queue = {first}, [first]
        for request in queue:
            if owner[request] >= 0:
                chosen.add(self._duties[int(owner[request])].number)
            if len(chosen) >= size:
                break
            for other in near[request, :10].tolist():
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        return chosen

    def run(
        self, steps: int, hot: float, cold: float, since: int, until: int, *, tours: int = 4, most: int = 64
    ) -> int:
        """Take steps ``since`` to ``until`` of a cooling over ``steps``; the tours found go to the pool."""
        done, logged = search(
            self._blocks, self._problem, self._state, self._best, self._space(most), self._desk, self._random,
            steps, hot, cold, _LENIENCE, since, until, tours, most, self._stop.flag, self._log,
        )  # fmt: skip
        for x in range(logged):
            length = int(self._log.sizes[x, 0])
            self._offer(
                int(self._log.duties[x]), self._log.chains[x, :length], self._log.gaps[x, : length + 1],
                int(self._log.sizes[x, 1]),
            )  # fmt: skip
        return int(done)

    def _offer(self, duty: int, chain: Ints, gaps: Ints, span: int) -> None:
        """Give a tour to the pool, unless it was there before."""
        duty_class = self._duties[duty]
        key = duty_class.number, tuple(chain.tolist())
        if key not in self._seen:
            self._seen.add(key)
            self._pool.add(duty_class, self._found(duty_class, chain, gaps, span))

    def _found(self, duty_class: DutyClass, chain: Ints, gaps: Ints, span: int) -> Found:
        figures = self._fragments.figures[chain]
        summed = [int(figures[:, column].sum()) for column in (fk.CUSTODY, fk.NIGHT, fk.TOUCHES_NIGHT)]
        return Found(
            cost=np.zeros(1, dtype=np.int64),
            figures=np.array([[*summed, self._metres(duty_class, chain.tolist()), span]], dtype=np.int64),
            sets=np.bitwise_or.reduce(self._fragments.requests[chain], axis=0)[None, :],
            chains=[chain.copy()],
            gaps=[gaps.copy()],
            least=-NEVER,
            complete=False,
        )

    def plan(self) -> list[Column] | None:
        """Return the best plan in columns of the pool; ``None`` where the pool could not take a tour."""
        columns = []
        for duty, duty_class in enumerate(self._duties):
            length = int(self._best.lengths[duty])
            if not length:
                continue
            chain, gaps = self._best.chains[duty, :length], self._best.gaps[duty, : length + 1]
            found = self._found(duty_class, chain, gaps, int(self._best.parts[duty, 4]))
            self._pool.add(duty_class, found)
            column = self._pool.find(duty_class, found.sets[0])
            if column is None:
                return None
            columns.append(column)
        return columns

    def _empty(self, index: InstanceIndex) -> kernel.State:
        duties, requests = len(self._duties), len(index.instance.requests)
        owner = np.full(requests, -1, dtype=np.int64)
        row = {request.id: number for number, request in enumerate(index.instance.requests)}
        position = {duty: n for n, duty in enumerate(d for c in self._fleet.classes for d in c.duties)}
        for request, duty in index.committed_duty.items():
            owner[row[request]] = position.get(duty, -1)
        return kernel.State(
            chains=np.zeros((duties, LONGEST), np.int64), gaps=np.zeros((duties, LONGEST + 1), np.int64),
            lengths=np.zeros(duties, np.int64), parts=np.zeros((duties, 5), np.int64), owner=owner,
            blocked=np.zeros(len(self._fragments), np.int64),
            load=np.zeros(len(self._problem.budget), np.int64), used=np.zeros(len(self._problem.clique_most), np.int64),
            served=np.zeros(len(self._problem.unit_size), np.int64), totals=np.zeros(kernel.STAGES + 1, np.int64),
        )  # fmt: skip


def _saved(size: int) -> kernel.Saved:
    return kernel.Saved(
        duties=np.zeros(size, np.int64),
        chains=np.zeros((size, LONGEST), np.int64),
        gaps=np.zeros((size, LONGEST + 1), np.int64),
        sizes=np.zeros((size, 2), np.int64),
    )
