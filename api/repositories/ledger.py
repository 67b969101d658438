"""Sums of the burden ledger; every ZAB sees those of all five."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.tables import Decision, LedgerEntry, Organisation, OrganisationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What entries of one kind add up to."""

    requests: int = 0
    metres: int = 0
    crew_seconds: int = 0
    custody_seconds: int = 0


def sums(session: Session, month: date) -> dict[tuple[uuid.UUID, str], Figures]:
    """Return the sums of a month (its first day) by ZAB and kind of entry."""
    query = (
        select(
            LedgerEntry.zab_id,
            LedgerEntry.kind,
            func.sum(LedgerEntry.requests),
            func.sum(LedgerEntry.metres),
            func.sum(LedgerEntry.crew_seconds),
            func.sum(LedgerEntry.custody_seconds),
        )
        .where(LedgerEntry.month == month)
        .group_by(LedgerEntry.zab_id, LedgerEntry.kind)
    )
    return {
        (zab, kind): Figures(
            requests=int(requests), metres=int(metres), crew_seconds=int(crew), custody_seconds=int(custody)
        )
        for zab, kind, requests, metres, crew, custody in session.execute(query)
    }


def accepted_of(session: Session, proposal_id: uuid.UUID, kind: str) -> LedgerEntry | None:
    """Return what was entered when a proposal was promised; ``kind`` is how that is called."""
    query = (
        select(LedgerEntry)
        .join(Decision, Decision.id == LedgerEntry.decision_id)
        .where(Decision.proposal_id == proposal_id, LedgerEntry.kind == kind)
        .order_by(LedgerEntry.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def zabs(session: Session) -> list[Organisation]:
    """Return all ZABs, by code."""
    query = select(Organisation).where(Organisation.kind == OrganisationKind.ZAB).order_by(Organisation.code)
    return list(session.scalars(query))
