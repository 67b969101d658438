"""The recipe: from an instance to a checked plan with its proof."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.errors import UnsoundSolution
from optimizer.explain.unserved import unserved_reasons
from optimizer.master.rows import build_rows
from optimizer.model import CostTerms, Instance, InstanceIndex, Rule, Solution, Stage
from optimizer.params import SolveParams
from optimizer.result import Result, Status
from optimizer.routing.classes import build_fleet
from optimizer.routing.fragments import enumerate_fragments
from optimizer.routing.rides import build_rides
from optimizer.search.flow import flow_search
from optimizer.search.general import general_search
from optimizer.search.observer import Observer, SilentObserver
from optimizer.search.plan import Outcome, plan_of
from optimizer.search.statistics import Statistics
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check, hard
from optimizer.verify.objective import objective

_DEFAULT = SolveParams()
_FRAGMENTS = 0.4
"""Share of the time limit that enumeration may take."""
_FRAGMENTS_IF_COST_ONLY, _MOST_IF_COST_ONLY = 0.05, 300_000
"""The same, and most fragments, where all must be served at least cost: past them tours are searched as a whole."""
_LONGEST_IF_COST_ONLY = 1.5
"""Most seconds of it: a8-96 takes 0.04 s of CPU and 0.3 s to load the kernels, while R5a is out of reach."""
_AFTER_SEARCH, _PER_REQUEST, _PER_REQUEST_IF_ALL = 0.3, 0.02, 0.004
"""Seconds set aside for check and reasons: measured at most 5 s for 200 requests. Where all must be served there mostly
are no reasons to be found, and those of a day that fails may stay out."""
_STEP = 6e-6
"""Seconds for each request and duty that one step of the reasons takes at most: 4 s for 2,000 on 400."""
_SEARCH = 0.75
"""Share of the time limit that is left to the search however many reasons there will be to find."""
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
        each = _PER_REQUEST_IF_ALL if instance.serve_all else _PER_REQUEST
        limit = max(_SEARCH * limit, limit - _AFTER_SEARCH - each * len(instance.requests))
    whole = Stop(params.time_limit, is_cancelled)
    with Stop(limit, is_cancelled) as stop:
        statistics = Statistics(params, observer)
        return _solve(instance, travel, params, stop=stop, whole=whole, statistics=statistics)


def _solve(
    instance: Instance,
    travel: TravelMatrix,
    params: SolveParams,
    *,
    stop: Stop,
    whole: Stop,
    statistics: Statistics,
) -> Result:
    index = InstanceIndex(instance)
    statistics.phase("fragments")
    rides = build_rides(index, travel)
    fleet = build_fleet(index, rides, travel)
    # On a loose day with very many fragments, time must be left to make a plan of those found so far.
    cost_only = instance.serve_all and instance.stages == (Stage.COST,)
    part = _FRAGMENTS_IF_COST_ONLY if cost_only else _FRAGMENTS
    most = min(params.max_fragments, _MOST_IF_COST_ONLY) if cost_only else params.max_fragments
    share = None if params.time_limit is None else max(0.01, part * stop.remaining)
    if share is not None and cost_only:
        share = min(share, _LONGEST_IF_COST_ONLY)
    with Stop(share, stop.is_cancelled) as enough:
        fragments = enumerate_fragments(
            index, rides, fleet, travel, limit=most, should_stop=enough, halt=enough.flag,
            told=lambda done, total: statistics.progress(f"{done} / {total}"),
        )  # fmt: skip
    statistics.count(fragments=len(fragments), rides=len(rides), classes=len(fleet.classes))
    rows = build_rows(index, rides, fleet, travel)
    planned = flow_search(
        index, rides, fleet, fragments, travel, rows=rows, params=params, stop=stop, observer=statistics
    )
    if planned is None:
        planned = general_search(
            index, rides, fleet, fragments, travel, rows=rows, params=params, stop=stop, statistics=statistics
        )
    outcome = planned.outcome
    statistics.phase("check")
    solution = Solution() if outcome.columns is None else plan_of(outcome.columns, fleet, planned.scheduler)
    terms = checked(instance, travel, solution, outcome)
    statistics.phase("reasons")
    # One step of the reasons cannot be interrupted, and on a large day takes seconds.
    step = _STEP * len(instance.requests) * len(instance.duties)
    too_late = (lambda: whole.remaining <= step) if params.reasons else (lambda: True)
    unserved = unserved_reasons(index, travel, solution, should_stop=too_late)
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
