"""From a tour of the optimizer to what a proposal states: when, how long on board, what it adds to the tour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from optimizer.model import (
    Commitment,
    CostTerms,
    DutyId,
    Instance,
    Metres,
    MicroEuros,
    Promise,
    Request,
    RequestId,
    Rule,
    Seconds,
    Solution,
    Stop,
    VisitKind,
)
from optimizer.travel import TravelMatrix
from optimizer.verify.commitments import laid_out, warned
from optimizer.verify.objective import objective
from optimizer.verify.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A request on a duty; instants in seconds of the problem."""

    request: RequestId
    duty: DutyId
    pickup: Seconds
    delivery: Seconds

    @property
    def promises(self) -> tuple[Promise, Promise]:
        """Both stops."""
        return (
            Promise(request=self.request, kind=VisitKind.PICKUP, start=self.pickup),
            Promise(request=self.request, kind=VisitKind.DELIVERY, start=self.delivery),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a trip means for those on board and for the ZAB.

    ``limit`` is the longest time on board that any rule allows. ``extra_metres`` and ``extra_crew_seconds`` are what
    the tour is longer with it than without, its other stops at their times.
    """

    on_board: Seconds
    direct: Seconds
    limit: Seconds | None
    extra_metres: Metres
    extra_crew_seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a trip adds to the terms of the plan, over everybody who rides on the tour.

    Parameters
    ----------
    custody, night
        Seconds on board above the direct rides, and seconds on board at night.
    cost
        Micro-euros: distance, crew time, CO2.
    """

    custody: Seconds
    night: Seconds
    cost: MicroEuros


def placements_of(solution: Solution) -> dict[RequestId, Placement]:
    """Return where and when each request rides."""
    found = {}
    for tour in solution.tours:
        starts = {(promise.request, promise.kind): promise.start for promise in tour.promises}
        for request in tour.requests:
            found[request] = Placement(
                request=request, duty=tour.duty, pickup=starts[request, VisitKind.PICKUP],
                delivery=starts[request, VisitKind.DELIVERY],
            )  # fmt: skip
    return found


class Measure:
    """Figures of trips of one problem."""

    def __init__(self, instance: Instance, travel: TravelMatrix) -> None:
        self._view = View(instance, travel, Solution())
        self._travel = travel

    def figures(self, placement: Placement, tour: Sequence[Promise]) -> Figures:
        """Return the figures of a trip; ``tour`` are all stops of its duty, its own among them, in their order."""
        request = self._view.index.request[placement.request]
        others = [promise for promise in tour if promise.request != placement.request]
        with_it, without = self._length(placement.duty, tour), self._length(placement.duty, others)
        return Figures(
            on_board=placement.delivery - placement.pickup - request.pickup.service,
            direct=self._view.direct(request),
            limit=self._limit(request),
            extra_metres=max(0, with_it[0] - without[0]),
            extra_crew_seconds=max(0, with_it[1] - without[1]),
        )

    def added(self, placement: Placement, tour: Sequence[Promise]) -> Added:
        """Return what the plan's terms grow by with a trip, as the checker lays the tour out with and without it."""
        others = [promise for promise in tour if promise.request != placement.request]
        with_it, without = self._terms(placement.duty, tour), self._terms(placement.duty, others)
        return Added(
            custody=with_it.custody - without.custody, night=with_it.night - without.night,
            cost=with_it.cost - without.cost,
        )  # fmt: skip

    def warned(self, placement: Placement, tour: Sequence[Promise]) -> tuple[Rule, ...]:
        """Return what the checker would only tell of the tour with a trip and does not tell of it without, each once.

        As with all tours that are laid out: nobody is warned of what other breaks would avoid.
        """
        others = [promise for promise in tour if promise.request != placement.request]
        known = set(self._warnings(placement.duty, others))
        return tuple(dict.fromkeys(each for each in self._warnings(placement.duty, tour) if each not in known))

    def _warnings(self, duty: DutyId, tour: Sequence[Promise]) -> list[Rule]:
        view = self._promised(duty, tour)
        return [each.rule for each in warned(view, laid_out(view))]

    def _terms(self, duty: DutyId, tour: Sequence[Promise]) -> CostTerms:
        view = self._promised(duty, tour)
        return objective(view.instance, self._travel, Solution(tours=laid_out(view)))

    def _promised(self, duty: DutyId, tour: Sequence[Promise]) -> View:
        """Return the problem with this tour promised, and no other."""
        commitments = (Commitment(duty=duty, promises=tuple(tour)),) if tour else ()
        instance = replace(self._view.instance, commitments=commitments, published=(), change_budget=None)
        return View(instance, self._travel, Solution())

    def _limit(self, request: Request) -> Seconds | None:
        parameters, direct = self._view.parameters, self._view.direct(request)
        caps: list[Seconds | None] = [request.max_ride]
        if Rule.RIDE_TIME not in request.waived:
            caps.append(parameters.ride_cap)
            caps.append(parameters.ride_cap_children if request.party.has_children else None)
        if parameters.detour_permille is not None and Rule.DETOUR not in request.waived:
            caps.append(max(direct * parameters.detour_permille // 1000, direct + parameters.detour_allowance))
        return min((cap for cap in caps if cap is not None), default=None)

    def _length(self, duty: DutyId, tour: Sequence[Promise]) -> tuple[Metres, Seconds]:
        """Return metres and seconds from depot to depot; nothing where nobody rides."""
        if not tour:
            return 0, 0
        known = self._view.index.duty[duty]
        stops = [self._stop(promise) for promise in tour]
        places = [known.start_place, *(stop.place for stop in stops), known.end_place]
        metres = sum(self._view.distance(one, other) or 0 for one, other in pairwise(places))
        leaves = tour[0].start - (self._view.drive(places[0], places[1]) or 0)
        returns = tour[-1].start + stops[-1].service + (self._view.drive(places[-2], places[-1]) or 0)
        return metres, returns - leaves

    def _stop(self, promise: Promise) -> Stop:
        request = self._view.index.request[promise.request]
        return request.pickup if promise.kind is VisitKind.PICKUP else request.delivery
