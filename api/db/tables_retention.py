"""What stays when something is deleted: that it was, anonymised counts for planning, where the log begins now."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, Identified


class DeletionRecord(Identified, Base):
    """How many things of a kind were deleted on a local day, by which period. No ids of cases."""

    __tablename__ = "deletion_record"
    __table_args__ = (
        UniqueConstraint("day", "kind", "parameter_set"),
        CheckConstraint("count >= 1", name="something"),
    )

    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(40))
    """``addresses``, ``requests``, ``run_inputs``, ``messages``, ``log_lines``, ``files``."""
    count: Mapped[int]
    until: Mapped[datetime]
    """What ended (or was written) before this instant."""
    parameter_set: Mapped[str] = mapped_column(String(60))
    updated_at: Mapped[datetime]


class HistoryEntry(Base):
    """How many requests of one coarse kind there were in a month: counted when a request is deleted.

    A count for each combination and no row for each case: no id, no order, no instant leads back to one.
    """

    __tablename__ = "history_entry"
    __table_args__ = (CheckConstraint("requests >= 1", name="somebody"),)

    month: Mapped[date] = mapped_column(primary_key=True)
    """First day of the local month of the pick-up; of one deleted after its month was shown, of a later month."""
    bezirk: Mapped[str] = mapped_column(String(20), primary_key=True)
    """First three digits of the AGS of the pick-up; ``other`` outside NRW."""
    destination: Mapped[str] = mapped_column(String(20), primary_key=True)
    """IATA code of an airport, or the kind of place: ``border``, ``facility``, ``detention``, ``town``."""
    size: Mapped[str] = mapped_column(String(10), primary_key=True)
    """Class of the number of people: ``1``, ``2-3``, ``4-6``, ``7+``."""
    has_needs: Mapped[bool] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(40), primary_key=True)
    """State in which it ended."""
    zab: Mapped[str] = mapped_column(String(60), primary_key=True)
    """Code of the ZAB that carried it; empty: none."""
    hours: Mapped[str] = mapped_column(String(10), primary_key=True)
    """Band of the local hour of the pick-up: ``06-09``, ``09-12``, ``12-16``, ``16-21``, ``night``."""
    requests: Mapped[int]


class AuditAnchor(Base):
    """Where the log begins since its oldest lines were deleted: number and hash of the last of them.

    Only added to. Lines up to it may be deleted, others not: the database itself sees to it (``api.db.guards``). The
    same stands in a line of the log, so that an anchor that was forged does not fit the chain (``api.audit.verify``).
    """

    __tablename__ = "audit_anchor"

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    sha256: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime]
    """All lines up to it were written before this instant."""
    at: Mapped[datetime]
    parameter_set: Mapped[str] = mapped_column(String(60))
