"""Amtshilfe: the ZAB of the Bezirk of assignment examines whether it takes a transfer over (decree of 26.02.2024)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.amtshilfe import LIVE, AmtshilfeReason, AmtshilfeState
from api.db.base import Base, Versioned
from api.db.tables_people import Organisation
from api.db.tables_requests import TransportRequest
from api.db.types import one_of

_LIVE = f"state IN ({', '.join(repr(state.value) for state in sorted(LIVE))})"


class AmtshilfeCase(Versioned, Base):
    """A case of Amtshilfe; of each request at most one is live. Who owns the request is no matter of it."""

    __tablename__ = "amtshilfe_case"
    __table_args__ = (
        Index("uq_amtshilfe_case_live", "request_id", unique=True, postgresql_where=text(_LIVE),
              sqlite_where=text(_LIVE)),
        Index("ix_amtshilfe_case_request", "request_id", "zab_id"),
        Index("ix_amtshilfe_case_zab", "zab_id", "state", "id"),
        Index("ix_amtshilfe_case_opener", "opener_id", "id"),
        CheckConstraint("(state = 'declined') = (code IS NOT NULL)", name="declined_with_reason"),
        CheckConstraint("length(remark) <= 200", name="short_remark"),
    )  # fmt: skip

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"))
    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """ZAB of the Bezirk of assignment: it examines."""
    opener_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who told of the assignment: the owner, or the ZAB of the facility's Bezirk."""
    municipality_ags: Mapped[str] = mapped_column(String(8))
    """Municipality of assignment."""
    assigned_on: Mapped[date]
    state: Mapped[AmtshilfeState] = mapped_column(one_of(AmtshilfeState, "amtshilfe_state"))
    code: Mapped[AmtshilfeReason | None] = mapped_column(one_of(AmtshilfeReason, "amtshilfe_reason"))
    remark: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))

    request: Mapped[TransportRequest] = relationship(lazy="joined", innerjoin=True)
    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True, foreign_keys=[zab_id])
    opener: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True, foreign_keys=[opener_id])


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"
    """The system took it back: what it asked for is no longer asked."""


class Task(Versioned, Base):
    """Something an organisation has to examine about a request, with a coded outcome; of each kind one is open."""

    __tablename__ = "task"
    __table_args__ = (
        Index("uq_task_open", "organisation_id", "kind", "request_id", unique=True,
              postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
        Index("ix_task_list", "organisation_id", "state", "due_at", "id"),
        Index("ix_task_request", "request_id", "kind"),
        Index("ix_task_open", "request_id", postgresql_where=text("state = 'open'"),
              sqlite_where=text("state = 'open'")),
        CheckConstraint("(state = 'open') = (code IS NULL)", name="outcome"),
    )  # fmt: skip

    kind: Mapped[str] = mapped_column(String(40))
    """A ``TaskKind`` of the service: further kinds need no other schema."""
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"))
    subject_id: Mapped[uuid.UUID | None]
    """The record that it is about, where that is another one than the request: an Amtshilfe case."""
    due_at: Mapped[datetime]
    state: Mapped[TaskState] = mapped_column(one_of(TaskState, "task_state"))
    code: Mapped[str | None] = mapped_column(String(40))
    """Outcome, or why it was dropped."""
    ended_at: Mapped[datetime | None]
