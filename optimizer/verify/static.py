"""Rules between a request and a duty, whatever the tour: vehicle, crew, licence, declined before, pinned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.model import CREW_NEEDS, Licence, Need, Request, Rule
from optimizer.verify.view import Means, View
from optimizer.verify.violation import Violation

COVERS: dict[Licence, frozenset[Licence]] = {
    Licence.B: frozenset({Licence.B}),
    Licence.C1: frozenset({Licence.C1, Licence.B}),
    Licence.D1: frozenset({Licence.D1, Licence.B}),
    Licence.D: frozenset({Licence.D, Licence.D1, Licence.B}),
}
"""Vehicle classes that a driving licence of a class covers (FeV § 6)."""


def check_vehicle_features(view: View) -> Iterator[Violation]:
    """A vehicle has all features that its requests ask for; nobody can travel lying."""
    for request, means in _carried(view):
        missing = sorted(request.features - means.vehicle.features)
        if missing:
            yield view.violation(
                Rule.VEHICLE_FEATURES,
                f"Features of vehicle {means.vehicle.id}",
                expected=", ".join(sorted(request.features)),
                got=f"none of the kind {', '.join(missing)}",
                duty=means.duty.id,
                request=request.id,
            )
        if Need.LYING in request.needs:
            yield view.violation(
                Rule.VEHICLE_FEATURES,
                "Need 'lying'",
                expected="no vehicle of the exchange, none carries lying passengers",
                got=f"vehicle {means.vehicle.id}",
                duty=means.duty.id,
                request=request.id,
            )


def check_crew_skills(view: View) -> Iterator[Violation]:
    """A crew has all skills that its requests need."""
    for request, means in _carried(view):
        needed = {need.value for need in request.needs & CREW_NEEDS}
        missing = sorted(needed - means.crew.skills)
        if missing:
            yield view.violation(
                Rule.CREW_SKILLS,
                f"Skills of crew {means.crew.id}",
                expected=", ".join(sorted(needed)),
                got=f"none of the kind {', '.join(missing)}",
                duty=means.duty.id,
                request=request.id,
            )


def check_licence(view: View) -> Iterator[Violation]:
    """Someone of the crew may drive the vehicle."""
    for tour, means in view.manned():
        covered = {cover for licence in means.crew.licences for cover in COVERS[licence]}
        if means.vehicle.licence not in covered:
            held = sorted(licence.value for licence in means.crew.licences)
            yield view.violation(
                Rule.LICENCE,
                f"Licences of crew {means.crew.id} for vehicle {means.vehicle.id}",
                expected=f"one that covers {means.vehicle.licence.value}",
                got=", ".join(held) or "none",
                duty=tour.duty,
            )


def check_no_children_vehicle(view: View) -> Iterator[Violation]:
    """Nobody under 14 rides in a vehicle that never carries children."""
    for request, means in _carried(view):
        if request.party.has_children and not means.vehicle.carries_children:
            yield view.violation(
                Rule.NO_CHILDREN_VEHICLE,
                f"Children on vehicle {means.vehicle.id} ({means.vehicle.kind})",
                expected="nobody under 14",
                got="a party with someone under 14",
                duty=means.duty.id,
                request=request.id,
            )


def check_barred(view: View) -> Iterator[Violation]:
    """A pool request is never carried by a duty or a ZAB that declined it before."""
    for request, means in _carried(view, pool_only=True):
        if means.duty.id in request.barred_duties:
            yield view.violation(
                Rule.BARRED,
                "Duty that declined before",
                expected=f"none of {sorted(request.barred_duties)}",
                got=means.duty.id,
                duty=means.duty.id,
                request=request.id,
            )
        elif means.zab in request.barred_zabs:
            yield view.violation(
                Rule.BARRED,
                "ZAB that declined before",
                expected=f"none of {sorted(request.barred_zabs)}",
                got=means.zab,
                duty=means.duty.id,
                request=request.id,
            )


def check_frozen(view: View) -> Iterator[Violation]:
    """A frozen tour takes no pool request."""
    for request, means in _carried(view, pool_only=True):
        commitment = view.index.commitment.get(means.duty.id)
        if commitment is not None and commitment.frozen:
            yield view.violation(
                Rule.FROZEN,
                "New request on a frozen tour",
                expected="none",
                got=request.id,
                duty=means.duty.id,
                request=request.id,
            )


def check_pin(view: View) -> Iterator[Violation]:
    """A pinned request is carried by its duty or not at all."""
    for request, means in _carried(view):
        if request.pin is not None and means.duty.id != request.pin:
            yield view.violation(
                Rule.PIN,
                "Duty of a pinned request",
                expected=request.pin,
                got=means.duty.id,
                duty=means.duty.id,
                request=request.id,
            )


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.VEHICLE_FEATURES: check_vehicle_features,
    Rule.CREW_SKILLS: check_crew_skills,
    Rule.LICENCE: check_licence,
    Rule.NO_CHILDREN_VEHICLE: check_no_children_vehicle,
    Rule.BARRED: check_barred,
    Rule.FROZEN: check_frozen,
    Rule.PIN: check_pin,
}


def _carried(view: View, *, pool_only: bool = False) -> Iterator[tuple[Request, Means]]:
    """Requests with the duties that visit them, each pair once."""
    for request, tours in view.carriers().items():
        known = view.index.request[request]
        if pool_only and view.is_committed(known):
            continue
        for means in {tour.duty: tour.means for tour in tours}.values():
            if means is not None:
                yield known, means
