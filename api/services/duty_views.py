"""Duties with their tours as answers show them, the tours of all of them read at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from api.db.tables import DutyRow, TourStop
from api.deadlines import BERLIN
from api.repositories import fleet
from api.schemas.duties import DutyShown, duty_shown
from api.services import tours


def duties_shown(
    session: Session, rows: Sequence[DutyRow], stops: Mapping[uuid.UUID, Sequence[TourStop]] | None = None
) -> list[DutyShown]:
    """Return these duties with stops and free seats; whether the caller may see them is asked before.

    Parameters
    ----------
    stops
        Their tours, where they were read already.
    """
    ids = [row.id for row in rows]
    promises = fleet.promises(session, ids)
    if stops is None:
        stops = fleet.tours(session, ids)
    return [
        duty_shown(
            row, stops.get(row.id, ()), {each.request_id for each in promises.get(row.id, ())},
            seats=tours.seats_of(row),
        )
        for row in rows
    ]  # fmt: skip


def span_of(day: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the instants at which a local day begins and ends."""
    if day is None:
        return None, None
    return datetime.combine(day, time(), BERLIN), datetime.combine(day + timedelta(days=1), time(), BERLIN)
