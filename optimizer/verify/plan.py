"""Rules across tours: once, all or none, one place at a time, rest between shifts, budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

from optimizer.model import Assignment, Rule, Shift
from optimizer.model.units import RequestId, ZabId
from optimizer.verify.view import SERVING, Means, View
from optimizer.verify.violation import Violation


def check_once_per_request(view: View) -> Iterator[Violation]:
    """Each request is picked up and handed over at most once in the whole plan."""
    visits = Counter(
        (visit.request, visit.kind)
        for tour in view.tours
        for visit in tour.tour.visits
        if visit.request is not None and visit.kind in SERVING
    )
    duties: dict[RequestId, list[str]] = {}
    for tour in view.tours:
        for request in dict.fromkeys(visit.request for visit in tour.tour.visits if visit.request is not None):
            duties.setdefault(request, []).append(tour.duty)
    for (request, kind), count in visits.items():
        if count > 1:
            yield view.violation(
                Rule.ONCE_PER_REQUEST,
                f"Visits of kind {kind.value} on duties {', '.join(duties[request])}",
                expected="at most 1",
                got=str(count),
                request=request,
            )


def check_bundle(view: View) -> Iterator[Violation]:
    """Pool requests of one bundle are carried all or none."""
    carriers = view.carriers()
    for members in view.index.units:
        carried = [member for member in members if member in carriers]
        if 0 < len(carried) < len(members):
            left = [member for member in members if member not in carriers]
            yield view.violation(
                Rule.BUNDLE,
                f"Bundle {view.index.request[members[0]].bundle}",
                expected=f"all or none of {', '.join(members)}",
                got=f"{', '.join(carried)} carried, {', '.join(left)} not",
                request=left[0],
            )


def check_serve_all(view: View) -> Iterator[Violation]:
    """Where the instance says so, every request is carried."""
    if not view.instance.serve_all:
        return
    carriers = view.carriers()
    for request in view.instance.requests:
        if request.id not in carriers:
            yield view.violation(
                Rule.SERVE_ALL, "Tours of a request", expected="1, every request is served", got="0", request=request.id
            )


def check_budget(view: View) -> Iterator[Violation]:
    """No ZAB takes more new requests than its budget."""
    taken = new_requests_by_zab(view)
    for zab in view.instance.zabs:
        if zab.budget is not None and taken[zab.id] > zab.budget:
            yield view.violation(
                Rule.BUDGET,
                f"New requests on duties of ZAB {zab.id}",
                expected=f"at most {zab.budget}",
                got=str(taken[zab.id]),
            )


def check_change_budget(view: View) -> Iterator[Violation]:
    """No more assignments of the published plan change than may."""
    most = view.instance.change_budget
    if most is None:
        return
    changed = changed_assignments(view)
    if len(changed) > most:
        named = ", ".join(f"{assignment.request} on {assignment.duty}" for assignment in changed)
        yield view.violation(
            Rule.CHANGE_BUDGET,
            "Assignments of the published plan that change",
            expected=f"at most {most}",
            got=f"{len(changed)}: {named}",
        )


def changed_assignments(view: View) -> list[Assignment]:
    """Return the assignments of the published plan whose request is not on that duty."""
    carriers = view.carriers()
    return [
        was for was in view.instance.published if all(tour.duty != was.duty for tour in carriers.get(was.request, ()))
    ]


def new_requests_by_zab(view: View) -> Counter[ZabId]:
    """Pool requests on the duties of each ZAB; a request counts once for each ZAB that carries it."""
    taken: Counter[ZabId] = Counter()
    for request, tours in view.carriers().items():
        if not view.is_committed(view.index.request[request]):
            taken.update({tour.means.zab for tour in tours if tour.means is not None})
    return taken


def check_crew_doubled(view: View) -> Iterator[Violation]:
    """A crew is on one duty at a time: two used duties of it are on shifts that do not overlap."""
    for a, b in _crew_pairs(view):
        if _overlap(a, b):
            yield view.violation(
                Rule.CREW_DOUBLED,
                f"Duties {a.duty.id} and {b.duty.id} of crew {a.crew.id}",
                expected="at most one of them used",
                got=f"shifts {_told(a.shift)} and {_told(b.shift)}",
                duty=b.duty.id,
            )


def check_rest_between_shifts(view: View) -> Iterator[Violation]:
    """Between two worked shifts of a crew lies the rest that the later one's profile asks for."""
    for a, b in _crew_pairs(view):
        if _overlap(a, b):  # told by CREW_DOUBLED
            continue
        earlier, later = (a, b) if a.shift.start < b.shift.start else (b, a)
        gap = later.shift.start - earlier.shift.end
        if gap < later.profile.rest:
            yield view.violation(
                Rule.REST_BETWEEN_SHIFTS,
                f"Rest of crew {a.crew.id} between shifts {earlier.shift.id} and {later.shift.id}",
                expected=f"{later.profile.rest} s or more",
                got=f"{gap} s",
                duty=later.duty.id,
            )


def check_vehicle_doubled(view: View) -> Iterator[Violation]:
    """A vehicle is on one duty at a time: the windows of its used duties do not overlap."""
    for a, b in combinations(view.used_duties(), 2):
        if a.vehicle.id != b.vehicle.id:
            continue
        one, other = view.index.duty_window(a.duty.id), view.index.duty_window(b.duty.id)
        if one is not None and other is not None and one.earliest < other.latest and other.earliest < one.latest:
            yield view.violation(
                Rule.VEHICLE_DOUBLED,
                f"Duties {a.duty.id} and {b.duty.id} of vehicle {a.vehicle.id}",
                expected="at most one of them used",
                got=f"{one.earliest}..{one.latest} s and {other.earliest}..{other.latest} s",
                duty=b.duty.id,
            )


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.ONCE_PER_REQUEST: check_once_per_request,
    Rule.BUNDLE: check_bundle,
    Rule.SERVE_ALL: check_serve_all,
    Rule.BUDGET: check_budget,
    Rule.CHANGE_BUDGET: check_change_budget,
    Rule.CREW_DOUBLED: check_crew_doubled,
    Rule.REST_BETWEEN_SHIFTS: check_rest_between_shifts,
    Rule.VEHICLE_DOUBLED: check_vehicle_doubled,
}


def _crew_pairs(view: View) -> Iterator[tuple[Means, Means]]:
    for a, b in combinations(view.used_duties(), 2):
        if a.crew.id == b.crew.id:
            yield a, b


def _overlap(a: Means, b: Means) -> bool:
    """Whether the shifts are the same or overlap; shifts that only touch do not."""
    return a.shift.id == b.shift.id or (a.shift.start < b.shift.end and b.shift.start < a.shift.end)


def _told(shift: Shift) -> str:
    return f"{shift.id} ({shift.start}..{shift.end} s)"
