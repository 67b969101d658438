"""Reads of approvals: what one person asked for and a second one of the same organisation must agree to."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Account, Approval, ApprovalState

OVERRIDE = "override"
"""The action of an approval that lifts a rule; all others are actions of the workflow."""


def listed(actor: Actor, *, pending_at: datetime | None = None) -> Select[Approval]:
    """Return the query for the approvals of the actor's organisation.

    Parameters
    ----------
    pending_at
        Only those that wait for a second person then.
    """
    query = select(Approval).where(Approval.organisation_id == actor.organisation_id)
    if pending_at is not None:
        query = query.where(Approval.state == ApprovalState.PENDING, Approval.expires_at > pending_at)
    return query


def find(session: Session, actor: Actor, approval_id: uuid.UUID, *, lock: bool = False) -> Approval | None:
    """Return an approval of the actor's organisation; ``lock`` keeps it to the end of the transaction."""
    query = listed(actor).where(Approval.id == approval_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def pending(session: Session, actor: Actor, request_id: uuid.UUID, action: str, now: datetime) -> list[Approval]:
    """Return what the actor's organisation waits for on a request."""
    query = listed(actor, pending_at=now).where(Approval.request_id == request_id, Approval.action == action)
    return list(session.scalars(query))


def pending_of(session: Session, request_id: uuid.UUID) -> list[Approval]:
    """Return whatever waits for a second person on a request, of any organisation, locked."""
    query = select(Approval).where(Approval.request_id == request_id, Approval.state == ApprovalState.PENDING)
    locked = query.order_by(Approval.id).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(locked))


def account(session: Session, account_id: uuid.UUID) -> Account | None:
    """Return the account that asked."""
    return session.get(Account, account_id)


def override_counts(session: Session, since: datetime, until: datetime | None) -> list[tuple[str, int]]:
    """Return how often each rule was lifted from ``since`` until before ``until``; counts tell nobody's case.

    Counted by what was agreed to: an override itself ends with what it was agreed for.
    """
    rule = Approval.payload["code"].as_string()
    query = select(rule, func.count()).where(
        Approval.action == OVERRIDE, Approval.state == ApprovalState.AGREED, Approval.updated_at >= since
    )
    if until is not None:
        query = query.where(Approval.updated_at < until)
    return [(each, count) for each, count in session.execute(query.group_by(rule).order_by(rule))]


def override_counts_with_requests(session: Session, since: datetime, until: datetime) -> list[tuple[str, int, int]]:
    """Return of each rule how often it was lifted from ``since`` until before ``until``, and for how many requests."""
    rule = Approval.payload["code"].as_string()
    query = select(rule, func.count(), func.count(Approval.request_id.distinct())).where(
        Approval.action == OVERRIDE, Approval.state == ApprovalState.AGREED, Approval.updated_at >= since,
        Approval.updated_at < until,
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in session.execute(query.group_by(rule).order_by(rule))]
