"""Use cases of requests: enter, amend, correct, and every step that people take and that needs no proposal."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import TransportRequest
from api.deadlines import BERLIN, Answering
from api.errors import Code, FieldError, Problem, not_found
from api.gates import Facts, Finding, Stated, blocking, examine
from api.reason_codes import SettleCode
from api.repositories import gates as gate_rows
from api.repositories import requests as rows
from api.schemas.gates import Gates
from api.schemas.requests import EnterAs, RequestContent
from api.services import consequences, first_round, overrides, parameters, request_rows, steps
from api.workflow import Action, Role, State
from data.service_parameters import service_parameters

Seen = Callable[[TransportRequest], None]
"""Refuses (``Problem``) where the caller did not see the present version of the locked request."""
_Case = tuple[str, datetime]
_OF_ASKED = frozenset({Action.ACCEPT, Action.REJECT})
_OF_CONCERNED = frozenset({Action.RESUME, Action.SETTLE, Action.RETURN_TO_ABH})
_OPENS = frozenset({Action.POOL, Action.LIFT_STOP, Action.AMEND, Action.CORRECT, Action.MOVE_DATE})
"""Steps after which a case may be open that was not, or on another day."""


def enter(
    session: Session,
    actor: Actor,
    content: RequestContent,
    enter_as: EnterAs = EnterAs.DRAFT,
    *,
    zab: str | None = None,
    gates: Gates | None = None,
    answering: Answering,
    now: datetime,
    must_lie_ahead: bool = True,
) -> TransportRequest:
    """Enter a request of the actor's ABH; return it.

    Parameters
    ----------
    gates
        What is stated of them; ``None``: nothing, so that they block until somebody does.
    zab
        Code of the ZAB that is asked, with ``EnterAs.ASK``.
    must_lie_ahead
        Whether a pick-up that is past is refused.

    Raises
    ------
    Problem
        ``value_refused`` (422) with all faults, ``exists_already`` (409) naming the open request of the same case.
    """
    if actor.organisation_id is None:
        raise AssertionError("only an ABH enters requests")
    asked = _zab(session, zab) if enter_as is EnterAs.ASK else None
    completed = request_rows.complete(
        content, lambda day: parameters.in_force(session, day), now=now if must_lie_ahead else None
    )
    row = TransportRequest(
        organisation_id=actor.organisation_id, state=State.DRAFT, asked_zab_id=asked, created_at=now, updated_at=now,
        state_since=now,
    )  # fmt: skip
    request_rows.write_columns(row, completed, answering)
    request_rows.write_gates(row, gates or Gates())
    case = (completed.content.case_reference, completed.content.pickup.earliest)
    with _one_open(session, actor.organisation_id, case, None):
        session.add(row)
        session.flush()
    session.refresh(row)
    audit.append(session, actor, "created", "request", row.id, at=now, details={"enter_as": enter_as.value})
    if enter_as is EnterAs.DRAFT:
        return row
    first = first_round.first_of(session, row, now=now)
    if first is not None:
        first_round.ask(session, actor, row, first, wanted=zab or enter_as.value, answering=answering, now=now)
    else:
        steps.take(session, row, Action.POOL if enter_as is EnterAs.POOL else Action.ASK, actor, now=now)
    return row


def check(
    session: Session, actor: Actor, content: RequestContent, gates: Gates | None, *, now: datetime
) -> tuple[Finding, ...]:
    """Return the gates that would block a request if it were entered so; nothing is stored.

    Raises
    ------
    Problem
        As ``enter``: ``value_refused`` (422) with all faults, ``exists_already`` (409).
    """
    if actor.organisation_id is None:
        raise AssertionError("only an ABH enters requests")
    request_rows.complete(content, lambda day: parameters.in_force(session, day), now=now)
    found = rows.open_cases(session, actor.organisation_id, [content.case_reference])
    case = (content.case_reference, content.pickup.earliest)
    if case in found:
        raise _exists(found[case])
    document = request_rows.document(content)
    facts = Facts(
        stated=Stated.of((gates or Gates()).model_dump(mode="json", exclude_none=True)),
        pickup_at=content.pickup.earliest, now=now, is_lone_minor=gate_rows.is_lone_minor(document),
        needs=gate_rows.needs(document),
    )  # fmt: skip
    day = content.pickup.earliest.astimezone(BERLIN).date()
    return blocking(examine(facts, service_parameters(day).gates))


def step(
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    action: Action,
    *,
    now: datetime,
    seen: Seen | None = None,
    reason: steps.Reason | None = None,
    second_id: uuid.UUID | None = None,
    prepare: Callable[[TransportRequest], Mapping[str, Any] | None] | None = None,
    offer: Callable[[TransportRequest], steps.Offer] | None = None,
    case: _Case | None = None,
) -> TransportRequest:
    """Take one step on a request that the actor may see; return it.

    Parameters
    ----------
    seen
        Compares the version; ``None`` for a stop, which an old version never holds up.
    prepare
        Changes the locked request just before the step; returns details for the decision.
    offer
        Returns the trip that the step promises, once the step is known to be allowed.
    case
        Case reference and begin of the pick-up that it will have; ``None``: as they are.

    Raises
    ------
    Problem
        ``not_found`` (404), ``role_may_not`` (403), ``version_missing`` (428), ``version_changed`` (412), and what
        ``steps.take`` raises.
    """
    request = locked(session, actor, request_id)
    if seen is not None:
        seen(request)
    _check_concerned(session, actor, request, action)
    wanted = case or (request.case_reference, request.pickup_from)
    opens = _one_open(session, request.organisation_id, wanted, request.id) if action in _OPENS else nullcontext()
    with opens:
        details = None if prepare is None else prepare(request)
        promised = None
        if offer is not None:
            steps.expect(session, request, action, actor)
            promised = offer(request)
        steps.take(
            session, request, action, actor, now=now, reason=reason, second_id=second_id, offer=promised,
            details=details,
        )  # fmt: skip
    return request


def locked(session: Session, actor: Actor, request_id: uuid.UUID) -> TransportRequest:
    """Return a request that the actor may see, locked until the end of the transaction.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    # Seen first, then locked: who may stop it now may stop it still where another step came in between.
    if rows.find(session, actor, request_id) is None:
        raise not_found("a request")
    request = steps.lock_request(session, request_id)
    if request is None:
        raise not_found("a request")
    return request


def pool(
    session: Session, actor: Actor, request_id: uuid.UUID, *, seen: Seen, answering: Answering, now: datetime
) -> TransportRequest:
    """Put a request into the pool, or where the decree names a ZAB that has not answered yet, let that one be asked.

    Raises as ``step``.
    """
    request = locked(session, actor, request_id)
    first = first_round.first_of(session, request, now=now)
    if first is None:
        return step(session, actor, request_id, Action.POOL, seen=seen, now=now)
    seen(request)
    steps.expect(session, request, Action.POOL, actor)
    with _one_open(session, request.organisation_id, (request.case_reference, request.pickup_from), request.id):
        first_round.ask(session, actor, request, first, wanted=Action.POOL.value, answering=answering, now=now)
    return request


def ask(
    session: Session, actor: Actor, request_id: uuid.UUID, zab: str, *, seen: Seen, answering: Answering, now: datetime
) -> TransportRequest:
    """Ask one ZAB in the first round, or the one that the decree names, whichever the owner chose.

    Raises as ``step``, and ``value_refused`` for an unknown ZAB.
    """
    request = locked(session, actor, request_id)
    first = first_round.first_of(session, request, now=now)
    if first is not None:
        seen(request)
        steps.expect(session, request, Action.ASK, actor)
        _zab(session, zab)
        first_round.ask(session, actor, request, first, wanted=zab, answering=answering, now=now)
        return request

    def prepare(request: TransportRequest) -> Mapping[str, Any]:
        request.asked_zab_id = _zab(session, zab)
        return {"zab": zab}

    return step(session, actor, request_id, Action.ASK, seen=seen, now=now, prepare=prepare)


def reject(
    session: Session, actor: Actor, request_id: uuid.UUID, reason: steps.Reason, *, seen: Seen, now: datetime
) -> TransportRequest:
    """Reject in the first round, by the asked ZAB or by the ABH on its behalf; the request keeps by whom and why.

    A ZAB that the decree names answers for itself; what it rejects goes on into the pool at once.
    """
    was_named = False

    def prepare(request: TransportRequest) -> Mapping[str, Any]:
        nonlocal was_named
        was_named = request.state is State.ASKED and request.asked_until is not None
        if was_named and actor.role is Role.ABH:
            raise Problem(
                Code.ROLE_MAY_NOT,
                "The decree names the ZAB for this transfer: it rejects for itself, with a coded reason. Without an "
                "answer in time the request goes into the pool by itself.",
            )
        asked = None if request.asked_zab_id is None else rows.organisation(session, request.asked_zab_id)
        if asked is not None and request.state is State.ASKED:
            request.content = request.content | {"rejection": {"by": asked.code, "code": reason.code}}
        return {"day": first_round.day_of(request)}

    row = step(session, actor, request_id, Action.REJECT, seen=seen, reason=reason, now=now, prepare=prepare)
    if was_named:
        first_round.go_on(session, row, reason.code, now=now)
    return row


def amend(
    session: Session,
    actor: Actor,
    request_id: uuid.UUID,
    content: RequestContent,
    *,
    action: Action = Action.AMEND,
    gates: Gates | None = None,
    reason: steps.Reason | None = None,
    seen: Seen | None,
    answering: Answering,
    now: datetime,
) -> TransportRequest:
    """Replace what the ABH states; with ``Action.CORRECT`` after a decline because of wrong data.

    ``gates`` that are left out stay as they were stated.

    What is in the pool is matched again. A ZAB that declined for this date may be asked for another one; not for this
    one again, should the request come back to it. Rules that were lifted bind again where what they were lifted for
    changes.
    """

    def prepare(request: TransportRequest) -> Mapping[str, Any]:
        completed = request_rows.complete(content, lambda day: parameters.in_force(session, day), now=now)
        before, day = request.content, request.pickup_from.astimezone(BERLIN).date()
        request_rows.write_columns(request, completed, answering)
        left = {}
        if request.pickup_from.astimezone(BERLIN).date() != day:
            left = consequences.leave_day(session, request, day, now=now)
        overrides.end_outlived(session, actor, request, before, now=now)
        after = request.content
        fields = sorted(name for name in after if after[name] != before.get(name))
        stated = [] if gates is None else request_rows.write_gates(request, gates)
        return {"fields": fields + [f"gates.{name}" for name in stated]} | left

    case = (content.case_reference, content.pickup.earliest)
    row = step(session, actor, request_id, action, seen=seen, reason=reason, now=now, prepare=prepare, case=case)
    # What is stated anew may be a transfer for which the decree names a ZAB.
    first = first_round.first_of(session, row, now=now) if row.state is State.POOLED else None
    if first is not None:
        first_round.ask(session, actor, row, first, wanted=action.value, answering=answering, now=now)
    return row


def settle(
    session: Session, actor: Actor, request_id: uuid.UUID, reason: steps.Reason, *, seen: Seen, now: datetime
) -> TransportRequest:
    """Settle a decline that was escalated; where it is upheld the ZAB is barred, and the others are asked."""

    def prepare(request: TransportRequest) -> None:
        decline = rows.last_decline(session, request.id)
        if request.state is not State.DECLINED or reason.code != SettleCode.DECLINE_UPHELD or decline is None:
            return
        if decline.zab_id is not None:
            consequences.bar_for_good(session, request, decline.zab_id, now)

    return step(session, actor, request_id, Action.SETTLE, seen=seen, reason=reason, now=now, prepare=prepare)


def _zab(session: Session, code: str | None) -> uuid.UUID:
    zab = None if code is None else rows.zab_of_code(session, code)
    if zab is None:
        raise Problem(
            Code.VALUE_REFUSED, "Nobody was asked. Name one of the five ZABs by its code.",
            errors=[FieldError(path="/zab", expected="code of a ZAB", what_to_do="Look them up in the catalogue.")],
        )  # fmt: skip
    return zab.id


def _check_concerned(session: Session, actor: Actor, request: TransportRequest, action: Action) -> None:
    """Refuse a ZAB that was not asked, and a lead of a ZAB that has nothing to do with the request."""
    if not actor.is_zab:
        return
    # In any other state nobody may, and the table says so.
    is_asked = action in _OF_ASKED and request.state is State.ASKED
    if is_asked and request.asked_zab_id != actor.organisation_id:
        raise Problem(Code.ROLE_MAY_NOT, f"Another ZAB was asked: only that one may {action}.")
    decline = rows.last_decline(session, request.id) if action is Action.SETTLE else None
    if decline is not None and decline.zab_id != actor.organisation_id:
        raise Problem(Code.ROLE_MAY_NOT, "Another ZAB declined it: its lead or the LTraKo settles that.")
    if action in _OF_CONCERNED and not rows.is_concerned(session, actor, request):
        raise Problem(Code.ROLE_MAY_NOT, f"Your ZAB was never asked about it: its owner or the LTraKo may {action}.")


@contextmanager
def _one_open(session: Session, owner_id: uuid.UUID, case: _Case, own_id: uuid.UUID | None) -> Iterator[None]:
    """Tell it clearly where the case is open already for this pick-up; the database keeps two from being open."""
    reference, pickup_from = case
    found = rows.open_cases(session, owner_id, [reference]).get((reference, pickup_from))
    if found is not None and found != own_id:
        raise _exists(found)
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        # Another call entered it between the look and the write.
        found = rows.open_cases(session, owner_id, [reference]).get((reference, pickup_from))
        if found is None or found == own_id:
            raise
        raise _exists(found) from error


def _exists(request_id: uuid.UUID) -> Problem:
    return Problem(
        Code.EXISTS_ALREADY,
        f"This case is open already for this pick-up: request {request_id}. Amend or cancel that one.",
        more={"id": str(request_id), "request": str(request_id)},
    )
