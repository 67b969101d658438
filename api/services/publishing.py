"""The last step of a run: what its plan proposes, as far as it still holds today, in one transaction.

Nothing is taken from the plan on trust. Requests and duties are locked, read as they are now, and the independent
checker looks at every tour that would change. What was stopped, withdrawn, promised elsewhere or no longer fits is left
out, and what remains of its tour is looked at again. Nobody who has not answered loses an offer that can stay.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import Run, TransportRequest
from api.deadlines import respond_by
from api.mapping.checking import faults, in_order
from api.mapping.horizon import Horizon
from api.mapping.offers import Measure, Placement, placements_of
from api.mapping.problem import Mapped, problem_of, promises_of
from api.repositories.plans import PlanRows, lock_duties, lock_requests, note_unplaced, plan_rows
from api.services import gatekeeping, parameters, steps, tours
from api.settings import Settings
from api.workflow import WAITING, Action, State
from optimizer.model import DutyId, Instance, Promise, RequestId
from optimizer.result import Result
from optimizer.verify.violation import Violation

BETTER_PLAN, NO_LONGER_FITS = "better_plan", "no_longer_fits"
NEW, CHANGED, LOST, UNPLACED = "new", "changed", "lost", "unplaced"
_MOST_REASONS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a run changed for a request, with one reason."""

    request: str
    kind: str
    code: str
    zab: str | None = None
    """Code of the ZAB that is asked, or no longer asked."""


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What is to change, in the making."""

    moves: dict[RequestId, Placement]
    """Requests that ride elsewhere, or at other times, than today."""
    lost: dict[RequestId, str] = field(default_factory=dict)
    """Offers that end, with their code."""
    refused: dict[RequestId, str] = field(default_factory=dict)
    """Requests that the plan places, and today's rows do not let ride."""


def publish(
    session: Session,
    run: Run,
    planned: Instance,
    result: Result,
    alternatives: Mapping[RequestId, list[dict[str, Any]]],
    settings: Settings,
    *,
    now: datetime,
) -> list[Difference]:
    """Propose what the plan of ``run`` says and still holds; return what changed.

    Parameters
    ----------
    planned
        The problem that was solved.
    result
        With a plan (``objective``).
    alternatives
        Other places for each new request.
    """
    placed = placements_of(result.solution)
    # Whoever was promised when the problem was read is none of this run's business.
    asked = {request.id for request in planned.requests} - _promised(planned)
    asked |= set(run.solve_params.get("offered", ()))
    locked = lock_requests(session, [uuid.UUID(each) for each in asked])
    closed = gatekeeping.blocked(session, locked, now=now)
    read: Mapping[str, int] = run.versions.get("requests", {})
    # An offer that another match made meanwhile was not in this problem: it stands, for this run as for a promise.
    open_ids = {
        str(key)
        for key, row in locked.items()
        if key not in closed
        and (row.state in WAITING or (row.state is State.PROPOSED and row.version == read.get(str(key))))
    }
    horizon = Horizon.read(run.horizon)
    only = [uuid.UUID(each) for each in open_ids]
    rows = plan_rows(session, horizon.since, horizon.until, now=now, only=only)
    duties = {p.duty for each, p in placed.items() if each in open_ids}
    duties |= {str(rows.proposals[key].duty_id) for key in only if key in rows.proposals}
    lock_duties(session, [uuid.UUID(each) for each in duties])
    # Once more, now that nobody can change what is looked at. Whoever waits with somebody blocked in one bundle is out.
    rows = plan_rows(session, horizon.since, horizon.until, now=now, only=only)
    rows, waiting = gatekeeping.without_blocked(session, rows, now=now)
    open_ids -= {str(key) for key in waiting}
    today = problem_of(
        rows, horizon, parameters.in_force(session, horizon.first), now=now, tolerance=settings.tolerance_seconds,
        keeps_offers=False,
    )  # fmt: skip
    publisher = _Publisher(session, run, rows, horizon, today, placed, settings, now)
    plan = publisher.settle(open_ids)
    return publisher.apply(plan, alternatives, result) + [
        Difference(request=str(key), kind=UNPLACED, code=found[0].gate.value)
        for key, found in sorted((closed | waiting).items())
        if key in locked and locked[key].state in WAITING
    ]


def _promised(instance: Instance) -> set[RequestId]:
    return {promise.request for commitment in instance.commitments for promise in commitment.promises}


class _Publisher:
    """One publication: today's rows, and the plan that is to become proposals."""

    def __init__(
        self,
        session: Session,
        run: Run,
        rows: PlanRows,
        horizon: Horizon,
        today: Mapped,
        placed: Mapping[RequestId, Placement],
        settings: Settings,
        now: datetime,
    ) -> None:
        self._session = session
        self._run = run
        self._rows = rows
        self._horizon = horizon
        self._today = today
        self._placed = placed
        self._settings = settings
        self._now = now
        self._known = {request.id for request in today.instance.requests}
        self._stored = {str(duty): promises_of(stops, horizon) for duty, stops in rows.stops.items()}
        # Tours that could not be taken into the problem stay as they are, and nobody is put on them.
        self._there = {duty.id for duty in today.instance.duties}
        self._duty_of = {p.request: duty for duty, tour in self._stored.items() for p in tour}
        self._tolerance = {c.duty: c.tolerance for c in today.instance.commitments}

    # --- what is to change --------------------------------------------------------------------------------------------

    def settle(self, open_ids: set[RequestId]) -> _Plan:
        """Return what of the plan holds today."""
        readable = open_ids & self._known
        plan = _Plan(moves={r: self._placed[r] for r in sorted(readable & self._placed.keys()) if self._is_new(r)})
        for request in sorted(readable & self._duty_of.keys()):
            # An offer whose duty is out of the problem (withheld, away) cannot stay there.
            if request not in plan.moves and self._row(request).state is State.PROPOSED and not self._can_stay(request):
                plan.lost[request] = NO_LONGER_FITS
        while True:
            found = self._faults(plan)
            if not found:
                return plan
            if not self._give_way(plan, found):
                self._drop(plan, sorted(plan.moves), found[0].rule.value)
                if self._faults(plan):
                    # What stands today has a fault of its own: not for this run to mend.
                    return _Plan(moves={}, refused=plan.refused)
                return plan

    def _row(self, request: RequestId) -> TransportRequest:
        return self._rows.requests[uuid.UUID(request)]

    def _is_new(self, request: RequestId) -> bool:
        """Whether the plan changes anything for a request.

        Where a tour keeps its riders its times stay too: nobody is asked anew for some minutes.
        """
        placement = self._placed[request]
        if self._duty_of.get(request) != placement.duty:
            return True
        before = {p.request for p in self._stored.get(placement.duty, ())}
        after = {each.request for each in self._placed.values() if each.duty == placement.duty}
        same = set(placement.promises) <= set(self._stored[placement.duty])
        return before != after and not same

    def _can_stay(self, request: RequestId) -> bool:
        return self._duty_of[request] in self._there

    def _tours(self, plan: _Plan) -> dict[DutyId, tuple[Promise, ...]]:
        """Return all tours as they would be."""
        gone = plan.moves.keys() | plan.lost.keys()
        tours_: dict[DutyId, list[Promise]] = {
            duty: [p for p in tour if p.request not in gone and p.request in self._known]
            for duty, tour in self._stored.items()
            if duty in self._there
        }
        for duty in {placement.duty for placement in plan.moves.values()}:
            tours_[duty] = [self._moved(p, duty) for p in tours_.get(duty, [])]
        for placement in plan.moves.values():
            tours_[placement.duty].extend(placement.promises)
        return {duty: in_order(tour) for duty, tour in tours_.items() if tour}

    def _moved(self, promise: Promise, duty: DutyId) -> Promise:
        """Return a promised stop where the plan has it, as far as its tolerance lets it, beside somebody new."""
        placement = self._placed.get(promise.request)
        if placement is None or placement.duty != duty or self._is_open_offer(promise.request):
            return promise
        planned = next(p for p in placement.promises if p.kind is promise.kind)
        return planned if abs(planned.start - promise.start) <= self._tolerance.get(duty, 0) else promise

    def _faults(self, plan: _Plan) -> list[Violation]:
        return faults(self._today.instance, self._today.travel, self._tours(plan), plan.moves.keys())

    def _give_way(self, plan: _Plan, found: Sequence[Violation]) -> bool:
        """Take out what is at fault, of each tour one thing before it is looked at again; whether there was any."""
        touched: set[DutyId | None] = set()
        for violation in found:
            if violation.duty not in touched and self._mend(plan, violation):
                touched |= {violation.duty, *self._related(violation.duty)}
        return bool(touched)

    def _mend(self, plan: _Plan, violation: Violation) -> bool:
        """Take out who is new where a rule is broken; an offer goes first that the plan does not keep there."""
        code = violation.rule.value
        if violation.duty is None:
            unit = [] if violation.request is None else self._unit(violation.request)
            return self._drop(plan, unit, code)
        # Rules across tours name one of two; the other one may be the new one.
        for duty in (violation.duty, *self._related(violation.duty)):
            coming = [r for r, placement in plan.moves.items() if placement.duty == duty]
            staying = [r for r, where in self._duty_of.items() if where == duty and self._stays(plan, r)]
            if not coming and staying:
                return self._let_go(plan, staying, NO_LONGER_FITS)
            if unkept := [r for r in staying if r not in self._placed]:
                return self._let_go(plan, unkept, BETTER_PLAN)
            if coming:
                named = [violation.request] if violation.request in coming else coming
                return self._drop(plan, [m for r in named if r is not None for m in self._unit(r)], code)
        return False

    def _related(self, duty: DutyId | None) -> list[DutyId]:
        """Return duties of the same crew or vehicle."""
        own = next((row for row in self._rows.duties if str(row.id) == duty), None)
        if own is None:
            return []
        return [
            str(row.id)
            for row in self._rows.duties
            if row.id != own.id and (row.crew_id == own.crew_id or row.vehicle_id == own.vehicle_id)
        ]

    def _stays(self, plan: _Plan, request: RequestId) -> bool:
        return self._is_open_offer(request) and request not in plan.moves and request not in plan.lost

    def _let_go(self, plan: _Plan, requests: Sequence[RequestId], code: str) -> bool:
        units = [member for request in requests for member in self._unit(request)]
        gone = [m for m in units if m in self._duty_of and self._stays(plan, m)]
        plan.lost |= dict.fromkeys(gone, code)
        return bool(gone)

    def _is_open_offer(self, request: RequestId) -> bool:
        key = uuid.UUID(request)
        return key in self._rows.pool and self._rows.requests[key].state is State.PROPOSED

    def _unit(self, request: RequestId) -> list[RequestId]:
        """Return the requests of a bundle, or the one."""
        row = self._rows.requests.get(uuid.UUID(request))
        if row is None or row.bundle is None:
            return [request]
        return [
            str(key)
            for key, other in self._rows.requests.items()
            if (other.organisation_id, other.bundle) == (row.organisation_id, row.bundle)
        ]

    def _drop(self, plan: _Plan, requests: Sequence[RequestId], code: str) -> bool:
        dropped = [request for request in requests if plan.moves.pop(request, None) is not None]
        plan.refused |= dict.fromkeys(dropped, code)
        return bool(dropped)

    # --- changing it --------------------------------------------------------------------------------------------------

    def apply(
        self, plan: _Plan, alternatives: Mapping[RequestId, list[dict[str, Any]]], result: Result
    ) -> list[Difference]:
        """End what is lost, propose what is new, note why the others were not placed."""
        final = self._tours(plan)
        measure = Measure(self._today.instance, self._today.travel)
        differences = [self._lose(request, code) for request, code in sorted(plan.lost.items())]
        # Whoever changes seats leaves first: another one may be waiting for the seat.
        for request in plan.moves:
            if request in self._duty_of and self._row(request).state is State.PROPOSED:
                tours.take_off(self._session, uuid.UUID(self._duty_of[request]), uuid.UUID(request), self._now)
        for request, placement in sorted(plan.moves.items(), key=lambda item: (item[1].duty, item[1].pickup, item[0])):
            offer = self._offer(placement, final[placement.duty], measure, alternatives.get(request, []))
            row = self._row(request)
            was_offered = row.state is State.PROPOSED
            steps.take(self._session, row, Action.PROPOSE, SYSTEM, now=self._now, offer=offer)
            kind, code = (CHANGED, BETTER_PLAN) if was_offered else (NEW, "fits")
            differences.append(Difference(request=request, kind=kind, code=code, zab=self._zab_of(placement.duty)))
        return differences + self._note_unplaced(plan, result)

    def _lose(self, request: RequestId, code: str) -> Difference:
        zab = self._rows.proposals[uuid.UUID(request)].zab.code
        steps.take(
            self._session, self._row(request), Action.LOSE, SYSTEM, now=self._now, reason=steps.Reason(code=code)
        )  # fmt: skip
        return Difference(request=request, kind=LOST, code=code, zab=zab)

    def _offer(
        self, placement: Placement, tour: Sequence[Promise], measure: Measure, places: list[dict[str, Any]]
    ) -> steps.Offer:
        figures = measure.figures(placement, tour)
        pickup, handover = self._instant(placement.pickup), self._instant(placement.delivery)
        others = {p.request for p in tour} - {placement.request}
        before = {(p.request, p.kind): p.start for p in self._stored.get(placement.duty, ())}
        moved = {
            (uuid.UUID(p.request), p.kind): self._instant(p.start)
            for p in tour
            if before.get((p.request, p.kind), p.start) != p.start and p.request in others
        }
        zab = self._zab_of(placement.duty)
        return steps.Offer(
            duty_id=uuid.UUID(placement.duty),
            pickup_at=pickup,
            handover_at=handover,
            on_board_seconds=figures.on_board,
            direct_seconds=figures.direct,
            limit_seconds=figures.limit,
            run_id=self._run.id,
            respond_by=respond_by(pickup, self._now, self._settings.answering),
            moved=moved,
            explanation={
                "extra_metres": figures.extra_metres,
                "extra_crew_seconds": figures.extra_crew_seconds,
                "rides_with": len(others),
                "affected": [
                    {"request": str(key), "before_seconds": self._rows.proposals[key].on_board_seconds}
                    for key in sorted({key for key, _ in moved})
                    if key in self._rows.proposals
                ],
                "alternatives": [place for place in places if place["zab"] != zab],
            },
        )

    def _note_unplaced(self, plan: _Plan, result: Result) -> list[Difference]:
        reasons = {each.request: each.reasons for each in result.unserved}
        found: dict[uuid.UUID, list[dict[str, Any]]] = {}
        differences = []
        for key in sorted(self._rows.pool):
            request, row = str(key), self._rows.requests[key]
            if request in plan.moves or row.state not in WAITING:
                continue
            if request in plan.refused:
                found[key] = [{"code": plan.refused[request], "obstacle": "changed_meanwhile"}]
            elif request in reasons:
                found[key] = [_told(asdict(reason)) for reason in reasons[request][:_MOST_REASONS]]
            else:
                continue
            if request not in plan.lost:
                first = found[key][0] if found[key] else {}
                code = str(first.get("code") or first.get("rule") or first.get("obstacle") or "not_searched")
                differences.append(Difference(request=request, kind=UNPLACED, code=code))
        note_unplaced(self._session, found, now=self._now)
        return differences

    def _instant(self, seconds: int) -> datetime:
        return self._horizon.calendar.local(seconds).astimezone(UTC)

    def _zab_of(self, duty: DutyId) -> str:
        return next(row.zab.code for row in self._rows.duties if str(row.id) == duty)


def _told(reason: dict[str, Any]) -> dict[str, Any]:
    """Return a reason as JSON knows it."""
    return {
        name: value.value if hasattr(value, "value") else list(value) if isinstance(value, tuple) else value
        for name, value in reason.items()
    }
