"""Reads and writes of notices: each organisation sees its own, each role those for everybody or for itself."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import Notice, Organisation, OrganisationKind, TransportRequest
from api.db.types import new_id


def visible(actor: Actor) -> Select[Notice]:
    """Return the query for the notices of the actor's organisation that are for everybody there or for its role."""
    return select(Notice).where(
        Notice.organisation_id == actor.organisation_id, or_(Notice.role.is_(None), Notice.role == actor.role.value)
    )


def listed(actor: Actor, *, is_done: bool | None, kind: str | None) -> Select[Notice]:
    """Return the query for a list; ``is_done`` None: open ones and settled ones."""
    query = visible(actor)
    if is_done is not None:
        query = query.where(Notice.done_at.is_not(None) if is_done else Notice.done_at.is_(None))
    return query if kind is None else query.where(Notice.kind == kind)


def find(session: Session, actor: Actor, notice_id: uuid.UUID) -> Notice | None:
    """Return a notice that the actor may see, locked until the end of the transaction."""
    query = visible(actor).where(Notice.id == notice_id).with_for_update(of=Notice)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def put(session: Session, organisation_id: uuid.UUID, kind: str, subject_id: str, values: dict[str, Any]) -> Notice:
    """Store a notice, or write over the one of this kind about this subject; two at once make one."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = insert(Notice).values(
        id=new_id(), organisation_id=organisation_id, kind=kind, subject_id=subject_id, **values
    )
    stored = made.on_conflict_do_update(index_elements=["organisation_id", "kind", "subject_id"], set_=values)
    query = stored.returning(Notice)
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def settle(session: Session, kinds: Collection[str], subject_id: str, now: datetime) -> None:
    """Settle the open notices of these kinds about a subject, whoever has them."""
    session.execute(
        update(Notice)
        .where(Notice.kind.in_(kinds), Notice.subject_id == subject_id, Notice.done_at.is_(None))
        .values(done_at=now)
        .execution_options(synchronize_session=False)
    )


def stands(session: Session, organisation_id: uuid.UUID, kind: str, subject_id: str, code: str) -> bool:
    """Whether an organisation has an open notice of this kind about a subject that says just this."""
    query = select(Notice.id).where(
        Notice.organisation_id == organisation_id, Notice.kind == kind, Notice.subject_id == subject_id,
        Notice.code == code, Notice.done_at.is_(None),
    )  # fmt: skip
    return session.scalars(query).first() is not None


def coordination(session: Session) -> list[uuid.UUID]:
    """Return the organisations of the Landestransportkoordination."""
    query = select(Organisation.id).where(
        Organisation.kind == OrganisationKind.LTRAKO, Organisation.is_active.is_(True)
    )
    return list(session.scalars(query.order_by(Organisation.id)))


def auditors(session: Session) -> list[uuid.UUID]:
    """Return the organisations of the auditors."""
    query = select(Organisation.id).where(Organisation.kind == OrganisationKind.AUDIT, Organisation.is_active.is_(True))
    return list(session.scalars(query.order_by(Organisation.id)))


_MEET = frozenset({OrganisationKind.ABH, OrganisationKind.ZFA, OrganisationKind.ZRK, OrganisationKind.LTRAKO})


def who_meets(session: Session, request: TransportRequest, zab: Organisation, owner: str) -> list[uuid.UUID]:
    """Return the organisations that meet a condition, none where nobody is meant.

    Parameters
    ----------
    zab
        The ZAB that promises; named by its own code.
    owner
        ``abh`` is the owner of the request; ``zfa``, ``zrk``, ``ltrako`` are all of that kind; or the code of one of
        these.
    """
    kind, _, rest = owner.partition(":")
    if owner == zab.code:
        return [zab.id]
    if kind not in _MEET:
        return []
    query = select(Organisation.id).where(Organisation.kind == OrganisationKind(kind), Organisation.is_active)
    if rest:
        query = query.where(Organisation.code == owner)
    if kind == OrganisationKind.ABH:
        query = query.where(Organisation.id == request.organisation_id)
    return list(session.scalars(query.order_by(Organisation.id)))
