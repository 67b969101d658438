"""What the clock does: offers expire, conditions lapse, unplaced requests go back, trips about to begin are frozen.

``tick`` takes a ``Store`` and opens small transactions of its own, one for each request, so that nobody waits long for
a lock and a worker that dies in the middle has done the first ones and none by half. It may be called as often as one
likes, by several workers at once: whatever is done already is left alone. Silence never confirms.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM
from api.clearance_workflow import ClearanceKind, is_due, is_red, limits
from api.db.store import Store
from api.db.tables import Clearance, Proposal, TransportRequest
from api.deadlines import reminders
from api.errors import Code, Problem
from api.repositories import clearances as clearance_lists
from api.repositories import due as lists
from api.repositories import gates as gate_rows
from api.repositories import proposals as rows
from api.repositories import repeats
from api.services import clearance_rows, consequences, dublin_steps, first_round, gatekeeping, notices, outbox, steps
from api.settings import Settings
from api.tasks import DropCode
from api.workflow import WAITING, Action, State

Due = Callable[[Session, datetime, uuid.UUID, int], Sequence[tuple[uuid.UUID, uuid.UUID | None]]]
"""Returns what is due at an instant, after an id, at most so many: ids of what it is, and of their requests.

``None`` for the request: on a second look it is not due.
"""
Work = Callable[[Session, TransportRequest, uuid.UUID], bool]
"""Does one of them, its request locked; returns whether there was anything to do."""

_AT_A_TIME = 200
_REPEATED_WITHIN = timedelta(hours=24)
"""So long a repeated call gets its first answer again; then its key may be used anew."""
_FIRST = uuid.UUID(int=0)
_REMINDED_AHEAD = timedelta(days=14)
"""Reminders are so many office hours before respond-by: never more than this, whatever holidays lie between."""
_MEANWHILE = frozenset({Code.ALREADY_DECIDED, Code.STATE_FORBIDS, Code.ROLE_MAY_NOT, Code.VERSION_CHANGED})
"""Somebody was quicker: nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How many of each were done."""

    expired: int = 0
    asked_expired: int = 0
    reminded: int = 0
    lapsed: int = 0
    returned: int = 0
    frozen: int = 0
    blocked: int = 0
    bars_ended: int = 0
    tasks_lapsed: int = 0
    clearances_warned: int = 0
    clearances_red: int = 0
    answers_forgotten: int = 0


def tick(store: Store, now: datetime, settings: Settings) -> Report:
    """Do what is due at ``now``; return how much it was."""
    clock = _Clock(store, now, settings)
    soon = now + timedelta(hours=settings.freeze_hours)
    times = [limits(kind, now) for kind in ClearanceKind]
    warned_until, red_until = now + max(t.warn_before for t in times), now + max(t.red_before for t in times)
    return Report(
        expired=clock.each(lists.due_for_expiry, now, clock.expire),
        asked_expired=clock.each(lists.due_for_answer, now, clock.expire_asked),
        reminded=clock.each(clock.due_for_reminder, now + _REMINDED_AHEAD, clock.remind),
        lapsed=clock.each(lists.due_for_lapse, now, clock.lapse),
        returned=clock.each(lists.due_for_return, now, clock.send_back),
        frozen=clock.each(lists.due_for_freezing, soon, clock.freeze),
        blocked=clock.each(clock.due_for_red, now, clock.turn_red),
        bars_ended=clock.each(lists.due_bars, now, clock.end_bar),
        tasks_lapsed=clock.each(lists.due_for_lapse_of_tasks, now, clock.lapse_tasks),
        clearances_warned=clock.each(clearance_lists.unwarned, warned_until, clock.warn_of_clearance),
        clearances_red=clock.each(clearance_lists.unmarked, red_until, clock.mark_clearance),
        answers_forgotten=clock.forget_answers(),
    )


class _Clock:
    """One tick."""

    def __init__(self, store: Store, now: datetime, settings: Settings) -> None:
        self._store = store
        self._now = now
        self._settings = settings

    def each(self, due: Due, at: datetime, work: Work) -> int:
        """Do all that is due, page by page; return how many were done."""
        done, after = 0, _FIRST
        while True:
            with self._store.reading() as session:
                found = due(session, at, after, _AT_A_TIME)
            done += sum(self._one(key, request_id, work) for key, request_id in found if request_id is not None)
            if len(found) < _AT_A_TIME:
                return done
            after = found[-1][0]

    def forget_answers(self) -> int:
        """Delete answers to calls that nobody repeats any more, some at a time: callers wait for the same table."""
        forgotten = 0
        while True:
            found = self._store.write(lambda session: repeats.forget(session, self._now - _REPEATED_WITHIN, _AT_A_TIME))
            forgotten += found
            if found < _AT_A_TIME:
                return forgotten

    def _one(self, key: uuid.UUID, request_id: uuid.UUID, work: Work) -> bool:
        def step(session: Session) -> bool:
            request = steps.lock_request(session, request_id)
            return request is not None and work(session, request, key)

        try:
            return self._store.write(step)
        except Problem as problem:
            if problem.code not in _MEANWHILE:
                raise
            return False

    # --- what may be due: looked at again under the lock, for it was read before --------------------------------------

    def expire(self, session: Session, request: TransportRequest, proposal_id: uuid.UUID) -> bool:
        """Let an unanswered proposal expire."""
        proposal = _live(session, request, proposal_id)
        if proposal is None or request.state not in rows.UNANSWERED or not _is_over(proposal.respond_by, self._now):
            return False
        steps.take(session, request, Action.EXPIRE, SYSTEM, now=self._now)
        return True

    def expire_asked(self, session: Session, request: TransportRequest, _: uuid.UUID) -> bool:
        """Let the time of a ZAB that the decree names pass: the request goes on in the exchange."""
        if request.state is not State.ASKED or not _is_over(request.asked_until, self._now):
            return False
        details = {"day": first_round.day_of(request), "code": request.asked_because}
        steps.take(session, request, Action.EXPIRE, SYSTEM, now=self._now, details=details)
        return True

    def lapse_tasks(self, session: Session, request: TransportRequest, _: uuid.UUID) -> bool:
        """Drop what was to be examined before a deadline that has passed."""
        if not _is_over(request.deadline_at, self._now):
            return False
        return dublin_steps.lapse(session, request, DropCode.DEADLINE_PASSED, now=self._now)

    def due_for_reminder(
        self, session: Session, until: datetime, after: uuid.UUID, most: int
    ) -> list[tuple[uuid.UUID, uuid.UUID | None]]:
        """Return unanswered proposals, those without their request of which no reminder is due now."""
        found = lists.unanswered(session, until, after, most)
        return [(each.id, each.request_id if self._reminders(each) > each.reminders_sent else None) for each in found]

    def _reminders(self, offer: lists.Unanswered) -> int:
        """Return how many reminders there should have been by now; none once the time is over."""
        if offer.respond_by <= self._now:
            return 0
        at = reminders(offer.respond_by, offer.since, self._settings.answering)
        return sum(instant <= self._now for instant in at)

    def remind(self, session: Session, request: TransportRequest, proposal_id: uuid.UUID) -> bool:
        """Remind whoever must answer, once for each reminder that is due."""
        proposal = _live(session, request, proposal_id)
        if proposal is None or request.state not in rows.UNANSWERED or proposal.respond_by is None:
            return False
        due = self._reminders(
            lists.Unanswered(
                id=proposal.id, request_id=request.id, respond_by=proposal.respond_by, since=request.state_since,
                reminders_sent=proposal.reminders_sent,
            )
        )  # fmt: skip
        if due <= proposal.reminders_sent:
            return False
        asked = request.organisation_id if request.state is State.COUNTER_PROPOSED else proposal.zab_id
        lists.note_reminded(session, proposal.id, due)
        notices.notify(
            session, asked, notices.Kind.PROPOSAL_EXPIRING, "proposal", proposal.id, due_at=proposal.respond_by,
            details={"request": str(request.id)}, now=self._now,
        )  # fmt: skip
        told = {
            "request": str(request.id), "proposal": str(proposal.id), "respond_by": proposal.respond_by.isoformat(),
        }  # fmt: skip
        outbox.tell(session, outbox.Topic.PROPOSAL_EXPIRING, {asked}, told, now=self._now)
        return True

    def lapse(self, session: Session, request: TransportRequest, proposal_id: uuid.UUID) -> bool:
        """Let a provisional promise lapse whose condition was not met."""
        proposal = _live(session, request, proposal_id)
        is_provisional = request.state is State.PROVISIONALLY_CONFIRMED
        if proposal is None or not is_provisional or not _is_over(proposal.condition_until, self._now):
            return False
        steps.take(session, request, Action.LAPSE, SYSTEM, now=self._now)
        return True

    def send_back(self, session: Session, request: TransportRequest, _: uuid.UUID) -> bool:
        """Give a request that nobody promised back to its ABH."""
        if request.state not in WAITING | {State.DECLINED} or not _is_over(request.fall_back_at, self._now):
            return False
        steps.take(session, request, Action.RETURN_TO_ABH, SYSTEM, now=self._now)
        return True

    def freeze(self, session: Session, request: TransportRequest, proposal_id: uuid.UUID) -> bool:
        """Freeze a promised trip that is about to begin."""
        if request.state is not State.CONFIRMED or _live(session, request, proposal_id) is None:
            return False
        steps.take(session, request, Action.FREEZE, SYSTEM, now=self._now)
        return True

    def due_for_red(
        self, session: Session, at: datetime, after: uuid.UUID, most: int
    ) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Return live proposals of which transit is undecided shortly before the pick-up."""
        ahead = timedelta(hours=gatekeeping.rules_of(at).clearance_hours_before_pickup.value)
        return gate_rows.due_for_red(session, at, ahead, after, most)

    def turn_red(self, session: Session, request: TransportRequest, proposal_id: uuid.UUID) -> bool:
        """Withdraw an offer, and tell of a promise, that a gate blocks since a term has passed."""
        if _live(session, request, proposal_id) is None:
            return False
        found = gatekeeping.of_request(session, request, now=self._now)
        return gatekeeping.close(session, request, found, is_new=False, now=self._now)

    def end_bar(self, session: Session, request: TransportRequest, bar_id: uuid.UUID) -> bool:
        """Take a bar away that is over, and match the request again where it waits."""
        over = [bar for bar in request.bars if bar.id == bar_id and _is_over(bar.until, self._now)]
        if not over:
            return False
        consequences.lift(session, request, over)
        if request.state in WAITING:
            outbox.ask_match(session, "bar_ended", [request.id], now=self._now)
        return True

    def warn_of_clearance(self, session: Session, request: TransportRequest, clearance_id: uuid.UUID) -> bool:
        """Warn once that a clearance is not there yet and the pick-up is near."""
        clearance = self._open_clearance(session, request, clearance_id)
        if clearance is None or clearance.warned_at is not None:
            return False
        if not is_due(clearance, self._pickup(session, request), self._now):
            return False
        clearance_lists.note(session, clearance.id, warned_at=self._now)
        clearance_rows.warn(session, request, clearance, notices.Kind.CLEARANCE_DUE, now=self._now)
        return True

    def mark_clearance(self, session: Session, request: TransportRequest, clearance_id: uuid.UUID) -> bool:
        """Tell once that a clearance stands against the transport: refused, or open shortly before."""
        clearance = self._open_clearance(session, request, clearance_id)
        if clearance is None or clearance.red_at is not None:
            return False
        if not is_red(clearance, self._pickup(session, request), self._now):
            return False
        clearance_lists.note(session, clearance.id, red_at=self._now)
        clearance_rows.warn(session, request, clearance, notices.Kind.CLEARANCE_RED, now=self._now)
        audit.append(
            session, SYSTEM, "red", "clearance", clearance.id, at=self._now,
            details={"state": clearance.state.value, "request": str(request.id)},
        )  # fmt: skip
        return True

    def _open_clearance(self, session: Session, request: TransportRequest, clearance_id: uuid.UUID) -> Clearance | None:
        if request.state not in clearance_lists.AHEAD:
            return None
        known = clearance_lists.live(session, request.id).values()
        return next((each for each in known if each.id == clearance_id), None)

    def _pickup(self, session: Session, request: TransportRequest) -> datetime:
        offer = clearance_lists.offer_of(session, request.id)
        return request.pickup_from if offer is None else offer.pickup_at


def _live(session: Session, request: TransportRequest, proposal_id: uuid.UUID) -> Proposal | None:
    proposal = steps.live_proposal(session, request.id)
    return proposal if proposal is not None and proposal.id == proposal_id else None


def _is_over(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
