"""What a step of a request brings with it for tasks and Amtshilfe cases: opened, dropped, lapsed. Idempotent."""

from __future__ import annotations

import uuid
from datetime import datetime, time

from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM
from api.amtshilfe import AmtshilfeState
from api.db.tables import AmtshilfeCase, Decision, TransportRequest
from api.deadlines import BERLIN
from api.dublin import new_measure_due
from api.repositories import amtshilfe
from api.services import notices, outbox, tasks
from api.services.dublin_facts import has_special_needs
from api.tasks import DropCode, TaskKind
from api.workflow import Action, State
from data.service_parameters import dublin_rules
from optimizer.model import CaseType

_OVER = frozenset({State.HANDED_OVER, State.CANCELLED, State.STOPPED})
"""Where nobody need examine anything any more; what failed or was returned may be tried again."""


def of_step(session: Session, request: TransportRequest, decision: Decision, *, now: datetime) -> None:
    """Open, drop or lapse what a step concerns; the request is locked."""
    if decision.before is State.FAILED:
        tasks.drop(session, request.id, DropCode.POOLED_AGAIN, kinds=[TaskKind.EXAMINE_NEW_MEASURE], now=now)
    if decision.after in _OVER:
        lapse(session, request, DropCode.REQUEST_ENDED, now=now)
    elif decision.action is Action.FAIL:
        _examine_new_measure(session, request, now)


def _examine_new_measure(session: Session, request: TransportRequest, now: datetime) -> None:
    """Give the owner the task to examine a new measure, where days are left (decree of 30.08.2024)."""
    if request.content.get("case_type") != CaseType.DUBLIN or request.deadline_at is None or request.deadline_at <= now:
        return
    parameters = dublin_rules()
    deadline, today = (each.astimezone(BERLIN).date() for each in (request.deadline_at, now))
    special = has_special_needs(request.content)
    day = new_measure_due(deadline, today, parameters, has_special_needs=special)
    end_of_day = datetime.combine(day, time(23, 59, 59), BERLIN)
    tasks.open_task(
        session, TaskKind.EXAMINE_NEW_MEASURE, request.organisation_id, request.id,
        due_at=min(end_of_day, request.deadline_at), now=now,
    )  # fmt: skip


def lapse(session: Session, request: TransportRequest, code: DropCode, *, now: datetime) -> bool:
    """Let a live Amtshilfe case lapse, and drop all open tasks about a request; return whether there were any."""
    dropped = tasks.drop(session, request.id, code, now=now)
    case = amtshilfe.live(session, request.id)
    if case is None:
        return dropped > 0
    case.state, case.updated_at = AmtshilfeState.LAPSED, now
    session.flush()
    tell(session, case, request.organisation_id, now=now, code=code.value)
    details = {"after": case.state.value, "code": code.value}
    audit.append(session, SYSTEM, "amtshilfe_lapsed", "amtshilfe_case", case.id, at=now, details=details)
    return True


def tell(
    session: Session, case: AmtshilfeCase, owner_id: uuid.UUID, *, now: datetime, code: str | None = None,
    but: uuid.UUID | None = None,
) -> None:  # fmt: skip
    """Tell all organisations that a case concerns what became of it; ``but``: not the one that did it."""
    concerned = {owner_id, case.zab_id, case.opener_id}
    told = {"amtshilfe": str(case.id), "request": str(case.request_id), "state": case.state.value}
    for each in sorted(concerned - {but}):
        notices.notify(
            session, each, notices.Kind.AMTSHILFE, "amtshilfe_case", case.id, code=case.state.value,
            details=told | ({} if code is None else {"code": code}), now=now,
        )  # fmt: skip
    outbox.tell(session, outbox.Topic.AMTSHILFE_CHANGED, concerned, told, now=now)
