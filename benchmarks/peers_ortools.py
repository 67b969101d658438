"""OR-Tools routing as a peer: the one open router here that can be told a ride cap.

Told: windows, drives with rests, loads, allowed duties, depots, longest span, conflicts between duties, ride caps (as
pick-up to delivery limit and as constraint), longest wait after a pick-up, who may ride together (temporal
incompatibility of visit types), breaks (an optional interval of half an hour and the longest stretch without one),
optional requests as disjunctions with their weight as penalty, a bundle as one disjunction that pays once unless all of
it is made. Not told: that breaks are made with nobody on board, waits after a hand-over, 45 minutes beyond 9 h 30.

The first plan is the better one of LOCAL_CHEAPEST_INSERTION and PARALLEL_CHEAPEST_INSERTION; guided local search goes
on from there. The router has no seed and one thread.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp as typed
from ortools.constraint_solver import routing_enums_pb2

from benchmarks.peers_day import Bools, Day
from benchmarks.peers_timetable import Route

pywrapcp: Any = typed
"""Half of its methods have no types, and parameters have the wrong ones."""

NAME = "OR-Tools routing"
PACKAGE = "ortools"

FIRST = ("LOCAL_CHEAPEST_INSERTION", "PARALLEL_CHEAPEST_INSERTION")
_ANOTHER = 0.3
"""A second first plan is built only while less than this share of the time is gone."""
_SETTING = 5_000
"""Milliseconds."""
_PROMISE = 100
"""A promise weighs as much as so many ordinary requests."""


def solve(day: Day, seconds: float, told: Callable[[int], None], *, seed: int = 0, threads: int = 1) -> list[Route]:
    """Solve for ``seconds``, the building of the model included; ``told`` hears the weight of each better plan."""
    del seed, threads
    begun = time.perf_counter()
    model = _Model(day)
    best: Any = None
    model.watch(told)
    for strategy in FIRST:
        gone = time.perf_counter() - begun
        if best is None or gone < _ANOTHER * seconds:
            found = model.first(strategy, seconds - gone)
            if found is not None and (best is None or found.ObjectiveValue() < best.ObjectiveValue()):
                best = found
    left = seconds - (time.perf_counter() - begun)
    if best is not None and left > 0:
        best = model.improve(best, left) or best
    return [] if best is None else model.routes(best)


class _Model:
    def __init__(self, day: Day) -> None:
        self._day = day
        duties = day.duties
        self._manager = pywrapcp.RoutingIndexManager(
            day.nodes, len(duties), [means.start for means in duties], [means.end for means in duties]
        )
        self._routing = pywrapcp.RoutingModel(self._manager)
        self._solver = self._routing.solver()
        self._stops = [self._manager.NodeToIndex(node) for node in range(2 * len(day.rides))]
        self._weight_unit = max(1, int(day.metres.max(initial=1))) * 20 if not day.least_cost else 1
        self._costs()
        self._time = self._times()
        self._loads()
        self._pairs()
        self._optional()
        self._apart()
        self._breaks()
        for a, b in day.conflicts:
            used = [self._routing.ActiveVehicleVar(duty) for duty in (a, b)]
            self._solver.Add(used[0] + used[1] <= 1)

    # --- what it is told ----------------------------------------------------------------------------------------------

    def _costs(self) -> None:
        transit = self._routing.RegisterTransitMatrix(self._day.metres.tolist())
        self._routing.SetArcCostEvaluatorOfAllVehicles(transit)

    def _times(self) -> Any:
        day = self._day
        away = day.seconds + np.array(day.service(), dtype=np.int64)[:, None]
        transit = self._routing.RegisterTransitMatrix(away.tolist())
        self._routing.AddDimension(transit, day.horizon, day.horizon, False, "time")
        times = self._routing.GetDimensionOrDie("time")
        for node, index in enumerate(self._stops):
            windows = sorted(day.windows(node))
            times.CumulVar(index).SetRange(windows[0][0], max(to for _, to in windows))
            for (_, until), (since, _) in pairwise(windows):
                if until + 1 <= since - 1:
                    times.CumulVar(index).RemoveInterval(until + 1, since - 1)
        for duty, means in enumerate(day.duties):
            for index in (self._routing.Start(duty), self._routing.End(duty)):
                times.CumulVar(index).SetRange(means.earliest, means.latest)
            times.SetSpanUpperBoundForVehicle(means.longest, duty)
            for index in (self._routing.Start(duty), self._routing.End(duty)):
                self._routing.AddVariableMinimizedByFinalizer(times.CumulVar(index))
        longest = day.problem.instance.parameters.max_wait
        if longest is not None:
            for index in self._stops[::2]:
                times.SlackVar(index).SetMax(longest)
        return times

    def _loads(self) -> None:
        for kind, name in enumerate(self._day.kinds):
            change = [load for ride in self._day.rides for load in (ride.demand[kind], -ride.demand[kind])]
            change += [0] * (self._day.nodes - len(change))
            transit = self._routing.RegisterUnaryTransitVector(change)
            capacity = [means.capacity[kind] for means in self._day.duties]
            self._routing.AddDimensionWithVehicleCapacity(transit, 0, capacity, True, name)

    def _pairs(self) -> None:
        everyone = list(range(len(self._day.duties)))
        for number, ride in enumerate(self._day.rides):
            pickup, delivery = self._stops[2 * number], self._stops[2 * number + 1]
            self._routing.AddPickupAndDelivery(pickup, delivery)
            self._solver.Add(self._routing.VehicleVar(pickup) == self._routing.VehicleVar(delivery))
            begin, end = self._time.CumulVar(pickup), self._time.CumulVar(delivery)
            self._solver.Add(begin <= end)
            if ride.cap < self._day.horizon:
                self._solver.Add(end - begin <= ride.cap + ride.pickup_service)
                self._time.SetPickupToDeliveryLimitFunctionForPair(
                    lambda _p, _d, most=ride.cap + ride.pickup_service: most, number
                )
            allowed = np.flatnonzero(self._day.allowed[number]).tolist()
            if len(allowed) < len(everyone):
                # SetAllowedVehiclesForIndex of the 9.15 wheel takes no list; this is what it does. -1: not carried.
                for index in (pickup, delivery):
                    self._routing.VehicleVar(index).SetValues([-1, *allowed])

    def _optional(self) -> None:
        """Whoever is left out costs more than any way there. A bundle pays once unless all of it is carried."""
        if self._day.least_cost:
            return
        bundles: dict[int, list[int]] = defaultdict(list)
        for number, ride in enumerate(self._day.rides):
            both = self._stops[2 * number : 2 * number + 2]
            if ride.bundle >= 0:
                bundles[ride.bundle] += both
            else:
                penalty = (_PROMISE if ride.promised else ride.weight) * self._weight_unit
                for index in both:
                    self._routing.AddDisjunction([index], penalty)
        weight = {ride.bundle: 0 for ride in self._day.rides if ride.bundle >= 0}
        for ride in self._day.rides:
            if ride.bundle >= 0:
                weight[ride.bundle] += ride.weight
        for bundle, stops in bundles.items():
            once = pywrapcp.RoutingModel.PENALIZE_ONCE
            self._routing.AddDisjunction(stops, 2 * weight[bundle] * self._weight_unit, len(stops), once)

    def _apart(self) -> None:
        """Rides that may share with the same others are one visit type; types that may not meet are incompatible."""
        rows = visit_types(self._day.together)
        if all(row.all() for row in rows):
            return
        types: dict[bytes, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            types[row.tobytes()].append(number)
        for kind, members in enumerate(types.values()):
            for number in members:
                pickup, delivery = self._stops[2 * number : 2 * number + 2]
                self._routing.SetVisitType(pickup, kind, pywrapcp.RoutingModel.TYPE_ADDED_TO_VEHICLE)
                self._routing.SetVisitType(delivery, kind, pywrapcp.RoutingModel.ADDED_TYPE_REMOVED_FROM_VEHICLE)
        for a, some in enumerate(types.values()):
            for b, others in enumerate(types.values()):
                if a <= b and not rows[some[0]][others].all():
                    self._routing.AddTemporalTypeIncompatibility(a, b)

    def _breaks(self) -> None:
        """An optional break and no stretch without one beyond the longest: what the router can say of ArbZG § 4."""
        services = self._day.service()
        visits = [services[self._manager.IndexToNode(index)] for index in range(self._routing.Size())]
        for duty, means in enumerate(self._day.duties):
            profile = means.profile
            if not profile.tiers or profile.max_stretch is None:
                continue
            least = profile.tiers[0].total
            pause = self._solver.FixedDurationIntervalVar(
                means.earliest, means.latest - least, least, True, f"break {duty}"
            )
            self._time.SetBreakIntervalsOfVehicle([pause], duty, visits)
            self._time.SetBreakDistanceDurationOfVehicle(profile.max_stretch, least, duty)

    # --- what it is asked ---------------------------------------------------------------------------------------------

    def watch(self, told: Callable[[int], None]) -> None:
        """Tell the weight of each better plan."""
        best = [-1]
        active = [self._routing.ActiveVar(index) for index in self._stops[::2]]
        weights = [ride.weight for ride in self._day.rides]

        def heard() -> None:
            weight = sum(w for var, w in zip(active, weights, strict=True) if var.Bound() and var.Value()) // 2
            if weight > best[0]:
                best[0] = weight
                told(weight)

        self._routing.AddAtSolutionCallback(heard)

    def first(self, strategy: str, seconds: float) -> Any:
        """Return the plan that a first-solution strategy builds."""
        if seconds <= 0:
            return None
        parameters = self._parameters(seconds)
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.Value.Value(strategy)
        parameters.solution_limit = 1
        found = self._routing.SolveWithParameters(parameters)
        return None if found is None else self._solver.Assignment(found)

    def improve(self, plan: Any, seconds: float) -> Any:
        """Go on from a plan by guided local search."""
        parameters = self._parameters(seconds)
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        return self._routing.SolveFromAssignmentWithParameters(plan, parameters)

    def _parameters(self, seconds: float) -> Any:
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.time_limit.FromMilliseconds(max(1, int(1000 * seconds)))
        # It also bounds how long a plan's times may take to be set. With the usual 100 ms plans that were found are
        # lost on a busy machine, the first one included.
        parameters.lns_time_limit.FromMilliseconds(_SETTING)
        return parameters

    def routes(self, plan: Any) -> list[Route]:
        """Read the routes of a plan."""
        routes = []
        for duty in range(len(self._day.duties)):
            stops = []
            index = plan.Value(self._routing.NextVar(self._routing.Start(duty)))
            while not self._routing.IsEnd(index):
                stops.append((self._manager.IndexToNode(index), plan.Min(self._time.CumulVar(index))))
                index = plan.Value(self._routing.NextVar(index))
            routes.append(self._day.route(duty, stops))
        return routes


def visit_types(together: Bools) -> list[Bools]:
    """Return the rows of ``together`` with a diagonal that says whether a ride may meet another of its kind.

    Rows are equal exactly where two rides are of one kind. Nobody meets himself, so the diagonal is free to say it:
    two of a kind that may meet have equal rows once it is true, two that may not have equal rows while it is false.
    """
    meeting = together | np.eye(len(together), dtype=np.bool_)
    count = Counter(row.tobytes() for row in meeting)
    return [one if count[one.tobytes()] > 1 else row for one, row in zip(meeting, together, strict=True)]
