"""Reads of Amtshilfe cases: the owner, both ZABs that have to do with it, the coordination, the auditors."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session, contains_eager, lazyload

from api.actor import Actor
from api.amtshilfe import LIVE, AmtshilfeState
from api.db.tables import AmtshilfeCase, Organisation, TransportRequest
from api.workflow import Role


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return which cases an actor may see; the query must join the request."""
    if actor.is_zab:
        return or_(AmtshilfeCase.zab_id == actor.organisation_id, AmtshilfeCase.opener_id == actor.organisation_id)
    if actor.role is Role.ABH:
        return TransportRequest.organisation_id == actor.organisation_id
    return true() if actor.role in (Role.LTRAKO, Role.AUDITOR, Role.SYSTEM) else false()


def _query(actor: Actor) -> Select[AmtshilfeCase]:
    query = select(AmtshilfeCase).join(AmtshilfeCase.request).where(visible(actor))
    return query.options(contains_eager(AmtshilfeCase.request).options(lazyload(TransportRequest.bars)))


def listed(
    actor: Actor, *, state: AmtshilfeState | None, request_id: uuid.UUID | None, updated_since: datetime | None
) -> Select[AmtshilfeCase]:
    """Return the query for a list; ``None``: not narrowed by this."""
    query = _query(actor)
    if state is not None:
        query = query.where(AmtshilfeCase.state == state)
    if request_id is not None:
        query = query.where(AmtshilfeCase.request_id == request_id)
    return query if updated_since is None else query.where(AmtshilfeCase.updated_at >= updated_since)


def find(session: Session, actor: Actor, case_id: uuid.UUID) -> AmtshilfeCase | None:
    """Return a case that the actor may see, as it is now."""
    query = _query(actor).where(AmtshilfeCase.id == case_id)
    return session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def live(session: Session, request_id: uuid.UUID) -> AmtshilfeCase | None:
    """Return the live case of a request that the caller holds locked."""
    query = select(AmtshilfeCase).where(AmtshilfeCase.request_id == request_id, AmtshilfeCase.state.in_(sorted(LIVE)))
    return session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def taken_over_by(session: Session, request_id: uuid.UUID) -> Organisation | None:
    """Return the ZAB that took a request over last."""
    query = (
        select(Organisation)
        .join(AmtshilfeCase, AmtshilfeCase.zab_id == Organisation.id)
        .where(AmtshilfeCase.request_id == request_id, AmtshilfeCase.state == AmtshilfeState.TAKEN_OVER)
        .order_by(AmtshilfeCase.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()
