"""Rules on the night, for pool requests: what is committed was promised with its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.model import Rule
from optimizer.verify.view import View
from optimizer.verify.violation import Violation


def check_night_pickup(view: View) -> Iterator[Violation]:
    """No pick-up begins at night without the requester's recorded ground."""
    for ride in view.rides():
        if view.is_committed(ride.request) or ride.request.night_ground:
            continue
        for night in view.instance.nights:
            if night.earliest <= ride.pickup.start < night.latest:
                yield view.violation(
                    Rule.NIGHT_PICKUP,
                    "Begin of the pickup",
                    expected=f"outside the night {night.earliest}..{night.latest} s",
                    got=f"{ride.pickup.start} s",
                    duty=ride.duty,
                    request=ride.request.id,
                )


def check_night_children(view: View) -> Iterator[Violation]:
    """From the pick-up to the end of the hand-over, a party with anyone under 14 meets no night."""
    for ride in view.rides():
        request = ride.request
        if view.is_committed(request) or not request.party.has_children or Rule.NIGHT_CHILDREN in request.waived:
            continue
        for night in view.instance.nights:
            if max(ride.pickup.start, night.earliest) < min(ride.delivery.departure, night.latest):
                yield view.violation(
                    Rule.NIGHT_CHILDREN,
                    "Measure with someone under 14",
                    expected=f"outside the night {night.earliest}..{night.latest} s",
                    got=f"{ride.pickup.start}..{ride.delivery.departure} s",
                    duty=ride.duty,
                    request=request.id,
                )


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.NIGHT_PICKUP: check_night_pickup,
    Rule.NIGHT_CHILDREN: check_night_children,
}
