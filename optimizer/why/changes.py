"""What has changed against the plan before, each with one reason that the plan of today bears out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from optimizer.answer import Cause, Change, Difference, Verdict
from optimizer.explain.displacement import fewest_displaced
from optimizer.model import MINUTE, DutyId, Instance, Promise, RequestId, Rule, Solution, VisitKind
from optimizer.travel.matrix import TravelMatrix
from optimizer.why import texts_choice as texts
from optimizer.why.choice import Choices
from optimizer.why.pair import Pairs
from optimizer.why.plan import Planned, differences

Stops = Mapping[DutyId, Sequence[Promise]]
"""The stops of an earlier plan (``rolling.stops_of``, ``io.result_file.read_stops``)."""


def changes(
    instance: Instance,
    travel: TravelMatrix,
    before: Stops,
    solution: Solution,
    *,
    known: Collection[RequestId] | None = None,
    strict: bool = False,
) -> tuple[Change, ...]:
    """Return who rides otherwise than in an earlier plan, and why.

    Parameters
    ----------
    instance, solution
        The day as it is now, and its plan, without fault.
    before
        The earlier plan; it may tell of requests and duties that are gone.
    known
        Requests that the earlier day had; ``None``: not known, so that nobody is told to be new.
    strict
        As for ``why_not``.

    Returns
    -------
    tuple of Change
        In the order of the day's requests; those that are gone last. Times of a tour count from a minute on.

    Raises
    ------
    InvalidValue
        Where the plan of today breaks a rule.
    UnsoundSolution
        With ``strict``, where an answer would be told that the checker does not confirm.
    """
    return tuple(_Changes(Planned(instance, travel, solution), before, known, strict=strict).all())


class _Changes:
    """Compares two plans and finds a reason for each difference."""

    def __init__(self, planned: Planned, before: Stops, known: Collection[RequestId] | None, *, strict: bool) -> None:
        self._planned = planned
        self._known = known
        self._pairs = Pairs(planned, strict=strict)
        self._choices = Choices(planned, strict=strict)
        self._before = {stop.request: duty for duty, stops in before.items() for stop in stops}
        self._starts = {
            stop.request: stop.start for stops in before.values() for stop in stops if stop.kind is VisitKind.PICKUP
        }

    def all(self) -> Iterator[Change]:
        """Yield every change."""
        planned = self._planned
        for request in planned.instance.requests:
            old, new = self._before.get(request.id), planned.duty_of.get(request.id)
            if old != new:
                yield self._moved(request.id, old, new)
            elif new is not None:
                yield from self._retimed(request.id, new)
        for request_id, old in self._before.items():
            if request_id not in planned.index.request:
                yield self._change(request_id, old, None, Cause.GONE)

    def _moved(self, request: RequestId, old: DutyId | None, new: DutyId | None) -> Change:
        planned = self._planned
        if request in planned.index.committed_duty:
            return self._change(request, old, new, Cause.PROMISED)
        if old is None:
            return self._taken_up(request, new)
        if old not in planned.index.duty:
            return self._change(request, old, new, Cause.DUTY_GONE)
        answer = self._pairs.answer(request, old)
        match answer.verdict:
            case Verdict.STATIC | Verdict.TOUR | Verdict.PLAN:
                return self._change(request, old, new, Cause.RULE, rule=answer.rules[0])
            case Verdict.DISPLACES | Verdict.SWAPS:
                return self._change(request, old, new, Cause.MADE_ROOM, others=answer.displaced)
            case Verdict.COSTS:
                return self._change(request, old, new, Cause.BETTER, price=answer.price)
            case Verdict.FITS:
                return self._change(request, old, new, Cause.NO_WORSE)
        return self._change(request, old, new, Cause.UNKNOWN)

    def _taken_up(self, request: RequestId, new: DutyId | None) -> Change:
        """Tell why a request rides that did not: it is new, somebody left, or the plan is simply better."""
        planned = self._planned
        if self._known is not None and request not in self._known:
            return self._change(request, None, new, Cause.NEW)
        if new is None:
            return self._change(request, None, new, Cause.UNKNOWN)
        left = [
            other
            for other, duty in self._before.items()
            if duty == new and planned.duty_of.get(other) != new and other in planned.unit_of
        ]
        gone = tuple(
            other for other, duty in self._before.items() if duty == new and other not in planned.index.request
        )
        riders = [rider for rider in planned.riders[new] if rider != request]
        if left and fewest_displaced(planned.index, planned.travel, request, new, [*riders, *left]) != ():
            return self._change(request, None, new, Cause.TOOK_ROOM, others=tuple(left))
        if gone:
            return self._change(request, None, new, Cause.TOOK_ROOM, others=gone)
        without = self._choices.without(request)
        if without is None:
            return self._change(request, None, new, Cause.UNKNOWN)
        price = differences(planned.instance, planned.terms, planned.terms_of(without))
        first = next((each for each in price if each.before != each.after), None)
        is_better = first is not None and first.is_worse
        return self._change(request, None, new, Cause.BETTER if is_better else Cause.NO_WORSE, price=price)

    def _retimed(self, request: RequestId, duty: DutyId) -> Iterator[Change]:
        planned = self._planned
        start = next(v.start for v in planned.tours[duty].visits if v.request == request and v.kind is VisitKind.PICKUP)
        later = start - self._starts.get(request, start)
        if abs(later) >= MINUTE:
            then = {other for other, on in self._before.items() if on == duty}
            others = tuple(sorted(then ^ planned.tours[duty].requests))
            minutes = -(-abs(later) // MINUTE) * (1 if later > 0 else -1)
            yield self._change(request, duty, duty, Cause.TIMES, others=others, minutes=minutes)

    def _change(
        self,
        request: RequestId,
        before: DutyId | None,
        after: DutyId | None,
        cause: Cause,
        *,
        rule: Rule | None = None,
        others: tuple[RequestId, ...] = (),
        price: tuple[Difference, ...] = (),
        minutes: int = 0,
    ) -> Change:
        told = texts.changed(cause, before=before, after=after, rule=rule, others=others, price=price, minutes=minutes)
        return Change(
            request=request,
            before=before,
            after=after,
            cause=cause,
            texts=told,
            rule=rule,
            others=others,
            price=price,
            minutes=minutes,
        )
