"""Assigning by hand: any duty may be tried, the checker answers at once; what it lets pass is promised and pinned."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Proposal, TransportRequest
from api.errors import Code, FieldError, Problem, not_found
from api.gates import blocking
from api.repositories import proposals as rows
from api.services import requests, steps, tours
from api.services.checking import Ground
from api.services.proposals import plan_broken
from api.services.verdicts import Verdict
from api.workflow import Action
from optimizer.model import Promise, Request, Stop, Strength, VisitKind
from optimizer.verify.view import View

MOST_ATTEMPTS = 24
"""Pairs of positions that are put to the checker at most, the shortest time on board first."""
MOST_ODD = 6
"""Of them pairs for which the drives leave no time: they only serve to tell what stands against the trip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a dispatcher wants tried; times that are left out are looked for."""

    request_id: uuid.UUID
    duty_id: uuid.UUID
    pickup_at: datetime | None = None
    handover_at: datetime | None = None


def check(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> Verdict:
    """Return the checker's answer, with what it would only tell of the tour then; nothing is stored.

    Raises
    ------
    Problem
        ``not_found`` (404), ``value_refused`` (422) for times that cannot be.
    """
    request = rows.assignable(session, actor, wish.request_id)
    duty = rows.own_duty(session, actor, wish.duty_id)
    if request is None or duty is None:
        raise not_found("a request and a duty")
    _possible(wish)
    ground = Ground.of(session, duty, [request], now=now, is_joining=True)
    return ground.warned(request.id, fit(ground, request, wish))


def assign(session: Session, actor: Actor, wish: Wish, *, now: datetime) -> Proposal:
    """Promise a trip on a duty that a person chose; it is pinned there until released.

    Raises
    ------
    Problem
        As ``check``; ``plan_broken`` (409) where a rule stands against it: what can be overridden needs an override
        with a reason and a second person first; ``state_forbids`` (409).
    """
    found = rows.assignable(session, actor, wish.request_id)
    request = None if found is None else steps.lock_request(session, found.id)
    if request is None or rows.own_duty(session, actor, wish.duty_id) is None:
        raise not_found("a request and a duty")
    _possible(wish)
    steps.expect(session, request, Action.ASSIGN, actor)
    offer = _offer(session, request, wish, now)
    steps.take(session, request, Action.ASSIGN, actor, now=now, offer=offer)
    made = steps.live_proposal(session, request.id)
    if made is None:
        raise AssertionError("an assignment makes a live proposal")
    return made


def accept(session: Session, actor: Actor, wish: Wish, *, seen: requests.Seen, now: datetime) -> TransportRequest:
    """Take a request in the first round, as the ZAB that was asked, on one of its duties; return it.

    Raises
    ------
    Problem
        As ``requests.step``; ``not_found`` (404) for a duty of somebody else, ``value_refused`` (422) for times that
        cannot be, ``plan_broken`` (409) where a rule stands against it.
    """
    _possible(wish)

    def offer(request: TransportRequest) -> steps.Offer:
        if rows.own_duty(session, actor, wish.duty_id) is None:
            raise not_found("a duty")
        return _offer(session, request, wish, now)

    return requests.step(session, actor, wish.request_id, Action.ACCEPT, seen=seen, now=now, offer=offer)


def _offer(session: Session, request: TransportRequest, wish: Wish, now: datetime) -> steps.Offer:
    """Return the trip as the checker found it in order; the duty is locked."""
    duty = tours.lock_duty(session, wish.duty_id)
    verdict = fit(Ground.of(session, duty, [request], now=now, is_joining=True), request, wish)
    if not verdict.fits or verdict.figures is None:
        raise plan_broken(verdict, _what_to_do(verdict), is_full=False)
    figures = verdict.figures
    return steps.Offer(
        duty_id=duty.id,
        pickup_at=verdict.pickup_at,
        handover_at=verdict.handover_at,
        on_board_seconds=figures.on_board,
        direct_seconds=figures.direct,
        limit_seconds=figures.limit,
        explanation={
            "extra_metres": figures.extra_metres,
            "extra_crew_seconds": figures.extra_crew_seconds,
            "rides_with": len(verdict.riders),
        },
    )


def _possible(wish: Wish) -> None:
    if wish.pickup_at is not None and wish.handover_at is not None and wish.handover_at <= wish.pickup_at:
        raise Problem(
            Code.VALUE_REFUSED, "The hand-over must come after the pick-up. Turn the times round.",
            errors=[FieldError(path="/handover_at", expected="an instant after pickup_at")],
        )  # fmt: skip


def _what_to_do(verdict: Verdict) -> str:
    if blocking(verdict.gates):
        return "Nothing was stored. Whoever 'gates' names can clear it; then assign it again."
    if any(each.strength is Strength.HARD for each in verdict.broken):
        return "Nothing was stored. Choose another duty or other times."
    codes = ", ".join(dict.fromkeys(each.code for each in verdict.broken))
    return (
        f"Nothing was stored. {codes} can be overridden: ask for it under /v1/requests/…/overrides with a reason, "
        "let a second person agree, then assign again."
    )


# --- looking for times ------------------------------------------------------------------------------------------------


def fit(ground: Ground, request: TransportRequest, wish: Wish) -> Verdict:
    """Return the best attempt: without fault and with the least time on board, else the one with the fewest faults."""
    view = ground.view(request.id)
    if wish.pickup_at is not None and wish.handover_at is not None:
        return ground.judge(request.id, wish.pickup_at, wish.handover_at)
    value = ground.value(request.id)
    if view is None or value is None:
        return ground.judge(request.id, request.pickup_from, request.delivery_to)
    best: Verdict | None = None
    wanted = (
        None if wish.pickup_at is None else ground.calendar.seconds(wish.pickup_at),
        None if wish.handover_at is None else ground.calendar.seconds(wish.handover_at),
    )
    odd = 0
    for number, attempt in enumerate(_attempts(view, value, ground.tour(request.id), wanted, str(ground.duty.id))):
        odd += attempt.lack > 0
        if number >= MOST_ATTEMPTS or odd > MOST_ODD:
            break
        verdict = ground.judge(request.id, ground.instant(attempt.pickup), ground.instant(attempt.handover))
        if verdict.fits:
            return verdict
        if best is None or len(verdict.broken) < len(best.broken):
            best = verdict
    if best is None:
        raise Problem(
            Code.VALUE_REFUSED, "No pick-up can lie before that hand-over, nor a hand-over after that pick-up.",
            errors=[FieldError(path="/handover_at", expected="an instant of the days around the duty")],
        )  # fmt: skip
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """Times of one pair of positions; ``lack`` seconds are missing for its drives."""

    pickup: int
    handover: int
    on_board: int
    lack: int


def _attempts(
    view: View, value: Request, tour: Sequence[Promise], wanted: tuple[int | None, int | None], duty: str
) -> list[_Attempt]:
    """Return all pairs of positions with their times, those that lack nothing first, the shortest on board first.

    The others' times are kept: the pick-up is as late, and the hand-over as early, as they let it.
    """
    positions = _Positions(view, value, tour, duty)
    found = {
        (each.pickup, each.handover): each
        for i in range(len(tour) + 1)
        for j in range(i, len(tour) + 1)
        for each in positions.attempts(i, j, wanted)
    }
    return sorted(found.values(), key=lambda each: (each.lack, each.on_board, each.pickup))


class _Positions:
    """Places in a tour for one more pick-up and one more hand-over."""

    def __init__(self, view: View, value: Request, tour: Sequence[Promise], duty: str) -> None:
        self._view = view
        self._value = value
        self._tour = tour
        self._duty = duty

    def attempts(self, i: int, j: int, wanted: tuple[int | None, int | None]) -> Iterator[_Attempt]:
        """Yield the times with the pick-up before stop ``i`` and the hand-over before stop ``j`` of the tour."""
        pickup, handover, tour = self._value.pickup, self._value.delivery, self._tour
        there = self._drive(self._place(i - 1), pickup.place, is_laden=self._is_laden(i))
        last = self._drive(pickup.place if i == j else self._place(j - 1), handover.place, is_laden=True)
        low = max(pickup.earliest, self._end(i - 1) + there)
        must_hand_over = handover.latest
        if j < len(tour):
            onward = self._drive(handover.place, self._place(j), is_laden=self._is_laden(j))
            must_hand_over = min(must_hand_over, tour[j].start - onward - handover.service)
        if i == j:
            must_pick_up = must_hand_over - last - pickup.service
        else:
            must_pick_up = tour[i].start - self._drive(pickup.place, self._place(i), is_laden=True) - pickup.service
        high = min(pickup.latest, must_pick_up)
        at = wanted[0] if wanted[0] is not None else max(low, high)
        if wanted[0] is None and wanted[1] is not None:
            # Whoever is to be handed over then must be on the way before, window or not: the checker tells.
            at = min(at, wanted[1] - last - pickup.service)
        elif wanted[0] is None:
            # Nobody asked for another time than the owner's: what stands against it then is the duty's, not the window.
            at = min(at, pickup.latest)
        ready = last + (at + pickup.service if i == j else self._end(j - 1))
        until = wanted[1] if wanted[1] is not None else max(handover.earliest, ready)
        if until > at >= 0:
            lack = max(0, low - high) + max(0, until - must_hand_over) + max(0, ready - until)
            yield _Attempt(pickup=at, handover=until, on_board=until - at - pickup.service, lack=lack)

    def _is_laden(self, position: int) -> bool:
        """Whether somebody is on board on the way to a position."""
        kinds = [promise.kind for promise in self._tour[:position]]
        return kinds.count(VisitKind.PICKUP) > kinds.count(VisitKind.DELIVERY)

    def _place(self, position: int) -> str | None:
        """Return the place of a stop; before the first the depot."""
        return self._view.index.duty[self._duty].start_place if position < 0 else self._stop(position).place

    def _end(self, position: int) -> int:
        """Return when the vehicle can leave a stop; the depot at the begin of the shift."""
        if position < 0:
            window = self._view.index.duty_window(self._duty)
            return 0 if window is None else window.earliest
        return self._tour[position].start + self._stop(position).service

    def _stop(self, position: int) -> Stop:
        promise = self._tour[position]
        other = self._view.index.request[promise.request]
        return other.pickup if promise.kind is VisitKind.PICKUP else other.delivery

    def _drive(self, origin: str | None, destination: str | None, *, is_laden: bool) -> int:
        drive = self._view.drive(origin, destination) or 0
        if not is_laden:
            return drive
        # Children of others may need more rests: the checker tells. Here the party's own serve to find times.
        rests = self._view.rests(drive, children=self._value.party.has_children)
        return drive + rests * self._view.parameters.rest_length
