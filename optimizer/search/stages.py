"""The stages in turn: bound by column generation, choose by selection, close by enumerating the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from optimizer.master.column import Column, ColumnPool
from optimizer.master.packing import pack
from optimizer.master.relaxation import sign
from optimizer.master.rows import Rows, worth_of
from optimizer.master.selection import Selected, select
from optimizer.model import Stage
from optimizer.params import SolveParams
from optimizer.result import StageResult
from optimizer.routing.classes import DutyClass
from optimizer.search.column_generation import Bounded, ColumnGeneration
from optimizer.search.observer import Observer
from optimizer.search.reduction import Reduced, reduce_columns, reduced_costs
from optimizer.search.stop import Stop

NO_BOUND = 1 << 50
"""Stands where nothing is known of a stage."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Chosen columns and what each stage proved.

    ``columns`` is ``None`` where no plan was found; ``settled`` says that then none exists, and that a plan which
    leaves a request out where all must be served has no better.
    """

    columns: tuple[Column, ...] | None
    stages: list[StageResult]
    settled: bool


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
    ) -> None:
        self._generation = generation
        self._pool = pool
        self._rows = rows
        self._params = params
        self._stop = stop
        self._observer = observer
        self._complete = complete
        self._all_there = False
        self._is_last = False
        self._classes = classes
        self._left: tuple[Column, ...] | None = None
        self._fixed: dict[Stage, int] = {}
        self._best = tuple(first)

    def run(self, stages: Sequence[Stage]) -> Outcome:
        """Optimise the stages lexicographically."""
        results: list[StageResult] = []
        for position, stage in enumerate(stages):
            self._observer.phase(f"stage {stage.value}")
            self._is_last = position == len(stages) - 1
            result = self._stage(stage, share=self._share(len(stages) - position))
            if result is None:
                raise AssertionError("a plan was lost")
            results.append(result)
            self._fixed[stage] = result.value
        return Outcome(columns=self._best, stages=results, settled=results[0].proven)

    def _share(self, stages_left: int) -> float:
        """Seconds that a stage may take of what is left: the first may take most, so that served comes first."""
        remaining = self._stop.remaining
        return remaining if remaining == float("inf") else remaining * (0.6 if stages_left > 1 else 0.95)

    def _stage(self, stage: Stage, share: float) -> StageResult | None:
        begun = self._stop.elapsed
        if self._stop() and worth_of(self._rows, self._best, stage) is not None:
            return self._as_it_is(stage)
        bounded = Bounded(bound=None, exact=None, duals=None, converged=False)
        known = trivial_bound(stage, self._rows)
        if worth_of(self._rows, self._best, stage) == known:
            return StageResult(name=stage, value=known, bound=known, proven=True)
        if not self._stop():
            if self._all_there:
                known = self._reduce(stage, known)
            else:
                bounded = self._generation.run(stage, self._fixed, self._stop, self._observer, seconds=share * 0.5)
                known = self._known_bound(stage, bounded)
        chosen = self._choose(
            stage, known, max(0.05, share - (self._stop.elapsed - begun)), columns=self._promising(stage, bounded)
        )
        if chosen is None:
            return None
        settled = self._is_last and chosen.value == known
        if not self._all_there and not settled and self._complete and bounded.exact is not None and not self._stop():
            chosen = self._close(stage, bounded, known, chosen, share - (self._stop.elapsed - begun))
        self._best = chosen.columns
        bound = known
        if self._all_there:
            reached = chosen.value if chosen.proven else chosen.bound
            bound = sign(stage) * max(sign(stage) * known, sign(stage) * reached)
        return StageResult(name=stage, value=chosen.value, bound=bound, proven=chosen.value == bound)

    def _as_it_is(self, stage: Stage) -> StageResult | None:
        """Return what the best plan is worth, with the bound that needs no search: for stages after a stop."""
        value, bound = worth_of(self._rows, self._best, stage), trivial_bound(stage, self._rows)
        return None if value is None else StageResult(name=stage, value=value, bound=bound, proven=value == bound)

    def _reduce(self, stage: Stage, known: int) -> int:
        """Bound a stage over the complete set of columns, drop what the best plan rules out; return the bound."""
        reduced = reduce_columns(self._rows, self._classes, self._columns(), stage, self._fixed)
        value = worth_of(self._rows, self._best, stage)
        if reduced is None or value is None:
            return known
        self._left = reduced.within(sign(stage) * value)
        self._observer.progress(f"{len(self._left)} columns", value=value, bound=sign(stage) * reduced.bound)
        return sign(stage) * max(reduced.bound, sign(stage) * known)

    def _promising(self, stage: Stage, bounded: Bounded, value: int | None = None) -> tuple[Column, ...]:
        """Return the columns that a plan of ``value`` (minimised form) may use, as far as the duals tell."""
        columns = self._columns()
        if value is None:
            known = worth_of(self._rows, self._best, stage)
            value = None if known is None else sign(stage) * known
        if bounded.exact is None or bounded.duals is None or value is None:
            return columns
        costs = reduced_costs(self._rows, columns, stage, bounded.duals)
        reduced = Reduced(exact=bounded.exact, scale=bounded.duals.scale, columns=columns, costs=costs)
        return reduced.within(value)

    def _columns(self) -> tuple[Column, ...]:
        return tuple(self._pool.columns) if self._left is None else self._left

    def _known_bound(self, stage: Stage, bounded: Bounded) -> int:
        """Return the best bound known over all plans, in the stage's own sense."""
        trivial = trivial_bound(stage, self._rows)
        if bounded.bound is None or not self._complete:
            return trivial
        return sign(stage) * max(bounded.bound, sign(stage) * trivial)

    def _close(self, stage: Stage, bounded: Bounded, known: int, chosen: Selected, seconds: float) -> Selected:
        """Enumerate every column within the gap: with all of them there, selection proves this stage and the next.

        What was proven over fewer columns does not count here: the answer claims only what it proves itself.
        """
        self._observer.phase(f"gap {stage.value}")
        until = self._stop.elapsed + seconds
        chosen = replace(chosen, bound=-sign(stage) * NO_BOUND, proven=False)
        for target in self._targets(stage, bounded, chosen):
            if not self._generation.enumerate(stage, bounded, target, self._params.max_columns, self._stop):
                break
            among = self._promising(stage, bounded, target)
            self._observer.progress(f"{len(among)} columns", bound=known)
            if sign(stage) * chosen.value > target:
                left = 0.5 * (until - self._stop.elapsed)
                found = pack(
                    self._rows, among, stage, self._fixed, hint=(), seconds=left, should_stop=self._stop, at_most=target
                )
                value = None if found is None else worth_of(self._rows, found, stage)
                if found is None or value is None or sign(stage) * value > target:
                    continue
                chosen = Selected(columns=found, value=value, bound=chosen.bound, proven=False)
                among = self._promising(stage, bounded, sign(stage) * value)
            self._all_there, self._left = True, among
            again = self._choose(stage, known, max(0.05, until - self._stop.elapsed), hint=chosen.columns)
            if again is not None and sign(stage) * again.value <= sign(stage) * chosen.value:
                chosen = again
            break
        return chosen

    def _targets(self, stage: Stage, bounded: Bounded, chosen: Selected) -> list[int]:
        """Values (minimised form) to enumerate up to: growing guesses below the best known, then that itself.

        A guess that is met is a proof all the same: every solution at most as dear uses only enumerated columns.
        """
        best = sign(stage) * chosen.value
        bound = best if bounded.bound is None else bounded.bound
        guesses = (
            [bound + abs(bound) * permille // 1000 for permille in (2, 5, 10, 20, 40)] if stage is Stage.COST else []
        )
        return [guess for guess in guesses if guess < best] + [best]

    def _choose(
        self,
        stage: Stage,
        known: int,
        seconds: float,
        *,
        hint: tuple[Column, ...] | None = None,
        columns: tuple[Column, ...] | None = None,
    ) -> Selected | None:
        begun = self._stop.elapsed
        among = self._columns() if columns is None else columns
        self._observer.progress(f"{len(among)} columns", bound=known)

        hint = self._packed(stage, among, self._best if hint is None else hint, seconds)
        value = worth_of(self._rows, hint, stage)
        if value == known:
            return Selected(columns=hint, value=value, bound=known, proven=False)

        def told(value: int) -> None:
            self._observer.progress("selection", value=value, bound=known)

        chosen = select(
            self._rows,
            among,
            stage,
            self._fixed,
            self._params,
            hint=hint,
            seconds=max(0.05, seconds - (self._stop.elapsed - begun)),
            known_bound=known,
            stoppable=self._stop.ending,
            told=told,
        )
        self._stop.ending(None)
        if chosen is None:  # Stopped before anything was found, or nothing keeps the rows: is what we have still good?
            return (
                None
                if value is None
                else Selected(columns=hint, value=value, bound=-sign(stage) * NO_BOUND, proven=False)
            )
        return chosen

    def _packed(
        self, stage: Stage, among: tuple[Column, ...], hint: tuple[Column, ...], seconds: float
    ) -> tuple[Column, ...]:
        """Return the better of ``hint`` and what branch and cut finds in a share of the time."""
        known = worth_of(self._rows, hint, stage)
        if self._stop() or seconds <= 0.1:
            return hint
        packed = pack(self._rows, among, stage, self._fixed, hint=hint, seconds=0.5 * seconds, should_stop=self._stop)
        if packed is None:
            return hint
        value = worth_of(self._rows, packed, stage)
        if value is None or (known is not None and sign(stage) * value > sign(stage) * known):
            return hint
        self._observer.progress("packing", value=value)
        return packed


def trivial_bound(stage: Stage, rows: Rows) -> int:
    """Return a bound that needs no search: everything served, no night, no load, no change, no cost.

    Custody may be below 0: where the matrix is not metric a ride by way of another stop is shorter than the direct one.
    """
    if stage.is_maximised:
        return sum(auxiliary.worth.get(stage, 0) for auxiliary in rows.auxiliaries)
    return rows.least_custody if stage is Stage.CUSTODY else 0
