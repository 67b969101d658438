"""Amtshilfe: somebody is assigned to a municipality before the deadline; the ZAB there examines whether it takes over.

Responsibility for the case never moves: nothing here touches who owns a request. Taken over means that this ZAB is
asked first, and carries it; declined means that the request goes on as it was, in the exchange or with its ABH.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.amtshilfe import (
    AMTSHILFE_TABLE,
    AmtshilfeAction,
    AmtshilfeCell,
    AmtshilfeReason,
    AmtshilfeState,
    amtshilfe_actions,
)
from api.db.tables import AmtshilfeCase, Organisation, TaskState, TransportRequest
from api.deadlines import BERLIN, Answering
from api.dublin import RoutingCode
from api.errors import Code, FieldError, Problem, not_found
from api.repositories import amtshilfe as rows
from api.repositories import requests as request_rows
from api.repositories import tasks as task_rows
from api.services import dublin_steps, first_round, place_book, steps, tasks
from api.services.requests import locked
from api.tasks import DropCode, TaskKind
from api.workflow import PROMISED, TABLE, Action, State
from data.service_parameters import dublin_rules
from optimizer.model import CaseType, Place, PlaceKind

Seen = Callable[[AmtshilfeCase], None]
"""Refuses (``Problem``) where the caller did not see the present version of the locked case."""
_MAY_BEGIN = request_rows.DUBLIN_STATES
"""States of a request whose transfer may still be taken over, or whose next attempt may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a case is declined; ``remark`` (at most 200 characters) is needed where the code is ``other``."""

    code: AmtshilfeReason
    remark: str = ""


def open_case(
    session: Session, actor: Actor, request_id: uuid.UUID, municipality: str, assigned_on: date, *, now: datetime
) -> AmtshilfeCase:
    """Open the case at the ZAB of the Bezirk of assignment, with its task to examine; return it.

    Parameters
    ----------
    actor
        The request's owner, or the ZAB of the Bezirk in which the facility lies.
    municipality
        AGS of the municipality of assignment.
    assigned_on
        Local day; not after the deadline.

    Raises
    ------
    Problem
        ``not_found`` (404), ``role_may_not`` (403), ``state_forbids`` (409), ``too_late`` (409), ``value_refused``
        (422), ``exists_already`` (409) naming the live case.
    """
    request = locked(session, actor, request_id)
    _check_opener(session, actor, request)
    _check_request(request, now)
    zab = _zab_of(session, request, municipality, assigned_on)
    known = rows.live(session, request.id)
    if known is not None:
        raise Problem(
            Code.EXISTS_ALREADY, f"Case {known.id} is open for this request. Let it be decided, or withdraw it.",
            more={"id": str(known.id)},
        )  # fmt: skip
    if actor.organisation_id is None:
        raise AssertionError("only organisations open cases")
    case = AmtshilfeCase(
        request_id=request.id, zab_id=zab.id, opener_id=actor.organisation_id, municipality_ags=municipality,
        assigned_on=assigned_on, state=AmtshilfeState.OPEN, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(case)
    session.flush()
    session.refresh(case)
    within = timedelta(days=dublin_rules().amtshilfe_examine_days.value)
    due_at = now + within if request.deadline_at is None else min(now + within, request.deadline_at)
    tasks.open_task(
        session, TaskKind.EXAMINE_AMTSHILFE, zab.id, request.id, due_at=due_at, subject_id=case.id, now=now
    )  # fmt: skip
    dublin_steps.tell(session, case, request.organisation_id, but=actor.organisation_id, now=now)
    audit.append(
        session, actor, "amtshilfe_opened", "amtshilfe_case", case.id, at=now,
        details={"request": str(request.id), "zab": zab.code, "municipality": municipality},
    )  # fmt: skip
    return case


def take(
    session: Session,
    actor: Actor,
    case_id: uuid.UUID,
    action: AmtshilfeAction,
    *,
    seen: Seen,
    reason: Reason | None = None,
    answering: Answering,
    now: datetime,
) -> AmtshilfeCase:
    """Take one step on a case; return it.

    Raises
    ------
    Problem
        ``not_found`` (404), ``role_may_not`` (403), ``state_forbids`` or ``already_decided`` (409), ``reason_missing``
        (422), ``too_late`` (409), and what ``seen`` raises.
    """
    # Seen first; then the request locked, as everywhere; then the case as it is by now.
    known = rows.find(session, actor, case_id)
    request = None if known is None else steps.lock_request(session, known.request_id)
    case = rows.find(session, actor, case_id)
    if case is None or request is None:
        raise not_found("an Amtshilfe case")
    seen(case)
    cell = _cell(case, action, actor)
    _check_reason(cell, action, reason)
    before = case.state
    if action is AmtshilfeAction.TAKE_OVER:
        _check_takeover(session, request, case, now)
    case.state, case.updated_at = cell.to, now
    if reason is not None:
        case.code, case.remark = reason.code, reason.remark
    session.flush()
    _end_task(session, case, actor, now)
    if action is AmtshilfeAction.TAKE_OVER:
        _let_it_carry(session, actor, request, case, answering, now)
    dublin_steps.tell(
        session, case, request.organisation_id, but=actor.organisation_id, now=now,
        code=None if reason is None else reason.code.value,
    )  # fmt: skip
    audit.append(
        session, actor, f"amtshilfe_{action.value}", "amtshilfe_case", case.id, at=now,
        details={"before": before.value, "after": case.state.value, "request": str(request.id)}
        | ({} if reason is None else {"code": reason.code.value}),
    )  # fmt: skip
    return case


def _check_opener(session: Session, actor: Actor, request: TransportRequest) -> None:
    if not actor.is_zab:
        return  # An ABH sees its own alone.
    zab = first_round.zab_of(session, request.pickup_ags)
    if zab is None or zab.id != actor.organisation_id:
        raise Problem(
            Code.ROLE_MAY_NOT,
            "The owner tells of an assignment, or the ZAB of the Bezirk in which the facility lies: yours is another.",
        )


def _check_request(request: TransportRequest, now: datetime) -> None:
    if request.content.get("case_type") != CaseType.DUBLIN:
        raise Problem(Code.STATE_FORBIDS, "Expected a Dublin transfer: Amtshilfe of the decree is about these alone.")
    if request.state not in _MAY_BEGIN:
        raise Problem(
            Code.STATE_FORBIDS, f"The request is {request.state}: there is no transfer left that could be taken over.",
            more={"state": request.state.value},
        )  # fmt: skip
    if request.deadline_at is None:
        raise Problem(
            Code.VALUE_REFUSED, "The request has no deadline. Enter it with its regime and source first.",
            errors=[
                FieldError(path="/deadline", expected="a transfer deadline", what_to_do="Amend the request by it.")
            ],
        )  # fmt: skip
    if request.deadline_at <= now:
        raise Problem(Code.TOO_LATE, "The transfer deadline has passed: Amtshilfe can no longer be examined.")


def _zab_of(session: Session, request: TransportRequest, municipality: str, assigned_on: date) -> Organisation:
    """Return the ZAB of the Bezirk of assignment."""
    errors = []
    found = place_book.find(municipality)
    is_town = isinstance(found, Place) and found.kind is PlaceKind.TOWN and found.ags == municipality
    zab = first_round.zab_of(session, municipality) if is_town else None
    if zab is None:
        errors.append(
            FieldError(
                path="/municipality", expected="AGS (8 digits) of a municipality of North Rhine-Westphalia",
                what_to_do="Look it up in the catalogue. Elsewhere the exchange knows no ZAB.",
            )
        )  # fmt: skip
    last = None if request.deadline_at is None else request.deadline_at.astimezone(BERLIN).date()
    if last is not None and assigned_on > last:
        errors.append(
            FieldError(
                path="/assigned_on", expected=f"a day up to the deadline, {last}",
                what_to_do="An assignment after the deadline opens no Amtshilfe. Correct the day, or the deadline.",
            )
        )  # fmt: skip
    if errors or zab is None:
        raise Problem(Code.VALUE_REFUSED, "No case was opened. Mend what 'errors' names.", errors=errors)
    return zab


def _cell(case: AmtshilfeCase, action: AmtshilfeAction, actor: Actor) -> AmtshilfeCell:
    cell = AMTSHILFE_TABLE.get((case.state, action))
    allowed = sorted(each.value for each in amtshilfe_actions(case.state, actor.role))
    more = {"state": case.state.value, "allowed": allowed}
    if cell is None:
        is_over = case.state not in {of for of, _ in AMTSHILFE_TABLE}
        code = Code.ALREADY_DECIDED if is_over else Code.STATE_FORBIDS
        raise Problem(
            code, f"The case is {case.state}; {action} is not possible there. Choose one of: "
            f"{', '.join(allowed) or 'nothing for your role'}.", more=more,
        )  # fmt: skip
    is_concerned = actor.organisation_id == case.zab_id if cell.is_examiners else _may_withdraw(case, actor)
    if actor.role not in cell.who or not is_concerned:
        raise Problem(
            Code.ROLE_MAY_NOT,
            "The ZAB of the Bezirk of assignment decides this." if cell.is_examiners
            else "Whoever opened the case withdraws it, or the request's owner.",
            more=more,
        )  # fmt: skip
    return cell


def _may_withdraw(case: AmtshilfeCase, actor: Actor) -> bool:
    return actor.organisation_id in (case.opener_id, case.request.organisation_id)


def _check_reason(cell: AmtshilfeCell, action: AmtshilfeAction, reason: Reason | None) -> None:
    if cell.needs_reason and reason is None:
        raise Problem(
            Code.REASON_MISSING, f"Expected a coded reason for {action}. Send one of: {', '.join(AmtshilfeReason)}.",
            errors=[FieldError(path="/code", expected=f"one of {', '.join(AmtshilfeReason)}")],
        )  # fmt: skip
    if reason is not None and reason.code is AmtshilfeReason.OTHER and not reason.remark.strip():
        raise Problem(
            Code.REASON_MISSING, "The reason is not complete. Mend what 'errors' names.",
            errors=[FieldError(path="/remark", expected="1 to 200 characters, since the code is 'other'")],
        )  # fmt: skip


def _check_takeover(session: Session, request: TransportRequest, case: AmtshilfeCase, now: datetime) -> None:
    """Refuse what another ZAB has promised already, and what has no deadline left."""
    if request.deadline_at is not None and request.deadline_at <= now:
        raise Problem(Code.TOO_LATE, "The transfer deadline has passed: there is nothing left to be taken over.")
    if request.state in PROMISED and request_rows.responsible_zab(session, request) != case.zab_id:
        raise Problem(
            Code.ALREADY_DECIDED,
            "Another ZAB has promised this transport, and its word holds. Decline with `first_zab_carries`, or wait "
            "until it backs out.",
            more={"state": request.state.value},
        )


def _let_it_carry(
    session: Session,
    actor: Actor,
    request: TransportRequest,
    case: AmtshilfeCase,
    answering: Answering,
    now: datetime,
) -> None:
    """Let the ZAB that takes over be asked before all others, unless it is already; a past pick-up needs a new request.

    A later request for the same person is entered by the owner, and asked of whom the decree names for it.
    """
    is_asked = request.state is State.ASKED and request.asked_zab_id == case.zab_id
    can_be_asked = (request.state, Action.ASK) in TABLE and request.pickup_to > now
    if is_asked or not can_be_asked:
        return
    zab = request_rows.organisation(session, case.zab_id)
    if zab is None:
        raise AssertionError("a case has a ZAB")
    first = first_round.First(zab=zab, code=RoutingCode.AMTSHILFE)
    first_round.ask(
        session, actor, request, first, wanted=AmtshilfeAction.TAKE_OVER.value, answering=answering, now=now
    )  # fmt: skip


def _end_task(session: Session, case: AmtshilfeCase, actor: Actor, now: datetime) -> None:
    """End the task to examine where the case is decided, or withdrawn."""
    ends = {
        AmtshilfeState.TAKEN_OVER: TaskState.DONE,
        AmtshilfeState.DECLINED: TaskState.DONE,
        AmtshilfeState.WITHDRAWN: TaskState.DROPPED,
    }
    ended = ends.get(case.state)
    for task in task_rows.open_of(session, case.request_id, [TaskKind.EXAMINE_AMTSHILFE]):
        if ended is not None and task.subject_id == case.id:
            code = DropCode.CASE_WITHDRAWN.value if ended is TaskState.DROPPED else case.state.value
            tasks.end(session, task, ended, code, actor, now=now)
