"""Rules on the shape of a tour: pick-up before hand-over, from depot to depot, promises in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.model import Request, Rule, Visit, VisitKind
from optimizer.model.units import PlaceId, RequestId
from optimizer.verify.view import SERVING, Means, TourView, View
from optimizer.verify.violation import Violation

Promised = tuple[RequestId, VisitKind]


def check_pairing(view: View) -> Iterator[Violation]:
    """Within a tour each request has one pick-up and later one hand-over, each at its own place."""
    for tour in view.tours:
        kinds: dict[RequestId, list[VisitKind]] = {}
        for visit in tour.tour.visits:
            request = view.index.request.get(visit.request) if visit.request is not None else None
            if visit.kind in SERVING and request is not None:
                kinds.setdefault(request.id, []).append(visit.kind)
                yield from _wrong_place(view, tour, visit, request)
            elif (visit.request is not None) or visit.kind in SERVING:
                yield view.violation(
                    Rule.PAIRING,
                    f"Visit of kind {visit.kind.value} at second {visit.start}",
                    expected="a known request" if visit.kind in SERVING else "no request",
                    got=repr(visit.request),
                    duty=tour.duty,
                )
        for id_, found in kinds.items():
            if found != list(SERVING):
                yield view.violation(
                    Rule.PAIRING,
                    "Visits of one request",
                    expected="one pickup, then one delivery",
                    got=", ".join(kind.value for kind in found),
                    duty=tour.duty,
                    request=id_,
                )


def check_depot(view: View) -> Iterator[Violation]:
    """A known duty makes at most one tour, from its start depot to its end depot, while the vehicle is available."""
    seen: set[str] = set()
    for tour in view.tours:
        if tour.means is None:
            yield view.violation(
                Rule.DEPOT, "Duty of a tour", expected="a duty of the instance", got=repr(tour.duty), duty=tour.duty
            )
        if tour.duty in seen:
            yield view.violation(Rule.DEPOT, "Tours of one duty", expected="at most 1", got="another", duty=tour.duty)
        seen.add(tour.duty)
        yield from _ends(view, tour)
        if tour.means is not None and tour.tour.visits:
            yield from _availability(view, tour, tour.means)


def check_commitment(view: View) -> Iterator[Violation]:
    """Every promise is kept: on its duty, in its order, within its tolerance."""
    for duty, commitment in view.index.commitment.items():
        visits = [visit for tour in view.tours if tour.duty == duty for visit in tour.tour.visits]
        start = {(v.request, v.kind): v.start for v in visits if v.request is not None and v.kind in SERVING}
        promised: list[Promised] = [(promise.request, promise.kind) for promise in commitment.promises]
        missing = [stop for stop in promised if stop not in start]
        if missing:
            yield view.violation(
                Rule.COMMITMENT,
                "Promised stops",
                expected=f"all {len(promised)} of them made by this duty",
                got=f"none for {_told(missing)}",
                duty=duty,
                request=missing[0][0],
            )
        made = [stop for stop in start if stop in set(promised)]
        order = [stop for stop in promised if stop in start]
        if made != order:
            wrong = next(there for there, due in zip(made, order, strict=True) if there != due)
            yield view.violation(
                Rule.COMMITMENT,
                "Order of the promised stops",
                expected=_told(order),
                got=_told(made),
                duty=duty,
                request=wrong[0],
            )
        for promise in commitment.promises:
            begin = start.get((promise.request, promise.kind))
            if begin is not None and abs(begin - promise.start) > commitment.tolerance:
                yield view.violation(
                    Rule.COMMITMENT,
                    f"Begin of the promised {promise.kind.value}",
                    expected=f"{promise.start} s within {commitment.tolerance} s",
                    got=f"{begin} s",
                    duty=duty,
                    request=promise.request,
                )


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.PAIRING: check_pairing,
    Rule.DEPOT: check_depot,
    Rule.COMMITMENT: check_commitment,
}


def _wrong_place(view: View, tour: TourView, visit: Visit, request: Request) -> Iterator[Violation]:
    stop = request.pickup if visit.kind is VisitKind.PICKUP else request.delivery
    if visit.place != stop.place:
        yield view.violation(
            Rule.PAIRING,
            f"Place of the {visit.kind.value}",
            expected=repr(stop.place),
            got=repr(visit.place),
            duty=tour.duty,
            request=request.id,
        )


def _ends(view: View, tour: TourView) -> Iterator[Violation]:
    visits = tour.tour.visits
    kinds = [visit.kind for visit in visits]
    if VisitKind.PICKUP not in kinds:
        yield view.violation(Rule.DEPOT, "Pick-ups of a tour", expected="at least 1", got="0", duty=tour.duty)
    if not visits:
        return
    duty = tour.means.duty if tour.means is not None else None
    for kind, position, index in ((VisitKind.START, "first", 0), (VisitKind.END, "last", len(visits) - 1)):
        if [i for i, found in enumerate(kinds) if found is kind] != [index]:
            yield view.violation(
                Rule.DEPOT,
                f"Visits of kind {kind.value}",
                expected=f"exactly one, the {position} of the tour",
                got=", ".join(found.value for found in kinds),
                duty=tour.duty,
            )
            continue
        visit = visits[index]
        depot: PlaceId | None = None
        if duty is not None:
            depot = duty.start_place if kind is VisitKind.START else duty.end_place
        if depot is not None and visit.place != depot:
            yield view.violation(
                Rule.DEPOT,
                f"Place of the {position} visit",
                expected=repr(depot),
                got=repr(visit.place),
                duty=tour.duty,
            )
        if not visit.arrival == visit.start == visit.departure:
            yield view.violation(
                Rule.DEPOT,
                f"Times of the {position} visit",
                expected="arrival = start = departure",
                got=f"{visit.arrival}, {visit.start}, {visit.departure} s",
                duty=tour.duty,
            )


def _availability(view: View, tour: TourView, means: Means) -> Iterator[Violation]:
    """The shift itself is SHIFT_SPAN's; here it is the vehicle's window that meets the shift."""
    if not means.vehicle.availability:
        return
    shift = means.shift
    met = [w for w in means.vehicle.availability if w.earliest < shift.end and w.latest > shift.start]
    begin = min(visit.arrival for visit in tour.tour.visits)
    end = max(visit.departure for visit in tour.tour.visits)
    if not any(window.earliest <= begin and end <= window.latest for window in met):
        yield view.violation(
            Rule.DEPOT,
            f"Tour while vehicle {means.vehicle.id} is available",
            expected=", ".join(f"{w.earliest}..{w.latest} s" for w in met) or "no tour, vehicle and shift do not meet",
            got=f"{begin}..{end} s",
            duty=tour.duty,
        )


def _told(stops: list[Promised]) -> str:
    return ", ".join(f"{kind.value} of {request}" for request, kind in stops)
