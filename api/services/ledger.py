"""The burden ledger: what each ZAB took, declined, gave back and drove, by month; seen by all five alike."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from api.db.tables import Decision, LedgerEntry, Proposal, TransportRequest
from api.deadlines import BERLIN
from api.repositories import ledger as entries
from api.workflow import CLASS_OF, DECLINE_OF, Action, DeclineCode, State

ACCEPTED, BACKED_OUT, DONE = "accepted", "backed_out", "done"
_KINDS: dict[Action, str] = {
    Action.CONFIRM: ACCEPTED,
    Action.ASSIGN: ACCEPTED,
    Action.ACCEPT_COUNTER: ACCEPTED,
    Action.MEET_CONDITION: ACCEPTED,
    Action.BACK_OUT: BACKED_OUT,
    Action.HAND_OVER: DONE,
    **{action: f"declined_{kind}" for kind, action in DECLINE_OF.items()},
}


def month_of(instant: datetime) -> date:
    """Return the first day of the local month."""
    return instant.astimezone(BERLIN).date().replace(day=1)


def book(
    session: Session, decision: Decision, request: TransportRequest, proposal: Proposal | None, *, now: datetime
) -> LedgerEntry | None:
    """Enter what a decision means for the ZAB concerned; ``None`` where it means nothing.

    Kilometres and crew hours are those that the trip adds to the duty's tour, as its proposal stated them.
    """
    kind = _kind(decision)
    if kind is None or proposal is None:
        return None
    known = proposal.explanation
    entry = LedgerEntry(
        created_at=now,
        zab_id=proposal.zab_id,
        month=month_of(request.pickup_from),
        kind=kind,
        decision_id=decision.id,
        requests=1,
        metres=int(known.get("extra_metres", 0)),
        crew_seconds=int(known.get("extra_crew_seconds", 0)),
        custody_seconds=proposal.on_board_seconds,
    )
    session.add(entry)
    session.flush()
    return entry


def _kind(decision: Decision) -> str | None:
    if decision.action is Action.BACK_OUT and decision.before is State.PROVISIONALLY_CONFIRMED:
        # It was never entered as accepted: what a ZAB gives back it must have taken before.
        return f"declined_{CLASS_OF[DeclineCode(decision.code or DeclineCode.OTHER)]}"
    return _KINDS.get(decision.action)


def prior_load(session: Session, month: date) -> dict[uuid.UUID, int]:
    """Return how many requests each ZAB took in a month, less those that it gave back: where fair load begins.

    Parameters
    ----------
    month
        First day of the local month.
    """
    balance = {(zab, kind): figures.requests for (zab, kind), figures in entries.sums(session, month).items()}
    return {
        zab: max(0, balance.get((zab, ACCEPTED), 0) - balance.get((zab, BACKED_OUT), 0))
        for zab in {zab for zab, _ in balance}
    }
