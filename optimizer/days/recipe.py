"""The recipe for any horizon: take apart, solve the parts side by side, put together, check as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from optimizer.days.compiling import Cold, from_cache_only
from optimizer.days.merge import merge
from optimizer.days.promises import UNANSWERED, or_promises
from optimizer.days.shares import share, turns
from optimizer.days.split import SMALL, Part, split
from optimizer.days.team import Lost, Team, weight_of
from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.result import Result
from optimizer.search.observer import Observer, SilentObserver
from optimizer.search.statistics import Statistics
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix

_DEFAULT = SolveParams()
_SILENT = SilentObserver()
_AFTER, _PER_REQUEST = 0.1, 0.0005
"""Seconds of a limit set aside for checking the plan as a whole."""
_SUMMED = ("fragments", "rides", "classes", "columns")


def solve_days(
    instance: Instance,
    travel: TravelMatrix,
    params: SolveParams = _DEFAULT,
    *,
    observer: Observer = _SILENT,
    is_cancelled: Callable[[], bool] = lambda: False,
    small: int = SMALL,
) -> Result:
    """Solve a problem of any number of days.

    One that cannot be taken apart is given to ``optimizer.solve.solve`` as it is. Otherwise up to ``params.workers``
    parts are solved at the same time, each in a process of its own (with one worker one after another, in this one,
    the same every time), and ``params.time_limit`` is that of all parts together; where processes first have to compile
    their kernels, that time is not counted. Cancelled, those in work answer with what they have, the others keep their
    promises.

    ``statistics`` of the result have ``parts`` (requests, duties, status, seconds of each, in the order of the duties)
    and, where a process died twice on a part, ``lost``: that part has no plan of its own, and its bounds are trivial.

    Parameters
    ----------
    small
        See ``split``.

    Raises
    ------
    UnsoundSolution
        Where the checker refuses a plan: a defect, never an answer.
    InvalidValue
        Where the matrix lacks a place.
    """
    begun = time.perf_counter()
    parts = split(instance, travel, small=small)
    if len(parts) == 1:
        return solve(instance, travel, _left(params, begun), observer=observer, is_cancelled=is_cancelled)
    statistics = Statistics(params, observer)
    statistics.phase("parts")
    reserve = _AFTER + _PER_REQUEST * len(instance.requests)
    limited = _left(params, begun, reserve)
    processes = min(params.workers, len(parts))
    if processes == 1:
        lost: list[Lost] = []
        results = _one_by_one(parts, limited, observer, is_cancelled)
    else:
        team = Team(parts, limited, processes=processes, observer=observer, is_cancelled=is_cancelled)
        team.run()
        results = [_answer(team, part, k, limited) for k, part in enumerate(parts)]
        lost = team.lost
    statistics.phase("check")
    merged = merge(instance, travel, parts, results, {})
    statistics.count(**_sums(results))
    told = {**statistics.told(), "processes": processes, "parts": [*map(_told, parts, results)]}
    if lost:
        told["lost"] = [_told_lost(parts[each.part], each) for each in lost]
    return replace(merged, statistics=told)


def _answer(team: Team, part: Part, number: int, params: SolveParams) -> Result:
    """Return the answer of a part; where it has none, its promises, unless kernels would have to be compiled for that.

    They are in their cache once any process had loaded them; where none did, whoever cancelled must not wait for it.
    """
    known = team.results.get(number)
    if known is not None:
        return known
    try:
        with from_cache_only():
            return or_promises(part.instance, part.travel, UNANSWERED, params)
    except Cold:
        return UNANSWERED


def _one_by_one(
    parts: Sequence[Part], params: SolveParams, observer: Observer, is_cancelled: Callable[[], bool]
) -> list[Result]:
    begun = time.perf_counter()
    weights = [weight_of(part) for part in parts]
    order = turns(weights, is_limited=params.time_limit is not None)
    results: dict[int, Result] = {}
    for turn, number in enumerate(order):
        part, left = parts[number], None
        if params.time_limit is not None:
            remaining = params.time_limit - (time.perf_counter() - begun)
            left = max(0.05, share(max(0.0, remaining), [weights[each] for each in order[turn:]], (), 1))
        own = replace(params, time_limit=left)
        result = UNANSWERED
        if not is_cancelled():
            result = solve(part.instance, part.travel, own, observer=observer, is_cancelled=is_cancelled)
        results[number] = or_promises(part.instance, part.travel, result, own)
    return [results[number] for number in range(len(parts))]


def _left(params: SolveParams, begun: float, reserve: float = 0.0) -> SolveParams:
    """Return the parameters with what is left of the time limit, less what is set aside."""
    if params.time_limit is None:
        return params
    left = params.time_limit - (time.perf_counter() - begun)
    return replace(params, time_limit=max(0.05, 0.6 * left, left - reserve))


def _told(part: Part, result: Result) -> dict[str, object]:
    seconds = result.statistics.get("seconds")
    return {
        "requests": part.pool,
        "duties": len(part.instance.duties),
        "status": result.status.value,
        "seconds": seconds.get("total") if isinstance(seconds, dict) else None,
    }


def _told_lost(part: Part, lost: Lost) -> dict[str, object]:
    return {"part": lost.part + 1, "cause": lost.cause, "duties": [duty.id for duty in part.instance.duties]}


def _sums(results: Sequence[Result]) -> dict[str, int]:
    sums = dict.fromkeys(_SUMMED, 0)
    for result in results:
        for name in _SUMMED:
            figure = result.statistics.get(name)
            sums[name] += figure if isinstance(figure, int) else 0
    return sums
