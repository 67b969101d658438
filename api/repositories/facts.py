"""What facts on ended attempts are made of, and which requests have ended without one."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from api.db.tables import Decision, Organisation, OrganisationKind, Proposal, TransportRequest
from api.db.tables_requests import UNREPORTED


def steps(session: Session, request_id: uuid.UUID) -> Sequence[Decision]:
    """Return all steps in the life of a request, first to last."""
    query = select(Decision).where(Decision.request_id == request_id).order_by(Decision.id)
    return session.scalars(query).all()


def proposal(session: Session, proposal_id: uuid.UUID | None) -> Proposal | None:
    """Return the proposal that a step was about."""
    return None if proposal_id is None else session.get(Proposal, proposal_id)


def zab_codes(session: Session, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Return the codes of those that are ZABs."""
    wanted = {each for each in ids if each is not None}
    query = select(Organisation.id, Organisation.code).where(Organisation.kind == OrganisationKind.ZAB)
    return {key: code for key, code in session.execute(query) if key in wanted}


def is_zab(session: Session, code: str) -> bool:
    """Whether this is the code of a ZAB."""
    query = select(Organisation.id).where(Organisation.code == code, Organisation.kind == OrganisationKind.ZAB)
    return session.scalars(query).first() is not None


def unreported(session: Session, after: uuid.UUID, most: int) -> Sequence[uuid.UUID]:
    """Return requests after an id that have ended and stand in no fact, at most so many.

    One that waits again and had ended before there were facts is not among them: its next end brings both.
    """
    # In the words of the index of just these, for with values that are bound later it would not be used.
    query = select(TransportRequest.id).where(text(UNREPORTED))
    return session.scalars(query.where(TransportRequest.id > after).order_by(TransportRequest.id).limit(most)).all()
