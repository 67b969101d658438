"""Freed seats: a promised seat was given up, and which waiting requests fit it now. Nobody is moved for it.

A freed seat only ever carries a request that waits already, with a planned measure of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import DutyRow, TransportRequest
from api.errors import not_found
from api.repositories import proposals as rows
from api.services.checking import Ground
from api.services.fitting import try_each
from api.services.verdicts import Verdict

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
    ground = Ground.of(session, duty, waiting, now=now, is_joining=True)
    tried = try_each(((ground, request) for request in waiting), seconds=SECONDS)
    ranked = sorted(tried.found, key=lambda each: (each.on_board, str(each.request.id)))
    return Fitting(
        duty=duty, candidates=tuple(Candidate(request=each.request, verdict=each.verdict) for each in ranked),
        tried=tried.tried, untried=len(waiting) - tried.tried,
    )  # fmt: skip
