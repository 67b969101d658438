"""What loading a day must know: what is there already. Nothing here is read for a person."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db.tables import CrewRow, DutyRow, TransportRequest, VehicleRow


def request_of_case(
    session: Session, owner_id: uuid.UUID, case_reference: str, pickup_from: datetime
) -> uuid.UUID | None:
    """Return the newest request of a case and pick-up, in whatever state."""
    query = (
        select(TransportRequest.id)
        .where(
            TransportRequest.organisation_id == owner_id,
            TransportRequest.case_reference == case_reference,
            TransportRequest.pickup_from == pickup_from,
        )
        .order_by(TransportRequest.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def last_begin_of(session: Session, prefix: str) -> datetime | None:
    """Return the last begin of the duties whose code begins with ``prefix``."""
    return session.scalar(select(func.max(DutyRow.starts_at)).where(DutyRow.code.startswith(prefix, autoescape=True)))


def names(session: Session) -> dict[str, str]:
    """Return what people call duties, vehicles, crews and cases, by id: only names that stand for one of them."""
    found: dict[str, str] = {}
    for key, name in (
        (DutyRow.id, DutyRow.code),
        (VehicleRow.id, VehicleRow.code),
        (CrewRow.id, CrewRow.code),
        (TransportRequest.id, TransportRequest.case_reference),
    ):
        pairs = [(str(row[0]), str(row[1])) for row in session.execute(select(key, name))]
        times = Counter(called for _, called in pairs)
        found |= {id_: called for id_, called in pairs if times[called] == 1}
    return found
