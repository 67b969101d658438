"""What a peer's plan is worth: its violations by our own checker, and what is left once they are repaired.

The fair comparison with a plan that keeps every rule is the *legal* rest of the other plan: requests are taken off it,
as few in weight as can be found tour by tour, until the checker is content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice

from benchmarks.peers_timetable import Route, Stop, Timetabler
from optimizer.io.problem import Problem
from optimizer.model import RULEBOOK, CostTerms, DutyId, RequestId, Rule, Scope, Solution, Tour, VisitKind
from optimizer.verify.check import CHECKERS, check, hard
from optimizer.verify.objective import objective
from optimizer.verify.view import View
from optimizer.verify.violation import Violation

_TRIALS = 400
"""Subsets of one tour's requests that are tried before they are taken off one by one."""
_TOUR_RULES = [rule for rule in Rule if RULEBOOK[rule].scope is not Scope.PLAN]
_RESOURCES = (Rule.VEHICLE_DOUBLED, Rule.CREW_DOUBLED, Rule.REST_BETWEEN_SHIFTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A plan as it came (``told``, ``violations`` by rule) and its legal rest; ``None`` where none was found."""

    told: CostTerms
    violations: dict[Rule, int]
    plan: Solution
    legal: CostTerms | None
    legal_plan: Solution | None

    @property
    def broken(self) -> int:
        """Number of violations."""
        return sum(self.violations.values())


class Judge:
    """Judges routes and plans of one instance."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._view = View(problem.instance, problem.travel, Solution())
        self._index = self._view.index
        self._weight = {member: self._index.unit_weight(unit) for unit in self._index.units for member in unit}

    @cached_property
    def _timetabler(self) -> Timetabler:
        return Timetabler(self.problem)

    def judge(self, routes: Iterable[Route]) -> Verdict:
        """Give every route its best timetable, count what is broken, then repair."""
        routes = [route for route in routes if route.stops]
        return self._verdict(Solution(tours=tuple(self._tour(route) for route in routes)), routes)

    def judge_plan(self, plan: Solution) -> Verdict:
        """Judge a plan that brings its own timetable."""
        return self._verdict(plan, [_route(tour) for tour in plan.tours])

    def _verdict(self, plan: Solution, routes: list[Route]) -> Verdict:
        instance, travel = self.problem.instance, self.problem.travel
        told = objective(instance, travel, plan)
        violations = hard(check(instance, travel, plan))
        if not violations:
            return Verdict(told=told, violations={}, plan=plan, legal=told, legal_plan=plan)
        # Where all must be served, nobody can be taken off.
        rest = None if instance.serve_all else self._repaired(routes)
        return Verdict(
            told=told,
            violations=dict(sorted(Counter(violation.rule for violation in violations).items())),
            plan=plan,
            legal=None if rest is None else objective(instance, travel, rest),
            legal_plan=rest,
        )

    # --- one tour -----------------------------------------------------------------------------------------------------

    def _faults(self, tour: Tour) -> list[Violation]:
        """Violations of a tour by itself."""
        view = self._view.of(Solution(tours=(tour,)))
        return [v for v in hard(v for rule in _TOUR_RULES for v in CHECKERS[rule](view)) if v.duty == tour.duty]

    def _tour(self, route: Route) -> Tour:
        """The timetable that breaks least."""
        legal = self._timetabler.legal(route)
        if legal is not None:
            return legal
        return min(self._timetabler.candidates(route), key=lambda tour: len(self._faults(tour)))

    def _legal(self, route: Route) -> Tour | None:
        tour = self._timetabler.legal(route)
        return None if tour is None or self._faults(tour) else tour

    def _repair(self, route: Route) -> Tour | None:
        """Return the tour that is left when as little weight as found is taken off; ``None`` for no tour at all."""
        whole = self._legal(route)
        if whole is not None:
            return whole
        pool = sorted({s.request for s in route.stops} & self._weight.keys(), key=lambda r: (self._weight[r], r))
        subsets = (frozenset(off) for size in (1, 2) for off in combinations(pool, size) if size < len(pool))
        for off in sorted(islice(subsets, _TRIALS), key=lambda off: sum(self._weight[r] for r in off)):
            tour = self._legal(route.without(off))
            if tour is not None:
                return tour
        while pool:
            gone = self._worst(route, pool)
            pool.remove(gone)
            route = route.without(frozenset({gone}))
            tour = self._legal(route) if route.stops else None
            if tour is not None:
                return tour
        return self._legal(self._promises(route.duty)) if route.duty in self._index.commitment else None

    def _worst(self, route: Route, pool: list[RequestId]) -> RequestId:
        """The request named by most violations, the lightest of those."""
        named = Counter(violation.request for violation in self._faults(self._tour(route)))
        return max(pool, key=lambda request: (named[request], -self._weight[request]))

    def _promises(self, duty: DutyId) -> Route:
        promises = self._index.commitment[duty].promises
        return Route(duty=duty, stops=tuple(Stop(request=p.request, kind=p.kind, start=p.start) for p in promises))

    # --- the whole plan -----------------------------------------------------------------------------------------------

    def _repaired(self, routes: list[Route]) -> Solution | None:
        """Return a plan that the checker is content with, ``None`` where taking off does not lead to one."""
        tours: dict[DutyId, Tour] = {}
        for route in [*routes, *(self._promises(duty) for duty in self._index.commitment)]:
            tour = None if route.duty in tours else self._repair(self._own(route, tours.values()))
            if tour is not None:
                tours[route.duty] = tour
        for _ in range(len(self.problem.instance.requests) + 1):
            plan = Solution(tours=tuple(tours.values()))
            faults = hard(check(self.problem.instance, self.problem.travel, plan))
            if not faults:
                return plan
            off = set(self._halves(plan)) or set(islice(self._excess(faults, tours), 1))
            if not off:
                return None
            for duty, tour in list(tours.items()):
                if off & tour.requests:
                    left = self._repair(_route(tour).without(frozenset(off)))
                    if left is None:
                        del tours[duty]
                    else:
                        tours[duty] = left
        return None

    def _own(self, route: Route, tours: Iterable[Tour]) -> Route:
        """The route without what other tours carry already, and without what is promised on other duties."""
        elsewhere = {request for request, duty in self._index.committed_duty.items() if duty != route.duty}
        return route.without(frozenset(elsewhere.union(*(tour.requests for tour in tours))))

    def _halves(self, plan: Solution) -> Iterator[RequestId]:
        served = plan.served
        for unit in self._index.units:
            if not served.issuperset(unit):
                yield from served.intersection(unit)

    def _excess(self, faults: list[Violation], tours: dict[DutyId, Tour]) -> Iterator[RequestId]:
        """Requests to take off one at a time where duties exclude each other or a budget is passed, lightest first."""
        rules = {fault.rule for fault in faults}
        duties = {fault.duty for fault in faults if fault.duty is not None}
        if rules & set(_RESOURCES):
            vehicles = {self._index.duty[duty].vehicle for duty in duties}
            crews = {self._index.duty_crew(duty).id for duty in duties}
            duties = {
                d for d in tours if self._index.duty[d].vehicle in vehicles or self._index.duty_crew(d).id in crews
            } - self._index.commitment.keys()
        weights = {d: sum(self._weight.get(r, 0) for r in tours[d].requests) for d in duties or tours if d in tours}
        for duty in sorted(weights, key=lambda d: (weights[d], d)):
            yield from sorted(tours[duty].requests & self._weight.keys(), key=lambda r: (self._weight[r], r))


def _route(tour: Tour) -> Route:
    serving = (VisitKind.PICKUP, VisitKind.DELIVERY)
    return Route(
        duty=tour.duty,
        stops=tuple(
            Stop(request=visit.request, kind=visit.kind, start=visit.start)
            for visit in tour.visits
            if visit.request is not None and visit.kind in serving
        ),
    )
