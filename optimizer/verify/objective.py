"""Every term of a plan's value, recomputed from its visits: the solver's own word is not taken for it."""

from __future__ import annotations

from optimizer.model import CostTerms, Instance, Solution, fair_load_marginal
from optimizer.model.units import Metres, MicroEuros, Seconds
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.plan import changed_assignments, new_requests_by_zab
from optimizer.verify.view import TourView, View


def objective(instance: Instance, travel: TravelMatrix, solution: Solution) -> CostTerms:
    """Return the terms of a plan.

    A request counts as served with a pick-up and a later hand-over on one tour; who is committed rides anyway, and
    counts neither as served nor as pinned. For a plan that the checker refuses the terms are computed from what there
    is; tours of unknown duties cost nothing.

    Raises
    ------
    InvalidValue
        When the travel times lack a place of the instance.
    """
    return terms_of(View(instance, travel, solution))


def terms_of(view: View) -> CostTerms:
    """Return the terms of a plan that is laid out already."""
    index = view.index
    served = {ride.request.id for ride in view.rides()}
    pool = {request.id for request in index.pool}
    return CostTerms(
        pinned=sum(request.pin is not None and request.id in served for request in index.pool),
        served=sum(index.unit_weight(unit) for unit in index.units if served.issuperset(unit)),
        custody=sum(ride.on_board - view.direct(ride.request) for ride in view.rides()),
        night=sum(night_seconds(view, ride.pickup.departure, ride.delivery.start) for ride in view.rides()),
        fair_load=_fair_load(view),
        changes=len(changed_assignments(view)),
        cost=sum(_cost(view, tour) for tour in view.tours),
        served_requests=len(pool & served),
        unserved_requests=len(pool - served),
        metres=sum(_metres(tour) for tour in view.tours),
        co2_grams=sum(
            _metres(tour) * tour.means.vehicle.co2_per_km // 1000 for tour in view.tours if tour.means is not None
        ),
        crew_seconds=sum(tour.tour.span for tour in view.tours),
        rest_seconds=sum(step.visit.rests for tour in view.tours for step in tour.steps) * view.parameters.rest_length,
    )


def night_seconds(view: View, begin: Seconds, end: Seconds) -> Seconds:
    """Seconds of ``[begin, end)`` inside the nights of the instance."""
    return sum(max(0, min(end, night.latest) - max(begin, night.earliest)) for night in view.instance.nights)


def _fair_load(view: View) -> int:
    taken = new_requests_by_zab(view)
    return sum(
        fair_load_marginal(prior=zab.prior_load, number=number, shifts=view.index.shifts_of_zab(zab.id))
        for zab in view.instance.zabs
        for number in range(1, taken[zab.id] + 1)
    )


def _metres(tour: TourView) -> Metres:
    return sum(step.metres or 0 for step in tour.steps)


def _cost(view: View, tour: TourView) -> MicroEuros:
    if tour.means is None:
        return 0
    duty = tour.means.duty.id
    return _metres(tour) * view.index.rate_per_metre(duty) + tour.tour.span * view.index.rate_per_second(duty)
