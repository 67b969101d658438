"""Parameter sets as the service keeps them: seeded from the files that ship, never changed, in force from their day."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

import data
from api import audit
from api.actor import Actor
from api.db.tables import ParameterSetRow
from api.errors import Code, Problem
from optimizer.model import ParameterSet


def seed(session: Session, actor: Actor, *, now: datetime) -> int:
    """Store the parameter sets that ship and are not there yet; return how many.

    Raises
    ------
    Problem
        ``exists_already`` (409) where a set of that name says something else: sets that were used are never changed.
    """
    added = 0
    for name in data.parameter_set_ids():
        shipped = data.parameter_set(name)
        document = document_of(shipped)
        digest = _digest(document)
        known = session.scalars(select(ParameterSetRow).where(ParameterSetRow.name == name)).one_or_none()
        if known is None:
            row = ParameterSetRow(
                created_at=now, name=name, valid_from=date.fromisoformat(shipped.valid_from),
                source=f"data/parameters/{name}.toml", content=document, sha256=digest,
            )  # fmt: skip
            session.add(row)
            session.flush()
            audit.append(session, actor, "created", "parameter_set", row.id, at=now, details={"name": name})
            added += 1
        elif known.sha256 != digest:
            raise Problem(
                Code.EXISTS_ALREADY,
                f"Parameter set {name} is stored with other values. Give the changed set a new id and date.",
            )
    return added


def row_in_force(session: Session, day: date) -> ParameterSetRow:
    """Return the row of the set that holds on ``day``: the last one that began by then.

    Raises
    ------
    Problem
        ``unavailable`` (503) where none holds.
    """
    query = (
        select(ParameterSetRow)
        .where(ParameterSetRow.valid_from <= day)
        .order_by(ParameterSetRow.valid_from.desc(), ParameterSetRow.id.desc())
        .limit(1)
    )
    row = session.scalars(query).first()
    if row is None:
        raise Problem(
            Code.UNAVAILABLE,
            f"No parameter set holds on {day}. Operators run `restplatz migrate`, which stores them.",
        )
    return row


def in_force(session: Session, day: date) -> ParameterSet:
    """Return the parameter set that holds on ``day``; raises as ``row_in_force``."""
    row = row_in_force(session, day)
    return _read(row.sha256, json.dumps(row.content))


def document_of(parameters: ParameterSet) -> dict[str, Any]:
    """Return a set as a JSON object; ``api.mapping`` reads it back."""
    document: dict[str, Any] = _adapter().dump_python(parameters, mode="json")
    return document


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@cache
def _adapter() -> TypeAdapter[ParameterSet]:
    return TypeAdapter(ParameterSet)


@cache
def _read(sha256: str, text: str) -> ParameterSet:  # noqa: ARG001  # the hash names what is kept
    return _adapter().validate_json(text)
