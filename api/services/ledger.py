"""The burden ledger: what each ZAB took, declined, gave back and drove, by month; seen by all five alike."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from api.db.tables import Decision, LedgerEntry, Proposal, TransportRequest
from api.deadlines import BERLIN
from api.repositories import ledger as entries
from api.workflow import CLASS_OF, DECLINE_OF, Action, DeclineCode, State

ACCEPTED, BACKED_OUT, RELEASED, DONE = "accepted", "backed_out", "released", "done"
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
    if decision.action is Action.MOVE_DATE:
        return _release(session, decision, proposal, now)
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


def _release(session: Session, decision: Decision, proposal: Proposal | None, now: datetime) -> LedgerEntry | None:
    """Enter that a ZAB is released from what it had accepted, in the month and with the figures of that.

    Its word stood until the owner's date moved: it gave nothing back, and what it promises for the new date counts.
    What it had taken in the first round, or under a condition, was never entered.
    """
    taken = None if proposal is None else entries.accepted_of(session, proposal.id, ACCEPTED)
    if taken is None:
        return None
    entry = LedgerEntry(
        created_at=now, zab_id=taken.zab_id, month=taken.month, kind=RELEASED, decision_id=decision.id,
        requests=taken.requests, metres=taken.metres, crew_seconds=taken.crew_seconds,
        custody_seconds=taken.custody_seconds,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def _kind(decision: Decision) -> str | None:
    if decision.action is Action.BACK_OUT and decision.before is State.PROVISIONALLY_CONFIRMED:
        # It was never entered as accepted: what a ZAB gives back it must have taken before.
        return f"declined_{CLASS_OF[DeclineCode(decision.code or DeclineCode.OTHER)]}"
    return _KINDS.get(decision.action)


def prior_load(session: Session, month: date) -> dict[uuid.UUID, int]:
    """Return how many requests each ZAB took in a month, less those that it gave back or was released from.

    Where fair load begins.

    Parameters
    ----------
    month
        First day of the local month.
    """
    balance = {(zab, kind): figures.requests for (zab, kind), figures in entries.sums(session, month).items()}

    def of(zab: uuid.UUID, kind: str) -> int:
        return balance.get((zab, kind), 0)

    zabs = {zab for zab, _ in balance}
    return {zab: max(0, of(zab, ACCEPTED) - of(zab, BACKED_OUT) - of(zab, RELEASED)) for zab in zabs}
