"""Runs of the solver, the proposals they make, and the tours that these stand in."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Versioned
from api.db.tables_fleet import DutyRow
from api.db.tables_people import Organisation
from api.db.tables_requests import TransportRequest
from api.db.types import one_of
from optimizer.model import VisitKind


class RunKind(StrEnum):
    """Why a run was made."""

    CONTINUOUS = "continuous"
    """Something entered the pool, or a seat became free."""
    ON_DEMAND = "on_demand"
    NIGHTLY = "nightly"
    QUESTION = "question"
    """Somebody asks about the plan as it stands (``api.services.questions``)."""
    SIMULATION = "simulation"
    """Somebody asks what would be if (``api.services.simulations``)."""


ASIDE = frozenset({RunKind.QUESTION, RunKind.SIMULATION})
"""Runs that change nothing and concern who asked alone: they hold up no other run."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    """Somebody stopped it; the best plan so far was kept."""
    FAILED = "failed"


LIVE_RUNS = (RunState.QUEUED, RunState.RUNNING)


_LIVE_OF_DAYS = {
    "uq_run_live_horizon": "state IN ('queued', 'running') AND kind IN ('on_demand', 'nightly')",
    "uq_run_live_match": "state IN ('queued', 'running') AND kind = 'continuous'",
}


class Run(Versioned, Base):
    """A run, with all that is needed to repeat it exactly (workflow.md, rule 11)."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("horizon_from < horizon_to", name="horizon"),
        # A continuous match may go on beside one long run of the same days, never beside another match.
        *(
            Index(name, "horizon", unique=True, postgresql_where=text(where), sqlite_where=text(where))
            for name, where in _LIVE_OF_DAYS.items()
        ),
        # The nightly run of a local date exists once, whatever the clocks do that night.
        Index("uq_run_night", "night", unique=True),
        Index("ix_run_recent", "kind", "id"),
        Index("ix_run_state", "state", "id"),
    )  # fmt: skip

    kind: Mapped[RunKind] = mapped_column(one_of(RunKind, "run_kind"))
    state: Mapped[RunState] = mapped_column(one_of(RunState, "run_state"))
    horizon: Mapped[str] = mapped_column(String(40))
    """First and last local day, ``2026-10-05/2026-10-11``: of each at most one run is live, and one match beside it."""
    horizon_from: Mapped[datetime]
    horizon_to: Mapped[datetime]
    night: Mapped[date | None]
    parameter_set: Mapped[str] = mapped_column(String(60))
    solve_params: Mapped[dict[str, Any]]
    versions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    input_sha256: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str | None] = mapped_column(String(20))
    stages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    failure: Mapped[str | None] = mapped_column(String(400))
    is_cancel_wanted: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None] = mapped_column(String(80))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class RunInput(Base):
    """The problem that a run solved, as a file of the optimizer, and its answer: what repeats it exactly."""

    __tablename__ = "run_input"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    instance: Mapped[bytes]
    result: Mapped[bytes | None]


class RunEvent(Base):
    """What a run told on its way; ``number`` is the id of the server-sent event."""

    __tablename__ = "run_event"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]


class Standing(StrEnum):
    """Where a proposal stands. A live one binds the seat; what became of the others is told to those concerned."""

    LIVE = "live"
    LOST = "lost"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The request was amended, cancelled or stopped."""
    BACKED_OUT = "backed_out"
    DONE = "done"


class Proposal(Versioned, Base):
    """An offer: this duty carries this request at these times. Of each request at most one is live."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_live_request", "request_id", unique=True,
            postgresql_where=text("standing = 'live'"), sqlite_where=text("standing = 'live'"),
        ),
        CheckConstraint("pickup_at < handover_at", name="times"),
        Index("ix_proposal_request", "request_id", "id"),
        Index("ix_proposal_zab", "zab_id", "standing", "id"),
        Index("ix_proposal_all", "zab_id", "id"),
        Index("ix_proposal_pickup", "zab_id", "pickup_at"),
        Index("ix_proposal_duty", "duty_id", "standing"),
        Index(
            "ix_proposal_respond_by", "respond_by", "id", "request_id",
            postgresql_where=text("standing = 'live'"), sqlite_where=text("standing = 'live'"),
        ),
        Index("ix_proposal_changed", "updated_at", "id"),
    )  # fmt: skip

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("transport_request.id", ondelete="CASCADE"))
    duty_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("duty.id"))
    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("run.id"), index=True)
    """``None``: assigned by hand."""
    standing: Mapped[Standing] = mapped_column(one_of(Standing, "proposal_standing"))
    is_manual: Mapped[bool] = mapped_column(default=False)
    pickup_at: Mapped[datetime]
    handover_at: Mapped[datetime]
    on_board_seconds: Mapped[int]
    direct_seconds: Mapped[int]
    limit_seconds: Mapped[int | None]
    respond_by: Mapped[datetime | None]
    reminders_sent: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    condition: Mapped[str | None] = mapped_column(String(200))
    condition_owner: Mapped[str | None] = mapped_column(String(60))
    condition_until: Mapped[datetime | None]
    counter: Mapped[dict[str, Any] | None]
    """Times and place of a counter-proposal."""
    explanation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    end_code: Mapped[str | None] = mapped_column(String(40))

    request: Mapped[TransportRequest] = relationship(lazy="joined", innerjoin=True)
    duty: Mapped[DutyRow] = relationship(lazy="joined", innerjoin=True)
    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class TourStop(Base):
    """A visit of a duty's tour, promised and proposed riders alike; the whole tour is replaced at once.

    ``position`` is unique within the duty: two plans for one duty cannot both be stored.
    """

    __tablename__ = "tour_stop"
    __table_args__ = (
        CheckConstraint("arrival <= start AND start <= departure", name="times"),
        CheckConstraint("on_board >= 0", name="on_board"),
        CheckConstraint("on_board <= seats", name="seats"),
        Index("uq_tour_stop_request", "request_id", "kind", unique=True),
    )

    duty_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[VisitKind] = mapped_column(one_of(VisitKind, "tour_stop_kind"))
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("transport_request.id"))
    place: Mapped[str | None] = mapped_column(String(80))
    arrival: Mapped[datetime]
    start: Mapped[datetime]
    departure: Mapped[datetime]
    rests: Mapped[int] = mapped_column(default=0)
    on_board: Mapped[int]
    """Seats taken by riders when the vehicle leaves."""
    seats: Mapped[int]
    """Seats there are for riders, in the configuration of this stretch."""


class WorkerSeen(Base):
    """When a worker last said that it is alive, for those who watch; what is taken over depends on locks alone."""

    __tablename__ = "worker_seen"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]
