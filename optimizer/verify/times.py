"""Rules on the times of a tour: windows, drives, rests, and how long people are on board."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.model import Rule, Strength, VisitKind
from optimizer.model.units import PlaceId, Seconds
from optimizer.verify.view import SERVING, Ride, TourView, View, has_children
from optimizer.verify.violation import Violation


def check_window(view: View) -> Iterator[Violation]:
    """Service begins inside the stop's window and lasts as long as stated.

    For a committed request the promise stands in the window's place (COMMITMENT); the service time counts for all.
    """
    for tour in view.tours:
        for visit in tour.tour.visits:
            request = view.index.request.get(visit.request) if visit.request is not None else None
            if request is None or visit.kind not in SERVING:
                continue
            stop = request.pickup if visit.kind is VisitKind.PICKUP else request.delivery
            if not view.is_committed(request) and not stop.earliest <= visit.start <= stop.latest:
                yield view.violation(
                    Rule.WINDOW,
                    f"Begin of the {visit.kind.value}",
                    expected=f"{stop.earliest}..{stop.latest} s",
                    got=f"{visit.start} s",
                    duty=tour.duty,
                    request=request.id,
                )
            if visit.departure - visit.start != stop.service:
                yield view.violation(
                    Rule.WINDOW,
                    f"Service of the {visit.kind.value}",
                    expected=f"{stop.service} s",
                    got=f"{visit.departure - visit.start} s",
                    duty=tour.duty,
                    request=request.id,
                )


def check_drive_time(view: View) -> Iterator[Violation]:
    """No visit is reached before the last one has ended and the drive with its rests is over."""
    for tour in view.tours:
        for step in tour.steps:
            if step.previous is None:
                continue
            where = f"Arrival at {step.visit.place} from {step.previous.place}"
            if step.drive is None:
                yield view.violation(
                    Rule.DRIVE_TIME,
                    where,
                    expected="places with a known driving time",
                    got="none known",
                    duty=tour.duty,
                    request=step.visit.request,
                )
                continue
            earliest = step.previous.departure + step.drive + step.visit.rests * view.parameters.rest_length
            if step.visit.arrival < earliest:
                yield view.violation(
                    Rule.DRIVE_TIME,
                    where,
                    expected=f"{earliest} s or later",
                    got=f"{step.visit.arrival} s",
                    duty=tour.duty,
                    request=step.visit.request,
                )
        yield from _break_places(view, tour)


def check_rest_stop(view: View) -> Iterator[Violation]:
    """A long drive with people on board is interrupted often enough; an empty one has no rests to count."""
    for tour in view.tours:
        for step in tour.steps:
            if step.previous is None or not step.before:
                needed, enough = 0, step.visit.rests == 0
            else:
                needed = view.rests(step.drive or 0, children=has_children(step.before))
                enough = step.visit.rests == needed
            if not enough:
                yield view.violation(
                    Rule.REST_STOP,
                    f"Rest stops on the drive to {step.visit.place} with {len(step.before)} requests on board",
                    expected=f"exactly {needed}",
                    got=str(step.visit.rests),
                    duty=tour.duty,
                    request=step.visit.request,
                )


def check_ride_time(view: View) -> Iterator[Violation]:
    """Nobody is on board longer than the request's own cap and the caps of the parameter set.

    The request's own cap cannot be waived or softened: it stays hard whatever the strength of the rule.
    """
    for ride in view.rides():
        own = ride.request.max_ride
        if own is not None and ride.on_board > own:
            yield _too_long(view, Rule.RIDE_TIME, ride, own, source="its own cap", strength=Strength.HARD)
            continue
        caps = [view.parameters.ride_cap]
        if ride.request.party.has_children:
            caps.append(view.parameters.ride_cap_children)
        cap = min((each for each in caps if each is not None), default=None)
        if cap is not None and ride.on_board > cap and Rule.RIDE_TIME not in ride.request.waived:
            yield _too_long(view, Rule.RIDE_TIME, ride, cap, source="cap of the parameter set")


def check_detour(view: View) -> Iterator[Violation]:
    """Pooling lengthens no ride beyond what the parameter set allows over the direct one."""
    permille = view.parameters.detour_permille
    if permille is None:
        return
    for ride in view.rides():
        direct = view.direct(ride.request)
        cap = max(direct * permille // 1000, direct + view.parameters.detour_allowance)
        if ride.on_board > cap and Rule.DETOUR not in ride.request.waived:
            yield _too_long(view, Rule.DETOUR, ride, cap, source=f"direct ride {direct} s")


def check_wait_on_board(view: View) -> Iterator[Violation]:
    """Nobody sits in a waiting vehicle for longer than the longest wait, at a stop or anywhere on the way to it."""
    longest = view.parameters.max_wait
    if longest is None:
        return
    for tour in view.tours:
        for step in tour.steps:
            wait = view.slack(step)
            if step.before and wait is not None and wait > longest:
                yield view.violation(
                    Rule.WAIT_ON_BOARD,
                    f"Wait before {step.visit.place} with {', '.join(r.id for r in step.before)} on board",
                    expected=f"at most {longest} s",
                    got=f"{wait} s",
                    duty=tour.duty,
                    request=step.visit.request,
                )


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.WINDOW: check_window,
    Rule.DRIVE_TIME: check_drive_time,
    Rule.REST_STOP: check_rest_stop,
    Rule.RIDE_TIME: check_ride_time,
    Rule.DETOUR: check_detour,
    Rule.WAIT_ON_BOARD: check_wait_on_board,
}


def _break_places(view: View, tour: TourView) -> Iterator[Violation]:
    """A break is made where the last stop was or where the next one is: anywhere else would be a detour."""
    visits = tour.tour.visits
    for position, visit in enumerate(visits):
        if visit.kind is not VisitKind.BREAK:
            continue
        # Neighbours are the stops around a whole row of breaks; else two breaks could vouch for each other.
        places: list[PlaceId | None] = [v.place for v in visits[:position] if v.kind is not VisitKind.BREAK][-1:]
        places += [v.place for v in visits[position + 1 :] if v.kind is not VisitKind.BREAK][:1]
        if visit.place not in places:
            yield view.violation(
                Rule.DRIVE_TIME,
                f"Place of the break at second {visit.start}",
                expected=f"one of {places}",
                got=repr(visit.place),
                duty=tour.duty,
            )


def _too_long(
    view: View, rule: Rule, ride: Ride, cap: Seconds, *, source: str, strength: Strength | None = None
) -> Violation:
    return view.violation(
        rule,
        "Time on board",
        expected=f"at most {cap} s ({source})",
        got=f"{ride.on_board} s",
        duty=ride.duty,
        request=ride.request.id,
        strength=strength,
    )
