"""Shift patterns from which duties are made, and which working-time profile a ZAB works by."""

from __future__ import annotations

import uuid
from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Identified, Versioned
from api.db.tables_fleet import CrewRow, DutyRow, VehicleRow
from api.db.tables_people import Organisation


class ShiftPattern(Versioned, Base):
    """On which days a crew works on a vehicle, and when, in local time.

    A shift that ends at or before its begin ends on the next day. The first week is that of ``valid_from``; of
    ``every_weeks`` weeks one is worked.
    """

    __tablename__ = "shift_pattern"
    __table_args__ = (
        UniqueConstraint("zab_id", "code"),
        CheckConstraint("every_weeks >= 1", name="every_weeks"),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
        CheckConstraint("length(weekdays) >= 1", name="weekdays"),
        CheckConstraint("tolerance_seconds >= 0", name="tolerance"),
        Index("ix_shift_pattern_zab", "zab_id", "id"),
        Index("ix_shift_pattern_changed", "updated_at", "id"),
    )

    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    code: Mapped[str] = mapped_column(String(48))
    """Its duties are called by it and their day, ``E-FRUEH-20261005``."""
    crew_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("crew.id"))
    vehicle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("vehicle.id"))
    weekdays: Mapped[str] = mapped_column(String(7))
    """ISO weekdays in order, ``12345``: Monday to Friday."""
    begins: Mapped[time]
    ends: Mapped[time]
    vehicle_begins: Mapped[time | None]
    vehicle_ends: Mapped[time | None]
    """The part of the shift in which the vehicle can be used; ``None``: the whole shift."""
    profile: Mapped[str | None] = mapped_column(String(40))
    """Working-time profile; ``None``: the one that the ZAB works by on the day."""
    start_place: Mapped[str | None] = mapped_column(String(80))
    end_place: Mapped[str | None] = mapped_column(String(80))
    tolerance_seconds: Mapped[int] = mapped_column(default=0)
    is_offered: Mapped[bool] = mapped_column(default=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last day; ``None``: until further notice."""
    on_holidays: Mapped[bool] = mapped_column(default=False)
    """Whether it is worked on public holidays of North Rhine-Westphalia."""
    every_weeks: Mapped[int] = mapped_column(default=1)

    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    crew: Mapped[CrewRow] = relationship(lazy="joined", innerjoin=True)
    vehicle: Mapped[VehicleRow] = relationship(lazy="joined", innerjoin=True)


class PatternDay(Base):
    """A local day of which a pattern made a duty: it makes no second one, also where that one was deleted by hand."""

    __tablename__ = "pattern_day"
    __table_args__ = (Index("ix_pattern_day_duty", "duty_id"),)

    pattern_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shift_pattern.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    duty_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("duty.id", ondelete="SET NULL"))
    is_edited: Mapped[bool] = mapped_column(default=False)
    """Whether a person changed the duty since: the pattern then leaves it alone."""

    duty: Mapped[DutyRow | None] = relationship(passive_deletes=True)


class WorkingTimeChoice(Identified, Base):
    """Which working-time profile of the parameter set a ZAB works by from a day on; never changed, only followed."""

    __tablename__ = "working_time_choice"
    __table_args__ = (UniqueConstraint("zab_id", "valid_from"),)

    zab_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    profile: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))
    """What it rests on: a law, a service agreement with its date."""

    zab: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
