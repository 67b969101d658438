"""What is due for deletion, and the deleting: by periods, some at a time, whoever may see it (domain.md, "deletion").

A request has ended where its state says so; one that nobody closed has ended when its last hand-over should have been
made: a draft or a promise that everybody forgot is not kept for ever.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case

from api.db.tables import TransportRequest
from api.workflow import ENDED


def ended_at(request: TransportRequest) -> datetime:
    """Return when a request has ended, or will have at the latest if nobody notes its end."""
    return request.state_since if request.state in ENDED else request.delivery_to


def end_of() -> ColumnElement[datetime]:
    """Return ``ended_at`` as an expression."""
    row = TransportRequest
    return case((row.state.in_(sorted(ENDED)), row.state_since), else_=row.delivery_to)
