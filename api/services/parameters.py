"""Parameter sets as the service keeps them: seeded from the files that ship, never changed, in force from their day."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam, func, select
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
            session.info.pop(_ASKED, None)
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
        ``unavailable`` (503) where none is stored; ``value_refused`` (422) of a day before the first one holds.
    """
    row = session.scalars(_IN_FORCE, {"day": day}).first()
    if row is None:
        raise _none_holds(session, day)
    return row


_IN_FORCE = (
    select(ParameterSetRow)
    .where(ParameterSetRow.valid_from <= bindparam("day"))
    .order_by(ParameterSetRow.valid_from.desc(), ParameterSetRow.id.desc())
    .limit(1)
)
_HASH_IN_FORCE = _IN_FORCE.with_only_columns(ParameterSetRow.id, ParameterSetRow.sha256)


def _none_holds(session: Session, day: date) -> Problem:
    first = session.scalar(select(func.min(ParameterSetRow.valid_from)))
    if first is None:
        return Problem(
            Code.UNAVAILABLE, "No parameter set is stored. Operators run `restplatz migrate`, which stores them."
        )
    return Problem(Code.VALUE_REFUSED, f"No parameter set holds on {day}. Choose days from {first} on.")


def in_force(session: Session, day: date) -> ParameterSet:
    """Return the parameter set that holds on ``day``, asked once in a transaction; raises as ``row_in_force``."""
    transaction, known = session.info.get(_ASKED, (None, {}))
    if transaction is None or transaction is not session.get_transaction():
        known = {}
    if day not in known:
        known[day] = _read_in_force(session, day)
        session.info[_ASKED] = session.get_transaction(), known
    found: ParameterSet = known[day]
    return found


def _read_in_force(session: Session, day: date) -> ParameterSet:
    found = session.execute(_HASH_IN_FORCE, {"day": day}).first()
    if found is None:
        raise _none_holds(session, day)
    row_id, sha256 = found
    known = _KNOWN.get((row_id, sha256))
    if known is None:
        # Sets are never changed: what was read once of this row, with this hash, is what it says.
        row = session.get_one(ParameterSetRow, row_id)
        known = _KNOWN[row_id, sha256] = _adapter().validate_json(json.dumps(row.content))
    return known


def document_of(parameters: ParameterSet) -> dict[str, Any]:
    """Return a set as a JSON object; ``api.mapping`` reads it back."""
    document: dict[str, Any] = _adapter().dump_python(parameters, mode="json")
    return document


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@cache
def _adapter() -> TypeAdapter[ParameterSet]:
    return TypeAdapter(ParameterSet)


_ASKED = "parameter_sets"
_KNOWN: dict[tuple[uuid.UUID, str], ParameterSet] = {}
