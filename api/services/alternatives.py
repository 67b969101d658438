"""Where else a proposed trip would fit: as the run that proposed it stored, as far as it still stands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.db.tables import DutyRow, Proposal
from api.repositories import proposals as rows
from api.services.assignments import Wish, fit
from api.services.checking import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another duty that could carry the trip; seconds on board above the direct ride that it adds for all riders."""

    duty: DutyRow
    extra_seconds: int


def stored(session: Session, proposal: Proposal, *, now: datetime) -> list[Alternative]:
    """Return the other duties in the order of the run, without those that are out of the question by now.

    What is withheld, out of service, of the same ZAB, of one that is not to be asked, or over; the tours themselves are
    not looked at (``next_best`` does).
    """
    told = proposal.explanation.get("alternatives", [])
    if not told:
        return []
    extra = {uuid.UUID(each["duty"]): int(each["extra_custody_seconds"]) for each in told}
    duties = rows.duties(session, list(extra))
    barred = {bar.zab_id for bar in proposal.request.bars if bar.until is None or bar.until > now}
    return [
        Alternative(duty=duty, extra_seconds=seconds)
        for key, seconds in extra.items()
        if (duty := duties.get(key)) is not None
        and duty.zab_id not in barred | {proposal.zab_id}
        and duty.is_offered
        and duty.crew.is_active
        and duty.vehicle.is_active
        and duty.ends_at > now
    ]


def next_best(session: Session, proposal: Proposal, *, now: datetime) -> Alternative | None:
    """Return the first of the other duties that the checker still lets carry the trip."""
    for each in stored(session, proposal, now=now):
        ground = Ground.of(session, each.duty, [proposal.request], now=now, is_joining=True)
        wish = Wish(request_id=proposal.request_id, duty_id=each.duty.id)
        if fit(ground, proposal.request, wish).fits:
            return each
    return None
