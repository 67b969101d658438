"""Where a request would fit now: each duty near in time by itself, all that is promised kept, the best first.

The inverse of ``freed_seats``. Nobody is moved for it: stops of others keep their times, and so nobody rides longer.
The order is that of the plan's own terms: time on board above the direct ride, time on board at night, cost.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import DutyRow, TransportRequest
from api.errors import not_found
from api.mapping.offers import Added
from api.repositories import fleet
from api.repositories import proposals as rows
from api.services.checking import Ground
from api.services.fitting import try_each
from api.services.verdicts import Verdict

MOST_TRIED = 80
"""Duties that one request is tried on."""
SECONDS = 2.0
"""Wall-clock seconds for it; what was not tried by then is counted, not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A duty that could carry the request as things stand, and what that would mean."""

    duty: DutyRow
    verdict: Verdict
    added: Added


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What was found for a request, the best first; how many duties were tried, and how many were left untried."""

    request: TransportRequest
    found: tuple[Suggestion, ...]
    tried: int
    untried: int


def suggestions(session: Session, actor: Actor, request_id: uuid.UUID, *, now: datetime) -> Suggestions:
    """Try a request on the duties near in time that the actor may see: its ZAB's, the Landestransportkoordination all.

    Raises
    ------
    Problem
        ``not_found`` (404) for a request that the actor may not try.
    """
    request = rows.assignable(session, actor, request_id)
    if request is None:
        raise not_found("a request")
    near = _near(session, actor, request, now)
    grounds = Ground.each(session, near[:MOST_TRIED], [request], now=now, is_joining=True)
    tried = try_each(((ground, request) for ground in grounds), seconds=SECONDS)
    found = [
        Suggestion(duty=each.ground.duty, verdict=each.verdict, added=each.ground.added(request.id, each.verdict))
        for each in tried.found
    ]
    found.sort(key=_rank)
    return Suggestions(request=request, found=tuple(found), tried=tried.tried, untried=len(near) - tried.tried)


def _rank(each: Suggestion) -> tuple[int, int, int, datetime, str]:
    added = each.added
    return added.custody, added.night, added.cost, each.verdict.pickup_at, str(each.duty.id)


def _near(session: Session, actor: Actor, request: TransportRequest, now: datetime) -> list[DutyRow]:
    """Return offered duties still to begin whose shifts meet the request's windows; used ones first, then by begin."""
    query = fleet.duties(actor, zab=None, since=max(request.pickup_from, now), until=request.delivery_to)
    found = [
        each for each in session.scalars(query).unique()
        if each.is_offered and each.crew.is_active and each.vehicle.is_active and each.starts_at > now
    ]  # fmt: skip
    # Where somebody rides already there is a seat to be had for little: these come first where time is short.
    return sorted(found, key=lambda each: (not each.is_used, each.starts_at, str(each.id)))
