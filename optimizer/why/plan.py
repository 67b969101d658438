"""The plan that is asked about, laid out once, and how another plan compares with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from optimizer.answer import Difference, Move, Witness
from optimizer.errors import InvalidValue
from optimizer.granted.edits import parted
from optimizer.model import CostTerms, DutyId, Instance, InstanceIndex, RequestId, Rule, Solution, Tour
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import check_changed, check_view, hard
from optimizer.verify.objective import terms_of
from optimizer.verify.view import View
from optimizer.why.opened import without_budgets


class Planned:
    """A plan without fault, joined with its problem.

    Parameters
    ----------
    instance, travel, solution
        The plan may leave requests out even where all must be served; else it breaks no rule.

    Raises
    ------
    InvalidValue
        Where the plan breaks a rule, or the matrix lacks a place.
    """

    def __init__(self, instance: Instance, travel: TravelMatrix, solution: Solution) -> None:
        self.instance = instance
        self.travel = travel
        self.solution = solution
        self.view = View(instance, travel, solution)
        self.index: InstanceIndex = self.view.index
        broken = [str(v) for v in hard(check_view(self.view)) if v.rule is not Rule.SERVE_ALL]
        if broken:
            raise InvalidValue("plan", "one that breaks no rule", broken, "Check the result against its file first.")
        self.terms = terms_of(self.view)
        self.tours: dict[DutyId, Tour] = {tour.duty: tour for tour in solution.tours}
        self.duty_of: dict[RequestId, DutyId] = solution.duty_by_request
        self.riders: dict[DutyId, tuple[RequestId, ...]] = {
            duty: tuple(r for r in sorted(tour.requests) if r not in self.index.committed_duty)
            for duty, tour in self.tours.items()
        }
        """Pool requests on each used duty."""
        self.unit_of: dict[RequestId, tuple[RequestId, ...]] = {m: unit for unit in self.index.units for m in unit}
        self._pair_views: dict[tuple[RequestId, ...], View] = {}
        self.order: dict[DutyId, int] = {duty.id: number for number, duty in enumerate(instance.duties)}

    def pair_view(self, request: RequestId) -> View:
        """Return the view in which ``request`` and a duty are judged: without what speaks of the plan as a whole.

        Who must leave for the pair stays unserved there, and the rest of the request's bundle is left out; so neither
        that all are served, nor that little changes, nor that the bundle is whole, nor how many a ZAB takes is asked.
        """
        unit = self.unit_of[request] if len(self.unit_of[request]) > 1 else ()
        if unit not in self._pair_views:
            bare = replace(without_budgets(parted(self.instance, unit)), serve_all=False, change_budget=None)
            self._pair_views[unit] = View(bare, self.travel, self.solution)
        return self._pair_views[unit]

    def pool_request(self, request: RequestId) -> RequestId:
        """Return the id of a request of the pool.

        Raises
        ------
        InvalidValue
            Where there is none of this id, or it is promised.
        """
        if request not in self.unit_of:
            expected = "a request of the pool"
            if request in self.index.committed_duty:
                raise InvalidValue("request", f"{expected}, not a promised one", request, "What is promised stays.")
            raise InvalidValue("request", expected, request, "Check the id.")
        return request

    def known_duty(self, duty: DutyId) -> DutyId:
        """Return the id of a duty; raises ``InvalidValue`` where there is none."""
        if duty not in self.index.duty:
            raise InvalidValue("duty", "a duty of the day", duty, "Check the id.")
        return duty

    def in_order(self, tours: Iterable[Tour]) -> Solution:
        """Return the plan of these tours, in the order of the duties."""
        return Solution(tours=tuple(sorted(tours, key=lambda tour: self.order[tour.duty])))

    def broken(self, other: Solution, view: View | None = None) -> tuple[Rule, ...]:
        """Return the rules that the checker finds broken in another plan, each once, in the order of ``Rule``.

        Tours that are those of the plan, the same objects, are known to break none.
        """
        before = view or self.view
        found = hard(check_changed(before.of(other), before))
        return tuple(dict.fromkeys(violation.rule for violation in found))

    def terms_of(self, other: Solution) -> CostTerms:
        """Return the terms of another plan as the checker computes them."""
        return terms_of(self.view.of(other))

    def price(self, other: Solution) -> tuple[Difference, ...]:
        """Return each stage of the plan and of another one."""
        return differences(self.instance, self.terms, self.terms_of(other))

    def witness(self, other: Solution) -> Witness:
        """Return another plan by what differs."""
        after = {tour.duty for tour in other.tours}
        return Witness(
            tours=tuple(tour for tour in other.tours if self.tours.get(tour.duty) != tour),
            emptied=tuple(duty for duty in self.tours if duty not in after),
        )

    def moves(self, other: Solution) -> tuple[Move, ...]:
        """Return who rides on another duty in another plan, or on one side only; in the order of the instance."""
        after = other.duty_by_request
        return tuple(
            Move(request=request.id, before=self.duty_of.get(request.id), after=after.get(request.id))
            for request in self.index.pool
            if self.duty_of.get(request.id) != after.get(request.id)
        )


def differences(instance: Instance, before: CostTerms, after: CostTerms) -> tuple[Difference, ...]:
    """Return the stages of two plans, in the order of the instance."""
    return tuple(Difference(stage=s, before=before.value(s), after=after.value(s)) for s in instance.stages)


def is_worse(price: Iterable[Difference]) -> bool:
    """Whether the other plan is worse: in the first stage that differs."""
    return next((each.is_worse for each in price if each.before != each.after), False)


def rank(price: Iterable[Difference]) -> tuple[int, ...]:
    """Return a key by which other plans of the same day are ordered, the best first."""
    return tuple(-each.after if each.stage.is_maximised else each.after for each in price)
