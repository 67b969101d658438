"""The second step of a run: a stored problem is solved. For workers only; knows no database.

Reads nothing but what the run has stored, so that it can be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from api.db.tables import RunKind
from api.services.insertion import insert
from optimizer.days.recipe import solve_days
from optimizer.model import Assignment, Commitment, Instance, InstanceIndex, RequestId
from optimizer.params import SolveParams
from optimizer.result import Result
from optimizer.rolling import stops_of
from optimizer.search.observer import Observer
from optimizer.solve import solve
from optimizer.travel import TravelMatrix

_ALTERNATIVES = 0.2
"""Share of the time limit that looking for other places of each new proposal may take at most."""
_MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The answer of a run, and for each request that was placed the other places where it would fit.

    ``is_plan`` is false where the search ended before there was any plan: then nothing is to be changed.
    """

    result: Result
    alternatives: Mapping[RequestId, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def is_plan(self) -> bool:
        """Whether there is a plan that the checker found no fault with."""
        return self.result.objective is not None


def params_of(stored: Mapping[str, Any]) -> SolveParams:
    """Return the knobs that a run stores."""
    known = {each.name for each in fields(SolveParams)}
    return SolveParams(**{name: value for name, value in stored.items() if name in known})


def match(
    kind: RunKind,
    instance: Instance,
    travel: TravelMatrix,
    stored: Mapping[str, Any],
    *,
    observer: Observer,
    is_cancelled: Callable[[], bool],
) -> Matched:
    """Solve the problem of a run.

    Parameters
    ----------
    kind
        A continuous match keeps everything as it stands and puts the few new ones in; others plan the days anew.
    stored
        ``Run.solve_params``: the knobs, and the requests that are ``offered``.
    """
    params = params_of(stored)
    if kind is RunKind.CONTINUOUS:
        offered = frozenset(stored.get("offered", ()))
        return _few(instance, travel, params, offered, observer=observer, is_cancelled=is_cancelled)
    begun = time.perf_counter()
    limit = params.time_limit
    aside = 0.0 if limit is None else min(_MOST_SECONDS, _ALTERNATIVES * limit)
    searched = params if limit is None else replace(params, time_limit=limit - aside)
    result = solve_days(instance, travel, searched, observer=observer, is_cancelled=is_cancelled)
    until = begun + (limit if limit is not None else _MOST_SECONDS)
    told = _alternatives(instance, travel, result, lambda: is_cancelled() or time.perf_counter() > until)
    return Matched(result=result, alternatives=told)


def _few(
    instance: Instance,
    travel: TravelMatrix,
    params: SolveParams,
    offered: frozenset[RequestId],
    *,
    observer: Observer,
    is_cancelled: Callable[[], bool],
) -> Matched:
    begun = time.perf_counter()
    units = InstanceIndex(instance).units
    if not units:
        return Matched(result=solve(instance, travel, params, observer=observer, is_cancelled=is_cancelled))
    places: Mapping[RequestId, list[dict[str, Any]]]
    if len(units) == 1:
        observer.phase("insertion")
        result, found = insert(instance, travel, units[0][0], params)
        places = dict.fromkeys(units[0], found)
    else:
        result = solve(instance, travel, params, observer=observer, is_cancelled=is_cancelled)
        places = _alternatives(instance, travel, result, is_cancelled)
    limit = params.time_limit
    left = None if limit is None else limit - (time.perf_counter() - begun)
    riding = offered & InstanceIndex(instance).committed_duty.keys()
    if not result.unserved or not riding or is_cancelled() or (left is not None and left < 1.0):
        return Matched(result=result, alternatives=places)
    # Nobody loses an offer here; but at other times of theirs there may be room for one more.
    loosened = with_offers_loose(instance, riding)
    other = solve(
        loosened, travel, replace(params, time_limit=left), observer=observer, is_cancelled=is_cancelled
    )  # fmt: skip
    if _placed(instance, other) <= _placed(instance, result):
        return Matched(result=result, alternatives=places)
    reasons = {each.request: each for each in result.unserved}
    unserved = tuple(reasons.get(each.request, each) for each in other.unserved)
    return Matched(result=replace(other, unserved=unserved), alternatives=places)


def with_offers_loose(instance: Instance, offered: frozenset[RequestId]) -> Instance:
    """Return the problem in which unanswered offers keep their duty, not their times."""
    published = tuple(
        Assignment(request=promise.request, duty=commitment.duty)
        for commitment in instance.commitments
        for promise in {p.request: p for p in commitment.promises if p.request in offered}.values()
    )
    commitments = tuple(
        Commitment(duty=c.duty, promises=kept, tolerance=c.tolerance, frozen=c.frozen)
        for c in instance.commitments
        if (kept := tuple(p for p in c.promises if p.request not in offered))
    )
    return replace(instance, commitments=commitments, published=published, change_budget=0)


def _placed(instance: Instance, result: Result) -> int:
    """Return the weight of the new requests that a plan carries; -1 where there is no plan."""
    if result.objective is None:
        return -1
    index = InstanceIndex(instance)
    return sum(index.unit_weight(unit) for unit in index.units if set(unit) <= result.solution.served)


def _alternatives(
    instance: Instance, travel: TravelMatrix, result: Result, is_over: Callable[[], bool]
) -> dict[RequestId, list[dict[str, Any]]]:
    """Return for each new request of the plan where else it would fit, everybody else as planned.

    As many as there is time for: what is not looked for is not told.
    """
    if result.objective is None:
        return {}
    kept = {assignment.request: assignment.duty for assignment in instance.published}
    index = InstanceIndex(instance)
    carried = result.solution.duty_by_request
    told: dict[RequestId, list[dict[str, Any]]] = {}
    stops = stops_of(result.solution)
    for unit in index.units:
        if is_over():
            break
        if not set(unit) <= carried.keys() or all(kept.get(member) == carried[member] for member in unit):
            continue
        others = _promised(instance, stops, frozenset(unit))
        found, places = insert(others, travel, unit[0], SolveParams(workers=1))
        if found.objective is not None:
            told |= dict.fromkeys(unit, places)
    return told


def _promised(instance: Instance, stops: Mapping[str, Any], unit: frozenset[RequestId]) -> Instance:
    """Return the problem of placing ``unit`` with everybody else of a plan promised."""
    tours = {duty: tuple(p for p in tour if p.request not in unit) for duty, tour in stops.items()}
    riding = {promise.request for tour in tours.values() for promise in tour}
    frozen = {c.duty for c in instance.commitments if c.frozen}
    return replace(
        instance,
        requests=tuple(
            replace(r, bundle=None) if r.id in riding else r
            for r in instance.requests
            if r.id in riding or r.id in unit
        ),
        commitments=tuple(
            Commitment(duty=duty, promises=tour, frozen=duty in frozen) for duty, tour in tours.items() if tour
        ),
        published=(),
        change_budget=None,
    )
