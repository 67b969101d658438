"""Is what was promised possible at all? Each committed tour, laid out at its promised times and checked.

Nothing is optimised here and nothing of the solver is used. Every promised stop begins exactly when promised (the
tolerance is for plans, not for promises that were impossible from the start), the vehicle arrives as early as it can
and leaves the depot as late as it can. Breaks fill the gaps between promised stops while nobody is on board; where
they do not suffice, breaks before the first stop and after the last one are tried in steps of the profile.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.model import (
    Commitment,
    Instance,
    Promise,
    Request,
    Rule,
    Solution,
    Strength,
    Tour,
    Visit,
    VisitKind,
    WorkingTime,
)
from optimizer.model.units import PlaceId, Seconds
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify.check import CHECKERS, check_view, hard
from optimizer.verify.view import View, has_children
from optimizer.verify.violation import Violation

POOL_RULES = frozenset({Rule.BUNDLE, Rule.SERVE_ALL, Rule.BUDGET, Rule.CHANGE_BUDGET})
"""Rules about requests that are not promised; a plan of promises alone says nothing about them."""
BREAK_RULES = (Rule.WORKING_BREAK, Rule.DRIVER_BREAK, Rule.SHIFT_SPAN, Rule.DEPOT)
"""Rules that a break can mend or break."""
MOST_STEPS = 20
"""Lengths of an outer break that are tried."""


def check_commitments(instance: Instance, travel: TravelMatrix) -> list[Violation]:
    """Return what makes a committed tour impossible; warnings are left out, since the layout is an invention.

    The tours are also checked against each other: two promised tours of one crew or vehicle at the same time are as
    impossible as one that is too long.

    Raises
    ------
    InvalidValue
        When the travel times lack a place of the instance.
    """
    view = View(instance, travel, Solution())
    return broken(view, laid_out(view))


def laid_out(view: View) -> tuple[Tour, ...]:
    """Return the committed tours whole, from depot to depot: each with the first breaks that are in order."""
    return tuple(_possible_tour(view, commitment) for commitment in view.index.commitment.values())


def broken(view: View, tours: tuple[Tour, ...]) -> list[Violation]:
    """Return what stands against tours that ``laid_out`` made, but for rules about who is not promised."""
    violations = hard(check_view(view.of(Solution(tours=tours))))
    return [violation for violation in violations if violation.rule not in POOL_RULES]


def warned(view: View, tours: tuple[Tour, ...]) -> list[Violation]:
    """Return the warnings about tours that ``laid_out`` made, but for those that other outer breaks would avoid.

    The layout is an invention: nobody is warned of what the crew may still arrange.
    """
    soft = [rule for rule in CHECKERS if not view.parameters.enforced(rule) and rule not in POOL_RULES]
    found = []
    for tour in tours:
        alone = view.of(Solution(tours=(tour,)))
        violations = [violation for rule in soft for violation in CHECKERS[rule](alone)]
        told = [each for each in violations if each.strength is Strength.WARN]
        if any(each.rule in BREAK_RULES for each in told) and _can_be_avoided(view, view.index.commitment[tour.duty]):
            told = [each for each in told if each.rule not in BREAK_RULES]
        found += told
    return found


def lasting(instance: Instance, travel: TravelMatrix, solution: Solution) -> list[Violation]:
    """Return the warnings about a plan, but for those that other breaks beside the same times of its stops would avoid.

    Its breaks are where the rules that bind want them, and one way of several: told is what ``warned`` tells of the
    same tours once they are promised, so that a plan and its proposals say one thing.

    Raises
    ------
    InvalidValue
        When the travel times lack a place of the instance.
    """
    view = View(instance, travel, solution)
    told = [each for each in check_view(view) if each.strength is Strength.WARN]
    asked = {each.duty for each in told if each.rule in BREAK_RULES}
    avoidable = {tour.duty for tour in solution.tours if tour.duty in asked and _can_be_avoided(view, _promised(tour))}
    return [each for each in told if each.rule not in BREAK_RULES or each.duty not in avoidable]


def _promised(tour: Tour) -> Commitment:
    """The stops of a planned tour, as if they were promised."""
    return Commitment(
        duty=tour.duty,
        promises=tuple(
            Promise(request=visit.request, kind=visit.kind, start=visit.start)
            for visit in tour.visits
            if visit.request is not None
        ),
    )


def _can_be_avoided(view: View, commitment: Commitment) -> bool:
    """Whether some layout breaks no rule that a break can mend, warnings included."""
    for before, after in _outer_breaks(view.index.duty_profile(commitment.duty)):
        alone = view.of(Solution(tours=(_Layout(view, commitment).build(before, after),)))
        if not any(True for rule in BREAK_RULES for _ in CHECKERS[rule](alone)):
            return True
    return False


def _possible_tour(view: View, commitment: Commitment) -> Tour:
    """The first layout whose breaks and span are in order, else the plain one. Breaks change nothing else."""
    for before, after in _outer_breaks(view.index.duty_profile(commitment.duty)):
        tour = _Layout(view, commitment).build(before, after)
        alone = view.of(Solution(tours=(tour,)))
        if not hard(violation for rule in BREAK_RULES for violation in CHECKERS[rule](alone)):
            return tour
    return _Layout(view, commitment).build(0, 0)


def _outer_breaks(profile: WorkingTime) -> Iterator[tuple[Seconds, Seconds]]:
    """Lengths of the breaks before the first and after the last stop, the shortest together first.

    At most some hundred: a profile with steps of a second is tried in coarser ones.
    """
    longest = max((tier.total for tier in profile.tiers), default=0)
    if profile.max_drive is not None:
        longest = max(longest, profile.drive_break)
    most = max(2, -(-longest // profile.step))
    unit = profile.step * -(-most // MOST_STEPS)
    for steps in range(max(2, -(-longest // unit)) + 1):
        for before in range(steps + 1):
            yield before * unit, (steps - before) * unit


class _Layout:
    """One committed tour in the making."""

    def __init__(self, view: View, commitment: Commitment) -> None:
        self._view = view
        self._commitment = commitment
        self._duty = view.index.duty[commitment.duty]
        self._profile = view.index.duty_profile(commitment.duty)
        self._board: dict[str, Request] = {}
        self._visits: list[Visit] = []
        self._last_break: Seconds = 0

    def build(self, before: Seconds, after: Seconds) -> Tour:
        """Lay the tour out with a break of ``before`` seconds at the first stop and ``after`` seconds at the last."""
        first = self._commitment.promises[0]
        there = self._view.index.request[first.request].pickup.place
        leave = first.start - before - self._drive(self._duty.start_place, there)
        self._visits = [
            Visit(kind=VisitKind.START, place=self._duty.start_place, arrival=leave, start=leave, departure=leave)
        ]
        self._last_break = leave
        if before:
            self._pause(there, first.start - before, before)
        for promise in self._commitment.promises:
            request = self._view.index.request[promise.request]
            stop = request.pickup if promise.kind is VisitKind.PICKUP else request.delivery
            if len(self._visits) > 1 and not self._board:
                self._fill_gap(stop.place, promise.start)
            drive = self._drive(self._visits[-1].place, stop.place)
            children = has_children(tuple(self._board.values()))
            rests = self._view.rests(drive, children=children) if self._board else 0
            earliest = self._visits[-1].departure + drive + rests * self._view.parameters.rest_length
            self._visits.append(
                Visit(
                    kind=promise.kind,
                    place=stop.place,
                    request=request.id,
                    # A promise that cannot be kept shows as an arrival too early: DRIVE_TIME.
                    arrival=min(earliest, promise.start),
                    start=promise.start,
                    departure=promise.start + stop.service,
                    rests=rests,
                )
            )
            if promise.kind is VisitKind.PICKUP:
                self._board[request.id] = request
            else:
                self._board.pop(request.id, None)
        if after:
            self._pause(self._visits[-1].place, self._visits[-1].departure, after)
        last = self._visits[-1]
        home = last.departure + self._drive(last.place, self._duty.end_place)
        self._visits.append(
            Visit(kind=VisitKind.END, place=self._duty.end_place, arrival=home, start=home, departure=home)
        )
        return Tour(duty=self._duty.id, visits=tuple(self._visits))

    def _fill_gap(self, there: PlaceId, begin: Seconds) -> None:
        """Make the idle time before the stop at ``there`` a break.

        The later a break ends, the longer the work after it may be, so the break is made on arrival where the work
        before it allows; else before the drive. There is one break between two stops.
        """
        here, now = self._visits[-1].place, self._visits[-1].departure
        drive = self._drive(here, there)
        gap, step, longest = begin - now - drive, self._profile.step, self._profile.max_stretch
        if gap < step or self._visits[-1].kind is VisitKind.BREAK:
            return
        if longest is None or now + drive - self._last_break <= longest:
            self._pause(there, now + drive, gap)
        else:
            self._pause(here, now, gap)

    def _pause(self, place: PlaceId | None, begin: Seconds, length: Seconds) -> None:
        end = begin + length
        self._visits.append(Visit(kind=VisitKind.BREAK, place=place, arrival=begin, start=begin, departure=end))
        self._last_break = end

    def _drive(self, origin: PlaceId | None, destination: PlaceId | None) -> Seconds:
        return self._view.drive(origin, destination) or 0
