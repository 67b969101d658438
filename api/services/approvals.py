"""Four eyes: what one person asks for runs when a second one of the same organisation agrees.

The second one needs a role that may take the action itself. What was asked for holds for the request as it was then.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from api import audit
from api.actor import Actor
from api.company import rule_told
from api.db.tables import Approval, ApprovalState, Override, TransportRequest
from api.errors import Code, FieldError, Problem, not_found
from api.gates import Gate
from api.repositories import approvals as rows
from api.services import gatekeeping, notices, outbox, overrides, requests, steps
from api.workflow import OPEN, TABLE, WAITING, Action, NotAllowed, Role, transition
from optimizer.model import RULEBOOK, Rule, Strength

LASTS = timedelta(hours=24)
"""So long a second person may agree."""
OVERRIDE = rows.OVERRIDE
LIFTERS = frozenset({Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD})
"""Roles that may have a rule lifted."""

Seen = Callable[[Approval], None]
"""Refuses (``Problem``) where the caller did not see the present version of the locked approval."""


def ask_lift(session: Session, actor: Actor, request_id: uuid.UUID, reason: steps.Reason, *, now: datetime) -> Approval:
    """Ask a second person to lift a stop.

    Raises
    ------
    Problem
        ``not_found`` (404), ``state_forbids`` (409), ``reason_missing`` (422), ``exists_already`` (409).
    """
    request = requests.locked(session, actor, request_id)
    try:
        transition(request.state, Action.LIFT_STOP, actor.role)
    except NotAllowed as error:
        raise Problem(
            Code.ROLE_MAY_NOT if error.exists else Code.STATE_FORBIDS,
            f"The request is {request.state}: only the owner of a stopped one may ask to lift the stop.",
            more={"state": request.state.value, "allowed": sorted(each.value for each in error.allowed)},
        ) from error
    if reason.code == "other" and not reason.remark.strip():
        raise Problem(
            Code.REASON_MISSING, "The reason is not complete. Mend what 'errors' names.",
            errors=[FieldError(path="/remark", expected="1 to 200 characters, since the code is 'other'")],
        )  # fmt: skip
    return _ask(session, actor, request, Action.LIFT_STOP.value, reason.code, reason.remark, now)


def ask_override(
    session: Session, actor: Actor, request_id: uuid.UUID, rule: str, reason: str, *, now: datetime
) -> Approval:
    """Ask a second person to lift an overridable rule, or a gate that may be lifted, for a request.

    Raises
    ------
    Problem
        ``not_found`` (404), ``value_refused`` (422) for a rule that nobody may lift, or a gate that stands so that
        nobody may; ``role_may_not`` (403) for a gate and somebody else than the owner, ``state_forbids`` (409) where
        the request has ended, ``exists_already`` (409) where it is lifted or asked for.
    """
    gates = gatekeeping.rules_of(now).may_be_lifted.value
    allowed = [*(each.value for each in Rule if RULEBOOK[each].strength is Strength.OVERRIDABLE), *gates]
    if rule not in allowed:
        raise Problem(
            Code.VALUE_REFUSED, "This rule cannot be lifted. Nothing was asked for.",
            errors=[FieldError(path="/rule", expected=f"one of {', '.join(allowed)}")],
        )  # fmt: skip
    request = _liftable(session, actor, request_id, rule, now)
    return _ask(session, actor, request, OVERRIDE, rule, reason, now)


def agree(session: Session, actor: Actor, approval_id: uuid.UUID, *, seen: Seen, now: datetime) -> Approval:
    """Agree as the second person: what was asked for runs now, in this transaction, or the approval stays pending.

    Raises
    ------
    Problem
        ``second_person_is_first`` (409), ``role_may_not`` (403), ``too_late`` (409), ``already_decided`` (409),
        ``version_changed`` (412) where the request says something else by now, and whatever the action itself raises.
    """
    known = rows.find(session, actor, approval_id)
    # The request first, as everywhere: who amends it locks it, and then withdraws what waits.
    request = None if known is None else steps.lock_request(session, known.request_id)
    approval = _pending(session, actor, approval_id, seen, now)
    first = rows.account(session, approval.account_id)
    if approval.account_id == actor.account_id:
        raise Problem(Code.SECOND_PERSON_IS_FIRST, "You asked for it: another person of your organisation must agree.")
    if first is None or not first.is_active or actor.account_id is None or actor.role not in _deciders(approval.action):
        raise Problem(Code.ROLE_MAY_NOT, "Expected a second person whose role may do this itself. Ask somebody else.")
    if request is None or approval.payload.get("content") != overrides.fingerprint(request):
        raise Problem(
            Code.VERSION_CHANGED, "The request was changed since this was asked for. Look at it, and ask for it anew."
        )  # fmt: skip
    asker = Actor(role=first.role, account_id=first.id, organisation_id=approval.organisation_id)
    _decide(session, approval, ApprovalState.AGREED, actor, now)
    if approval.action == OVERRIDE:
        _lift_rule(session, asker, actor.account_id, approval, now)
    else:
        reason = steps.Reason(code=str(approval.payload["code"]), remark=str(approval.payload["remark"]))
        requests.step(
            session, asker, approval.request_id, Action(approval.action), reason=reason, second_id=actor.account_id,
            now=now,
        )  # fmt: skip
    audit.append(session, actor, "agreed", "approval", approval.id, at=now, details={"action": approval.action})
    return approval


def refuse(session: Session, actor: Actor, approval_id: uuid.UUID, *, seen: Seen, now: datetime) -> Approval:
    """Refuse as the second person; raises as ``agree``."""
    approval = _pending(session, actor, approval_id, seen, now)
    if approval.account_id == actor.account_id:
        raise Problem(Code.SECOND_PERSON_IS_FIRST, "You asked for it: withdraw it instead.")
    _decide(session, approval, ApprovalState.REFUSED, actor, now)
    audit.append(session, actor, "refused", "approval", approval.id, at=now, details={"action": approval.action})
    return approval


def withdraw(session: Session, actor: Actor, approval_id: uuid.UUID, *, seen: Seen, now: datetime) -> Approval:
    """Take back what one asked for oneself; raises as ``agree``."""
    approval = _pending(session, actor, approval_id, seen, now)
    if approval.account_id != actor.account_id:
        raise Problem(Code.ROLE_MAY_NOT, "Somebody else asked for it: refuse it instead.")
    approval.state, approval.updated_at = ApprovalState.WITHDRAWN, now
    audit.append(session, actor, "withdrawn", "approval", approval.id, at=now, details={"action": approval.action})
    return approval


def _ask(
    session: Session, actor: Actor, request: TransportRequest, action: str, code: str, remark: str, now: datetime
) -> Approval:
    if actor.account_id is None or actor.organisation_id is None:
        raise AssertionError("only people ask for a second person")
    for other in rows.pending(session, actor, request.id, action, now):
        if other.payload["code"] == code or action != OVERRIDE:
            raise Problem(
                Code.EXISTS_ALREADY, f"This was asked for already, and waits for a second person: {other.id}.",
                more={"id": str(other.id)},
            )  # fmt: skip
    approval = Approval(
        created_at=now, updated_at=now, request_id=request.id, organisation_id=actor.organisation_id, action=action,
        payload={"code": code, "remark": remark, "content": overrides.fingerprint(request)},
        state=ApprovalState.PENDING, account_id=actor.account_id,
        second_id=None, expires_at=now + LASTS,
    )  # fmt: skip
    session.add(approval)
    session.flush()
    details = {"request": str(request.id), "action": action, "code": code}
    audit.append(session, actor, "second_asked", "approval", approval.id, at=now, details=details)
    return approval


def _pending(session: Session, actor: Actor, approval_id: uuid.UUID, seen: Seen, now: datetime) -> Approval:
    approval = rows.find(session, actor, approval_id, lock=True)
    if approval is None:
        raise not_found("an approval")
    seen(approval)
    if approval.state is not ApprovalState.PENDING:
        raise Problem(
            Code.ALREADY_DECIDED, f"It was {approval.state} meanwhile. Nothing more can be done about it.",
            more={"state": approval.state.value},
        )  # fmt: skip
    if approval.expires_at <= now:
        raise Problem(Code.TOO_LATE, f"It could be agreed to until {approval.expires_at.isoformat()}. Ask for it anew.")
    return approval


def _decide(session: Session, approval: Approval, state: ApprovalState, actor: Actor, now: datetime) -> None:
    approval.state, approval.second_id, approval.updated_at = state, actor.account_id, now
    session.flush()


def _deciders(action: str) -> frozenset[Role]:
    """Return the roles that may be the second person: those that may take the action itself."""
    if action == OVERRIDE:
        return LIFTERS
    return frozenset(role for (_, of), cell in TABLE.items() if of.value == action for role in cell.who)


def _liftable(session: Session, actor: Actor, request_id: uuid.UUID, rule: str, now: datetime) -> TransportRequest:
    request = requests.locked(session, actor, request_id)
    if request.state not in OPEN:
        raise Problem(
            Code.STATE_FORBIDS, f"The request is {request.state}: no rule need be lifted any more.",
            more={"state": request.state.value},
        )  # fmt: skip
    if actor.organisation_id is None:
        raise AssertionError("only people of an organisation lift a rule")
    for known in overrides.holding(session, request, actor.organisation_id):
        if known.rule == rule:
            raise Problem(Code.EXISTS_ALREADY, "This rule is lifted for this request already.",
                          more={"id": str(known.id)})  # fmt: skip
    if rule in set(Gate):
        _check_gate(session, actor, request, Gate(rule), now)
    return request


def _check_gate(session: Session, actor: Actor, request: TransportRequest, gate: Gate, now: datetime) -> None:
    """Refuse to lift a gate that is not the actor's to lift, that is open, or of which somebody said no."""
    if actor.organisation_id != request.organisation_id:
        raise Problem(Code.ROLE_MAY_NOT, "What is missing is the owner's to say: only its people may lift a gate.")
    found = next(each for each in gatekeeping.of_request(session, request, now=now) if each.gate is gate)
    if not found.blocks or not found.may_be_lifted:
        why = "is open" if not found.blocks else f"stands at '{found.code}', which nobody may lift"
        raise Problem(
            Code.VALUE_REFUSED, f"The gate {gate} {why}. Nothing was lifted.",
            errors=[FieldError(path="/rule", expected="a gate that blocks, and that may be lifted as it stands")],
            more={"gates": [gatekeeping.told(found)]},
        )  # fmt: skip


def _lift_rule(session: Session, first: Actor, second_id: uuid.UUID, approval: Approval, now: datetime) -> None:
    rule = str(approval.payload["code"])
    request = _liftable(session, first, approval.request_id, rule, now)
    before = gatekeeping.of_request(session, request, now=now)
    row = Override(
        created_at=now, request_id=request.id, rule=rule, reason=str(approval.payload["remark"]),
        account_id=first.account_id, second_id=second_id,
    )  # fmt: skip
    session.add(row)
    # A run that is at work on the request as it was must see that something changed, even in the same instant.
    request.updated_at = now
    flag_modified(request, "updated_at")
    session.flush()
    if rule in set(Gate):
        gatekeeping.changed(session, request, before, now=now)
    # What a ZAB lifts holds for it alone, when it assigns or confirms: no run may use it.
    elif request.state in WAITING and first.organisation_id == request.organisation_id:
        outbox.ask_match(session, OVERRIDE, [request.id], now=now)
    told = rule_told(rule, knows=first.organisation_id == request.organisation_id, owns=True)
    notices.notify(
        session, request.organisation_id, notices.Kind.RULE_LIFTED, "request", request.id, code=told,
        details={"request": str(request.id), "rule": told, "organisation": row.account.organisation.code}, now=now,
    )  # fmt: skip
    details = {"rule": rule, "second": str(second_id)}
    audit.append(session, first, "override", "request", request.id, at=now, details=details)
