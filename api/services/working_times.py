"""Which working-time profile a ZAB works by: dated, with its source, never changed afterwards.

A ZAB may choose any profile of the parameter set in force on the day; the numbers of a profile are those of the set.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import WorkingTimeChoice
from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem
from api.repositories import fleet, patterns
from api.schemas.working_times import NewChoice
from api.services import parameters


def default_profile(session: Session, zab_id: uuid.UUID, day: date) -> str:
    """Return the profile that a ZAB works by on a day; without a choice of its own the first one of the set in force.

    Raises
    ------
    Problem
        ``unavailable`` (503) where no parameter set holds.
    """
    chosen = patterns.choice_on(session, zab_id, day)
    return parameters.in_force(session, day).working_time[0].id if chosen is None else chosen.profile


def choose(session: Session, actor: Actor, body: NewChoice, *, now: datetime) -> WorkingTimeChoice:
    """Enter which profile the actor's ZAB works by from a day on; duties that are there keep theirs.

    Raises
    ------
    Problem
        ``value_refused`` (422) for a profile that the set of that day does not have; ``too_late`` (409) for a day that
        has passed; ``exists_already`` (409) where one was chosen for that day.
    """
    if body.valid_from < now.astimezone(BERLIN).date():
        raise Problem(
            Code.TOO_LATE, "What a ZAB worked by in the past is not changed. Choose a day from today on.",
            errors=[FieldError(path="/valid_from", expected="today or a day to come")],
        )  # fmt: skip
    known = sorted(each.id for each in parameters.in_force(session, body.valid_from).working_time)
    if body.profile not in known:
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.",
            errors=[
                FieldError(
                    path="/profile", expected=f"a profile of the parameter set: {', '.join(known)}",
                    what_to_do="A new profile comes with a new parameter set, with its source.",
                )
            ],
        )  # fmt: skip
    zab = fleet.zab_of(session, actor)
    if any(each.valid_from == body.valid_from for each in patterns.choices(session, zab.id)):
        raise Problem(
            Code.EXISTS_ALREADY, "Your ZAB chose a profile for this day already. Choose another day.",
            errors=[FieldError(path="/valid_from", expected="a day without a choice")],
        )  # fmt: skip
    row = WorkingTimeChoice(
        created_at=now, zab_id=zab.id, profile=body.profile, valid_from=body.valid_from, source=body.source
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    details = {"profile": body.profile, "valid_from": body.valid_from.isoformat()}
    audit.append(session, actor, "chosen", "working_time", row.id, at=now, details=details)
    return row
