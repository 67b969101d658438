"""Can what was promised on a duty still be kept? Asked of the independent checker, on today's rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.db.tables import DutyRow
from api.errors import Code, Problem
from api.services import tours
from api.services.checking import Ground
from api.services.duty_facts import Fact
from api.services.verdicts import Broken
from optimizer.model import VisitKind

_FACTS = frozenset(fact.value for fact in Fact) - {Fact.UNREADABLE.value}
"""What stands against new riders only: whoever was promised a seat keeps it, and people settle the rest."""


def check(session: Session, duty: DutyRow, *, now: datetime) -> None:
    """Refuse where the tour of a duty, as it is stored now, cannot be driven as promised.

    Tours of other duties of the same crew and vehicle are looked at as well.

    Raises
    ------
    Problem
        ``plan_broken`` (409) with the rules; the caller's transaction is then given up.
    """
    session.flush()
    starts = {(stop.request_id, stop.kind): stop.start for stop in tours.stops_of(session, duty.id)}
    rider = next((request_id for request_id, _ in starts if request_id is not None), None)
    if rider is None:
        return
    # Whoever is asked about, the whole tour is laid out and judged.
    ground = Ground.of(session, duty, (), now=now, is_joining=False)
    verdict = ground.judge(
        rider, starts[rider, VisitKind.PICKUP], starts[rider, VisitKind.DELIVERY], are_times_agreed=True
    )
    # A gate that closed turns a promise red; that its duty may be changed has nothing to do with it.
    broken = [each for each in verdict.broken if each.code not in _FACTS and not each.is_gate]
    if broken:
        raise refusal(
            broken, "the promised stops of this tour could not be made at their times with this crew, vehicle and shift"
        )


def refusal(broken: Iterable[Broken], why: str) -> Problem:
    """Return the answer to a tour that the checker refuses."""
    return Problem(
        Code.PLAN_BROKEN,
        f"Nothing was stored: {why}. See 'violations'; change the times, or choose another duty.",
        more={"violations": [_told(each) for each in broken]},
    )


def _told(broken: Broken) -> dict[str, Any]:
    return {
        "rule": broken.code, "strength": broken.strength.value, "texts": dict(broken.texts),
        "actions": dict(broken.actions),
    }  # fmt: skip
