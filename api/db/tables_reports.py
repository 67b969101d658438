"""What reports stand on: one fact for each transport attempt that ended, without anything that leads to a person.

Requests are deleted 30 days after their end (domain.md); facts stay. So they hold no id of a request, no case
reference and no instant, and their own ids are random: a UUIDv7 would tell when each was made.
"""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base
from api.db.types import one_of
from api.workflow import State

HOURS_OF_BAND = 3
"""Local hours that are told as one."""


class MeasureFact(Base):
    """A transport attempt that ended: what was asked for, how far it came, why it ended."""

    __tablename__ = "measure_fact"
    __table_args__ = (
        CheckConstraint("people >= 1", name="somebody"),
        CheckConstraint("hour_band >= 0 AND hour_band < 24", name="hour_band"),
        CheckConstraint("escorts >= 0 AND custody_minutes >= 0 AND on_board_minutes >= 0", name="amounts"),
        CheckConstraint("has_begun OR custody_minutes = 0", name="custody_of_what_began"),
        CheckConstraint("meets_night OR NOT is_night", name="night"),
        Index("ix_measure_fact_month", "month", "zab"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    month: Mapped[date]
    """First day of the local month of the pick-up."""
    zab: Mapped[str] = mapped_column(String(60), default="")
    """Code of the ZAB that had promised it; empty where none had."""
    bezirk: Mapped[str] = mapped_column(String(40))
    """Regierungsbezirk of the pick-up; ``other`` outside of the state."""
    destination: Mapped[str] = mapped_column(String(40))
    """IATA code where it was to end at an airport, otherwise the kind of place."""
    hour_band: Mapped[int]
    """Local hour at which the band of the pick-up begins: 0, 3, … 21."""
    is_night: Mapped[bool]
    """Whether the pick-up was to begin in the night of the parameter set (AufenthG § 58 (7))."""
    meets_night: Mapped[bool]
    """Whether any of it, from the pick-up to the end of the hand-over, was to be in the night."""
    has_children: Mapped[bool]
    has_override: Mapped[bool]
    """Whether a rule was lifted for it; which one stands in ``measure_count``."""
    people: Mapped[int]
    escorts: Mapped[int]
    """Officers of the crew that had promised it."""
    is_promised: Mapped[bool]
    has_begun: Mapped[bool]
    """Whether the transport was under way."""
    custody_minutes: Mapped[int]
    """From the begin of the pick-up to the hand-over, or to where it broke off; 0 where nobody was picked up.

    In whole minutes, rounded up: a second leads back to one trip among many, and no report needs it.
    """
    on_board_minutes: Mapped[int]
    """Of it on board, rounded up likewise."""
    outcome: Mapped[State] = mapped_column(one_of(State, "measure_fact_outcome"))
    code: Mapped[str] = mapped_column(String(40), default="")
    """Why it failed, was stopped or withdrawn."""


class CountKind(StrEnum):
    """What a count of a fact counts."""

    OVERRIDE = "override"
    """Rules that were lifted; ``code`` is the rule."""
    REJECTED = "rejected"
    """Rejections of the first round."""
    DECLINED = "declined"
    """Proposals of the second round that a ZAB declined."""
    BACKED_OUT = "backed_out"
    EXPIRED = "expired"
    """Proposals that a ZAB left unanswered."""


class MeasureCount(Base):
    """How often something happened in one attempt, by ZAB and code."""

    __tablename__ = "measure_count"
    __table_args__ = (
        CheckConstraint("number >= 1", name="counted"),
        Index("ix_measure_count_kind", "kind", "code"),
    )

    fact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("measure_fact.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[CountKind] = mapped_column(one_of(CountKind, "measure_count_kind"), primary_key=True)
    zab: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Code of the ZAB; empty where none is concerned."""
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]
