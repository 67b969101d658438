"""Facts on transport attempts, written as they end: anonymous, for good, and what reports are made of.

Exactly one for each end: a request that fails and is handed over later has two. What ended before there were facts is
caught up on by the nightly runs (``catch_up``), so many each night. Whoever deletes a request calls ``record`` first;
where its facts are there already nothing happens.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from sqlalchemy.orm import Session

import data
from api.db.store import Store
from api.db.tables import CountKind, Decision, MeasureCount, MeasureFact, Proposal, TransportRequest
from api.db.tables_reports import HOURS_OF_BAND
from api.deadlines import BERLIN
from api.errors import Problem
from api.reason_codes import FailCode
from api.repositories import facts as rows
from api.repositories import requests
from api.schemas.proposals import minutes
from api.services import parameters, place_book, tours
from api.workflow import DECLINE_OF, ENDED, PROMISED, Action, State
from optimizer.io.tables_problems import CellError
from optimizer.model import ParameterSet, PlaceKind, VisitKind

OTHER = "other"
"""Bezirk of a pick-up outside of the state, and end of a trip at no known place."""
_AT_A_TIME = 200
_DECLINES = frozenset(DECLINE_OF.values())
Tally = Counter[tuple[CountKind, str, str]]
"""How often, by kind, ZAB and code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """An attempt that ended: its steps, the last one its end; the promise it broke off or fulfilled."""

    steps: Sequence[Decision]
    promise: Proposal | None
    is_first: bool

    @property
    def end(self) -> Decision:
        return self.steps[-1]


def record(session: Session, request: TransportRequest) -> int:
    """Write the facts of all ends of a request that stand in none; return how many. ``request`` is locked.

    A draft that nobody was asked about is no attempt.
    """
    made, begun, is_first = 0, 0, True
    steps = rows.steps(session, request.id)
    for number, step in enumerate(steps):
        if step.after not in ENDED:
            continue
        if request.reported_id is None or step.id > request.reported_id:
            if step.before is not State.DRAFT:
                is_promised = step.before in PROMISED
                promise = rows.proposal(session, step.proposal_id) if is_promised else None
                _write(session, request, _Attempt(steps=steps[begun : number + 1], promise=promise, is_first=is_first))
                made += 1
            request.reported_id = step.id
        is_first = is_first and step.before is State.DRAFT
        begun = number + 1
    session.flush()
    return made


def catch_up(store: Store, most: int = 5_000) -> int:
    """Write the facts of requests that ended without one, each in a transaction of its own; return how many.

    Parameters
    ----------
    most
        Requests that are looked at, the oldest first. After an update all of the past waits here: it must not hold up
        the night's match, and the following nights do the rest.
    """
    made, after = 0, uuid.UUID(int=0)
    for begin in range(0, most, _AT_A_TIME):
        number = min(_AT_A_TIME, most - begin)
        with store.reading() as session:
            found = rows.unreported(session, after, number)
        made += sum(store.write(lambda session, key=key: _catch_up(session, key)) for key in found)  # type: ignore[misc]
        if len(found) < number:
            break
        after = found[-1]
    return made


def _catch_up(session: Session, request_id: uuid.UUID) -> int:
    request = session.get(TransportRequest, request_id, with_for_update={"of": TransportRequest})
    return 0 if request is None else record(session, request)


def _write(session: Session, request: TransportRequest, attempt: _Attempt) -> None:
    end, promise = attempt.end, attempt.promise
    pickup_at = request.pickup_from if promise is None else promise.pickup_at
    over_at = pickup_at if promise is None else promise.handover_at + tours.service_of(request, VisitKind.DELIVERY)
    local = pickup_at.astimezone(BERLIN)
    limits = _parameters(session, local.date())
    has_begun = end.before is State.UNDER_WAY or (
        end.action is Action.FAIL and promise is not None and end.created_at >= promise.pickup_at
    )
    custody, on_board = _custody(request, attempt) if has_begun else (0, 0)
    is_night = not _is_day(local, limits)
    tally = _tally(session, request, attempt)
    fact = MeasureFact(
        month=local.date().replace(day=1), zab=_zab(session, request, attempt),
        bezirk=_bezirk(request.pickup_ags), destination=_destination(request.delivery_place),
        hour_band=local.hour // HOURS_OF_BAND * HOURS_OF_BAND, is_night=is_night,
        meets_night=is_night or _meets_night(pickup_at, over_at, limits), has_children=request.has_children,
        has_override=any(kind is CountKind.OVERRIDE for kind, *_ in tally), people=request.people,
        escorts=0 if promise is None else int(promise.duty.crew.content.get("officers", 0)),
        is_promised=end.before in PROMISED, has_begun=has_begun, custody_minutes=custody, on_board_minutes=on_board,
        outcome=end.after, code=end.code or "",
    )  # fmt: skip
    session.add(fact)
    session.flush()
    for (kind, zab, code), number in sorted(tally.items()):
        session.add(MeasureCount(fact_id=fact.id, kind=kind, zab=zab, code=code, number=number))
    session.flush()


def _zab(session: Session, request: TransportRequest, attempt: _Attempt) -> str:
    """Return the code of the ZAB that had promised; one that took it in the first round may have named no duty."""
    if attempt.promise is not None:
        return attempt.promise.zab.code
    asked = request.asked_zab_id if attempt.end.before in PROMISED else None
    return _code(rows.zab_codes(session, {asked}), asked)


def _code(codes: Mapping[uuid.UUID, str], zab_id: uuid.UUID | None) -> str:
    return "" if zab_id is None else codes.get(zab_id, "")


def _custody(request: TransportRequest, attempt: _Attempt) -> tuple[int, int]:
    """Return minutes in custody and on board: as promised, or up to where it broke off. Nobody met, none taken."""
    promise, end = attempt.promise, attempt.end
    if promise is None or end.code == FailCode.NOT_MET:
        return 0, 0
    until = promise.handover_at if end.action is Action.HAND_OVER else min(end.created_at, promise.handover_at)
    custody = max(0, int((until - promise.pickup_at).total_seconds()))
    if end.action is Action.HAND_OVER:
        return minutes(custody), minutes(min(promise.on_board_seconds, custody))
    served = int(tours.service_of(request, VisitKind.PICKUP).total_seconds())
    return minutes(custody), minutes(min(promise.on_board_seconds, max(0, custody - served)))


def _tally(session: Session, request: TransportRequest, attempt: _Attempt) -> Tally:
    found: Tally = Counter()
    lifted = requests.overrides(session, request.id)
    ids = {each.account.organisation_id for each in lifted} | {step.zab_id for step in attempt.steps}
    codes = rows.zab_codes(session, ids | {request.asked_zab_id})
    for each in lifted:
        found[CountKind.OVERRIDE, _code(codes, each.account.organisation_id), each.rule] += 1
    for step in attempt.steps:
        zab, code = _code(codes, step.zab_id), step.code or OTHER
        if step.action is Action.REJECT:
            # The owner may enter it for the ZAB that was asked.
            found[CountKind.REJECTED, zab or _code(codes, request.asked_zab_id), code] += 1
        elif step.action in _DECLINES:
            found[CountKind.DECLINED, zab, code] += 1
        elif step.action is Action.BACK_OUT:
            found[CountKind.BACKED_OUT, zab, code] += 1
        elif step.action is Action.EXPIRE and step.before is State.PROPOSED:
            found[CountKind.EXPIRED, zab, ""] += 1
    stated = request.content.get("rejection")
    if attempt.is_first and stated and not any(kind is CountKind.REJECTED for kind, *_ in found):
        # Entered with the request. Who rejected is the owner's own text: only what names a ZAB is kept.
        by = str(stated.get("by", ""))
        found[CountKind.REJECTED, by if rows.is_zab(session, by) else "", str(stated.get("code", OTHER))] += 1
    return found


def _parameters(session: Session, day: date) -> ParameterSet:
    try:
        return parameters.in_force(session, day)
    except Problem:
        # No end of a measure, a stop least of all, may fail for what is only counted.
        return data.parameter_set()


def _is_day(local: datetime, limits: ParameterSet) -> bool:
    return limits.day_start <= local.hour * 3600 + local.minute * 60 + local.second < limits.day_end


def _meets_night(since: datetime, until: datetime, limits: ParameterSet) -> bool:
    """Whether any of ``[since, until)`` lies in a night, by the local clock."""
    day = since.astimezone(BERLIN).date()
    while day <= until.astimezone(BERLIN).date():
        begin, end = _clock(day, limits.day_end), _clock(day + timedelta(days=1), limits.day_start)
        if since < end and begin < until:
            return True
        day += timedelta(days=1)
    return False


def _clock(day: date, seconds: int) -> datetime:
    days, rest = divmod(seconds, 86_400)
    at = time(rest // 3600, rest % 3600 // 60, rest % 60)
    return datetime.combine(day + timedelta(days=days), at, BERLIN)


@cache
def _bezirke() -> dict[str, str]:
    return {site.ags_prefix: site.bezirk for site in data.zabs()}


def _bezirk(ags: str) -> str:
    return _bezirke().get(ags[:3], OTHER)


def _destination(place: str) -> str:
    """Return the airport; of other places only the kind, for a town may tell too much."""
    found = place_book.find(place)
    if isinstance(found, CellError):
        return OTHER
    return found.id if found.kind is PlaceKind.AIRPORT else found.kind.value
