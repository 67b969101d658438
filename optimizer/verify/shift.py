"""Rules on the crew's day: inside the shift, breaks of the working-time law, the driver's break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from optimizer.model import Rule, VisitKind
from optimizer.model.units import Seconds
from optimizer.verify.view import Means, TourView, View
from optimizer.verify.violation import Violation


def check_shift_span(view: View) -> Iterator[Violation]:
    """A tour lies inside its shift and is no longer than the profile allows."""
    for tour, means in view.manned():
        if not tour.tour.visits:
            continue
        begin = min(visit.arrival for visit in tour.tour.visits)
        end = max(visit.departure for visit in tour.tour.visits)
        if begin < means.shift.start or end > means.shift.end:
            yield view.violation(
                Rule.SHIFT_SPAN,
                f"Tour inside shift {means.shift.id}",
                expected=f"{means.shift.start}..{means.shift.end} s",
                got=f"{begin}..{end} s",
                duty=tour.duty,
            )
        longest = means.profile.max_span
        if longest is not None and tour.tour.span > longest:
            yield view.violation(
                Rule.SHIFT_SPAN,
                f"Length of the tour under profile {means.profile.id}",
                expected=f"at most {longest} s",
                got=f"{tour.tour.span} s",
                duty=tour.duty,
            )


def check_working_break(view: View) -> Iterator[Violation]:
    """Breaks are made with nobody on board, in counted steps, enough of them and soon enough; one between two stops."""
    for tour, means in view.manned():
        if not tour.tour.visits:
            continue
        for step in tour.steps:
            if step.visit.kind is VisitKind.BREAK and step.before:
                yield view.violation(
                    Rule.WORKING_BREAK,
                    f"Break at second {step.visit.start}",
                    expected="nobody on board",
                    got=", ".join(request.id for request in step.before),
                    duty=tour.duty,
                )
        for earlier, later in pairwise(tour.tour.visits):
            if earlier.kind is VisitKind.BREAK and later.kind is VisitKind.BREAK:
                yield view.violation(
                    Rule.WORKING_BREAK,
                    f"Breaks at seconds {earlier.start} and {later.start}",
                    expected="one break between two stops",
                    got="two",
                    duty=tour.duty,
                )
        counted = _counted_breaks(tour, means)
        total = sum(length for _, _, length in counted)
        needed = means.profile.break_needed(tour.tour.span)
        if total < needed:
            yield view.violation(
                Rule.WORKING_BREAK,
                f"Counted breaks of a tour of {tour.tour.span} s",
                expected=f"{needed} s or more",
                got=f"{total} s",
                duty=tour.duty,
            )
        yield from _stretches(view, tour, means, counted)


def check_driver_break(view: View) -> Iterator[Violation]:
    """After the longest driving the driver has stood still for long enough in all.

    Breaks and waits with an empty vehicle count whole and add up; drives count without their rests.
    """
    for tour, means in view.manned():
        longest = means.profile.max_drive
        if longest is None:
            continue
        driven = rested = 0
        for step in tour.steps:
            driven += step.drive or 0
            if driven > longest:
                yield view.violation(
                    Rule.DRIVER_BREAK,
                    f"Driving until {step.visit.place} without {means.profile.drive_break} s of break in all",
                    expected=f"at most {longest} s",
                    got=f"{driven} s",
                    duty=tour.duty,
                )
                # Told once for each stretch; counting starts anew, as if the break had been made here.
                driven = rested = 0
            if not step.before:
                rested += max(0, view.slack(step) or 0)
                if step.visit.kind is VisitKind.BREAK:
                    rested += step.visit.departure - step.visit.start
            if rested >= means.profile.drive_break:
                driven = rested = 0


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.SHIFT_SPAN: check_shift_span,
    Rule.WORKING_BREAK: check_working_break,
    Rule.DRIVER_BREAK: check_driver_break,
}


def _counted_breaks(tour: TourView, means: Means) -> list[tuple[Seconds, Seconds, Seconds]]:
    """Begin, end and counted length of each break that counts."""
    breaks = []
    for step in tour.steps:
        visit = step.visit
        length = (visit.departure - visit.start) // means.profile.step * means.profile.step
        if visit.kind is VisitKind.BREAK and not step.before and length > 0:
            breaks.append((visit.start, visit.departure, length))
    return breaks


def _stretches(
    view: View, tour: TourView, means: Means, counted: list[tuple[Seconds, Seconds, Seconds]]
) -> Iterator[Violation]:
    longest = means.profile.max_stretch
    if longest is None:
        return
    ends = [tour.first.departure, *(end for _, end, _ in counted)]
    begins = [*(begin for begin, _, _ in counted), tour.last.arrival]
    for end, begin in zip(ends, begins, strict=True):
        if begin - end > longest:
            yield view.violation(
                Rule.WORKING_BREAK,
                f"Work without a counted break from second {end} to {begin}",
                expected=f"at most {longest} s",
                got=f"{begin - end} s",
                duty=tour.duty,
            )
