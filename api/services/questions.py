"""Questions about the plan as it stands: what is asked, by whom, and where it is answered. Loads no solver.

A question is a run of its own kind that changes nothing: a worker takes it, reads today's rows, answers by the
optimizer (``explaining``) and keeps the answers with the run. Runs of questions are seen by who asked alone.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import DutyRow, Run, RunKind, RunState, TransportRequest
from api.errors import Code, Problem, not_found
from api.mapping.horizon import Horizon
from api.mapping.questions import Asks, Question
from api.repositories import proposals, requests, runs
from api.repositories.plans import MATCHED
from api.services import parameters
from api.services.runs import cancelled
from api.workflow import Role, State
from optimizer.answer import Change, WhatHelps, WhyNot, WhyThis
from optimizer.io.answers import parse_answers

_DAY = timedelta(days=1)
MAY_ASK = frozenset({Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO})


def ask(session: Session, actor: Actor, question: Question, *, now: datetime) -> Run:
    """Queue a question about a request that the actor may see.

    Raises
    ------
    Problem
        ``not_found`` (404) for the request or the duty; ``state_forbids`` (409) where the question does not fit how
        the request stands; ``value_refused`` (422) for a duty with another question than why not there.
    """
    request = requests.find(session, actor, question.request_id)
    if request is None:
        raise not_found("a request")
    duty = _duty(session, actor, question)
    fits(session, actor, request, question.asks)
    horizon = horizon_of(request, duty, question.asks, now=now)
    run = Run(
        created_at=now, updated_at=now, kind=RunKind.QUESTION, state=RunState.QUEUED, horizon=str(horizon),
        horizon_from=horizon.since, horizon_to=horizon.until, night=None,
        parameter_set=parameters.row_in_force(session, horizon.first).name, account_id=actor.account_id,
        solve_params={
            "seed": 0, "workers": 1, "wanted": [str(request.id)], **question.told(),
        },
    )  # fmt: skip
    session.add(run)
    session.flush()
    audit.append(
        session, actor, "explanation_asked", "request", request.id, at=now, details={"asks": question.asks.value}
    )
    return run


def horizon_of(request: TransportRequest, duty: DutyRow | None, asks: Asks, *, now: datetime) -> Horizon:
    """Return the days that a question is about.

    Those of the request, and of the duty where one is named. Another day may be what helps, so it is asked of the days
    before and after as well, as far as they have not passed.
    """
    since = min(request.pickup_from, duty.starts_at) if duty else request.pickup_from
    if asks is not Asks.WHAT_HELPS:
        return Horizon.of(since, request.pickup_to)
    return Horizon.of(min(since, max(now, since - _DAY)), request.pickup_to + _DAY)


def of(session: Session, actor: Actor, run_id: uuid.UUID) -> Run:
    """Return a question that somebody of the actor's organisation asked, of a request that it may still see.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    run = runs.asked_by(session, actor.organisation_id, run_id)
    if run is None:
        raise not_found("an explanation")
    if requests.find(session, actor, Question.of(run.solve_params).request_id) is None:
        raise not_found("an explanation")
    return run


def stop(session: Session, actor: Actor, run_id: uuid.UUID, *, now: datetime) -> Run:
    """Wish that nobody works on a question any more.

    Raises
    ------
    Problem
        ``not_found`` (404), ``state_forbids`` (409) where it has ended.
    """
    of(session, actor, run_id)
    return cancelled(session, actor, run_id, now=now)


def answers(session: Session, run: Run) -> tuple[WhyNot | WhatHelps | WhyThis | Change, ...]:
    """Return what was found; empty as long as nothing is."""
    stored = runs.input_of(session, run.id)
    if stored is None or stored.result is None:
        return ()
    return parse_answers(stored.result.decode(), str(run.id))


def _duty(session: Session, actor: Actor, question: Question) -> DutyRow | None:
    if question.duty_id is None:
        return None
    if question.asks is not Asks.WHY_NOT:
        raise Problem(Code.VALUE_REFUSED, "Expected a duty only where it is asked why not there. Leave it out.")
    if actor.role is Role.LTRAKO:
        found = proposals.duties(session, [question.duty_id]).get(question.duty_id)
    else:
        found = proposals.own_duty(session, actor, question.duty_id) if actor.is_zab else None
    if found is None:
        raise not_found("a duty")
    return found


def fits(session: Session, actor: Actor, request: TransportRequest, asks: Asks) -> None:
    """See to it that a question makes sense as the request stands.

    Raises
    ------
    Problem
        ``state_forbids`` (409).
    """
    if asks is Asks.WHY_THIS:
        offer = proposals.live(session, request.id)
        is_open = offer is not None and request.state is State.PROPOSED
        if not is_open or (actor.is_zab and offer is not None and offer.zab_id != actor.organisation_id):
            raise Problem(
                Code.STATE_FORBIDS, "Only of a request with a proposal that waits for an answer. Ask why not.",
                more={"state": request.state.value},
            )  # fmt: skip
        return
    allowed = MATCHED if asks is Asks.WHY_NOT else MATCHED - {State.PROPOSED}
    if request.state not in allowed:
        raise Problem(
            Code.STATE_FORBIDS, f"The request is {request.state}: nobody looks for a place for it now.",
            more={"state": request.state.value},
        )  # fmt: skip
