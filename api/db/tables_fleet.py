"""What the ZABs drive with: vehicles, crews as anonymous resources, duties, and when something is away."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Identified, Versioned
from api.db.tables_people import Organisation

LONGEST_DUTY = timedelta(hours=24)
"""No duty is longer (``api.schemas.duties``): what ends after an instant began at most so long before it."""


class VehicleRow(Versioned, Base):
    """A vehicle. ``content`` holds seats, features, costs (``optimizer.model.Vehicle`` without id and ZAB)."""

    __tablename__ = "vehicle"
    __table_args__ = (UniqueConstraint("zab_id", "code"),)

    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(60))
    content: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(default=True)

    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class CrewRow(Versioned, Base):
    """A crew: heads, officers, licences, skills; no names, no ranking (``optimizer.model.Crew``)."""

    __tablename__ = "crew"
    __table_args__ = (UniqueConstraint("zab_id", "code"),)

    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(60))
    content: Mapped[dict[str, Any]]
    is_active: Mapped[bool] = mapped_column(default=True)

    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class DutyRow(Versioned, Base):
    """A crew's shift on a vehicle: what makes at most one tour.

    That neither crew nor vehicle is in two *used* duties at a time is the database's business: an exclusion constraint
    on PostgreSQL, triggers on SQLite (``api.db.overlaps``).
    """

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("zab_id", "code"),
        CheckConstraint("starts_at < ends_at", name="shift"),
        CheckConstraint(
            "starts_at <= vehicle_from AND vehicle_from <= vehicle_to AND vehicle_to <= ends_at", name="window"
        ),
        CheckConstraint("tolerance_seconds >= 0", name="tolerance"),
        # By the end: what has not ended yet is little, what had begun before is all the years.
        Index("ix_duty_horizon", "ends_at", "starts_at"),
        Index("ix_duty_crew", "crew_id", "ends_at"),
        Index("ix_duty_vehicle", "vehicle_id", "ends_at"),
        Index("ix_duty_begin", "starts_at", "id"),
        Index("ix_duty_zab", "zab_id", "starts_at", "id"),
        Index("ix_duty_changed", "updated_at"),
    )

    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(60))
    crew_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("crew.id"))
    vehicle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("vehicle.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    vehicle_from: Mapped[datetime]
    vehicle_to: Mapped[datetime]
    """The part of the shift in which the vehicle can be used."""
    profile: Mapped[str] = mapped_column(String(40))
    start_place: Mapped[str | None] = mapped_column(String(80))
    end_place: Mapped[str | None] = mapped_column(String(80))
    tolerance_seconds: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Seconds by which a later match may move promised stops of its tour."""
    is_offered: Mapped[bool] = mapped_column(default=True)
    """Whether the exchange may use it; a ZAB may withhold a duty, and one whose crew falls ill is out."""
    is_used: Mapped[bool] = mapped_column(default=False)
    """Whether somebody rides: set with its tour, and what the rule on doubled crews and vehicles looks at."""

    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    crew: Mapped[CrewRow] = relationship(lazy="joined", innerjoin=True)
    vehicle: Mapped[VehicleRow] = relationship(lazy="joined", innerjoin=True)


class Away(Identified, Base):
    """A crew or a vehicle that is away for a time: illness, leave, workshop."""

    __tablename__ = "away"
    __table_args__ = (
        CheckConstraint("(crew_id IS NULL) <> (vehicle_id IS NULL)", name="crew_or_vehicle"),
        CheckConstraint("starts_at < ends_at", name="interval"),
        Index("ix_away_ends_at", "ends_at"),
    )

    crew_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("crew.id"), index=True)
    vehicle_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("vehicle.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(40))
