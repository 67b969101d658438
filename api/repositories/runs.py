"""Runs, their events and their stored problems. Runs are the exchange's own: no organisation has runs of its own."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Account, Organisation, OrganisationKind, Run, RunEvent, RunInput, RunKind, RunState
from api.db.tables_runs import ASIDE, LIVE_RUNS
from api.workflow import Role

MAY_SEE = frozenset({Role.LTRAKO, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.AUDITOR, Role.ADMIN})
"""Roles that may see that and how a run went; a run tells no request."""
MAY_REPEAT = frozenset({Role.LTRAKO, Role.AUDITOR})
"""Roles that may have the problem and its answer: all requests of the days, pseudonymous."""


def seen_by(actor: Actor) -> Select[Run]:
    """Return the query for the runs that the actor may see."""
    query = select(Run).where(Run.kind.not_in(ASIDE))
    return query if actor.role in MAY_SEE | {Role.SYSTEM} else query.where(Run.id.is_(None))


def run_of(session: Session, actor: Actor, run_id: uuid.UUID) -> Run | None:
    """Return a run that the actor may see."""
    return session.scalars(seen_by(actor).where(Run.id == run_id)).one_or_none()


def night_of(session: Session, night: date) -> Run | None:
    """Return the nightly run of a local date; who may see what of it is asked by the caller."""
    return session.scalars(select(Run).where(Run.night == night)).one_or_none()


def night_before(session: Session, night: date) -> Run | None:
    """Return the latest nightly run of a local date before ``night`` that told what it changed."""
    told = Run.state.in_((RunState.DONE, RunState.CANCELLED))
    return session.scalars(select(Run).where(Run.night < night, told).order_by(Run.night.desc()).limit(1)).first()


def locked_run(session: Session, run_id: uuid.UUID) -> Run | None:
    """Return a run as it is now, locked until the end of the transaction."""
    query = select(Run).where(Run.id == run_id).with_for_update(of=Run)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def live_runs(session: Session, states: Collection[RunState] = LIVE_RUNS) -> Sequence[Run]:
    """Return runs that are queued or at work, first come first; none that change nothing."""
    return session.scalars(_live(states).where(Run.kind.not_in(ASIDE))).all()


def work_of_workers(session: Session) -> Sequence[Run]:
    """Return all that is queued or at work, first come first: questions and simulations are work too."""
    return session.scalars(_live(LIVE_RUNS)).all()


def _live(states: Collection[RunState]) -> Select[Run]:
    return select(Run).where(Run.state.in_(states)).order_by(Run.id)


def asked_by(session: Session, organisation_id: uuid.UUID | None, run_id: uuid.UUID) -> Run | None:
    """Return a question that somebody of this organisation asked."""
    query = select(Run).join(Account, Account.id == Run.account_id)
    of = (Run.id == run_id, Run.kind == RunKind.QUESTION, Account.organisation_id == organisation_id)
    return session.scalars(query.where(*of)).one_or_none()


def is_cancel_wanted(session: Session, run_id: uuid.UUID) -> bool:
    """Whether somebody wants the run to end, or it has ended already."""
    row = session.execute(select(Run.is_cancel_wanted, Run.state).where(Run.id == run_id)).one_or_none()
    return row is None or bool(row.is_cancel_wanted) or row.state is not RunState.RUNNING


def events_after(
    session: Session, run_id: uuid.UUID, number: int, most: int = 500
) -> tuple[list[RunEvent], RunState | None]:
    """Return what a run told after event ``number``, and where it stands; ``None`` where it is gone.

    The state is read first: where it says that the run has ended, no event is missing.
    """
    state = session.scalars(select(Run.state).where(Run.id == run_id)).one_or_none()
    query = select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.number > number).order_by(RunEvent.number)
    return list(session.scalars(query.limit(most))), state


def add_event(session: Session, run_id: uuid.UUID, kind: str, payload: dict[str, Any], *, now: datetime) -> None:
    """Write what a run tells next; only who holds the run does."""
    last = session.scalars(select(func.max(RunEvent.number)).where(RunEvent.run_id == run_id)).one()
    session.add(RunEvent(run_id=run_id, number=(last or 0) + 1, at=now, kind=kind, payload=payload))
    session.flush()


def input_of(session: Session, run_id: uuid.UUID) -> RunInput | None:
    """Return the stored problem of a run, and its answer."""
    return session.get(RunInput, run_id)


def told_of_runs(session: Session) -> set[uuid.UUID]:
    """Return the organisations that are told when a run ends: all that may see runs and plan with them."""
    kinds = (OrganisationKind.ZAB, OrganisationKind.LTRAKO)
    return set(session.scalars(select(Organisation.id).where(Organisation.kind.in_(kinds), Organisation.is_active)))
