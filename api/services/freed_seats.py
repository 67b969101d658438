"""Freed seats: a promised seat was given up, and which waiting requests fit it now. Nobody is moved for it.

A freed seat only ever carries a request that waits already, with a planned measure of its own.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import DutyRow, TransportRequest
from api.errors import not_found
from api.repositories import proposals as rows
from api.services.assignments import Wish, fit
from api.services.checking import Ground, Verdict

MOST_TRIED = 50
"""Waiting requests that are tried on one duty."""
SECONDS = 2.0
"""Wall-clock seconds for it; what was not tried by then is counted, not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A waiting request that fits a duty as it stands, and how."""

    request: TransportRequest
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What was found for a duty: candidates by time on board; how many were tried, and how many were left untried."""

    duty: DutyRow
    candidates: tuple[Candidate, ...]
    tried: int
    untried: int


def fitting(session: Session, actor: Actor, duty_id: uuid.UUID, *, now: datetime) -> Fitting:
    """Try the waiting requests near in time on a duty, each by itself.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    duty = rows.own_duty(session, actor, duty_id)
    if duty is None:
        raise not_found("a duty")
    waiting = rows.waiting_near(session, duty.starts_at, duty.ends_at, MOST_TRIED, now=now)
    ground = Ground(session, duty, waiting, now=now, is_joining=True)
    until = time.perf_counter() + SECONDS
    found, tried = [], 0
    for request in waiting:
        if time.perf_counter() > until:
            break
        tried += 1
        verdict = fit(ground, request, Wish(request_id=request.id, duty_id=duty.id))
        if verdict.fits and verdict.figures is not None:
            found.append((verdict.figures.on_board, str(request.id), Candidate(request=request, verdict=verdict)))
    ranked = tuple(candidate for *_, candidate in sorted(found, key=lambda each: each[:2]))
    return Fitting(duty=duty, candidates=ranked, tried=tried, untried=len(waiting) - tried)
