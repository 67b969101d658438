"""The recipe: from an instance to a checked plan with its proof."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.errors import UnsoundSolution
from optimizer.explain.unserved import unserved_reasons
from optimizer.master.column import ColumnPool
from optimizer.master.rows import build_rows
from optimizer.model import CostTerms, Instance, InstanceIndex, Rule, Solution
from optimizer.params import SolveParams
from optimizer.result import Result, Status
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import enumerate_fragments
from optimizer.routing.pricing import Pricing
from optimizer.routing.rides import build_rides
from optimizer.routing.schedule import Scheduler
from optimizer.search.column_generation import ColumnGeneration
from optimizer.search.construction import Construction
from optimizer.search.observer import Observer, SilentObserver
from optimizer.search.plan import plan_of, relevant_stages
from optimizer.search.stages import Outcome, StageSearch
from optimizer.search.statistics import Statistics
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check, hard
from optimizer.verify.objective import objective

_DEFAULT = SolveParams()
_FRAGMENTS = 0.4
"""Share of the time limit that enumeration may take."""
_AFTER_SEARCH, _PER_REQUEST = 0.3, 0.02
"""Seconds set aside for check and reasons: measured at most 5 s for 200 requests."""
_SILENT = SilentObserver()


def solve(
    instance: Instance,
    travel: TravelMatrix,
    params: SolveParams = _DEFAULT,
    *,
    observer: Observer = _SILENT,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Result:
    """Match the pool to the duties.

    Returns a plan that the independent checker found no fault with, and for each stage its value, a bound over all
    plans, and whether they meet. With a limit or a cancel wish the best plan so far is returned.

    Raises
    ------
    UnsoundSolution
        Where the checker refuses our own plan, or recomputes another value: a defect, never an answer.
    InvalidValue
        Where the matrix lacks a place.
    """
    # Checking and explaining come after the search, and belong to the limit too.
    limit = params.time_limit
    if limit is not None:
        limit = max(0.6 * limit, limit - _AFTER_SEARCH - _PER_REQUEST * len(instance.requests))
    whole = Stop(params.time_limit, is_cancelled)
    with Stop(limit, is_cancelled) as stop:
        return _solve(instance, travel, params, stop, whole, Statistics(params, observer))


def _solve(
    instance: Instance, travel: TravelMatrix, params: SolveParams, stop: Stop, whole: Stop, statistics: Statistics
) -> Result:
    index = InstanceIndex(instance)
    statistics.phase("fragments")
    rides = build_rides(index, travel)
    fleet = build_fleet(index, rides, travel)
    # On a loose day with very many fragments, time must be left to make a plan of those found so far.
    share = None if params.time_limit is None else max(0.01, _FRAGMENTS * stop.remaining)
    with Stop(share, stop.is_cancelled) as enough:
        fragments = enumerate_fragments(
            index, rides, fleet, travel, limit=params.max_fragments, should_stop=enough, halt=enough.flag,
            told=lambda done, total: statistics.progress(f"{done} / {total}"),
        )  # fmt: skip
    statistics.count(fragments=len(fragments), rides=len(rides), classes=len(fleet.classes))
    pricing = Pricing(rides, fleet, fragments, travel, stop.flag)
    scheduler = Scheduler(index, rides, fragments, travel)
    pool = ColumnPool(index, fleet.classes, scheduler, rides.ids)
    rows = build_rows(index, rides, fleet, travel)
    generation = ColumnGeneration(index, fleet, fragments, pricing, rows, pool)
    broken = generation.seed()
    stages = relevant_stages(instance)
    construction = Construction(index, fleet, fragments, pricing, rows, pool, stages, seed=params.seed, stop=stop)
    lost = any(duty not in fleet.class_by_duty for duty in index.commitment)
    if lost or construction.value(construction.promises()) is None:
        # Every plan contains one that keeps the promises only; so without that there is none.
        certain = bool(broken) or not any(column.requests for column in construction.promises())
        settled = lost or (broken is not None and fragments.complete and certain)
        outcome = Outcome(columns=None, stages=[], settled=settled)
    else:
        statistics.phase("construction")
        first = construction.improve(
            construction.start(), statistics, rounds=params.rounds, seconds=0.1 * stop.remaining
        )
        search = StageSearch(
            generation,
            pool,
            rows,
            params,
            stop,
            statistics,
            classes=fleet.classes,
            first=first,
            complete=fragments.complete,
        )
        outcome = search.run(stages)
    statistics.count(columns=len(pool))
    statistics.phase("check")
    solution = Solution() if outcome.columns is None else plan_of(outcome.columns, fleet, scheduler)
    terms = checked(instance, travel, solution, outcome)
    statistics.phase("reasons")
    unserved = unserved_reasons(index, travel, solution, should_stop=whole)
    return Result(
        status=status_of(outcome, terms),
        stages=tuple(stage for stage in outcome.stages if stage.name in instance.stages),
        objective=terms,
        solution=solution if terms is not None else Solution(),
        unserved=unserved,
        complete=fragments.complete,
        statistics=statistics.told(),
    )


def checked(instance: Instance, travel: TravelMatrix, solution: Solution, outcome: Outcome) -> CostTerms | None:
    """Return the plan's terms as the checker recomputes them; ``None`` where there is no plan.

    Raises ``UnsoundSolution`` where the checker finds fault or another value than the solver claims.
    """
    if outcome.columns is None:
        return None
    violations = hard(check(instance, travel, solution))
    if any(violation.rule is Rule.SERVE_ALL for violation in violations):
        return None  # The only rule that the search may leave open: it says that not all could be served.
    terms = objective(instance, travel, solution)
    wrong = [f"{stage.name}: {terms.value(stage.name)} recomputed, {stage.value} claimed" for stage in outcome.stages
             if terms.value(stage.name) != stage.value]  # fmt: skip
    if violations or wrong:
        raise UnsoundSolution([*violations, *wrong])
    return terms


def status_of(outcome: Outcome, terms: CostTerms | None) -> Status:
    """Return ``optimal`` only where every stage is proven."""
    if terms is None:
        return Status.INFEASIBLE if outcome.settled else Status.UNKNOWN
    return Status.OPTIMAL if all(stage.proven for stage in outcome.stages) else Status.FEASIBLE
