"""Edits of an instance that keep it valid: what hangs on a thing that leaves, leaves with it or goes back to the pool.

A promise that cannot be kept is not silently dropped: its request becomes an ordinary one of the pool, for whom the
solver looks for another duty.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import date
from hashlib import blake2b

from optimizer.errors import InvalidValue
from optimizer.granted.edits import released
from optimizer.model import DAY, DutyId, Instance, Promise, Request, RequestId, Seconds, VisitKind, Window
from optimizer.simulate.sampling_calendar import Calendar

_LAST = 10_000 * DAY
"""Seconds: later than any file has anything, and still in the calendar."""
_PREFIX = 8
"""Bytes of a hash that make a uniform number."""


def uniform(seed: int, draw: int, purpose: str, who: str) -> float:
    """Return a number of ``[0, 1)`` that depends on its arguments alone.

    Drawn by the name of what it decides and not from a stream, it stays the same whatever else a scenario adds or
    removes: that is what makes random numbers *common* to scenarios (Law, Simulation Modeling and Analysis, 11.2).
    """
    digest = blake2b(f"{seed}/{draw}/{purpose}/{who}".encode(), digest_size=_PREFIX).digest()
    return int.from_bytes(digest, "big") / (1 << 8 * _PREFIX)


def unit_key(request: Request) -> str:
    """Return what a request stands or falls with: its bundle, else itself."""
    return request.id if request.bundle is None else f"bundle {request.bundle}"


def local_day(instance: Instance, day: int) -> Window:
    """Return first and last second of a local day of the horizon, counted from 0.

    Raises
    ------
    InvalidValue
        Where the instance has no calendar (literature formats), or ``day`` is negative.
    """
    try:
        first = date.fromisoformat(instance.horizon_start[:10])
    except ValueError:
        raise InvalidValue(
            f"Instance {instance.name}.horizon_start", "a date, so that days can be told", instance.horizon_start
        ) from None
    if day < 0:
        raise InvalidValue("day", "0 or more, counted from the first day of the file", day)
    calendar = Calendar(first, day + 1, instance.timezone)
    return Window(earliest=calendar.instant(day, 0), latest=calendar.instant(day + 1, 0) - 1)


def days_of(instance: Instance) -> int:
    """Return the number of local days from the horizon's start to the last begin of a shift or pick-up, 1 or more.

    Raises
    ------
    InvalidValue
        Where that is past the end of the calendar, or the instance has none.
    """
    begins = [shift.start for shift in instance.shifts] + [r.pickup.earliest for r in instance.requests]
    last, day = max(begins, default=0), 0
    if last > _LAST:
        raise InvalidValue(
            f"Instance {instance.name}", f"shifts and requests within {_LAST // DAY} days", f"second {last}"
        )
    while local_day(instance, day).latest < last:
        day += 1
    return day + 1


def without_duties(instance: Instance, gone: Set[DutyId]) -> Instance:
    """Return the instance without these duties and the shifts that no other duty works.

    What was promised there goes back to the pool; a pin to such a duty is lifted; assignments of the published plan
    that no plan can keep any more are no longer counted as changes.
    """
    if not gone:
        return instance
    left = tuple(duty for duty in instance.duties if duty.id not in gone)
    idle = {duty.shift for duty in instance.duties} - {duty.shift for duty in left}
    requests = tuple(
        replace(
            request,
            barred_duties=request.barred_duties - gone,
            pin=None if request.pin in gone else request.pin,
        )
        if request.barred_duties & gone or request.pin in gone
        else request
        for request in instance.requests
    )
    return replace(
        instance,
        duties=left,
        shifts=tuple(shift for shift in instance.shifts if shift.id not in idle),
        requests=requests,
        commitments=tuple(commitment for commitment in instance.commitments if commitment.duty not in gone),
        published=tuple(was for was in instance.published if was.duty not in gone),
    )


def without_requests(instance: Instance, gone: Set[RequestId]) -> Instance:
    """Return the instance without these requests and those of their bundles; their seats on promised tours are free."""
    if not gone:
        return instance
    bundles = {r.bundle for r in instance.requests if r.id in gone and r.bundle is not None}
    gone = {r.id for r in instance.requests if r.id in gone or (r.bundle is not None and r.bundle in bundles)}
    return replace(
        released(instance, lambda _, promise: promise.request in gone),
        requests=tuple(
            replace(r, excluded=r.excluded - gone) if r.excluded & gone else r
            for r in instance.requests
            if r.id not in gone
        ),
        published=tuple(was for was in instance.published if was.request not in gone),
    )


def promised_end(instance: Instance, promise: Promise) -> Seconds:
    """Return when the service of a promised stop is over."""
    request = next(r for r in instance.requests if r.id == promise.request)
    stop = request.pickup if promise.kind is VisitKind.PICKUP else request.delivery
    return promise.start + stop.service
