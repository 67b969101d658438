"""Gates of requests: how they stand, whom a run may not take, and what follows when one opens or closes.

Whatever changes a gate (a statement, a clearance, the clock) calls ``changed`` with how it stood before: what opens is
matched at once; what closes loses an offer that nobody has promised, and turns a promise red.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import Proposal, TransportRequest
from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.gates import Facts, Finding, blocking, examine, seen_by
from api.repositories import gates as rows
from api.repositories import notices as notice_rows
from api.repositories.plans import PlanRows
from api.schemas.gates import Gates
from api.services import notices, outbox, request_rows, requests, steps
from api.workflow import OPEN, PROMISED, WAITING, Action, Role, State
from data.service_parameters import GateRules, service_parameters

Findings = tuple[Finding, ...]
OBSTACLE = "gate"
"""The obstacle of a reason that is a gate."""
UNANSWERED = frozenset({State.PROPOSED, State.COUNTER_PROPOSED})


def rules_of(pickup_at: datetime) -> GateRules:
    """Return the rules in force on the day of a pick-up."""
    day: date = pickup_at.astimezone(BERLIN).date()
    return service_parameters(day).gates


def judged(facts: Facts) -> Findings:
    """Return how every gate stands by these facts, under the rules of the day of the pick-up."""
    return examine(facts, rules_of(facts.pickup_at))


def findings(session: Session | Connection, ids: Collection[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, Findings]:
    """Return how every gate of these requests stands, by request."""
    return {key: judged(facts) for key, facts in rows.facts(session, ids, now=now).items()}


def of_request(session: Session, request: TransportRequest, *, now: datetime) -> Findings:
    """Return how every gate of one request stands."""
    session.flush()
    return findings(session, [request.id], now=now)[request.id]


def blocked(session: Session | Connection, ids: Collection[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, Findings]:
    """Return the gates that block, of those requests that any blocks."""
    closed = {key: blocking(found) for key, found in findings(session, ids, now=now).items()}
    return {key: found for key, found in closed.items() if found}


def codes(found: Iterable[Finding]) -> list[str]:
    """Return the codes of those gates that block, in their order."""
    return [str(each.told) for each in found if each.blocks]


def problem(found: Findings, what_to_do: str, *, role: Role, is_full: bool = True) -> Problem:
    """Return the answer for a measure that a gate blocks: which, what is missing, who can clear it.

    Parameters
    ----------
    role
        Of the caller: what tells of somebody's health is told by name to those only who need to know.
    is_full
        Whether the caller sees the request whole; all others learn which gate, and not why.
    """
    closed = seen_by(blocking(found), role)
    return Problem(
        Code.GATE_CLOSED,
        f"A precondition of the measure is missing: {', '.join(codes(closed))}. {what_to_do}",
        more={"gates": [told(each, is_full=is_full) for each in closed]},
    )


def told(found: Finding, *, is_full: bool = True) -> dict[str, Any]:
    """Return a finding as JSON knows it; whether somebody is fit to travel is nobody's business who need not know."""
    shown: dict[str, Any] = {
        "gate": str(found.told), "state": found.state.value, "name": found.name,
        "law": found.law if found.is_told else "",
        "who": [role.value for role in (found.who if found.is_told else (Role.ABH,))],
    }  # fmt: skip
    if not is_full or not found.is_told:
        return shown | {"texts": found.coarse_texts, "actions": found.coarse_actions}
    more = {"code": found.code, "may_be_lifted": found.may_be_lifted}
    return shown | more | {"texts": found.texts, "actions": found.actions}


# --- runs -------------------------------------------------------------------------------------------------------------


def without_blocked(
    session: Session, plan: PlanRows, *, now: datetime, opened: Collection[uuid.UUID] = ()
) -> tuple[PlanRows, dict[uuid.UUID, Findings]]:
    """Return the plan without those in the pool whom a gate blocks, and their gates; ``opened``: who is not blocked."""
    closed = blocked(session, plan.pool - set(opened), now=now)
    return without(plan, closed), closed


def without(plan: PlanRows, closed: dict[uuid.UUID, Findings]) -> PlanRows:
    """Return the plan without those in the pool whom a gate blocks.

    A bundle is carried all or none: where one is blocked, the others wait with it, and are added to ``closed``.
    """
    bundles = {_bundle(plan.requests[key]): found for key, found in closed.items() if plan.requests[key].bundle}
    for key in plan.pool - closed.keys():
        row = plan.requests[key]
        if row.bundle is not None and _bundle(row) in bundles:
            closed[key] = bundles[_bundle(row)]
    return replace(plan, pool=plan.pool - closed.keys())


def _bundle(row: TransportRequest) -> tuple[uuid.UUID, str | None]:
    return row.organisation_id, row.bundle


# --- what an owner states ---------------------------------------------------------------------------------------------


def state(
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    gates: Gates,
    *,
    seen: Callable[[TransportRequest], None],
    now: datetime,
) -> TransportRequest:
    """State the gates of a request of the actor's ABH anew; return it.

    Raises
    ------
    Problem
        ``not_found`` (404), ``version_missing`` (428), ``version_changed`` (412), ``state_forbids`` (409) where the
        request has ended.
    """
    request = requests.locked(session, actor, request_id)
    seen(request)
    if request.state not in OPEN:
        raise Problem(
            Code.STATE_FORBIDS, f"The request is {request.state}: its gates are as they were.",
            more={"state": request.state.value},
        )  # fmt: skip
    before = of_request(session, request, now=now)
    fields = request_rows.write_gates(request, gates)
    if not fields:
        return request
    request.updated_at = now
    flag_modified(request, "updated_at")
    changed(session, request, before, now=now)
    audit.append(session, actor, "gates_stated", "request", request.id, at=now, details={"fields": fields})
    return request


# --- what follows -----------------------------------------------------------------------------------------------------


def changed(session: Session, request: TransportRequest, before: Findings, *, now: datetime) -> Findings:
    """Do what follows where gates opened or closed since ``before``; return how they stand now.

    Parameters
    ----------
    request
        Locked.
    before
        ``of_request`` before the change.
    """
    after = of_request(session, request, now=now)
    was, is_now = codes(before), codes(after)
    if is_now and is_now != was:
        close(session, request, after, is_new=True, now=now)
    elif was and not is_now:
        notice_rows.settle(session, [notices.Kind.GATE_CLOSED], str(request.id), now)
        if request.state in WAITING:
            outbox.ask_match(session, "gate_opened", [request.id], now=now)
        _touch(steps.live_proposal(session, request.id), now)
    return after


def close(session: Session, request: TransportRequest, found: Findings, *, is_new: bool, now: datetime) -> bool:
    """Withdraw an offer that nobody has promised; tell ZAB and owner of a promise that it is red; whether any was done.

    Parameters
    ----------
    is_new
        Whether it closed just now; else whoever knows is not told again, so that the clock may ask again and again.
    """
    closed = blocking(found)
    proposal = steps.live_proposal(session, request.id)
    if not closed or proposal is None:
        return False
    code = closed[0].gate.value
    # The reason of the step is what the ZAB reads.
    for_zab = str(seen_by(closed, Role.ZAB_DISPATCHER)[0].told)
    if request.state in UNANSWERED:
        steps.take(session, request, Action.LOSE, SYSTEM, now=now, reason=steps.Reason(code=for_zab))
        # The ZAB is told that it lost it; the owner, that it must clear it: another body, or the clock, closed it.
        _tell(session, request.organisation_id, request, proposal, code, now)
        # The seat is free for others who wait.
        outbox.ask_match(session, "gate_closed", [], duty_ids=[proposal.duty_id], now=now)
        return True
    if request.state not in PROMISED:
        return False
    untold = [
        (who, said)
        for who, said in ((request.organisation_id, code), (proposal.zab_id, for_zab))
        if is_new or not rows.is_told(session, who, notices.Kind.GATE_CLOSED, request.id, said, proposal.id)
    ]
    for who, said in untold:
        _tell(session, who, request, proposal, said, now)
    if untold:
        _touch(proposal, now)
        audit.append(
            session, SYSTEM, "promise_blocked", "request", request.id, at=now,
            details={"gates": codes(closed), "proposal": str(proposal.id)},
        )  # fmt: skip
    return bool(untold)


def _tell(
    session: Session,
    organisation_id: uuid.UUID,
    request: TransportRequest,
    proposal: Proposal,
    code: str,
    now: datetime,
) -> None:
    details = {"request": str(request.id), "proposal": str(proposal.id), "state": request.state.value}
    notices.notify(
        session, organisation_id, notices.Kind.GATE_CLOSED, "request", request.id, code=code,
        due_at=proposal.pickup_at, details=details, now=now,
    )  # fmt: skip
    ids = {"request": str(request.id), "proposal": str(proposal.id), "gate": code}
    outbox.tell(session, outbox.Topic.GATE_CLOSED, [organisation_id], ids, now=now)


def _touch(proposal: Proposal | None, now: datetime) -> None:
    """Give a proposal a new version: whoever read it before read something else."""
    if proposal is not None:
        proposal.updated_at = now
        flag_modified(proposal, "updated_at")


# --- as others are told -----------------------------------------------------------------------------------------------


def reasons(found: Iterable[Finding], *, is_full: bool) -> list[Mapping[str, Any]]:
    """Return the gates that block as reasons of a request: first of all, since no ZAB can do anything about them.

    Why it is closed is told to those only who see the request whole (``is_full``).
    """
    return [
        {
            "zab": None, "obstacle": OBSTACLE, "rule": str(each.told),
            "texts": each.texts if is_full else each.coarse_texts,
            "actions": each.actions if is_full else each.coarse_actions, "displaces": (),
        }
        for each in found
        if each.blocks
    ]  # fmt: skip
