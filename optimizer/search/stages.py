"""The stages in turn: bound by column generation, choose by selection, close by enumerating the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from optimizer.master.branch_and_bound import NO_BOUND, BranchAndBound
from optimizer.master.column import Column, ColumnPool
from optimizer.master.column_set import ColumnSet
from optimizer.master.packing import Packing
from optimizer.master.relaxation import sign
from optimizer.master.rows import Rows, worth_of
from optimizer.master.selection import select
from optimizer.model import Stage
from optimizer.params import SolveParams
from optimizer.result import StageResult
from optimizer.routing.classes import DutyClass
from optimizer.search.column_generation import Bounded, ColumnGeneration
from optimizer.search.observer import Observer
from optimizer.search.plan import Outcome
from optimizer.search.stop import Stop

_FEW = 6
"""Where a gap has no more whole values than this, each is tried in turn."""
_SMALL, _SELECTION = 400, 0.3
"""Columns that CP-SAT chooses from, and its deterministic time; what it does not prove then it hardly will."""
_CHEAP = 1500
"""Columns of least reduced cost that branch and cut looks through for a good plan."""
_LEAST_SECONDS = 0.05
_GENERATION = 0.5
"""Share of a stage's time that column generation may take."""
_LARGE, _SECONDS_EACH = 500, 0.2
"""Requests above which it is not tried with fewer seconds left for each: 800 had no bound after 27 s, which were lost
to the search for better plans."""


class Improve(Protocol):
    """A search for better plans in all stages, for as long as it is given."""

    def __call__(self, plan: Sequence[Column], observer: Observer, *, rounds: int, seconds: float) -> Sequence[Column]:
        """Return a plan that is no worse."""


class StageSearch:
    """Runs the stages of one instance."""

    def __init__(
        self,
        generation: ColumnGeneration,
        pool: ColumnPool,
        rows: Rows,
        params: SolveParams,
        stop: Stop,
        observer: Observer,
        *,
        classes: tuple[DutyClass, ...],
        first: Sequence[Column],
        complete: bool,
        improve: Improve,
    ) -> None:
        self._generation = generation
        self._pool = pool
        self._rows = rows
        self._params = params
        self._stop = stop
        self._observer = observer
        self._complete = complete
        self._improve = improve
        self._is_hopeless = False
        self._counts = {c.number: (1 if c.promises else 0, c.count) for c in classes}
        self._left: ColumnSet | None = None
        self._fixed: dict[Stage, int] = {}
        self._best = tuple(first)

    def run(self, stages: Sequence[Stage]) -> Outcome:
        """Optimise the stages lexicographically."""
        results: list[StageResult] = []
        for position, stage in enumerate(stages):
            self._observer.phase(f"stage {stage.value}")
            result = self._stage(
                stage, seconds=self._share(len(stages) - position), is_last=position == len(stages) - 1
            )
            results.append(result)
            self._fixed[stage] = result.value
        if not all(result.proven for result in results):
            self._go_on(stages[0])
        results = [self._reached(result) for result in results]
        return Outcome(columns=self._best, stages=results, settled=results[0].proven)

    def _go_on(self, first: Stage) -> None:
        """Spend what time is left on better plans: what is open cannot be proven in it."""
        seconds = self._stop.remaining
        if _LEAST_SECONDS < seconds < float("inf"):
            self._observer.phase(f"large neighbourhoods {first.value}")
            self._best = tuple(self._improve(self._best, self._observer, rounds=self._params.rounds, seconds=seconds))

    def _reached(self, result: StageResult) -> StageResult:
        """Return a stage as the last plan has it: what a later stage found may be better where a gap was left."""
        value = sign(result.name) * self._value(result.name)
        return replace(result, value=value, proven=value == result.bound)

    def _share(self, stages_left: int) -> float:
        """Seconds that a stage may take of what is left: the first may take most, so that served comes first."""
        remaining = self._stop.remaining
        return remaining if remaining == float("inf") else remaining * (0.6 if stages_left > 1 else 0.95)

    def _stage(self, stage: Stage, *, seconds: float, is_last: bool) -> StageResult:
        until = self._stop.elapsed + seconds
        trivial = sign(stage) * trivial_bound(stage, self._rows)
        if self._stop() or self._is_hopeless or self._value(stage) == trivial:
            bound = trivial
        elif self._left is not None:
            reached, self._left = self._search(stage, self._left, self._value(stage), until)
            bound = max(trivial, reached)
        else:
            bound = max(trivial, self._open_stage(stage, trivial, until, is_last=is_last))
        value = self._value(stage)
        bound = min(bound, value)
        return StageResult(
            name=stage, value=sign(stage) * value, bound=sign(stage) * bound, proven=self._value(stage) == bound
        )

    def _value(self, stage: Stage) -> int:
        """Return what the best plan is worth (minimised form)."""
        value = worth_of(self._rows, self._best, stage)
        if value is None:
            raise AssertionError("a plan was lost")
        return sign(stage) * value

    def _open_stage(self, stage: Stage, bound: int, until: float, *, is_last: bool) -> int:
        """Work on a stage for which columns may still be missing; return its bound (minimised form)."""
        left, requests = until - self._stop.elapsed, len(self._rows.cover)
        if requests > _LARGE and self._stop.remaining < _SECONDS_EACH * requests:
            self._is_hopeless = True
            return bound
        bounded = self._generation.run(
            stage, self._fixed, self._stop, self._observer, seconds=_GENERATION * left, wanted=self._value(stage)
        )
        if bounded.exact is None:
            # A day too large for a relaxation: what time is left is better spent on better plans.
            self._is_hopeless = left < float("inf")
            return bound
        if bounded.bound is not None and self._complete:
            bound = max(bound, bounded.bound)
        promising = self._within(ColumnSet(self._rows, self._pool.columns), stage, bounded, self._value(stage))
        if self._value(stage) > bound:
            packing = self._packing(stage, promising, until)
            self._take(stage, None if packing is None else packing.wait(self._stop))
        if not self._complete or (is_last and self._value(stage) == bound):
            if self._value(stage) > bound:
                # Columns may be missing: a better plan counts, a bound over these does not, nor are they all there are.
                self._search(stage, promising, self._value(stage), until)
            return bound
        return self._close(stage, bounded, bound, until)

    def _close(self, stage: Stage, bounded: Bounded, bound: int, until: float) -> int:
        """Enumerate every column within growing parts of the gap, until the best plan's value lies within; the bound.

        With all of them there, branch and bound proves this stage, and later stages need no other columns.
        """
        self._observer.phase(f"gap {stage.value}")
        for target in self._targets(stage, bound, self._value(stage)):
            if self._stop() or self._stop.elapsed > until or target > self._value(stage):
                break
            if not self._generation.enumerate(stage, bounded, target, self._params.max_columns, self._stop):
                break
            among = self._within(ColumnSet(self._rows, self._pool.columns), stage, bounded, target)
            self._observer.progress(f"{len(among)} columns within {sign(stage) * target}", bound=sign(stage) * bound)
            reached, left = self._search(stage, among, min(target + 1, self._value(stage)), until, at_most=target)
            bound = max(bound, min(reached, target + 1))
            if self._value(stage) <= target:
                self._left = left
                break
        return bound

    def _targets(self, stage: Stage, bound: int, value: int) -> list[int]:
        """Values (minimised form) up to which columns are enumerated: from the bound upwards, then the best known.

        Where one is met it is proven: every plan at most as dear uses only columns enumerated so far. The columns
        within a small part of the gap are few, and what is no solution there raises the bound.
        """
        if value - bound <= _FEW:
            return list(range(bound, value + 1))
        shares = (5, 15, 35, 65) if stage is not Stage.COST else (2, 5, 10, 20, 40, 70)
        return [*(bound + (value - bound) * share // 100 for share in shares), value]

    def _search(
        self, stage: Stage, among: ColumnSet, below: int, until: float, at_most: int | None = None
    ) -> tuple[int, ColumnSet]:
        """Look among a set of columns for plans of a value ``below``.

        Returns the bound over them (minimised form), and those that a plan of the value reached may use.
        """
        search = BranchAndBound(
            among,
            stage,
            self._fixed,
            counts=self._counts,
            known=below,
            cuts=self._generation.cuts,
            start=self._best,
            max_nodes=self._params.max_nodes,
            should_stop=lambda: self._stop() or self._stop.elapsed > until,
            told=lambda value, bound: self._observer.progress(
                "branching", value=sign(stage) * value, bound=sign(stage) * bound
            ),
        )
        bound = search.relax()
        if bound is None:
            return -NO_BOUND, among
        self._observer.progress(f"{len(among)} columns, {len(search.cuts)} cuts", bound=sign(stage) * bound)
        if bound < below:
            promising = search.possible(below - 1)
            if int(promising.sum()) <= _SMALL:
                bound = max(bound, self._select(stage, among.subset(promising), below, bound, until))
                search.better_than(self._value(stage))
        if bound < min(below, self._value(stage)):
            packing = self._packing(stage, among.subset(promising & search.cheapest(_CHEAP)), until, at_most)
            if packing is not None and self._params.workers == 1:
                self._take(stage, packing.wait(self._stop))  # In turn, so that a run can be repeated.
                search.better_than(self._value(stage))
            elif packing is not None:
                search.ask(lambda: packing.found() if packing.is_over else None)
            try:
                found = search.run()
            finally:
                if packing is not None:
                    packing.cancel()  # A thread left alone would still be at work when the process ends.
            bound = max(bound, found.bound)
            self._take(stage, found.columns)
        return bound, among.subset(search.possible(self._value(stage)))

    def _take(self, stage: Stage, columns: tuple[Column, ...] | None) -> None:
        """Make ``columns`` the best plan where it is better."""
        value = None if columns is None else worth_of(self._rows, columns, stage)
        if columns is not None and value is not None and sign(stage) * value < self._value(stage):
            self._best = columns
            self._observer.progress("better plan", value=value)

    def _select(self, stage: Stage, among: ColumnSet, below: int, bound: int, until: float) -> int:
        """Let CP-SAT choose among few columns; return the bound over them for plans of a value ``below``."""
        chosen = select(
            self._rows,
            among.columns,
            stage,
            self._fixed,
            replace(self._params, deterministic_limit=_SELECTION),
            seconds=max(_LEAST_SECONDS, until - self._stop.elapsed),
            known_bound=sign(stage) * bound,
            stoppable=self._stop.ending,
        )
        self._stop.ending(None)
        if chosen is None:
            return bound
        self._take(stage, chosen.columns)
        return min(below, sign(stage) * chosen.bound)

    def _packing(self, stage: Stage, among: ColumnSet, until: float, at_most: int | None = None) -> Packing | None:
        """Let branch and cut look for a better plan, for a share of the time; ``None`` where there is none left."""
        seconds = 0.5 * (until - self._stop.elapsed)
        if self._stop() or seconds <= _LEAST_SECONDS or not len(among):
            return None
        return Packing(
            self._rows, among.columns, stage, self._fixed, hint=self._best, seconds=seconds, at_most=at_most,
            nodes=self._params.max_nodes,
        )  # fmt: skip

    def _within(self, columns: ColumnSet, stage: Stage, bounded: Bounded, value: int) -> ColumnSet:
        """Return the columns that a plan of ``value`` (minimised form) may use, as far as the duals tell."""
        if bounded.exact is None or bounded.duals is None:
            return columns
        costs = columns.reduced_costs(stage, bounded.duals)
        return columns.subset(costs + bounded.exact <= value * bounded.duals.scale)


def trivial_bound(stage: Stage, rows: Rows) -> int:
    """Return a bound that needs no search: everything served, no night, no load, no change, no cost.

    Custody may be below 0: where the matrix is not metric a ride by way of another stop is shorter than the direct one.
    """
    if stage.is_maximised:
        return sum(auxiliary.worth.get(stage, 0) for auxiliary in rows.auxiliaries)
    return rows.least_custody if stage is Stage.CUSTODY else 0
