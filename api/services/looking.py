"""The live data as problems of the optimizer, for commands and simulations, which change nothing. Loads no solver."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import DutyRow, Organisation, OrganisationKind, TransportRequest
from api.errors import Code, Problem, absent
from api.gates import Finding
from api.mapping.horizon import Horizon
from api.mapping.problem import Mapped, problem_of
from api.mapping.questions import Asks, Question
from api.repositories import fleet, proposals, requests
from api.repositories.plans import plan_rows
from api.services import gatekeeping, parameters, questions
from api.settings import Settings
from api.workflow import State

_HANDLE = re.compile(r"[0-9a-f]{4,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about the plan as it stands, ready to be answered by ``explaining``.

    Parameters
    ----------
    stored
        What ``explaining.answers`` reads of a run.
    closed
        Gates that keep the request from all duties.
    names
        What duties and ZABs are called, by what answers call them.
    """

    mapped: Mapped
    stored: Mapping[str, Any]
    closed: tuple[Finding, ...]
    names: Mapping[str, str]


def request_named(session: Session, text: str) -> TransportRequest:
    """Return a request by its id, or by the last characters of it.

    Raises
    ------
    Problem
        ``not_found`` (404); ``value_refused`` (422) where several end so.
    """
    try:
        row = requests.find(session, SYSTEM, uuid.UUID(text))
    except ValueError:
        row = None
    if row is not None:
        return row
    written = text.strip().strip("….").lower()
    if not _HANDLE.fullmatch(written):
        raise Problem(Code.VALUE_REFUSED, "Expected the id of a request, or its last 4 to 12 characters.")
    rows = session.scalars(requests.listed(SYSTEM, requests.Filters(handle=written)).limit(2)).unique().all()
    if not rows:
        raise absent("a request whose id ends so", "The board shows the last characters of each.")
    if len(rows) > 1:
        raise Problem(Code.VALUE_REFUSED, "Several requests end so. Give more characters of the id.")
    return rows[0]


def duty_named(session: Session, text: str, request: TransportRequest) -> DutyRow:
    """Return a duty by its id, or by its code among the duties around the request's days.

    Raises
    ------
    Problem
        ``not_found`` (404); ``value_refused`` (422) where several have the code.
    """
    days = questions.horizon_of(request, None, Asks.WHAT_HELPS, now=request.pickup_from)
    near = session.scalars(fleet.duties(SYSTEM, since=days.since, until=days.until)).unique().all()
    try:
        found = list(proposals.duties(session, [uuid.UUID(text)]).values())
    except ValueError:
        found = [duty for duty in near if duty.code == text]
    if not found:
        what_to_do = (
            f"Near it are {_some([duty.code for duty in near])}." if near else "There are no duties near that day."
        )
        raise absent("a duty of this id, or of this code near the request's day", what_to_do)
    if len(found) > 1:
        raise Problem(Code.VALUE_REFUSED, "Several duties have this code. Give the id.")
    return found[0]


def organisation_named(session: Session, code: str) -> Organisation:
    """Return an organisation by its code; raises ``not_found`` (404) with the codes that there are."""
    found = fleet.organisation(session, code)
    if found is None:
        query = select(Organisation.code).where(Organisation.kind != OrganisationKind.ABH).order_by(Organisation.code)
        known = session.scalars(query).all()
        raise absent(
            "an organisation of this code",
            f"Codes are {', '.join(known)}; of an ABH that is entered abh: and its AGS, such as abh:05113000.",
        )
    return found


def _some(codes: Sequence[str], most: int = 20) -> str:
    """Return the codes by commas, so many at most."""
    known = sorted(set(codes))
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")


def asked(
    session: Session, request: TransportRequest, duty: DutyRow | None, asks: Asks, settings: Settings, *, now: datetime
) -> Asked:
    """Return a question about a request, with today's rows.

    Raises
    ------
    Problem
        ``state_forbids`` (409) where the question does not fit how the request stands.
    """
    questions.fits(session, SYSTEM, request, asks)
    horizon = questions.horizon_of(request, duty, asks, now=now)
    rows = plan_rows(session, horizon.since, horizon.until, now=now, only=[request.id])
    mapped = problem_of(
        rows, horizon, parameters.in_force(session, horizon.first), now=now, tolerance=settings.tolerance_seconds,
        keeps_offers=True,
    )  # fmt: skip
    question = Question(asks=asks, request_id=request.id, duty_id=None if duty is None else duty.id)
    names = {str(row.id): row.code for row in rows.duties} | {f"ZAB {zab.code}": zab.name for zab in rows.zabs}
    return Asked(
        mapped=mapped, closed=gatekeeping.blocked(session, [request.id], now=now).get(request.id, ()), names=names,
        stored={"seed": 0, "workers": 1, "offered": list(mapped.offered), **question.told()},
    )  # fmt: skip


def usual_question(request: TransportRequest) -> Asks:
    """Return what is asked of a request where nothing else is: why here, where it is proposed, else why nowhere."""
    return Asks.WHY_THIS if request.state is State.PROPOSED else Asks.WHY_NOT


def days(
    session: Session,
    horizon: Horizon,
    settings: Settings,
    *,
    now: datetime,
    opened: Collection[uuid.UUID] = (),
) -> Mapped:
    """Return the problem of whole days as a run would get it; whom a gate blocks is left out, but for ``opened``."""
    rows = plan_rows(session, horizon.since, horizon.until, now=now)
    rows, _ = gatekeeping.without_blocked(session, rows, now=now, opened=opened)
    return problem_of(
        rows, horizon, parameters.in_force(session, horizon.first), now=now, tolerance=settings.tolerance_seconds,
        keeps_offers=False,
    )  # fmt: skip
