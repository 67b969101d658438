"""The tour of a duty as stored: one pick-up and one hand-over of each rider, by time. Here is where seats are taken.

What lies between (drives, breaks, depots) is not stored: the checker lays it out anew each time
(``optimizer.verify.commitments``). Whoever changes a tour locks its duty first, and requests before duties.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db.tables import DutyRow, TourStop, TransportRequest
from api.errors import Code, Problem
from api.repositories.checking import OF_ONE_ZAB
from optimizer.model import ServiceTimes, VisitKind

_LOCK = (
    select(DutyRow)
    .where(DutyRow.id == bindparam("duty_id"))
    .with_for_update(of=DutyRow)
    .options(*OF_ONE_ZAB)
    .execution_options(populate_existing=True)
)
"""Put together once: every decision locks a duty."""


def lock_duty(session: Session, duty_id: uuid.UUID) -> DutyRow:
    """Return the duty, locked until the end of the transaction, as it is now."""
    return session.scalars(_LOCK, {"duty_id": duty_id}).unique().one()


def stops_of(session: Session, duty_id: uuid.UUID) -> list[TourStop]:
    """Return the stops of a duty's tour in their order."""
    return list(session.scalars(select(TourStop).where(TourStop.duty_id == duty_id).order_by(TourStop.position)))


def put_on(
    session: Session,
    duty: DutyRow,
    request: TransportRequest,
    *,
    pickup_at: datetime,
    handover_at: datetime,
    now: datetime,
    moved: dict[tuple[uuid.UUID, VisitKind], datetime] | None = None,
) -> None:
    """Let ``request`` ride on ``duty``.

    Parameters
    ----------
    moved
        New instants of stops of those who ride already; the others keep theirs.

    Raises
    ------
    Problem
        ``plan_broken`` where there is no seat; nothing is stored.
    """
    own = [
        _stop(duty, request, VisitKind.PICKUP, pickup_at),
        _stop(duty, request, VisitKind.DELIVERY, handover_at),
    ]
    kept = [_copy(stop) for stop in stops_of(session, duty.id) if stop.request_id != request.id]
    for stop in kept:
        at = (moved or {}).get((stop.request_id or request.id, stop.kind))
        if at is not None:
            service = stop.departure - stop.start
            stop.arrival, stop.start, stop.departure = at, at, at + service
    _store(session, duty, [*kept, *own], now)


def take_off(session: Session, duty_id: uuid.UUID, request_id: uuid.UUID, now: datetime) -> bool:
    """Let a request ride no longer; whether it did."""
    duty = lock_duty(session, duty_id)
    stops = stops_of(session, duty_id)
    kept = [_copy(stop) for stop in stops if stop.request_id != request_id]
    if len(kept) == len(stops):
        return False
    _store(session, duty, kept, now)
    return True


def take_off_everywhere(session: Session, request_id: uuid.UUID, now: datetime) -> None:
    """Let a request ride on no duty any longer."""
    riding = select(TourStop.duty_id).where(TourStop.request_id == request_id).distinct()
    for duty_id in sorted(session.scalars(riding)):
        take_off(session, duty_id, request_id, now)


def seats_of(duty: DutyRow) -> int:
    """Return the seats for riders in the largest configuration: all seats but those of the crew."""
    configurations = duty.vehicle.content.get("configurations", [])
    most = max((int(each["seats"]) + int(each.get("wheelchair_places", 0)) for each in configurations), default=0)
    return max(0, most - int(duty.crew.content.get("heads", 2)))


def service_of(request: TransportRequest, kind: VisitKind) -> timedelta:
    """Return how long the service at a stop of the request takes."""
    minutes = request.content["pickup" if kind is VisitKind.PICKUP else "handover"].get("service_minutes")
    if minutes is not None:
        return timedelta(minutes=int(minutes))
    usual = ServiceTimes()
    return timedelta(seconds=usual.pickup(request.people) if kind is VisitKind.PICKUP else usual.handover)


def _stop(duty: DutyRow, request: TransportRequest, kind: VisitKind, at: datetime) -> TourStop:
    place = request.content["pickup" if kind is VisitKind.PICKUP else "handover"]["place"]
    return TourStop(
        duty_id=duty.id, kind=kind, request_id=request.id, place=place, arrival=at, start=at,
        departure=at + service_of(request, kind), rests=0, position=0, seats=0,
        on_board=request.people if kind is VisitKind.PICKUP else -request.people,
    )  # fmt: skip


def _copy(stop: TourStop) -> TourStop:
    # Whole tours are replaced: their positions are unique within the duty, and would collide one by one.
    return TourStop(
        duty_id=stop.duty_id, kind=stop.kind, request_id=stop.request_id, place=stop.place, arrival=stop.arrival,
        start=stop.start, departure=stop.departure, rests=stop.rests, position=0, seats=0, on_board=0,
    )  # fmt: skip


def _store(session: Session, duty: DutyRow, stops: list[TourStop], now: datetime) -> None:
    people = _people(session, [stop.request_id for stop in stops if stop.request_id is not None])
    # Where two begin at once whoever leaves goes first, so that seats are counted as they are.
    stops.sort(key=lambda stop: (stop.start, stop.kind is VisitKind.PICKUP, str(stop.request_id)))
    seats, aboard = seats_of(duty), 0
    for position, stop in enumerate(stops):
        riders = people.get(stop.request_id, 0) if stop.request_id is not None else 0
        aboard += riders if stop.kind is VisitKind.PICKUP else -riders
        stop.position, stop.on_board, stop.seats = position, aboard, seats
    if any(not 0 <= stop.on_board <= stop.seats for stop in stops):
        raise Problem(
            Code.PLAN_BROKEN,
            f"Duty {duty.code} has {seats} seats for riders, and at some time more would ride. Choose another duty.",
            more={"rule": "capacity"},
        )
    session.execute(delete(TourStop).where(TourStop.duty_id == duty.id))
    session.add_all(stops)
    if duty.is_used != bool(stops):
        duty.is_used = bool(stops)
        duty.updated_at = now
    code = duty.code  # Once the flush has failed nothing can be read any more.
    try:
        session.flush()
    except IntegrityError as error:
        if "ex_duty_" not in str(error.orig):
            raise
        what = "crew" if "ex_duty_crew" in str(error.orig) else "vehicle"
        raise Problem(
            Code.PLAN_BROKEN,
            f"The {what} of duty {code} is on another duty at that time. Choose another duty.",
            more={"rule": f"{what}_doubled"},
        ) from error


def _people(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    rows = session.execute(
        select(TransportRequest.id, TransportRequest.people).where(TransportRequest.id.in_(set(ids)))
    )
    return {row.id: row.people for row in rows}
