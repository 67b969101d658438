"""Column generation: relaxation and pricing in turn, until no tour of any class could improve the relaxation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.master.column import ColumnPool
from optimizer.master.cuts import Cut
from optimizer.master.relaxation import Duals, Relaxation, sign
from optimizer.master.rows import Rows
from optimizer.model import InstanceIndex, Stage
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import DutyClass, Fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.pricing import ClassGraph, Found, Pricing, Tolls
from optimizer.search.observer import Observer
from optimizer.search.stop import Stop

Ints = NDArray[np.int64]

_PER_CLASS = 30
"""Columns taken from one class in one round; thirty measured best in the prototype."""
_FOUND = 3_000
_CUTS_A_ROUND, _CUTS = 30, 250
"""Cuts taken in at a time, and altogether: each makes labels harder to compare."""
_LITTLE, _PATIENCE = 0.02, 4
"""Cuts end where ``_PATIENCE`` rounds close less than this share of the gap that was left."""
_TOLERANCE_BITS = 20
"""Reduced costs above ``-scale / 2**20`` count as none; the bound pays for it exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """What column generation proved about a stage (minimised form).

    ``bound`` is whole and holds over all columns (``None``: none could be proven); ``exact`` is the same before
    rounding, in units of ``1 / duals.scale``, and belongs to ``duals``; ``converged`` says that no column was left.
    """

    bound: int | None
    exact: int | None
    duals: Duals | None
    converged: bool


class _Progress:
    """Whether further cuts are worth their time."""

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self._bounds: list[float] = []

    def goes_on(self, bounded: Bounded) -> bool:
        """Take note of a round; ``False`` where the goal is reached or the rounds bring too little."""
        if bounded.bound is None or bounded.duals is None or bounded.exact is None:
            return False
        if self._wanted is not None and bounded.bound >= self._wanted:
            return False
        self._bounds.append(bounded.exact / bounded.duals.scale)
        if len(self._bounds) <= _PATIENCE:
            return True
        before, now = self._bounds[-1 - _PATIENCE], self._bounds[-1]
        left = abs(before) if self._wanted is None else self._wanted - before
        return now - before > _LITTLE * left


def _told(stage: Stage, bounded: Bounded) -> int | None:
    return None if bounded.bound is None else sign(stage) * bounded.bound


class ColumnGeneration:
    """Generates columns of one instance for any stage."""

    def __init__(
        self, index: InstanceIndex, fleet: Fleet, fragments: Fragments, pricing: Pricing, rows: Rows, pool: ColumnPool
    ) -> None:
        self._index = index
        self._fleet = fleet
        self._fragments = fragments
        self._pricing = pricing
        self._rows = rows
        self._pool = pool
        self._counts = {c.number: (1 if c.promises else 0, c.count) for c in fleet.classes}
        self._cuts: tuple[Cut, ...] = ()
        self._published: dict[int, list[int]] = {}
        row_of = {request.id: number for number, request in enumerate(index.instance.requests)}
        for assignment in index.instance.published:
            if assignment.duty in fleet.class_by_duty and assignment.request not in index.committed_duty:
                self._published.setdefault(fleet.class_by_duty[assignment.duty], []).append(row_of[assignment.request])

    def seed(self) -> list[DutyClass] | None:
        """Give every class with promises the tour that keeps only those; return the classes that have none.

        ``None``: stopped before that was known.

        Fewest further requests is the goal; a class whose promises cannot be kept at all is an error of the input.
        """
        failed = []
        value = self._pricing.sums(np.ones(len(self._index.instance.requests), dtype=np.int64))
        nothing = np.zeros_like(self._pricing.seconds)
        for graph in self._pricing.graphs:
            if not graph.duty_class.promises:
                continue
            found = self._only_promises(graph, value, nothing, threshold=0)
            if found.complete and not len(found.cost):
                # Where travel times are not metric, only a further stop may make a promise reachable.
                found = self._only_promises(graph, value, nothing, threshold=len(self._pricing.request_last))
            if not found.complete:
                return None
            if len(found.cost) == 0:
                failed.append(graph.duty_class)
            self._pool.add(graph.duty_class, found)
        return failed

    def _only_promises(self, graph: ClassGraph, value: Ints, nothing: Ints, threshold: int) -> Found:
        return self._pricing.find(
            graph, value=value, leg_cost=nothing, second_cost=0, threshold=threshold, keep_all=False, most=_FOUND
        )

    def run(
        self,
        stage: Stage,
        fixed: dict[Stage, int],
        stop: Stop,
        observer: Observer,
        *,
        seconds: float = 1e9,
        wanted: int | None = None,
    ) -> Bounded:
        """Solve the relaxation of ``stage`` over all columns, as far as ``stop`` and ``seconds`` allow.

        Subset-row cuts raise the bound, round by round, until it reaches ``wanted`` (minimised form: the value of the
        best plan known) or they bring nothing more.
        """
        relaxation = Relaxation(self._rows, stage, fixed)
        for column in self._pool.columns:
            relaxation.add(column)
        for cut in self._cuts:
            relaxation.add_cut(cut)
        until = stop.elapsed + seconds
        last = Bounded(bound=None, exact=None, duals=None, converged=False)
        progress = _Progress(wanted)
        while True:
            last = self._converge(relaxation, stage, stop, until, last, wanted)
            observer.progress(f"{len(self._pool)} columns, {len(relaxation.cuts)} cuts", bound=_told(stage, last))
            if last.duals is not None:
                self._cuts = tuple(cut for cut, _ in last.duals.cuts)
            if not last.converged or not progress.goes_on(last):
                return last
            cuts = relaxation.broken_cuts(min(_CUTS_A_ROUND, _CUTS - len(relaxation.cuts)))
            if not cuts:
                return last
            for cut in cuts:
                relaxation.add_cut(cut)

    def _converge(
        self, relaxation: Relaxation, stage: Stage, stop: Stop, until: float, best: Bounded, wanted: int | None
    ) -> Bounded:
        """Relaxation and pricing in turn until no column is left or the bound is ``wanted``; the best bound seen."""
        thorough = False
        while True:
            duals = relaxation.solve()
            if duals is None:
                return replace(best, converged=False)
            tolls = self.tolls(duals)
            least: dict[int, int] | None = {}
            touched: list[int] = []
            for graph in self._pricing.graphs:
                if stop() or stop.elapsed > until:
                    return replace(best, converged=False)
                own = self.own_duals(graph.duty_class, duals)
                tolerance = max(1, duals.scale >> _TOLERANCE_BITS)
                threshold = own - tolerance
                found = self.price(
                    graph.duty_class, stage, duals, threshold, keep_all=False, most=_FOUND, exact=thorough, tolls=tolls
                )
                if not found.complete:
                    least = None
                    continue
                if least is not None:
                    least[graph.duty_class.number] = min(found.least, threshold + 1) - own
                if len(found.cost):
                    order = np.argsort(found.cost, kind="stable")[:_PER_CLASS]
                    touched += self._pool.add(graph.duty_class, found, order)
            if not thorough:
                # Quick pricing until it finds nothing more; then every round is exact and gives a bound.
                thorough = not touched
            elif least is not None:
                exact = relaxation.exact(duals, least, self._counts)
                bound = -(-exact // duals.scale)
                if best.exact is None or best.duals is None or exact * best.duals.scale > best.exact * duals.scale:
                    best = Bounded(bound=bound, exact=exact, duals=duals, converged=not touched)
                if not touched or (wanted is not None and bound >= wanted):
                    return replace(best, converged=not touched)
            elif not touched:
                return replace(best, converged=False)
            for number in touched:
                relaxation.add(self._pool.columns[number])

    def tolls(self, duals: Duals) -> Tolls:
        """Return what tours pay for cuts at these duals."""
        members = np.array([cut.members for cut, _ in duals.cuts], dtype=np.int64).reshape(-1, 3)
        return self._pricing.tolls(members, np.array([price for _, price in duals.cuts], dtype=np.int64))

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """The cuts that the last relaxation paid for: they hold in every stage."""
        return self._cuts

    def own_duals(self, duty_class: DutyClass, duals: Duals) -> int:
        """Return what a column of the class earns by being used at all, in dual units."""
        return int(sum(int(duals.rows[row]) for row in self._rows.of_class[duty_class.number]))

    def price(
        self,
        duty_class: DutyClass,
        stage: Stage,
        duals: Duals,
        threshold: int,
        *,
        keep_all: bool,
        most: int,
        exact: bool = True,
        tolls: Tolls | None = None,
    ) -> Found:
        """Return tours of a class of reduced cost (without ``own_duals``) at most ``threshold``."""

        def weight(of: Stage) -> int:
            return duals.scale if of is stage else -duals.fixed.get(of, 0)

        requests = len(self._pricing.request_last)
        earned = np.zeros(requests, dtype=np.int64)
        per_request = sum(int(duals.rows[row]) for row in self._rows.per_request[duty_class.number])
        per_kept = 0 if self._rows.kept is None else int(duals.rows[self._rows.kept])
        for request, row in self._rows.cover.items():
            earned[request] = int(duals.rows[row]) + per_request
        for request in self._published.get(duty_class.number, ()):
            earned[request] += weight(Stage.CHANGES) + per_kept
        figures = self._fragments.figures
        value = weight(Stage.CUSTODY) * figures[:, fk.CUSTODY] + weight(Stage.NIGHT) * figures[:, fk.NIGHT]
        per_metre = weight(Stage.COST) * duty_class.rate_per_metre
        per_second = weight(Stage.COST) * duty_class.rate_per_second
        value += per_metre * figures[:, fk.METRES] + per_second * figures[:, fk.DURATION]
        value -= self._pricing.sums(earned)
        return self._pricing.find(
            self._pricing.graphs[duty_class.number],
            value=value,
            leg_cost=per_metre * self._pricing.metres,
            second_cost=per_second,
            threshold=threshold,
            keep_all=keep_all,
            most=most,
            exact=exact,
            tolls=tolls,
        )

    def enumerate(self, stage: Stage, bounded: Bounded, value: int, most: int, stop: Stop) -> bool:
        """Add every column that a solution of ``stage`` no worse than ``value`` (minimised form) can use.

        A column of reduced cost above ``value - bound`` is in none of them. Returns whether all were added; on
        ``False`` (more than ``most``, stopped, or no exact bound) nothing is claimed.
        """
        if bounded.exact is None or bounded.duals is None:
            return False
        slack = value * bounded.duals.scale - bounded.exact
        left = most
        tolls = self.tolls(bounded.duals)
        for graph in self._pricing.graphs:
            if stop() or left <= 0:
                return False
            own = self.own_duals(graph.duty_class, bounded.duals)
            found = self.price(
                graph.duty_class, stage, bounded.duals, own + slack, keep_all=True, most=left, tolls=tolls
            )
            if not found.complete:
                return False
            left -= len(found.cost)
            self._pool.add(graph.duty_class, found)
        return True
