"""Why there: what a request adds to the plan, where it would ride next best, and who would move without the pair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from optimizer.answer import Move, OnBoard, WhyNot, WhyThis
from optimizer.errors import InvalidValue, UnsoundSolution
from optimizer.explain.trials import Trials, subproblem
from optimizer.granted.edits import with_request
from optimizer.model import Assignment, DutyId, Instance, RequestId, Seconds, Solution, Stage, Tour, VisitKind
from optimizer.travel.matrix import TravelMatrix
from optimizer.why import texts_choice as texts
from optimizer.why.around import Around
from optimizer.why.pair import Pairs
from optimizer.why.plan import Planned, differences, rank

_NEAR = 3
"""Next best duties that may change where the pair is forbidden, and requests left out that may take the place."""


def why_this(
    instance: Instance, travel: TravelMatrix, solution: Solution, request: RequestId, *, strict: bool = False
) -> WhyThis:
    """Return why ``request`` rides where the plan has it.

    Parameters
    ----------
    solution
        A plan without fault that carries the request.
    strict
        As for ``why_not``.

    Raises
    ------
    InvalidValue
        Where there is no such request in the pool, the plan leaves it out, or breaks a rule.
    UnsoundSolution
        With ``strict``, where the checker refuses a plan that would be told: a defect.
    """
    return Choices(Planned(instance, travel, solution), strict=strict).of(request)


class Choices:
    """Answers for requests that one plan carries; see ``why_this``."""

    def __init__(self, planned: Planned, *, strict: bool = False) -> None:
        self._planned = planned
        self._around = Around(planned)
        self._pairs = Pairs(planned, strict=strict)
        self._strict = strict

    def of(self, request: RequestId) -> WhyThis:
        """Return why ``request`` rides where it does."""
        planned = self._planned
        if planned.pool_request(request) not in planned.duty_of:
            raise InvalidValue(f"request {request}", "one that the plan carries", "left out", "Ask why not.")
        duty = planned.duty_of[request]
        others = self._possible(request, duty)
        without = self.without(request)
        terms = () if without is None else differences(planned.instance, planned.terms_of(without), planned.terms)
        on_board = () if without is None else _on_board(planned.tours[duty], without, request)
        next_best = others[0] if others else None
        around, instead = self._forbidden(request, duty, [each.duty for each in others[:_NEAR]])
        moves = () if instead is None else _own_first(planned.moves(instead), request)
        return WhyThis(
            request=request,
            duty=duty,
            zab=planned.index.duty_zab(duty),
            terms=terms,
            next_best=next_best,
            on_board=on_board,
            forbidden=moves,
            forbidden_price=() if instead is None else planned.price(instead),
            forbidden_witness=None if instead is None else planned.witness(instead),
            around=around,
            texts=texts.chosen(duty, terms),
            details=(texts.next_best(next_best), texts.on_board(on_board), texts.forbidden(moves)),
        )

    def without(self, request: RequestId) -> Solution | None:
        """Return the best plan without the request and its bundle, only their own duties planned anew.

        ``None`` where the others cannot all ride on without it (driving times that are not metric).
        """
        planned = self._planned
        unit = frozenset(planned.unit_of[request])
        part = self._around.part({planned.duty_of[member] for member in unit}, (), but=unit)
        found = self._around.planned_anew(part, first=(Stage.SERVED,))
        if found is None or found.served != planned.solution.served - unit:
            return None
        return found if self._confirmed(found, "without it") else None

    def _possible(self, request: RequestId, duty: DutyId) -> list[WhyNot]:
        """Return the answers for the other duties that could take the request, the best first."""
        planned = self._planned
        duties = [other for other in planned.order if other != duty]
        alone = Trials(subproblem(planned.index, [request], duties), planned.travel, {})
        fitting = [other for other in self._around.distinct(request, duties, alone) if alone.fits(request, other)]
        found = [self._pairs.priced(request, other) for other in fitting]
        return sorted((each for each in found if each.price), key=lambda each: rank(each.price))

    def _forbidden(
        self, request: RequestId, duty: DutyId, near: list[DutyId]
    ) -> tuple[tuple[DutyId, ...], Solution | None]:
        """Return the plan in which the pair is forbidden, as many carried and as few moved as can be."""
        planned = self._planned
        free = [each for each in near if not self._around.conflicts(each)]
        part = self._around.part({duty, *free}, self._waiting(duty))

        def barred(instance: Instance) -> Instance:
            asked = next(r for r in instance.requests if r.id == request)
            return with_request(instance, request, barred_duties=asked.barred_duties | {duty}, pin=None)

        def kept(instance: Instance) -> Instance:
            known = {r.id for r in instance.requests}
            now = tuple(
                Assignment(request=r, duty=d) for r, d in sorted(planned.duty_of.items()) if r in known and r != request
            )
            return replace(barred(instance), published=now, change_budget=None)

        around = tuple(sorted(part.duties, key=planned.order.__getitem__))
        for change, first in ((kept, (Stage.PINNED, Stage.SERVED, Stage.CHANGES)), (barred, ())):
            found = self._around.planned_anew(part, change=change, first=first)
            if found is not None and not planned.broken(found):
                return around, found
        return around, None

    def _waiting(self, duty: DutyId) -> list[RequestId]:
        """Return some that are left out and would fit on a duty alone: one of them may take the place."""
        planned = self._planned
        left = [request for request in planned.index.pool if request.id not in planned.duty_of and not request.bundle]
        if not left:
            return []
        trials = Trials(subproblem(planned.index, [request.id for request in left], [duty]), planned.travel, {})
        left.sort(key=lambda request: -planned.index.unit_weight((request.id,)))
        return [request.id for request in left if trials.fits(request.id, duty)][:_NEAR]

    def _confirmed(self, found: Solution, what: str) -> bool:
        broken = self._planned.broken(found)
        wrong = [rule for rule in broken if rule.value not in ("serve_all", "change_budget")]
        if wrong and self._strict:
            raise UnsoundSolution([f"the plan {what}: {list(broken)} broken"])
        return not wrong


def _own_first(moves: Iterable[Move], request: RequestId) -> tuple[Move, ...]:
    return tuple(sorted(moves, key=lambda move: move.request != request))


def _on_board(tour: Tour, without: Solution, request: RequestId) -> tuple[OnBoard, ...]:
    """Return the time on board of all others on a tour, with the request and without it."""
    now = seconds_on_board(tour)
    then = next((seconds_on_board(other) for other in without.tours if other.duty == tour.duty), {})
    return tuple(
        OnBoard(request=other, without=then[other], with_it=now[other])
        for other in sorted(now)
        if other != request and other in then
    )


def seconds_on_board(tour: Tour) -> dict[RequestId, Seconds]:
    """Return the seconds from the end of service at the pick-up to its begin at the hand-over, by request."""
    leave = {v.request: v.departure for v in tour.visits if v.kind is VisitKind.PICKUP}
    return {
        v.request: v.start - leave[v.request]
        for v in tour.visits
        if v.kind is VisitKind.DELIVERY and v.request is not None
    }
