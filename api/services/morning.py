"""The morning list: what the nightly run changed, to each organisation its own."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.actor import Actor
from api.company import rule_told
from api.db.tables import Organisation, Run
from api.errors import not_found
from api.repositories import runs
from api.workflow import Role


def rows_of_night(session: Session, actor: Actor, night: date) -> tuple[Run, list[dict[str, Any]]]:
    """Return the nightly run of a local date, and those of its rows that the actor may see.

    An ABH sees its own requests, a ZAB what it is asked or no longer asked, LTraKo all; only LTraKo learns which rule
    on who rides together keeps a request out, and only it and the owner which rule on who must go along.

    Raises
    ------
    Problem
        ``not_found`` (404) where there was no run.
    """
    run = runs.night_of(session, night)
    if run is None:
        raise not_found(f"a run of the night of {night}")
    rows: list[dict[str, Any]] = run.summary.get("differences", [])
    if actor.role is Role.LTRAKO:
        return run, rows
    rows = [row | {"code": rule_told(row["code"], knows=False, owns=actor.role is Role.ABH)} for row in rows]
    if actor.is_zab:
        own = session.get(Organisation, actor.organisation_id)
        return run, [row for row in rows if own is not None and row["zab"] == own.code]
    return run, [row for row in rows if row["owner"] == str(actor.organisation_id)]
