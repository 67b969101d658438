"""Why requests stay unserved: for each ZAB the duty that comes nearest, and the first rule that blocks there."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.explain.blocks import Block, Blocks
from optimizer.explain.finding import Finding
from optimizer.explain.plan import PlanFindings
from optimizer.explain.static import static_finding, static_rule
from optimizer.explain.tour import TourFindings
from optimizer.explain.trials import Trials, subproblem
from optimizer.model import DutyId, InstanceIndex, Request, RequestId, Rule, Solution, ZabId
from optimizer.result import Reason, Unserved
from optimizer.travel.matrix import TravelMatrix

_AT_A_TIME = 200
"""Requests judged together: what is alike is judged once, and yet a stop finds reasons told for those before."""


def unserved_reasons(
    index: InstanceIndex,
    travel: TravelMatrix,
    solution: Solution,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Unserved, ...]:
    """Return why each request of the pool that ``solution`` leaves out is left out.

    Parameters
    ----------
    solution
        A plan without fault; with an empty one every request is judged as if all duties were free.
    should_stop
        Asked before each request; from the first yes on, requests get no reasons.

    Returns
    -------
    tuple of Unserved
        In the order of the instance, each with one reason for each ZAB that has a duty, the nearest to fitting first:
        would have to displace others, then blocked along the tour, then blocked whatever the tour. No reasons where
        there is no duty at all.
    """
    served = solution.served
    left_out = [request for request in index.pool if request.id not in served]
    if not left_out or not index.instance.duties:
        return tuple(Unserved(request=request.id, reasons=()) for request in left_out)
    told: list[Unserved] = []
    for begin in range(0, len(left_out), _AT_A_TIME):
        told += _judged(index, travel, solution, left_out[begin : begin + _AT_A_TIME], should_stop)
    return tuple(told)


def _judged(
    index: InstanceIndex,
    travel: TravelMatrix,
    solution: Solution,
    requests: list[Request],
    should_stop: Callable[[], bool],
) -> list[Unserved]:
    told: list[Unserved] = []
    try:
        if should_stop():
            raise _TooLateError
        judge = Judge(index, travel, solution, requests, should_stop)
        for request in requests:
            if should_stop():
                break
            told.append(Unserved(request=request.id, reasons=judge.reasons(request)))
    except _TooLateError:
        pass
    return told + [Unserved(request=request.id, reasons=()) for request in requests[len(told) :]]


class _TooLateError(Exception):
    """It was time to stop before the first reason was found."""


class Judge:
    """Judges requests that a plan leaves out; what is alike is judged once."""

    def __init__(
        self,
        index: InstanceIndex,
        travel: TravelMatrix,
        solution: Solution,
        left_out: list[Request],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._should_stop = should_stop
        self._index = index
        duties = [duty.id for duty in index.instance.duties]
        pool = [request.id for request in left_out]
        self._duties: dict[ZabId, list[DutyId]] = {}
        for duty in duties:
            self._duties.setdefault(index.duty_zab(duty), []).append(duty)
        self._alone = Trials(subproblem(index, pool, duties), travel, {})
        self._alike = self._alone.duties_alike()
        # Only what no duty of a ZAB can carry is asked with rules lifted, and one duty of each kind.
        pending = {(r.id, zab) for r in left_out for zab in self._duties if self._is_pending(r, zab)}
        zabs = {zab for _, zab in pending}
        kinds = dict.fromkeys(self._alike[d] for d in duties if d in self._alike and index.duty_zab(d) in zabs)
        asked = {request for request, _ in pending}
        self.blocks = Blocks(index, travel, [request for request in pool if request in asked], list(kinds))
        self._tours = TourFindings(index, travel, self.blocks)
        self._plan = PlanFindings(index, travel, solution, self._is_carriable)

    def reasons(self, request: Request) -> tuple[Reason, ...]:
        """Return one reason for each ZAB, the nearest first."""
        findings = [(zab, self._nearest(request, zab)) for zab in self._duties]
        return tuple(finding.reason(zab) for zab, finding in sorted(findings, key=lambda pair: pair[1].rank))

    def _nearest(self, request: Request, zab: ZabId) -> Finding:
        fitting = self._fitting(request, zab)
        if fitting:
            return self._plan.finding(request, fitting)
        rules: dict[DutyId, Rule | None] = {d: static_rule(self._index, request, d) for d in self._duties[zab]}
        blocks: dict[DutyId, Block] = {}
        for duty in dict.fromkeys(self._alike[d] for d, rule in rules.items() if rule is None):
            blocks[duty] = self.blocks.of(request.id, duty)
        if blocks:
            duty = min(blocks, key=lambda d: blocks[d].rank)
            return self._tours.finding(request, duty, blocks[duty])
        static = [static_finding(self._index, request, d, rule) for d, rule in rules.items() if rule is not None]
        return min(static, key=lambda finding: finding.rank)

    def _fitting(self, request: Request, zab: ZabId) -> list[DutyId]:
        return [duty for duty in self._duties[zab] if self._alone.fits(request.id, duty)]

    def _is_pending(self, request: Request, zab: ZabId) -> bool:
        if self._should_stop():
            raise _TooLateError
        return not self._fitting(request, zab) and any(
            static_rule(self._index, request, duty) is None for duty in self._duties[zab]
        )

    def _is_carriable(self, request: RequestId) -> bool:
        return any(self._alone.fits(request, duty.id) for duty in self._index.instance.duties)
