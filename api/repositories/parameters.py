"""Reads of parameter sets: everybody may see all of them."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.db.tables import ParameterSetRow


def parameter_sets() -> Select[ParameterSetRow]:
    """Return the query for all sets."""
    return select(ParameterSetRow)


def parameter_set(session: Session, name: str) -> ParameterSetRow | None:
    """Return a set by its name."""
    return session.scalars(parameter_sets().where(ParameterSetRow.name == name)).one_or_none()
