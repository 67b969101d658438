"""Scenarios that organisations keep: entered, shared, changed, deleted. Nothing here touches what they are about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import ScenarioRow
from api.errors import Code, FieldError, Problem, not_found
from api.mapping.what_if import plain_of, read, stored
from api.repositories import what_if as rows
from optimizer.simulate.changes_demand import ScaleDemand
from optimizer.simulate.changes_fleet import AddVehicles, ResizeFleet
from optimizer.simulate.scenario import Scenario

MOST_CHANGES = 50
MOST_VEHICLES = 200
MOST: tuple[tuple[type[AddVehicles | ResizeFleet | ScaleDemand], str, int], ...] = (
    (AddVehicles, "count", 50), (ResizeFleet, "vehicles", MOST_VEHICLES), (ScaleDemand, "factor", 10),
)  # fmt: skip
"""What is changed at most: more is no question about these days, and would keep others waiting."""
_LONGEST_NAME = 80
LONGEST_TITLE = 200
_LANGUAGES = frozenset({"de", "en"})


def found(session: Session, actor: Actor, scenario_id: uuid.UUID, *, lock: bool = False) -> ScenarioRow:
    """Return a scenario that the actor may see.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    row = rows.find_scenario(session, actor, scenario_id, lock=lock)
    if row is None:
        raise not_found("a scenario")
    return row


def chosen(
    session: Session, actor: Actor, scenario_ids: Sequence[uuid.UUID], inline: Sequence[Mapping[str, Any]]
) -> list[tuple[Scenario, str]]:
    """Return scenarios that a call names, kept ones first, each with its JSON pointer in the body.

    Raises
    ------
    Problem
        ``not_found`` (404); ``body_invalid`` (422) with the path of each fault.
    """
    kept = [(value_of(found(session, actor, key)), f"/scenario_ids/{n}") for n, key in enumerate(scenario_ids)]
    return kept + [(read(Scenario, each, f"/scenarios/{n}"), f"/scenarios/{n}") for n, each in enumerate(inline)]


def own(session: Session, actor: Actor, scenario_id: uuid.UUID) -> ScenarioRow:
    """Return a scenario of the actor's organisation, locked, to be changed.

    Raises
    ------
    Problem
        ``not_found`` (404); ``role_may_not`` (403) where another organisation shares it.
    """
    row = found(session, actor, scenario_id, lock=True)
    if row.organisation_id != actor.organisation_id:
        raise Problem(
            Code.ROLE_MAY_NOT, "This scenario is shared by another organisation, which alone changes it. Make your own."
        )
    return row


def value_of(row: ScenarioRow) -> Scenario:
    """Return a stored scenario."""
    return stored(Scenario, row.content)


def create(session: Session, actor: Actor, scenario: Scenario, *, is_shared: bool, now: datetime) -> ScenarioRow:
    """Keep a scenario.

    Raises
    ------
    Problem
        ``value_refused`` (422), ``exists_already`` (409) where the organisation has one of this id.
    """
    if actor.organisation_id is None:
        raise AssertionError("only organisations keep scenarios")
    see_that_it_is_small(scenario, "/scenario")
    _see_that_it_is_new(session, actor, scenario.id)
    row = ScenarioRow(
        organisation_id=actor.organisation_id, name=scenario.id, content=plain_of(scenario), is_shared=is_shared,
        created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    _flush(session)
    audit.append(
        session, actor, "created", "scenario", row.id, at=now,
        details={"changes": len(scenario.changes), "shared": is_shared},
    )  # fmt: skip
    return row


def change(
    session: Session, actor: Actor, row: ScenarioRow, scenario: Scenario, *, is_shared: bool, now: datetime
) -> None:
    """Say anew what a scenario is; simulations made with it before keep what it was.

    Raises
    ------
    Problem
        As ``create``.
    """
    see_that_it_is_small(scenario, "/scenario")
    if scenario.id != row.name:
        _see_that_it_is_new(session, actor, scenario.id)
    row.name, row.content, row.is_shared, row.updated_at = scenario.id, plain_of(scenario), is_shared, now
    _flush(session)
    audit.append(
        session, actor, "changed", "scenario", row.id, at=now,
        details={"changes": len(scenario.changes), "shared": is_shared},
    )  # fmt: skip


def delete(session: Session, actor: Actor, row: ScenarioRow, *, now: datetime) -> None:
    """Delete a scenario; simulations made with it keep what it was."""
    key = row.id
    session.delete(row)
    session.flush()
    audit.append(session, actor, "deleted", "scenario", key, at=now)


def see_that_it_is_small(scenario: Scenario, where: str) -> None:
    """Refuse a scenario that is longer than anybody would read.

    Raises
    ------
    Problem
        ``value_refused`` (422) with every fault.
    """
    errors = []
    if len(scenario.id) > _LONGEST_NAME or not scenario.id.isprintable():
        errors.append(FieldError(path=f"{where}/id", expected=f"one line of at most {_LONGEST_NAME} characters"))
    if len(scenario.changes) > MOST_CHANGES:
        errors.append(FieldError(path=f"{where}/changes", expected=f"at most {MOST_CHANGES} changes"))
    if not set(scenario.title) <= _LANGUAGES:
        errors.append(FieldError(path=f"{where}/title", expected="texts by language, de and en"))
    if any(len(text) > LONGEST_TITLE or not text.isprintable() for text in scenario.title.values()):
        errors.append(FieldError(path=f"{where}/title", expected=f"one line of at most {LONGEST_TITLE} characters"))
    for number, change in enumerate(scenario.changes):
        for kind, field, most in MOST:
            if isinstance(change, kind) and getattr(change, field) > most:
                errors.append(FieldError(path=f"{where}/changes/{number}/{field}", expected=f"at most {most}"))
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=errors)


def _see_that_it_is_new(session: Session, actor: Actor, name: str) -> None:
    known = rows.scenario_named(session, actor.organisation_id, name)
    if known is not None:
        raise _exists(known.id)


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        if "organisation_id_name" not in str(error.orig) and "scenario.name" not in str(error.orig):
            raise
        raise _exists(None) from error


def _exists(key: uuid.UUID | None) -> Problem:
    return Problem(
        Code.EXISTS_ALREADY, "Your organisation has a scenario with this id. Change it, or choose another id.",
        more={} if key is None else {"scenario": str(key)},
    )  # fmt: skip
