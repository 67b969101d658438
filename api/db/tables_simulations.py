"""What-if: scenarios that organisations keep, simulations that they ask for, and each result of one."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Versioned
from api.db.tables_people import Organisation
from api.db.tables_runs import Run
from api.db.types import one_of


class ScenarioRow(Versioned, Base):
    """What is different, change by change, as an organisation keeps it to simulate it (``optimizer.simulate``)."""

    __tablename__ = "scenario"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        CheckConstraint("length(name) >= 1", name="named"),
        Index("ix_scenario_shared", "is_shared", "id"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(80))
    """The scenario's own id: results are told by it."""
    content: Mapped[dict[str, Any]]
    is_shared: Mapped[bool] = mapped_column(default=False)
    """Whether the ZABs and the Landestransportkoordination may read it."""

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class SimulationKind(StrEnum):
    """What a simulation makes of its snapshot."""

    PLANS = "plans"
    """Each scenario planned once, nothing left to chance; the plans are kept."""
    SWEEP = "sweep"
    """Scenarios over many drawn worlds."""
    BACKTEST = "backtest"
    """Days that are over, replayed in several ways; its snapshot holds requests that have ended."""


class Simulation(Base):
    """What a run of kind ``simulation`` makes; its snapshot is the input of the run."""

    __tablename__ = "simulation"
    __table_args__ = (
        CheckConstraint("days >= 1", name="days"),
        Index("ix_simulation_organisation", "organisation_id", "run_id"),
    )

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[SimulationKind] = mapped_column(one_of(SimulationKind, "simulation_kind"))
    name: Mapped[str] = mapped_column(String(120))
    wanted: Mapped[dict[str, Any]]
    """The sweep or the back-test, as the optimizer writes it; what was known when stands in the input of the run."""
    scenarios: Mapped[dict[str, Any]]
    """All scenarios under ``items``, what they are compared with first: those that studies made as well."""
    days: Mapped[int]
    """Local days of the snapshot."""

    run: Mapped[Run] = relationship(lazy="joined", innerjoin=True)
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class SimulationResult(Base):
    """What one draw of one scenario came to: written once, whoever makes it twice."""

    __tablename__ = "simulation_result"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    scenario: Mapped[str] = mapped_column(String(80), primary_key=True)
    """Key of the scenario: hash of its changes; of a back-test its id, for one may run under several rules."""
    draw: Mapped[int] = mapped_column(primary_key=True)
    """Number of the drawn world, of a back-test of the day, from 0."""
    at: Mapped[datetime]
    outcome: Mapped[dict[str, Any]]
    plan: Mapped[bytes | None]
    """The plan (``optimizer.simulate.plan``), where plans are kept."""
